//! 病毒扫描 asked again (S-26) about 沟通文件: what a branch sent along with a letter.

use time::OffsetDateTime;

use super::rescan::{MISSING, PAUSE, ROUND, Rescan, SILENT};
use crate::{
    access::Permit,
    error::{UseError, UseResult},
    ports::{audit::AuditEntry, files::FileKey, letters::LetterFile, scanner::Scan},
};

impl Rescan {
    /// One round over the letters' files in the city of the permit; answers how many are known now.
    pub async fn letters_round(&self, permit: &Permit) -> UseResult<usize> {
        if !self.scanner.scans() {
            return Ok(0);
        }
        let mut work = self.store.begin(permit).await?;
        let before = self.clock.now() - PAUSE;
        let due = work.letters().letter_files_to_scan(before, ROUND).await?;
        drop(work);
        if due.is_empty() {
            return Ok(0);
        }
        self.sealer.ready(permit.city().0).await?;
        let (mut known, mut silent) = (0, 0);
        for file in &due {
            match self.letter(permit, file).await {
                Ok(Some(Scan::Unknown)) => {
                    silent += 1;
                    if silent == SILENT {
                        break;
                    }
                }
                Ok(Some(_)) => {
                    silent = 0;
                    known += 1;
                }
                Ok(None) => {}
                // A file that cannot be read keeps nobody else from being scanned.
                Err(error) => {
                    tracing::error!(file = %file.id, code = error.code, "a file could not be scanned");
                    self.note(permit, file, file.scan, self.clock.now()).await?;
                }
            }
        }
        Ok(known)
    }

    async fn note(
        &self,
        permit: &Permit,
        file: &LetterFile,
        scan: Scan,
        at: OffsetDateTime,
    ) -> UseResult<()> {
        let mut work = self.store.begin(permit).await?;
        work.letters().set_letter_scan(file.id, scan, at).await?;
        if scan == Scan::Infected {
            let entry = AuditEntry::by_system(self.clock.new_id(), "file.infected", file.id, at);
            work.audit().write(entry).await?;
        }
        Ok(work.commit().await?)
    }

    /// What is known now; nothing when the object is gone. An infected one is taken away; the row stays and says so to whoever
    /// would open it.
    async fn letter(&self, permit: &Permit, file: &LetterFile) -> UseResult<Option<Scan>> {
        let city = permit.city();
        let key = FileKey::parse(&file.object_key)
            .ok_or_else(|| UseError::bug("a file row holds no key"))?;
        let Some(sealed) = self.vault.get(city.0, &key).await? else {
            tracing::error!(%city, file = %file.id, "a stored object is missing");
            let later = self.clock.now() + MISSING;
            self.note(permit, file, file.scan, later).await?;
            return Ok(None);
        };
        let place = LetterFile::place(city, file.id);
        let bytes = self.sealer.open(&place, &sealed)?;
        let scan = self.scanner.scan(&bytes).await;
        self.note(permit, file, scan, self.clock.now()).await?;
        if scan == Scan::Infected
            && let Err(error) = self.vault.delete(city.0, &key).await
        {
            // Nobody is shown it; the row says so.
            tracing::error!(%city, file = %file.id, %error, "an infected object could not be removed");
        }
        Ok(Some(scan))
    }
}

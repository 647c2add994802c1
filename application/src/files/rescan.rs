//! 病毒扫描 asked again (S-26): files of which nothing is known yet, and those that came while the platform had no scanner.

use std::sync::Arc;

use domain::{enterprise::ProfileFile, ids::TenantId};
use serde_json::json;
use time::Duration;

use super::place;
use crate::{
    access::Permit,
    account::notices,
    error::{UseError, UseResult},
    ports::{
        audit::AuditEntry,
        clock::Clock,
        enterprise_files::FileRow,
        files::{FileKey, FileVault},
        scanner::{FileScanner, Scan},
        sealing::Sealer,
        store::Store,
    },
};

/// Files of one round.
pub(super) const ROUND: i64 = 20;
/// A file is not asked about more often.
pub(super) const PAUSE: Duration = Duration::minutes(1);
/// An object that is missing is looked for again after a while: storage may come back, and asking every minute brings nothing.
pub(super) const MISSING: Duration = Duration::days(1);
/// A scanner that says nothing so often in a row is left alone until the next round.
pub(super) const SILENT: u32 = 3;

/// The worker.
#[derive(Clone)]
pub struct Rescan {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub sealer: Arc<dyn Sealer>,
    pub vault: Arc<dyn FileVault>,
    pub scanner: Arc<dyn FileScanner>,
}

impl Rescan {
    /// One round in the city of the permit; answers how many files are known now.
    pub async fn round(&self, permit: &Permit) -> UseResult<usize> {
        if !self.scanner.scans() {
            return Ok(0);
        }
        let mut work = self.store.begin(permit).await?;
        let before = self.clock.now() - PAUSE;
        let due = work.enterprise_files().to_scan(before, ROUND).await?;
        drop(work);
        if due.is_empty() {
            return Ok(0);
        }
        self.sealer.ready(permit.city().0).await?;
        let (mut known, mut silent) = (0, 0);
        for file in &due {
            match self.one(permit, file).await {
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
                Err(error) => self.put_off(permit, file, &error).await?,
            }
        }
        Ok(known)
    }

    /// A file that cannot be read keeps nobody else from being scanned; it is asked about again when its turn comes.
    async fn put_off(&self, permit: &Permit, file: &FileRow, error: &UseError) -> UseResult<()> {
        tracing::error!(file = %file.id, code = error.code, "a file could not be scanned");
        let mut work = self.store.begin(permit).await?;
        work.enterprise_files()
            .put_off_scan(file.id, self.clock.now())
            .await?;
        Ok(work.commit().await?)
    }

    /// What is known now; nothing when the object itself is gone, which is not the scanner's silence.
    async fn one(&self, permit: &Permit, file: &FileRow) -> UseResult<Option<Scan>> {
        let city = permit.city();
        let Some(bytes) = self.bytes(city, file).await? else {
            tracing::error!(%city, file = %file.id, "a stored object is missing");
            let mut work = self.store.begin(permit).await?;
            work.enterprise_files()
                .put_off_scan(file.id, self.clock.now() + MISSING)
                .await?;
            work.commit().await?;
            return Ok(None);
        };
        let scan = self.scanner.scan(&bytes).await;
        let now = self.clock.now();
        let mut work = self.store.begin(permit).await?;
        let current = work.enterprise_files().set_scan(file, scan, now).await?;
        if scan == Scan::Infected {
            if current && file.kind == ProfileFile::Licence.code() {
                work.enterprises()
                    .set_completed(file.enterprise, None)
                    .await?;
            }
            let payload = json!({ "enterprise": file.enterprise.0 });
            work.outbox()
                .push(self.clock.new_id(), notices::INFECTED, payload, now)
                .await?;
            let entry = AuditEntry::by_system(self.clock.new_id(), "file.infected", file.id, now);
            work.audit().write(entry).await?;
        }
        work.commit().await?;
        if scan == Scan::Infected
            && let Some(key) = FileKey::parse(&file.object_key)
            && let Err(error) = self.vault.delete(city.0, &key).await
        {
            // Nobody is shown it; the row says so.
            tracing::error!(%city, file = %file.id, %error, "an infected object could not be removed");
        }
        Ok(Some(scan))
    }

    async fn bytes(&self, city: TenantId, file: &FileRow) -> UseResult<Option<Vec<u8>>> {
        let key = FileKey::parse(&file.object_key)
            .ok_or_else(|| UseError::bug("a file row holds no key"))?;
        let Some(sealed) = self.vault.get(city.0, &key).await? else {
            return Ok(None);
        };
        Ok(Some(self.sealer.open(&place(city, file.id), &sealed)?))
    }
}

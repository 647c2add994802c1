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
const ROUND: i64 = 20;
/// A file is not asked about more often.
const PAUSE: Duration = Duration::minutes(1);
/// A scanner that says nothing so often in a row is left alone until the next round.
const SILENT: u32 = 3;

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
            if self.one(permit, file).await? == Scan::Unknown {
                silent += 1;
                if silent == SILENT {
                    break;
                }
            } else {
                silent = 0;
                known += 1;
            }
        }
        Ok(known)
    }

    async fn one(&self, permit: &Permit, file: &FileRow) -> UseResult<Scan> {
        let city = permit.city();
        let scan = match self.bytes(city, file).await? {
            Some(bytes) => self.scanner.scan(&bytes).await,
            None => Scan::Unknown,
        };
        let now = self.clock.now();
        let mut work = self.store.begin(permit).await?;
        work.enterprise_files().set_scan(file, scan, now).await?;
        if scan == Scan::Infected {
            if file.kind == ProfileFile::Licence.code() {
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
        Ok(scan)
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

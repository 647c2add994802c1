//! Closed accounts 注销: done when the time to change one's mind is over; what law keeps goes after its own time.

use domain::ids::UserId;
use serde_json::json;
use time::OffsetDateTime;

use super::{Kept, ROUND, Retention};
use crate::{
    access::Permit,
    account::notices,
    city::Keeping,
    error::{UseError, UseResult},
    outbox::ACCOUNT_SMS,
    ports::{audit::AuditEntry, files::FileKey, sealing::Place, store::UnitOfWork},
};

impl Retention {
    /// Exports that nobody may fetch any more; answers how many went.
    pub(super) async fn forget_own_exports(&self, permit: &Permit) -> UseResult<u64> {
        let mut work = self.store.begin(permit).await?;
        let over = work
            .closings()
            .over_exports(self.clock.now(), ROUND)
            .await?;
        let keys: Vec<&str> = over
            .iter()
            .filter_map(|e| e.object_key.as_deref())
            .collect();
        self.remove(permit, &keys).await?;
        let ids: Vec<_> = over.iter().map(|e| e.id).collect();
        work.closings().forget_exports(&ids).await?;
        work.commit().await?;
        Ok(over.len() as u64)
    }

    /// Closings whose time has come; answers how many accounts were closed.
    pub(super) async fn close_accounts(&self, permit: &Permit) -> UseResult<u64> {
        let mut closed = 0;
        for _ in 0..ROUND {
            match self.close_one(permit).await? {
                Some(true) => closed += 1,
                Some(false) => {}
                None => break,
            }
        }
        Ok(closed)
    }

    /// `None`: nothing is due. False: called off, a request is under way after all.
    async fn close_one(&self, permit: &Permit) -> UseResult<Option<bool>> {
        let now = self.clock.now();
        self.sealer.ready(permit.city().0).await?;
        let mut work = self.store.begin(permit).await?;
        let Some(closing) = work.closings().due_closing(now).await? else {
            return Ok(None);
        };
        let enterprise = closing.enterprise;
        let free = work.own_data().in_the_way(enterprise).await?.is_empty();
        let action = if free {
            let files = work.closings().loose_files(enterprise).await?;
            let exports = work.closings().exports_of(enterprise).await?;
            let keys: Vec<&str> = files
                .iter()
                .map(|f| f.object_key.as_str())
                .chain(exports.iter().filter_map(|e| e.object_key.as_deref()))
                .collect();
            self.remove(permit, &keys).await?;
            self.last_word(permit, &mut *work, closing.asked_by, now)
                .await?;
            work.closings().shut(&closing, now).await?;
            "account.closed"
        } else {
            work.own_data().keep_account(enterprise, now).await?;
            let payload = json!({ "enterprise": enterprise.0 });
            work.outbox()
                .push(self.clock.new_id(), notices::STOPPED, payload, now)
                .await?;
            "account.close.stopped"
        };
        let entry = AuditEntry::by_system(self.clock.new_id(), action, enterprise, now);
        work.audit().write(entry).await?;
        work.commit().await?;
        Ok(Some(free))
    }

    /// Whoever asked is told by SMS that it is done; the row forgets their phone in the same transaction.
    async fn last_word(
        &self,
        permit: &Permit,
        work: &mut dyn UnitOfWork,
        to: UserId,
        at: OffsetDateTime,
    ) -> UseResult<()> {
        let city = permit.city();
        let Some(sealed) = work.reminders().phone_of(to).await? else {
            return Ok(());
        };
        let here = Place {
            tenant: city.0,
            table: "users",
            row: to.0,
            column: "phone_sealed",
        };
        let id = self.clock.new_id();
        let phone = self.sealer.open(&here, &sealed)?;
        let phone = self.sealer.seal(&notices::phone_place(city, id), &phone)?;
        let payload = json!({ "template": "account_closed", notices::SEALED_PHONE: phone });
        Ok(work.outbox().push(id, ACCOUNT_SMS, payload, at).await?)
    }

    /// What was archived with a closed account and is no longer kept by law.
    pub(super) async fn forget_archives(
        &self,
        permit: &Permit,
        keeping: Keeping,
    ) -> UseResult<u64> {
        let before = self.clock.now() - Kept::Archives.time(keeping);
        let mut work = self.store.begin(permit).await?;
        let archived = work.closings().after_archive(before, ROUND).await?;
        for one in &archived {
            let keys: Vec<&str> = one.object_keys.iter().map(String::as_str).collect();
            self.remove(permit, &keys).await?;
            work.closings().forget_archived(one.application).await?;
        }
        work.commit().await?;
        Ok(archived.len() as u64)
    }

    /// Objects first, rows last: what a crash leaves behind is found again by its row.
    async fn remove(&self, permit: &Permit, keys: &[&str]) -> UseResult<()> {
        for key in keys {
            let key = FileKey::parse(key)
                .ok_or_else(|| UseError::bug("a stored file key has another shape"))?;
            self.vault.delete(permit.city().0, &key).await?;
        }
        Ok(())
    }
}

//! Closed accounts 注销: done when the time to change one's mind is over; what law keeps goes after its own time.

use domain::ids::UserId;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Kept, ROUND, Retention};
use crate::{
    access::Permit,
    account::notices,
    city::Keeping,
    error::UseResult,
    outbox::ACCOUNT_SMS,
    ports::{audit::AuditEntry, sealing::Place, store::UnitOfWork},
    turns::Turns,
};

impl Retention {
    /// Exports that nobody may fetch any more; answers how many went.
    pub(super) async fn forget_own_exports(&self, permit: &Permit) -> UseResult<u64> {
        let mut work = self.store.begin(permit).await?;
        let over = work
            .closings()
            .over_exports(self.clock.now(), ROUND)
            .await?;
        drop(work);
        let over = over.into_iter();
        let over = over.map(|one| (one.id, one.object_key.into_iter().collect::<Vec<_>>()));
        let removed = self.remove_each(permit, over.collect()).await;
        if !removed.things.is_empty() {
            let mut work = self.store.begin(permit).await?;
            work.closings().forget_exports(&removed.things).await?;
            work.commit().await?;
        }
        removed.turns.end()
    }

    /// Closings whose time has come; answers how many accounts were closed. One that cannot be closed keeps no other open.
    pub(super) async fn close_accounts(&self, permit: &Permit) -> UseResult<u64> {
        let mut work = self.store.begin(permit).await?;
        let due = work
            .closings()
            .due_closings(self.clock.now(), ROUND)
            .await?;
        drop(work);
        if due.is_empty() {
            return Ok(0);
        }
        self.sealer.ready(permit.city().0).await?;
        let mut turns = Turns::default();
        for closing in due {
            let closed = self.close_one(permit, closing).await;
            turns.take(&format!("closing {closing}"), closed);
        }
        turns.end()
    }

    /// Zero: it is not due any more, or it was called off because a request is under way after all.
    async fn close_one(&self, permit: &Permit, id: Uuid) -> UseResult<u64> {
        let now = self.clock.now();
        let mut work = self.store.begin(permit).await?;
        let Some(closing) = work.closings().lock_closing(id, now).await? else {
            return Ok(0);
        };
        let enterprise = closing.enterprise;
        let free = work.own_data().in_the_way(enterprise).await?.is_empty();
        let mut objects: Vec<String> = Vec::new();
        let action = if free {
            let files = work.closings().loose_files(enterprise).await?;
            objects.extend(files.into_iter().map(|file| file.object_key));
            let exports = work.closings().exports_of(enterprise).await?;
            objects.extend(exports.into_iter().filter_map(|one| one.object_key));
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
        // Rows first: until they are gone the account may go on after all. An object that is left behind is an orphan, and goes as one.
        let objects = objects.into_iter().map(|key| (id, vec![key]));
        self.remove_each(permit, objects.collect())
            .await
            .turns
            .end()?;
        Ok(u64::from(free))
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
        drop(work);
        let archived = archived.into_iter();
        let archived = archived.map(|one| (one.application, one.object_keys));
        let removed = self.remove_each(permit, archived.collect()).await;
        for application in &removed.things {
            let mut work = self.store.begin(permit).await?;
            work.closings().forget_archived(*application).await?;
            work.commit().await?;
        }
        removed.turns.end()
    }
}

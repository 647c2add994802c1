//! Consents 授权记录 and 查看记录: what was agreed to, for whom, withdrawn where it is shown (S-32, S-33), and who looked (S-30).

mod renew;

use std::sync::Arc;

use domain::ids::ConsentId;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

pub use renew::RenewSheet;

use crate::{
    access::{Action, Actor, Guard, Room},
    city::Cities,
    error::{UseError, UseResult},
    identity::{CONSENT_WITHDRAWN, FACE_AGREEMENT, REVIEW_AGREEMENT},
    once::Once,
    ports::{
        audit::AuditEntry,
        branch_board::Leaf,
        clock::Clock,
        consents::{ConsentRow, Looks},
        store::{Store, UnitOfWork},
    },
};

/// Consents of a page.
pub const PER_PAGE: u64 = 20;
/// Looks of a page.
const LOOKS: i64 = 50;
const WITHDRAW: &str = "consents.withdraw";

/// The room.
#[derive(Clone)]
pub struct ConsentLedger {
    guard: Guard,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    cities: Arc<dyn Cities>,
}

/// A page of the ledger.
#[derive(Clone, Debug)]
pub struct ConsentPage {
    pub rows: Vec<ConsentRow>,
    pub total: u64,
    pub page: u64,
    /// 撤回 is the owner's alone.
    pub may_withdraw: bool,
    /// 重新授权 too.
    pub may_renew: bool,
}

/// A part of the ledger that goes on where another one ended.
#[derive(Clone, Debug)]
pub struct ConsentPart {
    pub rows: Vec<ConsentRow>,
    pub more: bool,
    /// 撤回 is the owner's alone.
    pub may_withdraw: bool,
    /// 重新授权 too.
    pub may_renew: bool,
}

impl ConsentLedger {
    pub fn new(
        guard: Guard,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        cities: Arc<dyn Cities>,
    ) -> Self {
        Self {
            guard,
            store,
            clock,
            cities,
        }
    }

    pub async fn list(&self, actor: &Actor, page: u64) -> UseResult<ConsentPage> {
        let permit = self
            .guard
            .permit(actor, Room::Consents, Action::View)
            .await?;
        let may_withdraw = self
            .guard
            .may(actor, Room::Consents, Action::Withdraw)
            .await;
        let may_renew = self.guard.may(actor, Room::Consents, Action::Grant).await;
        let mut work = self.store.begin(&permit).await?;
        let total = work.consents().count_consents().await?;
        let page = page.clamp(1, total.div_ceil(PER_PAGE).max(1));
        let skip = i64::try_from((page - 1) * PER_PAGE).unwrap_or(0);
        let most = i64::try_from(PER_PAGE).unwrap_or(20);
        Ok(ConsentPage {
            rows: work.consents().consents(skip, most).await?,
            total,
            page,
            may_withdraw,
            may_renew,
        })
    }

    /// The consents that follow one, newest first, at most `most`.
    pub async fn after(
        &self,
        actor: &Actor,
        after: Option<(OffsetDateTime, Uuid)>,
        most: usize,
    ) -> UseResult<ConsentPart> {
        let permit = self
            .guard
            .permit(actor, Room::Consents, Action::View)
            .await?;
        let may_withdraw = self
            .guard
            .may(actor, Room::Consents, Action::Withdraw)
            .await;
        let may_renew = self.guard.may(actor, Room::Consents, Action::Grant).await;
        let mut work = self.store.begin(&permit).await?;
        let one_more = i64::try_from(most).unwrap_or(i64::MAX - 1) + 1;
        let mut rows = work.consents().consents_after(after, one_more).await?;
        let more = rows.len() > most;
        rows.truncate(most);
        Ok(ConsentPart {
            rows,
            more,
            may_withdraw,
            may_renew,
        })
    }

    /// The confirm page of 撤回.
    pub async fn one(&self, actor: &Actor, id: ConsentId) -> UseResult<ConsentRow> {
        let permit = self
            .guard
            .permit(actor, Room::Consents, Action::Withdraw)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let found = work.consents().consent(id).await?;
        found.ok_or_else(UseError::not_found)
    }

    /// 撤回授权: stops new use at once; the branch that holds the dossier is told.
    pub async fn withdraw(&self, actor: &Actor, id: ConsentId, once: &Once) -> UseResult<()> {
        let permit = self
            .guard
            .permit(actor, Room::Consents, Action::Withdraw)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let consent = work.consents().consent(id).await?;
        let consent = consent.ok_or_else(UseError::not_found)?;
        // A verdict that is being written comes wholly before or wholly after.
        work.face_checks().lock_person(consent.user).await?;
        let at = self.clock.now();
        if once.replayed(&mut *work, WITHDRAW, at).await?.is_some() {
            return Ok(());
        }
        if !work.consents().withdraw_consent(id, at).await? {
            return Err(UseError::conflict("consent.withdrawn_before"));
        }
        Self::stop(&mut *work, &consent, at).await?;
        if let Some(application) = consent.application {
            let payload =
                json!({ "consent": id.0, "application": application.0, "title": consent.title });
            work.outbox()
                .push(self.clock.new_id(), "consent.withdrawn", payload, at)
                .await?;
        }
        let entry = AuditEntry::by(actor, self.clock.new_id(), "consent.withdraw", id, at);
        work.audit().write(entry).await?;
        let answer = json!({ "consent": id.0 });
        once.done(&mut *work, WITHDRAW, answer).await?;
        Ok(work.commit().await?)
    }

    /// What is under way on a consent ends with it.
    async fn stop(
        work: &mut dyn UnitOfWork,
        consent: &ConsentRow,
        at: OffsetDateTime,
    ) -> UseResult<()> {
        let user = consent.user;
        match consent.code.as_str() {
            FACE_AGREEMENT => {
                let checks = work.face_checks();
                checks.stop_checks(user, CONSENT_WITHDRAWN, at).await?;
            }
            REVIEW_AGREEMENT => work.face_reviews().stop_review(user, at).await?,
            _ => {}
        }
        Ok(())
    }

    /// 查看记录: a page of the looks at this enterprise's full data.
    pub async fn looks(&self, actor: &Actor, leaf: Leaf) -> UseResult<Looks> {
        let permit = self
            .guard
            .permit(actor, Room::Consents, Action::View)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        Ok(work.consents().looks(leaf, LOOKS).await?)
    }
}

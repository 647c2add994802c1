//! What waits for a second look, and one matter with everything needed to settle it.

use domain::{
    financing::{ApplicationRecord, Stage},
    ids::FinancingApplicationId,
    tenant::{Role, TenantKind},
};
use uuid::Uuid;

use super::{AppealRoom, terms};
use crate::{
    access::{Action, Actor, Permit, Room},
    approval::{ProposedTerms, steps_of},
    decided::is_within_reach,
    error::UseResult,
    leaf,
    ports::{
        appeals::{Appeal, AppealCursor, AppealStatus, Correction, CorrectionStatus},
        dossiers::{APPEAL_MATERIAL, DossierFile},
        store::UnitOfWork,
    },
};

/// Rows of one page.
const PAGE: i64 = 10;
/// Corrections on the page: two working days do not leave many.
const CORRECTIONS: i64 = 50;

/// 复议与更正.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppealList {
    pub appeals: Vec<Appeal>,
    pub after: bool,
    /// Capped: `COUNT_CAP` + 1 means more.
    pub total: i64,
    /// This person settles appeals; otherwise the list only tells of them.
    pub may_settle: bool,
    pub corrections: Vec<Correction>,
}

/// 复议申请 before the person who settles it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppealCase {
    pub appeal: Appeal,
    /// What was brought with it, in order.
    pub materials: Vec<DossierFile>,
    pub record: ApplicationRecord,
    /// What will be put before the approvers.
    pub proposed: ProposedTerms,
    pub steps: Vec<Role>,
    pub may_settle: bool,
}

/// 更正 before the second person, or before the first one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrectionCase {
    pub record: ApplicationRecord,
    pub correction: Option<Correction>,
    pub proposed: ProposedTerms,
    pub steps: Vec<Role>,
    /// This person may be the first one.
    pub may_ask: bool,
    /// This person may be the second one.
    pub may_confirm: bool,
    /// Within the two working days after the decision (row 24).
    pub in_time: bool,
}

impl AppealRoom {
    /// For a headquarters only.
    pub async fn list(&self, actor: &Actor, after: Option<AppealCursor>) -> UseResult<AppealList> {
        let permit = self.look(actor, actor.tenant.0).await?;
        let mut work = self.review.store.begin(&permit).await?;
        let mut appeals = work.appeals().open(after, PAGE + 1).await?;
        let more = leaf::cut(&mut appeals, PAGE);
        let total = if more || after.is_some() {
            work.institution_board().open_appeals().await?
        } else {
            i64::try_from(appeals.len()).unwrap_or(i64::MAX)
        };
        let corrections = work.appeals().open_corrections(CORRECTIONS).await?;
        drop(work);
        let guard = &self.review.watch.guard;
        Ok(AppealList {
            appeals,
            after: more,
            total,
            may_settle: guard.may(actor, Room::Appeal, Action::Check).await,
            corrections,
        })
    }

    async fn look(&self, actor: &Actor, object: Uuid) -> UseResult<Permit> {
        if actor.tenant_kind != TenantKind::Bank {
            return Err(self
                .review
                .watch
                .missing(actor, Room::Appeal, Action::View, object)
                .await);
        }
        self.review
            .watch
            .permit(actor, Room::Appeal, Action::View, object)
            .await
    }

    pub async fn appeal(&self, actor: &Actor, id: FinancingApplicationId) -> UseResult<AppealCase> {
        let permit = self.look(actor, id.0).await?;
        let mut work = self.review.store.begin(&permit).await?;
        let appeal = work.appeals().appeal(id).await?;
        let record = record(&mut *work, id, actor).await?;
        let Some((appeal, record)) = appeal.zip(record) else {
            drop(work);
            return Err(self
                .review
                .watch
                .missing(actor, Room::Appeal, Action::View, id)
                .await);
        };
        let steps = steps_of(&mut *work, record.bank).await?;
        let mut materials = work.dossiers().files(id).await?;
        materials.retain(|file| file.kind == APPEAL_MATERIAL);
        drop(work);
        let guard = &self.review.watch.guard;
        let may_settle = appeal.status == AppealStatus::Open
            && record.stage == Stage::Rejected
            && guard.may(actor, Room::Appeal, Action::Check).await;
        Ok(AppealCase {
            proposed: terms(&record, self.review.watch.clock.now()),
            appeal,
            materials,
            record,
            steps,
            may_settle,
        })
    }

    /// The application that a first person would have corrected.
    pub async fn correctable(
        &self,
        actor: &Actor,
        id: FinancingApplicationId,
    ) -> UseResult<CorrectionCase> {
        let permit = self.look(actor, id.0).await?;
        let mut work = self.review.store.begin(&permit).await?;
        let Some(record) = record(&mut *work, id, actor).await? else {
            drop(work);
            return Err(self
                .review
                .watch
                .missing(actor, Room::Appeal, Action::View, id)
                .await);
        };
        let running = work.appeals().running_correction(id).await?;
        let correction = match running {
            Some(running) => work.appeals().correction(running).await?,
            None => None,
        };
        self.case(actor, work, record, correction).await
    }

    pub async fn correction(&self, actor: &Actor, id: Uuid) -> UseResult<CorrectionCase> {
        let permit = self.look(actor, id).await?;
        let mut work = self.review.store.begin(&permit).await?;
        let correction = work.appeals().correction(id).await?;
        let record = match &correction {
            Some(correction) => record(&mut *work, correction.application, actor).await?,
            None => None,
        };
        let Some(record) = record else {
            drop(work);
            return Err(self
                .review
                .watch
                .missing(actor, Room::Appeal, Action::View, id)
                .await);
        };
        self.case(actor, work, record, correction).await
    }

    async fn case(
        &self,
        actor: &Actor,
        mut work: Box<dyn UnitOfWork>,
        record: ApplicationRecord,
        correction: Option<Correction>,
    ) -> UseResult<CorrectionCase> {
        let steps = steps_of(&mut *work, record.bank).await?;
        drop(work);
        let city = self.review.city(actor)?;
        let at = self.review.watch.clock.now();
        let open = correction
            .as_ref()
            .is_some_and(|c| c.status == CorrectionStatus::Open && c.asked_by != actor.user);
        let guard = &self.review.watch.guard;
        Ok(CorrectionCase {
            proposed: terms(&record, at),
            in_time: self.in_time(&city, &record, at),
            record,
            correction,
            steps,
            may_ask: guard.may(actor, Room::Appeal, Action::Ask).await,
            may_confirm: open && guard.may(actor, Room::Appeal, Action::Confirm).await,
        })
    }
}

async fn record(
    work: &mut dyn UnitOfWork,
    id: FinancingApplicationId,
    actor: &Actor,
) -> UseResult<Option<ApplicationRecord>> {
    let found = work.branch_board().find(id).await?;
    Ok(found
        .filter(|a| is_within_reach(a, actor))
        .map(|a| a.record().clone()))
}

//! Referrals 推荐清单: taken in from a list, given to branches, followed by them and by headquarters (H9).

mod take_in;

use std::sync::Arc;

use domain::{
    ids::TenantId,
    referral::{Demand, ReferralError, ReferralStatus, Refusal},
    tenant::TenantKind,
};
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

pub use take_in::ReferralLine;
pub(crate) use take_in::{sealed, shown as masked};

use crate::{
    access::{Action, Actor, Permit, Room},
    audit::Watch,
    error::{UseError, UseResult},
    once::Once,
    ports::{
        audit::AuditEntry,
        referrals::{ReferralBranch, ReferralFilter, ReferralStep, StoredReferral},
        sealing::{Place, Sealer},
        store::{Store, UnitOfWork},
    },
};

/// Rows of one page.
pub const PAGE: i64 = 20;
const ASSIGN: &str = "referral.assign";
const STEP: &str = "referral.step";
const UNMASK: &str = "referral.unmask";

/// The room of referrals.
#[derive(Clone)]
pub struct Referrals {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub sealer: Arc<dyn Sealer>,
}

/// A page of the list.
#[derive(Clone, Debug)]
pub struct ReferralList {
    pub rows: Vec<StoredReferral>,
    pub found: i64,
    pub counts: Vec<(ReferralStatus, i64)>,
    /// Given to nobody yet.
    pub unassigned: i64,
    pub may_import: bool,
}

/// One enterprise of the list.
#[derive(Clone, Debug)]
pub struct ReferralCase {
    pub referral: StoredReferral,
    pub steps: Vec<ReferralStep>,
    /// Branches to give it to; empty for those who may not.
    pub branches: Vec<ReferralBranch>,
    pub may_follow: bool,
    pub may_unmask: bool,
    /// The contact in full, once it was asked for.
    pub contact: Option<String>,
}

/// 分配 as the form says it.
#[derive(Clone, Debug)]
pub struct AssignReferral {
    pub id: Uuid,
    pub version: i32,
    pub branch: String,
    pub once: Once,
}

/// 跟进 as the form says it.
#[derive(Clone, Debug)]
pub struct FollowReferral {
    pub id: Uuid,
    pub version: i32,
    pub to: String,
    /// 未授信原因 by its code; read where it is declined.
    pub refusal: String,
    /// 融资需求; empty: nobody asked.
    pub demand: String,
    pub note: String,
    pub once: Once,
}

/// Where the contact of a referral is sealed.
pub(crate) fn place(city: TenantId, id: Uuid) -> Place {
    Place {
        tenant: city.0,
        table: "referrals",
        row: id,
        column: "contact_sealed",
    }
}

impl From<ReferralError> for UseError {
    fn from(error: ReferralError) -> Self {
        match error {
            ReferralError::NotFromHere => Self::conflict(error.code()),
            ReferralError::RefusalMissing => Self::field("refusal", error.code()),
            ReferralError::ReasonMissing => Self::field("referral_note", error.code()),
        }
    }
}

impl Referrals {
    async fn permit(&self, actor: &Actor, action: Action, object: Uuid) -> UseResult<Permit> {
        if actor.tenant_kind == TenantKind::City {
            return Err(self
                .watch
                .missing(actor, Room::Referrals, action, object)
                .await);
        }
        self.watch
            .permit(actor, Room::Referrals, action, object)
            .await
    }

    pub async fn list(
        &self,
        actor: &Actor,
        filter: &ReferralFilter,
        page: i64,
    ) -> UseResult<ReferralList> {
        let permit = self.permit(actor, Action::View, actor.tenant.0).await?;
        let mut work = self.store.begin(&permit).await?;
        let skip = page.clamp(1, 1_000).saturating_sub(1) * PAGE;
        let rows = work.referrals().referrals(filter, skip, PAGE).await?;
        let found = work.referrals().referrals_found(filter).await?;
        let (counts, unassigned) = work.referrals().referral_counts().await?;
        drop(work);
        let guard = &self.watch.guard;
        Ok(ReferralList {
            rows,
            found,
            counts,
            unassigned,
            may_import: actor.tenant_kind == TenantKind::Bank
                && guard.may(actor, Room::Imports, Action::Import).await,
        })
    }

    pub async fn look(&self, actor: &Actor, id: Uuid) -> UseResult<ReferralCase> {
        let permit = self.permit(actor, Action::View, id).await?;
        let mut work = self.store.begin(&permit).await?;
        let Some(referral) = work.referrals().referral(id).await? else {
            drop(work);
            return Err(self
                .watch
                .missing(actor, Room::Referrals, Action::View, id)
                .await);
        };
        let steps = work.referrals().referral_steps(id).await?;
        let guard = &self.watch.guard;
        let branches = if guard.may(actor, Room::Referrals, Action::Assign).await {
            work.referrals().referral_branches().await?
        } else {
            Vec::new()
        };
        Ok(ReferralCase {
            may_follow: guard.may(actor, Room::Referrals, Action::Record).await,
            may_unmask: referral.contact_sealed.is_some()
                && guard.may(actor, Room::Referrals, Action::Unmask).await,
            referral,
            steps,
            branches,
            contact: None,
        })
    }

    /// 查看联系方式: the entry is written before anything is shown.
    pub async fn contact(&self, actor: &Actor, id: Uuid) -> UseResult<ReferralCase> {
        let permit = self.permit(actor, Action::Unmask, id).await?;
        let mut case = self.look(actor, id).await?;
        let Some(sealed) = &case.referral.contact_sealed else {
            return Ok(case);
        };
        self.sealer.ready(actor.city.0).await?;
        let plain = self.sealer.open(&place(actor.city, id), sealed)?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), UNMASK, id, at);
        work.audit().write(entry).await?;
        work.commit().await?;
        case.contact = Some(String::from_utf8_lossy(&plain).into_owned());
        Ok(case)
    }

    /// Gives it to a branch of the own institution.
    pub async fn assign(&self, actor: &Actor, ask: AssignReferral) -> UseResult<()> {
        let permit = self.permit(actor, Action::Assign, ask.id).await?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        if ask.once.replayed(&mut *work, ASSIGN, at).await?.is_some() {
            return Ok(());
        }
        let mut referral = shown(&mut *work, ask.id, ask.version).await?;
        let branches = work.referrals().referral_branches().await?;
        let wanted = TenantId(Uuid::try_parse(&ask.branch).unwrap_or_default());
        let branch = branches
            .into_iter()
            .find(|b| b.id == wanted)
            .ok_or_else(|| UseError::field("branch", "referrals.branch_missing"))?;
        referral.branch = Some(branch.id);
        referral.branch_name.clone_from(&branch.name);
        let step = self.told(actor, format!("分配给{}", short(&branch.name)), "");
        self.save(actor, work, &referral, &step, ASSIGN, &ask.once)
            .await
    }

    /// 跟进: by the branch that has it, or by headquarters.
    pub async fn follow(&self, actor: &Actor, ask: FollowReferral) -> UseResult<()> {
        let permit = self.permit(actor, Action::Record, ask.id).await?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        if ask.once.replayed(&mut *work, STEP, at).await?.is_some() {
            return Ok(());
        }
        let mut referral = shown(&mut *work, ask.id, ask.version).await?;
        let to = ReferralStatus::from_code(&ask.to)
            .ok_or_else(|| UseError::field("to", "referrals.step_missing"))?;
        let note = ask.note.trim();
        if note.chars().count() > 300 {
            return Err(UseError::field("referral_note", "referrals.note_too_long"));
        }
        go(&mut referral, to, &ask, at)?;
        let step = self.told(actor, to.zh().to_owned(), note);
        self.save(actor, work, &referral, &step, STEP, &ask.once)
            .await
    }

    fn told(&self, actor: &Actor, what: String, note: &str) -> ReferralStep {
        ReferralStep {
            id: self.watch.clock.new_id(),
            what,
            note: note.to_owned(),
            by: actor.user,
            by_name: actor.name.clone(),
            at: self.watch.clock.now(),
        }
    }

    async fn save(
        &self,
        actor: &Actor,
        mut work: Box<dyn UnitOfWork>,
        referral: &StoredReferral,
        step: &ReferralStep,
        action: &'static str,
        once: &Once,
    ) -> UseResult<()> {
        if !work.referrals().save_referral(referral, step).await? {
            return Err(UseError::conflict("referrals.moved_on"));
        }
        let entry = AuditEntry::by(
            actor,
            self.watch.clock.new_id(),
            action,
            referral.id,
            step.at,
        )
        .detail(json!({
            "status": referral.status.code(),
            "branch": referral.branch.map(|b| b.0),
        }));
        work.audit().write(entry).await?;
        once.done(&mut *work, action, json!({ "referral": referral.id }))
            .await?;
        Ok(work.commit().await?)
    }
}

/// Notes the step and what was heard on it, each with its instant.
fn go(
    referral: &mut StoredReferral,
    to: ReferralStatus,
    ask: &FollowReferral,
    at: OffsetDateTime,
) -> UseResult<()> {
    referral.status = referral.status.step(to)?;
    if let Some(demand) = Demand::from_code(&ask.demand)
        && referral.demand != Some(demand)
    {
        referral.demand = Some(demand);
        referral.demand_at = Some(at);
    }
    match to {
        ReferralStatus::Waiting => {}
        ReferralStatus::Contacted => referral.contacted_at = Some(at),
        ReferralStatus::Visited => referral.visited_at = Some(at),
        ReferralStatus::Granted => referral.ended_at = Some(at),
        ReferralStatus::Declined => {
            let refusal = Refusal::from_code(&ask.refusal).ok_or(ReferralError::RefusalMissing)?;
            referral.reason = refusal.words(&ask.note)?;
            referral.refusal = Some(refusal);
            referral.ended_at = Some(at);
        }
    }
    Ok(())
}

/// The referral as the page showed it.
async fn shown(work: &mut dyn UnitOfWork, id: Uuid, version: i32) -> UseResult<StoredReferral> {
    let referral = work
        .referrals()
        .referral(id)
        .await?
        .ok_or_else(UseError::not_found)?;
    if referral.version == version {
        Ok(referral)
    } else {
        Err(UseError::conflict("referrals.moved_on"))
    }
}

/// Fits a line of the log.
fn short(name: &str) -> String {
    name.chars().take(50).collect()
}

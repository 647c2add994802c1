//! 到期名单 and 邀请续贷 (B11): what is due within 60, 30 or 15 days, and one word to its enterprise at each of these steps.

use domain::{calendar::local_date, ids::FinancingApplicationId, renewal::RenewalStep};
use serde_json::json;
use time::Date;
use uuid::Uuid;

use super::{Lending, check_recorder, due::next_due, is_recorder, note, side_of};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{UseError, UseResult},
    once::Once,
    ports::{
        audit::AuditEntry,
        renewals::{DueAsk, DueRow, RenewalInvitation},
    },
    review::is_held_by,
};

/// Rows of a page of 到期名单.
const PAGE: usize = 20;
const ACTION: &str = "application.invite_renewal";

/// A page of 到期名单 and the day on which it is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueList {
    /// Each with whether this person may invite.
    pub rows: Vec<(DueRow, bool)>,
    pub more: bool,
    pub today: Date,
}

impl Lending {
    /// What is due within a step, the nearest day first; of the own branch, or of the institution for its headquarters.
    pub async fn due_list(
        &self,
        actor: &Actor,
        within: RenewalStep,
        after: Option<(Date, Uuid)>,
    ) -> UseResult<DueList> {
        let watch = &self.review.watch;
        let permit = watch
            .permit(actor, Room::Lending, Action::View, actor.tenant)
            .await?;
        let records = watch.guard.may(actor, Room::Lending, Action::Record).await;
        let today = local_date(watch.clock.now());
        let ask = DueAsk {
            side: side_of(actor),
            today,
            within,
            after,
            most: i64::try_from(PAGE + 1).unwrap_or(i64::MAX),
        };
        let mut work = self.review.store.begin(&permit).await?;
        let mut rows = work.renewals().due(&ask).await?;
        drop(work);
        let more = rows.len() > PAGE;
        rows.truncate(PAGE);
        let rows = rows.into_iter().map(|row| {
            let may = records && is_recorder(actor, row.holder);
            (row, may)
        });
        Ok(DueList {
            rows: rows.collect(),
            more,
            today,
        })
    }

    /// 邀请续贷: told by message and SMS, once for each step before a due day.
    pub async fn invite_renewal(
        &self,
        actor: &Actor,
        id: FinancingApplicationId,
        once: &Once,
    ) -> UseResult<()> {
        let watch = &self.review.watch;
        let permit = watch
            .permit(actor, Room::Lending, Action::Record, id)
            .await?;
        let outcome = self.invite(actor, &permit, id, once).await;
        watch
            .refused(actor, Room::Lending, Action::Record, id, outcome)
            .await
    }

    async fn invite(
        &self,
        actor: &Actor,
        permit: &Permit,
        id: FinancingApplicationId,
        once: &Once,
    ) -> UseResult<()> {
        let clock = &self.review.watch.clock;
        let at = clock.now();
        let mut work = self.review.store.begin(permit).await?;
        if once.replayed(&mut *work, ACTION, at).await?.is_some() {
            return Ok(());
        }
        let found = work.financing_applications().find_for_update(id).await?;
        let application = found
            .filter(|one| is_held_by(one, actor))
            .ok_or_else(UseError::not_found)?;
        check_recorder(&application, actor)?;
        let record = application.record();
        if record.frozen {
            return Err(UseError::conflict("financing.frozen"));
        }
        let draws = work.lending().draws(id).await?;
        let repaid = work.lending().repayments(id).await?;
        let next = next_due(&draws, &repaid).filter(|_| record.stage.is_lent());
        let today = local_date(at);
        let near = next.and_then(|(on, sum)| Some((on, sum, RenewalStep::of(on, today)?)));
        let Some((due_on, sum, step)) = near else {
            return Err(UseError::conflict("renewal.not_near"));
        };
        if let Some(renewal) = work.renewals().renewal_of(id).await? {
            return Err(UseError::conflict("renewal.open").with("no", renewal.number));
        }
        let invitation = RenewalInvitation {
            id: clock.new_id(),
            application: id,
            due_on,
            step,
            by: actor.user,
            by_name: actor.name.clone(),
            at,
        };
        if !work.renewals().invite(&invitation).await? {
            return Err(UseError::conflict("renewal.invited_before").with("step", step.zh()));
        }
        let told = ("renewal_invited", invitation.id);
        note(
            &mut *work,
            clock.new_id(),
            id,
            told,
            Some((sum, due_on)),
            at,
        )
        .await?;
        let entry = AuditEntry::by(actor, clock.new_id(), ACTION, id, at)
            .detail(json!({ "within_days": step.days(), "due_on": due_on.to_string() }));
        work.audit().write(entry).await?;
        once.done(&mut *work, ACTION, json!({})).await?;
        Ok(work.commit().await?)
    }
}

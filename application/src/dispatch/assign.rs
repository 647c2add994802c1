//! 转派 (row 7) and 改派 (row 9): another branch gets it; the old one loses it in the same moment.

use domain::{financing::Stage, tenant::Role};

use super::{Dispatch, new_branch, parse, said_no};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::UseResult,
    review::{Intent, Seen},
};

/// 转派 or 改派 as the form says it.
#[derive(Clone, Debug)]
pub struct AssignBranch {
    pub seen: Seen,
    /// The branch's id.
    pub branch: String,
    /// Told to the enterprise.
    pub reason: String,
}

const ACTION: &str = "application.assign";

impl Dispatch {
    pub async fn assign(&self, actor: &Actor, ask: AssignBranch, intent: Intent) -> UseResult<()> {
        let object = ask.seen.application;
        let watch = &self.review.watch;
        let permit = watch
            .permit(actor, Room::Dispatch, Action::Assign, object)
            .await?;
        let outcome = self.send(actor, &permit, &ask, intent).await;
        watch
            .refused(actor, Room::Dispatch, Action::Assign, object, outcome)
            .await
    }

    async fn send(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &AssignBranch,
        intent: Intent,
    ) -> UseResult<()> {
        let city = self.review.city(actor)?;
        let taken = self
            .review
            .take_within_reach(actor, permit, &ask.seen, ACTION, intent)
            .await?;
        let Some(mut taken) = taken else {
            return Ok(());
        };
        let (branch, reason) = parse(&ask.branch, &ask.reason)?;
        let to = new_branch(&mut *taken.work, &taken.application, branch).await?;
        said_no(&mut *taken.work, &taken.application, branch).await?;
        let by = actor.acting_as(&[Role::HqAdministrator, Role::BranchHead]);
        let (application, at) = (&mut taken.application, taken.at);
        let event = self.review.with_clocks(&city, |clocks| {
            if application.record().stage == Stage::ReturnedToHq {
                application.reassign_from_hq(by, to, reason, clocks, at)
            } else {
                application.reassign(by, to, reason, clocks, at)
            }
        })?;
        let once = &ask.seen.once;
        self.review
            .settle(actor, taken, &event, ACTION, once, intent)
            .await
    }
}

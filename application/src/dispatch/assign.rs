//! 转派 (row 7) and 改派 (row 9): another branch gets it; the old one loses it in the same moment.

use domain::{financing::Stage, tenant::Role};

use super::{Dispatch, new_branch, parse};
use crate::{
    access::{Action, Actor, Permit, Room},
    decided::{as_shown, conclude, is_within_reach},
    error::UseResult,
    review::Seen,
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
    pub async fn assign(&self, actor: &Actor, ask: AssignBranch) -> UseResult<()> {
        let object = ask.seen.application;
        let permit = self
            .watch
            .permit(actor, Room::Dispatch, Action::Assign, object)
            .await?;
        let outcome = self.send(actor, &permit, &ask, true).await;
        self.watch
            .refused(actor, Room::Dispatch, Action::Assign, object, outcome)
            .await
    }

    /// Everything that sending checks, without doing it: for the confirm page.
    pub async fn check_assign(&self, actor: &Actor, ask: &AssignBranch) -> UseResult<()> {
        let object = ask.seen.application;
        let permit = self
            .watch
            .permit(actor, Room::Dispatch, Action::Assign, object)
            .await?;
        self.send(actor, &permit, ask, false).await
    }

    async fn send(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &AssignBranch,
        for_good: bool,
    ) -> UseResult<()> {
        let city = self.city(actor)?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        let once = &ask.seen.once;
        if for_good && once.replayed(&mut *work, ACTION, at).await?.is_some() {
            return Ok(());
        }
        let mut application = as_shown(&mut *work, ask.seen.application, ask.seen.version, |a| {
            is_within_reach(a, actor)
        })
        .await?;
        let (branch, reason) = parse(&ask.branch, &ask.reason)?;
        let to = new_branch(&mut *work, &application, branch).await?;
        let by = actor.acting_as(&[Role::HqAdministrator, Role::BranchHead]);
        let event = self.with_clocks(&city, |clocks| {
            if application.record().stage == Stage::ReturnedToHq {
                application.reassign_from_hq(by, to, reason, clocks, at)
            } else {
                application.reassign(by, to, reason, clocks, at)
            }
        })?;
        if !for_good {
            return Ok(());
        }
        conclude(&self.watch, actor, work, &application, &event, ACTION, once).await
    }
}

//! 超时原因: a branch says why it was late, by a code; it may say so again while the breach is listed.

use domain::tenant::TenantKind;
use serde_json::json;
use time::Duration;
use uuid::Uuid;

use super::{BreachRoom, SeenBreach};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{UseError, UseResult},
    ports::{
        audit::AuditEntry,
        breaches::{BreachCause, GivenCause},
    },
};

const GIVE: &str = "breach.cause";
/// Days for which a branch finds its breaches.
pub const OWN_DAYS: i64 = 60;
const MOST: i64 = 100;

/// As the form says it.
#[derive(Clone, Debug)]
pub struct GiveCause {
    pub breach: Uuid,
    pub cause: String,
}

/// The breaches of the own branch.
#[derive(Clone, Debug)]
pub struct OwnBreaches {
    pub rows: Vec<SeenBreach>,
    pub may_give: bool,
}

impl BreachRoom {
    async fn own_permit(&self, actor: &Actor, action: Action, object: Uuid) -> UseResult<Permit> {
        let permit = self.watch.permit(actor, Room::Board, action, object).await;
        if actor.tenant_kind != TenantKind::Branch {
            return Err(UseError::not_found());
        }
        permit
    }

    pub async fn own(&self, actor: &Actor) -> UseResult<OwnBreaches> {
        let permit = self.own_permit(actor, Action::View, actor.tenant.0).await?;
        let now = self.watch.clock.now();
        let since = now - Duration::days(OWN_DAYS);
        let mut work = self.store.begin(&permit).await?;
        let rows = work.breaches().own_breaches(since, MOST).await?;
        drop(work);
        let guard = &self.watch.guard;
        Ok(OwnBreaches {
            rows: self.measured(actor, rows, now)?,
            may_give: guard.may(actor, Room::Board, Action::Answer).await,
        })
    }

    /// One of the own branch, for the form.
    pub async fn own_one(&self, actor: &Actor, id: Uuid) -> UseResult<SeenBreach> {
        let permit = self.own_permit(actor, Action::Answer, id).await?;
        let now = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        let found = work.breaches().own_breach(id).await?;
        drop(work);
        let Some(breach) = found else {
            let missing = self.watch.missing(actor, Room::Board, Action::Answer, id);
            return Err(missing.await);
        };
        let mut seen = self.measured(actor, vec![breach], now)?;
        seen.pop().ok_or_else(UseError::not_found)
    }

    pub async fn give_cause(&self, actor: &Actor, ask: GiveCause) -> UseResult<()> {
        let id = ask.breach;
        let permit = self.own_permit(actor, Action::Answer, id).await?;
        let mut work = self.store.begin(&permit).await?;
        if work.breaches().own_breach(id).await?.is_none() {
            drop(work);
            let missing = self.watch.missing(actor, Room::Board, Action::Answer, id);
            return Err(missing.await);
        }
        let cause = BreachCause::from_code(&ask.cause)
            .ok_or_else(|| UseError::field("breach_cause", "breach.cause_missing"))?;
        let at = self.watch.clock.now();
        let given = GivenCause {
            cause,
            by_name: actor.name.clone(),
            at,
        };
        if !work.breaches().give_cause(id, &given).await? {
            return Err(UseError::not_found());
        }
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), GIVE, id, at)
            .detail(json!({ "cause": cause.code() }));
        work.audit().write(entry).await?;
        Ok(work.commit().await?)
    }
}

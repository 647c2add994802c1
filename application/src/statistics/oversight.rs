//! 监管查看 (G1): totals by default; the requests of one enterprise only for a written reason, which the enterprise can read.

use std::sync::Arc;

use domain::{
    ids::EnterpriseId,
    values::{FreeText, UnifiedSocialCreditCode},
};
use serde_json::json;
use time::{Duration, OffsetDateTime};

use crate::{
    access::{Action, Actor, Permit, Room},
    audit::Watch,
    error::{Checks, FieldError, UseError, UseResult},
    ports::{
        audit::AuditEntry,
        branch_board::Leaf,
        limits::{Limit, LimitAsk, Limits},
        store::Store,
        supervision::{CityList, CityRow, CitySearch},
        view_log::ViewEntry,
    },
};

/// Requests of one enterprise that are shown, the latest first.
const MOST: i64 = 50;
const SHORTEST_REASON: usize = 5;
/// Looks of one person, found or not: enough for a day's work, too few to go through a list of codes.
const PER_DAY: u32 = 60;
const OPEN: &str = "oversight.open";
const UNKNOWN: &str = "oversight.unknown";
/// What the enterprise reads in its list of looks.
const FIELDS: &str = "融资需求清单（编号、机构、阶段和时间）";

/// The room.
pub struct Oversight {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub limits: Arc<dyn Limits>,
}

/// As the form says it.
#[derive(Clone, Debug)]
pub struct OpenEnterprise {
    pub credit_code: String,
    pub reason: String,
}

/// The requests of one enterprise, for one page.
#[derive(Clone, Debug)]
pub struct Opened {
    pub name: String,
    pub reason: String,
    pub rows: Vec<CityRow>,
}

impl Oversight {
    /// True for those who find the form.
    pub async fn may(&self, actor: &Actor) -> bool {
        let guard = &self.watch.guard;
        guard.may(actor, Room::Oversight, Action::View).await
    }

    /// The form itself.
    pub async fn ask(&self, actor: &Actor) -> UseResult<()> {
        let permit = self
            .watch
            .permit(actor, Room::Oversight, Action::View, "form");
        permit.await.map(|_| ())
    }

    /// Both logs are written before anything is shown.
    pub async fn open(&self, actor: &Actor, ask: OpenEnterprise) -> UseResult<Opened> {
        let permit = self
            .watch
            .permit(actor, Room::Oversight, Action::Unmask, "enterprise")
            .await?;
        let outcome = self.reveal(actor, &permit, ask).await;
        self.watch
            .refused(
                actor,
                Room::Oversight,
                Action::Unmask,
                "enterprise",
                outcome,
            )
            .await
    }

    async fn reveal(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: OpenEnterprise,
    ) -> UseResult<Opened> {
        let (code, reason) = read(&ask)?;
        let now = self.watch.clock.now();
        self.count(actor, now).await?;
        let search = CitySearch::CreditCode(code.as_str().to_owned());
        let mut work = self.store.begin(permit).await?;
        let Some((enterprise, name)) = work.supervision().enterprise_of(code.as_str()).await?
        else {
            // Whoever tries codes leaves a trace: of the code too, which is nobody's id here.
            let id = self.watch.clock.new_id();
            let entry = AuditEntry::by(actor, id, OPEN, code.as_str(), now)
                .outcome(UNKNOWN)
                .detail(json!({ "reason": reason.as_str() }));
            work.audit().write(entry).await?;
            work.commit().await?;
            return Err(UseError::field("credit_code", UNKNOWN));
        };
        let found = work
            .supervision()
            .city_rows(CityList::All, Some(&search), None, now, Leaf::First, MOST)
            .await?;
        let entry = self.entry(actor, enterprise, reason.as_str());
        work.view_log().write(entry).await?;
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), OPEN, enterprise, now)
            .detail(json!({ "reason": reason.as_str() }));
        work.audit().write(entry).await?;
        work.commit().await?;
        Ok(Opened {
            name,
            reason: reason.as_str().to_owned(),
            rows: found.rows,
        })
    }

    /// Before anything is looked up, so that a miss counts like a find.
    async fn count(&self, actor: &Actor, at: OffsetDateTime) -> UseResult<()> {
        let limit = LimitAsk::new(
            format!("oversight:{}:{}", actor.city, actor.user),
            [Limit::new(PER_DAY, Duration::days(1))],
        );
        match self.limits.take(&[limit], at).await? {
            Some(over) => Err(UseError::too_many("oversight.too_many", over.retry_after)
                .with("most", PER_DAY)
                .with("hours", over.retry_after.div_ceil(3_600).max(1))),
            None => Ok(()),
        }
    }

    fn entry(&self, actor: &Actor, enterprise: EnterpriseId, reason: &str) -> ViewEntry {
        ViewEntry {
            id: self.watch.clock.new_id(),
            enterprise,
            viewer: actor.user,
            viewer_name: actor.name.clone(),
            viewer_tenant: actor.tenant,
            viewer_node: actor.tenant_name.clone(),
            application: None,
            fields: FIELDS.to_owned(),
            reason: reason.to_owned(),
            request_id: actor.from.request_id.clone(),
            at: self.watch.clock.now(),
        }
    }
}

/// Codes whose check sign is wrong are asked for as well: some stand in the licence like that and were admitted.
fn read(ask: &OpenEnterprise) -> UseResult<(UnifiedSocialCreditCode, FreeText<100>)> {
    let mut checks = Checks::default();
    let code = checks.take(
        "credit_code",
        UnifiedSocialCreditCode::accept_doubtful(&ask.credit_code),
    );
    let reason = if ask.reason.trim().chars().count() < SHORTEST_REASON {
        checks.push(FieldError::new("reason", "oversight.reason_short"));
        None
    } else {
        checks.take("reason", FreeText::<100>::parse(&ask.reason))
    };
    match (code, reason) {
        (Some(code), Some(reason)) => Ok((code, reason)),
        _ => Err(checks.into_error()),
    }
}

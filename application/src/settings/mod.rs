//! Settings 审批设置: how many people decide in this institution; one person proposes, another confirms, and until then the first one
//! may take it back.

pub(crate) mod notices;

use std::sync::Arc;

use domain::{
    tenant::{Role, TenantKind},
    values::Cents,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    access::{Action, Actor, Permit, Room},
    audit::Watch,
    city::Cities,
    error::{Checks, FieldError, UseError, UseResult},
    once::Once,
    ports::{
        approvals::BankSettings,
        audit::AuditEntry,
        settings_changes::{ChangeStatus, RulesChange},
        store::{Store, StoreError, UnitOfWork},
    },
    two_people::Withdrawal,
};

/// Changes on the page.
const HISTORY: i64 = 20;
/// Steps at most.
pub const MOST_STEPS: usize = 3;

/// The room of an institution's own rules.
pub struct SettingsRoom {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub cities: Arc<dyn Cities>,
}

/// 审批设置 as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsCase {
    /// What stands now; of the city where the bank has set nothing.
    pub rules: BankSettings,
    pub set_by_bank: bool,
    pub open: Option<RulesChange>,
    pub history: Vec<RulesChange>,
    pub may_propose: bool,
    /// This person may be the second one for what is open.
    pub may_confirm: bool,
    /// What is open is this person's own.
    pub may_withdraw: bool,
}

/// A change as the form says it.
#[derive(Clone, Debug)]
pub struct ProposeRules {
    /// Role codes, first to last; empty ones are left out.
    pub steps: Vec<String>,
    /// 万元; empty: never.
    pub single_step: String,
    pub once: Once,
}

/// The second person's answer.
#[derive(Clone, Debug)]
pub struct SettleRules {
    /// The change that the page showed.
    pub change: Uuid,
    pub confirm: bool,
    pub once: Once,
}

const PROPOSE: &str = "settings.propose";
const SETTLE: &str = "settings.settle";
const WITHDRAW: &str = "settings.withdraw";

impl SettingsRoom {
    /// For people of a headquarters.
    pub async fn look(&self, actor: &Actor) -> UseResult<SettingsCase> {
        let permit = self.permit(actor, Action::View).await?;
        let mut work = self.store.begin(&permit).await?;
        let rules = work.approvals().settings(actor.tenant).await?;
        let open = work.settings_changes().open_change().await?;
        let history = work.settings_changes().changes(HISTORY).await?;
        drop(work);
        let guard = &self.watch.guard;
        let others = open.as_ref().is_some_and(|c| c.asked_by != actor.user);
        let own = open.as_ref().is_some_and(|c| c.asked_by == actor.user);
        let may_save = guard.may(actor, Room::Settings, Action::Save).await;
        Ok(SettingsCase {
            set_by_bank: rules.is_some(),
            rules: match rules {
                Some(rules) => rules,
                None => self.usual(actor)?,
            },
            may_propose: open.is_none() && may_save,
            may_confirm: others && guard.may(actor, Room::Settings, Action::Check).await,
            may_withdraw: own && may_save,
            open,
            history,
        })
    }

    fn usual(&self, actor: &Actor) -> UseResult<BankSettings> {
        let city = self
            .cities
            .by_id(actor.city)
            .ok_or_else(UseError::not_found)?;
        Ok(BankSettings {
            steps: vec![Role::BranchApprover],
            single_step_up_to: city
                .single_step_up_to_cents
                .and_then(|cents| Cents::new(cents).ok()),
        })
    }

    async fn permit(&self, actor: &Actor, action: Action) -> UseResult<Permit> {
        if actor.tenant_kind != TenantKind::Bank {
            return Err(self
                .watch
                .missing(actor, Room::Settings, action, actor.tenant)
                .await);
        }
        self.watch
            .permit(actor, Room::Settings, action, actor.tenant)
            .await
    }

    /// Proposes; what stands goes on until somebody else has confirmed.
    pub async fn propose(&self, actor: &Actor, ask: ProposeRules) -> UseResult<()> {
        let permit = self.permit(actor, Action::Save).await?;
        let rules = parse(&ask)?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        if ask.once.replayed(&mut *work, PROPOSE, at).await?.is_some() {
            return Ok(());
        }
        if work.settings_changes().open_change().await?.is_some() {
            return Err(UseError::conflict("settings.open_change"));
        }
        let before = work.approvals().settings(actor.tenant).await?;
        if before.as_ref() == Some(&rules) {
            return Err(UseError::field("step1", "settings.nothing_changed"));
        }
        let change = RulesChange {
            id: self.watch.clock.new_id(),
            rules,
            asked_by: actor.user,
            asked_name: actor.name.clone(),
            asked_at: at,
            status: ChangeStatus::Open,
            settled_name: String::new(),
            settled_at: None,
            withdrawal: String::new(),
        };
        match work.settings_changes().propose_rules(&change).await {
            Err(StoreError::Conflict(_)) => {
                return Err(UseError::conflict("settings.open_change"));
            }
            done => done?,
        }
        let notice = self.watch.clock.new_id();
        notices::announce(&mut *work, notice, notices::PROPOSED, change.id, at).await?;
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), PROPOSE, change.id, at)
            .detail(told(&change.rules));
        work.audit().write(entry).await?;
        ask.once
            .done(&mut *work, PROPOSE, json!({ "change": change.id }))
            .await?;
        Ok(work.commit().await?)
    }

    /// The second person confirms what was proposed, exactly as it stands there, or not.
    pub async fn settle(&self, actor: &Actor, ask: SettleRules) -> UseResult<()> {
        let permit = self.permit(actor, Action::Check).await?;
        let outcome = self.decide(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Settings, Action::Check, ask.change, outcome)
            .await
    }

    async fn decide(&self, actor: &Actor, permit: &Permit, ask: &SettleRules) -> UseResult<()> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, SETTLE, at).await?.is_some() {
            return Ok(());
        }
        let change = open(&mut *work, ask.change).await?;
        if change.asked_by == actor.user {
            return Err(UseError::conflict("settings.same_person"));
        }
        let settled = work
            .settings_changes()
            .settle_rules(&change, ask.confirm, actor.user, &actor.name, at)
            .await?;
        if !settled {
            return Err(UseError::conflict("settings.settled_before"));
        }
        let notice = self.watch.clock.new_id();
        notices::announce(&mut *work, notice, notices::SETTLED, change.id, at).await?;
        let mut detail = told(&change.rules);
        detail["confirmed"] = json!(ask.confirm);
        detail["asked_by"] = json!(change.asked_by.0);
        let entry =
            AuditEntry::by(actor, self.watch.clock.new_id(), SETTLE, change.id, at).detail(detail);
        work.audit().write(entry).await?;
        ask.once
            .done(&mut *work, SETTLE, json!({ "change": change.id }))
            .await?;
        Ok(work.commit().await?)
    }

    /// Whoever proposed it takes it back; what stands goes on, and another change may be proposed.
    pub async fn withdraw(&self, actor: &Actor, ask: Withdrawal) -> UseResult<()> {
        let permit = self.permit(actor, Action::Save).await?;
        let outcome = self.take_back(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Settings, Action::Save, ask.asked, outcome)
            .await
    }

    async fn take_back(&self, actor: &Actor, permit: &Permit, ask: &Withdrawal) -> UseResult<()> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, WITHDRAW, at).await?.is_some() {
            return Ok(());
        }
        let change = open(&mut *work, ask.asked).await?;
        if change.asked_by != actor.user {
            return Err(UseError::conflict("two_people.not_the_asker"));
        }
        let reason = ask.reason()?;
        let done = work
            .settings_changes()
            .withdraw_rules(&change, &reason, at)
            .await?;
        if !done {
            return Err(UseError::conflict("settings.settled_before"));
        }
        let mut detail = told(&change.rules);
        detail["reason"] = json!(reason);
        let id = self.watch.clock.new_id();
        let entry = AuditEntry::by(actor, id, WITHDRAW, change.id, at).detail(detail);
        work.audit().write(entry).await?;
        ask.once.done(&mut *work, WITHDRAW, json!({})).await?;
        Ok(work.commit().await?)
    }
}

/// That change, as long as it waits.
async fn open(work: &mut dyn UnitOfWork, id: Uuid) -> UseResult<RulesChange> {
    let open = work.settings_changes().open_change().await?;
    if let Some(change) = open.filter(|change| change.id == id) {
        return Ok(change);
    }
    match work.settings_changes().change(id).await? {
        Some((_, change)) if change.status == ChangeStatus::Withdrawn => {
            let error = UseError::conflict("two_people.withdrawn");
            Err(error.with("by", &change.settled_name))
        }
        _ => Err(UseError::conflict("settings.settled_before")),
    }
}

fn told(rules: &BankSettings) -> serde_json::Value {
    let steps: Vec<&str> = rules.steps.iter().map(|role| role.code()).collect();
    json!({ "steps": steps, "single_step_up_to_cents": rules.single_step_up_to.map(Cents::cents) })
}

fn parse(ask: &ProposeRules) -> UseResult<BankSettings> {
    let mut checks = Checks::default();
    let chosen: Vec<&str> = ask
        .steps
        .iter()
        .map(|s| s.trim())
        .filter(|s| !s.is_empty())
        .take(MOST_STEPS)
        .collect();
    let steps: Vec<Role> = chosen
        .iter()
        .filter_map(|code| Role::from_code(code))
        .filter(|role| matches!(role, Role::BranchApprover | Role::HqApprover))
        .collect();
    if steps.is_empty() || steps.len() != chosen.len() {
        checks.push(FieldError::new("step1", "settings.step_empty"));
    }
    // Papers go up, never down again: headquarters does not sign before the branch.
    if steps
        .windows(2)
        .any(|two| two[0] == Role::HqApprover && two[1] == Role::BranchApprover)
    {
        checks.push(FieldError::new("step2", "settings.step_order"));
    }
    let single = ask.single_step.trim();
    let limit = if single.is_empty() {
        None
    } else {
        checks.take("single_step", Cents::parse_wan(single))
    };
    checks.finish()?;
    Ok(BankSettings {
        steps,
        single_step_up_to: limit,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(steps: [&str; 3], single_step: &str) -> UseResult<BankSettings> {
        parse(&ProposeRules {
            steps: steps.map(str::to_owned).into(),
            single_step: single_step.to_owned(),
            once: Once {
                key: String::new(),
                body_hash: [0; 32],
            },
        })
    }

    #[test]
    fn one_to_three_steps_that_only_go_up() {
        let rules = ask(["ba", "hp", ""], "50").expect("fine");
        assert_eq!(rules.steps, [Role::BranchApprover, Role::HqApprover]);
        assert_eq!(rules.single_step_up_to.map(Cents::cents), Some(50_000_000));
        assert_eq!(
            ask(["ba", "ba", "hp"], "").expect("fine").single_step_up_to,
            None
        );
        for bad in [
            ["", "", ""],
            ["hp", "ba", ""],
            ["bm", "", ""],
            ["ba", "eo", ""],
        ] {
            assert!(ask(bad, "").is_err(), "{bad:?}");
        }
        assert!(ask(["ba", "", ""], "abc").is_err());
    }
}

//! Each rule as it stands, since when and by whom, with the change that waits and those before.

use time::OffsetDateTime;

use super::{CityRule, RuleKind, RulesRoom};
use crate::{
    access::{Action, Actor, Room},
    error::{UseError, UseResult},
    ports::{city_rules::CityRuleChange, settings_changes::ChangeStatus, store::UnitOfWork},
};

/// Changes on the page.
const HISTORY: i64 = 20;

/// One rule of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleLine {
    pub rule: CityRule,
    /// Since when and by which two; `None`: as the city's file says.
    pub since: Option<(OffsetDateTime, String, String)>,
    /// A change waits for a second person.
    pub waits: bool,
}

/// One rule with its history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleCase {
    pub line: RuleLine,
    pub open: Option<CityRuleChange>,
    pub history: Vec<CityRuleChange>,
    pub may_propose: bool,
    /// This person may be the second one for what is open.
    pub may_settle: bool,
}

impl RulesRoom {
    /// What stands: the newest change that was confirmed, or the file's value.
    pub(super) async fn standing(
        &self,
        actor: &Actor,
        work: &mut dyn UnitOfWork,
        kind: RuleKind,
    ) -> UseResult<CityRule> {
        if let Some(rule) = work.city_rules().city_rule(kind).await? {
            return Ok(rule);
        }
        let city = self.cities.by_id(actor.city);
        Ok(CityRule::of(&*city.ok_or_else(UseError::not_found)?, kind))
    }

    /// Every rule in a line.
    pub async fn list(&self, actor: &Actor) -> UseResult<Vec<RuleLine>> {
        let permit = self.permit(actor, Action::View, actor.tenant).await?;
        let mut work = self.store.begin(&permit).await?;
        let mut lines = Vec::new();
        for kind in RuleKind::ALL {
            let changes = work.city_rules().rule_changes(*kind, HISTORY).await?;
            let rule = self.standing(actor, &mut *work, *kind).await?;
            lines.push(line(rule, &changes));
        }
        Ok(lines)
    }

    /// One of them.
    pub async fn case(&self, actor: &Actor, kind: RuleKind) -> UseResult<RuleCase> {
        let permit = self.permit(actor, Action::View, kind.code()).await?;
        let mut work = self.store.begin(&permit).await?;
        let history = work.city_rules().rule_changes(kind, HISTORY).await?;
        let rule = self.standing(actor, &mut *work, kind).await?;
        drop(work);
        let guard = &self.watch.guard;
        let open = history.iter().find(|c| c.status == ChangeStatus::Open);
        let open = open.cloned();
        let others = open.as_ref().is_some_and(|c| c.asked_by != actor.user);
        Ok(RuleCase {
            may_propose: open.is_none() && guard.may(actor, Room::Settings, Action::Save).await,
            may_settle: others && guard.may(actor, Room::Settings, Action::Check).await,
            line: line(rule, &history),
            open,
            history,
        })
    }
}

fn line(rule: CityRule, changes: &[CityRuleChange]) -> RuleLine {
    let stands = changes.iter().find(|c| c.status == ChangeStatus::Confirmed);
    RuleLine {
        rule,
        since: stands.and_then(|c| {
            let at = c.settled_at?;
            Some((at, c.asked_name.clone(), c.settled_name.clone()))
        }),
        waits: changes.iter().any(|c| c.status == ChangeStatus::Open),
    }
}

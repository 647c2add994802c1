//! Rules 平台设置 (T7): what weighs in a city's daily work and was written in its file is changed by its operators, one proposing and
//! another one letting it through. The newest change that stands wins over the file (decision 20).

mod change;
mod look;
pub(crate) mod notices;

use std::sync::Arc;

use domain::{values::Cents, vocabulary};
use serde_json::{Value, json};

pub use change::{ProposeRule, SettleRule};
pub use look::{RuleCase, RuleLine};

use crate::{
    access::{Action, Actor, Permit, Room},
    audit::Watch,
    city::{Cities, City},
    error::UseResult,
    outbox::QuietHours,
    ports::store::Store,
};

vocabulary! {
    /// Which rule.
    RuleKind {
        SmsQuiet = "sms_quiet" / "短信免打扰时段",
        SmsDailyBudget = "sms_daily_budget" / "短信每日上限",
        SingleStepLimit = "single_step_limit" / "单级审批限额",
    }
}

/// Messages a day: fewer would stop sign-in codes of a small city, more is no limit.
pub const LEAST_BUDGET: u32 = 100;
pub const MOST_BUDGET: u32 = 1_000_000;

/// A rule with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CityRule {
    /// `None`: notices go at any hour.
    SmsQuiet(Option<QuietHours>),
    SmsDailyBudget(u32),
    /// `None`: never in one step.
    SingleStepLimit(Option<Cents>),
}

impl CityRule {
    pub const fn kind(self) -> RuleKind {
        match self {
            Self::SmsQuiet(_) => RuleKind::SmsQuiet,
            Self::SmsDailyBudget(_) => RuleKind::SmsDailyBudget,
            Self::SingleStepLimit(_) => RuleKind::SingleStepLimit,
        }
    }

    /// As the city has it now.
    pub fn of(city: &City, kind: RuleKind) -> Self {
        match kind {
            RuleKind::SmsQuiet => Self::SmsQuiet(city.sms_quiet),
            RuleKind::SmsDailyBudget => Self::SmsDailyBudget(city.sms_daily_budget),
            RuleKind::SingleStepLimit => Self::SingleStepLimit(
                city.single_step_up_to_cents
                    .and_then(|cents| Cents::new(cents).ok()),
            ),
        }
    }

    /// Takes the place of what the file says.
    pub(crate) fn apply(self, city: &mut City) {
        match self {
            Self::SmsQuiet(quiet) => city.sms_quiet = quiet,
            Self::SmsDailyBudget(most) => city.sms_daily_budget = most,
            Self::SingleStepLimit(limit) => {
                city.single_step_up_to_cents = limit.map(Cents::cents);
            }
        }
    }

    /// As it is stored.
    pub fn value(self) -> Value {
        match self {
            Self::SmsQuiet(None) | Self::SingleStepLimit(None) => json!({}),
            Self::SmsQuiet(Some(quiet)) => json!({ "from": quiet.from(), "until": quiet.until() }),
            Self::SmsDailyBudget(most) => json!({ "most": most }),
            Self::SingleStepLimit(Some(limit)) => json!({ "cents": limit.cents() }),
        }
    }

    /// A stored value; `None` for what this program does not know.
    pub fn stored(kind: RuleKind, value: &Value) -> Option<Self> {
        let nothing = value.as_object()?.is_empty();
        let number = |name: &str| value[name].as_i64();
        Some(match kind {
            RuleKind::SmsQuiet if nothing => Self::SmsQuiet(None),
            RuleKind::SmsQuiet => {
                Self::SmsQuiet(Some(QuietHours::new(number("from")?, number("until")?)?))
            }
            RuleKind::SmsDailyBudget => Self::SmsDailyBudget(u32::try_from(number("most")?).ok()?),
            RuleKind::SingleStepLimit if nothing => Self::SingleStepLimit(None),
            RuleKind::SingleStepLimit => {
                Self::SingleStepLimit(Some(Cents::new(number("cents")?).ok()?))
            }
        })
    }
}

/// The room.
#[derive(Clone)]
pub struct RulesRoom {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub cities: Arc<dyn Cities>,
}

impl RulesRoom {
    async fn permit(
        &self,
        actor: &Actor,
        action: Action,
        object: impl std::fmt::Display,
    ) -> UseResult<Permit> {
        // An institution has rules of its own in the same room (审批设置); these are the city's.
        if actor.tenant != actor.city {
            let missing = self.watch.missing(actor, Room::Settings, action, object);
            return Err(missing.await);
        }
        self.watch
            .permit(actor, Room::Settings, action, object)
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::blank;

    #[test]
    fn a_rule_is_read_back_as_it_was_stored_and_takes_the_place_of_the_file() {
        let limit = Cents::new(50_000_000).expect("an amount");
        for rule in [
            CityRule::SmsQuiet(QuietHours::new(21, 8)),
            CityRule::SmsQuiet(None),
            CityRule::SmsDailyBudget(3_000),
            CityRule::SingleStepLimit(Some(limit)),
            CityRule::SingleStepLimit(None),
        ] {
            assert_eq!(CityRule::stored(rule.kind(), &rule.value()), Some(rule));
            let mut city = blank();
            rule.apply(&mut city);
            assert_eq!(CityRule::of(&city, rule.kind()), rule);
        }
        let odd = json!({ "from": 8, "until": 8 });
        assert_eq!(CityRule::stored(RuleKind::SmsQuiet, &odd), None);
        assert_eq!(CityRule::stored(RuleKind::SmsDailyBudget, &json!({})), None);
    }
}

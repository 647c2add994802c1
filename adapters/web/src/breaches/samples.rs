//! The pages of the room in every shape, for the test that draws them.

use application::{
    breaches::{OwnBreaches, SeenBreach, SeenWeek},
    ports::breaches::{Breach, BreachAsk, BreachCause, GivenCause, Missed},
};
use domain::{
    calendar::parse_day,
    financing::ClockKind,
    ids::{FinancingApplicationId, TenantId},
};
use serde_json::Value;
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

use super::{
    own::{self, OwnPage},
    week::{self, WeekPage},
};
use crate::financing::ODD;

fn bank() -> TenantId {
    TenantId(Uuid::from_u128(7))
}

fn breach(caused: bool) -> SeenBreach {
    let at = OffsetDateTime::UNIX_EPOCH;
    SeenBreach {
        breach: Breach {
            id: Uuid::nil(),
            application: FinancingApplicationId(Uuid::nil()),
            number: ODD.to_owned(),
            clock: ClockKind::Accept,
            due_at: at,
            bank: bank(),
            bank_name: ODD.to_owned(),
            branch: Some(bank()),
            branch_name: ODD.to_owned(),
            cause: caused.then(|| GivenCause {
                cause: BreachCause::Other,
                by_name: ODD.to_owned(),
                at,
            }),
            ended_at: caused.then_some(at),
        },
        over: caused.then_some(Duration::hours(3)),
    }
}

pub(super) fn seen(open: bool) -> SeenWeek {
    let missed = |weeks, branch: Option<TenantId>| Missed {
        bank: bank(),
        bank_name: ODD.to_owned(),
        branch,
        branch_name: branch.map_or_else(String::new, |_| ODD.to_owned()),
        accept: 2,
        dispatch: 0,
        contact: 1,
        decision: 0,
        disburse: 0,
        caused: 1,
        requests: 3,
        weeks,
    };
    SeenWeek {
        monday: parse_day("2026-11-16").unwrap_or(Date::MIN),
        now: OffsetDateTime::UNIX_EPOCH,
        missed: vec![missed(3, Some(bank())), missed(1, None)],
        rows: if open {
            vec![breach(true), breach(false)]
        } else {
            Vec::new()
        },
        more: open,
        open,
    }
}

/// Templates with their samples.
#[doc(hidden)]
pub fn samples() -> Vec<(&'static str, Value)> {
    let named = BreachAsk {
        bank: Some(bank()),
        ..BreachAsk::default()
    };
    let nothing = SeenWeek {
        missed: Vec::new(),
        ..seen(false)
    };
    let weeks = [
        week::page(&seen(true), named),
        week::page(&seen(false), named),
        week::page(&nothing, BreachAsk::default()),
    ];
    let owns = [true, false].map(|full| OwnBreaches {
        rows: if full {
            vec![breach(true), breach(false)]
        } else {
            Vec::new()
        },
        may_give: full,
    });
    let weeks = weeks
        .iter()
        .map(|page| (WeekPage::TEMPLATE, serde_json::to_value(page)));
    let owns = owns
        .iter()
        .map(|one| (OwnPage::TEMPLATE, serde_json::to_value(own::page(one))));
    weeks
        .chain(owns)
        .map(|(template, page)| (template, page.unwrap_or_default()))
        .collect()
}

//! 政策成效 (G5): which policy led to which loans and subsidies, month by month. Whoever reads statistics reads the figures; the rows behind
//! them are for those who may see claims.

use std::collections::BTreeMap;

use domain::calendar::local_date;
use time::{Date, Month, OffsetDateTime};
use uuid::Uuid;

use super::{SubsidyRoom, of_the_city};
use crate::{
    access::{Action, Actor, Room},
    error::UseResult,
    ports::{
        statistics::Span,
        store::UnitOfWork,
        subsidies::{FittingMonth, SubsidyOffer},
        subsidy_claims::{Effect, EffectRow},
    },
};

/// Years that may be asked for.
const YEARS: std::ops::RangeInclusive<i32> = 2020..=2199;

/// What the address asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EffectAsk {
    /// `None`: this year.
    pub year: Option<i32>,
    /// Month by month of this one; `None`: the year of every policy.
    pub policy: Option<Uuid>,
}

/// 政策成效 of a year.
#[derive(Clone, Debug)]
pub struct SeenEffects {
    pub year: i32,
    pub span: Span,
    pub now: OffsetDateTime,
    /// Every policy that ever gave a subsidy.
    pub policies: Vec<SubsidyOffer>,
    /// The one that is looked at.
    pub chosen: Option<SubsidyOffer>,
    /// Of the chosen one month by month, else the year of every policy, those of which nothing came included.
    pub rows: Vec<EffectRow>,
    /// Of the chosen one: loans that it is for.
    pub fitting: Vec<FittingMonth>,
    /// Of the chosen one: the year as a whole, in which an enterprise counts once.
    pub total: Effect,
    /// This person may see the rows behind the figures.
    pub open: bool,
}

/// A month of the chosen policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EffectMonth {
    pub month: Date,
    pub loans: i64,
    pub loan_cents: i64,
    pub effect: Effect,
}

impl SeenEffects {
    /// Months of the chosen policy of which there is anything to tell, in order.
    pub fn months(&self) -> Vec<EffectMonth> {
        let mut months: BTreeMap<Date, EffectMonth> = BTreeMap::new();
        let mut of = |month: Date, note: &dyn Fn(&mut EffectMonth)| {
            let empty = EffectMonth {
                month,
                loans: 0,
                loan_cents: 0,
                effect: Effect::default(),
            };
            note(months.entry(month).or_insert(empty));
        };
        for one in &self.fitting {
            of(one.month, &|month| {
                month.loans = one.loans;
                month.loan_cents = one.cents;
            });
        }
        for row in &self.rows {
            if let Some(month) = row.month {
                of(month, &|month| month.effect = row.effect);
            }
        }
        months.into_values().collect()
    }

    /// Loans of the chosen policy in the year, and their sum in cents.
    pub fn fitting_total(&self) -> (i64, i64) {
        self.fitting.iter().fold((0, 0), |(loans, cents), one| {
            (loans + one.loans, cents + one.cents)
        })
    }
}

/// The year, never one that has not begun.
fn year_of(asked: Option<i32>, today: Date) -> i32 {
    asked
        .filter(|year| YEARS.contains(year))
        .map_or(today.year(), |year| year.min(today.year()))
}

fn span_of(year: i32) -> UseResult<Span> {
    let day = |month, day| Date::from_calendar_date(year, month, day);
    let both = day(Month::January, 1).and_then(|from| Ok((from, day(Month::December, 31)?)));
    let (from, to) = both.map_err(crate::error::UseError::bug)?;
    Ok(Span { from, to })
}

/// Every policy has its line, whatever came of it.
fn each(policies: &[SubsidyOffer], mut rows: Vec<EffectRow>) -> Vec<EffectRow> {
    for offer in policies {
        if !rows.iter().any(|row| row.policy == offer.policy) {
            rows.push(EffectRow {
                policy: offer.policy,
                title: offer.title.clone(),
                month: None,
                effect: Effect::default(),
            });
        }
    }
    rows
}

impl SubsidyRoom {
    pub async fn effects(&self, actor: &Actor, ask: EffectAsk) -> UseResult<SeenEffects> {
        of_the_city(actor)?;
        let permit = self
            .watch
            .permit(actor, Room::Statistics, Action::View, "policy_effects")
            .await?;
        let guard = &self.watch.guard;
        let open = guard.may(actor, Room::Subsidies, Action::View).await;
        let now = self.watch.clock.now();
        let year = year_of(ask.year, local_date(now));
        let span = span_of(year)?;
        let mut work = self.store.begin(&permit).await?;
        let policies = work.subsidies().subsidy_policies().await?;
        let chosen = policies
            .iter()
            .find(|offer| Some(offer.policy) == ask.policy)
            .cloned();
        let (rows, fitting, total) = if let Some(offer) = &chosen {
            of_one(&mut *work, offer, span).await?
        } else {
            let rows = work
                .subsidy_claims()
                .subsidy_effects(span, None, false)
                .await?;
            (each(&policies, rows), Vec::new(), Effect::default())
        };
        Ok(SeenEffects {
            year,
            span,
            now,
            policies,
            chosen,
            rows,
            fitting,
            total,
            open,
        })
    }
}

type OfOne = (Vec<EffectRow>, Vec<FittingMonth>, Effect);

/// Month by month, with the loans that it is for.
async fn of_one(work: &mut dyn UnitOfWork, offer: &SubsidyOffer, span: Span) -> UseResult<OfOne> {
    let policy = Some(offer.policy);
    let claims = work.subsidy_claims();
    let rows = claims.subsidy_effects(span, policy, true).await?;
    let total = claims.subsidy_effects(span, policy, false).await?;
    let fitting = work.subsidies().fitting_months(offer, span).await?;
    let total = total.first().map(|row| row.effect);
    Ok((rows, fitting, total.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn a_year_is_this_one_unless_an_earlier_one_is_named() {
        let today = date!(2026 - 11 - 27);
        assert_eq!(year_of(None, today), 2026);
        assert_eq!(year_of(Some(2025), today), 2025);
        assert_eq!(year_of(Some(2031), today), 2026, "no year of the future");
        assert_eq!(year_of(Some(7), today), 2026);
        let span = span_of(2025).expect("a year");
        assert_eq!(span.to - span.from, time::Duration::days(364));
    }
}

//! 统计分析 (O4, G3) and the screen on the wall: read from rollups, whatever the number of requests.

mod count;
mod oversight;
mod response;
mod take;

use std::sync::Arc;

use domain::{
    calendar::local_date, financing::Verb, product::GuaranteeType, size_class::SizeClass,
};
use serde::Serialize;
use time::{Date, Duration, Month, OffsetDateTime};

pub use count::Counter;
pub use oversight::{OpenEnterprise, Opened, Oversight};
pub use response::{ENOUGH_ACCEPTANCES, RESPONSE_DAYS, ResponseTimes};

use crate::{
    access::{Action, Actor, Room},
    audit::Watch,
    error::UseResult,
    ports::{
        reference::{IndustryDirectory, RegionDirectory},
        statistics::{CapitalBand, Dimension, Movement, Part, Span, Sums, TermBand},
        store::Store,
        workbooks::Workbooks,
    },
};

/// Months of one look at most.
pub const MOST_MONTHS: i32 = 60;
/// Days of the curve on the screen.
const SCREEN_DAYS: i64 = 14;
const MOVEMENTS: i64 = 8;
/// What the screen tells of: nothing that only the bank's people should know.
const TOLD: [Verb; 6] = [
    Verb::Submit,
    Verb::Accept,
    Verb::Approve,
    Verb::Disburse,
    Verb::DisburseLast,
    Verb::Settle,
];

/// The room.
pub struct Statistics {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub regions: Arc<dyn RegionDirectory>,
    pub industries: Arc<dyn IndustryDirectory>,
    pub workbooks: Arc<dyn Workbooks>,
}

/// A value of a dimension with its word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    pub value: String,
    pub label: String,
    pub sums: Sums,
}

/// 统计分析.
#[derive(Clone, Debug, Serialize)]
pub struct Sheet {
    pub span: Span,
    pub total: Sums,
    pub months: Vec<(Date, Sums)>,
    pub parts: Vec<Named>,
    /// 续贷 among the total (G3).
    pub renewals: Sums,
    /// The rows behind the figures are open to this person.
    pub rows: bool,
    /// Complaints that the city has left without an answer beyond its promise (W21), for those who have no other word of them; else 0.
    pub late_complaints: i64,
}

/// 大屏.
#[derive(Clone, Debug)]
pub struct Screen {
    pub at: OffsetDateTime,
    pub year: Sums,
    pub today: Sums,
    pub days: Vec<(Date, Sums)>,
    pub regions: Vec<Named>,
    pub movements: Vec<Movement>,
}

/// The first day of a month.
pub fn month_of(day: Date) -> Date {
    day.replace_day(1).unwrap_or(day)
}

/// The last day of a month.
pub fn month_end(day: Date) -> Date {
    let last = day.month().length(day.year());
    day.replace_day(last).unwrap_or(day)
}

/// A month 月份 as it is written, `2026-05`.
pub fn write_month(day: Date) -> String {
    format!("{:04}-{:02}", day.year(), u8::from(day.month()))
}

/// What was asked for, kept in order and to a length that can be drawn; otherwise this year so far.
pub fn span_of(from: Option<Date>, to: Option<Date>, today: Date) -> Span {
    let this = month_of(today);
    let to = to.map_or(this, month_of).min(this);
    let january = to.replace_month(Month::January).unwrap_or(to);
    let from = from.map_or(january, month_of).min(to);
    let months = |day: Date| day.year() * 12 + i32::from(u8::from(day.month()));
    let mut from = from;
    if months(to) - months(from) >= MOST_MONTHS {
        from = to
            .replace_year(to.year() - MOST_MONTHS / 12)
            .map_or(to, |day| month_end(day) + Duration::days(1));
    }
    Span {
        from,
        to: month_end(to),
    }
}

impl Statistics {
    /// The word of a value; what nobody filled in says so.
    pub fn label(&self, dimension: Dimension, value: &str) -> String {
        word_of(&*self.regions, &*self.industries, dimension, value)
    }

    fn named(&self, dimension: Dimension, parts: Vec<Part>) -> Vec<Named> {
        let mut named: Vec<Named> = parts
            .into_iter()
            .filter(|part| part.sums != Sums::default())
            .map(|part| Named {
                label: if part.name.is_empty() {
                    self.label(dimension, &part.value)
                } else {
                    part.name
                },
                value: part.value,
                sums: part.sums,
            })
            .collect();
        match dimension {
            Dimension::Size => {
                named.sort_by_key(|n| {
                    let place = SizeClass::ALL.iter().position(|c| c.as_str() == n.value);
                    place.unwrap_or(SizeClass::ALL.len())
                });
            }
            Dimension::Capital => {
                named.sort_by_key(|n| CapitalBand::from_code(&n.value).map_or(99, |b| b as u8));
            }
            Dimension::Term => {
                named.sort_by_key(|n| TermBand::from_code(&n.value).map_or(99, |b| b as u8));
            }
            _ => named.sort_by(|a, b| {
                (b.sums.asked, b.sums.drawn_cents, &a.label).cmp(&(
                    a.sums.asked,
                    a.sums.drawn_cents,
                    &b.label,
                ))
            }),
        }
        named
    }

    /// Totals of the months, and the same by one dimension.
    pub async fn sheet(
        &self,
        actor: &Actor,
        from: Option<Date>,
        to: Option<Date>,
        dimension: Dimension,
    ) -> UseResult<Sheet> {
        let permit = self
            .watch
            .permit(actor, Room::Statistics, Action::View, actor.tenant)
            .await?;
        let span = span_of(from, to, local_date(self.watch.clock.now()));
        let guard = &self.watch.guard;
        let rows = guard.may(actor, Room::Supervision, Action::View).await;
        let mut work = self.store.begin(&permit).await?;
        let months = work.statistics().months(span).await?;
        let parts = work.statistics().parts(dimension, span).await?;
        let renewals = if dimension == Dimension::Renewal {
            parts.clone()
        } else {
            work.statistics().parts(Dimension::Renewal, span).await?
        };
        let late_complaints = if rows {
            0
        } else {
            work.complaints().late_complaints().await?
        };
        drop(work);
        Ok(Sheet {
            span,
            total: total(&months),
            months,
            parts: self.named(dimension, parts),
            renewals: renewals
                .iter()
                .fold(Sums::default(), |all, part| all.and(&part.sums)),
            rows,
            late_complaints,
        })
    }

    /// What hangs on the wall: this year, today, the last days, and what just happened.
    pub async fn screen(&self, actor: &Actor) -> UseResult<Screen> {
        let permit = self
            .watch
            .permit(actor, Room::Statistics, Action::View, "screen")
            .await?;
        let at = self.watch.clock.now();
        let today = local_date(at);
        let span = span_of(None, None, today);
        let lately = Span {
            from: today - Duration::days(SCREEN_DAYS - 1),
            to: today,
        };
        let verbs = TOLD.map(Verb::code);
        let mut work = self.store.begin(&permit).await?;
        let months = work.statistics().months(span).await?;
        let known = work.statistics().days(lately).await?;
        let parts = work.statistics().parts(Dimension::Region, span).await?;
        let mut movements = work.statistics().movements(&verbs, MOVEMENTS).await?;
        drop(work);
        for movement in &mut movements {
            movement.region = self.label(Dimension::Region, &movement.region);
        }
        let sums = |day: Date| known.iter().find(|(d, _)| *d == day).map(|(_, s)| *s);
        Ok(Screen {
            at,
            year: total(&months),
            today: sums(today).unwrap_or_default(),
            days: (0..SCREEN_DAYS)
                .map(|n| lately.from + Duration::days(n))
                .map(|day| (day, sums(day).unwrap_or_default()))
                .collect(),
            regions: self.named(Dimension::Region, parts),
            movements,
        })
    }
}

/// The word of a value of a dimension; institutions have names of their own.
pub(crate) fn word_of(
    regions: &dyn RegionDirectory,
    industries: &dyn IndustryDirectory,
    dimension: Dimension,
    value: &str,
) -> String {
    let section = || {
        let mut sections = industries.sections().into_iter();
        sections.find(|s| s.code == value).map(|s| s.name)
    };
    let word = match dimension {
        Dimension::Region => regions.find(value).map(|r| r.name.clone()),
        Dimension::Industry => section(),
        Dimension::Guarantee => GuaranteeType::from_code(value).map(|g| g.zh().to_owned()),
        Dimension::FirstLoan => match value {
            "yes" => Some("首贷户".to_owned()),
            "no" => Some("非首贷户".to_owned()),
            _ => None,
        },
        Dimension::Renewal => (value == "yes").then(|| "续贷".to_owned()),
        Dimension::Size => Some(
            SizeClass::from_code(value)
                .map_or("未填报", SizeClass::short)
                .to_owned(),
        ),
        Dimension::Capital => CapitalBand::from_code(value).map(|b| b.zh().to_owned()),
        Dimension::Term => TermBand::from_code(value).map(|b| b.zh().to_owned()),
        Dimension::Bank => None,
    };
    word.unwrap_or_else(|| "未填写".to_owned())
}

fn total(months: &[(Date, Sums)]) -> Sums {
    months
        .iter()
        .fold(Sums::default(), |all, (_, sums)| all.and(sums))
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn a_span_is_whole_months_in_order_and_never_in_the_future() {
        let today = date!(2026 - 11 - 26);
        let is = |from, to, a, b| {
            assert_eq!(span_of(from, to, today), Span { from: a, to: b });
        };
        is(None, None, date!(2026 - 01 - 01), date!(2026 - 11 - 30));
        is(
            Some(date!(2026 - 02 - 11)),
            Some(date!(2026 - 02 - 03)),
            date!(2026 - 02 - 01),
            date!(2026 - 02 - 28),
        );
        // Backwards becomes one month, and what lies ahead ends today.
        is(
            Some(date!(2026 - 09 - 01)),
            Some(date!(2026 - 05 - 01)),
            date!(2026 - 05 - 01),
            date!(2026 - 05 - 31),
        );
        is(
            None,
            Some(date!(2031 - 01 - 01)),
            date!(2026 - 01 - 01),
            date!(2026 - 11 - 30),
        );
        is(
            Some(date!(1999 - 01 - 01)),
            None,
            date!(2021 - 12 - 01),
            date!(2026 - 11 - 30),
        );
    }
}

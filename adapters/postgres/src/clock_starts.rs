//! Since when a clock of an application runs, in SQL: what `ClockKind::started` says of a record.

use domain::financing::{ClockKind, Started};
use sqlx::{Postgres, QueryBuilder};
use time::OffsetDateTime;

/// Of a clock, on `financing_applications a`.
pub(crate) const fn started(kind: ClockKind) -> &'static str {
    match kind {
        ClockKind::Accept => "coalesce(a.intake_since, a.submitted_at)",
        ClockKind::Contact | ClockKind::Dispatch => "a.submitted_at",
        ClockKind::Decision => "coalesce(a.decision_since, a.submitted_at)",
        ClockKind::Disburse => "a.decided_at",
        ClockKind::Supplement => "a.paused_at",
    }
}

/// The column `due_since`: of the clock that `a.due_at` belongs to.
pub(crate) const DUE_SINCE: &str = "case a.stage when 'submitted' then coalesce(a.intake_since, a.submitted_at) \
     when 'due_diligence' then coalesce(a.decision_since, a.submitted_at) \
     when 'in_approval' then coalesce(a.decision_since, a.submitted_at) \
     when 'approved' then a.decided_at when 'need_supplement' then a.paused_at else a.submitted_at end as due_since";

/// Narrows a question to the clocks of this kind that started then.
pub(crate) fn only_started(
    query: &mut QueryBuilder<Postgres>,
    kind: ClockKind,
    Started { from, until }: Started,
) {
    let column = started(kind);
    if let Some(from) = from {
        query.push(format!(" and {column} >= ")).push_bind(from);
    }
    if let Some(until) = until {
        query.push(format!(" and {column} < ")).push_bind(until);
    }
}

/// From, until and bound of each era, as three lists that are unnested beside each other.
pub(crate) struct Bounds {
    pub from: Vec<Option<OffsetDateTime>>,
    pub until: Vec<Option<OffsetDateTime>>,
    pub by: Vec<OffsetDateTime>,
}

impl Bounds {
    pub fn of(eras: &[(Started, OffsetDateTime)]) -> Self {
        Self {
            from: eras.iter().map(|(started, _)| started.from).collect(),
            until: eras.iter().map(|(started, _)| started.until).collect(),
            by: eras.iter().map(|(_, by)| *by).collect(),
        }
    }
}

//! What only the console's tables write: cells of clocks and states.

use application::ports::branch_board::Urgency;
use domain::financing::{ClockKind, Stage, columns};
use time::OffsetDateTime;

use crate::parts::Cell;
pub(super) use crate::show::*;

pub(crate) fn urgency_cell(
    stage: Stage,
    urgency: Option<Urgency>,
    due: Option<OffsetDateTime>,
) -> Cell {
    match (urgency, due) {
        (Some(urgency), Some(due)) => {
            let tag = urgency_tag(urgency);
            Cell::tag(tag.label, tag.kind).second(format!("截止 {}", minute(due)))
        }
        (_, None) if ClockKind::of_stage(stage).is_some() => {
            Cell::text("时限待定").second(DUE_UNKNOWN)
        }
        _ => Cell::text("-"),
    }
}

/// The same where no column beside it says what is owed.
pub(crate) fn promise_cell(
    stage: Stage,
    urgency: Option<Urgency>,
    due: Option<OffsetDateTime>,
) -> Cell {
    match (urgency, due) {
        (Some(urgency), Some(due)) => {
            let tag = urgency_tag(urgency);
            Cell::tag(tag.label, tag.kind).second(due_words(stage, due))
        }
        _ => urgency_cell(stage, urgency, due),
    }
}

/// Until when what is to be done.
pub(crate) fn due_words(stage: Stage, due: OffsetDateTime) -> String {
    format!("{}截止 {}", clock_name(stage), minute(due))
}

/// What the running clock waits for.
pub(crate) const fn clock_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Submitted => "接单",
        Stage::ReturnedToHq => "改派",
        Stage::NeedSupplement => "企业补充材料",
        Stage::Approved => "放款",
        Stage::Accepted => "首次联系企业",
        _ => "审核",
    }
}

pub(super) fn state_cells(stage: Stage, ever_accepted: bool) -> [Cell; 2] {
    columns(stage, ever_accepted).map_or_else(
        || [Cell::text("-"), Cell::text("-")],
        |(intake, review)| {
            [intake_tag(intake), review_tag(review)].map(|tag| Cell::tag(tag.label, tag.kind))
        },
    )
}

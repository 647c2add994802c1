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

//! 下载超时通报: the week as a workbook, with the requests for those who may see them and totals for the others; who took it is noted.

use serde_json::json;
use time::Duration;

use super::{BreachRoom, SeenBreach, SeenWeek, WeekAsk, number_of};
use crate::{
    access::{Action, Actor, Room},
    error::UseResult,
    ports::{
        audit::AuditEntry,
        breaches::Missed,
        workbooks::{SheetCell, SheetColumn, SheetPlan},
    },
};

const TAKE: &str = "export.breaches";
/// Requests of one file at most.
const MOST: i64 = 20_000;

const TOTALS: [SheetColumn; 10] = [
    SheetColumn::new("机构", 28),
    SheetColumn::new("支行", 28),
    SheetColumn::new("超时合计", 12),
    SheetColumn::new("接单", 10),
    SheetColumn::new("改派", 10),
    SheetColumn::new("首次联系企业", 14),
    SheetColumn::new("审核", 10),
    SheetColumn::new("放款", 10),
    SheetColumn::new("已说明原因", 12),
    SheetColumn::new("近四周有超时的周数", 20),
];

const ROWS: [SheetColumn; 9] = [
    SheetColumn::new("机构", 28),
    SheetColumn::new("支行", 28),
    SheetColumn::new("申请编号", 22),
    SheetColumn::new("超时事项", 14),
    SheetColumn::new("到期时间", 18),
    SheetColumn::new("完成时间", 18),
    SheetColumn::new("超时（工作小时）", 18),
    SheetColumn::new("超时原因", 24),
    SheetColumn::new("说明人", 14),
];

impl BreachRoom {
    /// The file, for whoever reads the page; the requests only where one institution is named.
    pub async fn take(&self, actor: &Actor, ask: WeekAsk) -> UseResult<Vec<u8>> {
        let seen = self.look(actor, ask, MOST).await?;
        let permit = self
            .watch
            .permit(actor, Room::Statistics, Action::View, "breaches")
            .await?;
        let rows = if seen.open && ask.narrow.bank.is_some() {
            seen.rows.iter().map(row).collect()
        } else {
            totals(&seen)
        };
        let plan = plan(actor, &seen, ask);
        let bytes = self.workbooks.whole(&plan, &rows).await?;
        let mut work = self.store.begin(&permit).await?;
        let (id, at) = (self.watch.clock.new_id(), self.watch.clock.now());
        let entry = AuditEntry::by(actor, id, TAKE, number_of(seen.monday), at)
            .detail(json!({ "rows": rows.len(), "bank": ask.narrow.bank.map(|b| b.0) }));
        work.audit().write(entry).await?;
        work.commit().await?;
        Ok(bytes)
    }
}

fn plan(actor: &Actor, seen: &SeenWeek, ask: WeekAsk) -> SheetPlan {
    let what = format!(
        "{}，{} 至 {} 到期的承诺时限",
        number_of(seen.monday),
        seen.monday,
        seen.monday + Duration::days(6)
    );
    let columns: &[SheetColumn] = if seen.open && ask.narrow.bank.is_some() {
        &ROWS
    } else {
        &TOTALS
    };
    SheetPlan::taken("超时通报", (actor, seen.now), what, columns)
}

/// Headquarters' own steps have no branch.
fn branch_words(branch_name: &str) -> &str {
    if branch_name.is_empty() {
        "机构总部"
    } else {
        branch_name
    }
}

fn totals(seen: &SeenWeek) -> Vec<Vec<SheetCell>> {
    let line = |one: &Missed| {
        let counts = [
            one.total(),
            one.accept,
            one.dispatch,
            one.contact,
            one.decision,
            one.disburse,
            one.caused,
            one.weeks,
        ];
        let mut cells = vec![
            SheetCell::text(&one.bank_name),
            SheetCell::text(branch_words(&one.branch_name)),
        ];
        cells.extend(counts.map(SheetCell::Count));
        cells
    };
    seen.missed.iter().map(line).collect()
}

fn row(seen: &SeenBreach) -> Vec<SheetCell> {
    let breach = &seen.breach;
    let cause = breach.cause.as_ref();
    vec![
        SheetCell::text(&breach.bank_name),
        SheetCell::text(branch_words(&breach.branch_name)),
        SheetCell::text(&breach.number),
        SheetCell::text(breach.clock.zh()),
        SheetCell::Minute(breach.due_at),
        SheetCell::minute(breach.ended_at),
        seen.over.map_or(SheetCell::Empty, |over| {
            SheetCell::Count(over.whole_hours())
        }),
        SheetCell::text(cause.map_or("", |given| given.cause.zh())),
        SheetCell::text(cause.map_or("", |given| given.by_name.as_str())),
    ]
}

#[cfg(test)]
mod tests {
    use domain::{
        financing::ClockKind,
        ids::{FinancingApplicationId, TenantId},
    };
    use time::macros::{date, datetime};
    use uuid::Uuid;

    use super::*;
    use crate::ports::breaches::{Breach, BreachCause, GivenCause};

    #[test]
    fn every_line_fills_every_column_and_headquarters_is_named() {
        let due = datetime!(2026-11-18 09:30 +8);
        let bank = TenantId(Uuid::from_u128(7));
        let seen = SeenBreach {
            breach: Breach {
                id: Uuid::from_u128(1),
                application: FinancingApplicationId(Uuid::from_u128(2)),
                number: "PO20261117001".to_owned(),
                clock: ClockKind::Dispatch,
                due_at: due,
                bank,
                bank_name: "狮城商业银行".to_owned(),
                branch: None,
                branch_name: String::new(),
                cause: Some(GivenCause {
                    cause: BreachCause::Staffing,
                    by_name: "沈若谷".to_owned(),
                    at: due,
                }),
                ended_at: None,
            },
            over: Some(Duration::minutes(150)),
        };
        let cells = row(&seen);
        assert_eq!(cells.len(), ROWS.len());
        assert_eq!(cells[1], SheetCell::text("机构总部"));
        assert_eq!(cells[6], SheetCell::Count(2));
        let missed = Missed {
            bank,
            bank_name: "狮城商业银行".to_owned(),
            branch: None,
            branch_name: String::new(),
            accept: 0,
            dispatch: 1,
            contact: 0,
            decision: 2,
            disburse: 0,
            caused: 1,
            requests: 2,
            weeks: 3,
        };
        let week = SeenWeek {
            monday: date!(2026 - 11 - 16),
            now: due,
            missed: vec![missed],
            rows: Vec::new(),
            more: false,
            open: false,
        };
        let lines = totals(&week);
        assert!(lines.iter().all(|line| line.len() == TOTALS.len()));
        assert_eq!(lines[0][2], SheetCell::Count(3));
    }
}

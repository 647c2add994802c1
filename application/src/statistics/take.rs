//! 下载统计分析: what the page says as a workbook, totals only; who took it is noted.

use serde_json::json;
use time::{Date, OffsetDateTime};

use super::{Named, Sheet, Statistics, write_month};
use crate::{
    access::{Action, Actor, Room},
    error::UseResult,
    ports::{
        audit::AuditEntry,
        statistics::{Dimension, Sums},
        workbooks::{SheetCell, SheetColumn, SheetPlan},
    },
};

const TAKE: &str = "export.statistics";

const COLUMNS: [SheetColumn; 12] = [
    SheetColumn::new("分组", 12),
    SheetColumn::new("项目", 24),
    SheetColumn::new("需求笔数", 12),
    SheetColumn::new("申请金额（万元）", 18),
    SheetColumn::new("接单", 10),
    SheetColumn::new("通过", 10),
    SheetColumn::new("不通过", 10),
    SheetColumn::new("批准金额（万元）", 18),
    SheetColumn::new("放款笔数", 12),
    SheetColumn::new("放款金额（万元）", 18),
    SheetColumn::new("放款户数", 12),
    SheetColumn::new("首贷户数", 12),
];

impl Statistics {
    /// The file, for whoever reads the page.
    pub async fn take(
        &self,
        actor: &Actor,
        from: Option<Date>,
        to: Option<Date>,
        dimension: Dimension,
    ) -> UseResult<Vec<u8>> {
        let sheet = self.sheet(actor, from, to, dimension).await?;
        let permit = self
            .watch
            .permit(actor, Room::Statistics, Action::View, actor.tenant)
            .await?;
        let at = self.watch.clock.now();
        let rows = rows(&sheet, dimension);
        let plan = plan(actor, &sheet, at);
        let bytes = self.workbooks.whole(&plan, &rows).await?;
        let mut work = self.store.begin(&permit).await?;
        let id = self.watch.clock.new_id();
        let entry =
            AuditEntry::by(actor, id, TAKE, actor.tenant, at).detail(json!({ "rows": rows.len() }));
        work.audit().write(entry).await?;
        work.commit().await?;
        Ok(bytes)
    }
}

fn plan(actor: &Actor, sheet: &Sheet, at: OffsetDateTime) -> SheetPlan {
    let span = format!(
        "统计分析，{} 至 {}，只含合计数，口径见平台页面",
        sheet.span.from, sheet.span.to
    );
    SheetPlan::taken("统计分析", (actor, at), span, &COLUMNS)
}

fn rows(sheet: &Sheet, dimension: Dimension) -> Vec<Vec<SheetCell>> {
    let mut rows = vec![
        row("合计", "全部", &sheet.total),
        row("合计", "其中续贷", &sheet.renewals),
    ];
    rows.extend(
        sheet
            .months
            .iter()
            .map(|(month, sums)| row("按月", &write_month(*month), sums)),
    );
    let by = format!("按{}", dimension.zh());
    let part = |named: &Named| row(&by, &named.label, &named.sums);
    rows.extend(sheet.parts.iter().map(part));
    rows
}

fn row(group: &str, label: &str, sums: &Sums) -> Vec<SheetCell> {
    vec![
        SheetCell::text(group),
        SheetCell::text(label),
        SheetCell::Count(sums.asked),
        SheetCell::Wan(sums.asked_cents),
        SheetCell::Count(sums.accepted),
        SheetCell::Count(sums.approved),
        SheetCell::Count(sums.rejected),
        SheetCell::Wan(sums.approved_cents),
        SheetCell::Count(sums.draws),
        SheetCell::Wan(sums.drawn_cents),
        SheetCell::Count(sums.homes),
        SheetCell::Count(sums.first_homes),
    ]
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;
    use crate::ports::statistics::Span;

    #[test]
    fn a_row_for_all_one_for_renewals_one_for_each_month_and_one_for_each_part_fill_every_column() {
        let day = date!(2026 - 11 - 01);
        let sums = Sums {
            asked: 3,
            ..Sums::default()
        };
        let sheet = Sheet {
            span: Span { from: day, to: day },
            total: sums,
            months: vec![(day, sums)],
            parts: vec![Named {
                value: "130903".to_owned(),
                label: "运河区".to_owned(),
                sums,
            }],
            renewals: Sums::default(),
            rows: true,
            late_complaints: 0,
        };
        let rows = rows(&sheet, Dimension::Region);
        assert!(rows.iter().all(|row| row.len() == COLUMNS.len()));
        let labels: Vec<&SheetCell> = rows.iter().map(|row| &row[1]).collect();
        let words = ["全部", "其中续贷", "2026-11", "运河区"].map(SheetCell::text);
        assert!(labels.into_iter().eq(words.iter()));
    }
}

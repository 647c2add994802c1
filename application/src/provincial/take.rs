//! 下载全省统计: what the page says as a workbook; who took it is noted.

use serde_json::json;
use time::OffsetDateTime;

use super::{Amount, Figure, ProvinceSheet, ProvincialRoom, SheetAsk, Shown};
use crate::{
    access::Actor,
    error::UseResult,
    ports::{
        audit::AuditEntry,
        workbooks::{SheetCell, SheetColumn, SheetPlan},
    },
    statistics::write_month,
};

const TAKE: &str = "export.provincial";
/// In the place of a figure that is kept back.
pub const KEPT: &str = "*";

const COLUMNS: [SheetColumn; 12] = [
    SheetColumn::new("分组", 14),
    SheetColumn::new("项目", 24),
    SheetColumn::new("需求笔数", 12),
    SheetColumn::new("申请金额（万元）", 18),
    SheetColumn::new("接单", 10),
    SheetColumn::new("通过", 10),
    SheetColumn::new("不通过", 10),
    SheetColumn::new("批准金额（万元）", 18),
    SheetColumn::new("放款笔数", 12),
    SheetColumn::new("放款金额（万元）", 18),
    SheetColumn::new("加权平均年利率（%）", 20),
    SheetColumn::new("放款户数", 12),
];

impl ProvincialRoom {
    /// The file, for whoever reads the page.
    pub async fn take(&self, actor: &Actor, ask: &SheetAsk) -> UseResult<Vec<u8>> {
        let sheet = self.sheet(actor, ask).await?;
        let at = self.watch.clock.now();
        let rows = rows(&sheet);
        let plan = plan(actor, &sheet, at);
        let bytes = self.workbooks.whole(&plan, &rows).await?;
        // The role that reads the figures writes nothing, not even a log: the line goes through the door.
        let id = self.watch.clock.new_id();
        let entry =
            AuditEntry::by(actor, id, TAKE, actor.tenant, at).detail(json!({ "rows": rows.len() }));
        self.watch.log.note(actor.city, entry).await?;
        Ok(bytes)
    }
}

fn plan(actor: &Actor, sheet: &ProvinceSheet, at: OffsetDateTime) -> SheetPlan {
    let what = format!(
        "全省统计，{}，只含合计数，口径见平台页面；{KEPT} 为涉及企业少于 3 户或者可以推算出少于 3 户的数，不显示",
        write_month(sheet.month)
    );
    SheetPlan::taken("全省统计", (actor, at), what, &COLUMNS)
}

fn rows(sheet: &ProvinceSheet) -> Vec<Vec<SheetCell>> {
    let mut rows = vec![row("全省", "合计", &sheet.total)];
    rows.extend(
        sheet
            .cities
            .iter()
            .map(|city| row("各城市", &city.name, &city.shown)),
    );
    let chosen = sheet.of.as_ref();
    let city = chosen.and_then(|slug| sheet.cities.iter().find(|city| city.slug == *slug));
    let whose = city.map_or("全省", |city| city.name.as_str());
    let by = format!("{whose}按{}", sheet.by.zh());
    rows.extend(
        sheet
            .parts
            .iter()
            .map(|part| row(&by, &part.label, &part.shown)),
    );
    rows.extend(
        sheet
            .trend
            .iter()
            .map(|(month, shown)| row("全省按月", &write_month(*month), shown)),
    );
    rows
}

fn row(group: &str, label: &str, shown: &Shown) -> Vec<SheetCell> {
    let mut cells = vec![SheetCell::text(group), SheetCell::text(label)];
    cells.extend(Figure::ALL.iter().map(|figure| cell(shown.told(*figure))));
    cells
}

fn cell(amount: Amount) -> SheetCell {
    match amount {
        Amount::Kept => SheetCell::text(KEPT),
        Amount::Nothing => SheetCell::Empty,
        Amount::Count(count) => SheetCell::Count(count),
        Amount::Cents(cents) => SheetCell::Wan(cents),
        Amount::Rate(rate) => SheetCell::Rate(i32::try_from(rate).unwrap_or(i32::MAX)),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;
    use crate::ports::statistics::Dimension;

    #[test]
    fn every_row_fills_every_column() {
        let month = date!(2026 - 10 - 01);
        let sheet = ProvinceSheet {
            month,
            newest: month,
            by: Dimension::Term,
            of: None,
            total: Shown::default(),
            cities: Vec::new(),
            parts: Vec::new(),
            trend: vec![(month, Shown::default())],
        };
        let rows = rows(&sheet);
        assert_eq!(rows.len(), 2);
        assert!(rows.iter().all(|row| row.len() == COLUMNS.len()));
        assert_eq!(cell(Amount::Kept), SheetCell::text("*"));
    }
}

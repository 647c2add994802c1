//! 下载走访进展: the numbers of a list as a workbook, totals only; who took it is noted.

use std::sync::Arc;

use domain::visit::VisitStage;
use serde_json::json;
use uuid::Uuid;

use super::{Coverage, SeenList, VisitRoom};
use crate::{
    access::Actor,
    error::UseResult,
    ports::{
        audit::AuditEntry,
        workbooks::{SheetCell, SheetColumn, SheetPlan, Workbooks},
    },
};

const TAKE: &str = "export.visits";

const COLUMNS: [SheetColumn; 16] = [
    SheetColumn::new("分组", 12),
    SheetColumn::new("项目", 28),
    SheetColumn::new("户数", 10),
    SheetColumn::new("待分配", 10),
    SheetColumn::new("待下发", 10),
    SheetColumn::new("已下发", 10),
    SheetColumn::new("已注册", 10),
    SheetColumn::new("已联系", 10),
    SheetColumn::new("联系率（%）", 14),
    SheetColumn::new("已走访", 10),
    SheetColumn::new("走访率（%）", 14),
    SheetColumn::new("有需求", 10),
    SheetColumn::new("已申请", 10),
    SheetColumn::new("已授信", 10),
    SheetColumn::new("授信率（%）", 14),
    SheetColumn::new("未授信", 10),
];

/// The lists of the room on paper.
#[derive(Clone)]
pub struct VisitBook {
    pub room: VisitRoom,
    pub workbooks: Arc<dyn Workbooks>,
}

impl VisitBook {
    /// The file, for whoever reads the page.
    pub async fn take(&self, actor: &Actor, list: Uuid) -> UseResult<Vec<u8>> {
        let seen = self.room.list(actor, list).await?;
        let permit = self.room.reader(actor).await?;
        let rows = rows(&seen);
        let plan = plan(actor, &seen);
        let bytes = self.workbooks.whole(&plan, &rows).await?;
        let watch = &self.room.watch;
        let mut work = self.room.store.begin(&permit).await?;
        let entry = AuditEntry::by(actor, watch.clock.new_id(), TAKE, list, seen.now)
            .detail(json!({ "rows": rows.len() }));
        work.audit().write(entry).await?;
        work.commit().await?;
        Ok(bytes)
    }
}

fn plan(actor: &Actor, seen: &SeenList) -> SheetPlan {
    let what = format!(
        "走访清单：{}，走访截止 {}，只含合计数，口径见平台页面",
        seen.list.name, seen.list.due_on
    );
    SheetPlan::taken("走访进展", (actor, seen.now), what, &COLUMNS)
}

fn rows(seen: &SeenList) -> Vec<Vec<SheetCell>> {
    let mut rows = vec![row("合计", "全部", &seen.sums)];
    rows.extend(seen.banks.iter().map(|part| {
        let name = if part.bank.is_some() {
            part.name.as_str()
        } else {
            "待分配"
        };
        row("按机构", name, &part.sums)
    }));
    let by_district = seen.districts.iter();
    rows.extend(by_district.map(|part| row("按区县", &part.name, &part.sums)));
    rows
}

/// Of those that were sent, in hundredths of a per cent; nothing where nobody was.
fn share(sums: &Coverage, stage: VisitStage) -> SheetCell {
    let sent = sums.of(VisitStage::Sent);
    if sent == 0 {
        return SheetCell::Empty;
    }
    let hundredths = (sums.of(stage) * 10_000 + sent / 2) / sent;
    i32::try_from(hundredths).map_or(SheetCell::Empty, SheetCell::Rate)
}

fn row(group: &str, label: &str, sums: &Coverage) -> Vec<SheetCell> {
    let count = |stage| SheetCell::Count(sums.of(stage));
    vec![
        SheetCell::text(group),
        SheetCell::text(label),
        SheetCell::Count(sums.all),
        count(VisitStage::Unassigned),
        count(VisitStage::Assigned),
        count(VisitStage::Sent),
        SheetCell::Count(sums.registered),
        count(VisitStage::Contacted),
        share(sums, VisitStage::Contacted),
        count(VisitStage::Visited),
        share(sums, VisitStage::Visited),
        count(VisitStage::Demand),
        count(VisitStage::Applied),
        count(VisitStage::Granted),
        share(sums, VisitStage::Granted),
        count(VisitStage::Declined),
    ]
}

#[cfg(test)]
mod tests {
    use domain::ids::UserId;
    use time::macros::{date, datetime};

    use super::*;
    use crate::{
        ports::visits::VisitList,
        visits::{BankPart, DistrictPart, Rights},
    };

    #[test]
    fn all_institutions_and_districts_fill_every_column() {
        let now = datetime!(2026-11-25 09:00 +8);
        let sums = Coverage::default();
        let seen = SeenList {
            list: VisitList {
                id: Uuid::from_u128(1),
                name: "四季度走访清单".to_owned(),
                source: "市工信局".to_owned(),
                due_on: date!(2026 - 12 - 31),
                rows_kept: 0,
                rows_sent: 0,
                created_by: UserId(Uuid::from_u128(2)),
                created_name: "宋知远".to_owned(),
                created_at: now,
                closed_at: None,
                closed_name: String::new(),
            },
            now,
            sums,
            banks: vec![BankPart {
                bank: None,
                name: String::new(),
                sums,
            }],
            districts: vec![DistrictPart {
                code: "130903".to_owned(),
                name: "运河区".to_owned(),
                sums,
            }],
            rights: Rights::default(),
            open: false,
        };
        let rows = rows(&seen);
        assert!(rows.iter().all(|row| row.len() == COLUMNS.len()));
        let labels: Vec<&SheetCell> = rows.iter().map(|row| &row[1]).collect();
        let words = ["全部", "待分配", "运河区"].map(SheetCell::text);
        assert!(labels.into_iter().eq(words.iter()));
        assert_eq!(rows[0][8], SheetCell::Empty, "no rate of nothing");
    }
}

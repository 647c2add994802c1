//! 下载政策成效: the figures of the page as a workbook, marked with who took it and when; totals only, and it is noted in the log.

use serde_json::json;

use super::{EffectAsk, EffectMonth, SeenEffects, SubsidyRoom};
use crate::{
    access::{Action, Actor, Room},
    error::UseResult,
    ports::{
        audit::AuditEntry,
        subsidy_claims::{Effect, EffectRow},
        workbooks::{SheetCell, SheetColumn, SheetPlan},
    },
    statistics::write_month,
};

const TAKE: &str = "export.policy_effects";

const COLUMNS: [SheetColumn; 10] = [
    SheetColumn::new("政策", 44),
    SheetColumn::new("月份", 12),
    SheetColumn::new("符合条件的贷款（笔）", 20),
    SheetColumn::new("贷款金额（万元）", 18),
    SheetColumn::new("申请（笔）", 12),
    SheetColumn::new("通过（笔）", 12),
    SheetColumn::new("通过金额（元）", 18),
    SheetColumn::new("拨付（笔）", 12),
    SheetColumn::new("拨付金额（元）", 18),
    SheetColumn::new("通过的企业（户）", 18),
];

impl SubsidyRoom {
    /// The file, for whoever reads the page.
    pub async fn take_effects(&self, actor: &Actor, ask: EffectAsk) -> UseResult<Vec<u8>> {
        let seen = self.effects(actor, ask).await?;
        let permit = self
            .watch
            .permit(actor, Room::Statistics, Action::View, "policy_effects")
            .await?;
        let rows = rows(&seen);
        let plan = plan(actor, &seen);
        let bytes = self.workbooks.whole(&plan, &rows).await?;
        let mut work = self.store.begin(&permit).await?;
        let (id, at) = (self.watch.clock.new_id(), self.watch.clock.now());
        let entry = AuditEntry::by(actor, id, TAKE, seen.year, at)
            .detail(json!({ "rows": rows.len(), "year": seen.year }));
        work.audit().write(entry).await?;
        work.commit().await?;
        Ok(bytes)
    }
}

fn plan(actor: &Actor, seen: &SeenEffects) -> SheetPlan {
    let what = match &seen.chosen {
        Some(offer) => format!("{}，{} 年各月", offer.title, seen.year),
        None => format!("{} 年各项政策", seen.year),
    };
    SheetPlan::taken("政策成效", (actor, seen.now), what, &COLUMNS)
}

/// A line of the sheet; a figure that is not counted for it is left empty.
fn line(
    title: &str,
    month: SheetCell,
    fitting: Option<(i64, i64)>,
    effect: &Effect,
) -> Vec<SheetCell> {
    vec![
        SheetCell::text(title),
        month,
        fitting.map_or(SheetCell::Empty, |(loans, _)| SheetCell::Count(loans)),
        fitting.map_or(SheetCell::Empty, |(_, cents)| SheetCell::Wan(cents)),
        SheetCell::Count(effect.filed),
        SheetCell::Count(effect.approved),
        SheetCell::Yuan(effect.approved_cents),
        SheetCell::Count(effect.paid),
        SheetCell::Yuan(effect.paid_cents),
        SheetCell::Count(effect.enterprises),
    ]
}

fn rows(seen: &SeenEffects) -> Vec<Vec<SheetCell>> {
    let Some(offer) = &seen.chosen else {
        let whole = |row: &EffectRow| {
            let year = SheetCell::text(format!("{} 年", seen.year));
            line(&row.title, year, None, &row.effect)
        };
        return seen.rows.iter().map(whole).collect();
    };
    let of_month = |one: EffectMonth| {
        let words = write_month(one.month);
        let fitting = Some((one.loans, one.loan_cents));
        line(&offer.title, SheetCell::text(words), fitting, &one.effect)
    };
    let mut lines: Vec<Vec<SheetCell>> = seen.months().into_iter().map(of_month).collect();
    let all = Some(seen.fitting_total());
    let words = SheetCell::text("合计");
    lines.push(line(&offer.title, words, all, &seen.total));
    lines
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};
    use uuid::Uuid;

    use super::*;
    use crate::ports::{statistics::Span, subsidies::FittingMonth};

    #[test]
    fn every_line_fills_every_column_and_a_year_of_all_policies_counts_no_loans() {
        let effect = Effect {
            filed: 3,
            approved: 2,
            approved_cents: 250_000,
            paid: 1,
            paid_cents: 100_000,
            enterprises: 2,
        };
        let seen = SeenEffects {
            year: 2026,
            span: Span {
                from: date!(2026 - 01 - 01),
                to: date!(2026 - 12 - 31),
            },
            now: datetime!(2026-11-27 09:00 +8),
            policies: Vec::new(),
            chosen: None,
            rows: vec![EffectRow {
                policy: Uuid::nil(),
                title: "首贷贴息".to_owned(),
                month: None,
                effect,
            }],
            fitting: vec![FittingMonth {
                month: date!(2026 - 11 - 01),
                loans: 4,
                cents: 10,
            }],
            total: effect,
            open: false,
        };
        let lines = rows(&seen);
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].len(), COLUMNS.len());
        assert_eq!(lines[0][2], SheetCell::Empty);
        assert_eq!(lines[0][6], SheetCell::Yuan(250_000));
        assert_eq!(seen.fitting_total(), (4, 10));
        let months = seen.months();
        assert_eq!(months.len(), 1, "a row without a month is of the year");
        assert_eq!((months[0].loans, months[0].effect), (4, Effect::default()));
    }
}

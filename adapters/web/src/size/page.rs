//! The page 企业划型: result, standard, form and history, whichever of them there are.

use application::{
    ports::sizes::SizeDeclaration,
    size::{Measure, SizePage, field_of},
};
use domain::{
    size_class::{SizeClass, SizeFigures, SizeMetric, SizeRule},
    values::{Cents, Headcount},
};
use serde::Serialize;
use serde_json::Value;

use super::PATH;
use crate::{
    financing::{ODD, minute},
    forms::{Field, FormView},
    parts::{Cell, Described, Table},
};

/// What stands, and why.
#[derive(Serialize)]
pub(super) struct Result {
    pub title: String,
    /// The thresholds that led to the class.
    pub words: String,
    pub reasons: Vec<String>,
    /// The figures reached different classes.
    pub lowered: bool,
    pub facts: Vec<Described>,
}

#[derive(Serialize)]
pub(super) struct OwnSizePage {
    pub lead: String,
    /// 完善信息 comes first.
    pub no_industry: bool,
    /// Why nothing is to be declared.
    pub no_rule: String,
    /// Another industry since, or a class of last year only.
    pub hint: String,
    pub result: Option<Result>,
    pub standard_title: String,
    pub industry: String,
    pub standard: Table,
    pub may_save: bool,
    pub form_title: String,
    pub button: &'static str,
    pub form: FormView,
    pub history: Table,
}

impl OwnSizePage {
    pub const TEMPLATE: &'static str = "size/own.html";
}

fn label(metric: SizeMetric) -> &'static str {
    match metric {
        SizeMetric::Employees => "从业人员",
        SizeMetric::Revenue => "上一年度营业收入",
        SizeMetric::Assets => "资产总额",
    }
}

fn hint(metric: SizeMetric, year: i32) -> String {
    let before = year - 1;
    match metric {
        SizeMetric::Employees => {
            format!("{before} 年末从业人员数，没有的填全年平均人数。填写整数，单位为人")
        }
        SizeMetric::Revenue => format!("{before} 年度营业收入，单位为万元，最多两位小数"),
        SizeMetric::Assets => format!("{before} 年末资产总计，单位为万元，最多两位小数"),
    }
}

/// As it was typed, for a correction.
fn typed(figures: &SizeFigures, metric: SizeMetric) -> String {
    match metric {
        SizeMetric::Employees => figures.employees.map(|n| n.persons().to_string()),
        SizeMetric::Revenue => figures.revenue.map(Cents::format_wan_short),
        SizeMetric::Assets => figures.assets.map(Cents::format_wan_short),
    }
    .unwrap_or_default()
}

/// Only what the industry asks for, each of it required.
pub(super) fn form(seen: &SizePage, key: String) -> FormView {
    let mut form = FormView::new(PATH)
        .key(key)
        .with(Field::hidden("version", seen.version().to_string()));
    let current = seen.current().map(|d| d.figures).unwrap_or_default();
    for threshold in seen.measure.rule().map_or(&[][..], SizeRule::thresholds) {
        let metric = threshold.metric;
        form.push(
            Field::number(field_of(metric), label(metric), metric.unit())
                .required()
                .maxlength(20)
                .hint(hint(metric, seen.year))
                .value(typed(&current, metric)),
        );
    }
    form
}

fn shown(figures: &SizeFigures, metric: SizeMetric) -> Option<String> {
    let value = figures.of(metric)?;
    Some(format!("{} {}", metric.write(value), metric.unit()))
}

const METRICS: [SizeMetric; 3] = [
    SizeMetric::Employees,
    SizeMetric::Revenue,
    SizeMetric::Assets,
];

fn result(standing: &SizeDeclaration, rule: Option<&SizeRule>) -> Result {
    let told = standing.told(rule);
    let mut facts: Vec<Described> = METRICS
        .into_iter()
        .filter_map(|m| Some(Described::new(label(m), shown(&standing.figures, m)?)))
        .collect();
    facts.push(Described::new("填报人", &standing.declared_name));
    facts.push(Described::new("填报时间", minute(standing.declared_at)));
    Result {
        title: format!("{} 年度：{}", standing.year, standing.class.label()),
        words: told.words,
        reasons: told.reasons,
        lowered: told.lowered,
        facts,
    }
}

fn standard(rule: Option<&SizeRule>) -> Table {
    let thresholds = rule.map_or(&[][..], SizeRule::thresholds);
    let mut table = Table::new("划型标准").column("企业规模", "nowrap");
    for threshold in thresholds {
        table = table.column(threshold.metric.zh(), "");
    }
    if thresholds.is_empty() {
        return table;
    }
    for class in SizeClass::ALL {
        let mut row = vec![Cell::text(class.label())];
        row.extend(thresholds.iter().map(|t| Cell::text(t.range(class))));
        table.push(row);
    }
    table
}

fn history(rows: &[SizeDeclaration]) -> Table {
    let mut table = Table::new("填报记录")
        .column("年度", "nowrap")
        .column("企业规模", "nowrap")
        .column("从业人员", "num")
        .column("营业收入", "num")
        .column("资产总额", "num")
        .column("填报人", "")
        .column("填报时间", "nowrap");
    for one in rows {
        let times = match one.number {
            1 => "首次填报".to_owned(),
            n => format!("第 {} 次更正", n - 1),
        };
        let mut row = vec![
            Cell::text(one.year.to_string()).second(times),
            Cell::text(one.class.label()),
        ];
        row.extend(
            METRICS.map(|m| Cell::text(shown(&one.figures, m).unwrap_or_else(|| "-".to_owned()))),
        );
        row.push(Cell::text(&one.declared_name));
        row.push(Cell::text(minute(one.declared_at)));
        table.push(row);
    }
    table
}

fn note(seen: &SizePage) -> String {
    let Some(last) = seen.standing() else {
        return String::new();
    };
    if seen.industry_changed {
        return "所属行业已变更，适用的划型标准与上次填报时不同，请按现在的行业重新填报。"
            .to_owned();
    }
    if last.year == seen.year {
        return String::new();
    }
    format!(
        "以下是 {} 年度的结果，在 {} 年度填报以前继续有效。",
        last.year, seen.year
    )
}

pub(super) fn view(seen: &SizePage, form: FormView) -> OwnSizePage {
    let rule = seen.measure.rule();
    let corrects = seen.current().is_some();
    OwnSizePage {
        lead: "按《中小企业划型标准规定》（工信部联企业〔2011〕300 号）划分大型、中型、小型和微型企业，每年填报一次。划型随以后提交的融资需求告诉受理支行，具体数字不提供给银行。"
            .to_owned(),
        no_industry: seen.measure == Measure::NoIndustry,
        no_rule: match &seen.measure {
            Measure::NoRule(industry) => format!(
                "您的所属行业是“{industry}”，国家没有规定这一行业的划型标准，无需填报。"
            ),
            _ => String::new(),
        },
        hint: note(seen),
        result: seen.standing().map(|d| result(d, rule)),
        standard_title: match &seen.measure {
            Measure::Rule { rule, .. } => {
                format!("{}标准", rule.standard())
            }
            _ => String::new(),
        },
        industry: match &seen.measure {
            Measure::Rule { industry, .. } => industry.clone(),
            _ => String::new(),
        },
        standard: standard(rule),
        may_save: seen.may_save && rule.is_some(),
        form_title: if corrects {
            format!("更正 {} 年度的填报", seen.year)
        } else {
            format!("填报 {} 年度", seen.year)
        },
        button: if corrects {
            "提交更正"
        } else {
            "提交企业划型"
        },
        form,
        history: history(&seen.history),
    }
}

/// Every shape of the page, for the test that draws them.
#[doc(hidden)]
pub fn samples() -> Vec<(&'static str, Value)> {
    let rule = SizeRule::new(
        ODD,
        vec![domain::size_class::SizeThreshold {
            metric: SizeMetric::Employees,
            large: 1000,
            medium: 300,
            small: 20,
        }],
    );
    let declared = SizeDeclaration {
        id: uuid::Uuid::nil(),
        year: 2026,
        number: 2,
        industry: ODD.to_owned(),
        figures: SizeFigures {
            employees: Headcount::new(45).ok(),
            ..SizeFigures::default()
        },
        class: SizeClass::Small,
        declared_by: domain::ids::UserId(uuid::Uuid::nil()),
        declared_name: ODD.to_owned(),
        declared_at: time::OffsetDateTime::UNIX_EPOCH,
    };
    let seen = |measure, history, year, may_save| SizePage {
        year,
        measure,
        history,
        may_save,
        industry_changed: false,
    };
    let known = || Measure::Rule {
        industry: ODD.to_owned(),
        rule: rule.clone(),
    };
    let pages = [
        seen(Measure::NoIndustry, Vec::new(), 2026, true),
        seen(Measure::NoRule(ODD.to_owned()), Vec::new(), 2026, true),
        seen(known(), Vec::new(), 2026, true),
        seen(known(), Vec::new(), 2026, false),
        seen(known(), vec![declared.clone()], 2026, true),
        seen(known(), vec![declared], 2027, true),
    ];
    pages
        .iter()
        .map(|seen| {
            let mut form = form(seen, "k".to_owned());
            form.fail("employees", ODD);
            let page = view(seen, form);
            let page = serde_json::to_value(page).unwrap_or_default();
            (OwnSizePage::TEMPLATE, page)
        })
        .collect()
}

//! 企业划型: what the industry is measured by, what stands for the year, and the declaration itself.

use application::{
    error::UseResult,
    ports::sizes::SizeDeclaration,
    size::{DeclareSize, Measure, SizePage, field_of},
};
use axum::http::Method;
use domain::{
    size_class::{SizeClass, SizeMetric, SizeRule, SizeThreshold},
    values::{Cents, Headcount},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Api,
    call::Call,
    door::{Door, NoQuery, Who},
    shapes::{Word, instant},
};

const TAG: &str = "企业划型";

/// 企业划型 as it stands.
#[derive(Serialize, ToSchema)]
struct Size {
    /// The year that is declared now.
    year: i32,
    /// 版本: goes back with a declaration; 0 while nothing is declared for this year.
    version: i32,
    /// 企业管理员 declares; others read.
    may_save: bool,
    /// `no_industry`: 完善信息 comes first; `no_rule`: the industry has no standard, nothing is to be declared; `ready`.
    state: &'static str,
    /// 所属行业, in words; empty before 完善信息.
    industry: String,
    /// Another standard holds than the one that the last declaration followed.
    industry_changed: bool,
    /// Name of the standard, such as 工业; empty without one.
    standard: String,
    /// What is to be declared, each of it required, with its thresholds; empty without a standard.
    figures: Vec<SizeFigure>,
    /// What counts now, of this year or the last.
    result: Option<SizeResult>,
    /// 填报记录, the latest first.
    history: Vec<SizeEntry>,
}

/// 一项划型指标.
#[derive(Serialize, ToSchema)]
struct SizeFigure {
    /// `employees`, `revenue` or `assets`: the name of its field.
    metric: Word,
    /// 人 or 万元.
    unit: String,
    /// As declared this year; empty before.
    value: String,
    /// 大型, 中型, 小型, 微型 with what each of them takes.
    ranges: Vec<SizeRange>,
}

/// 一档.
#[derive(Serialize, ToSchema)]
struct SizeRange {
    class: Word,
    words: String,
}

/// 划型结果.
#[derive(Serialize, ToSchema)]
struct SizeResult {
    year: i32,
    class: Word,
    /// The thresholds that led to the class, as a sentence; empty once another standard holds.
    words: String,
    /// What each figure reached.
    reasons: Vec<String>,
    /// The figures reached different classes, and the lowest one decided.
    lowered: bool,
}

/// 一次填报.
#[derive(Serialize, ToSchema)]
struct SizeEntry {
    year: i32,
    /// 1: the first of the year; more: a correction.
    number: i32,
    class: Word,
    /// 人; none where the industry did not ask for it.
    employees: Option<String>,
    /// 万元.
    revenue: Option<String>,
    /// 万元.
    assets: Option<String>,
    declared_by: String,
    declared_at: String,
}

/// 填报. What the industry does not ask for is left empty; it is not kept.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SizeSave {
    version: i32,
    /// 从业人员, 人.
    #[schema(max_length = 20)]
    employees: String,
    /// 上一年度营业收入, 万元.
    #[schema(max_length = 20)]
    revenue: String,
    /// 资产总额, 万元.
    #[schema(max_length = 20)]
    assets: String,
}

/// 已填报.
#[derive(Serialize, ToSchema)]
struct SizeSaved {
    year: i32,
    class: Word,
}

pub(crate) fn doors() -> Vec<Door> {
    let own = Who::Enterprise;
    vec![
        Door::read(TAG, "企业划型", own, "/api/v1/size", view),
        Door::write(
            TAG,
            "填报或更正企业划型",
            own,
            (Method::PUT, "/api/v1/size"),
            declare,
        )
        .keyed(),
    ]
}

fn class(class: SizeClass) -> Word {
    Word::new(class.as_str(), class.label())
}

fn value(figures: &domain::size_class::SizeFigures, metric: SizeMetric) -> Option<String> {
    match metric {
        SizeMetric::Employees => figures.employees.map(Headcount::format),
        SizeMetric::Revenue => figures.revenue.map(Cents::format_wan_brief),
        SizeMetric::Assets => figures.assets.map(Cents::format_wan_brief),
    }
}

fn figure(page: &SizePage, threshold: &SizeThreshold) -> SizeFigure {
    let metric = threshold.metric;
    SizeFigure {
        metric: Word::new(field_of(metric), metric.zh()),
        unit: metric.unit().to_owned(),
        value: page
            .current()
            .and_then(|d| value(&d.figures, metric))
            .unwrap_or_default(),
        ranges: SizeClass::ALL
            .into_iter()
            .map(|one| SizeRange {
                class: class(one),
                words: threshold.range(one),
            })
            .collect(),
    }
}

fn result(standing: &SizeDeclaration, rule: Option<&SizeRule>) -> SizeResult {
    let told = standing.told(rule);
    SizeResult {
        year: standing.year,
        class: class(standing.class),
        words: told.words,
        reasons: told.reasons,
        lowered: told.lowered,
    }
}

fn entry(one: &SizeDeclaration) -> SizeEntry {
    SizeEntry {
        year: one.year,
        number: one.number,
        class: class(one.class),
        employees: value(&one.figures, SizeMetric::Employees),
        revenue: value(&one.figures, SizeMetric::Revenue),
        assets: value(&one.figures, SizeMetric::Assets),
        declared_by: one.declared_name.clone(),
        declared_at: instant(one.declared_at),
    }
}

async fn view(api: Api, call: Call, _: NoQuery) -> UseResult<Size> {
    let page = api.uses.size.view(call.actor()?).await?;
    let rule = page.measure.rule();
    let (state, industry) = match &page.measure {
        Measure::NoIndustry => ("no_industry", String::new()),
        Measure::NoRule(industry) => ("no_rule", industry.clone()),
        Measure::Rule { industry, .. } => ("ready", industry.clone()),
    };
    Ok(Size {
        year: page.year,
        version: page.version(),
        may_save: page.may_save,
        state,
        industry,
        industry_changed: page.industry_changed,
        standard: rule.map_or_else(String::new, |r| r.standard().to_owned()),
        figures: rule
            .map_or(&[][..], SizeRule::thresholds)
            .iter()
            .map(|threshold| figure(&page, threshold))
            .collect(),
        result: page.standing().map(|d| result(d, rule)),
        history: page.history.iter().map(entry).collect(),
    })
}

async fn declare(api: Api, call: Call, ask: SizeSave) -> UseResult<SizeSaved> {
    let (actor, once) = (call.actor()?.clone(), call.once()?);
    let ask = DeclareSize {
        version: ask.version,
        employees: ask.employees,
        revenue: ask.revenue,
        assets: ask.assets,
        once,
    };
    let done = api.uses.size.declare(&actor, ask).await?;
    Ok(SizeSaved {
        year: done.year,
        class: class(done.class),
    })
}

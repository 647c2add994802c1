//! The table of a month: every figure opens what it was counted from, and the page says how the score is made.

use std::collections::HashMap;

use application::{
    access::Actor,
    appraisal::{AppraisalRoom, SeenMonth},
    error::UseError,
    ports::{
        appraisals::Score,
        statistics::{Counted, Dimension, Measure, Span},
    },
    statistics::month_end,
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::{
    appraisal::{PER_COMPLAINT, WEIGHTS, share_tenths},
    rating::LEAST_FOR_AVERAGE,
    tenant::TenantKind,
};
use serde::Serialize;
use time::Date;

use super::{CITY, OWN, TITLE};
use crate::{
    complaints,
    errors::WebError,
    kit::Web,
    operator::{counted_href, month_words, read_month, write_month},
    parts::{Cell, Deed, Filter, Link, Table, Tag, TagKind},
    ratings, show,
    visit::StaffVisit,
};

/// A month of the city, or of an institution.
#[derive(Serialize)]
pub(super) struct MonthPage {
    pub crumbs: Vec<Link>,
    pub title: String,
    pub tag: Option<Tag>,
    /// Who put it forward and who published it.
    pub signed: String,
    pub filters: Vec<Filter>,
    pub table: Table,
    pub empty: &'static str,
    pub definitions: Vec<String>,
    pub actions: Vec<Deed>,
}

impl MonthPage {
    pub const TEMPLATE: &'static str = "appraisal/month.html";
}

/// The same rules as the domain's, in words.
fn definitions() -> Vec<String> {
    let [in_time, approval, truth, rating, complaints] = WEIGHTS;
    vec![
        format!("按时接单（{in_time} 分）：当月接单中在承诺时限内接单的比例。"),
        format!("通过率（{approval} 分）：当月审结中审核通过的比例；企业撤回或者放弃的不计入审结。"),
        format!("放款属实（{truth} 分）：当月登记的放款中，企业已确认的比例。"),
        format!(
            "企业评价（{rating} 分）：当月展示中的评价的平均分除以 5；不足 {LEAST_FOR_AVERAGE} 条不计。"
        ),
        format!("投诉（{complaints} 分）：当月每收到一件投诉扣 {PER_COMPLAINT} 分，扣完为止。"),
        "没有数据的项目不计分，权重由其他项目分担；当月没有接单也没有审结的机构不评分。满分 100 分。".to_owned(),
        "接单和审结来自统计分析，与统计分析同一口径。提交后数据不再变化，发布后不能修改。".to_owned(),
    ]
}

fn share(part: i64, whole: i64) -> String {
    share_tenths(part, whole).map_or_else(
        || "-".to_owned(),
        |tenths| format!("{}.{}%", tenths / 10, tenths % 10),
    )
}

pub(super) fn points(tenths: Option<i64>) -> String {
    tenths.map_or_else(
        || "不评分".to_owned(),
        |tenths| format!("{}.{}", tenths / 10, tenths % 10),
    )
}

/// The rows behind a figure, for the city alone.
fn rows(city: bool, score: &Score, month: Date, measure: Measure) -> String {
    if !city {
        return String::new();
    }
    counted_href(&Counted {
        measure,
        span: Span {
            from: month,
            to: month_end(month),
        },
        of: Some((Dimension::Bank, score.bank.to_string())),
    })
}

fn cell(text: String, href: String, second: String) -> Cell {
    let cell = if href.is_empty() || text == "-" {
        Cell::text(text)
    } else {
        Cell::link(text, href)
    };
    cell.second(second)
}

pub(super) fn table(city: bool, month: Date, scores: &[Score]) -> Table {
    let mut table = Table::new(format!("{}机构考评", month_words(month)))
        .column("机构", "")
        .column("得分", "num")
        .column("按时接单", "num")
        .column("通过率", "num")
        .column("放款属实", "num")
        .column("企业评价", "num")
        .column("投诉", "num");
    for score in scores {
        let facts = &score.facts;
        let of = |part: i64, whole: i64| format!("{part} / {whole}");
        let only_city = |href: String| if city { href } else { String::new() };
        let average =
            ratings::average(facts.ratings, facts.stars, 3).unwrap_or_else(|| "-".to_owned());
        table.push(vec![
            Cell::text(&score.bank_name),
            Cell::text(points(score.tenths)),
            cell(
                share(facts.accepted_in_time, facts.accepted),
                rows(city, score, month, Measure::AcceptedInTime),
                of(facts.accepted_in_time, facts.accepted),
            ),
            cell(
                share(facts.approved, facts.decided),
                rows(city, score, month, Measure::Approved),
                of(facts.approved, facts.decided),
            ),
            cell(
                share(facts.confirmed, facts.reported),
                rows(city, score, month, Measure::Draws),
                of(facts.confirmed, facts.reported),
            ),
            cell(
                average,
                only_city("/operator/ratings?list=shown".to_owned()),
                format!("{} 条", facts.ratings),
            ),
            cell(
                format!("{} 件", facts.complaints),
                only_city(complaints::filed_in(score.bank, month)),
                String::new(),
            ),
        ]);
    }
    table
}

fn of_side(actor: &Actor, city: bool) -> Result<(), UseError> {
    if (actor.tenant_kind == TenantKind::City) == city {
        return Ok(());
    }
    Err(UseError::not_found())
}

/// The three months before this one and those that were published, the latest first.
fn months(base: &str, chosen: Option<Date>, offered: &[Date]) -> Vec<Filter> {
    let mut all: Vec<Date> = offered.to_vec();
    all.extend(chosen);
    all.sort_unstable();
    all.dedup();
    all.reverse();
    if all.is_empty() {
        return Vec::new();
    }
    let options = all
        .iter()
        .map(|month| {
            let href = format!("{base}?month={}", write_month(*month));
            Link::new(month_words(*month), href).current(Some(*month) == chosen)
        })
        .collect();
    vec![Filter {
        label: "月份".to_owned(),
        options,
    }]
}

fn state(seen: &SeenMonth) -> (Tag, String) {
    match &seen.appraisal {
        None if seen.over => (
            Tag::new("未提交", TagKind::Neutral),
            "数据随统计更新，提交后固定。".to_owned(),
        ),
        None => (
            Tag::new("本月未结束", TagKind::Neutral),
            "本月结束后可以提交。".to_owned(),
        ),
        Some(one) => {
            let line = |what: &str, signed: &application::ports::appraisals::Signed| {
                format!("{} 于 {} {what}", signed.by_name, show::minute(signed.at))
            };
            let submitted = line("提交", &one.submitted);
            match &one.published {
                Some(published) => (
                    Tag::new("已发布", TagKind::Success),
                    format!("{submitted}，{}", line("发布", published)),
                ),
                None => (
                    Tag::new("待发布", TagKind::Warning),
                    format!("{submitted}，由另一位平台运营人员发布"),
                ),
            }
        }
    }
}

pub(super) async fn city(
    State(web): State<Web<AppraisalRoom>>,
    visit: StaffVisit,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    of_side(visit.actor(), true)?;
    let month = asked.get("month").and_then(|text| read_month(text));
    let seen = web.uses.view(visit.actor(), month).await?;
    let mut offered = seen.published.clone();
    let mut last = web.uses.last_month();
    for _ in 0..3 {
        offered.push(last);
        last = application::statistics::month_of(last - time::Duration::days(1));
    }
    let (tag, signed) = state(&seen);
    let base = format!("{CITY}/{}", write_month(seen.month));
    let mut actions = Vec::new();
    let mut offer = |there: bool, label, path: &str, kind| {
        if there {
            actions.push(Deed {
                label,
                href: format!("{base}/{path}"),
                kind,
            });
        }
    };
    offer(seen.powers.submit, "提交考评", "submit", "primary");
    offer(seen.powers.publish, "发布", "publish", "primary");
    offer(seen.powers.take_back, "收回", "withdraw", "danger");
    let page = MonthPage {
        crumbs: vec![
            Link::new("平台工作台", "/operator"),
            Link::new(TITLE, CITY).current(true),
        ],
        title: format!("{}机构考评", month_words(seen.month)),
        tag: Some(tag),
        signed,
        filters: months(CITY, Some(seen.month), &offered),
        table: table(true, seen.month, &seen.scores),
        empty: "还没有入驻的机构。",
        definitions: definitions(),
        actions,
    };
    let visit = visit.0.staff_console();
    Ok(visit.render(MonthPage::TEMPLATE, TITLE, &page))
}

pub(super) async fn own(
    State(web): State<Web<AppraisalRoom>>,
    visit: StaffVisit,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    of_side(visit.actor(), false)?;
    let month = asked.get("month").and_then(|text| read_month(text));
    let own = web.uses.own(visit.actor(), month).await?;
    let shown = own.month.filter(|_| !own.scores.is_empty());
    let page = MonthPage {
        crumbs: vec![
            Link::new("工作台", "/hq"),
            Link::new(TITLE, OWN).current(true),
        ],
        title: own.month.map_or_else(
            || TITLE.to_owned(),
            |m| format!("{}机构考评", month_words(m)),
        ),
        tag: shown.map(|_| Tag::new("已发布", TagKind::Success)),
        signed: String::new(),
        filters: months(OWN, own.month, &own.published),
        table: shown.map_or_else(Table::default, |m| table(false, m, &own.scores)),
        empty: "平台还没有发布本机构的考评。",
        definitions: definitions(),
        actions: Vec::new(),
    };
    let visit = visit.0.staff_console();
    Ok(visit.render(MonthPage::TEMPLATE, TITLE, &page))
}

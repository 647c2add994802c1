//! 政策成效 (G5): the year of every policy, one of them month by month, and the same as a workbook.

use std::collections::HashMap;

use application::{
    ports::{
        statistics::Span,
        subsidies::SubsidyOffer,
        subsidy_claims::{ClaimDay, Effect},
    },
    statistics::month_end,
    subsidies::{EffectAsk, SeenEffects, SubsidyRoom},
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::{
    calendar::local_date,
    values::{Cents, format_sum_in_wan},
};
use serde::Serialize;
use uuid::Uuid;

use super::{
    EFFECTS, EFFECTS_TITLE, effect_crumbs, fitting, list::counted_href, words::policy_rows,
};
use crate::{
    errors::WebError,
    exports::workbook,
    kit::Web,
    operator::month_words,
    parts::{Cell, Described, Filter, Link, Table},
    spawned::spawned,
    visit::StaffVisit,
};

/// Years that the page leads to.
const YEARS: i32 = 5;

/// `subsidies/effects.html`.
#[derive(Serialize)]
pub(super) struct EffectsPage {
    pub crumbs: Vec<Link>,
    pub title: String,
    pub lead: &'static str,
    pub filters: Vec<Filter>,
    pub facts: Vec<Described>,
    pub workbook: String,
    /// The loans that it is for; empty: no policy is chosen, or they may not be seen.
    pub loans: String,
    pub table: Table,
    pub empty: &'static str,
    pub definitions: [&'static str; 5],
}

impl EffectsPage {
    pub const TEMPLATE: &'static str = "subsidies/effects.html";
}

const DEFINITIONS: [&str; 5] = [
    "政策指设有贴息或补贴规则的惠企政策，按最新公布的规则统计符合条件的贷款。",
    "一笔贷款指企业已确认的一笔放款，按放款日期计入当月；同一笔贷款符合几项政策的，在各项政策中分别计算。",
    "申请按提交日期、通过按复核日期、拨付按拨付日期计入当月；免申即享列入名单的，按列入名单的日期计为申请。",
    "同一笔贷款在一项政策下只补贴一次；未通过的不计入通过和拨付。",
    "企业户数按当期通过的申请计算，合计中同一企业只计一户。",
];

fn read(asked: &HashMap<String, String>) -> EffectAsk {
    let word = |name: &str| asked.get(name).map_or("", String::as_str);
    EffectAsk {
        year: word("year").parse().ok(),
        policy: word("policy").parse().ok(),
    }
}

fn address(year: i32, policy: Option<Uuid>) -> String {
    let policy = policy.map_or_else(String::new, |policy| format!("&policy={policy}"));
    format!("{EFFECTS}?year={year}{policy}")
}

fn filters(seen: &SeenEffects) -> Vec<Filter> {
    let policy = seen.chosen.as_ref().map(|offer| offer.policy);
    let this = local_date(seen.now).year();
    let years = (this - YEARS + 1..=this).rev().map(|year| {
        Link::new(format!("{year} 年"), address(year, policy)).current(year == seen.year)
    });
    let mut policies = vec![Link::new("全部", address(seen.year, None)).current(policy.is_none())];
    policies.extend(seen.policies.iter().map(|offer| {
        let href = address(seen.year, Some(offer.policy));
        Link::new(&offer.title, href).current(policy == Some(offer.policy))
    }));
    vec![
        Filter {
            label: "年份".to_owned(),
            options: years.collect(),
        },
        Filter {
            label: "政策".to_owned(),
            options: policies,
        },
    ]
}

fn yuan(cents: i64) -> String {
    Cents::new(cents).map_or_else(|_| "-".to_owned(), Cents::format_yuan)
}

/// What came of a policy in a span, each number with its rows.
fn figures(effect: &Effect, policy: Uuid, span: Span, open: bool) -> Vec<Cell> {
    let rows = |day| open.then(|| counted_href(policy, day, span));
    vec![
        Cell::count(effect.filed, rows(ClaimDay::Filed)),
        Cell::count(effect.approved, rows(ClaimDay::Approved)),
        Cell::text(yuan(effect.approved_cents)),
        Cell::count(effect.paid, rows(ClaimDay::Paid)),
        Cell::text(yuan(effect.paid_cents)),
        Cell::count(effect.enterprises, rows(ClaimDay::Approved)),
    ]
}

fn with_figures(table: Table) -> Table {
    table
        .column("申请（笔）", "num")
        .column("通过（笔）", "num")
        .column("通过金额（元）", "num")
        .column("拨付（笔）", "num")
        .column("拨付金额（元）", "num")
        .column("企业（户）", "num")
}

fn every(seen: &SeenEffects) -> Table {
    let table = Table::new(format!("{} 年各项政策的成效", seen.year)).column("政策", "wrap");
    let mut table = with_figures(table);
    for row in &seen.rows {
        let mut cells = vec![Cell::link(&row.title, address(seen.year, Some(row.policy)))];
        cells.extend(figures(&row.effect, row.policy, seen.span, seen.open));
        table.push(cells);
    }
    table
}

fn of_one(seen: &SeenEffects, offer: &SubsidyOffer) -> Table {
    let table = Table::new(format!("{}：{} 年各月", offer.title, seen.year))
        .column("月份", "nowrap")
        .column("符合条件的贷款（笔）", "num")
        .column("贷款金额（万元）", "num");
    let mut table = with_figures(table);
    let fitting = |number, span| {
        let href = seen.open.then(|| fitting::months_href(offer.policy, span));
        Cell::count(number, href)
    };
    let months = seen.months();
    for one in &months {
        let span = Span {
            from: one.month,
            to: month_end(one.month),
        };
        let mut cells = vec![
            Cell::text(month_words(one.month)),
            fitting(one.loans, span),
            Cell::text(format_sum_in_wan(one.loan_cents)),
        ];
        cells.extend(figures(&one.effect, offer.policy, span, seen.open));
        table.push(cells);
    }
    if !months.is_empty() {
        let (number, cents) = seen.fitting_total();
        let mut cells = vec![
            Cell::text("合计"),
            fitting(number, seen.span),
            Cell::text(format_sum_in_wan(cents)),
        ];
        cells.extend(figures(&seen.total, offer.policy, seen.span, seen.open));
        table.push(cells);
    }
    table
}

pub(super) fn page(seen: &SeenEffects) -> EffectsPage {
    let chosen = seen.chosen.as_ref();
    let policy = chosen.map(|offer| offer.policy);
    let here = chosen.map(|offer| Link::new(&offer.title, ""));
    EffectsPage {
        crumbs: effect_crumbs(here.as_slice()),
        title: chosen.map_or_else(|| EFFECTS_TITLE.to_owned(), |offer| offer.title.clone()),
        lead: if chosen.is_some() {
            "每月有多少贷款符合这项政策，申请、通过和拨付了多少。"
        } else {
            "每项政策带动了哪些贷款和补贴。打开一项政策，可以按月查看。"
        },
        filters: filters(seen),
        facts: chosen.map_or_else(Vec::new, policy_rows),
        workbook: address(seen.year, policy).replacen(EFFECTS, "/operator/policies/workbook", 1),
        // Of a 免申即享 policy the list is still to be made: what is not on it comes first.
        loans: chosen
            .filter(|_| seen.open)
            .map_or_else(String::new, |offer| {
                if offer.handling.is_listed() {
                    fitting::open_list(offer.policy)
                } else {
                    super::loans_href(offer.policy)
                }
            }),
        table: match chosen {
            Some(offer) => of_one(seen, offer),
            None => every(seen),
        },
        empty: if chosen.is_some() {
            "这一年没有符合条件的贷款，也没有申请。"
        } else {
            "还没有设置贴息或补贴规则的政策。"
        },
        definitions: DEFINITIONS,
    }
}

pub(super) async fn show(
    State(web): State<Web<SubsidyRoom>>,
    visit: StaffVisit,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let seen = web.uses.effects(visit.actor(), read(&asked)).await?;
    let page = page(&seen);
    let visit = visit.0.staff_console();
    Ok(visit.render(EffectsPage::TEMPLATE, EFFECTS_TITLE, &page))
}

/// What the page says, to take along.
pub(super) async fn take(
    State(web): State<Web<SubsidyRoom>>,
    visit: StaffVisit,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let ask = read(&asked);
    let actor = visit.actor().clone();
    let uses = web.uses.clone();
    let bytes = spawned(async move { uses.take_effects(&actor, ask).await }).await?;
    let day = local_date(visit.0.kit.clock().now());
    Ok(workbook(&format!("policies-{day}"), bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subsidies::samples::seen_effects;

    #[test]
    fn whoever_sees_totals_only_finds_no_way_to_a_row() {
        for chosen in [true, false] {
            let closed = serde_json::to_string(&page(&seen_effects(chosen, false))).unwrap();
            assert!(!closed.contains("/operator/subsidies"), "{closed}");
            assert!(!closed.contains("/loans"), "{closed}");
            let open = serde_json::to_string(&page(&seen_effects(chosen, true))).unwrap();
            assert!(open.contains("count=approved"), "{open}");
            assert_eq!(open.contains("/loans"), chosen, "{open}");
        }
    }
}

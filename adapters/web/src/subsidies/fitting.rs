//! Loans that a policy is for, and 列入名单 of a 免申即享 policy.

use std::collections::HashMap;

use application::{
    ports::{
        statistics::Span,
        subsidies::{FittingAsk, LoanCursor},
    },
    subsidies::{FittingLeaf, ListLoan, SeenOffer, SubsidyRoom},
};
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use domain::{calendar::parse_day, ids::DrawId};
use serde::Serialize;
use uuid::Uuid;

use super::{
    EFFECTS, effect_crumbs, loans_href,
    words::{loan_rows, loan_words, policy_rows, reckoned},
};
use crate::{
    console::{AskPage, told},
    errors::WebError,
    forms::{Field, FormView},
    kit::Web,
    operator::{read_span, span_words, write_span},
    parts::{Cell, Described, Filter, Link, Table},
    posted::{Form, once},
    proof,
    spawned::spawned,
    visit::{StaffVisit, id_of, posted_by_staff},
};

const TITLE: &str = "符合条件的贷款";

/// `subsidies/loans.html`.
#[derive(Serialize)]
pub(super) struct LoansPage {
    pub crumbs: Vec<Link>,
    pub title: String,
    pub lead: &'static str,
    pub facts: Vec<Described>,
    pub filters: Vec<Filter>,
    pub table: Table,
    pub first: String,
    pub next: String,
}

impl LoansPage {
    pub const TEMPLATE: &'static str = "subsidies/loans.html";
}

type Asked = HashMap<String, String>;

/// Loans of these months, as a figure of 政策成效 leads to them.
pub(super) fn months_href(policy: Uuid, span: Span) -> String {
    format!("{}?{}", loans_href(policy), write_span(span))
}

fn read(asked: &Asked) -> FittingAsk {
    let word = |name: &str| asked.get(name).map_or("", String::as_str);
    let after = word("after").split_once('_').and_then(|(day, id)| {
        Some(LoanCursor {
            on: parse_day(day)?,
            draw: DrawId(id.parse().ok()?),
        })
    });
    FittingAsk {
        span: read_span(asked),
        unclaimed: word("show") == "open",
        after,
        most: 0,
    }
}

fn address(policy: Uuid, ask: &FittingAsk) -> String {
    let mut pairs = Vec::new();
    if let Some(span) = ask.span {
        pairs.push(write_span(span));
    }
    if ask.unclaimed {
        pairs.push("show=open".to_owned());
    }
    if let Some(after) = ask.after {
        pairs.push(format!("after={}_{}", after.on, after.draw));
    }
    let base = loans_href(policy);
    if pairs.is_empty() {
        base
    } else {
        format!("{base}?{}", pairs.join("&"))
    }
}

fn filters(policy: Uuid, ask: &FittingAsk) -> Vec<Filter> {
    let start = FittingAsk {
        after: None,
        ..*ask
    };
    let show = |unclaimed: bool, label: &str| {
        let other = FittingAsk { unclaimed, ..start };
        Link::new(label, address(policy, &other)).current(ask.unclaimed == unclaimed)
    };
    let mut filters = vec![Filter {
        label: "范围".to_owned(),
        options: vec![show(false, "全部"), show(true, "尚未申请或列入名单")],
    }];
    if let Some(span) = ask.span {
        let whole = FittingAsk {
            span: None,
            ..start
        };
        filters.push(Filter {
            label: "放款月份".to_owned(),
            options: vec![
                Link::new(span_words(span), address(policy, &start)).current(true),
                Link::new("不限月份", address(policy, &whole)),
            ],
        });
    }
    filters
}

pub(super) fn page(leaf: &FittingLeaf, ask: &FittingAsk) -> LoansPage {
    let offer = &leaf.offer;
    let policy = offer.policy;
    let lists = leaf.may_list && ask.unclaimed;
    let mut table = Table::new(TITLE)
        .column("企业名称", "name")
        .column("贷款", "")
        .column("放款金额（万元）", "num")
        .column("放款日期", "nowrap")
        .column("到期日期", "nowrap")
        .column("补贴金额（元）", "num");
    if lists {
        table = table.column("操作", "nowrap");
    }
    for (facts, granted) in &leaf.rows {
        let loan = &facts.loan;
        let mut cells = vec![
            Cell::text(&facts.enterprise_name),
            Cell::link(
                loan_words(&facts.application_no, facts.number),
                format!("/operator/applications/{}", facts.application),
            )
            .second(&facts.branch_name),
            Cell::text(loan.amount.format_wan()),
            Cell::text(loan.on.to_string()),
            Cell::text(
                loan.due_on
                    .map_or_else(|| "-".to_owned(), |d| d.to_string()),
            ),
            Cell::text(granted.map_or_else(|| "-".to_owned(), |g| g.sum.format_yuan())),
        ];
        if lists {
            let href = format!("{}/{}", loans_href(policy), facts.draw);
            cells.push(Cell::links(vec![Link::new("列入名单", href)]));
        }
        table.push(cells);
    }
    let next = leaf.next.map(|after| FittingAsk {
        after: Some(after),
        ..*ask
    });
    LoansPage {
        crumbs: effect_crumbs(&[
            Link::new(&offer.title, format!("{EFFECTS}?policy={policy}")),
            Link::new(TITLE, ""),
        ]),
        title: offer.title.clone(),
        lead: if offer.handling.is_listed() {
            "企业已确认放款、符合政策条件的贷款，先放款的在前。免申即享由平台列入名单，再由另一人复核，企业无需申请。"
        } else {
            "企业已确认放款、符合政策条件的贷款，先放款的在前。由企业在“放款与还款”中申请。"
        },
        facts: policy_rows(offer),
        filters: filters(policy, ask),
        table,
        first: if ask.after.is_some() {
            address(
                policy,
                &FittingAsk {
                    after: None,
                    ..*ask
                },
            )
        } else {
            String::new()
        },
        next: next.map_or_else(String::new, |next| address(policy, &next)),
    }
}

pub(super) async fn list(
    State(web): State<Web<SubsidyRoom>>,
    visit: StaffVisit,
    Path(policy): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let ask = read(&asked);
    let leaf = web
        .uses
        .fitting(visit.actor(), id_of(&policy)?, ask)
        .await?;
    let page = page(&leaf, &ask);
    let visit = visit.0.staff_console().standing_at(EFFECTS);
    Ok(visit.render(LoansPage::TEMPLATE, TITLE, &page))
}

/// Where the list is made.
pub(super) fn open_list(policy: Uuid) -> String {
    format!("{}?show=open", loans_href(policy))
}

pub(super) fn ask_page(seen: &SeenOffer, key: &str) -> AskPage {
    let (offer, facts) = (&seen.offer, &seen.facts);
    let back = open_list(offer.policy);
    let mut rows = vec![
        Described::new("企业名称", &facts.enterprise_name),
        Described::new("政策", &offer.title),
        Described::new("贷款", loan_words(&facts.application_no, facts.number)),
    ];
    rows.extend(loan_rows(facts));
    rows.push(Described::cell(
        "补贴金额",
        reckoned(seen.granted, &offer.conditions.terms, facts),
    ));
    AskPage {
        title: "要把这笔贷款列入免申即享名单吗？".to_owned(),
        lead: "列入后由另一人复核，企业会收到消息。企业无需申请。".to_owned(),
        crumbs: effect_crumbs(&[
            Link::new(&offer.title, back.as_str()),
            Link::new("列入名单", ""),
        ]),
        rows,
        form: FormView::new(format!("{}/{}", loans_href(offer.policy), facts.draw))
            .key(key)
            .with(Field::hidden("shown", seen.granted.sum.cents().to_string())),
        yes: "列入名单",
        no: "返回",
        back,
        danger: false,
    }
}

pub(super) async fn ask(
    State(web): State<Web<SubsidyRoom>>,
    visit: StaffVisit,
    Path((policy, draw)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let (policy, draw) = (id_of(&policy)?, DrawId(id_of(&draw)?));
    let found = web.uses.to_list(visit.actor(), policy, draw).await;
    if found.is_ok()
        && let Some(to_proof) = proof::first(&visit.0)
    {
        return Ok(to_proof);
    }
    let visit = visit.0.staff_console().standing_at(EFFECTS);
    match found {
        Ok(seen) => {
            let key = visit.kit.tokens().one_time();
            Ok(ask_page(&seen, &key).drawn(&visit, None))
        }
        Err(error) => told(&visit, error, &open_list(policy)),
    }
}

pub(super) async fn enlist(
    State(web): State<Web<SubsidyRoom>>,
    Path((policy, draw)): Path<(String, String)>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let (policy, draw) = (id_of(&policy)?, DrawId(id_of(&draw)?));
    let visit = visit.staff_console().standing_at(EFFECTS);
    let once = once(&posted)?;
    if web.uses.to_list(&actor, policy, draw).await.is_ok()
        && let Some(to_proof) = proof::carry(&visit)
    {
        return Ok(to_proof);
    }
    let ask = ListLoan {
        policy,
        draw,
        shown: posted.get("shown").to_owned(),
        once,
    };
    let uses = web.uses.clone();
    match spawned(async move { uses.enlist(&actor, ask).await }).await {
        Ok(()) => Ok(visit.redirect(
            &open_list(policy),
            Some(("success", "已列入名单，请另一人在“贴息申请”中复核。")),
        )),
        Err(error) => told(&visit, error, &open_list(policy)),
    }
}

#[cfg(test)]
mod tests {
    use application::statistics::month_end;

    use super::*;
    use crate::operator::read_month;

    #[test]
    fn a_page_of_loans_is_read_back_from_its_address() {
        let ask = FittingAsk {
            span: Some(Span {
                from: read_month("2026-11").unwrap(),
                to: month_end(read_month("2026-12").unwrap()),
            }),
            unclaimed: true,
            after: Some(LoanCursor {
                on: parse_day("2026-11-25").unwrap(),
                draw: DrawId(Uuid::from_u128(7)),
            }),
            most: 0,
        };
        let href = address(Uuid::nil(), &ask);
        let (_, query) = href.split_once('?').unwrap();
        let asked: Asked = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .collect();
        assert_eq!(read(&asked), ask);
    }
}

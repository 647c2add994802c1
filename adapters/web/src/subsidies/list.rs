//! The lists: an enterprise's own claims, and 贴息申请 of the city with what waits the longest first.

use std::collections::HashMap;

use application::{
    ports::{
        branch_board::{Cursor, Leaf},
        statistics::Span,
        subsidy_claims::{Claim, ClaimAsk, ClaimCursor, ClaimDay, ClaimList},
    },
    subsidies::{ClaimLeaf, SubsidyRoom},
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Serialize;
use uuid::Uuid;

use super::{
    CITY, CITY_TITLE, OWN, OWN_TITLE, city_crumbs, city_href, own_crumbs, own_href,
    words::{latest, loan_words, status_tag},
};
use crate::{
    branch::{leaf, write_cursor},
    errors::WebError,
    kit::Web,
    operator::{read_span, span_words, write_span},
    parts::{Cell, Filter, Link, Table},
    show,
    visit::{EnterpriseVisit, StaffVisit},
};

/// `subsidies/list.html`.
#[derive(Serialize)]
pub(super) struct ListPage {
    pub crumbs: Vec<Link>,
    pub title: &'static str,
    pub lead: &'static str,
    pub filters: Vec<Filter>,
    pub table: Table,
    /// Where the list begins again; empty: this is its beginning.
    pub first: String,
    pub next: String,
    pub empty: &'static str,
    pub way: Link,
}

impl ListPage {
    pub const TEMPLATE: &'static str = "subsidies/list.html";
}

/// What the address asks for.
type Asked = HashMap<String, String>;

fn read(asked: &Asked) -> ClaimAsk {
    let word = |name: &str| asked.get(name).map_or("", String::as_str);
    let policy: Option<Uuid> = word("policy").parse().ok();
    let counted = ClaimDay::from_code(word("count")).zip(read_span(asked));
    let after = match leaf(asked) {
        Leaf::After(Cursor { at: Some(at), id }) => Some(ClaimCursor { at, id }),
        _ => None,
    };
    ClaimAsk {
        list: ClaimList::from_code(word("list")).unwrap_or(ClaimList::Open),
        policy,
        counted,
        after,
        most: 0,
    }
}

/// The list behind a figure of 政策成效.
pub(super) fn counted_href(policy: Uuid, day: ClaimDay, span: Span) -> String {
    address(&ClaimAsk {
        list: ClaimList::All,
        policy: Some(policy),
        counted: Some((day, span)),
        after: None,
        most: 0,
    })
}

/// The same as it is read.
fn address(ask: &ClaimAsk) -> String {
    let mut href = format!("{CITY}?list={}", ask.list.code());
    if let Some(policy) = ask.policy {
        href.push_str(&format!("&policy={policy}"));
    }
    if let Some((day, span)) = ask.counted {
        href.push_str(&format!("&count={}&{}", day.code(), write_span(span)));
    }
    href
}

fn after(cursor: ClaimCursor) -> String {
    write_cursor(Cursor {
        at: Some(cursor.at),
        id: cursor.id,
    })
}

fn filters(ask: &ClaimAsk, leaf: &ClaimLeaf) -> Vec<Filter> {
    let lists = ClaimList::ALL.iter().map(|list| {
        let other = ClaimAsk {
            list: *list,
            ..*ask
        };
        Link::new(list.zh(), address(&other)).current(*list == ask.list)
    });
    let mut filters = vec![Filter {
        label: "范围".to_owned(),
        options: lists.collect(),
    }];
    if !leaf.policies.is_empty() {
        let every = ClaimAsk {
            policy: None,
            ..*ask
        };
        let mut options = vec![Link::new("全部", address(&every)).current(ask.policy.is_none())];
        options.extend(leaf.policies.iter().map(|(policy, title)| {
            let policy = Some(*policy);
            let one = ClaimAsk { policy, ..*ask };
            Link::new(title, address(&one)).current(ask.policy == policy)
        }));
        filters.push(Filter {
            label: "政策".to_owned(),
            options,
        });
    }
    if let Some((day, span)) = ask.counted {
        let months = span_words(span);
        let whole = ClaimAsk {
            counted: None,
            ..*ask
        };
        filters.push(Filter {
            label: "统计口径".to_owned(),
            options: vec![
                Link::new(format!("{months}{}", day.zh()), address(ask)).current(true),
                Link::new("不限月份", address(&whole)),
            ],
        });
    }
    filters
}

fn sum(claim: &Claim) -> Cell {
    let cell = Cell::text(claim.sum.format_yuan());
    match &claim.paid {
        Some(paid) if paid.sum != claim.sum => {
            cell.second(format!("实拨 {}", paid.sum.format_yuan()))
        }
        _ => cell,
    }
}

fn own_table(rows: &[Claim]) -> Table {
    let mut table = Table::new(OWN_TITLE)
        .column("政策", "wrap")
        .column("贷款", "")
        .column("补贴金额（元）", "num")
        .column("提交时间", "nowrap")
        .column("状态", "");
    for claim in rows {
        let tag = status_tag(claim.status, true);
        let mut since = latest(claim);
        if !claim.refusal.is_empty() {
            since = format!("{since}，原因：{}", claim.refusal);
        }
        let state = Cell::tag(tag.label, tag.kind).second(since);
        table.push(vec![
            Cell::link(&claim.policy_title, own_href(claim.id)).second(claim.origin.zh()),
            Cell::text(loan_words(&claim.application_no, claim.draw_number)),
            sum(claim),
            Cell::text(show::minute(claim.filed_at)),
            state,
        ]);
    }
    table
}

fn city_table(rows: &[Claim]) -> Table {
    let mut table = Table::new(CITY_TITLE)
        .column("企业名称", "name")
        .column("政策", "wrap")
        .column("贷款", "")
        .column("补贴金额（元）", "num")
        .column("提交时间", "nowrap")
        .column("状态", "nowrap");
    for claim in rows {
        let tag = status_tag(claim.status, false);
        table.push(vec![
            Cell::link(&claim.enterprise_name, city_href(claim.id)),
            Cell::text(&claim.policy_title).second(claim.origin.zh()),
            Cell::text(loan_words(&claim.application_no, claim.draw_number)),
            sum(claim),
            Cell::text(show::minute(claim.filed_at)),
            Cell::tag(tag.label, tag.kind).second(latest(claim)),
        ]);
    }
    table
}

pub(super) fn own_page(leaf: &ClaimLeaf, begun: bool) -> ListPage {
    ListPage {
        crumbs: own_crumbs(&[]),
        title: OWN_TITLE,
        lead: "按政策申请的贴息和补贴，以及平台列入免申即享名单的贷款。可以申请的政策在“放款与还款”中每笔放款下方。",
        filters: Vec::new(),
        table: own_table(&leaf.rows),
        first: if begun { OWN } else { "" }.to_owned(),
        next: leaf
            .next
            .map_or_else(String::new, |next| format!("{OWN}?after={}", after(next))),
        empty: "还没有贴息申请。",
        way: Link::new("查看在贷总览", "/enterprise/loans"),
    }
}

pub(super) fn city_page(ask: &ClaimAsk, leaf: &ClaimLeaf) -> ListPage {
    let here = address(ask);
    ListPage {
        crumbs: city_crumbs(&[]),
        title: CITY_TITLE,
        lead: "先提交的在前。通过须由两人分别办理：一人初审，另一人复核；拨付后登记日期和金额。",
        filters: filters(ask, leaf),
        table: city_table(&leaf.rows),
        next: leaf
            .next
            .map_or_else(String::new, |next| format!("{here}&after={}", after(next))),
        first: if ask.after.is_some() {
            here
        } else {
            String::new()
        },
        empty: "没有符合条件的贴息申请。",
        way: Link::new("查看政策成效", super::EFFECTS),
    }
}

pub(super) async fn own(
    State(web): State<Web<SubsidyRoom>>,
    visit: EnterpriseVisit,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let ask = ClaimAsk {
        list: ClaimList::All,
        policy: None,
        counted: None,
        ..read(&asked)
    };
    let leaf = web.uses.list(visit.actor(), ask).await?;
    let page = own_page(&leaf, ask.after.is_some());
    let visit = visit.0.enterprise_console();
    Ok(visit.render(ListPage::TEMPLATE, OWN_TITLE, &page))
}

pub(super) async fn city(
    State(web): State<Web<SubsidyRoom>>,
    visit: StaffVisit,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let ask = read(&asked);
    let leaf = web.uses.list(visit.actor(), ask).await?;
    let page = city_page(&ask, &leaf);
    let visit = visit.0.staff_console();
    Ok(visit.render(ListPage::TEMPLATE, CITY_TITLE, &page))
}

#[cfg(test)]
mod tests {
    use application::statistics::month_end;

    use super::*;
    use crate::operator::read_month;

    #[test]
    fn the_address_of_a_figure_is_read_back() {
        let span = Span {
            from: read_month("2026-02").unwrap(),
            to: month_end(read_month("2026-05").unwrap()),
        };
        let href = counted_href(Uuid::from_u128(7), ClaimDay::Paid, span);
        let (_, query) = href.split_once('?').unwrap();
        let asked: Asked = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .collect();
        let ask = read(&asked);
        assert_eq!(ask.policy, Some(Uuid::from_u128(7)));
        assert_eq!(ask.counted, Some((ClaimDay::Paid, span)));
        assert_eq!(read(&Asked::new()).list, ClaimList::Open);
    }
}

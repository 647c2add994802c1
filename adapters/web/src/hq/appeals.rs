//! 复议与更正: what waits for a second look.

use std::collections::HashMap;

use application::{
    access::Actor,
    appeal::AppealList,
    approval::ProposedTerms,
    ports::appeals::{Appeal, AppealCursor},
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::tenant::Role;
use serde::Serialize;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Hq, crumbs};
use crate::{
    branch::capped,
    errors::WebError,
    kit::Web,
    matter::base,
    parts::{Cell, Described, Link, Table},
    show,
    visit::StaffVisit,
};

#[derive(Serialize)]
pub(super) struct AppealsPage {
    pub crumbs: Vec<Link>,
    pub appeals: Table,
    pub total: String,
    pub first: String,
    pub next: String,
    pub corrections: Table,
    /// Why nothing opens here; empty: this person settles them.
    pub why_not: &'static str,
}

impl AppealsPage {
    pub const TEMPLATE: &'static str = "hq/appeals.html";
}

pub(super) async fn list(
    State(web): State<Web<Hq>>,
    visit: StaffVisit,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let after = asked.get("after").and_then(|text| read(text));
    let list = web.uses.appeals.list(visit.actor(), after).await?;
    let page = page(&list, visit.actor(), after.is_some());
    Ok(visit
        .0
        .staff_console()
        .render(AppealsPage::TEMPLATE, "复议与更正", &page))
}

fn read(text: &str) -> Option<AppealCursor> {
    let (at, id) = text.split_once('_')?;
    let micros: i64 = at.parse().ok()?;
    Some(AppealCursor {
        at: OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000).ok()?,
        id: Uuid::try_parse(id).ok()?,
    })
}

fn write(appeal: &Appeal) -> String {
    let micros = appeal.asked_at.unix_timestamp_nanos() / 1_000;
    format!("{micros}_{}", appeal.application)
}

fn page(list: &AppealList, actor: &Actor, later: bool) -> AppealsPage {
    let next = list
        .appeals
        .last()
        .filter(|_| list.after)
        .map_or_else(String::new, |last| {
            format!("/hq/appeals?after={}", write(last))
        });
    AppealsPage {
        crumbs: crumbs("复议与更正"),
        appeals: appeals(list),
        total: capped(list.total),
        first: if later { "/hq/appeals" } else { "" }.to_owned(),
        next,
        corrections: corrections(list, actor),
        why_not: if list.may_settle || list.appeals.is_empty() {
            ""
        } else {
            "复议申请由总行审批人处理，您可以查看融资需求。"
        },
    }
}

fn appeals(list: &AppealList) -> Table {
    let mut table = Table::new("待处理的复议申请")
        .column("申请编号", "nowrap")
        .column("企业名称", "name")
        .column("融资金额（万元）", "num")
        .column("受理支行", "")
        .column("申请复议的理由", "wrap")
        .column("提出时间", "nowrap");
    for appeal in &list.appeals {
        table.push(vec![
            Cell::link(
                &appeal.number,
                if list.may_settle {
                    format!("/hq/appeals/{}", appeal.application)
                } else {
                    base(appeal.application)
                },
            ),
            Cell::text(&appeal.enterprise_name).second(&appeal.product_name),
            Cell::text(appeal.amount.format_wan()),
            Cell::text(&appeal.handler_name),
            Cell::text(&appeal.facts),
            Cell::text(show::minute(appeal.asked_at)),
        ]);
    }
    table
}

fn corrections(list: &AppealList, actor: &Actor) -> Table {
    let mut table = Table::new("待复核的更正申请")
        .column("申请编号", "nowrap")
        .column("企业名称", "name")
        .column("现为", "nowrap")
        .column("更正原因", "wrap")
        .column("提出人", "nowrap")
        .column("操作", "nowrap");
    for one in &list.corrections {
        let here = format!("/hq/corrections/{}", one.id);
        // The second look is another person's; the first one may take it back.
        let (number, deed) = if one.asked_by == actor.user {
            (
                Cell::link(&one.number, base(one.application)).second("您提出的，由另一位人员复核"),
                Link::new("撤回", format!("{here}/withdraw")),
            )
        } else {
            (
                Cell::link(&one.number, here.as_str()),
                Link::new("复核", here.as_str()),
            )
        };
        table.push(vec![
            number,
            Cell::text(&one.enterprise_name).second(&one.handler_name),
            Cell::text(one.stage.zh()),
            Cell::text(&one.reason),
            Cell::text(&one.asked_name).second(show::minute(one.asked_at)),
            Cell::links(vec![deed]),
        ]);
    }
    table
}

/// 支行审批人, 总行审批人 one after another.
pub(super) fn steps_text(steps: &[Role]) -> String {
    let words: Vec<&str> = steps.iter().map(|role| role.zh()).collect();
    words.join("，再由")
}

/// What will be put before the approvers.
pub(super) fn proposed_rows(proposed: &ProposedTerms, steps: &[Role]) -> Vec<Described> {
    vec![
        Described::new(
            "提交审批的条件",
            format!(
                "{}，{}，{}，有效期至 {}",
                show::money(proposed.amount),
                show::term(proposed.term),
                show::rate(proposed.rate),
                proposed.valid_until
            ),
        ),
        Described::new("审批流程", steps_text(steps)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_that_is_not_ours_is_no_cursor() {
        for bad in ["", "1", "x_y", "1_2", "99999999999999999999_0"] {
            assert_eq!(read(bad), None, "{bad}");
        }
        let id = Uuid::from_u128(7);
        let cursor = read(&format!("1000000_{id}")).expect("a cursor");
        assert_eq!((cursor.at.unix_timestamp(), cursor.id), (1, id));
    }
}

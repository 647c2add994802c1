//! One institution: its public facts, its people, its branches, and its pauses.

use application::{
    institutions::InstitutionCase,
    people::Listed,
    ports::{
        institution_desk::{DeskBranch, Suspension},
        supervision::HoldStatus,
    },
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::ids::TenantId;
use serde::Serialize;

use super::{Room, base, crumbs, open_cell, state_tag};
use crate::{
    errors::WebError,
    parts::{Cell, Described, Link, Table, Tag, TagKind},
    show,
    two_people::reasons,
    visit::{StaffVisit, id_of},
};

/// `institutions/detail.html`.
#[derive(Serialize)]
pub(super) struct DetailPage {
    pub crumbs: Vec<Link>,
    pub name: String,
    pub tag: Tag,
    pub edit_href: String,
    pub suspend_href: String,
    pub suspend_label: &'static str,
    pub waiting: Option<Waiting>,
    pub facts: Vec<Described>,
    pub figures: Vec<Described>,
    pub people: Table,
    pub people_href: String,
    pub branches: Table,
    pub suspensions: Table,
}

impl DetailPage {
    pub const TEMPLATE: &'static str = "institutions/detail.html";
}

/// A request that waits for a second person.
#[derive(Serialize)]
pub(super) struct Waiting {
    pub title: String,
    pub text: String,
    pub hint: String,
    pub confirm: String,
    pub decline: String,
    pub yes: String,
    /// For the one who asked.
    pub withdraw: String,
}

fn waiting(case: &InstitutionCase) -> Option<Waiting> {
    let one = case.open_suspension()?;
    let href = base(one.institution);
    let settle = case.powers.settle;
    let path = |path: &str| {
        if settle {
            format!("{href}/suspend/{path}")
        } else {
            String::new()
        }
    };
    Some(Waiting {
        title: format!("{}申请{}，等待另一人确认", one.asked_name, one.kind.zh()),
        text: format!("原因：{}（{}）", one.reason, show::minute(one.asked_at)),
        hint: if settle {
            String::new()
        } else {
            "需由另一位平台运营人员确认，申请人自己不能确认。".to_owned()
        },
        confirm: path("confirm"),
        decline: path("decline"),
        yes: format!("确认{}", one.kind.zh()),
        withdraw: if case.powers.withdraw {
            format!("{href}/suspend/withdraw")
        } else {
            String::new()
        },
    })
}

pub(super) fn facts(case: &InstitutionCase) -> Vec<Described> {
    let facts = &case.institution.facts;
    let row = |label: &str, text: &str| {
        Described::new(label, if text.is_empty() { "未填写" } else { text })
    };
    vec![
        row("机构名称", &facts.name),
        row("简称", &facts.short_name),
        row("机构类型", &facts.kind_label),
        row("许可证编号", &facts.licence_no),
        row("客服电话", &facts.hotline),
        row("地址", &facts.address),
        row("简介", &facts.intro),
    ]
}

fn people(rows: &[Listed]) -> Table {
    let mut table = Table::new("总部人员")
        .column("姓名", "nowrap")
        .column("角色", "")
        .column("手机号", "nowrap")
        .column("状态", "nowrap");
    for one in rows {
        let person = &one.person;
        let (word, kind) = crate::people::status(&person.status);
        table.push(vec![
            Cell::text(&person.name).second(&person.account),
            Cell::text(crate::people::role_words(&person.roles)),
            Cell::text(&one.phone_masked),
            Cell::tag(word, kind),
        ]);
    }
    table
}

fn branches(web: &Room, rows: &[DeskBranch]) -> Table {
    let mut table = Table::new("支行")
        .column("支行名称", "")
        .column("所在区县", "")
        .column("电话", "nowrap")
        .column("人员", "num")
        .column("办理中", "num")
        .column("状态", "nowrap");
    for row in rows {
        let tag = if row.suspended {
            Tag::new("已停用", TagKind::Neutral)
        } else {
            Tag::new("在用", TagKind::Success)
        };
        table.push(vec![
            Cell::text(&row.name),
            Cell::text(web.uses.county(&row.region_code)),
            Cell::text(&row.phone),
            Cell::text(format!("{} 人", row.people)),
            open_cell("branch", row.id, row.open),
            Cell::tag(tag.label, tag.kind),
        ]);
    }
    table
}

fn suspensions(rows: &[Suspension]) -> Table {
    let mut table = Table::new("暂停与恢复记录")
        .column("事项", "nowrap")
        .column("申请人", "nowrap")
        .column("原因", "wrap")
        .column("处理", "");
    for one in rows {
        let settled = match (one.status, one.settled_at) {
            (HoldStatus::Open, _) | (_, None) => Cell::text(one.status.zh()),
            (status, Some(at)) => {
                Cell::text(format!("{}{}", one.settled_name, status.zh())).second(show::minute(at))
            }
        };
        table.push(vec![
            Cell::text(one.kind.zh()),
            Cell::text(&one.asked_name).second(show::minute(one.asked_at)),
            reasons(&one.reason, &one.withdrawal),
            settled,
        ]);
    }
    table
}

fn page(web: &Room, case: &InstitutionCase) -> DetailPage {
    let one = &case.institution;
    let href = base(one.id);
    let path = |there: bool, path: &str| {
        if there {
            format!("{href}/{path}")
        } else {
            String::new()
        }
    };
    DetailPage {
        crumbs: crumbs(&[(&one.facts.name, "")]),
        name: one.facts.name.clone(),
        tag: state_tag(one.suspended),
        edit_href: path(case.powers.save, "edit"),
        suspend_href: path(case.powers.ask, "suspend"),
        suspend_label: if one.suspended {
            "申请恢复受理"
        } else {
            "申请暂停受理"
        },
        waiting: waiting(case),
        facts: facts(case),
        figures: vec![
            Described::new("入驻时间", show::minute(one.since)),
            Described::new("支行", format!("{} 家", one.branches)),
            Described::new("在架产品", format!("{} 款", one.products)),
            Described::cell("办理中", open_cell("bank", one.id, one.open)),
        ],
        people: people(&case.people),
        people_href: if case.powers.save {
            format!("/operator/people?node={}", one.id)
        } else {
            String::new()
        },
        branches: branches(web, &case.branches),
        suspensions: suspensions(&case.suspensions),
    }
}

pub(super) async fn detail(
    State(web): State<Room>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = TenantId(id_of(&id)?);
    let case = web.uses.view(visit.actor(), id).await?;
    let page = page(&web, &case);
    Ok(visit
        .0
        .staff_console()
        .render(DetailPage::TEMPLATE, &page.name, &page))
}

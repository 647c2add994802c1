//! The institutions of the city with their figures, and what waits for a second person.

use application::{
    institutions::InstitutionList,
    ports::institution_desk::{DeskInstitution, Suspension},
};
use axum::{extract::State, response::Response};
use serde::Serialize;

use super::{LIST, Room, TITLE, base, crumbs, open_cell, state_tag};
use crate::{
    errors::WebError,
    parts::{Cell, Link, Table},
    show,
    visit::StaffVisit,
};

/// `institutions/list.html`.
#[derive(Serialize)]
pub(super) struct ListPage {
    pub crumbs: Vec<Link>,
    /// Empty for those who only look.
    pub new_href: String,
    pub waiting: Table,
    pub total: String,
    pub table: Table,
}

impl ListPage {
    pub const TEMPLATE: &'static str = "institutions/list.html";
}

fn table(rows: &[DeskInstitution]) -> Table {
    let mut table = Table::new("金融机构")
        .column("机构名称", "")
        .column("类型", "")
        .column("支行", "num")
        .column("在架产品", "num")
        .column("办理中", "num")
        .column("总部人员", "num")
        .column("状态", "nowrap");
    for row in rows {
        let tag = state_tag(row.suspended);
        table.push(vec![
            Cell::link(&row.facts.name, base(row.id)).second(&row.facts.licence_no),
            Cell::text(&row.facts.kind_label),
            Cell::text(format!("{} 家", row.branches)),
            Cell::text(format!("{} 款", row.products)),
            open_cell("bank", row.id, row.open),
            Cell::text(format!("{} 人", row.people)),
            Cell::tag(tag.label, tag.kind),
        ]);
    }
    table
}

fn waiting(rows: &[Suspension]) -> Table {
    let mut table = Table::new("等待第二人确认的申请")
        .column("机构名称", "")
        .column("事项", "nowrap")
        .column("申请人", "nowrap")
        .column("原因", "wrap");
    for one in rows {
        table.push(vec![
            Cell::link(&one.institution_name, base(one.institution)),
            Cell::text(one.kind.zh()),
            Cell::text(&one.asked_name).second(show::minute(one.asked_at)),
            Cell::text(&one.reason),
        ]);
    }
    table
}

pub(super) async fn list(State(web): State<Room>, visit: StaffVisit) -> Result<Response, WebError> {
    let InstitutionList {
        institutions,
        suspensions,
        may_save,
    } = web.uses.list(visit.actor()).await?;
    let paused = institutions.iter().filter(|i| i.suspended).count();
    let page = ListPage {
        crumbs: crumbs(&[]),
        new_href: if may_save {
            format!("{LIST}/new")
        } else {
            String::new()
        },
        waiting: waiting(&suspensions),
        total: format!("共 {} 家，其中 {paused} 家暂停受理", institutions.len()),
        table: table(&institutions),
    };
    Ok(visit
        .0
        .staff_console()
        .render(ListPage::TEMPLATE, TITLE, &page))
}

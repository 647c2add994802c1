//! The list with its counts, and the file that brings new ones.

use std::collections::HashMap;

use application::{
    error::Kind,
    ports::{
        imports::{ImportKind, StoredImport},
        referrals::ReferralFilter,
    },
    referrals::{PAGE, ReferralList},
};
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use domain::referral::ReferralStatus;

use super::{
    Room, base_of, crumbs,
    pages::{ImportPage, ListPage},
    status_tag,
};
use crate::{
    branch::staff,
    console::{show_errors, told},
    errors::WebError,
    forms::{Field, FormView},
    imports::sent,
    parts::{Cell, Figure, Filter, Link, Pager, Table},
    posted::Form,
    show::{self as shown, or_dash},
    spawned::spawned_holding,
    visit::{StaffVisit, Visit, asking, sought},
};

const XLSX: &str = ".xlsx,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

pub(super) async fn show(
    State(web): State<Room>,
    visit: StaffVisit,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let base = base_of(&visit.0)?;
    let word = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
    let keyword = sought(word("q"));
    let filter = ReferralFilter {
        status: ReferralStatus::from_code(word("status")),
        unassigned: word("status") == "unassigned",
        keyword: (!keyword.is_empty()).then(|| keyword.clone()),
    };
    let page = word("page").parse().unwrap_or(1_i64);
    let list = web
        .uses
        .referrals
        .list(visit.actor(), &filter, page)
        .await?;
    let content = list_page(base, &list, word("status"), &keyword, page);
    Ok(visit
        .0
        .staff_console()
        .render(ListPage::TEMPLATE, "推荐清单", &content))
}

fn href(base: &str, status: &str, keyword: &str, page: u64) -> String {
    let page = (page > 1).then(|| page.to_string());
    let page = page.as_deref().unwrap_or_default();
    asking(base, &[("status", status), ("q", keyword), ("page", page)])
}

fn list_page(base: &str, list: &ReferralList, status: &str, keyword: &str, page: i64) -> ListPage {
    let hq = base == "/hq/referrals";
    let total = |status| {
        let found = list.counts.iter().find(|(s, _)| *s == status);
        found.map_or(0, |(_, count)| *count)
    };
    let figure = |status: ReferralStatus| Figure {
        label: status.zh().to_owned(),
        value: total(status).to_string(),
        unit: "户".to_owned(),
        href: href(base, status.code(), "", 1),
        kind: if status == ReferralStatus::Waiting && total(status) > 0 {
            "warning".into()
        } else {
            String::new()
        },
        ..Figure::default()
    };
    let option = |code: &str, label: &str| {
        Link::new(label, href(base, code, keyword, 1)).current(status == code)
    };
    let mut options = vec![option("", "全部")];
    options.extend(ReferralStatus::ALL.iter().map(|s| option(s.code(), s.zh())));
    if hq {
        let label = format!("待分配（{}）", list.unassigned);
        options.push(option("unassigned", &label));
    }
    let unsigned = |n: i64| u64::try_from(n).unwrap_or(0);
    ListPage {
        lead: if hq {
            "政府部门和合作单位推荐的企业。每户企业分配给一家支行，逐户联系、走访并登记结果。"
        } else {
            "分配给本支行的推荐企业。请逐户联系、走访并登记结果。"
        },
        stats: ReferralStatus::ALL.iter().map(|s| figure(*s)).collect(),
        filters: vec![Filter {
            label: "状态".into(),
            options,
        }],
        base: base.to_owned(),
        status: status.to_owned(),
        keyword: keyword.to_owned(),
        filtered: !status.is_empty() || !keyword.is_empty(),
        table: table(base, list),
        pager: Pager::new(
            unsigned(list.found),
            unsigned(page),
            unsigned(PAGE),
            |page| href(base, status, keyword, page),
        ),
        import: if hq && list.may_import {
            "/hq/referrals/import".into()
        } else {
            String::new()
        },
    }
}

fn table(base: &str, list: &ReferralList) -> Table {
    let mut table = Table::new("推荐企业")
        .column("企业名称", "name")
        .column("推荐来源", "")
        .column("联系人", "nowrap")
        .column("跟进支行", "")
        .column("最近跟进", "nowrap")
        .column("状态", "nowrap");
    for row in &list.rows {
        let status = status_tag(row.status);
        table.push(vec![
            Cell::link(&row.company_name, format!("{base}/{}", row.id)).second(&row.credit_code),
            Cell::text(or_dash(&row.source)),
            Cell::text(or_dash(&row.contact_shown)),
            Cell::text(if row.branch.is_some() {
                row.branch_name.as_str()
            } else {
                "待分配"
            }),
            Cell::text(shown::minute(row.changed_at)).second(&row.changed_name),
            Cell::tag(status.label, status.kind),
        ]);
    }
    table
}

pub(super) async fn form(State(web): State<Room>, visit: StaffVisit) -> Result<Response, WebError> {
    let kinds = [ImportKind::Referrals];
    let imports = web.uses.imports.list(visit.actor(), &kinds).await?;
    let visit = visit.0.staff_console();
    let page = import_page(&imports, blank(&visit));
    Ok(visit.render(ImportPage::TEMPLATE, "导入推荐清单", &page))
}

fn blank(visit: &Visit) -> FormView {
    FormView::new("/hq/referrals/import")
        .key(visit.kit.tokens().one_time())
        .with(
            Field::file("file", "清单文件", XLSX)
                .hint(".xlsx 格式，不超过 5 MB，最多 10,000 户。同一企业只计一次，按信用代码中的登记地分配给当地支行，没有对应支行的由您分配。")
                .required(),
        )
}

fn import_page(imports: &[StoredImport], form: FormView) -> ImportPage {
    let mut table = Table::new("导入记录")
        .column("导入时间", "nowrap")
        .column("导入人", "nowrap")
        .column("总户数", "num")
        .column("已导入", "num")
        .column("未导入", "num")
        .column("状态", "nowrap");
    for import in imports {
        table.push(vec![
            Cell::link(
                shown::minute(import.asked_at),
                format!("/hq/imports/{}", import.id),
            ),
            Cell::text(&import.asked_name),
            Cell::text(import.rows_total.to_string()),
            Cell::text(import.rows_kept.to_string()),
            Cell::text(import.rows_bad().to_string()),
            Cell::text(import.status.zh()),
        ]);
    }
    ImportPage {
        crumbs: crumbs("/hq/referrals", "导入推荐清单"),
        form,
        table,
    }
}

pub(super) async fn send(
    State(web): State<Room>,
    Form(visit, mut posted): Form,
) -> Result<Response, WebError> {
    let actor = staff(&visit)?;
    let visit = visit.staff_console();
    let ask = sent(&mut posted, ImportKind::Referrals.code())?;
    let (uses, who) = (web.uses.clone(), actor.clone());
    let sending = async move { uses.imports.send(&who, ask).await };
    match spawned_holding(posted.held(), sending).await {
        Ok(id) => Ok(visit.redirect(
            &format!("/hq/imports/{id}"),
            Some(("success", "清单已收到，正在逐户导入。")),
        )),
        Err(error) if matches!(error.kind, Kind::Invalid | Kind::TooMany) => {
            let kinds = [ImportKind::Referrals];
            let imports = web.uses.imports.list(&actor, &kinds).await?;
            let mut form = blank(&visit);
            show_errors(&mut form, &error);
            Ok(visit.render_with(
                StatusCode::UNPROCESSABLE_ENTITY,
                ImportPage::TEMPLATE,
                "导入推荐清单",
                &import_page(&imports, form),
            ))
        }
        Err(error) => told(&visit, error, "/hq/referrals"),
    }
}

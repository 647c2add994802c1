//! One 整改任务: set on the page of an enterprise, ended with a note.

use application::{
    error::{Kind, UseError},
    visits::{FinishRepair, SeenRepair, SeenRow, SetRepair},
};
use axum::{
    extract::{Path, State},
    response::Response,
};

use super::{
    REPAIRS, REPAIRS_TITLE as TITLE, Room, crumbs, list_href, reason, repair_tag, row_href,
};
use crate::{
    console::{AskPage, told},
    errors::WebError,
    forms::{Field, FormView},
    parts::{Cell, Described, Link},
    posted::{Form, Posted, once},
    spawned::spawned,
    visit::{StaffVisit, Visit, id_of, posted_by_staff},
};

fn set_page(visit: &Visit, seen: &SeenRow, key: &str, typed: &Posted) -> AskPage {
    let here = row_href(seen.list.id, seen.row.id);
    let form = FormView::new(format!("{here}/repair"))
        .key(key)
        .with(
            Field::text("repair_department", "责任部门")
                .required()
                .maxlength(40)
                .hint("例如：市市场监督管理局。同一部门请使用同一名称。"),
        )
        .with(
            Field::textarea("repair_what", "整改事项")
                .required()
                .rows(4)
                .maxlength(300)
                .hint("写明由部门协助企业解决什么问题，最多 300 个字。"),
        )
        .with(
            Field::text("repair_due", "整改期限")
                .required()
                .width("s")
                .maxlength(10)
                .hint("格式如 2026-12-31，一年以内。")
                .autocomplete("off"),
        )
        .fill(typed.pairs());
    AskPage {
        title: "设置整改任务".to_owned(),
        lead: "企业未授信的原因可以整改的，由责任部门在期限内协助解决，完成后登记。".to_owned(),
        crumbs: crumbs(
            true,
            &[
                Link::new(&seen.list.name, list_href(seen.list.id)),
                Link::new(&seen.row.company_name, here.as_str()),
                Link::new("设置整改任务", ""),
            ],
        ),
        rows: vec![
            Described::new("企业名称", &seen.row.company_name),
            Described::new("机构", &seen.row.bank_name),
            Described::cell("未授信原因", reason(&visit.city, &seen.row)),
        ],
        form,
        yes: "设置任务",
        no: "返回",
        back: here,
        danger: false,
    }
}

pub(super) async fn ask(
    State(web): State<Room>,
    visit: StaffVisit,
    Path((id, row)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let (list, row) = (id_of(&id)?, id_of(&row)?);
    let seen = web.uses.visits.row(visit.actor(), list, row).await?;
    let visit = visit.0.staff_console();
    if !seen.may_repair {
        let error = UseError::conflict("visits.not_repairable");
        return told(&visit, error, &row_href(list, row));
    }
    let key = visit.kit.tokens().one_time();
    Ok(set_page(&visit, &seen, &key, &Posted::default()).drawn(&visit, None))
}

pub(super) async fn set(
    State(web): State<Room>,
    Path((id, row)): Path<(String, String)>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let visit = visit.staff_console();
    let (list, row) = (id_of(&id)?, id_of(&row)?);
    let ask = SetRepair {
        list,
        row,
        department: posted.get("repair_department").to_owned(),
        what: posted.get("repair_what").to_owned(),
        due: posted.get("repair_due").to_owned(),
        once: once(&posted)?,
    };
    let here = row_href(list, row);
    let (uses, by) = (web.uses.clone(), actor.clone());
    match spawned(async move { uses.visits.set_repair(&by, ask).await }).await {
        Ok(()) => Ok(visit.redirect(&here, Some(("success", "整改任务已设置。")))),
        Err(error) if error.kind == Kind::Invalid => {
            let seen = web.uses.visits.row(&actor, list, row).await?;
            let key = visit.kit.tokens().one_time();
            Ok(set_page(&visit, &seen, &key, &posted).drawn(&visit, Some(&error)))
        }
        Err(error) => told(&visit, error, &here),
    }
}

pub(super) fn finish_page(seen: &SeenRepair, key: &str, typed: &Posted) -> AskPage {
    let repair = &seen.repair;
    let tag = repair_tag(repair, seen.today);
    let form = FormView::new(format!("{REPAIRS}/{}", repair.id))
        .key(key)
        .with(
            Field::textarea("repair_note", "完成情况")
                .required()
                .rows(4)
                .maxlength(300)
                .hint("写明如何解决，最多 300 个字。保存后不能修改。"),
        )
        .fill(typed.pairs());
    AskPage {
        title: "登记整改完成".to_owned(),
        lead: String::new(),
        crumbs: vec![
            Link::new("平台工作台", "/operator"),
            Link::new(TITLE, REPAIRS),
            Link::new("登记整改完成", "").current(true),
        ],
        rows: vec![
            Described::new("企业名称", &repair.company_name),
            Described::new("责任部门", &repair.department),
            Described::new("整改事项", &repair.what),
            Described::new("整改期限", repair.due_on.to_string()),
            Described::cell("状态", Cell::tag(tag.label, tag.kind)),
        ],
        form,
        yes: "登记完成",
        no: "返回",
        back: REPAIRS.to_owned(),
        danger: false,
    }
}

pub(super) async fn form(
    State(web): State<Room>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let seen = web.uses.visits.repair(visit.actor(), id_of(&id)?).await;
    let visit = visit.0.staff_console();
    let seen = match seen {
        Ok(seen) => seen,
        Err(error) => return told(&visit, error, REPAIRS),
    };
    let key = visit.kit.tokens().one_time();
    Ok(finish_page(&seen, &key, &Posted::default()).drawn(&visit, None))
}

pub(super) async fn finish(
    State(web): State<Room>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let visit = visit.staff_console();
    let repair = id_of(&id)?;
    let ask = FinishRepair {
        repair,
        note: posted.get("repair_note").to_owned(),
        once: once(&posted)?,
    };
    let (uses, by) = (web.uses.clone(), actor.clone());
    match spawned(async move { uses.visits.finish_repair(&by, ask).await }).await {
        Ok(()) => Ok(visit.redirect(REPAIRS, Some(("success", "已登记整改完成。")))),
        Err(error) if error.kind == Kind::Invalid => {
            let seen = web.uses.visits.repair(&actor, repair).await?;
            let key = visit.kit.tokens().one_time();
            Ok(finish_page(&seen, &key, &posted).drawn(&visit, Some(&error)))
        }
        Err(error) => told(&visit, error, REPAIRS),
    }
}

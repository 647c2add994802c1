//! 柜面核验: the branch's list, and the page on which a clerk says what was seen.

use application::{error::Kind, identity::ConfirmAtCounter, ports::face_checks::FaceCheck};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{identity::CheckStatus, ids::FaceCheckId};

use super::{
    Room,
    pages::{CounterListPage, CounterPage, status_tag, when},
};
use crate::{
    errors::{self, WebError},
    forms::{Field, FormView},
    parts::{Cell, Described, Table},
    posted::Form,
    spawned,
    visit::{StaffVisit, id_of},
    words,
};

pub async fn list(
    State(web): State<Room>,
    StaffVisit(visit): StaffVisit,
) -> Result<Response, WebError> {
    let desk = web.uses.counter_desk(visit.staff_actor()?).await?;
    let mut table = Table::new("柜面核验申请")
        .column("受理编号", "nowrap")
        .column("企业名称", "name")
        .column("核验人", "nowrap")
        .column("申请时间", "nowrap")
        .column("状态", "nowrap");
    let open = desk
        .requests
        .iter()
        .filter(|r| r.status == CheckStatus::ManualRequested)
        .count();
    for request in &desk.requests {
        table.push(vec![
            Cell::link(
                &request.reference,
                format!("/branch/counter/{}", request.id),
            ),
            Cell::text(&request.enterprise_name),
            Cell::text(&request.person_name),
            Cell::text(when(request.created_at)),
            Cell {
                tag: Some(status_tag(request.status)),
                ..Cell::default()
            },
        ]);
    }
    let page = CounterListPage {
        nothing: table.rows.is_empty(),
        open,
        table,
    };
    Ok(visit
        .staff_console()
        .render("identity/counter.html", "柜面核验", &page))
}

fn form(id: FaceCheckId) -> FormView {
    FormView::new(format!("/branch/counter/{id}"))
        .with(
            Field::text("legal_id", "法定代表人身份证号")
                .hint("请按身份证原件录入，系统与企业登记的号码核对，不显示登记号码")
                .maxlength(24)
                .autocomplete("off"),
        )
        .with(Field::checkbox(
            "seen_person",
            "已核对本人与居民身份证原件一致",
        ))
        .with(Field::checkbox("seen_licence", "已核对营业执照原件"))
        .with(
            Field::textarea("counter_note", "核验说明")
                .hint("不通过时必填，企业可以看到，不超过 200 字")
                .maxlength(200)
                .rows(3),
        )
}

fn page(request: &FaceCheck, form: FormView, may_settle: bool) -> CounterPage {
    let mut rows = vec![
        Described::new("受理编号", &request.reference),
        Described::new("企业名称", &request.enterprise_name),
        Described::new("核验人", &request.person_name),
        Described::new("申请时间", when(request.created_at)),
        Described::cell(
            "状态",
            Cell {
                tag: Some(status_tag(request.status)),
                ..Cell::default()
            },
        ),
    ];
    if let Some(at) = request.settled_at {
        rows.push(Described::new("办理时间", when(at)));
    }
    if !request.note.is_empty() {
        rows.push(Described::new("核验说明", &request.note));
    }
    CounterPage {
        form,
        rows,
        open: request.status == CheckStatus::ManualRequested,
        may_settle,
    }
}

pub async fn show(
    State(web): State<Room>,
    StaffVisit(visit): StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = FaceCheckId(id_of(&id)?);
    let actor = visit.staff_actor()?;
    let request = web.uses.counter_request(actor, id).await?;
    let may = web
        .kit
        .guard()
        .may(
            actor,
            application::Room::Identity,
            application::Action::Verify,
        )
        .await;
    let content = page(&request, form(id), may);
    Ok(visit
        .staff_console()
        .render("identity/counter_check.html", "柜面核验", &content))
}

pub async fn settle(
    State(web): State<Room>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let id = FaceCheckId(id_of(&id)?);
    let actor = visit.staff_actor()?.clone();
    let passed = posted.action() == "pass";
    let ask = ConfirmAtCounter {
        check: id,
        passed,
        legal_id: posted.get("legal_id").to_owned(),
        seen_person: posted.has("seen_person"),
        seen_licence: posted.has("seen_licence"),
        note: posted.get("counter_note").to_owned(),
    };
    let (uses, by) = (web.uses.clone(), actor.clone());
    match spawned(async move { uses.confirm_at_counter(&by, ask).await }).await {
        Ok(()) => {
            let text = if passed {
                "counter.passed"
            } else {
                "counter.refused"
            };
            Ok(visit.redirect(
                "/branch/counter",
                Some(("success", &words::text(text, &[]))),
            ))
        }
        Err(error) if error.kind == Kind::Invalid => {
            let request = web.uses.counter_request(&actor, id).await?;
            let mut form = form(id).fill(posted.pairs());
            for field in &error.fields {
                form.fail(&field.field, words::field_text(field));
            }
            let content = page(&request, form, true);
            Ok(visit.staff_console().render_with(
                errors::status(error.kind),
                "identity/counter_check.html",
                "柜面核验",
                &content,
            ))
        }
        Err(error) if error.kind == Kind::Conflict => {
            let text = words::error_text(&error);
            Ok(visit.redirect(&format!("/branch/counter/{id}"), Some(("warning", &text))))
        }
        Err(error) => Err(WebError(error)),
    }
}

//! 批量分配: which rows, which institutions.

use application::{
    error::Kind,
    ports::{reference::RegionEntry, visits::VisitBank},
    visits::AssignRows,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use uuid::Uuid;

use super::{Room, crumbs, list_href};
use crate::{
    console::{AskPage, told},
    errors::WebError,
    forms::{Choice, Field, FormView},
    parts::Link,
    posted::{Form, Posted, once},
    spawned::spawned,
    visit::{StaffVisit, id_of, posted_by_staff},
};

/// Institutions and districts to choose from.
type Offered = (Vec<VisitBank>, Vec<RegionEntry>);

pub(super) fn page(list: Uuid, (banks, districts): &Offered, key: &str, typed: &Posted) -> AskPage {
    let here = list_href(list);
    let form = FormView::new(format!("{here}/assign"))
        .key(key)
        .with(
            Field::select("district", "区县", "全部区县").options(
                districts
                    .iter()
                    .map(|one| Choice::new(one.code.as_str(), one.name.as_str())),
            ),
        )
        .with(
            Field::radio("visit_scope", "企业范围")
                .required()
                .options([
                    ("open", "还没有分配机构的企业"),
                    ("all", "还没有下发的全部企业，已分配的重新分配"),
                ])
                .value("open"),
        )
        .with(
            Field::checks("banks", "机构")
                .required()
                .hint("选择一家，全部分给该机构；选择多家，平均分配。")
                .options(
                    banks
                        .iter()
                        .map(|bank| Choice::new(bank.id.to_string(), bank.name.as_str())),
                ),
        )
        .fill(typed.pairs());
    AskPage {
        title: "批量分配机构".to_owned(),
        lead: "只分配还没有下发的企业，已下发的不再变更。分配后还需要下发，机构才能看到。"
            .to_owned(),
        crumbs: crumbs(
            true,
            &[
                Link::new("清单", here.as_str()),
                Link::new("批量分配机构", ""),
            ],
        ),
        rows: Vec::new(),
        form,
        yes: "分配",
        no: "返回",
        back: here,
        danger: false,
    }
}

pub(super) async fn form(
    State(web): State<Room>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let list = id_of(&id)?;
    let offered = web.uses.visits.assignable(visit.actor(), list).await;
    let visit = visit.0.staff_console();
    let offered = match offered {
        Ok(offered) => offered,
        Err(error) => return told(&visit, error, &list_href(list)),
    };
    let key = visit.kit.tokens().one_time();
    Ok(page(list, &offered, &key, &Posted::default()).drawn(&visit, None))
}

pub(super) async fn give(
    State(web): State<Room>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let visit = visit.staff_console();
    let list = id_of(&id)?;
    let ask = AssignRows {
        list,
        district: posted.get("district").to_owned(),
        banks: posted.all("banks").into_iter().map(str::to_owned).collect(),
        scope: posted.get("visit_scope").to_owned(),
        once: once(&posted)?,
    };
    let here = list_href(list);
    let (uses, by) = (web.uses.clone(), actor.clone());
    match spawned(async move { uses.visits.assign(&by, ask).await }).await {
        Ok(given) => {
            let told = format!("已分配 {given} 户企业，下发后机构才能看到。");
            Ok(visit.redirect(&here, Some(("success", &told))))
        }
        Err(error) if error.kind == Kind::Invalid => {
            let offered = web.uses.visits.assignable(&actor, list).await?;
            let key = visit.kit.tokens().one_time();
            Ok(page(list, &offered, &key, &posted).drawn(&visit, Some(&error)))
        }
        Err(error) => told(&visit, error, &here),
    }
}

//! 撤回 (row 29): a confirm page with an optional reason.

use application::error::Kind;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::ids::FinancingApplicationId;
use serde::Serialize;

use super::{Desk, LIST, apply::fail, ask::once, crumbs, id_of, show};
use crate::{
    errors::WebError,
    forms::{Field, FormView},
    parts::Link,
    posted::Form,
    spawned::spawned,
    visit::{EnterpriseVisit, Visit, posted_by_enterprise},
    words,
};

#[derive(Serialize)]
struct WithdrawPage {
    crumbs: Vec<Link>,
    number: String,
    own: String,
    branch: String,
    form: FormView,
}

async fn page(
    web: &Desk,
    visit: &Visit,
    id: FinancingApplicationId,
) -> Result<Result<WithdrawPage, Response>, WebError> {
    let actor = posted_by_enterprise(visit)?;
    let view = web.uses.financing.detail(&actor, id).await?;
    let own = format!("{LIST}/{id}");
    let r = view.application.record();
    if !r.stage.is_open() {
        let text = words::text(
            "financing.not_allowed",
            &[("stage", r.stage.zh().to_owned())],
        );
        return Ok(Err(visit.redirect(&own, Some(("warning", &text)))));
    }
    let number = show::number(&view.application);
    Ok(Ok(WithdrawPage {
        crumbs: crumbs(&[("融资需求管理", LIST), (&number, &own), ("撤回申请", "")]),
        branch: r.handler_name.clone(),
        form: FormView::new(format!("{own}/withdraw"))
            .key(visit.kit.tokens().one_time())
            .with(
                Field::textarea("withdraw_reason", "撤回原因（选填）")
                    .rows(3)
                    .maxlength(200)
                    .hint("最多 200 个字，受理支行可以看到"),
            ),
        number,
        own,
    }))
}

pub(super) async fn ask(
    State(web): State<Desk>,
    visit: EnterpriseVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let visit = visit.0.enterprise_console();
    Ok(match page(&web, &visit, id_of(&id)?).await? {
        Ok(page) => visit.render("financing/withdraw.html", "撤回申请", &page),
        Err(elsewhere) => elsewhere,
    })
}

pub(super) async fn withdraw(
    State(web): State<Desk>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_enterprise(&visit)?;
    let id: FinancingApplicationId = id_of(&id)?;
    let uses = web.uses.clone();
    let reason = posted.get("withdraw_reason").to_owned();
    let once = once(&visit, &posted)?;
    let done = spawned(async move {
        let financing = &uses.financing;
        financing.withdraw(&actor, id, &reason, &once).await
    });
    let done = done.await;
    let own = format!("{LIST}/{id}");
    match done {
        Ok(number) => {
            let text = format!("申请 {number} 已撤回，为本次申请作出的授权同时终止。");
            Ok(visit.redirect(&own, Some(("success", &text))))
        }
        Err(error) if error.kind == Kind::Invalid => {
            let visit = visit.enterprise_console();
            Ok(match page(&web, &visit, id).await? {
                Ok(mut page) => {
                    page.form = page.form.fill(posted.pairs());
                    fail(&mut page.form, &error.fields);
                    visit.render_with(
                        StatusCode::UNPROCESSABLE_ENTITY,
                        "financing/withdraw.html",
                        "撤回申请",
                        &page,
                    )
                }
                Err(elsewhere) => elsewhere,
            })
        }
        Err(error) if error.kind == Kind::Conflict => {
            let text = words::error_text(&error);
            Ok(visit.redirect(&own, Some(("warning", &text))))
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) fn samples() -> Vec<(&'static str, serde_json::Value)> {
    use super::{ODD, sample};
    let page = |error: &str| {
        let mut form = FormView::new("/enterprise/applications/x/withdraw")
            .key("k")
            .with(Field::textarea("withdraw_reason", "撤回原因（选填）").value(ODD));
        if !error.is_empty() {
            form.fail("withdraw_reason", error);
        }
        WithdrawPage {
            crumbs: crumbs(&[(ODD, "")]),
            number: ODD.to_owned(),
            own: "/enterprise/applications/x".to_owned(),
            branch: ODD.to_owned(),
            form,
        }
    };
    ["", ODD]
        .map(|error| sample("financing/withdraw.html", &page(error)))
        .to_vec()
}

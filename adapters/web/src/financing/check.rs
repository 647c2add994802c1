//! 核对信息, 确认提交 and the result page.

use application::{
    UseError,
    error::Kind,
    financing::{CheckSheet, Standstill, SubmitApplication},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::ids::{FinancingApplicationId, ProductId};
use serde::Serialize;

use super::{Desk, apply, crumbs, id_of, show};
use crate::{
    errors::WebError,
    forms::{Field, FormView},
    parts::{Described, Link},
    posted::Form,
    spawned::spawned,
    visit::{EnterpriseVisit, Visit, posted_by_enterprise},
    words,
};

#[derive(Serialize)]
struct CheckPage {
    crumbs: Vec<Link>,
    steps: [&'static str; 3],
    product: Vec<Described>,
    ask: Vec<Described>,
    agreed: Vec<Link>,
    terms: Option<Link>,
    recipient: String,
    duplicates: Vec<String>,
    cool_down: String,
    back: String,
    form: FormView,
}

fn check_page(visit: &Visit, sheet: &CheckSheet, key: String) -> CheckPage {
    let r = sheet.application.record();
    let back = format!("/enterprise/apply/{}", r.product);
    let change = |field: &str| format!("{back}#f-{field}");
    let mut form = FormView::new(format!("{back}/submit"))
        .key(key)
        .with(Field::hidden("draft", r.id.to_string()))
        .with(Field::hidden("version", r.version.to_string()));
    if !sheet.duplicates.is_empty() {
        form.push(
            Field::checkbox(
                "confirm_duplicate",
                "我已知道有同一金融产品和支行的融资需求在办理，仍要提交",
            )
            .required(),
        );
    }
    let amount = format!(
        "{}（人民币 {} 元）",
        show::money(r.amount),
        r.amount.format_yuan()
    );
    let mut product = vec![
        Described::new("金融产品", &r.product_name),
        Described::new("金融机构", &sheet.offer.bank_name),
        Described::new("担保方式", sheet.offer.guarantee.zh()),
        Described::new("企业名称", &r.enterprise_name),
    ];
    if r.renews.is_some() {
        let words = "续贷，一年内随原申请补充的材料一并提供";
        product.push(Described::new("申请类型", words));
    }
    CheckPage {
        crumbs: crumbs(&[("提交融资需求", &back), ("核对信息", "")]),
        steps: apply::STEPS,
        product,
        ask: vec![
            Described::new("期望融资金额", amount).change(change("amount")),
            Described::new("期望融资期限", show::term(r.term)).change(change("term")),
            Described::new("期望融资利率", show::rate(r.rate)).change(change("rate")),
            Described::new("受理支行", &r.handler_name).change(change("branch")),
        ],
        agreed: visit
            .city
            .ticked_on("apply")
            .into_iter()
            .map(|a| {
                Link::new(
                    format!("{}（版本 {}）", a.short_title, a.version),
                    format!("/agreements/{}", a.code),
                )
            })
            .collect(),
        terms: apply::terms_link(&visit.city),
        recipient: r.handler_name.clone(),
        duplicates: sheet.duplicates.clone(),
        cool_down: sheet.cool_down.as_ref().map_or(String::new(), |wait| {
            words::text(
                "financing.cool_down",
                &[
                    ("date", domain::calendar::local_date(wait.until).to_string()),
                    ("reasons", wait.reasons.join("、")),
                ],
            )
        }),
        back,
        form,
    }
}

/// The check page, or the page that must come before it.
async fn sheet(
    web: &Desk,
    visit: &Visit,
    product: ProductId,
) -> Result<Result<CheckSheet, Response>, WebError> {
    let actor = posted_by_enterprise(visit)?;
    let form = format!("/enterprise/apply/{product}");
    match web.uses.financing.check(&actor, product).await {
        Ok(Ok(sheet)) => Ok(Ok(sheet)),
        Ok(Err(Standstill::Form)) => Ok(Err(visit.redirect(&form, None))),
        Ok(Err(Standstill::Profile)) => Ok(Err(apply::detour(
            visit,
            product,
            "/enterprise/profile",
            "financing.profile_incomplete",
        ))),
        Ok(Err(Standstill::Face)) => Ok(Err(apply::detour(
            visit,
            product,
            "/enterprise/face",
            "financing.face_not_verified",
        ))),
        Err(error) if error.code == "financing.product_unavailable" => {
            Ok(Err(visit.redirect(&form, None)))
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn show(
    State(web): State<Desk>,
    visit: EnterpriseVisit,
    Path(product): Path<String>,
) -> Result<Response, WebError> {
    let product: ProductId = id_of(&product)?;
    let visit = visit.0.enterprise_console();
    let sheet = match sheet(&web, &visit, product).await? {
        Ok(sheet) => sheet,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let page = check_page(&visit, &sheet, visit.kit.tokens().one_time());
    Ok(visit.render("financing/check.html", "核对信息", &page))
}

pub(super) async fn submit(
    State(web): State<Desk>,
    Path(product): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_enterprise(&visit)?;
    let product: ProductId = id_of(&product)?;
    let draft: FinancingApplicationId = id_of(posted.get("draft"))?;
    let key = posted
        .key()
        .ok_or_else(|| UseError::new(Kind::Invalid, "idempotency.key_missing"))?;
    let confirmed = posted.has("confirm_duplicate");
    let version = posted.get("version").parse().unwrap_or(0);
    let body = format!("{product}|{draft}|{version}|{confirmed}");
    let click = SubmitApplication {
        draft,
        version,
        confirm_duplicate: confirmed,
        key: key.to_owned(),
        body_hash: visit.kit.tokens().fingerprint(&body),
    };
    let uses = web.uses.clone();
    let done = spawned(async move { uses.financing.submit(&actor, click).await }).await;
    match done {
        Ok(done) => Ok(visit.redirect(
            &format!("/enterprise/applications/{}/submitted", done.application),
            None,
        )),
        Err(error) => refused(&web, visit, product, draft, key.to_owned(), error).await,
    }
}

async fn refused(
    web: &Desk,
    visit: Visit,
    product: ProductId,
    draft: FinancingApplicationId,
    key: String,
    error: UseError,
) -> Result<Response, WebError> {
    let form = format!("/enterprise/apply/{product}");
    let text = words::error_text(&error);
    match error.code {
        "financing.already_submitted" => Ok(visit.redirect(
            &format!("/enterprise/applications/{draft}"),
            Some(("info", &text)),
        )),
        "financing.profile_incomplete" => Ok(apply::detour(
            &visit,
            product,
            "/enterprise/profile",
            error.code,
        )),
        "financing.face_not_verified" => Ok(apply::detour(
            &visit,
            product,
            "/enterprise/face",
            error.code,
        )),
        // The form itself says so.
        "financing.product_unavailable" | "financing.cool_down" | "enterprise.frozen" => {
            Ok(visit.redirect(&form, None))
        }
        "financing.branch_does_not_carry"
        | "financing.product_changed"
        | "financing.draft_incomplete" => Ok(visit.redirect(&form, Some(("warning", &text)))),
        "financing.draft_changed" => {
            Ok(visit.redirect(&format!("{form}/check"), Some(("warning", &text))))
        }
        "invalid" => {
            let visit = visit.enterprise_console();
            let sheet = match sheet(web, &visit, product).await? {
                Ok(sheet) => sheet,
                Err(elsewhere) => return Ok(elsewhere),
            };
            let mut page = check_page(&visit, &sheet, key);
            apply::fail(&mut page.form, &error.fields);
            Ok(visit.render_with(
                StatusCode::UNPROCESSABLE_ENTITY,
                "financing/check.html",
                "核对信息",
                &page,
            ))
        }
        _ => Err(error.into()),
    }
}

#[derive(Serialize)]
struct DonePage {
    steps: [&'static str; 3],
    number: String,
    branch: String,
    accept_due: String,
    decision_due: String,
    accept_days: u32,
    contact_days: u32,
    decision_days: u32,
    detail: String,
    /// 企业划型 is due; empty when it is not.
    size_due: String,
}

pub(super) async fn done(
    State(web): State<Desk>,
    visit: EnterpriseVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let detail = web
        .uses
        .financing
        .detail(visit.actor(), id_of(&id)?)
        .await?;
    let size = web.uses.size.standing(visit.actor()).await?;
    let visit = visit.0.enterprise_console();
    let r = detail.application.record();
    // Those that the request was given, not those of a later day.
    let limits = visit.city.clocks.at(r.submitted_at.unwrap_or(r.created_at));
    let page = DonePage {
        steps: apply::STEPS,
        number: show::number(&detail.application),
        branch: r.handler_name.clone(),
        accept_due: r.due_at.map_or(String::new(), show::minute),
        decision_due: r.decision_due_at.map_or(String::new(), show::minute),
        accept_days: limits.accept_days,
        contact_days: limits.contact_days,
        decision_days: limits.decision_days,
        detail: format!("/enterprise/applications/{}", r.id),
        size_due: crate::size::reminder(&size),
    };
    Ok(visit.render("financing/done.html", "融资需求已提交", &page))
}

pub(super) fn samples() -> Vec<(&'static str, serde_json::Value)> {
    use super::{ODD, sample};
    let page = |duplicates: Vec<String>, told: &str| {
        let mut form = FormView::new("/enterprise/apply/x/submit")
            .key("k")
            .with(Field::checkbox("confirm_duplicate", ODD).required());
        if !told.is_empty() {
            form.fail("confirm_duplicate", told);
        }
        CheckPage {
            crumbs: crumbs(&[(ODD, "")]),
            steps: apply::STEPS,
            product: vec![Described::new(ODD, ODD)],
            ask: vec![Described::new(ODD, ODD).change("/enterprise/apply/x#f-amount")],
            agreed: vec![Link::new(ODD, "/agreements/register")],
            terms: (!told.is_empty()).then(|| Link::new(ODD, "/agreements/application_terms")),
            recipient: ODD.to_owned(),
            duplicates,
            cool_down: told.to_owned(),
            back: "/enterprise/apply/x".to_owned(),
            form,
        }
    };
    let done = |due: &str| DonePage {
        steps: apply::STEPS,
        number: ODD.to_owned(),
        branch: ODD.to_owned(),
        accept_due: due.to_owned(),
        decision_due: due.to_owned(),
        accept_days: 1,
        contact_days: 3,
        decision_days: 10,
        detail: "/enterprise/applications/x".to_owned(),
        size_due: due.to_owned(),
    };
    vec![
        sample("financing/check.html", &page(Vec::new(), "")),
        sample(
            "financing/check.html",
            &page(vec![ODD.to_owned(), "二".to_owned()], ODD),
        ),
        sample("financing/done.html", &done("")),
        sample("financing/done.html", &done(ODD)),
    ]
}

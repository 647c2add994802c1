//! 接单, 退回补充, 通过, 不通过: a form, a page to check it, and only then the deed.

use std::sync::Arc;

use application::{
    access::Actor,
    dossier::Case,
    error::{Kind, UseError, UseResult},
    intake::AcceptApplication,
    review::{ApproveApplication, AskSupplement, RejectApplication, Seen, TypedTerms},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::ids::FinancingApplicationId;
use serde::Serialize;
use uuid::Uuid;

use super::{Branch, detail, once, show, staff, told};
use crate::{
    errors::WebError,
    forms::{Choice, Field, FormView},
    kit::Web,
    parts::{Described, Link},
    posted::{Form, Posted},
    proof,
    spawned::spawned,
    visit::{StaffVisit, Visit},
    words,
};

/// A form about one application, with what was asked beside it.
#[derive(Serialize)]
pub(crate) struct FormPage {
    pub title: &'static str,
    pub lead: String,
    pub crumbs: Vec<Link>,
    pub form: FormView,
    pub next: &'static str,
    pub back: String,
    pub asked: Vec<Described>,
}

impl FormPage {
    pub const TEMPLATE: &'static str = "branch/form.html";
}

/// 核对: what will be done, said once more.
#[derive(Serialize)]
pub(crate) struct CheckPage {
    pub title: String,
    pub text: String,
    pub crumbs: Vec<Link>,
    pub rows: Vec<Described>,
    pub action: String,
    pub key: String,
    pub hidden: Vec<Hidden>,
    pub yes: &'static str,
    pub no: &'static str,
    pub back: String,
    pub danger: bool,
    pub editable: bool,
}

impl CheckPage {
    pub const TEMPLATE: &'static str = "branch/check.html";
}

#[derive(Serialize)]
pub(crate) struct Hidden {
    pub name: String,
    pub value: String,
}

/// Which of the three decisions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Deed {
    Supplement,
    Approve,
    Reject,
}

impl Deed {
    const fn path(self) -> &'static str {
        match self {
            Self::Supplement => "supplement",
            Self::Approve => "approve",
            Self::Reject => "reject",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Supplement => "退回补充",
            Self::Approve => "审核通过",
            Self::Reject => "审核不通过",
        }
    }

    /// A decision wants a fresh proof (S-41); asking for more does not.
    fn weighs(self) -> bool {
        self != Self::Supplement
    }

    const fn lead(self) -> &'static str {
        match self {
            Self::Supplement => "企业将按清单补充材料，期间办理时限暂停。",
            Self::Approve => "批准的条件和审核意见将展示给企业。",
            Self::Reject => "原因和审核意见将展示给企业，请写明企业可以怎样改进。",
        }
    }
}

// --- 接单 ---

pub(super) async fn ask_accept(
    State(web): State<Web<Branch>>,
    visit: StaffVisit,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let id = FinancingApplicationId(id);
    let case = web.uses.dossier.view(visit.actor(), id).await?;
    let href = detail::base(id);
    if !case.powers.accept {
        let error = accept_refusal(&case);
        return told(&visit.0.staff_console(), error, &href);
    }
    let page = CheckPage {
        title: "要接下这笔融资需求吗？".to_owned(),
        text: "接单后由您负责联系企业和办理，企业会收到通知。".to_owned(),
        crumbs: detail::crumbs(&case.record, Some("接单")),
        rows: detail::asked(&case.record),
        action: format!("{href}/accept"),
        key: visit.0.kit.tokens().one_time(),
        hidden: Vec::new(),
        yes: "接单",
        no: "暂不接单",
        back: href,
        danger: false,
        editable: false,
    };
    Ok(visit
        .0
        .staff_console()
        .render(CheckPage::TEMPLATE, "接单", &page))
}

/// Why the button is not there.
fn accept_refusal(case: &Case) -> UseError {
    use domain::financing::Stage;
    if case.record.stage != Stage::Submitted && !case.record.holder_name.is_empty() {
        return UseError::conflict("financing.already_accepted")
            .with("by", &case.record.holder_name);
    }
    if case.record.frozen {
        return UseError::conflict("financing.frozen");
    }
    UseError::conflict("financing.not_allowed").with("stage", case.record.stage.zh())
}

pub(super) async fn accept(
    State(web): State<Web<Branch>>,
    Path(id): Path<Uuid>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = staff(&visit)?;
    let ask = AcceptApplication {
        application: FinancingApplicationId(id),
        once: once(&posted)?,
    };
    let href = detail::base(ask.application);
    let uses = web.uses.clone();
    match spawned(async move { uses.intake.accept(&actor, ask).await }).await {
        Ok(number) => Ok(visit.redirect(
            &href,
            Some(("success", &format!("已接单：{number}。请尽快联系企业。"))),
        )),
        Err(error) => told(&visit.staff_console(), error, &href),
    }
}

// --- the three decisions: form, check, deed ---

pub(super) async fn ask_supplement_form(
    web: State<Web<Branch>>,
    visit: StaffVisit,
    id: Path<Uuid>,
) -> Result<Response, WebError> {
    form_page(web.0, visit, id.0, Deed::Supplement).await
}

pub(super) async fn approve_form(
    web: State<Web<Branch>>,
    visit: StaffVisit,
    id: Path<Uuid>,
) -> Result<Response, WebError> {
    form_page(web.0, visit, id.0, Deed::Approve).await
}

pub(super) async fn reject_form(
    web: State<Web<Branch>>,
    visit: StaffVisit,
    id: Path<Uuid>,
) -> Result<Response, WebError> {
    form_page(web.0, visit, id.0, Deed::Reject).await
}

pub(super) async fn ask_supplement(
    web: State<Web<Branch>>,
    id: Path<Uuid>,
    form: Form,
) -> Result<Response, WebError> {
    posted_deed(web.0, id.0, form, Deed::Supplement).await
}

pub(super) async fn approve(
    web: State<Web<Branch>>,
    id: Path<Uuid>,
    form: Form,
) -> Result<Response, WebError> {
    posted_deed(web.0, id.0, form, Deed::Approve).await
}

pub(super) async fn reject(
    web: State<Web<Branch>>,
    id: Path<Uuid>,
    form: Form,
) -> Result<Response, WebError> {
    posted_deed(web.0, id.0, form, Deed::Reject).await
}

async fn form_page(
    web: Web<Branch>,
    visit: StaffVisit,
    id: Uuid,
    deed: Deed,
) -> Result<Response, WebError> {
    let id = FinancingApplicationId(id);
    let case = web.uses.dossier.view(visit.actor(), id).await?;
    let key = visit.0.kit.tokens().one_time();
    let form = blank(&visit.0, &case, deed, case.record.version, &key);
    let offered = match deed {
        Deed::Supplement => case.powers.ask_supplement,
        Deed::Approve => case.powers.approve,
        Deed::Reject => case.powers.reject,
    };
    let visit = visit.0.staff_console();
    if !offered {
        let error = not_offered(&case, deed);
        return told(&visit, error, &detail::base(id));
    }
    if deed.weighs()
        && let Some(to_proof) = proof::first(&visit)
    {
        return Ok(to_proof);
    }
    Ok(drawn(&visit, &case, deed, form, StatusCode::OK))
}

fn not_offered(case: &Case, deed: Deed) -> UseError {
    use domain::financing::{SUPPLEMENT_ROUNDS, Stage};
    let record = &case.record;
    let working = matches!(record.stage, Stage::Accepted | Stage::DueDiligence);
    if record.frozen {
        return UseError::conflict("financing.frozen");
    }
    if working && deed == Deed::Supplement && record.supplement_rounds >= SUPPLEMENT_ROUNDS {
        return UseError::conflict("financing.too_many_rounds");
    }
    if working && deed == Deed::Supplement {
        return UseError::conflict("review.not_yours").with("holder", &record.holder_name);
    }
    if working {
        return UseError::conflict("review.not_decider");
    }
    UseError::conflict("financing.not_allowed").with("stage", record.stage.zh())
}

fn drawn(visit: &Visit, case: &Case, deed: Deed, form: FormView, status: StatusCode) -> Response {
    let page = FormPage {
        title: deed.title(),
        lead: deed.lead().to_owned(),
        crumbs: detail::crumbs(&case.record, Some(deed.title())),
        form,
        next: "下一步，核对",
        back: detail::base(case.record.id),
        asked: detail::asked(&case.record),
    };
    visit.render_with(status, FormPage::TEMPLATE, deed.title(), &page)
}

/// The empty form, with the asked terms as a start.
fn blank(visit: &Visit, case: &Case, deed: Deed, version: i32, key: &str) -> FormView {
    let record = &case.record;
    let action = format!("{}/{}", detail::base(record.id), deed.path());
    let form = FormView::new(action)
        .key(key)
        .with(Field::hidden("version", version.to_string()));
    match deed {
        Deed::Supplement => supplement_fields(visit, form),
        Deed::Approve => approve_fields(case, form),
        Deed::Reject => reject_fields(visit, form),
    }
}

fn supplement_fields(visit: &Visit, form: FormView) -> FormView {
    let options = visit
        .city
        .supplement_templates
        .iter()
        .filter(|t| t.code != "other")
        .map(|t| Choice::new(&t.code, &t.label).hint(&t.hint));
    form.with(
        Field::checks("templates", "需要补充的材料")
            .hint("至少选择或填写一项。")
            .options(options),
    )
    .with(
        Field::textarea("own", "其他需要补充的内容")
            .hint("每行一项，每项 2–60 个字。")
            .rows(3)
            .maxlength(1_000),
    )
    .with(
        Field::textarea("note", "补充说明")
            .required()
            .hint("展示给企业，最多 500 个字。")
            .rows(4)
            .maxlength(500),
    )
}

fn approve_fields(case: &Case, form: FormView) -> FormView {
    terms_fields(case, form).with(
        Field::textarea("opinion", "审核意见")
            .required()
            .hint("展示给企业，最多 500 个字。")
            .rows(4)
            .maxlength(500),
    )
}

/// The fields of approved or proposed terms, with the asked ones as a start.
pub(super) fn terms_fields(case: &Case, form: FormView) -> FormView {
    let record = &case.record;
    let unit = record.term.unit().label();
    let (amount_hint, term_hint) = case.range.map_or_else(
        || (String::new(), String::new()),
        |range| {
            (
                format!(
                    "产品额度 {}–{} 万元",
                    range.amount_min.format_wan_short(),
                    range.amount_max.format_wan_short()
                ),
                format!(
                    "产品期限 {}–{} {}",
                    range.term_min,
                    range.term_max,
                    range.term_unit.label()
                ),
            )
        },
    );
    form.with(
        Field::number("approved_amount", "批准金额", "万元")
            .required()
            .hint(amount_hint)
            .value(record.amount.format_wan_short()),
    )
    .with(
        Field::number("approved_rate", "批准利率", "%/年")
            .required()
            .hint("最多两位小数")
            .value(record.rate.percent()),
    )
    .with(
        Field::number("approved_term", "批准期限", unit)
            .required()
            .hint(term_hint)
            .value(record.term.value().to_string()),
    )
    .with(
        Field::text("valid_until", "额度有效期至")
            .required()
            .hint("按 年-月-日 填写，如 2027-03-31。企业应在此日期前签订合同。")
            .maxlength(10)
            .width("m")
            .autocomplete("off"),
    )
}

fn reject_fields(visit: &Visit, form: FormView) -> FormView {
    let options = visit
        .city
        .rejection_reasons
        .iter()
        .map(|r| Choice::new(&r.code, &r.label));
    form.with(
        Field::checks("reasons", "不通过原因")
            .required()
            .hint("至少选择一项。")
            .options(options),
    )
    .with(
        Field::textarea("opinion", "审核意见")
            .required()
            .hint("展示给企业，最多 500 个字。")
            .rows(4)
            .maxlength(500),
    )
}

async fn posted_deed(
    web: Web<Branch>,
    id: Uuid,
    Form(visit, posted): Form,
    deed: Deed,
) -> Result<Response, WebError> {
    let actor = staff(&visit)?;
    let visit = visit.staff_console();
    let seen = Seen {
        application: FinancingApplicationId(id),
        version: posted.get("version").parse().unwrap_or(0),
        once: once(&posted)?,
    };
    let href = detail::base(seen.application);
    let step = posted.action();
    let to_proof = if deed.weighs() && step == "confirm" {
        proof::carry(&visit)
    } else {
        None
    };
    let outcome = match step {
        // Nobody proves for a form that would be refused.
        "confirm" if to_proof.is_some() => check(&web, &actor, &posted, seen.clone(), deed).await,
        "confirm" => act(&web, actor.clone(), &posted, seen.clone(), deed).await,
        "edit" => Ok(()),
        _ => check(&web, &actor, &posted, seen.clone(), deed).await,
    };
    match outcome {
        Err(error) if error.kind == Kind::Invalid => {
            again(&web, &visit, &actor, &posted, &seen, deed, Some(&error)).await
        }
        Err(error) => told(&visit, error, &href),
        Ok(()) if let Some(to_proof) = to_proof => Ok(to_proof),
        Ok(()) if step == "confirm" => {
            let done = match deed {
                Deed::Supplement => "已退回补充，企业会收到通知。",
                Deed::Approve => "已审核通过，企业会收到通知。",
                Deed::Reject => "已审核为不通过，企业会收到通知。",
            };
            Ok(visit.redirect(&href, Some(("success", done))))
        }
        Ok(()) if step == "edit" => again(&web, &visit, &actor, &posted, &seen, deed, None).await,
        Ok(()) => check_page(&web, &visit, &actor, &posted, &seen, deed).await,
    }
}

fn words_of(posted: &Posted, name: &str) -> Vec<String> {
    posted.all(name).into_iter().map(str::to_owned).collect()
}

fn supplement_of(posted: &Posted, seen: Seen) -> AskSupplement {
    AskSupplement {
        seen,
        templates: words_of(posted, "templates"),
        own: posted.get("own").to_owned(),
        note: posted.get("note").to_owned(),
    }
}

fn approval_of(posted: &Posted, seen: Seen) -> ApproveApplication {
    ApproveApplication {
        seen,
        terms: terms_of(posted, "opinion"),
    }
}

/// Approved or proposed terms as typed.
pub(super) fn terms_of(posted: &Posted, opinion: &str) -> TypedTerms {
    let text = |name: &str| posted.get(name).to_owned();
    TypedTerms {
        amount: text("approved_amount"),
        rate: text("approved_rate"),
        term: text("approved_term"),
        valid_until: text("valid_until"),
        opinion: text(opinion),
    }
}

fn rejection_of(posted: &Posted, seen: Seen) -> RejectApplication {
    RejectApplication {
        seen,
        reasons: words_of(posted, "reasons"),
        opinion: posted.get("opinion").to_owned(),
    }
}

async fn check(
    web: &Web<Branch>,
    actor: &Actor,
    posted: &Posted,
    seen: Seen,
    deed: Deed,
) -> UseResult<()> {
    let review = &web.uses.review;
    match deed {
        Deed::Supplement => {
            review
                .check_supplement(actor, &supplement_of(posted, seen))
                .await
        }
        Deed::Approve => {
            review
                .check_approval(actor, &approval_of(posted, seen))
                .await
        }
        Deed::Reject => {
            review
                .check_rejection(actor, &rejection_of(posted, seen))
                .await
        }
    }
}

async fn act(
    web: &Web<Branch>,
    actor: Actor,
    posted: &Posted,
    seen: Seen,
    deed: Deed,
) -> UseResult<()> {
    let uses: Arc<Branch> = web.uses.clone();
    match deed {
        Deed::Supplement => {
            let ask = supplement_of(posted, seen);
            spawned(async move { uses.review.ask_supplement(&actor, ask).await }).await
        }
        Deed::Approve => {
            let ask = approval_of(posted, seen);
            spawned(async move { uses.review.approve(&actor, ask).await }).await
        }
        Deed::Reject => {
            let ask = rejection_of(posted, seen);
            spawned(async move { uses.review.reject(&actor, ask).await }).await
        }
    }
}

/// The form with what was typed, and what must be corrected.
async fn again(
    web: &Web<Branch>,
    visit: &Visit,
    actor: &Actor,
    posted: &Posted,
    seen: &Seen,
    deed: Deed,
    error: Option<&UseError>,
) -> Result<Response, WebError> {
    let case = web.uses.dossier.view(actor, seen.application).await?;
    let key = match error {
        Some(error) if error.code == "idempotency.other_body" => visit.kit.tokens().one_time(),
        _ => seen.once.key.clone(),
    };
    let mut form = blank(visit, &case, deed, seen.version, &key).fill(posted.pairs());
    let mut status = StatusCode::OK;
    if let Some(error) = error {
        status = StatusCode::UNPROCESSABLE_ENTITY;
        for field in &error.fields {
            form.fail(&field.field, words::field_text(field));
        }
        if error.fields.is_empty() {
            form.problem(words::error_text(error));
        }
    }
    Ok(drawn(visit, &case, deed, form, status))
}

async fn check_page(
    web: &Web<Branch>,
    visit: &Visit,
    actor: &Actor,
    posted: &Posted,
    seen: &Seen,
    deed: Deed,
) -> Result<Response, WebError> {
    let case = web.uses.dossier.view(actor, seen.application).await?;
    let (title, text, yes, danger) = match deed {
        Deed::Supplement => (
            "要退回这笔融资需求，请企业补充吗？",
            "退回后办理时限暂停，企业补充提交后继续计算。",
            "退回补充",
            false,
        ),
        Deed::Approve => (
            "要通过这笔融资需求吗？",
            "通过后企业会看到批准的条件和审核意见，审核结果不能改为不通过。",
            "审核通过",
            false,
        ),
        Deed::Reject => (
            "要将这笔融资需求审核为不通过吗？",
            "企业会看到原因和审核意见，并可在条件满足后再次申请。",
            "审核不通过",
            true,
        ),
    };
    let href = detail::base(seen.application);
    let page = CheckPage {
        title: title.to_owned(),
        text: text.to_owned(),
        crumbs: detail::crumbs(&case.record, Some(deed.title())),
        rows: summary(visit, &case, posted, deed),
        action: format!("{href}/{}", deed.path()),
        key: seen.once.key.clone(),
        hidden: posted
            .pairs()
            .iter()
            .filter(|(name, _)| !name.starts_with('_'))
            .map(|(name, value)| Hidden {
                name: name.clone(),
                value: value.clone(),
            })
            .collect(),
        yes,
        no: "返回修改",
        back: href,
        danger,
        editable: true,
    };
    Ok(visit.render(CheckPage::TEMPLATE, deed.title(), &page))
}

/// What was filled in, row by row, after the application it is about.
fn summary(visit: &Visit, case: &Case, posted: &Posted, deed: Deed) -> Vec<Described> {
    let record = &case.record;
    let mut rows = vec![
        Described::new("申请编号", show::number(record)),
        Described::new("企业名称", &record.enterprise_name),
        Described::new(
            "期望融资",
            format!(
                "{}，{}，{}",
                show::money(record.amount),
                show::term(record.term),
                show::rate(record.rate)
            ),
        ),
    ];
    let mut row = |label: &str, text: String| rows.push(Described::new(label, text));
    match deed {
        Deed::Supplement => {
            let picked = posted.all("templates");
            let mut items: Vec<String> = visit
                .city
                .supplement_templates
                .iter()
                .filter(|t| picked.contains(&t.code.as_str()))
                .map(|t| t.label.clone())
                .collect();
            let own = posted.get("own").lines().map(str::trim);
            items.extend(own.filter(|l| !l.is_empty()).map(str::to_owned));
            row("补充清单", items.join("；"));
            row("补充说明", posted.get("note").to_owned());
        }
        Deed::Approve => {
            let unit = show::unit(record.term.unit());
            rows.extend(terms_rows(posted, unit));
            rows.push(Described::new("审核意见", posted.get("opinion")));
        }
        Deed::Reject => {
            row(
                "不通过原因",
                show::reasons(&visit.city, &words_of(posted, "reasons")),
            );
            row("审核意见", posted.get("opinion").to_owned());
        }
    }
    rows
}

/// The terms as typed, row by row.
pub(super) fn terms_rows(posted: &Posted, unit: &str) -> Vec<Described> {
    let rate = posted.get("approved_rate").trim_end_matches('%');
    vec![
        Described::new(
            "批准金额",
            format!("{} 万元", posted.get("approved_amount")),
        ),
        Described::new("批准利率", format!("{rate}%/年")),
        Described::new(
            "批准期限",
            format!("{} {unit}", posted.get("approved_term")),
        ),
        Described::new("额度有效期至", posted.get("valid_until")),
    ]
}

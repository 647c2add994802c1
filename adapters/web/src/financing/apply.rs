//! 需求申请 (M-303 to M-317).

use application::{
    Actor, FieldError, UseError,
    city::City,
    error::Kind,
    financing::{ApplyForm, AskInput, CoolDown, Follows, Lists, Next, agreement_field},
    ports::{
        product_offers::{Offer, OfferBranch},
        reference::RegionDirectory,
    },
};
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use domain::{
    ids::{FinancingApplicationId, ProductId},
    scene::Scene,
    values::{Cents, Term, TermUnit},
};
use serde::{Deserialize, Serialize};

use super::{Desk, crumbs, id_of, show};
use crate::{
    agreements_read,
    errors::WebError,
    forms::{AgreementPart, Choice, Field, FormView},
    parts::Link,
    posted::{Form, Posted},
    posters,
    spawned::spawned,
    visit::{EnterpriseVisit, Visit, encode, posted_by_enterprise},
    words,
};

pub(super) const STEPS: [&str; 3] = ["填写需求", "核对信息", "提交完成"];

#[derive(Debug, Default, Deserialize)]
pub struct ApplyQuery {
    again: Option<String>,
    renews: Option<String>,
    /// 额度试算 that led here: 万元, and the term in the unit of the product.
    amount: Option<String>,
    term: Option<String>,
}

/// One fact of the product on top.
#[derive(Debug, Serialize)]
pub(super) struct Fact {
    pub label: String,
    pub value: String,
    pub rate: bool,
}

#[derive(Serialize)]
struct ApplyPage {
    crumbs: Vec<Link>,
    steps: [&'static str; 3],
    product: String,
    bank: String,
    facts: Vec<Fact>,
    terms: Option<Link>,
    cool_down: String,
    /// That it follows another request, and what that means; empty otherwise.
    follows: String,
    /// What stands between this form and its submission; empty when nothing does.
    gate: String,
    /// `info`, or `warning` where the applicant cannot clear the way alone.
    gate_kind: &'static str,
    form: FormView,
}

#[derive(Serialize)]
pub(super) struct ClosedPage {
    pub crumbs: Vec<Link>,
    pub product: String,
    pub has_draft: bool,
}

/// The product's figures exactly as the manual prints them (M-304 to M-307).
pub(super) fn facts(offer: &Offer) -> Vec<Fact> {
    let range = &offer.range;
    let rate = if range.rate_min == range.rate_max {
        format!("{}%/年", range.rate_min.percent())
    } else {
        format!(
            "{}%–{}%/年",
            range.rate_min.percent(),
            range.rate_max.percent()
        )
    };
    let rate_label = match offer.rate_term.as_str() {
        "guarantee_fee" => "担保费率",
        "annualized_rate" => "参考年化利率",
        _ => "参考年利率",
    };
    let fact = |label: &str, value: String, rate: bool| Fact {
        label: label.to_owned(),
        value,
        rate,
    };
    vec![
        fact(rate_label, rate, true),
        fact(
            "融资额度（万元）",
            format!(
                "{} - {}",
                range.amount_min.format_wan(),
                range.amount_max.format_wan()
            ),
            false,
        ),
        fact(
            "融资期限",
            format!(
                "{}-{}{}",
                range.term_min,
                range.term_max,
                show::unit(range.term_unit)
            ),
            false,
        ),
        fact("担保方式", offer.guarantee.zh().to_owned(), false),
    ]
}

/// `2.5 小时` would be a promise: whole hours or days only.
pub(super) fn response_time(hours: Option<i32>) -> Option<String> {
    let hours = hours.filter(|h| *h > 0)?;
    Some(if hours % 24 == 0 {
        format!("平均 {} 天响应", hours / 24)
    } else {
        format!("平均 {hours} 小时响应")
    })
}

fn branch_choice(branch: &OfferBranch, regions: &dyn RegionDirectory) -> Choice {
    let county = regions.path(&branch.region_code).into_iter().nth(2);
    let mut label = branch.name.clone();
    if let Some(county) = county {
        label.push_str(&format!("（{}）", county.name));
    }
    if branch.near {
        label.push_str(" · 服务本区县");
    }
    if let Some(response) = response_time(branch.usual_response_hours) {
        label.push_str(&format!(" · {response}"));
    }
    Choice::new(branch.id.to_string(), label)
}

fn form_view(visit: &Visit, view: &ApplyForm, offer: &Offer, lists: &Lists) -> FormView {
    let range = &offer.range;
    let regions = lists.regions.of(visit.city.id);
    let unit = match range.term_unit {
        TermUnit::Month => "月",
        TermUnit::Year => "年",
    };
    let mut form = FormView::new(format!("/enterprise/apply/{}", offer.product))
        .star_first()
        .with(
            Field::number("amount", "期望融资金额", "(万元)")
                .required()
                .placeholder("请输入期望的融资金额")
                .hint(format!(
                    "{}–{} 万元，最多两位小数",
                    range.amount_min.format_wan_short(),
                    range.amount_max.format_wan_short()
                ))
                .maxlength(20)
                .value(&view.typed.amount),
        )
        .with(
            Field::number("term", "期望融资期限", unit)
                .required()
                .placeholder("请输入期望的融资期限")
                .inputmode("numeric")
                .hint(format!(
                    "{}–{} {}，填写整数",
                    range.term_min,
                    range.term_max,
                    show::unit(range.term_unit)
                ))
                .maxlength(8)
                .value(&view.typed.term),
        )
        .with(
            Field::number("rate", "期望融资利率", "%/年")
                .required()
                .placeholder("请输入期望的融资利率")
                .hint("仅表示您的期望，最终利率由受理银行审核确定")
                .maxlength(12)
                .value(&view.typed.rate),
        )
        .with(
            Field::select("branch", "选择受理支行", "请选择支行")
                .required()
                .hint("仅列出办理此金融产品的支行，服务本区县的排在前面；响应时间按最近 90 天接单所用的工作日时间计算")
                .options(view.branches.iter().map(|b| branch_choice(b, &*regions)))
                .value(&view.typed.branch),
        );
    for agreement in visit.city.ticked_on("apply") {
        let ticked = view
            .typed
            .agreed
            .contains(&format!("{}@{}", agreement.code, agreement.version));
        let part = AgreementPart {
            code: agreement.code.clone(),
            lead: "本人已阅读,并同意协议 ".to_owned(),
            title: agreement.short_title.clone(),
            href: format!("/agreements/{}", agreement.code),
            read: ticked || agreements_read::was_read(visit, &agreement.code, &agreement.version),
        };
        form.push(Field::agreement(agreement_field(&agreement.code), part).checked(ticked));
    }
    if let Some(again) = view.again {
        form.push(Field::hidden("again", again.to_string()));
    }
    if let Some(loan) = view.renews {
        form.push(Field::hidden("renews", loan.to_string()));
    }
    form
}

fn cool_down_text(cool_down: Option<&CoolDown>) -> String {
    cool_down.map_or(String::new(), |wait| {
        words::text(
            "financing.cool_down",
            &[
                ("date", domain::calendar::local_date(wait.until).to_string()),
                ("reasons", wait.reasons.join("、")),
            ],
        )
    })
}

/// 再次申请 and 续贷: what is taken over, and what goes along.
fn follows(view: &ApplyForm) -> String {
    if !view.renews_number.is_empty() {
        let no = view.renews_number.clone();
        // What stood in a draft stays: nothing of the loan was filled in.
        let code = if view.draft.is_some() {
            "renewal.follows_draft"
        } else {
            "renewal.follows"
        };
        return words::text(code, &[("no", no)]);
    }
    if view.again_number.is_empty() {
        return String::new();
    }
    let no = view.again_number.clone();
    words::text("financing.follows", &[("no", no)])
}

/// 融资需求申请条款 and the like: linked on the page, without a box of their own (M-314).
pub(super) fn terms_link(city: &City) -> Option<Link> {
    let text = city
        .agreements
        .iter()
        .find(|a| a.shown.iter().any(|s| s == "apply") && !a.ticked.iter().any(|s| s == "apply"))?;
    Some(Link::new(
        &text.short_title,
        format!("/agreements/{}", text.code),
    ))
}

fn page(view: &ApplyForm, offer: &Offer, city: &City, form: FormView) -> ApplyPage {
    let gate = match (view.frozen, view.profile_complete, view.face_verified) {
        (true, ..) => words::text("financing.account_frozen", &[]),
        (_, true, true) => String::new(),
        (_, true, false) => {
            "提交前还需完成人脸核验。您填写的内容会先存为草稿，核验后可继续提交。".to_owned()
        }
        _ => "提交前还需完善信息并完成人脸核验。您填写的内容会先存为草稿，办好后可继续提交。"
            .to_owned(),
    };
    ApplyPage {
        crumbs: crumbs(&[("金融超市", "/market"), ("提交融资需求", "")]),
        steps: STEPS,
        product: offer.name.clone(),
        bank: offer.bank_name.clone(),
        facts: facts(offer),
        terms: terms_link(city),
        cool_down: cool_down_text(view.cool_down.as_ref()),
        follows: follows(view),
        gate,
        gate_kind: if view.frozen { "warning" } else { "info" },
        form,
    }
}

fn draw(
    visit: &Visit,
    view: &ApplyForm,
    lists: &Lists,
    edit: impl FnOnce(FormView) -> FormView,
    status: StatusCode,
) -> Response {
    let Some(offer) = &view.offer else {
        let page = ClosedPage {
            crumbs: crumbs(&[("提交融资需求", "")]),
            product: view.product_name.clone(),
            has_draft: view.draft.is_some(),
        };
        return visit.render_with(
            StatusCode::CONFLICT,
            "financing/closed.html",
            "金融产品已下架",
            &page,
        );
    };
    let form = edit(form_view(visit, view, offer, lists));
    let page = page(view, offer, &visit.city, form);
    visit.render_with(status, "financing/apply.html", "提交融资需求", &page)
}

pub(super) async fn form(
    State(web): State<Desk>,
    visit: EnterpriseVisit,
    Path(product): Path<String>,
    Query(query): Query<ApplyQuery>,
) -> Result<Response, WebError> {
    let product: ProductId = id_of(&product)?;
    let named = |id: Option<&String>| id.map(|id| id_of::<FinancingApplicationId>(id)).transpose();
    let follows = Follows {
        again: named(query.again.as_ref())?,
        renews: named(query.renews.as_ref())?,
    };
    let mut view = web
        .uses
        .financing
        .form(visit.actor(), product, follows)
        .await?;
    let visit = visit.0.enterprise_console();
    choose_beforehand(&mut view, posters::scene_of(&visit));
    let carried = carry_over(&mut view, &query);
    let edit = |mut form: FormView| {
        for name in carried {
            if let Some(field) = form.field_mut(name) {
                field.hint.push_str("；已按额度试算带入，可以修改");
            }
        }
        form
    };
    Ok(draw(&visit, &view, &web.uses.lists, edit, StatusCode::OK))
}

/// What an estimate came to stands in the form, over what a draft said: whoever pressed 立即申请 there asked for it. Kept only once the
/// form is sent; what does not fit the product any more is left out. Answers which fields it is.
fn carry_over(view: &mut ApplyForm, query: &ApplyQuery) -> Vec<&'static str> {
    let Some(offer) = &view.offer else {
        return Vec::new();
    };
    let range = &offer.range;
    let mut carried = Vec::new();
    let amount = query.amount.as_deref().map(Cents::parse_wan);
    if let Some(Ok(amount)) = amount
        && (range.amount_min..=range.amount_max).contains(&amount)
    {
        view.typed.amount = amount.format_wan_short();
        carried.push("amount");
    }
    let term = query
        .term
        .as_deref()
        .map(|t| Term::parse(t, range.term_unit));
    if let Some(Ok(term)) = term
        && (range.term_min..=range.term_max).contains(&term.value())
    {
        view.typed.term = term.value().to_string();
        carried.push("term");
    }
    carried
}

/// Whoever scanned the code of a branch finds it chosen, where it carries the product and nothing else was chosen before.
fn choose_beforehand(view: &mut ApplyForm, scene: Option<Scene>) {
    if let Some(Scene::Branch(branch)) = scene
        && view.typed.branch.is_empty()
        && view.branches.iter().any(|one| one.id == branch)
    {
        view.typed.branch = branch.to_string();
    }
}

/// 来源 of what was just saved; nobody's draft waits for it.
async fn came_from(web: &Desk, actor: &Actor, draft: FinancingApplicationId, scene: Scene) {
    let (uses, actor) = (web.uses.clone(), actor.clone());
    let noted = spawned(async move { uses.financing.came_from(&actor, draft, scene).await });
    if let Err(error) = noted.await {
        tracing::warn!(code = error.code, "where a draft came from was not noted");
    }
}

fn input(visit: &Visit, posted: &Posted, product: ProductId) -> AskInput {
    let agreements = visit.city.ticked_on("apply");
    AskInput {
        product,
        amount: posted.get("amount").to_owned(),
        term: posted.get("term").to_owned(),
        rate: posted.get("rate").to_owned(),
        branch: posted.get("branch").to_owned(),
        agreed: agreements
            .iter()
            .filter(|a| posted.has(&agreement_field(&a.code)))
            .map(|a| a.code.clone())
            .collect(),
        opened: agreements
            .iter()
            .filter(|a| agreements_read::was_read(visit, &a.code, &a.version))
            .map(|a| a.code.clone())
            .collect(),
        again: id_of(posted.get("again")).ok(),
        renews: id_of(posted.get("renews")).ok(),
    }
}

pub(super) fn fail(form: &mut FormView, problems: &[FieldError]) {
    for problem in problems {
        form.fail(&problem.field, words::field_text(problem));
    }
}

pub(super) async fn save(
    State(web): State<Desk>,
    Path(product): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_enterprise(&visit)?;
    let product: ProductId = id_of(&product)?;
    let ask = input(&visit, &posted, product);
    let (uses, who) = (web.uses.clone(), actor.clone());
    let saved = spawned(async move { uses.financing.save(&who, ask).await }).await;
    let kept = saved.as_ref().ok().map(|saved| saved.application);
    if let (Some(draft), Some(scene)) = (kept, posters::scene_of(&visit)) {
        came_from(&web, &actor, draft, scene).await;
    }
    let problems = match saved {
        Ok(saved) => match saved.next {
            Next::Fix(problems) => problems,
            Next::Check => {
                return Ok(visit.redirect(&format!("/enterprise/apply/{product}/check"), None));
            }
            Next::Profile => {
                return Ok(detour(
                    &visit,
                    product,
                    "/enterprise/profile",
                    "financing.profile_incomplete",
                ));
            }
            Next::Face => {
                return Ok(detour(
                    &visit,
                    product,
                    "/enterprise/face",
                    "financing.face_not_verified",
                ));
            }
        },
        Err(UseError {
            kind: Kind::Conflict,
            code: "financing.product_unavailable",
            ..
        }) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    // What it follows, the draft knows by now.
    let none = Follows::default();
    let view = web.uses.financing.form(&actor, product, none).await?;
    let visit = visit.enterprise_console();
    let edit = |form: FormView| {
        let mut form = form.fill(posted.pairs());
        fail(&mut form, &problems);
        form
    };
    Ok(draw(
        &visit,
        &view,
        &web.uses.lists,
        edit,
        StatusCode::UNPROCESSABLE_ENTITY,
    ))
}

/// To 完善信息 or 人脸核验 and back to the form; what was typed waits as a draft.
pub(super) fn detour(visit: &Visit, product: ProductId, to: &str, code: &str) -> Response {
    let next = encode(&format!("/enterprise/apply/{product}"));
    let text = words::text(code, &[]);
    visit
        .redirect(&format!("{to}?next={next}"), Some(("info", &text)))
        .into_response()
}

pub(super) fn samples() -> Vec<(&'static str, serde_json::Value)> {
    use super::{ODD, sample};
    let page = |form: FormView, told: &str| ApplyPage {
        crumbs: crumbs(&[(ODD, "/market")]),
        steps: STEPS,
        product: ODD.to_owned(),
        bank: ODD.to_owned(),
        facts: vec![Fact {
            label: ODD.to_owned(),
            value: ODD.to_owned(),
            rate: true,
        }],
        terms: (!told.is_empty()).then(|| Link::new(ODD, "/agreements/application_terms")),
        cool_down: told.to_owned(),
        follows: told.to_owned(),
        gate: told.to_owned(),
        gate_kind: "warning",
        form,
    };
    let agreement = AgreementPart {
        code: "register".to_owned(),
        lead: "本人已阅读,并同意协议 ".to_owned(),
        title: ODD.to_owned(),
        href: "/agreements/register".to_owned(),
        read: false,
    };
    let form = FormView::new("/enterprise/apply/x")
        .star_first()
        .with(
            Field::number("amount", "期望融资金额", "(万元)")
                .required()
                .value(ODD),
        )
        .with(Field::select("branch", "选择受理支行", "请选择支行").options([("a", ODD)]))
        .with(Field::agreement("agree_register", agreement))
        .with(Field::hidden("again", ODD))
        .with(Field::hidden("renews", ODD));
    let mut wrong = form.clone();
    wrong.fail("amount", ODD);
    wrong.problem(ODD);
    let closed = |has_draft| ClosedPage {
        crumbs: crumbs(&[(ODD, "")]),
        product: ODD.to_owned(),
        has_draft,
    };
    vec![
        sample("financing/apply.html", &page(form, "")),
        sample("financing/apply.html", &page(wrong, ODD)),
        sample("financing/closed.html", &closed(true)),
        sample("financing/closed.html", &closed(false)),
    ]
}

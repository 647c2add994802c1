//! The form on a product, and its answer: a visitor's stays on the page, an enterprise's is kept and leads to its own page.

use application::{
    access::Actor,
    error::{Kind, UseError, UseResult},
    estimates::{EstimateForm, GONE, MakeEstimate, OUTSIDE, Question, Tried, TypedEstimate},
};
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use domain::ids::ProductId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    LIST, PATH, Room, TITLE,
    answer::{AnswerView, apply_href},
    href, own_href,
};
use crate::{
    errors::WebError,
    forms::{Choice, Field, FormView},
    parts::Link,
    posted::{Form, Posted, once},
    show,
    spawned::spawned,
    visit::{Visit, id_of},
};

#[derive(Debug, Default, Deserialize)]
pub(super) struct AskQuery {
    /// 重新试算: the estimate whose figures stand in the form.
    again: Option<String>,
}

/// The form, with the answer above it once there is one.
#[derive(Serialize)]
pub(super) struct FormPage {
    pub crumbs: Vec<Link>,
    pub product: String,
    pub product_href: String,
    /// Who sees it and whether it is kept.
    pub privacy: &'static str,
    pub prefilled: bool,
    /// 我的试算; empty for whoever has none.
    pub list: Option<Link>,
    pub form: FormView,
    pub answer: Option<AnswerView>,
    /// 立即申请 with what came of it; empty: nobody takes it here.
    pub apply_href: String,
}

impl FormPage {
    pub const TEMPLATE: &'static str = "estimates/form.html";
}

const KEPT: &str = "试算结果保存在“我的试算”，只有本企业可以查看，可以随时删除，最长保存 365 天。银行看不到您的试算，试算也不会提交融资需求。";
const READ: &str = "您是企业查看人员，试算结果只在本页显示，不会保存。银行看不到您的试算，试算也不会提交融资需求。";
const TOLD: &str = "您填写的内容和试算结果只在本页显示，平台不保存，银行看不到。企业登录后试算，可以带入已有信息，并保存在“我的试算”。";

fn privacy(seen: &EstimateForm) -> &'static str {
    match (seen.keeps, seen.enterprise) {
        (true, _) => KEPT,
        (false, true) => READ,
        (false, false) => TOLD,
    }
}

fn amount_hint(seen: &EstimateForm) -> String {
    let range = &seen.product.range;
    format!(
        "本产品额度 {}–{} 万元，最多两位小数",
        range.amount_min.format_wan_brief(),
        range.amount_max.format_wan_brief()
    )
}

fn field_of(question: Question, seen: &EstimateForm) -> Field {
    let (name, label) = (question.code(), question.zh());
    let typed = seen.typed.get(question);
    match question {
        Question::Revenue | Question::Tax | Question::Capital => Field::number(name, label, "万元")
            .maxlength(20)
            .value(typed),
        Question::Years => Field::number(name, label, "年")
            .inputmode("numeric")
            .hint(
                "自成立日期起满几年填几，不满一年填 0。平台不另外收集成立日期，不填写的由支行核对",
            )
            .maxlength(8)
            .value(typed),
        Question::Section => Field::select(name, label, "请选择所属行业")
            .options(
                seen.sections
                    .iter()
                    .map(|s| (s.code.as_str(), s.name.as_str())),
            )
            .value(typed),
        Question::Region => {
            let mut places: Vec<Choice> = seen
                .counties
                .iter()
                .map(|c| Choice::new(c.code.as_str(), c.name.as_str()))
                .collect();
            places.push(Choice::new(OUTSIDE, "本市以外"));
            Field::select(name, label, "请选择所在区县")
                .options(places)
                .value(typed)
        }
        Question::FirstLoan => Field::select(name, label, "请选择是否有贷款记录")
            .options([
                ("first", "尚无贷款记录（首贷户）"),
                ("repeat", "已有贷款记录"),
            ])
            .value(typed),
    }
}

fn form_view(seen: &EstimateForm, key: &str) -> FormView {
    let range = &seen.product.range;
    let term = show::unit(range.term_unit);
    let mut form = FormView::new(href(seen.product.id));
    if seen.keeps {
        form = form.key(key);
    }
    form = form
        .with(
            Field::number("amount", "期望融资金额", "万元")
                .required()
                .hint(amount_hint(seen))
                .maxlength(20)
                .value(&seen.typed.amount),
        )
        .with(
            Field::number("term", "期望融资期限", term)
                .required()
                .inputmode("numeric")
                .hint(format!(
                    "{}–{} {term}，填写整数",
                    range.term_min, range.term_max
                ))
                .maxlength(8)
                .value(&seen.typed.term),
        );
    for question in &seen.questions {
        form.push(field_of(*question, seen));
    }
    form
}

fn page(visit: &Visit, seen: &EstimateForm, form: FormView) -> FormPage {
    let product_href = format!("/market/{}", seen.product.id);
    let own = visit
        .enterprise_actor()
        .is_ok()
        .then(|| Link::new(LIST, PATH));
    FormPage {
        crumbs: [
            ("首页", "/"),
            ("金融超市", "/market"),
            (seen.product.name.as_str(), product_href.as_str()),
            (TITLE, ""),
        ]
        .map(|(label, href)| Link::new(label, href))
        .to_vec(),
        product: seen.product.name.clone(),
        product_href,
        privacy: privacy(seen),
        prefilled: seen.prefilled,
        list: own,
        form,
        answer: None,
        apply_href: String::new(),
    }
}

/// Whoever of an enterprise looks; staff try as visitors do.
fn own(visit: &Visit) -> Option<&Actor> {
    visit.enterprise_actor().ok()
}

/// Off the market: the product's own page says why and what is like it.
fn gone(visit: &Visit, product: ProductId, error: UseError) -> Result<Response, WebError> {
    if error.code == GONE {
        return Ok(visit.redirect(&format!("/market/{product}"), None));
    }
    Err(WebError(error))
}

pub(super) async fn ask(
    State(web): State<Room>,
    mut visit: Visit,
    Path(id): Path<String>,
    Query(query): Query<AskQuery>,
) -> Result<Response, WebError> {
    let product = ProductId(id_of(&id)?);
    let again = query.again.and_then(|id| Uuid::try_parse(&id).ok());
    let uses = &web.uses;
    let seen = uses.form(&visit.city, own(&visit), product, again).await;
    let seen = match seen {
        Ok(seen) => seen,
        Err(error) => return gone(&visit, product, error),
    };
    visit.ensure_binding();
    let form = form_view(&seen, &visit.kit.tokens().one_time());
    let page = page(&visit, &seen, form);
    Ok(visit.render(FormPage::TEMPLATE, TITLE, &page))
}

fn typed(posted: &Posted) -> TypedEstimate {
    let text = |name: &str| posted.get(name).to_owned();
    TypedEstimate {
        amount: text("amount"),
        term: text("term"),
        revenue: text("revenue"),
        tax: text("tax"),
        years: text("years"),
        capital: text("capital"),
        section: text("section"),
        region: text("region"),
        first_loan: text("first_loan"),
    }
}

/// What came of it.
enum Outcome {
    /// Under this id, for the enterprise.
    Kept(Uuid),
    Told(Box<Tried>),
}

/// Whoever tries for their enterprise, so that it is kept.
async fn keeper(web: &Room, visit: &Visit) -> Option<Actor> {
    let actor = own(visit)?;
    let keeps = web.uses.keeps(actor).await;
    keeps.then(|| actor.clone())
}

async fn tried(
    web: &Room,
    visit: &Visit,
    product: ProductId,
    posted: &Posted,
) -> UseResult<Outcome> {
    let typed = typed(posted);
    let uses = web.uses.clone();
    let keeper = keeper(web, visit).await;
    let Some(keeper) = keeper else {
        let told = uses.try_out(&visit.city, product, &typed).await?;
        return Ok(Outcome::Told(Box::new(told)));
    };
    let ask = MakeEstimate {
        product,
        typed,
        once: once(posted).map_err(|error| error.0)?,
    };
    let city = visit.city.clone();
    let id = spawned(async move { uses.make(&keeper, &city, ask).await }).await?;
    Ok(Outcome::Kept(id))
}

pub(super) async fn send(
    State(web): State<Room>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let product = ProductId(id_of(&id)?);
    match tried(&web, &visit, product, &posted).await {
        Ok(Outcome::Kept(id)) => {
            let text = "试算结果已保存在“我的试算”，银行看不到。";
            Ok(visit.redirect(&own_href(id), Some(("success", text))))
        }
        Ok(Outcome::Told(told)) => again(&web, &visit, product, &posted, Ok(told.as_ref())).await,
        Err(error) if error.kind == Kind::Invalid => {
            again(&web, &visit, product, &posted, Err(&error)).await
        }
        Err(error) => gone(&visit, product, error),
    }
}

/// The form as it was typed, with the answer or with what must be corrected.
async fn again(
    web: &Room,
    visit: &Visit,
    product: ProductId,
    posted: &Posted,
    outcome: Result<&Tried, &UseError>,
) -> Result<Response, WebError> {
    let seen = web
        .uses
        .form(&visit.city, own(visit), product, None)
        .await?;
    let key = visit.kit.tokens().one_time();
    let mut form = form_view(&seen, &key).fill(posted.pairs());
    let mut status = StatusCode::OK;
    if let Err(error) = outcome {
        status = StatusCode::UNPROCESSABLE_ENTITY;
        crate::console::show_errors(&mut form, error);
    }
    let mut page = page(visit, &seen, form);
    page.prefilled = false;
    if let Ok(Tried { inputs, answer }) = outcome {
        let names = |question: Question, code: &str| web.uses.name_of(question, code);
        page.answer = Some(AnswerView::of(inputs, answer, &[], &names));
        // Only enterprises apply; a visitor becomes one on the way.
        if seen.carried && visit.staff_actor().is_err() {
            page.apply_href = apply_href(product, inputs, answer);
        }
    }
    Ok(visit.render_with(status, FormPage::TEMPLATE, TITLE, &page))
}

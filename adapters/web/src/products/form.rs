//! The form of a product: every field, what it offers, and saving it.

use application::{
    city::City,
    error::{Kind, UseError},
    ports::product_shelf::OwnBranch,
    products::{FormLists, ProductForm, RATE_TERMS, SaveDraft},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::{ids::ProductId, product::GuaranteeType};
use serde::Serialize;

use super::{LIST, ProductDesk, base, crumbs, id_of};
use crate::{
    console::{show_errors, told},
    errors::WebError,
    forms::{Choice, Field, FormView},
    kit::Web,
    parts::Link,
    posted::{Form, Posted, once},
    spawned::spawned,
    visit::{StaffVisit, Visit},
};

/// 新增产品, 修改产品.
#[derive(Serialize)]
pub(super) struct FormPage {
    pub title: String,
    pub crumbs: Vec<Link>,
    pub form: FormView,
    pub back: String,
}

impl FormPage {
    pub const TEMPLATE: &'static str = "products/form.html";
}

/// Which product is written, over which revision; without an id it is a new one.
pub(super) struct Sheet<'a> {
    pub id: Option<ProductId>,
    pub name: String,
    pub revision: i32,
    pub key: String,
    pub form: &'a ProductForm,
    pub branches: &'a [OwnBranch],
}

fn vocabulary(lists: &FormLists, domain: &str) -> Vec<Choice> {
    lists
        .words
        .entries(domain)
        .iter()
        .map(|e| Choice::new(e.code, e.label))
        .collect()
}

fn prices(lists: &FormLists, form: &ProductForm, view: FormView) -> FormView {
    let rate_terms = vocabulary(lists, "rate_term")
        .into_iter()
        .filter(|c| RATE_TERMS.contains(&c.value.as_str()));
    view.with(
        Field::select("rate_term", "利率口径", "请选择利率口径")
            .required()
            .options(rate_terms)
            .value(&form.rate_term),
    )
    .with(
        Field::radio("rate_type", "利率类型")
            .required()
            .options(vocabulary(lists, "rate_type"))
            .value(&form.rate_type),
    )
    .with(
        Field::number("rate_min", "最低年利率", "%/年")
            .required()
            .value(&form.rate_min),
    )
    .with(
        Field::number("rate_max", "最高年利率", "%/年")
            .required()
            .hint("固定为一个利率时，两项填写相同的数值。")
            .value(&form.rate_max),
    )
    .with(
        Field::checks("repayment", "还款方式")
            .required()
            .options(vocabulary(lists, "repayment_method"))
            .values(form.repayment.clone()),
    )
    .with(
        Field::radio("fee_kind", "是否另外收费")
            .required()
            .options([
                ("none", "除利息外不收取其他费用"),
                ("listed", "按下列项目收费"),
            ])
            .value(&form.fee_kind),
    )
    .with(
        Field::textarea("fees", "收费项目")
            .hint("每行一项，按“名称：收取规则”填写，如“评估费：由机构承担”。")
            .maxlength(2_000)
            .value(&form.fees),
    )
    .with(
        Field::textarea("conditions", "申请条件")
            .required()
            .hint("每行一条，最多 20 条。展示给企业。")
            .rows(5)
            .maxlength(2_000)
            .value(&form.conditions),
    )
}

fn basics(lists: &FormLists, form: &ProductForm, view: FormView) -> FormView {
    let guarantees = GuaranteeType::ALL.iter().map(|g| (g.code(), g.zh()));
    view.with(
        Field::text("product_name", "产品名称")
            .required()
            .hint("2–40 个字，在本机构内不能重复。")
            .maxlength(40)
            .value(&form.product_name),
    )
    .with(
        Field::select("financing_type", "融资类型", "请选择融资类型")
            .required()
            .options(vocabulary(lists, "financing_type"))
            .value(&form.financing_type),
    )
    .with(
        Field::select("guarantee", "担保方式", "请选择担保方式")
            .required()
            .options(guarantees)
            .value(&form.guarantee),
    )
    .with(
        Field::number("amount_min", "最低额度", "万元")
            .required()
            .value(&form.amount_min),
    )
    .with(
        Field::number("amount_max", "最高额度", "万元")
            .required()
            .value(&form.amount_max),
    )
    .with(
        Field::radio("term_unit", "期限单位")
            .required()
            .options([("month", "个月"), ("year", "年")])
            .value(&form.term_unit),
    )
    .with(
        Field::number("term_min", "最短期限", "")
            .required()
            .hint("填写整数，按上面选择的期限单位计算。")
            .value(&form.term_min),
    )
    .with(
        Field::number("term_max", "最长期限", "")
            .required()
            .hint("填写整数，按上面选择的期限单位计算。")
            .value(&form.term_max),
    )
    .with(Field::checkbox("first_loan", "支持首贷").checked(form.first_loan))
    .with(Field::checkbox("renewal", "支持续贷").checked(form.renewal))
}

fn words_of(lists: &FormLists, form: &ProductForm, view: FormView) -> FormView {
    let mut collateral = vocabulary(lists, "collateral_mortgage");
    collateral.extend(vocabulary(lists, "collateral_pledge"));
    view.with(
        Field::textarea("intro", "产品介绍")
            .maxlength(1_000)
            .value(&form.intro),
    )
    .with(
        Field::textarea("highlights", "产品亮点")
            .hint("每行一条。")
            .rows(3)
            .maxlength(2_000)
            .value(&form.highlights),
    )
    .with(
        Field::text("eligibility", "适用对象")
            .maxlength(200)
            .value(&form.eligibility),
    )
    .with(
        Field::textarea("documents", "所需材料")
            .hint("每行一项，最多 20 项。")
            .rows(5)
            .maxlength(2_000)
            .value(&form.documents),
    )
    .with(
        Field::checks("collateral", "可用担保物")
            .options(collateral)
            .values(form.collateral.clone()),
    )
    .with(
        Field::checks("purposes", "资金用途")
            .options(vocabulary(lists, "financing_purpose"))
            .values(form.purposes.clone()),
    )
    .with(
        Field::number("response_days", "审核答复", "个工作日")
            .hint("受理后多少个工作日内答复，可不填。")
            .value(&form.response_days),
    )
}

fn rules(lists: &FormLists, city: &City, form: &ProductForm, view: FormView) -> FormView {
    let sections = lists.industries.sections();
    let counties = lists.regions.children(Some(&city.default_city));
    view.with(
        Field::checks("industries", "适用行业")
            .hint("不选择表示不限行业。")
            .options(sections.into_iter().map(|s| (s.code, s.name)))
            .values(form.industries.clone()),
    )
    .with(
        Field::number("rule_years", "成立年限不少于", "年")
            .hint("不填写表示不限。完善信息不收集企业成立日期：企业额度试算时可以自己填写成立年限，其他时候由支行按营业执照核对。")
            .value(&form.rule_years),
    )
    .with(
        Field::number("rule_capital", "注册资本不少于", "万元")
            .hint("不填写表示不限。")
            .value(&form.rule_capital),
    )
    .with(
        Field::checks("rule_regions", "企业所在区域")
            .hint("不选择表示不限区域。")
            .options(counties.into_iter().map(|c| (c.code, c.name)))
            .values(form.rule_regions.clone()),
    )
    .with(
        Field::radio("rule_first_loan", "首贷要求")
            .options([
                ("", "不限"),
                ("first", "仅限首贷户"),
                ("repeat", "仅限有贷款记录的企业"),
            ])
            .value(&form.rule_first_loan),
    )
}

fn bounds(form: &ProductForm, view: FormView) -> FormView {
    view.with(
        Field::number("bound_revenue", "额度不超过上一年度营业收入的", "%")
            .hint("最多两位小数，不填写表示不公布。")
            .maxlength(12)
            .value(&form.bound_revenue),
    )
    .with(
        Field::number("bound_tax", "额度不超过上一年度纳税额的", "倍")
            .hint("最多两位小数，不填写表示不公布。")
            .maxlength(12)
            .value(&form.bound_tax),
    )
}

/// The whole form in the order of the page.
pub(super) fn view(lists: &FormLists, city: &City, sheet: &Sheet<'_>) -> FormView {
    let action = sheet
        .id
        .map_or_else(|| format!("{LIST}/new"), |id| format!("{}/edit", base(id)));
    let form = sheet.form;
    let mut view = FormView::new(action)
        .key(&sheet.key)
        .with(Field::hidden("revision", sheet.revision.to_string()));
    view = basics(lists, form, view);
    view = prices(lists, form, view);
    view = rules(lists, city, form, view);
    view = bounds(form, view);
    view = view.with(
        Field::checks("branches", "受理支行")
            .required()
            .options(
                sheet
                    .branches
                    .iter()
                    .map(|b| (b.id.to_string(), b.name.clone())),
            )
            .values(form.branches.clone()),
    );
    words_of(lists, form, view)
}

/// The page, with what must be corrected.
pub(super) fn drawn(
    desk: &ProductDesk,
    visit: &Visit,
    sheet: &Sheet<'_>,
    error: Option<&UseError>,
) -> Response {
    let mut form = view(&desk.products.lists, &visit.city, sheet);
    let mut status = StatusCode::OK;
    if let Some(error) = error {
        status = StatusCode::UNPROCESSABLE_ENTITY;
        show_errors(&mut form, error);
    }
    let title = if sheet.id.is_some() {
        format!("修改产品：{}", sheet.name)
    } else {
        "新增产品".to_owned()
    };
    let here = if sheet.id.is_some() {
        "修改产品"
    } else {
        "新增产品"
    };
    let page = FormPage {
        crumbs: crumbs(&sheet.name, sheet.id, Some(here)),
        back: sheet.id.map_or_else(|| LIST.to_owned(), base),
        form,
        title: title.clone(),
    };
    visit.render_with(status, FormPage::TEMPLATE, &title, &page)
}

fn read(posted: &Posted) -> ProductForm {
    let text = |name: &str| posted.get(name).to_owned();
    let list = |name: &str| posted.all(name).into_iter().map(str::to_owned).collect();
    ProductForm {
        product_name: text("product_name"),
        intro: text("intro"),
        financing_type: text("financing_type"),
        guarantee: text("guarantee"),
        amount_min: text("amount_min"),
        amount_max: text("amount_max"),
        rate_term: text("rate_term"),
        rate_type: text("rate_type"),
        rate_min: text("rate_min"),
        rate_max: text("rate_max"),
        term_min: text("term_min"),
        term_max: text("term_max"),
        term_unit: text("term_unit"),
        repayment: list("repayment"),
        collateral: list("collateral"),
        purposes: list("purposes"),
        fee_kind: text("fee_kind"),
        fees: text("fees"),
        conditions: text("conditions"),
        documents: text("documents"),
        eligibility: text("eligibility"),
        highlights: text("highlights"),
        first_loan: posted.has("first_loan"),
        renewal: posted.has("renewal"),
        response_days: text("response_days"),
        branches: list("branches"),
        industries: list("industries"),
        rule_years: text("rule_years"),
        rule_capital: text("rule_capital"),
        rule_regions: list("rule_regions"),
        rule_first_loan: text("rule_first_loan"),
        bound_revenue: text("bound_revenue"),
        bound_tax: text("bound_tax"),
    }
}

pub(super) async fn blank(
    State(web): State<Web<ProductDesk>>,
    visit: StaffVisit,
) -> Result<Response, WebError> {
    let branches = web.uses.products.new_form(visit.actor()).await?;
    let visit = visit.0.staff_console();
    let form = ProductForm {
        rate_term: "annual_rate".to_owned(),
        ..ProductForm::default()
    };
    let sheet = Sheet {
        id: None,
        name: String::new(),
        revision: 0,
        key: visit.kit.tokens().one_time(),
        form: &form,
        branches: &branches,
    };
    Ok(drawn(&web.uses, &visit, &sheet, None))
}

pub(super) async fn edit(
    State(web): State<Web<ProductDesk>>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = id_of(&id)?;
    let room = web.uses.products.look(visit.actor(), id).await?;
    if !room.may_save {
        return Err(WebError(UseError::denied()));
    }
    let visit = visit.0.staff_console();
    if room.is_in_review() {
        return told(&visit, UseError::conflict("products.in_review"), &base(id));
    }
    let form = room.form();
    let sheet = Sheet {
        id: Some(id),
        name: room.name(),
        revision: room.revision(),
        key: visit.kit.tokens().one_time(),
        form: &form,
        branches: &room.branches,
    };
    Ok(drawn(&web.uses, &visit, &sheet, None))
}

pub(super) async fn create(
    State(web): State<Web<ProductDesk>>,
    form: Form,
) -> Result<Response, WebError> {
    write(web, None, form).await
}

pub(super) async fn save(
    State(web): State<Web<ProductDesk>>,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, WebError> {
    write(web, Some(id_of(&id)?), form).await
}

/// 保存草稿; `_action=submit` goes on to 提交发布.
async fn write(
    web: Web<ProductDesk>,
    id: Option<ProductId>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = visit.staff_actor()?.clone();
    let visit = visit.staff_console();
    let ask = SaveDraft {
        product: id,
        revision: posted.get("revision").parse().unwrap_or(0),
        form: read(&posted),
        once: once(&posted)?,
    };
    let typed = ask.form.clone();
    let (revision, key) = (ask.revision, ask.once.key.clone());
    let uses = web.uses.clone();
    let writer = actor.clone();
    match spawned(async move { uses.products.save(&writer, ask).await }).await {
        Ok(id) if posted.action() == "submit" => {
            Ok(visit.redirect(&format!("{}/submit", base(id)), None))
        }
        Ok(id) => Ok(visit.redirect(&base(id), Some(("success", "草稿已保存。")))),
        Err(error) if error.kind == Kind::Invalid => {
            let (name, branches) = match id {
                Some(id) => {
                    let room = web.uses.products.look(&actor, id).await?;
                    (room.name(), room.branches)
                }
                None => (String::new(), web.uses.products.new_form(&actor).await?),
            };
            let key = if error.code == "idempotency.other_body" {
                visit.kit.tokens().one_time()
            } else {
                key
            };
            let sheet = Sheet {
                id,
                name,
                revision,
                key,
                form: &typed,
                branches: &branches,
            };
            Ok(drawn(&web.uses, &visit, &sheet, Some(&error)))
        }
        Err(error) => {
            let href = id.map_or_else(|| LIST.to_owned(), base);
            told(&visit, error, &href)
        }
    }
}

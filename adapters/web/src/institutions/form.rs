//! 机构入驻 with the first administrator, and 修改 of what the portal shows; both want a fresh proof (S-41).

use application::{
    access::{Action, Room as Chamber},
    error::{Kind, UseError},
    institutions::{HOLDING, InstitutionForm, OpenInstitution},
    ports::institution_desk::InstitutionFacts,
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::ids::TenantId;
use serde::Serialize;

use super::{LIST, Room, base, crumbs};
use crate::{
    console::{show_errors, told},
    errors::WebError,
    forms::{Choice, Field, FormView},
    parts::Link,
    posted::{Form, Posted, once},
    proof::{self, FreshProof},
    spawned::spawned,
    visit::{Visit, id_of, posted_by_staff},
};

const NEW: &str = "/operator/institutions/new";
const TITLE_NEW: &str = "机构入驻";
const TITLE_EDIT: &str = "修改机构信息";

/// `institutions/form.html`.
#[derive(Serialize)]
pub(super) struct FormPage {
    pub crumbs: Vec<Link>,
    pub title: &'static str,
    pub lead: &'static str,
    pub form: FormView,
    pub yes: &'static str,
    pub back: String,
    /// Names of the fields about the institution; those of the administrator follow.
    pub institution: Vec<&'static str>,
    pub person: Vec<&'static str>,
}

impl FormPage {
    pub const TEMPLATE: &'static str = "institutions/form.html";
}

const INSTITUTION: [&str; 7] = [
    "name",
    "short_name",
    "kind",
    "licence_no",
    "hotline",
    "address",
    "intro",
];
const PERSON: [&str; 3] = ["person", "phone", "account"];

fn fields(web: &Room, action: &str, key: &str, facts: &InstitutionFacts) -> FormView {
    let mut types: Vec<Choice> = web
        .uses
        .types()
        .iter()
        .map(|entry| Choice::new(entry.code, entry.label))
        .collect();
    if facts.kind == HOLDING {
        types.insert(0, Choice::new(HOLDING, &facts.kind_label));
    }
    FormView::new(action)
        .key(key)
        .with(
            Field::text("name", "机构名称")
                .required()
                .hint("营业执照上的全称，4–60 个字。")
                .maxlength(60)
                .value(&facts.name),
        )
        .with(
            Field::text("short_name", "简称")
                .required()
                .hint("显示在产品和列表中，不超过 30 个字。")
                .maxlength(30)
                .width("m")
                .value(&facts.short_name),
        )
        .with(
            Field::select("kind", "机构类型", "请选择")
                .required()
                .options(types)
                .width("m")
                .value(&facts.kind),
        )
        .with(
            Field::text("licence_no", "许可证编号")
                .required()
                .hint("金融许可证、融资担保业务经营许可证或其他业务许可的编号。")
                .maxlength(40)
                .value(&facts.licence_no),
        )
        .with(
            Field::text("hotline", "客服电话")
                .hint("如 95588，座机请带区号；不填则不展示。")
                .maxlength(20)
                .width("m")
                .value(&facts.hotline),
        )
        .with(
            Field::text("address", "地址")
                .maxlength(100)
                .value(&facts.address),
        )
        .with(
            Field::textarea("intro", "简介")
                .hint("展示在机构页面，不超过 1000 个字。")
                .maxlength(1000)
                .rows(5)
                .value(&facts.intro),
        )
}

fn open_form(web: &Room, key: &str) -> FormView {
    fields(web, NEW, key, &InstitutionFacts::default())
        .with(
            Field::text("person", "姓名")
                .required()
                .maxlength(30)
                .width("m"),
        )
        .with(
            Field::phone("phone", "手机号")
                .required()
                .hint("用于接收一次性邀请链接，请与本人核对。"),
        )
        .with(
            Field::text("account", "登录账号")
                .required()
                .hint("3–30 位小写字母、数字或 . _ -，以字母开头，全市唯一。")
                .maxlength(30)
                .autocomplete("off")
                .width("m"),
        )
}

fn open_page(form: FormView) -> FormPage {
    FormPage {
        crumbs: crumbs(&[(TITLE_NEW, "")]),
        title: TITLE_NEW,
        lead: "机构入驻后，由首位管理员开设支行、维护产品。管理员角色需另一位平台运营人员确认后生效；产品经平台审核后上架。",
        form,
        yes: "办理入驻",
        back: LIST.to_owned(),
        institution: INSTITUTION.to_vec(),
        person: PERSON.to_vec(),
    }
}

fn change_page(id: TenantId, name: &str, form: FormView) -> FormPage {
    FormPage {
        crumbs: crumbs(&[(name, &base(id)), (TITLE_EDIT, "")]),
        title: TITLE_EDIT,
        lead: "保存后立即在门户展示。已提交的融资需求仍记录当时的机构名称。",
        form,
        yes: "保存修改",
        back: base(id),
        institution: INSTITUTION.to_vec(),
        person: Vec::new(),
    }
}

fn typed(posted: &Posted) -> InstitutionForm {
    let text = |name: &str| posted.get(name).to_owned();
    InstitutionForm {
        name: text("name"),
        short_name: text("short_name"),
        kind: text("kind"),
        licence_no: text("licence_no"),
        hotline: text("hotline"),
        address: text("address"),
        intro: text("intro"),
    }
}

fn again(visit: &Visit, mut page: FormPage, error: &UseError) -> Response {
    show_errors(&mut page.form, error);
    let title = page.title;
    visit.render_with(
        StatusCode::UNPROCESSABLE_ENTITY,
        FormPage::TEMPLATE,
        title,
        &page,
    )
}

/// Whoever may not do it anyway is told so instead of being asked to prove.
async fn may(visit: &Visit, actor: &application::access::Actor) -> bool {
    let guard = visit.kit.guard();
    guard.may(actor, Chamber::Institutions, Action::Save).await
}

pub(super) async fn ask_open(
    State(web): State<Room>,
    visit: crate::visit::StaffVisit,
) -> Result<Response, WebError> {
    let list = web.uses.list(visit.actor()).await?;
    if !list.may_save {
        return Err(WebError(UseError::denied()));
    }
    if let Some(to_proof) = proof::first(&visit.0) {
        return Ok(to_proof);
    }
    let page = open_page(open_form(&web, &visit.0.kit.tokens().one_time()));
    Ok(visit
        .0
        .staff_console()
        .render(FormPage::TEMPLATE, TITLE_NEW, &page))
}

pub(super) async fn open(
    State(web): State<Room>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let once = once(&posted)?;
    if may(&visit, &actor).await
        && let Some(to_proof) = proof::carry(&visit)
    {
        return Ok(to_proof);
    }
    let key = once.key.clone();
    let ask = OpenInstitution {
        form: typed(&posted),
        person: posted.get("person").to_owned(),
        phone: posted.get("phone").to_owned(),
        account: posted.get("account").to_owned(),
        address: visit.address("/staff/link/"),
        once,
    };
    let uses = web.uses.clone();
    match spawned(async move { uses.open(&actor, ask).await }).await {
        Ok(Some(opened)) => Ok(crate::people::issued_for(
            visit,
            (&base(opened.institution), "查看机构"),
            "机构已入驻，邀请已发出",
            opened.issued,
        )),
        Ok(None) => {
            let text = "机构此前已经入驻，邀请链接不会再次显示。";
            Ok(visit.redirect(LIST, Some(("info", text))))
        }
        Err(error) if error.kind == Kind::Invalid => {
            let form = open_form(&web, &key).fill(posted.pairs());
            Ok(again(&visit.staff_console(), open_page(form), &error))
        }
        Err(error) => told(&visit.staff_console(), error, LIST),
    }
}

pub(super) async fn ask_change(
    State(web): State<Room>,
    visit: FreshProof,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = TenantId(id_of(&id)?);
    let case = web.uses.view(visit.actor(), id).await?;
    if !case.powers.save {
        return Err(WebError(UseError::denied()));
    }
    let facts = &case.institution.facts;
    let key = visit.0.kit.tokens().one_time();
    let form = fields(&web, &format!("{}/edit", base(id)), &key, facts);
    let page = change_page(id, &facts.name, form);
    Ok(visit
        .0
        .staff_console()
        .render(FormPage::TEMPLATE, TITLE_EDIT, &page))
}

pub(super) async fn change(
    State(web): State<Room>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let visit = visit.staff_console();
    let id = TenantId(id_of(&id)?);
    let once = once(&posted)?;
    let case = web.uses.view(&actor, id).await?;
    if case.powers.save
        && let Some(to_proof) = proof::carry(&visit)
    {
        return Ok(to_proof);
    }
    let key = once.key.clone();
    let (uses, ask) = (web.uses.clone(), typed(&posted));
    match spawned(async move { uses.change(&actor, id, &ask, &once).await }).await {
        Ok(()) => Ok(visit.redirect(&base(id), Some(("success", "机构信息已保存。")))),
        Err(error) if error.kind == Kind::Invalid => {
            let facts = &case.institution.facts;
            let form = fields(&web, &format!("{}/edit", base(id)), &key, facts);
            let page = change_page(id, &facts.name, form.fill(posted.pairs()));
            Ok(again(&visit, page, &error))
        }
        Err(error) => told(&visit, error, &base(id)),
    }
}

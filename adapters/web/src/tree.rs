//! 机构与支行 pages of headquarters: the tree, a branch, 停用 and 恢复 (H2).

use application::{
    access::{Action, Room as Chamber},
    error::{Kind, UseError},
    once::Once,
    ports::tree::TreeBranch,
    tree::{BranchForm, BranchView, TreeRoom},
};
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::{ids::TenantId, tenant::TenantKind};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    branch::told,
    console::show_errors,
    doors::{self, Door, Who},
    errors::WebError,
    forms::{Choice, Field, FormView},
    kit::Web,
    parts::{Cell, Described, Link, Table, TagKind},
    posted::{Form, Posted, once},
    spawned::spawned,
    sure::{self, Sure},
    visit::{StaffVisit, Visit, posted_by_staff},
};

const HOME: &str = "/hq/tree";
const TITLE: &str = "机构与支行";

type Room = Web<TreeRoom>;

pub fn doors() -> Vec<Door<Room>> {
    vec![
        Door::get(HOME, Who::Staff, list),
        Door::get("/hq/tree/new", Who::Staff, new),
        Door::post("/hq/tree/new", Who::Staff, add),
        Door::get("/hq/tree/{id}", Who::Staff, show),
        Door::post("/hq/tree/{id}", Who::Staff, act),
    ]
}

pub fn routes(web: Room) -> Router {
    doors::router(doors(), web)
}

#[derive(Serialize)]
struct ListPage {
    can_save: bool,
    table: Table,
}

impl ListPage {
    const TEMPLATE: &'static str = "tree/list.html";
}

/// A new branch, or one that is there with what may be done about it.
#[derive(Serialize)]
struct BranchPage {
    crumbs: Vec<Link>,
    title: String,
    form: FormView,
    action: String,
    /// Heading and button; empty for a new branch.
    suspend: String,
    suspend_text: String,
    suspend_action: String,
    suspend_kind: String,
    suspend_key: String,
    open: Table,
}

impl BranchPage {
    const TEMPLATE: &'static str = "tree/form.html";

    fn new(form: FormView) -> Self {
        Self {
            crumbs: vec![Link::new(TITLE, HOME), Link::new("新增支行", "")],
            title: "新增支行".to_owned(),
            form,
            action: String::new(),
            suspend: String::new(),
            suspend_text: String::new(),
            suspend_action: String::new(),
            suspend_kind: String::new(),
            suspend_key: String::new(),
            open: Table::new("未办结的融资需求"),
        }
    }

    fn of(visit: &Visit, view: &BranchView, form: FormView) -> Self {
        let branch = &view.branch;
        let name = branch.facts.name.clone();
        let mut open = Table::new("未办结的融资需求")
            .column("申请编号", "nowrap")
            .column("企业名称", "name");
        for one in &view.open {
            let href = format!("/branch/applications/{}", one.id);
            open.push(vec![
                Cell::link(&one.number, href),
                Cell::text(&one.enterprise),
            ]);
        }
        let (suspend, text, action, kind) = if branch.suspended {
            (
                "恢复支行",
                "恢复后支行人员可以登录，门户重新展示该支行。".to_owned(),
                "resume",
                "primary",
            )
        } else if branch.open > 0 {
            (
                "停用支行",
                format!(
                    "该支行还有 {} 笔融资需求未办结，办结或转派后才能停用。",
                    branch.open
                ),
                "suspend",
                "danger",
            )
        } else {
            (
                "停用支行",
                "停用后支行人员不能登录，门户不再展示该支行，企业不能再选择它。".to_owned(),
                "suspend",
                "danger",
            )
        };
        Self {
            crumbs: vec![Link::new(TITLE, HOME), Link::new(&name, "")],
            title: name,
            action: format!("{HOME}/{}", branch.id),
            suspend: suspend.to_owned(),
            suspend_text: text,
            suspend_action: action.to_owned(),
            suspend_kind: kind.to_owned(),
            suspend_key: visit.kit.tokens().one_time(),
            open,
            ..Self::new(form)
        }
    }
}

async fn may_save(visit: &Visit) -> bool {
    match visit.actor() {
        Some(actor) => {
            let guard = visit.kit.guard();
            guard.may(actor, Chamber::Tree, Action::Save).await
        }
        None => false,
    }
}

/// The pages belong to headquarters; for anybody else they do not exist (S-12).
fn of_a_bank(visit: &Visit) -> Result<(), WebError> {
    match visit.actor() {
        Some(actor) if actor.tenant_kind == TenantKind::Bank => Ok(()),
        _ => Err(UseError::not_found().into()),
    }
}

async fn list(
    State(web): State<Room>,
    StaffVisit(visit): StaffVisit,
) -> Result<Response, WebError> {
    of_a_bank(&visit)?;
    let actor = visit.staff_actor()?.clone();
    let branches = web.uses.list(&actor).await?;
    let page = ListPage {
        can_save: may_save(&visit).await,
        table: table(actor.tenant, &branches),
    };
    Ok(visit
        .staff_console()
        .render(ListPage::TEMPLATE, TITLE, &page))
}

/// How far below the institution a branch stands.
fn depth(root: TenantId, branches: &[TreeBranch], branch: &TreeBranch) -> usize {
    let mut depth = 0;
    let mut parent = branch.parent;
    while parent != root && depth < branches.len() {
        depth += 1;
        parent = branches
            .iter()
            .find(|b| b.id == parent)
            .map_or(root, |b| b.parent);
    }
    depth
}

fn table(root: TenantId, branches: &[TreeBranch]) -> Table {
    let mut table = Table::new(TITLE)
        .column("名称", "")
        .column("上级", "")
        .column("地址", "")
        .column("电话", "nowrap")
        .column("人员", "num")
        .column("未办结", "num")
        .column("状态", "nowrap");
    for branch in branches {
        let above = branches
            .iter()
            .find(|b| b.id == branch.parent)
            .map_or("总行", |b| b.facts.name.as_str());
        let (word, kind) = if branch.suspended {
            ("已停用", TagKind::Neutral)
        } else {
            ("营业中", TagKind::Success)
        };
        let indent = "　".repeat(depth(root, branches, branch));
        table.push(vec![
            Cell::link(
                format!("{indent}{}", branch.facts.name),
                format!("{HOME}/{}", branch.id),
            ),
            Cell::text(above),
            Cell::text(&branch.facts.address),
            Cell::text(&branch.facts.phone),
            Cell::text(branch.people.to_string()),
            Cell::text(branch.open.to_string()),
            Cell::tag(word, kind),
        ]);
    }
    table
}

fn counties(web: &Room, visit: &Visit) -> Vec<Choice> {
    web.uses
        .regions
        .children(Some(&visit.city.default_city))
        .into_iter()
        .map(|region| Choice::new(region.code, region.name))
        .collect()
}

/// The fields; `parents` is empty for a branch that has its place already.
fn fields(action: String, key: &str, counties: Vec<Choice>, parents: Vec<Choice>) -> FormView {
    let mut form = FormView::new(action).key(key);
    if !parents.is_empty() {
        form.push(
            Field::select("parent", "上级机构", "请选择上级机构")
                .required()
                .options(parents),
        );
    }
    form.with(
        Field::text("name", "名称")
            .required()
            .hint("写全称，如“××银行××支行”。")
            .maxlength(60),
    )
    .with(
        Field::select("region", "所在区县", "请选择区县")
            .required()
            .options(counties.clone()),
    )
    .with(Field::text("address", "地址").required().maxlength(100))
    .with(
        Field::text("phone", "联系电话")
            .required()
            .hint("座机请带区号。")
            .inputmode("tel")
            .maxlength(20)
            .width("m"),
    )
    .with(
        Field::text("opening_hours", "营业时间")
            .required()
            .placeholder("周一至周五 8:30–17:30")
            .maxlength(60),
    )
    .with(
        Field::checks("serves", "服务区县")
            .hint("不选表示服务全市。")
            .options(counties),
    )
    .with(Field::checkbox("counter_check", "可在柜面核验法定代表人身份").checked(true))
}

fn new_form(web: &Room, visit: &Visit, key: &str, branches: &[TreeBranch]) -> FormView {
    let own = visit
        .actor()
        .map(|actor| Choice::new(actor.tenant.to_string(), &actor.tenant_name));
    let parents = own
        .into_iter()
        .chain(
            branches
                .iter()
                .filter(|b| !b.suspended)
                .map(|b| Choice::new(b.id.to_string(), &b.facts.name)),
        )
        .collect();
    fields(format!("{HOME}/new"), key, counties(web, visit), parents)
}

async fn new(State(web): State<Room>, StaffVisit(visit): StaffVisit) -> Result<Response, WebError> {
    of_a_bank(&visit)?;
    if !may_save(&visit).await {
        return Err(UseError::denied().into());
    }
    let branches = web.uses.list(visit.staff_actor()?).await?;
    let key = visit.kit.tokens().one_time();
    let page = BranchPage::new(new_form(&web, &visit, &key, &branches));
    Ok(visit
        .staff_console()
        .render(BranchPage::TEMPLATE, "新增支行", &page))
}

fn asked(posted: &Posted) -> BranchForm {
    let text = |name: &str| posted.get(name).to_owned();
    BranchForm {
        parent: text("parent"),
        name: text("name"),
        region: text("region"),
        address: text("address"),
        phone: text("phone"),
        opening_hours: text("opening_hours"),
        serves: posted
            .all("serves")
            .into_iter()
            .map(str::to_owned)
            .collect(),
        counter_check: posted.has("counter_check"),
    }
}

async fn add(State(web): State<Room>, Form(visit, posted): Form) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    of_a_bank(&visit)?;
    let (uses, who, once) = (web.uses.clone(), actor.clone(), once(&posted)?);
    let (form, key) = (asked(&posted), once.key.clone());
    match spawned(async move { uses.add(&who, &form, &once).await }).await {
        Ok(()) => Ok(visit.redirect(
            HOME,
            Some(("success", "支行已新增。请在“人员与角色”中邀请支行人员。")),
        )),
        Err(error) if error.kind == Kind::Invalid => {
            let branches = web.uses.list(&actor).await?;
            let mut form = new_form(&web, &visit, &key, &branches).fill(posted.pairs());
            show_errors(&mut form, &error);
            Ok(visit.staff_console().render_with(
                StatusCode::UNPROCESSABLE_ENTITY,
                BranchPage::TEMPLATE,
                "新增支行",
                &BranchPage::new(form),
            ))
        }
        Err(error) => told(&visit.staff_console(), error, HOME),
    }
}

fn change_form(web: &Room, visit: &Visit, key: &str, branch: &TreeBranch) -> FormView {
    let facts = &branch.facts;
    let action = format!("{HOME}/{}", branch.id);
    let mut form = fields(action, key, counties(web, visit), Vec::new());
    for (name, value) in [
        ("name", &facts.name),
        ("region", &facts.region),
        ("address", &facts.address),
        ("phone", &facts.phone),
        ("opening_hours", &facts.opening_hours),
    ] {
        if let Some(field) = form.field_mut(name) {
            field.value.clone_from(value);
        }
    }
    if let Some(field) = form.field_mut("serves") {
        field.values.clone_from(&facts.serves);
    }
    if let Some(field) = form.field_mut("counter_check") {
        field.checked = facts.counter_check;
    }
    form
}

async fn show(
    State(web): State<Room>,
    StaffVisit(visit): StaffVisit,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    of_a_bank(&visit)?;
    let view = web.uses.branch(visit.staff_actor()?, TenantId(id)).await?;
    let key = visit.kit.tokens().one_time();
    let page = BranchPage::of(&visit, &view, change_form(&web, &visit, &key, &view.branch));
    Ok(visit
        .staff_console()
        .render(BranchPage::TEMPLATE, &page.title, &page))
}

async fn act(
    State(web): State<Room>,
    Path(id): Path<Uuid>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    of_a_bank(&visit)?;
    let id = TenantId(id);
    let (uses, who) = (web.uses.clone(), actor.clone());
    let once: Once = once(&posted)?;
    let (key, here) = (once.key.clone(), format!("{HOME}/{id}"));
    let (deed, sure) = sure::deed(&posted);
    if deed == "suspend" && !sure && may_save(&visit).await {
        let view = web.uses.branch(&actor, id).await?;
        if !view.branch.suspended && view.branch.open == 0 {
            return Ok(ask_suspension(visit, &view.branch, key));
        }
    }
    let done = match deed {
        "suspend" => spawned(async move { uses.suspend(&who, id, &once).await })
            .await
            .map(|()| "支行已停用，门户不再展示。"),
        "resume" => spawned(async move { uses.resume(&who, id, &once).await })
            .await
            .map(|()| "支行已恢复，门户重新展示。"),
        _ => {
            let form = asked(&posted);
            spawned(async move { uses.change(&who, id, &form, &once).await })
                .await
                .map(|()| "支行信息已保存，门户已更新。")
        }
    };
    match done {
        Ok(text) => Ok(visit.redirect(&here, Some(("success", text)))),
        Err(error) if error.kind == Kind::Invalid => {
            let view = web.uses.branch(&actor, id).await?;
            let mut form = change_form(&web, &visit, &key, &view.branch).fill(posted.pairs());
            show_errors(&mut form, &error);
            let page = BranchPage::of(&visit, &view, form);
            Ok(visit.staff_console().render_with(
                StatusCode::UNPROCESSABLE_ENTITY,
                BranchPage::TEMPLATE,
                &page.title,
                &page,
            ))
        }
        Err(error) => told(&visit.staff_console(), error, &here),
    }
}

fn ask_suspension(visit: Visit, branch: &TreeBranch, key: String) -> Response {
    let here = format!("{HOME}/{}", branch.id);
    let facts = &branch.facts;
    let sure = Sure {
        crumbs: vec![
            Link::new(TITLE, HOME),
            Link::new(&facts.name, here.clone()),
            Link::new("停用支行", ""),
        ],
        title: "要停用这家支行吗？",
        text: "停用后支行人员不能登录，门户不再展示该支行，企业不能再选择它。以后可以恢复。",
        rows: vec![
            Described::new("支行", &facts.name),
            Described::new("地址", &facts.address),
        ],
        action: here.clone(),
        key,
        deed: "suspend",
        yes: "停用支行",
        no: "暂不停用",
        back: here,
    };
    sure.ask(&visit.staff_console())
}

/// Every shape of every page, with text that must be escaped.
pub fn samples() -> Vec<(&'static str, Value)> {
    let nasty = "<b>\"'\\&</b>".repeat(8);
    let choices = || vec![Choice::new("130903", nasty.as_str())];
    let mut form = fields(HOME.to_owned(), "0123456789abcdef", choices(), choices());
    form.fail("name", &nasty);
    let mut open = Table::new("未办结的融资需求").column("企业名称", "name");
    open.push(vec![Cell::text(&nasty)]);
    let full = BranchPage {
        suspend: "停用支行".to_owned(),
        suspend_text: nasty.clone(),
        suspend_kind: "danger".to_owned(),
        open,
        ..BranchPage::new(form.clone())
    };
    let ready = BranchPage {
        suspend: "恢复支行".to_owned(),
        suspend_kind: "primary".to_owned(),
        action: HOME.to_owned(),
        ..BranchPage::new(form.clone())
    };
    let mut table = Table::new(TITLE).column("名称", "");
    let empty = ListPage {
        can_save: false,
        table: table.clone(),
    };
    table.push(vec![Cell::text(&nasty)]);
    let list = ListPage {
        can_save: true,
        table,
    };
    let of = |page: &dyn Fn() -> serde_json::Result<Value>| page().unwrap_or_default();
    vec![
        (BranchPage::TEMPLATE, of(&|| serde_json::to_value(&full))),
        (BranchPage::TEMPLATE, of(&|| serde_json::to_value(&ready))),
        (
            BranchPage::TEMPLATE,
            of(&|| serde_json::to_value(BranchPage::new(form.clone()))),
        ),
        (ListPage::TEMPLATE, of(&|| serde_json::to_value(&empty))),
        (ListPage::TEMPLATE, of(&|| serde_json::to_value(&list))),
    ]
}

//! Team 企业人员 (W26): the owner's list, invitations, rights, removal; and the page behind an invitation's link.

mod pages;

use application::{
    error::{Kind, UseError},
    team::{InviteMember, Invited, Listed, TeamRoom},
};
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::{ids::UserId, tenant::Role};
use uuid::Uuid;

pub use pages::samples;
use pages::{ListPage, PersonPage};

use crate::{
    branch::told,
    console::show_errors,
    doors::{self, Door, Who},
    errors::WebError,
    forms::{Choice, Field, FormView},
    kit::Web,
    parts::{Cell, Described, Link, Table, TagKind},
    people::InvitePage,
    posted::{Form, Posted, once},
    show,
    spawned::spawned,
    visit::{EnterpriseVisit, Visit, posted_by_enterprise},
};

type Room = Web<TeamRoom>;

const BASE: &str = "/enterprise/people";
const INVITE: &str = "/enterprise/people/invite";
/// Where an invitation's link leads.
const JOIN: &str = "/join/";

/// Every door of the room.
pub fn doors() -> Vec<Door<Room>> {
    let who = Who::Enterprise;
    vec![
        Door::get(BASE, who, list),
        Door::get(INVITE, who, invite_form),
        Door::post(INVITE, who, invite),
        Door::get("/enterprise/people/{id}", who, person),
        Door::post("/enterprise/people/{id}", who, act),
    ]
}

pub fn routes(web: Room) -> Router {
    doors::router(doors(), web)
}

fn crumbs(here: &str) -> Vec<Link> {
    let mut all = vec![Link::new("企业管理", "/enterprise")];
    if here.is_empty() {
        all.push(Link::new("企业人员", ""));
    } else {
        all.push(Link::new("企业人员", BASE));
        all.push(Link::new(here, ""));
    }
    all
}

/// What a person may do, in the enterprise's words.
pub(crate) fn right(roles: &[Role]) -> &'static str {
    if roles.contains(&Role::EnterpriseOwner) {
        "企业管理员"
    } else if roles.contains(&Role::EnterpriseOperator) {
        "办理"
    } else {
        "查看"
    }
}

fn status(code: &str) -> (&'static str, TagKind) {
    if code == "active" {
        ("在用", TagKind::Success)
    } else {
        ("待加入", TagKind::Warning)
    }
}

fn rights(field: Field) -> Field {
    field.required().options([
        Choice::new("eu", "办理")
            .hint("查看、填写和提交融资需求，补充材料，与支行沟通，撤回自己提交的申请。"),
        Choice::new("ev", "查看").hint("只能查看，不能提交、签署或修改任何内容。"),
    ])
}

async fn list(State(web): State<Room>, visit: EnterpriseVisit) -> Result<Response, WebError> {
    let people = web.uses.list(visit.actor()).await?;
    let mut table = Table::new("企业人员")
        .column("姓名", "nowrap")
        .column("手机号", "nowrap")
        .column("权限", "nowrap")
        .column("状态", "nowrap")
        .column("加入或邀请时间", "nowrap");
    for one in &people {
        let (word, kind) = status(&one.member.status);
        let name = if one.is_owner() {
            Cell::text(&one.member.name)
        } else {
            Cell::link(&one.member.name, format!("{BASE}/{}", one.member.id))
        };
        table.push(vec![
            name,
            Cell::text(&one.phone_masked),
            Cell::text(right(&one.member.roles)),
            Cell::tag(word, kind),
            Cell::text(show::minute(one.member.created_at)),
        ]);
    }
    let page = ListPage {
        crumbs: crumbs(""),
        invite: INVITE.to_owned(),
        table,
        alone: people.len() < 2,
    };
    let visit = visit.0.enterprise_console();
    Ok(visit.render(ListPage::TEMPLATE, "企业人员", &page))
}

fn invite_fields(key: &str) -> FormView {
    FormView::new(INVITE)
        .key(key)
        .with(
            Field::text("member_name", "姓名")
                .required()
                .hint("请填写真实姓名，办理记录会显示这个姓名。")
                .maxlength(30)
                .width("m"),
        )
        .with(
            Field::phone("phone", "手机号")
                .required()
                .hint("邀请链接只发到这个手机号，24 小时内有效。"),
        )
        .with(rights(Field::radio("right", "权限")).value("eu"))
}

fn invite_page(form: FormView) -> InvitePage {
    InvitePage {
        crumbs: crumbs("邀请人员"),
        lead: "对方打开手机收到的链接，自行设置密码后加入。任何人都看不到别人的密码。",
        yes: "发送邀请",
        form,
        back: BASE.to_owned(),
    }
}

async fn invite_form(
    State(web): State<Room>,
    visit: EnterpriseVisit,
) -> Result<Response, WebError> {
    // Whoever may not see the list is told that there is nothing.
    web.uses.list(visit.actor()).await?;
    let page = invite_page(invite_fields(&visit.0.kit.tokens().one_time()));
    let visit = visit.0.enterprise_console();
    Ok(visit.render(InvitePage::TEMPLATE, "邀请人员", &page))
}

/// How an invitation went, on the list.
fn after(visit: &Visit, to: &str, how: Invited) -> Response {
    let (kind, text) = match how {
        Invited::Sent => (
            "success",
            "邀请链接已发到对方手机，请提醒对方在 24 小时内打开。",
        ),
        Invited::NotSent => (
            "warning",
            "短信没有发送成功，请稍后在该人员的页面重新发送邀请。",
        ),
        Invited::Before => ("info", "邀请此前已经发出，无需重复操作。"),
    };
    visit.redirect(to, Some((kind, text)))
}

async fn invite(State(web): State<Room>, Form(visit, posted): Form) -> Result<Response, WebError> {
    let actor = posted_by_enterprise(&visit)?;
    let visit = visit.enterprise_console();
    let ask = InviteMember {
        name: posted.get("member_name").to_owned(),
        phone: posted.get("phone").to_owned(),
        right: posted.get("right").to_owned(),
        address: visit.address(JOIN),
        once: once(&posted)?,
    };
    let uses = web.uses.clone();
    match spawned(async move { uses.invite(&actor, ask).await }).await {
        Ok(how) => Ok(after(&visit, BASE, how)),
        Err(error) if error.kind == Kind::Invalid => {
            let mut form = invite_fields(&visit.kit.tokens().one_time()).fill(posted.pairs());
            show_errors(&mut form, &error);
            Ok(visit.render_with(
                StatusCode::UNPROCESSABLE_ENTITY,
                InvitePage::TEMPLATE,
                "邀请人员",
                &invite_page(form),
            ))
        }
        Err(error) => told(&visit, error, BASE),
    }
}

fn right_form(visit: &Visit, one: &Listed) -> FormView {
    let now = one.member.roles.first().map_or("ev", |role| role.code());
    FormView::new(format!("{BASE}/{}", one.member.id))
        .key(visit.kit.tokens().one_time())
        .with(rights(Field::radio("right", "权限")).value(now))
}

fn person_page(visit: &Visit, one: &Listed, form: FormView) -> PersonPage {
    let (word, kind) = status(&one.member.status);
    PersonPage {
        crumbs: crumbs(&one.member.name),
        name: one.member.name.clone(),
        rows: vec![
            Described::new("手机号", &one.phone_masked),
            Described::new("权限", right(&one.member.roles)),
            Described::cell("状态", Cell::tag(word, kind)),
            Described::new("邀请时间", show::minute(one.member.created_at)),
        ],
        form,
        waits: one.member.status != "active",
        may_change: !one.is_owner(),
        hand_over: if one.is_owner() || one.member.status != "active" {
            String::new()
        } else {
            format!("{BASE}/{}/handover", one.member.id)
        },
        keys: std::array::from_fn(|_| visit.kit.tokens().one_time()),
    }
}

async fn person(
    State(web): State<Room>,
    visit: EnterpriseVisit,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let one = web.uses.person(visit.actor(), UserId(id)).await?;
    let page = person_page(&visit.0, &one, right_form(&visit.0, &one));
    let visit = visit.0.enterprise_console();
    Ok(visit.render(PersonPage::TEMPLATE, &page.name, &page))
}

async fn act(
    State(web): State<Room>,
    Path(id): Path<Uuid>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_enterprise(&visit)?;
    let visit = visit.enterprise_console();
    let id = UserId(id);
    let here = format!("{BASE}/{id}");
    let (uses, who, key) = (web.uses.clone(), actor.clone(), once(&posted)?);
    let done = match posted.action() {
        "right" => {
            let right = posted.get("right").to_owned();
            spawned(async move { uses.change(&who, id, &right, &key).await })
                .await
                .map(|()| (here.as_str(), "权限已调整，对方重新登录后按新的权限办理。"))
        }
        "remove" => spawned(async move { uses.remove(&who, id, &key).await })
            .await
            .map(|()| (BASE, "已移除，对方已退出登录，不能再进入本企业。")),
        "again" => {
            let address = visit.address(JOIN);
            let again =
                spawned(async move { uses.invite_again(&who, id, &address, &key).await }).await;
            match again {
                Ok(how) => return Ok(after(&visit, &here, how)),
                Err(error) => Err(error),
            }
        }
        _ => Err(UseError::not_found()),
    };
    match done {
        Ok((to, text)) => Ok(visit.redirect(to, Some(("success", text)))),
        Err(error) if error.kind == Kind::Invalid => {
            again(&web, &visit, &actor, id, (&posted, &error)).await
        }
        Err(error) => told(&visit, error, &here),
    }
}

async fn again(
    web: &Room,
    visit: &Visit,
    actor: &application::access::Actor,
    id: UserId,
    (posted, error): (&Posted, &UseError),
) -> Result<Response, WebError> {
    let one = web.uses.person(actor, id).await?;
    let mut form = right_form(visit, &one).fill(posted.pairs());
    show_errors(&mut form, error);
    let page = person_page(visit, &one, form);
    Ok(visit.render_with(
        StatusCode::UNPROCESSABLE_ENTITY,
        PersonPage::TEMPLATE,
        &page.name,
        &page,
    ))
}

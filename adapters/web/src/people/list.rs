//! The list, 邀请, and what waits for a second person.

use application::{
    access::{Action, Actor},
    error::Kind,
    people::{InviteStaff, PeopleList, SHOWN},
    ports::people::{Node, PeopleFilter},
    two_people::Withdrawal,
};
use axum::{
    extract::{Path, Query as AxumQuery, State},
    http::StatusCode,
    response::Response,
};
use domain::{
    ids::TenantId,
    tenant::{Role, TenantKind},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Room, base, crumbs, issued,
    pages::{GrantLine, Hidden, InvitePage, ListPage},
    role_words, to_proof,
};
use crate::{
    branch::told,
    console::show_errors,
    errors::WebError,
    forms::{Choice, Field, FormView},
    parts::{Cell, Link, Table, TagKind},
    posted::{Form, once},
    proof::FreshProof,
    show,
    spawned::spawned,
    visit::{StaffVisit, Visit, encode, posted_by_staff},
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Query {
    q: String,
    node: String,
}

pub async fn show(
    State(web): State<Room>,
    visit: StaffVisit,
    AxumQuery(query): AxumQuery<Query>,
) -> Result<Response, WebError> {
    let base = base(&visit.0, visit.actor())?;
    let filter = PeopleFilter {
        node: Uuid::try_parse(&query.node).ok().map(TenantId),
        words: query.q.trim().chars().take(30).collect(),
        most: SHOWN,
    };
    let list = web.uses.list(visit.actor(), filter.clone()).await?;
    let page = page(&visit.0, visit.actor(), base, &filter, &list);
    Ok(visit
        .0
        .staff_console()
        .render(ListPage::TEMPLATE, "人员与角色", &page))
}

fn page(
    visit: &Visit,
    actor: &Actor,
    base: &str,
    filter: &PeopleFilter,
    list: &PeopleList,
) -> ListPage {
    let mut table = Table::new("人员")
        .column("姓名", "nowrap")
        .column("账号", "nowrap")
        .column("所在单位", "")
        .column("角色", "")
        .column("手机号", "nowrap")
        .column("状态", "nowrap");
    for one in &list.people {
        let person = &one.person;
        let (word, kind) = status(&person.status);
        table.push(vec![
            Cell::link(&person.name, format!("{base}/{}", person.id)),
            Cell::text(&person.account),
            Cell::text(&person.node.name),
            Cell::text(role_words(&person.roles)),
            Cell::text(&one.phone_masked),
            Cell::tag(word, kind),
        ]);
    }
    let grants = list
        .grants
        .iter()
        .map(|grant| GrantLine {
            name: grant.user_name.clone(),
            node: grant.node.name.clone(),
            roles: role_words(&grant.roles),
            asked_by: grant.asked_name.clone(),
            asked_at: show::minute(grant.asked_at),
            own: grant.asked_by == actor.user || grant.user == actor.user,
            asked: grant.asked_by == actor.user,
            action: format!("{base}/grants/{}", grant.id),
            key: visit.kit.tokens().one_time(),
        })
        .collect();
    ListPage {
        base: base.to_owned(),
        invite: format!("{base}/invite"),
        grants,
        nodes: node_links(base, filter, &list.nodes),
        words: filter.words.clone(),
        hidden: filter
            .node
            .iter()
            .map(|node| Hidden {
                name: "node".to_owned(),
                value: node.to_string(),
            })
            .collect(),
        more: list.people.len() >= usize::try_from(SHOWN).unwrap_or(100),
        table,
    }
}

/// One node needs no filter.
fn node_links(base: &str, filter: &PeopleFilter, nodes: &[Node]) -> Vec<Link> {
    if nodes.len() < 2 {
        return Vec::new();
    }
    let words = encode(&filter.words);
    let all = Link::new("全部", format!("{base}?q={words}")).current(filter.node.is_none());
    let each = nodes.iter().map(|node| {
        Link::new(&node.name, format!("{base}?node={}&q={words}", node.id))
            .current(filter.node == Some(node.id))
    });
    std::iter::once(all).chain(each).collect()
}

pub(crate) fn status(code: &str) -> (&'static str, TagKind) {
    match code {
        "active" => ("在用", TagKind::Success),
        "invited" => ("待激活", TagKind::Warning),
        _ => ("已停用", TagKind::Neutral),
    }
}

/// The roles of every kind of node that is offered; a role that does not fit the chosen node is refused in words.
fn invite_fields(base: &str, key: &str, nodes: &[Node]) -> FormView {
    let kinds = [TenantKind::City, TenantKind::Bank, TenantKind::Branch];
    let roles: Vec<Choice> = kinds
        .into_iter()
        .filter(|kind| nodes.iter().any(|node| node.kind == *kind))
        .flat_map(|kind| Role::of_kind(kind).iter().map(move |role| (kind, role)))
        .map(|(kind, role)| {
            let more = if role.needs_two_people() {
                "，需另一位管理员确认"
            } else {
                ""
            };
            Choice::new(role.code(), role.zh()).hint(format!("限{}{more}", kind.zh()))
        })
        .collect();
    let first = nodes.first().map(|n| n.id.to_string()).unwrap_or_default();
    FormView::new(format!("{base}/invite"))
        .key(key)
        .with(
            Field::select("node", "所在单位", "请选择单位")
                .required()
                .options(
                    nodes
                        .iter()
                        .map(|node| Choice::new(node.id.to_string(), &node.name)),
                )
                .value(if nodes.len() == 1 {
                    first
                } else {
                    String::new()
                }),
        )
        .with(
            Field::text("name", "姓名")
                .required()
                .maxlength(30)
                .width("m"),
        )
        .with(
            Field::phone("phone", "手机号")
                .required()
                .hint("用于接收邀请链接，请与本人核对。"),
        )
        .with(
            Field::text("account", "登录账号")
                .required()
                .hint("3–30 位小写字母、数字或 . _ -，以字母开头，全市唯一。")
                .maxlength(30)
                .autocomplete("off")
                .width("m"),
        )
        .with(Field::checks("roles", "角色").required().options(roles))
}

fn invite_page(base: &str, form: FormView) -> InvitePage {
    InvitePage {
        crumbs: crumbs(base, "邀请人员"),
        lead: "系统会生成一次性链接，24 小时内有效。对方打开链接后自行设置密码，任何人都看不到别人的密码。",
        yes: "发出邀请",
        form,
        back: base.to_owned(),
    }
}

pub async fn invite_form(State(web): State<Room>, visit: FreshProof) -> Result<Response, WebError> {
    let base = base(&visit.0, visit.actor())?;
    let nodes = web.uses.nodes(visit.actor()).await?;
    let key = visit.0.kit.tokens().one_time();
    let page = invite_page(base, invite_fields(base, &key, &nodes));
    Ok(visit
        .0
        .staff_console()
        .render(InvitePage::TEMPLATE, "邀请人员", &page))
}

pub async fn invite(
    State(web): State<Room>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let base = base(&visit, &actor)?;
    if let Some(to_proof) = to_proof(&visit, &actor, Action::Save).await {
        return Ok(to_proof);
    }
    let text = |name: &str| posted.get(name).to_owned();
    let ask = InviteStaff {
        node: text("node"),
        name: text("name"),
        phone: text("phone"),
        account: text("account"),
        roles: posted.all("roles").into_iter().map(str::to_owned).collect(),
        address: visit.address("/staff/link/"),
        once: once(&posted)?,
    };
    let (uses, who, key) = (web.uses.clone(), actor.clone(), ask.once.key.clone());
    match spawned(async move { uses.invite(&who, ask).await }).await {
        Ok(Some(one)) => Ok(issued(visit, base, "邀请已发出", one)),
        Ok(None) => {
            Ok(visit.redirect(base, Some(("info", "邀请此前已经发出，链接不会再次显示。"))))
        }
        Err(error) if error.kind == Kind::Invalid => {
            let nodes = web.uses.nodes(&actor).await?;
            let mut form = invite_fields(base, &key, &nodes).fill(posted.pairs());
            show_errors(&mut form, &error);
            let page = invite_page(base, form);
            Ok(visit.staff_console().render_with(
                StatusCode::UNPROCESSABLE_ENTITY,
                InvitePage::TEMPLATE,
                "邀请人员",
                &page,
            ))
        }
        Err(error) => told(&visit.staff_console(), error, base),
    }
}

pub async fn settle(
    State(web): State<Room>,
    Path(id): Path<Uuid>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let base = base(&visit, &actor)?;
    if let Some(to_proof) = to_proof(&visit, &actor, Action::Grant).await {
        return Ok(to_proof);
    }
    let (uses, once) = (web.uses.clone(), once(&posted)?);
    if posted.action() == "withdraw" {
        let ask = Withdrawal {
            asked: id,
            reason: posted.get("withdraw_reason").to_owned(),
            once,
        };
        return match spawned(async move { uses.withdraw(&actor, ask).await }).await {
            Ok(()) => Ok(visit.redirect(
                base,
                Some((
                    "success",
                    "已撤回，对方保持原来的角色。需要时可以重新申请。",
                )),
            )),
            Err(error) => told(&visit.staff_console(), error, base),
        };
    }
    let confirmed = posted.action() == "confirm";
    let done = spawned(async move { uses.settle(&actor, id, confirmed, &once).await }).await;
    match done {
        Ok(()) if confirmed => Ok(visit.redirect(
            base,
            Some(("success", "授权已生效，对方重新登录后可以使用。")),
        )),
        Ok(()) => Ok(visit.redirect(base, Some(("success", "已记录为不同意，授权没有生效。")))),
        Err(error) => told(&visit.staff_console(), error, base),
    }
}

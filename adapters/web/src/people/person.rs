//! One person: roles, another link, 停用.

use application::{
    access::{Action, Actor},
    error::{Kind, UseError},
    people::{ChangeRoles, PersonView},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::ids::UserId;
use uuid::Uuid;

use super::{Room, base, crumbs, issued, list::status, pages::PersonPage, role_words, to_proof};
use crate::{
    branch::told,
    console::show_errors,
    errors::WebError,
    forms::{Choice, Field, FormView},
    parts::{Cell, Described, Link},
    posted::{Form, Posted, once},
    show,
    spawned::spawned,
    sure::{self, Sure},
    visit::{StaffVisit, Visit, posted_by_staff},
};

pub async fn show(
    State(web): State<Room>,
    visit: StaffVisit,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let base = base(&visit.0, visit.actor())?;
    let view = web.uses.person(visit.actor(), UserId(id)).await?;
    let page = page(&visit.0, base, &view, role_form(&visit.0, base, &view));
    Ok(visit
        .0
        .staff_console()
        .render(PersonPage::TEMPLATE, &page.name, &page))
}

fn role_form(visit: &Visit, base: &str, view: &PersonView) -> FormView {
    let person = &view.listed.person;
    let seen: Vec<&str> = person.roles.iter().map(|role| role.code()).collect();
    let options = view.roles.iter().map(|role| {
        let hint = if role.needs_two_people() {
            "新增时需另一位管理员确认"
        } else {
            ""
        };
        Choice::new(role.code(), role.zh()).hint(hint)
    });
    FormView::new(format!("{base}/{}", person.id))
        .key(visit.kit.tokens().one_time())
        .with(Field::hidden("seen", seen.join(",")))
        .with(
            Field::checks("roles", "角色")
                .required()
                .options(options)
                .values(seen),
        )
}

fn page(visit: &Visit, base: &str, view: &PersonView, form: FormView) -> PersonPage {
    let person = &view.listed.person;
    let (word, kind) = status(&person.status);
    let free = may_dismiss(view);
    let note = match &view.waiting {
        _ if view.oneself => "这是您自己的账号，角色和停用由其他管理员办理。".to_owned(),
        Some(grant) => format!(
            "{}申请授予“{}”，待另一位管理员确认。",
            grant.asked_name,
            role_words(&grant.roles)
        ),
        None => String::new(),
    };
    let (link, link_text) = match person.status.as_str() {
        _ if view.oneself => ("", ""),
        "invited" => (
            "重新邀请",
            "生成新的一次性链接，24 小时内有效，之前的链接立即失效。",
        ),
        "active" => (
            "重新绑定动态验证码",
            "本人更换手机或手机丢失时使用。请先当面核实身份，再生成链接；对方凭链接和自己的密码重新绑定，原来的手机和恢复码失效。",
        ),
        _ => ("", ""),
    };
    PersonPage {
        crumbs: crumbs(base, &person.name),
        name: person.name.clone(),
        rows: vec![
            Described::new("登录账号", &person.account),
            Described::new("所在单位", &person.node.name),
            Described::new("角色", role_words(&person.roles)),
            Described::new("手机号", &view.listed.phone_masked),
            Described::cell("状态", Cell::tag(word, kind)),
            Described::new("创建时间", show::minute(person.created_at)),
        ],
        note,
        form,
        can_change: free && view.waiting.is_none(),
        link: link.to_owned(),
        link_text: link_text.to_owned(),
        link_key: visit.kit.tokens().one_time(),
        can_dismiss: free,
        dismiss_key: visit.kit.tokens().one_time(),
        action: format!("{base}/{}", person.id),
    }
}

pub async fn act(
    State(web): State<Room>,
    Path(id): Path<Uuid>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let base = base(&visit, &actor)?;
    let id = UserId(id);
    // Somebody whom one does not manage is missing before any proof is asked for.
    let view = web.uses.person(&actor, id).await?;
    if let Some(to_proof) = to_proof(&visit, &actor, Action::Grant).await {
        return Ok(to_proof);
    }
    let here = format!("{base}/{id}");
    let once = once(&posted)?;
    let (deed, sure) = sure::deed(&posted);
    if deed == "dismiss" && !sure && may_dismiss(&view) {
        return Ok(ask_dismissal(visit, base, &view, once.key));
    }
    let uses = web.uses.clone();
    let who = actor.clone();
    let done = match deed {
        "roles" => {
            let ask = ChangeRoles {
                person: id,
                seen: parted(posted.get("seen")),
                roles: posted.all("roles").into_iter().map(str::to_owned).collect(),
                once,
            };
            spawned(async move { uses.change_roles(&who, ask).await })
                .await
                .map(|waits| {
                    if waits {
                        "已提交，需另一位管理员确认的角色确认后生效。"
                    } else {
                        "角色已保存，对方重新登录后生效。"
                    }
                })
        }
        "dismiss" => spawned(async move { uses.dismiss(&who, id, &once).await })
            .await
            .map(|()| "账号已停用，对方已退出登录。"),
        "link" => {
            let address = visit.address("/staff/link/");
            let again =
                spawned(async move { uses.link_again(&who, id, &address, &once).await }).await;
            match again {
                Ok(Some(one)) => return Ok(issued(visit, base, "链接已生成", one)),
                Ok(None) => Ok("链接此前已经生成，不会再次显示。"),
                Err(error) => Err(error),
            }
        }
        _ => Err(UseError::not_found()),
    };
    match done {
        Ok(text) => Ok(visit.redirect(&here, Some(("success", text)))),
        Err(error) if error.kind == Kind::Invalid => {
            again(&web, visit, &actor, base, id, (&posted, &error)).await
        }
        Err(error) => told(&visit.staff_console(), error, &here),
    }
}

fn may_dismiss(view: &PersonView) -> bool {
    !view.oneself && view.listed.person.status != "dismissed"
}

fn ask_dismissal(visit: Visit, base: &str, view: &PersonView, key: String) -> Response {
    let person = &view.listed.person;
    let here = format!("{base}/{}", person.id);
    let sure = Sure {
        crumbs: vec![
            Link::new("人员与角色", base),
            Link::new(&person.name, here.clone()),
            Link::new("停用账号", ""),
        ],
        title: "要停用这个账号吗？",
        text: "停用后对方立即退出登录，不能再进入平台，也不能由管理员恢复。已办理事项的记录保留。",
        rows: vec![
            Described::new("姓名", &person.name),
            Described::new("登录账号", &person.account),
            Described::new("所在单位", &person.node.name),
            Described::new("角色", role_words(&person.roles)),
        ],
        action: here.clone(),
        key,
        deed: "dismiss",
        yes: "停用账号",
        no: "暂不停用",
        back: here,
    };
    sure.ask(&visit.staff_console())
}

async fn again(
    web: &Room,
    visit: Visit,
    actor: &Actor,
    base: &str,
    id: UserId,
    (posted, error): (&Posted, &UseError),
) -> Result<Response, WebError> {
    let view = web.uses.person(actor, id).await?;
    let mut form = role_form(&visit, base, &view).fill(posted.pairs());
    show_errors(&mut form, error);
    let page = page(&visit, base, &view, form);
    Ok(visit.staff_console().render_with(
        StatusCode::UNPROCESSABLE_ENTITY,
        PersonPage::TEMPLATE,
        &page.name,
        &page,
    ))
}

fn parted(codes: &str) -> Vec<String> {
    codes
        .split(',')
        .filter(|code| !code.is_empty())
        .map(str::to_owned)
        .collect()
}

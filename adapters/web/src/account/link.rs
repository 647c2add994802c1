//! 一次性链接: an invited person sets the first password, somebody with a new phone binds it (S-22).

use application::{
    account::{NewPassword, second::Entrance},
    error::UseError,
    ports::people::{LinkKind, OpenLink},
};
use axum::{
    extract::{Path, State},
    response::Response,
};

use super::{
    Room, STAFF, caller, pages::LinkPage, password_fields, second, secret, signed_in, tell,
};
use crate::{
    errors::WebError,
    forms::{Field, FormView},
    parts::Described,
    posted::Form,
    spawned,
    visit::Visit,
};

fn view(path: &str, link: &OpenLink) -> LinkPage {
    let (heading, lead, button) = match link.kind {
        LinkKind::Invite => (
            "设置登录密码",
            "您已受邀使用本平台。请核对以下信息，设置只有您自己知道的密码。",
            "设置密码并登录",
        ),
        LinkKind::Rebind => (
            "重新绑定动态验证码",
            "请输入登录密码，下一步绑定新的手机。原来的手机和恢复码将失效。",
            "下一步，绑定手机",
        ),
    };
    let form = match link.kind {
        LinkKind::Invite => {
            let [password, again] = password_fields("密码", "确认密码");
            // The rule stands as the hint in full; in the field of a phone it would be cut off.
            FormView::new(path)
                .with(password.placeholder("请输入密码"))
                .with(again)
        }
        LinkKind::Rebind => FormView::new(path)
            .with(Field::password("current_password", "登录密码", "current-password").required()),
    };
    LinkPage {
        heading: heading.to_owned(),
        lead: lead.to_owned(),
        rows: vec![
            Described::new("姓名", &link.name),
            Described::new("所在单位", &link.node_name),
            Described::new("登录账号", &link.account),
        ],
        form,
        button: button.to_owned(),
    }
}

pub async fn page(
    State(web): State<Room>,
    mut visit: Visit,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    visit.ensure_binding();
    let link = web.uses.links.look(&caller(&visit), &token).await?;
    let page = view(&visit.path, &link);
    Ok(visit.render(LinkPage::TEMPLATE, &page.heading, &page))
}

pub async fn open(
    State(web): State<Room>,
    Path(token): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let from = caller(&visit);
    let link = web.uses.links.look(&from, &token).await?;
    let kind = link.kind;
    let uses = web.uses.clone();
    let new = NewPassword {
        password: secret(&posted, "password"),
        again: secret(&posted, "password_again"),
    };
    let current = secret(&posted, "current_password");
    let done = spawned(async move {
        match kind {
            LinkKind::Invite => uses.links.first_password(&from, &token, &new).await,
            LinkKind::Rebind => uses.links.rebind(&from, &token, &current).await,
        }
    })
    .await;
    match done {
        Ok(entrance) => {
            if let Some(old) = &visit.session_id {
                visit.kit.sessions().end(old).await?;
            }
            Ok(match entrance {
                Entrance::Open(id) => signed_in(
                    &visit,
                    &id,
                    STAFF.home(),
                    Some(("success", "密码已设置，您已登录。")),
                ),
                Entrance::Halfway(id) => second::halfway(&visit, &id, None),
            })
        }
        Err(error) => again(&visit, &link, error),
    }
}

fn again(visit: &Visit, link: &OpenLink, error: UseError) -> Result<Response, WebError> {
    let mut page = view(&visit.path, link);
    let refusal = tell(&mut page.form, error)?;
    Ok(refusal.answer(visit, LinkPage::TEMPLATE, &page.heading, &page))
}

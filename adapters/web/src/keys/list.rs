//! 密钥: the list, a new one, 启用, 停用, 重置沙箱.

use application::{
    access::{Action, Actor},
    bank_api::{CreateKey, Issued, KeysCase},
    error::{Kind, UseError},
    ports::{
        bank_api::{KeyKind, KeyStatus, StoredKey},
        webhooks::StoredHook,
    },
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use uuid::Uuid;

use super::{
    BASE, HOOK, NEW, Room, crumbs,
    pages::{IssuedPage, KeyLine, ListPage, NewPage},
    to_proof,
};
use crate::{
    branch::{staff, told},
    console::show_errors,
    errors::WebError,
    forms::{Choice, Field, FormView},
    parts::{Described, Tag, TagKind},
    posted::{Form, Posted, once},
    proof::FreshProof,
    show,
    spawned::spawned,
    sure::{self, Sure},
    visit::{StaffVisit, Visit},
};

pub(super) async fn show(State(web): State<Room>, visit: StaffVisit) -> Result<Response, WebError> {
    let case = web.uses.look(visit.actor()).await?;
    let page = page(&visit.0, visit.actor(), &case);
    let visit = visit.0.staff_console();
    Ok(visit.render(ListPage::TEMPLATE, "系统接口", &page))
}

fn page(visit: &Visit, actor: &Actor, case: &KeysCase) -> ListPage {
    let keys: Vec<KeyLine> = case
        .keys
        .iter()
        .map(|key| line(visit, actor, case, key))
        .collect();
    ListPage {
        crumbs: crumbs(""),
        may_act: case.may_change || keys.iter().any(|key| key.can_enable),
        keys,
        may_change: case.may_change,
        new: NEW.to_owned(),
        hook: hook_rows(case.hook.as_ref()),
        hook_href: HOOK.to_owned(),
    }
}

pub(super) fn hook_rows(hook: Option<&StoredHook>) -> Vec<Described> {
    let Some(hook) = hook else {
        return vec![Described::new("推送地址", "未设置")];
    };
    let status = if hook.active {
        "推送中"
    } else {
        "已停止"
    };
    let set = format!("{} {}", hook.set_name, show::minute(hook.set_at));
    vec![
        Described::new("推送地址", &hook.url),
        Described::new("状态", status),
        Described::new("设置人", set),
    ]
}

const fn status_kind(status: KeyStatus) -> TagKind {
    match status {
        KeyStatus::Waiting => TagKind::Warning,
        KeyStatus::Active => TagKind::Success,
        KeyStatus::Revoked => TagKind::Neutral,
    }
}

fn line(visit: &Visit, actor: &Actor, case: &KeysCase, key: &StoredKey) -> KeyLine {
    let (settled, settled_at) = if key.revoked_at.is_some() {
        (format!("{} 停用", key.revoked_name), key.revoked_at)
    } else if key.enabled_at.is_some() {
        (format!("{} 启用", key.enabled_name), key.enabled_at)
    } else if key.status == KeyStatus::Waiting {
        ("待其他人员启用".to_owned(), None)
    } else {
        ("无需启用".to_owned(), None)
    };
    let live = key.status != KeyStatus::Revoked;
    KeyLine {
        name: key.name.clone(),
        kind: match key.kind {
            KeyKind::Sandbox => Tag::new(key.kind.zh(), TagKind::Neutral),
            KeyKind::Live => Tag::new(key.kind.zh(), TagKind::Info),
        },
        id: key.id.to_string(),
        status: Tag::new(key.status.zh(), status_kind(key.status)),
        created: key.created_name.clone(),
        created_at: show::minute(key.created_at),
        settled,
        settled_at: settled_at.map_or_else(String::new, show::minute),
        used: key
            .last_used_at
            .map_or_else(|| "未使用".to_owned(), show::minute),
        action: format!("{BASE}/{}", key.id),
        keys: std::array::from_fn(|_| visit.kit.tokens().one_time()),
        can_enable: key.status == KeyStatus::Waiting
            && case.may_enable
            && key.created_by != actor.user,
        can_reset: live && case.may_change && key.kind == KeyKind::Sandbox,
        can_revoke: live && case.may_change,
    }
}

fn new_fields(key: &str) -> FormView {
    FormView::new(NEW)
        .key(key)
        .with(
            Field::text("key_name", "名称")
                .required()
                .hint("写明使用这个密钥的系统，如“信贷系统”。")
                .maxlength(40)
                .width("m"),
        )
        .with(
            Field::radio("kind", "类型")
                .required()
                .options([
                    Choice::new("sandbox", "沙箱").hint("只操作虚构的融资需求，创建后即可使用。"),
                    Choice::new("live", "正式")
                        .hint("操作真实的融资需求，须由本机构另一位人员启用后才能使用。"),
                ])
                .value("sandbox"),
        )
}

fn new_page(form: FormView) -> NewPage {
    NewPage {
        crumbs: crumbs("新建密钥"),
        form,
        back: BASE.to_owned(),
    }
}

pub(super) async fn new_form(
    State(web): State<Room>,
    visit: FreshProof,
) -> Result<Response, WebError> {
    let case = web.uses.look(visit.actor()).await?;
    if !case.may_change {
        return Err(UseError::denied().into());
    }
    let page = new_page(new_fields(&visit.0.kit.tokens().one_time()));
    let visit = visit.0.staff_console();
    Ok(visit.render(NewPage::TEMPLATE, "新建密钥", &page))
}

pub(super) async fn create(
    State(web): State<Room>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = staff(&visit)?;
    if let Some(to_proof) = to_proof(&visit, &actor, Action::Save).await {
        return Ok(to_proof);
    }
    let visit = visit.staff_console();
    let ask = CreateKey {
        name: posted.get("key_name").to_owned(),
        kind: posted.get("kind").to_owned(),
        once: once(&posted)?,
    };
    let uses = web.uses.clone();
    match spawned(async move { uses.create(&actor, ask).await }).await {
        Ok(Some(one)) => Ok(issued(&visit, one)),
        Ok(None) => Ok(visit.redirect(
            BASE,
            Some(("info", "密钥此前已经创建，密钥内容不会再次显示。")),
        )),
        Err(error) if error.kind == Kind::Invalid => Ok(again(&visit, &posted, &error)),
        Err(error) => told(&visit, error, BASE),
    }
}

fn again(visit: &Visit, posted: &Posted, error: &UseError) -> Response {
    let mut form = new_fields(&visit.kit.tokens().one_time()).fill(posted.pairs());
    show_errors(&mut form, error);
    visit.render_with(
        StatusCode::UNPROCESSABLE_ENTITY,
        NewPage::TEMPLATE,
        "新建密钥",
        &new_page(form),
    )
}

fn issued(visit: &Visit, one: Issued) -> Response {
    let note = match one.kind {
        KeyKind::Sandbox => "沙箱密钥现在就可以使用。",
        KeyKind::Live => "请本机构另一位人员在“系统接口”页面启用后使用。",
    };
    let page = IssuedPage {
        title: "密钥已创建".to_owned(),
        rows: vec![
            Described::new("名称", one.name),
            Described::new("类型", one.kind.zh()),
            Described::new("密钥编号", one.id.to_string()),
        ],
        secret: one.secret,
        note: note.to_owned(),
        back: BASE.to_owned(),
    };
    visit.render(IssuedPage::TEMPLATE, "密钥已创建", &page)
}

fn ask_revocation(visit: &Visit, one: &StoredKey, key: String) -> Response {
    let sure = Sure {
        crumbs: crumbs("停用密钥"),
        title: "要停用这个密钥吗？",
        text: "停用后立即失效，使用它的系统不能再报送，也不能恢复。需要继续使用的，请先新建并更换。",
        rows: vec![
            Described::new("名称", &one.name),
            Described::new("密钥编号", one.id.to_string()),
            Described::new("类型", one.kind.zh()),
        ],
        action: format!("{BASE}/{}", one.id),
        key,
        deed: "revoke",
        yes: "停用密钥",
        no: "暂不停用",
        back: BASE.to_owned(),
    };
    sure.ask(visit)
}

pub(super) async fn act(
    State(web): State<Room>,
    Path(id): Path<Uuid>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = staff(&visit)?;
    let (deed, sure) = sure::deed(&posted);
    let action = match deed {
        "enable" => Action::Check,
        "revoke" | "reset" => Action::Save,
        _ => return Err(UseError::not_found().into()),
    };
    if let Some(to_proof) = to_proof(&visit, &actor, action).await {
        return Ok(to_proof);
    }
    let visit = visit.staff_console();
    let (uses, key) = (web.uses.clone(), once(&posted)?);
    if deed == "revoke" && !sure {
        let case = web.uses.look(&actor).await?;
        let live = |k: &&StoredKey| k.id == id && k.status != KeyStatus::Revoked;
        if let Some(one) = case.keys.iter().find(live).filter(|_| case.may_change) {
            return Ok(ask_revocation(&visit, one, key.key));
        }
    }
    let (done, outcome) = match deed {
        "enable" => (
            "密钥已启用，现在可以使用。",
            spawned(async move { uses.enable(&actor, id, &key).await }).await,
        ),
        "revoke" => (
            "密钥已停用，立即失效。",
            spawned(async move { uses.revoke(&actor, id, &key).await }).await,
        ),
        _ => (
            "沙箱已重置，虚构的融资需求已恢复原状。",
            spawned(async move { uses.reset(&actor, id, &key).await }).await,
        ),
    };
    match outcome {
        Ok(()) => Ok(visit.redirect(BASE, Some(("success", done)))),
        Err(error) => told(&visit, error, BASE),
    }
}

//! 移交 by the owner, 接任 by the other one, 提出异议 where the city has begun to change the owner.

use application::{
    error::{Kind, UseError},
    ownership::Holder,
    ports::ownership::{ChangeKind, OwnershipChange},
    sessions::SignedIn,
    two_people::Withdrawal,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::ids::UserId;
use serde::Serialize;
use time::OffsetDateTime;

use super::{OWN, Room};
use crate::{
    console::{AskPage, told},
    errors::WebError,
    forms::FormView,
    parts::{Described, Link},
    posted::{Form, once},
    show,
    spawned::spawned,
    visit::{EnterpriseVisit, Visit, encode, id_of, posted_by_enterprise},
};

const PEOPLE: &str = "/enterprise/people";
const TITLE: &str = "企业管理员变更";

/// `ownership/own.html`.
#[derive(Serialize)]
pub(super) struct OwnPage {
    pub crumbs: Vec<Link>,
    pub cards: Vec<Card>,
}

impl OwnPage {
    pub const TEMPLATE: &'static str = "ownership/own.html";
}

/// One change that waits, and what this person may answer.
#[derive(Serialize)]
pub(super) struct Card {
    pub title: String,
    pub rows: Vec<Described>,
    pub hint: &'static str,
    pub action: String,
    pub accept: bool,
    /// Offered when the time to accept is over, too.
    pub decline: bool,
    pub withdraw: bool,
    pub object: bool,
    pub key_yes: String,
    pub key_no: String,
}

/// The signed-in person of the enterprise, with what is known of their proof.
fn signed(visit: &Visit) -> Result<SignedIn, WebError> {
    posted_by_enterprise(visit)?;
    let signed = visit.signed.clone();
    signed.ok_or_else(|| WebError(UseError::not_found()))
}

/// What is in the way of a handover stands on the page of what waits, not on that of the person.
fn in_the_way(error: &UseError) -> &'static str {
    match error.code {
        "ownership.recovery_open" | "ownership.asked_before" => OWN,
        _ => PEOPLE,
    }
}

/// The proof comes first; it brings back to a page.
fn to_proof(visit: &Visit, page: &str) -> Response {
    let to = format!("/enterprise/account/verify?next={}", encode(page));
    visit.redirect(&to, None)
}

fn ask_page(to: &Holder, key: &str) -> AskPage {
    let name = &to.name_masked;
    let person = format!("{PEOPLE}/{}", to.id);
    AskPage {
        title: format!("要把企业管理员移交给“{name}”吗？"),
        lead: "对方在 7 天内确认后生效，双方都会收到短信。生效后您只有办理权限，需要重新登录；企业需由法定代表人本人重新完成人脸核验。"
            .to_owned(),
        crumbs: vec![
            Link::new("企业管理", "/enterprise"),
            Link::new("企业人员", PEOPLE),
            Link::new(name, &person),
            Link::new("移交企业管理员", ""),
        ],
        rows: vec![
            Described::new("接任人", name),
            Described::new("手机号", &to.phone_masked),
        ],
        form: FormView::new(format!("{person}/handover")).key(key),
        yes: "移交企业管理员",
        no: "返回",
        back: person,
        danger: false,
    }
}

pub(super) async fn ask(
    State(web): State<Room>,
    visit: EnterpriseVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = UserId(id_of(&id)?);
    let found = web.uses.candidate(visit.actor(), id).await;
    let visit = visit.0.enterprise_console().standing_at(PEOPLE);
    let to = match found {
        Ok(to) => to,
        Err(error) => return told(&visit, error, PEOPLE),
    };
    if !signed(&visit)?.freshly_proved {
        return Ok(to_proof(&visit, &visit.path));
    }
    Ok(ask_page(&to, &visit.kit.tokens().one_time()).drawn(&visit, None))
}

pub(super) async fn asked(
    State(web): State<Room>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let person = signed(&visit)?;
    let id = UserId(id_of(&id)?);
    let key = once(&posted)?;
    let visit = visit.enterprise_console();
    let uses = web.uses.clone();
    match spawned(async move { uses.hand_over(&person, id, &key).await }).await {
        Ok(()) => Ok(visit.redirect(
            OWN,
            Some(("success", "已发出，对方会收到短信，在 7 天内确认后生效。")),
        )),
        Err(error) if error.kind == Kind::ProofNeeded => Ok(to_proof(&visit, &visit.path)),
        Err(error) => {
            let way = in_the_way(&error);
            told(&visit, error, way)
        }
    }
}

fn card(change: &OwnershipChange, me: UserId, at: OffsetDateTime, keys: [String; 2]) -> Card {
    let until = show::minute(change.until);
    let [key_yes, key_no] = keys;
    let handover = change.kind == ChangeKind::Handover;
    let over = at > change.until;
    let decline = handover && change.to == me;
    let accept = decline && !over;
    let withdraw = handover && change.asked_by == me;
    let object = !handover && change.from == me;
    let mut rows = vec![
        Described::new("现任管理员", &change.from_name),
        Described::new("接任人", &change.to_name),
        Described::new("提出时间", show::minute(change.asked_at)),
    ];
    rows.push(if handover {
        Described::new("确认截止时间", until)
    } else {
        Described::new("异议截止时间", until)
    });
    let hint = match (decline, withdraw, object) {
        (true, ..) if over => "已超过确认时间，请企业管理员重新移交。",
        (true, ..) => {
            "接任后，企业信息、授权和人员由您管理；需由法定代表人本人重新完成人脸核验，才能提交新的融资需求。"
        }
        (_, true, _) if over => "对方没有在截止时间前确认，移交没有生效。请撤回，需要时重新移交。",
        (_, true, _) => "等待对方确认。确认前可以撤回。",
        (.., true) => {
            "平台收到更换企业管理员的申请，正在核实。如不同意，请提出异议，申请随即终止；如已知情，无需操作。"
        }
        _ => "由当事人办理，您无需操作。",
    };
    Card {
        title: change.kind.zh().to_owned(),
        rows,
        hint,
        action: format!("{OWN}/{}", change.id),
        accept,
        decline,
        withdraw,
        object,
        key_yes,
        key_no,
    }
}

pub(super) async fn own(
    State(web): State<Room>,
    visit: EnterpriseVisit,
) -> Result<Response, WebError> {
    let (changes, at) = web.uses.own(visit.actor()).await?;
    let me = visit.actor().user;
    let keys = || std::array::from_fn(|_| visit.0.kit.tokens().one_time());
    let cards = changes
        .iter()
        .map(|change| card(change, me, at, keys()))
        .collect();
    let page = OwnPage {
        crumbs: vec![Link::new("企业管理", "/enterprise"), Link::new(TITLE, "")],
        cards,
    };
    let visit = visit.0.enterprise_console().standing_at(PEOPLE);
    Ok(visit.render(OwnPage::TEMPLATE, TITLE, &page))
}

pub(super) async fn answer(
    State(web): State<Room>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let person = signed(&visit)?;
    let id = id_of(&id)?;
    let key = once(&posted)?;
    let visit = visit.enterprise_console();
    let uses = web.uses.clone();
    let done = match posted.action() {
        "accept" => spawned(async move { uses.accept(&person, id, &key).await })
            .await
            .map(|()| "您已是企业管理员。请由法定代表人本人完成人脸核验。"),
        "decline" => spawned(async move { uses.decline(&person.actor, id, &key).await })
            .await
            .map(|()| "已答复不接任，企业管理员不变。"),
        "withdraw" => spawned(async move {
            let ask = Withdrawal {
                asked: id,
                reason: String::new(),
                once: key,
            };
            uses.withdraw(&person.actor, ask).await
        })
        .await
        .map(|()| "已撤回，企业管理员不变。"),
        "object" => spawned(async move { uses.object(&person.actor, id, &key).await })
            .await
            .map(|()| "已提出异议，企业管理员不变。"),
        _ => Err(UseError::not_found()),
    };
    match done {
        Ok(text) => Ok(visit.redirect(OWN, Some(("success", text)))),
        Err(error) if error.kind == Kind::ProofNeeded => Ok(to_proof(&visit, OWN)),
        Err(error) => told(&visit, error, OWN),
    }
}

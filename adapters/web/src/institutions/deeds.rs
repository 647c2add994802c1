//! 申请暂停受理, 确认 and 不同意: a page that says what will happen, a fresh proof, and the deed.

use application::{
    access::Actor,
    error::{Kind, UseError, UseResult},
    institutions::{AskSuspension, InstitutionCase, SettleSuspension},
    once::Once,
    ports::institution_desk::SuspensionKind,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::ids::TenantId;

use super::{Room, base, crumbs};
use crate::{
    console::{AskPage, told},
    errors::WebError,
    forms::{Field, FormView},
    parts::Described,
    posted::{Form, Posted, once},
    proof,
    spawned::spawned,
    visit::{StaffVisit, id_of, posted_by_staff},
};

/// Which of the deeds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Deed {
    Ask,
    Confirm,
    Decline,
}

impl Deed {
    const fn path(self) -> &'static str {
        match self {
            Self::Ask => "suspend",
            Self::Confirm => "suspend/confirm",
            Self::Decline => "suspend/decline",
        }
    }

    const fn offered(self, case: &InstitutionCase) -> bool {
        match self {
            Self::Ask => case.powers.ask,
            Self::Confirm | Self::Decline => case.powers.settle,
        }
    }

    fn refusal(self, case: &InstitutionCase) -> UseError {
        match (self, case.open_suspension().is_some()) {
            (Self::Ask, true) => UseError::conflict("supervision.asked_before"),
            (Self::Ask, false) => UseError::denied(),
            (_, true) => UseError::conflict("financing.second_person_missing"),
            (_, false) => UseError::conflict("supervision.nothing_open"),
        }
    }
}

fn kind_of(case: &InstitutionCase) -> SuspensionKind {
    let next = if case.institution.suspended {
        SuspensionKind::Resume
    } else {
        SuspensionKind::Suspend
    };
    case.open_suspension().map_or(next, |one| one.kind)
}

/// Title, lead and button.
fn words(deed: Deed, case: &InstitutionCase) -> (String, &'static str, &'static str) {
    let name = &case.institution.facts.name;
    match (deed, kind_of(case)) {
        (Deed::Ask, SuspensionKind::Suspend) => (
            format!("要申请让“{name}”暂停受理吗？"),
            "另一位平台运营人员确认后生效。暂停期间，机构和产品不在门户展示，企业不能向它提交新的融资需求；已提交的照常办理，机构人员仍可登录。",
            "申请暂停受理",
        ),
        (Deed::Ask, SuspensionKind::Resume) => (
            format!("要申请让“{name}”恢复受理吗？"),
            "另一位平台运营人员确认后，机构和产品重新在门户展示，企业可以提交新的融资需求。",
            "申请恢复受理",
        ),
        (Deed::Confirm, SuspensionKind::Suspend) => (
            format!("要确认让“{name}”暂停受理吗？"),
            "确认后立即生效，机构的管理员会收到通知和原因。已提交的融资需求照常办理。",
            "确认暂停受理",
        ),
        (Deed::Confirm, SuspensionKind::Resume) => (
            format!("要确认让“{name}”恢复受理吗？"),
            "确认后立即生效，机构的管理员会收到通知。",
            "确认恢复受理",
        ),
        (Deed::Decline, _) => (
            format!("不同意对“{name}”的申请吗？"),
            "不同意后，机构保持现在的状态。",
            "不同意",
        ),
    }
}

fn page(deed: Deed, case: &InstitutionCase, key: &str, typed: &Posted) -> AskPage {
    let one = &case.institution;
    let href = base(one.id);
    let (title, lead, yes) = words(deed, case);
    let mut rows = vec![
        Described::new("机构名称", &one.facts.name),
        Described::new("在架产品", format!("{} 款", one.products)),
        Described::new("办理中的融资需求", format!("{} 笔", one.open)),
    ];
    let mut form = FormView::new(format!("{href}/{}", deed.path())).key(key);
    match (deed, case.open_suspension()) {
        (Deed::Ask, _) => form.push(
            Field::textarea("hold_reason", "原因")
                .required()
                .hint("由确认人核对，生效后机构的管理员也会看到。最多 500 个字。")
                .maxlength(500)
                .value(typed.get("hold_reason")),
        ),
        (_, Some(open)) => {
            form.push(Field::hidden("suspension", open.id.to_string()));
            rows.push(Described::new("事项", open.kind.zh()));
            rows.push(Described::new("申请人", &open.asked_name));
            rows.push(Described::new("原因", &open.reason));
        }
        _ => {}
    }
    AskPage {
        title,
        lead: lead.to_owned(),
        crumbs: crumbs(&[(&one.facts.name, &href), ("暂停与恢复", "")]),
        rows,
        form,
        yes,
        no: "返回",
        back: href,
        danger: kind_of(case) == SuspensionKind::Suspend || deed == Deed::Decline,
    }
}

async fn asked(web: Room, visit: StaffVisit, id: String, deed: Deed) -> Result<Response, WebError> {
    let id = TenantId(id_of(&id)?);
    let case = web.uses.view(visit.actor(), id).await?;
    if let Some(to_proof) = proof::first(&visit.0).filter(|_| deed.offered(&case)) {
        return Ok(to_proof);
    }
    let visit = visit.0.staff_console();
    if !deed.offered(&case) {
        return told(&visit, deed.refusal(&case), &base(id));
    }
    let key = visit.kit.tokens().one_time();
    Ok(page(deed, &case, &key, &Posted::default()).drawn(&visit, None))
}

async fn act(
    web: &Room,
    actor: Actor,
    posted: &Posted,
    id: TenantId,
    once: Once,
    deed: Deed,
) -> UseResult<&'static str> {
    let uses = web.uses.clone();
    if deed == Deed::Ask {
        let ask = AskSuspension {
            institution: id,
            reason: posted.get("hold_reason").to_owned(),
            once,
        };
        spawned(async move { uses.ask_suspension(&actor, ask).await }).await?;
        return Ok("已提交，请另一位平台运营人员确认。");
    }
    let ask = SettleSuspension {
        institution: id,
        suspension: posted
            .get("suspension")
            .parse()
            .map_err(|_| UseError::not_found())?,
        confirm: deed == Deed::Confirm,
        once,
    };
    let kind = spawned(async move { uses.settle_suspension(&actor, ask).await }).await?;
    Ok(match (deed, kind) {
        (Deed::Confirm, SuspensionKind::Suspend) => {
            "已暂停受理，机构的管理员会收到通知。已提交的融资需求照常办理。"
        }
        (Deed::Confirm, SuspensionKind::Resume) => "已恢复受理，机构的管理员会收到通知。",
        _ => "已记录为不同意，机构保持原来的状态。",
    })
}

async fn posted(
    web: Room,
    id: String,
    Form(visit, posted): Form,
    deed: Deed,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let visit = visit.staff_console();
    let id = TenantId(id_of(&id)?);
    let once = once(&posted)?;
    // Whoever may not do it is told so before they prove anything.
    let case = web.uses.view(&actor, id).await?;
    if deed.offered(&case)
        && let Some(to_proof) = proof::carry(&visit)
    {
        return Ok(to_proof);
    }
    let key = once.key.clone();
    match act(&web, actor, &posted, id, once, deed).await {
        Ok(done) => Ok(visit.redirect(&base(id), Some(("success", done)))),
        Err(error) if error.kind == Kind::Invalid => {
            Ok(page(deed, &case, &key, &posted).drawn(&visit, Some(&error)))
        }
        Err(error) => told(&visit, error, &base(id)),
    }
}

macro_rules! handlers {
    ($($get:ident, $post:ident, $deed:expr;)+) => {$(
        pub(super) async fn $get(
            State(web): State<Room>,
            visit: StaffVisit,
            Path(id): Path<String>,
        ) -> Result<Response, WebError> {
            asked(web, visit, id, $deed).await
        }

        pub(super) async fn $post(
            State(web): State<Room>,
            Path(id): Path<String>,
            form: Form,
        ) -> Result<Response, WebError> {
            posted(web, id, form, $deed).await
        }
    )+};
}

handlers! {
    ask_suspend, suspend, Deed::Ask;
    ask_confirm, confirm, Deed::Confirm;
    ask_decline, decline, Deed::Decline;
}

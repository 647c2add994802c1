//! 申请冻结, 确认 and 不同意 of an account: a page that says what will happen, a fresh proof, and the deed.

use application::{
    access::Actor,
    enterprises::{AskAccountHold, EnterpriseCase, SettleAccountHold},
    error::{Kind, UseError, UseResult},
    once::Once,
    ports::{enterprise_desk::AccountState, supervision::HoldKind},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::ids::EnterpriseId;

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
    Hold,
    Confirm,
    Decline,
}

impl Deed {
    const fn path(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Confirm => "hold/confirm",
            Self::Decline => "hold/decline",
        }
    }

    const fn offered(self, case: &EnterpriseCase) -> bool {
        match self {
            Self::Hold => case.powers.ask_hold,
            Self::Confirm | Self::Decline => case.powers.settle_hold,
        }
    }

    fn refusal(self, case: &EnterpriseCase) -> UseError {
        match self {
            Self::Hold if case.open_hold().is_some() => {
                UseError::conflict("supervision.asked_before")
            }
            Self::Hold if case.sheet.row.account == AccountState::Closed => {
                UseError::conflict("enterprise.closed")
            }
            Self::Hold => UseError::denied(),
            _ if case.open_hold().is_some() => {
                UseError::conflict("financing.second_person_missing")
            }
            _ => UseError::conflict("supervision.nothing_open"),
        }
    }
}

fn kind_of(case: &EnterpriseCase) -> HoldKind {
    let next = if case.is_frozen() {
        HoldKind::Unfreeze
    } else {
        HoldKind::Freeze
    };
    case.open_hold().map_or(next, |hold| hold.kind)
}

/// Title, lead and button.
fn words(deed: Deed, case: &EnterpriseCase) -> (String, &'static str, &'static str) {
    let name = &case.sheet.row.name;
    match (deed, kind_of(case)) {
        (Deed::Hold, HoldKind::Freeze) => (
            format!("要申请冻结“{name}”的账户吗？"),
            "另一位平台运营人员确认后生效。冻结期间企业不能提交新的融资需求；已提交的照常办理，需要停办的请逐笔冻结。",
            "申请冻结账户",
        ),
        (Deed::Hold, HoldKind::Unfreeze) => (
            format!("要申请解除“{name}”的账户冻结吗？"),
            "另一位平台运营人员确认后，企业可以重新提交融资需求。",
            "申请解除冻结",
        ),
        (Deed::Confirm, HoldKind::Freeze) => (
            format!("要确认冻结“{name}”的账户吗？"),
            "确认后立即生效，企业会收到通知。企业仍可登录、查看、补充材料和撤回申请。",
            "确认冻结",
        ),
        (Deed::Confirm, HoldKind::Unfreeze) => (
            format!("要确认解除“{name}”的账户冻结吗？"),
            "确认后立即生效，企业会收到通知，可以重新提交融资需求。",
            "确认解除冻结",
        ),
        (Deed::Decline, _) => (
            format!("不同意对“{name}”账户的申请吗？"),
            "不同意后，账户保持现在的状态。",
            "不同意",
        ),
    }
}

fn page(deed: Deed, case: &EnterpriseCase, key: &str, typed: &Posted) -> AskPage {
    let row = &case.sheet.row;
    let href = base(row.id);
    let (title, lead, yes) = words(deed, case);
    let mut rows = vec![
        Described::new("企业名称", &row.name),
        Described::new("账户状态", row.account.zh()),
        Described::new("融资需求", format!("{} 笔", row.applications)),
    ];
    let mut form = FormView::new(format!("{href}/{}", deed.path())).key(key);
    match (deed, case.open_hold()) {
        (Deed::Hold, _) => form.push(
            Field::textarea("hold_reason", "原因")
                .required()
                .hint("由确认人核对，也会记入操作日志，企业看不到。最多 500 个字。")
                .maxlength(500)
                .value(typed.get("hold_reason")),
        ),
        (_, Some(hold)) => {
            form.push(Field::hidden("hold", hold.id.to_string()));
            rows.push(Described::new("事项", hold.kind.zh()));
            rows.push(Described::new("申请人", &hold.asked_name));
            rows.push(Described::new("原因", &hold.reason));
        }
        _ => {}
    }
    AskPage {
        title,
        lead: lead.to_owned(),
        crumbs: crumbs(&[(&row.name, &href), ("账户冻结", "")]),
        rows,
        form,
        yes,
        no: "返回",
        back: href,
        danger: true,
    }
}

async fn asked(web: Room, visit: StaffVisit, id: String, deed: Deed) -> Result<Response, WebError> {
    let id = EnterpriseId(id_of(&id)?);
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
    id: EnterpriseId,
    once: Once,
    deed: Deed,
) -> UseResult<&'static str> {
    let uses = web.uses.clone();
    if deed == Deed::Hold {
        let ask = AskAccountHold {
            enterprise: id,
            reason: posted.get("hold_reason").to_owned(),
            once,
        };
        spawned(async move { uses.ask_hold(&actor, ask).await }).await?;
        return Ok("已提交，请另一位平台运营人员确认。");
    }
    let ask = SettleAccountHold {
        enterprise: id,
        hold: posted
            .get("hold")
            .parse()
            .map_err(|_| UseError::not_found())?,
        confirm: deed == Deed::Confirm,
        once,
    };
    let kind = spawned(async move { uses.settle_hold(&actor, ask).await }).await?;
    Ok(match (deed, kind) {
        (Deed::Confirm, HoldKind::Freeze) => "账户已冻结，企业会收到通知。",
        (Deed::Confirm, HoldKind::Unfreeze) => "账户已解除冻结，企业会收到通知。",
        _ => "已记录为不同意，账户保持原来的状态。",
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
    let id = EnterpriseId(id_of(&id)?);
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
    ask_hold, hold, Deed::Hold;
    ask_confirm, confirm, Deed::Confirm;
    ask_decline, decline, Deed::Decline;
}

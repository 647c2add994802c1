//! 申请冻结, 确认, 不同意, 督办: a page that says what will happen, and the deed.

use application::{
    error::{Kind, UseError, UseResult},
    once::Once,
    ports::supervision::HoldKind,
    supervision::{AskHold, CityCase, SettleHold, Urge},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::ids::FinancingApplicationId;

use super::{
    OperatorDesk,
    applications::{base, facts, number, section},
    crumbs,
};
use crate::{
    console::{AskPage, told},
    errors::WebError,
    forms::{Field, FormView},
    kit::Web,
    parts::Described,
    posted::{Form, Posted, once},
    spawned::spawned,
    visit::{StaffVisit, id_of},
};

/// Which of the deeds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Deed {
    Hold,
    Confirm,
    Decline,
    Urge,
}

impl Deed {
    const fn path(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Confirm => "hold/confirm",
            Self::Decline => "hold/decline",
            Self::Urge => "supervise",
        }
    }

    const fn offered(self, case: &CityCase) -> bool {
        match self {
            Self::Hold => case.powers.ask_hold,
            Self::Confirm | Self::Decline => case.powers.settle_hold,
            Self::Urge => case.powers.urge,
        }
    }

    fn refusal(self, case: &CityCase) -> UseError {
        match self {
            Self::Hold if case.open_hold().is_some() => {
                UseError::conflict("supervision.asked_before")
            }
            Self::Hold => {
                UseError::conflict("financing.not_allowed").with("stage", case.record.stage.zh())
            }
            Self::Confirm | Self::Decline if case.open_hold().is_some() => {
                UseError::conflict("financing.second_person_missing")
            }
            Self::Confirm | Self::Decline => UseError::conflict("supervision.nothing_open"),
            Self::Urge => UseError::conflict("supervision.not_overdue"),
        }
    }
}

fn kind_of(case: &CityCase) -> HoldKind {
    case.open_hold().map_or(
        if case.record.frozen {
            HoldKind::Unfreeze
        } else {
            HoldKind::Freeze
        },
        |hold| hold.kind,
    )
}

/// Title, lead and button.
fn words(deed: Deed, case: &CityCase) -> (String, &'static str, &'static str) {
    let number = number(case);
    match (deed, kind_of(case)) {
        (Deed::Hold, HoldKind::Freeze) => (
            format!("要申请冻结融资需求 {number} 吗？"),
            "另一位平台运营人员确认后生效。冻结期间支行不能办理，办理时限暂停，企业仍可撤回。",
            "申请冻结",
        ),
        (Deed::Hold, HoldKind::Unfreeze) => (
            format!("要申请解除冻结融资需求 {number} 吗？"),
            "另一位平台运营人员确认后，支行可以继续办理，办理时限继续计算。",
            "申请解除冻结",
        ),
        (Deed::Confirm, HoldKind::Freeze) => (
            format!("要确认冻结融资需求 {number} 吗？"),
            "确认后立即生效，企业和受理支行会收到通知。",
            "确认冻结",
        ),
        (Deed::Confirm, HoldKind::Unfreeze) => (
            format!("要确认解除冻结融资需求 {number} 吗？"),
            "确认后支行可以继续办理，企业和受理支行会收到通知。",
            "确认解除冻结",
        ),
        (Deed::Decline, _) => (
            format!("不同意对融资需求 {number} 的申请吗？"),
            "不同意后，融资需求保持现在的状态。",
            "不同意",
        ),
        (Deed::Urge, _) => (
            format!("对融资需求 {number} 发出督办"),
            "督办通知发给受理支行和总行，并记录双方的阅读时间。督办不改变接单状态和审核状态。",
            "发出督办",
        ),
    }
}

fn page(deed: Deed, case: &CityCase, key: &str, typed: &Posted) -> AskPage {
    let href = base(case.record.id);
    let (title, lead, yes) = words(deed, case);
    let mut rows = facts(case);
    let mut form = FormView::new(format!("{href}/{}", deed.path())).key(key);
    match deed {
        Deed::Hold => form.push(
            Field::textarea("hold_reason", "原因")
                .required()
                .hint("由确认人核对，也会记入办理进度。最多 500 个字。")
                .maxlength(500)
                .value(typed.get("hold_reason")),
        ),
        Deed::Urge => form.push(
            Field::textarea("notice_words", "督办内容")
                .required()
                .hint("请写明希望何时前完成什么。最多 500 个字。")
                .maxlength(500)
                .value(typed.get("notice_words")),
        ),
        Deed::Confirm | Deed::Decline => {
            if let Some(hold) = case.open_hold() {
                form.push(Field::hidden("hold", hold.id.to_string()));
                rows.push(Described::new("事项", hold.kind.zh()));
                rows.push(Described::new("申请人", &hold.asked_name));
                rows.push(Described::new("原因", &hold.reason));
            }
        }
    }
    AskPage {
        title,
        lead: lead.to_owned(),
        crumbs: crumbs(section(), Some(&number(case))),
        rows,
        form,
        yes,
        no: "返回",
        back: href,
        danger: deed != Deed::Urge,
    }
}

async fn ask(
    web: Web<OperatorDesk>,
    visit: StaffVisit,
    id: String,
    deed: Deed,
) -> Result<Response, WebError> {
    let id = FinancingApplicationId(id_of(&id)?);
    let case = web.uses.supervision.view(visit.actor(), id).await?;
    let visit = visit.0.staff_console();
    if !deed.offered(&case) {
        return told(&visit, deed.refusal(&case), &base(id));
    }
    let key = visit.kit.tokens().one_time();
    Ok(page(deed, &case, &key, &Posted::default()).drawn(&visit, None))
}

async fn act(
    web: &Web<OperatorDesk>,
    actor: application::access::Actor,
    posted: &Posted,
    id: FinancingApplicationId,
    once: Once,
    deed: Deed,
) -> UseResult<&'static str> {
    let uses = web.uses.clone();
    match deed {
        Deed::Hold => {
            let ask = AskHold {
                application: id,
                reason: posted.get("hold_reason").to_owned(),
                once,
            };
            spawned(async move { uses.supervision.ask_hold(&actor, ask).await }).await?;
            Ok("已提交，请另一位平台运营人员确认。")
        }
        Deed::Urge => {
            let ask = Urge {
                application: id,
                words: posted.get("notice_words").to_owned(),
                once,
            };
            spawned(async move { uses.supervision.urge(&actor, ask).await }).await?;
            Ok("督办已发出，受理支行和总行会收到通知。")
        }
        Deed::Confirm | Deed::Decline => {
            let ask = SettleHold {
                application: id,
                hold: posted
                    .get("hold")
                    .parse()
                    .map_err(|_| UseError::not_found())?,
                confirm: deed == Deed::Confirm,
                once,
            };
            let kind =
                spawned(async move { uses.supervision.settle_hold(&actor, ask).await }).await?;
            Ok(match (deed, kind) {
                (Deed::Confirm, HoldKind::Freeze) => "已冻结，企业和受理支行会收到通知。",
                (Deed::Confirm, HoldKind::Unfreeze) => "已解除冻结，企业和受理支行会收到通知。",
                _ => "已记录为不同意，融资需求保持原来的状态。",
            })
        }
    }
}

async fn posted(
    web: Web<OperatorDesk>,
    id: String,
    Form(visit, posted): Form,
    deed: Deed,
) -> Result<Response, WebError> {
    let actor = visit.staff_actor()?.clone();
    let visit = visit.staff_console();
    let id = FinancingApplicationId(id_of(&id)?);
    let once = once(&posted)?;
    let key = once.key.clone();
    match act(&web, actor.clone(), &posted, id, once, deed).await {
        Ok(done) => Ok(visit.redirect(&base(id), Some(("success", done)))),
        Err(error) if error.kind == Kind::Invalid => {
            let case = web.uses.supervision.view(&actor, id).await?;
            Ok(page(deed, &case, &key, &posted).drawn(&visit, Some(&error)))
        }
        Err(error) => told(&visit, error, &base(id)),
    }
}

macro_rules! handlers {
    ($($get:ident, $post:ident, $deed:expr;)+) => {$(
        pub(super) async fn $get(
            State(web): State<Web<OperatorDesk>>,
            visit: StaffVisit,
            Path(id): Path<String>,
        ) -> Result<Response, WebError> {
            ask(web, visit, id, $deed).await
        }

        pub(super) async fn $post(
            State(web): State<Web<OperatorDesk>>,
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
    ask_urge, urge, Deed::Urge;
}

//! 不通过 and what may follow it, 复议 (row 23), and the answer to a 跨支行转派 (row 17).

use application::{
    city::City,
    error::UseResult,
    financing::{AnswerMove, ApplicationDetail, AskReconsideration, Deed},
};
use axum::http::Method;
use domain::{calendar::local_date, financing::Stage, ids::FinancingApplicationId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Api,
    call::Call,
    door::{Done, Door, Who},
    shapes::{Word, day, instant},
};

const TAG: &str = "复议与转派";

/// 审核未通过: why, what may be done about it, and from when on.
#[derive(Serialize, ToSchema)]
pub(crate) struct RefusalView {
    /// 审核意见.
    opinion: String,
    reasons: Vec<RefusalReason>,
    /// 可再次申请同一产品的日期; `null`: now.
    again_from: Option<String>,
}

/// 一条不通过原因.
#[derive(Serialize, ToSchema)]
struct RefusalReason {
    label: String,
    /// 怎样补救.
    tip: String,
}

/// 复议.
#[derive(Serialize, ToSchema)]
pub(crate) struct AppealView {
    asked_at: String,
    status: Word,
    /// 机构总部的说明.
    note: String,
}

/// 转派征询: the bank asks whether another branch may take over.
#[derive(Serialize, ToSchema)]
pub(crate) struct MoveQuestion {
    /// 转到支行.
    to_branch: String,
    /// 转派原因.
    reason: String,
    asked_at: String,
}

/// 申请复议.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Reconsider {
    /// 新情况说明; 最多 1000 个字.
    #[schema(max_length = 2000)]
    facts: String,
}

/// 答复转派.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MoveAnswer {
    /// 同意 or 不同意.
    agreed: bool,
    /// 说明; 最多 300 个字.
    #[schema(max_length = 600)]
    #[serde(default)]
    move_note: String,
}

pub(crate) fn doors() -> Vec<Door> {
    let own = Who::Enterprise;
    vec![
        Door::write(
            TAG,
            "申请复议",
            own,
            (Method::POST, "/api/v1/applications/{id}/reconsideration"),
            reconsider,
        )
        .keyed(),
        Door::write(
            TAG,
            "答复是否同意转到其他支行办理",
            own,
            (Method::POST, "/api/v1/applications/{id}/move"),
            answer,
        )
        .keyed(),
    ]
}

pub(crate) fn refusal(view: &ApplicationDetail, city: &City) -> Option<RefusalView> {
    let r = view.application.record();
    if !matches!(r.stage, Stage::Rejected | Stage::RefusedIntake) {
        return None;
    }
    let told = city.rejection_reasons.iter();
    let told = told.filter(|reason| r.reason_codes.contains(&reason.code));
    Some(RefusalView {
        opinion: r.review_opinion.clone(),
        reasons: told
            .map(|reason| RefusalReason {
                label: reason.label.clone(),
                tip: reason.tip.clone(),
            })
            .collect(),
        again_from: (view.cool_down.as_ref()).map(|wait| day(local_date(wait.until))),
    })
}

pub(crate) fn appeal(view: &ApplicationDetail) -> Option<AppealView> {
    view.appeal.asked.as_ref().map(|asked| AppealView {
        asked_at: instant(asked.asked_at),
        status: Word::new(asked.status.code(), asked.status.zh()),
        note: asked.note.clone(),
    })
}

/// Until when 复议 may be asked for by this person.
pub(crate) fn appeal_until(view: &ApplicationDetail) -> Option<String> {
    let until = view.appeal.until.filter(|_| view.may(Deed::Reconsider));
    until.map(instant)
}

pub(crate) fn question(view: &ApplicationDetail) -> Option<MoveQuestion> {
    view.waiting_move().map(|ask| MoveQuestion {
        to_branch: ask.to_branch_name.clone(),
        reason: ask.reason.clone(),
        asked_at: instant(ask.asked_at),
    })
}

async fn reconsider(api: Api, call: Call, ask: Reconsider) -> UseResult<Done> {
    let ask = AskReconsideration {
        application: FinancingApplicationId(call.id("id")?),
        facts: ask.facts,
        // The phone sends words; material goes with the form of the web page.
        materials: Vec::new(),
        once: call.once()?,
    };
    let (financing, files) = (&api.uses.financing, &api.uses.files);
    financing
        .ask_reconsideration(files, call.actor()?, ask)
        .await?;
    Ok(Done)
}

async fn answer(api: Api, call: Call, ask: MoveAnswer) -> UseResult<Done> {
    let ask = AnswerMove {
        application: FinancingApplicationId(call.id("id")?),
        agreed: Some(ask.agreed),
        note: ask.move_note,
        once: call.once()?,
    };
    api.uses.financing.answer_move(call.actor()?, ask).await?;
    Ok(Done)
}

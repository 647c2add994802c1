//! 评价 (W22): the enterprise's own, of the branch that decided its request, once.

use application::{
    access::Actor,
    error::{Kind, UseResult},
    ratings::{Own, Rate},
};
use axum::http::Method;
use domain::{financing::ApplicationRecord, ids::FinancingApplicationId, rating::is_ratable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Api,
    call::Call,
    door::{Done, Door, NoQuery, Who},
    shapes::instant,
};

const TAG: &str = "评价";

/// 评价受理支行.
#[derive(Serialize, ToSchema)]
struct OwnRating {
    application_no: String,
    /// 受理支行.
    institution: String,
    /// 可以评价.
    may_rate: bool,
    rating: Option<RatingView>,
}

/// 您的评价.
#[derive(Serialize, ToSchema)]
struct RatingView {
    /// 评价的支行.
    institution: String,
    /// 办理效率, 1 to 5.
    speed: i16,
    /// 服务态度.
    service: i16,
    /// 费用与条件透明.
    openness: i16,
    words: String,
    rated_at: String,
    /// 机构回复.
    reply: Option<String>,
    /// 平台隐藏的原因; `null`: it stands.
    hidden: Option<String>,
}

/// 提交评价.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RateBranch {
    /// 办理效率, 1 很不满意 to 5 很满意.
    #[schema(minimum = 1, maximum = 5)]
    speed: i16,
    /// 服务态度.
    #[schema(minimum = 1, maximum = 5)]
    service: i16,
    /// 费用与条件透明.
    #[schema(minimum = 1, maximum = 5)]
    openness: i16,
    /// 评价内容; 最多 500 个字.
    #[schema(max_length = 1000)]
    #[serde(default)]
    rating_words: String,
}

pub(crate) fn doors() -> Vec<Door> {
    let own = Who::Enterprise;
    let path = "/api/v1/applications/{id}/rating";
    vec![
        Door::read(TAG, "评价受理支行", own, path, show).conflicting(),
        Door::write(TAG, "提交评价", own, (Method::POST, path), rate).keyed(),
    ]
}

/// The rating of a request that a branch decided.
pub(crate) async fn beside(
    api: &Api,
    actor: &Actor,
    record: &ApplicationRecord,
) -> UseResult<Option<Own>> {
    if !is_ratable(record.stage) || record.handler.is_none() {
        return Ok(None);
    }
    match api.uses.ratings.own(actor, record.id).await {
        Ok(own) => Ok(Some(own)),
        // Corrected in between: it is decided no more.
        Err(error) if error.kind == Kind::Conflict => Ok(None),
        Err(error) => Err(error),
    }
}

async fn show(api: Api, call: Call, _: NoQuery) -> UseResult<OwnRating> {
    let id = FinancingApplicationId(call.id("id")?);
    let own = api.uses.ratings.own(call.actor()?, id).await?;
    let r = &own.record;
    Ok(OwnRating {
        application_no: r.number.as_ref().map_or(String::new(), ToString::to_string),
        institution: r.handler_name.clone(),
        may_rate: own.may_rate,
        rating: own.rating.map(|one| RatingView {
            institution: one.branch_name,
            speed: one.stars.speed,
            service: one.stars.service,
            openness: one.stars.openness,
            words: one.words,
            rated_at: instant(one.rated_at),
            reply: one.reply.map(|said| said.words),
            hidden: one.hidden.map(|said| said.words),
        }),
    })
}

async fn rate(api: Api, call: Call, ask: RateBranch) -> UseResult<Done> {
    let ask = Rate {
        application: FinancingApplicationId(call.id("id")?),
        speed: ask.speed.to_string(),
        service: ask.service.to_string(),
        openness: ask.openness.to_string(),
        words: ask.rating_words,
        once: call.once()?,
    };
    api.uses.ratings.rate(call.actor()?, ask).await?;
    Ok(Done)
}

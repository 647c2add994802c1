//! 授权记录: what was agreed to, for whom, and its withdrawal (S-32, S-33).

use application::error::UseResult;
use axum::http::Method;
use domain::ids::ConsentId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    Api,
    call::Call,
    door::{Done, Door, Who},
    shapes::instant,
};

const TAG: &str = "授权记录";

/// Which page.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Ask {
    /// 第几页.
    #[param(minimum = 1, maximum = 1000)]
    page: Option<u32>,
}

/// 授权记录, newest first.
#[derive(Serialize, ToSchema)]
struct ConsentPage {
    items: Vec<Consent>,
    total: u64,
    page: u64,
    /// 撤回 is the owner's alone.
    may_withdraw: bool,
}

/// 一条授权.
#[derive(Serialize, ToSchema)]
struct Consent {
    id: Uuid,
    title: String,
    version: String,
    purpose: String,
    /// 接收方.
    recipient: String,
    application_no: Option<String>,
    channel: String,
    granted_at: String,
    withdrawn_at: Option<String>,
}

pub(crate) fn doors() -> Vec<Door> {
    let own = Who::Enterprise;
    vec![
        Door::read(TAG, "授权记录", own, "/api/v1/consents", list),
        Door::act(
            TAG,
            "撤回授权",
            own,
            (Method::POST, "/api/v1/consents/{id}/withdrawal"),
            withdraw,
        ),
    ]
}

async fn list(api: Api, call: Call, ask: Ask) -> UseResult<ConsentPage> {
    let page = u64::from(ask.page.unwrap_or(1).clamp(1, 1000));
    let found = api.uses.consents.list(call.actor()?, page).await?;
    Ok(ConsentPage {
        items: found
            .rows
            .into_iter()
            .map(|row| Consent {
                id: row.id.0,
                title: row.title,
                version: row.version,
                purpose: row.purpose,
                recipient: row.recipient,
                application_no: row.application_no,
                channel: row.channel,
                granted_at: instant(row.granted_at),
                withdrawn_at: row.withdrawn_at.map(instant),
            })
            .collect(),
        total: found.total,
        page: found.page,
        may_withdraw: found.may_withdraw,
    })
}

async fn withdraw(api: Api, call: Call) -> UseResult<Done> {
    let id = ConsentId(call.id("id")?);
    api.uses.consents.withdraw(call.actor()?, id).await?;
    Ok(Done)
}

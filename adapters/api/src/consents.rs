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
    shapes::{instant, limit, mark_of, read_mark},
};

const TAG: &str = "授权记录";

/// Which ones.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Ask {
    /// 上一页的 next_cursor.
    cursor: Option<String>,
    /// 每页条数, 1 to 50.
    #[param(minimum = 1, maximum = 50)]
    limit: Option<u32>,
}

/// 授权记录, newest first.
#[derive(Serialize, ToSchema)]
struct ConsentPage {
    items: Vec<Consent>,
    next_cursor: Option<String>,
    /// 撤回 is the owner's alone.
    may_withdraw: bool,
}

/// 一条授权.
#[derive(Serialize, ToSchema)]
struct Consent {
    id: Uuid,
    title: String,
    version: String,
    /// 用途, in words.
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
        )
        .keyed(),
    ]
}

async fn list(api: Api, call: Call, ask: Ask) -> UseResult<ConsentPage> {
    let most = limit(ask.limit)?;
    let after = read_mark(ask.cursor.as_deref())?;
    let ledger = &api.uses.consents;
    let found = ledger.after(call.actor()?, after, most).await?;
    let last = found.rows.last().filter(|_| found.more);
    Ok(ConsentPage {
        next_cursor: last.map(|row| mark_of(row.granted_at, row.id.0)),
        items: found
            .rows
            .into_iter()
            .map(|row| Consent {
                id: row.id.0,
                title: row.title,
                version: row.version,
                purpose: api.words.purpose(&row.purpose, &row.code),
                recipient: row.recipient,
                application_no: row.application_no,
                channel: row.channel,
                granted_at: instant(row.granted_at),
                withdrawn_at: row.withdrawn_at.map(instant),
            })
            .collect(),
        may_withdraw: found.may_withdraw,
    })
}

async fn withdraw(api: Api, call: Call) -> UseResult<Done> {
    let id = ConsentId(call.id("id")?);
    let (ledger, once) = (&api.uses.consents, call.once()?);
    ledger.withdraw(call.actor()?, id, &once).await?;
    Ok(Done)
}

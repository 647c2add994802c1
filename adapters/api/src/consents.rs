//! 授权记录: what was agreed to, for whom, its withdrawal, and 重新授权 of what was withdrawn (S-32, S-33).

use application::{account::register::AgreementBox, error::UseResult};
use axum::http::Method;
use domain::ids::{ConsentId, FinancingApplicationId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    Api,
    call::Call,
    city::{AgreementLine, Tick, was_opened},
    door::{Done, Door, NoQuery, Who},
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
    /// 重新授权: of this application.
    renew: Option<Uuid>,
}

/// 须重新同意的协议: new versions of what this person accepted before, to be read and accepted before a request is submitted.
#[derive(Serialize, ToSchema)]
struct OwedTexts {
    items: Vec<OwedText>,
}

/// 一份有新版本的协议; its text is at `/api/v1/agreements/{code}`.
#[derive(Serialize, ToSchema)]
struct OwedText {
    code: String,
    title: String,
    short_title: String,
    version: String,
    effective_on: String,
    /// 修订说明.
    change_note: String,
}

/// 同意新版本. Errors of an agreement are told at `agree_<code>`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AcceptAgain {
    #[schema(max_items = 20)]
    agreements: Vec<Tick>,
}

/// 须重新授权的协议: the texts of now whose consent for an application under way was withdrawn; each at `/api/v1/agreements/{code}`.
#[derive(Serialize, ToSchema)]
struct LapsedTexts {
    application_no: String,
    /// 授权给.
    recipient: String,
    texts: Vec<AgreementLine>,
}

/// 重新授权. Errors of an agreement are told at `agree_<code>`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Renew {
    #[schema(max_items = 20)]
    agreements: Vec<Tick>,
}

pub(crate) fn doors() -> Vec<Door> {
    let own = Who::Enterprise;
    vec![
        Door::read(TAG, "授权记录", own, "/api/v1/consents", list),
        Door::read(TAG, "须重新同意的协议", own, "/api/v1/consents/owed", owed),
        Door::write(
            TAG,
            "同意新版协议",
            own,
            (Method::POST, "/api/v1/consents/owed"),
            accept,
        ),
        Door::act(
            TAG,
            "撤回授权",
            own,
            (Method::POST, "/api/v1/consents/{id}/withdrawal"),
            withdraw,
        )
        .keyed(),
        Door::read(
            TAG,
            "须重新授权的协议",
            own,
            "/api/v1/applications/{id}/consents",
            lapsed,
        )
        .conflicting(),
        Door::write(
            TAG,
            "重新授权",
            own,
            (Method::POST, "/api/v1/applications/{id}/consents"),
            renew,
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
    let may_renew = found.may_renew;
    Ok(ConsentPage {
        next_cursor: last.map(|row| mark_of(row.granted_at, row.id.0)),
        items: found
            .rows
            .into_iter()
            .map(|row| Consent {
                renew: row.to_renew().filter(|_| may_renew).map(|id| id.0),
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

async fn owed(api: Api, call: Call, _: NoQuery) -> UseResult<OwedTexts> {
    let owed = api.uses.reconsent.owed(call.actor()?).await?;
    Ok(OwedTexts {
        items: owed
            .into_iter()
            .map(|one| OwedText {
                code: one.code,
                title: one.title,
                short_title: one.short_title,
                version: one.version,
                effective_on: one.effective,
                change_note: one.change_note,
            })
            .collect(),
    })
}

fn boxes(api: &Api, call: &Call, ticks: &[Tick]) -> Vec<AgreementBox> {
    ticks
        .iter()
        .map(|tick| AgreementBox {
            code: tick.code.clone(),
            opened: was_opened(api, call, tick),
            ticked: tick.ticked,
        })
        .collect()
}

async fn accept(api: Api, call: Call, ask: AcceptAgain) -> UseResult<Done> {
    let boxes = boxes(&api, &call, &ask.agreements);
    api.uses.reconsent.accept(call.actor()?, &boxes).await?;
    Ok(Done)
}

async fn withdraw(api: Api, call: Call) -> UseResult<Done> {
    let id = ConsentId(call.id("id")?);
    let (ledger, once) = (&api.uses.consents, call.once()?);
    ledger.withdraw(call.actor()?, id, &once).await?;
    Ok(Done)
}

async fn lapsed(api: Api, call: Call, _: NoQuery) -> UseResult<LapsedTexts> {
    let id = FinancingApplicationId(call.id("id")?);
    let sheet = api.uses.consents.lapsed(call.actor()?, id).await?;
    Ok(LapsedTexts {
        application_no: sheet.number,
        recipient: sheet.recipient,
        texts: sheet.texts.iter().map(Into::into).collect(),
    })
}

async fn renew(api: Api, call: Call, ask: Renew) -> UseResult<Done> {
    let id = FinancingApplicationId(call.id("id")?);
    let boxes = boxes(&api, &call, &ask.agreements);
    let (ledger, once) = (&api.uses.consents, call.once()?);
    ledger.renew(call.actor()?, id, &boxes, &once).await?;
    Ok(Done)
}

//! 消息投递: what could not be delivered, why in plain words, tried again or given up with a reason.

use application::{
    deliveries::GiveUp,
    error::{Kind, UseError},
    ports::{deliveries::ParkedNotice, providers::Reason},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::Serialize;

use super::{OperatorDesk, crumbs};
use crate::{
    console::show_errors,
    errors::WebError,
    forms::{Field, FormView},
    kit::Web,
    parts::{Cell, Described, Link, Table},
    posted::{Form, once},
    show,
    spawned::spawned,
    visit::{StaffVisit, Visit, id_of, posted_by_staff},
    words,
};

const LIST: &str = "/operator/deliveries";
const TITLE: &str = "未送达消息";

/// `operator/deliveries.html`.
#[derive(Serialize)]
pub(super) struct ListPage {
    pub crumbs: Vec<Link>,
    pub table: Table,
}

impl ListPage {
    pub const TEMPLATE: &'static str = "operator/deliveries.html";
}

/// `operator/delivery.html`.
#[derive(Serialize)]
pub(super) struct OnePage {
    pub crumbs: Vec<Link>,
    pub rows: Vec<Described>,
    pub may: bool,
    pub again: String,
    pub key: String,
    pub form: FormView,
}

impl OnePage {
    pub const TEMPLATE: &'static str = "operator/delivery.html";
}

/// What kind of message it is.
fn what(notice: &ParkedNotice) -> String {
    let code = if notice.topic == "application.sms" {
        let template = notice.payload["template"].as_str().unwrap_or_default();
        format!("delivery.sms.{template}")
    } else {
        format!("delivery.topic.{}", notice.topic)
    };
    if words::has(&code) {
        return words::text(&code, &[]);
    }
    if notice.topic == "application.sms" {
        "短信"
    } else {
        "站内消息"
    }
    .to_owned()
}

/// Why it did not go out: the worker's note is for the log, people read these words.
fn why(notice: &ParkedNotice) -> String {
    const REFUSALS: [(&str, &str); 2] = [
        ("refused the message", "短信服务商拒绝发送"),
        ("WeChat refused", "微信拒绝了这次调用"),
    ];
    const KNOWN: [(&str, &str); 14] = [
        (
            "WeChat may have sent it",
            "微信没有明确答复，消息可能已经发出；重新投递前请先向收件人确认",
        ),
        ("letter is gone", "这条沟通记录已不存在"),
        (
            "code was refused",
            "微信没有生成小程序码，请检查小程序的设置和页面",
        ),
        ("names no scene", "系统不认识这个小程序码，请联系技术支持"),
        ("application is gone", "消息所说的申请已不存在"),
        ("person is gone", "收件人的账号已注销或停用"),
        ("no such template", "没有对应的短信模板，请联系技术支持"),
        ("nobody delivers", "系统不认识这类消息，请联系技术支持"),
        ("names no application", "消息缺少对应的申请，请联系技术支持"),
        (
            "nobody can be asked",
            "短信服务商没有明确答复，也查询不到；短信可能已经发出，重新投递前请先向收件人确认",
        ),
        (
            "unclear whether",
            "短信服务商没有明确答复，短信可能已经发出；重新投递前请先向收件人确认",
        ),
        (
            "takes no more messages",
            "短信服务商一直限制发送，两天内没有放开",
        ),
        ("provider was not reached", "两天内一直连不上短信服务商"),
        (
            "section [",
            "城市没有开通这项服务，或者设置有误，请联系技术支持",
        ),
    ];
    let note = &notice.last_error;
    if let Some((_, words)) = REFUSALS.iter().find(|(sign, _)| note.contains(sign)) {
        let code = note.rsplit(": ").next().unwrap_or_default();
        return Reason::from_code(code).map_or_else(
            || (*words).to_owned(),
            |reason| format!("{words}：{}", reason.zh()),
        );
    }
    let away = note.contains("WeChat") || note.starts_with("wechat.");
    KNOWN
        .iter()
        .find(|(sign, _)| note.contains(sign))
        .or_else(|| away.then_some(&("", "两天内没有得到微信的答复")))
        .map_or(
            "多次尝试都没有成功，系统或者网络可能有故障；重新投递仍不成功时请联系技术支持",
            |(_, why)| why,
        )
        .to_owned()
}

fn application(notice: &ParkedNotice) -> Option<Cell> {
    let id = notice.payload["application"].as_str()?;
    let id = uuid::Uuid::try_parse(id).ok()?;
    Some(Cell::link(
        "查看申请",
        format!("/operator/applications/{id}"),
    ))
}

fn table(parked: &[ParkedNotice]) -> Table {
    let mut table = Table::new(TITLE)
        .column("消息", "")
        .column("产生时间", "nowrap")
        .column("没有送达的原因", "wrap")
        .column("已尝试", "nowrap")
        .column("操作", "nowrap");
    for one in parked {
        table.push(vec![
            Cell::text(what(one)),
            Cell::text(show::minute(one.created_at)),
            Cell::text(why(one)),
            Cell::text(format!("{} 次", one.tries)),
            Cell::links(vec![Link::new("处理", format!("{LIST}/{}", one.id))]),
        ]);
    }
    table
}

pub(super) async fn list(
    State(web): State<Web<OperatorDesk>>,
    visit: StaffVisit,
) -> Result<Response, WebError> {
    let parked = web.uses.deliveries.list(visit.actor()).await?;
    let page = ListPage {
        crumbs: vec![Link::new("平台工作台", "/operator"), Link::new(TITLE, LIST)],
        table: table(&parked),
    };
    Ok(visit
        .0
        .staff_console()
        .render(ListPage::TEMPLATE, TITLE, &page))
}

fn rows(notice: &ParkedNotice) -> Vec<Described> {
    let mut rows = vec![
        Described::new("消息", what(notice)),
        Described::new("产生时间", show::minute(notice.created_at)),
        Described::new("停止时间", show::minute(notice.parked_at)),
        Described::new("已尝试", format!("{} 次", notice.tries)),
        Described::new("没有送达的原因", why(notice)),
    ];
    if let Some(cell) = application(notice) {
        rows.push(Described::cell("对应的申请", cell));
    }
    rows
}

async fn page(web: &Web<OperatorDesk>, visit: &Visit, id: &str) -> Result<OnePage, WebError> {
    use application::access::{Action, Room};
    let actor = posted_by_staff(visit)?;
    let notice = web.uses.deliveries.one(&actor, id_of(id)?).await?;
    let href = format!("{LIST}/{}", notice.id);
    let guard = visit.kit.guard();
    Ok(OnePage {
        crumbs: crumbs(Link::new(TITLE, LIST), Some("处理")),
        rows: rows(&notice),
        may: guard.may(&actor, Room::Deliveries, Action::Save).await,
        again: format!("{href}/again"),
        key: visit.kit.tokens().one_time(),
        form: FormView::new(format!("{href}/drop"))
            .key(visit.kit.tokens().one_time())
            .with(
                Field::textarea("drop_reason", "放弃原因")
                    .required()
                    .rows(3)
                    .maxlength(200)
                    .hint("例如：已电话通知企业。最多 200 个字，会记入操作日志。"),
            ),
    })
}

pub(super) async fn one(
    State(web): State<Web<OperatorDesk>>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let page = page(&web, &visit.0, &id).await?;
    Ok(visit
        .0
        .staff_console()
        .render(OnePage::TEMPLATE, TITLE, &page))
}

pub(super) async fn again(
    State(web): State<Web<OperatorDesk>>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let (id, once) = (id_of(&id)?, once(&posted)?);
    let uses = web.uses.clone();
    spawned(async move { uses.deliveries.again(&actor, id, &once).await }).await?;
    let text = "已重新投递，稍后可以在列表中查看结果。";
    Ok(visit.redirect(LIST, Some(("success", text))))
}

pub(super) async fn give_up(
    State(web): State<Web<OperatorDesk>>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let ask = GiveUp {
        notice: id_of(&id)?,
        reason: posted.get("drop_reason").to_owned(),
        once: once(&posted)?,
    };
    let uses = web.uses.clone();
    let done: Result<(), UseError> =
        spawned(async move { uses.deliveries.give_up(&actor, ask).await }).await;
    match done {
        Ok(()) => Ok(visit.redirect(LIST, Some(("success", "已放弃投递，原因已记入操作日志。")))),
        Err(error) if error.kind == Kind::Invalid => {
            let mut page = page(&web, &visit, &id).await?;
            page.form = page.form.fill(posted.pairs());
            show_errors(&mut page.form, &error);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            let visit = visit.staff_console();
            Ok(visit.render_with(status, OnePage::TEMPLATE, TITLE, &page))
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::OffsetDateTime;

    #[test]
    fn people_read_a_reason_and_never_the_workers_note() {
        let parked = |error: &str| ParkedNotice {
            id: uuid::Uuid::nil(),
            topic: "application.sms".to_owned(),
            payload: serde_json::json!({}),
            tries: 10,
            created_at: OffsetDateTime::UNIX_EPOCH,
            parked_at: OffsetDateTime::UNIX_EPOCH,
            last_error: error.to_owned(),
        };
        for (error, words) in [
            (
                "the provider refused the message: 黑名单",
                "短信服务商拒绝发送",
            ),
            (
                "the provider refused the message: account",
                "短信服务商拒绝发送：账户欠费、停用或未开通该服务",
            ),
            (
                "WeChat refused: permission",
                "微信拒绝了这次调用：账户无权调用，或本机地址不在白名单内",
            ),
        ] {
            assert_eq!(why(&parked(error)), words);
        }
        for (error, words) in [
            (
                "WeChat may have sent it, and it bears no repeat",
                "向收件人确认",
            ),
            ("it is unclear what WeChat did", "没有得到微信的答复"),
            ("wechat.unreachable", "没有得到微信的答复"),
            ("the provider was not reached", "连不上短信服务商"),
            (
                "cangzhou: section [sms] is missing or names no kind",
                "没有开通",
            ),
            ("connection reset by peer", "没有成功"),
        ] {
            assert!(why(&parked(error)).contains(words), "{error}");
        }
    }
}

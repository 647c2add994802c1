//! 平台督办 at the branch and its headquarters: on top of the request, in 工作台, and 已阅.

use application::{
    access::Actor,
    ports::supervision::{Side, SupervisionNotice},
    supervision::side_of,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::ids::FinancingApplicationId;
use serde::Serialize;
use uuid::Uuid;

use super::{Branch, show, staff};
use crate::{
    errors::WebError,
    kit::Web,
    matter,
    operator::receipt,
    parts::{Cell, Table},
    posted::Form,
    spawned::spawned,
};

/// A notice on top of the request.
#[derive(Serialize)]
pub(super) struct NoticeLine {
    pub words: String,
    pub sent: String,
    /// Who of the own side read it; empty: nobody yet.
    pub read: String,
}

/// What stands on top of the request.
#[derive(Serialize)]
pub(super) struct Supervised {
    pub lines: Vec<NoticeLine>,
    /// Where 已阅 is posted; empty when everything is read.
    pub read_action: String,
}

impl Supervised {
    pub(super) fn of(
        actor: &Actor,
        id: FinancingApplicationId,
        notices: &[SupervisionNotice],
    ) -> Option<Self> {
        let side = side_of(actor)?;
        let read = |n: &SupervisionNotice| match side {
            Side::Branch => n.read_by_branch.clone(),
            Side::Bank => n.read_by_bank.clone(),
        };
        let unread = notices.iter().any(|n| read(n).is_none());
        let lines: Vec<NoticeLine> = notices
            .iter()
            .map(|n| NoticeLine {
                words: n.words.clone(),
                sent: format!("{} {}", n.sent_name, show::minute(n.at)),
                read: read(n).map_or_else(String::new, |r| {
                    format!("{} {}", r.name, show::minute(r.at))
                }),
            })
            .collect();
        (!lines.is_empty()).then(|| Self {
            lines,
            read_action: if unread {
                format!("{}/supervision", matter::base(id))
            } else {
                String::new()
            },
        })
    }
}

/// Unread notices of 工作台; whether the other side has read them stands at the end.
pub(crate) fn table(notices: &[SupervisionNotice], reader: Side) -> Table {
    let mut table = Table::new("未阅的平台督办")
        .column("申请编号", "nowrap")
        .column("企业名称", "name")
        .column("督办内容", "wrap")
        .column("发出时间", "nowrap")
        .column(
            match reader {
                Side::Branch => "总行",
                Side::Bank => "支行",
            },
            "nowrap",
        );
    for notice in notices {
        table.push(vec![
            Cell::link(&notice.number, matter::base(notice.application)),
            Cell::text(&notice.enterprise_name),
            Cell::text(&notice.words),
            Cell::text(show::minute(notice.at)).second(&notice.sent_name),
            receipt(match reader {
                Side::Branch => notice.read_by_bank.as_ref(),
                Side::Bank => notice.read_by_branch.as_ref(),
            }),
        ]);
    }
    table
}

/// 已阅.
pub(super) async fn read(
    State(web): State<Web<Branch>>,
    Path(id): Path<Uuid>,
    Form(visit, _posted): Form,
) -> Result<Response, WebError> {
    let actor = staff(&visit)?;
    let id = FinancingApplicationId(id);
    let uses = web.uses.clone();
    spawned(async move { uses.supervision.read_notices(&actor, id).await }).await?;
    Ok(visit.redirect(
        &matter::base(id),
        Some(("success", "已记录阅读时间，平台可以看到。")),
    ))
}

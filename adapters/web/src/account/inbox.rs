//! Demo inbox 演示收件箱: what would have gone out by SMS; exists only in demonstration mode.

use application::error::UseError;
use axum::{extract::State, response::Response};

use super::{Room, minute, pages::InboxPage};
use crate::{
    errors::WebError,
    parts::{Cell, Table},
    visit::Visit,
};

const SHOWN: i64 = 50;

pub async fn page(State(web): State<Room>, visit: Visit) -> Result<Response, WebError> {
    if !visit.kit.mode().demo {
        return Err(UseError::not_found().into());
    }
    let found = web
        .uses
        .inbox
        .latest(visit.city.id, SHOWN)
        .await
        .map_err(UseError::from)?;
    let mut table = Table::new("演示短信，最新的在最前")
        .column("时间", "nowrap")
        .column("手机号", "nowrap")
        .column("短信内容", "wrap");
    for sms in found {
        table.push(vec![
            Cell::text(minute(sms.at)),
            Cell::text(sms.phone_masked),
            Cell::text(sms.text),
        ]);
    }
    Ok(visit.render("account/inbox.html", "演示短信", &InboxPage { table }))
}

//! Call-backs 回访工单 of the demonstration: one sample, drawn by the use case itself, with some calls already made; once.

use application::{
    access::Actor,
    callbacks::{DrawSample, RecordCall},
    city::City,
    ports::people_now::PeopleNow as _,
};
use domain::{calendar::local_date, ids::UserId};
use time::Duration;
use uuid::Uuid;

use super::{once, people};
use crate::wire::{self, Parts};

/// Disbursed, amount, fees, satisfaction, note.
type Said = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

/// `None`: nobody answered.
const CALLS: [Option<Said>; 4] = [
    Some(("yes", "yes", "no", "5", "企业表示放款及时，没有其他费用。")),
    None,
    Some((
        "none",
        "none",
        "no",
        "3",
        "申请没有通过，企业希望说明更详细的原因。",
    )),
    Some((
        "yes",
        "yes",
        "yes",
        "2",
        "企业反映支付过 800 元资料费，已说明可以投诉。",
    )),
];

async fn operator(parts: &Parts, city: &City) -> anyhow::Result<Option<Actor>> {
    let mut tx = people::as_city(parts, city.id).await?;
    let user: Option<Uuid> = sqlx::query_scalar(
        "select id from users where tenant_id = $1 and 'op' = any (roles) order by account limit 1",
    )
    .bind(city.id.0)
    .fetch_optional(&mut *tx)
    .await?;
    drop(tx);
    match user {
        Some(user) => Ok(parts.door.staff(UserId(user)).await?),
        None => Ok(None),
    }
}

/// Adds the sample where there is none.
pub async fn run(parts: &Parts, city: &City) -> anyhow::Result<()> {
    let Some(actor) = operator(parts, city).await? else {
        return Ok(());
    };
    let room = wire::callbacks(parts);
    if !room.list(&actor, None, None, 1).await?.draws.is_empty() {
        return Ok(());
    }
    let now = parts.clock.now();
    let ask = DrawSample {
        from: local_date(now - Duration::days(90)).to_string(),
        until: local_date(now).to_string(),
        bank: String::new(),
        measure: "number".to_owned(),
        amount: "8".to_owned(),
        once: once("callback", "draw"),
    };
    // A young city has closed nothing yet.
    if room.draw(&actor, ask).await.is_err() {
        return Ok(());
    }
    let drawn = room.list(&actor, None, None, 1).await?.page.rows;
    for (order, call) in drawn.iter().zip(CALLS) {
        let word = |word: Option<&str>| word.unwrap_or_default().to_owned();
        let ask = RecordCall {
            callback: order.id,
            reached: if call.is_some() { "yes" } else { "no" }.to_owned(),
            disbursed: word(call.map(|c| c.0)),
            amount_matches: word(call.map(|c| c.1)),
            extra_fees: word(call.map(|c| c.2)),
            satisfaction: word(call.map(|c| c.3)),
            note: word(call.map(|c| c.4)),
            once: once("callback", &order.id.to_string()),
        };
        room.record(&actor, ask).await?;
    }
    Ok(())
}

//! What every process hears of: changes of a city's content, and calls to read the cities' files again.

use std::time::Duration;

use domain::ids::TenantId;
use sqlx::{PgPool, postgres::PgListener};
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

const CATALOGUE: &str = "catalogue_changed";
const CITIES: &str = "cities_changed";
const ANSWERS: &str = "cities_followed";
/// A process that reads many files takes a moment; one that does not answer at all is not there.
const FIRST_ANSWER_WITHIN: Duration = Duration::from_secs(6);
const NEXT_ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// PostgreSQL takes less than 8,000 bytes.
const LONGEST_ANSWER: usize = 4_000;

/// What was heard; `None`: the line was down, so anything may have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The content of a city.
    Catalogue(Option<TenantId>),
    /// The cities themselves, with the number of the call.
    Cities(Option<Uuid>),
}

/// Listens until it is dropped; holds one connection of the pool.
pub async fn watch(pool: PgPool, changed: impl Fn(Change) + Send) {
    let mut pause = Duration::from_millis(200);
    while !pool.is_closed() {
        match listen(&pool, &changed).await {
            Ok(()) => return,
            Err(error) => tracing::warn!(%error, "changes cannot be heard"),
        }
        changed(Change::Catalogue(None));
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(10));
    }
}

fn anything(changed: &impl Fn(Change)) {
    changed(Change::Catalogue(None));
    changed(Change::Cities(None));
}

async fn listen(pool: &PgPool, changed: &impl Fn(Change)) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen_all([CATALOGUE, CITIES]).await?;
    anything(changed);
    loop {
        // `try_recv` answers `None` when the connection was lost and made again: notices in between are lost.
        let Some(notice) = listener.try_recv().await? else {
            anything(changed);
            continue;
        };
        let told = notice.payload().parse().ok();
        changed(if notice.channel() == CITIES {
            Change::Cities(told)
        } else {
            Change::Catalogue(told.map(TenantId))
        });
    }
}

/// What a process says to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    pub process: String,
    /// Empty when it follows.
    pub refused: String,
}

/// Answers a call to read the cities' files again.
pub async fn answer(pool: &PgPool, call: Uuid, answer: &Followed) -> Result<(), sqlx::Error> {
    let refused: String = answer.refused.chars().take(LONGEST_ANSWER / 4).collect();
    let text = serde_json::json!({ "call": call, "process": answer.process, "refused": refused });
    notify(pool, ANSWERS, &text.to_string()).await
}

async fn notify(pool: &PgPool, channel: &str, text: &str) -> Result<(), sqlx::Error> {
    sqlx::query("select pg_notify($1, $2)")
        .bind(channel)
        .bind(text)
        .execute(pool)
        .await?;
    Ok(())
}

/// Calls on every process to read the cities' files again, and waits for what they say.
pub async fn call(pool: &PgPool, number: Uuid) -> Result<Vec<Followed>, sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(ANSWERS).await?;
    notify(pool, CITIES, &number.to_string()).await?;
    let mut answers = Vec::new();
    let mut until = Instant::now() + FIRST_ANSWER_WITHIN;
    while let Ok(heard) = timeout_at(until, listener.recv()).await {
        let heard = heard?;
        let Ok(told) = serde_json::from_str::<serde_json::Value>(heard.payload()) else {
            continue;
        };
        if told["call"].as_str() == Some(&number.to_string()) {
            let text = |key: &str| told[key].as_str().unwrap_or_default().to_owned();
            answers.push(Followed {
                process: text("process"),
                refused: text("refused"),
            });
            until = Instant::now() + NEXT_ANSWER_WITHIN;
        }
    }
    Ok(answers)
}

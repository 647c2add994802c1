//! What every process hears of: changes of a city's content, and calls to read the cities' files again.

use std::time::Duration;

use domain::ids::TenantId;
use sqlx::{
    PgPool,
    postgres::{PgListener, PgPoolOptions},
};
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

const CATALOGUE: &str = "catalogue_changed";
const CITIES: &str = "cities_changed";
const ANSWERS: &str = "cities_followed";
/// By this name everybody sees in `pg_stat_activity` how many processes listen.
const LISTENS: &str = "yijianrong listens";
/// A process that reads many files takes a moment.
const FIRST_ANSWER_WITHIN: Duration = Duration::from_secs(10);
const NEXT_ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// PostgreSQL takes less than 8,000 bytes.
const LONGEST_ANSWER: usize = 4_000;

/// What was heard; `None`: the line was down, so anything may have changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The content of a city.
    Catalogue(Option<TenantId>),
    /// The cities themselves, with the call that wants an answer.
    Cities(Option<Call>),
}

/// A call to read the cities' files again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    pub number: Uuid,
    /// Only to say whether the files of this city could be followed: nothing changes yet.
    pub trial: Option<String>,
}

impl Call {
    fn text(&self) -> String {
        let trial = self.trial.as_deref().unwrap_or_default();
        format!("{} {trial}", self.number)
    }

    fn parse(text: &str) -> Option<Self> {
        let (number, trial) = text.split_once(' ').unwrap_or((text, ""));
        Some(Self {
            number: number.parse().ok()?,
            trial: (!trial.is_empty()).then(|| trial.to_owned()),
        })
    }
}

/// Listens until it is dropped or the pool is closed; holds one connection of its own.
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
    let named = (*pool.connect_options()).clone().application_name(LISTENS);
    let own = PgPoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_lazy_with(named);
    let mut listener = PgListener::connect_with(&own).await?;
    listener.listen_all([CATALOGUE, CITIES]).await?;
    anything(changed);
    loop {
        // `try_recv` answers `None` when the connection was lost and made again: notices in between are lost.
        let heard = pool.close_event().do_until(listener.try_recv()).await;
        let Ok(heard) = heard else { return Ok(()) };
        let Some(notice) = heard? else {
            anything(changed);
            continue;
        };
        let text = notice.payload();
        changed(if notice.channel() == CITIES {
            Change::Cities(Call::parse(text))
        } else {
            Change::Catalogue(text.parse().ok().map(TenantId))
        });
    }
}

/// How many processes listen now.
async fn listening(pool: &PgPool) -> Result<usize, sqlx::Error> {
    let count: i64 = sqlx::query_scalar(
        "select count(*) from pg_stat_activity where datname = current_database() and application_name = $1",
    )
    .bind(LISTENS)
    .fetch_one(pool)
    .await?;
    Ok(usize::try_from(count).unwrap_or_default())
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

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers {
    pub given: Vec<Followed>,
    /// Processes that listened and said nothing in time.
    pub silent: usize,
}

/// Calls on every process to read the cities' files again, and waits for what they say; silence is no consent.
pub async fn call(pool: &PgPool, call: &Call) -> Result<Answers, sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(ANSWERS).await?;
    let listening = listening(pool).await?;
    notify(pool, CITIES, &call.text()).await?;
    let mut given = Vec::new();
    let mut until = Instant::now() + FIRST_ANSWER_WITHIN;
    while given.len() < listening
        && let Ok(heard) = timeout_at(until, listener.recv()).await
    {
        let heard = heard?;
        let Ok(told) = serde_json::from_str::<serde_json::Value>(heard.payload()) else {
            continue;
        };
        if told["call"].as_str() == Some(&call.number.to_string()) {
            let text = |key: &str| told[key].as_str().unwrap_or_default().to_owned();
            given.push(Followed {
                process: text("process"),
                refused: text("refused"),
            });
            until = Instant::now() + NEXT_ANSWER_WITHIN;
        }
    }
    Ok(Answers {
        silent: listening.saturating_sub(given.len()),
        given,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_read_as_it_was_written() {
        let number = Uuid::from_u128(7);
        for trial in [None, Some("qinghe".to_owned())] {
            let call = Call { number, trial };
            assert_eq!(Call::parse(&call.text()), Some(call));
        }
        assert_eq!(Call::parse("nobody"), None);
    }
}

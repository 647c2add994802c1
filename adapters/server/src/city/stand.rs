//! `city suspend`, `remove`, `resume`: the doors of a city are closed for a while or for good, and opened again. The time in between
//! is a fact: no clock ran in it.

use std::sync::Arc;

use anyhow::Context as _;
use application::{access::Guard, city::City, ports::clock::Clock, timers::Timers};
use domain::ids::TenantId;
use postgres_adapter::{PgDoor, PgStore};
use reference::Reference;
use sqlx::PgPool;
use tenants::catalog::{self, Directory};
use time::OffsetDateTime;
use uuid::Uuid;
use web::words::LocaleWords;

use super::{
    One,
    apply::{called, ended, owner},
    served,
};
use crate::{clock::SystemClock, database::Database};

const MOST_WORDS: usize = 120;

/// Closes the doors of a city and calls on the processes; `words` are for whoever comes.
pub async fn close(one: &One, status: &str, words: &str) -> anyhow::Result<Vec<String>> {
    let note = note(words)?;
    let database = Database::join(&one.placed()?).await?;
    let done = async {
        let owner = owner(&database)?;
        let id = suspend(owner, &one.slug, status, &note, SystemClock.now()).await?;
        let mut lines = vec![format!("{} is {status}", one.slug)];
        lines.push(under_way(owner, id).await?);
        lines.extend(called(&database.app).await?);
        Ok(lines)
    }
    .await;
    ended(database, done).await
}

/// Opens them again: what was due since they were closed gets its time back first.
pub async fn open(one: &One) -> anyhow::Result<Vec<String>> {
    let settings = &one.settings;
    let file = settings.catalog.join(format!("{}.toml", one.slug));
    let city = catalog::read_one(&settings.catalog, &file)?;
    let database = Database::join(&one.placed()?).await?;
    let done = async {
        let clock = Arc::new(SystemClock);
        let moved = resume(owner(&database)?, &database.app, city, clock).await?;
        let mut lines = vec![
            format!("{} is active", one.slug),
            format!("{moved} requests got back the time in which nobody could work on them"),
        ];
        lines.extend(called(&database.app).await?);
        Ok(lines)
    }
    .await;
    ended(database, done).await
}

/// As it is shown and kept.
fn note(words: &str) -> anyhow::Result<String> {
    let words = words.trim().trim_end_matches('。');
    if words.is_empty() {
        return Ok(String::new());
    }
    let note = format!("{words}。");
    anyhow::ensure!(
        note.chars().count() <= MOST_WORDS,
        "at most {MOST_WORDS} characters are shown, the full stop among them"
    );
    Ok(note)
}

async fn locked(tx: &mut sqlx::PgConnection, slug: &str) -> anyhow::Result<(Uuid, bool)> {
    let row: Option<(Uuid, bool)> = sqlx::query_as(
        "select id, status = 'active' from tenants where slug = $1 and kind = 'city' for update",
    )
    .bind(slug)
    .fetch_optional(&mut *tx)
    .await?;
    let erasing: bool = sqlx::query_scalar(
        "select exists (select from city_erasures where slug = $1 and finished_at is null)",
    )
    .bind(slug)
    .fetch_one(tx)
    .await?;
    anyhow::ensure!(
        !erasing,
        "{slug} is being erased: `yijianrong city erase` goes on with it, and nothing brings it back"
    );
    row.with_context(|| format!("there is no city {slug} in the database"))
}

/// Status and pause in one transaction: a city that was open begins a pause, another goes on with its own.
pub async fn suspend(
    owner: &PgPool,
    slug: &str,
    status: &str,
    note: &str,
    now: OffsetDateTime,
) -> anyhow::Result<TenantId> {
    let mut tx = owner.begin().await?;
    let (id, was_open) = locked(&mut tx, slug).await?;
    let pause = if was_open {
        "insert into city_pauses (tenant_id, since) values ($1, $2) on conflict (tenant_id, since) do update set until = null"
    } else {
        // One that a `resume` ended without opening the doors.
        "update city_pauses set until = null where tenant_id = $1 and $2::timestamptz is not null
           and since = (select max(since) from city_pauses where tenant_id = $1)"
    };
    sqlx::query(pause)
        .bind(id)
        .bind(now)
        .execute(&mut *tx)
        .await?;
    sqlx::query("update tenants set status = $2, standing_note = $3 where id = $1")
        .bind(id)
        .bind(status)
        .bind(note)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(TenantId(id))
}

/// Ends the pause, gives every request its due times anew, and only then opens the doors; whatever stops it in between leaves them
/// closed, and a second time does the rest. Answers how many requests were moved.
pub async fn resume(
    owner: &PgPool,
    app: &PgPool,
    city: City,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<usize> {
    let mut tx = owner.begin().await?;
    let (id, is_open) = locked(&mut tx, &city.slug).await?;
    if is_open {
        return Ok(0);
    }
    let since: Option<OffsetDateTime> = sqlx::query_scalar(
        "update city_pauses set until = greatest($2, since + interval '1 millisecond') where tenant_id = $1
           and since = (select max(since) from city_pauses where tenant_id = $1) returning since",
    )
    .bind(id)
    .bind(clock.now())
    .fetch_optional(&mut *tx)
    .await?;
    tx.commit().await?;
    let mut moved = 0;
    if let Some(since) = since {
        let door = Arc::new(PgDoor::new(app.clone()));
        let city = served::of(city, &door.applied_cities().await?)?;
        let permit = Guard::job(city.id, door.reach(city.id).await?.into());
        let timers = Timers::new(
            Arc::new(PgStore::new(app.clone())),
            clock,
            Arc::new(Directory::new(vec![city])?),
            Arc::new(Reference),
            Arc::new(LocaleWords),
        );
        moved = timers.date_anew(&permit, since).await?;
    }
    sqlx::query("update tenants set status = 'active', standing_note = '' where id = $1")
        .bind(id)
        .execute(owner)
        .await?;
    Ok(moved)
}

/// What stays as it is while the doors are closed.
async fn under_way(owner: &PgPool, city: TenantId) -> anyhow::Result<String> {
    let open: i64 = sqlx::query_scalar(
        "select count(*) from financing_applications where tenant_id = $1 and stage in
           ('submitted', 'accepted', 'due_diligence', 'need_supplement', 'in_approval', 'approved', 'disbursing')",
    )
    .bind(city.0)
    .fetch_one(owner)
    .await?;
    Ok(format!(
        "{open} requests are under way: nothing of them is lost, notices that are due still go out, no clock runs"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_fits_its_column_with_its_full_stop() {
        assert_eq!(note(" ").expect("none"), "");
        assert_eq!(note("明早恢复").expect("fine"), "明早恢复。");
        assert_eq!(note("明早恢复。").expect("fine"), "明早恢复。");
        let words = "恢".repeat(119);
        assert_eq!(note(&words).expect("it fits").chars().count(), 120);
        assert!(note(&"恢".repeat(120)).is_err());
    }
}

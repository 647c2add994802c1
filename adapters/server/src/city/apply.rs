//! `city apply`, `suspend`, `resume`, `remove`: into the database first, then to every running process.

use anyhow::Context as _;
use application::{city::City, ports::clock::Clock as _};
use domain::ids::TenantId;
use postgres_adapter::Followed;
use sqlx::PgPool;
use tenants::catalog;

use super::{One, check};
use crate::{
    clock::SystemClock,
    config::Settings,
    database::{self, Database},
    seed,
};

/// Checks the files, writes the city's row and first content, and calls on the running processes.
pub async fn apply(one: &One) -> anyhow::Result<Vec<String>> {
    let (settings, slug) = (&one.settings, &one.slug);
    let file = settings.catalog.join(format!("{slug}.toml"));
    anyhow::ensure!(file.is_file(), "there is no {}", file.display());
    // The secrets are looked for by the processes that will use them.
    let told = check::examine(settings, &file, false);
    let mut lines = told.into_lines(&file)?;
    let city = catalog::read_one(&settings.catalog, &file)?;
    let database = Database::join(settings).await?;
    let done = apply_to(&database, city).await;
    lines.extend(ended(database, done).await?);
    Ok(lines)
}

async fn apply_to(database: &Database, mut city: City) -> anyhow::Result<Vec<String>> {
    let owner = owner(database)?;
    city.id = database::apply_city(owner, &city).await?;
    seed::content::basics(&database.app, &city)
        .await
        .with_context(|| format!("the first content of {}", city.slug))?;
    let mut lines = vec![format!("{} is in the database", city.slug)];
    lines.extend(called(&database.app).await?);
    Ok(lines)
}

/// Puts a city into another standing; `words` are for whoever comes.
pub async fn stand(one: &One, status: &str, words: &str) -> anyhow::Result<Vec<String>> {
    anyhow::ensure!(
        words.chars().count() <= 120,
        "at most 120 characters are shown"
    );
    let database = Database::join(&one.settings).await?;
    let done = stand_in(&database, &one.slug, status, words).await;
    ended(database, done).await
}

async fn stand_in(
    database: &Database,
    slug: &str,
    status: &str,
    words: &str,
) -> anyhow::Result<Vec<String>> {
    let words = words.trim().trim_end_matches('。');
    let words = if words.is_empty() {
        String::new()
    } else {
        format!("{words}。")
    };
    let id: Option<uuid::Uuid> = sqlx::query_scalar(
        "update tenants set status = $2, standing_note = $3 where slug = $1 and kind = 'city' returning id",
    )
    .bind(slug)
    .bind(status)
    .bind(&words)
    .fetch_optional(owner(database)?)
    .await?;
    let id = id.with_context(|| format!("there is no city {slug} in the database"))?;
    let mut lines = vec![format!("{slug} is {status}")];
    if status != "active" {
        lines.push(under_way(owner(database)?, TenantId(id)).await?);
    }
    lines.extend(called(&database.app).await?);
    Ok(lines)
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

fn owner(database: &Database) -> anyhow::Result<&PgPool> {
    database.owner.as_ref().context(
        "only the owner of the tables changes a city: give the owner's connection in OWNER_DATABASE_URL",
    )
}

async fn ended(
    database: Database,
    done: anyhow::Result<Vec<String>>,
) -> anyhow::Result<Vec<String>> {
    database.close().await;
    done
}

/// Calls on every process; one that refuses makes the command fail.
async fn called(pool: &PgPool) -> anyhow::Result<Vec<String>> {
    let answers = postgres_adapter::call(pool, SystemClock.new_id()).await?;
    if answers.is_empty() {
        return Ok(vec![
            "no running process answered: the next start takes it up".to_owned(),
        ]);
    }
    let refused: Vec<&Followed> = answers.iter().filter(|a| !a.refused.is_empty()).collect();
    let mut lines = Vec::new();
    for answer in &answers {
        lines.push(if answer.refused.is_empty() {
            format!("process {} follows", answer.process)
        } else {
            format!(
                "process {} stays as it was: {}",
                answer.process, answer.refused
            )
        });
    }
    anyhow::ensure!(refused.is_empty(), "{}", lines.join("\n"));
    Ok(lines)
}

/// The address under which people of a city come: over HTTPS by its own name, in a demonstration on this machine.
pub fn address(settings: &Settings, city: &City) -> String {
    if settings.https {
        return city.public_url.clone();
    }
    let host = city.hosts.first().map_or("localhost", String::as_str);
    format!("http://{host}:{}", settings.listen.port())
}

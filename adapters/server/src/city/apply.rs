//! `city apply`: every running process tries the files first, then they are written, then every process follows.

use anyhow::Context as _;
use application::{city::City, ports::clock::Clock as _};
use postgres_adapter::{Answers, Call, KeptAgreement, PgDoor};
use sqlx::PgPool;
use tenants::catalog;

use super::{One, check};
use crate::{
    clock::SystemClock,
    config::Settings,
    database::{self, Database},
    seed,
};

/// Checks the files, asks every running process whether it could follow, writes, and calls on all of them.
pub async fn apply(one: &One) -> anyhow::Result<Vec<String>> {
    let (settings, slug) = (&one.settings, &one.slug);
    let file = settings.catalog.join(format!("{slug}.toml"));
    anyhow::ensure!(file.is_file(), "there is no {}", file.display());
    // The secrets are looked for by the processes that will use them.
    let told = check::examine(settings, &file, false);
    let mut lines = told.into_lines(&file)?;
    let city = catalog::read_one(&settings.catalog, &file)?;
    let placed = one.placed()?;
    if placed.at.is_some() {
        call_on_platform(settings, Some(slug.clone()))
            .await
            .with_context(|| format!("nothing of {slug} was written"))?;
    }
    let database = Database::join(&placed).await?;
    let done = apply_to(&database, city).await;
    lines.extend(ended(database, done).await?);
    if placed.at.is_some() {
        lines.extend(call_on_platform(settings, None).await?);
    }
    Ok(lines)
}

/// The processes listen in the platform's database for cities whose own they have not opened yet.
async fn call_on_platform(
    settings: &Settings,
    trial: Option<String>,
) -> anyhow::Result<Vec<String>> {
    let platform = Database::join(settings).await?;
    let answers = call(&platform.app, trial).await;
    ended(platform, answers.and_then(|answers| told(&answers))).await
}

async fn apply_to(database: &Database, city: City) -> anyhow::Result<Vec<String>> {
    let owner = owner(database)?;
    let slug = city.slug.clone();
    let door = PgDoor::new(database.app.clone());
    in_force(&door, &city).await?;
    let applied = door.applied_cities().await?;
    let is_closed = applied
        .iter()
        .any(|known| known.slug == slug && known.is_closed());
    let trial = call(&database.app, Some(slug.clone())).await?;
    told(&trial).with_context(|| format!("nothing of {slug} was written"))?;
    let written = write(database, owner, city).await?;
    let mut lines = vec![format!("{slug} is in the database")];
    if written.about_differs {
        lines.push(
            "note: 关于我们 is in the database already and stays as it is there, whatever its file says: operators edit it under 内容管理"
                .to_owned(),
        );
    }
    if is_closed {
        lines.push(format!(
            "note: {slug} was removed and stays closed: `yijianrong city resume {slug}` opens it again"
        ));
    }
    lines.extend(called(&database.app).await?);
    Ok(lines)
}

/// Nobody agrees to what is not in force yet: an agreement of a later day needs an earlier version.
async fn in_force(door: &PgDoor, city: &City) -> anyhow::Result<()> {
    let now = SystemClock.now();
    let today = domain::calendar::local_date(now).to_string();
    let first = door.first_content().await?;
    let kept = first.agreements(database::city_id_of(&city.slug));
    for text in city.agreements.iter().filter(|a| a.effective > today) {
        let stands = |one: &KeptAgreement| one.code == text.code && one.published_at <= now;
        anyhow::ensure!(
            kept.iter().any(stands),
            "nothing of {} was written: its only version of the agreement {} takes effect on {}, and until then it has none",
            city.slug,
            text.code,
            text.effective
        );
    }
    Ok(())
}

/// The row and the first content, or nothing of both.
async fn write(
    database: &Database,
    owner: &PgPool,
    mut city: City,
) -> anyhow::Result<seed::content::Written> {
    let applied = PgDoor::new(database.app.clone()).applied_cities().await?;
    let known = applied.into_iter().find(|known| known.slug == city.slug);
    city.id = match &known {
        Some(known) => known.id,
        None => database::apply_city(owner, &city).await?,
    };
    let written = seed::content::basics(&database.app, &city)
        .await
        .with_context(|| format!("the first content of {}", city.slug));
    if known.is_some() && written.is_ok() {
        database::apply_city(owner, &city).await?;
    }
    if known.is_none() && written.is_err() {
        sqlx::query("delete from tenants where id = $1")
            .bind(city.id.0)
            .execute(owner)
            .await?;
    }
    written
}

/// The owner's connection.
pub(crate) fn owner(database: &Database) -> anyhow::Result<&PgPool> {
    database.owner.as_ref().context(
        "only the owner of the tables changes a city: give the owner's connection in OWNER_DATABASE_URL, or in database_owner of its file",
    )
}

pub(crate) async fn ended(
    database: Database,
    done: anyhow::Result<Vec<String>>,
) -> anyhow::Result<Vec<String>> {
    database.close().await;
    done
}

async fn call(pool: &PgPool, trial: Option<String>) -> anyhow::Result<Answers> {
    let call = Call {
        number: SystemClock.new_id(),
        trial,
    };
    Ok(postgres_adapter::call(pool, &call).await?)
}

/// Calls on every process to follow.
pub(crate) async fn called(pool: &PgPool) -> anyhow::Result<Vec<String>> {
    told(&call(pool, None).await?)
}

/// What every process said; one that refuses, or says nothing, makes the command fail.
fn told(answers: &Answers) -> anyhow::Result<Vec<String>> {
    if answers.given.is_empty() && answers.silent == 0 {
        return Ok(vec![
            "no process is running: the next start takes it up".to_owned(),
        ]);
    }
    let mut lines = Vec::new();
    for answer in &answers.given {
        lines.push(if answer.refused.is_empty() {
            format!("process {} follows", answer.process)
        } else {
            format!(
                "process {} stays as it was: {}",
                answer.process, answer.refused
            )
        });
    }
    if answers.silent > 0 {
        lines.push(format!(
            "{} of {} listening processes did not answer",
            answers.silent,
            answers.silent + answers.given.len()
        ));
    }
    let refused = answers.given.iter().any(|a| !a.refused.is_empty());
    anyhow::ensure!(!refused && answers.silent == 0, "{}", lines.join("\n"));
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

#[cfg(test)]
mod tests {
    use postgres_adapter::Followed;

    use super::*;

    #[test]
    fn silence_is_no_consent() {
        let follows = Followed {
            process: "1@here".to_owned(),
            refused: String::new(),
        };
        let mut answers = Answers {
            given: vec![follows],
            silent: 0,
        };
        assert_eq!(told(&answers).expect("fine"), ["process 1@here follows"]);
        answers.silent = 2;
        let error = told(&answers).expect_err("two said nothing").to_string();
        assert!(
            error.contains("2 of 3 listening processes did not answer"),
            "{error}"
        );
        answers.given.clear();
        assert!(told(&answers).is_err());
    }
}

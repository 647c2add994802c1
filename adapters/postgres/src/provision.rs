//! Migrations, and the login that owns nothing (S-05).

use std::time::Duration;

use sqlx::{AssertSqlSafe, Executor as _, PgPool};

/// The login that the running program uses on a server of its own making.
pub const APP_LOGIN: &str = "yijianrong_app";

const HATS: [&str; 5] = [
    "tenant_rw",
    "enterprise_rw",
    "visitor_ro",
    "door_rw",
    "province_ro",
];

/// Runs what is missing; needs the owner's connection.
pub async fn migrate(owner: &PgPool) -> Result<(), sqlx::migrate::MigrateError> {
    clear_broken_builds(owner).await?;
    crate::MIGRATOR.run(owner).await
}

/// An index whose build was broken off stays behind, invalid, and is in the way of its own file, which was not noted as done. One that is
/// being built at this moment is left alone.
async fn clear_broken_builds(owner: &PgPool) -> Result<(), sqlx::Error> {
    let beside = crate::MIGRATOR.iter().filter(|file| file.no_tx);
    let ours: Vec<&str> = beside
        .filter_map(|file| built_beside(file.sql.as_str()))
        .collect();
    let broken: Vec<String> = sqlx::query_scalar(
        "select i.indexrelid::regclass::text from pg_index i join pg_class c on c.oid = i.indexrelid
         where not i.indisvalid and c.relnamespace = 'public'::regnamespace and c.relname::text = any($1)
           and not exists (select from pg_stat_progress_create_index p where p.index_relid = i.indexrelid)",
    )
    .bind(ours)
    .fetch_all(owner)
    .await?;
    for index in broken {
        let sql = format!("drop index concurrently {index}");
        owner.execute(AssertSqlSafe(sql)).await?;
    }
    Ok(())
}

/// The name of the index that a file builds beside its writers.
fn built_beside(sql: &str) -> Option<&str> {
    let (_, rest) = sql.split_once("index concurrently ")?;
    rest.split_whitespace().next()
}

/// True when every embedded migration has run.
pub async fn is_migrated(pool: &PgPool) -> Result<bool, sqlx::Error> {
    let newest = crate::MIGRATOR.iter().map(|m| m.version).max().unwrap_or(0);
    let done: Option<i64> =
        sqlx::query_scalar("select max(version) from _sqlx_migrations where success")
            .fetch_one(pool)
            .await?;
    Ok(done.unwrap_or(0) >= newest)
}

/// Creates or refreshes the app login: member of the five hats, inheriting none, with short time-outs.
pub async fn app_login(
    owner: &PgPool,
    login: &str,
    password: Option<&str>,
) -> Result<(), sqlx::Error> {
    let quoted = format!("\"{}\"", login.replace('"', "\"\""));
    let secret = password.map_or(String::new(), |p| {
        format!(" password '{}'", p.replace('\'', "''"))
    });
    let mut sql = format!(
        "do $$ begin create role {quoted} login noinherit nosuperuser nocreatedb nocreaterole nobypassrls; \
         exception when duplicate_object or unique_violation then null; end $$; \
         alter role {quoted} login noinherit nosuperuser nobypassrls{secret}; \
         alter role {quoted} set statement_timeout = '5s'; \
         alter role {quoted} set lock_timeout = '2s'; \
         alter role {quoted} set idle_in_transaction_session_timeout = '10s'; "
    );
    for hat in HATS {
        sql.push_str(&format!("grant {hat} to {quoted}; "));
    }
    sql.push_str(&format!("grant select on _sqlx_migrations to {quoted};"));
    // Logins belong to the whole server: another database of it may be made ready at this moment, and then one of the two is refused.
    for _ in 0..LOGIN_TRIES {
        // AssertSqlSafe: role names and passwords cannot be bound; both are quoted above and come from our own configuration.
        match owner.execute(AssertSqlSafe(sql.clone())).await {
            Err(error) if is_concurrent(&error) => tokio::time::sleep(LOGIN_PAUSE).await,
            done => return done.map(|_| ()),
        }
    }
    owner.execute(AssertSqlSafe(sql)).await.map(|_| ())
}

const LOGIN_TRIES: usize = 10;
const LOGIN_PAUSE: Duration = Duration::from_millis(50);

/// `tuple concurrently updated`: PostgreSQL gives it no code of its own.
fn is_concurrent(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| {
        error.code().as_deref() == Some("XX000")
            && error.message().contains("tuple concurrently updated")
    })
}

/// What is wrong with a login that the running program would use; empty when it may serve (S-05, S-51).
pub async fn login_faults(pool: &PgPool) -> Result<Vec<&'static str>, sqlx::Error> {
    let (superuser, bypass, owns, creates): (bool, bool, bool, bool) = sqlx::query_as(
        "select r.rolsuper, r.rolbypassrls,
                exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                        where n.nspname = 'public' and pg_has_role(r.oid, c.relowner, 'usage')),
                has_schema_privilege('public', 'create')
         from pg_roles r where r.rolname = session_user",
    )
    .fetch_one(pool)
    .await?;
    let mut faults = Vec::new();
    for (fault, name) in [
        (superuser, "superuser"),
        (bypass, "bypassrls"),
        (owns, "owner"),
        (creates, "create"),
    ] {
        if fault {
            faults.push(name);
        }
    }
    Ok(faults)
}

//! Doctor: what keeps production from starting (S-51), each reason by name.

use application::city::City;
use sqlx::PgPool;

use crate::config::Settings;

/// Faults that can be seen before anything is opened.
pub fn settings_faults(settings: &Settings, cities: &[City]) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, value) in [
        ("YJR_KEY_MASTER", &settings.key_master),
        ("YJR_KEY_PEPPER", &settings.key_pepper),
        ("YJR_KEY_TOKENS", &settings.key_tokens),
    ] {
        if value.is_empty() {
            faults.push(format!("{name} is not set: production needs its own key, by reference (env:NAME or file:/path)"));
        }
    }
    if !settings.https {
        faults.push(
            "YJR_HTTPS is not true: production cookies are Secure and need HTTPS in front"
                .to_owned(),
        );
    }
    for city in cities {
        for (section, plug) in &city.plugs {
            let kind = plug
                .get("kind")
                .and_then(|k| k.as_str())
                .unwrap_or_default();
            if ["demo", "fake", "sandbox"].contains(&kind) {
                faults.push(format!(
                    "{}: [{section}] kind = \"{kind}\" is a demonstration provider",
                    city.slug
                ));
            }
        }
        for required in ["sms", "face"] {
            if !city.plugs.contains_key(required) {
                faults.push(format!("{}: [{required}] is missing", city.slug));
            }
        }
    }
    faults
}

/// Faults of the database that the program would serve from.
pub async fn database_faults(
    pool: &PgPool,
    now: time::OffsetDateTime,
) -> anyhow::Result<Vec<String>> {
    let mut faults = Vec::new();
    for fault in postgres_adapter::provision::login_faults(pool).await? {
        faults.push(format!("the database login is or may: {fault}"));
    }
    if !postgres_adapter::provision::is_migrated(pool).await? {
        faults.push("migrations are missing: run `yijianrong migrate`".to_owned());
    }
    let bare: Vec<String> = sqlx::query_scalar(
        "select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
         join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
         where n.nspname = 'public' and c.relkind in ('r', 'p') and not (c.relrowsecurity and c.relforcerowsecurity)",
    )
    .fetch_all(pool)
    .await?;
    for table in bare {
        faults.push(format!("table {table} lacks its wall"));
    }
    let theirs: time::OffsetDateTime = sqlx::query_scalar("select clock_timestamp()")
        .fetch_one(pool)
        .await?;
    if (theirs - now).abs() > time::Duration::seconds(5) {
        faults.push(
            "the clocks of this machine and of the database differ by more than 5 seconds"
                .to_owned(),
        );
    }
    let demo: bool = sqlx::query_scalar("select exists (select from tenants where slug = 'demo')")
        .fetch_one(pool)
        .await
        .unwrap_or(false);
    if demo {
        faults.push("the database holds a demonstration city".to_owned());
    }
    Ok(faults)
}

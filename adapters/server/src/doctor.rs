//! Doctor: what keeps production from starting (S-51), each reason by name.

use std::{os::unix::fs::PermissionsExt as _, str::FromStr as _};

use application::{city::City, ports::clock::Clock as _};
use postgres_adapter::{PgDoor, pool};
use secrecy::ExposeSecret as _;
use sqlx::{PgPool, postgres::PgConnectOptions};
use vault::{Key, KeyError};

use crate::{
    city::served::{self, Newcomers},
    clock::SystemClock,
    config::Settings,
    database::Database,
    providers, provinces,
};

/// What is wrong with the program itself; `debug`: it was built for looking into it.
pub fn build_faults(debug: bool) -> Vec<String> {
    if !debug {
        return Vec::new();
    }
    vec![
        "this program is a debug build: production runs one that was built with --release"
            .to_owned(),
    ]
}

/// Faults that can be seen before anything is opened.
pub fn settings_faults(settings: &Settings) -> Vec<String> {
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
    if settings.scanner.is_empty() {
        faults.push(
            "YJR_SCANNER is not set: name the virus scanner (clamd:/path/to/socket or clamd:host:port), or say none".to_owned(),
        );
    } else if let Err(error) = scan::from_setting(&settings.scanner) {
        faults.push(error.to_string());
    }
    if let Err(error) = settings.object_place().examine() {
        faults.push(error.to_string());
    }
    faults
}

/// Everything that keeps production from starting, together: no fault hides another one.
pub async fn examine(settings: &Settings) -> Vec<String> {
    let mut faults = build_faults(cfg!(debug_assertions));
    faults.extend(settings_faults(settings));
    faults.extend(key_faults(settings));
    faults.extend(place_faults(settings).await);
    match settings.own_databases() {
        Ok(all) => {
            for own in all {
                let found = match settings.of(&own) {
                    Ok(of) => place_faults(&of).await,
                    Err(error) => vec![format!("{error:#}")],
                };
                faults.extend(found.iter().map(|fault| format!("{}: {fault}", own.login)));
            }
        }
        Err(error) => faults.push(format!("{error:#}")),
    }
    faults
}

/// What is wrong with what the keys' references name.
pub fn key_faults(settings: &Settings) -> Vec<String> {
    let mut faults = Vec::new();
    let mut known: Vec<(&str, String)> = Vec::new();
    for (name, reference) in [
        ("YJR_KEY_MASTER", &settings.key_master),
        ("YJR_KEY_PEPPER", &settings.key_pepper),
        ("YJR_KEY_TOKENS", &settings.key_tokens),
    ] {
        // One that is not set was told with the settings.
        if reference.is_empty() {
            continue;
        }
        let mut add = |error: KeyError| faults.push(format!("{name}: {error}"));
        if let Some(path) = reference.strip_prefix("file:")
            && let Ok(found) = std::fs::metadata(path)
            && found.permissions().mode() & 0o077 != 0
        {
            add(KeyError::TooOpen(path.into()));
        }
        match vault::read_secret(reference) {
            Err(error) => add(error),
            Ok(text) if Key::parse(&text).is_none() => add(KeyError::NotAKey(reference.clone())),
            Ok(text) => {
                let text = text.expose_secret().trim().to_owned();
                let same = known.iter().find(|(_, other)| *other == text);
                if let Some((other, _)) = same {
                    faults.push(format!(
                        "{name} is the same key as {other}: {}",
                        KeyError::Same
                    ));
                }
                known.push((name, text));
            }
        }
    }
    faults
}

/// What is wrong with one database and with the cities that live in it; nothing is migrated, and no login is made.
async fn place_faults(settings: &Settings) -> Vec<String> {
    let (pool, database) = match opened(settings).await {
        Ok(opened) => opened,
        Err(error) => {
            let mut faults = vec![format!("{error:#}")];
            faults.extend(served_faults(settings, None).await);
            return faults;
        }
    };
    let mut faults = match database_faults(&pool, SystemClock.now()).await {
        Ok(faults) => faults,
        Err(error) => vec![format!("the database cannot be looked at: {error:#}")],
    };
    faults.extend(served_faults(settings, Some(&pool)).await);
    faults.extend(provinces::faults(settings, &PgDoor::new(pool.clone())).await);
    pool.close().await;
    if let Some(database) = database {
        database.close().await;
    }
    faults
}

/// The login as it was given, or the private cluster, which may be running.
async fn opened(settings: &Settings) -> anyhow::Result<(PgPool, Option<Database>)> {
    let Some(url) = &settings.database_url else {
        let database = Database::join(settings).await?;
        return Ok((database.app.clone(), Some(database)));
    };
    let named = settings.at.as_deref().unwrap_or("DATABASE_URL");
    let given = PgConnectOptions::from_str(url)
        .map_err(|_| anyhow::anyhow!("{named} is not a PostgreSQL address"))?;
    let pool = pool(given, 2).await.map_err(|error| {
        anyhow::anyhow!("the database that {named} names does not answer: {error}")
    })?;
    Ok((pool, None))
}

/// Providers of the cities that are served from here; a database that knows none yet takes every file that is right.
async fn served_faults(settings: &Settings, pool: Option<&PgPool>) -> Vec<String> {
    let applied = match pool {
        Some(pool) => PgDoor::new(pool.clone()).applied_cities().await.ok(),
        None => None,
    };
    let applied = applied.unwrap_or_default();
    let first = settings.at.is_none() && applied.is_empty();
    let newcomers = if first || settings.demo() {
        Newcomers::All
    } else {
        Newcomers::None
    };
    let found = match served::read(settings, &applied, &newcomers) {
        Ok(cities) => providers::city_faults(settings, &cities).await,
        Err(error) => Err(error),
    };
    found.unwrap_or_else(|error| vec![format!("{error:#}")])
}

/// Faults of the cities' own settings.
pub fn city_faults(cities: &[City]) -> Vec<String> {
    let mut faults = Vec::new();
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

/// Production starts with no fault at all.
pub fn refuse_if(faults: &[String]) -> anyhow::Result<()> {
    if faults.is_empty() {
        return Ok(());
    }
    anyhow::bail!("production does not start:\n  - {}", faults.join("\n  - "))
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
    // A database that was never migrated, or is another's, holds nothing of what is asked for below.
    if !postgres_adapter::provision::is_migrated(pool)
        .await
        .unwrap_or(false)
    {
        faults.push("migrations are missing: run `yijianrong migrate`".to_owned());
        return Ok(faults);
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
    if postgres_adapter::PgDoor::new(pool.clone())
        .was_demonstration()
        .await?
    {
        faults.push(
            "the database holds demonstration data: start production on one of its own".to_owned(),
        );
    }
    Ok(faults)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Cli {
        #[command(flatten)]
        settings: Settings,
    }

    fn settings(changes: &[&str]) -> Settings {
        let good = [
            "yijianrong",
            "--environment=production",
            "--https=true",
            "--key-master=env:MASTER",
            "--key-pepper=env:PEPPER",
            "--key-tokens=env:TOKENS",
            "--scanner=clamd:/run/clamav/clamd.ctl",
        ];
        Cli::parse_from(good.iter().chain(changes)).settings
    }

    fn city(kinds: &[(&str, &str)]) -> City {
        let catalog = std::path::Path::new(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tenants/catalog"
        ));
        let mut city = tenants::catalog::read(catalog)
            .expect("the catalogue reads")
            .remove(0);
        city.plugs = kinds
            .iter()
            .map(|(name, kind)| ((*name).to_owned(), serde_json::json!({ "kind": kind })))
            .collect();
        city
    }

    fn real() -> City {
        city(&[("sms", "acme"), ("face", "acme")])
    }

    #[test]
    fn production_starts_when_nothing_is_wrong() {
        assert_eq!(settings_faults(&settings(&[])), Vec::<String>::new());
        assert_eq!(city_faults(&[real()]), Vec::<String>::new());
    }

    #[test]
    fn a_debug_build_is_named_and_a_release_is_not() {
        assert_eq!(build_faults(false), Vec::<String>::new());
        let told = build_faults(true);
        assert!(
            told.len() == 1 && told[0].contains("debug build"),
            "{told:?}"
        );
    }

    #[test]
    fn every_missing_key_is_named() {
        for (flag, name) in [
            ("--key-master=", "YJR_KEY_MASTER"),
            ("--key-pepper=", "YJR_KEY_PEPPER"),
            ("--key-tokens=", "YJR_KEY_TOKENS"),
        ] {
            let name_of_flag = flag.trim_end_matches('=');
            let mut settings = settings(&[]);
            match name_of_flag {
                "--key-master" => settings.key_master.clear(),
                "--key-pepper" => settings.key_pepper.clear(),
                _ => settings.key_tokens.clear(),
            }
            let faults = settings_faults(&settings);
            assert_eq!(faults.len(), 1);
            assert!(faults[0].starts_with(name), "{faults:?}");
        }
    }

    #[test]
    fn a_key_that_is_short_open_unreadable_or_used_twice_is_named() {
        let folder = std::env::temp_dir().join(format!("yjr-keys-{:032x}", rand::random::<u128>()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let file = |name: &str, text: &str, mode: u32| {
            let path = folder.join(name);
            std::fs::write(&path, text).expect("written");
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("set");
            format!("file:{}", path.display())
        };
        let key = || hex::encode(rand::random::<[u8; 32]>());
        let one = key();
        let mut settings = settings(&[]);
        settings.key_master = file("master", &key(), 0o600);
        settings.key_pepper = file("pepper", &one, 0o600);
        settings.key_tokens = file("tokens", &key(), 0o600);
        assert_eq!(key_faults(&settings), Vec::<String>::new());
        settings.key_master = file("master", "short", 0o644);
        settings.key_tokens = file("tokens", &one, 0o600);
        let told = key_faults(&settings);
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[0].starts_with("YJR_KEY_MASTER: ") && told[0].contains("0600"));
        assert!(told[1].contains("32 random bytes"), "{told:?}");
        assert!(
            told[2].starts_with("YJR_KEY_TOKENS is the same key as YJR_KEY_PEPPER"),
            "{told:?}"
        );
        settings.key_tokens = format!("file:{}", folder.join("none").display());
        let told = key_faults(&settings);
        assert!(told[2].contains("not readable"), "{told:?}");
        std::fs::remove_dir_all(&folder).ok();
    }

    #[tokio::test]
    async fn a_database_that_cannot_be_looked_at_hides_no_other_fault() {
        let mut settings = settings(&["--database-url=nonsense"]);
        let catalog = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tenants/catalog");
        settings.catalog = catalog.into();
        settings.https = false;
        settings.key_master = "file:/nowhere/master".to_owned();
        let told = examine(&settings).await;
        for words in [
            "HTTPS",
            "YJR_KEY_MASTER: ",
            "is not a PostgreSQL address",
            "cangzhou: [sms] kind = \"demo\"",
            "yunlan: [face] kind = \"demo\"",
        ] {
            let named = told.iter().any(|fault| fault.contains(words));
            assert!(named, "{words}: {told:?}");
        }
    }

    #[test]
    fn plain_http_is_named() {
        let mut plain = settings(&[]);
        plain.https = false;
        assert!(settings_faults(&plain)[0].contains("HTTPS"));
    }

    #[test]
    fn every_demonstration_provider_is_named_with_its_city_and_section() {
        for kind in ["demo", "fake", "sandbox"] {
            let faults = city_faults(&[city(&[("sms", "acme"), ("face", kind)])]);
            assert_eq!(
                faults,
                [format!(
                    "cangzhou: [face] kind = \"{kind}\" is a demonstration provider"
                )]
            );
        }
    }

    #[test]
    fn a_city_without_provider_is_named() {
        let faults = city_faults(&[city(&[("sms", "acme")])]);
        assert_eq!(faults, ["cangzhou: [face] is missing"]);
    }
}

//! Doctor: what keeps production from starting (S-51), each reason by name.

use application::city::City;
use sqlx::PgPool;

use crate::config::Settings;

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

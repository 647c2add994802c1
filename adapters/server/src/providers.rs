//! `providers check <tenant>`: for everything that is plugged in for a city, whether settings, signature and provider answer.

use std::{fmt::Write as _, path::Path, sync::Arc};

use application::{
    city::{Cities, City},
    ports::providers::{Failure, ProviderChecks as _, Section},
};
use domain::ids::TenantId;
use outbound::Switchboard;
use postgres_adapter::PgDoor;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tenants::catalog::{self, Directory};

use crate::{clock::SystemClock, config::Settings, doctor, wire::providers::Makings};

/// What was found in one city.
pub struct Report {
    pub text: String,
    pub clean: bool,
}

/// Checks without a database: nothing is sent and nothing is noted.
pub async fn check(settings: &Settings, slug: &str, live: bool) -> anyhow::Result<Report> {
    let cities = catalog::read(&settings.catalog)?;
    let city = numbered(cities)
        .into_iter()
        .find(|city| city.slug == slug)
        .ok_or_else(|| none_such(slug, &settings.catalog))?;
    let sections = sections(settings, city, live).await?;
    Ok(report(&sections))
}

/// What keeps production from serving these cities: a demonstration's providers, contracts that are not complete or cannot be read.
pub async fn city_faults(settings: &Settings, cities: &[City]) -> anyhow::Result<Vec<String>> {
    let mut faults = doctor::city_faults(cities);
    faults.extend(self::faults(settings, cities).await?);
    Ok(faults)
}

/// For the doctor: what is wrong with the providers of every city.
pub async fn faults(settings: &Settings, cities: &[City]) -> anyhow::Result<Vec<String>> {
    let mut faults = Vec::new();
    for city in numbered(cities.to_vec()) {
        let slug = city.slug.clone();
        for section in sections(settings, city, false).await? {
            faults.extend(section.settings.err());
            for account in section.accounts {
                if let Err(failure) = account.signature {
                    let (name, provider) = (section.name, account.provider);
                    faults.push(format!("{slug}: [{name}] {provider}: {}", told(&failure)));
                }
            }
        }
    }
    Ok(faults)
}

fn none_such(slug: &str, catalog: &Path) -> anyhow::Error {
    anyhow::anyhow!("there is no city {slug} in {}", catalog.display())
}

/// Ids of this run only: the database, which knows the real ones, is not asked.
fn numbered(cities: Vec<City>) -> Vec<City> {
    cities
        .into_iter()
        .zip(1_u128..)
        .map(|(city, n)| City {
            id: TenantId(uuid::Uuid::from_u128(n)),
            ..city
        })
        .collect()
}

async fn sections(settings: &Settings, city: City, live: bool) -> anyhow::Result<Vec<Section>> {
    let id = city.id;
    let cities: Arc<dyn Cities> = Arc::new(Directory::new(vec![city])?);
    let clock = Arc::new(SystemClock);
    // Never connected: a check opens no log.
    let pool = PgPoolOptions::new().connect_lazy_with(PgConnectOptions::new());
    let makings = Makings {
        cities,
        board: Switchboard::new(clock.clone(), settings.reach()?)?,
        door: Arc::new(PgDoor::new(pool)),
        clock,
    };
    Ok(makings.examiner().examine(id, live).await)
}

fn told(failure: &Failure) -> String {
    format!("{} ({})", failure.reason.zh(), failure.code)
}

fn line(text: &mut String, clean: &mut bool, what: &str, outcome: Result<&str, String>) {
    let (mark, words) = match outcome {
        Ok(words) => ("ok  ", words.to_owned()),
        Err(words) => {
            *clean = false;
            ("BAD ", words)
        }
    };
    writeln!(text, "  {mark} {what}: {words}").ok();
}

fn report(sections: &[Section]) -> Report {
    let (mut text, mut clean) = (String::new(), true);
    for section in sections {
        writeln!(text, "[{}] {}", section.name, section.kind).ok();
        let settings = section.settings.as_ref().map(|()| "complete");
        line(
            &mut text,
            &mut clean,
            "settings",
            settings.map_err(Clone::clone),
        );
        if section.settings.is_ok() && section.accounts.is_empty() {
            text.push_str("  ok   needs no contract\n");
        }
        for account in &section.accounts {
            let name = &account.provider;
            let signature = account
                .signature
                .as_ref()
                .map(|()| "a request can be signed");
            line(
                &mut text,
                &mut clean,
                &format!("{name}, signature"),
                signature.map_err(told),
            );
            if let Some(live) = &account.live {
                let live = live.as_ref().map(|()| "the provider knows us");
                line(
                    &mut text,
                    &mut clean,
                    &format!("{name}, live"),
                    live.map_err(told),
                );
            }
        }
    }
    Report { text, clean }
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

    fn settings() -> Settings {
        let catalog = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tenants/catalog");
        Cli::parse_from(["yijianrong", &format!("--catalog={catalog}")]).settings
    }

    #[tokio::test]
    async fn a_demonstration_needs_no_contract_and_an_unknown_city_is_told() {
        let report = check(&settings(), "cangzhou", true).await.expect("checked");
        assert!(report.clean);
        assert!(report.text.contains("[sms] demo"), "{}", report.text);
        assert!(report.text.contains("needs no contract"));
        let error = check(&settings(), "atlantis", false).await.err();
        assert!(error.expect("no").to_string().contains("no city atlantis"));
    }

    #[tokio::test]
    async fn what_is_missing_is_told_as_the_start_would() {
        let mut cities = catalog::read(&settings().catalog).expect("it reads");
        let lacking = serde_json::json!({ "kind": "aliyun", "signature": "x", "templates": {},
            "access_key_id": "env:YJR_NOBODY_SETS_THIS", "access_key_secret": "env:YJR_NOR_THIS" });
        cities[0].plugs.insert("sms".to_owned(), lacking.clone());
        let told = faults(&settings(), &cities).await.expect("checked");
        assert!(
            told[0].contains("[sms] templates.accepted is missing"),
            "{told:?}"
        );
        let mut whole = lacking;
        for code in sms::texts::codes() {
            whole["templates"][code] = serde_json::json!({ "id": "SMS_1" });
        }
        cities[0].plugs.insert("sms".to_owned(), whole);
        let told = faults(&settings(), &cities).await.expect("checked");
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with("cangzhou: [sms] aliyun: "), "{told:?}");
        assert!(told[0].contains("its secret cannot be read"), "{told:?}");
    }

    /// Every ability and every kind of provider has an account that can be examined, the fallbacks too.
    #[tokio::test]
    async fn every_ability_is_examined_with_its_fallbacks() {
        use serde_json::json;
        let secret = "env:YJR_NOBODY_SETS_THIS";
        let tencent = json!({ "kind": "tencent", "provider_name": "x", "secret_id": secret, "secret_key": secret });
        let aliyun = json!({ "kind": "aliyun", "provider_name": "x", "access_key_id": secret, "access_key_secret": secret });
        let with = |section: &serde_json::Value, more: serde_json::Value| {
            let mut section = section.clone();
            for (name, value) in more.as_object().expect("settings") {
                section[name] = value.clone();
            }
            section
        };
        let wechat = json!({ "kind": "wechat", "provider_name": "微信" });
        let program = json!({ "kind": "wechat", "app_id": "wx0123456789abcdef", "secret": secret });
        let cases = [
            (
                "face",
                with(&tencent, json!({ "mode": "hosted", "rule_id": "1" })),
                vec!["tencent"],
            ),
            (
                "face",
                with(&aliyun, json!({ "mode": "hosted", "scene_id": 1 })),
                vec!["aliyun"],
            ),
            ("face", wechat.clone(), vec!["wechat"]),
            (
                "recognition",
                with(
                    &tencent,
                    json!({ "fallback": with(&aliyun, json!({ "fallback": wechat })) }),
                ),
                vec!["tencent", "aliyun", "wechat"],
            ),
            ("wechat", program.clone(), vec!["wechat"]),
            (
                "province",
                json!({ "kind": "node", "host": "node.province.example", "sender": "130900", "secret": secret }),
                vec!["node"],
            ),
        ];
        for (name, section, providers) in cases {
            let mut city = catalog::read(&settings().catalog)
                .expect("it reads")
                .remove(0);
            city.plugs.insert("wechat".to_owned(), program.clone());
            city.plugs.insert(name.to_owned(), section);
            let told = faults(&settings(), &[city]).await.expect("checked");
            for provider in providers {
                let start = format!("cangzhou: [{name}] {provider}: ");
                let found = told.iter().find(|fault| fault.starts_with(&start));
                let found = found.unwrap_or_else(|| panic!("{start} in {told:?}"));
                assert!(found.contains("its secret cannot be read"), "{found}");
            }
        }
    }

    #[tokio::test]
    async fn settings_of_every_ability_are_read_strictly_and_one_may_be_missing() {
        let mut city = catalog::read(&settings().catalog)
            .expect("it reads")
            .remove(0);
        let odd = serde_json::json!({ "kind": "demo", "provider_name": "x", "colour": "red" });
        city.plugs.insert("face".to_owned(), odd);
        city.plugs.remove("recognition");
        let told = faults(&settings(), &[city]).await.expect("checked");
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0].contains("[face]") && told[0].contains("colour"),
            "{told:?}"
        );
    }
}

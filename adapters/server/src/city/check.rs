//! `city check`: the file by itself, beside the other cities, and against what this program can plug in.

use std::{path::Path, str::FromStr as _, sync::Arc};

use application::{
    city::{Cities, City},
    ports::{
        clock::Clock as _,
        plugs::PlugError,
        reference::{RegionDirectory, WorkCalendarSource as _},
    },
};
use domain::ids::TenantId;
use outbound::{Secret, Switchboard};
use postgres_adapter::PgDoor;
use reference::Reference;
use secrecy::ExposeSecret as _;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tenants::{
    catalog::{self, Directory},
    check::{self as files, Fault, Reading},
};
use vault::{Key, Keys, SealSettings, VaultSealer};
use web::theme::{self, Brand};

use crate::{clock::SystemClock, config::Settings, wire};

/// What was found.
#[derive(Debug, Default)]
pub struct Told {
    pub faults: Vec<Fault>,
    /// Nothing wrong, but worth knowing.
    pub notes: Vec<String>,
}

impl Told {
    pub fn into_lines(self, file: &Path) -> anyhow::Result<Vec<String>> {
        let mut lines: Vec<String> = self.notes.iter().map(|n| format!("note: {n}")).collect();
        if self.faults.is_empty() {
            lines.push(format!("{}: nothing is missing or wrong", file.display()));
            return Ok(lines);
        }
        lines.extend(self.faults.iter().map(Fault::to_string));
        let count = self.faults.len();
        anyhow::bail!("{}\n{count} things are missing or wrong", lines.join("\n"))
    }
}

/// Names everything that is missing or wrong; asks no database and no provider.
pub fn examine(settings: &Settings, file: &Path, secrets: bool) -> Told {
    let folder = files::folder_of(file);
    let reading = files::read(folder, file);
    let mut told = Told {
        faults: reading.faults.clone(),
        notes: Vec::new(),
    };
    let others = others(folder, file, &mut told.notes);
    let idle = files::without_effect(&reading);
    told.notes.extend(idle.iter().map(Fault::to_string));
    told.faults.extend(files::shared_hosts(&reading, &others));
    told.faults
        .extend(files::strangers(folder, &reading, &others, place));
    colours(&reading, &mut told.faults);
    regions(&reading, &mut told.faults);
    contracts(settings, &reading, secrets, &mut told.faults);
    own_database(&reading, secrets, &mut told.faults);
    if reading.faults.is_empty()
        && let Ok(city) = catalog::read_one(folder, file)
    {
        calendar(&city, &mut told.notes);
        takes_effect(&city, &mut told.notes);
        let wrong = plugs(settings, city, &others).into_iter();
        told.faults
            .extend(wrong.map(|(section, what)| reading.fault(section, what)));
    }
    told.faults
        .sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    told.faults.dedup();
    told
}

/// The other cities of the folder; one that is wrong itself is named and left out.
fn others(folder: &Path, file: &Path, notes: &mut Vec<String>) -> Vec<City> {
    let mut others = Vec::new();
    for other in catalog::files(folder).unwrap_or_default() {
        if other.file_name() == file.file_name() {
            continue;
        }
        match catalog::read_one(folder, &other) {
            Ok(city) => others.push(city),
            Err(_) => notes.push(format!(
                "{} has faults of its own and was not compared",
                other.display()
            )),
        }
    }
    others
}

/// 沧州 of 沧州市: the name of a region.
fn place(code: &str) -> Option<String> {
    let name = Reference.find(code)?.name;
    Some(name.strip_suffix('市').unwrap_or(&name).to_owned())
}

fn colours(reading: &Reading, faults: &mut Vec<Fault>) {
    let Some(section) = reading.root.get("theme") else {
        return;
    };
    let brand = Brand {
        brand: section.text_of("brand").to_owned(),
        accent: section.text_of("accent").to_owned(),
    };
    for (name, error) in theme::faults(&brand) {
        // What is no colour at all was told with its form.
        if matches!(error, theme::ThemeError::TooFaint { .. }) {
            faults.push(reading.fault(&format!("theme.{name}"), error.to_string()));
        }
    }
}

fn regions(reading: &Reading, faults: &mut Vec<Fault>) {
    let Some(section) = reading.root.get("region") else {
        return;
    };
    let (province, city) = (section.text_of("province"), section.text_of("city"));
    for (key, code) in [("region.province", province), ("region.city", city)] {
        if code.len() == 6 && Reference.find(code).is_none() {
            faults.push(reading.fault(key, format!("there is no region {code}")));
        }
    }
    let path = Reference.path(city);
    if path.len() > 1 && path.iter().all(|step| step.code != province) {
        let what = format!("region.city {city} does not lie in region.province {province}");
        faults.push(reading.fault("region.city", what));
    }
}

/// Names of settings that hold what nobody else may know.
fn is_secret(key: &str) -> bool {
    [
        "secret",
        "password",
        "private_key",
        "token",
        "api_key",
        "app_key",
        "aes_key",
    ]
    .iter()
    .any(|part| key.contains(part))
}

/// Contracts by reference: what is named must be there, and a secret stands nowhere in a file.
fn contracts(settings: &Settings, reading: &Reading, look: bool, faults: &mut Vec<Fault>) {
    for name in ["sms", "face", "wechat", "recognition", "province"] {
        let Some(section) = reading.root.get(name) else {
            continue;
        };
        let kind = section.text_of("kind");
        if !settings.demo() && ["demo", "fake", "sandbox"].contains(&kind) {
            let what = format!("[{name}] kind = \"{kind}\" is a demonstration provider");
            faults.push(reading.fault(&format!("{name}.kind"), what));
        }
        section_contracts(reading, section, name, look, faults);
    }
}

fn section_contracts(
    reading: &Reading,
    section: &files::Node,
    at: &str,
    look: bool,
    faults: &mut Vec<Fault>,
) {
    for entry in section.entries() {
        let path = format!("{at}.{}", entry.key);
        let mut add = |what: String| {
            faults.push(Fault {
                file: reading.file.clone(),
                line: entry.line,
                what: format!("{path}: {what}"),
            });
        };
        match entry.node.text() {
            Some(text) if text.starts_with("env:") || text.starts_with("file:") => {
                let read = Secret::parse(text).and_then(|secret| {
                    if look {
                        secret.read().map(|_| ())
                    } else {
                        Ok(())
                    }
                });
                if let Err(error) = read {
                    add(error.to_string());
                }
            }
            Some(_) if is_secret(&entry.key) => {
                add("a secret is a reference: env:NAME or file:/absolute/path".to_owned());
            }
            Some(_) => {}
            None => section_contracts(reading, &entry.node, &path, look, faults),
        }
    }
}

/// 独立数据库: by reference, like every secret.
fn own_database(reading: &Reading, look: bool, faults: &mut Vec<Fault>) {
    let named = |key: &str| !reading.root.text_of(key).is_empty();
    if named("database_owner") && !named("database") {
        let what = "database_owner: names the owner of no database; database is missing";
        faults.push(reading.fault("database_owner", what.to_owned()));
    }
    for key in ["database", "database_owner"]
        .into_iter()
        .filter(|key| named(key))
    {
        let secret = Secret::parse(reading.root.text_of(key));
        let found = secret.and_then(|secret| {
            if look {
                secret.read().map(Some)
            } else {
                Ok(None)
            }
        });
        let what = match found {
            Err(error) => error.to_string(),
            Ok(Some(url)) if PgConnectOptions::from_str(url.expose_secret()).is_err() => {
                "what it names is not a PostgreSQL address".to_owned()
            }
            Ok(_) => continue,
        };
        faults.push(reading.fault(key, format!("{key}: {what}")));
    }
}

/// 工作日历: the list of holidays is published year by year.
fn calendar(city: &City, notes: &mut Vec<String>) {
    let calendar = Reference.published_calendar();
    let today = domain::calendar::local_date(SystemClock.now());
    let last = today + time::Duration::days(i64::from(city.clocks.last().decision_days) * 2);
    if calendar.is_workday(last).is_err() {
        notes.push(format!(
            "the holidays of {} are not known yet: terms that end there are counted when they are",
            last.year()
        ));
    }
}

/// 生效日期: whether an earlier version is there until then, only the database knows; `city apply` asks it.
fn takes_effect(city: &City, notes: &mut Vec<String>) {
    let today = domain::calendar::local_date(SystemClock.now()).to_string();
    let later = city.agreements.iter().filter(|text| text.effective > today);
    notes.extend(later.map(|text| {
        format!(
            "the agreement {} is in force from {} on: until then the version that was applied before stands, and a city without one cannot be applied",
            text.code, text.effective
        )
    }));
}

/// Builds what the city names without keeping it; every section that is wrong, with what is wrong with it.
fn plugs(settings: &Settings, mut city: City, others: &[City]) -> Vec<(&'static str, String)> {
    let mut wrong: Vec<(&'static str, String)> = Vec::new();
    while let Err((section, what)) = plug(settings, city.clone(), others.to_vec()) {
        let again = wrong.iter().any(|(known, _)| *known == section);
        if !again {
            wrong.push((section, what));
        }
        if again || !set_aside(&mut city, section) {
            break;
        }
    }
    wrong
}

/// A section that is wrong hides those after it: one that is right takes its place while they are looked at.
fn set_aside(city: &mut City, section: &str) -> bool {
    let right = match section {
        "sms" => serde_json::json!({ "kind": "demo", "signature": "x" }),
        "face" => serde_json::json!({ "kind": "demo", "provider_name": "x" }),
        "wechat" => serde_json::json!({ "kind": "none" }),
        "recognition" | "province" => return city.plugs.remove(section).is_some(),
        _ => return false,
    };
    city.plugs.insert(section.to_owned(), right);
    true
}

/// The first section that is wrong.
fn plug(
    settings: &Settings,
    mut city: City,
    mut others: Vec<City>,
) -> Result<(), (&'static str, String)> {
    let bug = |error: &dyn std::fmt::Display| ("slug", error.to_string());
    for (other, n) in others.iter_mut().zip(2_u128..) {
        other.id = TenantId(uuid::Uuid::from_u128(n));
    }
    city.id = TenantId(uuid::Uuid::from_u128(1));
    let own: Arc<dyn Cities> =
        Arc::new(Directory::new(vec![city.clone()]).map_err(|error| bug(&error))?);
    others.push(city);
    // The same host was told before; here it would hide the rest.
    for other in &mut others {
        other.hosts.clear();
    }
    let all = Directory::new(others).map_err(|error| bug(&error))?;
    let clock: Arc<dyn application::ports::clock::Clock> = Arc::new(SystemClock);
    let reach = settings.reach().map_err(|error| bug(&error))?;
    let board = Switchboard::new(clock.clone(), reach).map_err(|error| bug(&error))?;
    // Never connected: building a provider asks nobody.
    let pool = PgPoolOptions::new().connect_lazy_with(PgConnectOptions::new());
    let door = Arc::new(PgDoor::new(pool));
    let key = || Key::generate().ok_or(("slug", "no random numbers".to_owned()));
    let keys = Keys {
        master: key()?,
        previous_masters: Vec::new(),
        pepper: key()?,
        tokens: key()?,
    };
    let sealer: Arc<dyn application::ports::sealing::Sealer> = Arc::new(VaultSealer::new(
        &keys,
        door.clone(),
        SealSettings::default(),
    ));
    wire::check_plugs(&own, &all, &board, &door, &sealer, &clock).map_err(|error| match error {
        PlugError::NoSection { section, .. } | PlugError::Settings { section, .. } => {
            (section, error.to_string())
        }
        PlugError::UnknownKind { section, .. } => (section, error.to_string()),
        PlugError::NoCity => ("slug", error.to_string()),
    })
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

    #[tokio::test]
    async fn every_provider_that_is_wrong_is_told_at_once_with_the_kinds_that_there_are() {
        let catalog = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tenants/catalog");
        let settings = Cli::parse_from(["yijianrong", &format!("--catalog={catalog}")]).settings;
        let mut cities = catalog::read(&settings.catalog).expect("it reads");
        let mut city = cities.remove(0);
        for section in ["sms", "face", "recognition", "wechat", "province"] {
            let odd = serde_json::json!({ "kind": "pigeon" });
            city.plugs.insert(section.to_owned(), odd);
        }
        let wrong = plugs(&settings, city, &cities);
        let sections: Vec<&str> = wrong.iter().map(|(section, _)| *section).collect();
        assert_eq!(
            sections,
            ["sms", "face", "wechat", "recognition", "province"],
            "{wrong:?}"
        );
        for (_, what) in &wrong {
            assert!(what.contains("unknown kind pigeon; there are "), "{what}");
            assert!(what.contains("demo") || what.contains("embedded"), "{what}");
        }
    }
}

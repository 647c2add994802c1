//! A city's file: `catalog/<city>.toml` with its agreements, reasons and texts, checked whole when it is read.

mod directory;
mod province;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

pub use directory::Directory;
pub use province::{province, provinces};

use application::city::{Agreement, City, Keeping, Logo, Standing, UploadLimits};
use application::outbox::QuietHours;
use domain::{
    financing::{ClockEras, ClockLimits},
    ids::TenantId,
    tenant::TenantKind,
};
use serde::Deserialize;

use crate::check::{self, Fault, Node, Reading, Reasons};

/// Why a catalogue cannot be used; names the file.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    #[error("{file}: {source}")]
    Read {
        file: PathBuf,
        source: std::io::Error,
    },
    #[error("{file}: {source}")]
    Parse {
        file: PathBuf,
        source: Box<toml::de::Error>,
    },
    #[error("{file}: {what}")]
    Wrong { file: PathBuf, what: String },
    #[error("the city's files are not right:\n  - {}", told(.0))]
    Faults(Vec<Fault>),
    #[error("two cities claim the host {0}")]
    HostTwice(String),
    #[error("{0} holds no city")]
    Empty(PathBuf),
}

fn told(faults: &[Fault]) -> String {
    let lines: Vec<String> = faults.iter().map(Fault::to_string).collect();
    lines.join("\n  - ")
}

#[derive(Deserialize)]
struct CityFile {
    slug: String,
    name: String,
    second_name: String,
    mini_program_name: String,
    tagline: String,
    hosts: Vec<String>,
    public_site: String,
    hotline: String,
    hotline_hours: String,
    icp: String,
    #[serde(default)]
    public_security_record: String,
    about_file: String,
    reasons_file: String,
    operator: OperatorPart,
    theme: ThemePart,
    region: RegionPart,
    limits: BTreeMap<String, i64>,
    clocks: BTreeMap<String, u32>,
    agreements: Vec<AgreementPart>,
}

#[derive(Deserialize)]
struct OperatorPart {
    name: String,
    address: String,
}

#[derive(Deserialize)]
struct ThemePart {
    brand: String,
    accent: String,
    logo_char: String,
    logo_file: Option<String>,
}

#[derive(Deserialize)]
struct RegionPart {
    province: String,
    city: String,
}

#[derive(Deserialize)]
struct AgreementPart {
    code: String,
    title: String,
    short_title: String,
    version: String,
    effective: String,
    file: String,
    shown: Vec<String>,
    ticked: Vec<String>,
}

/// The files of the cities, in the order of their names.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>, CatalogError> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(|source| CatalogError::Read {
            file: folder.to_owned(),
            source,
        })?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    if files.is_empty() {
        return Err(CatalogError::Empty(folder.to_owned()));
    }
    Ok(files)
}

/// Reads every `*.toml` of the folder; ids are not known yet and stay nil.
pub fn read(folder: &Path) -> Result<Vec<City>, CatalogError> {
    on_disk(folder)?.into_iter().map(|file| file.city).collect()
}

/// A city's file as it lies in the catalogue, whether it is right or not.
#[derive(Debug)]
pub struct OnDisk {
    /// As the file is named.
    pub slug: String,
    /// The reference of the database of its own; `None`: the platform's.
    pub database: Option<String>,
    pub city: Result<City, CatalogError>,
}

/// Reads every `*.toml` of the folder on all processors: every start reads every city.
pub fn on_disk(folder: &Path) -> Result<Vec<OnDisk>, CatalogError> {
    let files = files(folder)?;
    let hands = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = files.len().div_ceil(hands).max(1);
    let common = check::Common::default();
    let one = |file: &PathBuf| {
        let reading = check::read_beside(folder, file, &common);
        OnDisk {
            slug: file
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            database: named(&reading.root, "database"),
            city: city_of(folder, reading),
        }
    };
    Ok(std::thread::scope(|scope| {
        let hands: Vec<_> = files
            .chunks(share)
            .map(|some| scope.spawn(move || some.iter().map(one).collect::<Vec<_>>()))
            .collect();
        hands
            .into_iter()
            .flat_map(|hand| match hand.join() {
                Ok(read) => read,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    }))
}

/// A database of a city's own 独立数据库, by reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnDatabase {
    /// Of the address with the login that owns nothing.
    pub login: String,
    /// Of the address with the owner, for migrations and `city apply`.
    pub owner: Option<String>,
}

/// The database of its own that a file names, however unfinished the rest of it is; `None`: the platform's.
pub fn own_database(file: &Path) -> Option<OwnDatabase> {
    let text = text_of(file).ok()?;
    // Keys of their own stand before the first section; nearly no file has them, and every start looks into every file.
    let mut top = text.lines().take_while(|line| !line.starts_with('['));
    if !top.any(|line| line.trim_start().starts_with("database")) {
        return None;
    }
    let (root, _) = check::document::parse(&text);
    Some(OwnDatabase {
        login: named(&root, "database")?,
        owner: named(&root, "database_owner"),
    })
}

fn named(root: &Node, key: &str) -> Option<String> {
    Some(root.text_of(key).to_owned()).filter(|text| !text.is_empty())
}

/// Reads one city's file with all that it names; whatever is wrong in them is told together.
pub fn read_one(folder: &Path, file: &Path) -> Result<City, CatalogError> {
    city_of(folder, check::read(folder, file))
}

fn city_of(folder: &Path, reading: Reading) -> Result<City, CatalogError> {
    if reading.faults.is_empty() {
        read_city(folder, &reading)
    } else {
        Err(CatalogError::Faults(reading.faults))
    }
}

fn text_of(file: &Path) -> Result<String, CatalogError> {
    std::fs::read_to_string(file).map_err(|source| CatalogError::Read {
        file: file.to_owned(),
        source,
    })
}

fn typed<T: serde::de::DeserializeOwned>(file: &Path, node: &Node) -> Result<T, CatalogError> {
    T::deserialize(node).map_err(|source| CatalogError::Parse {
        file: file.to_owned(),
        source: Box::new(source),
    })
}

fn read_city(folder: &Path, reading: &Reading) -> Result<City, CatalogError> {
    let path = reading.file.as_path();
    let file: CityFile = typed(path, &reading.root)?;
    let reasons = reasons_of(folder, &file, reading)?;
    let agreements = file
        .agreements
        .into_iter()
        .map(|a| {
            let body = reading.bodies.get(&a.file);
            Agreement {
                code: a.code,
                title: a.title,
                short_title: a.short_title,
                version: a.version,
                effective: a.effective,
                body: body.cloned().unwrap_or_else(|| Arc::from("")),
                shown: a.shown,
                ticked: a.ticked,
                change_note: String::new(),
                asks_again: false,
            }
        })
        .collect();
    let days = |name: &str, default: u32| file.clocks.get(name).copied().unwrap_or(default);
    let shipped = ClockLimits::default();
    let limit = |name: &str| file.limits.get(name).copied();
    let keeping = keeping(path, &file.limits)?;
    Ok(City {
        keeping,
        id: TenantId(uuid::Uuid::nil()),
        kind: TenantKind::City,
        standing: Standing::Open,
        edition: 0,
        slug: file.slug,
        name: file.name,
        second_name: file.second_name,
        mini_program_name: file.mini_program_name,
        tagline: file.tagline,
        hosts: file.hosts,
        public_url: file.public_site.trim_end_matches('/').to_owned(),
        hotline: file.hotline,
        hotline_hours: file.hotline_hours,
        icp: file.icp,
        public_security_record: file.public_security_record,
        operator_name: file.operator.name,
        operator_address: file.operator.address,
        brand: file.theme.brand,
        accent: file.theme.accent,
        logo_char: file.theme.logo_char,
        logo: file
            .theme
            .logo_file
            .map(|name| logo_of(&folder.join(name)))
            .transpose()?,
        default_province: file.region.province,
        default_city: file.region.city,
        about_file: folder.join(file.about_file),
        clocks: ClockEras::of(ClockLimits {
            accept_days: days("accept_working_days", shipped.accept_days),
            contact_days: days("contact_working_days", shipped.contact_days),
            decision_days: days("decision_working_days", shipped.decision_days),
            disburse_days: days("disburse_working_days", shipped.disburse_days),
            supplement_days: days("supplement_days", shipped.supplement_days),
            supplement_warning_days: days(
                "supplement_warning_days",
                shipped.supplement_warning_days,
            ),
            unaccepted_notice_days: days("unaccepted_notice_days", shipped.unaccepted_notice_days),
            expire_days: days("unaccepted_expiry_days", shipped.expire_days),
            cool_down_days: shipped.cool_down_days,
            complaint_days: days("complaint_working_days", shipped.complaint_days),
        }),
        pauses: Vec::new(),
        own_days: BTreeMap::new(),
        own_regions: std::sync::Arc::default(),
        notice_texts: std::sync::Arc::default(),
        single_step_up_to_cents: limit("single_step_up_to_wan")
            .map(|wan| wan.saturating_mul(1_000_000)),
        sms_daily_budget: limit("sms_per_day")
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(2_000),
        sms_quiet: quiet(path, &file.limits)?,
        face_failures_per_day: limit("face_failures_per_day")
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(5),
        uploads: uploads(&file.limits),
        agreements,
        rejection_reasons: reasons.rejections,
        intake_refusals: reasons.intake_refusals,
        supplement_templates: reasons.supplement_items,
        plugs: check::plugs()
            .filter_map(|name| {
                let section = reading.root.get(name)?;
                Some((name.to_owned(), Deserialize::deserialize(section).ok()?))
            })
            .collect(),
    })
}

fn reasons_of(folder: &Path, file: &CityFile, reading: &Reading) -> Result<Reasons, CatalogError> {
    let path = folder.join(&file.reasons_file);
    let Some(beside) = &reading.reasons else {
        return Err(CatalogError::Wrong {
            file: path,
            what: "there are no reasons".to_owned(),
        });
    };
    if let Some(known) = beside.reasons.get() {
        return Ok(known.clone());
    }
    let reasons = typed(&path, &beside.root)?;
    Ok(beside.reasons.get_or_init(|| reasons).clone())
}

fn logo_of(file: &Path) -> Result<Logo, CatalogError> {
    let bytes = std::fs::read(file).map_err(|source| CatalogError::Read {
        file: file.to_owned(),
        source,
    })?;
    let format = check::logo::format_of(&bytes).map_err(|what| CatalogError::Wrong {
        file: file.to_owned(),
        what,
    })?;
    Ok(Logo {
        name: match format {
            check::logo::Format::Png => "logo.png",
            check::logo::Format::Svg => "logo.svg",
        },
        bytes: bytes.into(),
    })
}

/// 上传限制: what the file does not say is as shipped.
fn uploads(limits: &BTreeMap<String, i64>) -> UploadLimits {
    let limit = |name: &str, shipped: u32| {
        let set = limits.get(name).copied();
        set.and_then(|n| u32::try_from(n).ok()).unwrap_or(shipped)
    };
    let shipped = UploadLimits::default();
    UploadLimits {
        per_hour: limit("uploads_per_hour", shipped.per_hour),
        files: limit("files_per_enterprise", shipped.files),
        megabytes: limit("megabytes_per_enterprise", shipped.megabytes),
    }
}

/// 免打扰时段: both hours or none.
fn quiet(path: &Path, limits: &BTreeMap<String, i64>) -> Result<Option<QuietHours>, CatalogError> {
    let hour = |name: &str| limits.get(name).copied();
    let wrong = || CatalogError::Wrong {
        file: path.to_owned(),
        what: "sms_quiet_from and sms_quiet_until are two different hours from 0 to 23".to_owned(),
    };
    match (hour("sms_quiet_from"), hour("sms_quiet_until")) {
        (None, None) => Ok(None),
        (Some(from), Some(until)) => QuietHours::new(from, until).map(Some).ok_or_else(wrong),
        _ => Err(wrong()),
    }
}

/// 保存期限 of a city: never less than law wants.
fn keeping(path: &Path, limits: &BTreeMap<String, i64>) -> Result<Keeping, CatalogError> {
    let (shipped, least) = (Keeping::default(), Keeping::LEAST);
    let days = |name: &str, shipped: u16, least: u16| {
        let set = limits.get(name).copied().unwrap_or(shipped.into());
        u16::try_from(set)
            .ok()
            .filter(|days| *days >= least)
            .ok_or_else(|| CatalogError::Wrong {
                file: path.to_owned(),
                what: format!("{name} is at least {least} days"),
            })
    };
    Ok(Keeping {
        unsent_days: days(
            "draft_retention_days",
            shipped.unsent_days,
            least.unsent_days,
        )?,
        log_days: days("log_retention_days", shipped.log_days, least.log_days)?,
        consent_days: days(
            "consent_retention_days",
            shipped.consent_days,
            least.consent_days,
        )?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_catalogue_reads() {
        let cities =
            read(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/catalog"))).expect("it reads");
        let cangzhou = cities
            .iter()
            .find(|c| c.slug == "cangzhou")
            .expect("the first city");
        assert_eq!(cangzhou.name, "沧州市中小企业智慧金融服务平台");
        assert_eq!(cangzhou.hotline, "0317-5669898");
        assert_eq!(cangzhou.icp, "冀ICP备20016432");
        let ticked: Vec<_> = cangzhou
            .agreements
            .iter()
            .filter(|a| a.ticked.iter().any(|s| s == "register"))
            .map(|a| &a.title)
            .collect();
        assert_eq!(
            ticked,
            [
                "沧州市中小企业智慧金融服务平台注册服务协议",
                "沧州市中小企业智慧金融服务平台企业社会信用信息查询授权书",
                "沧州市中小企业智慧金融服务平台个人社会信用信息查询授权书",
            ]
        );
    }

    #[test]
    fn a_city_keeps_for_the_days_that_it_sets_and_never_less_than_it_must() {
        let file = Path::new("x.toml");
        let set = |name: &str, days| keeping(file, &BTreeMap::from([(name.to_owned(), days)]));
        assert_eq!(
            keeping(file, &BTreeMap::new()).expect("as shipped"),
            Keeping::default()
        );
        assert_eq!(
            set("log_retention_days", 400).expect("longer").log_days,
            400
        );
        for (name, days) in [
            ("draft_retention_days", 89),
            ("log_retention_days", 183),
            ("consent_retention_days", 1_825),
            ("log_retention_days", 70_000),
        ] {
            assert!(set(name, days).is_err(), "{name} {days}");
        }
    }
}

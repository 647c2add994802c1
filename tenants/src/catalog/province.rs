//! A province's file 省级监管: `catalog/provinces/<province>.toml`. A site with a name, hosts and people, and nothing of a city's.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use application::city::{City, Keeping, Standing, UploadLimits};
use domain::{financing::ClockEras, ids::TenantId, tenant::TenantKind};
use serde::Deserialize;

use super::{CatalogError, text_of};
use crate::check::{is_colour, is_host, is_plain, is_slug};

/// Below the folder of the cities, so that no city is looked for in it.
const FOLDER: &str = "provinces";
const SMS_A_DAY: u32 = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProvinceFile {
    slug: String,
    /// Two digits of the province and four zeros.
    region: String,
    name: String,
    short_name: String,
    hosts: Vec<String>,
    public_site: String,
    hotline: String,
    hotline_hours: String,
    icp: String,
    #[serde(default)]
    public_security_record: String,
    operator: OperatorPart,
    theme: ThemePart,
    /// Who sends its people links and codes, as in a city's file.
    sms: toml::Table,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OperatorPart {
    name: String,
    address: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ThemePart {
    brand: String,
    accent: String,
    logo_char: String,
}

impl ProvinceFile {
    /// What cannot be served.
    fn fault(&self, stem: &str) -> Option<&'static str> {
        let digits = self.region.len() == 6 && self.region.bytes().all(|b| b.is_ascii_digit());
        let texts = [
            &self.name,
            &self.short_name,
            &self.hotline,
            &self.operator.name,
            &self.operator.address,
        ];
        let signs = |text: &str| text.chars().count();
        if !is_slug(&self.slug) || self.slug != stem {
            Some("slug is the name of the file: 2 to 31 small letters, digits and hyphens")
        } else if !digits || !self.region.ends_with("0000") || self.region.starts_with("00") {
            Some("region is the code of a province: two digits and four zeros")
        } else if !(2..=60).contains(&signs(&self.name))
            || !(1..=30).contains(&signs(&self.short_name))
        {
            Some("name has 2 to 60 signs, short_name 1 to 30")
        } else if texts.iter().any(|text| !is_plain(text)) {
            Some("a text holds a sign that no page takes: < > & \" '")
        } else if self.hosts.is_empty() || !self.hosts.iter().all(|host| is_host(host)) {
            Some("hosts are names in small letters, without a port")
        } else if !self.public_site.starts_with("https://") {
            Some("public_site begins with https://")
        } else if !is_colour(&self.theme.brand) || !is_colour(&self.theme.accent) {
            Some("brand and accent are colours, #RRGGBB")
        } else {
            None
        }
    }

    fn site(self) -> City {
        let sms = serde_json::to_value(self.sms).unwrap_or_default();
        City {
            id: TenantId(uuid::Uuid::nil()),
            kind: TenantKind::Province,
            standing: Standing::Open,
            edition: 0,
            slug: self.slug,
            name: self.name,
            second_name: self.short_name,
            mini_program_name: String::new(),
            hosts: self.hosts,
            public_url: self.public_site.trim_end_matches('/').to_owned(),
            hotline: self.hotline,
            hotline_hours: self.hotline_hours,
            icp: self.icp,
            public_security_record: self.public_security_record,
            operator_name: self.operator.name,
            operator_address: self.operator.address,
            tagline: String::new(),
            brand: self.theme.brand,
            accent: self.theme.accent,
            logo_char: self.theme.logo_char,
            logo: None,
            default_province: self.region,
            default_city: String::new(),
            about_file: PathBuf::new(),
            clocks: ClockEras::default(),
            pauses: Vec::new(),
            own_days: BTreeMap::new(),
            own_regions: Arc::default(),
            notice_texts: Arc::default(),
            single_step_up_to_cents: None,
            sms_daily_budget: SMS_A_DAY,
            sms_quiet: None,
            face_failures_per_day: 0,
            uploads: UploadLimits::default(),
            keeping: Keeping::default(),
            agreements: Vec::new(),
            rejection_reasons: Arc::default(),
            intake_refusals: Arc::default(),
            supplement_templates: Arc::default(),
            plugs: BTreeMap::from([("sms".to_owned(), sms)]),
        }
    }
}

/// The names of the provinces that a catalogue holds, in order; most hold none.
pub fn provinces(catalog: &Path) -> Vec<String> {
    let files = super::files(&catalog.join(FOLDER)).unwrap_or_default();
    let stem = |file: &PathBuf| Some(file.file_stem()?.to_string_lossy().into_owned());
    files.iter().filter_map(stem).collect()
}

/// Reads one of them; its id is not known yet and stays nil.
pub fn province(catalog: &Path, slug: &str) -> Result<City, CatalogError> {
    let path = catalog.join(FOLDER).join(format!("{slug}.toml"));
    let text = text_of(&path)?;
    let file: ProvinceFile = toml::from_str(&text).map_err(|source| CatalogError::Parse {
        file: path.clone(),
        source: Box::new(source),
    })?;
    match file.fault(slug) {
        None => Ok(file.site()),
        Some(what) => Err(CatalogError::Wrong {
            file: path,
            what: what.to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_province_reads_and_is_no_city() {
        let catalog = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/catalog"));
        assert_eq!(provinces(catalog), ["hebei"]);
        assert!(provinces(&catalog.join("cangzhou")).is_empty());
        let hebei = province(catalog, "hebei").expect("it reads");
        assert!(hebei.is_province());
        assert_eq!(hebei.default_province, "130000");
        let cities = crate::catalog::read(catalog).expect("they read");
        assert!(cities.iter().all(|city| !city.is_province()));
    }

    #[test]
    fn a_province_is_two_digits_and_four_zeros() {
        let text = include_str!("../../catalog/provinces/hebei.toml");
        let with = |from: &str, to: &str| -> ProvinceFile {
            assert!(text.contains(from), "{from}");
            toml::from_str(&text.replacen(from, to, 1)).expect("it parses")
        };
        assert_eq!(with("130000", "130000").fault("hebei"), None);
        for (from, to) in [
            ("\"130000\"", "\"130900\""),
            ("\"130000\"", "\"13\""),
            ("slug = \"hebei\"", "slug = \"henan\""),
            ("https://", "http://"),
        ] {
            assert!(with(from, to).fault("hebei").is_some(), "{to}");
        }
    }
}

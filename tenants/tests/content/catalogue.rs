//! The city's own words: catalogue, agreements, reasons, about.

use std::collections::{BTreeMap, BTreeSet};

use toml::Table;

use super::{CANGZHOU, CITIES, City, assert_day, assert_unique, read, text, vocabulary};

impl City {
    fn file(&self) -> Table {
        read(&format!("catalog/{}.toml", self.slug))
    }
}

fn string<'a>(table: &'a Table, key: &str) -> &'a str {
    table[key]
        .as_str()
        .unwrap_or_else(|| panic!("{key} is no text"))
}

#[test]
fn the_city_carries_the_words_of_the_manual() {
    let city = CANGZHOU.file();
    assert_eq!(
        string(&city, "name"),
        "沧州市中小企业智慧金融服务平台",
        "M-001"
    );
    assert_eq!(string(&city, "second_name"), "一键融平台", "M-002");
    assert_eq!(string(&city, "mini_program_name"), "一键融服务", "M-003");
    assert_eq!(string(&city, "hotline"), "0317-5669898", "M-018");
    assert_eq!(
        string(&city, "public_site"),
        "https://www.czjrkg.cn",
        "M-019"
    );
    assert_eq!(string(&city, "icp"), "冀ICP备20016432", "M-022");
}

#[test]
fn every_agreement_has_its_file_and_the_title_of_the_catalogue() {
    for city in &CITIES {
        titles(city);
    }
    let file = CANGZHOU.file();
    let titles = titles(&CANGZHOU);
    assert_eq!(
        file["agreements"].as_array().map(Vec::len),
        Some(titles.len())
    );
    assert_eq!(
        titles["register"], "沧州市中小企业智慧金融服务平台注册服务协议",
        "M-112"
    );
    assert_eq!(
        titles["enterprise_credit"], "沧州市中小企业智慧金融服务平台企业社会信用信息查询授权书",
        "M-113"
    );
    assert_eq!(
        titles["personal_credit"], "沧州市中小企业智慧金融服务平台个人社会信用信息查询授权书",
        "M-114"
    );
}

fn titles(city: &City) -> BTreeMap<String, String> {
    let file = city.file();
    let agreements = file["agreements"].as_array().expect("list");
    let mut titles = BTreeMap::new();
    for agreement in agreements.iter().filter_map(toml::Value::as_table) {
        let (code, title) = (string(agreement, "code"), string(agreement, "title"));
        let body = text(&format!("catalog/{}", string(agreement, "file")));
        assert_eq!(body.lines().next(), Some(&*format!("# {title}")), "{code}");
        let length = body.chars().count();
        assert!((800..=3000).contains(&length), "{code}: {length} signs");
        for block in body.trim_end().split("\n\n") {
            assert!(
                !block.contains('\n'),
                "{code}: {block} is not one paragraph"
            );
        }
        assert!(
            body.contains(city.hotline),
            "{code} does not say whom to ask"
        );
        assert_day(code, string(agreement, "effective"));
        titles.insert(code.to_owned(), title.to_owned());
    }
    for code in ["face", "privacy", "application_terms"] {
        assert!(titles.contains_key(code), "{code} is missing");
    }
    titles
}

#[test]
fn registration_asks_for_three_ticks_and_the_request_for_two() {
    CITIES.iter().for_each(ticked);
}

fn ticked(city: &City) {
    let city = city.file();
    let ticked_on = |screen: &str| -> Vec<String> {
        city["agreements"]
            .as_array()
            .expect("list")
            .iter()
            .filter(|agreement| {
                agreement["ticked"]
                    .as_array()
                    .expect("list")
                    .iter()
                    .any(|name| name.as_str() == Some(screen))
            })
            .map(|agreement| agreement["code"].as_str().expect("text").to_owned())
            .collect()
    };
    assert_eq!(
        ticked_on("register"),
        ["register", "enterprise_credit", "personal_credit"]
    );
    assert_eq!(ticked_on("apply"), ["register", "enterprise_credit"]);
    assert_eq!(ticked_on("face"), ["face"]);
}

#[test]
fn every_reason_of_the_vocabulary_has_a_cure_and_every_item_a_known_material() {
    CITIES.iter().for_each(cured);
}

fn cured(city: &City) {
    let file = city.file();
    let reasons: Table = read(&format!("catalog/{}", string(&file, "reasons_file")));
    let rows = |name: &str| reasons[name].as_array().expect("list").clone();
    let mut codes = BTreeSet::new();
    for reason in rows("rejections") {
        let code = reason["code"].as_str().expect("code").to_owned();
        let tip = reason["repair_tip"].as_str().expect("tip");
        assert!(tip.chars().count() >= 15, "{code}: {tip} says too little");
        let days = reason["reapply_days"].as_integer().expect("days");
        assert!((0..=365).contains(&days), "{code}: {days} days");
        assert!(codes.insert(code.clone()), "{code} stands twice");
    }
    assert_eq!(codes, vocabulary("rejection_reason"));
    let materials = vocabulary("material");
    let items = rows("supplement_items");
    assert!(items.len() >= 10);
    assert_unique(
        "supplement item",
        items
            .iter()
            .map(|item| item["code"].as_str().expect("code")),
    );
    for item in &items {
        let material = item["material"].as_str().expect("material");
        assert!(
            material == "other" || materials.contains(material),
            "{material}"
        );
    }
}

#[test]
fn about_tells_of_the_platform_its_steps_and_its_hotline() {
    CITIES.iter().for_each(told);
}

fn told(city: &City) {
    let file = city.file();
    let about: Table = read(&format!("catalog/{}", string(&file, "about_file")));
    assert!(about["sections"].as_array().expect("list").len() >= 3);
    assert_eq!(about["steps"].as_array().expect("list").len(), 5);
    let lines = about["contact"]["lines"].as_array().expect("list");
    let hotline = lines
        .iter()
        .find(|line| line["label"].as_str() == Some("客服电话"))
        .expect("hotline");
    assert_eq!(hotline["value"].as_str(), Some(string(&file, "hotline")));
}

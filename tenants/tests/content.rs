//! The catalogue and the demonstration data: whatever is wrong in them is found here, not by a visitor.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use domain::values::{
    Address, CompanyName, IndustryCode, IndustryLevel, PersonName, PhoneNumber, Rate, RegionCode,
    RegionLevel, ResidentId, TermUnit, UnifiedSocialCreditCode,
};
use serde::Deserialize;
use toml::Table;

const REFERENCE: &str = "../adapters/reference/data";
const FIRST_DAY: &str = "2025-11-25";
const LAST_DAY: &str = "2026-11-25";

fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

fn text(relative: &str) -> String {
    fs::read_to_string(path(relative)).unwrap_or_else(|error| panic!("{relative}: {error}"))
}

fn read<T: for<'de> Deserialize<'de>>(relative: &str) -> T {
    toml::from_str(&text(relative)).unwrap_or_else(|error| panic!("{relative}: {error}"))
}

/// One column of a reference file whose quoted fields never stand before it.
fn column(file: &str, number: usize) -> BTreeSet<String> {
    text(&format!("{REFERENCE}/{file}"))
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').nth(number))
        .map(str::to_owned)
        .collect()
}

fn vocabulary(domain: &str) -> BTreeSet<String> {
    text(&format!("{REFERENCE}/vocabulary.csv"))
        .lines()
        .filter_map(|line| line.strip_prefix(&format!("{domain},")))
        .filter_map(|rest| rest.split(',').next())
        .map(str::to_owned)
        .collect()
}

fn assert_unique<'a>(what: &str, names: impl IntoIterator<Item = &'a str>) {
    let mut seen = BTreeSet::new();
    for name in names {
        assert!(seen.insert(name), "{what} stands twice: {name}");
    }
}

fn assert_day(what: &str, day: &str) {
    let form = day.len() == 10 && day.as_bytes()[4] == b'-' && day.as_bytes()[7] == b'-';
    assert!(form, "{what}: {day} is no day");
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Institutions {
    institutions: Vec<Institution>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Institution {
    key: String,
    name: String,
    short_name: String,
    r#type: String,
    type_label: String,
    platform_owned: bool,
    logo_char: String,
    hotline: String,
    address: String,
    sort: u32,
    intro: Vec<String>,
    branches: Vec<Branch>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Branch {
    key: String,
    name: String,
    region_code: String,
    address: String,
    phone: String,
    hours: String,
    serves: Vec<String>,
    response_hours: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Products {
    products: Vec<Product>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools)] // the file's own words
struct Product {
    key: String,
    institution: String,
    name: String,
    financing_type: String,
    guarantee: String,
    collateral: Vec<String>,
    amount_min: u32,
    amount_max: u32,
    rate_term: String,
    rate_type: String,
    rate_min: String,
    rate_max: String,
    term_min: u16,
    term_max: u16,
    term_unit: String,
    repayment: Vec<String>,
    purposes: Vec<String>,
    first_loan: bool,
    renewal: bool,
    response_days: u32,
    featured: bool,
    published: String,
    intro: Vec<String>,
    highlights: Vec<String>,
    eligibility: String,
    conditions: Vec<String>,
    documents: Vec<String>,
    fees: Vec<Fee>,
    branches: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fee {
    name: String,
    rule: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Enterprises {
    enterprises: Vec<Enterprise>,
}

#[derive(Deserialize)]
struct Enterprise {
    key: String,
    name: String,
    owner_name: String,
    phone: String,
    legal_representative: String,
    region_code: String,
    profile_complete: bool,
    face_verified: bool,
    #[serde(flatten)]
    profile: Option<Profile>,
}

#[derive(Deserialize)]
struct Profile {
    credit_code: String,
    id_number: String,
    legal_phone: String,
    registered_capital: u32,
    enterprise_type: String,
    industry_code: String,
    address: String,
    email: String,
    recommended_institution: Option<String>,
    established: String,
    employees: u32,
    has_loan_history: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StaffFile {
    staff: Vec<Staff>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Staff {
    key: String,
    name: String,
    institution: String,
    branch: String,
    role: String,
    title: String,
    phone: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Policies {
    policies: Vec<Policy>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Policy {
    key: String,
    title: String,
    doc_no: String,
    issuer: String,
    category: String,
    delivery: String,
    published: String,
    deadline: Option<String>,
    tags: Vec<String>,
    audience: String,
    summary: String,
    body: Vec<String>,
    related_products: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewsFile {
    news: Vec<News>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct News {
    key: String,
    title: String,
    source: String,
    category: String,
    published: String,
    pinned: bool,
    summary: String,
    body: Vec<String>,
}

fn institutions() -> Vec<Institution> {
    read::<Institutions>("demo/cangzhou/institutions.toml").institutions
}

fn products() -> Vec<Product> {
    read::<Products>("demo/cangzhou/products.toml").products
}

fn enterprises() -> Vec<Enterprise> {
    read::<Enterprises>("demo/cangzhou/enterprises.toml").enterprises
}

fn catalogue() -> Table {
    read("catalog/cangzhou.toml")
}

fn string<'a>(table: &'a Table, key: &str) -> &'a str {
    table[key]
        .as_str()
        .unwrap_or_else(|| panic!("{key} is no text"))
}

/// Every file that a reader of the portal sees words of.
fn files_with_words() -> Vec<String> {
    let mut files = vec!["catalog/cangzhou.toml".to_owned()];
    for folder in [
        "catalog/cangzhou",
        "catalog/cangzhou/agreements",
        "demo/cangzhou",
    ] {
        for entry in fs::read_dir(path(folder)).expect("folder is there") {
            let entry = entry.expect("entry is readable");
            if entry.file_type().expect("kind is known").is_file() {
                files.push(format!("{folder}/{}", entry.file_name().to_string_lossy()));
            }
        }
    }
    files
}

#[test]
fn the_city_carries_the_words_of_the_manual() {
    let city = catalogue();
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
    let city = catalogue();
    let agreements = city["agreements"].as_array().expect("list");
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
            body.contains("0317-5669898"),
            "{code} does not say whom to ask"
        );
        assert_day(code, string(agreement, "effective"));
        titles.insert(code, title);
    }
    assert_eq!(
        titles["register"], "沧州市中小企业智慧金融服务平台注册服务协议",
        "M-112"
    );
    assert_eq!(
        titles["enterprise_credit"],
        "沧州市中小企业智慧金融服务平台企业社会信用信息查询授权书",
        "M-113"
    );
    assert_eq!(
        titles["personal_credit"], "沧州市中小企业智慧金融服务平台个人社会信用信息查询授权书",
        "M-114"
    );
    for code in ["face", "privacy", "application_terms"] {
        assert!(titles.contains_key(code), "{code} is missing");
    }
}

#[test]
fn registration_asks_for_three_ticks_and_the_request_for_two() {
    let city = catalogue();
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
    let reasons: Table = read(&format!("catalog/{}", string(&catalogue(), "reasons_file")));
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
        items.iter().map(|item| item["code"].as_str().expect("code")),
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
    let about: Table = read(&format!("catalog/{}", string(&catalogue(), "about_file")));
    assert!(about["sections"].as_array().expect("list").len() >= 3);
    assert_eq!(about["steps"].as_array().expect("list").len(), 5);
    let lines = about["contact"]["lines"].as_array().expect("list");
    let hotline = lines
        .iter()
        .find(|line| line["label"].as_str() == Some("客服电话"))
        .expect("hotline");
    assert_eq!(
        hotline["value"].as_str(),
        Some(string(&catalogue(), "hotline"))
    );
}

#[test]
fn institutions_and_their_branches_stand_in_the_city() {
    let (regions, types) = (column("regions.csv", 0), vocabulary("institution_type"));
    let all = institutions();
    assert!(all.len() >= 7, "{} institutions", all.len());
    assert_unique("key", all.iter().map(|i| &*i.key));
    assert_unique("name", all.iter().map(|i| &*i.name));
    assert_unique("short name", all.iter().map(|i| &*i.short_name));
    let branches: Vec<_> = all.iter().flat_map(|i| &i.branches).collect();
    assert_unique("branch key", branches.iter().map(|b| &*b.key));
    assert_unique("branch name", branches.iter().map(|b| &*b.name));
    assert_unique("branch phone", branches.iter().map(|b| &*b.phone));
    assert_eq!(all.iter().filter(|i| i.platform_owned).count(), 1);
    for (position, institution) in (1..).zip(&all) {
        let key = &institution.key;
        assert_eq!(institution.sort, position, "{key}");
        assert!(
            types.contains(&institution.r#type)
                || (institution.platform_owned && institution.r#type == "financial_holding"),
            "{key}: {}",
            institution.r#type
        );
        assert!(!institution.type_label.is_empty() && !institution.address.is_empty());
        assert_eq!(institution.logo_char.chars().count(), 1, "{key}");
        assert!(institution.intro.len() >= 2, "{key}");
        assert!((3..=8).contains(&institution.branches.len()), "{key}");
        let invented = institution.hotline.starts_with("0317-1");
        assert!(
            invented != institution.platform_owned,
            "{key}: {}",
            institution.hotline
        );
    }
    for branch in branches {
        let key = &branch.key;
        let code = RegionCode::parse(&branch.region_code).expect("form of a region code");
        assert_eq!(code.level(), RegionLevel::County, "{key}");
        assert!(
            branch.serves.contains(&branch.region_code),
            "{key} does not serve its own place"
        );
        for county in &branch.serves {
            assert!(
                county.starts_with("1309") && regions.contains(county),
                "{key}: {county}"
            );
        }
        assert!(
            branch.phone.starts_with("0317-1"),
            "{key}: somebody may own {}",
            branch.phone
        );
        Address::parse(&branch.address).unwrap_or_else(|error| panic!("{key}: {error}"));
        assert!(!branch.hours.is_empty());
        assert!((1..=24).contains(&branch.response_hours), "{key}");
    }
}

#[test]
fn products_have_sane_ranges_known_words_and_branches_of_their_own_institution() {
    let all = products();
    let (owned, names): (BTreeMap<_, _>, BTreeSet<_>) = (
        institutions()
            .into_iter()
            .map(|i| (i.key, i.branches.into_iter().map(|b| b.key).collect::<Vec<_>>()))
            .collect(),
        all.iter().map(|p| p.name.clone()).collect(),
    );
    assert!(all.len() >= 42, "{} products", all.len());
    assert_eq!(names.len(), all.len(), "a product name stands twice");
    assert_unique("product key", all.iter().map(|p| &*p.key));
    for product in &all {
        let key = &product.key;
        assert!(product.amount_min >= 1 && product.amount_min < product.amount_max, "{key}");
        let (low, high) = (Rate::parse(&product.rate_min), Rate::parse(&product.rate_max));
        let (low, high) = (low.expect("rate"), high.expect("rate"));
        assert!(low.hundredths() > 0 && low <= high && high.hundredths() <= 1200, "{key}");
        for rate in [&product.rate_min, &product.rate_max] {
            let decimals = rate.split('.').nth(1).map_or(0, str::len);
            assert_eq!(decimals, 2, "{key}: {rate}");
        }
        assert!(product.term_min >= 1 && product.term_min < product.term_max, "{key}");
        let unit = TermUnit::parse(&product.term_unit).expect("unit");
        assert_eq!(unit.label(), product.term_unit, "{key}");
        assert!((2..=40).contains(&product.name.chars().count()), "{key}");
        assert!((1..=10).contains(&product.response_days), "{key}");
        assert!(!product.branches.is_empty(), "{key} is carried nowhere");
        assert_unique(key, product.branches.iter().map(|b| &**b));
        for branch in &product.branches {
            assert!(
                owned[&product.institution].contains(branch),
                "{key}: {branch} is not its own"
            );
        }
        assert_day(key, &product.published);
        assert!(product.intro.iter().all(|line| line.chars().count() >= 15), "{key}");
        assert!(product.conditions.len() >= 3 && product.documents.len() >= 4, "{key}");
        assert_eq!(product.highlights.len(), 3, "{key}");
        assert!(!product.eligibility.is_empty(), "{key}");
        assert!(product.fees.iter().all(|f| !f.name.is_empty() && !f.rule.is_empty()));
    }
}

#[test]
fn products_use_only_codes_of_the_vocabulary() {
    let words = |names: &[&str]| names.iter().flat_map(|n| vocabulary(n)).collect::<BTreeSet<_>>();
    let (types, rate_terms) = (words(&["financing_type"]), words(&["rate_term"]));
    let (rate_types, repayments) = (words(&["rate_type"]), words(&["repayment_method"]));
    let (purposes, security) = (
        words(&["financing_purpose"]),
        words(&["collateral_mortgage", "collateral_pledge"]),
    );
    for product in products() {
        let key = &product.key;
        assert!(types.contains(&product.financing_type), "{key}");
        assert!(rate_terms.contains(&product.rate_term), "{key}");
        assert!(rate_types.contains(&product.rate_type), "{key}");
        let guarantees = ["mortgage", "pledge", "guarantor", "unsecured", "combined"];
        assert!(guarantees.contains(&&*product.guarantee), "{key}");
        let needs_security = ["mortgage", "pledge"].contains(&&*product.guarantee);
        assert!(!needs_security || !product.collateral.is_empty(), "{key}");
        assert!(product.collateral.iter().all(|code| security.contains(code)), "{key}");
        assert!(product.repayment.iter().all(|code| repayments.contains(code)), "{key}");
        assert!(!product.repayment.is_empty() && !product.purposes.is_empty(), "{key}");
        assert!(product.purposes.iter().all(|code| purposes.contains(code)), "{key}");
    }
}

#[test]
fn the_shelf_has_every_kind_of_security_both_units_and_the_product_of_the_manual() {
    let all = products();
    for guarantee in ["mortgage", "pledge", "guarantor", "unsecured", "combined"] {
        let count = all.iter().filter(|p| p.guarantee == guarantee).count();
        assert!(count >= 5, "{guarantee}: {count}");
    }
    for unit in ["年", "月"] {
        assert!(all.iter().any(|p| p.term_unit == unit), "{unit}");
    }
    assert!(all.iter().filter(|p| p.first_loan).count() >= 5);
    assert!(all.iter().filter(|p| p.renewal).count() >= 5);
    assert!((4..=8).contains(&all.iter().filter(|p| p.featured).count()));
    let manual = all
        .iter()
        .find(|p| p.key == "canghai-diya")
        .expect("the manual's product");
    assert_eq!((&*manual.rate_min, &*manual.rate_max), ("3.75", "3.75"), "M-304");
    assert_eq!((manual.amount_min, manual.amount_max), (1, 500), "M-305");
    assert_eq!(
        (manual.term_min, manual.term_max, &*manual.term_unit),
        (1, 10, "年"),
        "M-306"
    );
    assert_eq!(manual.guarantee, "mortgage", "M-307");
    for institution in institutions() {
        let count = all.iter().filter(|p| p.institution == institution.key).count();
        assert!(count >= 3, "{} has {count}", institution.key);
    }
}

#[test]
fn enterprises_have_right_check_digits_and_belong_to_nobody() {
    let (regions, industries) = (column("regions.csv", 0), column("industries.csv", 0));
    let (types, houses) = (vocabulary("enterprise_type"), institutions());
    let all = enterprises();
    for enterprise in &all {
        let key = &enterprise.key;
        CompanyName::parse(&enterprise.name).unwrap_or_else(|error| panic!("{key}: {error}"));
        for person in [&enterprise.owner_name, &enterprise.legal_representative] {
            PersonName::parse(person).unwrap_or_else(|error| panic!("{key}: {error}"));
        }
        PhoneNumber::parse(&enterprise.phone).unwrap_or_else(|error| panic!("{key}: {error}"));
        let region = RegionCode::parse(&enterprise.region_code).expect("form of a region code");
        assert_eq!(region.level(), RegionLevel::Township, "{key}");
        assert!(enterprise.region_code.starts_with("1309"), "{key}");
        assert!(regions.contains(&enterprise.region_code), "{key}");
        assert_eq!(enterprise.profile.is_some(), enterprise.profile_complete, "{key}");
        let Some(profile) = &enterprise.profile else {
            continue;
        };
        UnifiedSocialCreditCode::parse(&profile.credit_code)
            .unwrap_or_else(|error| panic!("{key}: {error}"));
        assert_eq!(&profile.credit_code[8..11], "PDY", "{key}: somebody may own it");
        ResidentId::restore(&profile.id_number).unwrap_or_else(|error| panic!("{key}: {error}"));
        assert_eq!(&profile.id_number[6..8], "18", "{key}: somebody may own it");
        PhoneNumber::parse(&profile.legal_phone).unwrap_or_else(|error| panic!("{key}: {error}"));
        let industry = IndustryCode::parse(&profile.industry_code).expect("form of a code");
        assert_eq!(industry.level(), IndustryLevel::Group, "{key}");
        assert!(industries.contains(&profile.industry_code), "{key}");
        assert!(types.contains(&profile.enterprise_type), "{key}");
        Address::parse(&profile.address).unwrap_or_else(|error| panic!("{key}: {error}"));
        assert!(profile.email.ends_with(".example"), "{key}");
        assert!(profile.registered_capital > 0 && profile.employees > 0, "{key}");
        assert_day(key, &profile.established);
        if let Some(house) = &profile.recommended_institution {
            assert!(houses.iter().any(|i| i.key == *house), "{key}: {house}");
        }
    }
    assert_unique("enterprise key", all.iter().map(|e| &*e.key));
    assert_unique("enterprise name", all.iter().map(|e| &*e.name));
    assert_unique("enterprise phone", all.iter().map(|e| &*e.phone));
    let profiles = || all.iter().filter_map(|e| e.profile.as_ref());
    assert_unique("credit code", profiles().map(|p| &*p.credit_code));
    assert_unique("resident number", profiles().map(|p| &*p.id_number));
    assert!(profiles().any(|p| p.has_loan_history) && profiles().any(|p| !p.has_loan_history));
}

#[test]
fn ten_enterprises_may_apply_one_lacks_the_face_check_and_one_everything() {
    let count = |complete, verified| {
        enterprises()
            .iter()
            .filter(|e| e.profile_complete == complete && e.face_verified == verified)
            .count()
    };
    assert_eq!(count(true, true), 10);
    assert_eq!(count(true, false), 1);
    assert_eq!(count(false, false), 1);
    assert_eq!(count(false, true), 0);
}

#[test]
fn every_branch_has_somebody_to_accept_and_somebody_else_to_decide() {
    let staff = read::<StaffFile>("demo/cangzhou/staff.toml").staff;
    assert_unique("staff key", staff.iter().map(|s| &*s.key));
    assert_unique("staff name", staff.iter().map(|s| &*s.name));
    let enterprises = enterprises();
    assert_unique(
        "phone",
        staff
            .iter()
            .map(|s| &*s.phone)
            .chain(enterprises.iter().map(|e| &*e.phone)),
    );
    for institution in institutions() {
        for (position, branch) in institution.branches.iter().enumerate() {
            let here = |role: &str| {
                staff
                    .iter()
                    .filter(|s| s.branch == branch.key && s.role == role)
                    .inspect(|s| assert_eq!(s.institution, institution.key, "{}", s.key))
                    .count()
            };
            assert!(here("BM") >= 1 && here("BA") >= 1, "{}", branch.key);
            assert!(position > 0 || here("BH") == 1, "{} has no head", branch.key);
        }
    }
    for person in &staff {
        PersonName::parse(&person.name).unwrap_or_else(|error| panic!("{}: {error}", person.key));
        PhoneNumber::parse(&person.phone).unwrap_or_else(|error| panic!("{}: {error}", person.key));
        assert!(["BM", "BA", "BH"].contains(&&*person.role), "{}", person.key);
        assert!(!person.title.is_empty());
    }
}

#[test]
fn policies_and_news_are_of_the_last_year_newest_first_and_long_enough_to_read() {
    let policies = read::<Policies>("demo/cangzhou/policies.toml").policies;
    let news = read::<NewsFile>("demo/cangzhou/news.toml").news;
    assert!(policies.len() >= 14 && news.len() >= 14);
    assert_unique("policy key", policies.iter().map(|p| &*p.key));
    assert_unique("policy title", policies.iter().map(|p| &*p.title));
    assert_unique("document number", policies.iter().map(|p| &*p.doc_no));
    assert_unique("news key", news.iter().map(|n| &*n.key));
    assert_unique("news title", news.iter().map(|n| &*n.title));
    let dates: [Vec<&str>; 2] = [
        policies.iter().map(|p| &*p.published).collect(),
        news.iter().map(|n| &*n.published).collect(),
    ];
    for days in dates {
        assert!(days.is_sorted_by(|newer, older| newer > older), "{days:?}");
        assert!(days.iter().all(|day| (FIRST_DAY..LAST_DAY).contains(day)), "{days:?}");
    }
    let goods: BTreeSet<_> = products().into_iter().map(|p| p.key).collect();
    for policy in &policies {
        let key = &policy.key;
        assert!(["免申即享", "快申快享", "申报"].contains(&&*policy.delivery), "{key}");
        assert!(policy.related_products.iter().all(|p| goods.contains(p)), "{key}");
        assert!(policy.deadline.as_ref().is_none_or(|day| *day > policy.published), "{key}");
        assert!(!policy.tags.is_empty() && !policy.category.is_empty(), "{key}");
        assert!(!policy.audience.is_empty() && !policy.issuer.is_empty(), "{key}");
        assert!(policy.body.concat().chars().count() >= 150, "{key}");
        assert!((20..=120).contains(&policy.summary.chars().count()), "{key}");
    }
    for item in &news {
        let key = &item.key;
        assert!(item.body.concat().chars().count() >= 80, "{key}");
        assert!((15..=120).contains(&item.summary.chars().count()), "{key}");
        assert!(!item.source.is_empty() && !item.category.is_empty(), "{key}");
    }
    assert!(news.iter().any(|n| n.pinned));
}

#[test]
fn no_text_promises_begs_or_speaks_the_language_of_machines() {
    let forbidden = [
        "秒批", "低息", "100%", "系统异常", "非法", "工单", "字段", "null", "OCR", "您好", "!",
        "核实", "TODO", "示例",
    ];
    for file in files_with_words() {
        for (number, line) in (1..).zip(text(&file).lines()) {
            if line.starts_with('#') && file.ends_with(".toml") {
                continue;
            }
            for word in forbidden {
                assert!(!line.contains(word), "{file}:{number}: {word} in {line}");
            }
            let cries = line.replace("“！”", "").contains('！');
            assert!(!cries, "{file}:{number}: an exclamation mark in {line}");
        }
    }
}

#[test]
fn only_the_hotline_of_the_platform_can_be_called() {
    for file in files_with_words() {
        let text = text(&file);
        for (at, _) in text.match_indices("0317-") {
            let number: String = text[at..].chars().take(12).collect();
            assert!(
                number == "0317-5669898" || number.starts_with("0317-1"),
                "{file}: somebody may own {number}"
            );
        }
    }
}

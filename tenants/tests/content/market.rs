//! Institutions, branches and products.

use std::collections::{BTreeMap, BTreeSet};

use domain::eligibility::{EligibilityRule, RuleOperator, RuleSubject};
use domain::values::{Address, Rate, Ratio, RegionCode, RegionLevel, TermUnit};

use super::{CANGZHOU, CITIES, City, assert_day, assert_unique, column, vocabulary};

#[test]
fn institutions_and_their_branches_stand_in_the_city() {
    CITIES.iter().for_each(stand_in_it);
}

fn stand_in_it(city: &City) {
    let (regions, types) = (column("regions.csv", 0), vocabulary("institution_type"));
    let all = city.institutions();
    assert!(all.len() >= city.institutions, "{} institutions", all.len());
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
        let invented = institution.hotline.starts_with(&format!("{}-1", city.area));
        assert!(
            invented || institution.hotline == city.hotline,
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
                county.starts_with(city.region) && regions.contains(county),
                "{key}: {county}"
            );
        }
        assert!(
            branch.phone.starts_with(&format!("{}-1", city.area)),
            "{key}: somebody may own {}",
            branch.phone
        );
        Address::parse(&branch.address).unwrap_or_else(|error| panic!("{key}: {error}"));
        assert!(!branch.hours.is_empty());
    }
}

#[test]
fn products_have_sane_ranges_known_words_and_branches_of_their_own_institution() {
    CITIES.iter().for_each(sane);
}

fn sane(city: &City) {
    let all = city.products();
    let (owned, names): (BTreeMap<_, _>, BTreeSet<_>) = (
        city.institutions()
            .into_iter()
            .map(|i| {
                (
                    i.key,
                    i.branches.into_iter().map(|b| b.key).collect::<Vec<_>>(),
                )
            })
            .collect(),
        all.iter().map(|p| p.name.clone()).collect(),
    );
    assert!(all.len() >= city.products, "{} products", all.len());
    assert_eq!(names.len(), all.len(), "a product name stands twice");
    assert_unique("product key", all.iter().map(|p| &*p.key));
    for product in &all {
        let key = &product.key;
        assert!(
            product.amount_min >= 1 && product.amount_min < product.amount_max,
            "{key}"
        );
        let (low, high) = (
            Rate::parse(&product.rate_min),
            Rate::parse(&product.rate_max),
        );
        let (low, high) = (low.expect("rate"), high.expect("rate"));
        assert!(
            low.hundredths() > 0 && low <= high && high.hundredths() <= 1200,
            "{key}"
        );
        for rate in [&product.rate_min, &product.rate_max] {
            let decimals = rate.split('.').nth(1).map_or(0, str::len);
            assert_eq!(decimals, 2, "{key}: {rate}");
        }
        assert!(
            product.term_min >= 1 && product.term_min < product.term_max,
            "{key}"
        );
        for ratio in [&product.revenue_percent, &product.tax_times] {
            assert!(
                ratio.as_deref().is_none_or(|r| Ratio::parse(r).is_ok()),
                "{key}: {ratio:?}"
            );
        }
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
        assert!(
            product.intro.iter().all(|line| line.chars().count() >= 15),
            "{key}"
        );
        assert!(
            product.conditions.len() >= 3 && product.documents.len() >= 4,
            "{key}"
        );
        assert_eq!(product.highlights.len(), 3, "{key}");
        assert!(!product.eligibility.is_empty(), "{key}");
        assert!(
            product
                .fees
                .iter()
                .all(|f| !f.name.is_empty() && !f.rule.is_empty())
        );
    }
}

#[test]
fn products_use_only_codes_of_the_vocabulary() {
    CITIES.iter().for_each(coded);
}

fn coded(city: &City) {
    let words = |names: &[&str]| {
        names
            .iter()
            .flat_map(|n| vocabulary(n))
            .collect::<BTreeSet<_>>()
    };
    let (types, rate_terms) = (words(&["financing_type"]), words(&["rate_term"]));
    let (rate_types, repayments) = (words(&["rate_type"]), words(&["repayment_method"]));
    let (purposes, security) = (
        words(&["financing_purpose"]),
        words(&["collateral_mortgage", "collateral_pledge"]),
    );
    for product in city.products() {
        let key = &product.key;
        assert!(types.contains(&product.financing_type), "{key}");
        assert!(rate_terms.contains(&product.rate_term), "{key}");
        assert!(rate_types.contains(&product.rate_type), "{key}");
        let guarantees = ["mortgage", "pledge", "guarantor", "unsecured", "combined"];
        assert!(guarantees.contains(&&*product.guarantee), "{key}");
        let needs_security = ["mortgage", "pledge"].contains(&&*product.guarantee);
        assert!(!needs_security || !product.collateral.is_empty(), "{key}");
        assert!(
            product
                .collateral
                .iter()
                .all(|code| security.contains(code)),
            "{key}"
        );
        assert!(
            product
                .repayment
                .iter()
                .all(|code| repayments.contains(code)),
            "{key}"
        );
        assert!(
            !product.repayment.is_empty() && !product.purposes.is_empty(),
            "{key}"
        );
        assert!(
            product.purposes.iter().all(|code| purposes.contains(code)),
            "{key}"
        );
    }
}

#[test]
fn the_shelf_has_every_kind_of_security_both_units_and_the_product_of_the_manual() {
    let city = CANGZHOU;
    let all = city.products();
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
    assert_eq!(
        (&*manual.rate_min, &*manual.rate_max),
        ("3.75", "3.75"),
        "M-304"
    );
    assert_eq!((manual.amount_min, manual.amount_max), (1, 500), "M-305");
    assert_eq!(
        (manual.term_min, manual.term_max, &*manual.term_unit),
        (1, 10, "年"),
        "M-306"
    );
    assert_eq!(manual.guarantee, "mortgage", "M-307");
    for institution in city.institutions() {
        let count = all
            .iter()
            .filter(|p| p.institution == institution.key)
            .count();
        assert!(count >= 3, "{} has {count}", institution.key);
    }
}

#[test]
fn every_rule_of_eligibility_is_one_and_no_product_has_two_of_a_kind() {
    let mut told = 0;
    for product in CITIES.iter().flat_map(City::products) {
        let industry = (!product.industries.is_empty()).then(|| {
            EligibilityRule::new(
                RuleSubject::Industry,
                RuleOperator::AnyOf,
                product.industries.clone(),
            )
        });
        let rules = product.rules.into_iter().map(|rule| {
            let subject = RuleSubject::from_code(&rule.subject).expect("a known subject");
            let operator = RuleOperator::from_code(&rule.operator).expect("a known operator");
            EligibilityRule::new(subject, operator, rule.values)
        });
        let mut subjects = BTreeSet::new();
        for rule in industry.into_iter().chain(rules) {
            let rule = rule.unwrap_or_else(|error| panic!("{}: {error}", product.key));
            assert!(subjects.insert(rule.subject()), "{} twice", product.key);
            told += 1;
        }
    }
    assert!(told > 20, "{told} rules");
}

//! Searching 产品筛选: words, filters, orders, and the counts beside the choices.

use domain::{ids::ProductId, product::GuaranteeType, values::Cents};
use uuid::Uuid;

use super::content;
use crate::catalogue::{Lane, ProductSearch, RateBand, Snapshot, Sort, TermBand};

fn names(ask: &ProductSearch) -> Vec<String> {
    let snapshot = Snapshot::new(1, content());
    let found = snapshot.search(ask);
    found.products.iter().map(|p| p.name.clone()).collect()
}

fn words(words: &str) -> ProductSearch {
    ProductSearch {
        words: words.to_owned(),
        ..ProductSearch::default()
    }
}

#[test]
fn every_word_must_be_found_in_product_institution_or_guarantee() {
    assert_eq!(names(&words("运河 质押")), ["仓单质押贷"]);
    assert_eq!(names(&words("海边　信用")), ["快捷信用贷ABC"]);
    assert_eq!(names(&words("海边 质押")), Vec::<String>::new());
    assert_eq!(
        names(&words("押贷")).len(),
        2,
        "parts of Chinese words are found"
    );
}

#[test]
fn full_width_and_capital_letters_are_the_same_word() {
    assert_eq!(names(&words("ａｂｃ")), ["快捷信用贷ABC"]);
    assert_eq!(names(&words("Abc")), ["快捷信用贷ABC"]);
}

#[test]
fn signs_of_patterns_are_only_signs() {
    for odd in ["%", "_", ".*", "'", "\\", "<b>"] {
        assert_eq!(names(&words(odd)), Vec::<String>::new(), "{odd}");
    }
}

#[test]
fn a_product_whose_institution_is_gone_is_not_shown() {
    let snapshot = Snapshot::new(1, content());
    assert!(snapshot.product(ProductId(Uuid::from_u128(16))).is_none());
    assert!(!names(&ProductSearch::default()).contains(&"无主产品".to_owned()));
}

#[test]
fn filters_narrow_and_combine() {
    let ask = ProductSearch {
        amount: Some(Cents::from_wan(300).expect("valid")),
        ..ProductSearch::default()
    };
    assert_eq!(names(&ask).len(), 3, "three products reach 300");
    let ask = ProductSearch {
        term: Some(TermBand::Longer),
        ..ask
    };
    assert_eq!(names(&ask), ["厂房抵押贷"]);
    let ask = ProductSearch {
        lane: Some(Lane::FirstLoan),
        ..ProductSearch::default()
    };
    assert_eq!(names(&ask), ["快捷信用贷ABC"]);
    let ask = ProductSearch {
        county: Some("130902".to_owned()),
        ..ProductSearch::default()
    };
    assert_eq!(
        names(&ask),
        ["厂房抵押贷"],
        "a branch next door serves the county"
    );
    let ask = ProductSearch {
        holding_only: true,
        ..ProductSearch::default()
    };
    assert_eq!(names(&ask), ["应急转贷"]);
}

#[test]
fn a_guarantors_fee_is_not_taken_for_a_low_rate() {
    let ask = ProductSearch {
        rate: Some(RateBand::To350),
        ..ProductSearch::default()
    };
    assert_eq!(names(&ask), ["仓单质押贷"]);
    let ask = ProductSearch {
        sort: Sort::LowRate,
        ..ProductSearch::default()
    };
    assert_eq!(
        names(&ask),
        [
            "仓单质押贷",
            "厂房抵押贷",
            "快捷信用贷ABC",
            "应急转贷",
            "担保费率方案"
        ]
    );
}

#[test]
fn orders_are_total() {
    let sorted = |sort| {
        names(&ProductSearch {
            sort,
            ..ProductSearch::default()
        })
    };
    assert_eq!(sorted(Sort::Overall)[0], "仓单质押贷", "featured first");
    assert_eq!(sorted(Sort::Newest)[0], "应急转贷");
    assert_eq!(sorted(Sort::HighAmount)[0], "应急转贷");
    assert_eq!(sorted(Sort::LongTerm)[0], "厂房抵押贷");
}

#[test]
fn the_count_beside_a_choice_is_what_choosing_it_shows() {
    let snapshot = Snapshot::new(1, content());
    let base = ProductSearch {
        amount: Some(Cents::from_wan(60).expect("valid")),
        guarantee: Some(GuaranteeType::Unsecured),
        ..ProductSearch::default()
    };
    let facets = snapshot.search(&base).facets;
    for guarantee in GuaranteeType::ALL {
        let chosen = ProductSearch {
            guarantee: Some(*guarantee),
            ..base.clone()
        };
        let count = facets.guarantees.get(guarantee).copied().unwrap_or(0);
        assert_eq!(
            snapshot.search(&chosen).products.len(),
            count,
            "{guarantee:?}"
        );
    }
    for term in TermBand::ALL {
        let chosen = ProductSearch {
            term: Some(*term),
            ..base.clone()
        };
        let count = facets.terms.get(term).copied().unwrap_or(0);
        assert_eq!(snapshot.search(&chosen).products.len(), count, "{term:?}");
    }
    for institution in &snapshot.content.institutions {
        let chosen = ProductSearch {
            institutions: [institution.id].into(),
            ..base.clone()
        };
        let count = facets
            .institutions
            .get(&institution.id)
            .copied()
            .unwrap_or(0);
        assert_eq!(snapshot.search(&chosen).products.len(), count);
    }
}

#[test]
fn a_product_for_some_industries_is_found_under_them_and_one_for_all_under_each() {
    let mut content = content();
    assert!(content.products.len() > 1);
    for product in &mut content.products {
        product.industries = vec!["C".to_owned()];
    }
    content.products[0].industries.clear();
    let all = content.products.len();
    let snapshot = Snapshot::new(1, content);
    let under = |section: &str| ProductSearch {
        industry: Some(section.to_owned()),
        ..ProductSearch::default()
    };
    let makers = snapshot.search(&under("C"));
    let farmers = snapshot.search(&under("A"));
    assert!(makers.products.len() > farmers.products.len());
    assert!(farmers.products.iter().all(|p| p.industries.is_empty()));
    // The counts of the choices do not depend on the choice itself.
    assert_eq!(makers.facets.industries, farmers.facets.industries);
    assert_eq!(makers.facets.industries["C"], makers.products.len());
    assert_eq!(makers.facets.industries["A"], farmers.products.len());
    assert!(makers.products.len() <= all);
}

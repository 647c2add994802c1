//! Fit 匹配度: an enterprise beside the rules of products, and beside those whom a policy is for.

use domain::{
    eligibility::{EligibilityRule, RuleOperator, RuleSubject},
    product::GuaranteeType,
};
use time::macros::datetime;
use uuid::Uuid;

use super::content;
use crate::catalogue::{Fit, Found, OwnProfile, ProductSearch, Snapshot};

fn maker() -> OwnProfile {
    OwnProfile {
        section: Some("C".to_owned()),
        region: "130903001".to_owned(),
        first_loan: true,
        capital: None,
    }
}

fn rule(subject: RuleSubject, operator: RuleOperator, value: &str) -> EligibilityRule {
    EligibilityRule::new(subject, operator, vec![value.to_owned()]).expect("a rule")
}

/// 厂房抵押贷 for farmers, 快捷信用贷ABC for makers, 仓单质押贷 for a capital that nobody told; the others have no rules.
fn ruled() -> Snapshot {
    let mut content = content();
    let section = |code| rule(RuleSubject::Industry, RuleOperator::AnyOf, code);
    content.products[0].rules = vec![section("A")];
    content.products[1].rules = vec![section("C")];
    content.products[2].rules = vec![rule(RuleSubject::Capital, RuleOperator::AtLeast, "100")];
    Snapshot::new(1, content)
}

#[test]
fn by_fit_the_most_rules_met_come_first_and_what_is_unknown_before_what_is_not_met() {
    let snapshot = ruled();
    let ask = ProductSearch {
        by_fit: true,
        ..ProductSearch::default()
    };
    let own = maker();
    let found = snapshot.search_as(&ask, Some(&own)).products;
    let names: Vec<&str> = found.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "快捷信用贷ABC",
            "应急转贷",
            "担保费率方案",
            "仓单质押贷",
            "厂房抵押贷"
        ]
    );
}

#[test]
fn only_what_fits_leaves_out_what_is_not_met_and_nothing_that_is_merely_unknown() {
    let snapshot = ruled();
    let ask = ProductSearch {
        fitting_only: true,
        ..ProductSearch::default()
    };
    let own = maker();
    let all = snapshot.search_as(&ProductSearch::default(), Some(&own));
    assert_eq!((all.products.len(), all.fitting), (5, 4));
    let found = snapshot.search_as(&ask, Some(&own));
    assert_eq!((found.products.len(), found.fitting), (4, 4));
    assert!(found.products.iter().all(|p| p.name != "厂房抵押贷"));
    let mortgages = found.facets.guarantees.get(&GuaranteeType::Mortgage);
    assert_eq!(mortgages, None, "the counts say what would be shown");
}

#[test]
fn a_visitor_is_compared_with_nothing_whatever_the_address_asks() {
    let snapshot = ruled();
    let ask = ProductSearch {
        by_fit: true,
        fitting_only: true,
        ..ProductSearch::default()
    };
    let names = |found: Found<'_>| -> Vec<String> {
        found.products.iter().map(|p| p.name.clone()).collect()
    };
    let plain = names(snapshot.search(&ProductSearch::default()));
    assert_eq!(names(snapshot.search(&ask)), plain);
}

#[test]
fn a_fit_counts_every_rule_once() {
    let snapshot = ruled();
    let own = maker();
    let fit = |at: usize| own.fit(&snapshot.content.products[at].rules);
    let counted = |met, not_met, unknown| Fit {
        met,
        not_met,
        unknown,
    };
    assert_eq!(fit(0), counted(0, 1, 0));
    assert_eq!(fit(1), counted(1, 0, 0));
    assert_eq!(fit(2), counted(0, 0, 1));
    assert!(fit(2).may() && !fit(0).may() && !fit(3).has_rules());
}

#[test]
fn a_policy_fits_who_meets_every_condition_that_it_names() {
    use crate::ports::catalogue::{Article, ArticleKind, Reader};
    let mut policy = Article {
        id: Uuid::nil(),
        kind: ArticleKind::Policy,
        title: "贴息".to_owned(),
        category: String::new(),
        source: String::new(),
        delivery: String::new(),
        audience: String::new(),
        pinned: false,
        related_products: Vec::new(),
        document_no: String::new(),
        issuer: String::new(),
        summary: String::new(),
        body: String::new(),
        tags: Vec::new(),
        deadline: None,
        industries: Vec::new(),
        regions: Vec::new(),
        first_loan: false,
        subsidy: None,
        attachments: None,
        published_at: datetime!(2026-11-25 09:00 +8),
    };
    let own = Reader {
        section: Some("C"),
        region: "130903001",
        first_loan: false,
    };
    assert!(
        !policy.fits(&own),
        "what is for everybody is marked for nobody"
    );
    policy.industries = vec!["A".to_owned(), "C".to_owned()];
    assert!(policy.fits(&own));
    policy.regions = vec!["130903".to_owned()];
    assert!(policy.fits(&own));
    policy.regions = vec!["130921".to_owned()];
    assert!(!policy.fits(&own), "another county");
    policy.regions.clear();
    policy.first_loan = true;
    assert!(!policy.fits(&own), "not a first loan");
    assert!(
        !policy.fits(&Reader {
            section: None,
            first_loan: true,
            ..own
        }),
        "nothing is known of the trade"
    );
}

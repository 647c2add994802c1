use std::sync::{
    Mutex,
    atomic::{AtomicBool, AtomicUsize},
};

use domain::{
    eligibility::{EligibilityRule, RuleOperator, RuleSubject},
    estimate::AmountBounds,
    ids::ProductId,
    product::{GuaranteeType, ProductRange},
    values::{Cents, Rate, TermUnit},
};
use time::{OffsetDateTime, macros::datetime};
use uuid::Uuid;

use super::*;
use crate::{
    access::{AccessAsk, AccessPolicy, Permit},
    ports::{
        catalogue::{Branch, Content, Institution, Product},
        store::StoreError,
    },
};

fn tenant(n: u128) -> TenantId {
    TenantId(Uuid::from_u128(n))
}

fn institution(n: u128, name: &str, holding: bool) -> Institution {
    Institution {
        id: tenant(n),
        name: name.to_owned(),
        short_name: name.chars().take(4).collect(),
        kind: String::new(),
        type_label: String::new(),
        holding,
        intro: String::new(),
        hotline: String::new(),
        address: String::new(),
        mark: String::new(),
        position: 0,
    }
}

/// Amounts in 万元, rates in hundredths, terms in months.
fn product(
    n: u128,
    bank: u128,
    name: &str,
    guarantee: GuaranteeType,
    figures: [u32; 6],
) -> Product {
    let [
        amount_min,
        amount_max,
        rate_min,
        rate_max,
        term_min,
        term_max,
    ] = figures;
    let rate = |r: u32| Rate::new(i32::try_from(r).expect("small")).expect("valid");
    Product {
        id: ProductId(Uuid::from_u128(n)),
        institution: tenant(bank),
        version: 1,
        name: name.to_owned(),
        intro: String::new(),
        financing_type: String::new(),
        guarantee,
        range: ProductRange {
            amount_min: Cents::from_wan(amount_min).expect("valid"),
            amount_max: Cents::from_wan(amount_max).expect("valid"),
            rate_min: rate(rate_min),
            rate_max: rate(rate_max),
            term_min: u16::try_from(term_min).expect("small"),
            term_max: u16::try_from(term_max).expect("small"),
            term_unit: TermUnit::Month,
        },
        repayment_methods: Vec::new(),
        rate_term: "annual_rate".to_owned(),
        rate_type: "fixed".to_owned(),
        collateral: Vec::new(),
        purposes: Vec::new(),
        fees: Vec::new(),
        conditions: Vec::new(),
        documents: Vec::new(),
        eligibility: String::new(),
        highlights: Vec::new(),
        first_loan: false,
        renewal: false,
        featured: false,
        response_days: None,
        published_at: Some(
            time::OffsetDateTime::UNIX_EPOCH
                + time::Duration::days(i64::try_from(n).expect("small")),
        ),
        branches: Vec::new(),
        industries: Vec::new(),
        rules: Vec::new(),
        bounds: AmountBounds::default(),
    }
}

fn content() -> Content {
    use GuaranteeType as G;
    let mut products = vec![
        product(
            11,
            1,
            "厂房抵押贷",
            G::Mortgage,
            [1, 500, 375, 375, 12, 120],
        ),
        product(
            12,
            1,
            "快捷信用贷ABC",
            G::Unsecured,
            [10, 100, 420, 560, 6, 24],
        ),
        product(13, 2, "仓单质押贷", G::Pledge, [50, 1_000, 330, 450, 3, 12]),
        product(
            14,
            2,
            "担保费率方案",
            G::Guarantor,
            [1, 50, 50, 100, 12, 36],
        ),
        product(
            15,
            3,
            "应急转贷",
            G::Unsecured,
            [100, 3_000, 600, 900, 1, 3],
        ),
        product(16, 9, "无主产品", G::Mortgage, [1, 500, 300, 300, 12, 12]),
    ];
    products[0].renewal = true;
    products[1].first_loan = true;
    products[2].featured = true;
    products[3].rate_term = "guarantee_fee".to_owned();
    products[0].branches = vec![tenant(21), tenant(99)];
    products[2].branches = vec![tenant(22)];
    let branch = |n, bank, region: &str, serves: &[&str]| Branch {
        id: tenant(n),
        bank: tenant(bank),
        name: String::new(),
        region_code: region.to_owned(),
        serves: serves.iter().map(|s| (*s).to_owned()).collect(),
        address: String::new(),
        phone: String::new(),
        opening_hours: String::new(),
        counter_check: true,
        usual_response_hours: None,
    };
    Content {
        retired: Vec::new(),
        paused: Vec::new(),
        rules: Vec::new(),
        institutions: vec![
            institution(1, "海边银行分行", false),
            institution(2, "运河农村商业银行", false),
            institution(3, "金控公司", true),
        ],
        branches: vec![
            branch(21, 1, "130903", &["130902"]),
            branch(22, 2, "130924", &[]),
        ],
        products,
        ..Content::default()
    }
}

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

struct Everybody;

#[async_trait]
impl AccessPolicy for Everybody {
    async fn allows(&self, _: &AccessAsk) -> bool {
        true
    }
}

struct Morning(Mutex<OffsetDateTime>);

impl Clock for Morning {
    fn now(&self) -> OffsetDateTime {
        *self.0.lock().expect("unpoisoned")
    }

    fn new_id(&self) -> Uuid {
        Uuid::nil()
    }
}

#[derive(Default)]
struct Source {
    content: Mutex<Content>,
    reads: AtomicUsize,
    away: AtomicBool,
}

#[async_trait]
impl CatalogueSource for Source {
    async fn load(&self, _: &Permit, _: OffsetDateTime) -> Result<Content, StoreError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        if self.away.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("away".into()));
        }
        Ok(self.content.lock().expect("unpoisoned").clone())
    }
}

fn portal() -> (Arc<Source>, Portal) {
    let source = Arc::new(Source::default());
    let portal = Portal::new(
        Guard::new(Arc::new(Everybody)),
        source.clone(),
        Arc::new(Morning(Mutex::new(datetime!(2026-11-25 09:00 +8)))),
    );
    (source, portal)
}

#[tokio::test]
async fn the_database_is_asked_once_until_told_of_a_change() {
    let (source, portal) = portal();
    let first = portal.snapshot(tenant(7)).await.expect("it loads");
    let again = portal.snapshot(tenant(7)).await.expect("it loads");
    assert_eq!(
        (first.generation, source.reads.load(Ordering::SeqCst)),
        (again.generation, 1)
    );
    *source.content.lock().expect("unpoisoned") = content();
    portal.changed(Some(tenant(8)));
    assert_eq!(
        portal
            .snapshot(tenant(7))
            .await
            .expect("kept")
            .content
            .products
            .len(),
        0
    );
    portal.changed(Some(tenant(7)));
    assert!(
        portal.at_hand(tenant(7)).is_none(),
        "what changed is not answered from memory"
    );
    let fresh = portal.snapshot(tenant(7)).await.expect("it loads");
    assert_eq!(fresh.content.products.len(), 6);
    assert_ne!(fresh.generation, first.generation);
}

#[tokio::test]
async fn reading_the_same_again_keeps_the_generation() {
    let (_, portal) = portal();
    let first = portal.snapshot(tenant(7)).await.expect("it loads");
    portal.changed(None);
    assert_eq!(
        portal
            .snapshot(tenant(7))
            .await
            .expect("it loads")
            .generation,
        first.generation
    );
}

#[tokio::test]
async fn the_last_state_is_shown_while_the_database_is_away() {
    let (source, portal) = portal();
    source.away.store(true, Ordering::SeqCst);
    assert!(
        portal.snapshot(tenant(7)).await.is_err(),
        "nothing was ever read"
    );
    source.away.store(false, Ordering::SeqCst);
    portal.snapshot(tenant(7)).await.expect("it loads");
    source.away.store(true, Ordering::SeqCst);
    portal.changed(None);
    assert!(portal.snapshot(tenant(7)).await.is_ok());
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

#[tokio::test]
async fn what_was_scheduled_is_read_again_when_its_time_has_come() {
    let source = Arc::new(Source::default());
    let clock = Arc::new(Morning(Mutex::new(datetime!(2026-11-25 09:00 +8))));
    let guard = Guard::new(Arc::new(Everybody));
    let portal = Portal::new(guard, source.clone(), clock.clone());
    source.content.lock().expect("unpoisoned").changes_at = Some(datetime!(2026-11-25 10:00 +8));
    let reads = || source.reads.load(Ordering::SeqCst);
    portal.snapshot(tenant(1)).await.expect("it is read");
    portal.snapshot(tenant(1)).await.expect("it is kept");
    assert_eq!(reads(), 1);
    *clock.0.lock().expect("unpoisoned") = datetime!(2026-11-25 10:00 +8);
    assert!(portal.at_hand(tenant(1)).is_none(), "not past its time");
    portal.snapshot(tenant(1)).await.expect("it is read again");
    assert_eq!(reads(), 2);
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

#[test]
fn a_loan_is_reckoned_with_the_products_own_figures() {
    let figures = [1, 500, 375, 375, 12, 36];
    let mut product = product(1, 2, "惠民抵押贷", GuaranteeType::Mortgage, figures);
    let typed = |amount: &str, term: &str, rate: &str, method: &str| TypedLoan {
        amount: amount.to_owned(),
        term: term.to_owned(),
        rate: rate.to_owned(),
        method: method.to_owned(),
    };
    let loan = typed("100", "12", "3.75", "monthly_interest_bullet");
    let plan = product.repayment(&loan).expect("a plan");
    assert_eq!(plan.interest.format_yuan(), "37,500.00");
    assert_eq!(plan.instalments.len(), 12);
    let wrong = |product: &Product, loan: &TypedLoan| -> Vec<String> {
        let faults = product.repayment(loan).expect_err("refused");
        faults.into_iter().map(|fault| fault.field).collect()
    };
    let none = typed("501", "x", "3.74", "zzz");
    assert_eq!(wrong(&product, &none), ["amount", "term", "rate", "method"]);
    product.repayment_methods = vec!["equal_installment".to_owned()];
    assert_eq!(
        wrong(&product, &loan),
        ["method"],
        "only the ways of paying back that the product has"
    );
    product.rate_term = "guarantee_fee".to_owned();
    assert!(
        product.computed_methods().is_empty(),
        "a fee is no interest"
    );
}

//! A city's shelf to search in, and the snapshots of it: read once, kept while the database is away, read again when told.

mod fit;
mod repayment;
mod search;

use std::sync::{
    Mutex,
    atomic::{AtomicBool, AtomicUsize},
};

use domain::{
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
async fn a_call_that_the_catalogue_does_not_explain_means_what_pages_show_beside_it() {
    let (_, portal) = portal();
    let first = portal.snapshot(tenant(7)).await.expect("it loads");
    portal.changed(None);
    let told = portal.snapshot(tenant(7)).await.expect("it loads");
    assert_ne!(told.generation, first.generation);
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

#[tokio::test]
async fn what_was_scheduled_is_read_again_when_its_time_has_come() {
    let source = Arc::new(Source::default());
    let clock = Arc::new(Morning(Mutex::new(datetime!(2026-11-25 09:00 +8))));
    let guard = Guard::new(Arc::new(Everybody));
    let portal = Portal::new(guard, source.clone(), clock.clone());
    source.content.lock().expect("unpoisoned").changes_at = Some(datetime!(2026-11-25 10:00 +8));
    let reads = || source.reads.load(Ordering::SeqCst);
    let first = portal.snapshot(tenant(1)).await.expect("it is read");
    portal.snapshot(tenant(1)).await.expect("it is kept");
    assert_eq!(reads(), 1);
    *clock.0.lock().expect("unpoisoned") = datetime!(2026-11-25 10:00 +8);
    assert!(portal.at_hand(tenant(1)).is_none(), "not past its time");
    let again = portal.snapshot(tenant(1)).await.expect("it is read again");
    assert_eq!(reads(), 2);
    assert_eq!(
        again.generation, first.generation,
        "the same read again keeps its pages"
    );
}

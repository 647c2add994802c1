//! Search 产品筛选 (A-25, W2): every word must be found in product, institution or guarantee; filters with counts; order.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    ids::TenantId,
    product::GuaranteeType,
    values::{Cents, TermUnit, half_width},
    vocabulary,
};

use super::{OwnProfile, Snapshot};
use crate::ports::catalogue::Product;

const WAN: i64 = 1_000_000;

vocabulary! {
    /// 额度 band: a product fits when its range touches the band.
    AmountBand {
        To50 = "0-50" / "50 万元以下",
        To200 = "50-200" / "50–200 万元",
        To500 = "200-500" / "200–500 万元",
        To1000 = "500-1000" / "500–1,000 万元",
        Over1000 = "1000-" / "1,000 万元以上",
    }
}

impl AmountBand {
    const fn bounds(self) -> (i64, i64) {
        match self {
            Self::To50 => (0, 50 * WAN),
            Self::To200 => (50 * WAN, 200 * WAN),
            Self::To500 => (200 * WAN, 500 * WAN),
            Self::To1000 => (500 * WAN, 1_000 * WAN),
            Self::Over1000 => (1_000 * WAN, i64::MAX),
        }
    }
}

vocabulary! {
    /// 期限 band.
    TermBand {
        HalfYear = "0-6" / "6 个月以内",
        Year = "6-12" / "6–12 个月",
        ThreeYears = "12-36" / "1–3 年",
        FiveYears = "36-60" / "3–5 年",
        Longer = "60-" / "5 年以上",
    }
}

impl TermBand {
    const fn bounds(self) -> (u32, u32) {
        match self {
            Self::HalfYear => (0, 6),
            Self::Year => (6, 12),
            Self::ThreeYears => (12, 36),
            Self::FiveYears => (36, 60),
            Self::Longer => (60, u32::MAX),
        }
    }
}

vocabulary! {
    /// 利率 band, by the lowest rate of the product.
    RateBand {
        To350 = "0-3.5" / "3.50% 以下",
        To450 = "3.5-4.5" / "3.50%–4.50%",
        To600 = "4.5-6" / "4.50%–6.00%",
        Over600 = "6-" / "6.00% 及以上",
    }
}

impl RateBand {
    const fn bounds(self) -> (i32, i32) {
        match self {
            Self::To350 => (0, 350),
            Self::To450 => (350, 450),
            Self::To600 => (450, 600),
            Self::Over600 => (600, i32::MAX),
        }
    }
}

vocabulary! {
    /// 首贷/续贷.
    Lane {
        FirstLoan = "first" / "首贷",
        Renewal = "renewal" / "续贷",
    }
}

vocabulary! {
    /// 排序.
    Sort {
        Overall = "overall" / "综合",
        LowRate = "rate" / "利率低到高",
        HighAmount = "amount" / "额度高到低",
        LongTerm = "term" / "期限长到短",
        Newest = "new" / "最新",
    }
}

/// What is looked for in 金融超市.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductSearch {
    pub words: String,
    pub institutions: BTreeSet<TenantId>,
    pub guarantee: Option<GuaranteeType>,
    pub band: Option<AmountBand>,
    /// 我需要: an amount that the product must be able to give.
    pub amount: Option<Cents>,
    pub term: Option<TermBand>,
    pub rate: Option<RateBand>,
    pub lane: Option<Lane>,
    /// 适用行业: a section; products for all industries fit too.
    pub industry: Option<String>,
    /// County in which a branch stands or which it serves.
    pub county: Option<String>,
    pub holding_only: bool,
    pub sort: Sort,
    /// 按匹配度, before the order: only where the own profile is known.
    pub by_fit: bool,
    /// 只看符合条件: nothing of which a rule is not met; only where the own profile is known.
    pub fitting_only: bool,
}

impl Default for ProductSearch {
    fn default() -> Self {
        Self {
            words: String::new(),
            institutions: BTreeSet::new(),
            guarantee: None,
            band: None,
            amount: None,
            term: None,
            rate: None,
            lane: None,
            industry: None,
            county: None,
            holding_only: false,
            sort: Sort::Overall,
            by_fit: false,
            fitting_only: false,
        }
    }
}

/// How many products each choice would show, all other filters kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    pub institutions: BTreeMap<TenantId, usize>,
    pub guarantees: GuaranteeCount,
    pub bands: BTreeMap<AmountBand, usize>,
    pub terms: BTreeMap<TermBand, usize>,
    pub rates: BTreeMap<RateBand, usize>,
    pub lanes: BTreeMap<Lane, usize>,
    pub industries: BTreeMap<String, usize>,
    pub counties: BTreeMap<String, usize>,
}

/// Products by 担保方式.
pub type GuaranteeCount = BTreeMap<GuaranteeType, usize>;

/// What was found, in order, with the counts of every choice.
#[derive(Debug)]
pub struct Found<'a> {
    pub products: Vec<&'a Product>,
    pub facets: Facets,
    /// How many of them 只看符合条件 shows; all of them while nobody's profile is known.
    pub fitting: usize,
}

/// Text prepared for searching.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(String);

impl Text {
    /// True when every word is found somewhere in it.
    pub fn holds(&self, words: &[String]) -> bool {
        words.iter().all(|word| self.0.contains(word.as_str()))
    }
}

/// Half-width and small letters: how text is compared.
pub fn fold(text: &str) -> Text {
    Text(half_width(text).to_lowercase())
}

pub(super) fn words_of(typed: &str) -> Vec<String> {
    fold(typed)
        .0
        .split_whitespace()
        .map(str::to_owned)
        .collect()
}

/// The filters, one bit each: a product that misses only one of them counts for that filter's choices.
const INSTITUTION: u8 = 1;
const GUARANTEE: u8 = 1 << 1;
const AMOUNT: u8 = 1 << 2;
const TERM: u8 = 1 << 3;
const RATE: u8 = 1 << 4;
const LANE: u8 = 1 << 5;
const COUNTY: u8 = 1 << 6;
const INDUSTRY: u8 = 1 << 7;

/// Sections 门类 of the national list, for which a product may be offered.
const SECTIONS: std::ops::RangeInclusive<char> = 'A'..='T';

impl Snapshot {
    /// 金融超市: what fits, in the asked order, with the counts of every choice.
    pub fn search(&self, ask: &ProductSearch) -> Found<'_> {
        self.search_as(ask, None)
    }

    /// The same for an enterprise whose profile is known (W3).
    pub fn search_as(&self, ask: &ProductSearch, own: Option<&OwnProfile>) -> Found<'_> {
        let words = words_of(&ask.words);
        let mut products = Vec::new();
        let mut facets = Facets::default();
        let mut fitting = 0;
        for (at, product) in self.shown() {
            if !self.product_texts[at].holds(&words)
                || ask.amount.is_some_and(|a| !gives(product, a))
                || (ask.holding_only
                    && !self
                        .institution(product.institution)
                        .is_some_and(|i| i.holding))
            {
                continue;
            }
            let missed = self.misses(ask, product);
            let fits = own.is_none_or(|own| own.fit(&product.rules).may());
            if missed == 0 && fits {
                fitting += 1;
            }
            if ask.fitting_only && !fits {
                continue;
            }
            if missed == 0 {
                products.push(product);
            }
            self.count(&mut facets, product, missed);
        }
        order(&mut products, ask.sort);
        if let Some(own) = own.filter(|_| ask.by_fit) {
            // Stable: what fits alike stays in the order from before.
            products.sort_by_cached_key(|p| own.fit(&p.rules).rank());
        }
        Found {
            products,
            facets,
            fitting,
        }
    }

    fn misses(&self, ask: &ProductSearch, product: &Product) -> u8 {
        let institution =
            ask.institutions.is_empty() || ask.institutions.contains(&product.institution);
        let county = ask
            .county
            .as_ref()
            .is_none_or(|c| self.counties(product).contains(c.as_str()));
        let bit = |fits: bool, bit: u8| if fits { 0 } else { bit };
        bit(institution, INSTITUTION)
            | bit(
                ask.guarantee.is_none_or(|g| g == product.guarantee),
                GUARANTEE,
            )
            | bit(ask.band.is_none_or(|b| in_band(product, b)), AMOUNT)
            | bit(ask.term.is_none_or(|t| in_term(product, t)), TERM)
            | bit(ask.rate.is_none_or(|r| in_rate(product, r)), RATE)
            | bit(ask.lane.is_none_or(|l| in_lane(product, l)), LANE)
            | bit(county, COUNTY)
            | bit(
                ask.industry
                    .as_ref()
                    .is_none_or(|i| for_industry(product, i)),
                INDUSTRY,
            )
    }

    fn count(&self, facets: &mut Facets, product: &Product, missed: u8) {
        let only = |bit: u8| missed & !bit == 0;
        if only(INSTITUTION) {
            *facets.institutions.entry(product.institution).or_default() += 1;
        }
        if only(GUARANTEE) {
            *facets.guarantees.entry(product.guarantee).or_default() += 1;
        }
        if only(AMOUNT) {
            tally(&mut facets.bands, AmountBand::ALL, |b| in_band(product, b));
        }
        if only(TERM) {
            tally(&mut facets.terms, TermBand::ALL, |t| in_term(product, t));
        }
        if only(RATE) {
            tally(&mut facets.rates, RateBand::ALL, |r| in_rate(product, r));
        }
        if only(LANE) {
            tally(&mut facets.lanes, Lane::ALL, |l| in_lane(product, l));
        }
        if only(INDUSTRY) {
            count_industries(facets, product);
        }
        if only(COUNTY) {
            for county in self.counties(product) {
                *facets.counties.entry(county.to_owned()).or_default() += 1;
            }
        }
    }

    /// Counties where a branch that carries it stands or which it serves.
    fn counties<'a>(&'a self, product: &'a Product) -> BTreeSet<&'a str> {
        self.carriers(product)
            .flat_map(|b| {
                std::iter::once(b.region_code.as_str()).chain(b.serves.iter().map(String::as_str))
            })
            .collect()
    }
}

fn tally<T: Copy + Ord>(counts: &mut BTreeMap<T, usize>, all: &[T], fits: impl Fn(T) -> bool) {
    for choice in all.iter().copied().filter(|c| fits(*c)) {
        *counts.entry(choice).or_default() += 1;
    }
}

fn gives(product: &Product, amount: Cents) -> bool {
    product.range.amount_min <= amount && amount <= product.range.amount_max
}

fn in_band(product: &Product, band: AmountBand) -> bool {
    let (from, to) = band.bounds();
    product.range.amount_min.cents() < to && product.range.amount_max.cents() > from
}

/// Shortest and longest term in months.
fn months(product: &Product) -> (u32, u32) {
    let unit = match product.range.term_unit {
        TermUnit::Month => 1,
        TermUnit::Year => 12,
    };
    (
        u32::from(product.range.term_min) * unit,
        u32::from(product.range.term_max) * unit,
    )
}

fn in_term(product: &Product, band: TermBand) -> bool {
    let (from, to) = band.bounds();
    let (shortest, longest) = months(product);
    shortest <= to && longest > from
}

fn in_rate(product: &Product, band: RateBand) -> bool {
    let (from, to) = band.bounds();
    let lowest = product.range.rate_min.hundredths();
    !product.is_fee_rate() && from <= lowest && lowest < to
}

/// A product for all industries counts for each; only sections that some product names are choices at all.
fn count_industries(facets: &mut Facets, product: &Product) {
    let named: Vec<String> = if product.industries.is_empty() {
        SECTIONS.map(String::from).collect()
    } else {
        product.industries.clone()
    };
    for section in named {
        *facets.industries.entry(section).or_default() += 1;
    }
}

fn for_industry(product: &Product, section: &str) -> bool {
    product.industries.is_empty() || product.industries.iter().any(|i| i == section)
}

fn in_lane(product: &Product, lane: Lane) -> bool {
    match lane {
        Lane::FirstLoan => product.first_loan,
        Lane::Renewal => product.renewal,
    }
}

/// Ties are broken by the newest and then by name, so that pages never overlap.
fn order(products: &mut [&Product], sort: Sort) {
    use std::cmp::Reverse;
    products.sort_by(|a, b| {
        let first = match sort {
            Sort::Overall => Reverse(a.featured).cmp(&Reverse(b.featured)),
            Sort::LowRate => (a.is_fee_rate(), a.range.rate_min, a.range.rate_max).cmp(&(
                b.is_fee_rate(),
                b.range.rate_min,
                b.range.rate_max,
            )),
            Sort::HighAmount => Reverse(a.range.amount_max).cmp(&Reverse(b.range.amount_max)),
            Sort::LongTerm => Reverse(months(a).1).cmp(&Reverse(months(b).1)),
            Sort::Newest => std::cmp::Ordering::Equal,
        };
        first
            .then_with(|| Reverse(a.published_at).cmp(&Reverse(b.published_at)))
            .then_with(|| a.name.cmp(&b.name))
            .then_with(|| a.id.cmp(&b.id))
    });
}

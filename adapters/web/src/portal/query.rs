//! Addresses 筛选条件与网址: a search as it stands in the address bar. What nobody could have meant is left out, and said.

use std::fmt::Write as _;

use application::catalogue::{AmountBand, Lane, ProductSearch, RateBand, Sort, TermBand};
use domain::{ids::TenantId, product::GuaranteeType, values::Cents};

use crate::{visit::encode, words};

const LONGEST_WORDS: usize = 50;
/// 按匹配度 among the orders; only for an enterprise whose profile is known.
const BY_FIT: &str = "fit";
/// More institutions than a city has branches are not a choice.
const MOST_INSTITUTIONS: usize = 20;

/// The parameters of a list: first value of each name, blanks and control signs taken off.
pub struct Query(Vec<(String, String)>);

impl Query {
    pub fn parse(raw: Option<&str>) -> Self {
        Self(
            form_urlencoded::parse(raw.unwrap_or_default().as_bytes())
                .take(100)
                .map(|(k, v)| {
                    let clean: String = v.chars().filter(|c| !c.is_control()).collect();
                    (k.into_owned(), clean.trim().to_owned())
                })
                .collect(),
        )
    }

    pub fn get(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(key, value)| key == name && !value.is_empty())
            .map_or("", |(_, value)| value.as_str())
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Search words, cut to what a person types.
    pub fn words(&self) -> String {
        self.get("q").chars().take(LONGEST_WORDS).collect()
    }

    /// The wished page from 1; garbage is the first.
    pub fn page(&self) -> u64 {
        self.get("page").parse().unwrap_or(1).max(1)
    }
}

/// A search, its page, and sentences about what could not be understood.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    pub search: ProductSearch,
    pub page: u64,
    /// The amount as typed, for the field.
    pub amount_text: String,
    pub amount_error: String,
}

impl Ask {
    pub fn read(query: &Query) -> Self {
        let mut ask = Self {
            page: query.page(),
            ..Self::default()
        };
        ask.search.words = query.words();
        ask.search.institutions = query
            .all("org")
            .filter_map(|id| id.parse().ok().map(TenantId))
            .take(MOST_INSTITUTIONS)
            .collect();
        ask.search.guarantee = GuaranteeType::from_code(query.get("guarantee"));
        ask.search.band = AmountBand::from_code(query.get("band"));
        ask.search.term = TermBand::from_code(query.get("term"));
        ask.search.rate = RateBand::from_code(query.get("rate"));
        ask.search.lane = Lane::from_code(query.get("lane"));
        ask.search.sort = Sort::from_code(query.get("sort")).unwrap_or(Sort::Overall);
        ask.search.by_fit = query.get("sort") == BY_FIT;
        ask.search.fitting_only = query.get("fit") == "1";
        ask.search.industry = Some(query.get("industry"))
            .filter(|i| matches!(i.as_bytes(), [b'A'..=b'T']))
            .map(str::to_owned);
        ask.search.county = Some(query.get("county"))
            .filter(|c| c.len() == 6 && c.bytes().all(|b| b.is_ascii_digit()))
            .map(str::to_owned);
        ask.amount_text = query.get("amount").chars().take(20).collect();
        if !ask.amount_text.is_empty() {
            match Cents::parse_wan(&ask.amount_text) {
                Ok(amount) if amount > Cents::ZERO => ask.search.amount = Some(amount),
                Ok(_) => ask.amount_error = words::text("portal.amount_zero", &[]),
                Err(error) => ask.amount_error = words::text(error.code(), &error.params()),
            }
        }
        ask
    }

    /// The address of a search on a path; the first page and what is not asked are left out.
    pub fn address(path: &str, search: &ProductSearch, page: u64) -> String {
        let mut pairs: Vec<(&str, String)> = pairs(search);
        if page > 1 {
            pairs.push(("page", page.to_string()));
        }
        let mut address = path.to_owned();
        for (at, (name, value)) in pairs.iter().enumerate() {
            let mark = if at == 0 { '?' } else { '&' };
            let _ = write!(address, "{mark}{name}={}", encode(value));
        }
        address
    }
}

/// Everything that a search asks, in one order.
pub fn pairs(search: &ProductSearch) -> Vec<(&'static str, String)> {
    let mut pairs = Vec::new();
    if !search.words.is_empty() {
        pairs.push(("q", search.words.clone()));
    }
    pairs.extend(search.institutions.iter().map(|id| ("org", id.to_string())));
    let codes = [
        ("guarantee", search.guarantee.map(GuaranteeType::code)),
        ("band", search.band.map(AmountBand::code)),
        ("term", search.term.map(TermBand::code)),
        ("rate", search.rate.map(RateBand::code)),
        ("lane", search.lane.map(Lane::code)),
    ];
    pairs.extend(
        codes
            .into_iter()
            .filter_map(|(name, code)| Some((name, code?.to_owned()))),
    );
    if let Some(industry) = &search.industry {
        pairs.push(("industry", industry.clone()));
    }
    if let Some(county) = &search.county {
        pairs.push(("county", county.clone()));
    }
    if let Some(amount) = search.amount {
        pairs.push(("amount", amount.format_wan_short()));
    }
    if search.fitting_only {
        pairs.push(("fit", "1".to_owned()));
    }
    if search.by_fit {
        pairs.push(("sort", BY_FIT.to_owned()));
    } else if search.sort != Sort::Overall {
        pairs.push(("sort", search.sort.code().to_owned()));
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(raw: &str) -> String {
        let ask = Ask::read(&Query::parse(Some(raw)));
        Ask::address("/market", &ask.search, ask.page)
    }

    #[test]
    fn a_search_survives_the_address_bar() {
        let address = "/market?q=%E6%8A%B5%E6%8A%BC&guarantee=mortgage&band=200-500&term=12-36&rate=3.5-4.5&lane=first&industry=C&county=130903&amount=300&sort=rate&page=3";
        assert_eq!(round(address.trim_start_matches("/market?")), address);
        assert_eq!(round("sort=fit&fit=1"), "/market?fit=1&sort=fit");
    }

    #[test]
    fn garbage_is_left_out() {
        assert_eq!(
            round(
                "page=-4&sort=%00x&fit=yes&guarantee=gold&org=1&industry=Z&county=../etc&band=&q=%20%20&x=y"
            ),
            "/market"
        );
        assert_eq!(round("page=99999999999999999999999"), "/market");
        assert_eq!(round("%%%=&&&==%zz"), "/market");
    }

    #[test]
    fn an_amount_that_is_none_is_said_so_and_kept() {
        let ask = Ask::read(&Query::parse(Some("amount=abc")));
        assert!(ask.search.amount.is_none() && !ask.amount_error.is_empty());
        assert_eq!(ask.amount_text, "abc");
        assert!(
            Ask::read(&Query::parse(Some("amount=0")))
                .search
                .amount
                .is_none()
        );
    }

    #[test]
    fn long_words_are_cut_by_signs_not_bytes() {
        let raw = format!("q={}", "贷".repeat(200));
        assert_eq!(
            Ask::read(&Query::parse(Some(&raw)))
                .search
                .words
                .chars()
                .count(),
            50
        );
    }
}

//! Public lists 基础数据: regions, industries, working days, vocabularies. Read once, the same for every tenant.

use domain::calendar::{DayKind, WorkCalendar};
use domain::ids::TenantId;
use domain::size_class::SizeRule;
use domain::values::{IndustryCode, Rate, RegionCode, RegionLevel};
use serde::Serialize;
use std::sync::Arc;
use thiserror::Error;
use time::Date;

/// One region of a select 行政区划: `level` runs from 1 (省级) to 4 (乡级), so a page sees when a select must be skipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RegionEntry {
    pub code: String,
    pub name: String,
    pub level: u8,
    pub has_children: bool,
}

/// Why four selects do not name a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RegionChoiceError {
    #[error("a region below the last one must be chosen, next the {0:?}")]
    Incomplete(RegionLevel),
    #[error("no such region")]
    Unknown,
    #[error("a region does not lie in the one chosen before it")]
    Mismatch,
    #[error("the region is no more")]
    Ended,
}

impl RegionChoiceError {
    pub const CODES: &'static [&'static str] = &[
        "region.choose_province",
        "region.choose_prefecture",
        "region.choose_county",
        "region.choose_township",
        "region.unknown",
        "region.mismatch",
        "region.ended",
    ];

    /// The stable key of this error's sentence.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Incomplete(RegionLevel::Province) => "region.choose_province",
            Self::Incomplete(RegionLevel::Prefecture) => "region.choose_prefecture",
            Self::Incomplete(RegionLevel::County) => "region.choose_county",
            Self::Incomplete(RegionLevel::Township) => "region.choose_township",
            Self::Unknown => "region.unknown",
            Self::Mismatch => "region.mismatch",
            Self::Ended => "region.ended",
        }
    }
}

/// A region that is no more 已撤销: what it was called, and what it became part of, where that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedRegion {
    pub name: String,
    pub successor: Option<RegionEntry>,
}

/// Regions 行政区划 of four levels (M-106, M-206, M-414).
pub trait RegionDirectory: Send + Sync {
    /// Regions right below one that may be chosen; the provinces when there is none. An unknown parent has no children.
    fn children(&self, parent: Option<&str>) -> Vec<RegionEntry>;

    /// From the province down to the region itself; empty when unknown.
    fn path(&self, code: &str) -> Vec<RegionEntry>;

    /// Also one that is no more: it keeps its name where something was filed under it.
    fn find(&self, code: &str) -> Option<RegionEntry>;

    /// Regions whose name holds the words, or whose code begins with them, from behind a code on in the order of the codes.
    fn search(&self, words: &str, after: &str, most: usize) -> Vec<RegionEntry>;

    /// The last day of which the list of the nation knows.
    fn as_of(&self) -> Date;

    /// `None` for whatever may be chosen, and for what is unknown.
    fn ended(&self, _code: &str) -> Option<EndedRegion> {
        None
    }

    /// `河北省沧州市运河区…` without the list's grouping rows (市辖区, 县, 省直辖县级行政区划).
    fn full_name(&self, code: &str) -> Option<String>;

    /// The full name down to the county only: what a masked address may show (S-29).
    fn county_name(&self, code: &str) -> Option<String>;

    /// The place that selects name, from 省 to 乡, empty ones allowed: it must have nothing below it. So Taiwan, Hong Kong and
    /// Macao stop at the first select, 东莞, 中山 and 儋州 skip the third, everything else fills all four.
    fn choose(&self, selects: &[&str]) -> Result<RegionCode, RegionChoiceError> {
        let chosen: Vec<&str> = selects
            .iter()
            .map(|code| code.trim())
            .filter(|code| !code.is_empty())
            .collect();
        let Some(last) = chosen.last() else {
            return Err(RegionChoiceError::Incomplete(RegionLevel::Province));
        };
        let path = self.path(last);
        let place = path.last().ok_or(RegionChoiceError::Unknown)?;
        if chosen.iter().any(|code| self.find(code).is_none()) {
            return Err(RegionChoiceError::Unknown);
        }
        let mut steps = path.iter();
        if !chosen
            .iter()
            .all(|code| steps.any(|step| step.code == *code))
        {
            return Err(RegionChoiceError::Mismatch);
        }
        if self.ended(&place.code).is_some() {
            return Err(RegionChoiceError::Ended);
        }
        if let Some(next) = self.children(Some(&place.code)).first() {
            return Err(RegionChoiceError::Incomplete(level_of(next)));
        }
        RegionCode::parse(&place.code).map_err(|_| RegionChoiceError::Unknown)
    }
}

/// Regions as each city has them: the list of the nation with what two of its operators changed (区划变更).
pub trait Regions: Send + Sync {
    fn of(&self, city: TenantId) -> Arc<dyn RegionDirectory>;
}

fn level_of(entry: &RegionEntry) -> RegionLevel {
    match entry.level {
        1 => RegionLevel::Province,
        2 => RegionLevel::Prefecture,
        3 => RegionLevel::County,
        _ => RegionLevel::Township,
    }
}

/// One industry of a select 行业.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IndustryEntry {
    pub code: String,
    pub name: String,
    pub has_children: bool,
}

/// Why three selects do not name an industry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum IndustryChoiceError {
    #[error("the sector must be chosen")]
    SectorMissing,
    #[error("the division must be chosen")]
    DivisionMissing,
    #[error("the group must be chosen")]
    GroupMissing,
    #[error("no such industry")]
    Unknown,
    #[error("an industry does not belong to the one chosen before it")]
    Mismatch,
}

impl IndustryChoiceError {
    pub const CODES: &'static [&'static str] = &[
        "industry.choose_sector",
        "industry.choose_division",
        "industry.choose_group",
        "industry.unknown",
        "industry.mismatch",
    ];

    /// The stable key of this error's sentence.
    pub fn code(&self) -> &'static str {
        match self {
            Self::SectorMissing => "industry.choose_sector",
            Self::DivisionMissing => "industry.choose_division",
            Self::GroupMissing => "industry.choose_group",
            Self::Unknown => "industry.unknown",
            Self::Mismatch => "industry.mismatch",
        }
    }
}

/// Industries 国民经济行业 as three selects (M-415, A-20): 产业 `1` to `3`, 大类 of two digits, 中类 of three digits.
pub trait IndustryDirectory: Send + Sync {
    /// Entries right below one; the three sectors when there is none. Groups are the last.
    fn children(&self, parent: Option<&str>) -> Vec<IndustryEntry>;

    /// Sector, division and group of an industry of any level below the section; empty when unknown.
    fn path(&self, code: &str) -> Vec<IndustryEntry>;

    fn find(&self, code: &str) -> Option<IndustryEntry>;

    /// `第二产业 / 金属制品业 / …`.
    fn full_name(&self, code: &str) -> Option<String>;

    /// Sections 门类 `A` to `T`: what products are offered for.
    fn sections(&self) -> Vec<IndustryEntry>;

    /// The section that an industry of two or more digits belongs to.
    fn section_of(&self, code: &str) -> Option<String>;

    /// The levels of the standard itself 门类, 大类, 中类, 小类: right below one; the sections without one.
    fn below(&self, parent: Option<&str>) -> Vec<IndustryEntry>;

    /// From the section down to the industry itself, in the levels of the standard; empty when unknown.
    fn standing(&self, code: &str) -> Vec<IndustryEntry>;

    /// Industries of the standard whose name holds the words, or whose code begins with them, from behind a code on.
    fn search(&self, words: &str, after: &str, most: usize) -> Vec<IndustryEntry>;

    /// The group that the three selects name.
    fn choose(
        &self,
        sector: &str,
        division: &str,
        group: &str,
    ) -> Result<IndustryCode, IndustryChoiceError> {
        let (sector, division, group) = (sector.trim(), division.trim(), group.trim());
        for (code, missing) in [
            (sector, IndustryChoiceError::SectorMissing),
            (division, IndustryChoiceError::DivisionMissing),
            (group, IndustryChoiceError::GroupMissing),
        ] {
            if code.is_empty() {
                return Err(missing);
            }
            self.find(code).ok_or(IndustryChoiceError::Unknown)?;
        }
        let path = self.path(group);
        if path
            .iter()
            .map(|entry| entry.code.as_str())
            .ne([sector, division, group])
        {
            return Err(IndustryChoiceError::Mismatch);
        }
        IndustryCode::parse(group).map_err(|_| IndustryChoiceError::Unknown)
    }
}

/// A day of the State Council's notice 放假与调休, with the name of its holiday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedDay {
    pub date: Date,
    pub kind: DayKind,
    pub name: String,
}

/// Where the work calendar 工作日历 comes from, as it was published for the whole country; a city's own is asked of the city.
pub trait WorkCalendarSource: Send + Sync {
    fn published_calendar(&self) -> Arc<WorkCalendar>;

    /// Its exceptions by name, in order.
    fn named_days(&self) -> &[NamedDay] {
        &[]
    }
}

/// One word of a vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct VocabularyEntry<'a> {
    pub code: &'a str,
    pub label: &'a str,
}

/// Controlled vocabularies 代码表, such as `rejection_reason` or `guarantee_method`.
pub trait Vocabulary: Send + Sync {
    /// The Chinese word of a code.
    fn label(&self, domain: &str, code: &str) -> Option<&str>;

    /// All words of a domain in their order, for a select; empty when there is no such domain.
    fn entries(&self, domain: &str) -> Vec<VocabularyEntry<'_>>;
}

/// One of the lists that travel inside the program 数据字典: where it is from, and what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublishedList {
    pub code: &'static str,
    pub name: &'static str,
    pub source: &'static str,
    /// Version, or the day up to which it knows.
    pub version: &'static str,
    pub rows: usize,
}

/// Codes of the lists that have pages of their own.
pub const REGIONS: &str = "regions";
pub const INDUSTRIES: &str = "industries";
pub const HOLIDAYS: &str = "holidays";
pub const VOCABULARY: &str = "vocabulary";

/// Every list that travels inside the program.
pub trait PublishedLists: Send + Sync {
    fn published_lists(&self) -> Vec<PublishedList>;
}

/// Thresholds of size 企业划型标准 by industry.
pub trait SizeRules: Send + Sync {
    /// `None` where the standard has no rule that we know (railways, finance, education, health).
    fn size_rule(&self, industry: &IndustryCode) -> Option<SizeRule>;
}

/// Loan prime rate 贷款市场报价利率 of one month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoanPrimeRate {
    pub published: Date,
    pub one_year: Rate,
    pub over_five_years: Rate,
}

/// History of the loan prime rate.
pub trait LoanPrimeRates: Send + Sync {
    /// The one in force on a day; `None` before the first that is known.
    fn prime_rate_on(&self, day: Date) -> Option<LoanPrimeRate>;
}

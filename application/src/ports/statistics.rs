//! Statistics 统计分析: rollups by month that a worker keeps exact, and the rows behind each of their figures.

use async_trait::async_trait;
use domain::{ids::TenantId, vocabulary};
use serde::Serialize;
use time::{Date, OffsetDateTime};

use super::store::StoreError;

vocabulary! {
    /// By what the figures are broken down.
    Dimension {
        Region = "region" / "区县",
        Industry = "industry" / "行业",
        Bank = "bank" / "机构",
        Guarantee = "guarantee" / "担保方式",
        FirstLoan = "first_loan" / "首贷",
        Renewal = "renewal" / "续贷",
        Size = "size" / "企业规模",
        Capital = "capital" / "注册资本",
        Term = "term" / "期限",
    }
}

vocabulary! {
    /// What is counted in requests, so that its rows can be opened.
    Measure {
        Asked = "asked" / "需求笔数",
        Accepted = "accepted" / "接单笔数",
        AcceptedInTime = "accepted_in_time" / "按时接单笔数",
        Approved = "approved" / "通过笔数",
        Rejected = "rejected" / "不通过笔数",
        DecidedInTime = "decided_in_time" / "按时审结笔数",
        Draws = "draws" / "已确认放款",
        Homes = "homes" / "放款户数",
        FirstHomes = "first_homes" / "首贷户数",
    }
}

vocabulary! {
    /// 注册资本: known of every enterprise with a complete profile, unlike its size class.
    CapitalBand {
        To1m = "to_1m" / "100 万元及以下",
        To5m = "to_5m" / "100 万元以上至 500 万元",
        To10m = "to_10m" / "500 万元以上至 1000 万元",
        To50m = "to_50m" / "1000 万元以上至 5000 万元",
        More = "more" / "5000 万元以上",
    }
}

vocabulary! {
    /// 期限 asked for.
    TermBand {
        To6 = "to_6" / "6 个月及以下",
        To12 = "to_12" / "6 个月以上至 1 年",
        To36 = "to_36" / "1 年以上至 3 年",
        To60 = "to_60" / "3 年以上至 5 年",
        More = "more" / "5 年以上",
    }
}

/// What is summed up; every figure on the page comes from these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sums {
    pub asked: i64,
    pub asked_cents: i64,
    pub accepted: i64,
    /// From submission to acceptance, natural seconds.
    pub accept_seconds: i64,
    pub accepted_in_time: i64,
    pub approved: i64,
    pub approved_cents: i64,
    pub rejected: i64,
    pub decided_in_time: i64,
    /// Disbursements that the enterprise has confirmed.
    pub draws: i64,
    pub drawn_cents: i64,
    /// Yuan of each such disbursement times its rate in hundredths of a per cent.
    pub rate_weight: i64,
    /// Enterprises with their first confirmed disbursement here.
    pub homes: i64,
    /// Those of them without any loan before.
    pub first_homes: i64,
}

impl Sums {
    /// Both together.
    #[must_use]
    pub fn and(self, other: &Self) -> Self {
        Self {
            asked: self.asked + other.asked,
            asked_cents: self.asked_cents + other.asked_cents,
            accepted: self.accepted + other.accepted,
            accept_seconds: self.accept_seconds + other.accept_seconds,
            accepted_in_time: self.accepted_in_time + other.accepted_in_time,
            approved: self.approved + other.approved,
            approved_cents: self.approved_cents + other.approved_cents,
            rejected: self.rejected + other.rejected,
            decided_in_time: self.decided_in_time + other.decided_in_time,
            draws: self.draws + other.draws,
            drawn_cents: self.drawn_cents + other.drawn_cents,
            rate_weight: self.rate_weight + other.rate_weight,
            homes: self.homes + other.homes,
            first_homes: self.first_homes + other.first_homes,
        }
    }
}

/// Days from and to, both included, whole months each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Span {
    pub from: Date,
    pub to: Date,
}

/// The sums of one value of a dimension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub value: String,
    /// Only of institutions; other words are known to the program.
    pub name: String,
    pub sums: Sums,
}

/// The rows behind a figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    pub measure: Measure,
    pub span: Span,
    pub of: Option<(Dimension, String)>,
}

/// One 接单 of a branch: when the request came to it, and when it was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acceptance {
    pub branch: TenantId,
    pub came: OffsetDateTime,
    pub accepted: OffsetDateTime,
}

/// 接单速度 of a branch, in hours of working time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsualResponse {
    pub branch: TenantId,
    pub hours: i32,
}

/// 最近动态: that something happened, and where; not to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    pub at: OffsetDateTime,
    pub verb: String,
    pub bank: String,
    pub region: String,
}

#[async_trait]
pub trait Statistics: Send {
    /// Counts at most so many changes again; answers how many there were, none while another worker counts.
    async fn count_due(&mut self, most: i64) -> Result<u64, StoreError>;

    /// Waits until no worker counts this city, and lets this transaction take the time that all of its requests need.
    async fn alone(&mut self) -> Result<(), StoreError>;

    /// Notes by what requests are counted that nobody has counted yet: without that neither side of a check knows of them.
    async fn note_facts(&mut self) -> Result<(), StoreError>;

    /// Counts everything of the city anew.
    async fn recount(&mut self) -> Result<(), StoreError>;

    /// Figures of the rollups that a plain recount does not give.
    async fn differences(&mut self) -> Result<i64, StoreError>;

    /// Sums of each month, in order; months without anything are left out.
    async fn months(&mut self, span: Span) -> Result<Vec<(Date, Sums)>, StoreError>;

    /// Sums of each day, in order.
    async fn days(&mut self, span: Span) -> Result<Vec<(Date, Sums)>, StoreError>;

    async fn parts(&mut self, dimension: Dimension, span: Span) -> Result<Vec<Part>, StoreError>;

    /// The latest first.
    async fn movements(&mut self, verbs: &[&str], most: i64) -> Result<Vec<Movement>, StoreError>;

    /// Every 接单 in the city since then.
    async fn acceptances(&mut self, since: OffsetDateTime) -> Result<Vec<Acceptance>, StoreError>;

    /// Notes what is usual now; a branch that is not named has nothing to tell. Answers how many branches changed.
    async fn note_responses(&mut self, usual: &[UsualResponse]) -> Result<u64, StoreError>;
}

//! Supervision 督办与冻结: what the city sees of the requests of its banks, what it asked for, and what it told them.

use async_trait::async_trait;
use domain::{
    financing::Stage,
    ids::{EnterpriseId, FinancingApplicationId, TenantId, UserId},
    vocabulary,
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{branch_board::Leaf, statistics::Counted, store::StoreError};

vocabulary! {
    /// Which requests the city's list shows.
    CityList {
        Open = "open" / "办理中",
        Overdue = "overdue" / "已超时",
        Frozen = "frozen" / "已冻结",
        All = "all" / "全部",
    }
}

/// What somebody looks for in the city's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CitySearch {
    /// The whole 申请编号.
    Number(String),
    /// The whole 统一社会信用代码.
    CreditCode(String),
    /// A part of the name of the enterprise.
    Name(String),
    /// All of one enterprise; nobody types that.
    Enterprise(EnterpriseId),
    /// All of one institution; nobody types that.
    Bank(TenantId),
    /// All of one branch; nobody types that.
    Branch(TenantId),
}

/// Signs of a 统一社会信用代码; a 申请编号 is shorter.
const CREDIT_CODE: usize = 18;

impl CitySearch {
    /// `None`: nothing was typed.
    pub fn parse(typed: &str) -> Option<Self> {
        let word: String = typed.trim().chars().take(100).collect();
        let code = word.to_ascii_uppercase();
        let sign = |c: char| c.is_ascii_alphanumeric();
        if word.is_empty() {
            None
        } else if code.len() == CREDIT_CODE && code.chars().all(sign) {
            Some(Self::CreditCode(code))
        } else if word.chars().all(sign) && word.chars().any(|c| c.is_ascii_digit()) {
            Some(Self::Number(code))
        } else {
            Some(Self::Name(word))
        }
    }
}

vocabulary! {
    /// What two operators do to a request (row 31).
    HoldKind {
        Freeze = "freeze" / "冻结",
        Unfreeze = "unfreeze" / "解除冻结",
    }
}

vocabulary! {
    /// What became of the first one's request.
    HoldStatus {
        Open = "open" / "待确认",
        Confirmed = "confirmed" / "已确认",
        Declined = "declined" / "未同意",
        Withdrawn = "withdrawn" / "已撤回",
    }
}

/// A request as the city sees it: no amounts, no dossier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CityRow {
    pub id: FinancingApplicationId,
    pub number: String,
    pub enterprise_name: String,
    /// 统一社会信用代码: two enterprises may have one name. Empty while nobody has given it.
    pub credit_code: String,
    pub bank_name: String,
    pub branch_name: String,
    pub stage: Stage,
    pub frozen: bool,
    pub submitted_at: OffsetDateTime,
    pub paused_at: Option<OffsetDateTime>,
    pub due_at: Option<OffsetDateTime>,
    /// Since when the clock of `due_at` runs.
    pub due_since: Option<OffsetDateTime>,
    /// 督办 sent so far.
    pub notices: i64,
}

/// Capped counts of the city's desk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CityCounts {
    pub open: i64,
    pub overdue: i64,
    pub frozen: i64,
}

vocabulary! {
    /// What waits for the people of the city, beside the requests themselves.
    Waiting {
        LateComplaints = "late_complaints" / "投诉已超时",
        Complaints = "complaints" / "待处理投诉",
        AccountHolds = "account_holds" / "待确认账户冻结",
        Suspensions = "suspensions" / "待确认暂停受理",
        Grants = "grants" / "待确认角色",
        Codes = "codes" / "待核实代码",
        Faces = "faces" / "待复核核验",
        Content = "content" / "待复核内容",
        Rules = "rules" / "待复核设置",
        Days = "days" / "待复核日历调整",
        Texts = "texts" / "待复核消息文案",
    }
}

/// 申请冻结 or 申请解除冻结 by one operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldRequest {
    pub id: Uuid,
    pub application: FinancingApplicationId,
    pub number: String,
    pub enterprise_name: String,
    pub kind: HoldKind,
    pub reason: String,
    pub asked_by: UserId,
    pub asked_name: String,
    pub asked_at: OffsetDateTime,
    pub status: HoldStatus,
    pub settled_by: Option<UserId>,
    pub settled_name: String,
    pub settled_at: Option<OffsetDateTime>,
    /// Why whoever asked took it back; empty: no word was left, or it was not.
    pub withdrawal: String,
}

/// 已阅 by one side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub name: String,
    pub at: OffsetDateTime,
}

/// 督办通知.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupervisionNotice {
    pub id: Uuid,
    pub application: FinancingApplicationId,
    pub number: String,
    pub enterprise_name: String,
    pub branch: TenantId,
    pub words: String,
    pub sent_by: UserId,
    pub sent_name: String,
    pub at: OffsetDateTime,
    pub read_by_branch: Option<Receipt>,
    pub read_by_bank: Option<Receipt>,
}

/// Whose receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Branch,
    Bank,
}

/// One page of the city's list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CityRows {
    pub rows: Vec<CityRow>,
    pub before: bool,
    pub after: bool,
}

#[async_trait]
pub trait SupervisionDesk: Send {
    /// What is due first comes first; of all of them, the newest.
    async fn city_rows(
        &mut self,
        list: CityList,
        search: Option<&CitySearch>,
        counted: Option<&Counted>,
        now: OffsetDateTime,
        leaf: Leaf,
        most: i64,
    ) -> Result<CityRows, StoreError>;

    /// The enterprise of a whole 统一社会信用代码, and its name.
    async fn enterprise_of(
        &mut self,
        credit_code: &str,
    ) -> Result<Option<(EnterpriseId, String)>, StoreError>;

    async fn city_counts(&mut self, now: OffsetDateTime) -> Result<CityCounts, StoreError>;

    /// How much waits in the other rooms of the city, capped like the counts.
    async fn city_waiting(
        &mut self,
        now: OffsetDateTime,
    ) -> Result<Vec<(Waiting, i64)>, StoreError>;

    /// Holds that wait for a second person, the oldest first.
    async fn open_holds(&mut self) -> Result<Vec<HoldRequest>, StoreError>;

    /// All of one request, the newest first.
    async fn holds(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Vec<HoldRequest>, StoreError>;

    async fn hold_for_update(&mut self, id: Uuid) -> Result<Option<HoldRequest>, StoreError>;

    async fn ask_hold(&mut self, hold: &HoldRequest) -> Result<(), StoreError>;

    /// Writes status and who settled it.
    async fn settle_hold(&mut self, hold: &HoldRequest) -> Result<(), StoreError>;

    async fn send_notice(&mut self, notice: &SupervisionNotice) -> Result<(), StoreError>;

    /// All of one request that the reader may see, the newest first.
    async fn notices(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Vec<SupervisionNotice>, StoreError>;

    /// What this side has not read yet, of requests that it still holds, the oldest first.
    async fn unread_notices(&mut self, side: Side) -> Result<Vec<SupervisionNotice>, StoreError>;

    /// 已阅 of one request's notices; answers how many there were.
    async fn read_notices(
        &mut self,
        application: FinancingApplicationId,
        side: Side,
        receipt: &Receipt,
    ) -> Result<u64, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_a_number_a_credit_code_or_a_name() {
        let is = |typed: &str, search: CitySearch| {
            assert_eq!(CitySearch::parse(typed), Some(search), "{typed}");
        };
        is(" 202611250001 ", CitySearch::Number("202611250001".into()));
        is(
            "91130925pdy009110x",
            CitySearch::CreditCode("91130925PDY009110X".into()),
        );
        is("瀚岳澜", CitySearch::Name("瀚岳澜".into()));
        is("3M 中国", CitySearch::Name("3M 中国".into()));
        is("TCL", CitySearch::Name("TCL".into()));
        assert_eq!(CitySearch::parse(" "), None);
    }
}

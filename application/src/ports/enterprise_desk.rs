//! Enterprise desk 企业管理: the enterprises of a city as its operators see them, and who asked to hold an account.

use async_trait::async_trait;
use domain::{
    ids::{EnterpriseId, UserId},
    vocabulary,
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    branch_board::Leaf,
    store::StoreError,
    supervision::{HoldKind, HoldStatus},
};

vocabulary! {
    /// How far 完善信息 has come.
    ProfileState {
        Complete = "complete" / "已完善",
        Incomplete = "incomplete" / "待完善",
    }
}

vocabulary! {
    /// Whether 人脸核验 of the owner stands.
    VerifiedState {
        Verified = "verified" / "已核验",
        InReview = "in_review" / "人工核验中",
        Unverified = "unverified" / "未核验",
    }
}

vocabulary! {
    /// 账户状态.
    AccountState {
        Active = "active" / "正常",
        Frozen = "frozen" / "已冻结",
        Closed = "closed" / "已注销",
    }
}

/// What somebody looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnterpriseSearch {
    /// The whole 统一社会信用代码.
    CreditCode(String),
    /// A part of the name.
    Name(String),
}

/// Signs of a 统一社会信用代码.
const CREDIT_CODE: usize = 18;

impl EnterpriseSearch {
    /// `None`: nothing was typed.
    pub fn parse(typed: &str) -> Option<Self> {
        let word: String = typed.trim().chars().take(100).collect();
        let code = word.to_ascii_uppercase();
        if word.is_empty() {
            None
        } else if code.len() == CREDIT_CODE && code.chars().all(|c| c.is_ascii_alphanumeric()) {
            Some(Self::CreditCode(code))
        } else {
            Some(Self::Name(word))
        }
    }
}

/// Filters of the list; whatever is `None` or empty narrows nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnterpriseAsk {
    pub search: Option<EnterpriseSearch>,
    pub profile: Option<ProfileState>,
    pub verified: Option<VerifiedState>,
    pub account: Option<AccountState>,
    /// A county of six digits.
    pub county: Option<String>,
    /// 大类 of two digits, those of the section that was chosen.
    pub divisions: Vec<String>,
    pub from: Option<OffsetDateTime>,
    pub until: Option<OffsetDateTime>,
}

/// One enterprise of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnterpriseRow {
    pub id: EnterpriseId,
    pub name: String,
    pub credit_code: String,
    pub region_code: String,
    pub industry_code: String,
    pub registered_at: OffsetDateTime,
    pub profile: ProfileState,
    pub verified: VerifiedState,
    pub account: AccountState,
    /// Requests that were submitted.
    pub applications: i64,
}

/// One page of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnterpriseRows {
    pub rows: Vec<EnterpriseRow>,
    pub before: bool,
    pub after: bool,
    /// How many fit, [`FOUND_CAP`] + 1 when there are more.
    pub found: i64,
}

/// The list counts so far, and then says 以上.
pub const FOUND_CAP: i64 = 10_000;

/// What stands beside the facts of one enterprise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnterpriseSheet {
    pub row: EnterpriseRow,
    /// `web`, `phone` or `mini_program`.
    pub channel: String,
    /// 推荐机构; empty: none.
    pub recommender: String,
    pub people: i64,
    /// 授权 that stand, and that were withdrawn.
    pub consents: i64,
    pub withdrawn: i64,
}

/// One attempt of 人脸核验, on the camera, at a counter or by photo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    pub at: OffsetDateTime,
    pub settled_at: Option<OffsetDateTime>,
    /// Masked.
    pub person: String,
    /// A photo that two people of the operator compare.
    pub by_photo: bool,
    /// Where it was asked for at a counter; empty: on the camera.
    pub branch: String,
    /// A code of `CheckStatus`, or of `ReviewStatus` where it is a photo.
    pub status: String,
}

/// 申请冻结企业账户 or its end, by one operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountHold {
    pub id: Uuid,
    pub enterprise: EnterpriseId,
    pub enterprise_name: String,
    /// 统一社会信用代码; empty while nobody has given it.
    pub credit_code: String,
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

#[async_trait]
pub trait EnterpriseDesk: Send {
    /// The newest registration first.
    async fn enterprise_rows(
        &mut self,
        ask: &EnterpriseAsk,
        leaf: Leaf,
        most: i64,
    ) -> Result<EnterpriseRows, StoreError>;

    async fn enterprise_sheet(
        &mut self,
        id: EnterpriseId,
    ) -> Result<Option<EnterpriseSheet>, StoreError>;

    /// The newest first.
    async fn verifications(
        &mut self,
        id: EnterpriseId,
        most: i64,
    ) -> Result<Vec<Verification>, StoreError>;

    /// Of one enterprise, the newest first.
    async fn account_holds(&mut self, id: EnterpriseId) -> Result<Vec<AccountHold>, StoreError>;

    /// What waits for a second person, the oldest first.
    async fn open_account_holds(&mut self) -> Result<Vec<AccountHold>, StoreError>;

    /// One, locked until the commit.
    async fn account_hold(&mut self, id: Uuid) -> Result<Option<AccountHold>, StoreError>;

    /// `Conflict` while another one waits.
    async fn ask_account_hold(&mut self, hold: &AccountHold) -> Result<(), StoreError>;

    /// Writes status and who settled it; `Stale` when it was settled before.
    async fn settle_account_hold(&mut self, hold: &AccountHold) -> Result<(), StoreError>;

    /// `false` when it stands so already, or the account is closed.
    async fn set_frozen(&mut self, id: EnterpriseId, frozen: bool) -> Result<bool, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_a_whole_credit_code_or_a_part_of_a_name() {
        let code = EnterpriseSearch::CreditCode("91130925PDY009110X".to_owned());
        assert_eq!(EnterpriseSearch::parse(" 91130925pdy009110x "), Some(code));
        for name in ["瀚岳澜", "3M 中国", "91130925"] {
            let found = EnterpriseSearch::Name(name.to_owned());
            assert_eq!(EnterpriseSearch::parse(name), Some(found));
        }
        assert_eq!(EnterpriseSearch::parse("  "), None);
    }
}

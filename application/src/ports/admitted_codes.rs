//! Admitted codes 已核实的统一社会信用代码: codes that fail the public check and are genuine all the same, admitted by two people.

use async_trait::async_trait;
use domain::{ids::UserId, vocabulary};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{store::StoreError, supervision::HoldStatus};

vocabulary! {
    /// 核对依据: what the code was seen on.
    CodeEvidence {
        Licence = "licence" / "营业执照原件",
        Register = "register" / "国家企业信用信息公示系统",
        Letter = "letter" / "登记机关证明",
    }
}

/// One code that was seen on a licence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdmittedCode {
    pub code: String,
    pub company_name: String,
    /// What it was checked against.
    pub reason: String,
    pub by: UserId,
    pub by_name: String,
    pub at: OffsetDateTime,
}

/// 登记申请 by the first person, and what the second one made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeProposal {
    pub id: Uuid,
    pub code: String,
    pub company_name: String,
    pub evidence: CodeEvidence,
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
pub trait AdmittedCodes: Send {
    async fn is_admitted(&mut self, code: &str) -> Result<bool, StoreError>;
    /// `false` when it was admitted before.
    async fn admit(&mut self, code: &AdmittedCode) -> Result<bool, StoreError>;
    /// Newest first.
    async fn admitted(&mut self, most: i64) -> Result<Vec<AdmittedCode>, StoreError>;
    /// `Conflict` while the same code waits already.
    async fn propose_code(&mut self, proposal: &CodeProposal) -> Result<(), StoreError>;
    /// One, locked until the commit.
    async fn code_proposal(&mut self, id: Uuid) -> Result<Option<CodeProposal>, StoreError>;
    /// The newest about one code.
    async fn proposal_of(&mut self, code: &str) -> Result<Option<CodeProposal>, StoreError>;
    /// Those that wait come first, then the newest.
    async fn code_proposals(&mut self, most: i64) -> Result<Vec<CodeProposal>, StoreError>;
    /// Writes status and who settled it; `Stale` when it was settled before.
    async fn settle_code(&mut self, proposal: &CodeProposal) -> Result<(), StoreError>;
}

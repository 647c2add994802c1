//! SMS log 短信记录: every try to send a message, with what its provider said then and later; the phone only masked.

use async_trait::async_trait;
use domain::{ids::TenantId, vocabulary};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{providers::Reason, store::StoreError};

vocabulary! {
    /// 状态 of a try.
    SendState {
        Sending = "sending" / "正在发送",
        Accepted = "accepted" / "服务商已接收",
        Delivered = "delivered" / "已送达",
        Failed = "failed" / "未送达",
        Refused = "refused" / "服务商拒绝",
        Throttled = "throttled" / "服务商限流",
        Unreachable = "unreachable" / "未能连接服务商",
        Unclear = "unclear" / "结果不明",
    }
}

/// A try that begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTry {
    pub id: Uuid,
    pub city: TenantId,
    /// [`super::sms::Sms::id`].
    pub message: Uuid,
    pub template: String,
    pub phone_masked: String,
    /// Kind of the provider: `aliyun`.
    pub provider: String,
    pub at: OffsetDateTime,
}

/// What became of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub state: SendState,
    /// What the provider calls the message; empty where it said nothing.
    pub provider_ref: String,
    /// The provider's own code, for questions to it.
    pub code: String,
    pub reason: Option<Reason>,
}

/// An earlier try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierTry {
    pub id: Uuid,
    pub provider: String,
    pub provider_ref: String,
    pub state: SendState,
    pub at: OffsetDateTime,
    /// An operator had it sent again, whatever became of this try.
    pub let_go: bool,
}

/// 送达回执 as a provider's own form was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// What the provider calls the message; empty where it gives only ours.
    pub provider_ref: String,
    /// Ours, where the provider gives it back.
    pub message: Option<Uuid>,
    pub delivered: bool,
    pub code: String,
    pub reason: Option<Reason>,
}

/// A row of the operators' list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedTry {
    pub at: OffsetDateTime,
    pub template: String,
    pub phone_masked: String,
    pub provider: String,
    pub state: SendState,
    pub code: String,
    pub reason: Option<Reason>,
    pub settled_at: Option<OffsetDateTime>,
}

/// Filters of the list; whatever is `None` narrows nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TryAsk {
    pub state: Option<SendState>,
    pub template: Option<String>,
    pub from: Option<OffsetDateTime>,
    pub until: Option<OffsetDateTime>,
}

/// How many tries of one kind of message ended so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    pub template: String,
    pub state: SendState,
    pub tries: u64,
}

/// Written by the senders, outside of any unit of work: a message may go out before anybody is signed in.
#[async_trait]
pub trait SmsLog: Send + Sync {
    async fn open(&self, new: &NewTry) -> Result<(), StoreError>;

    async fn close(
        &self,
        city: TenantId,
        id: Uuid,
        outcome: &Outcome,
        at: OffsetDateTime,
    ) -> Result<(), StoreError>;

    /// Tries of a message that a provider took, or may have taken, oldest first.
    async fn may_be_out(
        &self,
        city: TenantId,
        message: Uuid,
    ) -> Result<Vec<EarlierTry>, StoreError>;

    /// As [`SmsTries::sent_since`], before anybody is signed in and without the codes and the
    /// invitations of an enterprise, which are counted as they go.
    async fn sent_besides_counted(
        &self,
        city: TenantId,
        since: OffsetDateTime,
    ) -> Result<i64, StoreError>;

    /// Notes a receipt; false when it belongs to no message of this city and provider. A second one changes nothing.
    async fn receive(
        &self,
        city: TenantId,
        provider: &str,
        receipt: &Receipt,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError>;
}

/// Read by operators, and by the worker that watches the budget.
#[async_trait]
pub trait SmsTries: Send {
    /// Newest first.
    async fn tries(
        &mut self,
        ask: &TryAsk,
        skip: i64,
        most: i64,
    ) -> Result<Vec<LoggedTry>, StoreError>;

    async fn count_tries(&mut self, ask: &TryAsk) -> Result<u64, StoreError>;

    /// By kind of message and state, in the order of the kinds.
    async fn tally_tries(
        &mut self,
        from: OffsetDateTime,
        until: OffsetDateTime,
    ) -> Result<Vec<Tally>, StoreError>;

    /// Providers that refused for a reason that our contract or settings must mend, each once.
    async fn troubles_since(
        &mut self,
        since: OffsetDateTime,
    ) -> Result<Vec<(String, Reason)>, StoreError>;

    /// Whether a provider took a message with any of its tries, or may have and it was not let go of.
    async fn may_be_out(&mut self, message: Uuid) -> Result<bool, StoreError>;

    /// Messages that a provider took, or may have taken, since an instant.
    async fn sent_since(&mut self, since: OffsetDateTime) -> Result<i64, StoreError>;
}

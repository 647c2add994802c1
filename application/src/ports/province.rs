//! 上级报送 (G4): reports of a city to the provincial node, kept with what the node said, and who carries them there.

use async_trait::async_trait;
use domain::vocabulary;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::store::StoreError;

vocabulary! {
    /// 报送状态.
    ReportState {
        Waiting = "waiting" / "待报送",
        Received = "received" / "已接收",
        Refused = "refused" / "被退回",
        Parked = "parked" / "报送失败",
        Replaced = "replaced" / "已重新生成",
    }
}

vocabulary! {
    /// 未送达原因: nobody knows whether the node has the report. The same one goes out again; the node knows it by its id.
    Silence {
        Unreachable = "unreachable" / "连不上省级节点",
        NoAnswer = "no_answer" / "省级节点没有答复，或者答复不完整",
        Foreign = "foreign" / "收到的答复不符合报送格式",
        Unsigned = "unsigned" / "答复的签名不正确，不能采信",
        NotOurs = "not_ours" / "省级节点不认可本平台的签名，请核对报送密钥和服务器时间",
        Later = "later" / "省级节点要求稍后再报",
        Resting = "resting" / "连续失败，暂停报送，稍后自动恢复",
        Busy = "busy" / "同时进行的报送太多",
        Secret = "secret" / "报送密钥没有设置，或者读不到",
        Address = "address" / "省级节点的地址不正确，请联系技术支持",
    }
}

/// 月度报告 of one month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvinceReport {
    pub id: Uuid,
    /// Its first day.
    pub month: Date,
    /// Exactly what is signed and sent.
    pub body: String,
    pub made_at: OffsetDateTime,
    pub state: ReportState,
    /// Over all attempts, those that an operator asked for too.
    pub tries: i32,
    /// Since when it has been trying to arrive.
    pub since: OffsetDateTime,
    /// When it is sent next, while it waits.
    pub next_at: Option<OffsetDateTime>,
    /// Why the last try came to nothing.
    pub silence: Option<Silence>,
    /// The node's own words of a refusal.
    pub reason: String,
    /// 回执号 of the node.
    pub receipt: String,
    pub settled_at: Option<OffsetDateTime>,
}

/// How a try ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TryOutcome {
    /// 回执号.
    Received(String),
    /// The node's own words.
    Refused(String),
    /// Again at that instant.
    Later(Silence, OffsetDateTime),
    /// People look at it.
    Parked(Silence),
}

impl TryOutcome {
    /// What becomes of the report.
    pub const fn state(&self) -> ReportState {
        match self {
            Self::Received(_) => ReportState::Received,
            Self::Refused(_) => ReportState::Refused,
            Self::Later(..) => ReportState::Waiting,
            Self::Parked(_) => ReportState::Parked,
        }
    }
}

/// Kind of an institution, for sums that name no institution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstitutionKind {
    pub institution: Uuid,
    pub code: String,
    pub label: String,
}

/// Reports of the city of the unit of work.
#[async_trait]
pub trait ProvinceReports: Send {
    /// The last month of which there is a report.
    async fn newest_month(&mut self) -> Result<Option<Date>, StoreError>;
    /// Months whose only reports were replaced.
    async fn replaced_months(&mut self) -> Result<Vec<Date>, StoreError>;
    /// Adds a report that waits; `false` when the month has one.
    async fn add_report(&mut self, report: &ProvinceReport) -> Result<bool, StoreError>;
    /// Newest month first.
    async fn reports(&mut self, most: i64) -> Result<Vec<ProvinceReport>, StoreError>;
    async fn report(&mut self, id: Uuid) -> Result<Option<ProvinceReport>, StoreError>;
    /// One that is due, oldest month first; nobody else takes it until the lease is over.
    async fn take_due_report(
        &mut self,
        now: OffsetDateTime,
        lease_until: OffsetDateTime,
    ) -> Result<Option<ProvinceReport>, StoreError>;
    /// Notes how a try ended; `false` when somebody settled it meanwhile.
    async fn tried(
        &mut self,
        id: Uuid,
        outcome: &TryOutcome,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError>;
    /// Lets one that was refused or parked wait again; `false` when it is neither.
    async fn report_again(&mut self, id: Uuid, at: OffsetDateTime) -> Result<bool, StoreError>;
    /// Leaves the month of one that was refused to a new report; `false` when it was not.
    async fn replace_report(&mut self, id: Uuid) -> Result<bool, StoreError>;
    async fn institution_kinds(&mut self) -> Result<Vec<InstitutionKind>, StoreError>;
}

/// What the node made of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeVerdict {
    /// 回执号.
    Received(String),
    /// The node's own words: the same report will not be taken as it stands.
    Refused(String),
}

/// 报送时间: when a city reports, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Day of the month from which the report of the month before is due.
    pub day: u8,
    /// The first month that is told; `None`: the month before the first report.
    pub from: Option<Date>,
}

/// 省级节点: takes a city's reports.
#[async_trait]
pub trait ProvinceNode: Send + Sync {
    fn schedule(&self) -> Schedule;
    /// Sends once; whoever asks again sends the same id.
    async fn send(&self, report: &ProvinceReport) -> Result<NodeVerdict, Silence>;
}

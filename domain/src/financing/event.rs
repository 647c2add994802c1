//! What happened to an application, as data: append-only, enough to replay stage, columns and clocks.

use time::{Date, OffsetDateTime};

use super::{ContentHash, DrawFacts, RepaymentFacts, Stage, Verb};
use crate::{
    ids::{FinancingApplicationId, TenantId, UserId},
    tenant::Role,
    values::{Cents, Rate, Term},
};

/// Who acts: a person in a role, or the system's timer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActingPerson {
    /// `None` for the system.
    pub id: Option<UserId>,
    pub name: String,
    pub role: Role,
}

impl ActingPerson {
    /// The timer, or a provider's verdict fetched by our server.
    pub fn system() -> Self {
        Self {
            id: None,
            name: String::new(),
            role: Role::System,
        }
    }
}

/// Facts that belong to one kind of event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum EventDetail {
    #[default]
    None,
    /// 接单, 转办: who holds it from now on. Events of the first release do not name the id.
    Holder { id: Option<UserId>, name: String },
    /// 退回补充: which round, and what is missing.
    Supplement { round: u8, labels: Vec<String> },
    /// 通过: the approved terms.
    Terms {
        amount: Cents,
        rate: Rate,
        term: Term,
        valid_until: Date,
    },
    /// 转派, 改派, 跨支行转派.
    Branch {
        from: Option<TenantId>,
        from_name: String,
        to: TenantId,
        to_name: String,
    },
    /// 提交审批, 复议, 更正误操作: what is put before the approvers.
    Proposal {
        round: u16,
        steps: Vec<Role>,
        amount: Cents,
        rate: Rate,
        term: Term,
        valid_until: Date,
        content: ContentHash,
    },
    /// 同意: step k of n, over this content.
    Signed {
        step: u8,
        steps: u8,
        content: ContentHash,
    },
    /// 放款: one draw and the total after it.
    Draw {
        number: u16,
        amount: Cents,
        rate: Rate,
        on: Date,
        contract_no: String,
        total: Cents,
    },
    /// 更正放款: what the draw said and says, the total after it, and the second person.
    DrawCorrected {
        number: u16,
        was: DrawFacts,
        now: DrawFacts,
        total: Cents,
        second: String,
    },
    /// 更正还款: what the repayment said and says, and the second person.
    RepaymentCorrected {
        was: RepaymentFacts,
        now: RepaymentFacts,
        second: String,
    },
    /// The second person of two (rows 24 and 31).
    Second { name: String },
}

/// One line of the application's log (操作记录).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplicationEvent {
    pub application: FinancingApplicationId,
    /// 1, 2, 3 … within the application: its version after the event.
    pub seq: i32,
    pub verb: Verb,
    pub from: Option<Stage>,
    pub to: Stage,
    pub actor: ActingPerson,
    pub handler: Option<TenantId>,
    pub reason_codes: Vec<String>,
    pub note: String,
    pub detail: EventDetail,
    pub at: OffsetDateTime,
}

//! The aggregate 融资需求: every change is a method named after the business verb and returns what happened. The verbs stand in
//! the modules below, by who does them.

mod approval;
mod diligence;
mod intake;
mod lending;
mod submission;

use time::{Date, OffsetDateTime};

use super::{
    ActingPerson, ApplicationEvent, EventDetail, IntakeStatus, ReviewStatus, Stage,
    TransitionError, Verb, columns, rule_for,
};
use crate::{
    ids::{EnterpriseId, FinancingApplicationId, ProductId, TenantId, UserId},
    product::ProductRange,
    tenant::Role,
    values::{ApplicationNumber, Cents, Rate, Term},
};

/// Rounds of 退回补充 at most (lifecycle row 13).
pub const SUPPLEMENT_ROUNDS: u8 = 3;
/// Moves to another branch at most (rows 7, 9 and 17).
pub const MOVES: u8 = 2;
/// 企业放弃: the reason of a 不通过 that is the enterprise's own; it counts against no bank (B8).
pub const ENTERPRISE_DECLINED: &str = "enterprise_declined";

/// The stored facts of an application; only storage makes one, everybody else reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplicationRecord {
    pub id: FinancingApplicationId,
    pub tenant: TenantId,
    /// 机构: the node that holds it; `None` while a draft without a branch.
    pub handler: Option<TenantId>,
    pub handler_name: String,
    pub bank: TenantId,
    pub enterprise: EnterpriseId,
    pub enterprise_name: String,
    pub number: Option<ApplicationNumber>,
    pub stage: Stage,
    pub returned_from: Option<Stage>,
    pub ever_accepted: bool,
    pub frozen: bool,
    pub version: i32,
    pub product: ProductId,
    pub product_version: i32,
    pub product_name: String,
    pub amount: Cents,
    pub rate: Rate,
    pub term: Term,
    pub approved_amount: Option<Cents>,
    pub approved_rate: Option<Rate>,
    pub approved_term: Option<Term>,
    pub approval_valid_until: Option<Date>,
    pub review_opinion: String,
    pub reason_codes: Vec<String>,
    pub holder: Option<UserId>,
    pub holder_name: String,
    pub supplement_rounds: u8,
    pub channel: String,
    pub created_by: UserId,
    pub previous: Option<FinancingApplicationId>,
    /// 续贷: the request whose loan this one renews.
    pub renews: Option<FinancingApplicationId>,
    pub created_at: OffsetDateTime,
    pub submitted_at: Option<OffsetDateTime>,
    pub accepted_at: Option<OffsetDateTime>,
    pub contacted_at: Option<OffsetDateTime>,
    pub decided_at: Option<OffsetDateTime>,
    pub due_at: Option<OffsetDateTime>,
    pub contact_due_at: Option<OffsetDateTime>,
    pub decision_due_at: Option<OffsetDateTime>,
    pub paused_at: Option<OffsetDateTime>,
    /// Since when the branch that has it now has had it: C1 counts from here.
    pub intake_since: Option<OffsetDateTime>,
    /// Since when it is decided anew, after 复议 or 更正误操作 (rows 23 and 24); `None`: the decision counts from the submission.
    pub decision_since: Option<OffsetDateTime>,
    /// How often it went to another branch.
    pub moves: u8,
    /// 超时: no branch accepted it in time (row 11).
    pub overdue: bool,
    /// The approval that runs, or the last one.
    pub approval: Option<Approval>,
    pub reconsidered: bool,
    /// 已放款: all draws together, and how many.
    pub drawn: Cents,
    pub draws: u16,
    pub frozen_at: Option<OffsetDateTime>,
    pub updated_at: OffsetDateTime,
}

/// What a request is begun with; all else of its record comes later.
#[derive(Clone, Debug)]
pub struct Begun {
    pub id: FinancingApplicationId,
    pub tenant: TenantId,
    pub bank: TenantId,
    pub enterprise: EnterpriseId,
    pub enterprise_name: String,
    pub product: ProductId,
    pub product_version: i32,
    pub product_name: String,
    pub amount: Cents,
    pub rate: Rate,
    pub term: Term,
    pub channel: String,
    pub created_by: UserId,
    pub created_at: OffsetDateTime,
}

impl From<Begun> for ApplicationRecord {
    /// A draft without a branch.
    fn from(begun: Begun) -> Self {
        Self {
            id: begun.id,
            tenant: begun.tenant,
            handler: None,
            handler_name: String::new(),
            bank: begun.bank,
            enterprise: begun.enterprise,
            enterprise_name: begun.enterprise_name,
            number: None,
            stage: Stage::Draft,
            returned_from: None,
            ever_accepted: false,
            frozen: false,
            version: 1,
            product: begun.product,
            product_version: begun.product_version,
            product_name: begun.product_name,
            amount: begun.amount,
            rate: begun.rate,
            term: begun.term,
            approved_amount: None,
            approved_rate: None,
            approved_term: None,
            approval_valid_until: None,
            review_opinion: String::new(),
            reason_codes: Vec::new(),
            holder: None,
            holder_name: String::new(),
            supplement_rounds: 0,
            channel: begun.channel,
            created_by: begun.created_by,
            previous: None,
            renews: None,
            created_at: begun.created_at,
            submitted_at: None,
            accepted_at: None,
            contacted_at: None,
            decided_at: None,
            due_at: None,
            contact_due_at: None,
            decision_due_at: None,
            paused_at: None,
            intake_since: None,
            decision_since: None,
            moves: 0,
            overdue: false,
            approval: None,
            reconsidered: false,
            drawn: Cents::ZERO,
            draws: 0,
            frozen_at: None,
            updated_at: begun.created_at,
        }
    }
}

/// 融资需求: what an enterprise asks a bank to lend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinancingApplication {
    record: ApplicationRecord,
}

/// What must be true of the outside world when an application is submitted (lifecycle row 2).
#[derive(Clone, Copy, Debug)]
pub struct Submission<'a> {
    pub profile_complete: bool,
    pub face_verified: bool,
    /// `None` when the product is off the shelf.
    pub product: Option<&'a ProductRange>,
    pub branch_carries: bool,
    pub number: &'a ApplicationNumber,
}

/// What a draft asks for (row 1).
#[derive(Clone, Debug)]
pub struct Ask {
    /// 受理支行 and its name; `None` while none was chosen.
    pub branch: Option<(TenantId, String)>,
    pub amount: Cents,
    pub term: Term,
    pub rate: Rate,
    /// The version of the product that the person saw (S-40).
    pub product_version: i32,
}

/// 退回补充: what the branch is missing.
#[derive(Clone, Debug)]
pub struct SupplementAsk {
    pub labels: Vec<String>,
    pub note: String,
}

/// 通过: the approved terms and the opinion.
#[derive(Clone, Debug)]
pub struct Decision {
    pub amount: Cents,
    pub rate: Rate,
    pub term: Term,
    pub valid_until: Date,
    pub opinion: String,
    /// The bank's setting for small loans: decide without staged approval (lifecycle section 2).
    pub single_step: bool,
}

/// A branch that an application is sent to (rows 7, 9, 17).
#[derive(Clone, Debug)]
pub struct NewBranch {
    pub id: TenantId,
    pub name: String,
    /// It carries the product and belongs to the same institution.
    pub carries: bool,
}

/// 转办: who goes on with it.
#[derive(Clone, Debug)]
pub struct NewHolder {
    pub id: UserId,
    pub name: String,
}

/// What the people who sign have before them, hashed (S-39): asked terms, proposed terms, report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentHash(pub [u8; 32]);

/// 审批: the proposed terms and who has signed them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    pub round: u16,
    /// The role of each step, first to last; one to three.
    pub steps: Vec<Role>,
    pub signed: Vec<Signature>,
    pub amount: Cents,
    pub rate: Rate,
    pub term: Term,
    pub valid_until: Date,
    pub content: ContentHash,
}

/// 同意 of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    pub by: UserId,
    pub name: String,
}

impl Approval {
    /// The role whose turn it is; `None` once everybody has signed.
    pub fn waits_for(&self) -> Option<Role> {
        self.steps.get(self.signed.len()).copied()
    }

    pub fn is_last(&self) -> bool {
        self.signed.len() + 1 == self.steps.len()
    }

    fn begin_again(&mut self) {
        self.signed.clear();
        self.round += 1;
    }
}

/// 提交审批: what is put before the approvers.
#[derive(Clone, Debug)]
pub struct ApprovalAsk {
    pub amount: Cents,
    pub rate: Rate,
    pub term: Term,
    pub valid_until: Date,
    pub opinion: String,
    pub steps: Vec<Role>,
    pub report_complete: bool,
    pub consent_stands: bool,
    pub content: ContentHash,
}

/// 放款: one draw.
#[derive(Clone, Debug)]
pub struct Draw {
    pub amount: Cents,
    pub rate: Rate,
    pub on: Date,
    pub contract_no: String,
    /// Nothing more will be drawn, even if less than approved.
    pub last: bool,
}

/// What a draw says, as it was recorded or as it is corrected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawFacts {
    pub amount: Cents,
    pub rate: Rate,
    pub on: Date,
    pub due_on: Option<Date>,
    pub contract_no: String,
}

/// 更正放款: what a draw said wrongly, and what it says from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawChange {
    pub number: u16,
    pub was: DrawFacts,
    pub now: DrawFacts,
    /// Nothing more will be drawn, even if less than approved.
    pub last: bool,
}

/// What a repayment says, as it was recorded or as it is corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RepaymentFacts {
    pub principal: Cents,
    pub on: Date,
}

/// 更正还款: what a repayment said wrongly, and what it says from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RepaymentChange {
    pub was: RepaymentFacts,
    pub now: RepaymentFacts,
}

/// Why a draw does not fit what was approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrawFault {
    /// In percent a year.
    RateTooHigh {
        max: i32,
    },
    /// Nothing is lent for nothing, unless it was approved so.
    RateZero,
    DueBeforeDraw,
    /// Later than the approved term and a month's grace allow.
    DueTooLate {
        latest: Date,
    },
}

impl FinancingApplication {
    /// A new draft (row 1), always valid.
    pub fn draft(record: ApplicationRecord) -> (Self, ApplicationEvent) {
        let mut this = Self { record };
        this.record.stage = Stage::Draft;
        this.record.version = 1;
        this.record.number = None;
        let actor = ActingPerson {
            id: Some(this.record.created_by),
            name: String::new(),
            role: Role::EnterpriseOwner,
        };
        let event = this.event(Verb::SaveDraft, None, actor, this.record.created_at);
        (this, event)
    }

    /// For storage only.
    pub fn restore(record: ApplicationRecord) -> Self {
        Self { record }
    }

    pub fn record(&self) -> &ApplicationRecord {
        &self.record
    }

    /// The manual's two columns; `None` before submission.
    pub fn columns(&self) -> Option<(IntakeStatus, ReviewStatus)> {
        columns(self.record.stage, self.record.ever_accepted)
    }

    /// Rewrites the ask of a draft (row 1).
    pub fn revise(
        &mut self,
        by: ActingPerson,
        ask: Ask,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let from = self.allow(Verb::SaveDraft, &by)?;
        let (handler, name) = ask
            .branch
            .map_or((None, String::new()), |(id, name)| (Some(id), name));
        self.record.handler = handler;
        self.record.handler_name = name;
        self.record.amount = ask.amount;
        self.record.term = ask.term;
        self.record.rate = ask.rate;
        self.record.product_version = ask.product_version;
        Ok(self.moved(Verb::SaveDraft, from, Stage::Draft, by, at))
    }

    fn only_holder(&self, by: &ActingPerson) -> Result<(), TransitionError> {
        if self.record.holder == by.id {
            Ok(())
        } else {
            Err(TransitionError::NotHolder {
                holder: self.record.holder_name.clone(),
            })
        }
    }

    fn allow(&self, verb: Verb, by: &ActingPerson) -> Result<Stage, TransitionError> {
        if rule_for(self.record.stage, verb, by.role).is_none() {
            return Err(self.not_allowed(verb, by));
        }
        if self.record.frozen {
            return Err(TransitionError::Frozen);
        }
        Ok(self.record.stage)
    }

    fn not_allowed(&self, verb: Verb, by: &ActingPerson) -> TransitionError {
        TransitionError::NotAllowed {
            stage: self.record.stage,
            verb,
            role: by.role,
        }
    }

    fn close(&mut self) {
        self.record.due_at = None;
        self.record.paused_at = None;
        self.record.returned_from = None;
    }

    fn moved(
        &mut self,
        verb: Verb,
        from: Stage,
        to: Stage,
        by: ActingPerson,
        at: OffsetDateTime,
    ) -> ApplicationEvent {
        self.record.stage = to;
        self.record.version += 1;
        self.record.updated_at = at;
        self.event(verb, Some(from), by, at)
    }

    /// As [`Self::moved`], with a note and facts.
    #[expect(clippy::too_many_arguments, reason = "one event has that many parts")]
    fn told(
        &mut self,
        verb: Verb,
        from: Stage,
        to: Stage,
        by: ActingPerson,
        at: OffsetDateTime,
        note: String,
        detail: EventDetail,
    ) -> ApplicationEvent {
        let mut event = self.moved(verb, from, to, by, at);
        event.note = note;
        event.detail = detail;
        event
    }

    fn event(
        &self,
        verb: Verb,
        from: Option<Stage>,
        actor: ActingPerson,
        at: OffsetDateTime,
    ) -> ApplicationEvent {
        ApplicationEvent {
            application: self.record.id,
            seq: self.record.version,
            verb,
            from,
            to: self.record.stage,
            actor,
            handler: self.record.handler,
            reason_codes: Vec::new(),
            note: String::new(),
            detail: EventDetail::None,
            at,
        }
    }
}

#[cfg(test)]
mod tests;

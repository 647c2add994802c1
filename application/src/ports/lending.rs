//! Lending 放款与还款: draws told by the bank and answered by the enterprise, and what was paid back.

use std::collections::HashMap;

use async_trait::async_trait;
use domain::{
    financing::{DrawFacts, RepaymentFacts, Stage},
    ids::{DrawId, FinancingApplicationId, RepaymentId, UserId},
    values::{Cents, Rate},
    vocabulary,
};
use time::{Date, OffsetDateTime};

use super::store::StoreError;

vocabulary! {
    /// What the enterprise said to a draw, and the bank to that.
    DrawState {
        Waiting = "waiting" / "待您确认",
        Confirmed = "confirmed" / "已确认无误",
        Disputed = "disputed" / "有异议，支行核实中",
        Answered = "answered" / "支行已答复，待您确认",
        Settled = "settled" / "已结清",
    }
}

/// 放款记录.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDraw {
    pub id: DrawId,
    pub number: u16,
    pub amount: Cents,
    pub rate: Rate,
    pub on: Date,
    pub due_on: Option<Date>,
    pub contract_no: String,
    /// `None`: told by the bank's own system.
    pub recorded_by: Option<UserId>,
    pub recorded_name: String,
    pub at: OffsetDateTime,
    /// 企业确认无误.
    pub confirmed_at: Option<OffsetDateTime>,
    /// 企业有异议, with its words.
    pub disputed_at: Option<OffsetDateTime>,
    pub dispute: String,
    /// The bank's answer to it.
    pub settled_note: String,
    pub settled_at: Option<OffsetDateTime>,
}

impl StoredDraw {
    /// What it says, apart from who recorded it and what was answered.
    pub fn facts(&self) -> DrawFacts {
        DrawFacts {
            amount: self.amount,
            rate: self.rate,
            on: self.on,
            due_on: self.due_on,
            contract_no: self.contract_no.clone(),
        }
    }

    /// Where the enterprise's word on it stands; once the loan is settled nothing is asked any more.
    pub fn state(&self, stage: Stage) -> DrawState {
        if self.confirmed_at.is_some() {
            DrawState::Confirmed
        } else if stage == Stage::Settled {
            DrawState::Settled
        } else if self.is_disputed() {
            DrawState::Disputed
        } else if self.settled_at.is_some() {
            DrawState::Answered
        } else {
            DrawState::Waiting
        }
    }

    /// 异议 that the bank still has to answer.
    pub fn is_disputed(&self) -> bool {
        self.disputed_at.is_some() && self.settled_at.is_none() && self.confirmed_at.is_none()
    }
}

/// 还款记录.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRepayment {
    pub id: RepaymentId,
    pub principal: Cents,
    pub on: Date,
    /// Principal owed afterwards.
    pub balance: Cents,
    pub recorded_by: Option<UserId>,
    pub recorded_name: String,
    pub at: OffsetDateTime,
}

impl StoredRepayment {
    /// What it says, apart from who recorded it and what was owed afterwards.
    pub fn facts(&self) -> RepaymentFacts {
        RepaymentFacts {
            principal: self.principal,
            on: self.on,
        }
    }
}

/// What was drawn and came back before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub first_draw: Option<Date>,
    pub repaid: Cents,
    /// Exactly this repayment was recorded before, as it is now or as it was before a correction.
    pub repeated: bool,
}

#[async_trait]
pub trait Lending: Send {
    async fn add_draw(
        &mut self,
        application: FinancingApplicationId,
        draw: &StoredDraw,
        source: &'static str,
    ) -> Result<(), StoreError>;

    /// Whether exactly this draw was recorded before, as it is now or as it was before a correction.
    async fn has_draw(
        &mut self,
        application: FinancingApplicationId,
        contract_no: &str,
        on: Date,
        amount: Cents,
    ) -> Result<bool, StoreError>;

    /// Applications that this person may see, by their 申请编号: id and version.
    async fn by_numbers(
        &mut self,
        numbers: &[String],
    ) -> Result<HashMap<String, (FinancingApplicationId, i32)>, StoreError>;

    /// In order of their numbers.
    async fn draws(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Vec<StoredDraw>, StoreError>;

    /// The enterprise confirms; `false` when it did before.
    async fn confirm_draw(
        &mut self,
        application: FinancingApplicationId,
        draw: DrawId,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError>;

    /// The enterprise doubts it; `false` when it said something before.
    async fn dispute_draw(
        &mut self,
        application: FinancingApplicationId,
        draw: DrawId,
        text: &str,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError>;

    /// The bank answers a doubt; `false` when none is open.
    async fn settle_dispute(
        &mut self,
        application: FinancingApplicationId,
        draw: DrawId,
        note: &str,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError>;

    async fn add_repayment(
        &mut self,
        application: FinancingApplicationId,
        repayment: &StoredRepayment,
        source: &'static str,
    ) -> Result<(), StoreError>;

    /// What a repayment of so much on that day is measured by, in one question however many there were before.
    async fn standing(
        &mut self,
        application: FinancingApplicationId,
        principal: Cents,
        on: Date,
    ) -> Result<Standing, StoreError>;

    /// In the order in which they were recorded.
    async fn repayments(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Vec<StoredRepayment>, StoreError>;
}

//! Loans 在贷: what runs, what of it is due next, and whom that has to be told.

use async_trait::async_trait;
use domain::{financing::FinancingApplication, ids::FinancingApplicationId, values::Cents};
use time::Date;

use super::store::StoreError;

/// Whose loans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoanSide {
    /// Those of the enterprise that asks.
    Enterprise,
    /// Those that the own branch holds.
    Branch,
    /// Those of every branch of the own institution.
    Institution,
}

/// A loan with something owed. Repayments count towards what was due first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningLoan {
    pub application: FinancingApplicationId,
    pub number: String,
    pub enterprise_name: String,
    pub product_name: String,
    pub branch_name: String,
    pub holder_name: String,
    pub drawn: Cents,
    pub owed: Cents,
    /// The next day on which principal is due, and how much of it; nothing where no draw names a day.
    pub next: Option<(Date, Cents)>,
}

/// A page of them, the longest due first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoanLeaf {
    pub rows: Vec<RunningLoan>,
    pub total: i64,
    /// Due before today.
    pub overdue: i64,
}

/// How near a day is when it is spoken of; each once for every day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueStep {
    /// Within sixty, thirty or fifteen days: that 续贷 may be asked for (W18), to the enterprise alone.
    Sixty,
    Thirty,
    Fifteen,
    /// Within seven days.
    Week,
    /// Tomorrow or today.
    Tomorrow,
    /// Past.
    Over,
}

impl DueStep {
    pub const ALL: [Self; 6] = [
        Self::Sixty,
        Self::Thirty,
        Self::Fifteen,
        Self::Week,
        Self::Tomorrow,
        Self::Over,
    ];

    /// Spoken of for the sake of 续贷, while there is time for it.
    pub const fn is_early(self) -> bool {
        matches!(self, Self::Sixty | Self::Thirty | Self::Fifteen)
    }

    pub const fn code(self) -> &'static str {
        match self {
            Self::Sixty => "sixty",
            Self::Thirty => "thirty",
            Self::Fifteen => "fifteen",
            Self::Week => "week",
            Self::Tomorrow => "tomorrow",
            Self::Over => "over",
        }
    }
}

/// First word of the keys under which a day is told once.
pub const LOAN_DUE: &str = "loan-due";

/// A loan whose next day is near, and whose people were not told.
#[derive(Clone, Debug)]
pub struct DueLoan {
    pub application: FinancingApplication,
    pub due_on: Date,
    pub sum: Cents,
    pub step: DueStep,
}

impl DueLoan {
    /// The key of the enterprise's letter; the branch's has a word behind it.
    pub fn key(&self) -> String {
        let id = self.application.record().id;
        format!("{LOAN_DUE}:{}:{id}:{}", self.step.code(), self.due_on)
    }
}

#[async_trait]
pub trait Loans: Send {
    /// `today` says what is overdue.
    async fn running(
        &mut self,
        side: LoanSide,
        today: Date,
        skip: i64,
        most: i64,
    ) -> Result<LoanLeaf, StoreError>;

    /// Loans of the city whose next day is near or past and not told yet, the longest due first.
    async fn coming_due(&mut self, today: Date, most: i64) -> Result<Vec<DueLoan>, StoreError>;
}

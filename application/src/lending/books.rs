//! The books of a loan: every draw and repayment, and whether what is owed stays possible when one of them is corrected.

use domain::{
    calendar::local_date,
    financing::{DrawChange, RepaymentChange},
    ids::{DrawId, FinancingApplicationId, RepaymentId},
    values::Cents,
};
use time::OffsetDateTime;

use crate::{
    error::{FieldError, UseError, UseResult},
    ports::{
        lending::{StoredDraw, StoredRepayment},
        loan_corrections::LoanChange,
        store::UnitOfWork,
    },
};

/// What was owed after a repayment.
type Owed = (RepaymentId, Cents);

/// Draws in order of their numbers, repayments in the order in which they were recorded.
pub(super) struct Books {
    draws: Vec<StoredDraw>,
    repayments: Vec<StoredRepayment>,
}

impl Books {
    pub(super) async fn read(
        work: &mut dyn UnitOfWork,
        application: FinancingApplicationId,
    ) -> UseResult<Self> {
        Ok(Self {
            draws: work.lending().draws(application).await?,
            repayments: work.lending().repayments(application).await?,
        })
    }

    pub(super) fn draw(&self, id: DrawId) -> UseResult<&StoredDraw> {
        let found = self.draws.iter().find(|draw| draw.id == id);
        found.ok_or_else(UseError::not_found)
    }

    pub(super) fn repayment(&self, id: RepaymentId) -> UseResult<&StoredRepayment> {
        let found = self.repayments.iter().find(|one| one.id == id);
        found.ok_or_else(UseError::not_found)
    }

    /// What was owed after each repayment that a correction touches; an error where that is impossible, or where the record does not
    /// say any more what is to be corrected.
    pub(super) fn owed_after(
        &self,
        change: &LoanChange,
        at: OffsetDateTime,
    ) -> UseResult<Vec<Owed>> {
        match change {
            LoanChange::Draw(id, change) => self.after_draw(*id, change),
            LoanChange::Repayment(id, change) => self.after_repayment(*id, *change, at),
        }
    }

    fn after_draw(&self, id: DrawId, change: &DrawChange) -> UseResult<Vec<Owed>> {
        let recorded = self.draw(id)?;
        if recorded.facts() != change.was {
            return Err(UseError::conflict("stale"));
        }
        let days = self.draws.iter().map(|draw| {
            if draw.id == id {
                change.now.on
            } else {
                draw.on
            }
        });
        let paid = self.repayments.iter().map(|one| one.on).min();
        if let (Some(first), Some(paid)) = (days.min(), paid)
            && paid < first
        {
            let error =
                FieldError::new("drawn_on", "lending.drawn_after_repaid").with("paid_on", paid);
            return Err(UseError::invalid(vec![error]));
        }
        let more = change.now.amount.cents() - change.was.amount.cents();
        let later = self.repayments.iter().filter(|one| one.at >= recorded.at);
        moved(later, more)
            .ok_or_else(|| UseError::field("draw_amount", "lending.corrected_below_repaid"))
    }

    fn after_repayment(
        &self,
        id: RepaymentId,
        change: RepaymentChange,
        at: OffsetDateTime,
    ) -> UseResult<Vec<Owed>> {
        let recorded = self.repayment(id)?;
        let (was, now) = (change.was, change.now);
        if recorded.facts() != was {
            return Err(UseError::conflict("stale"));
        }
        if now.principal == Cents::ZERO {
            return Err(UseError::field("principal", "lending.nothing_repaid"));
        }
        let first = self.draws.iter().map(|draw| draw.on).min();
        if now.on > local_date(at) || first.is_none_or(|first| now.on < first) {
            return Err(UseError::field("paid_on", "lending.paid_on_wrong"));
        }
        let later = || self.repayments.iter().skip_while(|one| one.id != id);
        let more = was.principal.cents() - now.principal.cents();
        moved(later(), more).ok_or_else(|| {
            let least = later().map(|one| one.balance).min().unwrap_or(Cents::ZERO);
            let most = was.principal.checked_add(least).unwrap_or(was.principal);
            UseError::invalid(vec![
                FieldError::new("principal", "lending.repaid_too_much")
                    .with("owed", most.format_yuan()),
            ])
        })
    }
}

/// Every one of them with so many cents more owed after it; `None` where less than nothing would be.
fn moved<'a>(rows: impl Iterator<Item = &'a StoredRepayment>, more: i64) -> Option<Vec<Owed>> {
    rows.map(|one| {
        let owed = one.balance.cents().checked_add(more)?;
        Some((one.id, Cents::new(owed).ok()?))
    })
    .collect()
}

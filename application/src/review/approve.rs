//! 通过 (row 21): the approved terms beside the asked ones, with an opinion.

use domain::{
    calendar::{local_date, parse_day},
    financing::{ApplicationRecord, Decision},
    product::ProductRange,
    tenant::Role,
    values::{Cents, FreeText, Rate, Term, TermUnit},
};
use time::{Date, Duration};

use super::{Intent, Review, Seen};
use crate::{
    access::{Action, Actor, Permit, Room},
    approval::single_step_limit,
    error::{Checks, FieldError, UseError, UseResult},
};

/// An approval is valid for three years at most: more is a slip of the finger.
const LONGEST_VALIDITY: Duration = Duration::days(3 * 366);

/// 通过 as the form says it, everything as typed.
#[derive(Clone, Debug)]
pub struct ApproveApplication {
    pub seen: Seen,
    pub terms: TypedTerms,
}

/// Approved or proposed terms, as typed.
#[derive(Clone, Debug)]
pub struct TypedTerms {
    /// 万元.
    pub amount: String,
    /// % a year.
    pub rate: String,
    pub term: String,
    /// `YYYY-MM-DD`, the last day on which the approval may be used.
    pub valid_until: String,
    pub opinion: String,
}

/// The same, parsed.
pub(crate) struct Terms {
    pub amount: Cents,
    pub rate: Rate,
    pub term: Term,
    pub valid_until: Date,
    pub opinion: String,
}

const ACTION: &str = "application.approve";

impl Review {
    pub async fn approve(
        &self,
        actor: &Actor,
        ask: ApproveApplication,
        intent: Intent,
    ) -> UseResult<()> {
        let object = ask.seen.application;
        let permit = self
            .watch
            .permit(actor, Room::Review, Action::Approve, object)
            .await?;
        let outcome = self.sign(actor, &permit, &ask, intent).await;
        self.watch
            .refused(actor, Room::Review, Action::Approve, object, outcome)
            .await
    }

    async fn sign(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &ApproveApplication,
        intent: Intent,
    ) -> UseResult<()> {
        let city = self.city(actor)?;
        let taken = self.take(actor, permit, &ask.seen, ACTION, intent).await?;
        let Some(mut taken) = taken else {
            return Ok(());
        };
        let work = &mut *taken.work;
        if !work.dossiers().consent_stands(ask.seen.application).await? {
            return Err(UseError::conflict("review.consent_withdrawn"));
        }
        let record = taken.application.record();
        let range = work
            .branch_board()
            .range(record.product, record.product_version)
            .await?
            .ok_or_else(|| UseError::conflict("review.product_gone"))?;
        let terms = ask
            .terms
            .parse("opinion", record, &range, local_date(taken.at))?;
        let limit = single_step_limit(work, &city, record.bank).await?;
        let single_step = limit.is_some_and(|limit| terms.amount <= limit);
        let decision = Decision {
            amount: terms.amount,
            rate: terms.rate,
            term: terms.term,
            valid_until: terms.valid_until,
            opinion: terms.opinion,
            single_step,
        };
        let by = actor.acting_as(&[Role::BranchApprover]);
        let event = self.with_clocks(&city, |clocks| {
            taken
                .application
                .approve(by, decision, &range, clocks, taken.at)
        })?;
        self.settle(actor, taken, &event, ACTION, &ask.seen.once, intent)
            .await
    }
}

impl TypedTerms {
    /// All field errors at once, the product's range of the amount among them; the opinion's are told at `opinion_field`.
    pub(crate) fn parse(
        &self,
        opinion_field: &'static str,
        record: &ApplicationRecord,
        range: &ProductRange,
        today: Date,
    ) -> UseResult<Terms> {
        let unit: TermUnit = record.term.unit();
        let mut checks = Checks::default();
        let amount = checks.take("approved_amount", Cents::parse_wan(&self.amount));
        let rate = checks.take("approved_rate", Rate::parse(&self.rate));
        let term = checks.take("approved_term", Term::parse(&self.term, unit));
        let valid_until = validity(&mut checks, &self.valid_until, today);
        if amount.is_some_and(|amount| amount > record.amount) {
            checks.push(
                FieldError::new("approved_amount", "review.amount_above_asked")
                    .with("asked", record.amount.format_wan_short()),
            );
        }
        if rate.is_some_and(|rate| rate.hundredths() == 0) {
            checks.push(FieldError::new("approved_rate", "rate.zero"));
        }
        let opinion = checks.take(opinion_field, FreeText::<500>::parse(&self.opinion));
        if let Some(amount) = amount
            && (amount < range.amount_min || amount > range.amount_max)
        {
            checks.push(
                FieldError::new("approved_amount", "product.amount_out_of_range")
                    .with("min", range.amount_min.format_wan_short())
                    .with("max", range.amount_max.format_wan_short()),
            );
        }
        let (Some(amount), Some(rate), Some(term), Some(valid_until), Some(opinion)) =
            (amount, rate, term, valid_until, opinion)
        else {
            return Err(checks.into_error());
        };
        // The other ranges are the domain's to tell, in the same words; told together when nothing else is wrong.
        if checks.is_empty() {
            return Ok(Terms {
                amount,
                rate,
                term,
                valid_until,
                opinion: opinion.as_str().to_owned(),
            });
        }
        Err(checks.into_error())
    }
}

fn validity(checks: &mut Checks, typed: &str, today: Date) -> Option<Date> {
    let typed = typed.trim();
    if typed.is_empty() {
        checks.push(FieldError::new("valid_until", "review.validity_empty"));
        return None;
    }
    let Some(day) = parse_day(typed) else {
        checks.push(FieldError::new("valid_until", "review.validity_format"));
        return None;
    };
    if day <= today {
        checks.push(FieldError::new("valid_until", "review.validity_in_past"));
        return None;
    }
    if day > today + LONGEST_VALIDITY {
        checks.push(FieldError::new("valid_until", "review.validity_too_long"));
        return None;
    }
    Some(day)
}

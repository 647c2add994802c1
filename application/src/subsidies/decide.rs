//! 初审, 复核, 不予通过, 登记拨付: two people of the city agree on a claim as its loan stands then (S-39); the payment is noted afterwards.

use domain::{
    calendar::{local_date, parse_day},
    subsidy::ClaimStep,
    values::{Cents, FreeText},
};
use serde_json::json;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::{Step, SubsidyRoom, as_shown, granted, locked, of_the_city};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, FieldError, UseError, UseResult},
    once::Once,
    ports::{
        store::UnitOfWork,
        subsidy_claims::{Claim, Decided, Payment},
    },
};

/// One deed, as its form says it.
#[derive(Clone, Debug)]
pub enum ClaimDeed {
    /// The sum in cents that the page showed.
    Propose {
        shown: String,
    },
    Approve {
        shown: String,
    },
    Refuse {
        reason: String,
    },
    Pay {
        /// 元.
        sum: String,
        /// `YYYY-MM-DD`.
        on: String,
    },
}

/// A deed about a claim in the version that the page showed.
#[derive(Clone, Debug)]
pub struct DecideClaim {
    pub claim: Uuid,
    pub version: i32,
    pub deed: ClaimDeed,
    pub once: Once,
}

impl ClaimDeed {
    pub const fn step(&self) -> ClaimStep {
        match self {
            Self::Propose { .. } => ClaimStep::Propose,
            Self::Approve { .. } => ClaimStep::Approve,
            Self::Refuse { .. } => ClaimStep::Refuse,
            Self::Pay { .. } => ClaimStep::Pay,
        }
    }

    const fn room_action(&self) -> Action {
        match self {
            Self::Pay { .. } => Action::Record,
            _ => Action::Check,
        }
    }

    const fn told(&self) -> Step {
        match self {
            Self::Propose { .. } => Step {
                action: "subsidy.propose",
                code: "proposed",
            },
            Self::Approve { .. } => Step {
                action: "subsidy.approve",
                code: "approved",
            },
            Self::Refuse { .. } => Step {
                action: "subsidy.refuse",
                code: "refused",
            },
            Self::Pay { .. } => Step {
                action: "subsidy.pay",
                code: "paid",
            },
        }
    }
}

impl SubsidyRoom {
    pub async fn decide(&self, actor: &Actor, ask: DecideClaim) -> UseResult<()> {
        of_the_city(actor)?;
        let (object, action) = (ask.claim, ask.deed.room_action());
        let permit = self
            .watch
            .permit(actor, Room::Subsidies, action, object)
            .await?;
        let outcome = self.act(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Subsidies, action, object, outcome)
            .await
    }

    async fn act(&self, actor: &Actor, permit: &Permit, ask: &DecideClaim) -> UseResult<()> {
        let at = self.watch.clock.now();
        let told = ask.deed.told();
        let mut work = self.store.begin(permit).await?;
        if ask
            .once
            .replayed(&mut *work, told.action, at)
            .await?
            .is_some()
        {
            return Ok(());
        }
        let mut claim = locked(&mut *work, ask.claim).await?;
        if claim.version != ask.version {
            return Err(UseError::conflict("stale"));
        }
        let to = claim.status.after(ask.deed.step()).ok_or_else(|| {
            UseError::conflict("subsidy.not_now").with("status", claim.status.zh())
        })?;
        let by = Decided {
            by: actor.user,
            by_name: actor.name.clone(),
            at,
        };
        match &ask.deed {
            ClaimDeed::Propose { shown } => {
                measured(&mut *work, &mut claim, shown).await?;
                claim.proposed = Some(by);
            }
            ClaimDeed::Approve { shown } => {
                if claim.proposed.as_ref().is_some_and(|p| p.by == actor.user) {
                    return Err(UseError::conflict("financing.second_person_missing"));
                }
                let agreed = (claim.days, claim.sum);
                measured(&mut *work, &mut claim, shown).await?;
                // What the first person agreed to is no more what the loan gives: it is refused, and applied for anew.
                if (claim.days, claim.sum) != agreed {
                    let sum = claim.sum.format_yuan();
                    return Err(UseError::conflict("subsidy.proposal_moved").with("sum", sum));
                }
                claim.approved = Some(by);
            }
            ClaimDeed::Refuse { reason } => {
                let mut checks = Checks::default();
                let words = checks.take("refusal", FreeText::<300>::parse(reason));
                let words = words.ok_or_else(|| checks.into_error())?;
                words.as_str().clone_into(&mut claim.refusal);
                claim.refused = Some(by);
                // Whoever gets nothing is asked for no account.
                claim.account_sealed = None;
            }
            ClaimDeed::Pay { sum, on } => {
                claim.paid = Some(payment(&claim, (sum.as_str(), on.as_str()), by, at)?);
            }
        }
        claim.status = to;
        work.subsidy_claims().save_subsidy_claim(&claim).await?;
        self.note(&mut *work, actor, &claim, told, at).await?;
        ask.once.done(&mut *work, told.action, json!({})).await?;
        Ok(work.commit().await?)
    }
}

/// Days and sum by the rules of the version that it was filed under, and the loan as it stands now.
async fn measured(work: &mut dyn UnitOfWork, claim: &mut Claim, shown: &str) -> UseResult<()> {
    if claim.lost_its_account() {
        return Err(UseError::conflict("subsidy.account_gone"));
    }
    let (policy, version) = (claim.policy, claim.policy_version);
    let offer = work.subsidies().subsidy_version(policy, version).await?;
    let facts = work.subsidies().subsidy_loan(claim.draw).await?;
    let (Some(offer), Some(facts)) = (offer, facts) else {
        return Err(UseError::bug("a claim without its policy or its loan"));
    };
    let granted = granted(&offer, &facts)?;
    as_shown(shown, granted)?;
    claim.days = granted.days;
    claim.sum = granted.sum;
    Ok(())
}

/// 拨付 as typed: no more than was approved, on a day between the approval and today.
fn payment(
    claim: &Claim,
    (sum, on): (&str, &str),
    by: Decided,
    at: OffsetDateTime,
) -> UseResult<Payment> {
    let mut checks = Checks::default();
    let sum = checks.take("paid_sum", Cents::parse_yuan(sum));
    if let Some(sum) = sum {
        if sum == Cents::ZERO {
            checks.push(FieldError::new("paid_sum", "subsidy.sum_zero"));
        } else if sum > claim.sum {
            let most = claim.sum.format_yuan();
            checks.push(FieldError::new("paid_sum", "subsidy.paid_too_much").with("most", most));
        }
    }
    let approved = claim.approved.as_ref().map(|one| local_date(one.at));
    let on = paid_on(&mut checks, on, (approved, local_date(at)));
    match (sum, on) {
        (Some(sum), Some(on)) if checks.is_empty() => Ok(Payment { sum, on, told: by }),
        _ => Err(checks.into_error()),
    }
}

fn paid_on(checks: &mut Checks, typed: &str, (first, last): (Option<Date>, Date)) -> Option<Date> {
    if typed.trim().is_empty() {
        checks.push(FieldError::new("payout_on", "date.empty"));
        return None;
    }
    let Some(day) = parse_day(typed) else {
        checks.push(FieldError::new("payout_on", "date.format"));
        return None;
    };
    if day > last || first.is_some_and(|first| day < first) {
        checks.push(FieldError::new("payout_on", "subsidy.paid_on"));
        return None;
    }
    Some(day)
}

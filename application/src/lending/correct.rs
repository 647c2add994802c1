//! 更正放款 and 更正还款: what was recorded wrongly is proposed anew by one person and confirmed by another; the old stays in the log.
//! Until then whoever proposed it may take it back.

use domain::{
    financing::{ActingPerson, DrawChange, DrawFacts, RepaymentChange, RepaymentFacts},
    ids::{DrawId, RepaymentId},
    tenant::Role,
    values::{Cents, FreeText, Rate},
};
use serde_json::json;

use super::{Lending, books::Books, check_recorder, day, draw::amount_of, note, recorder};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, FieldError, Kind, UseError, UseResult},
    ports::{
        appeals::{CorrectionStatus, Settled},
        audit::AuditEntry,
        lending::{StoredDraw, StoredRepayment},
        loan_corrections::{LoanChange, LoanCorrection},
        store::StoreError,
    },
    review::{Intent, Seen, Taken},
    two_people::{said_yes, word_why},
};

/// 更正放款 as the form says it: what is left empty stays as it was recorded.
#[derive(Clone, Debug)]
pub struct CorrectDraw {
    pub seen: Seen,
    /// `None`: none was chosen.
    pub draw: Option<DrawId>,
    /// 万元, or 元 when it says so.
    pub amount: String,
    /// % a year.
    pub rate: String,
    /// `YYYY-MM-DD`.
    pub drawn_on: String,
    pub due_on: String,
    pub contract_no: String,
    /// Nothing more will be drawn.
    pub last: bool,
    pub reason: String,
}

/// 更正还款 as the form says it: what is left empty stays as it was recorded.
#[derive(Clone, Debug)]
pub struct CorrectRepayment {
    pub seen: Seen,
    /// `None`: none was chosen.
    pub repayment: Option<RepaymentId>,
    /// 元.
    pub principal: String,
    /// `YYYY-MM-DD`.
    pub paid_on: String,
    pub reason: String,
}

/// The second person's answer to the correction that waits.
#[derive(Clone, Debug)]
pub struct SettleLoanCorrection {
    pub seen: Seen,
    /// `accept` or `decline`.
    pub verdict: String,
}

/// 撤回 of the correction that this person proposed.
#[derive(Clone, Debug)]
pub struct WithdrawLoanCorrection {
    pub seen: Seen,
    /// A word why; may be empty.
    pub reason: String,
}

/// What is proposed, before it is written down.
struct Proposal {
    change: LoanChange,
    reason: String,
    by: ActingPerson,
}

const ASK: &str = "application.ask_loan_correction";
const SETTLE: &str = "application.correct_loan";
const WITHDRAW: &str = "application.withdraw_loan_correction";

/// The correction that waits for its second person.
pub fn open_correction(all: &[LoanCorrection]) -> Option<&LoanCorrection> {
    all.iter().find(|one| one.status == CorrectionStatus::Open)
}

/// Why none waits: it was taken back, or settled, or never proposed.
pub fn none_waits(all: &[LoanCorrection]) -> UseError {
    match all.last() {
        Some(last) if last.status == CorrectionStatus::Withdrawn => {
            UseError::conflict("two_people.withdrawn").with("by", &last.settled_name)
        }
        _ => UseError::conflict("lending.correction_settled"),
    }
}

fn reason_of(checks: &mut Checks, typed: &str) -> Option<String> {
    let reason = checks.take("correction_reason", FreeText::<300>::parse(typed));
    reason.map(|reason| reason.as_str().to_owned())
}

/// As typed, or as it was where nothing was typed.
fn typed_or<T>(typed: &str, was: T, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
    if typed.trim().is_empty() {
        return Some(was);
    }
    read(typed)
}

impl CorrectDraw {
    fn change(&self, was: &StoredDraw) -> UseResult<DrawChange> {
        let mut checks = Checks::default();
        let amount = typed_or(&self.amount, was.amount, |typed| {
            checks.take("draw_amount", amount_of(typed))
        });
        let rate = typed_or(&self.rate, was.rate, |typed| {
            checks.take("draw_rate", Rate::parse(typed))
        });
        let on = typed_or(&self.drawn_on, was.on, |typed| {
            day(&mut checks, "drawn_on", typed)
        });
        let due_on = typed_or(&self.due_on, was.due_on, |typed| {
            day(&mut checks, "due_on", typed).map(Some)
        });
        let contract_no = typed_or(&self.contract_no, was.contract_no.clone(), |typed| {
            let parsed = checks.take("contract_no", FreeText::<60>::parse(typed));
            parsed.map(|text| text.as_str().to_owned())
        });
        match (amount, rate, on, due_on, contract_no) {
            (Some(amount), Some(rate), Some(on), Some(due_on), Some(contract_no)) => {
                Ok(DrawChange {
                    number: was.number,
                    was: was.facts(),
                    now: DrawFacts {
                        amount,
                        rate,
                        on,
                        due_on,
                        contract_no,
                    },
                    last: self.last,
                })
            }
            _ => Err(checks.into_error()),
        }
    }
}

impl CorrectRepayment {
    fn change(&self, was: &StoredRepayment) -> UseResult<RepaymentChange> {
        let mut checks = Checks::default();
        let principal = typed_or(&self.principal, was.principal, |typed| {
            checks.take("principal", Cents::parse_yuan(typed))
        });
        let on = typed_or(&self.paid_on, was.on, |typed| {
            day(&mut checks, "paid_on", typed)
        });
        let (Some(principal), Some(on)) = (principal, on) else {
            return Err(checks.into_error());
        };
        Ok(RepaymentChange {
            was: was.facts(),
            now: RepaymentFacts { principal, on },
        })
    }
}

/// What the first person could mend in a form, the second one can only decline.
fn no_longer_fits(error: UseError) -> UseError {
    if error.kind == Kind::Invalid {
        return UseError::conflict("lending.correction_no_longer_fits");
    }
    error
}

impl Lending {
    pub async fn correct_draw(
        &self,
        actor: &Actor,
        ask: CorrectDraw,
        intent: Intent,
    ) -> UseResult<()> {
        let object = ask.seen.application;
        let watch = &self.review.watch;
        let permit = watch
            .permit(actor, Room::Lending, Action::Record, object)
            .await?;
        let outcome = self.propose_draw(actor, &permit, &ask, intent).await;
        watch
            .refused(actor, Room::Lending, Action::Record, object, outcome)
            .await
    }

    async fn propose_draw(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &CorrectDraw,
        intent: Intent,
    ) -> UseResult<()> {
        let mut checks = Checks::default();
        if ask.draw.is_none() {
            checks.push(FieldError::new("draw", "lending.draw_not_chosen"));
        }
        let reason = reason_of(&mut checks, &ask.reason);
        let (Some(id), Some(reason)) = (ask.draw, reason) else {
            return Err(checks.into_error());
        };
        let review = &self.review;
        let taken = review.take(actor, permit, &ask.seen, ASK, intent).await?;
        let Some(mut taken) = taken else {
            return Ok(());
        };
        check_recorder(&taken.application, actor)?;
        let books = Books::read(&mut *taken.work, ask.seen.application).await?;
        let change = ask.change(books.draw(id)?)?;
        let by = recorder(&taken.application, actor);
        taken.application.may_correct_draw(&by, &change, taken.at)?;
        let change = LoanChange::Draw(id, change);
        books.owed_after(&change, taken.at)?;
        let proposal = Proposal { change, reason, by };
        self.put(actor, taken, &ask.seen, proposal, intent).await
    }

    pub async fn correct_repayment(
        &self,
        actor: &Actor,
        ask: CorrectRepayment,
        intent: Intent,
    ) -> UseResult<()> {
        let object = ask.seen.application;
        let watch = &self.review.watch;
        let permit = watch
            .permit(actor, Room::Lending, Action::Record, object)
            .await?;
        let outcome = self.propose_repayment(actor, &permit, &ask, intent).await;
        watch
            .refused(actor, Room::Lending, Action::Record, object, outcome)
            .await
    }

    async fn propose_repayment(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &CorrectRepayment,
        intent: Intent,
    ) -> UseResult<()> {
        let mut checks = Checks::default();
        if ask.repayment.is_none() {
            checks.push(FieldError::new("repayment", "lending.repayment_not_chosen"));
        }
        let reason = reason_of(&mut checks, &ask.reason);
        let (Some(id), Some(reason)) = (ask.repayment, reason) else {
            return Err(checks.into_error());
        };
        let review = &self.review;
        let taken = review.take(actor, permit, &ask.seen, ASK, intent).await?;
        let Some(mut taken) = taken else {
            return Ok(());
        };
        check_recorder(&taken.application, actor)?;
        let books = Books::read(&mut *taken.work, ask.seen.application).await?;
        let change = ask.change(books.repayment(id)?)?;
        let by = recorder(&taken.application, actor);
        taken.application.may_correct_repayment(&by, change)?;
        let change = LoanChange::Repayment(id, change);
        books.owed_after(&change, taken.at)?;
        let proposal = Proposal { change, reason, by };
        self.put(actor, taken, &ask.seen, proposal, intent).await
    }

    /// Written down for the second person.
    async fn put(
        &self,
        actor: &Actor,
        mut taken: Taken,
        seen: &Seen,
        proposal: Proposal,
        intent: Intent,
    ) -> UseResult<()> {
        let (id, clock) = (seen.application, &self.review.watch.clock);
        let work = &mut *taken.work;
        let all = work.loan_corrections().loan_corrections(id).await?;
        if open_correction(&all).is_some() {
            return Err(UseError::conflict("lending.correction_asked_before"));
        }
        if intent == Intent::Check {
            return Ok(());
        }
        let asked = LoanCorrection {
            id: clock.new_id(),
            application: id,
            change: proposal.change,
            reason: proposal.reason,
            asked_by: actor.user,
            asked_name: actor.name.clone(),
            asked_role: proposal.by.role,
            asked_at: taken.at,
            status: CorrectionStatus::Open,
            settled_name: String::new(),
            settled_at: None,
            withdrawal: String::new(),
        };
        match work.loan_corrections().ask_loan_correction(&asked).await {
            Err(StoreError::Conflict(name)) if name == "loan_corrections_one_open" => {
                return Err(UseError::conflict("lending.correction_asked_before"));
            }
            done => done?,
        }
        let what = ("loan_correction_asked", asked.id);
        note(work, clock.new_id(), id, what, None, taken.at).await?;
        let entry = AuditEntry::by(actor, clock.new_id(), ASK, id, taken.at)
            .detail(json!({ "correction": asked.id }));
        work.audit().write(entry).await?;
        let answer = json!({ "correction": asked.id });
        seen.once.done(work, ASK, answer).await?;
        Ok(taken.work.commit().await?)
    }

    /// Confirms the correction that waits, or leaves everything as it is.
    pub async fn settle_correction(
        &self,
        actor: &Actor,
        ask: SettleLoanCorrection,
        intent: Intent,
    ) -> UseResult<()> {
        let object = ask.seen.application;
        let watch = &self.review.watch;
        let permit = watch
            .permit(actor, Room::Lending, Action::Check, object)
            .await?;
        let outcome = self.correct(actor, &permit, &ask, intent).await;
        watch
            .refused(actor, Room::Lending, Action::Check, object, outcome)
            .await
    }

    async fn correct(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &SettleLoanCorrection,
        intent: Intent,
    ) -> UseResult<()> {
        let confirm = said_yes(&ask.verdict)
            .ok_or_else(|| UseError::field("verdict", "appeal.verdict_empty"))?;
        let review = &self.review;
        let taken = review
            .take(actor, permit, &ask.seen, SETTLE, intent)
            .await?;
        let Some(mut taken) = taken else {
            return Ok(());
        };
        let id = ask.seen.application;
        let all = taken.work.loan_corrections().loan_corrections(id).await?;
        let Some(waiting) = open_correction(&all) else {
            return Err(none_waits(&all));
        };
        if waiting.asked_by == actor.user {
            return Err(UseError::conflict("lending.correction_same_person"));
        }
        if !confirm {
            return self.decline(actor, taken, ask, waiting, intent).await;
        }
        let books = Books::read(&mut *taken.work, id).await?;
        let owed = books.owed_after(&waiting.change, taken.at);
        let owed = owed.map_err(no_longer_fits)?;
        let asker = ActingPerson {
            id: Some(waiting.asked_by),
            name: waiting.asked_name.clone(),
            role: waiting.asked_role,
        };
        let second = actor.acting_as(&[
            Role::BranchHead,
            Role::BranchApprover,
            Role::HqAdministrator,
            Role::HqApprover,
        ]);
        let (reason, at) = (waiting.reason.clone(), taken.at);
        let application = &mut taken.application;
        let event = match &waiting.change {
            LoanChange::Draw(_, change) => {
                application.correct_draw(asker, &second, reason, change.clone(), at)
            }
            LoanChange::Repayment(_, change) => {
                application.correct_repayment(asker, &second, reason, *change, at)
            }
        };
        let event = event.map_err(|error| no_longer_fits(error.into()))?;
        if intent == Intent::Check {
            return Ok(());
        }
        let corrections = taken.work.loan_corrections();
        let by = Settled::by(actor, at);
        let done = corrections
            .settle_loan_correction(waiting.id, true, &by)
            .await?;
        if !done {
            return Err(UseError::conflict("stale"));
        }
        corrections.apply_loan_correction(waiting, &owed).await?;
        let once = &ask.seen.once;
        review
            .settle(actor, taken, &event, SETTLE, once, intent)
            .await
    }

    async fn decline(
        &self,
        actor: &Actor,
        mut taken: Taken,
        ask: &SettleLoanCorrection,
        waiting: &LoanCorrection,
        intent: Intent,
    ) -> UseResult<()> {
        if intent == Intent::Check {
            return Ok(());
        }
        let work = &mut *taken.work;
        let by = Settled::by(actor, taken.at);
        let corrections = work.loan_corrections();
        let done = corrections
            .settle_loan_correction(waiting.id, false, &by)
            .await?;
        if !done {
            return Err(UseError::conflict("stale"));
        }
        let (id, clock) = (waiting.application, &self.review.watch.clock);
        let detail = json!({ "correction": waiting.id, "confirmed": false });
        let entry = AuditEntry::by(actor, clock.new_id(), SETTLE, id, taken.at).detail(detail);
        work.audit().write(entry).await?;
        let answer = json!({ "confirmed": false });
        ask.seen.once.done(work, SETTLE, answer).await?;
        Ok(taken.work.commit().await?)
    }
}

impl Lending {
    /// Whoever proposed it takes it back; what was recorded stands as it is.
    pub async fn withdraw_correction(
        &self,
        actor: &Actor,
        ask: WithdrawLoanCorrection,
        intent: Intent,
    ) -> UseResult<()> {
        let object = ask.seen.application;
        let watch = &self.review.watch;
        let permit = watch
            .permit(actor, Room::Lending, Action::Record, object)
            .await?;
        let outcome = self.take_back(actor, &permit, &ask, intent).await;
        watch
            .refused(actor, Room::Lending, Action::Record, object, outcome)
            .await
    }

    async fn take_back(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &WithdrawLoanCorrection,
        intent: Intent,
    ) -> UseResult<()> {
        let reason = word_why(&ask.reason)?;
        let (id, review) = (ask.seen.application, &self.review);
        let taken = review
            .take(actor, permit, &ask.seen, WITHDRAW, intent)
            .await?;
        let Some(mut taken) = taken else {
            return Ok(());
        };
        let (work, at) = (&mut *taken.work, taken.at);
        let all = work.loan_corrections().loan_corrections(id).await?;
        let waiting = open_correction(&all).ok_or_else(|| none_waits(&all))?;
        if waiting.asked_by != actor.user {
            return Err(UseError::conflict("two_people.not_the_asker"));
        }
        if intent == Intent::Check {
            return Ok(());
        }
        let corrections = work.loan_corrections();
        let done = corrections
            .withdraw_loan_correction(waiting.id, &reason, at)
            .await?;
        if !done {
            return Err(UseError::conflict("stale"));
        }
        let entry = AuditEntry::by(actor, review.watch.clock.new_id(), WITHDRAW, id, at)
            .detail(json!({ "correction": waiting.id, "reason": reason }));
        work.audit().write(entry).await?;
        ask.seen.once.done(work, WITHDRAW, json!({})).await?;
        Ok(taken.work.commit().await?)
    }
}

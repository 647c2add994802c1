//! 延期申请 at the branch (W18): one person answers with a day or declines with a reason; a day stands once a second person agreed.

use domain::{
    calendar::local_date,
    deferral::{DayFault, DeferralStatus, check_day},
    values::{Cents, FreeText},
};
use serde_json::json;
use time::Date;
use uuid::Uuid;

use super::{Lending, check_lent, check_recorder, day, due::unpaid, note};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, FieldError, UseError, UseResult},
    ports::{
        appeals::Settled, audit::AuditEntry, deferrals::Deferral, lending::StoredDraw,
        store::UnitOfWork,
    },
    review::{Intent, Seen, Taken},
    two_people::said_yes,
};

/// The answer to the deferral that waits.
#[derive(Clone, Debug)]
pub struct AnswerDeferral {
    pub seen: Seen,
    /// `accept` or `decline`.
    pub verdict: String,
    /// `YYYY-MM-DD`; empty: the day that was asked for.
    pub new_due_on: String,
    /// Asked for where it is declined.
    pub reason: String,
}

/// The second person's word on the day that the first one proposed.
#[derive(Clone, Debug)]
pub struct SettleDeferral {
    pub seen: Seen,
    /// `accept` or `decline`.
    pub verdict: String,
}

const ANSWER: &str = "application.answer_deferral";
const SETTLE: &str = "application.settle_deferral";

/// The deferral that waits for somebody of the bank.
pub fn open_deferral(all: &[Deferral]) -> Option<&Deferral> {
    all.iter().find(|one| one.status.is_open())
}

/// The same at one step.
pub fn deferral_at(all: &[Deferral], status: DeferralStatus) -> Option<&Deferral> {
    open_deferral(all).filter(|one| one.status == status)
}

/// Nothing waits for this person.
pub fn no_deferral() -> UseError {
    UseError::conflict("deferral.none_waits")
}

/// What was answered, before it is written down.
enum Answer {
    Agree(Date, String),
    Decline(String),
}

/// What was said of a deferral, as those whom it concerns are told.
struct Said {
    of: Uuid,
    what: &'static str,
    /// What was drawn, due on this day.
    sum: Cents,
    on: Date,
}

/// The draw as it stands, and whether the request still fits it: it was not paid back, and is due on the same day, since somebody asked.
async fn draw_of(work: &mut dyn UnitOfWork, ask: &Deferral) -> UseResult<(StoredDraw, bool)> {
    let draws = work.lending().draws(ask.application).await?;
    let repaid = work.lending().repayments(ask.application).await?;
    let fits = unpaid(&draws, &repaid)
        .iter()
        .any(|draw| draw.id == ask.draw && draw.due_on == Some(ask.old_due_on));
    let draw = draws.into_iter().find(|draw| draw.id == ask.draw);
    Ok((draw.ok_or_else(UseError::not_found)?, fits))
}

fn no_longer() -> UseError {
    UseError::conflict("deferral.no_longer_fits")
}

fn agrees(verdict: &str) -> UseResult<bool> {
    said_yes(verdict).ok_or_else(|| UseError::field("verdict", "deferral.verdict_empty"))
}

/// What is wrong with a new due day, at its field.
pub(crate) fn day_fault(field: &'static str, fault: DayFault) -> UseError {
    let error = match fault {
        DayFault::TooEarly { after } => {
            FieldError::new(field, "deferral.day_too_early").with("after", after)
        }
        DayFault::TooLate { latest } => {
            FieldError::new(field, "deferral.day_too_late").with("latest", latest)
        }
    };
    UseError::invalid(vec![error])
}

impl AnswerDeferral {
    fn read(&self, ask: &Deferral, today: Date) -> UseResult<Answer> {
        let accept = agrees(&self.verdict)?;
        let mut checks = Checks::default();
        let words = FreeText::<300>::parse_optional(&self.reason);
        let words = checks.take("deferral_answer", words).flatten();
        let words = words.map_or(String::new(), |text| text.as_str().to_owned());
        if !accept {
            if checks.is_empty() && words.is_empty() {
                checks.push(FieldError::new(
                    "deferral_answer",
                    "deferral.reason_missing",
                ));
            }
            checks.finish()?;
            return Ok(Answer::Decline(words));
        }
        let on = if self.new_due_on.trim().is_empty() {
            Some(ask.wanted_on)
        } else {
            day(&mut checks, "new_due_on", &self.new_due_on)
        };
        let (Some(on), true) = (on, checks.is_empty()) else {
            return Err(checks.into_error());
        };
        check_day(ask.old_due_on, on, today).map_err(|fault| day_fault("new_due_on", fault))?;
        Ok(Answer::Agree(on, words))
    }
}

impl Lending {
    /// 同意, for a second person to agree to, or 不同意 with a reason.
    pub async fn answer_deferral(
        &self,
        actor: &Actor,
        ask: AnswerDeferral,
        intent: Intent,
    ) -> UseResult<()> {
        let object = ask.seen.application;
        let watch = &self.review.watch;
        let permit = watch
            .permit(actor, Room::Lending, Action::Record, object)
            .await?;
        let outcome = self.answer_asked(actor, &permit, &ask, intent).await;
        watch
            .refused(actor, Room::Lending, Action::Record, object, outcome)
            .await
    }

    async fn answer_asked(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &AnswerDeferral,
        intent: Intent,
    ) -> UseResult<()> {
        let (id, review) = (ask.seen.application, &self.review);
        let taken = review
            .take(actor, permit, &ask.seen, ANSWER, intent)
            .await?;
        let Some(mut taken) = taken else {
            return Ok(());
        };
        check_recorder(&taken.application, actor)?;
        check_lent(taken.application.record())?;
        let by = Settled::by(actor, taken.at);
        let work = &mut *taken.work;
        let all = work.deferrals().deferrals(id).await?;
        let waiting = deferral_at(&all, DeferralStatus::Open).ok_or_else(no_deferral)?;
        let answer = ask.read(waiting, local_date(by.at))?;
        let (draw, fits) = draw_of(work, waiting).await?;
        // What no longer fits can still be declined.
        if !fits && matches!(answer, Answer::Agree(..)) {
            return Err(no_longer());
        }
        if intent == Intent::Check {
            return Ok(());
        }
        let deferrals = work.deferrals();
        let (done, what, on) = match &answer {
            Answer::Agree(on, words) => {
                let done = deferrals.propose_deferral(waiting.id, *on, words, &by);
                (done.await?, "deferral_proposed", *on)
            }
            Answer::Decline(words) => {
                let done = deferrals.decline_deferral(waiting.id, words, &by);
                (done.await?, "deferral_declined", waiting.wanted_on)
            }
        };
        if !done {
            return Err(UseError::conflict("stale"));
        }
        let said = Said {
            of: waiting.id,
            what,
            sum: draw.amount,
            on,
        };
        self.conclude(actor, taken, &ask.seen, ANSWER, &said).await
    }

    /// 复核: the new day stands, or the request is to be answered anew.
    pub async fn settle_deferral(
        &self,
        actor: &Actor,
        ask: SettleDeferral,
        intent: Intent,
    ) -> UseResult<()> {
        let object = ask.seen.application;
        let watch = &self.review.watch;
        let permit = watch
            .permit(actor, Room::Lending, Action::Check, object)
            .await?;
        let outcome = self.settle_proposed(actor, &permit, &ask, intent).await;
        watch
            .refused(actor, Room::Lending, Action::Check, object, outcome)
            .await
    }

    async fn settle_proposed(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &SettleDeferral,
        intent: Intent,
    ) -> UseResult<()> {
        let agree = agrees(&ask.verdict)?;
        let (id, review) = (ask.seen.application, &self.review);
        let taken = review
            .take(actor, permit, &ask.seen, SETTLE, intent)
            .await?;
        let Some(mut taken) = taken else {
            return Ok(());
        };
        check_lent(taken.application.record())?;
        let by = Settled::by(actor, taken.at);
        let work = &mut *taken.work;
        let all = work.deferrals().deferrals(id).await?;
        let waiting = deferral_at(&all, DeferralStatus::Proposed).ok_or_else(no_deferral)?;
        if waiting.answered.as_ref().map(|first| first.by) == Some(actor.user) {
            return Err(UseError::conflict("deferral.same_person"));
        }
        let (draw, fits) = draw_of(work, waiting).await?;
        let on = waiting.new_due_on.unwrap_or(waiting.wanted_on);
        if agree {
            if !fits {
                return Err(no_longer());
            }
            if check_day(waiting.old_due_on, on, local_date(by.at)).is_err() {
                return Err(UseError::conflict("deferral.day_has_come"));
            }
        }
        if intent == Intent::Check {
            return Ok(());
        }
        let deferrals = work.deferrals();
        let (done, what) = if agree {
            (
                deferrals.agree_deferral(waiting, &by).await?,
                "deferral_agreed",
            )
        } else {
            (
                deferrals.return_deferral(waiting.id).await?,
                "deferral_returned",
            )
        };
        if !done {
            return Err(UseError::conflict("stale"));
        }
        let said = Said {
            of: waiting.id,
            what,
            sum: draw.amount,
            on,
        };
        self.conclude(actor, taken, &ask.seen, SETTLE, &said).await
    }

    /// Told, logged and done.
    async fn conclude(
        &self,
        actor: &Actor,
        mut taken: Taken,
        seen: &Seen,
        action: &'static str,
        said: &Said,
    ) -> UseResult<()> {
        let (id, at) = (seen.application, taken.at);
        let clock = &self.review.watch.clock;
        let work = &mut *taken.work;
        // Told anew each time: what was sent back may be proposed again.
        let told = (said.what, clock.new_id());
        let about = Some((said.sum, said.on));
        note(work, clock.new_id(), id, told, about, at).await?;
        let due_on = said.on.to_string();
        let entry = AuditEntry::by(actor, clock.new_id(), action, id, at)
            .detail(json!({ "deferral": said.of, "answer": said.what, "due_on": due_on }));
        work.audit().write(entry).await?;
        seen.once.done(work, action, json!({})).await?;
        Ok(taken.work.commit().await?)
    }
}

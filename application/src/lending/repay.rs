//! 还款登记: principal that came back; what is still owed is counted, never typed.

use domain::{calendar::local_date, financing::Stage, ids::RepaymentId, values::Cents};
use serde_json::json;
use time::{Date, OffsetDateTime};

use super::{Lending, Source, check_recorder, day, note};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, FieldError, UseError, UseResult},
    ports::{audit::AuditEntry, lending::StoredRepayment},
    review::{Intent, Seen},
};

/// 还款登记 as the form says it.
#[derive(Clone, Debug)]
pub struct RecordRepayment {
    pub seen: Seen,
    /// 元.
    pub principal: String,
    /// `YYYY-MM-DD`.
    pub paid_on: String,
    pub owed: Owed,
}

/// What was owed when it was decided to record a repayment: the version does not tell, since a repayment leaves it as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owed {
    /// The page showed so many cents; another sum means that somebody recorded something since.
    Seen(i64),
    /// A row of a file, or a machine that tells each repayment under a key of its own.
    Unseen,
}

const ACTION: &str = "application.repay";

impl Lending {
    pub async fn repay(
        &self,
        actor: &Actor,
        ask: RecordRepayment,
        intent: Intent,
    ) -> UseResult<()> {
        let object = ask.seen.application;
        let watch = &self.review.watch;
        let permit = watch
            .permit(actor, Room::Lending, Action::Record, object)
            .await?;
        let outcome = self.repay_typed(actor, &permit, &ask, intent).await;
        watch
            .refused(actor, Room::Lending, Action::Record, object, outcome)
            .await
    }

    async fn repay_typed(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &RecordRepayment,
        intent: Intent,
    ) -> UseResult<()> {
        let paid = parse(&ask.principal, &ask.paid_on)?;
        let how = (Source::Single, ask.owed);
        self.pay_back(actor, permit, &ask.seen, paid, how, intent)
            .await
    }

    /// One repayment of a file; the same one never counts twice, whoever recorded it.
    pub async fn repay_from_file(
        &self,
        actor: &Actor,
        seen: &Seen,
        principal: Cents,
        paid_on: Date,
    ) -> UseResult<()> {
        let object = seen.application;
        let watch = &self.review.watch;
        let permit = watch
            .permit(actor, Room::Lending, Action::Record, object)
            .await?;
        if principal == Cents::ZERO {
            return Err(UseError::field("principal", "lending.nothing_repaid"));
        }
        let paid = Paid {
            principal,
            on: paid_on,
        };
        let how = (Source::Import, Owed::Unseen);
        self.pay_back(actor, &permit, seen, paid, how, Intent::Do)
            .await
    }

    async fn pay_back(
        &self,
        actor: &Actor,
        permit: &Permit,
        seen: &Seen,
        paid: Paid,
        (source, seen_owed): (Source, Owed),
        intent: Intent,
    ) -> UseResult<()> {
        let taken = self
            .review
            .take(actor, permit, seen, ACTION, intent)
            .await?;
        let Some(mut taken) = taken else {
            return Ok(());
        };
        check_recorder(&taken.application, actor)?;
        let record = taken.application.record();
        let id = record.id;
        let lending = taken.work.lending();
        let before = lending.standing(id, paid.principal, paid.on).await?;
        if source == Source::Import && before.repeated {
            return Err(UseError::conflict("lending.repaid_before"));
        }
        let owed = record.drawn.checked_sub(before.repaid);
        let owed = owed.unwrap_or(Cents::ZERO);
        if let Owed::Seen(cents) = seen_owed
            && cents != owed.cents()
        {
            return Err(moved_on(&lending.repayments(id).await?));
        }
        let left = paid.left_of(owed, record.stage, before.first_draw, taken.at)?;
        let clock = &self.review.watch.clock;
        let repayment = StoredRepayment {
            id: RepaymentId(clock.new_id()),
            principal: paid.principal,
            on: paid.on,
            balance: left,
            recorded_by: actor.person(),
            recorded_name: actor.name.clone(),
            at: taken.at,
        };
        if intent == Intent::Check {
            return Ok(());
        }
        let work = &mut *taken.work;
        work.lending()
            .add_repayment(id, &repayment, source.code(actor))
            .await?;
        let what = ("repaid", repayment.id.0);
        let about = Some((repayment.principal, repayment.on));
        note(work, clock.new_id(), id, what, about, taken.at).await?;
        let entry = AuditEntry::by(actor, clock.new_id(), ACTION, id, taken.at)
            .detail(json!({ "repayment": repayment.id.0 }));
        work.audit().write(entry).await?;
        let answer = json!({ "repayment": repayment.id.0 });
        seen.once.done(work, ACTION, answer).await?;
        Ok(taken.work.commit().await?)
    }
}

/// Somebody recorded a repayment after the page was drawn.
fn moved_on(repaid: &[StoredRepayment]) -> UseError {
    repaid.last().map_or_else(
        || UseError::conflict("stale"),
        |last| {
            UseError::conflict("review.moved_on")
                .with("by", &last.recorded_name)
                .with("what", "还款登记")
        },
    )
}

/// A repayment as it was typed, readable.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paid {
    pub principal: Cents,
    pub on: Date,
}

pub(crate) fn parse(principal: &str, paid_on: &str) -> UseResult<Paid> {
    let mut checks = Checks::default();
    let principal = checks.take("principal", Cents::parse_yuan(principal));
    let on = day(&mut checks, "paid_on", paid_on);
    if principal == Some(Cents::ZERO) {
        checks.push(FieldError::new("principal", "lending.nothing_repaid"));
    }
    match (principal, on) {
        (Some(principal), Some(on)) if checks.is_empty() => Ok(Paid { principal, on }),
        _ => Err(checks.into_error()),
    }
}

impl Paid {
    /// What is still owed afterwards; the first draw was on `first`.
    pub(crate) fn left_of(
        self,
        owed: Cents,
        stage: Stage,
        first: Option<Date>,
        at: OffsetDateTime,
    ) -> UseResult<Cents> {
        if !matches!(stage, Stage::Disbursing | Stage::Disbursed) {
            return Err(UseError::conflict("financing.not_allowed").with("stage", stage.zh()));
        }
        if self.on > local_date(at) || first.is_none_or(|first| self.on < first) {
            return Err(UseError::field("paid_on", "lending.paid_on_wrong"));
        }
        owed.checked_sub(self.principal).ok_or_else(|| {
            UseError::invalid(vec![
                FieldError::new("principal", "lending.repaid_too_much")
                    .with("owed", owed.format_yuan()),
            ])
        })
    }
}

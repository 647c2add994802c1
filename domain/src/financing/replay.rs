//! Replay: what an application's log alone says of its stage, its columns and its clocks (lifecycle section 5, sentence 1).
//!
//! Written a second time, apart from the aggregate, on purpose: the two are held against each other in tests and by a check that
//! staff can run, so that a row that was changed behind the log's back is found.

use time::OffsetDateTime;

use super::{
    ApplicationEvent, Clocks, EventDetail, IntakeStatus, ReviewStatus, Stage, Verb, columns,
};
use crate::values::Cents;

/// What the log says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    pub stage: Stage,
    pub ever_accepted: bool,
    pub frozen: bool,
    pub supplement_rounds: u8,
    pub moves: u8,
    pub holder_name: String,
    pub drawn: Cents,
    pub due_at: Option<OffsetDateTime>,
    pub contact_due_at: Option<OffsetDateTime>,
    pub decision_due_at: Option<OffsetDateTime>,
    returned_from: Stage,
    contacted: bool,
    paused_at: Option<OffsetDateTime>,
    frozen_at: Option<OffsetDateTime>,
}

impl Replayed {
    fn new() -> Self {
        Self {
            stage: Stage::Draft,
            ever_accepted: false,
            frozen: false,
            supplement_rounds: 0,
            moves: 0,
            holder_name: String::new(),
            drawn: Cents::ZERO,
            due_at: None,
            contact_due_at: None,
            decision_due_at: None,
            returned_from: Stage::Accepted,
            contacted: false,
            paused_at: None,
            frozen_at: None,
        }
    }

    /// The manual's two columns.
    pub fn columns(&self) -> Option<(IntakeStatus, ReviewStatus)> {
        columns(self.stage, self.ever_accepted)
    }

    fn follow(&mut self, event: &ApplicationEvent, clocks: &Clocks<'_>) {
        let at = event.at;
        match event.verb {
            Verb::Submit | Verb::PassFace => {
                self.due_at = clocks.accept_due(at);
                self.contact_due_at = clocks.contact_due(at);
                self.decision_due_at = clocks.decision_due(at);
            }
            Verb::Accept => {
                self.ever_accepted = true;
                self.due_at = self.contact_due_at;
            }
            Verb::Reassign | Verb::ReassignFromHq | Verb::MoveBranch => {
                self.moves += 1;
                self.due_at = clocks.accept_due(at);
                if event.verb == Verb::MoveBranch {
                    self.holder_name = String::new();
                }
            }
            Verb::DeclineIntake | Verb::IntakeTimeout => self.due_at = clocks.dispatch_due(at),
            Verb::StartDueDiligence => {
                self.contacted = true;
                self.due_at = self.decision_due_at;
            }
            Verb::AskSupplement => {
                self.supplement_rounds += 1;
                self.returned_from = self.stage;
                self.paused_at = Some(at);
                self.due_at = Some(clocks.supplement_due(at));
            }
            Verb::AnswerSupplement => self.go_on(event, clocks),
            Verb::Approve => self.due_at = clocks.disburse_due(at),
            Verb::Reconsider => self.decide_anew(clocks, at),
            Verb::CorrectMistake if event.to == Stage::InApproval => self.decide_anew(clocks, at),
            Verb::CorrectMistake => self.due_at = clocks.accept_due(at),
            Verb::Freeze => {
                self.frozen = true;
                self.frozen_at = Some(at);
            }
            Verb::Unfreeze => self.thaw(clocks, at),
            Verb::Disburse | Verb::DisburseLast => self.due_at = None,
            Verb::SubmitForApproval
            | Verb::AgreeStep
            | Verb::ReturnToHolder
            | Verb::HandOver
            | Verb::SaveDraft
            | Verb::SubmitPendingFace
            | Verb::LeaveFace
            | Verb::CorrectDraw
            | Verb::CorrectRepayment => {}
            Verb::ConfirmDecline
            | Verb::SupplementTimeout
            | Verb::Reject
            | Verb::GiveUp
            | Verb::Settle
            | Verb::Withdraw
            | Verb::Expire => {
                self.due_at = None;
                self.paused_at = None;
            }
        }
        match &event.detail {
            EventDetail::Holder { name, .. } => self.holder_name.clone_from(name),
            EventDetail::Draw { total, .. } | EventDetail::DrawCorrected { total, .. } => {
                self.drawn = *total;
            }
            _ => {}
        }
        self.stage = event.to;
    }

    fn go_on(&mut self, event: &ApplicationEvent, clocks: &Clocks<'_>) {
        let since = self.paused_at.take().unwrap_or(event.at);
        let on = |due: Option<OffsetDateTime>| due.and_then(|d| clocks.resume(d, since, event.at));
        self.contact_due_at = on(self.contact_due_at);
        self.decision_due_at = on(self.decision_due_at);
        self.due_at = if self.returned_from == Stage::Accepted && !self.contacted {
            self.contact_due_at
        } else {
            self.decision_due_at
        };
    }

    fn decide_anew(&mut self, clocks: &Clocks<'_>, at: OffsetDateTime) {
        self.decision_due_at = clocks.decision_due(at);
        self.due_at = self.decision_due_at;
    }

    fn thaw(&mut self, clocks: &Clocks<'_>, at: OffsetDateTime) {
        let since = self.frozen_at.take().unwrap_or(at);
        self.frozen = false;
        if self.stage == Stage::NeedSupplement {
            self.due_at = self.due_at.map(|due| clocks.resume_days(due, since, at));
            return;
        }
        let on = |due: Option<OffsetDateTime>| due.and_then(|d| clocks.resume(d, since, at));
        self.due_at = on(self.due_at);
        self.contact_due_at = on(self.contact_due_at);
        self.decision_due_at = on(self.decision_due_at);
    }
}

/// Reads a whole log, oldest first.
pub fn replay<'a>(
    log: impl IntoIterator<Item = &'a ApplicationEvent>,
    clocks: &Clocks<'_>,
) -> Replayed {
    let mut state = Replayed::new();
    for event in log {
        state.follow(event, clocks);
    }
    state
}

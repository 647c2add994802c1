//! What a log says of the columns that no clock and no stage depends on: the approved terms, opinions, people and instants.
//!
//! Written apart from the aggregate, as the replay is, so that a row that was changed behind the log's back is found.

use domain::{
    financing::{ApplicationEvent, Approval, EventDetail, Signature, Stage, Verb},
    ids::{TenantId, UserId},
    values::{Cents, Rate, Term},
};
use time::{Date, OffsetDateTime};

/// Amount, rate, term and last day that a bank has said yes to.
pub(super) type Terms = (Cents, Rate, Term, Date);

/// The columns, as the log has them.
#[derive(Debug, Default)]
pub(super) struct Facts<'a> {
    pub created_at: Option<OffsetDateTime>,
    pub submitted_at: Option<OffsetDateTime>,
    pub accepted_at: Option<OffsetDateTime>,
    pub contacted_at: Option<OffsetDateTime>,
    pub decided_at: Option<OffsetDateTime>,
    pub intake_since: Option<OffsetDateTime>,
    pub decision_since: Option<OffsetDateTime>,
    pub paused_at: Option<OffsetDateTime>,
    pub frozen_at: Option<OffsetDateTime>,
    pub updated_at: Option<OffsetDateTime>,
    pub returned_from: Option<Stage>,
    pub overdue: bool,
    pub reconsidered: bool,
    pub terms: Option<Terms>,
    pub opinion: &'a str,
    pub reasons: &'a [String],
    pub holder: Option<UserId>,
    /// An event of the first release named its person without the id.
    pub holder_unknown: bool,
    pub handler: Option<TenantId>,
    pub approval: Option<Approval>,
    pub draws: u16,
}

impl<'a> Facts<'a> {
    /// Reads a whole log, oldest first.
    pub(super) fn of(log: &'a [ApplicationEvent]) -> Self {
        let mut facts = Self {
            created_at: log.first().map(|event| event.at),
            ..Self::default()
        };
        for event in log {
            facts.instants(event);
            facts.decisions(event);
            facts.details(event);
            facts.updated_at = Some(event.at);
            facts.handler = event.handler;
        }
        facts
    }

    fn instants(&mut self, event: &ApplicationEvent) {
        let at = Some(event.at);
        match event.verb {
            Verb::Submit | Verb::PassFace => {
                self.submitted_at = at;
                self.intake_since = at;
            }
            Verb::Reassign | Verb::ReassignFromHq => self.intake_since = at,
            Verb::MoveBranch => {
                self.intake_since = at;
                self.holder = None;
                self.holder_unknown = false;
            }
            Verb::CorrectMistake if event.to == Stage::Submitted => self.intake_since = at,
            Verb::Reconsider | Verb::CorrectMistake => self.decision_since = at,
            Verb::Accept => self.accepted_at = at,
            Verb::StartDueDiligence => self.contacted_at = at,
            Verb::AskSupplement => {
                self.paused_at = at;
                self.returned_from = event.from;
            }
            Verb::AnswerSupplement => self.go_on(event),
            Verb::Freeze => self.frozen_at = at,
            Verb::Unfreeze => self.frozen_at = None,
            Verb::IntakeTimeout => self.overdue = true,
            Verb::ConfirmDecline
            | Verb::SupplementTimeout
            | Verb::Reject
            | Verb::GiveUp
            | Verb::Settle
            | Verb::Withdraw
            | Verb::Expire => {
                self.paused_at = None;
                self.returned_from = None;
            }
            _ => {}
        }
    }

    /// What was signed before a supplement was signed without it.
    fn go_on(&mut self, event: &ApplicationEvent) {
        self.paused_at = None;
        self.returned_from = None;
        if let Some(approval) = &mut self.approval
            && event.to == Stage::InApproval
        {
            approval.signed.clear();
            approval.round += 1;
        }
    }

    fn decisions(&mut self, event: &'a ApplicationEvent) {
        match event.verb {
            Verb::Approve => {
                self.decided_at = Some(event.at);
                self.opinion = &event.note;
                if event.from == Some(Stage::InApproval) {
                    self.sign(event);
                }
            }
            Verb::Reject | Verb::ConfirmDecline => {
                self.decided_at = Some(event.at);
                self.opinion = &event.note;
                self.reasons = &event.reason_codes;
            }
            Verb::Reconsider | Verb::CorrectMistake => {
                self.reconsidered |= event.verb == Verb::Reconsider;
                self.decided_at = None;
                self.opinion = "";
                self.reasons = &[];
            }
            _ => {}
        }
    }

    fn details(&mut self, event: &ApplicationEvent) {
        match &event.detail {
            EventDetail::Holder { id, .. } => {
                self.holder = *id;
                self.holder_unknown = id.is_none();
            }
            EventDetail::Terms {
                amount,
                rate,
                term,
                valid_until,
            } => self.terms = Some((*amount, *rate, *term, *valid_until)),
            EventDetail::Proposal {
                round,
                steps,
                amount,
                rate,
                term,
                valid_until,
                content,
            } => {
                self.approval = Some(Approval {
                    round: *round,
                    steps: steps.clone(),
                    signed: Vec::new(),
                    amount: *amount,
                    rate: *rate,
                    term: *term,
                    valid_until: *valid_until,
                    content: *content,
                });
            }
            EventDetail::Signed { .. } => self.sign(event),
            EventDetail::Draw { number, .. } => self.draws = *number,
            _ => {}
        }
    }

    fn sign(&mut self, event: &ApplicationEvent) {
        if let (Some(approval), Some(by)) = (&mut self.approval, event.actor.id) {
            approval.signed.push(Signature {
                by,
                name: event.actor.name.clone(),
            });
        }
    }
}

//! What the holder does: contact, investigation, supplements, the way into approval. Rows 12 to 15 and 18.

use time::OffsetDateTime;

use super::{ApprovalAsk, FinancingApplication, SUPPLEMENT_ROUNDS, SupplementAsk};
use crate::{
    financing::{
        ActingPerson, ApplicationEvent, Clocks, EventDetail, Stage, TransitionError, Verb,
    },
    tenant::Role,
};

impl FinancingApplication {
    /// 开始尽调 (row 12): the first contact is made, C2 stops.
    pub fn start_due_diligence(
        &mut self,
        by: ActingPerson,
        note: String,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let from = self.allow(Verb::StartDueDiligence, &by)?;
        self.only_holder(&by)?;
        self.record.contacted_at = Some(at);
        self.record.due_at = self.record.decision_due_at;
        let detail = EventDetail::None;
        Ok(self.told(
            Verb::StartDueDiligence,
            from,
            Stage::DueDiligence,
            by,
            at,
            note,
            detail,
        ))
    }

    /// 退回补充 (row 13): pauses the clocks, gives the enterprise C4 to answer.
    pub fn ask_supplement(
        &mut self,
        by: ActingPerson,
        ask: SupplementAsk,
        clocks: &Clocks<'_>,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let from = self.allow(Verb::AskSupplement, &by)?;
        // Whoever signs may ask too; a colleague of the holder may not.
        if !matches!(by.role, Role::BranchApprover | Role::HqApprover) {
            self.only_holder(&by)?;
        }
        if ask.labels.is_empty() {
            return Err(TransitionError::NothingAsked);
        }
        if self.record.supplement_rounds >= SUPPLEMENT_ROUNDS {
            return Err(TransitionError::TooManyRounds);
        }
        self.record.supplement_rounds += 1;
        self.record.returned_from = Some(from);
        self.record.paused_at = Some(at);
        self.record.due_at = Some(clocks.supplement_due(at));
        let mut event = self.moved(Verb::AskSupplement, from, Stage::NeedSupplement, by, at);
        event.note = ask.note;
        event.detail = EventDetail::Supplement {
            round: self.record.supplement_rounds,
            labels: ask.labels,
        };
        Ok(event)
    }

    /// 补充提交 (row 14): back where it came from, the clocks go on with what was left.
    pub fn answer_supplement(
        &mut self,
        by: ActingPerson,
        missing: Vec<String>,
        note: String,
        clocks: &Clocks<'_>,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let from = self.allow(Verb::AnswerSupplement, &by)?;
        if !missing.is_empty() {
            return Err(TransitionError::ItemsMissing { labels: missing });
        }
        let back_to = self.record.returned_from.take().unwrap_or(Stage::Accepted);
        let paused_at = self.record.paused_at.take().unwrap_or(at);
        for due in [
            &mut self.record.contact_due_at,
            &mut self.record.decision_due_at,
        ] {
            if let Some(was) = *due {
                *due = clocks.resume(was, paused_at, at);
            }
        }
        self.record.due_at = if back_to == Stage::Accepted && self.record.contacted_at.is_none() {
            self.record.contact_due_at
        } else {
            self.record.decision_due_at
        };
        // What was signed was signed without the answer.
        if let Some(approval) = &mut self.record.approval
            && back_to == Stage::InApproval
        {
            approval.begin_again();
        }
        let mut event = self.moved(Verb::AnswerSupplement, from, back_to, by, at);
        event.note = note;
        event.detail = EventDetail::Supplement {
            round: self.record.supplement_rounds,
            labels: Vec::new(),
        };
        Ok(event)
    }

    /// 补充逾期失效 (row 15).
    pub fn supplement_timeout(
        &mut self,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let by = ActingPerson::system();
        let from = self.allow(Verb::SupplementTimeout, &by)?;
        if self.record.due_at.is_none_or(|due| at < due) {
            return Err(TransitionError::TooEarly);
        }
        self.close();
        Ok(self.moved(Verb::SupplementTimeout, from, Stage::Expired, by, at))
    }

    /// 提交审批 (row 18): the investigation is complete and every consent stands; the first of one to three steps.
    pub fn submit_for_approval(
        &mut self,
        by: ActingPerson,
        ask: ApprovalAsk,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let from = self.allow(Verb::SubmitForApproval, &by)?;
        self.only_holder(&by)?;
        if !ask.report_complete {
            return Err(TransitionError::ReportIncomplete);
        }
        if !ask.consent_stands {
            return Err(TransitionError::ConsentEnded);
        }
        let note = ask.opinion.clone();
        let detail = self.open_approval(ask, at)?;
        Ok(self.told(
            Verb::SubmitForApproval,
            from,
            Stage::InApproval,
            by,
            at,
            note,
            detail,
        ))
    }
}

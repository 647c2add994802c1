//! Which phones a notice rings besides the letters that it writes: the applicant's, the holder's, those of a branch.

use domain::{
    financing::{FinancingApplication, Stage},
    tenant::Role,
};
use serde_json::Value;

use super::{
    Deliverer, Failure, SMS,
    letters::{self, Call},
};
use crate::ports::{outbox::OutboxNotice, store::UnitOfWork};

/// Verbs that are told to the applicant by SMS too.
const TOLD: [(&str, &str); 9] = [
    ("accept", "accepted"),
    ("ask_supplement", "supplement_asked"),
    ("approve", "approved"),
    ("reject", "rejected"),
    ("confirm_decline", "declined"),
    ("expire", "expired"),
    ("supplement_timeout", "supplement_over"),
    ("disburse", "disbursed"),
    ("disburse_last", "disbursed"),
];

/// Verbs by which a request reaches a branch.
const ARRIVALS: [&str; 5] = [
    "submit",
    "pass_face",
    "reassign",
    "reassign_from_hq",
    "move_branch",
];

fn template(payload: &Value) -> Option<&'static str> {
    let verb = payload["verb"].as_str()?;
    TOLD.iter()
        .find(|(told, _)| *told == verb)
        .map(|(_, template)| *template)
}

impl Deliverer {
    /// Phones that a notice rings besides the letters that it writes.
    pub(super) async fn ring_phones(
        &self,
        work: &mut dyn UnitOfWork,
        application: &FinancingApplication,
        notice: &OutboxNotice,
    ) -> Result<(), Failure> {
        let payload = &notice.payload;
        match notice.topic.as_str() {
            "letter.sent" if payload["what"] == "call_request" => {
                self.ring_for_a_call(work, application).await
            }
            "move.asked" => {
                let key = letters::move_key(payload, "asked");
                self.ring_applicant(work, application, "move_asked", &key, payload)
                    .await
            }
            "application.note" if payload["what"] == "renewal_invited" => {
                let key = letters::note_key(payload);
                self.ring_applicant(work, application, "renewal_invited", &key, payload)
                    .await
            }
            "application.event" => self.ring(work, application, payload).await,
            _ => Ok(()),
        }
    }

    /// 请求回电 rings the holder's phone.
    async fn ring_for_a_call(
        &self,
        work: &mut dyn UnitOfWork,
        application: &FinancingApplication,
    ) -> Result<(), Failure> {
        if let Some(holder) = application.record().holder {
            let payload = Call::new("call_request", holder).payload(application);
            work.outbox()
                .push(self.clock.new_id(), SMS, payload, self.clock.now())
                .await?;
        }
        Ok(())
    }

    /// Phones that an event rings: the applicant's, and everybody's of a branch that a request has just reached (B2).
    async fn ring(
        &self,
        work: &mut dyn UnitOfWork,
        application: &FinancingApplication,
        payload: &Value,
    ) -> Result<(), Failure> {
        let record = application.record();
        if let Some(template) = template(payload) {
            let key = letters::event_key(application, payload);
            self.ring_applicant(work, application, template, &key, payload)
                .await?;
        }
        let verb = payload["verb"].as_str().unwrap_or_default();
        if record.stage == Stage::Submitted
            && ARRIVALS.contains(&verb)
            && let Some(branch) = record.handler
        {
            let roles = [Role::CustomerManager, Role::BranchHead];
            for to in work.reminders().staff_of(branch, &roles).await? {
                let told = Call::new("new_request", to).payload(application);
                work.outbox()
                    .push(self.clock.new_id(), SMS, told, self.clock.now())
                    .await?;
            }
        }
        Ok(())
    }

    /// Rings whoever made the request; how the message fares stands beside the letter of this key.
    async fn ring_applicant(
        &self,
        work: &mut dyn UnitOfWork,
        application: &FinancingApplication,
        template: &'static str,
        key: &str,
        payload: &Value,
    ) -> Result<(), Failure> {
        let call = Call::new(template, application.record().created_by);
        let mut told = call.payload(application);
        for name in ["sum", "on"] {
            told[name] = payload[name].clone();
        }
        let id = self.clock.new_id();
        work.outbox().push(id, SMS, told, self.clock.now()).await?;
        Ok(work.messages().rings(key, id).await?)
    }
}

//! What a step of a request says: to the enterprise, and to the branch that holds the request or held it.

use domain::{
    financing::{FinancingApplication, Verb},
    ids::TenantId,
    tenant::Role,
};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Letter, enterprise_letter, loan_params, params, to_enterprise, to_staff};
use crate::ports::notice_words::NoticeWords;

/// What is told with its sum and its day, and leads to the loan.
const OF_A_LOAN: [Verb; 4] = [
    Verb::Disburse,
    Verb::DisburseLast,
    Verb::CorrectDraw,
    Verb::CorrectRepayment,
];

/// The sentence for the enterprise; quiet for verbs that only the bank's own work needs.
const fn enterprise_code(verb: Verb) -> Option<&'static str> {
    Some(match verb {
        Verb::Submit | Verb::PassFace => "notice.submit",
        Verb::Accept => "notice.accept",
        Verb::AskSupplement => "notice.ask_supplement",
        Verb::AnswerSupplement => "notice.answer_supplement",
        Verb::SupplementTimeout => "notice.supplement_timeout",
        Verb::Approve => "notice.approve",
        Verb::Reject => "notice.reject",
        Verb::ConfirmDecline => "notice.declined",
        Verb::Withdraw => "notice.withdraw",
        Verb::Expire => "notice.expire",
        Verb::Reassign | Verb::ReassignFromHq | Verb::MoveBranch => "notice.moved",
        Verb::IntakeTimeout => "notice.intake_timeout",
        Verb::DeclineIntake => "notice.decline_intake",
        Verb::StartDueDiligence => "notice.start_due_diligence",
        Verb::HandOver => "notice.hand_over",
        Verb::SubmitForApproval => "notice.in_approval",
        Verb::Reconsider => "notice.reconsider",
        Verb::Disburse | Verb::DisburseLast => "notice.disburse",
        Verb::CorrectDraw => "notice.draw_corrected",
        Verb::CorrectRepayment => "notice.repayment_corrected",
        Verb::GiveUp => "notice.give_up",
        Verb::Settle => "notice.settle",
        Verb::Freeze => "notice.frozen",
        Verb::Unfreeze => "notice.unfrozen",
        Verb::SaveDraft
        | Verb::SubmitPendingFace
        | Verb::LeaveFace
        | Verb::AgreeStep
        | Verb::ReturnToHolder => {
            return None;
        }
        Verb::CorrectMistake => "notice.progress",
    })
}

const fn staff_code(verb: Verb) -> Option<&'static str> {
    Some(match verb {
        Verb::Submit
        | Verb::PassFace
        | Verb::Reassign
        | Verb::ReassignFromHq
        | Verb::MoveBranch => "notice.staff.submit",
        Verb::AnswerSupplement => "notice.staff.answer_supplement",
        Verb::SupplementTimeout => "notice.staff.supplement_timeout",
        Verb::Withdraw => "notice.staff.withdraw",
        Verb::Expire => "notice.staff.expire",
        Verb::IntakeTimeout => "notice.staff.intake_timeout",
        Verb::HandOver => "notice.staff.hand_over",
        Verb::ReturnToHolder => "notice.staff.returned",
        Verb::Approve => "notice.staff.approved",
        Verb::Reject => "notice.staff.rejected",
        Verb::GiveUp => "notice.staff.give_up",
        Verb::Freeze => "notice.staff.frozen",
        Verb::Unfreeze => "notice.staff.unfrozen",
        _ => return None,
    })
}

/// 额度到期: what the system ended is said in other words than what the enterprise gave up.
fn codes(verb: Verb, payload: &Value) -> (Option<&'static str>, Option<&'static str>) {
    if verb == Verb::GiveUp && payload["by"] == "system" {
        return (
            Some("notice.validity_passed"),
            Some("notice.staff.validity_passed"),
        );
    }
    (enterprise_code(verb), staff_code(verb))
}

/// 超时未接单 (row 11): headquarters finds another branch, and the city is told.
fn of_intake_timeout(
    application: &FinancingApplication,
    key: &str,
    words: &dyn NoticeWords,
) -> [Letter; 2] {
    let r = application.record();
    let to =
        |node, whom: &str, code| to_staff(application, node, format!("{key}:{whom}"), code, words);
    let mut city = to(r.tenant, "city", "notice.city.intake_timeout");
    city.link = String::new();
    [to(r.bank, "hq", "notice.hq.intake_timeout"), city]
}

/// Whose signature the event asks for: the branch's approver, or headquarters; nobody's after the last step.
fn next_signer(application: &FinancingApplication, payload: &Value) -> Option<TenantId> {
    let signed = usize::try_from(payload["signed"].as_u64()?).ok()?;
    let record = application.record();
    match record.approval.as_ref()?.steps.get(signed)? {
        Role::HqApprover => Some(record.bank),
        _ => record.handler,
    }
}

/// The letters go out later, when a clock may have stopped or started anew: the event itself says what was due after it.
fn at_the_event(application: &FinancingApplication, payload: &Value) -> FinancingApplication {
    let mut record = application.record().clone();
    let due = payload["due"].as_i64();
    if let Some(due) = due.and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok()) {
        record.due_at = Some(due);
    }
    FinancingApplication::restore(record)
}

/// The key of the letter that an event writes to the enterprise.
pub(crate) fn event_key(application: &FinancingApplication, payload: &Value) -> String {
    let seq = payload["seq"].as_i64().unwrap_or_default();
    format!("event:{}:{seq}", application.record().id)
}

/// Letters of `application.event`.
pub(crate) fn of_event(
    application: &FinancingApplication,
    payload: &Value,
    words: &dyn NoticeWords,
) -> Vec<Letter> {
    let Some(verb) = payload["verb"].as_str().and_then(Verb::from_code) else {
        return Vec::new();
    };
    let application = &at_the_event(application, payload);
    let id = application.record().id;
    let seq = payload["seq"].as_i64().unwrap_or_default();
    let mut letters = Vec::new();
    let (for_enterprise, for_staff) = codes(verb, payload);
    if let Some(code) = for_enterprise {
        let key = event_key(application, payload);
        let of_a_loan = OF_A_LOAN.contains(&verb);
        let mut letter = if of_a_loan {
            let params = loan_params(application, payload);
            enterprise_letter(application, key, code, &params, words)
        } else {
            to_enterprise(application, key, code, words)
        };
        if code == "notice.progress" {
            let mut params = params(application);
            params.push(("verb", verb.zh().to_owned()));
            letter.body = words.text("notice.progress.body", &params);
        }
        if of_a_loan {
            letter.link.push_str("/loan");
        }
        letters.push(letter);
    }
    let handler = payload["handler"]
        .as_str()
        .and_then(|h| Uuid::try_parse(h).ok());
    let key = format!("event:{id}:{seq}");
    if verb == Verb::IntakeTimeout {
        letters.extend(of_intake_timeout(application, &key, words));
    }
    if let Some(node) = next_signer(application, payload) {
        let key = format!("sign:{id}:{seq}");
        let code = "notice.staff.to_sign";
        letters.push(to_staff(application, node, key, code, words));
    }
    if verb == Verb::DeclineIntake {
        let (key, bank) = (format!("event:{id}:{seq}"), application.record().bank);
        let code = "notice.staff.decline_intake";
        letters.push(to_staff(application, bank, key, code, words));
    }
    if let (Some(code), Some(handler)) = (for_staff, handler) {
        letters.push(to_staff(application, TenantId(handler), key, code, words));
    }
    let left = payload["left"]
        .as_str()
        .and_then(|h| Uuid::try_parse(h).ok())
        .filter(|left| Some(*left) != handler);
    if let Some(left) = left {
        // It is gone for them, so the letter names it and leads to their list.
        let key = format!("event:{id}:{seq}:left");
        let mut letter = to_staff(
            application,
            TenantId(left),
            key,
            "notice.staff.moved_away",
            words,
        );
        letter.link = "/branch/applications".to_owned();
        letters.push(letter);
    }
    letters
}

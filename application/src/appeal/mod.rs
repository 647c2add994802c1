//! Appeal 复议与更正: what headquarters does after a refusal. Rows 23 and 24; both open the approval anew.

mod correct;
mod look;
mod reconsider;

use domain::{
    calendar::local_date,
    financing::{ApplicationRecord, ApprovalAsk},
};
use time::{Date, Duration, OffsetDateTime};

pub use correct::{AskCorrection, SettleCorrection};
pub use look::{AppealCase, AppealList, CorrectionCase};
pub use reconsider::SettleAppeal;

use crate::{
    approval::{ProposedTerms, content_of, steps_of},
    error::UseResult,
    ports::store::UnitOfWork,
    review::Review,
};

/// The room of second looks.
pub struct AppealRoom {
    pub review: Review,
}

/// How long terms without a validity of their own may be used, once approved.
const USUAL_VALIDITY: Duration = Duration::days(365);

/// What is put before the approvers: the last proposal, or what was asked when nothing had been proposed.
fn terms(record: &ApplicationRecord, at: OffsetDateTime) -> ProposedTerms {
    let today = local_date(at);
    let valid_until: Date = record
        .approval
        .as_ref()
        .map(|a| a.valid_until)
        .filter(|day| *day > today)
        .unwrap_or(today + USUAL_VALIDITY);
    record.approval.as_ref().map_or(
        ProposedTerms {
            amount: record.amount,
            rate: record.rate,
            term: record.term,
            valid_until,
        },
        |last| ProposedTerms {
            amount: last.amount,
            rate: last.rate,
            term: last.term,
            valid_until,
        },
    )
}

/// The approval that is opened anew, with the hash of what will be signed.
async fn approval(
    work: &mut dyn UnitOfWork,
    record: &ApplicationRecord,
    at: OffsetDateTime,
) -> UseResult<ApprovalAsk> {
    let proposed = terms(record, at);
    let report_complete = work.diligence().report(record.id).await?.is_some();
    let steps = steps_of(work, record.bank).await?;
    let content = content_of(work, record, &proposed).await?.hash;
    let consent_stands = work.dossiers().consent_stands(record.id).await?;
    Ok(ApprovalAsk {
        amount: proposed.amount,
        rate: proposed.rate,
        term: proposed.term,
        valid_until: proposed.valid_until,
        opinion: String::new(),
        steps,
        report_complete,
        consent_stands,
        content,
    })
}

//! What a signature is over (S-39): asked terms, proposed terms, the report and its photos, in one fixed writing.

use domain::{
    financing::{ApplicationRecord, Approval, Conclusion, ContentHash},
    values::{Cents, Rate, Term},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use time::Date;

use crate::{
    error::UseResult,
    ports::{
        diligence::{DiligencePhoto, StoredReport},
        store::UnitOfWork,
    },
};

/// 拟批条件: what is put before those who sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProposedTerms {
    pub amount: Cents,
    pub rate: Rate,
    pub term: Term,
    pub valid_until: Date,
}

impl From<&Approval> for ProposedTerms {
    fn from(approval: &Approval) -> Self {
        Self {
            amount: approval.amount,
            rate: approval.rate,
            term: approval.term,
            valid_until: approval.valid_until,
        }
    }
}

/// What is signed: its one fixed writing, and the hash of that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    pub text: String,
    pub hash: ContentHash,
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        let hash = ContentHash(Sha256::digest(text.as_bytes()).into());
        Self { text, hash }
    }
}

/// What stands in storage now.
pub async fn content_of(
    work: &mut dyn UnitOfWork,
    record: &ApplicationRecord,
    terms: &ProposedTerms,
) -> UseResult<Content> {
    let report = work.diligence().report(record.id).await?;
    let photos = work.diligence().photos(record.id).await?;
    Ok(written(record, terms, report.as_ref(), &photos).into())
}

fn terms_json(amount: Cents, rate: Rate, term: Term) -> Value {
    json!([
        amount.cents(),
        rate.hundredths(),
        term.value(),
        term.unit().as_str()
    ])
}

/// Lists only, so that no order of keys can change it.
fn written(
    record: &ApplicationRecord,
    terms: &ProposedTerms,
    report: Option<&StoredReport>,
    photos: &[DiligencePhoto],
) -> String {
    let report = report.map(|stored| {
        let r = &stored.report;
        let mut report = vec![
            json!(r.visited_on.map(|day| day.to_string())),
            json!(r.place),
            json!(r.met_with),
            json!(r.business),
            json!(r.finances),
            json!(r.collateral),
            json!(r.risks),
            json!(r.conclusion.map(Conclusion::code)),
        ];
        // What was signed before this was asked stays signed.
        report.extend(r.first_loan.map(|first| json!(first)));
        report
    });
    let photos: Vec<Value> = photos
        .iter()
        .map(|photo| json!([photo.id.0, photo.sha256, photo.caption]))
        .collect();
    let content = json!([
        "approval-content-1",
        record.id.0,
        terms_json(record.amount, record.rate, record.term),
        terms_json(terms.amount, terms.rate, terms.term),
        terms.valid_until.to_string(),
        report,
        photos,
    ]);
    content.to_string()
}

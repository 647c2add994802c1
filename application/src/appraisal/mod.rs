//! Appraisal 机构考评 (O3): the city scores its institutions by the month; one person puts the figures forward, another one
//! publishes them, and published months never change.

mod look;
mod settle;

use std::sync::Arc;

pub use look::{MonthPowers, OwnMonth, SeenMonth};
pub use settle::{NamedMonth, SettleMonth};

use domain::{appraisal::Facts, ids::TenantId};
use time::Date;
use uuid::Uuid;

use crate::{
    audit::Watch,
    error::UseResult,
    ports::{
        appraisals::Score,
        statistics::{Dimension, Span},
        store::{Store, UnitOfWork},
    },
    statistics::month_end,
};

/// The room of the city, and of the institutions that read their own.
#[derive(Clone)]
pub struct AppraisalRoom {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
}

/// A whole month.
fn span(month: Date) -> Span {
    Span {
        from: month,
        to: month_end(month),
    }
}

/// The figures of a month as they stand now: from the rollups, and what these do not hold.
async fn figures(work: &mut dyn UnitOfWork, month: Date) -> UseResult<Vec<Score>> {
    let span = span(month);
    let rolled = work.statistics().parts(Dimension::Bank, span).await?;
    let beside = work.appraisals().beside_the_rollups(span).await?;
    let mut scores: Vec<Score> = beside
        .into_iter()
        .map(|one| {
            let sums = rolled
                .iter()
                .find(|part| part.value.parse::<Uuid>().map(TenantId) == Ok(one.bank))
                .map(|part| part.sums)
                .unwrap_or_default();
            let facts = Facts {
                accepted: sums.accepted,
                accepted_in_time: sums.accepted_in_time,
                decided: sums.approved + sums.rejected,
                approved: sums.approved,
                ..one.facts
            };
            Score {
                bank: one.bank,
                bank_name: one.bank_name,
                tenths: facts.score_tenths(),
                facts,
            }
        })
        .collect();
    scores.sort_by(|a, b| (b.tenths, &a.bank_name).cmp(&(a.tenths, &b.bank_name)));
    Ok(scores)
}

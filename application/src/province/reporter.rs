//! The worker: makes the report of a month once it is over, and carries it to the node until the node has said something.

use std::sync::Arc;

use serde_json::json;
use time::Duration;

use super::notices;
use crate::{
    access::Permit,
    city::Cities,
    error::UseResult,
    outbox::wait,
    ports::{
        audit::AuditEntry,
        clock::Clock,
        plugs::Plugs,
        province::{NodeVerdict, ProvinceNode, ProvinceReport, ReportState, Silence, TryOutcome},
        reference::RegionDirectory,
        store::Store,
    },
};

/// How long a report is this worker's business while the node is asked.
const LEASE: Duration = Duration::minutes(2);
/// Reports of one round at most, so that no city waits for another.
const ROUND: usize = 30;
const TOLD: &str = "province.told";

/// Makes and sends.
#[derive(Clone)]
pub struct Reporter {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub cities: Arc<dyn Cities>,
    pub nodes: Arc<dyn Plugs<dyn ProvinceNode>>,
    pub regions: Arc<dyn RegionDirectory>,
}

impl Reporter {
    /// One round in the city of the permit; answers how many reports were made and how many tries were made to send one.
    pub async fn round(&self, permit: &Permit) -> UseResult<usize> {
        let node = self.nodes.of(permit.city()).await?;
        // What waits is sent although this month's report cannot be made.
        let made = self.make(permit, node.schedule()).await;
        let mut done = *made.as_ref().unwrap_or(&0);
        for _ in 0..ROUND {
            let Some(report) = self.take(permit).await? else {
                break;
            };
            // Nothing leaves inside a transaction. Whoever dies from here on is followed by another once the lease is over: the same
            // report with the same id, which the node takes once.
            let said = node.send(&report).await;
            self.settle(permit, &report, said).await?;
            done += 1;
        }
        made.map(|_| done)
    }

    async fn take(&self, permit: &Permit) -> UseResult<Option<ProvinceReport>> {
        let now = self.clock.now();
        let mut work = self.store.begin(permit).await?;
        let due = work
            .province_reports()
            .take_due_report(now, now + LEASE)
            .await?;
        work.commit().await?;
        Ok(due)
    }

    async fn settle(
        &self,
        permit: &Permit,
        report: &ProvinceReport,
        said: Result<NodeVerdict, Silence>,
    ) -> UseResult<()> {
        let at = self.clock.now();
        let outcome = match said {
            Ok(NodeVerdict::Received(receipt)) => TryOutcome::Received(receipt),
            Ok(NodeVerdict::Refused(reason)) => TryOutcome::Refused(reason),
            Err(silence) => {
                tracing::warn!(report = %report.id, since = %report.since, why = silence.code(), "the provincial node has not taken a report");
                match wait(report.since, at, self.clock.new_id()) {
                    Some(wait) => TryOutcome::Later(silence, at + wait),
                    None => TryOutcome::Parked(silence),
                }
            }
        };
        let state = outcome.state();
        let mut work = self.store.begin(permit).await?;
        if work
            .province_reports()
            .tried(report.id, &outcome, at)
            .await?
            && state != ReportState::Waiting
        {
            let entry = AuditEntry::by_system(self.clock.new_id(), TOLD, report.id, at)
                .detail(json!({ "month": report.month.to_string(), "status": state.code() }));
            work.audit().write(entry).await?;
            if state != ReportState::Received {
                notices::announce(&mut *work, self.clock.new_id(), report.id, at).await?;
            }
        }
        Ok(work.commit().await?)
    }
}

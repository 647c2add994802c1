//! 上级报送 (G4): what was reported to the provincial node, what it said, and once more where it said no or nothing.

mod make;
pub(crate) mod notices;
mod paper;
mod reporter;

use std::sync::Arc;

use serde_json::json;
use uuid::Uuid;

pub use paper::{FORMAT, Figures, LEAST, Line, Paper, Reporting};
pub use reporter::Reporter;

use crate::{
    access::{Action, Actor, Room},
    audit::Watch,
    error::{UseError, UseResult},
    once::Once,
    ports::{
        audit::AuditEntry,
        plugs::Plugs,
        province::{ProvinceNode, ProvinceReport, Schedule},
        store::Store,
    },
};

/// Section of a city's file.
pub const SECTION: &str = "province";
/// Rows of the page: ten years.
const PAGE: i64 = 120;

/// The room of the city's operators.
pub struct ProvinceRoom {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub nodes: Arc<dyn Plugs<dyn ProvinceNode>>,
}

/// 报送记录.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportList {
    /// `None`: the city reports to nobody.
    pub schedule: Option<Schedule>,
    /// Newest month first.
    pub reports: Vec<ProvinceReport>,
}

/// What an operator does about a report that did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// 重新报送: the same report, word for word.
    Again,
    /// 重新生成 of one that was refused: a new report of the month from the figures of now.
    Anew,
}

impl Retry {
    const fn action(self) -> &'static str {
        match self {
            Self::Again => "province.again",
            Self::Anew => "province.anew",
        }
    }
}

impl ProvinceRoom {
    /// The reports, and when the city reports.
    pub async fn list(&self, actor: &Actor) -> UseResult<ReportList> {
        let permit = self
            .watch
            .permit(actor, Room::Province, Action::View, actor.tenant)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let reports = work.province_reports().reports(PAGE).await?;
        drop(work);
        let node = self.nodes.of(permit.city()).await;
        Ok(ReportList {
            schedule: node.ok().map(|node| node.schedule()),
            reports,
        })
    }

    /// One of them.
    pub async fn one(&self, actor: &Actor, id: Uuid) -> UseResult<ProvinceReport> {
        let permit = self
            .watch
            .permit(actor, Room::Province, Action::View, id)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let found = work.province_reports().report(id).await?;
        found.ok_or_else(UseError::not_found)
    }

    /// Has it sent again, or made anew; the worker does both.
    pub async fn retry(&self, actor: &Actor, retry: Retry, id: Uuid, once: &Once) -> UseResult<()> {
        let permit = self
            .watch
            .permit(actor, Room::Province, Action::Save, id)
            .await?;
        let (action, at) = (retry.action(), self.watch.clock.now());
        let mut work = self.store.begin(&permit).await?;
        if once.replayed(&mut *work, action, at).await?.is_some() {
            return Ok(());
        }
        let report = work.province_reports().report(id).await?;
        let report = report.ok_or_else(UseError::not_found)?;
        let reports = work.province_reports();
        let done = match retry {
            Retry::Again => reports.report_again(id, at).await?,
            Retry::Anew => reports.replace_report(id).await?,
        };
        if !done {
            return Err(UseError::conflict("province.not_again"));
        }
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), action, id, at)
            .detail(json!({ "month": report.month.to_string(), "status": report.state.code() }));
        work.audit().write(entry).await?;
        once.done(&mut *work, action, json!({})).await?;
        Ok(work.commit().await?)
    }
}

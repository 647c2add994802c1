//! 核对: does every row say what its log says, and is the log as it was written? For staff to run, and for the tests.

use std::{fmt, sync::Arc};

use domain::{
    financing::{ApplicationEvent, ApplicationRecord, Clocks, FinancingApplication, replay},
    ids::TenantId,
};
use time::{Duration, OffsetDateTime};

use super::link::{Chain, ChainFault};
use crate::{
    access::Guard,
    city::{Cities, City},
    error::{UseError, UseResult},
    ports::{reference::WorkCalendarSource, store::Store},
    rules::RuleKind,
};

/// Applications that one transaction reads.
const BATCH: i64 = 200;
/// Instants are stored in microseconds and counted in nanoseconds.
const ROUNDING: Duration = Duration::seconds(1);

/// Holds rows against logs, one city at a time; changes nothing.
#[derive(Clone)]
pub struct Truth {
    pub store: Arc<dyn Store>,
    pub cities: Arc<dyn Cities>,
    pub calendar: Arc<dyn WorkCalendarSource>,
    pub chain: Chain,
}

/// What was found in a city.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    pub applications: usize,
    pub differences: Vec<Difference>,
    pub faults: Vec<ChainFault>,
}

impl Findings {
    pub fn is_clean(&self) -> bool {
        self.differences.is_empty() && self.faults.is_empty()
    }
}

/// A row that says something else than its log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// 申请编号, or the id of a draft.
    pub application: String,
    pub field: &'static str,
    pub row: String,
    pub log: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            application,
            field,
            row,
            log,
        } = self;
        write!(
            f,
            "{application}: {field} is {row} in the row and {log} in the log"
        )
    }
}

impl fmt::Display for ChainFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gap { seq } => write!(f, "a link is missing before link {seq}"),
            Self::Removed { seq } => write!(f, "the entry of link {seq} is gone"),
            Self::Changed { seq } => write!(f, "the entry of link {seq} was changed"),
        }
    }
}

impl Truth {
    pub async fn check(&self, city: TenantId, reach: Arc<[TenantId]>) -> UseResult<Findings> {
        let settings = self.cities.by_id(city).ok_or_else(UseError::not_found)?;
        let permit = Guard::job(city, reach);
        let mut settings = (*settings).clone();
        // A look from outside a server has heard of no change that the city's operators made.
        let mut work = self.store.begin(&permit).await?;
        if let Some(days) = work
            .city_rules()
            .city_rule(&RuleKind::WorkDays.into())
            .await?
        {
            days.apply(&mut settings);
        }
        drop(work);
        let mut findings = Findings {
            faults: self.chain.check(city).await?,
            ..Findings::default()
        };
        let mut last = None;
        loop {
            let mut work = self.store.begin(&permit).await?;
            let rows = work.financing_applications().all_after(last, BATCH).await?;
            let Some(end) = rows.last() else {
                return Ok(findings);
            };
            last = Some(end.record().id);
            for application in rows {
                let id = application.record().id;
                let log = work.financing_applications().events(id).await?;
                findings.applications += 1;
                findings
                    .differences
                    .extend(self.compare(&settings, &application, &log));
            }
        }
    }

    fn compare(
        &self,
        city: &City,
        application: &FinancingApplication,
        log: &[ApplicationEvent],
    ) -> Vec<Difference> {
        let calendar = city.work_calendar(&*self.calendar);
        let clocks = Clocks {
            limits: city.clocks,
            calendar: &calendar,
            pauses: &city.pauses,
        };
        let r = application.record();
        let told = replay(log, &clocks);
        let mut found = Found {
            record: r,
            differences: Vec::new(),
        };
        let steps = i32::try_from(log.len()).unwrap_or(i32::MAX);
        let gapless = log.iter().zip(1..).all(|(event, seq)| event.seq == seq);
        found.note("version", &r.version, &steps);
        found.note("the order of the log", &true, &gapless);
        found.note("stage", &r.stage, &told.stage);
        found.note("the two columns", &application.columns(), &told.columns());
        found.note("frozen", &r.frozen, &told.frozen);
        found.note(
            "supplement rounds",
            &r.supplement_rounds,
            &told.supplement_rounds,
        );
        found.note("moves", &r.moves, &told.moves);
        found.note("holder", &r.holder_name, &told.holder_name);
        found.note("drawn", &r.drawn, &told.drawn);
        found.instant("due", r.due_at, told.due_at);
        found.instant("contact due", r.contact_due_at, told.contact_due_at);
        found.instant("decision due", r.decision_due_at, told.decision_due_at);
        found.differences
    }
}

struct Found<'a> {
    record: &'a ApplicationRecord,
    differences: Vec<Difference>,
}

impl Found<'_> {
    fn note<T: PartialEq + fmt::Debug>(&mut self, field: &'static str, row: &T, log: &T) {
        if row != log {
            let number = self.record.number.as_ref();
            self.differences.push(Difference {
                application: number.map_or_else(|| self.record.id.to_string(), ToString::to_string),
                field,
                row: format!("{row:?}"),
                log: format!("{log:?}"),
            });
        }
    }

    fn instant(
        &mut self,
        field: &'static str,
        row: Option<OffsetDateTime>,
        log: Option<OffsetDateTime>,
    ) {
        if let (Some(row), Some(log)) = (row, log)
            && (row - log).abs() < ROUNDING
        {
            return;
        }
        self.note(field, &row, &log);
    }
}

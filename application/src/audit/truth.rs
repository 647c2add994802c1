//! 核对: does every row say what its log says, and is the log as it was written? For staff to run, and for the tests.

use std::{fmt, sync::Arc};

use domain::{
    financing::{ApplicationEvent, ApplicationRecord, Clocks, FinancingApplication, replay},
    values::{Cents, Rate, Term},
};
use time::{Duration, OffsetDateTime};

use super::{
    facts::Facts,
    link::{Chain, ChainFault, Head},
};
use crate::{
    access::Permit,
    city::{Cities, City},
    error::{UseError, UseResult},
    ports::{reference::WorkCalendarSource, store::Store},
    rules::rules_of_clocks,
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
    /// The last link of the chain, to be kept outside of the database.
    pub head: Option<Head>,
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
            Self::Gap { seq, first } if *first == seq - 1 => write!(
                f,
                "link {seq}: the entry before it is missing: link {first} is gone, and without it nobody can tell whether the entry of link {seq} is as it was"
            ),
            Self::Gap { seq, first } => write!(
                f,
                "link {seq}: the entries before it are missing: links {first} to {} are gone, and without them nobody can tell whether the entry of link {seq} is as it was",
                seq - 1
            ),
            Self::Removed { seq, entry } => write!(f, "link {seq}: its entry is gone: {entry}"),
            Self::Changed { seq, entry } => write!(f, "link {seq}: its entry was changed: {entry}"),
            Self::Moved { seq, entry, after } => write!(
                f,
                "link {seq}: its entry is as it was written, but was moved: it belongs behind link {after}: {entry}"
            ),
            Self::Cut { last, head } => write!(
                f,
                "the end is missing: links {} to {head} and their entries are gone, link {head} was there when its head was kept",
                last + 1
            ),
            Self::Rewritten { seq } => write!(
                f,
                "link {seq} has another hash than the head that was kept: what stands before it was written anew"
            ),
        }
    }
}

impl Truth {
    /// Every row of a city against its log, and the chain against itself and the heads that were kept.
    pub async fn check(&self, permit: &Permit, heads: &[Head]) -> UseResult<Findings> {
        let settings = self.cities.by_id(permit.city());
        let settings = settings.ok_or_else(UseError::not_found)?;
        let mut settings = (*settings).clone();
        // A look from outside a server has heard of no change that the city's operators made.
        let mut work = self.store.begin(permit).await?;
        rules_of_clocks(&mut *work, &mut settings).await?;
        drop(work);
        let chain = self.chain.check_against(permit, heads).await?;
        let mut findings = Findings {
            faults: chain.faults,
            head: chain.head,
            ..Findings::default()
        };
        let mut last = None;
        loop {
            let mut work = self.store.begin(permit).await?;
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
            eras: &city.clocks,
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
        let joined = log.windows(2).all(|two| two[1].from == Some(two[0].to));
        found.note(
            "the stages of the log, each from the one before",
            &true,
            &joined,
        );
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
        found.note("ever_accepted", &r.ever_accepted, &told.ever_accepted);
        let facts = Facts::of(log);
        found.instants(&facts);
        found.decision(&facts);
        found.people(&facts);
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

    /// When what was done, under the names of the columns.
    fn instants(&mut self, facts: &Facts<'_>) {
        let r = self.record;
        self.instant("created_at", Some(r.created_at), facts.created_at);
        self.instant("submitted_at", r.submitted_at, facts.submitted_at);
        self.instant("accepted_at", r.accepted_at, facts.accepted_at);
        self.instant("contacted_at", r.contacted_at, facts.contacted_at);
        self.instant("decided_at", r.decided_at, facts.decided_at);
        self.instant("intake_since", r.intake_since, facts.intake_since);
        self.instant("decision_since", r.decision_since, facts.decision_since);
        self.instant("paused_at", r.paused_at, facts.paused_at);
        self.instant("frozen_at", r.frozen_at, facts.frozen_at);
        self.instant("updated_at", Some(r.updated_at), facts.updated_at);
    }

    /// What was decided, and what was put before whom.
    fn decision(&mut self, facts: &Facts<'_>) {
        let r = self.record;
        let terms = facts.terms;
        self.note(
            "approved_amount_cents",
            &r.approved_amount.map(Cents::cents),
            &terms.map(|(amount, ..)| amount.cents()),
        );
        self.note(
            "approved_rate",
            &r.approved_rate.map(Rate::hundredths),
            &terms.map(|(_, rate, ..)| rate.hundredths()),
        );
        self.note(
            "approved_term",
            &r.approved_term.map(Term::value),
            &terms.map(|(_, _, term, _)| term.value()),
        );
        self.note(
            "approval_valid_until",
            &r.approval_valid_until,
            &terms.map(|(.., until)| until),
        );
        self.note("review_opinion", &r.review_opinion.as_str(), &facts.opinion);
        self.note("reason_codes", &r.reason_codes.as_slice(), &facts.reasons);
        self.note("approval", &r.approval, &facts.approval);
        self.note("reconsidered", &r.reconsidered, &facts.reconsidered);
        self.note("draws", &r.draws, &facts.draws);
    }

    /// Who has it, and where it came from.
    fn people(&mut self, facts: &Facts<'_>) {
        let r = self.record;
        if !facts.holder_unknown {
            self.note("holder_user_id", &r.holder, &facts.holder);
        }
        self.note("handler_tenant_id", &r.handler, &facts.handler);
        self.note("returned_from", &r.returned_from, &facts.returned_from);
        self.note("overdue", &r.overdue, &facts.overdue);
    }
}

//! `audit`: holds every row against its log and every log entry against its chain; changes nothing.

use std::{fmt::Write as _, sync::Arc};

use application::audit::{link::Chain, truth::Truth};
use reference::Reference;

use crate::wire::Parts;

/// What is told of all cities, and whether everything is as it was written.
#[derive(Debug)]
pub struct Report {
    pub text: String,
    pub clean: bool,
}

/// Looks through every city.
pub async fn run(parts: &Parts) -> anyhow::Result<Report> {
    let truth = Truth {
        store: parts.store.clone(),
        cities: parts.cities.clone(),
        calendar: Arc::new(Reference),
        chain: Chain {
            store: parts.store.clone(),
            tokens: parts.tokens.clone(),
        },
    };
    let mut report = Report {
        text: String::new(),
        clean: true,
    };
    for city in parts.cities.all() {
        let reach = parts.door.reach(city.id).await?;
        let findings = truth.check(city.id, reach.into()).await?;
        report.clean &= findings.is_clean();
        writeln!(
            report.text,
            "{}: {} applications replayed, {} differences; log chain: {} faults",
            city.slug,
            findings.applications,
            findings.differences.len(),
            findings.faults.len(),
        )?;
        for difference in &findings.differences {
            writeln!(report.text, "  - {difference}")?;
        }
        for fault in &findings.faults {
            writeln!(report.text, "  - log chain: {fault}")?;
        }
    }
    Ok(report)
}

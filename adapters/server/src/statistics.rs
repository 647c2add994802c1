//! `statistics`: holds every figure of 统计分析 against a plain recount, or counts everything anew.

use std::fmt::Write as _;

use application::{access::Guard, statistics::Counter};

use crate::wire::Parts;

/// What is told of all cities, and whether every figure was right.
#[derive(Debug)]
pub struct Report {
    pub text: String,
    pub clean: bool,
}

/// Looks through every city.
pub async fn run(parts: &Parts, rebuild: bool) -> anyhow::Result<Report> {
    let counter = Counter {
        store: parts.store.clone(),
    };
    let mut report = Report {
        text: String::new(),
        clean: true,
    };
    for city in parts.cities.all() {
        let reach = parts.door.reach(city.id).await?;
        let permit = Guard::job(city.id, reach.into());
        let wrong = if rebuild {
            counter.rebuild(&permit).await?
        } else {
            counter.check(&permit).await?
        };
        report.clean &= wrong == 0;
        let done = if rebuild { ", counted anew" } else { "" };
        writeln!(report.text, "{}: {wrong} figures differed{done}", city.slug)?;
    }
    Ok(report)
}

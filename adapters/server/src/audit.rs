//! `audit`: holds every row against its log and every log entry against its chain; changes nothing.

use std::{fmt, fmt::Write as _, str::FromStr, sync::Arc};

use application::{
    access::Guard,
    audit::{
        link::{Chain, Head},
        truth::Truth,
    },
};
use reference::Reference;

use crate::{provinces, wire::Parts};

/// The last link of a city's chain as it was seen before: `<city>:<number>:<hash>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptHead {
    pub city: String,
    pub head: Head,
}

impl FromStr for KeptHead {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text} is no head: <city>:<number>:<hash>, as `audit` prints it");
        let mut parts = text.trim().split(':');
        let (Some(city), Some(seq), Some(hash), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(wrong());
        };
        let seq: i64 = seq.parse().map_err(|_| wrong())?;
        let hex = hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
        if city.is_empty() || seq < 1 || !hex {
            return Err(wrong());
        }
        Ok(Self {
            city: city.to_owned(),
            head: Head {
                seq,
                hash: hash.to_ascii_lowercase(),
            },
        })
    }
}

impl fmt::Display for KeptHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.city, self.head.seq, self.head.hash)
    }
}

/// What is told of all cities, and whether everything is as it was written.
#[derive(Debug)]
pub struct Report {
    pub text: String,
    pub clean: bool,
    /// The cities that were looked through.
    pub cities: Vec<String>,
    /// Where each chain ends now.
    pub heads: Vec<KeptHead>,
}

/// Looks through every city.
pub async fn run(parts: &Parts) -> anyhow::Result<Report> {
    run_against(parts, &[]).await
}

/// The same, held against the heads that were kept.
pub async fn run_against(parts: &Parts, kept: &[KeptHead]) -> anyhow::Result<Report> {
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
        cities: Vec::new(),
        heads: Vec::new(),
    };
    for city in parts.cities.all() {
        let reach = parts.door.reach(city.id).await?;
        let heads: Vec<Head> = kept
            .iter()
            .filter(|one| one.city == city.slug)
            .map(|one| one.head.clone())
            .collect();
        let permit = Guard::job(city.id, reach.into());
        let findings = truth.check(&permit, &heads).await?;
        report.clean &= findings.is_clean();
        let slug = &city.slug;
        writeln!(
            report.text,
            "{slug}: {} applications replayed, {} differences; log chain: {} faults",
            findings.applications,
            findings.differences.len(),
            findings.faults.len(),
        )?;
        for difference in &findings.differences {
            writeln!(report.text, "  - {slug}, {difference}")?;
        }
        for fault in &findings.faults {
            writeln!(report.text, "  - {slug}, log chain, {fault}")?;
        }
        report.cities.push(slug.clone());
        report.heads.extend(findings.head.map(|head| KeptHead {
            city: slug.clone(),
            head,
        }));
    }
    // A province has no application: its log is a chain all the same.
    for province in parts.door.applied_provinces().await? {
        let slug = province.slug;
        let kept = kept.iter().filter(|one| one.city == slug);
        let heads: Vec<Head> = kept.map(|one| one.head.clone()).collect();
        let permit = provinces::job(province.id);
        let walked = truth.chain.check_against(&permit, &heads).await?;
        report.clean &= walked.faults.is_empty();
        writeln!(
            report.text,
            "{slug}: log chain: {} faults",
            walked.faults.len()
        )?;
        for fault in &walked.faults {
            writeln!(report.text, "  - {slug}, log chain, {fault}")?;
        }
        report.heads.extend(walked.head.map(|head| KeptHead {
            city: slug.clone(),
            head,
        }));
        report.cities.push(slug);
    }
    Ok(report)
}

/// Heads of cities that nobody looked through: a chain that is gone as a whole is missed by nobody else.
pub fn unknown(kept: &[KeptHead], cities: &[String]) -> Vec<String> {
    kept.iter()
        .filter(|one| !cities.contains(&one.city))
        .map(|one| {
            format!(
                "{}, log chain, the city of this head is not there: {one}",
                one.city
            )
        })
        .collect()
}

/// The heads as the option takes them, and what to do next, in one line.
pub fn ending(heads: &[KeptHead], clean: bool) -> String {
    let mut text = String::new();
    for head in heads {
        text.push_str(&format!("head {head}\n"));
    }
    text.push_str(if clean {
        "next: keep the heads outside of the database, and give them back next time: yijianrong audit --head <city>:<number>:<hash>\n"
    } else {
        "next: change nothing, copy the database as it is, and hold what was named against the last backup (docs/operations.md, Rehearse)\n"
    });
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_is_printed_and_nothing_else_is() {
        let text = format!("cangzhou:12:{}", "0a".repeat(32));
        let head: KeptHead = text.parse().expect("a head");
        assert_eq!(head.head.seq, 12);
        assert_eq!(head.to_string(), text);
        for wrong in ["cangzhou", "cangzhou:12", "cangzhou:12:zz", "cangzhou:0:00"] {
            assert!(wrong.parse::<KeptHead>().is_err(), "{wrong}");
        }
        assert!(format!("{text}:1").parse::<KeptHead>().is_err());
        let told = unknown(std::slice::from_ref(&head), &["yunlan".to_owned()]);
        assert_eq!(told.len(), 1);
        assert!(unknown(&[head], &["cangzhou".to_owned()]).is_empty());
    }
}

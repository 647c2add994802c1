//! pgbench: the limit that the same SQL has on the same cluster.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::Context as _;

use crate::{cpu, recorder::Statement};

/// A pgbench script and how often it is taken.
#[derive(Clone, Debug)]
pub struct Script {
    pub text: String,
    pub weight: u32,
}

/// What a run of pgbench came to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limit {
    pub transactions: u64,
    pub failed: u64,
    pub per_second: f64,
    /// CPU of pgbench and of PostgreSQL for one transaction.
    pub cpu_ms: f64,
}

/// Runs pgbench against one cluster.
pub struct Bench {
    pub binary: PathBuf,
    pub socket: PathBuf,
    pub port: u16,
    pub login: String,
    pub database: String,
    pub folder: PathBuf,
    pub postmaster: u32,
}

impl Bench {
    /// `session`: settings of the connection, such as `-c role=visitor_ro`.
    pub async fn run(
        &self,
        scripts: &[Script],
        session: &str,
        clients: usize,
        lasts: Duration,
    ) -> anyhow::Result<Limit> {
        let before = cpu::tree_ms(self.postmaster) + cpu::ended_children_ms();
        let (text, errors) = self.say(scripts, session, clients, lasts).await?;
        let used = cpu::tree_ms(self.postmaster) + cpu::ended_children_ms() - before;
        read(&text, used)
            .filter(|l| l.transactions > 0 && l.failed == 0)
            .with_context(|| format!("pgbench: {text}\n{errors}"))
    }

    async fn say(
        &self,
        scripts: &[Script],
        session: &str,
        clients: usize,
        lasts: Duration,
    ) -> anyhow::Result<(String, String)> {
        let mut command = tokio::process::Command::new(&self.binary);
        command
            .args(["-n", "-M", "prepared", "-j", "1"])
            .args(["-c", &clients.to_string()])
            .args(["-T", &lasts.as_secs().max(1).to_string()])
            .arg("-h")
            .arg(&self.socket)
            .args(["-p", &self.port.to_string(), "-U", &self.login])
            .env("PGOPTIONS", session)
            .env("LC_ALL", "C.UTF-8");
        for (number, script) in scripts.iter().enumerate() {
            let path = self.folder.join(format!("script-{number}.sql"));
            std::fs::write(&path, &script.text)?;
            let weighted = format!("{}@{}", path.display(), script.weight.max(1));
            command.arg("-f").arg(weighted);
        }
        command
            .arg(&self.database)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let done = command.output().await.context("pgbench")?;
        Ok((
            String::from_utf8_lossy(&done.stdout).into_owned(),
            String::from_utf8_lossy(&done.stderr).into_owned(),
        ))
    }
}

fn read(text: &str, used_ms: f64) -> Option<Limit> {
    let number = |begin: &str| -> Option<f64> {
        let line = text.lines().find(|l| l.starts_with(begin))?;
        let value = line[begin.len()..].trim_start();
        value
            .split(|c: char| !c.is_ascii_digit() && c != '.')
            .next()?
            .parse()
            .ok()
    };
    let transactions = number("number of transactions actually processed:")?;
    Some(Limit {
        transactions: transactions as u64,
        failed: number("number of failed transactions:").unwrap_or(0.0) as u64,
        per_second: number("tps =")?,
        cpu_ms: used_ms / transactions.max(1.0),
    })
}

/// The transactions as a script; they are to read only, for each run says the same.
pub fn script(transactions: &[Vec<Statement>]) -> String {
    let mut text = String::new();
    for statement in transactions.iter().flatten() {
        let parts: Vec<&str> = if statement.parameters.is_empty() {
            statement.sql.split(';').map(str::trim).collect()
        } else {
            vec![statement.sql.trim()]
        };
        let parts: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).collect();
        // Sent together, as the program sends them.
        let together = parts.len() > 1;
        if together {
            text.push_str("\\startpipeline\n");
        }
        for part in parts {
            let _ = writeln!(text, "{};", filled(part, &statement.parameters));
        }
        if together {
            text.push_str("\\endpipeline\n");
        }
    }
    text
}

fn filled(sql: &str, parameters: &[Option<String>]) -> String {
    let mut text = String::with_capacity(sql.len() + 200);
    let mut rest = sql;
    while let Some(at) = rest.find('$') {
        let digits = rest[at + 1..]
            .bytes()
            .take_while(u8::is_ascii_digit)
            .count();
        let value = rest[at + 1..at + 1 + digits]
            .parse::<usize>()
            .ok()
            .and_then(|n| parameters.get(n.wrapping_sub(1)));
        text.push_str(&rest[..at]);
        match value {
            Some(Some(value)) => text.push_str(&quoted(value)),
            Some(None) => text.push_str("null"),
            None => text.push_str(&rest[at..at + 1 + digits]),
        }
        rest = &rest[at + 1 + digits..];
    }
    text.push_str(rest);
    text
}

fn quoted(value: &str) -> String {
    // Backslashes mean nothing: standard_conforming_strings.
    format!("'{}'", value.replace('\'', "''"))
}

/// Debian keeps pgbench beside the server; elsewhere it is on the path.
pub fn binary() -> anyhow::Result<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin/pgbench")))
        .filter(|path| path.exists())
        .collect();
    found.sort();
    let on_path = std::env::var_os("PATH").and_then(|path| {
        std::env::split_paths(&path)
            .map(|p| p.join("pgbench"))
            .find(|p| p.exists())
    });
    found
        .pop()
        .or(on_path)
        .context("pgbench is missing: it comes with the PostgreSQL server")
}

/// A folder for scripts.
pub fn folder(base: &Path) -> anyhow::Result<PathBuf> {
    let folder = base.join("pgbench");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pgbench_prints_is_read() {
        let text = "transaction type: x\nnumber of transactions actually processed: 1234\n\
                    number of failed transactions: 0 (0.000%)\ntps = 617.250000 (without initial connection time)\n";
        let limit = read(text, 2_468.0).expect("a limit");
        assert_eq!((limit.transactions, limit.failed), (1_234, 0));
        assert!((limit.per_second - 617.25).abs() < 0.001 && (limit.cpu_ms - 2.0).abs() < 0.001);
    }

    #[test]
    fn parameters_stand_where_they_belong() {
        let statement = Statement {
            sql: "select $1, $2, $10".to_owned(),
            parameters: vec![Some("it's 万".to_owned()), None],
        };
        assert_eq!(
            script(&[vec![statement]]),
            "select 'it''s 万', null, $10;\n"
        );
    }

    #[test]
    fn statements_sent_together_stay_together() {
        let statement = Statement {
            sql: "begin; set local role door_rw".to_owned(),
            parameters: Vec::new(),
        };
        assert_eq!(
            script(&[vec![statement]]),
            "\\startpipeline\nbegin;\nset local role door_rw;\n\\endpipeline\n"
        );
    }
}

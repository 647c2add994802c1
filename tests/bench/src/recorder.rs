//! What PostgreSQL was asked, statement by statement, from its own log.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::{AssertSqlSafe, Executor as _, PgPool};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::layer::{Context, Layer};

use crate::http::Answer;

/// Takes down the lines that the cluster passes on from PostgreSQL.
#[derive(Clone, Default)]
pub struct Recorder(Arc<Mutex<Vec<String>>>);

struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}

impl<S: Subscriber> Layer<S> for Recorder {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "postgres" {
            let mut message = Message(String::new());
            event.record(&mut message);
            self.lines().push(message.0);
        }
    }
}

/// One statement as it was run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    pub sql: String,
    pub parameters: Vec<Option<String>>,
}

impl Recorder {
    fn lines(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs something and answers the statements that PostgreSQL saw meanwhile. The server that is asked has the login of
    /// [`switch`] and one connection to work with, so that statements of two transactions never mix.
    pub async fn during<T>(&self, work: impl Future<Output = T>) -> (T, Vec<Statement>) {
        tokio::time::sleep(SETTLE).await;
        self.lines().clear();
        let done = work.await;
        tokio::time::sleep(SETTLE).await;
        let lines = std::mem::take(&mut *self.lines());
        (done, statements(&lines))
    }

    /// The readings of a page that look into a table. A duty of the server that comes in between mixes its statements with the page's:
    /// then the page is opened again.
    pub async fn readings_of(
        &self,
        table: &str,
        open: impl AsyncFn() -> anyhow::Result<Answer>,
    ) -> anyhow::Result<Vec<Vec<Statement>>> {
        for _ in 0..TRIES {
            let (answer, statements) = self.during(open()).await;
            let answer = answer?;
            anyhow::ensure!(answer.status == 200, "the page answers {}", answer.status);
            let mut own = readings(&statements);
            own.retain(|t| t.iter().any(|s| s.sql.contains(table)));
            if !own.is_empty() {
                return Ok(own);
            }
        }
        anyhow::bail!("no SQL over {table} was seen")
    }
}

const TRIES: usize = 5;

/// The log comes through a pipe.
const SETTLE: Duration = Duration::from_millis(150);

/// Has the statements of a login logged from its next connection on, or no longer.
pub async fn switch(owner: &PgPool, login: &str, on: bool) -> anyhow::Result<()> {
    let changes = if on {
        ["log_statement = 'all'", "log_error_verbosity = 'default'"].map(|c| format!("set {c}"))
    } else {
        ["log_statement", "log_error_verbosity"].map(|c| format!("reset {c}"))
    };
    for change in changes {
        // AssertSqlSafe: the texts stand right above, the login is ours.
        owner
            .execute(AssertSqlSafe(format!("alter role {login} {change}")))
            .await?;
    }
    Ok(())
}

/// Reads the log: an entry begins with its level, its further lines with a tab.
fn statements(lines: &[String]) -> Vec<Statement> {
    let mut entries: Vec<String> = Vec::new();
    for line in lines {
        match entries.last_mut() {
            Some(last) if line.starts_with('\t') => {
                last.push('\n');
                last.push_str(line);
            }
            _ => entries.push(line.clone()),
        }
    }
    let mut found: Vec<Statement> = Vec::new();
    for entry in &entries {
        let sql = entry.strip_prefix("LOG:  statement: ").or_else(|| {
            let named = entry.strip_prefix("LOG:  execute ")?;
            Some(named.split_once(": ")?.1)
        });
        if let Some(sql) = sql {
            found.push(Statement {
                sql: one_line(sql),
                parameters: Vec::new(),
            });
        } else if let Some(text) = (entry.strip_prefix("DETAIL:  parameters: "))
            .or_else(|| entry.strip_prefix("DETAIL:  Parameters: "))
            && let Some(last) = found.last_mut()
        {
            last.parameters = parameters(text);
        }
    }
    found
}

fn one_line(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `$1 = 'a''b', $2 = NULL`.
fn parameters(text: &str) -> Vec<Option<String>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(" = ") {
        rest = &rest[at + 3..];
        if let Some(quoted) = rest.strip_prefix('\'') {
            let mut value = String::new();
            let mut signs = quoted.char_indices().peekable();
            let mut end = quoted.len();
            while let Some((at, sign)) = signs.next() {
                if sign == '\'' {
                    if signs.peek().is_some_and(|(_, next)| *next == '\'') {
                        signs.next();
                    } else {
                        end = at + 1;
                        break;
                    }
                }
                value.push(sign);
            }
            found.push(Some(value));
            rest = &quoted[end..];
        } else {
            found.push(None);
            rest = rest.strip_prefix("NULL").unwrap_or(rest);
        }
    }
    found
}

/// What somebody reads, transaction by transaction: those of the server's duties are nobody's, and what writes is left out, for it
/// cannot be done again and again by many at once.
pub fn readings(statements: &[Statement]) -> Vec<Vec<Statement>> {
    let is_somebodys = |begin: &Statement| {
        let person = begin.sql.split_once("app.user_id = '");
        person.is_none_or(|(_, person)| !person.starts_with('\''))
    };
    let writes = |statement: &Statement| {
        let sql = statement.sql.to_ascii_lowercase();
        ["insert", "update", "delete"]
            .iter()
            .any(|verb| sql.starts_with(verb))
    };
    let mut readings = transactions(statements);
    readings.retain(|t| t.first().is_some_and(is_somebodys));
    for reading in &mut readings {
        reading.retain(|statement| !writes(statement));
    }
    readings
}

/// The transactions of a record; a question that stands outside of one is one by itself.
///
/// A transaction that only read is rolled back when its connection goes home, which may be after the next one began on
/// another connection: an end that meets a transaction without any statement is the end of the one before.
fn transactions(statements: &[Statement]) -> Vec<Vec<Statement>> {
    let mut whole: Vec<Vec<Statement>> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    // The pool rolls back whatever comes home to it: what had ended before is not ended by that again.
    let mut ended = 0;
    for statement in statements {
        let sql = statement.sql.to_ascii_lowercase();
        if sql == "rollback" && statement.sql != "ROLLBACK" && ended > 0 {
            ended -= 1;
        } else if sql.starts_with("begin") {
            open.push(whole.len());
            whole.push(vec![statement.clone()]);
        } else if sql.starts_with("commit") || sql == "rollback" {
            if statement.sql != "rollback" {
                ended += 1;
            }
            let ends = match open.as_slice() {
                [.., older, last] if whole[*last].len() == 1 => Some(*older),
                [.., last] => Some(*last),
                [] => None,
            };
            if let Some(at) = ends {
                whole[at].push(statement.clone());
                open.retain(|o| *o != at);
            }
        } else if let Some(at) = open.last() {
            whole[*at].push(statement.clone());
        } else if sql.starts_with("select") {
            whole.push(vec![statement.clone()]);
        }
    }
    // One whose end was not heard would otherwise take in whatever a script does next.
    for at in open {
        whole[at].push(Statement {
            sql: "rollback".to_owned(),
            parameters: Vec::new(),
        });
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn statements_of_several_lines_and_their_parameters_are_put_together() {
        let log = lines(
            "LOG:  statement: begin; set local role door_rw\nLOG:  execute sqlx_s_1: select a\n\t  from b where c = $1\n\
             DETAIL:  parameters: $1 = 'it''s, $2 = x', $2 = NULL\nLOG:  statement: COMMIT\nLOG:  statement: rollback",
        );
        let found = statements(&log);
        assert_eq!(found[1].sql, "select a from b where c = $1");
        assert_eq!(found[1].parameters, [Some("it's, $2 = x".to_owned()), None]);
        let whole = transactions(&found);
        assert_eq!(whole.len(), 1);
        assert_eq!(whole[0].len(), 3);
    }

    #[test]
    fn what_is_nobodys_or_writes_is_left_out_and_what_did_not_end_gets_an_end() {
        let all = [
            "begin; set local app.user_id = ''",
            "select 1",
            "rollback",
            "begin; set local app.user_id = '7'",
            "update a set b = 1",
            "COMMIT",
            "begin; set local app.user_id = '7'",
            "select 2",
        ];
        let statements: Vec<_> = all
            .map(|sql| Statement {
                sql: sql.to_owned(),
                parameters: Vec::new(),
            })
            .into();
        let readings: Vec<Vec<String>> = readings(&statements)
            .into_iter()
            .map(|t| t.into_iter().map(|s| s.sql).collect())
            .collect();
        assert_eq!(
            readings,
            [vec![all[3], all[5]], vec![all[6], all[7], "rollback"]]
        );
    }

    #[test]
    fn a_late_end_belongs_to_the_transaction_before() {
        let all = "begin; a|select 1|begin; b|ROLLBACK|rollback|select 2|COMMIT|rollback|select 4|begin; c|select 3|rollback".split('|');
        let statements: Vec<_> = all
            .map(|sql| Statement {
                sql: sql.to_owned(),
                parameters: Vec::new(),
            })
            .collect();
        let whole: Vec<Vec<String>> = transactions(&statements)
            .into_iter()
            .map(|t| t.into_iter().map(|s| s.sql).collect())
            .collect();
        assert_eq!(
            whole,
            [
                vec!["begin; a", "select 1", "ROLLBACK"],
                vec!["begin; b", "select 2", "COMMIT"],
                vec!["select 4"],
                vec!["begin; c", "select 3", "rollback"],
            ]
        );
    }
}

//! Rows for `copy … from stdin` in its text form.

use std::fmt::{Display, Write as _};

use sqlx::PgConnection;

/// Rows of one table, gathered and sent at once.
pub struct Copy {
    statement: String,
    rows: String,
    at_start: bool,
}

impl Copy {
    /// `table (column, …)`.
    pub fn into(target: &str) -> Self {
        Self {
            statement: format!("copy {target} from stdin"),
            rows: String::new(),
            at_start: true,
        }
    }

    fn gap(&mut self) {
        if !std::mem::replace(&mut self.at_start, false) {
            self.rows.push('\t');
        }
    }

    /// A value whose text holds nothing that means something to `copy`.
    pub fn plain(&mut self, value: impl Display) -> &mut Self {
        self.gap();
        let _ = write!(self.rows, "{value}");
        self
    }

    pub fn text(&mut self, value: &str) -> &mut Self {
        self.gap();
        for sign in value.chars() {
            match sign {
                '\\' => self.rows.push_str("\\\\"),
                '\t' => self.rows.push_str("\\t"),
                '\n' => self.rows.push_str("\\n"),
                other => self.rows.push(other),
            }
        }
        self
    }

    pub fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.gap();
        let _ = write!(self.rows, "\\\\x{}", hex::encode(value));
        self
    }

    pub fn null(&mut self) -> &mut Self {
        self.plain("\\N")
    }

    /// Ends the row.
    pub fn end(&mut self) {
        self.rows.push('\n');
        self.at_start = true;
    }

    pub async fn send(self, db: &mut PgConnection) -> anyhow::Result<()> {
        let mut copy = db.copy_in_raw(&self.statement).await?;
        copy.send(self.rows.as_bytes()).await?;
        copy.finish().await?;
        Ok(())
    }
}

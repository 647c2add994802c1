//! The table: each figure beside its limit, with a verdict.

use std::fmt::Write as _;

/// Floor, goal and stretch of a row.
#[derive(Clone, Copy, Debug)]
pub struct Marks {
    pub floor: f64,
    pub goal: f64,
    pub stretch: f64,
}

impl Marks {
    pub const fn new(floor: f64, goal: f64, stretch: f64) -> Self {
        Self {
            floor,
            goal,
            stretch,
        }
    }

    /// Where more is better the floor is below the goal; else less is better.
    pub fn verdict(&self, figure: f64) -> Verdict {
        let reaches = |mark: f64| {
            if self.floor < self.goal {
                figure >= mark
            } else {
                figure <= mark
            }
        };
        if reaches(self.stretch) {
            Verdict::Stretch
        } else if reaches(self.goal) {
            Verdict::Goal
        } else if reaches(self.floor) {
            Verdict::Floor
        } else {
            Verdict::Below
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Stretch,
    Goal,
    Floor,
    Below,
}

impl Verdict {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Stretch => "stretch",
            Self::Goal => "goal",
            Self::Floor => "floor",
            Self::Below => "BELOW FLOOR",
        }
    }
}

/// One printed row.
#[derive(Clone, Debug)]
pub struct Row {
    pub name: &'static str,
    pub what: String,
    pub ours: String,
    pub limit: String,
    pub figure: String,
    pub marks: String,
    pub verdict: Verdict,
    /// What a reader should know beside it.
    pub note: String,
}

impl Row {
    /// A row that is true or not.
    pub fn exact(name: &'static str, what: &str, seen: String, right: bool) -> Self {
        Self {
            name,
            what: what.to_owned(),
            ours: seen,
            limit: String::new(),
            figure: if right { "exact" } else { "wrong" }.to_owned(),
            marks: "exact".to_owned(),
            verdict: if right { Verdict::Goal } else { Verdict::Below },
            note: String::new(),
        }
    }

    /// A row with one figure that is compared with its marks.
    pub fn figure(
        name: &'static str,
        what: &str,
        ours: String,
        limit: String,
        figure: f64,
        marks: Marks,
    ) -> Self {
        Self {
            name,
            what: what.to_owned(),
            ours,
            limit,
            figure: format!("{figure:.2}"),
            marks: format!("{} / {} / {}", marks.floor, marks.goal, marks.stretch),
            verdict: marks.verdict(figure),
            note: String::new(),
        }
    }

    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }
}

/// All rows as a Markdown table: it reads in a terminal and goes into the documentation as it is.
pub fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| # | measure | ours | limit | figure | floor / goal / stretch | verdict |\n\
         | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for row in rows {
        let note = if row.note.is_empty() {
            String::new()
        } else {
            format!(" ({})", row.note)
        };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | **{}** | {} | {}{note} |",
            row.name,
            row.what,
            row.ours,
            row.limit,
            row.figure,
            row.marks,
            row.verdict.word()
        );
    }
    text
}

/// The middle value; of an even number, the lower middle.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values
        .get(values.len().saturating_sub(1) / 2)
        .copied()
        .unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_know_whether_more_or_less_is_better() {
        let more = Marks::new(0.5, 0.7, 0.85);
        assert_eq!(
            [0.4, 0.5, 0.7, 0.9].map(|f| more.verdict(f)),
            [
                Verdict::Below,
                Verdict::Floor,
                Verdict::Goal,
                Verdict::Stretch
            ]
        );
        let less = Marks::new(2.0, 1.0, 0.3);
        assert_eq!(
            [3.0, 2.0, 0.9, 0.3].map(|f| less.verdict(f)),
            [
                Verdict::Below,
                Verdict::Floor,
                Verdict::Goal,
                Verdict::Stretch
            ]
        );
        assert_eq!(more.verdict(f64::NAN), Verdict::Below);
    }
}

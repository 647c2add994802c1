//! The way from a figure to its rows: the figure's meaning in the address, and in words above the list.

use std::collections::HashMap;

pub(crate) use application::statistics::write_month;
use application::{
    ports::statistics::{Counted, Dimension, Measure, Span},
    statistics::{Statistics, month_end},
    supervision::SeenRow,
};
use time::{Date, Month};

use super::applications::LIST;
use crate::{parts::Link, visit::encode};

/// `2026-05` as the first day of it.
pub(crate) fn read_month(text: &str) -> Option<Date> {
    let (year, month) = text.split_once('-')?;
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    let year = year.parse().ok().filter(|y| (2000..=2200).contains(y))?;
    Date::from_calendar_date(year, month, 1).ok()
}

pub(crate) fn month_words(day: Date) -> String {
    format!("{} 年 {} 月", day.year(), u8::from(day.month()))
}

/// `from=2026-02&to=2026-05`, whole months.
pub(crate) fn write_span(span: Span) -> String {
    format!(
        "from={}&to={}",
        write_month(span.from),
        write_month(span.to)
    )
}

/// The months of an address from the first day of the one until the last of the other.
pub(crate) fn read_span(asked: &HashMap<String, String>) -> Option<Span> {
    let month = |name: &str| asked.get(name).and_then(|word| read_month(word));
    let from = month("from")?;
    let to = month("to").filter(|to| *to >= from)?;
    Some(Span {
        from,
        to: month_end(to),
    })
}

pub(crate) fn span_words(span: Span) -> String {
    let (from, to) = (month_words(span.from), month_words(span.to));
    if from == to {
        from
    } else {
        format!("{from}至{to}")
    }
}

/// What the address asks for; `None` when it names no figure.
pub(super) fn read(asked: &HashMap<String, String>) -> Option<Counted> {
    let word = |name: &str| asked.get(name).map_or("", String::as_str);
    let measure = Measure::from_code(word("count"))?;
    let span = read_span(asked)?;
    let value: String = word("value").chars().take(64).collect();
    Some(Counted {
        measure,
        span,
        of: Dimension::from_code(word("by")).map(|dimension| (dimension, value)),
    })
}

pub(crate) fn href(counted: &Counted) -> String {
    let mut href = format!(
        "{LIST}?list=all&count={}&{}",
        counted.measure.code(),
        write_span(counted.span)
    );
    if let Some((dimension, value)) = &counted.of {
        href.push_str(&format!("&by={}&value={}", dimension.code(), encode(value)));
    }
    href
}

/// The figure in words; each is taken away by going back to the whole list.
pub(super) fn chips(counted: &Counted, room: &Statistics, rows: &[SeenRow]) -> Vec<Link> {
    let mut words = vec![counted.measure.zh().to_owned(), span_words(counted.span)];
    if let Some((dimension, value)) = &counted.of {
        let label = match dimension {
            Dimension::Bank => rows
                .first()
                .map_or("所选机构", |r| &r.row.bank_name)
                .to_owned(),
            _ => room.label(*dimension, value),
        };
        words.push(format!("{}：{label}", dimension.zh()));
    }
    words.into_iter().map(|w| Link::new(w, LIST)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_read_back_from_the_address_that_was_written_for_it() {
        let counted = Counted {
            measure: Measure::FirstHomes,
            span: Span {
                from: read_month("2026-02").unwrap(),
                to: month_end(read_month("2026-05").unwrap()),
            },
            of: Some((Dimension::Region, "130903".to_owned())),
        };
        let href = href(&counted);
        let (_, query) = href.split_once('?').unwrap();
        let asked: HashMap<String, String> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .collect();
        assert_eq!(read(&asked), Some(counted));
        for bad in ["", "2026", "2026-13", "x-1", "99999-01", "2026-00"] {
            assert_eq!(read_month(bad), None, "{bad}");
        }
    }
}

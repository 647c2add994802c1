use time::Date;

/// Complaint number 投诉编号: `TS`, the day in Asia/Shanghai, the day's counter of at least three digits; made as a 申请编号 is, and
/// it opens as little.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ComplaintNumber(String);

impl ComplaintNumber {
    /// `None` when the counter is 0 or the year has not four digits: there is no such number.
    pub fn new(day: Date, counter: u32) -> Option<Self> {
        let there = counter > 0 && (1000..=9999).contains(&day.year());
        there.then(|| {
            Self(format!(
                "TS{:04}{:02}{:02}{counter:03}",
                day.year(),
                day.month() as u8,
                day.day()
            ))
        })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::ComplaintNumber;
    use time::macros::date;

    #[test]
    fn the_counter_has_three_digits_and_widens_after_999() {
        let number = |counter| ComplaintNumber::new(date!(2026 - 11 - 06), counter);
        let text = |counter| number(counter).map(|n| n.as_str().to_owned());
        assert_eq!(text(1).as_deref(), Some("TS20261106001"));
        assert_eq!(text(1000).as_deref(), Some("TS202611061000"));
        assert_eq!(text(0), None);
    }
}

//! Dates 日期 and terms 期限 as licences, identity cards and providers print them.

use application::ports::recognition::ValidTerm;
use domain::values::half_width;
use time::{Date, Month};

/// `2019年03月01日`, `2019-3-1`, `2019.03.01`, `20190301`, `二〇一九年三月一日`; the first one in the text.
pub fn date(text: &str) -> Option<Date> {
    dates(text).into_iter().next()
}

/// `2010年07月21日至2030年07月20日`, `2010.07.21-长期`, `长期`. An end before its beginning is no term.
pub fn term(text: &str) -> Option<ValidTerm> {
    let found = dates(text);
    let long = text.contains("长期") || text.contains("不约定") || text.contains("永久");
    match (found.as_slice(), long) {
        ([], true) => Some(ValidTerm {
            from: None,
            until: None,
        }),
        ([from], true) => Some(ValidTerm {
            from: Some(*from),
            until: None,
        }),
        ([from, until], false) if from < until => Some(ValidTerm {
            from: Some(*from),
            // 29991231 is how one provider writes 长期.
            until: (until.year() < 2999).then_some(*until),
        }),
        _ => None,
    }
}

/// Every date of the text, in order.
fn dates(text: &str) -> Vec<Date> {
    let groups = digit_groups(&half_width(text));
    let mut found = Vec::new();
    let mut rest = groups.as_slice();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if first.len() == 8 {
            found.extend(made(&first[..4], &first[4..6], &first[6..]));
        } else if first.len() == 4
            && let [month, day, after @ ..] = tail
            && let Some(date) = made(first, month, day)
        {
            found.push(date);
            rest = after;
        }
    }
    found
}

fn made(year: &str, month: &str, day: &str) -> Option<Date> {
    let year: i32 = year.parse().ok()?;
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    let date = Date::from_calendar_date(year, month, day.parse().ok()?).ok()?;
    (1880..=2999).contains(&year).then_some(date)
}

/// Runs of digits, Chinese numerals turned into digits: 二〇一九 is 2019, 十二 is 12, 三十一 is 31.
fn digit_groups(text: &str) -> Vec<String> {
    let mut groups = Vec::new();
    let mut run = String::new();
    let mut signs = text.chars().filter(|c| !c.is_whitespace()).peekable();
    while let Some(sign) = signs.next() {
        match digit(sign) {
            Some(digit) => run.push(digit),
            None if sign == '十' => {
                if run.is_empty() {
                    run.push('1');
                }
                if signs.peek().copied().and_then(digit).is_none() {
                    run.push('0');
                }
            }
            None if !run.is_empty() => groups.push(std::mem::take(&mut run)),
            None => {}
        }
    }
    if !run.is_empty() {
        groups.push(run);
    }
    groups
}

fn digit(sign: char) -> Option<char> {
    const NUMERALS: &str = "〇一二三四五六七八九";
    match sign {
        '0'..='9' => Some(sign),
        '○' | '零' | 'O' | 'o' => Some('0'),
        _ => NUMERALS
            .chars()
            .position(|numeral| numeral == sign)
            .and_then(|at| char::from_digit(u32::try_from(at).ok()?, 10)),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn dates_are_read_in_every_form_that_is_printed() {
        for text in [
            "2019年03月01日",
            "2019年3月1日",
            "成立日期 2019 年 03 月 01 日",
            "2019-03-01",
            "2019.3.1",
            "2019/3/1",
            "20190301",
            "二〇一九年三月一日",
        ] {
            assert_eq!(date(text), Some(date!(2019 - 03 - 01)), "{text}");
        }
        assert_eq!(
            date("二〇一九年十二月三十一日"),
            Some(date!(2019 - 12 - 31))
        );
        assert_eq!(date("2020年十月二十日"), Some(date!(2020 - 10 - 20)));
    }

    #[test]
    fn what_is_no_day_is_no_date() {
        for text in [
            "2019年13月01日",
            "2019年02月30日",
            "1998年11月",
            "0201年01月01日",
            "",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn a_term_has_an_end_or_is_long() {
        let from = Some(date!(2010 - 07 - 21));
        let until = Some(date!(2030 - 07 - 20));
        for (text, term_) in [
            ("2010年07月21日至2030年07月20日", Some((from, until))),
            ("自2010年07月21日至长期", Some((from, None))),
            ("2010.07.21-2030.07.20", Some((from, until))),
            ("20100721-29991231", Some((from, None))),
            ("长期", Some((None, None))),
            ("2030.07.20-2010.07.21", None),
            ("2010.07.21", None),
        ] {
            let wanted = term_.map(|(from, until)| ValidTerm { from, until });
            assert_eq!(term(text), wanted, "{text}");
        }
    }
}

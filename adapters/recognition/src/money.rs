//! Registered capital 注册资本: `人民币600000万元整`, `伍佰万元整`, `1000.50万人民币`.

use domain::values::{Cents, half_width};

const CENTS_PER_YUAN: i64 = 100;
/// Foreign money stays unread: the form asks for 万元.
const FOREIGN: [&str; 8] = ["美元", "港", "欧元", "日元", "英镑", "韩元", "澳", "加元"];

/// Numerals, and what engines take for them: 伍 and 佰 resemble many signs.
const MISREAD: [(&str, char); 14] = [
    ("宜壶豆壮吉索", '壹'),
    ("贪贮货臣融", '贰'),
    ("参", '叁'),
    ("肄", '肆'),
    ("任伝位五", '伍'),
    ("陇", '陆'),
    ("染", '柒'),
    ("扬别撞抽", '捌'),
    ("玫", '玖'),
    ("抬捡给抢", '拾'),
    ("伯百侗偶", '佰'),
    ("什任件仁", '仟'),
    ("方", '万'),
    ("员", '元'),
];

/// The same with signs that engines mistake put right; a guess, to be looked at.
pub fn misread_capital(text: &str) -> Option<Cents> {
    let mended: String = text
        .chars()
        .map(|sign| {
            MISREAD
                .iter()
                .find(|(misread, _)| misread.contains(sign))
                .map_or(sign, |(_, meant)| *meant)
        })
        .collect();
    capital(&mended)
}

/// The amount in cents; `None` for foreign money and for what is no amount.
pub fn capital(text: &str) -> Option<Cents> {
    let text: String = half_width(text)
        .chars()
        .filter(|c| !c.is_whitespace() && *c != ',')
        .collect();
    if FOREIGN.iter().any(|money| text.contains(money)) {
        return None;
    }
    let amount = text
        .trim_start_matches('(')
        .trim_start_matches("人民币")
        .trim_start_matches([')', '¥', '￥']);
    let cents = in_digits(amount).or_else(|| in_numerals(amount))?;
    Cents::new(cents).ok().filter(|cents| *cents > Cents::ZERO)
}

/// Digits with at most six decimals, then 亿, 万 or 元.
fn in_digits(text: &str) -> Option<i64> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let scale = unit_of(unit)? * CENTS_PER_YUAN;
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || decimals.len() > 6 {
        return None;
    }
    let mut cents = whole.parse::<i64>().ok()?.checked_mul(scale)?;
    let mut part = scale;
    for digit in decimals.chars() {
        part /= 10;
        cents = cents.checked_add(i64::from(digit.to_digit(10)?) * part)?;
    }
    Some(cents)
}

/// 万元整, 万元人民币, 元; nothing at all is too little to go by.
fn unit_of(unit: &str) -> Option<i64> {
    match unit.chars().next()? {
        '亿' => Some(100_000_000),
        '万' => Some(10_000),
        '元' => Some(1),
        _ => None,
    }
}

/// Capital numerals 大写: 壹仟贰佰叁拾万元整, 陆亿元.
fn in_numerals(text: &str) -> Option<i64> {
    let (mut total, mut section, mut digit) = (0_i64, 0_i64, 0_i64);
    let mut seen = false;
    for sign in text.chars() {
        if let Some(value) = numeral(sign) {
            digit = value;
            seen = true;
            continue;
        }
        match sign {
            '拾' | '十' => {
                section += digit.max(1) * 10;
                digit = 0;
            }
            '佰' | '百' => {
                section += digit * 100;
                digit = 0;
            }
            '仟' | '千' => {
                section += digit * 1_000;
                digit = 0;
            }
            '万' | '萬' => {
                total += (section + digit) * 10_000;
                (section, digit) = (0, 0);
            }
            '亿' => {
                total = (total + section + digit) * 100_000_000;
                (section, digit) = (0, 0);
            }
            '元' | '圆' => {
                return seen.then_some((total + section + digit) * CENTS_PER_YUAN);
            }
            _ => return None,
        }
    }
    // 壹佰万 without 元: only a whole number of 万 is clear enough.
    (seen && total > 0 && section == 0 && digit == 0).then_some(total * CENTS_PER_YUAN)
}

fn numeral(sign: char) -> Option<i64> {
    const FORMAL: &str = "零壹贰叁肆伍陆柒捌玖";
    const PLAIN: &str = "〇一二三四五六七八九";
    let at = [FORMAL, PLAIN]
        .iter()
        .find_map(|numerals| numerals.chars().position(|known| known == sign))
        .or_else(|| (sign == '两').then_some(2))?;
    i64::try_from(at).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_in_digits_and_in_capital_numerals() {
        for (text, wan) in [
            ("人民币600000万元整", "600000"),
            ("500万元人民币", "500"),
            ("（人民币）1,000.50万元", "1000.50"),
            ("伍佰万元整", "500"),
            ("人民币壹仟贰佰叁拾万元整", "1230"),
            ("壹拾万元整", "10"),
            ("叁仟零伍拾万圆整", "3050"),
            ("陆亿元整", "60000"),
            ("壹亿贰仟万元整", "12000"),
            ("伍拾万", "50"),
            ("５００万元", "500"),
            ("30000元", "3"),
        ] {
            let read = capital(text).map(Cents::format_wan_short);
            assert_eq!(read.as_deref(), Some(wan), "{text}");
        }
    }

    #[test]
    fn foreign_money_and_torn_amounts_stay_unread() {
        for text in [
            "500万美元",
            "伍佰万港元",
            "万元整",
            "500",
            "伍佰",
            "",
            "5O0万元",
            "0万元",
        ] {
            assert_eq!(capital(text), None, "{text}");
        }
    }
}

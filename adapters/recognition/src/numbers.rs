//! Numbers that carry their own check: look-alike signs are put right where exactly one reading passes.

use domain::values::{ResidentId, UnifiedSocialCreditCode, half_width};

/// Signs of a credit code that engines and prints mistake for each other; the mistaken one itself is always tried.
const ALIKE: [&str; 8] = ["0DQU", "1LTJ", "17T", "38B", "68", "6G", "MNW", "HN"];
/// Two signs wrong at the same time are as many as a guess may put right.
const MOST_CHANGES: usize = 2;

/// A credit code 统一社会信用代码, and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeReading {
    pub code: UnifiedSocialCreditCode,
    /// Signs that were put right beyond those that no code has (O, I, S, Z, V).
    pub changed: usize,
}

/// Reads a credit code: as it stands, else with look-alikes put right if exactly one reading passes both checks, else as it
/// stands when at least its form is right.
pub fn credit_code(text: &str) -> Option<CodeReading> {
    let signs = tidy(text);
    if signs.len() != 18 {
        return None;
    }
    let plain = allowed(&signs);
    if let Ok(code) = UnifiedSocialCreditCode::parse(&plain) {
        return Some(CodeReading { code, changed: 0 });
    }
    for changes in 1..=MOST_CHANGES {
        let found = repaired(&plain, changes);
        match found.as_slice() {
            [] => {}
            [code] => {
                return Some(CodeReading {
                    code: code.clone(),
                    changed: changes,
                });
            }
            _ => break,
        }
    }
    let code = UnifiedSocialCreditCode::accept_doubtful(&plain).ok()?;
    Some(CodeReading { code, changed: 0 })
}

/// Whether a reading needs no guess and passes both checks.
pub fn is_sound(reading: &CodeReading) -> bool {
    reading.changed == 0 && reading.code.doubt().is_none()
}

/// A resident number 公民身份号码 whose check is right, with look-alikes of digits put right.
pub fn resident_number(text: &str) -> Option<ResidentId> {
    let signs: String = tidy(text)
        .chars()
        .enumerate()
        .map(|(at, sign)| match sign {
            'O' | 'D' | 'Q' => '0',
            'I' | 'L' => '1',
            'Z' => '2',
            'S' => '5',
            'G' => '6',
            'B' => '8',
            'X' | 'K' | 'Y' if at == 17 => 'X',
            other => other,
        })
        .collect();
    ResidentId::restore(&signs).ok()
}

fn tidy(text: &str) -> String {
    half_width(text)
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

/// Signs that no code has become those they are mistaken for; signs three to eight are digits.
fn allowed(signs: &str) -> String {
    signs
        .chars()
        .enumerate()
        .map(|(at, sign)| match sign {
            'O' => '0',
            'I' => '1',
            'S' => '5',
            'Z' => '2',
            'V' => 'Y',
            'D' | 'Q' | 'U' | 'C' if (2..8).contains(&at) => '0',
            'L' | 'T' | 'J' if (2..8).contains(&at) => '1',
            'B' if (2..8).contains(&at) => '8',
            'G' if (2..8).contains(&at) => '6',
            'A' if (2..8).contains(&at) => '4',
            other => other,
        })
        .collect()
}

fn alike(sign: char, at: usize) -> Vec<char> {
    let mut others: Vec<char> = ALIKE
        .iter()
        .filter(|group| group.contains(sign))
        .flat_map(|group| group.chars())
        .filter(|other| *other != sign && !"OISZV".contains(*other))
        .filter(|other| !(2..8).contains(&at) || other.is_ascii_digit())
        .collect();
    others.sort_unstable();
    others.dedup();
    others
}

/// Every code that differs in exactly so many look-alikes and passes both checks.
fn repaired(plain: &str, changes: usize) -> Vec<UnifiedSocialCreditCode> {
    let mut found = Vec::new();
    let mut signs: Vec<char> = plain.chars().collect();
    try_from(&mut signs, 0, changes, &mut found);
    found.sort();
    found.dedup();
    found
}

fn try_from(
    signs: &mut [char],
    from: usize,
    changes: usize,
    found: &mut Vec<UnifiedSocialCreditCode>,
) {
    if changes == 0 {
        let text: String = signs.iter().collect();
        found.extend(
            UnifiedSocialCreditCode::parse(&text)
                .ok()
                .filter(UnifiedSocialCreditCode::is_market_entity),
        );
        return;
    }
    for at in from..signs.len() {
        let sign = signs[at];
        for other in alike(sign, at) {
            signs[at] = other;
            try_from(signs, at + 1, changes - 1, found);
        }
        signs[at] = sign;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(String, usize)> {
        credit_code(text).map(|r| (r.code.as_str().to_owned(), r.changed))
    }

    #[test]
    fn a_right_code_is_taken_as_it_stands() {
        let right = "91130900PDY00001XR";
        assert_eq!(read(right), Some((right.to_owned(), 0)));
        assert_eq!(read("９１130900 pdy00001xr"), Some((right.to_owned(), 0)));
        assert!(credit_code(right).is_some_and(|r| is_sound(&r)));
    }

    #[test]
    fn signs_that_no_code_has_are_put_right_without_a_guess() {
        let right = Some(("91130900PDY00001XR".to_owned(), 0));
        assert_eq!(read("9I130900PDYOOOO1XR"), right);
        assert_eq!(read("91I3O9OOPDYOOO01XR"), right);
    }

    #[test]
    fn a_look_alike_is_put_right_by_the_checks() {
        // 8 for B is allowed everywhere, so only the checks can tell.
        for (torn, right) in [
            ("91130900PDY0000T92", "91130900PDY0000792"),
            ("91130900PDY00002BR", "91130900PDY000028R"),
            ("91130900PDYQ0002BR", "91130900PDY000028R"),
        ] {
            let reading = credit_code(torn).expect(torn);
            assert_eq!(reading.code.as_str(), right, "{torn}");
            assert!(reading.changed > 0 && !is_sound(&reading));
        }
    }

    #[test]
    fn a_code_that_cannot_be_put_right_stays_as_read_and_doubtful() {
        let reading = credit_code("91130900PDY00001XP").expect("its form is right");
        assert_eq!(reading.code.as_str(), "91130900PDY00001XP");
        assert!(!is_sound(&reading));
    }

    #[test]
    fn what_has_no_form_is_no_code() {
        for text in ["", "91130900PDY00001X", "91130900PDY00001XRR", "营业执照"] {
            assert_eq!(credit_code(text), None, "{text}");
        }
    }

    #[test]
    fn resident_numbers_need_their_check() {
        let right = "11010519491231002X";
        for text in [
            right,
            "11010519491231002x",
            "1IO105194912310O2K",
            "11010519 491231 002X",
        ] {
            let read = resident_number(text);
            assert_eq!(read.as_ref().map(ResidentId::as_str), Some(right), "{text}");
        }
        assert!(resident_number("110105194912310021").is_none());
    }
}

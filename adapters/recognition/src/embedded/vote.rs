//! Several readings of one line, agreed on sign by sign.

use super::{licence::tidy, words::Word};
use crate::texts::{Text, close};

/// A reading: signs and how sure each is.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    signs: Vec<(char, f32)>,
}

/// A sign on which the readings differ is at best this sure: 请核对.
const DISPUTED: f32 = 65.0;

impl Reading {
    pub fn of_text(text: &Text) -> Self {
        Self {
            signs: text
                .text
                .chars()
                .map(|sign| (printed(sign), f32::from(text.confidence)))
                .collect(),
        }
    }

    pub fn of_words(words: &[Word]) -> Self {
        let signs: Vec<(char, f32)> = words
            .iter()
            .flat_map(|word| {
                word.text
                    .chars()
                    .map(|sign| (printed(sign), word.confidence))
            })
            .collect();
        // Specks at the ends are no part of the line.
        let whole: String = signs.iter().map(|(sign, _)| *sign).collect();
        let kept = tidy(&whole);
        let before = whole
            .find(&kept)
            .map_or(0, |at| whole[..at].chars().count());
        Self {
            signs: signs
                .into_iter()
                .skip(before)
                .take(kept.chars().count())
                .collect(),
        }
    }

    fn confidence(&self) -> f32 {
        let sum: f32 = self.signs.iter().map(|(_, sure)| sure).sum();
        sum / self.signs.len().max(1) as f32
    }
}

/// Brackets and commas of either width are the same sign.
fn printed(sign: char) -> char {
    let whole = close(sign.encode_utf8(&mut [0; 4]));
    whole.chars().next().unwrap_or(sign)
}

/// The length that most readings have is the right one; among those, each sign is the one with the most confidence behind it.
pub fn agreed(readings: &[Reading]) -> Text {
    // Votes first; where they are equal, confidence.
    let votes = |length: usize| {
        let of = readings.iter().filter(|r| r.signs.len() == length);
        (
            of.clone().count(),
            of.map(Reading::confidence).fold(0.0, f32::max),
        )
    };
    let length = readings
        .iter()
        .map(|r| r.signs.len())
        .filter(|length| *length > 0)
        .max_by(|a, b| {
            let (a, b) = (votes(*a), votes(*b));
            a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
        })
        .unwrap_or_default();
    let voters: Vec<&Reading> = readings
        .iter()
        .filter(|r| r.signs.len() == length)
        .collect();
    let mut text = String::new();
    let mut least = 100.0_f32;
    for at in 0..length {
        let mut candidates: Vec<(char, f32)> = Vec::new();
        for (sign, sure) in voters.iter().map(|r| r.signs[at]) {
            match candidates.iter_mut().find(|(known, _)| *known == sign) {
                Some((_, sum)) => *sum += sure + 1.0,
                None => candidates.push((sign, sure + 1.0)),
            }
        }
        if candidates.len() > 1 {
            least = DISPUTED;
        }
        let best = candidates.into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
        text.extend(best.map(|(sign, _)| sign));
    }
    let sure = voters.iter().map(|r| r.confidence()).fold(0.0, f32::max);
    if voters.len() < 2 {
        least = DISPUTED;
    }
    Text::new(text, sure.min(least).clamp(0.0, 100.0) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(text: &str, confidence: u8) -> Reading {
        Reading::of_text(&Text::new(text, confidence))
    }

    #[test]
    fn readings_that_agree_are_sure() {
        let text = agreed(&[
            reading("沧州市", 90),
            reading("沧州市", 84),
            reading("沧州市", 70),
        ]);
        assert_eq!(text, Text::new("沧州市", 90));
    }

    #[test]
    fn a_disputed_sign_goes_to_the_majority_and_makes_the_line_doubtful() {
        let text = agreed(&[
            reading("沦州市", 90),
            reading("沧州市", 84),
            reading("沧州市", 70),
        ]);
        assert_eq!(text, Text::new("沧州市", 65));
    }

    #[test]
    fn a_reading_of_another_length_has_no_vote() {
        let text = agreed(&[
            reading("沧州市的", 99),
            reading("沧州市", 60),
            reading("沧州市", 70),
        ]);
        assert_eq!(text, Text::new("沧州市", 70));
        assert_eq!(
            agreed(&[reading("沧州", 99), reading("沧州市", 20)]).confidence,
            65
        );
    }
}

//! Several readings of one line, agreed on sign by sign.

use super::{engine::Model, licence::tidy, script, words::Word};
use crate::texts::{Text, close};

/// A reading: signs and how sure each is.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    signs: Vec<(char, f32)>,
    /// By which model, where several are asked.
    model: Option<Model>,
}

/// What a reading has at each place of another one.
type Places = Vec<Option<(char, f32)>>;

/// A sign on which the readings differ is at best this sure: 请核对.
const DISPUTED: f32 = 65.0;
/// A sign with so much of the backing is beyond dispute.
const UNDISPUTED: f32 = 0.6;
/// Of a sign that is known one of many readings is at least so sure.
const SURE_OF_A_SIGN: f32 = 97.0;
/// A model by which a sign has so much of the backing is of one mind.
const OF_ONE_MIND: f32 = 0.9;

impl Reading {
    pub fn of_text(text: &Text) -> Self {
        Self {
            signs: text
                .text
                .chars()
                .map(|sign| (printed(sign), f32::from(text.confidence)))
                .collect(),
            model: None,
        }
    }

    pub fn of_words(words: &[Word]) -> Self {
        let signs = words
            .iter()
            .flat_map(|word| word.text.chars().map(|sign| (sign, word.confidence)));
        Self::of_signs(signs)
    }

    fn of_signs(signs: impl IntoIterator<Item = (char, f32)>) -> Self {
        let signs: Vec<(char, f32)> = signs
            .into_iter()
            .filter(|(sign, _)| !sign.is_whitespace())
            .map(|(sign, sure)| (printed(sign), sure))
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
            model: None,
        }
    }

    /// What a model read; the traditional one's signs are put in their simplified forms.
    pub fn by(model: Model, signs: impl IntoIterator<Item = (char, f32)>) -> Self {
        let simplified = |sign| match model {
            Model::Traditional => script::simplified(sign),
            Model::Simplified | Model::SimplifiedOtherwise => sign,
        };
        let signs = signs
            .into_iter()
            .map(|(sign, sure)| (simplified(sign), sure));
        Self {
            model: Some(model),
            ..Self::of_signs(signs)
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

/// What many readings of one line say together. Its length is the one that most of them have; then every reading backs, place by
/// place, the sign it has there, as much as it is sure of it. What every model misreads in its own way comes out differently each
/// time, so that many readings count for more than a sure one. A sign that has not most of the backing is disputed, and so is one
/// for which a model that is of one mind has another sign, or of which no reading is quite sure.
pub fn most_backed(readings: &[Reading]) -> Option<Text> {
    let pattern = pattern(readings)?;
    let placed: Vec<(Model, Places)> = readings
        .iter()
        .filter_map(|r| Some((r.model?, aligned(&pattern.signs, &r.signs))))
        .collect();
    let mut text = String::new();
    let mut sure = pattern.confidence();
    for at in 0..pattern.signs.len() {
        let by = |model: Model| {
            let own = placed.iter().filter(move |(of, _)| *of == model);
            backed(own.filter_map(|(_, signs)| signs[at]))
        };
        let best = backed(placed.iter().filter_map(|(_, signs)| signs[at]))?;
        let rare = by(Model::Traditional)
            .filter(|own| own.share >= UNDISPUTED)
            .map(|own| own.sign)
            .filter(|sign| script::is_known_to_the_traditional_model_only(*sign));
        let sign = rare.unwrap_or(best.sign);
        let against = Model::ALL
            .into_iter()
            .filter_map(by)
            .any(|own| own.sign != sign && own.share >= OF_ONE_MIND);
        text.push(sign);
        if sign != best.sign || best.share < UNDISPUTED || best.surest < SURE_OF_A_SIGN || against {
            sure = sure.min(DISPUTED);
        }
    }
    Some(Text::new(text, sure.clamp(0.0, 100.0) as u8))
}

/// A text that another reading, which had no vote, confirms; it is to be looked at where that one says otherwise.
pub fn confirmed(text: Text, by: &Reading) -> Text {
    let same = by.signs.iter().map(|(sign, _)| *sign).eq(text.text.chars());
    let at_best = if same { 100 } else { DISPUTED as u8 };
    Text::new(text.text, text.confidence.min(at_best))
}

/// The sign of a place, its share of all that stands behind the signs there, and how sure the surest of its readings is.
struct Backed {
    sign: char,
    share: f32,
    surest: f32,
}

fn backed(signs: impl Iterator<Item = (char, f32)>) -> Option<Backed> {
    // Of each sign the sum of its backing, and the most of it.
    let mut backing: Vec<(char, f32, f32)> = Vec::new();
    for (sign, sure) in signs {
        match backing.iter_mut().find(|(known, ..)| *known == sign) {
            Some((_, sum, most)) => (*sum, *most) = (*sum + sure + 1.0, most.max(sure)),
            None => backing.push((sign, sure + 1.0, sure)),
        }
    }
    let all: f32 = backing.iter().map(|(_, sum, _)| sum).sum();
    let (sign, best, surest) = backing.into_iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
    Some(Backed {
        sign,
        share: best / all,
        surest,
    })
}

/// The surest of those readings whose length is the commonest.
fn pattern(readings: &[Reading]) -> Option<&Reading> {
    let of_length = |length: usize| readings.iter().filter(|r| r.signs.len() == length).count();
    readings
        .iter()
        .filter(|reading| !reading.signs.is_empty())
        .max_by(|a, b| {
            let (many, other) = (of_length(a.signs.len()), of_length(b.signs.len()));
            many.cmp(&other)
                .then(a.confidence().total_cmp(&b.confidence()))
        })
}

/// The signs of a reading at the places of a pattern: as few of them changed, left out or put in between as possible.
fn aligned(pattern: &[(char, f32)], reading: &[(char, f32)]) -> Places {
    let (rows, columns) = (pattern.len(), reading.len());
    let mut cost = vec![vec![0_usize; columns + 1]; rows + 1];
    let differ = |row: usize, column: usize| usize::from(pattern[row].0 != reading[column].0);
    for row in 0..=rows {
        for column in 0..=columns {
            cost[row][column] = match (row, column) {
                (0, many) | (many, 0) => many,
                _ => (cost[row - 1][column - 1] + differ(row - 1, column - 1))
                    .min(cost[row - 1][column] + 1)
                    .min(cost[row][column - 1] + 1),
            };
        }
    }
    let mut places = vec![None; rows];
    let (mut row, mut column) = (rows, columns);
    while row > 0 && column > 0 {
        if cost[row][column] == cost[row - 1][column - 1] + differ(row - 1, column - 1) {
            (row, column) = (row - 1, column - 1);
            places[row] = Some(reading[column]);
        } else if cost[row][column] == cost[row - 1][column] + 1 {
            row -= 1;
        } else {
            column -= 1;
        }
    }
    places
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

    fn by(model: Model, signs: &[(char, f32)]) -> Reading {
        Reading::by(model, signs.iter().copied())
    }

    #[test]
    fn a_sign_that_comes_again_outweighs_those_that_differ_each_time() {
        let readings = [
            by(
                Model::Simplified,
                &[('县', 99.0), ('妄', 60.0), ('春', 99.0)],
            ),
            by(
                Model::Simplified,
                &[('县', 99.0), ('废', 95.0), ('春', 99.0)],
            ),
            by(
                Model::SimplifiedOtherwise,
                &[('县', 99.0), ('刻', 96.0), ('春', 83.0)],
            ),
            by(
                Model::Traditional,
                &[('縣', 93.0), ('萱', 77.0), ('春', 97.0)],
            ),
            by(
                Model::Traditional,
                &[('縣', 93.0), ('萱', 78.0), ('春', 97.0)],
            ),
        ];
        assert_eq!(most_backed(&readings), Some(Text::new("县萱春", 65)));
    }

    /// 玥 is in none of the others, so what they say of it counts nothing; 衣 they all know.
    #[test]
    fn the_traditional_model_alone_is_asked_about_signs_that_only_it_knows() {
        let all = |sign| {
            let signs = [('力', 99.0), ('表', 99.0), ('物', 99.0)];
            let mut readings = vec![by(Model::Simplified, &signs); 4];
            readings.push(by(
                Model::Traditional,
                &[('力', 99.0), (sign, 97.0), ('物', 99.0)],
            ));
            most_backed(&readings)
        };
        assert_eq!(all('玥'), Some(Text::new("力玥物", 65)));
        assert_eq!(all('衣'), Some(Text::new("力表物", 65)));
        assert_eq!(all('表'), Some(Text::new("力表物", 99)));
    }

    #[test]
    fn traditional_signs_back_their_simplified_forms() {
        let readings = [
            by(Model::Simplified, &[('涧', 85.0)]),
            by(Model::Simplified, &[('润', 80.0)]),
            by(Model::Traditional, &[('潤', 80.0)]),
        ];
        let text = most_backed(&readings).map(|text| text.text);
        assert_eq!(text.as_deref(), Some("润"));
    }

    #[test]
    fn a_reading_of_another_length_backs_the_signs_that_it_shares() {
        let signs = |text: &str| text.chars().map(|sign| (sign, 98.0)).collect::<Vec<_>>();
        let readings = [
            by(Model::Simplified, &signs("柏迟久门")),
            by(Model::Simplified, &signs("柏达久门")),
            by(Model::Simplified, &signs("柏达久和门")),
        ];
        assert_eq!(most_backed(&readings), Some(Text::new("柏达久门", 98)));
    }

    #[test]
    fn what_a_first_look_read_otherwise_is_to_be_looked_at() {
        let text = Text::new("泰森（集团）", 98);
        let confirmed = |first| confirmed(text.clone(), &reading(first, 85)).confidence;
        assert_eq!(confirmed("泰森(集团)"), 98);
        assert_eq!(confirmed("泰菏（集团）"), 65);
        assert_eq!(confirmed("泰森（集团）厂"), 65);
    }

    #[test]
    fn a_sign_is_disputed_only_by_many_readings_or_by_a_model_of_one_mind() {
        let (right, wrong) = ([('沧', 99.0)], [('沦', 80.0)]);
        let six = |otherwise: [&[(char, f32)]; 2]| {
            let mut readings = vec![by(Model::Simplified, &right); 4];
            readings.extend(otherwise.map(|signs| by(Model::SimplifiedOtherwise, signs)));
            most_backed(&readings)
        };
        assert_eq!(six([&right, &wrong]), Some(Text::new("沧", 99)));
        assert_eq!(six([&wrong, &wrong]), Some(Text::new("沧", 65)));
        let unsure = [('森', 96.0)];
        assert_eq!(
            most_backed(&vec![by(Model::Simplified, &unsure); 6]),
            Some(Text::new("森", 65))
        );
        assert_eq!(most_backed(&[]), None);
        assert_eq!(most_backed(&[by(Model::Simplified, &[])]), None);
    }
}

//! Captcha 图形验证码: four bent letters, or a small sum in words for those who cannot see them.

use std::f32::consts::TAU;

use application::ports::captcha::{CaptchaArtist, CaptchaDrawing, CaptchaQuestion};
use async_trait::async_trait;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use rand::Rng;
use rand::seq::IndexedRandom;
use tokio::task::spawn_blocking;

use crate::decode::mix;
use crate::font::{Mask, line};

/// Signs that nobody takes for another one.
const SIGNS: [char; 20] = [
    'A', 'C', 'U', 'E', 'F', 'H', 'J', 'K', 'M', 'N', 'P', 'R', 'T', 'W', 'X', 'Y', '3', '4', '7',
    '9',
];
const LENGTH: u16 = 4;
const WIDTH: u16 = 200;
const HEIGHT: u16 = 72;
const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];

/// Captcha artist 图形验证码 with the bundled font.
#[derive(Debug, Clone, Copy, Default)]
pub struct DrawnCaptcha;

#[async_trait]
impl CaptchaArtist for DrawnCaptcha {
    async fn draw(&self) -> CaptchaDrawing {
        match spawn_blocking(|| picture(&mut rand::rng())).await {
            Ok(drawing) => drawing,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    fn ask(&self) -> CaptchaQuestion {
        question(&mut rand::rng())
    }

    fn normalise(&self, typed: &str) -> String {
        let plain: String = typed
            .chars()
            .filter(|sign| !sign.is_whitespace())
            .map(|sign| match sign {
                '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(sign) - 0xfee0).unwrap_or(sign),
                _ => sign,
            })
            .flat_map(char::to_uppercase)
            .take(16)
            .collect();
        number_of(&plain).map_or(plain, |number| number.to_string())
    }
}

/// One bent letter: its shape, where it stands and how it leans.
struct Letter {
    shape: Mask,
    middle: (f32, f32),
    lean: (f32, f32),
    shear: f32,
}

impl Letter {
    fn cover(&self, x: f32, y: f32) -> f32 {
        let (dx, dy) = (x - self.middle.0, y - self.middle.1);
        let turned = (
            dx * self.lean.1 + dy * self.lean.0,
            dy * self.lean.1 - dx * self.lean.0,
        );
        let u = turned.0 + turned.1 * self.shear + half(self.shape.width);
        let v = turned.1 + half(self.shape.height);
        self.shape.between(u, v)
    }
}

/// A line across the letters, in their colour.
struct Thread {
    from: f32,
    swing: f32,
    length: f32,
    phase: f32,
    slope: f32,
}

impl Thread {
    fn cover(&self, x: f32, y: f32) -> f32 {
        let middle =
            self.from + self.slope * x + self.swing * (TAU * x / self.length + self.phase).sin();
        (1.3 - (y - middle).abs()).clamp(0.0, 1.0) * 255.0
    }
}

#[expect(clippy::cast_precision_loss, reason = "a few hundred pixels")]
fn half(side: usize) -> f32 {
    side as f32 / 2.0
}

fn letters(answer: &[char], random: &mut impl Rng) -> Vec<Letter> {
    let room = f32::from(WIDTH - 24) / f32::from(LENGTH);
    (0_u16..)
        .zip(answer)
        .map(|(place, sign)| {
            let lean: f32 = random.random_range(-0.42..0.42);
            Letter {
                shape: line(&sign.to_string(), random.random_range(72.0..82.0), 3).widened(1),
                middle: (
                    12.0 + room * (f32::from(place) + 0.5) + random.random_range(-5.0..5.0),
                    f32::from(HEIGHT) / 2.0 + random.random_range(-5.0..5.0),
                ),
                lean: lean.sin_cos(),
                shear: random.random_range(-0.25..0.25),
            }
        })
        .collect()
}

fn threads(random: &mut impl Rng) -> Vec<Thread> {
    let height = f32::from(HEIGHT);
    (0..2)
        .map(|_| Thread {
            from: random.random_range(0.25..0.75) * height,
            swing: random.random_range(4.0..14.0),
            length: random.random_range(70.0..160.0),
            phase: random.random_range(0.0..TAU),
            slope: random.random_range(-0.12..0.12),
        })
        .collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "cover is between 0 and 255"
)]
fn picture(random: &mut impl Rng) -> CaptchaDrawing {
    let answer: Vec<char> = (0..LENGTH)
        .filter_map(|_| SIGNS.choose(random).copied())
        .collect();
    let (letters, threads) = (letters(&answer, random), threads(random));
    let ink = [
        random.random_range(0..70),
        random.random_range(20..80),
        random.random_range(40..120_u8),
    ];
    let paper = [
        random.random_range(236..=255),
        random.random_range(240..=255),
        random.random_range(240..=255_u8),
    ];
    let bend: (f32, f32) = (random.random_range(2.0..4.0), random.random_range(2.0..4.0));
    let wave: (f32, f32) = (
        random.random_range(34.0..60.0),
        random.random_range(44.0..80.0),
    );
    let phase: (f32, f32) = (random.random_range(0.0..TAU), random.random_range(0.0..TAU));
    let mut pixels = Vec::with_capacity(usize::from(WIDTH) * usize::from(HEIGHT) * 3);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let (fx, fy) = (f32::from(x), f32::from(y));
            let bent_x = fx + bend.0 * (TAU * fy / wave.0 + phase.0).sin();
            let bent_y = fy + bend.1 * (TAU * fx / wave.1 + phase.1).sin();
            let drawn = letters.iter().map(|letter| letter.cover(bent_x, bent_y));
            let crossed = threads.iter().map(|thread| thread.cover(fx, bent_y));
            let mut cover = drawn.chain(crossed).fold(0.0, f32::max) as u32;
            if random.random_ratio(1, 40) {
                cover = cover.max(random.random_range(40..120));
            }
            pixels.extend(
                paper
                    .iter()
                    .zip(ink)
                    .map(|(under, over)| mix(*under, over, cover.min(255), 255)),
            );
        }
    }
    CaptchaDrawing {
        png: png(&pixels),
        answer: answer.into_iter().collect(),
    }
}

fn png(pixels: &[u8]) -> Vec<u8> {
    let mut png = Vec::new();
    PngEncoder::new_with_quality(&mut png, CompressionType::Fast, FilterType::Adaptive)
        .write_image(pixels, WIDTH.into(), HEIGHT.into(), ExtendedColorType::Rgb8)
        .expect("the buffer has the size that was said and memory can be written");
    png
}

fn question(random: &mut impl Rng) -> CaptchaQuestion {
    let small: u32 = random.random_range(2..=9);
    let (first, word, answer) = match random.random_range(0..3) {
        0 => {
            let first = random.random_range(3..=59);
            (first, "加", first + small)
        }
        1 => {
            let first = random.random_range(11..=59);
            (first, "减", first - small)
        }
        _ => {
            let first = random.random_range(2..=9);
            (first, "乘", first * small)
        }
    };
    CaptchaQuestion {
        question: format!("{}{word}{}等于几", words(first), words(small)),
        answer: answer.to_string(),
    }
}

/// 0 to 99 in Chinese words.
fn words(number: u32) -> String {
    let digit = |value: u32| DIGITS[usize::try_from(value % 10).unwrap_or(0)];
    let mut text = String::new();
    match number / 10 {
        0 => return digit(number).to_string(),
        1 => text.push('十'),
        tens => text.extend([digit(tens), '十']),
    }
    if !number.is_multiple_of(10) {
        text.push(digit(number));
    }
    text
}

/// Reads 0 to 99 in Chinese words (`二十三`, `两`, `〇`) or digits with leading zeros; `None` for anything else.
fn number_of(text: &str) -> Option<u32> {
    if text.len() <= 3 && text.bytes().all(|sign| sign.is_ascii_digit()) {
        return text.parse().ok();
    }
    let digit = |sign: char| match sign {
        '〇' => Some(0),
        '两' => Some(2),
        _ => DIGITS
            .iter()
            .position(|known| *known == sign)
            .and_then(|at| u32::try_from(at).ok()),
    };
    let signs: Vec<char> = text.chars().collect();
    match signs[..] {
        ['十'] => Some(10),
        [one] => digit(one),
        ['十', ones] => Some(10 + digit(ones)?),
        [tens, '十'] => Some(digit(tens)? * 10),
        [tens, '十', ones] | [tens, ones] => Some(digit(tens)? * 10 + digit(ones)?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    #[tokio::test]
    async fn a_drawing_is_a_png_whose_answer_has_only_clear_signs() {
        let drawing = DrawnCaptcha.draw().await;
        let seen = image::load_from_memory(&drawing.png)
            .expect("decodes")
            .into_rgb8();
        assert_eq!(seen.dimensions(), (WIDTH.into(), HEIGHT.into()));
        assert_eq!(drawing.answer.chars().count(), usize::from(LENGTH));
        assert!(drawing.answer.chars().all(|sign| SIGNS.contains(&sign)));
        assert!(!SIGNS.iter().any(|sign| "0O1IL".contains(*sign)));
        assert_eq!(DrawnCaptcha.normalise(&drawing.answer), drawing.answer);
    }

    #[test]
    fn ink_and_paper_are_far_apart_in_every_drawing() {
        for seed in 0..20 {
            let drawing = picture(&mut StdRng::seed_from_u64(seed));
            let seen = image::load_from_memory(&drawing.png)
                .expect("decodes")
                .into_luma8();
            let dark = seen.pixels().filter(|pixel| pixel.0[0] < 110).count();
            let light = seen.pixels().filter(|pixel| pixel.0[0] > 225).count();
            assert!(dark > 700, "seed {seed}: {dark} dark pixels");
            assert!(light > 7_000, "seed {seed}: {light} light pixels");
        }
    }

    #[test]
    fn one_answer_is_never_drawn_the_same_way_twice() {
        let drawings: HashSet<_> = (0..20).map(|_| picture(&mut rand::rng()).png).collect();
        assert_eq!(drawings.len(), 20);
    }

    #[test]
    fn every_question_has_the_answer_its_words_say() {
        for seed in 0..500 {
            let CaptchaQuestion { question, answer } = question(&mut StdRng::seed_from_u64(seed));
            let sum = question.strip_suffix("等于几").expect("a question");
            let (sign, at) = ['加', '减', '乘']
                .iter()
                .find_map(|sign| sum.find(*sign).map(|at| (*sign, at)))
                .expect("a sum");
            let first = number_of(&sum[..at]).expect("number");
            let second = number_of(&sum[at + sign.len_utf8()..]).expect("number");
            let expected = match sign {
                '加' => first + second,
                '减' => first - second,
                _ => first * second,
            };
            assert_eq!(answer, expected.to_string(), "{question}");
        }
    }

    #[test]
    fn an_answer_may_be_typed_in_any_usual_way() {
        for (typed, read) in [
            (" ac3x ", "AC3X"),
            ("ＡＣ３ｘ", "AC3X"),
            ("八", "8"),
            ("两", "2"),
            ("十", "10"),
            ("二十", "20"),
            ("二十三", "23"),
            ("二三", "23"),
            ("０8", "8"),
            ("23", "23"),
            ("", ""),
        ] {
            assert_eq!(DrawnCaptcha.normalise(typed), read, "{typed}");
        }
        assert!(DrawnCaptcha.normalise(&"x".repeat(10_000)).len() <= 16);
    }
}

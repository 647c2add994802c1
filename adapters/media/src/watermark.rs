//! The visible watermark 水印: whose branch, which viewer, which day, all over the picture.

use application::ports::pictures::UploadError;
use image::RgbImage;

use crate::decode::{decode, encode, mix};
use crate::font::line;

const QUALITY: u8 = 85;
const MAX_SIGNS: usize = 120;
const INK: [u8; 3] = [120, 20, 20];
const PAPER: [u8; 3] = [255, 255, 255];
/// Share of ink and of the light outline, in 255ths: readable on white and on black, and so is what lies under it.
const INK_PART: f32 = 0.42;
const PAPER_PART: f32 = 0.28;
/// Sine and cosine of 30 degrees.
const SLOPE: (f32, f32) = (0.5, 0.866_025_4);

/// Draws `text` in slanting rows over one of our own pictures.
pub(crate) fn draw(jpeg: &[u8], text: &str) -> Result<Vec<u8>, UploadError> {
    let (picture, _) = decode(jpeg)?;
    let mut picture = picture.into_rgb8();
    let text = one_line(text);
    if !text.is_empty() {
        cover(&mut picture, &text);
    }
    encode(&picture, QUALITY).map(|marked| marked.jpeg)
}

fn one_line(text: &str) -> String {
    let spaced = text
        .chars()
        .map(|sign| if sign.is_control() { ' ' } else { sign });
    spaced.take(MAX_SIGNS).collect::<String>().trim().to_owned()
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sides of at most 10,000 pixels"
)]
fn cover(picture: &mut RgbImage, text: &str) {
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let wanted = (width.min(height) / 22.0).clamp(14.0, 64.0);
    // The whole text has to fit across the picture at least once.
    let long = line(text, wanted, 0).width as f32;
    let size = (wanted * (0.8 * width.hypot(height) / long).min(1.0)).max(9.0);
    let reach = (size / 16.0).ceil() as usize;
    let ink = line(text, size, reach + 1);
    let paper = ink.widened(reach);
    let (step_x, step_y) = (
        ink.width as f32 + size * 1.5,
        ink.height as f32 + size * 2.5,
    );
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let (dx, dy) = (x as f32 - width / 2.0, y as f32 - height / 2.0);
        let along = dx * SLOPE.1 - dy * SLOPE.0;
        let across = dx * SLOPE.0 + dy * SLOPE.1 + ink.height as f32 / 2.0;
        let row = (across / step_y).floor();
        let shift = if row.rem_euclid(2.0) < 1.0 {
            0.0
        } else {
            step_x / 2.0
        };
        let u = (along + ink.width as f32 / 2.0 + shift).rem_euclid(step_x);
        let v = across - row * step_y;
        for (mask, colour, part) in [(&paper, PAPER, PAPER_PART), (&ink, INK, INK_PART)] {
            let share = (mask.between(u, v) * part) as u32;
            if share > 0 {
                for (under, over) in pixel.0.iter_mut().zip(colour) {
                    *under = mix(*under, over, share, 255);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    const TEXT: &str = "仅供××银行运河支行办理融资业务使用 张三 2026-11-25";

    fn plain(width: u32, height: u32, shade: u8) -> Vec<u8> {
        encode(&RgbImage::from_pixel(width, height, Rgb([shade; 3])), 95)
            .expect("encoded")
            .jpeg
    }

    fn marked(width: u32, height: u32, shade: u8, text: &str) -> RgbImage {
        let jpeg = draw(&plain(width, height, shade), text).expect("drawn");
        image::load_from_memory(&jpeg).expect("decodes").into_rgb8()
    }

    fn changed(picture: &RgbImage, shade: u8) -> usize {
        picture
            .pixels()
            .filter(|pixel| pixel.0.iter().any(|part| part.abs_diff(shade) > 24))
            .count()
    }

    #[test]
    fn the_mark_is_seen_in_every_quarter_on_white_grey_and_black() {
        for shade in [255, 128, 0] {
            let picture = marked(1_200, 800, shade, TEXT);
            for (x, y) in [(0, 0), (600, 0), (0, 400), (600, 400)] {
                let quarter = image::imageops::crop_imm(&picture, x, y, 600, 400).to_image();
                let share = changed(&quarter, shade) * 1_000 / (600 * 400);
                assert!(
                    (20..500).contains(&share),
                    "shade {shade} at {x},{y}: {share} per mille"
                );
            }
        }
    }

    #[test]
    fn small_and_narrow_pictures_carry_it_too() {
        for (width, height) in [(200, 120), (60, 900), (2_400, 1_800)] {
            let picture = marked(width, height, 255, TEXT);
            assert_eq!(picture.dimensions(), (width, height));
            assert!(changed(&picture, 255) > 100, "{width}×{height}");
        }
    }

    #[test]
    fn another_viewer_gets_another_picture() {
        let jpeg = plain(400, 300, 255);
        assert_ne!(
            draw(&jpeg, "张三 2026-11-25").expect("drawn"),
            draw(&jpeg, "李四 2026-11-25").expect("drawn")
        );
    }

    #[test]
    fn strange_text_neither_fails_nor_breaks_the_picture() {
        for text in ["", " \n\0", "😀\u{202e}", &"长".repeat(5_000)] {
            assert!(draw(&plain(300, 200, 255), text).is_ok(), "{text:?}");
        }
        assert_eq!(draw(b"MZ", TEXT), Err(UploadError::NotAPicture));
    }
}

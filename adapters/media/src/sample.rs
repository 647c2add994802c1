//! Sample cards 演示样张: invented documents of the demonstration, drawn here and marked as such.

use application::ports::pictures::{Picture, UploadError};
use image::{Rgb, RgbImage};

use crate::{
    decode::{encode, mix},
    font::line,
};

const PAPER: Rgb<u8> = Rgb([247, 249, 252]);
const INK: [u8; 3] = [40, 52, 70];
const FRAME: Rgb<u8> = Rgb([20, 71, 143]);
const QUALITY: u8 = 80;
const SIZE: (u32, u32) = (1_000, 640);
const MARGIN: u32 = 28;
const MARK: &str = "演示样张 内容虚构";

/// A card with a title and lines of text, marked 演示样张 at its lower edge.
pub fn sample_card(title: &str, lines: &[String]) -> Result<Picture, UploadError> {
    let mut card = RgbImage::from_pixel(SIZE.0, SIZE.1, PAPER);
    frame(&mut card);
    write(&mut card, title, 48.0, 64, 60);
    for (index, text) in (0_u32..).zip(lines) {
        write(&mut card, text, 30.0, 64, 160 + index * 62);
    }
    // Level and at the edge, so that it does not run into the slanting mark of a viewer.
    write(&mut card, MARK, 30.0, SIZE.0 - 330, SIZE.1 - 84);
    encode(&card, QUALITY)
}

fn frame(card: &mut RgbImage) {
    for (x, y, pixel) in card.enumerate_pixels_mut() {
        let edge = x.min(y).min(SIZE.0 - 1 - x).min(SIZE.1 - 1 - y);
        if (MARGIN..MARGIN + 3).contains(&edge) {
            *pixel = FRAME;
        }
    }
}

fn write(card: &mut RgbImage, text: &str, size: f32, left: u32, top: u32) {
    let mask = line(text, size, 0);
    for (row, covers) in (top..).zip(mask.cover.chunks(mask.width)) {
        for (column, cover) in (left..).zip(covers) {
            if *cover > 0
                && let Some(pixel) = card.get_pixel_mut_checked(column, row)
            {
                for (under, over) in pixel.0.iter_mut().zip(INK) {
                    *under = mix(*under, over, u32::from(*cover), 255);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_card_carries_its_text_and_its_mark() {
        let words = sample_card("营业执照", &["名称：某某公司".to_owned()]).expect("drawn");
        let other = sample_card("营业执照", &["名称：别的公司".to_owned()]).expect("drawn");
        assert_eq!((words.width, words.height), SIZE);
        assert_ne!(words.sha256, other.sha256);
        assert!(words.jpeg.len() < 300_000);
    }
}

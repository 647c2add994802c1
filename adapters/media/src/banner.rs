//! Banners 演示轮播图: wide pictures with two lines of words, drawn for the demonstration.

use application::ports::pictures::{Picture, UploadError};
use image::{Rgb, RgbImage};

use crate::{
    decode::{encode, mix},
    font::line,
};

const SIZE: (u32, u32) = (1_200, 400);
const QUALITY: u8 = 85;
const PAPER: [u8; 3] = [255, 255, 255];

/// A banner from one colour to a deeper one, with a headline and a line below it.
pub fn sample_banner(
    headline: &str,
    words: &str,
    from: [u8; 3],
    to: [u8; 3],
) -> Result<Picture, UploadError> {
    let mut picture = RgbImage::new(SIZE.0, SIZE.1);
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let share = (x + y) * 255 / (SIZE.0 + SIZE.1);
        let mut colour = [0; 3];
        for (out, (a, b)) in colour.iter_mut().zip(from.into_iter().zip(to)) {
            *out = mix(a, b, share, 255);
        }
        // Two calm rings at the right, as on the emblem.
        let (dx, dy) = (i64::from(x) - 1_010, i64::from(y) - 200);
        let far = dx * dx + dy * dy;
        if (14_400..16_900).contains(&far) || (32_400..34_225).contains(&far) {
            for channel in &mut colour {
                *channel = mix(*channel, 255, 60, 255);
            }
        }
        *pixel = Rgb(colour);
    }
    write(&mut picture, headline, 64.0, 72, 120);
    write(&mut picture, words, 32.0, 76, 226);
    encode(&picture, QUALITY)
}

fn write(picture: &mut RgbImage, text: &str, size: f32, left: u32, top: u32) {
    let mask = line(text, size, 0);
    for (row, covers) in (top..).zip(mask.cover.chunks(mask.width)) {
        for (column, cover) in (left..).zip(covers) {
            if *cover > 0
                && let Some(pixel) = picture.get_pixel_mut_checked(column, row)
            {
                for (under, over) in pixel.0.iter_mut().zip(PAPER) {
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
    fn a_banner_is_wide_and_carries_its_words() {
        let one =
            sample_banner("首贷专区", "第一次贷款", [20, 71, 143], [15, 56, 116]).expect("drawn");
        let other =
            sample_banner("设备贷", "第一次贷款", [20, 71, 143], [15, 56, 116]).expect("drawn");
        assert_eq!((one.width, one.height), SIZE);
        assert_ne!(one.sha256, other.sha256);
    }
}

//! Banners 演示轮播图: wide pictures drawn for the demonstration. Their words stand beside them on the page, not in them.

use application::ports::pictures::{Picture, UploadError};
use image::{Rgb, RgbImage};

use crate::decode::{encode, mix};

const SIZE: (u32, u32) = (1_200, 240);
const QUALITY: u8 = 85;

/// A banner from one colour to a deeper one.
pub fn sample_banner(from: [u8; 3], to: [u8; 3]) -> Result<Picture, UploadError> {
    let mut picture = RgbImage::new(SIZE.0, SIZE.1);
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let share = (x + y) * 255 / (SIZE.0 + SIZE.1);
        let mut colour = [0; 3];
        for (out, (a, b)) in colour.iter_mut().zip(from.into_iter().zip(to)) {
            *out = mix(a, b, share, 255);
        }
        // Two calm rings at the right, as on the emblem.
        let (dx, dy) = (i64::from(x) - 1_010, i64::from(y) - 120);
        let far = dx * dx + dy * dy;
        if (14_400..16_900).contains(&far) || (32_400..34_225).contains(&far) {
            for channel in &mut colour {
                *channel = mix(*channel, 255, 60, 255);
            }
        }
        *pixel = Rgb(colour);
    }
    encode(&picture, QUALITY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_banner_is_wide_and_has_its_colours() {
        let one = sample_banner([20, 71, 143], [15, 56, 116]).expect("drawn");
        let other = sample_banner([26, 115, 64], [15, 90, 48]).expect("drawn");
        assert_eq!((one.width, one.height), SIZE);
        assert_ne!(one.sha256, other.sha256);
    }
}

//! Preparing a picture 图像整理: grey, evenly lit, upright to a fraction of a degree, and large enough to be read.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "places in a picture are whole numbers of a few thousand"
)]

use std::io::Cursor;

use image::{
    DynamicImage, GrayImage, ImageDecoder as _, Limits, Luma,
    codecs::jpeg::JpegDecoder,
    imageops::{self, FilterType},
};
use imageproc::{
    filter::box_filter,
    geometric_transformations::{Border, Interpolation, rotate_about_center_no_crop, rotate90},
};
use tiff::{
    TiffError,
    encoder::{TiffEncoder, colortype::Gray8},
};

use crate::Unreadable;

/// Larger ones are not ours: what the platform keeps has at most 2,400 pixels a side.
const MOST_SIDE: u32 = 4_000;
/// Memory for one decoded picture.
const MOST_MEMORY: u64 = 64 * 1024 * 1024;
/// Too small to hold a document.
const LEAST_SIDE: u32 = 400;
/// Side of the squares in which the brightest point stands for the paper.
const SQUARE: u32 = 8;
/// Degrees that are tried to either side.
const MOST_SKEW: f32 = 12.0;
/// What is darker than this on an evenly lit sheet is ink.
const INK: u8 = 150;
/// What is at least as dark as the one is ink, and what is as light as the other is paper.
const BLACK: u8 = 40;
const PAPER: u8 = 200;
const WHITE: Luma<u8> = Luma([255]);

/// A JPEG as a reader takes it: `longest` pixels on its longer side.
pub fn prepared(jpeg: &[u8], longest: u32) -> Result<GrayImage, Unreadable> {
    let grey = opened(jpeg)?;
    let even = evenly_lit(&grey);
    let upright = turned(&even, -skew(&even));
    Ok(sized(&upright, longest))
}

/// Decodes; red ink turns light, so the seal does not cover what it lies on.
fn opened(jpeg: &[u8]) -> Result<GrayImage, Unreadable> {
    let broken = |_| Unreadable;
    let mut decoder = JpegDecoder::new(Cursor::new(jpeg)).map_err(broken)?;
    let (width, height) = decoder.dimensions();
    if width.max(height) > MOST_SIDE || width.min(height) < LEAST_SIDE {
        return Err(Unreadable);
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_MEMORY);
    decoder.set_limits(limits).map_err(broken)?;
    let picture = DynamicImage::from_decoder(decoder)
        .map_err(broken)?
        .into_rgb8();
    Ok(GrayImage::from_fn(width, height, |x, y| {
        Luma([picture.get_pixel(x, y).0[0]])
    }))
}

/// Divides by the light that falls on each place: shadows and the tint of the paper vanish.
fn evenly_lit(grey: &GrayImage) -> GrayImage {
    let (w, h) = (
        grey.width().div_ceil(SQUARE),
        grey.height().div_ceil(SQUARE),
    );
    let mut light = GrayImage::new(w, h);
    for (x, y, Luma([part])) in grey.enumerate_pixels() {
        let Luma([most]) = light.get_pixel_mut(x / SQUARE, y / SQUARE);
        *most = (*most).max(*part);
    }
    let light = box_filter(&widest(&light), 4, 4);
    let light = imageops::resize(&light, grey.width(), grey.height(), FilterType::Triangle);
    GrayImage::from_fn(grey.width(), grey.height(), |x, y| {
        let part = u32::from(grey.get_pixel(x, y).0[0]);
        let paper = u32::from(light.get_pixel(x, y).0[0]).max(32);
        Luma([u8::try_from((part * 255 / paper).min(255)).unwrap_or(255)])
    })
}

/// Each point becomes the brightest of its neighbours, so that large letters do not pass for shadow.
fn widest(light: &GrayImage) -> GrayImage {
    imageproc::morphology::grayscale_dilate(light, &imageproc::morphology::Mask::square(1))
}

/// Ink becomes black and paper white: what is left of a shadow's edge may hide the print that it runs through. Single signs are
/// read better from the picture as it is.
pub fn plain(grey: &GrayImage) -> GrayImage {
    let range = i32::from(PAPER - BLACK);
    imageproc::map::map_pixels(grey, |Luma([part])| {
        let part = (i32::from(part) - i32::from(BLACK)) * 255 / range;
        Luma([u8::try_from(part.clamp(0, 255)).unwrap_or(255)])
    })
}

/// How far the lines of print are turned, in degrees: upright lines make the sharpest rows.
fn skew(even: &GrayImage) -> f32 {
    let small = sized(even, 1_000);
    let ink: Vec<(f32, f32)> = small
        .enumerate_pixels()
        .filter(|(.., Luma([part]))| *part < INK)
        .map(|(x, y, _)| (x as f32, y as f32))
        .collect();
    let reach = (small.width() + small.height()) as usize;
    let sharpest = |angles: &mut dyn Iterator<Item = f32>| {
        angles
            .map(|angle| (sharpness(&ink, angle, reach), angle))
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map_or(0.0, |(_, angle)| angle)
    };
    let steps = (MOST_SKEW * 2.0) as i32;
    let coarse = sharpest(&mut (-steps..=steps).map(|step| step as f32 / 2.0));
    sharpest(&mut (-5..=5).map(|step| coarse + step as f32 / 10.0))
}

fn sharpness(ink: &[(f32, f32)], degrees: f32, reach: usize) -> f64 {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let mut rows = vec![0_u32; reach * 2];
    for (x, y) in ink {
        let row = y * cos - x * sin + reach as f32;
        if let Some(count) = rows.get_mut(row.max(0.0) as usize) {
            *count += 1;
        }
    }
    rows.windows(2)
        .map(|pair| (f64::from(pair[0]) - f64::from(pair[1])).powi(2))
        .sum()
}

fn turned(grey: &GrayImage, degrees: f32) -> GrayImage {
    if degrees.abs() < 0.05 {
        return grey.clone();
    }
    rotate_about_center_no_crop(
        grey,
        degrees.to_radians(),
        Interpolation::Bicubic,
        Border::Constant(WHITE),
    )
}

fn sized(grey: &GrayImage, longest: u32) -> GrayImage {
    let side = grey.width().max(grey.height());
    if side == longest {
        return grey.clone();
    }
    let scale = |part: u32| (part * longest / side).max(1);
    imageops::resize(
        grey,
        scale(grey.width()),
        scale(grey.height()),
        FilterType::CatmullRom,
    )
}

/// Turned by ninety degrees, clockwise.
pub fn quarter_turned(picture: &GrayImage) -> GrayImage {
    rotate90(picture)
}

/// A part of the picture, with white around it, wider and higher by two factors.
pub fn part(
    picture: &GrayImage,
    (x, y, w, h): (u32, u32, u32, u32),
    (wider, higher): (f32, f32),
) -> GrayImage {
    let cut = imageops::crop_imm(picture, x, y, w, h).to_image();
    let (w, h) = ((w as f32 * wider) as u32, (h as f32 * higher) as u32);
    let cut = imageops::resize(&cut, w.max(1), h.max(1), FilterType::CatmullRom);
    let mut framed = GrayImage::from_pixel(cut.width() + 40, cut.height() + 40, WHITE);
    imageops::replace(&mut framed, &cut, 20, 20);
    framed
}

/// The picture as the engine takes it: a short head and the pixels.
pub fn pgm(picture: &GrayImage) -> Vec<u8> {
    let mut bytes = format!("P5\n{} {}\n255\n", picture.width(), picture.height()).into_bytes();
    bytes.extend_from_slice(picture.as_raw());
    bytes
}

/// Several pictures in one file, as the engine takes them.
pub fn pages(pictures: &[GrayImage]) -> Result<Vec<u8>, TiffError> {
    let mut bytes = Vec::new();
    let mut file = TiffEncoder::new(Cursor::new(&mut bytes))?;
    for page in pictures {
        file.write_image::<Gray8>(page.width(), page.height(), page.as_raw())?;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use tiff::decoder::DecodingResult;

    use super::*;

    /// Lines of print, as dashes.
    fn print() -> GrayImage {
        GrayImage::from_fn(800, 600, |x, y| {
            let inside = (80..720).contains(&x) && (60..540).contains(&y);
            Luma([if inside && y % 40 < 14 && x % 17 < 11 {
                20
            } else {
                240
            }])
        })
    }

    #[test]
    fn the_slant_of_print_is_found_to_a_fraction_of_a_degree() {
        for slant in [-8.0_f32, -2.3, 0.0, 5.5, 8.0] {
            let photo = turned(&print(), slant);
            let found = skew(&photo);
            assert!((found - slant).abs() < 0.3, "{slant}: {found}");
        }
    }

    #[test]
    fn a_shadow_across_print_vanishes() {
        let mut photo = print();
        for (x, _, Luma([part])) in photo.enumerate_pixels_mut() {
            if x > 400 {
                *part /= 2;
            }
        }
        let even = evenly_lit(&photo);
        for (x, y) in [(20, 20), (780, 580), (700, 575)] {
            assert!(even.get_pixel(x, y).0[0] > 230, "paper at {x} {y}");
        }
        assert!(even.get_pixel(630, 85).0[0] < 60, "ink in the shadow");
    }

    #[test]
    fn each_picture_is_a_page_of_the_file() {
        let pages =
            [(3, 3, 7), (4, 2, 9)].map(|(w, h, grey)| GrayImage::from_pixel(w, h, Luma([grey])));
        let file = super::pages(&pages).expect("a file");
        let mut reader = tiff::decoder::Decoder::new(Cursor::new(file)).expect("it is one");
        for (number, page) in pages.iter().enumerate() {
            if number > 0 {
                reader.next_image().expect("another page");
            }
            assert_eq!(reader.dimensions().expect("a size"), page.dimensions());
            let DecodingResult::U8(read) = reader.read_image().expect("pixels") else {
                panic!("eight bits a pixel");
            };
            assert_eq!(&read, page.as_raw());
        }
        assert!(!reader.more_images());
    }
}

//! The camera: a desk, a hand that is not steady, a lamp on one side, and the two encodings on the way to us.

use std::io::Cursor;

use image::{
    DynamicImage, Rgb, RgbImage,
    codecs::jpeg::{JpegDecoder, JpegEncoder},
    imageops::{self, FilterType},
};
use imageproc::geometric_transformations::{Border, Interpolation, Projection, warp_into};
use rand::{Rng, rngs::StdRng};

use super::{Conditions, pen::mix};

pub fn photograph(page: &RgbImage, conditions: &Conditions, rng: &mut StdRng) -> RgbImage {
    let mut photo = laid(page, conditions, rng);
    if conditions.shadow {
        shade(&mut photo, rng);
    }
    let longest = photo.width().max(photo.height());
    let size = |side: u32| side * conditions.width / longest;
    let (w, h) = (size(photo.width()), size(photo.height()));
    let mut photo = imageops::resize(&photo, w, h, FilterType::Triangle);
    if conditions.blur > 0.05 {
        photo = imageops::blur(&photo, conditions.blur);
    }
    grain(&mut photo, rng);
    photo
}

/// The page on a desk, turned, and seen from a little aside.
fn laid(page: &RgbImage, conditions: &Conditions, rng: &mut StdRng) -> RgbImage {
    let (w, h) = (page.width() as f32, page.height() as f32);
    let (wide, high) = (w * 1.16, h * 1.16 + w * 0.06);
    let desk = Rgb([
        rng.random_range(60..140),
        rng.random_range(60..120),
        rng.random_range(50..110),
    ]);
    let mut photo = RgbImage::from_pixel(wide as u32, high as u32, desk);
    let angle = conditions.rotation.to_radians();
    let corners = [(0.0, 0.0), (w, 0.0), (w, h), (0.0, h)];
    let seen = corners.map(|(x, y)| {
        let (x, y) = (x - w / 2.0, y - h / 2.0);
        let (x, y) = (
            x * angle.cos() - y * angle.sin(),
            x * angle.sin() + y * angle.cos(),
        );
        let push = |rng: &mut StdRng| {
            if conditions.perspective {
                rng.random_range(-0.02..0.02) * w
            } else {
                0.0
            }
        };
        (x + wide / 2.0 + push(rng), y + high / 2.0 + push(rng))
    });
    let projection =
        Projection::from_control_points(corners, seen).expect("no corner falls on another");
    warp_into(
        page,
        projection,
        Interpolation::Bilinear,
        Border::Constant(desk),
        &mut photo,
    );
    photo
}

/// Less light towards one side, and the edge of a shadow across the sheet.
fn shade(photo: &mut RgbImage, rng: &mut StdRng) {
    let (w, h) = (photo.width() as f32, photo.height() as f32);
    let way: f32 = rng.random_range(0.0..std::f32::consts::TAU);
    let (dark, edge) = (
        rng.random_range(0.15..0.5_f32),
        rng.random_range(-0.3..0.3_f32),
    );
    let soft = rng.random_range(0.02..0.1_f32);
    let hard = rng.random_range(0.1..0.4_f32);
    for (x, y, Rgb(pixel)) in photo.enumerate_pixels_mut() {
        let at = (x as f32 / w - 0.5) * way.cos() + (y as f32 / h - 0.5) * way.sin();
        let slope = dark * (at + 0.5).clamp(0.0, 1.0);
        let across = hard * ((at - edge) / soft + 0.5).clamp(0.0, 1.0);
        for part in pixel {
            *part = mix(*part, 12, (slope + across).min(0.75));
        }
    }
}

fn grain(photo: &mut RgbImage, rng: &mut StdRng) {
    for Rgb(pixel) in photo.pixels_mut() {
        let noise: i16 = rng.random_range(-6..=6);
        for part in pixel {
            *part = (i16::from(*part) + noise).clamp(0, 255) as u8;
        }
    }
}

/// Sent as JPEG of this quality, then encoded again as the platform keeps it.
pub fn kept(photo: &RgbImage, quality: u8) -> Vec<u8> {
    let sent = jpeg(photo, quality);
    let decoder = JpegDecoder::new(Cursor::new(sent)).expect("a picture");
    let seen = DynamicImage::from_decoder(decoder)
        .expect("a picture")
        .into_rgb8();
    jpeg(&seen, 88)
}

pub fn jpeg(picture: &RgbImage, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality)
        .encode_image(picture)
        .expect("it encodes");
    bytes
}

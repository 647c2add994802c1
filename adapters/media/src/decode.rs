//! From upload bytes to an upright picture without metadata.

use std::io::Cursor;

use application::ports::pictures::{MAX_UPLOAD_BYTES, Picture, UploadError};
use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::PngDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, Limits, RgbImage};
use sha2::{Digest, Sha256};

use crate::jpeg;

const MAX_SIDE: u32 = 10_000;
const MAX_PIXELS: u64 = 40_000_000;
const MAX_MEMORY: u64 = 256 * 1024 * 1024;
/// Longest side of what is kept.
const KEPT_SIDE: u32 = 2_400;
const KEPT_QUALITY: u8 = 88;
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const JPEG: &[u8] = b"\xff\xd8\xff";

/// What the bytes are, whatever their name was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Jpeg,
    Png,
    Pdf,
    Other,
}

/// Looks at the first bytes.
pub(crate) fn sniff(upload: &[u8]) -> Kind {
    if upload.starts_with(JPEG) {
        Kind::Jpeg
    } else if upload.starts_with(PNG) {
        Kind::Png
    } else if upload.starts_with(b"%PDF-") {
        Kind::Pdf
    } else {
        Kind::Other
    }
}

/// Refuses what is empty or too large before anything looks inside.
pub(crate) fn check_size(upload: &[u8]) -> Result<(), UploadError> {
    match upload.len() {
        0 => Err(UploadError::Empty),
        1..=MAX_UPLOAD_BYTES => Ok(()),
        _ => Err(UploadError::TooLarge),
    }
}

/// The picture as we keep it.
pub(crate) fn keep(upload: &[u8]) -> Result<Picture, UploadError> {
    check_size(upload)?;
    let (picture, orientation) = decode(upload)?;
    let mut picture = shrink(picture);
    picture.apply_orientation(orientation);
    encode(&on_white(picture), KEPT_QUALITY)
}

/// Decodes within the limits; says how the picture has to be turned.
pub(crate) fn decode(upload: &[u8]) -> Result<(DynamicImage, Orientation), UploadError> {
    match sniff(upload) {
        Kind::Jpeg => {
            let facts = jpeg::facts(upload).ok_or(UploadError::Broken)?;
            check_pixels(facts.width, facts.height)?;
            // Three coefficients of two bytes and three samples per pixel have to stay in memory.
            if facts.progressive
                && u64::from(facts.width) * u64::from(facts.height) * 9 > MAX_MEMORY
            {
                return Err(UploadError::TooManyPixels);
            }
            finish(JpegDecoder::new(Cursor::new(upload)).map_err(|error| translate(&error))?)
        }
        Kind::Png => finish(
            PngDecoder::with_limits(Cursor::new(upload), limits())
                .map_err(|error| translate(&error))?,
        ),
        Kind::Pdf | Kind::Other => Err(UploadError::NotAPicture),
    }
}

fn finish(mut decoder: impl ImageDecoder) -> Result<(DynamicImage, Orientation), UploadError> {
    let (width, height) = decoder.dimensions();
    check_pixels(width, height)?;
    if decoder.total_bytes() > MAX_MEMORY {
        return Err(UploadError::TooManyPixels);
    }
    decoder
        .set_limits(limits())
        .map_err(|error| translate(&error))?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(|error| translate(&error))?;
    Ok((picture, orientation))
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    limits
}

fn check_pixels(width: u32, height: u32) -> Result<(), UploadError> {
    if width == 0 || height == 0 {
        return Err(UploadError::Broken);
    }
    let too_many =
        width > MAX_SIDE || height > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS;
    if too_many {
        Err(UploadError::TooManyPixels)
    } else {
        Ok(())
    }
}

fn translate(error: &ImageError) -> UploadError {
    match error {
        ImageError::Limits(_) => UploadError::TooManyPixels,
        _ => UploadError::Broken,
    }
}

/// Averages whole boxes of pixels: needs no working copy in floating point, and letters stay readable.
fn shrink(picture: DynamicImage) -> DynamicImage {
    if picture.width() <= KEPT_SIDE && picture.height() <= KEPT_SIDE {
        picture
    } else {
        picture.thumbnail(KEPT_SIDE, KEPT_SIDE)
    }
}

/// Lays transparent pictures on white, as people saw them.
fn on_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let seen = picture.into_rgba8();
    RgbImage::from_fn(seen.width(), seen.height(), |x, y| {
        let [red, green, blue, alpha] = seen.get_pixel(x, y).0;
        image::Rgb([red, green, blue].map(|part| mix(255, part, u32::from(alpha), 255)))
    })
}

/// `under` covered by `over`, `part` of `whole`.
pub(crate) fn mix(under: u8, over: u8, part: u32, whole: u32) -> u8 {
    let mixed = (u32::from(under) * (whole - part) + u32::from(over) * part + whole / 2) / whole;
    u8::try_from(mixed).unwrap_or(u8::MAX)
}

/// Encodes as JPEG; the encoder writes no metadata at all.
pub(crate) fn encode(picture: &RgbImage, quality: u8) -> Result<Picture, UploadError> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, quality)
        .encode_image(picture)
        .map_err(|error| translate(&error))?;
    Ok(Picture {
        width: picture.width(),
        height: picture.height(),
        sha256: Sha256::digest(&jpeg).into(),
        jpeg,
    })
}

#[cfg(test)]
mod tests;

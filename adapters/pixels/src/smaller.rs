//! A picture made smaller 图像压缩, for who takes only so many bytes.

use std::io::Cursor;

use image::{ImageFormat, ImageReader, Limits, imageops::FilterType};

use crate::Unreadable;

/// Memory for one decoded picture.
const MOST_MEMORY: u64 = 256 * 1024 * 1024;
/// Longer sides that are tried, in pixels.
const SIDES: [u32; 3] = [2_000, 1_600, 1_200];

/// A JPEG of at most so many bytes, as large as that allows.
pub fn smaller(jpeg: &[u8], most: usize) -> Result<Vec<u8>, Unreadable> {
    let mut reader = ImageReader::with_format(Cursor::new(jpeg), ImageFormat::Jpeg);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let picture = reader.decode().map_err(|_| Unreadable)?;
    for side in SIDES {
        let smaller = picture.resize(side, side, FilterType::Triangle).to_rgb8();
        let mut bytes = Cursor::new(Vec::new());
        smaller
            .write_to(&mut bytes, ImageFormat::Jpeg)
            .map_err(|_| Unreadable)?;
        if bytes.get_ref().len() <= most {
            return Ok(bytes.into_inner());
        }
    }
    Err(Unreadable)
}

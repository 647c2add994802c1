//! What a JPEG says about itself, read marker by marker before anything is decoded.

/// More scans than any honest picture has; each costs a pass over the whole picture.
const MAX_SCANS: u32 = 64;

/// Facts of a JPEG file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct JpegFacts {
    /// Coded in several passes, which need all coefficients in memory.
    pub progressive: bool,
    /// Width in the frame header.
    pub width: u32,
    /// Height in the frame header.
    pub height: u32,
}

/// Walks the markers from start to end of image. `None` when it is cut short, has no frame, or has absurdly many scans.
pub(crate) fn facts(file: &[u8]) -> Option<JpegFacts> {
    let mut at = 2;
    let mut frame = None;
    let mut scans = 0;
    loop {
        let marker = next_marker(file, &mut at)?;
        match marker {
            0xd9 => return frame.filter(|_| scans > 0),
            0x01 | 0xd0..=0xd8 => continue,
            _ => {}
        }
        let length = usize::from(u16::from_be_bytes([*file.get(at)?, *file.get(at + 1)?]));
        let segment = file.get(at + 2..at.checked_add(length)?)?;
        match marker {
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                let two = |from: usize| {
                    Some(u32::from(*segment.get(from)?) << 8 | u32::from(*segment.get(from + 1)?))
                };
                frame = Some(JpegFacts {
                    progressive: marker == 0xc2,
                    height: two(1)?,
                    width: two(3)?,
                });
            }
            0xda => {
                scans += 1;
                if scans > MAX_SCANS {
                    return None;
                }
            }
            _ => {}
        }
        at += length;
    }
}

/// Moves behind the next marker, skipping entropy-coded bytes, and answers it.
fn next_marker(file: &[u8], at: &mut usize) -> Option<u8> {
    loop {
        let ahead = file.get(*at..)?.iter().position(|byte| *byte == 0xff)?;
        *at += ahead;
        while *file.get(*at)? == 0xff {
            *at += 1;
        }
        let marker = file[*at];
        *at += 1;
        if marker != 0 && !(0xd0..=0xd7).contains(&marker) {
            return Some(marker);
        }
    }
}

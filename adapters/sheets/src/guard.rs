//! What an upload must be before anything parses it.

use std::io::{Cursor, Read as _};

use application::ports::workbooks::{MAX_SHEET_BYTES, ReadError};
use zip::ZipArchive;

const MOST_PARTS: usize = 200;
const MOST_UNPACKED: u64 = 60 * 1024 * 1024;
/// XML of a sheet packs well, but not a hundredfold; small parts may.
const MOST_RATIO: u64 = 100;
const SMALL: u64 = 256 * 1024;

/// Size, kind, parts and what they unpack to: first as declared, then as it is.
pub fn check(bytes: &[u8]) -> Result<(), ReadError> {
    if bytes.len() > MAX_SHEET_BYTES {
        return Err(ReadError::TooLarge);
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| ReadError::NotAWorkbook)?;
    if archive.len() > MOST_PARTS {
        return Err(ReadError::Bomb);
    }
    declared(&mut archive)?;
    real(&mut archive)
}

fn declared(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<(), ReadError> {
    let (mut all, mut workbook) = (0_u64, false);
    for i in 0..archive.len() {
        let part = archive
            .by_index_raw(i)
            .map_err(|_| ReadError::NotAWorkbook)?;
        if part.encrypted() {
            return Err(ReadError::NotAWorkbook);
        }
        all = all.saturating_add(part.size());
        let limit = part.compressed_size().saturating_mul(MOST_RATIO);
        if all > MOST_UNPACKED || part.size() > limit.max(SMALL) {
            return Err(ReadError::Bomb);
        }
        workbook |= part.name().is_ok_and(|name| name == "xl/workbook.xml");
    }
    if workbook {
        Ok(())
    } else {
        Err(ReadError::NotAWorkbook)
    }
}

/// Unpacks every part once into nothing: a header may say less than there is.
fn real(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<(), ReadError> {
    let mut left = MOST_UNPACKED;
    let mut buffer = vec![0; 64 * 1024];
    for i in 0..archive.len() {
        let mut part = archive.by_index(i).map_err(|_| ReadError::NotAWorkbook)?;
        let mut most = part.compressed_size().saturating_mul(MOST_RATIO).max(SMALL);
        loop {
            let read = part
                .read(&mut buffer)
                .map_err(|_| ReadError::NotAWorkbook)? as u64;
            if read == 0 {
                break;
            }
            left = left.checked_sub(read).ok_or(ReadError::Bomb)?;
            most = most.checked_sub(read).ok_or(ReadError::Bomb)?;
        }
    }
    Ok(())
}

//! What an upload must be before anything parses it.

use std::io::{Cursor, Read as _};

use application::ports::workbooks::{MAX_SHEET_BYTES, ReadError};
use zip::ZipArchive;

const MOST_PARTS: usize = 200;
/// Ten thousand rows of forty cells are twenty.
const MOST_UNPACKED: u64 = 32 * 1024 * 1024;
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
    real(&mut archive)?;
    shared_texts(&mut archive)
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

/// The parser makes room for as many shared texts as their part says there are: never more than it has bytes. Whoever hides the lie
/// better meets the limits of the process that reads.
fn shared_texts(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<(), ReadError> {
    for i in 0..archive.len() {
        let mut part = archive.by_index(i).map_err(|_| ReadError::NotAWorkbook)?;
        let named = |name: std::borrow::Cow<'_, str>| {
            name.to_ascii_lowercase().ends_with("sharedstrings.xml")
        };
        if !part.name().is_ok_and(named) {
            continue;
        }
        let mut text = Vec::new();
        part.read_to_end(&mut text)
            .map_err(|_| ReadError::NotAWorkbook)?;
        if said_count(&text).is_some_and(|count| count > text.len()) {
            return Err(ReadError::Bomb);
        }
    }
    Ok(())
}

/// How many texts a part of shared texts says it has.
fn said_count(text: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"uniqueCount";
    let at = text.windows(NAME.len()).position(|part| part == NAME)?;
    let digits = text[at + NAME.len()..]
        .iter()
        .skip_while(|sign| b" \t\r\n=\"'+".contains(sign))
        .take_while(|sign| sign.is_ascii_digit());
    Some(digits.fold(0, |count: usize, digit| {
        count
            .saturating_mul(10)
            .saturating_add(usize::from(digit - b'0'))
    }))
}

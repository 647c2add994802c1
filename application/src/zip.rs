//! A plain archive (ZIP, stored): every system opens it, and what is in it is packed already.

/// One file of the archive.
pub struct Entry {
    /// Path inside, in plain letters.
    pub name: String,
    pub bytes: Vec<u8>,
}

const fn crc_table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut i: u32 = 0;
    while i < 256 {
        let mut rest = i;
        let mut bit = 0;
        while bit < 8 {
            rest = if rest & 1 == 1 {
                0xEDB8_8320 ^ (rest >> 1)
            } else {
                rest >> 1
            };
            bit += 1;
        }
        table[i as usize] = rest;
        i += 1;
    }
    table
}

static CRC: [u32; 256] = crc_table();

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        CRC[usize::from(sum.to_le_bytes()[0] ^ byte)] ^ (sum >> 8)
    })
}

/// Fields that the local and the central header share: version, flags (names are UTF-8), stored, 1980-01-01, sum and sizes.
fn facts(out: &mut Vec<u8>, entry: &Entry, size: u32) {
    for field in [20_u16, 0x0800, 0, 0, 0x0021] {
        out.extend(field.to_le_bytes());
    }
    for field in [crc32(&entry.bytes), size, size] {
        out.extend(field.to_le_bytes());
    }
}

/// The archive; `None` when it would not fit the format's plain form (4 GB, 65,535 files).
pub fn pack(entries: &[Entry]) -> Option<Vec<u8>> {
    let count = u16::try_from(entries.len()).ok()?;
    let (mut out, mut central) = (Vec::new(), Vec::new());
    for entry in entries {
        let at = u32::try_from(out.len()).ok()?;
        let size = u32::try_from(entry.bytes.len()).ok()?;
        let name = u16::try_from(entry.name.len()).ok()?;
        out.extend(b"PK\x03\x04");
        facts(&mut out, entry, size);
        out.extend(name.to_le_bytes());
        out.extend([0; 2]);
        out.extend(entry.name.as_bytes());
        out.extend(&entry.bytes);
        central.extend(b"PK\x01\x02");
        central.extend(20_u16.to_le_bytes());
        facts(&mut central, entry, size);
        central.extend(name.to_le_bytes());
        central.extend([0; 12]);
        central.extend(at.to_le_bytes());
        central.extend(entry.name.as_bytes());
    }
    let at = u32::try_from(out.len()).ok()?;
    let size = u32::try_from(central.len()).ok()?;
    out.extend(&central);
    out.extend(b"PK\x05\x06");
    out.extend([0; 4]);
    for field in [count, count] {
        out.extend(field.to_le_bytes());
    }
    for field in [size, at] {
        out.extend(field.to_le_bytes());
    }
    out.extend([0; 2]);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_the_one_that_every_reader_reckons() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn an_archive_names_its_files_twice_and_says_where_its_list_begins() {
        let entry = |name: &str, bytes: &[u8]| Entry {
            name: name.to_owned(),
            bytes: bytes.to_vec(),
        };
        let packed = pack(&[entry("a.txt", b"one"), entry("files/b.txt", b"")]).expect("it fits");
        let end = packed.len() - 22;
        assert_eq!(&packed[end..end + 4], b"PK\x05\x06");
        assert_eq!(packed[end + 10], 2);
        let at = u32::from_le_bytes(packed[end + 16..end + 20].try_into().expect("four"));
        let at = usize::try_from(at).expect("small");
        assert_eq!(&packed[at..at + 4], b"PK\x01\x02");
        assert_eq!(at, 30 + 5 + 3 + 30 + 11);
    }
}

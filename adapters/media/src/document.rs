//! Whether a DOCX is harmless enough to be offered as a download: nothing in it runs or is fetched from elsewhere.

use std::io::{Cursor, Read as _};

use application::ports::pictures::{DocumentFile, DocumentKind, UploadError};
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use crate::decode::check_size;

const MAX_PARTS: usize = 2_000;
/// All parts together, unpacked.
const MAX_UNPACKED: u64 = 100 * 1024 * 1024;
/// A part of the structure that is read.
const MAX_READ: u64 = 4 * 1024 * 1024;
const MAIN: &str =
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";

/// True for what begins like a packed document.
pub(crate) fn looks_packed(upload: &[u8]) -> bool {
    upload.starts_with(b"PK\x03\x04")
}

/// What is kept of a document that passed: the bytes stay as they are.
pub(crate) fn kept(upload: Vec<u8>) -> DocumentFile {
    DocumentFile {
        kind: DocumentKind::Docx,
        sha256: Sha256::digest(&upload).into(),
        bytes: upload,
    }
}

/// Says nothing about a harmless DOCX, and what is wrong with another one.
pub fn read_docx(upload: &[u8]) -> Result<(), UploadError> {
    check_size(upload)?;
    let broken = |_| UploadError::DocxBroken;
    let mut archive = ZipArchive::new(Cursor::new(upload)).map_err(broken)?;
    if archive.len() > MAX_PARTS {
        return Err(UploadError::DocxBroken);
    }
    let mut unpacked = 0;
    let mut types = None;
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(broken)?;
        if part.encrypted() {
            return Err(UploadError::DocxBroken);
        }
        unpacked += part.size();
        if unpacked > MAX_UNPACKED {
            return Err(UploadError::DocxBroken);
        }
        let name = part.name().map_err(broken)?.to_ascii_lowercase();
        if runs(&name) {
            return Err(UploadError::DocxActive);
        }
        let links = std::path::Path::new(&name).extension() == Some("rels".as_ref());
        if name == "[content_types].xml" || links {
            let mut text = String::new();
            part.take(MAX_READ)
                .read_to_string(&mut text)
                .map_err(|_| UploadError::DocxBroken)?;
            if links && fetches(&text) {
                return Err(UploadError::DocxActive);
            }
            if name == "[content_types].xml" {
                types = Some(text);
            }
        }
    }
    match types {
        Some(text) if text.contains("macroEnabled") => Err(UploadError::DocxActive),
        Some(text) if text.contains(MAIN) => Ok(()),
        _ => Err(UploadError::NotADocument),
    }
}

/// Macros, embedded programs and controls.
fn runs(name: &str) -> bool {
    name.ends_with("vbaproject.bin")
        || name.starts_with("word/embeddings/")
        || name.starts_with("word/activex/")
        || [".exe", ".dll", ".js", ".vbs", ".ocx", ".scr"]
            .iter()
            .any(|ending| name.ends_with(ending))
}

/// A part that the reader would load from elsewhere as soon as the document is opened. A link that somebody clicks is none.
fn fetches(relations: &str) -> bool {
    relations.split("<Relationship ").skip(1).any(|one| {
        let one = one.split('>').next().unwrap_or_default();
        one.contains("TargetMode=\"External\"") && !one.contains("/hyperlink\"")
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;

    fn keep(upload: Vec<u8>) -> Result<DocumentFile, UploadError> {
        read_docx(&upload).map(|()| kept(upload))
    }

    fn types(main: &str) -> String {
        format!("<Types><Override PartName=\"/word/document.xml\" ContentType=\"{main}\"/></Types>")
    }

    fn packed(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in parts {
            writer
                .start_file(*name, SimpleFileOptions::default())
                .expect("a part begins");
            writer.write_all(text.as_bytes()).expect("it is written");
        }
        writer.finish().expect("it is packed").into_inner()
    }

    fn document(more: (&str, &str)) -> Vec<u8> {
        let types = types(MAIN);
        packed(&[
            ("[Content_Types].xml", types.as_str()),
            ("word/document.xml", "<w:document/>"),
            more,
        ])
    }

    #[test]
    fn a_document_of_words_passes_as_it_came() {
        let plain = document(("docProps/app.xml", "<x/>"));
        let kept = keep(plain.clone()).expect("harmless");
        assert_eq!(kept.kind, DocumentKind::Docx);
        assert_eq!(kept.bytes, plain);
    }

    #[test]
    fn what_runs_or_is_fetched_is_refused() {
        let outside = "<Relationships><Relationship Id=\"r\" Type=\"http://x/attachedTemplate\" Target=\"http://x/t.dotm\" TargetMode=\"External\"/></Relationships>";
        for active in [
            document(("word/vbaProject.bin", "x")),
            document(("word/embeddings/oleObject1.bin", "x")),
            document(("word/_rels/settings.xml.rels", outside)),
            packed(&[(
                "[Content_Types].xml",
                &types("application/vnd.ms-word.document.macroEnabled.main+xml"),
            )]),
        ] {
            assert_eq!(keep(active), Err(UploadError::DocxActive));
        }
        let link = "<Relationships><Relationship Id=\"r\" Type=\"http://x/hyperlink\" Target=\"https://x/\" TargetMode=\"External\"/></Relationships>";
        assert!(keep(document(("word/_rels/document.xml.rels", link))).is_ok());
    }

    #[test]
    fn another_package_and_a_damaged_one_are_told_apart() {
        let sheet = packed(&[("[Content_Types].xml", "<Types/>")]);
        assert_eq!(keep(sheet), Err(UploadError::NotADocument));
        let mut cut = document(("docProps/app.xml", "<x/>"));
        cut.truncate(60);
        assert_eq!(keep(cut), Err(UploadError::DocxBroken));
    }
}

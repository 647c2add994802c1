//! Whether a PDF is harmless enough to be offered as a download.

use application::ports::pictures::{PdfFile, UploadError};
use lopdf::{Dictionary, Document, Error, LoadOptions, Object};
use sha2::{Digest, Sha256};

use crate::decode::check_size;

const MAX_PAGES: usize = 10;
/// No single stream that has to be read for the structure may unpack to more than this.
const MAX_UNPACKED: usize = 4 * 1024 * 1024;
/// A ten-page document needs a handful of packed object lists.
const MAX_OBJECT_STREAMS: usize = 200;
/// Actions that start, send or load something.
const ACTIVE: [&[u8]; 10] = [
    b"JavaScript",
    b"Launch",
    b"SubmitForm",
    b"ImportData",
    b"GoToE",
    b"Rendition",
    b"RichMediaExecute",
    b"Movie",
    b"Sound",
    b"GoTo3DView",
];

/// What is kept of a document that passed: the bytes stay as they are.
pub(crate) fn kept(upload: Vec<u8>, pages: u32) -> PdfFile {
    PdfFile {
        pages,
        sha256: Sha256::digest(&upload).into(),
        bytes: upload,
    }
}

/// Checks and keeps, on the spot.
#[cfg(test)]
pub(crate) fn keep(upload: Vec<u8>) -> Result<PdfFile, UploadError> {
    read_pdf(&upload).map(|pages| kept(upload, pages))
}

/// Counts the pages of a harmless PDF. What parses it takes as much memory and time as the file's maker likes: outside of tests
/// this runs in a process that may take only so much.
pub fn read_pdf(upload: &[u8]) -> Result<u32, UploadError> {
    check_size(upload)?;
    if count(upload, b"/ObjStm") > MAX_OBJECT_STREAMS {
        return Err(UploadError::PdfBroken);
    }
    let options = LoadOptions {
        max_decompressed_size: Some(MAX_UNPACKED),
        ..LoadOptions::default()
    };
    let document =
        Document::load_mem_with_options(upload, options).map_err(|error| match error {
            Error::InvalidPassword | Error::Decryption(_) => UploadError::PdfEncrypted,
            _ => UploadError::PdfBroken,
        })?;
    if document.was_encrypted() || document.trailer.has(b"Encrypt") {
        return Err(UploadError::PdfEncrypted);
    }
    // Also what no cross-reference leads to: a forgiving reader may find it.
    if count(upload, b"/JavaScript") + count(upload, b"/Launch") > 0 {
        return Err(UploadError::PdfActive);
    }
    if count(upload, b"/EmbeddedFile") > 0 {
        return Err(UploadError::PdfAttachments);
    }
    for object in document.objects.values() {
        check_object(object)?;
    }
    match document.get_pages().len() {
        0 => Err(UploadError::PdfBroken),
        pages @ 1..=MAX_PAGES => u32::try_from(pages).map_err(|_| UploadError::PdfTooManyPages),
        _ => Err(UploadError::PdfTooManyPages),
    }
}

/// Nesting is bounded by the parser.
fn check_object(object: &Object) -> Result<(), UploadError> {
    match object {
        Object::Dictionary(entries) => check_entries(entries),
        Object::Stream(stream) => check_entries(&stream.dict),
        Object::Array(items) => items.iter().try_for_each(check_object),
        _ => Ok(()),
    }
}

fn check_entries(entries: &Dictionary) -> Result<(), UploadError> {
    let is = |key: &[u8], names: &[&[u8]]| {
        entries
            .get(key)
            .and_then(Object::as_name)
            .is_ok_and(|name| names.contains(&name))
    };
    if entries.has(b"JS") || entries.has(b"JavaScript") || entries.has(b"XFA") || is(b"S", &ACTIVE)
    {
        return Err(UploadError::PdfActive);
    }
    if entries.has(b"EmbeddedFiles")
        || entries.has(b"EF")
        || entries.has(b"Collection")
        || is(b"Type", &[b"EmbeddedFile"])
        || is(b"Subtype", &[b"FileAttachment", b"RichMedia"])
    {
        return Err(UploadError::PdfAttachments);
    }
    entries
        .iter()
        .try_for_each(|(_, value)| check_object(value))
}

fn count(bytes: &[u8], part: &[u8]) -> usize {
    let first = part[0];
    let mut found = 0;
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte == first) {
        found += usize::from(rest[at..].starts_with(part));
        rest = &rest[at + 1..];
    }
    found
}

#[cfg(test)]
mod tests {
    use lopdf::{EncryptionState, EncryptionVersion, Permissions, Stream, dictionary};

    use super::*;

    fn document(pages: u32) -> Document {
        let mut document = Document::with_version("1.5");
        let tree = document.new_object_id();
        let kids: Vec<Object> = (0..pages)
            .map(|_| {
                let content =
                    document.add_object(Stream::new(Dictionary::new(), b"BT ET".to_vec()));
                let page = dictionary! {
                    "Type" => "Page", "Parent" => tree, "Contents" => content,
                    "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
                };
                document.add_object(page).into()
            })
            .collect();
        let count = i64::from(pages);
        document.objects.insert(
            tree,
            dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count }.into(),
        );
        let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
        document.trailer.set("Root", catalog);
        document
    }

    fn saved(mut document: Document) -> Vec<u8> {
        let mut bytes = Vec::new();
        document.save_to(&mut bytes).expect("saved");
        bytes
    }

    fn with(extra: Dictionary) -> Vec<u8> {
        let mut document = document(1);
        let id = document.add_object(extra);
        document
            .catalog_mut()
            .expect("catalog")
            .set("OpenAction", id);
        saved(document)
    }

    #[test]
    fn a_plain_document_of_ten_pages_passes_unchanged() {
        let bytes = saved(document(10));
        let kept = keep(bytes.clone()).expect("kept");
        assert_eq!((kept.pages, &kept.bytes), (10, &bytes));
        assert_eq!(keep(saved(document(11))), Err(UploadError::PdfTooManyPages));
        assert_eq!(keep(saved(document(0))), Err(UploadError::PdfBroken));
    }

    #[test]
    fn script_in_any_shape_is_refused() {
        let js =
            dictionary! { "S" => "JavaScript", "JS" => Object::string_literal("app.alert(1)") };
        assert_eq!(keep(with(js.clone())), Err(UploadError::PdfActive));
        let disguised = String::from_utf8_lossy(&with(js))
            .replace("/JavaScript", "/Java#53cript")
            .into_bytes();
        assert!(count(&disguised, b"/JavaScript") == 0);
        assert_eq!(keep(disguised), Err(UploadError::PdfActive));
        assert_eq!(
            keep(with(dictionary! { "S" => "Launch" })),
            Err(UploadError::PdfActive)
        );
        let nested =
            dictionary! { "Next" => vec![Object::Dictionary(dictionary! { "S" => "SubmitForm" })] };
        assert_eq!(keep(with(nested)), Err(UploadError::PdfActive));
    }

    #[test]
    fn script_that_no_reference_leads_to_is_refused_too() {
        let mut bytes = saved(document(1));
        let end = bytes.len();
        bytes.splice(end..end, *b"\n99 0 obj<</S/JavaScript/JS(1)>>endobj\n%%EOF");
        assert_eq!(keep(bytes), Err(UploadError::PdfActive));
    }

    #[test]
    fn a_destination_on_opening_is_no_script() {
        assert!(
            keep(with(
                dictionary! { "S" => "GoTo", "D" => vec![0.into(), "Fit".into()] }
            ))
            .is_ok()
        );
    }

    #[test]
    fn attachments_are_refused() {
        let file = dictionary! { "Type" => "Filespec", "EF" => Dictionary::new() };
        assert_eq!(keep(with(file)), Err(UploadError::PdfAttachments));
        assert_eq!(
            keep(with(dictionary! { "Subtype" => "FileAttachment" })),
            Err(UploadError::PdfAttachments)
        );
    }

    #[test]
    fn encrypted_documents_are_refused_even_when_the_password_is_empty() {
        for password in ["", "secret"] {
            let mut document = document(1);
            let id = Object::string_literal("0123456789abcdef");
            document.trailer.set("ID", vec![id.clone(), id]);
            let state = EncryptionState::try_from(EncryptionVersion::V2 {
                document: &document,
                owner_password: "owner",
                user_password: password,
                key_length: 128,
                permissions: Permissions::all(),
            })
            .expect("state");
            document.encrypt(&state).expect("encrypted");
            assert_eq!(
                keep(saved(document)),
                Err(UploadError::PdfEncrypted),
                "{password:?}"
            );
        }
    }

    #[test]
    fn rubbish_and_cut_files_are_refused_without_a_panic() {
        assert_eq!(
            keep(b"%PDF-1.7\nnothing".to_vec()),
            Err(UploadError::PdfBroken)
        );
        let whole = saved(document(3));
        for length in (8..whole.len() / 2).step_by(11) {
            assert!(keep(whole[..length].to_vec()).is_err(), "{length}");
        }
    }
}

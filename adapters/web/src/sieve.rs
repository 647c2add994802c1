//! Sieve 筛: a form that is too large runs through it. Its files are counted and gone; what was typed beside them stays, for the page that
//! says so. Of the body nothing waits in memory but that text and a few kilobytes.
//!
//! Not multer, which reads the forms that are let in: it gathers whatever stands before a boundary or in a head, however long, and here is
//! just what no memory was granted for.

use axum::http::{HeaderMap, header};

use crate::typed::MOST;

/// A file that was chosen and did not arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LostFile {
    /// Its field of the form.
    pub field: String,
    /// As the browser called it.
    pub name: String,
    pub bytes: usize,
}

/// What a form held, apart from the bytes of its files.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Sifted {
    pub fields: Vec<(String, String)>,
    /// In the order in which they came.
    pub files: Vec<LostFile>,
}

/// Longer than what stands before a part of a form.
const HEAD_MOST: usize = 4 * 1024;
/// What a part weighs beside its words.
const PART: usize = 32;
const HEAD_END: &[u8] = b"\r\n\r\n";
/// So much is looked through at once.
const PIECE: usize = 8 * 1024;

pub(crate) struct Sieve {
    /// What ends a part: the end of a line and the boundary.
    mark: Vec<u8>,
    /// What was not understood yet.
    rest: Vec<u8>,
    at: At,
    /// Of what is kept so far, held against [`MOST`].
    weight: usize,
    sifted: Sifted,
}

/// What the next bytes are.
enum At {
    Content(Part),
    /// Behind a boundary: another part follows, or the end.
    Boundary,
    Head,
    End,
    /// No browser sends such a form, or nobody types as much.
    Lost,
}

enum Part {
    /// Before the first boundary.
    Nothing,
    Text(String, Vec<u8>),
    File(LostFile),
}

impl Part {
    /// Takes what belongs to it; answers how much of it is kept.
    fn take(&mut self, bytes: &[u8]) -> usize {
        match self {
            Self::Nothing => 0,
            Self::File(file) => {
                file.bytes += bytes.len();
                0
            }
            Self::Text(_, value) => {
                value.extend_from_slice(bytes);
                bytes.len()
            }
        }
    }
}

impl Sieve {
    /// For the body of a form with files; other bodies have nothing to sift.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        let (kind, params) = kind.split_once(';')?;
        if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
            return None;
        }
        let mut params = params.split(';');
        let boundary = params.find_map(|one| one.trim().strip_prefix("boundary="))?;
        let boundary = boundary.trim_matches('"');
        if boundary.is_empty() || boundary.len() > 70 {
            return None;
        }
        Some(Self {
            mark: format!("\r\n--{boundary}").into_bytes(),
            // The first boundary stands at the very beginning, where no line has ended.
            rest: b"\r\n".to_vec(),
            at: At::Content(Part::Nothing),
            weight: 0,
            sifted: Sifted::default(),
        })
    }

    pub(crate) fn take(&mut self, chunk: &[u8]) {
        for piece in chunk.chunks(PIECE) {
            if matches!(self.at, At::End | At::Lost) {
                return;
            }
            self.rest.extend_from_slice(piece);
            while self.step() {}
        }
    }

    /// What was found, if the form came to its end: half of one is offered to nobody.
    pub(crate) fn end(self) -> Option<Sifted> {
        matches!(self.at, At::End).then_some(self.sifted)
    }

    /// One step on; false when the next chunk has to come first.
    fn step(&mut self) -> bool {
        match &mut self.at {
            At::Content(part) => {
                let found = find(&self.rest, &self.mark);
                // The beginning of a boundary may stand at the end.
                let begun = (self.rest.len() + 1).saturating_sub(self.mark.len());
                let sure = found.unwrap_or(begun);
                self.weight += part.take(&self.rest[..sure]);
                self.rest
                    .drain(..found.map_or(sure, |at| at + self.mark.len()));
                if self.weight > MOST {
                    self.give_up();
                } else if found.is_some() {
                    self.close();
                }
                found.is_some()
            }
            At::Boundary => {
                if self.rest.len() < 2 {
                    return false;
                }
                self.at = match &self.rest[..2] {
                    b"\r\n" => At::Head,
                    b"--" => At::End,
                    _ => At::Lost,
                };
                self.rest.drain(..2);
                true
            }
            At::Head => {
                let end = find(&self.rest, HEAD_END).filter(|end| *end <= HEAD_MOST);
                let Some(end) = end else {
                    if self.rest.len() > HEAD_MOST {
                        self.give_up();
                    }
                    return false;
                };
                let called = called(&text(&self.rest[..end]));
                self.rest.drain(..end + HEAD_END.len());
                match called {
                    Some(called) => self.open(called),
                    None => self.give_up(),
                }
                true
            }
            At::End | At::Lost => false,
        }
    }

    fn open(&mut self, (field, file): (String, Option<String>)) {
        self.weight += PART + field.len() + file.as_ref().map_or(0, String::len);
        self.at = At::Content(match file {
            Some(name) => Part::File(LostFile {
                field,
                name,
                bytes: 0,
            }),
            None => Part::Text(field, Vec::new()),
        });
    }

    fn close(&mut self) {
        match std::mem::replace(&mut self.at, At::Boundary) {
            At::Content(Part::Text(name, value)) => {
                self.sifted.fields.push((name, text(&value)));
            }
            // A field in which none was chosen comes along, empty.
            At::Content(Part::File(file)) if !file.name.is_empty() || file.bytes > 0 => {
                self.sifted.files.push(file);
            }
            _ => {}
        }
    }

    fn give_up(&mut self) {
        self.at = At::Lost;
        self.rest = Vec::new();
        self.sifted = Sifted::default();
    }
}

/// Where `mark`, which begins with the end of a line, stands in `bytes`.
fn find(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|byte| *byte == b'\r') {
        let at = from + at;
        if bytes[at..].starts_with(mark) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

/// NUL cannot be stored and is never meant.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace('\0', "")
}

/// The field of a part, and the name of its file if it is one.
fn called(head: &str) -> Option<(String, Option<String>)> {
    let (mut field, mut file) = (None, None);
    let line = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let name = name.trim();
        name.eq_ignore_ascii_case("content-disposition")
            .then_some(value)
    })?;
    let (_, mut rest) = line.split_once(';')?;
    while let Some((key, value)) = rest.split_once('=') {
        let (value, left) = match value.strip_prefix('"') {
            // A quotation mark within comes as %22.
            Some(quoted) => quoted.split_once('"')?,
            None => value.split_once(';').unwrap_or((value, "")),
        };
        let key = key.trim_matches([';', ' ']).to_ascii_lowercase();
        match key.as_str() {
            "name" => field = Some(value.to_owned()),
            "filename" | "filename*" => file = Some(value.to_owned()),
            _ => {}
        }
        rest = left;
    }
    Some((field?, file))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: &str = "multipart/form-data; boundary=----Form9";

    fn sieve(kind: &'static str) -> Option<Sieve> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
        Sieve::of(&headers)
    }

    fn part(says: &str, content: &[u8]) -> Vec<u8> {
        let head = format!("------Form9\r\nContent-Disposition: form-data; {says}\r\n\r\n");
        [head.as_bytes(), content, b"\r\n"].concat()
    }

    fn body(parts: &[Vec<u8>]) -> Vec<u8> {
        [&parts.concat()[..], b"------Form9--\r\n"].concat()
    }

    fn sifted(body: &[u8], chunk: usize) -> Option<Sifted> {
        let mut sieve = sieve(KIND).expect("a form with files");
        for chunk in body.chunks(chunk) {
            sieve.take(chunk);
            assert!(sieve.rest.len() <= HEAD_MOST, "{}", sieve.rest.len());
        }
        sieve.end()
    }

    #[test]
    fn what_was_typed_before_and_behind_the_files_is_found_however_the_body_is_cut() {
        // The file holds what looks like the beginning of a boundary.
        let photo = b"\xFF\xD8\r\n------Form\r\n\r\n--\r\n\0".repeat(40);
        let body = body(&[
            part("name=\"licence\"; filename=\"a=b; c.jpg\"", &photo),
            part("name=\"id_front\"; filename=\"\"", b""),
            part("name=\"name\"", "沧州市示例商贸有限公司".as_bytes()),
            part("name=\"page\"; filename*=utf-8''b.pdf", b"x"),
            part("name=\"note\"", b"one\r\ntwo\r\n"),
            part("name=\"email\"", b""),
        ]);
        let file = |field: &str, name: &str, bytes| LostFile {
            field: field.to_owned(),
            name: name.to_owned(),
            bytes,
        };
        let typed = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let found = Sifted {
            fields: vec![
                typed("name", "沧州市示例商贸有限公司"),
                typed("note", "one\r\ntwo\r\n"),
                typed("email", ""),
            ],
            files: vec![
                file("licence", "a=b; c.jpg", photo.len()),
                file("page", "utf-8''b.pdf", 1),
            ],
        };
        for chunk in [1, 2, 7, 64, 1000, body.len()] {
            assert_eq!(sifted(&body, chunk).as_ref(), Some(&found), "{chunk}");
        }
        assert_eq!(sifted(&body[..body.len() - 6], 64), None, "cut off");
    }

    #[test]
    fn nothing_that_no_form_holds_is_waited_for() {
        let long = vec![b'x'; MOST + 1];
        let heavy = body(&[part("name=\"note\"", &long)]);
        assert_eq!(sifted(&heavy, 1000), None);
        let many = vec![part("name=\"n\"", b""); MOST / PART];
        assert_eq!(sifted(&body(&many), 1000), None);
        let endless = [&b"------Form9\r\nContent-Disposition: "[..], &long].concat();
        assert_eq!(sifted(&endless, 1000), None);
        let unmarked = vec![b'\r'; 3 * HEAD_MOST];
        assert_eq!(sifted(&unmarked, 1000), None);
        let nameless = body(&[part("filename=\"a.jpg\"", b"x")]);
        assert_eq!(sifted(&nameless, 1000), None);
    }

    #[test]
    fn only_a_form_with_files_is_sifted() {
        for (kind, is_one) in [
            (KIND, true),
            ("multipart/form-data; charset=utf-8; boundary=\"x\"", true),
            ("multipart/form-data", false),
            ("multipart/form-data; boundary=", false),
            ("multipart/mixed; boundary=x", false),
            ("application/x-www-form-urlencoded", false),
        ] {
            assert_eq!(sieve(kind).is_some(), is_one, "{kind}");
        }
    }
}

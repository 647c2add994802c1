//! What was typed 已填内容: kept while its request lives, so that the page that says that it could not be taken offers it once more.

use std::sync::{Arc, OnceLock};

use application::ports::pictures::MAX_UPLOAD_BYTES;

use crate::{
    posted::Posted,
    sieve::{LostFile, Sifted},
    words,
};

/// A posted form. Its token goes along as it came: one that was forged is refused once more.
#[derive(Clone, Debug, Default)]
pub(crate) struct Typed(Arc<OnceLock<Kept>>);

/// What is offered once more.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub fields: Vec<(String, String)>,
    /// Files that were sent along and are gone: they have to be chosen again.
    pub files: Vec<LostFile>,
    /// A password or a code was typed too.
    secrets: bool,
    /// Bytes that the door of the form takes.
    most: usize,
}

const MB: usize = 1024 * 1024;

/// Larger than what anybody types into a form.
pub(crate) const MOST: usize = 64 * 1024;

/// What no page ever shows again: it is typed anew.
fn is_secret(name: &str, value: &str) -> bool {
    match name {
        "password" | "password_again" | "current_password" | "sms_code" | "captcha" => true,
        // 动态验证码 and recovery codes; a 统一社会信用代码 is longer.
        "code" => value.chars().count() < 18,
        _ => false,
    }
}

/// Whether the page of this error offers a form whose files are gone.
pub(crate) fn is_offered(code: &str) -> bool {
    matches!(code, "too_large" | "upload.no_room")
}

impl Typed {
    /// Of a form with a file that arrived nothing is kept: sent again, it would go without its file, and nobody would be told.
    pub(crate) fn keep(&self, posted: &Posted) {
        let fields = posted.pairs();
        let length: usize = fields
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        if length > MOST || posted.has_files() {
            return;
        }
        self.put(fields.to_vec(), Vec::new(), 0);
    }

    /// Of a form whose files nobody read, for a door that takes so many bytes: the page asks for them again.
    pub(crate) fn keep_sifted(&self, sifted: Sifted, most: usize) {
        self.put(sifted.fields, sifted.files, most);
    }

    fn put(&self, mut fields: Vec<(String, String)>, files: Vec<LostFile>, most: usize) {
        let secrets = fields
            .iter()
            .any(|(name, value)| is_secret(name, value) && !value.is_empty());
        fields.retain(|(name, value)| !is_secret(name, value));
        self.0
            .set(Kept {
                fields,
                files,
                secrets,
                most,
            })
            .ok();
    }

    /// The form, when it was kept.
    pub(crate) fn kept(&self) -> Option<&Kept> {
        self.0.get()
    }
}

impl Kept {
    /// Which file is too large, or that all of them are together, how much may be sent, and what is still there.
    pub(crate) fn too_large(&self) -> String {
        // Beside its files a form has a megabyte for what is typed.
        let all = (self.most / MB).saturating_sub(1);
        let each = all.min(MAX_UPLOAD_BYTES / MB);
        let large = self.files.iter().filter(|file| file.bytes > each * MB);
        let large: Vec<String> = large
            .map(|file| format!("“{}”（{} MB）", file.shown(), file.size()))
            .collect();
        let (code, what) = if large.is_empty() {
            let sum = self.files.iter().map(|file| file.bytes).sum();
            ("too_large.files", in_mb(sum))
        } else {
            ("too_large.file", large.join("、"))
        };
        let params = [
            ("what", what),
            ("each", each.to_string()),
            ("all", all.to_string()),
        ];
        let mut text = words::text(code, &params);
        if self.secrets {
            text.push_str(&words::text("too_large.secrets", &[]));
        }
        text
    }
}

impl LostFile {
    /// Its name, without the folders that old browsers send along.
    pub(crate) fn shown(&self) -> &str {
        match self.name.rsplit(['\\', '/']).next() {
            Some(name) if !name.is_empty() => name,
            _ => "未命名文件",
        }
    }

    /// In megabytes.
    pub(crate) fn size(&self) -> String {
        in_mb(self.bytes)
    }
}

/// Rounded up: what is over the limit does not look as if it were at it.
fn in_mb(bytes: usize) -> String {
    let tenths = (bytes * 10).div_ceil(MB);
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(posted: &Posted) -> Option<Vec<(String, String)>> {
        let typed = Typed::default();
        typed.keep(posted);
        typed.kept().map(|kept| kept.fields.clone())
    }

    #[test]
    fn a_form_is_kept_without_its_secrets_and_never_without_its_file() {
        let form = [
            ("_csrf", "t"),
            ("address", "装备大街 108 号"),
            ("password", "Kuaile#2037x"),
            ("password_again", "Kuaile#2037x"),
            ("current_password", "Kuaile#2037x"),
            ("sms_code", "123456"),
            ("captcha", "37"),
            ("code", "123456"),
        ];
        let shown = [("_csrf", "t"), ("address", "装备大街 108 号")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(kept(&Posted::of(&form)).as_deref(), Some(&shown[..]));
        let none_chosen = Posted::of(&form).with_file(false);
        assert_eq!(kept(&none_chosen).as_deref(), Some(&shown[..]));
        assert_eq!(kept(&Posted::of(&form).with_file(true)), None);
        let long = "长".repeat(MOST);
        assert_eq!(kept(&Posted::of(&[("opinion", long.as_str())])), None);
    }

    #[test]
    fn a_form_whose_files_were_too_large_says_which_and_how_much_may_be_sent() {
        let said = |most: usize, files: &[(&str, usize)], secret: &str| {
            let files = files.iter().map(|(name, bytes)| LostFile {
                field: "page".to_owned(),
                name: (*name).to_owned(),
                bytes: *bytes,
            });
            let fields = [("password", secret), ("note", "见附件")];
            let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let typed = Typed::default();
            let sifted = Sifted {
                fields: fields.into(),
                files: files.collect(),
            };
            typed.keep_sifted(sifted, most);
            let kept = typed.kept().expect("it was kept");
            assert_eq!(kept.fields, [("note".to_owned(), "见附件".to_owned())]);
            kept.too_large()
        };
        let photos = [("C:\\DCIM\\a.jpg", 60 * MB), ("b.jpg", MB), ("", 12 * MB)];
        let text = said(31 * MB, &photos, "Kuaile#2037x");
        assert!(
            text.contains("“a.jpg”（60.0 MB）、“未命名文件”（12.0 MB）"),
            "{text}"
        );
        assert!(!text.contains("b.jpg"), "{text}");
        assert!(text.contains("不超过 10 MB"), "{text}");
        assert!(text.contains("密码和验证码需要重新填写"), "{text}");
        let sheet = said(6 * MB, &[("a.xlsx", 5 * MB + 1)], "");
        assert!(sheet.contains("“a.xlsx”（5.1 MB）"), "{sheet}");
        assert!(sheet.contains("不超过 5 MB"), "{sheet}");
        assert!(!sheet.contains("密码"), "{sheet}");
        let pages = said(31 * MB, &[("a.jpg", 9 * MB); 4], "");
        assert!(pages.contains("合计 36.0 MB"), "{pages}");
        assert!(pages.contains("一次提交 30 MB"), "{pages}");
    }
}

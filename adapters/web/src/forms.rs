//! Form model 表单: what a page says about its controls, in the shape that `templates/parts` expects.
//!
//! A handler builds a [`FormView`] of [`Field`]s, puts it into the page context as `form`, and the
//! template writes `{{ <ui.field field={form.fields.phone} /> }}`. The error summary comes from the
//! fields themselves, so the words above and beside a control cannot differ.

use serde::Serialize;
use serde::ser::{SerializeMap, SerializeStruct, Serializer};

/// Kind of control 控件种类; decides which part draws the field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    #[default]
    Text,
    Tel,
    Number,
    Password,
    Textarea,
    Select,
    Checkbox,
    Radio,
    /// Several boxes under one legend.
    Checks,
    /// Plain multipart file input without preview.
    File,
    Hidden,
    /// Shown, not editable; posts nothing.
    Static,
    Cascade,
    Sms,
    Captcha,
    Upload,
    /// Several files in order, each with its own 删除.
    Uploads,
    Agreement,
}

/// One choice 选项 of a select, radio group or group of boxes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Choice {
    pub value: String,
    pub label: String,
    pub hint: String,
    pub disabled: bool,
}

impl Choice {
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
            ..Self::default()
        }
    }

    /// Second line under the label of a radio or box.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

impl<V: Into<String>, L: Into<String>> From<(V, L)> for Choice {
    fn from((value, label): (V, L)) -> Self {
        Self::new(value, label)
    }
}

/// What the button 获取验证码 needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SmsPart {
    /// JSON door that sends a code (script only); without script the button posts `_action=send_code`.
    pub url: String,
    /// Names of the form fields that are posted to `url`, separated by commas.
    pub with: String,
    /// Purpose of the code, posted as `purpose`.
    pub purpose: String,
    /// Seconds until another code may be asked for; 0 when it may be asked for now.
    pub wait: u32,
    /// Line under the button, such as where the code went.
    pub sent: String,
    /// Name of the field that takes the code; empty when it is the one with the button.
    pub code: String,
}

/// What the image captcha 图形验证码 needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaptchaPart {
    /// Address of the picture; a refresh adds a `t=` parameter.
    pub image: String,
    /// Words of the button that asks for the way without eyes, sent as `_action=other_captcha` (empty when there is none).
    pub other_label: String,
}

/// What an upload 上传 with preview needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UploadPart {
    /// JSON door that takes one file (script only); empty: the file goes with the form.
    pub url: String,
    /// Address of the picture stored so far; empty when there is none.
    pub preview: String,
    /// Words for what is stored so far, such as 已上传 2026-03-05 09:30.
    pub stored: String,
    /// JSON and form door that forgets the stored file; empty when it cannot be removed.
    pub delete_url: String,
    /// JSON door that reads the stored photo and proposes values for the fields; empty when it is not read.
    pub read_url: String,
    /// Largest size in bytes, checked again on the server.
    pub max_bytes: u64,
    /// Samples of good and bad photos: `licence`, `id-front`, `id-back` or empty.
    pub sample: String,
}

/// What several uploads 多个文件 of one field need.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UploadsPart {
    /// JSON door that takes one file (script only); without script the files go with the form.
    pub url: String,
    /// JSON door that forgets one stored file; without script the form does.
    pub delete_url: String,
    /// Largest size of each in bytes, checked again on the server.
    pub max_bytes: u64,
    /// So many at most.
    pub most: usize,
    /// What is stored so far, in order.
    pub files: Vec<StoredFile>,
}

/// One stored file 已上传的文件.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StoredFile {
    pub id: String,
    /// What it is, how large and when it came: its own name was not kept.
    pub name: String,
    /// Where it is opened; empty when it is gone.
    pub href: String,
    /// Shown small.
    pub picture: bool,
}

/// What one agreement 协议 needs: opened and read before its box can be ticked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AgreementPart {
    pub code: String,
    /// Words before the title, such as 请仔细阅读并同意.
    pub lead: String,
    /// Title as printed, with its 《》.
    pub title: String,
    /// Address of the full text.
    pub href: String,
    /// Whether the server has seen the text opened in this session.
    pub read: bool,
}

/// One field 字段 of a form, with everything its part prints.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one HTML attribute of the control"
)]
pub struct Field {
    pub kind: Kind,
    pub name: String,
    /// Id of the (first) control; hint and error ids follow from it.
    pub id: String,
    pub label: String,
    pub value: String,
    /// Ticked values of a group of boxes.
    pub values: Vec<String>,
    pub hint: String,
    /// What a photo said of the value, such as 已识别; empty when it says nothing.
    pub mark: String,
    /// Whether the mark asks for a look.
    pub mark_doubtful: bool,
    pub error: String,
    pub required: bool,
    /// Printed as `*期望融资金额:`, the star before the label and a colon after it, as the manual prints some forms.
    pub star_first: bool,
    pub checked: bool,
    pub disabled: bool,
    pub readonly: bool,
    pub autocomplete: String,
    pub inputmode: String,
    pub unit: String,
    pub placeholder: String,
    /// 0 means no limit.
    pub maxlength: u32,
    pub rows: u32,
    /// `s` (short codes), `m` (numbers, names) or empty (full width).
    pub width: String,
    pub accept: String,
    pub options: Vec<Choice>,
    /// Selects of a cascade, outermost first.
    pub levels: Vec<Field>,
    /// JSON door of a cascade: `?parent=` is added.
    pub source: String,
    pub sms: Option<SmsPart>,
    pub captcha: Option<CaptchaPart>,
    pub upload: Option<UploadPart>,
    pub uploads: Option<UploadsPart>,
    pub agreement: Option<AgreementPart>,
}

impl Field {
    pub fn new(kind: Kind, name: impl Into<String>, label: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            kind,
            id: format!("f-{name}"),
            name,
            label: label.into(),
            rows: 4,
            ..Self::default()
        }
    }

    pub fn text(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(Kind::Text, name, label)
    }

    /// Mobile number 手机号: numeric keypad, eleven digits.
    pub fn phone(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(Kind::Tel, name, label)
            .autocomplete("tel-national")
            .inputmode("tel")
            .maxlength(20)
            .width("m")
    }

    /// Decimal number with its unit 单位 in an attached box.
    pub fn number(
        name: impl Into<String>,
        label: impl Into<String>,
        unit: impl Into<String>,
    ) -> Self {
        let mut field = Self::new(Kind::Number, name, label)
            .inputmode("decimal")
            .width("m");
        field.unit = unit.into();
        field
    }

    /// Password; `autocomplete` is `new-password` or `current-password`. Its value is never printed.
    pub fn password(
        name: impl Into<String>,
        label: impl Into<String>,
        autocomplete: impl Into<String>,
    ) -> Self {
        Self::new(Kind::Password, name, label)
            .autocomplete(autocomplete)
            .maxlength(64)
    }

    pub fn textarea(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(Kind::Textarea, name, label)
    }

    /// A select; `placeholder` is the first, empty option, such as 请选择支行.
    pub fn select(
        name: impl Into<String>,
        label: impl Into<String>,
        placeholder: impl Into<String>,
    ) -> Self {
        Self::new(Kind::Select, name, label).placeholder(placeholder)
    }

    pub fn checkbox(name: impl Into<String>, label: impl Into<String>) -> Self {
        let mut field = Self::new(Kind::Checkbox, name, label);
        "1".clone_into(&mut field.value);
        field
    }

    pub fn radio(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(Kind::Radio, name, label)
    }

    /// Several boxes with one name, such as the items of 退回补充.
    pub fn checks(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(Kind::Checks, name, label)
    }

    pub fn file(
        name: impl Into<String>,
        label: impl Into<String>,
        accept: impl Into<String>,
    ) -> Self {
        let mut field = Self::new(Kind::File, name, label);
        field.accept = accept.into();
        field
    }

    pub fn hidden(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self::new(Kind::Hidden, name, "").value(value)
    }

    /// A value that is shown in the form but cannot be changed there.
    pub fn fixed(
        name: impl Into<String>,
        label: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        Self::new(Kind::Static, name, label).value(value)
    }

    /// Cascading selects 级联选择. `levels` are selects made with [`Field::select`], outermost first;
    /// a level without options is drawn disabled. Without script a 下一级 button posts `_action=next_level`.
    pub fn cascade(
        name: impl Into<String>,
        legend: impl Into<String>,
        source: impl Into<String>,
        levels: Vec<Field>,
    ) -> Self {
        let mut field = Self::new(Kind::Cascade, name, legend);
        field.source = source.into();
        field.levels = levels;
        if let Some(first) = field.levels.first() {
            field.id.clone_from(&first.id);
        }
        field
    }

    /// Code field with the button 获取验证码.
    pub fn sms(name: impl Into<String>, label: impl Into<String>, sms: SmsPart) -> Self {
        let mut field = Self::code(name, label).sends(sms);
        field.kind = Kind::Sms;
        field
    }

    /// Code field alone; the button stands at the field that [`Field::sends`] the code.
    pub fn code(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::text(name, label)
            .autocomplete("one-time-code")
            .inputmode("numeric")
            .maxlength(6)
    }

    pub fn captcha(
        name: impl Into<String>,
        label: impl Into<String>,
        image: impl Into<String>,
    ) -> Self {
        let mut field = Self::new(Kind::Captcha, name, label)
            .autocomplete("off")
            .maxlength(8);
        field.captcha = Some(CaptchaPart {
            image: image.into(),
            other_label: String::new(),
        });
        field
    }

    /// Photo or file with preview and progress; `accept` as in HTML.
    pub fn upload(
        name: impl Into<String>,
        label: impl Into<String>,
        accept: impl Into<String>,
        upload: UploadPart,
    ) -> Self {
        let mut field = Self::file(name, label, accept);
        field.kind = Kind::Upload;
        field.upload = Some(upload);
        field
    }

    /// Several files under one name, each shown with its own 删除.
    pub fn uploads(
        name: impl Into<String>,
        label: impl Into<String>,
        accept: impl Into<String>,
        uploads: UploadsPart,
    ) -> Self {
        let mut field = Self::file(name, label, accept);
        field.kind = Kind::Uploads;
        field.uploads = Some(uploads);
        field
    }

    /// One agreement with its own box; `label` becomes lead and title.
    pub fn agreement(name: impl Into<String>, agreement: AgreementPart) -> Self {
        let label = format!("{}{}", agreement.lead, agreement.title);
        let mut field = Self::new(Kind::Agreement, name, label).required();
        "1".clone_into(&mut field.value);
        field.agreement = Some(agreement);
        field
    }

    /// The button 获取验证码 beside this control, such as the phone that the code goes to.
    #[must_use]
    pub fn sends(mut self, sms: SmsPart) -> Self {
        self.sms = Some(sms);
        self
    }

    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    #[must_use]
    pub fn values(mut self, values: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.values = values.into_iter().map(Into::into).collect();
        self
    }

    #[must_use]
    pub fn checked(mut self, checked: bool) -> Self {
        self.checked = checked;
        self
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// What a photo said of the value 识别标记.
    pub fn mark(&mut self, words: impl Into<String>, doubtful: bool) {
        self.mark = words.into();
        self.mark_doubtful = doubtful;
    }

    /// Error text 错误提示; the summary repeats it.
    #[must_use]
    pub fn error(mut self, error: impl Into<String>) -> Self {
        self.error = error.into();
        self
    }

    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    #[must_use]
    pub fn disabled(mut self, disabled: bool) -> Self {
        self.disabled = disabled;
        self
    }

    #[must_use]
    pub fn readonly(mut self) -> Self {
        self.readonly = true;
        self
    }

    #[must_use]
    pub fn autocomplete(mut self, autocomplete: impl Into<String>) -> Self {
        self.autocomplete = autocomplete.into();
        self
    }

    #[must_use]
    pub fn inputmode(mut self, inputmode: impl Into<String>) -> Self {
        self.inputmode = inputmode.into();
        self
    }

    #[must_use]
    pub fn placeholder(mut self, placeholder: impl Into<String>) -> Self {
        self.placeholder = placeholder.into();
        self
    }

    #[must_use]
    pub fn maxlength(mut self, maxlength: u32) -> Self {
        self.maxlength = maxlength;
        self
    }

    #[must_use]
    pub fn rows(mut self, rows: u32) -> Self {
        self.rows = rows;
        self
    }

    #[must_use]
    pub fn width(mut self, width: impl Into<String>) -> Self {
        self.width = width.into();
        self
    }

    #[must_use]
    pub fn options(mut self, options: impl IntoIterator<Item = impl Into<Choice>>) -> Self {
        self.options = options.into_iter().map(Into::into).collect();
        self
    }

    /// Chosen already where there is no other option.
    #[must_use]
    pub fn only_option(mut self) -> Self {
        if let [only] = self.options.as_slice() {
            self.value.clone_from(&only.value);
        }
        self
    }

    /// Non-visual way past the captcha.
    #[must_use]
    pub fn other_way(mut self, label: impl Into<String>) -> Self {
        if let Some(captcha) = &mut self.captcha {
            captcha.other_label = label.into();
        }
        self
    }

    fn take(&mut self, posted: &[(String, String)]) {
        let last = |name: &str| posted.iter().rev().find(|(key, _)| key == name);
        match self.kind {
            Kind::Checkbox | Kind::Agreement => self.checked = last(&self.name).is_some(),
            Kind::Checks => {
                self.values = posted
                    .iter()
                    .filter(|(key, _)| *key == self.name)
                    .map(|(_, value)| value.clone())
                    .collect();
            }
            Kind::Cascade => self.levels.iter_mut().for_each(|level| level.take(posted)),
            Kind::Password
            | Kind::Captcha
            | Kind::File
            | Kind::Upload
            | Kind::Uploads
            | Kind::Static
            | Kind::Hidden => {}
            // The answer to one question is none to the next.
            _ if self.name == "captcha" => {}
            _ => {
                if let Some((_, value)) = last(&self.name) {
                    self.value.clone_from(value);
                }
            }
        }
    }
}

/// One line of the error summary 错误汇总.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Fragment of the control, such as `#f-phone`; empty when the problem is the whole form's.
    pub href: String,
    pub text: String,
}

/// A form 表单 as a page prints it: fields in order, by name.
#[derive(Clone, Debug, Default)]
pub struct FormView {
    action: String,
    key: String,
    star_first: bool,
    fields: Vec<Field>,
    problems: Vec<String>,
}

impl FormView {
    pub fn new(action: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            ..Self::default()
        }
    }

    /// Idempotency key 防重复提交; printed as the hidden field `_key`.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = key.into();
        self
    }

    /// Labels as the manual prints them on 需求申请 and 完善信息: `*期望融资金额:`. Said before the first field.
    #[must_use]
    pub fn star_first(mut self) -> Self {
        self.star_first = true;
        self
    }

    #[must_use]
    pub fn with(mut self, field: Field) -> Self {
        self.push(field);
        self
    }

    pub fn push(&mut self, mut field: Field) {
        field.star_first = self.star_first;
        self.fields.push(field);
    }

    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    pub fn field_mut(&mut self, name: &str) -> Option<&mut Field> {
        self.fields
            .iter_mut()
            .flat_map(|field| {
                // A level of a cascade is found by its own name too.
                if field.name == name {
                    vec![field]
                } else {
                    field.levels.iter_mut().collect()
                }
            })
            .find(|field| field.name == name)
    }

    /// Keeps what was typed: values by name, boxes ticked or not. Passwords, captcha answers, files
    /// and hidden values stay as the server built them.
    #[must_use]
    pub fn fill(mut self, posted: &[(String, String)]) -> Self {
        self.fields.iter_mut().for_each(|field| field.take(posted));
        self
    }

    /// Puts an error on a field, by name; on the whole form when there is no such field.
    pub fn fail(&mut self, name: &str, text: impl Into<String>) {
        let text = text.into();
        match self.field_mut(name) {
            Some(field) => field.error = text,
            None => self.problems.push(text),
        }
    }

    /// A field carries the mark of 必填: only then the note that explains it stands above.
    fn is_marked(&self) -> bool {
        let marked = |field: &Field| field.required || field.levels.iter().any(|l| l.required);
        self.fields.iter().any(marked)
    }

    /// An error that belongs to no single field.
    pub fn problem(&mut self, text: impl Into<String>) {
        self.problems.push(text.into());
    }

    /// Lines of the summary: the form's own first, then the fields' in page order.
    pub fn problems(&self) -> Vec<Problem> {
        let own = self.problems.iter().map(|text| Problem {
            href: String::new(),
            text: text.clone(),
        });
        let fields = self
            .fields
            .iter()
            .flat_map(|field| std::iter::once(field).chain(field.levels.iter()))
            .filter(|field| !field.error.is_empty())
            .map(|field| Problem {
                href: format!("#{}", field.id),
                text: field.error.clone(),
            });
        own.chain(fields).collect()
    }

    pub fn has_errors(&self) -> bool {
        !self.problems().is_empty()
    }
}

struct ByName<'a>(&'a [Field]);

impl Serialize for ByName<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for field in self.0 {
            map.serialize_entry(&field.name, field)?;
        }
        map.end()
    }
}

impl Serialize for FormView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut form = serializer.serialize_struct("FormView", 5)?;
        form.serialize_field("action", &self.action)?;
        form.serialize_field("key", &self.key)?;
        form.serialize_field("fields", &ByName(&self.fields))?;
        form.serialize_field("errors", &self.problems())?;
        form.serialize_field("marked", &self.is_marked())?;
        form.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posted(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn the_summary_repeats_the_words_at_the_field_and_links_to_its_first_control() {
        let form = FormView::new("/register").with(
            Field::cascade(
                "address",
                "注册地址",
                "/api-lite/regions",
                vec![Field::select("province", "省份", "请选择省份")],
            )
            .error("请选择注册地址"),
        );
        assert_eq!(
            form.problems(),
            vec![Problem {
                href: "#f-province".to_owned(),
                text: "请选择注册地址".to_owned()
            }]
        );
    }

    #[test]
    fn what_was_typed_is_kept_but_passwords_and_hidden_values_are_not_taken_over() {
        let form = FormView::new("/register")
            .with(Field::text("company_name", "企业全称"))
            .with(Field::password("password", "密码", "new-password"))
            .with(Field::hidden("product", "p-1"))
            .with(Field::checkbox("agree", "同意"))
            .fill(&posted(&[
                ("company_name", "沧州示例有限公司"),
                ("password", "Secret#123"),
                ("product", "p-2"),
                ("agree", "1"),
            ]));
        assert_eq!(
            form.field("company_name").unwrap().value,
            "沧州示例有限公司"
        );
        assert_eq!(form.field("password").unwrap().value, "");
        assert_eq!(form.field("product").unwrap().value, "p-1");
        assert!(form.field("agree").unwrap().checked);
    }

    #[test]
    fn an_error_on_an_unknown_name_still_reaches_the_reader() {
        let mut form = FormView::new("/login").with(Field::text("account", "账号"));
        form.fail("nowhere", "账号或密码不正确，请重新输入。");
        assert_eq!(form.problems()[0].href, "");
        assert!(form.has_errors());
    }

    #[test]
    fn fields_are_printed_in_the_order_they_were_added() {
        let form = FormView::new("/x")
            .with(Field::text("zebra", "一"))
            .with(Field::text("apple", "二"));
        let text = serde_json::to_string(&form).unwrap();
        assert!(text.find("zebra").unwrap() < text.find("apple").unwrap());
    }
}

//! 消息文案: what an in-site message says, in the city's own words. A message has blanks that the program fills; a text may use those of
//! its message and no others, and may not leave out the facts that a reader acts on.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use domain::values::FreeText;

use crate::{
    city::City,
    error::{Checks, FieldError},
    ports::notice_words::NoticeWords,
};

/// Signs of a title, and of the text under it.
pub const MOST_TITLE: usize = 40;
pub const MOST_BODY: usize = 300;

/// What stands before the code of a message in the codes of its texts.
const HEAD: &str = "notice.";

/// Title and text of a message, with blanks by their codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wording {
    pub title: String,
    pub body: String,
}

impl Wording {
    /// As it is shipped; `None`: there is no such message.
    pub fn shipped(words: &dyn NoticeWords, message: &str) -> Option<Self> {
        Some(Self {
            title: words.shipped(&title_code(message))?,
            body: words.shipped(&body_code(message))?,
        })
    }

    /// With the Chinese names of the blanks, as people read and type it.
    #[must_use]
    pub fn to_people(&self) -> Self {
        self.each(|text| mapped(text, |name| blank(name).map(|blank| braced(blank.zh))))
    }

    /// Filled with samples.
    #[must_use]
    pub fn sampled(&self) -> Self {
        self.each(|text| {
            mapped(text, |name| {
                blank(name).map(|blank| blank.sample.to_owned())
            })
        })
    }

    fn each(&self, change: impl Fn(&str) -> String) -> Self {
        Self {
            title: change(&self.title),
            body: change(&self.body),
        }
    }

    /// Codes of its blanks, each once, in the order in which they come.
    pub fn blanks(&self) -> Vec<&str> {
        let mut all = Vec::new();
        for name in blanks(&self.title).chain(blanks(&self.body)) {
            if !all.contains(&name) {
                all.push(name);
            }
        }
        all
    }
}

pub(crate) fn title_code(message: &str) -> String {
    format!("{HEAD}{message}.title")
}

pub(crate) fn body_code(message: &str) -> String {
    format!("{HEAD}{message}.body")
}

/// Every message by its code, such as `submit`, in the order of the codes.
pub fn messages(words: &dyn NoticeWords) -> Vec<String> {
    let all = words.codes();
    let titles = all
        .iter()
        .filter_map(|code| code.strip_prefix(HEAD)?.strip_suffix(".title"));
    titles.map(str::to_owned).collect()
}

/// A blank 占位: what it is called on the page, and what stands there in an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blank {
    pub code: &'static str,
    pub zh: &'static str,
    pub sample: &'static str,
    /// Whoever reads the message acts on it: a text does not leave it out.
    pub fact: bool,
}

const fn word(code: &'static str, zh: &'static str, sample: &'static str) -> Blank {
    Blank {
        code,
        zh,
        sample,
        fact: false,
    }
}

const fn fact(code: &'static str, zh: &'static str, sample: &'static str) -> Blank {
    Blank {
        code,
        zh,
        sample,
        fact: true,
    }
}

/// Every blank of every message.
pub const BLANKS: &[Blank] = &[
    fact("no", "编号", "PO20261126001"),
    fact("reference", "受理编号", "R2026112601"),
    fact("number", "导出编号", "E2026112601"),
    fact("due", "时限", "2026-12-01 09:30"),
    fact("until", "截止时间", "2026-12-11 09:30"),
    fact("opinion", "审核意见", "同意授信，请准备签约材料。"),
    fact("why", "说明", "没有在 24 小时内完成人脸核验"),
    fact("reason", "原因", "内容涉及个人信息"),
    fact("note", "意见", "请补充最近三个月的流水。"),
    fact("hotline", "客服电话", "400-000-1234"),
    fact("days", "剩余天数", "36"),
    fact("year", "年份", "2027"),
    fact("rows", "户数", "36"),
    fact("sent", "已发送条数", "1680"),
    fact("budget", "每日上限", "2000"),
    fact("from", "生效日期", "2026-12-01"),
    fact("sum", "本笔金额", "80,000.00 元"),
    fact("on", "本笔日期", "2026-11-25"),
    fact("was_sum", "更正前金额", "50,000.00 元"),
    fact("was_on", "更正前日期", "2026-11-24"),
    word("enterprise", "企业名称", "示例管道装备有限公司"),
    word("branch", "支行", "示例银行城区支行"),
    word("name", "提出人", "宋知远"),
    word("checker", "复核人", "卫之行"),
    word("kind", "类别", "冻结"),
    word("clock", "办理环节", "接单"),
    word("holder", "客户经理", "钱云诚"),
    word("product", "产品名称", "惠民抵押贷"),
    word("who", "办理人", "示例银行城区支行钱云诚"),
    word("about", "投诉对象", "示例银行城区支行"),
    word("title", "标题", "个人信息授权书"),
    word("at", "发生时间", "2026-11-26 09:30"),
    word("node", "单位", "示例银行城区支行"),
    word("month", "月份", "2026 年 10 月"),
    word("to", "转入支行", "示例银行新华支行"),
    word("rule", "设置名称", "短信每日上限"),
    word("institution", "机构名称", "示例银行"),
    word("amount", "金额", "300"),
    word("verb", "进度", "支行已开始尽调"),
    word("provider", "服务商", "短信服务商"),
    word("bank", "银行", "示例银行"),
    word("by", "提交人", "宋知远"),
];

pub fn blank(code: &str) -> Option<&'static Blank> {
    BLANKS.iter().find(|blank| blank.code == code)
}

fn braced(name: &str) -> String {
    format!("{{{name}}}")
}

/// Names between braces.
fn blanks(text: &str) -> impl Iterator<Item = &str> {
    let after = text.split('{').skip(1);
    after.filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

/// Puts something into the place of every blank, once; what is put there is not looked through again.
fn mapped(text: &str, of: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, behind)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        out.push_str(&of(name).unwrap_or_else(|| braced(name)));
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// The text as it is stored: blanks by their codes, whichever of their names was typed.
fn to_codes(text: &str) -> String {
    mapped(text, |name| {
        let name = name.trim();
        let known = BLANKS.iter().find(|b| b.zh == name || b.code == name);
        known.map(|blank| braced(blank.code))
    })
}

/// What is wrong with the blanks of a text of a message.
fn fault(field: &'static str, text: &str, usual: &[&str]) -> Option<FieldError> {
    let mut depth = 0_u8;
    let mut odd = text.contains('｛') || text.contains('｝');
    for sign in text.chars() {
        match sign {
            '{' if depth == 0 => depth = 1,
            '}' if depth == 1 => depth = 0,
            '{' | '}' => odd = true,
            _ => {}
        }
    }
    if odd || depth > 0 {
        return Some(FieldError::new(field, "city_rule.text_braces"));
    }
    let unknown = blanks(text).find(|name| !usual.contains(name))?;
    let zh = blank(unknown).map_or(unknown, |blank| blank.zh);
    let error = FieldError::new(field, "city_rule.text_unknown").with("blank", zh);
    Some(error.with("blanks", listed(usual.iter().copied())))
}

/// {编号}、{时限}.
fn listed<'a>(codes: impl Iterator<Item = &'a str>) -> String {
    let names = codes.map(|code| braced(blank(code).map_or(code, |blank| blank.zh)));
    let names: Vec<String> = names.collect();
    if names.is_empty() {
        return "没有".to_owned();
    }
    names.join("、")
}

/// A text as it was typed.
pub(super) fn read(
    checks: &mut Checks,
    (title, body): (&str, &str),
    usual: &Wording,
) -> Option<Wording> {
    let title = checks.take("text_title", FreeText::<MOST_TITLE>::parse(title));
    let body = checks.take("text_body", FreeText::<MOST_BODY>::parse(body));
    let usual = usual.blanks();
    if title
        .as_ref()
        .is_some_and(|title| title.as_str().contains('\n'))
    {
        checks.push(FieldError::new("text_title", "city_rule.text_lines"));
        return None;
    }
    let wording = Wording {
        title: to_codes(title.as_ref().map_or("", FreeText::as_str)),
        body: to_codes(body.as_ref().map_or("", FreeText::as_str)),
    };
    let of_title = fault("text_title", &wording.title, &usual);
    let of_body = fault("text_body", &wording.body, &usual);
    let faulty = of_title.is_some() || of_body.is_some();
    of_title
        .into_iter()
        .chain(of_body)
        .for_each(|error| checks.push(error));
    if faulty || title.is_none() || body.is_none() {
        return None;
    }
    let used = wording.blanks();
    let lost = usual
        .iter()
        .copied()
        .filter(|code| blank(code).is_some_and(|blank| blank.fact) && !used.contains(code));
    let lost: Vec<&str> = lost.collect();
    if !lost.is_empty() {
        let error = FieldError::new("text_body", "city_rule.text_lost");
        checks.push(error.with("blanks", listed(lost.into_iter())));
        return None;
    }
    Some(wording)
}

/// The texts as a city has them: its own where it changed them, else those that are shipped.
#[derive(Clone)]
pub struct CityWords {
    base: Arc<dyn NoticeWords>,
    own: Arc<BTreeMap<String, String>>,
}

impl CityWords {
    pub fn new(base: Arc<dyn NoticeWords>, city: Option<&City>) -> Self {
        Self {
            base,
            own: city.map_or_else(Arc::default, |city| city.notice_texts.clone()),
        }
    }
}

impl NoticeWords for CityWords {
    fn text(&self, code: &str, params: &[(&'static str, String)]) -> String {
        let Some(own) = self.own.get(code) else {
            return self.base.text(code, params);
        };
        let of = |name: &str| params.iter().find(|(known, _)| *known == name);
        // A blank that this program no longer fills: nobody is sent a message with a hole.
        if blanks(own).any(|name| of(name).is_none()) {
            tracing::error!(code, "a city's text has a blank that is not filled");
            return self.base.text(code, params);
        }
        mapped(own, |name| of(name).map(|(_, value)| value.clone()))
    }

    fn of_field(&self, error: &FieldError) -> String {
        self.base.of_field(error)
    }

    fn purpose(&self, purpose: &str, agreement: &str) -> String {
        self.base.purpose(purpose, agreement)
    }

    fn shipped(&self, code: &str) -> Option<String> {
        self.base.shipped(code)
    }

    fn codes(&self) -> Vec<String> {
        self.base.codes()
    }
}

/// What a message is called: the title that it is shipped with.
pub fn name_of(words: &dyn NoticeWords, message: &str) -> Cow<'static, str> {
    match Wording::shipped(words, message) {
        Some(shipped) => shipped.to_people().title.into(),
        None => "消息".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Shipped;

    impl NoticeWords for Shipped {
        fn text(&self, code: &str, _: &[(&'static str, String)]) -> String {
            code.to_owned()
        }
    }

    fn usual() -> Wording {
        Wording {
            title: "融资需求已提交".to_owned(),
            body: "申请编号 {no}，已送达{branch}，应在 {due} 前接单。".to_owned(),
        }
    }

    fn faults(title: &str, body: &str) -> Vec<(String, &'static str)> {
        let mut checks = Checks::default();
        let wording = read(&mut checks, (title, body), &usual());
        assert_eq!(wording.is_some(), checks.is_empty());
        match checks.finish() {
            Ok(()) => Vec::new(),
            Err(error) => error
                .fields
                .into_iter()
                .map(|field| (field.field, field.code))
                .collect(),
        }
    }

    #[test]
    fn a_text_uses_the_blanks_of_its_message_by_either_name_and_loses_no_fact() {
        let mut checks = Checks::default();
        let typed = ("已送达{支行}", "编号 {编号}，请留意 { due } 前的消息。");
        let wording = read(&mut checks, typed, &usual()).expect("it is fine");
        assert_eq!(wording.title, "已送达{branch}");
        assert_eq!(wording.body, "编号 {no}，请留意 {due} 前的消息。");
        assert_eq!(
            wording.to_people().body,
            "编号 {编号}，请留意 {时限} 前的消息。"
        );
        let fine = "编号 {编号}，{时限}";
        for (title, body, field, code) in [
            ("", fine, "text_title", "free_text.empty"),
            ("标题", "", "text_body", "free_text.empty"),
            ("一\n二", fine, "text_title", "city_rule.text_lines"),
            ("标题", "编号 {编号}", "text_body", "city_rule.text_lost"),
            (
                "标题",
                "{编号}{时限}{金额}",
                "text_body",
                "city_rule.text_unknown",
            ),
            ("{密码}", fine, "text_title", "city_rule.text_unknown"),
            (
                "标题",
                "编号 {编号，{时限}",
                "text_body",
                "city_rule.text_braces",
            ),
            (
                "标题",
                "编号 ｛编号｝{时限}",
                "text_body",
                "city_rule.text_braces",
            ),
            (
                "标题",
                "编号}{编号}{时限}",
                "text_body",
                "city_rule.text_braces",
            ),
            ("标\u{7}题", fine, "text_title", "free_text.control_sign"),
        ] {
            let found = faults(title, body);
            assert_eq!(found, [(field.to_owned(), code)], "{title} {body}");
        }
        let long = "字".repeat(MOST_TITLE + 1);
        assert_eq!(faults(&long, fine)[0].1, "free_text.too_long");
    }

    #[test]
    fn what_is_filled_in_is_not_filled_again_and_a_hole_is_nobodys_message() {
        let city = City {
            notice_texts: Arc::new(BTreeMap::from([
                ("notice.a.body".to_owned(), "{opinion}，{no}".to_owned()),
                ("notice.b.body".to_owned(), "{gone}".to_owned()),
            ])),
            ..crate::city::blank()
        };
        let words = CityWords::new(Arc::new(Shipped), Some(&city));
        let params = [("opinion", "见 {no}".to_owned()), ("no", "7".to_owned())];
        assert_eq!(words.text("notice.a.body", &params), "见 {no}，7");
        assert_eq!(words.text("notice.b.body", &params), "notice.b.body");
        assert_eq!(words.text("notice.c.body", &params), "notice.c.body");
    }

    #[test]
    fn blanks_have_names_of_their_own() {
        for (at, one) in BLANKS.iter().enumerate() {
            assert!(
                BLANKS[..at]
                    .iter()
                    .all(|other| other.code != one.code && other.zh != one.zh),
                "{}",
                one.code
            );
        }
    }
}

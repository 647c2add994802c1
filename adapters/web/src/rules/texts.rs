//! 消息文案: every message with its text, and the messages to phones, whose texts belong to the providers.

use std::collections::HashMap;

use application::rules::{
    RuleName, TextLine, Wording,
    texts::{BLANKS, MOST_BODY, MOST_TITLE, blank},
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Serialize;
use serde_json::Value;

use super::{PAGE, Room, TEXTS_PAGE, TITLE, path};
use crate::{
    errors::WebError,
    forms::{Field, FormView},
    parts::{Cell, Described, Filter, Link, Table, TagKind},
    visit::StaffVisit,
};

const NAME: &str = "消息文案";

/// Who reads a message, by its code.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reader {
    Enterprise,
    Institution,
    City,
    Phone,
}

impl Reader {
    const ALL: [Self; 4] = [Self::Enterprise, Self::Institution, Self::City, Self::Phone];

    const fn code(self) -> &'static str {
        match self {
            Self::Enterprise => "enterprise",
            Self::Institution => "institution",
            Self::City => "city",
            Self::Phone => "sms",
        }
    }

    const fn zh(self) -> &'static str {
        match self {
            Self::Enterprise => "发给企业",
            Self::Institution => "发给机构和平台人员",
            Self::City => "只发给平台人员",
            Self::Phone => "短信",
        }
    }

    fn of(message: &str) -> Self {
        match message.split_once('.').map(|(first, _)| first) {
            Some("staff" | "hq") => Self::Institution,
            Some("city" | "sms") => Self::City,
            _ => Self::Enterprise,
        }
    }
}

/// `rules/texts.html`.
#[derive(Serialize)]
struct TextsPage {
    crumbs: Vec<Link>,
    filters: Vec<Filter>,
    table: Table,
    sms: bool,
}

impl TextsPage {
    const TEMPLATE: &'static str = "rules/texts.html";
}

/// Title and text, as a list of messages shows them.
pub(super) fn both(wording: &Wording) -> String {
    format!("{}｜{}", wording.title, wording.body)
}

pub(super) fn crumbs(here: Option<&str>) -> Vec<Link> {
    let mut links = vec![
        Link::new("平台工作台", "/operator"),
        Link::new(TITLE, PAGE),
        Link::new(NAME, TEXTS_PAGE),
    ];
    links.extend(here.map(|label| Link::new(label, "")));
    links
}

/// What stands, and how it reads.
pub(super) fn said(wording: &Wording) -> Vec<Described> {
    let (people, sample) = (wording.to_people(), wording.sampled());
    vec![
        Described::new("标题", people.title),
        Described::new("正文", people.body),
        Described::new("示例", both(&sample)),
    ]
}

/// The two fields of a text, with the blanks of its message.
pub(super) fn fields(form: &mut FormView, wording: &Wording, shipped: &Wording) {
    let people = wording.to_people();
    form.push(
        Field::text("text_title", "标题")
            .required()
            .hint(format!("最多 {MOST_TITLE} 个字。"))
            .maxlength(u32::try_from(MOST_TITLE).unwrap_or(u32::MAX))
            .value(people.title),
    );
    let name = |code: &str| blank(code).map_or("", |blank| blank.zh);
    let listed = |codes: Vec<&str>| {
        let names = codes.into_iter().map(|code| format!("{{{}}}", name(code)));
        names.collect::<Vec<_>>().join("、")
    };
    let all = shipped.blanks();
    let is_fact = |code: &&str| BLANKS.iter().any(|b| b.code == *code && b.fact);
    let facts: Vec<&str> = all.iter().copied().filter(is_fact).collect();
    let mut hint = format!("最多 {MOST_BODY} 个字。");
    if all.is_empty() {
        hint.push_str("这条消息没有自动填写的内容。");
    } else {
        hint.push_str(&format!("可以使用 {}，发送时自动填写。", listed(all)));
    }
    if !facts.is_empty() {
        hint.push_str(&format!("标题和正文中必须有 {}。", listed(facts)));
    }
    form.push(
        Field::textarea("text_body", "正文")
            .required()
            .hint(hint)
            .maxlength(u32::try_from(MOST_BODY).unwrap_or(u32::MAX))
            .rows(5)
            .value(people.body),
    );
}

fn table(lines: &[TextLine], reader: Reader) -> Table {
    let mut table = Table::new(NAME)
        .column("消息", "wrap")
        .column("现行正文", "wrap")
        .column("文案", "nowrap")
        .column("状态", "nowrap");
    let own = lines
        .iter()
        .filter(|line| Reader::of(&line.message) == reader);
    for line in own {
        let people = line.wording.to_people();
        let state = if line.waits {
            Cell::tag("有变更待复核", TagKind::Warning)
        } else {
            Cell::tag("现行", TagKind::Success)
        };
        table.push(vec![
            Cell::link(people.title, path(&RuleName::text_of(&line.message))),
            Cell::text(people.body),
            Cell::text(if line.changed {
                "本市文案"
            } else {
                "默认文案"
            }),
            state,
        ]);
    }
    table
}

/// The texts as they are registered, with the number that each has at the city's providers.
fn phone_table(texts: &[(String, String)], settings: Option<&Value>) -> Table {
    let mut table = Table::new("短信模板")
        .column("短信正文", "wrap")
        .column("服务商模板编号", "wrap");
    let id = |section: &Value, code: &str| {
        let id = section["templates"][code]["id"].as_str()?;
        Some(id.to_owned())
    };
    for (code, text) in texts {
        let mut ids: Vec<String> = Vec::new();
        if let Some(settings) = settings {
            ids.extend(id(settings, code));
            ids.extend(id(&settings["fallback"], code).map(|id| format!("备用：{id}")));
        }
        let ids = if ids.is_empty() {
            "没有设置".to_owned()
        } else {
            ids.join("；")
        };
        table.push(vec![Cell::text(named(text)), Cell::text(ids)]);
    }
    table
}

/// Blanks of a text to a phone by the names that people know; one that messages do not have keeps its place as dots.
fn named(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (code, behind) = after.split_once('}').unwrap_or((after, ""));
        let name = match code {
            "code" => "验证码",
            "purpose" => "用途",
            "minutes" => "分钟数",
            "link" | "path" => "链接",
            "company" => "企业名称",
            "days" => "天数",
            code => blank(code).map_or("…", |blank| blank.zh),
        };
        out.push_str(before);
        out.push_str(&format!("{{{name}}}"));
        rest = behind;
    }
    out.push_str(rest);
    out
}

fn filters(reader: Reader) -> Vec<Filter> {
    let options = Reader::ALL.map(|one| {
        Link::new(one.zh(), format!("{TEXTS_PAGE}?for={}", one.code())).current(one == reader)
    });
    vec![Filter {
        label: "收件人".to_owned(),
        options: options.into(),
    }]
}

pub(super) async fn list(
    State(web): State<Room>,
    visit: StaffVisit,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let asked = asked.get("for").map_or("", String::as_str);
    let reader = Reader::ALL.into_iter().find(|one| one.code() == asked);
    let reader = reader.unwrap_or(Reader::Enterprise);
    let lines = web.uses.texts(visit.actor()).await?;
    let visit = visit.0.staff_console();
    let page = TextsPage {
        crumbs: crumbs(None),
        filters: filters(reader),
        table: if reader == Reader::Phone {
            phone_table(&web.uses.sms_texts, visit.city.plugs.get("sms"))
        } else {
            table(&lines, reader)
        },
        sms: reader == Reader::Phone,
    };
    Ok(visit.render(TextsPage::TEMPLATE, NAME, &page))
}

/// Both lists, with values that must be escaped.
pub(super) fn samples(nasty: &str) -> Vec<(&'static str, Value)> {
    let wording = Wording {
        title: nasty.to_owned(),
        body: nasty.to_owned(),
    };
    let line = TextLine {
        message: "submit".to_owned(),
        shipped: wording.clone(),
        wording,
        changed: true,
        waits: true,
    };
    let sms = [("code".to_owned(), format!("{{code}}{nasty}"))];
    let settings = serde_json::json!({ "templates": { "code": { "id": nasty } }, "fallback": { "templates": { "code": { "id": nasty } } } });
    let page = |table: Table, reader: Reader| {
        let page = TextsPage {
            crumbs: crumbs(None),
            filters: filters(reader),
            table,
            sms: reader == Reader::Phone,
        };
        let page = serde_json::to_value(page).unwrap_or_default();
        (TextsPage::TEMPLATE, page)
    };
    vec![
        page(table(&[line], Reader::Enterprise), Reader::Enterprise),
        page(table(&[], Reader::City), Reader::City),
        page(phone_table(&sms, Some(&settings)), Reader::Phone),
        page(phone_table(&sms, None), Reader::Phone),
    ]
}

#[cfg(test)]
mod tests {
    use application::rules::texts::messages;

    use super::*;
    use crate::words::LocaleWords;

    #[test]
    fn every_blank_of_every_message_has_a_name_and_an_example() {
        let all = messages(&LocaleWords);
        assert!(all.len() > 100, "{}", all.len());
        for message in all {
            let shipped = Wording::shipped(&LocaleWords, &message).expect("a title and a text");
            for code in shipped.blanks() {
                assert!(blank(code).is_some(), "{message}: {code}");
            }
            assert!(!both(&shipped.sampled()).contains('{'), "{message}");
            assert!(shipped.title.chars().count() <= MOST_TITLE, "{message}");
            assert!(shipped.body.chars().count() <= MOST_BODY, "{message}");
            let code = RuleName::text_of(&message).code();
            assert_eq!(
                RuleName::from_code(&code),
                Some(RuleName::text_of(&message))
            );
        }
    }

    #[test]
    fn a_text_to_a_phone_is_shown_with_words_in_its_blanks() {
        assert_eq!(
            named("验证码 {code}，{minutes} 分钟"),
            "验证码 {验证码}，{分钟数} 分钟"
        );
    }
}

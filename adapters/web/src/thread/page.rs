//! The page of a thread: what was written, oldest first, and the form to go on.

use application::{
    ports::{
        letters::{LetterKind, LetterRow, Side},
        scanner::Scan,
    },
    thread::Thread,
};
use domain::ids::FinancingApplicationId;
use serde::Serialize;

use crate::{
    forms::{Field, FormView},
    parts::Link,
    show,
};

pub(super) const TEMPLATE: &str = "thread/thread.html";
const ACCEPT: &str = "image/jpeg,image/png,application/pdf";

#[derive(Serialize)]
pub(super) struct ThreadPage {
    crumbs: Vec<Link>,
    lead: String,
    lines: Vec<Line>,
    /// Letters of the other side that nobody marked as read.
    unread: usize,
    read_action: String,
    form: FormView,
    may_write: bool,
    of_enterprise: bool,
    back: String,
}

#[derive(Serialize)]
struct Line {
    who: String,
    at: String,
    kind: &'static str,
    is_call: bool,
    body: String,
    unread: bool,
    /// Of the reader's own letters: the other side has read it.
    seen: bool,
    file: String,
    /// What is to be known of the file before it is opened, or why it is not (S-26).
    file_note: String,
    /// 联系记录 of a call that was asked for.
    called: String,
    /// Where the call is ticked off, for whoever may.
    tick: String,
}

pub(super) fn application_href(side: Side, id: FinancingApplicationId) -> String {
    match side {
        Side::Enterprise => format!("/enterprise/applications/{id}"),
        Side::Bank => format!("/branch/applications/{id}"),
    }
}

pub(super) fn href(side: Side, id: FinancingApplicationId) -> String {
    format!("{}/thread", application_href(side, id))
}

pub(super) fn crumbs(thread: &Thread, here: &[&str]) -> Vec<Link> {
    let record = &thread.record;
    let number = record
        .number
        .as_ref()
        .map_or_else(String::new, ToString::to_string);
    let own = application_href(thread.side, record.id);
    let mut links = match thread.side {
        Side::Enterprise => vec![
            Link::new("企业管理", "/enterprise"),
            Link::new("融资需求管理", "/enterprise/applications"),
        ],
        Side::Bank => vec![
            Link::new("工作台", "/branch"),
            Link::new("全部融资需求", "/branch/applications"),
        ],
    };
    links.push(Link::new(number, own));
    links.push(Link::new("沟通记录", href(thread.side, record.id)));
    links.extend(here.iter().map(|label| Link::new(*label, "")));
    if let Some(last) = links.last_mut() {
        last.current = true;
    }
    links
}

/// Both write and send files; the enterprise may ask for a call.
pub(super) fn form(thread: &Thread, key: String) -> FormView {
    let mut form = FormView::new(href(thread.side, thread.record.id)).key(key);
    if thread.side == Side::Enterprise {
        form.push(
            Field::radio("kind", "类型")
                .required()
                .options([("text", "留言"), ("call_request", "请求回电")])
                .value("text"),
        );
    }
    let (label, hint) = match thread.side {
        Side::Enterprise => (
            "内容",
            "最多 1000 个字。请求回电可写明方便接听的时间，支行使用您登记的联系电话，无需在此填写。",
        ),
        Side::Bank => (
            "内容",
            "最多 1000 个字，企业可以看到。请勿索要密码、验证码。",
        ),
    };
    form.push(
        Field::textarea("body", label)
            .rows(4)
            .maxlength(1000)
            .hint(hint),
    );
    let hint = match thread.side {
        Side::Enterprise => "JPG、PNG 图片或 PDF，不超过 10 MB。发送后受理支行可以查看。",
        Side::Bank => {
            "JPG、PNG 图片或 PDF，不超过 10 MB。发送后该企业可以查看，不能收回，请核对后再发送。"
        }
    };
    form.push(Field::file("file", "文件（选填）", ACCEPT).hint(hint));
    form
}

fn who(thread: &Thread, letter: &LetterRow) -> String {
    match (letter.side, thread.side) {
        // The enterprise's people are not the bank's to name.
        (Side::Enterprise, Side::Bank) => "企业".to_owned(),
        (Side::Enterprise, Side::Enterprise) => letter.author_name.clone(),
        (Side::Bank, _) => format!("{} {}", thread.record.handler_name, letter.author_name),
    }
}

fn file_note(scan: Option<Scan>) -> String {
    let words = match scan {
        Some(Scan::Unscanned) => "该文件未经病毒扫描，请在有防护的电脑上打开。",
        Some(Scan::Unknown) => "该文件正在进行安全检查，完成后可以查看。",
        Some(Scan::Infected) => "该文件含有病毒，已经移除。",
        Some(Scan::Clean) | None => "",
    };
    words.to_owned()
}

fn line(thread: &Thread, letter: &LetterRow) -> Line {
    let id = thread.record.id;
    let own = letter.side == thread.side;
    let call = letter.kind == LetterKind::CallRequest;
    let waits = call && letter.called.is_none();
    Line {
        who: who(thread, letter),
        at: show::minute(letter.at),
        kind: if letter.kind == LetterKind::Text {
            ""
        } else {
            letter.kind.zh()
        },
        is_call: waits,
        body: letter.body.clone(),
        unread: !own && letter.read_at.is_none(),
        seen: own && letter.read_at.is_some(),
        file_note: file_note(letter.scan),
        file: letter
            .file
            .filter(|_| letter.scan.and_then(Scan::withheld).is_none())
            .map_or_else(String::new, |file| match (letter.side, thread.side) {
                (Side::Enterprise, Side::Enterprise) => format!("/enterprise/files/{file}"),
                (Side::Enterprise, Side::Bank) => {
                    format!("/branch/applications/{id}/materials/{file}")
                }
                (Side::Bank, reader) => format!("{}/files/{file}", href(reader, id)),
            }),
        called: letter.called.as_ref().map_or_else(String::new, |called| {
            format!(
                "{} 已联系（{}）：{}",
                show::minute(called.at),
                called.by_name,
                called.outcome
            )
        }),
        tick: if waits && thread.side == Side::Bank && thread.may_write {
            format!("{}/{}/called", href(thread.side, id), letter.id)
        } else {
            String::new()
        },
    }
}

pub(super) fn page(thread: &Thread, form: FormView) -> ThreadPage {
    let record = &thread.record;
    let lines: Vec<Line> = thread.letters.iter().map(|l| line(thread, l)).collect();
    let lead = match thread.side {
        Side::Enterprise => format!(
            "您与{}就这笔融资需求的沟通都记录在这里，无需公开电话号码。",
            record.handler_name
        ),
        Side::Bank => format!(
            "与{}就这笔融资需求的沟通都记录在这里。",
            record.enterprise_name
        ),
    };
    let here = href(thread.side, record.id);
    ThreadPage {
        crumbs: crumbs(thread, &[]),
        lead,
        unread: lines.iter().filter(|l| l.unread).count(),
        lines,
        read_action: format!("{here}/read"),
        form,
        may_write: thread.may_write,
        of_enterprise: thread.side == Side::Enterprise,
        back: application_href(thread.side, record.id),
    }
}

pub(super) fn samples() -> Vec<(&'static str, serde_json::Value)> {
    use crate::financing::ODD;
    let line = |full: bool| Line {
        who: ODD.to_owned(),
        at: "2026-03-05 09:30".to_owned(),
        kind: if full { "请求回电" } else { "" },
        is_call: full,
        body: ODD.to_owned(),
        unread: full,
        seen: !full,
        file: if full {
            "javascript:alert(1)".to_owned()
        } else {
            String::new()
        },
        file_note: if full { ODD.to_owned() } else { String::new() },
        called: if full { String::new() } else { ODD.to_owned() },
        tick: if full {
            "/branch/applications/x/thread/y/called".to_owned()
        } else {
            String::new()
        },
    };
    let page = |lines: Vec<Line>, may_write: bool| {
        let form = FormView::new("/x").with(Field::textarea("body", "内容").value(ODD).error(ODD));
        let page = ThreadPage {
            crumbs: vec![Link::new(ODD, "")],
            lead: ODD.to_owned(),
            unread: lines.len(),
            lines,
            read_action: "/x/read".to_owned(),
            form,
            may_write,
            of_enterprise: may_write,
            back: "/x".to_owned(),
        };
        (TEMPLATE, serde_json::to_value(page).unwrap_or_default())
    };
    vec![
        page(vec![line(true), line(false)], true),
        page(Vec::new(), false),
    ]
}

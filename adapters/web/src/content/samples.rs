//! Every page of the room in every shape, with text that must be escaped.

use serde::Serialize;
use serde_json::Value;

use super::{
    agreements::{AgreementsPage, Item},
    files::{FileLine, FilesPage},
    form::FormPage,
    list::{Kept, ListPage},
    look::{Action, DetailPage, ReadPage, Shot},
};
use crate::{
    forms::{Field, FormView},
    parts::{Block, Cell, Described, Filter, Link, Pager, Table, Tag, TagKind},
};

fn nasty() -> String {
    "<b>\"'\\&</b>长标题".repeat(4)
}

fn value(page: &impl Serialize) -> Value {
    serde_json::to_value(page).unwrap_or_default()
}

fn table(rows: usize) -> Table {
    let mut table = Table::new(nasty()).column("标题", "").column("状态", "");
    for _ in 0..rows {
        table.push(vec![
            Cell::link(nasty(), "javascript:alert(1)").second(nasty()),
            Cell::tag(nasty(), TagKind::Info),
        ]);
    }
    table
}

fn crumbs() -> Vec<Link> {
    vec![Link::new("平台工作台", "/operator"), Link::new(nasty(), "")]
}

fn blocks() -> Vec<Block> {
    Block::parse(&format!("## {}\n{}\n- {}", nasty(), nasty(), nasty()))
}

fn rows() -> Vec<Described> {
    vec![
        Described::new("标题", nasty()),
        Described::cell("PDF", Cell::link(nasty(), "javascript:alert(1)")),
    ]
}

fn shot() -> Shot {
    Shot {
        src: "/operator/content/x/picture?of=1".into(),
        alt: nasty(),
    }
}

fn list(full: bool, may_save: bool) -> ListPage {
    let rows = if full { 2 } else { 0 };
    ListPage {
        crumbs: crumbs(),
        filters: vec![Filter {
            label: nasty(),
            options: vec![Link::new(nasty(), "javascript:alert(1)").current(true)],
        }],
        search: nasty(),
        keeps: vec![Kept {
            name: "kind",
            value: nasty(),
        }],
        waiting: table(rows),
        table: table(rows),
        pager: Pager::new(120, 2, 20, |page| format!("?page={page}")),
        filtered: may_save,
        may_save,
    }
}

fn form() -> FormPage {
    let mut form = FormView::new("/operator/content/new?kind=policy")
        .key("0123456789abcdef")
        .with(Field::hidden("revision", "3"))
        .with(Field::text("title", "标题").required().value(nasty()))
        .with(Field::textarea("body", "正文").value(nasty()))
        .with(Field::checks("regions", "适用区域").options([("1", nasty())]))
        .with(Field::checkbox("pinned", "置顶"));
    form.fail("title", nasty());
    FormPage {
        title: nasty(),
        lead: "保存草稿时只需填写标题。",
        crumbs: crumbs(),
        form,
        now: "javascript:alert(1)".into(),
        back: "javascript:alert(1)".into(),
    }
}

fn detail(full: bool) -> DetailPage {
    let words = |there: bool| if there { nasty() } else { String::new() };
    DetailPage {
        crumbs: crumbs(),
        title: nasty(),
        lead: nasty(),
        tags: vec![Tag::new(nasty(), TagKind::Success)],
        returned: words(full),
        returned_by: words(full),
        waits: words(full),
        withdrawn: words(full),
        actions: vec![Action {
            label: "提交复核",
            href: "javascript:alert(1)".into(),
            kind: "primary",
        }],
        picture: full.then(shot),
        changes: full.then(|| table(2)),
        unchanged: !full,
        draft: rows(),
        blocks: if full { blocks() } else { Vec::new() },
        files: if full { rows() } else { Vec::new() },
        public_href: if full {
            "javascript:alert(1)".into()
        } else {
            String::new()
        },
        history: table(if full { 2 } else { 0 }),
    }
}

fn read(full: bool) -> ReadPage {
    let words = |there: bool| if there { nasty() } else { String::new() };
    ReadPage {
        crumbs: crumbs(),
        note_title: nasty(),
        note: nasty(),
        title: nasty(),
        meta: words(full),
        tags: vec![nasty()],
        summary: words(full),
        facts: if full { rows() } else { Vec::new() },
        picture: full.then(shot),
        blocks: blocks(),
        files: if full { rows() } else { Vec::new() },
        back: "javascript:alert(1)".into(),
        restore: if full {
            "/operator/content/x/versions/1/restore".into()
        } else {
            String::new()
        },
        revision: 3,
        key: "0123456789abcdef".into(),
        submit: if full {
            String::new()
        } else {
            "/operator/content/x/submit".into()
        },
    }
}

fn files(is_picture: bool, full: bool) -> FilesPage {
    let mut form = FormView::new("/operator/content/x/files")
        .with(Field::hidden("revision", "3"))
        .with(Field::text("file_title", "附件名称").value(nasty()))
        .with(Field::file("file", "文件", ".pdf"));
    form.fail("file_title", nasty());
    FilesPage {
        title: "管理附件",
        lead: "附件随修改稿一起复核。",
        crumbs: crumbs(),
        form,
        upload: "上传附件",
        files: if full {
            vec![FileLine {
                title: nasty(),
                note: "PDF，86 KB".into(),
                href: "javascript:alert(1)".into(),
                remove: "/operator/content/x/files/y/remove".into(),
            }]
        } else {
            Vec::new()
        },
        picture: if is_picture && full {
            "/operator/content/x/picture?of=1".into()
        } else {
            String::new()
        },
        alt: nasty(),
        revision: 3,
        back: "javascript:alert(1)".into(),
        is_picture,
    }
}

fn agreements(full: bool) -> AgreementsPage {
    AgreementsPage {
        crumbs: crumbs(),
        items: vec![Item {
            title: nasty(),
            now: nasty(),
            coming: if full { vec![nasty()] } else { Vec::new() },
            tags: vec![Tag::new(nasty(), TagKind::Success)],
            href: if full {
                "javascript:alert(1)".into()
            } else {
                String::new()
            },
            text_href: "javascript:alert(1)".into(),
            start: if full {
                String::new()
            } else {
                "/operator/agreements/register/draft".into()
            },
            versions: "共 2 个版本".into(),
        }],
        key: "0123456789abcdef".into(),
    }
}

/// Template and content of every page.
pub fn samples() -> Vec<(&'static str, Value)> {
    vec![
        (ListPage::TEMPLATE, value(&list(true, true))),
        (ListPage::TEMPLATE, value(&list(false, true))),
        (ListPage::TEMPLATE, value(&list(false, false))),
        (FormPage::TEMPLATE, value(&form())),
        (DetailPage::TEMPLATE, value(&detail(true))),
        (DetailPage::TEMPLATE, value(&detail(false))),
        (ReadPage::TEMPLATE, value(&read(true))),
        (ReadPage::TEMPLATE, value(&read(false))),
        (FilesPage::TEMPLATE, value(&files(false, true))),
        (FilesPage::TEMPLATE, value(&files(false, false))),
        (FilesPage::TEMPLATE, value(&files(true, true))),
        (FilesPage::TEMPLATE, value(&files(true, false))),
        (AgreementsPage::TEMPLATE, value(&agreements(true))),
        (AgreementsPage::TEMPLATE, value(&agreements(false))),
    ]
}

//! Every page of the console in every shape, with text that must be escaped.

use serde::Serialize;
use serde_json::Value;

use super::{board::BoardPage, desk::DeskPage, dispatch::DispatchPage, send::RunningPage};
use crate::{
    charts::Bars,
    parts::{Cell, Described, Figure, Link, Table, Tag, TagKind},
};

fn nasty() -> String {
    "<b>\"'\\&</b>长企业名称".repeat(6)
}

fn value(page: &impl Serialize) -> Value {
    serde_json::to_value(page).unwrap_or_default()
}

fn table(rows: usize) -> Table {
    let mut table = Table::new(nasty())
        .column("申请编号", "nowrap")
        .column("剩余时间", "");
    for _ in 0..rows {
        table.push(vec![
            Cell::link(nasty(), "javascript:alert(1)"),
            Cell::tag(nasty(), TagKind::Danger).second(nasty()),
        ]);
    }
    table
}

fn crumbs() -> Vec<Link> {
    vec![Link::new("机构工作台", "/hq"), Link::new(nasty(), "")]
}

fn bars(rows: usize) -> Bars {
    let rows = (0..rows)
        .map(|n| (nasty(), n as u64, nasty(), "danger"))
        .collect();
    Bars::new("load", &nasty(), &nasty(), rows)
}

fn desk(rows: usize) -> DeskPage {
    DeskPage {
        lead: nasty(),
        stats: vec![Figure {
            label: nasty(),
            value: "1000+".into(),
            href: "/hq/dispatch".into(),
            ..Figure::default()
        }],
        table: table(rows),
        empty: rows == 0,
    }
}

fn board(rows: usize) -> BoardPage {
    BoardPage {
        lead: nasty(),
        crumbs: crumbs(),
        load: bars(rows),
        speed: bars(rows),
        branches: table(rows),
        people: table(rows),
        rule: nasty(),
    }
}

fn dispatch(rows: usize) -> DispatchPage {
    DispatchPage {
        crumbs: crumbs(),
        table: table(rows),
        total: "1000+".into(),
        prev: String::new(),
        next: if rows > 0 {
            "/hq/dispatch?after=1_2".into()
        } else {
            String::new()
        },
        running: table(rows),
    }
}

fn moving(agreed: bool) -> RunningPage {
    RunningPage {
        crumbs: crumbs(),
        tag: Tag::new(nasty(), TagKind::Warning),
        rows: vec![Described::new("转派原因", nasty())],
        text: "正在等待企业答复。",
        action: "/branch/applications/1/move".into(),
        key: "0123456789abcdef".into(),
        version: nasty(),
        agreed,
        back: "/branch".into(),
    }
}

/// Templates with contents.
pub fn samples() -> Vec<(&'static str, Value)> {
    vec![
        (DeskPage::TEMPLATE, value(&desk(2))),
        (DeskPage::TEMPLATE, value(&desk(0))),
        (BoardPage::TEMPLATE, value(&board(2))),
        (BoardPage::TEMPLATE, value(&board(0))),
        (DispatchPage::TEMPLATE, value(&dispatch(2))),
        (DispatchPage::TEMPLATE, value(&dispatch(0))),
        (RunningPage::TEMPLATE, value(&moving(true))),
        (RunningPage::TEMPLATE, value(&moving(false))),
    ]
}

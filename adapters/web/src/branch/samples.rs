//! Every page of the console in every shape, with text that must be escaped.

use serde::Serialize;
use serde_json::Value;

use super::{
    approval::QueuePage,
    desk::DeskPage,
    detail::{Button, DetailPage, Hint, Round},
    diligence::{ReportPage, Shot},
    due::{self, DuePage},
    filters::{Pair, Search},
    lists::ListPage,
    materials::{FullPage, MaterialPage, ReasonPage},
    messages::{Line, MessagesPage},
    papers::Paper,
    supervised::{NoticeLine, Supervised},
};
use crate::{
    forms::{Field, FormView},
    parts::{Cell, Described, Event, Figure, Filter, Link, Pager, Table, Tag, TagKind},
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
            Cell::link(nasty(), "/branch"),
            Cell::tag(nasty(), TagKind::Danger).second(nasty()),
        ]);
    }
    table
}

fn rows() -> Vec<Described> {
    vec![
        Described::new("企业名称", nasty()),
        Described::cell("材料", Cell::link(nasty(), "javascript:alert(1)")),
    ]
}

fn crumbs() -> Vec<Link> {
    vec![Link::new("支行工作台", "/branch"), Link::new(nasty(), "")]
}

fn form() -> FormView {
    let mut form = FormView::new("/branch")
        .key("0123456789abcdef")
        .with(Field::hidden("version", nasty()))
        .with(Field::number("approved_amount", "批准金额", "万元").value(nasty()))
        .with(Field::checks("reasons", "不通过原因").options([("a", nasty())]))
        .with(Field::text("reason", "查看原因").value(nasty()))
        .with(Field::textarea("opinion", "审核意见").value(nasty()));
    form.fail("opinion", nasty());
    form.problem(nasty());
    form
}

fn list(rows: usize, searching: bool) -> ListPage {
    ListPage {
        title: "全部融资需求",
        lead: "提交到本支行的全部融资需求。",
        crumbs: crumbs(),
        table: table(rows),
        home: "/branch",
        empty: "还没有企业向本支行提交融资需求。",
        filtered: searching,
        total: "300+".into(),
        prev: String::new(),
        next: if rows > 0 {
            "/branch/applications?after=1_2".into()
        } else {
            String::new()
        },
        filters: vec![Filter {
            label: "状态".into(),
            options: vec![Link::new(nasty(), "/branch").current(true)],
        }],
        active: vec![Link::new(nasty(), "/branch")],
        clear: "/branch/applications",
        export: if searching {
            "/branch/exports/new?stage=approved".into()
        } else {
            String::new()
        },
        days: searching.then(|| {
            FormView::new("/branch/applications")
                .with(
                    Field::text("from", "提交日期从")
                        .value(nasty())
                        .error(nasty()),
                )
                .with(Field::hidden("stage", nasty()))
        }),
        search: searching.then(|| Search {
            action: "/branch/applications",
            value: nasty(),
            hidden: vec![Pair {
                name: "stage",
                value: nasty(),
            }],
        }),
    }
}

fn detail(minimal: bool) -> DetailPage {
    let full = usize::from(!minimal);
    DetailPage {
        number: "PO20260305003".into(),
        crumbs: crumbs(),
        tags: vec![Tag::new(nasty(), TagKind::Info)],
        clock: (!minimal).then(|| Tag::new(nasty(), TagKind::Danger)),
        clock_text: if minimal { String::new() } else { nasty() },
        promises: if minimal {
            Vec::new()
        } else {
            vec![Described::new(nasty(), nasty())]
        },
        supervised: (!minimal).then(|| Supervised {
            lines: vec![NoticeLine {
                words: nasty(),
                sent: nasty(),
                read: nasty(),
            }],
            read_action: "/branch/applications/x/supervision".into(),
        }),
        hints: vec![Hint {
            kind: "info",
            text: nasty(),
        }],
        request: rows(),
        approved: if minimal { Vec::new() } else { rows() },
        facts: rows(),
        minimal,
        full_href: if minimal {
            String::new()
        } else {
            "/branch".into()
        },
        files: table(full),
        has_files: !minimal,
        rounds: vec![Round {
            title: nasty(),
            items: rows(),
        }],
        papers: papers(minimal),
        views: table(full),
        has_views: !minimal,
        actions: vec![Button {
            label: "通过",
            href: "/branch".into(),
            kind: "primary",
        }],
        timeline: vec![Event {
            event: nasty(),
            note: nasty(),
            actor: nasty(),
            pending: minimal,
            ..Event::default()
        }],
    }
}

fn papers(minimal: bool) -> Vec<Paper> {
    let whole = Paper {
        title: "尽调报告",
        rows: rows(),
        table: Some(table(1)),
        hint: nasty(),
        more_href: "/branch".into(),
        more_label: "填写",
    };
    if minimal {
        vec![Paper::default()]
    } else {
        vec![whole, Paper::default()]
    }
}

fn queue(rows: usize) -> QueuePage {
    QueuePage {
        crumbs: crumbs(),
        table: table(rows),
        more: rows > 0,
    }
}

fn report(written: bool) -> ReportPage {
    let some = |text: &str| {
        if written {
            text.to_owned()
        } else {
            String::new()
        }
    };
    ReportPage {
        crumbs: crumbs(),
        form: form(),
        saved: some(&nasty()),
        gaps: some(&nasty()),
        opposes: written,
        propose: some("/branch"),
        photos: if written {
            vec![Shot {
                label: nasty(),
                href: "/branch".into(),
                added: "2026-03-05 09:30".into(),
                remove: "/branch".into(),
            }]
        } else {
            Vec::new()
        },
        photo_form: form(),
        full: written,
        back: "/branch".into(),
        asked: rows(),
    }
}

fn messages(lines: usize, unread_only: bool) -> MessagesPage {
    let line = || Line {
        title: nasty(),
        body: nasty(),
        at: "2026-03-05 09:30".into(),
        unread: unread_only,
        action: "/branch/messages/1/open".into(),
        label: "查看",
    };
    MessagesPage {
        crumbs: crumbs(),
        tabs: crumbs(),
        lines: (0..lines).map(|_| line()).collect(),
        unread: 3,
        unread_only,
        pager: Pager::new(40, 1, 20, |n| format!("/branch/messages?page={n}")),
    }
}

fn material(is_picture: bool) -> MaterialPage {
    MaterialPage {
        unscanned: !is_picture,
        label: nasty(),
        crumbs: crumbs(),
        is_picture,
        src: "/branch/applications/1/files/2".into(),
        alt: nasty(),
        previous: "/branch".into(),
        next: String::new(),
        place: "第 1 份，共 1 份".into(),
        back: "/branch".into(),
        back_label: "返回融资需求",
    }
}

/// Templates with contents.
pub fn samples() -> Vec<(&'static str, Value)> {
    let desk = |empty: bool| DeskPage {
        lead: nasty(),
        stats: vec![Figure {
            label: nasty(),
            value: "300+".into(),
            href: "/branch/queue".into(),
            ..Figure::default()
        }],
        table: table(usize::from(!empty)),
        empty,
        supervised: table(usize::from(!empty)),
        calls: table(usize::from(!empty)),
    };
    let reason = ReasonPage {
        crumbs: crumbs(),
        form: form(),
        back: "/branch".into(),
    };
    let full = FullPage {
        crumbs: crumbs(),
        rows: rows(),
        reason: nasty(),
        back: "/branch".into(),
    };
    let lists = due::samples(&nasty());
    let lists = lists.iter().map(|page| (DuePage::TEMPLATE, value(page)));
    let pages = vec![
        (DeskPage::TEMPLATE, value(&desk(false))),
        (DeskPage::TEMPLATE, value(&desk(true))),
        (ListPage::TEMPLATE, value(&list(2, true))),
        (ListPage::TEMPLATE, value(&list(0, true))),
        (ListPage::TEMPLATE, value(&list(0, false))),
        (DetailPage::TEMPLATE, value(&detail(false))),
        (DetailPage::TEMPLATE, value(&detail(true))),
        (ReasonPage::TEMPLATE, value(&reason)),
        (FullPage::TEMPLATE, value(&full)),
        (MaterialPage::TEMPLATE, value(&material(true))),
        (MaterialPage::TEMPLATE, value(&material(false))),
        (QueuePage::TEMPLATE, value(&queue(2))),
        (QueuePage::TEMPLATE, value(&queue(0))),
        (ReportPage::TEMPLATE, value(&report(true))),
        (ReportPage::TEMPLATE, value(&report(false))),
        (MessagesPage::TEMPLATE, value(&messages(2, true))),
        (MessagesPage::TEMPLATE, value(&messages(0, true))),
        (MessagesPage::TEMPLATE, value(&messages(0, false))),
    ];
    pages.into_iter().chain(lists).collect()
}

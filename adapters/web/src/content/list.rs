//! 内容管理: every text by kind and state, with what waits for a second person.

use application::{
    content::{ContentList, PieceState, state_of},
    ports::content::{ContentKind, PieceAsk, PieceRow},
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::{Deserialize, Serialize};

use super::{ContentDesk, LIST, base, draft_tag};
use crate::{
    errors::WebError,
    kit::Web,
    parts::{Cell, Filter, Link, Pager, Table, Tag, TagKind},
    show,
    visit::{StaffVisit, asking, sought},
};

const PER_PAGE: usize = 20;
/// The kinds of this list; agreements have a page of their own.
pub(super) const KINDS: [ContentKind; 4] = [
    ContentKind::Policy,
    ContentKind::News,
    ContentKind::About,
    ContentKind::Banner,
];

/// 内容管理.
#[derive(Serialize)]
pub(super) struct ListPage {
    pub crumbs: Vec<Link>,
    pub filters: Vec<Filter>,
    pub search: String,
    pub keeps: Vec<Kept>,
    pub waiting: Table,
    pub table: Table,
    pub pager: Pager,
    pub filtered: bool,
    pub may_save: bool,
}

/// A condition that a search keeps.
#[derive(Clone, Serialize)]
pub(super) struct Kept {
    pub name: &'static str,
    pub value: String,
}

impl ListPage {
    pub const TEMPLATE: &'static str = "content/list.html";
}

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    kind: String,
    state: String,
    q: String,
    page: String,
}

/// The states of the filter: those of readers, and that of the draft that waits.
const STATES: [(&str, &str); 7] = [
    ("shown", "展示中"),
    ("scheduled", "待展示"),
    ("ended", "已结束"),
    ("withdrawn", "已下线"),
    ("draft", "有草稿"),
    ("in_review", "待复核"),
    ("returned", "已退回"),
];

pub(super) fn state_tag(state: PieceState) -> Tag {
    let kind = match state {
        PieceState::Shown => TagKind::Success,
        PieceState::Scheduled => TagKind::Info,
        PieceState::Unpublished | PieceState::Ended | PieceState::Withdrawn => TagKind::Neutral,
    };
    Tag::new(state.zh(), kind)
}

impl Asked {
    fn kind(&self) -> Option<ContentKind> {
        ContentKind::from_code(&self.kind).filter(|kind| KINDS.contains(kind))
    }

    fn state(&self) -> &str {
        let known = STATES.iter().any(|(code, _)| *code == self.state);
        if known { &self.state } else { "" }
    }

    fn words(&self) -> String {
        sought(&self.q)
    }

    fn address(&self, kind: &str, state: &str, page: u64) -> String {
        let (words, page) = (self.words(), (page > 1).then(|| page.to_string()));
        let page = page.as_deref().unwrap_or_default();
        let pairs = [
            ("kind", kind),
            ("state", state),
            ("q", &words),
            ("page", page),
        ];
        asking(LIST, &pairs)
    }

    fn filters(&self) -> Vec<Filter> {
        let (kind, state) = (self.kind().map_or("", ContentKind::code), self.state());
        let all = |chosen: &str, href| Link::new("全部", href).current(chosen.is_empty());
        let mut kinds = vec![all(kind, self.address("", state, 1))];
        kinds.extend(KINDS.map(|one| {
            let href = self.address(one.code(), state, 1);
            Link::new(one.zh(), href).current(one.code() == kind)
        }));
        let mut states = vec![all(state, self.address(kind, "", 1))];
        states.extend(STATES.map(|(code, label)| {
            Link::new(label, self.address(kind, code, 1)).current(code == state)
        }));
        vec![
            Filter {
                label: "类别".to_owned(),
                options: kinds,
            },
            Filter {
                label: "状态".to_owned(),
                options: states,
            },
        ]
    }

    fn keeps(&self) -> Vec<Kept> {
        let kind = self.kind().map_or("", ContentKind::code);
        [("kind", kind), ("state", self.state())]
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| Kept {
                name,
                value: value.to_owned(),
            })
            .collect()
    }
}

fn when(row: &PieceRow) -> String {
    let from = row.visible_from.map(show::minute);
    match (from, row.visible_until.map(show::minute)) {
        (Some(from), Some(until)) => format!("{from} 至 {until}"),
        (Some(from), None) => format!("{from} 起"),
        (None, _) if row.version > 0 => "随平台启用".to_owned(),
        (None, _) => "-".to_owned(),
    }
}

fn version(row: &PieceRow) -> String {
    let kind = row.kind.zh();
    match row.version {
        0 => format!("{kind} · 尚未发布"),
        newest => match row.shown {
            Some(shown) if shown < newest => {
                format!("{kind} · 展示第 {shown} 版，第 {newest} 版待展示")
            }
            _ => format!("{kind} · 第 {newest} 版"),
        },
    }
}

fn table(list: &ContentList, rows: &[&PieceRow]) -> Table {
    let mut table = Table::new("内容")
        .column("标题", "")
        .column("状态", "nowrap")
        .column("修改稿", "nowrap")
        .column("展示时间", "")
        .column("更新时间", "nowrap");
    for row in rows {
        let state = state_tag(state_of(row, list.at));
        let draft = row.draft.map_or_else(
            || Cell::text("-"),
            |status| {
                let tag = draft_tag(status);
                Cell::tag(tag.label, tag.kind)
            },
        );
        table.push(vec![
            Cell::link(&row.title, base(row.id)).second(version(row)),
            Cell::tag(state.label, state.kind),
            draft,
            Cell::text(when(row)),
            Cell::text(show::minute(row.updated_at)),
        ]);
    }
    table
}

fn waiting(list: &ContentList) -> Table {
    let mut table = Table::new("等待复核")
        .column("标题", "")
        .column("编写人", "")
        .column("提交时间", "nowrap");
    for draft in &list.waiting {
        table.push(vec![
            Cell::link(&draft.form.title, base(draft.id)).second(draft.kind.zh()),
            Cell::text(draft.author_names.join("、")),
            Cell::text(draft.submitted_at.map_or_else(String::new, show::minute)),
        ]);
    }
    table
}

pub(super) async fn list(
    State(web): State<Web<ContentDesk>>,
    visit: StaffVisit,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let ask = PieceAsk {
        kind: asked.kind(),
        words: asked.words(),
    };
    let list = web.uses.room.list(visit.actor(), &ask).await?;
    let (kind, state) = (asked.kind().map_or("", ContentKind::code), asked.state());
    let fits = |row: &&PieceRow| {
        state.is_empty()
            || state_of(row, list.at).code() == state
            || row.draft.is_some_and(|d| d.code() == state)
    };
    let rows: Vec<&PieceRow> = list.rows.iter().filter(fits).collect();
    let pager = Pager::new(
        rows.len() as u64,
        asked.page.parse().unwrap_or(1),
        PER_PAGE as u64,
        |page| asked.address(kind, state, page),
    );
    let skip = usize::try_from(pager.page - 1).unwrap_or(0) * PER_PAGE;
    let shown: Vec<&PieceRow> = rows.into_iter().skip(skip).take(PER_PAGE).collect();
    let page = ListPage {
        crumbs: vec![
            Link::new("平台工作台", "/operator"),
            Link::new("内容管理", ""),
        ],
        filters: asked.filters(),
        search: asked.words(),
        keeps: asked.keeps(),
        waiting: waiting(&list),
        table: table(&list, &shown),
        pager,
        filtered: !(kind.is_empty() && state.is_empty() && asked.words().is_empty()),
        may_save: list.may_save,
    };
    Ok(visit
        .0
        .staff_console()
        .render(ListPage::TEMPLATE, "内容管理", &page))
}

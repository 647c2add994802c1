//! The lists: an enterprise's own, all of the city with what is overdue first, and those that a node was asked about.

use application::{
    complaints::{ComplaintRoom, ListLeaf, PAGE, Side},
    ports::complaints::{Complaint, ComplaintAsk, ComplaintList, FiledIn, Subject},
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::{
    complaint::{ComplaintKind, ComplaintStatus},
    ids::TenantId,
};
use serde::{Deserialize, Serialize};
use time::{Date, Duration, OffsetDateTime};

use super::{base, crumbs, href, title};
use crate::{
    errors::WebError,
    kit::Web,
    operator::{month_words, read_month, write_month},
    parts::{Cell, Filter, Link, Pager, Table, Tag, TagKind},
    show,
    visit::{EnterpriseVisit, StaffVisit, Visit, encode, sought},
};

/// A list of complaints.
#[derive(Serialize)]
pub(super) struct ListPage {
    pub crumbs: Vec<Link>,
    pub title: &'static str,
    pub lead: &'static str,
    /// Where a new one is written; empty: not here.
    pub file: &'static str,
    pub here: &'static str,
    pub filters: Vec<Filter>,
    pub searches: bool,
    pub search: String,
    pub keeps: Vec<Kept>,
    pub table: Table,
    pub pager: Pager,
    pub filtered: bool,
    pub empty: &'static str,
}

/// A condition that a search keeps.
#[derive(Clone, Serialize)]
pub(super) struct Kept {
    pub name: &'static str,
    pub value: String,
}

impl ListPage {
    pub const TEMPLATE: &'static str = "complaints/list.html";
}

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    list: String,
    kind: String,
    q: String,
    page: String,
    /// `2026-11` and the id of an institution: those that 机构考评 counts.
    month: String,
    bank: String,
}

/// Where those stand that 机构考评 counts.
pub(crate) fn filed_in(bank: TenantId, month: Date) -> String {
    of_list(ComplaintList::All, bank, month)
}

/// One list of what was filed about an institution in a month.
pub(super) fn of_list(list: ComplaintList, bank: TenantId, month: Date) -> String {
    let (list, month) = (list.code(), write_month(month));
    format!("{}?list={list}&month={month}&bank={bank}", base(Side::City))
}

impl Asked {
    /// The city begins with what it owes; the others with everything.
    fn list(&self, side: Side) -> ComplaintList {
        let otherwise = match side {
            Side::City if self.words().is_empty() => ComplaintList::Owed,
            _ => ComplaintList::All,
        };
        ComplaintList::from_code(&self.list).unwrap_or(otherwise)
    }

    fn kind(&self) -> Option<ComplaintKind> {
        ComplaintKind::from_code(&self.kind)
    }

    fn filed(&self) -> Option<FiledIn> {
        Some(FiledIn {
            bank: TenantId(self.bank.parse().ok()?),
            month: read_month(&self.month)?,
        })
    }

    /// The institution and the month as parameters; nothing unless both were given.
    fn counted(&self) -> Vec<(&'static str, String)> {
        self.filed().map_or_else(Vec::new, |filed| {
            let month = write_month(filed.month);
            vec![("month", month), ("bank", filed.bank.to_string())]
        })
    }

    fn words(&self) -> String {
        sought(&self.q)
    }

    fn page(&self) -> i64 {
        self.page.parse().unwrap_or(1).clamp(1, 5_000)
    }

    fn address(&self, side: Side, list: &str, kind: &str, page: u64) -> String {
        let mut pairs = vec![format!("list={list}")];
        for (name, value) in [("kind", kind), ("q", &self.words())] {
            if !value.is_empty() {
                pairs.push(format!("{name}={}", encode(value)));
            }
        }
        for (name, value) in self.counted() {
            pairs.push(format!("{name}={value}"));
        }
        if page > 1 {
            pairs.push(format!("page={page}"));
        }
        format!("{}?{}", base(side), pairs.join("&"))
    }

    /// The month and the institution that were asked for, and the way back to all.
    fn of_month(&self, side: Side, leaf: &ListLeaf) -> Option<Filter> {
        let filed = self.filed()?;
        let bank = leaf.page.rows.first();
        let bank = bank.map_or("该机构", |one| one.subject.bank_name.as_str());
        let label = format!("{} {bank}", month_words(filed.month));
        let all = format!("{}?list={}", base(side), self.list(side).code());
        Some(Filter {
            label: "提出月份与机构".to_owned(),
            options: vec![
                Link::new(label, self.address(side, self.list(side).code(), "", 1)).current(true),
                Link::new("全部", all),
            ],
        })
    }

    fn filters(&self, side: Side, leaf: &ListLeaf) -> Vec<Filter> {
        let (list, kind) = (self.list(side), self.kind().map_or("", ComplaintKind::code));
        let counted = |one: ComplaintList| match one {
            ComplaintList::Owed => Some(leaf.counts.owed),
            ComplaintList::Overdue => Some(leaf.counts.overdue),
            ComplaintList::Answered => Some(leaf.counts.answered),
            ComplaintList::Closed | ComplaintList::All => None,
        };
        let states = ComplaintList::ALL
            .iter()
            .map(|one| {
                let label = match counted(*one) {
                    Some(count) => {
                        format!("{}（{}）", one.zh(), crate::operator::capped(count))
                    }
                    None => one.zh().to_owned(),
                };
                let href = self.address(side, one.code(), kind, 1);
                Link::new(label, href).current(*one == list)
            })
            .collect();
        let mut kinds = vec![
            Link::new("全部", self.address(side, list.code(), "", 1)).current(kind.is_empty()),
        ];
        kinds.extend(ComplaintKind::ALL.iter().map(|one| {
            let href = self.address(side, list.code(), one.code(), 1);
            Link::new(one.zh(), href).current(one.code() == kind)
        }));
        let mut filters = vec![
            Filter {
                label: "范围".to_owned(),
                options: states,
            },
            Filter {
                label: "类型".to_owned(),
                options: kinds,
            },
        ];
        filters.extend(self.of_month(side, leaf));
        filters
    }
}

pub(super) fn status_tag(status: ComplaintStatus) -> Tag {
    let kind = match status {
        ComplaintStatus::Filed | ComplaintStatus::Reopened => TagKind::Warning,
        ComplaintStatus::Taken => TagKind::Info,
        ComplaintStatus::Answered => TagKind::Success,
        ComplaintStatus::Closed => TagKind::Neutral,
    };
    Tag::new(status.zh(), kind)
}

/// How the promise stands while an answer is owed.
pub(super) fn clock_tag(complaint: &Complaint, now: OffsetDateTime) -> Option<Tag> {
    let due = complaint.due_at.filter(|_| complaint.status.is_owed())?;
    Some(if due < now {
        Tag::new("已超时", TagKind::Danger)
    } else if due - now <= Duration::days(1) {
        Tag::new("即将到期", TagKind::Warning)
    } else {
        Tag::new("办理中", TagKind::Info)
    })
}

fn due_cell(complaint: &Complaint, now: OffsetDateTime) -> Cell {
    if !complaint.status.is_owed() {
        return match complaint.answered_at {
            Some(at) => Cell::text("已答复").second(show::minute(at)),
            None => Cell::text("-"),
        };
    }
    match (clock_tag(complaint, now), complaint.due_at) {
        (Some(tag), Some(due)) => {
            Cell::tag(tag.label, tag.kind).second(format!("{} 前答复", show::minute(due)))
        }
        _ => Cell::text(show::DUE_UNKNOWN),
    }
}

/// Whom it is about: a branch with its institution, unless its own name says that already.
pub(super) fn node_words(subject: &Subject) -> String {
    if subject.about == subject.bank {
        format!("{}（总部）", subject.about_name)
    } else if subject.about_name.starts_with(&subject.bank_name) {
        subject.about_name.clone()
    } else {
        format!("{}（{}）", subject.about_name, subject.bank_name)
    }
}

pub(super) fn about(complaint: &Complaint) -> String {
    node_words(&complaint.subject)
}

fn table(side: Side, rows: &[Complaint], now: OffsetDateTime) -> Table {
    let mut table = Table::new(title(side)).column("投诉编号", "nowrap");
    if side != Side::Enterprise {
        table = table.column("企业名称", "name");
    }
    table = table
        .column("投诉对象", "")
        .column("类型", "")
        .column("状态", "nowrap")
        .column("答复时限", "");
    for one in rows {
        let state = status_tag(one.status);
        let mut state = Cell::tag(state.label, state.kind);
        if side == Side::City && !one.taken_name.is_empty() {
            state = state.second(&one.taken_name);
        }
        if side == Side::Bank {
            let waits = one.asked.as_ref().is_some_and(|a| !a.stated);
            state = state.second(if waits { "等待说明" } else { "已说明" });
        }
        let mut cells =
            vec![Cell::link(&one.number, href(side, one.id)).second(show::minute(one.filed_at))];
        if side != Side::Enterprise {
            cells.push(Cell::text(&one.enterprise_name));
        }
        cells.push(Cell::text(about(one)).second(&one.subject.application_no));
        cells.push(Cell::text(one.kind.zh()));
        cells.push(state);
        cells.push(due_cell(one, now));
        table.push(cells);
    }
    table
}

const fn lead(side: Side) -> &'static str {
    match side {
        Side::Enterprise => {
            "对金融机构的服务不满意，或者对一笔融资需求的办理有意见，可以向平台投诉。平台按承诺的工作日答复。"
        }
        Side::City => {
            "先到期的在前。答复前可以请被投诉的支行或机构说明情况；投诉不改变融资需求的状态。"
        }
        Side::Bank => "平台请本机构说明的投诉。说明只由平台查看，由平台答复企业。",
    }
}

const fn empty(side: Side) -> &'static str {
    match side {
        Side::Enterprise => "还没有投诉。",
        Side::City => "没有待处理的投诉。",
        Side::Bank => "没有请本机构说明的投诉。",
    }
}

async fn page(
    web: &Web<ComplaintRoom>,
    actor: &application::access::Actor,
    side: Side,
    asked: &Asked,
    visit: &Visit,
) -> Result<Response, WebError> {
    let (list, kind) = (asked.list(side), asked.kind());
    let ask = ComplaintAsk {
        list,
        kind,
        filed: asked.filed(),
        words: asked.words(),
        skip: (asked.page() - 1) * PAGE,
        most: PAGE,
    };
    let leaf = web.uses.list(actor, &ask).await?;
    let pager = Pager::new(
        u64::try_from(leaf.page.total).unwrap_or(0),
        u64::try_from(asked.page()).unwrap_or(1),
        u64::try_from(PAGE).unwrap_or(1),
        |page| {
            asked.address(
                side,
                list.code(),
                kind.map_or("", ComplaintKind::code),
                page,
            )
        },
    );
    let mut keeps = vec![Kept {
        name: "list",
        value: ComplaintList::All.code().to_owned(),
    }];
    keeps.extend(kind.map(|kind| Kept {
        name: "kind",
        value: kind.code().to_owned(),
    }));
    keeps.extend(
        asked
            .counted()
            .into_iter()
            .map(|(name, value)| Kept { name, value }),
    );
    let filtered = kind.is_some()
        || ask.filed.is_some()
        || !asked.words().is_empty()
        || ComplaintList::from_code(&asked.list).is_some_and(|one| one != ComplaintList::All);
    let page = ListPage {
        crumbs: crumbs(side, &[]),
        title: title(side),
        lead: lead(side),
        file: if leaf.may_file {
            "/enterprise/complaints/new"
        } else {
            ""
        },
        here: base(side),
        filters: asked.filters(side, &leaf),
        searches: side == Side::City,
        search: asked.words(),
        keeps,
        table: table(side, &leaf.page.rows, leaf.now),
        pager,
        filtered,
        empty: empty(side),
    };
    Ok(visit.render(ListPage::TEMPLATE, title(side), &page))
}

pub(super) async fn own(
    State(web): State<Web<ComplaintRoom>>,
    visit: EnterpriseVisit,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let actor = visit.actor().clone();
    let visit = visit.0.enterprise_console();
    page(&web, &actor, Side::Enterprise, &asked, &visit).await
}

pub(super) async fn city(
    State(web): State<Web<ComplaintRoom>>,
    visit: StaffVisit,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let actor = visit.actor().clone();
    super::of_side(&actor, Side::City)?;
    let visit = visit.0.staff_console();
    page(&web, &actor, Side::City, &asked, &visit).await
}

pub(super) async fn bank(
    State(web): State<Web<ComplaintRoom>>,
    visit: StaffVisit,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let actor = visit.actor().clone();
    super::of_side(&actor, Side::Bank)?;
    let visit = visit.0.staff_console();
    page(&web, &actor, Side::Bank, &asked, &visit).await
}

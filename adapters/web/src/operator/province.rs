//! 上级报送: the report of each month, what it says, what the node said, and once more where it said no or nothing.

use application::{
    access::{Action, Room},
    ports::province::{ProvinceReport, ReportState, Schedule, Silence},
    province::{Figures, Line, Paper, Retry},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::values::format_sum_in_wan as wan;
use serde::Serialize;

use super::{OperatorDesk, counted::month_words, crumbs};
use crate::{
    errors::WebError,
    kit::Web,
    parts::{Cell, Described, Link, Table, TagKind},
    posted::{Form, once},
    show,
    spawned::spawned,
    visit::{StaffVisit, id_of, posted_by_staff},
};

const LIST: &str = "/operator/province";
const TITLE: &str = "上级报送";

/// `operator/province.html`.
#[derive(Serialize)]
pub(super) struct ListPage {
    pub crumbs: Vec<Link>,
    pub lead: String,
    /// What is said where there is no report.
    pub empty: &'static str,
    pub table: Table,
}

impl ListPage {
    pub const TEMPLATE: &'static str = "operator/province.html";
}

/// A button.
#[derive(Serialize)]
pub(super) struct Deed {
    pub label: &'static str,
    pub action: String,
    pub kind: &'static str,
    pub key: String,
}

/// `operator/province_report.html`.
#[derive(Serialize)]
pub(super) struct OnePage {
    pub crumbs: Vec<Link>,
    pub title: String,
    pub rows: Vec<Described>,
    pub deeds: Vec<Deed>,
    /// What the buttons do, or who may.
    pub hint: &'static str,
    pub districts: Table,
    pub kinds: Table,
    /// Exactly what is signed and sent.
    pub body: String,
}

impl OnePage {
    pub const TEMPLATE: &'static str = "operator/province_report.html";
}

fn tag(report: &ProvinceReport) -> Cell {
    let kind = match report.state {
        ReportState::Received => TagKind::Success,
        ReportState::Waiting if report.silence.is_none() => TagKind::Info,
        ReportState::Waiting => TagKind::Warning,
        ReportState::Refused | ReportState::Parked => TagKind::Danger,
        ReportState::Replaced => TagKind::Neutral,
    };
    Cell::tag(report.state.zh(), kind)
}

/// What the node said, or why it said nothing.
fn said(report: &ProvinceReport) -> String {
    let why = report.silence.map_or("原因不明", Silence::zh);
    match report.state {
        ReportState::Received => format!("回执号 {}", report.receipt),
        ReportState::Refused | ReportState::Replaced => {
            format!("省级节点退回：{}", report.reason)
        }
        ReportState::Waiting if report.silence.is_none() => "等待报送".to_owned(),
        ReportState::Waiting => format!("上次没有送达：{why}。系统会自动再送。"),
        ReportState::Parked => format!("两天内没有送达：{why}。"),
    }
}

fn table(reports: &[ProvinceReport]) -> Table {
    let mut table = Table::new(TITLE)
        .column("月份", "nowrap")
        .column("状态", "nowrap")
        .column("省级节点的答复", "wrap")
        .column("生成时间", "nowrap")
        .column("答复时间", "nowrap")
        .column("已报送", "nowrap");
    for one in reports {
        table.push(vec![
            Cell::link(month_words(one.month), format!("{LIST}/{}", one.id)),
            tag(one),
            Cell::text(said(one)),
            Cell::text(show::minute(one.made_at)),
            Cell::text(one.settled_at.map_or_else(|| "-".to_owned(), show::minute)),
            Cell::text(format!("{} 次", one.tries)),
        ]);
    }
    table
}

fn lead(schedule: Option<Schedule>) -> String {
    let what = "报告只有合计数，没有企业、人员和具体机构的信息。";
    schedule.map_or_else(
        || format!("本市没有开通上级报送。{what}"),
        |schedule| format!("每月 {} 日起自动报送上个月的汇总数据。{what}", schedule.day),
    )
}

const fn empty(schedule: Option<Schedule>) -> &'static str {
    if schedule.is_some() {
        "还没有报告。到报送日由系统自动生成并报送。"
    } else {
        "本市没有开通上级报送。需要开通的，请联系技术支持配置省级节点。"
    }
}

pub(super) async fn list(
    State(web): State<Web<OperatorDesk>>,
    visit: StaffVisit,
) -> Result<Response, WebError> {
    let list = web.uses.province.list(visit.actor()).await?;
    let page = ListPage {
        crumbs: vec![Link::new("平台工作台", "/operator"), Link::new(TITLE, LIST)],
        lead: lead(list.schedule),
        empty: empty(list.schedule),
        table: table(&list.reports),
    };
    Ok(visit
        .0
        .staff_console()
        .render(ListPage::TEMPLATE, TITLE, &page))
}

const COLUMNS: [&str; 11] = [
    "需求笔数",
    "申请金额",
    "接单",
    "通过",
    "不通过",
    "批准金额",
    "放款笔数",
    "放款金额",
    "平均年利率",
    "放款户数",
    "首贷户数",
];

fn cells(name: &str, of: &Figures) -> Vec<Cell> {
    let count = |n: i64| Cell::text(n.to_string());
    let rate = of.average_rate_bp.map_or_else(
        || "-".to_owned(),
        |bp| format!("{}.{:02}%", bp / 100, bp % 100),
    );
    vec![
        Cell::text(name),
        count(of.requested),
        Cell::text(wan(of.requested_cents)),
        count(of.accepted),
        count(of.approved),
        count(of.rejected),
        Cell::text(wan(of.approved_cents)),
        count(of.disbursements),
        Cell::text(wan(of.disbursed_cents)),
        Cell::text(rate),
        count(of.enterprises_funded),
        count(of.first_loans),
    ]
}

/// One breakdown as it was reported, with the total below.
fn figures(first: &str, lines: &[Line], total: &Figures) -> Table {
    let table = Table::new(format!("按{first}（金额单位：万元）")).column(first, "");
    let mut table = COLUMNS.iter().fold(table, |t, c| t.column(*c, "num"));
    for line in lines {
        table.push(cells(&line.name, &line.figures));
    }
    table.push(cells("合计", total));
    table
}

fn rows(report: &ProvinceReport) -> Vec<Described> {
    let mut rows = vec![
        Described::cell("状态", tag(report)),
        Described::new("省级节点的答复", said(report)),
        Described::new("生成时间", show::minute(report.made_at)),
        Described::new("已报送", format!("{} 次", report.tries)),
    ];
    if let Some(at) = report.settled_at {
        let label = match report.state {
            ReportState::Parked => "停止时间",
            _ => "答复时间",
        };
        rows.push(Described::new(label, show::minute(at)));
    }
    if let Some(at) = report.next_at {
        rows.push(Described::new("下次报送", show::minute(at)));
    }
    rows.push(Described::new("报告编号", report.id.to_string()));
    rows
}

const fn path(retry: Retry) -> &'static str {
    match retry {
        Retry::Again => "again",
        Retry::Anew => "anew",
    }
}

/// What may be done about a report, and what that means.
const fn ways(state: ReportState) -> (&'static [Retry], &'static str) {
    match state {
        ReportState::Refused => (
            &[Retry::Again, Retry::Anew],
            "重新报送：内容与本报告完全相同。重新生成：按最新的统计数据另出一份本月报告，本报告保留备查。",
        ),
        ReportState::Parked => (
            &[Retry::Again],
            "重新报送：内容与本报告完全相同，省级节点按报告编号识别，不会重复计数。",
        ),
        _ => (&[], ""),
    }
}

pub(super) async fn one(
    State(web): State<Web<OperatorDesk>>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let report = web.uses.province.one(visit.actor(), id_of(&id)?).await?;
    let kit = &visit.0.kit;
    let may = kit.guard().may(visit.actor(), Room::Province, Action::Save);
    let (retries, meaning) = ways(report.state);
    let (retries, hint) = match (retries.is_empty(), may.await) {
        (true, _) => (retries, ""),
        (false, true) => (retries, meaning),
        (false, false) => (&[] as &[Retry], "重新报送由平台运营人员办理。"),
    };
    let deed = |retry: &Retry| {
        let (label, kind) = match retry {
            Retry::Again => ("重新报送", "primary"),
            Retry::Anew => ("重新生成", "line"),
        };
        Deed {
            label,
            kind,
            action: format!("{LIST}/{}/{}", report.id, path(*retry)),
            key: kit.tokens().one_time(),
        }
    };
    let title = format!("{}报告", month_words(report.month));
    let page = page(
        &report,
        title.clone(),
        retries.iter().map(deed).collect(),
        hint,
    );
    Ok(visit
        .0
        .staff_console()
        .render(OnePage::TEMPLATE, &title, &page))
}

fn page(report: &ProvinceReport, title: String, deeds: Vec<Deed>, hint: &'static str) -> OnePage {
    let (districts, kinds, body) = match Paper::read(&report.body) {
        Some(paper) => (
            figures("区县", &paper.by_district, &paper.total),
            figures("机构类型", &paper.by_institution_kind, &paper.total),
            serde_json::to_string_pretty(&paper).unwrap_or_default(),
        ),
        None => (Table::default(), Table::default(), report.body.clone()),
    };
    OnePage {
        crumbs: crumbs(Link::new(TITLE, LIST), Some(&title)),
        rows: rows(report),
        title,
        deeds,
        hint,
        districts,
        kinds,
        body,
    }
}

async fn retry(
    web: Web<OperatorDesk>,
    id: String,
    Form(visit, posted): Form,
    retry: Retry,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let (id, once) = (id_of(&id)?, once(&posted)?);
    let uses = web.uses.clone();
    spawned(async move { uses.province.retry(&actor, retry, id, &once).await }).await?;
    let (to, text) = match retry {
        Retry::Again => (
            format!("{LIST}/{id}"),
            "已安排重新报送，一分钟左右可以看到结果。",
        ),
        Retry::Anew => (
            LIST.to_owned(),
            "已安排重新生成本月报告，一分钟左右可以在列表中看到。",
        ),
    };
    Ok(visit.redirect(&to, Some(("success", text))))
}

pub(super) async fn again(
    State(web): State<Web<OperatorDesk>>,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, WebError> {
    retry(web, id, form, Retry::Again).await
}

pub(super) async fn anew(
    State(web): State<Web<OperatorDesk>>,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, WebError> {
    retry(web, id, form, Retry::Anew).await
}

/// The list in both of its shapes.
pub(super) fn list_sample(full: bool, text: &str) -> ListPage {
    let schedule = full.then_some(Schedule { day: 5, from: None });
    let reports: Vec<ProvinceReport> = ReportState::ALL
        .iter()
        .filter(|_| full)
        .map(|state| report_sample(*state, text))
        .collect();
    ListPage {
        crumbs: vec![Link::new("平台工作台", "/operator"), Link::new(TITLE, LIST)],
        lead: lead(schedule),
        empty: empty(schedule),
        table: table(&reports),
    }
}

/// One with everything, and one of a format that is not known any more.
pub(super) fn one_sample(full: bool, text: &str) -> OnePage {
    let mut report = report_sample(ReportState::Refused, text);
    let of = Figures::from(&application::ports::statistics::Sums::default());
    if full {
        let line = Line {
            code: text.to_owned(),
            name: text.to_owned(),
            figures: of.clone(),
        };
        let paper = Paper {
            format: text.to_owned(),
            id: report.id,
            city: application::province::Reporting {
                region: text.to_owned(),
                name: text.to_owned(),
            },
            month: text.to_owned(),
            made_at: text.to_owned(),
            total: of,
            by_district: vec![line.clone()],
            by_institution_kind: vec![line],
        };
        report.body = serde_json::to_string(&paper).unwrap_or_default();
    }
    let deed = Deed {
        label: "重新报送",
        action: format!("{LIST}/x/again"),
        kind: "primary",
        key: "k".to_owned(),
    };
    let deeds = if full { vec![deed] } else { Vec::new() };
    page(
        &report,
        text.to_owned(),
        deeds,
        ways(ReportState::Refused).1,
    )
}

fn report_sample(state: ReportState, text: &str) -> ProvinceReport {
    let at = time::OffsetDateTime::UNIX_EPOCH;
    ProvinceReport {
        id: uuid::Uuid::nil(),
        month: at.date(),
        body: text.to_owned(),
        made_at: at,
        state,
        tries: 3,
        since: at,
        next_at: (state == ReportState::Waiting).then_some(at),
        silence: Some(Silence::NoAnswer),
        reason: text.to_owned(),
        receipt: text.to_owned(),
        settled_at: (state != ReportState::Waiting).then_some(at),
    }
}

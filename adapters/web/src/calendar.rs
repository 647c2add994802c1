//! 工作日历 of the city: how far the promises can be counted, which year is missing, and the days of a year with who declared which.

use application::{
    ports::city_rules::Redating,
    supervision::calendar::{
        CALENDAR_PAGE, CalendarDay, CalendarRoom, CalendarSheet, ENOUGH_DAYS, OwnDay,
    },
};
use axum::{
    Router,
    extract::{Query, State},
    response::Response,
};
use domain::calendar::{DayKind, local_date};
use serde::{Deserialize, Serialize};

use crate::{
    doors::{self, Door, Who},
    errors::WebError,
    kit::Web,
    parts::{Cell, Link, Table, TagKind},
    rules::DAYS_PAGE,
    show,
    visit::StaffVisit,
};

const TEMPLATE: &str = "operator/calendar.html";

pub fn doors() -> Vec<Door<Web<CalendarRoom>>> {
    vec![Door::get(CALENDAR_PAGE, Who::Staff, show)]
}

pub fn routes(web: Web<CalendarRoom>) -> Router {
    doors::router(doors(), web)
}

#[derive(Serialize)]
struct CalendarPage {
    crumbs: Vec<Link>,
    years: Table,
    days_of: String,
    table: Table,
    missing: i32,
    days: i64,
    ended: bool,
    soon: bool,
    undated: i64,
    waits: bool,
    may_propose: bool,
    change: &'static str,
    redated: Vec<String>,
}

#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    year: String,
}

async fn show(
    State(web): State<Web<CalendarRoom>>,
    visit: StaffVisit,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let sheet = web
        .uses
        .view(visit.actor(), asked.year.parse().ok())
        .await?;
    let visit = visit.0.staff_console();
    Ok(visit.render(TEMPLATE, "工作日历", &page(&sheet)))
}

/// 放假 or 上班.
pub(crate) const fn kind_zh(kind: DayKind) -> &'static str {
    match kind {
        DayKind::Off => "放假",
        DayKind::Worked => "上班",
    }
}

fn source(day: &CalendarDay) -> Cell {
    let published = match &day.published {
        Some((DayKind::Off, name)) => format!("国家安排：{name}放假"),
        Some((DayKind::Worked, name)) => format!("国家安排：{name}调休上班"),
        None => String::new(),
    };
    let Some(own) = &day.own else {
        return Cell::text(published);
    };
    let at = own.settled_at.map_or_else(String::new, show::minute);
    let who = format!(
        "{}提出，{}复核，{at} 生效",
        own.asked_name, own.settled_name
    );
    let sub = if published.is_empty() {
        who
    } else {
        format!("{who}（{published}）")
    };
    Cell::text(format!("本市调整：{}", own.reason)).second(sub)
}

fn table(sheet: &CalendarSheet) -> Table {
    let mut table = Table::new(format!("{} 年放假与调休", sheet.year))
        .column("日期", "nowrap")
        .column("安排", "nowrap")
        .column("依据", "wrap");
    if sheet.may_propose {
        table = table.column("操作", "nowrap");
    }
    for day in &sheet.days {
        let tag = match day.kind {
            DayKind::Off => Cell::tag("放假", TagKind::Info),
            DayKind::Worked => Cell::tag("上班", TagKind::Warning),
        };
        let mut cells = vec![Cell::text(show::weekday(day.date)), tag, source(day)];
        if sheet.may_propose {
            let (label, to) = match (&day.own, day.kind) {
                (Some(_), _) => ("取消调整", "published"),
                (None, DayKind::Off) => ("改为上班", "work"),
                (None, DayKind::Worked) => ("改为放假", "off"),
            };
            let href = format!("{DAYS_PAGE}?day={}&as={to}", day.date);
            cells.push(if day.past {
                Cell::text("已过")
            } else {
                Cell::links(vec![Link::new(label, href)])
            });
        }
        table.push(cells);
    }
    table
}

fn redated(one: &Redating) -> String {
    // A moment before the first day that changed.
    let day = local_date(one.since + time::Duration::SECOND);
    match one.dated_at {
        None => format!("{day} 起的调整已生效，正在重新计算时限。"),
        Some(at) => format!(
            "{day} 起的调整已于 {} 重新计算，{} 笔业务的时限有变化。",
            show::minute(at),
            one.moved
        ),
    }
}

fn page(sheet: &CalendarSheet) -> CalendarPage {
    let mut years = Table::new("已有的工作日历")
        .column("年份", "nowrap")
        .column("工作日", "num");
    for known in &sheet.years {
        let label = format!("{} 年", known.year);
        years.push(vec![
            Cell::link(label, format!("{CALENDAR_PAGE}?year={}", known.year)),
            Cell::text(format!("{} 天", known.workdays)),
        ]);
    }
    CalendarPage {
        crumbs: vec![
            Link::new("平台工作台", "/operator"),
            Link::new("工作日历", "").current(true),
        ],
        years,
        days_of: format!("{} 年放假与调休", sheet.year),
        table: table(sheet),
        missing: sheet.missing,
        days: sheet.days_left.max(0),
        ended: sheet.days_left < 0,
        soon: sheet.days_left < ENOUGH_DAYS,
        undated: sheet.undated,
        waits: sheet.waits,
        may_propose: sheet.may_propose,
        change: DAYS_PAGE,
        redated: sheet.redatings.iter().map(redated).collect(),
    }
}

/// The page in every shape, for the test that draws it.
#[doc(hidden)]
pub fn samples() -> Vec<(&'static str, serde_json::Value)> {
    let nasty = "<b>\"'\\&</b>长原因".repeat(4);
    let at = time::OffsetDateTime::UNIX_EPOCH;
    let day = |date, kind, published, own| CalendarDay {
        date,
        kind,
        published,
        own,
        past: false,
    };
    let own = OwnDay {
        asked_name: nasty.clone(),
        settled_name: nasty.clone(),
        settled_at: Some(at),
        reason: nasty.clone(),
    };
    let (first, second) = (
        time::macros::date!(2026 - 12 - 30),
        time::macros::date!(2026 - 12 - 31),
    );
    let published = Some((DayKind::Off, nasty.clone()));
    let days = vec![
        day(first, DayKind::Off, published.clone(), None),
        day(second, DayKind::Worked, published, Some(own)),
    ];
    let redating = |dated_at| Redating {
        change: uuid::Uuid::nil(),
        since: at,
        asked_at: at,
        dated_at,
        moved: 3,
    };
    [(400, 0, true), (36, 3, true), (-2, 12, false)]
        .into_iter()
        .map(|(days_left, undated, may_propose)| {
            let sheet = CalendarSheet {
                years: Vec::new(),
                year: 2026,
                days: if undated == 0 {
                    Vec::new()
                } else {
                    days.clone()
                },
                missing: 2027,
                days_left,
                undated,
                waits: !may_propose,
                may_propose,
                redatings: vec![redating(None), redating(Some(at))],
            };
            let page = serde_json::to_value(page(&sheet)).unwrap_or_default();
            (TEMPLATE, page)
        })
        .collect()
}

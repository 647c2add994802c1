//! 数据大屏 for the wall of the city hall: totals, today, districts and what just happened; no name of any enterprise or person.

use application::{
    ports::statistics::{Movement, Sums},
    statistics::{Named, Screen},
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{calendar::SHANGHAI, financing::Verb, values::format_sum_in_wan as wan};
use serde::Serialize;
use serde_json::json;

use super::{
    OperatorDesk,
    statistics::{percent, unsigned},
};
use crate::{
    charts::{Bars, Columns},
    errors::WebError,
    kit::Web,
    parts::Figure,
    show, templates,
    visit::StaffVisit,
};
use application::error::UseError;

/// The whole page, and the part of it that is fetched again.
pub(super) const TEMPLATE: &str = "operator/screen.html";
pub(super) const WALL: &str = "operator/screen_wall.html";
/// Districts that fit on the wall.
const MOST_BARS: usize = 8;

/// What both templates read.
#[derive(Serialize)]
pub(super) struct ScreenPage {
    pub heading: String,
    pub at: String,
    pub year: i32,
    pub totals: Vec<Figure>,
    pub today: Vec<Figure>,
    pub regions: Bars,
    pub days: Columns,
    pub movements: Vec<Moved>,
}

/// One line of 最近动态.
#[derive(Serialize)]
pub(super) struct Moved {
    pub at: String,
    pub place: String,
    pub bank: String,
    pub what: String,
}

fn figure(label: &str, value: String, unit: &str, note: String) -> Figure {
    Figure {
        label: label.to_owned(),
        value,
        unit: unit.to_owned(),
        note,
        ..Figure::default()
    }
}

fn totals(sums: &Sums) -> Vec<Figure> {
    let decided = sums.approved + sums.rejected;
    vec![
        figure(
            "融资需求",
            sums.asked.to_string(),
            "笔",
            format!("申请 {} 万元", wan(sums.asked_cents)),
        ),
        figure(
            "通过",
            sums.approved.to_string(),
            "笔",
            format!("批准 {} 万元", wan(sums.approved_cents)),
        ),
        figure(
            "已确认放款",
            wan(sums.drawn_cents),
            "万元",
            format!("{} 笔", sums.draws),
        ),
        figure(
            "放款企业",
            sums.homes.to_string(),
            "户",
            format!("首贷 {} 户", sums.first_homes),
        ),
        figure(
            "接单按时率",
            percent(sums.accepted_in_time, sums.accepted),
            "",
            format!("接单 {} 笔", sums.accepted),
        ),
        figure(
            "审结按时率",
            percent(sums.decided_in_time, decided),
            "",
            format!("审结 {decided} 笔"),
        ),
    ]
}

fn today(sums: &Sums) -> Vec<Figure> {
    let count = |label: &str, n: i64| figure(label, n.to_string(), "笔", String::new());
    vec![
        count("今日提交", sums.asked),
        count("今日接单", sums.accepted),
        count("今日通过", sums.approved),
        figure("今日放款", wan(sums.drawn_cents), "万元", String::new()),
    ]
}

fn regions(named: &[Named]) -> Bars {
    let rows = named
        .iter()
        .take(MOST_BARS)
        .map(|p| {
            let words = format!("{} 笔　放款 {} 万元", p.sums.asked, wan(p.sums.drawn_cents));
            (p.label.clone(), unsigned(p.sums.asked), words, "")
        })
        .collect();
    Bars::new(
        "regions",
        "各区县融资需求",
        "本年各区县的融资需求笔数和已确认放款金额。",
        rows,
    )
}

fn moved(movement: Movement) -> Moved {
    let what = match Verb::from_code(&movement.verb) {
        Some(Verb::Submit) => "提交需求",
        Some(Verb::Accept) => "已接单",
        Some(Verb::Approve) => "审核通过",
        Some(Verb::Disburse | Verb::DisburseLast) => "放款",
        Some(Verb::Settle) => "已结清",
        _ => "",
    };
    let at = movement.at.to_offset(SHANGHAI);
    Moved {
        at: show::minute(at).split_off(5),
        place: movement.region,
        bank: movement.bank,
        what: what.to_owned(),
    }
}

fn page(screen: Screen, city: &str) -> ScreenPage {
    ScreenPage {
        heading: city.to_owned(),
        at: show::second(Some(screen.at)),
        year: screen.at.to_offset(SHANGHAI).year(),
        totals: totals(&screen.year),
        today: today(&screen.today),
        regions: regions(&screen.regions),
        days: Columns::on_a_wall(
            "days",
            "最近 14 天融资需求",
            "最近 14 天每天提交的融资需求笔数。",
            screen
                .days
                .iter()
                .map(|(day, sums)| {
                    (
                        format!("{}/{}", u8::from(day.month()), day.day()),
                        unsigned(sums.asked),
                    )
                })
                .collect(),
        ),
        movements: screen.movements.into_iter().map(moved).collect(),
    }
}

async fn read(web: &Web<OperatorDesk>, visit: &StaffVisit) -> Result<ScreenPage, WebError> {
    let screen = web.uses.statistics.screen(visit.actor()).await?;
    Ok(page(screen, &visit.0.city.name))
}

pub(super) async fn show(
    State(web): State<Web<OperatorDesk>>,
    visit: StaffVisit,
) -> Result<Response, WebError> {
    let page = read(&web, &visit).await?;
    Ok(visit.0.render(TEMPLATE, "数据大屏", &page))
}

/// The part that changes, drawn here so that the script only puts it in its place.
pub(super) async fn data(
    State(web): State<Web<OperatorDesk>>,
    visit: StaffVisit,
) -> Result<Response, WebError> {
    let page = read(&web, &visit).await?;
    let context = templates::context(&page).map_err(UseError::bug)?;
    let html = visit.0.kit.tera().render(WALL, &context);
    let html = html.map_err(UseError::bug)?;
    let mut answer = Json(json!({ "ok": true, "html": html })).into_response();
    answer.headers_mut().insert(
        axum::http::header::CACHE_CONTROL,
        axum::http::HeaderValue::from_static("no-store"),
    );
    Ok(answer)
}

pub(super) fn sample(full: bool, nasty: &str) -> ScreenPage {
    let sums = Sums {
        asked: 12,
        drawn_cents: 300_000_000,
        ..Sums::default()
    };
    let at = time::OffsetDateTime::UNIX_EPOCH;
    let screen = Screen {
        at,
        year: sums,
        today: sums,
        days: vec![(at.date(), sums)],
        regions: if full {
            vec![Named {
                value: String::new(),
                label: nasty.to_owned(),
                sums,
            }]
        } else {
            Vec::new()
        },
        movements: if full {
            vec![Movement {
                at,
                verb: "submit".to_owned(),
                bank: nasty.to_owned(),
                region: nasty.to_owned(),
            }]
        } else {
            Vec::new()
        },
    };
    page(screen, nasty)
}

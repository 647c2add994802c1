//! 全省统计 (T6): what the people of a province see, on a site of the province's own. No door of a city opens there.

mod definitions;
mod samples;

use std::collections::HashMap;

use application::{
    ports::{
        provincial::TOLD_BY,
        statistics::{Dimension, Span},
    },
    provincial::{Amount, CityLine, Figure, KEPT, ProvinceSheet, ProvincialRoom, SheetAsk, Shown},
    statistics::{MOST_MONTHS, month_end},
};
use axum::{
    Router,
    extract::{Query, State},
    response::Response,
};
use domain::values::format_sum_in_wan as wan;
use serde::Serialize;

pub use samples::samples;

use crate::{
    charts::{Bars, Columns},
    doors::{self, Door, Who},
    errors::WebError,
    exports::workbook,
    forms::Field,
    kit::Web,
    operator::{month_words, read_month, write_month},
    parts::{Cell, Described, Figure as Tile, Filter, Link, Table},
    show,
    spawned::spawned,
    visit::{StaffVisit, encode},
};

type Room = Web<ProvincialRoom>;

pub(crate) const PAGE: &str = "/province";
const TITLE: &str = "全省统计";

/// Doors of a province's site, with what lies below them: its room, the own account, and what every page needs.
const HERE: [&str; 10] = [
    PAGE,
    "/staff",
    "/branch/account",
    "/assets",
    "/captcha.png",
    "/demo/inbox",
    "/large-type",
    "/logout",
    "/session/keep",
    "/sms-code",
];
/// Below one of them, and a city's all the same.
const ELSEWHERE: &str = "/staff/posters";

/// Whether a province's site has such a door; to everything else it answers as to an address that never was.
pub(crate) fn is_here(path: &str) -> bool {
    let below = |base: &str| {
        path.strip_prefix(base)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    HERE.iter().any(|base| below(base)) && !below(ELSEWHERE)
}

pub fn doors() -> Vec<Door<Room>> {
    vec![
        Door::get(PAGE, Who::Staff, sheet),
        Door::get("/province/workbook", Who::Staff, take),
    ]
}

pub fn routes(web: Room) -> Router {
    doors::router(doors(), web)
}

/// `provincial/sheet.html`.
#[derive(Serialize)]
struct SheetPage {
    lead: String,
    by: &'static str,
    /// Slug of the city whose groups are shown; empty: the province's.
    of: String,
    /// The same as a workbook.
    workbook: String,
    month: Field,
    dimensions: Filter,
    places: Filter,
    totals: Vec<Tile>,
    /// Why some figures are not there; empty when all are.
    kept: String,
    asked: Bars,
    cities: Table,
    parts_title: String,
    parts: Table,
    trend: Columns,
    months: Table,
    definitions: Vec<Described>,
}

impl SheetPage {
    const TEMPLATE: &'static str = "provincial/sheet.html";
}

fn words(amount: Amount) -> String {
    match amount {
        Amount::Kept => KEPT.to_owned(),
        Amount::Nothing => "-".to_owned(),
        Amount::Count(count) => count.to_string(),
        Amount::Cents(cents) => wan(cents),
        Amount::Rate(rate) => format!("{}.{:02}", rate / 100, rate % 100),
    }
}

/// What a bar or a column is as long as.
fn length(amount: Amount) -> Option<u64> {
    match amount {
        Amount::Count(count) => u64::try_from(count).ok(),
        _ => None,
    }
}

fn totals(shown: &Shown) -> Vec<Tile> {
    let told = |figure| words(shown.told(figure));
    let tile = |figure: Figure, unit: &str, note: String| Tile {
        label: figure.zh().to_owned(),
        value: told(figure),
        unit: unit.to_owned(),
        note,
        ..Tile::default()
    };
    vec![
        tile(
            Figure::Asked,
            "笔",
            format!("申请金额 {} 万元", told(Figure::AskedCents)),
        ),
        tile(Figure::Accepted, "笔", String::new()),
        tile(
            Figure::Approved,
            "笔",
            format!("批准金额 {} 万元", told(Figure::ApprovedCents)),
        ),
        tile(Figure::Rejected, "笔", String::new()),
        tile(
            Figure::DrawnCents,
            "万元",
            format!(
                "{} 笔，加权平均年利率 {}%",
                told(Figure::Draws),
                told(Figure::Rate)
            ),
        ),
        tile(Figure::Homes, "户", String::new()),
    ]
}

fn table(caption: String, first: &str) -> Table {
    let table = Table::new(caption).column(first, "");
    let figures = Figure::ALL.iter();
    figures.fold(table, |table, figure| table.column(figure.zh(), "num"))
}

fn row(first: Cell, shown: &Shown) -> Vec<Cell> {
    let figures = Figure::ALL.iter();
    let told = figures.map(|figure| Cell::text(words(shown.told(*figure))));
    std::iter::once(first).chain(told).collect()
}

fn cities(sheet: &ProvinceSheet) -> Table {
    let mut table =
        table("各城市（金额单位：万元）".to_owned(), "城市").column("汇总时间", "nowrap");
    for city in &sheet.cities {
        let mut cells = row(Cell::text(&city.name).second(&city.platform), &city.shown);
        cells.push(Cell::text(show::minute(city.told_at)));
        table.push(cells);
    }
    table
}

fn parts(sheet: &ProvinceSheet, title: &str) -> Table {
    let mut table = table(format!("{title}（金额单位：万元）"), sheet.by.zh());
    for part in &sheet.parts {
        table.push(row(Cell::text(&part.label), &part.shown));
    }
    table
}

fn months(sheet: &ProvinceSheet) -> Table {
    let mut table = table("全省按月（金额单位：万元）".to_owned(), "月份");
    for (month, shown) in &sheet.trend {
        table.push(row(Cell::text(month_words(*month)), shown));
    }
    table
}

fn asked_bars(sheet: &ProvinceSheet) -> Bars {
    let bar = |city: &CityLine| {
        let asked = city.shown.told(Figure::Asked);
        let told = match asked {
            Amount::Kept => "不显示".to_owned(),
            told => format!("{} 笔", words(told)),
        };
        (city.name.clone(), length(asked).unwrap_or(0), told, "")
    };
    Bars::new(
        "asked",
        "各城市的需求笔数",
        "每个城市当月的融资需求笔数，全部数值见下方表格。",
        sheet.cities.iter().map(bar).collect(),
    )
}

fn trend(sheet: &ProvinceSheet) -> Columns {
    let months = sheet.trend.iter().filter_map(|(month, shown)| {
        let asked = length(shown.told(Figure::Asked))?;
        Some((write_month(*month), asked))
    });
    Columns::new(
        "trend",
        "全省各月需求笔数",
        "每月提交的融资需求笔数，全部数值见下方表格。",
        months.collect(),
    )
}

fn month_field(sheet: &ProvinceSheet) -> Field {
    let newest = sheet.newest.year() * 12 + i32::from(u8::from(sheet.newest.month())) - 1;
    let options = (0..MOST_MONTHS).filter_map(|back| {
        let at = newest - back;
        let day = read_month(&format!("{}-{:02}", at / 12, at % 12 + 1))?;
        Some((write_month(day), month_words(day)))
    });
    Field::select("month", "月份", "")
        .options(options)
        .value(write_month(sheet.month))
}

/// The address of another look at the same.
fn href(sheet: &ProvinceSheet, by: Dimension, of: &str) -> String {
    let of = encode(of);
    format!(
        "?month={}&by={}&of={of}",
        write_month(sheet.month),
        by.code()
    )
}

fn lead(sheet: &ProvinceSheet) -> String {
    let span = Span {
        from: sheet.month,
        to: month_end(sheet.month),
    };
    let told = sheet.told_at().map_or_else(String::new, |at| {
        format!("各城市的数不早于 {} 汇总。", show::minute(at))
    });
    format!(
        "{}（{} 至 {}），只统计已经结束的月份。{told}",
        month_words(span.from),
        span.from,
        span.to
    )
}

fn kept(sheet: &ProvinceSheet) -> String {
    let mut lines = sheet.cities.iter().map(|city| &city.shown);
    let mut others = sheet.parts.iter().map(|part| &part.shown);
    let mut months = sheet.trend.iter().map(|(_, shown)| shown);
    let any = sheet.total.keeps()
        || lines.any(Shown::keeps)
        || others.any(Shown::keeps)
        || months.any(Shown::keeps);
    if any {
        "这个数涉及的企业少于 3 户，或者由它可以推算出涉及企业少于 3 户的数。".to_owned()
    } else {
        String::new()
    }
}

fn page(sheet: &ProvinceSheet) -> SheetPage {
    let of = sheet.of.as_deref().unwrap_or_default();
    let chosen = sheet.cities.iter().find(|city| city.slug == of);
    let whose = chosen.map_or("全省", |city| city.name.as_str());
    let parts_title = format!("{whose}按{}", sheet.by.zh());
    let by = |by: &Dimension| {
        let href = format!("{PAGE}{}", href(sheet, *by, of));
        Link::new(by.zh(), href).current(*by == sheet.by)
    };
    let place = |label: &str, slug: &str| {
        let href = format!("{PAGE}{}", href(sheet, sheet.by, slug));
        Link::new(label, href).current(slug == of)
    };
    let mut places = vec![place("全省", "")];
    places.extend(
        sheet
            .cities
            .iter()
            .map(|city| place(&city.name, &city.slug)),
    );
    SheetPage {
        lead: lead(sheet),
        by: sheet.by.code(),
        of: of.to_owned(),
        workbook: format!("{PAGE}/workbook{}", href(sheet, sheet.by, of)),
        month: month_field(sheet),
        dimensions: Filter {
            label: "分组".to_owned(),
            options: TOLD_BY.iter().map(by).collect(),
        },
        places: Filter {
            label: "分组范围".to_owned(),
            options: places,
        },
        totals: totals(&sheet.total),
        kept: kept(sheet),
        asked: asked_bars(sheet),
        cities: cities(sheet),
        parts: parts(sheet, &parts_title),
        parts_title,
        trend: trend(sheet),
        months: months(sheet),
        definitions: definitions::all(),
    }
}

fn ask_of(asked: &HashMap<String, String>) -> SheetAsk {
    let word = |name: &str| asked.get(name).map_or("", String::as_str);
    let of: String = word("of").chars().take(40).collect();
    SheetAsk {
        month: read_month(word("month")),
        by: Dimension::from_code(word("by")),
        city: Some(of).filter(|of| !of.is_empty()),
    }
}

async fn sheet(
    State(web): State<Room>,
    visit: StaffVisit,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let sheet = web.uses.sheet(visit.actor(), &ask_of(&asked)).await?;
    let visit = visit.0.staff_console();
    Ok(visit.render(SheetPage::TEMPLATE, TITLE, &page(&sheet)))
}

/// What the page says, to take along.
async fn take(
    State(web): State<Room>,
    visit: StaffVisit,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let (actor, ask) = (visit.actor().clone(), ask_of(&asked));
    let uses = web.uses.clone();
    let bytes = spawned(async move { uses.take(&actor, &ask).await }).await?;
    let day = domain::calendar::local_date(visit.0.kit.clock().now());
    Ok(workbook(&format!("province-{day}"), bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_site_of_a_province_has_its_own_doors_and_no_others() {
        for path in [
            "/province",
            "/province/workbook",
            "/staff/login",
            "/branch/account/password",
        ] {
            assert!(is_here(path), "{path}");
        }
        for path in [
            "/login",
            "/register",
            "/market",
            "/operator/province",
            "/provinces",
            "/branch",
            "/branch/accounts",
            "/staff/posters",
            "/api/v1/city",
            "/bank/v1/loans",
        ] {
            assert!(!is_here(path), "{path}");
        }
    }

    #[test]
    fn amounts_are_written_as_people_read_them_and_what_is_kept_is_a_star() {
        assert_eq!(words(Amount::Kept), "*");
        assert_eq!(words(Amount::Rate(375)), "3.75");
        assert_eq!(words(Amount::Count(12)), "12");
        assert_eq!(words(Amount::Nothing), "-");
    }
}

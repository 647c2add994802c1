//! 统计分析 (O4, G3): totals with their definitions, by month and by one dimension; every number of requests opens its rows.

use std::collections::HashMap;

use application::{
    ports::statistics::{Counted, Dimension, Measure, Span, Sums},
    statistics::{Named, Sheet},
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::values::format_sum_in_wan as wan;
use serde::Serialize;
use time::Date;

use super::{
    OperatorDesk,
    counted::{self, month_words, read_month, span_words, write_month},
};
use crate::{
    charts::{Bars, Columns},
    errors::WebError,
    exports::workbook,
    forms::Field,
    kit::Web,
    parts::{Cell, Described, Figure, Filter, Link, Table},
    spawned::spawned,
    visit::StaffVisit,
};

pub(super) const PAGE: &str = "/operator/statistics";
/// Bars of one drawing at most; the table has every value.
const MOST_BARS: usize = 12;

/// `operator/statistics.html`.
#[derive(Serialize)]
pub(super) struct StatisticsPage {
    pub lead: String,
    /// What was asked for and cannot be; empty: nothing.
    pub wrong: &'static str,
    /// The rows behind the figures are open to this person.
    pub rows: bool,
    /// Complaints that are late, told to whoever sees totals only; empty: none.
    pub late: String,
    pub crumbs: Vec<Link>,
    pub by: &'static str,
    /// The same as a workbook.
    pub workbook: String,
    pub from: Field,
    pub to: Field,
    pub dimensions: Filter,
    pub totals: Vec<Figure>,
    pub trend: Columns,
    pub asked: Bars,
    pub drawn: Bars,
    pub parts_title: String,
    pub parts: Table,
    pub months: Table,
    pub note: &'static str,
    pub definitions: Vec<Described>,
}

impl StatisticsPage {
    pub const TEMPLATE: &'static str = "operator/statistics.html";
}

pub(crate) fn percent(part: i64, of: i64) -> String {
    if of == 0 {
        return "-".to_owned();
    }
    let tenths = (part * 1_000 + of / 2) / of;
    format!("{}.{}%", tenths / 10, tenths % 10)
}

/// Natural hours on average.
fn hours(sums: &Sums) -> String {
    if sums.accepted == 0 {
        return "-".to_owned();
    }
    let tenths = (sums.accept_seconds / sums.accepted + 180) / 360;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Weighted by the amounts, in per cent a year.
fn rate(sums: &Sums) -> String {
    let yuan = sums.drawn_cents / 100;
    if yuan == 0 {
        return "-".to_owned();
    }
    let hundredths = (sums.rate_weight + yuan / 2) / yuan;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Addresses of the rows; none for those who see totals only.
struct Rows {
    span: Span,
    open: bool,
}

impl Rows {
    fn href(&self, measure: Measure, of: Option<(Dimension, &str)>) -> String {
        if !self.open {
            return String::new();
        }
        counted::href(&Counted {
            measure,
            span: self.span,
            of: of.map(|(d, v)| (d, v.to_owned())),
        })
    }

    fn cell(&self, count: i64, measure: Measure, of: Option<(Dimension, &str)>) -> Cell {
        let href = self.href(measure, of);
        if count == 0 || href.is_empty() {
            Cell::text(count.to_string())
        } else {
            Cell::link(count.to_string(), href)
        }
    }
}

fn totals(sums: &Sums, renewals: &Sums, rows: &Rows) -> Vec<Figure> {
    let figure =
        |label: &str, value: String, unit: &str, measure: Option<Measure>, note: String| Figure {
            label: label.to_owned(),
            value,
            unit: unit.to_owned(),
            note,
            href: measure.map_or_else(String::new, |m| rows.href(m, None)),
            ..Figure::default()
        };
    let count = |label: &str, n: i64, unit: &str, measure, note: String| {
        figure(label, n.to_string(), unit, Some(measure), note)
    };
    let decided = sums.approved + sums.rejected;
    vec![
        count(
            "需求笔数",
            sums.asked,
            "笔",
            Measure::Asked,
            format!("申请金额 {} 万元", wan(sums.asked_cents)),
        ),
        count(
            "接单",
            sums.accepted,
            "笔",
            Measure::Accepted,
            format!("平均用时 {} 小时", hours(sums)),
        ),
        figure(
            "接单按时率",
            percent(sums.accepted_in_time, sums.accepted),
            "",
            Some(Measure::AcceptedInTime),
            format!("按时 {} 笔", sums.accepted_in_time),
        ),
        count(
            "通过",
            sums.approved,
            "笔",
            Measure::Approved,
            format!("批准金额 {} 万元", wan(sums.approved_cents)),
        ),
        count(
            "不通过",
            sums.rejected,
            "笔",
            Measure::Rejected,
            format!("通过率 {}", percent(sums.approved, decided)),
        ),
        figure(
            "审结按时率",
            percent(sums.decided_in_time, decided),
            "",
            Some(Measure::DecidedInTime),
            format!("按时 {} 笔", sums.decided_in_time),
        ),
        figure(
            "已确认放款",
            wan(sums.drawn_cents),
            "万元",
            Some(Measure::Draws),
            format!("{} 笔，加权平均年利率 {}%", sums.draws, rate(sums)),
        ),
        count(
            "放款户数",
            sums.homes,
            "户",
            Measure::Homes,
            format!("其中首贷 {} 户", sums.first_homes),
        ),
        Figure {
            label: "续贷放款".to_owned(),
            value: wan(renewals.drawn_cents),
            unit: "万元".to_owned(),
            note: format!(
                "{} 笔，占已确认放款金额 {}",
                renewals.draws,
                percent(renewals.drawn_cents / 100, sums.drawn_cents / 100)
            ),
            href: if renewals.draws == 0 {
                String::new()
            } else {
                rows.href(Measure::Draws, Some((Dimension::Renewal, "yes")))
            },
            ..Figure::default()
        },
    ]
}

const COLUMNS: [&str; 10] = [
    "需求笔数",
    "申请金额",
    "接单",
    "通过",
    "不通过",
    "批准金额",
    "放款笔数",
    "放款金额",
    "放款户数",
    "首贷户数",
];

fn cells(sums: &Sums, rows: &Rows, of: Option<(Dimension, &str)>) -> Vec<Cell> {
    vec![
        rows.cell(sums.asked, Measure::Asked, of),
        Cell::text(wan(sums.asked_cents)),
        rows.cell(sums.accepted, Measure::Accepted, of),
        rows.cell(sums.approved, Measure::Approved, of),
        rows.cell(sums.rejected, Measure::Rejected, of),
        Cell::text(wan(sums.approved_cents)),
        // Disbursements are counted, requests are opened.
        match rows.href(Measure::Draws, of) {
            href if href.is_empty() || sums.draws == 0 => Cell::text(sums.draws.to_string()),
            href => Cell::link(sums.draws.to_string(), href),
        },
        Cell::text(wan(sums.drawn_cents)),
        rows.cell(sums.homes, Measure::Homes, of),
        rows.cell(sums.first_homes, Measure::FirstHomes, of),
    ]
}

fn table(caption: String, first: &str) -> Table {
    COLUMNS
        .iter()
        .fold(Table::new(caption).column(first, ""), |t, c| {
            t.column(*c, "num")
        })
}

fn parts(sheet: &Sheet, dimension: Dimension, rows: &Rows) -> Table {
    let mut table = table(
        format!("按{}（金额单位：万元）", dimension.zh()),
        dimension.zh(),
    );
    for part in &sheet.parts {
        let mut row = vec![Cell::text(&part.label)];
        row.extend(cells(&part.sums, rows, Some((dimension, &part.value))));
        table.push(row);
    }
    table
}

fn months(sheet: &Sheet) -> Table {
    let mut table = table("按月（金额单位：万元）".to_owned(), "月份");
    for (month, sums) in &sheet.months {
        let span = Span {
            from: *month,
            to: application::statistics::month_end(*month),
        };
        let rows = Rows {
            span,
            open: sheet.rows,
        };
        let mut row = vec![Cell::text(month_words(*month))];
        row.extend(cells(sums, &rows, None));
        table.push(row);
    }
    table
}

pub(super) fn unsigned(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

fn asked_bars(named: &[Named], by: &str) -> Bars {
    let rows = named
        .iter()
        .take(MOST_BARS)
        .map(|p| {
            (
                p.label.clone(),
                unsigned(p.sums.asked),
                format!("{} 笔", p.sums.asked),
                "",
            )
        })
        .collect();
    Bars::new(
        "asked",
        &format!("按{by}的需求笔数"),
        "每一项的融资需求笔数，全部数值见下方表格。",
        rows,
    )
}

fn drawn_bars(named: &[Named], by: &str) -> Bars {
    let rows = named
        .iter()
        .take(MOST_BARS)
        .map(|p| {
            let words = format!("{} 万元", wan(p.sums.drawn_cents));
            (p.label.clone(), unsigned(p.sums.drawn_cents), words, "")
        })
        .collect();
    Bars::new(
        "drawn",
        &format!("按{by}的已确认放款金额"),
        "每一项经企业确认的放款金额，全部数值见下方表格。",
        rows,
    )
}

fn definitions() -> Vec<Described> {
    vec![
        Described::new(
            "需求笔数、申请金额",
            "按提交时间计入当月；草稿和待核身的不计，提交后撤回的仍计。",
        ),
        Described::new(
            "接单、平均接单用时",
            "按首次记录的接单时间计入当月；用时为从提交到接单的自然小时，全部接单的平均值。",
        ),
        Described::new("接单按时率", "接单笔数中，没有发生过超时未接单的占比。"),
        Described::new(
            "通过、不通过、通过率",
            "按审结时间计入当月，以目前结论为准；经复议或更正改变结论的，按新结论计。通过率为通过笔数占两者之和的比例。企业放弃不计入两者：企业撤回的、以“企业放弃本次融资”为唯一原因不通过的不计；通过后企业没有用信的仍计为通过。",
        ),
        Described::new(
            "审结按时率",
            "通过和不通过的笔数中，审结时间不晚于办理时限的占比；退回补充和冻结期间不计时。",
        ),
        Described::new(
            "已确认放款",
            "只计企业已确认的放款，按确认时间计入当月；加权平均年利率以放款金额为权数。",
        ),
        Described::new(
            "放款户数",
            "在本平台第一次有已确认放款的企业，每户只计一次，计入其第一笔放款的融资需求。",
        ),
        Described::new(
            "首贷户数",
            "放款户数中，申请时没有贷款记录的企业。经办支行在尽调报告中按征信报告核实过的，以核实结果为准；没有核实的，按提交时的企业信息。在本平台有过已确认放款的企业，以后的申请不再计为首贷。",
        ),
        Described::new(
            "续贷",
            "从在贷记录发起续贷、提交时标明原申请编号的融资需求。放款只计企业已确认的，按确认时间计入当月；撤回、失效和不通过的续贷申请没有放款，不计入。不是从在贷记录发起的，不论用途，不计为续贷；按续贷分组时只列续贷。",
        ),
        Described::new(
            "分组",
            "区县、行业、企业规模、注册资本和首贷按提交时的企业信息，续贷按提交时的申请，机构按提交时所选机构，担保方式按产品，期限按申请期限；企业以后变更信息不影响已有数字。",
        ),
        Described::new(
            "企业规模",
            "由企业在企业划型中自行填报，按《中小企业划型标准规定》（工信部联企业〔2011〕300 号）所属行业的标准划分。按提交时的填报计，取当年度或上一年度最近一次；没有填报的，以及所属行业没有划型标准的，计入未填报。提交后再填报或更正，不影响已有数字。",
        ),
    ]
}

fn month_field(name: &str, label: &str, chosen: Date, today: Date) -> Field {
    let newest = today.year() * 12 + i32::from(u8::from(today.month())) - 1;
    let options = (0..application::statistics::MOST_MONTHS).filter_map(|back| {
        let at = newest - back;
        let month = u8::try_from(at % 12 + 1).ok()?;
        let day = read_month(&format!("{}-{month:02}", at / 12))?;
        Some((write_month(day), month_words(day)))
    });
    Field::select(name, label, "")
        .options(options)
        .value(write_month(chosen))
}

fn page(sheet: &Sheet, dimension: Dimension, today: Date, wrong: &'static str) -> StatisticsPage {
    let rows = Rows {
        span: sheet.span,
        open: sheet.rows,
    };
    let (from, to) = (write_month(sheet.span.from), write_month(sheet.span.to));
    let link = |d: &Dimension| {
        Link::new(
            d.zh(),
            format!("{PAGE}?from={from}&to={to}&by={}", d.code()),
        )
        .current(*d == dimension)
    };
    StatisticsPage {
        rows: sheet.rows,
        lead: format!(
            "{}，数字随办理进度更新，通常在几秒之内。",
            span_words(sheet.span)
        ),
        wrong,
        late: if sheet.rows || sheet.late_complaints == 0 {
            String::new()
        } else {
            format!(
                "有 {} 件投诉超过答复时限已满一个工作日，平台还没有答复。",
                sheet.late_complaints
            )
        },
        crumbs: if sheet.rows {
            super::crumbs(Link::new("统计分析", PAGE), None)
        } else {
            vec![Link::new("统计分析", PAGE)]
        },
        by: dimension.code(),
        workbook: format!(
            "{PAGE}/workbook?from={from}&to={to}&by={}",
            dimension.code()
        ),
        from: month_field("from", "起始月份", sheet.span.from, today),
        to: month_field("to", "截止月份", sheet.span.to, today),
        dimensions: Filter {
            label: "分组".to_owned(),
            options: Dimension::ALL.iter().map(link).collect(),
        },
        totals: totals(&sheet.total, &sheet.renewals, &rows),
        trend: Columns::new(
            "trend",
            "各月需求笔数",
            "每月提交的融资需求笔数，全部数值见按月表格。",
            sheet
                .months
                .iter()
                .map(|(m, s)| (write_month(*m), unsigned(s.asked)))
                .collect(),
        ),
        asked: asked_bars(&sheet.parts, dimension.zh()),
        drawn: drawn_bars(&sheet.parts, dimension.zh()),
        parts_title: format!("按{}", dimension.zh()),
        parts: parts(sheet, dimension, &rows),
        months: months(sheet),
        note: match dimension {
            Dimension::Size => "企业规模由企业自行填报。开始填报以前提交的融资需求，都计入未填报。",
            Dimension::Capital => "这里按注册资本分档，与企业规模（大型、中型、小型、微型）不同。",
            _ => "",
        },
        definitions: definitions(),
    }
}

pub(super) async fn show(
    State(web): State<Web<OperatorDesk>>,
    visit: StaffVisit,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let word = |name: &str| asked.get(name).map_or("", String::as_str);
    let dimension = Dimension::from_code(word("by")).unwrap_or(Dimension::Region);
    let (from, to) = (read_month(word("from")), read_month(word("to")));
    let room = &web.uses.statistics;
    let sheet = room.sheet(visit.actor(), from, to, dimension).await?;
    let today = domain::calendar::local_date(visit.0.kit.clock().now());
    let wrong = if from.zip(to).is_some_and(|(from, to)| from > to) {
        "截止月份应不早于起始月份。以下只统计截止月份，请重新选择。"
    } else {
        ""
    };
    Ok(visit.0.staff_console().render_kept(
        StatisticsPage::TEMPLATE,
        "统计分析",
        &(&sheet, dimension.code(), today, wrong),
        || page(&sheet, dimension, today, wrong),
    ))
}

/// What the page says, to take along.
pub(super) async fn take(
    State(web): State<Web<OperatorDesk>>,
    visit: StaffVisit,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let word = |name: &str| asked.get(name).map_or("", String::as_str);
    let dimension = Dimension::from_code(word("by")).unwrap_or(Dimension::Region);
    let (from, to) = (read_month(word("from")), read_month(word("to")));
    let actor = visit.actor().clone();
    let uses = web.uses.clone();
    let taken = async move { uses.statistics.take(&actor, from, to, dimension).await };
    let bytes = spawned(taken).await?;
    let day = domain::calendar::local_date(visit.0.kit.clock().now());
    Ok(workbook(&format!("statistics-{day}"), bytes))
}

/// The page with text that must be escaped.
pub(super) fn sample(rows: bool, nasty: &str) -> StatisticsPage {
    let sums = Sums {
        asked: 12,
        asked_cents: 1_234_567_800,
        accepted: 9,
        accept_seconds: 90_000,
        accepted_in_time: 8,
        approved: 5,
        approved_cents: 500_000_000,
        rejected: 1,
        decided_in_time: 6,
        draws: 3,
        drawn_cents: 300_000_000,
        rate_weight: 3_000_000 * 375,
        homes: 2,
        first_homes: 1,
    };
    let day = read_month("2026-11").unwrap_or(Date::MIN);
    let sheet = Sheet {
        span: Span { from: day, to: day },
        total: sums,
        months: if rows { vec![(day, sums)] } else { Vec::new() },
        parts: if rows {
            vec![Named {
                value: nasty.to_owned(),
                label: nasty.to_owned(),
                sums,
            }]
        } else {
            Vec::new()
        },
        renewals: sums,
        rows,
        late_complaints: 1,
    };
    let dimension = if rows {
        Dimension::Capital
    } else {
        Dimension::Region
    };
    page(&sheet, dimension, day, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_sums_shares_and_averages_are_written_as_people_read_them() {
        assert_eq!(percent(1, 3), "33.3%");
        assert_eq!(percent(0, 0), "-");
        let sums = Sums {
            accepted: 2,
            accept_seconds: 3 * 3_600,
            drawn_cents: 400,
            rate_weight: 300 + 3 * 400,
            ..Sums::default()
        };
        assert_eq!(hours(&sums), "1.5");
        assert_eq!(rate(&sums), "3.75");
    }

    #[test]
    fn whoever_sees_totals_only_finds_no_way_to_the_rows() {
        let page = serde_json::to_string(&sample(false, "x")).unwrap();
        assert!(!page.contains("/operator/applications"), "{page}");
        let page = serde_json::to_string(&sample(true, "x")).unwrap();
        assert!(page.contains("count=first_homes"), "{page}");
    }
}

//! A week: totals by institution and branch, the requests of one institution where they may be seen, and the same as a workbook.

use std::collections::HashMap;

use application::{
    breaches::{BreachRoom, SeenBreach, SeenWeek, WeekAsk, monday_of, number_of},
    ports::breaches::{BreachAsk, Missed},
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::{
    calendar::{local_date, parse_day},
    financing::ClockKind,
    ids::TenantId,
};
use serde::Serialize;
use time::{Date, Duration};
use uuid::Uuid;

use super::{CITY, TITLE, branch_words, over_words};
use crate::{
    errors::WebError,
    exports::workbook,
    kit::Web,
    operator::totals_home,
    parts::{Cell, Filter, Link, Table, TagKind},
    show,
    spawned::spawned,
    visit::StaffVisit,
};

/// Weeks that the page leads to.
const WEEKS: i64 = 8;
/// The clocks that an institution answers for.
const CLOCKS: [ClockKind; 5] = [
    ClockKind::Accept,
    ClockKind::Dispatch,
    ClockKind::Contact,
    ClockKind::Decision,
    ClockKind::Disburse,
];
/// From so many weeks of the last four on a branch is late again and again.
const AGAIN: i64 = 2;

/// `breaches/week.html`.
#[derive(Serialize)]
pub(super) struct WeekPage {
    pub crumbs: Vec<Link>,
    pub title: String,
    pub number: String,
    pub lead: String,
    pub filters: Vec<Filter>,
    pub workbook: String,
    /// Back to all institutions; empty: these are all.
    pub all: String,
    pub table: Table,
    /// The requests are told of, because one institution is named.
    pub named: bool,
    pub rows: Table,
    pub more: bool,
    pub definitions: [&'static str; 5],
}

impl WeekPage {
    pub const TEMPLATE: &'static str = "breaches/week.html";
}

const DEFINITIONS: [&str; 5] = [
    "统计在本周内到期而没有完成的承诺时限：接单、改派、首次联系企业、审核和放款，各按平台公示的时限和工作日历计算；退回补充、冻结期间不计时。",
    "一笔融资需求错过几个时限就计几次，重新计时后再次错过的另计；改派和待改派期间的审核计入机构总部，其余计入当时受理的支行。",
    "超时时长按工作时间计，从到期算到完成；还没有完成的算到现在。",
    "近四周有超时的周数多的在前，同样多的按本周超时次数；两周及以上标为多次。",
    "超时原因由支行从固定选项中选择，没有选择的为空。记录从本功能启用时开始，此前已经完成的不计。",
];

fn read(asked: &HashMap<String, String>) -> WeekAsk {
    let word = |name: &str| asked.get(name).map_or("", String::as_str);
    let node = |name: &str| word(name).parse::<Uuid>().ok().map(TenantId);
    WeekAsk {
        day: parse_day(word("week")),
        narrow: BreachAsk {
            bank: node("bank"),
            branch: node("branch"),
            of_headquarters: word("branch") == "hq",
            clock: ClockKind::from_code(word("clock")),
        },
    }
}

fn week_href(monday: Date, bank: Option<TenantId>) -> String {
    let mut href = format!("{CITY}?week={monday}");
    if let Some(bank) = bank {
        href.push_str(&format!("&bank={bank}"));
    }
    href
}

/// The rows behind a number; nothing for those who see totals only.
fn rows_href(monday: Date, open: bool, one: &Missed, clock: Option<ClockKind>) -> Option<String> {
    if !open {
        return None;
    }
    let mut href = week_href(monday, Some(one.bank));
    match one.branch {
        Some(branch) => href.push_str(&format!("&branch={branch}")),
        None => href.push_str("&branch=hq"),
    }
    if let Some(clock) = clock {
        href.push_str(&format!("&clock={}", clock.code()));
    }
    Some(href)
}

fn totals(seen: &SeenWeek) -> Table {
    let mut table = CLOCKS.iter().fold(
        Table::new("各机构和支行的超时次数")
            .column("机构", "")
            .column("支行", "")
            .column("超时合计", "num"),
        |table, clock| table.column(clock.zh(), "num"),
    );
    table = table.column("已说明原因", "num").column("近四周", "nowrap");
    for one in &seen.missed {
        let href = |clock| rows_href(seen.monday, seen.open, one, clock);
        let mut cells = vec![
            // The institution's own bulletin, with its totals for everybody.
            Cell::link(&one.bank_name, week_href(seen.monday, Some(one.bank))),
            Cell::text(branch_words(&one.branch_name)),
            Cell::count(one.total(), href(None)).second(format!("{} 笔需求", one.requests)),
        ];
        cells.extend(
            CLOCKS
                .iter()
                .map(|clock| Cell::count(one.of(*clock), href(Some(*clock)))),
        );
        cells.push(Cell::text(one.caused.to_string()));
        cells.push(if one.weeks >= AGAIN {
            Cell::tag(format!("多次：{} 周", one.weeks), TagKind::Danger)
        } else {
            Cell::text(format!("{} 周", one.weeks))
        });
        table.push(cells);
    }
    table
}

fn rows(seen: &[SeenBreach]) -> Table {
    let mut table = Table::new("超时的融资需求")
        .column("申请编号", "nowrap")
        .column("支行", "")
        .column("超时事项", "nowrap")
        .column("到期时间", "nowrap")
        .column("超时时长", "nowrap")
        .column("超时原因", "wrap");
    for one in seen {
        let breach = &one.breach;
        let ended = match breach.ended_at {
            Some(at) => format!("{} 完成", show::minute(at)),
            None => "尚未完成".to_owned(),
        };
        let cause = match &breach.cause {
            Some(given) => Cell::text(given.cause.zh()).second(&given.by_name),
            None => Cell::text("-"),
        };
        table.push(vec![
            Cell::link(
                &breach.number,
                format!("/operator/applications/{}", breach.application),
            ),
            Cell::text(branch_words(&breach.branch_name)),
            Cell::text(breach.clock.zh()),
            Cell::text(show::minute(breach.due_at)),
            Cell::text(over_words(one.over)).second(ended),
            cause,
        ]);
    }
    table
}

/// The last weeks, the latest first, and the chosen one.
fn weeks(chosen: Date, today: Date, bank: Option<TenantId>) -> Filter {
    let this = monday_of(today);
    let mut mondays: Vec<Date> = (0..WEEKS).map(|n| this - Duration::weeks(n)).collect();
    if !mondays.contains(&chosen) {
        mondays.push(chosen);
    }
    let option = |monday: Date| {
        let words = format!("{monday} 起");
        Link::new(words, week_href(monday, bank)).current(monday == chosen)
    };
    Filter {
        label: "周".to_owned(),
        options: mondays.into_iter().map(option).collect(),
    }
}

pub(super) fn page(seen: &SeenWeek, narrow: BreachAsk) -> WeekPage {
    let today = local_date(seen.now);
    let named = narrow.bank.is_some();
    let name = seen
        .missed
        .first()
        .filter(|_| named)
        .map(|one| one.bank_name.as_str());
    let query = week_href(seen.monday, narrow.bank);
    WeekPage {
        crumbs: vec![totals_home(seen.open), Link::new(TITLE, CITY).current(true)],
        title: name.map_or_else(|| TITLE.to_owned(), |name| format!("{name}{TITLE}")),
        number: number_of(seen.monday),
        lead: format!(
            "{} 至 {} 到期而没有按时完成的承诺时限，截至 {}。",
            seen.monday,
            seen.monday + Duration::days(6),
            show::minute(seen.now)
        ),
        filters: vec![weeks(seen.monday, today, narrow.bank)],
        workbook: query.replacen(CITY, "/operator/breaches/workbook", 1),
        all: if named {
            week_href(seen.monday, None)
        } else {
            String::new()
        },
        table: totals(seen),
        named: named && seen.open,
        rows: rows(&seen.rows),
        more: seen.more,
        definitions: DEFINITIONS,
    }
}

pub(super) async fn show(
    State(web): State<Web<BreachRoom>>,
    visit: StaffVisit,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let ask = read(&asked);
    let seen = web.uses.week(visit.actor(), ask).await?;
    let page = page(&seen, ask.narrow);
    let visit = visit.0.staff_console();
    Ok(visit.render(WeekPage::TEMPLATE, TITLE, &page))
}

/// What the page says, to take along.
pub(super) async fn take(
    State(web): State<Web<BreachRoom>>,
    visit: StaffVisit,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let ask = read(&asked);
    let actor = visit.actor().clone();
    let uses = web.uses.clone();
    let bytes = spawned(async move { uses.take(&actor, ask).await }).await?;
    let day = local_date(visit.0.kit.clock().now());
    Ok(workbook(&format!("breaches-{day}"), bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::breaches::samples::seen;

    #[test]
    fn whoever_sees_totals_only_finds_no_way_to_a_request() {
        let narrow = BreachAsk::default();
        let closed = serde_json::to_string(&page(&seen(false), narrow)).unwrap();
        assert!(!closed.contains("clock="), "{closed}");
        let open = serde_json::to_string(&page(&seen(true), narrow)).unwrap();
        assert!(open.contains("clock=accept"), "{open}");
    }

    #[test]
    fn the_address_of_a_number_is_read_back() {
        let words = [
            ("week", "2026-11-16"),
            ("branch", "hq"),
            ("clock", "dispatch"),
        ];
        let asked = words.map(|(name, word)| (name.to_owned(), word.to_owned()));
        let ask = read(&asked.into_iter().collect());
        assert_eq!(ask.day, parse_day("2026-11-16"));
        assert!(ask.narrow.of_headquarters && ask.narrow.branch.is_none());
        assert_eq!(ask.narrow.clock, Some(ClockKind::Dispatch));
    }
}

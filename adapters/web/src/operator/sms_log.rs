//! 短信记录: what went out, to whom masked, by which provider, and in plain words what became of it.

use std::collections::{BTreeMap, HashMap};

use application::{
    deliveries::{LOG_PAGE, LogLeaf},
    ports::sms_log::{LoggedTry, SendState, Tally, TryAsk},
    statistics::{month_end, month_of},
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::calendar::{local_date, parse_day};
use serde::Serialize;
use time::{Date, Duration};

use super::{OperatorDesk, crumbs, midnight, write_month};
use crate::{
    errors::WebError,
    forms::Field,
    kit::Web,
    parts::{Cell, Filter, Link, Pager, Table, TagKind},
    show,
    visit::{StaffVisit, encode},
    words,
};

const LOG: &str = "/operator/deliveries/log";
const MONTH: &str = "/operator/deliveries/log/month";
const TITLE: &str = "短信记录";
/// Every kind of message, those about requests first.
const KINDS: [&str; 29] = [
    "new_request",
    "accepted",
    "declined",
    "move_asked",
    "expired",
    "supplement_asked",
    "supplement_soon",
    "supplement_over",
    "approved",
    "rejected",
    "disbursed",
    "loan_due",
    "loan_over",
    "renewal_invited",
    "clock_half",
    "clock_soon",
    "clock_over",
    "call_request",
    "code",
    "enterprise_invite",
    "staff_invite",
    "staff_rebind",
    "account_closing",
    "account_kept",
    "account_closed",
    "account_wechat",
    "owner_handover",
    "owner_changed",
    "owner_recovery",
];

/// `operator/sms_log.html`.
#[derive(Serialize)]
pub(super) struct LogPage {
    pub crumbs: Vec<Link>,
    pub filters: Vec<Filter>,
    /// Kind and days, in a form of their own.
    pub fields: Vec<Field>,
    /// Stays as it is when the form is sent.
    pub state: &'static str,
    pub problem: String,
    pub filtered: bool,
    pub clear: &'static str,
    pub month_href: &'static str,
    pub table: Table,
    pub pager: Pager,
}

impl LogPage {
    pub const TEMPLATE: &'static str = "operator/sms_log.html";
}

fn kind(state: SendState) -> TagKind {
    match state {
        SendState::Delivered => TagKind::Success,
        SendState::Sending | SendState::Accepted => TagKind::Info,
        SendState::Unclear | SendState::Throttled => TagKind::Warning,
        SendState::Failed | SendState::Refused | SendState::Unreachable => TagKind::Danger,
    }
}

/// The word of a message's kind.
fn what(template: &str) -> String {
    let code = format!("delivery.sms.{template}");
    if words::has(&code) {
        words::text(&code, &[])
    } else {
        "短信".to_owned()
    }
}

/// The word of a provider; its own name where nobody gave it one.
pub(super) fn provider(kind: &str) -> String {
    let code = format!("provider.{kind}");
    if words::has(&code) {
        words::text(&code, &[])
    } else {
        kind.to_owned()
    }
}

/// Plain words first; the provider's own code beneath, for whoever asks there.
fn why(one: &LoggedTry) -> Cell {
    let cell = Cell::text(
        one.reason
            .map_or("-", application::ports::providers::Reason::zh),
    );
    match theirs(&one.code) {
        Some(code) if one.reason.is_some() => cell.second(format!("服务商代码 {code}")),
        _ => cell,
    }
}

/// A provider's own code, one word, or the status of its answer; what we noted ourselves is for the log.
pub(super) fn theirs(code: &str) -> Option<&str> {
    let word = !code.is_empty() && !code.contains(' ') && code != "silence";
    let status = code
        .strip_prefix("HTTP ")
        .is_some_and(|n| n.parse::<u16>().is_ok());
    (word || status).then_some(code)
}

fn table(rows: &[LoggedTry]) -> Table {
    let mut table = Table::new(TITLE)
        .column("时间", "nowrap")
        .column("短信", "")
        .column("手机号", "nowrap")
        .column("服务商", "nowrap")
        .column("状态", "nowrap")
        .column("说明", "wrap")
        .column("结果时间", "nowrap");
    for one in rows {
        table.push(vec![
            Cell::text(show::minute(one.at)),
            Cell::text(what(&one.template)),
            Cell::text(&one.phone_masked),
            Cell::text(provider(&one.provider)),
            Cell::tag(one.state.zh(), kind(one.state)),
            why(one),
            Cell::text(one.settled_at.map_or("-".to_owned(), show::minute)),
        ]);
    }
    table
}

/// Names of what narrows the list, as the address says them.
const NAMES: [&str; 4] = ["state", "template", "from", "to"];

/// The filters as they were asked for, but for one that is set anew.
fn href(asked: &HashMap<String, String>, but: (&str, &str)) -> String {
    let mut pairs: Vec<String> = NAMES
        .iter()
        .filter(|name| **name != but.0)
        .filter_map(|name| {
            let value = asked.get(*name)?.trim();
            (!value.is_empty()).then(|| format!("{name}={}", encode(value)))
        })
        .collect();
    if !but.1.is_empty() {
        pairs.push(format!("{}={}", but.0, but.1));
    }
    if pairs.is_empty() {
        LOG.to_owned()
    } else {
        format!("{LOG}?{}", pairs.join("&"))
    }
}

fn fields(asked: &HashMap<String, String>) -> Vec<Field> {
    let value = |name: &str| asked.get(name).cloned().unwrap_or_default();
    vec![
        Field::select("template", "短信", "全部")
            .options(KINDS.map(|kind| (kind.to_owned(), what(kind))))
            .value(value("template")),
        Field::text("from", "发送日期起")
            .value(value("from"))
            .maxlength(10)
            .placeholder("2026-01-31"),
        Field::text("to", "发送日期止")
            .value(value("to"))
            .maxlength(10)
            .placeholder("2026-01-31"),
    ]
}

/// What was asked for, and what of it nobody can read.
fn read(asked: &HashMap<String, String>) -> (TryAsk, String) {
    let word = |name: &str| asked.get(name).map_or("", |text| text.trim());
    let mut problems: Vec<String> = Vec::new();
    let mut read_day = |name: &str, label: &str| {
        let typed = word(name);
        let found = parse_day(typed);
        if found.is_none() && !typed.is_empty() {
            problems.push(format!(
                "“{label}”没有用于查询，请按 2026-01-31 的格式填写真实的日期。"
            ));
        }
        found
    };
    let (from, to) = (read_day("from", "发送日期起"), read_day("to", "发送日期止"));
    let ask = TryAsk {
        state: SendState::from_code(word("state")),
        template: KINDS
            .contains(&word("template"))
            .then(|| word("template").to_owned()),
        from: from.map(midnight),
        until: to.map(|day| midnight(day) + Duration::days(1)),
    };
    (ask, problems.concat())
}

fn page(
    asked: &HashMap<String, String>,
    (ask, problem): (&TryAsk, String),
    leaf: &LogLeaf,
) -> LogPage {
    let state = ask.state;
    let mut options = vec![Link::new("全部", href(asked, ("state", ""))).current(state.is_none())];
    options.extend(SendState::ALL.iter().map(|one| {
        let there = href(asked, ("state", one.code()));
        Link::new(one.zh(), there).current(state == Some(*one))
    }));
    LogPage {
        crumbs: crumbs(Link::new(TITLE, LOG), None),
        filters: vec![Filter {
            label: "状态".to_owned(),
            options,
        }],
        fields: fields(asked),
        state: state.map_or("", SendState::code),
        problem,
        filtered: href(asked, ("page", "")) != LOG,
        clear: LOG,
        month_href: MONTH,
        table: table(&leaf.rows),
        pager: Pager::new(leaf.total, leaf.page, LOG_PAGE, |n| {
            href(asked, ("page", &n.to_string()))
        }),
    }
}

pub(super) async fn list(
    State(web): State<Web<OperatorDesk>>,
    visit: StaffVisit,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let wanted = asked.get("page").and_then(|page| page.parse().ok());
    let (ask, problem) = read(&asked);
    let leaf = web
        .uses
        .deliveries
        .sms_log(visit.actor(), &ask, wanted.unwrap_or(1))
        .await?;
    let page = page(&asked, (&ask, problem), &leaf);
    Ok(visit
        .0
        .staff_console()
        .render(LogPage::TEMPLATE, TITLE, &page))
}

/// `operator/sms_month.html`.
#[derive(Serialize)]
pub(super) struct MonthPage {
    pub crumbs: Vec<Link>,
    pub lead: String,
    pub table: Table,
    pub prev: String,
    /// Empty: this month.
    pub next: String,
}

impl MonthPage {
    pub const TEMPLATE: &'static str = "operator/sms_month.html";
}

/// Messages of one kind: taken or maybe taken by a provider, of those surely there or not, and not taken at all.
#[derive(Clone, Copy, Default)]
struct Counts {
    out: u64,
    delivered: u64,
    failed: u64,
    not_out: u64,
}

impl Counts {
    fn add(&mut self, one: &Tally) {
        match one.state {
            SendState::Refused | SendState::Throttled | SendState::Unreachable => {
                self.not_out += one.tries;
                return;
            }
            SendState::Delivered => self.delivered += one.tries,
            SendState::Failed => self.failed += one.tries,
            SendState::Sending | SendState::Accepted | SendState::Unclear => {}
        }
        self.out += one.tries;
    }

    fn cells(self, word: impl Into<String>) -> Vec<Cell> {
        let mut cells = vec![Cell::text(word)];
        let counts = [self.out, self.delivered, self.failed, self.not_out];
        cells.extend(counts.map(|count| Cell::text(count.to_string())));
        cells
    }
}

fn month_table(found: &[Tally]) -> Table {
    let mut table = Table::new("短信用量")
        .column("短信", "")
        .column("已发出（条）", "num")
        .column("其中已送达", "num")
        .column("其中未送达", "num")
        .column("没有发出（次）", "num");
    let mut kinds: BTreeMap<&str, Counts> = BTreeMap::new();
    let mut all = Counts::default();
    for one in found {
        kinds.entry(&one.template).or_default().add(one);
        all.add(one);
    }
    for (kind, counts) in &kinds {
        table.push(counts.cells(what(kind)));
    }
    if !kinds.is_empty() {
        table.push(all.cells("合计"));
    }
    table
}

pub(super) async fn month(
    State(web): State<Web<OperatorDesk>>,
    visit: StaffVisit,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let this = month_of(local_date(visit.0.kit.clock().now()));
    let typed = asked.get("month").map_or("", |text| text.trim());
    let day = parse_day(&format!("{typed}-01")).filter(|day| *day < this);
    let first = day.unwrap_or(this);
    let after = month_end(first).next_day().unwrap_or(first);
    let found = web
        .uses
        .deliveries
        .sms_tally(visit.actor(), midnight(first), midnight(after))
        .await?;
    let there = |day: Date| format!("{MONTH}?month={}", write_month(month_of(day)));
    let page = MonthPage {
        crumbs: crumbs(Link::new(TITLE, LOG), Some("短信用量")),
        lead: format!(
            "{} 年 {} 月。按发送次数统计，一条长短信由服务商按多条计费，费用以服务商账单为准。",
            first.year(),
            u8::from(first.month())
        ),
        table: month_table(&found),
        prev: first.previous_day().map_or_else(String::new, there),
        next: if first < this {
            there(after)
        } else {
            String::new()
        },
    };
    Ok(visit
        .0
        .staff_console()
        .render(MonthPage::TEMPLATE, "短信用量", &page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_message_has_a_word_of_its_own() {
        let other = what("nothing");
        for kind in KINDS {
            assert_ne!(what(kind), other, "{kind}");
        }
    }

    #[test]
    fn every_message_about_a_request_can_be_asked_for() {
        for template in application::outbox::TEMPLATES {
            assert!(KINDS.contains(&template), "{template}");
        }
    }

    #[test]
    fn what_a_provider_may_have_taken_is_out_and_the_rest_is_not() {
        let tally = |template: &str, state, tries| Tally {
            template: template.to_owned(),
            state,
            tries,
        };
        let table = month_table(&[
            tally("code", SendState::Delivered, 5),
            tally("code", SendState::Unclear, 1),
            tally("code", SendState::Refused, 2),
            tally("accepted", SendState::Failed, 3),
        ]);
        let texts = |row: usize| -> Vec<&str> {
            let cells = table.rows[row].cells.iter();
            cells.map(|cell| cell.text.as_str()).collect()
        };
        assert_eq!(table.rows.len(), 3);
        assert_eq!(texts(1), [what("code").as_str(), "6", "5", "0", "2"]);
        assert_eq!(texts(2), ["合计", "9", "5", "3", "2"]);
    }
}

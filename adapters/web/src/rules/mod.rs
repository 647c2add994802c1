//! 平台设置 (T7): the rules of the city, each with what stands, since when and by whom, the change that waits, and those before.

mod deeds;
mod form;
mod limits;
mod picks;
mod regions;
mod samples;
mod texts;
mod words;

pub(crate) use limits::promised;
pub use samples::samples;

use application::{
    city::RejectionReason,
    error::UseError,
    ports::{city_rules::CityRuleChange, settings_changes::ChangeStatus},
    rules::{CityRule, RuleCase, RuleKind, RuleLine, RuleName, RulesRoom, Wording},
    supervision::calendar::CALENDAR_PAGE,
};
use axum::{
    Router,
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use serde::{Deserialize, Serialize};

use self::{
    form::form_of,
    words::{again, change_of, lead, value},
};
use crate::{
    calendar::kind_zh,
    doors::{self, Door, Who},
    errors::WebError,
    forms::FormView,
    kit::Web,
    parts::{Cell, Described, Link, Table, TagKind},
    show,
    two_people::reasons as why,
    visit::{StaffVisit, Visit},
};

const PAGE: &str = "/operator/settings";
/// Where a day of the work calendar is changed.
pub(crate) const DAYS_PAGE: &str = "/operator/settings/work_days";
/// Where a township is added, renamed, ended or restored.
pub(crate) const REGIONS_RULE: &str = "/operator/settings/regions";
/// Where the texts of messages are.
const TEXTS_PAGE: &str = "/operator/settings/texts";
const TITLE: &str = "平台设置";
/// Days that the page of the rule lists, the latest first; the calendar has all.
const SHOWN_DAYS: usize = 30;

type Room = Web<RulesRoom>;

/// Every door of the room.
pub fn doors() -> Vec<Door<Room>> {
    vec![
        Door::get(PAGE, Who::Staff, list),
        Door::get(TEXTS_PAGE, Who::Staff, texts::list),
        Door::get("/operator/settings/{rule}", Who::Staff, one),
        Door::post("/operator/settings/{rule}", Who::Staff, deeds::post),
    ]
}

pub fn routes(web: Room) -> Router {
    doors::router(doors(), web)
}

/// `rules/list.html`.
#[derive(Serialize)]
struct ListPage {
    crumbs: Vec<Link>,
    table: Table,
}

impl ListPage {
    const TEMPLATE: &'static str = "rules/list.html";
}

/// `rules/rule.html`.
#[derive(Serialize)]
struct RulePage {
    crumbs: Vec<Link>,
    name: String,
    lead: &'static str,
    /// Where more is said.
    also: Option<Link>,
    rows: Vec<Described>,
    /// The change that waits.
    open: Vec<Described>,
    change: String,
    action: String,
    key: String,
    may_settle: bool,
    may_withdraw: bool,
    may_propose: bool,
    /// A new change, or 撤回 of the one that waits.
    form: FormView,
    /// What a text that was typed would say.
    preview: Vec<Described>,
    /// 消息文案, which is looked at before it is proposed.
    is_text: bool,
    /// The button that brings back what the city did not change; empty: there is none.
    reset: &'static str,
    back: &'static str,
    /// What stands where nothing was changed.
    origin: &'static str,
    history: Table,
}

impl RulePage {
    const TEMPLATE: &'static str = "rules/rule.html";
}

/// What stands where nothing was changed.
const fn origin(kind: RuleKind) -> &'static str {
    match kind {
        RuleKind::Regions => "国家区划表",
        _ => "城市配置文件",
    }
}

fn since(line: &RuleLine) -> Cell {
    if let (CityRule::ClockLimits(eras), Some((at, asked, settled))) = (&line.rule, &line.since) {
        // It may be about a day that has not come, and not about what is in force.
        let who = format!(
            "最近一次变更：{asked}提出，{settled}复核（{}）",
            show::minute(*at)
        );
        return Cell::text(limits::since(eras, line.at)).second(who);
    }
    if let (CityRule::Regions(_), Some((at, asked, settled))) = (&line.rule, &line.since) {
        // Each change has a day of its own.
        let who = format!(
            "最近一次变更：{asked}提出，{settled}复核（{}）",
            show::minute(*at)
        );
        return Cell::text("按各项的生效日期").second(who);
    }
    match &line.since {
        None => Cell::text(origin(line.rule.kind())),
        Some((at, asked, settled)) => {
            Cell::text(show::minute(*at)).second(format!("{asked}提出，{settled}复核"))
        }
    }
}

fn table(lines: &[RuleLine]) -> Table {
    let mut table = Table::new(TITLE)
        .column("设置", "")
        .column("现行值", "nowrap")
        .column("生效时间", "")
        .column("状态", "nowrap");
    for line in lines {
        let kind = line.rule.kind();
        let state = if line.waits {
            Cell::tag("有变更待复核", TagKind::Warning)
        } else {
            Cell::tag("现行", TagKind::Success)
        };
        table.push(vec![
            Cell::link(kind.zh(), format!("{PAGE}/{}", kind.code())),
            Cell::text(value(&line.rule, line.at)),
            since(line),
            state,
        ]);
    }
    table
}

/// Of one rule.
fn path(name: &RuleName) -> String {
    format!("{PAGE}/{}", name.code())
}

fn crumbs(here: Option<&str>) -> Vec<Link> {
    let mut links = vec![Link::new("平台工作台", "/operator"), Link::new(TITLE, PAGE)];
    links.extend(here.map(|label| Link::new(label, "")));
    links
}

fn history(
    changes: &[CityRuleChange],
    shipped: Option<&Wording>,
    reasons: &[RejectionReason],
) -> Table {
    let mut table = Table::new("变更记录")
        .column("提出", "nowrap")
        .column("变更前", "wrap")
        .column("变更后", "wrap")
        .column("原因", "wrap")
        .column("复核", "nowrap")
        .column("状态", "nowrap");
    for change in changes {
        let kind = match change.status {
            ChangeStatus::Open => TagKind::Warning,
            ChangeStatus::Confirmed => TagKind::Success,
            ChangeStatus::Declined | ChangeStatus::Withdrawn => TagKind::Neutral,
        };
        let settled = match change.settled_at {
            Some(at) => Cell::text(&change.settled_name).second(show::minute(at)),
            None => Cell::text("-"),
        };
        let (before, after) = change_of(change, shipped, reasons);
        table.push(vec![
            Cell::text(&change.asked_name).second(show::minute(change.asked_at)),
            Cell::text(before),
            Cell::text(after),
            why(&change.reason, &change.withdrawal),
            settled,
            Cell::tag(change.status.zh(), kind),
        ]);
    }
    table
}

/// What stands, in full.
fn rows(line: &RuleLine, shipped: Option<&Wording>, reasons: &[RejectionReason]) -> Vec<Described> {
    let mut rows = match &line.rule {
        CityRule::RejectionAdvice(_) => reasons
            .iter()
            .map(|one| {
                let again = again(one.reapply_days);
                Described::cell(&one.label, Cell::text(&one.tip).second(again))
            })
            .collect(),
        CityRule::Picks(list, entries) => picks::rows(*list, entries),
        CityRule::ClockLimits(eras) => limits::rows(eras, line.at),
        CityRule::Regions(own) if !own.is_empty() => regions::rows(own),
        CityRule::WorkDays(days) if !days.is_empty() => days
            .iter()
            .rev()
            .take(SHOWN_DAYS)
            .map(|(day, kind)| Described::new(show::weekday(*day), kind_zh(*kind)))
            .collect(),
        rule => vec![Described::new("现行值", value(rule, line.at))],
    };
    if let (CityRule::NoticeText(_, own), Some(shipped)) = (&line.rule, shipped) {
        rows.extend(texts::said(own.as_ref().unwrap_or(shipped)));
        if own.is_none() {
            return rows;
        }
    }
    rows.push(Described::cell("生效时间", since(line)));
    rows
}

/// Where more is said.
fn also(kind: RuleKind) -> Option<Link> {
    match kind {
        RuleKind::WorkDays => Some(Link::new("查看工作日历", CALENDAR_PAGE)),
        RuleKind::Regions => {
            let list = "/operator/dictionaries/regions";
            Some(Link::new("查看行政区划", list))
        }
        RuleKind::ClockLimits => Some(Link::new("协议管理", "/operator/agreements")),
        RuleKind::RejectionReasons => {
            let advice = RuleName::from(RuleKind::RejectionAdvice);
            Some(Link::new(RuleKind::RejectionAdvice.zh(), path(&advice)))
        }
        _ => None,
    }
}

fn page(case: &RuleCase, reasons: &[RejectionReason], form: FormView, key: String) -> RulePage {
    let (name, shipped) = (case.line.rule.name(), case.shipped.as_ref());
    let open = case.open.as_ref().map_or_else(Vec::new, |change| {
        let asked = format!("{} {}", change.asked_name, show::minute(change.asked_at));
        let (before, after) = change_of(change, shipped, reasons);
        let mut rows = vec![
            Described::new("变更前", before),
            Described::new("变更后", after),
        ];
        if let (CityRule::NoticeText(_, own), Some(shipped)) = (&change.rule, shipped) {
            let sample = own.as_ref().unwrap_or(shipped).sampled();
            rows.push(Described::new("变更后的示例", texts::both(&sample)));
        }
        rows.extend(regions::county(case));
        rows.push(Described::new("原因", &change.reason));
        rows.push(Described::new("提出人", asked));
        rows
    });
    let is_text = name.kind() == RuleKind::NoticeText;
    let title = shipped.map_or_else(|| name.kind().zh().to_owned(), |s| s.to_people().title);
    let change = case.open.as_ref();
    RulePage {
        crumbs: if is_text {
            texts::crumbs(Some(&title))
        } else {
            crumbs(Some(&title))
        },
        name: title,
        lead: lead(name.kind()),
        also: also(name.kind()),
        rows: rows(&case.line, shipped, reasons),
        open,
        change: change.map_or_else(String::new, |c| c.id.to_string()),
        action: path(&name),
        key,
        may_settle: case.may_settle,
        may_withdraw: case.may_withdraw,
        may_propose: case.may_propose,
        form,
        preview: Vec::new(),
        is_text,
        reset: match case.line.rule {
            CityRule::NoticeText(_, Some(_)) => "恢复默认文案",
            CityRule::Picks(..) if case.line.since.is_some() => "按城市配置文件恢复",
            _ => "",
        },
        back: if is_text { TEXTS_PAGE } else { PAGE },
        origin: origin(name.kind()),
        history: history(&case.history, shipped, reasons),
    }
}

fn drawn(
    visit: &Visit,
    case: &RuleCase,
    form: FormView,
    preview: Option<&Wording>,
    status: StatusCode,
) -> Response {
    let mut page = page(
        case,
        &visit.city.rejection_reasons,
        form,
        visit.kit.tokens().one_time(),
    );
    if let Some(preview) = preview {
        page.preview = vec![Described::new("预览", texts::both(preview))];
    }
    let title = page.name.clone();
    visit.render_with(status, RulePage::TEMPLATE, &title, &page)
}

fn name_of(code: &str) -> Result<RuleName, WebError> {
    RuleName::from_code(code).ok_or_else(|| WebError(UseError::not_found()))
}

/// What a link of the calendar or of the list of regions asks for.
#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    day: String,
    #[serde(default)]
    code: String,
    #[serde(default, rename = "as")]
    to: String,
}

async fn list(State(web): State<Room>, visit: StaffVisit) -> Result<Response, WebError> {
    let lines = web.uses.list(visit.actor()).await?;
    let page = ListPage {
        crumbs: crumbs(None),
        table: table(&lines),
    };
    Ok(visit
        .0
        .staff_console()
        .render(ListPage::TEMPLATE, TITLE, &page))
}

async fn one(
    State(web): State<Room>,
    visit: StaffVisit,
    Path(rule): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let case = web.uses.case(visit.actor(), &name_of(&rule)?).await?;
    let visit = visit.0.staff_console();
    let form = form_of(&visit, &case);
    // A day of the calendar or a township brings itself along; what it brings is checked like what is typed.
    let brought = match case.line.rule.kind() {
        RuleKind::WorkDays => [("day", asked.day), ("day_kind", asked.to)],
        RuleKind::Regions => [("region_code", asked.code), ("region_deed", asked.to)],
        _ => return Ok(drawn(&visit, &case, form, None, StatusCode::OK)),
    };
    let form = form.fill(&brought.map(|(name, typed)| (name.to_owned(), typed)));
    Ok(drawn(&visit, &case, form, None, StatusCode::OK))
}

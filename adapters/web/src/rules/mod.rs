//! 平台设置 (T7): the rules of the city, each with what stands, since when and by whom, the change that waits, and those before.

mod picks;
mod texts;
mod words;

use application::{
    city::RejectionReason,
    error::{Kind, UseError},
    ports::{city_rules::CityRuleChange, settings_changes::ChangeStatus},
    rules::{
        Advice, CityRule, Listed, MOST_DAYS, PickList, ProposeRule, RuleCase, RuleKind, RuleLine,
        RuleName, RulesRoom, SettleRule, Wording,
    },
    supervision::calendar::CALENDAR_PAGE,
    two_people::Withdrawal,
};
use axum::{
    Router,
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use domain::{calendar::DayKind, values::Cents};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use self::words::{again, change_of, lead, value};
use crate::{
    calendar::kind_zh,
    console::{show_errors, told},
    doors::{self, Door, Who},
    errors::WebError,
    forms::{Choice, Field, FormView},
    kit::Web,
    parts::{Cell, Described, Link, Table, TagKind},
    posted::{Form, Posted, once},
    proof, show,
    spawned::spawned,
    two_people::{reasons as why, withdraw_field},
    visit::{StaffVisit, Visit, posted_by_staff},
};

const PAGE: &str = "/operator/settings";
/// Where a day of the work calendar is changed.
pub(crate) const DAYS_PAGE: &str = "/operator/settings/work_days";
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
        Door::post("/operator/settings/{rule}", Who::Staff, post),
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
    history: Table,
}

impl RulePage {
    const TEMPLATE: &'static str = "rules/rule.html";
}

fn since(line: &RuleLine) -> Cell {
    match &line.since {
        None => Cell::text("城市配置文件"),
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
            Cell::text(value(&line.rule)),
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

fn hours(name: &str, label: &str, hour: Option<u8>) -> Field {
    let all = (0..24).map(|h| Choice::new(h.to_string(), format!("{h:02}:00")));
    Field::select(name, label, "不设")
        .options(all)
        .value(hour.map_or_else(String::new, |h| h.to_string()))
        .width("s")
}

fn blank(
    rule: &CityRule,
    shipped: Option<&Wording>,
    reasons: &[RejectionReason],
    key: &str,
) -> FormView {
    let mut form = FormView::new(path(&rule.name())).key(key);
    match rule {
        CityRule::SmsQuiet(quiet) => {
            form.push(hours(
                "quiet_from",
                "开始时间",
                quiet.as_ref().map(|quiet| quiet.from()),
            ));
            form.push(
                hours(
                    "quiet_until",
                    "结束时间",
                    quiet.as_ref().map(|quiet| quiet.until()),
                )
                .hint("结束时间早于开始时间时，表示到次日。两项都选“不设”则不设免打扰时段。"),
            );
        }
        CityRule::SmsDailyBudget(most) => form.push(
            Field::number("budget", "每日上限", "条")
                .required()
                .hint("100–1000000 的整数。")
                .value(most.to_string()),
        ),
        CityRule::SingleStepLimit(limit) => form.push(
            Field::number("single_step", "单级审批限额", "万元")
                .hint("不填表示全部经审批流程。")
                .value(limit.map_or_else(String::new, Cents::format_wan_short)),
        ),
        CityRule::FaceFailuresPerDay(most) => form.push(
            Field::number("faces", "每日失败上限", "次")
                .required()
                .hint("3–20 的整数。")
                .value(most.to_string()),
        ),
        CityRule::NoticeText(_, own) => {
            if let Some(shipped) = shipped {
                texts::fields(&mut form, own.as_ref().unwrap_or(shipped), shipped);
            }
        }
        CityRule::Picks(list, entries) => picks::fields(&mut form, *list, entries),
        CityRule::WorkDays(_) => day_fields(&mut form),
        CityRule::RejectionAdvice(_) => advice_fields(&mut form, reasons),
    }
    form.with(
        Field::textarea("rule_reason", "变更原因")
            .required()
            .hint("由复核人核对，会记入变更记录。最多 300 个字。")
            .maxlength(300)
            .rows(3),
    )
}

fn day_fields(form: &mut FormView) {
    form.push(
        Field::text("day", "开始日期")
            .required()
            .hint("明天及以后的日期，例如 2026-12-31。")
            .maxlength(10)
            .width("s"),
    );
    form.push(
        Field::text("day_until", "结束日期（选填）")
            .hint(format!(
                "连续几天一并调整时填写最后一天，最多 {MOST_DAYS} 天。不填表示只调整开始日期这一天。其中原本就是这样安排的日期（例如放假期间的周末）不变。"
            ))
            .maxlength(10)
            .width("s"),
    );
    form.push(Field::radio("day_kind", "当天安排").required().options([
        Choice::new("off", "放假").hint("不计入工作日。"),
        Choice::new("work", "上班").hint("计入工作日。"),
        Choice::new("published", "按国家安排").hint("取消本市对这些日期的调整。"),
    ]));
}

fn advice_fields(form: &mut FormView, reasons: &[RejectionReason]) {
    for one in reasons {
        let label = &one.label;
        form.push(
            Field::textarea(format!("tip_{}", one.code), format!("{label}：建议"))
                .required()
                .maxlength(200)
                .rows(2)
                .value(&one.tip),
        );
        let name = format!("days_{}", one.code);
        form.push(
            Field::number(name, format!("{label}：再次申请间隔"), "天")
                .required()
                .hint("0–365 的整数，0 表示随时可再次申请。")
                .value(one.reapply_days.to_string()),
        );
    }
}

/// 撤回 of what waits, for whoever proposed it; else a new change.
fn form_of(visit: &Visit, case: &RuleCase) -> FormView {
    let key = visit.kit.tokens().one_time();
    match &case.open {
        Some(change) if case.may_withdraw => withdrawal(change, &key),
        _ => blank(
            &case.line.rule,
            case.shipped.as_ref(),
            &visit.city.rejection_reasons,
            &key,
        ),
    }
}

fn withdrawal(change: &CityRuleChange, key: &str) -> FormView {
    FormView::new(path(&change.rule.name()))
        .key(key)
        .with(Field::hidden("change", change.id.to_string()))
        .with(withdraw_field())
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
        CityRule::WorkDays(days) if !days.is_empty() => days
            .iter()
            .rev()
            .take(SHOWN_DAYS)
            .map(|(day, kind)| Described::new(show::weekday(*day), kind_zh(*kind)))
            .collect(),
        rule => vec![Described::new("现行值", value(rule))],
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

/// What a link of the calendar asks for.
#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    day: String,
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
    // A day of the calendar brings itself along; what it brings is checked like what is typed.
    let form = if case.line.rule.kind() == RuleKind::WorkDays {
        form.fill(&[
            ("day".to_owned(), asked.day),
            ("day_kind".to_owned(), asked.to),
        ])
    } else {
        form
    };
    Ok(drawn(&visit, &case, form, None, StatusCode::OK))
}

fn ask_of(
    name: RuleName,
    reasons: &[RejectionReason],
    posted: &Posted,
    once: application::once::Once,
) -> ProposeRule {
    let text = |name: &str| posted.get(name).to_owned();
    ProposeRule {
        from: text("quiet_from"),
        until: text("quiet_until"),
        budget: text("budget"),
        limit: text("single_step"),
        faces: text("faces"),
        advice: reasons
            .iter()
            .map(|reason| {
                let of = |part: &str| text(&format!("{part}_{}", reason.code));
                (reason.code.clone(), of("tip"), of("days"))
            })
            .collect(),
        day: text("day"),
        day_until: text("day_until"),
        day_kind: text("day_kind"),
        reason: text("rule_reason"),
        text: (posted.action() != "reset").then(|| (text("text_title"), text("text_body"))),
        ..ProposeRule::empty(name, once)
    }
}

/// What a button of the page does.
#[derive(Clone, Copy)]
enum Deed {
    Propose,
    /// `true`: 同意.
    Settle(bool),
    Withdraw,
}

impl Deed {
    const fn done(self) -> &'static str {
        match self {
            Self::Propose => "已提交，请另一位平台运营人员复核后生效。",
            Self::Settle(true) => "变更已生效。",
            Self::Settle(false) => "已答复不同意，原设置保持不变。",
            Self::Withdraw => "变更已撤回，原设置保持不变。需要时可以重新提出。",
        }
    }
}

async fn post(
    State(web): State<Room>,
    Path(rule): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let visit = visit.staff_console();
    let name = name_of(&rule)?;
    let deed = match posted.action() {
        "confirm" => Deed::Settle(true),
        "decline" => Deed::Settle(false),
        "withdraw" => Deed::Withdraw,
        _ => Deed::Propose,
    };
    let once = once(&posted)?;
    // Whoever may not do it is told so before they prove anything.
    let case = web.uses.case(&actor, &name).await?;
    if posted.action() == "preview" && name.kind() == RuleKind::NoticeText {
        let typed = (posted.get("text_title"), posted.get("text_body"));
        let seen = web.uses.preview(&actor, &name, typed).await;
        return previewed(&visit, &case, &posted, seen);
    }
    let offered = match deed {
        Deed::Propose => case.may_propose,
        Deed::Settle(_) => case.may_settle,
        Deed::Withdraw => case.may_withdraw,
    };
    if let Some(to_proof) = proof::carry(&visit).filter(|_| offered) {
        return Ok(to_proof);
    }
    let here = path(&name);
    let (uses, change) = (web.uses.clone(), posted.get("change"));
    let change = Uuid::try_parse(change).unwrap_or_default();
    let outcome = match deed {
        Deed::Settle(confirm) => {
            let ask = SettleRule {
                name,
                change,
                confirm,
                once,
            };
            spawned(async move { uses.settle(&actor, ask).await }).await
        }
        Deed::Withdraw => {
            let ask = Withdrawal {
                asked: change,
                reason: posted.get("withdraw_reason").to_owned(),
                once,
            };
            spawned(async move { uses.withdraw(&actor, name, ask).await }).await
        }
        Deed::Propose => {
            let ask = match &case.line.rule {
                CityRule::Picks(_, entries) => picks::ask(name, entries, &posted, once),
                _ => ask_of(name, &visit.city.rejection_reasons, &posted, once),
            };
            spawned(async move { uses.propose(&actor, ask).await }).await
        }
    };
    match outcome {
        Ok(()) => Ok(visit.redirect(&here, Some(("success", deed.done())))),
        Err(error) if error.kind == Kind::Invalid => {
            let form = again_with(&visit, &case, &posted, &error);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(drawn(&visit, &case, form, None, status))
        }
        Err(error) => told(&visit, error, &here),
    }
}

/// The form as it was typed, with what is wrong in it.
fn again_with(visit: &Visit, case: &RuleCase, posted: &Posted, error: &UseError) -> FormView {
    let mut form = typed(visit, case, posted);
    show_errors(&mut form, error);
    form
}

fn typed(visit: &Visit, case: &RuleCase, posted: &Posted) -> FormView {
    form_of(visit, case).fill(posted.pairs())
}

/// A text before it is proposed: nothing is kept but what was typed.
fn previewed(
    visit: &Visit,
    case: &RuleCase,
    posted: &Posted,
    seen: Result<Wording, UseError>,
) -> Result<Response, WebError> {
    match seen {
        Ok(seen) => {
            let form = typed(visit, case, posted);
            Ok(drawn(visit, case, form, Some(&seen), StatusCode::OK))
        }
        Err(error) if error.kind == Kind::Invalid => {
            let form = again_with(visit, case, posted, &error);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(drawn(visit, case, form, None, status))
        }
        Err(error) => Err(WebError(error)),
    }
}

fn picks_sample(list: PickList, nasty: &str) -> CityRule {
    let one = |code: &str, active: bool| Listed {
        code: code.to_owned(),
        label: nasty.to_owned(),
        active,
        text: nasty.to_owned(),
        reapply_days: 15,
    };
    CityRule::Picks(list, vec![one("one", true), one("two", false)])
}

/// The pages in their shapes, with values that must be escaped.
pub fn samples() -> Vec<(&'static str, Value)> {
    let nasty = "<b>\"'\\&</b>长原因".repeat(4);
    let at = time::OffsetDateTime::UNIX_EPOCH;
    let nobody = domain::ids::UserId(Uuid::nil());
    let rules = [
        CityRule::SmsQuiet(application::outbox::QuietHours::new(21, 8)),
        CityRule::SmsDailyBudget(2_000),
        CityRule::SingleStepLimit(None),
        CityRule::FaceFailuresPerDay(5),
        CityRule::RejectionAdvice(vec![Advice {
            code: "collateral".to_owned(),
            tip: nasty.clone(),
            reapply_days: 15,
        }]),
        CityRule::WorkDays([(time::macros::date!(2026 - 12 - 31), DayKind::Off)].into()),
        CityRule::WorkDays([].into()),
        picks_sample(PickList::Rejections, &nasty),
        picks_sample(PickList::Refusals, &nasty),
        picks_sample(PickList::Supplements, &nasty),
        CityRule::NoticeText("submit".to_owned(), None),
        CityRule::NoticeText(
            "submit".to_owned(),
            Some(Wording {
                title: nasty.clone(),
                body: format!("{{no}}{nasty}"),
            }),
        ),
    ];
    let shipped = Wording {
        title: nasty.clone(),
        body: "{no}".to_owned(),
    };
    let reasons = [RejectionReason {
        code: "collateral".to_owned(),
        label: nasty.clone(),
        repairable: true,
        tip: nasty.clone(),
        reapply_days: 15,
        active: true,
    }];
    let line = |rule: &CityRule, full: bool| RuleLine {
        rule: rule.clone(),
        since: full.then(|| (at, nasty.clone(), nasty.clone())),
        waits: full,
    };
    let change = |rule: &CityRule| CityRuleChange {
        id: Uuid::nil(),
        before: rule.clone(),
        rule: rule.clone(),
        reason: nasty.clone(),
        asked_by: nobody,
        asked_name: nasty.clone(),
        asked_at: at,
        status: ChangeStatus::Open,
        settled_by: None,
        settled_name: nasty.clone(),
        settled_at: Some(at),
        withdrawal: nasty.clone(),
    };
    let list = ListPage {
        crumbs: crumbs(None),
        table: table(&rules.each_ref().map(|rule| line(rule, true))),
    };
    let json = |page: &RulePage| serde_json::to_value(page).unwrap_or_default();
    let mut all = texts::samples(&nasty);
    all.push((
        ListPage::TEMPLATE,
        serde_json::to_value(list).unwrap_or_default(),
    ));
    for rule in &rules {
        for (full, own) in [(true, false), (true, true), (false, false)] {
            let case = RuleCase {
                line: line(rule, full),
                open: full.then(|| change(rule)),
                history: if full { vec![change(rule)] } else { Vec::new() },
                may_propose: !full,
                may_settle: full && !own,
                may_withdraw: own,
                shipped: (rule.kind() == RuleKind::NoticeText).then(|| shipped.clone()),
            };
            let mut form = if own {
                withdrawal(&change(rule), "k")
            } else {
                blank(rule, case.shipped.as_ref(), &reasons, "k")
            };
            form.fail(
                if own {
                    "withdraw_reason"
                } else {
                    "rule_reason"
                },
                &nasty,
            );
            all.push((
                RulePage::TEMPLATE,
                json(&page(&case, &reasons, form, "k".to_owned())),
            ));
        }
    }
    all
}

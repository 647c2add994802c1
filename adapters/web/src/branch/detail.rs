//! One application: asked and approved terms, masked facts, materials, log, and what may be done next.

use application::{
    city::City,
    dossier::Case,
    lending::{deferral_at, open_correction},
    ports::{
        dossiers::{APPEAL_MATERIAL, DossierFile, DossierSize, ShownFacts, SupplementItem},
        lending::StoredDraw,
        scanner::Scan,
        view_log::ViewEntry,
    },
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{
    deferral::DeferralStatus,
    financing::{ApplicationEvent, ApplicationRecord, Stage, Verb},
    ids::{FileId, FinancingApplicationId},
    values::Cents,
};
use serde::Serialize;
use uuid::Uuid;

use super::{
    Branch,
    papers::{self, Paper},
    show,
    supervised::Supervised,
};
use crate::{
    errors::WebError,
    kit::Web,
    matter::{asked, base, crumbs},
    parts::{Cell, Described, Event, Link, Table, Tag},
    visit::StaffVisit,
};

/// 融资需求 as its branch sees it.
#[derive(Serialize)]
pub(super) struct DetailPage {
    pub number: String,
    pub crumbs: Vec<Link>,
    pub tags: Vec<Tag>,
    pub clock: Option<Tag>,
    pub clock_text: String,
    /// Who has it since when, and every clock that runs.
    pub promises: Vec<Described>,
    pub hints: Vec<Hint>,
    /// 平台督办 on top of everything.
    pub supervised: Option<Supervised>,
    pub request: Vec<Described>,
    pub approved: Vec<Described>,
    pub facts: Vec<Described>,
    /// Only the minimal record is left.
    pub minimal: bool,
    pub full_href: String,
    pub files: Table,
    pub has_files: bool,
    pub rounds: Vec<Round>,
    pub papers: Vec<Paper>,
    pub views: Table,
    pub has_views: bool,
    pub actions: Vec<Button>,
    pub timeline: Vec<Event>,
}

impl DetailPage {
    pub const TEMPLATE: &'static str = "branch/detail.html";
}

/// A line above the content that says why something is so.
#[derive(Serialize)]
pub(super) struct Hint {
    pub kind: &'static str,
    pub text: String,
}

#[derive(Serialize)]
pub(super) struct Button {
    pub label: &'static str,
    pub href: String,
    pub kind: &'static str,
}

/// One round of 退回补充.
#[derive(Serialize)]
pub(super) struct Round {
    pub title: String,
    pub items: Vec<Described>,
}

pub(super) async fn show(
    State(web): State<Web<Branch>>,
    visit: StaffVisit,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let id = FinancingApplicationId(id);
    let case = web.uses.dossier.view(visit.actor(), id).await?;
    let mut page = detail(&visit.0.city, &case);
    let notices = web.uses.supervision.notices_of(visit.actor(), id).await?;
    page.supervised = Supervised::of(visit.actor(), id, &notices);
    let title = format!("融资需求 {}", page.number);
    Ok(visit
        .0
        .staff_console()
        .render(DetailPage::TEMPLATE, &title, &page))
}

fn detail(city: &City, case: &Case) -> DetailPage {
    let record = &case.record;
    let href = base(record.id);
    DetailPage {
        number: show::number(record),
        crumbs: crumbs(record, None),
        tags: [
            show::intake_tag(case.columns.0),
            show::review_tag(case.columns.1),
        ]
        .into_iter()
        .chain(show::loan_tag(record.stage))
        .chain(show::renewal_tag(record))
        .collect(),
        clock: case.promises.first().map(show::promise_tag),
        clock_text: case.promises.first().map_or_else(String::new, |promise| {
            format!(
                "{} {}",
                show::promise_name(promise.kind),
                show::promise_time(promise)
            )
        }),
        promises: promises(case),
        hints: hints(case),
        supervised: None,
        request: asked(record)
            .into_iter()
            .chain(show::related_rows(&case.related, "/branch/applications"))
            .collect(),
        approved: approved(city, record),
        facts: case.shown.as_ref().map(facts).unwrap_or_default(),
        minimal: case.shown.is_none(),
        full_href: if case.powers.unmask {
            format!("{href}/full")
        } else {
            String::new()
        },
        files: files(&href, &case.files, case.powers.open_file),
        has_files: !case.files.is_empty(),
        rounds: rounds(&href, case),
        papers: papers::papers(&href, case),
        views: views(&case.views),
        has_views: !case.views.is_empty(),
        actions: actions(&href, case),
        timeline: timeline(city, case),
    }
}

fn promises(case: &Case) -> Vec<Described> {
    let mut rows = show::promise_rows(&case.promises);
    let custody = show::custody_text(&case.record, &case.events);
    if !custody.is_empty() {
        rows.insert(0, Described::new("当前办理", custody));
    }
    rows
}

fn hints(case: &Case) -> Vec<Hint> {
    let record = &case.record;
    let mut hints = Vec::new();
    let mut hint = |kind, text: String| hints.push(Hint { kind, text });
    if record.frozen {
        hint(
            "warning",
            "该融资需求已被平台冻结，解除前不能办理。".to_owned(),
        );
    }
    if matches!(record.stage, Stage::Withdrawn | Stage::Expired) {
        hint(
            "info",
            "该融资需求已结束，只保留基本记录，企业资料和材料不再提供查看。".to_owned(),
        );
    } else if let Some(at) = case.ended {
        hint(
            "info",
            format!(
                "本笔已办结，资料授权已于 {} 结束。企业资料只显示隐去部分内容后的信息，材料不再提供查看；本机构的审核结果、意见和尽调记录仍可查看。",
                show::minute(at)
            ),
        );
    } else if case.shown.is_some() && !case.consent {
        hint(
            "warning",
            "企业已撤回授权，企业资料和材料不再提供查看，也不能批准。可以联系企业说明，由企业在融资需求页面重新授权；也可以审核不通过。"
                .to_owned(),
        );
    }
    if case.elsewhere > 0 {
        hint(
            "info",
            format!("该企业另有 {} 笔在办的融资需求在其他机构。", case.elsewhere),
        );
    }
    if case.draws.iter().any(StoredDraw::is_disputed) {
        hint(
            "warning",
            "企业对放款记录提出了异议，请核实后答复。".to_owned(),
        );
    }
    if open_correction(&case.corrections).is_some() {
        hint(
            "warning",
            "放款或还款登记有一项更正待复核，见下方更正记录。".to_owned(),
        );
    }
    let deferral = |status| deferral_at(&case.deferrals, status).is_some();
    if deferral(DeferralStatus::Open) {
        hint("warning", "企业申请延期还款，请答复。".to_owned());
    } else if deferral(DeferralStatus::Proposed) {
        hint("warning", "有一项延期待复核，见下方延期申请。".to_owned());
    }
    if case.letters.calls > 0 {
        hint(
            "warning",
            "企业请求回电。联系后请在沟通记录中登记时间和结果。".to_owned(),
        );
    } else if case.letters.unread > 0 {
        hint(
            "info",
            format!(
                "企业有 {} 条留言未读，请查看沟通记录。",
                case.letters.unread
            ),
        );
    }
    if record.stage == Stage::Accepted
        && let Some(limit) = case.single_step_limit
        && record.amount > limit
    {
        hint(
            "info",
            format!(
                "融资金额超过 {} 万元，需经审批流程审核。",
                limit.format_wan_short()
            ),
        );
    }
    hints
}

/// 期望融资 in one line, beside what is decided about it.
pub(super) fn wished(record: &ApplicationRecord) -> Described {
    let words = format!(
        "{}，{}，{}",
        show::money(record.amount),
        show::term(record.term),
        show::rate(record.rate)
    );
    Described::new("期望融资", words)
}

/// What was decided, once it is.
fn approved(city: &City, record: &ApplicationRecord) -> Vec<Described> {
    let mut rows = Vec::new();
    if let Some(amount) = record.approved_amount {
        rows.push(Described::new("批准金额", show::money(amount)));
    }
    if let Some(rate) = record.approved_rate {
        rows.push(Described::new("批准利率", show::rate(rate)));
    }
    if let Some(term) = record.approved_term {
        rows.push(Described::new("批准期限", show::term(term)));
    }
    if let Some(day) = record.approval_valid_until {
        rows.push(Described::new("额度有效期至", day.to_string()));
    }
    if !record.reason_codes.is_empty() {
        rows.push(Described::new(
            "不通过原因",
            show::reasons(city, &record.reason_codes),
        ));
    }
    if !record.review_opinion.is_empty() {
        rows.push(Described::new("审核意见", &record.review_opinion));
    }
    if let Some(at) = record.decided_at {
        rows.push(Described::new("审核时间", show::minute(at)));
    }
    rows
}

fn capital(cents: Option<i64>) -> String {
    cents
        .and_then(|cents| Cents::new(cents).ok())
        .map_or_else(|| "未填写".to_owned(), show::money)
}

fn facts(shown: &ShownFacts) -> Vec<Described> {
    let or_dash = |text: &str| {
        if text.is_empty() {
            "未填写".to_owned()
        } else {
            text.to_owned()
        }
    };
    vec![
        Described::new("企业名称", &shown.company_name),
        Described::new("统一社会信用代码", &shown.unified_social_credit_code),
        Described::new("注册资本", capital(shown.registered_capital_cents)),
        Described::new("所属行业", or_dash(&shown.industry)),
        Described::new("法定代表人姓名", &shown.legal_representative),
        Described::new("法定代表人身份证号", &shown.legal_id),
        Described::new("法定代表人联系电话", &shown.contact_phone),
        Described::new("所在地区", or_dash(&shown.county)),
        Described::new("电子邮箱", or_dash(&shown.email)),
        Described::new("首贷户", if shown.first_loan { "是" } else { "否" }),
        Described::new("企业规模", DossierSize::words(shown.size.as_ref())),
    ]
}

fn file_href(href: &str, file: &DossierFile) -> String {
    format!("{href}/materials/{}", file.id)
}

fn files(href: &str, files: &[DossierFile], may_open: bool) -> Table {
    let mut table = Table::new("申请材料")
        .column("材料名称", "")
        .column("来源", "nowrap")
        .column("提交时间", "nowrap");
    for file in files {
        let name = if let Scan::Unknown | Scan::Infected = file.scan {
            let why = match file.scan {
                Scan::Infected => "含有病毒，已移除",
                _ => "正在进行安全检查，完成后可以查看",
            };
            Cell::text(&file.label).second(why)
        } else if may_open {
            Cell::link(&file.label, file_href(href, file))
        } else {
            Cell::text(&file.label)
        };
        let source = if file.kind == "thread" {
            "沟通中提交".to_owned()
        } else if file.kind == APPEAL_MATERIAL {
            "申请复议时提交".to_owned()
        } else if file.round == 0 {
            "随申请提交".to_owned()
        } else {
            format!("第 {} 次补充", file.round)
        };
        table.push(vec![
            name,
            Cell::text(source),
            Cell::text(show::minute(file.added_at)),
        ]);
    }
    table
}

fn rounds(href: &str, case: &Case) -> Vec<Round> {
    let mut rounds: Vec<Round> = Vec::new();
    let mut last = 0;
    for item in &case.items {
        if item.round != last || rounds.is_empty() {
            last = item.round;
            rounds.push(Round {
                title: format!("第 {last} 次退回补充"),
                items: Vec::new(),
            });
        }
        if let Some(round) = rounds.last_mut() {
            round.items.push(answer(href, case, item));
        }
    }
    rounds
}

fn answer(href: &str, case: &Case, item: &SupplementItem) -> Described {
    let Some(at) = item.answered_at else {
        return Described::cell(item.label.clone(), Cell::text("等待企业补充"));
    };
    // In the order in which the enterprise put them; all of them only to whoever may open them.
    let given = |id: &FileId| case.files.iter().find(|file| file.id == *id);
    let hrefs: Vec<String> = item
        .files
        .iter()
        .filter_map(given)
        .filter(|_| case.powers.open_file)
        .map(|file| file_href(href, file))
        .collect();
    let cell = if hrefs.is_empty() {
        Cell::text(if item.answer.is_empty() {
            "已补充"
        } else {
            item.answer.as_str()
        })
        .second(show::minute(at))
    } else {
        Cell::files("查看材料", hrefs).second(format!("{} {}", show::minute(at), item.answer))
    };
    Described::cell(item.label.clone(), cell)
}

fn views(entries: &[ViewEntry]) -> Table {
    let mut table = Table::new("查看记录")
        .column("时间", "nowrap")
        .column("查看人", "nowrap")
        .column("内容", "")
        .column("原因", "");
    for entry in entries {
        table.push(vec![
            Cell::text(show::minute(entry.at)),
            Cell::text(&entry.viewer_name),
            Cell::text(&entry.fields),
            Cell::text(&entry.reason),
        ]);
    }
    table
}

fn actions(href: &str, case: &Case) -> Vec<Button> {
    let powers = case.powers;
    let button = |there: bool, label, path: &str, kind| {
        there.then(|| Button {
            label,
            href: format!("{href}/{path}"),
            kind,
        })
    };
    [
        button(powers.accept, "接单", "accept", "primary"),
        button(powers.decline, "拒单", "decline", "danger"),
        button(powers.start_diligence, "开始尽调", "start", "primary"),
        button(powers.write_report, "尽调报告", "diligence", "primary"),
        button(powers.propose, "提交审批", "propose", "line"),
        button(powers.sign && !powers.sign_last, "同意", "agree", "primary"),
        button(powers.sign_last, "通过", "pass", "primary"),
        button(powers.sign, "不通过", "veto", "danger"),
        button(powers.sign, "退回经办", "return", "line"),
        button(powers.approve, "通过", "approve", "primary"),
        button(powers.reject, "不通过", "reject", "danger"),
        button(powers.disburse, "放款登记", "disburse", "primary"),
        button(powers.answer_dispute, "答复异议", "dispute", "primary"),
        button(powers.repay, "还款登记", "repay", "line"),
        button(powers.settle, "结清登记", "settle", "primary"),
        button(
            powers.check_correction,
            "复核更正",
            "check-correction",
            "primary",
        ),
        button(
            powers.withdraw_correction,
            "撤回更正",
            "withdraw-correction",
            "line",
        ),
        button(
            powers.answer_deferral,
            "答复延期",
            "answer-deferral",
            "primary",
        ),
        button(
            powers.check_deferral,
            "复核延期",
            "check-deferral",
            "primary",
        ),
        button(powers.correct_draw, "更正放款", "correct-draw", "line"),
        button(
            powers.correct_repayment,
            "更正还款",
            "correct-repayment",
            "line",
        ),
        button(powers.ask_supplement, "退回补充", "supplement", "line"),
        button(
            powers.assign,
            if case.record.stage == Stage::ReturnedToHq {
                "改派"
            } else {
                "转派"
            },
            "dispatch",
            "line",
        ),
        button(powers.move_branch, "跨支行转派", "move", "line"),
        button(powers.hand_over, "转办", "hand-over", "line"),
        button(
            powers.refuse_intake,
            "确认拒单",
            "confirm-decline",
            "danger",
        ),
        button(powers.correct, "更正误操作", "correct", "line"),
        button(case.shown.is_some(), "沟通记录", "thread", "line"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn timeline(city: &City, case: &Case) -> Vec<Event> {
    let mut events: Vec<Event> = case
        .events
        .iter()
        .filter(|event| event.verb != Verb::SaveDraft)
        .map(|event| line(city, event))
        .collect();
    if let Some(promise) = case.promises.first() {
        events.push(Event {
            event: format!("等待{}", promise.kind.zh()),
            time: show::promise_time(promise),
            pending: true,
            ..Event::default()
        });
    }
    events
}

fn line(city: &City, event: &ApplicationEvent) -> Event {
    let mut note = Vec::new();
    if !event.reason_codes.is_empty() {
        note.push(format!(
            "原因：{}",
            show::reasons(city, &event.reason_codes)
        ));
    }
    note.extend(show::event_facts(&event.detail));
    if !event.note.is_empty() {
        note.push(event.note.clone());
    }
    let kind = match event.to {
        Stage::Approved => "success",
        Stage::Rejected => "danger",
        Stage::NeedSupplement | Stage::Expired => "warning",
        _ => "",
    };
    Event {
        event: event.verb.zh().to_owned(),
        time: show::minute(event.at),
        actor: actor(event),
        note: note.join("。"),
        pending: false,
        kind: kind.to_owned(),
    }
}

/// Staff by name, the enterprise as such: its people are not the bank's to name.
fn actor(event: &ApplicationEvent) -> String {
    if event.actor.role.is_enterprise() {
        return "企业".to_owned();
    }
    if event.actor.name.is_empty() {
        return event.actor.role.zh().to_owned();
    }
    format!("{}（{}）", event.actor.name, event.actor.role.zh())
}

//! What an event says to whom: the enterprise, and the branch that holds the request.

use domain::{
    calendar::SHANGHAI,
    financing::{ClockKind, FinancingApplication, Stage, Verb},
    ids::{EnterpriseId, TenantId, UserId},
    tenant::Role,
    values::Cents,
};
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::ports::notice_words::NoticeWords;

/// One message to one box.
pub(crate) struct Letter {
    pub to: TenantId,
    pub enterprise: Option<EnterpriseId>,
    pub key: String,
    pub title: String,
    pub body: String,
    pub link: String,
}

pub(crate) fn number(application: &FinancingApplication) -> String {
    let number = application.record().number.as_ref();
    number.map_or(String::new(), ToString::to_string)
}

/// `2026-03-05 09:30` in Asia/Shanghai.
pub(crate) fn moment(at: Option<OffsetDateTime>) -> String {
    at.map_or(String::new(), |at| {
        let at = at.to_offset(SHANGHAI);
        format!("{} {:02}:{:02}", at.date(), at.hour(), at.minute())
    })
}

/// `2026-03-05` in Asia/Shanghai.
pub(crate) fn beijing_day(at: OffsetDateTime) -> String {
    at.to_offset(SHANGHAI).date().to_string()
}

/// Parameters that every sentence may use.
pub(crate) fn params(application: &FinancingApplication) -> Vec<(&'static str, String)> {
    let r = application.record();
    vec![
        ("no", number(application)),
        ("product", r.product_name.clone()),
        ("branch", r.handler_name.clone()),
        ("enterprise", r.enterprise_name.clone()),
        ("holder", r.holder_name.clone()),
        ("amount", r.amount.format_wan_short()),
        // Whoever was faster than the delivery of this notice has stopped the clock already.
        (
            "due",
            r.due_at
                .map_or_else(|| "规定时限".to_owned(), |at| moment(Some(at))),
        ),
        ("opinion", r.review_opinion.clone()),
    ]
}

/// How much and of which day, for the sentences about a draw or a repayment, and what was said before a correction. Notices from before
/// they were named do not say it.
pub(crate) fn sums_and_days(payload: &Value) -> [(&'static str, String); 4] {
    let unnamed = || "以平台登记为准".to_owned();
    let sum = |name: &str| {
        let cents = payload[name].as_i64();
        let sum = cents.and_then(|cents| Cents::new(cents).ok());
        sum.map_or_else(unnamed, |sum| format!("{} 元", sum.format_yuan()))
    };
    let day = |name: &str| payload[name].as_str().map_or_else(unnamed, str::to_owned);
    [
        ("sum", sum("sum")),
        ("on", day("on")),
        ("was_sum", sum("was_sum")),
        ("was_on", day("was_on")),
    ]
}

/// What the sentences about a draw or a repayment may use.
fn loan_params(application: &FinancingApplication, payload: &Value) -> Vec<(&'static str, String)> {
    let mut params = params(application);
    params.extend(sums_and_days(payload));
    params
}

/// To the enterprise of the request.
pub(crate) fn to_enterprise(
    application: &FinancingApplication,
    key: String,
    code: &str,
    words: &dyn NoticeWords,
) -> Letter {
    enterprise_letter(application, key, code, &params(application), words)
}

fn enterprise_letter(
    application: &FinancingApplication,
    key: String,
    code: &str,
    params: &[(&'static str, String)],
    words: &dyn NoticeWords,
) -> Letter {
    let r = application.record();
    Letter {
        to: r.tenant,
        enterprise: Some(r.enterprise),
        key,
        title: words.text(&format!("{code}.title"), params),
        body: words.text(&format!("{code}.body"), params),
        link: format!("/enterprise/applications/{}", r.id),
    }
}

/// To the staff of a node.
pub(crate) fn to_staff(
    application: &FinancingApplication,
    node: TenantId,
    key: String,
    code: &str,
    words: &dyn NoticeWords,
) -> Letter {
    staff_letter(application, (node, key), code, &params(application), words)
}

fn staff_letter(
    application: &FinancingApplication,
    (to, key): (TenantId, String),
    code: &str,
    params: &[(&'static str, String)],
    words: &dyn NoticeWords,
) -> Letter {
    Letter {
        to,
        enterprise: None,
        key,
        title: words.text(&format!("{code}.title"), params),
        body: words.text(&format!("{code}.body"), params),
        link: staff_path(application),
    }
}

/// To the staff of a node, about one of the clocks: its word and its own due time.
pub(crate) fn of_clock(
    application: &FinancingApplication,
    node: TenantId,
    key: String,
    code: &str,
    kind: ClockKind,
    words: &dyn NoticeWords,
) -> Letter {
    let mut params = params(application);
    params.retain(|(name, _)| *name != "due");
    params.push(("due", moment(due_of(application, kind))));
    params.push(("clock", kind.zh().to_owned()));
    let r = application.record();
    let who = match kind {
        ClockKind::Dispatch => "机构总部".to_owned(),
        _ if r.holder_name.is_empty() => r.handler_name.clone(),
        _ => format!("{}{}", r.handler_name, r.holder_name),
    };
    params.push(("who", who));
    Letter {
        to: node,
        enterprise: None,
        key,
        title: words.text(&format!("{code}.title"), &params),
        body: words.text(&format!("{code}.body"), &params),
        link: staff_path(application),
    }
}

/// Until when a clock runs.
pub(crate) fn due_of(
    application: &FinancingApplication,
    kind: ClockKind,
) -> Option<OffsetDateTime> {
    let r = application.record();
    match kind {
        ClockKind::Contact => r.contact_due_at,
        ClockKind::Decision => r.decision_due_at,
        _ => r.due_at,
    }
}

pub(crate) fn staff_path(application: &FinancingApplication) -> String {
    format!("/branch/applications/{}", application.record().id)
}

/// A message to one person's phone: which template, who, about which clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    template: &'static str,
    to: UserId,
    clock: Option<ClockKind>,
}

impl Call {
    pub(crate) const fn new(template: &'static str, to: UserId) -> Self {
        Self {
            template,
            to,
            clock: None,
        }
    }

    #[must_use]
    pub(crate) const fn about(mut self, clock: ClockKind) -> Self {
        self.clock = Some(clock);
        self
    }

    pub(crate) fn payload(&self, application: &FinancingApplication) -> Value {
        json!({
            "application": application.record().id.0,
            "template": self.template,
            "to": self.to.0,
            "clock": self.clock.map(ClockKind::code),
        })
    }
}

/// What is told with its sum and its day, and leads to the loan.
const OF_A_LOAN: [Verb; 4] = [
    Verb::Disburse,
    Verb::DisburseLast,
    Verb::CorrectDraw,
    Verb::CorrectRepayment,
];

/// The sentence for the enterprise; quiet for verbs that only the bank's own work needs.
const fn enterprise_code(verb: Verb) -> Option<&'static str> {
    Some(match verb {
        Verb::Submit | Verb::PassFace => "notice.submit",
        Verb::Accept => "notice.accept",
        Verb::AskSupplement => "notice.ask_supplement",
        Verb::AnswerSupplement => "notice.answer_supplement",
        Verb::SupplementTimeout => "notice.supplement_timeout",
        Verb::Approve => "notice.approve",
        Verb::Reject => "notice.reject",
        Verb::ConfirmDecline => "notice.declined",
        Verb::Withdraw => "notice.withdraw",
        Verb::Expire => "notice.expire",
        Verb::Reassign | Verb::ReassignFromHq | Verb::MoveBranch => "notice.moved",
        Verb::IntakeTimeout => "notice.intake_timeout",
        Verb::DeclineIntake => "notice.decline_intake",
        Verb::StartDueDiligence => "notice.start_due_diligence",
        Verb::HandOver => "notice.hand_over",
        Verb::SubmitForApproval => "notice.in_approval",
        Verb::Reconsider => "notice.reconsider",
        Verb::Disburse | Verb::DisburseLast => "notice.disburse",
        Verb::CorrectDraw => "notice.draw_corrected",
        Verb::CorrectRepayment => "notice.repayment_corrected",
        Verb::GiveUp => "notice.give_up",
        Verb::Settle => "notice.settle",
        Verb::Freeze => "notice.frozen",
        Verb::Unfreeze => "notice.unfrozen",
        Verb::SaveDraft
        | Verb::SubmitPendingFace
        | Verb::LeaveFace
        | Verb::AgreeStep
        | Verb::ReturnToHolder => {
            return None;
        }
        Verb::CorrectMistake => "notice.progress",
    })
}

const fn staff_code(verb: Verb) -> Option<&'static str> {
    Some(match verb {
        Verb::Submit
        | Verb::PassFace
        | Verb::Reassign
        | Verb::ReassignFromHq
        | Verb::MoveBranch => "notice.staff.submit",
        Verb::AnswerSupplement => "notice.staff.answer_supplement",
        Verb::SupplementTimeout => "notice.staff.supplement_timeout",
        Verb::Withdraw => "notice.staff.withdraw",
        Verb::Expire => "notice.staff.expire",
        Verb::IntakeTimeout => "notice.staff.intake_timeout",
        Verb::HandOver => "notice.staff.hand_over",
        Verb::ReturnToHolder => "notice.staff.returned",
        Verb::Approve => "notice.staff.approved",
        Verb::Reject => "notice.staff.rejected",
        Verb::GiveUp => "notice.staff.give_up",
        Verb::Freeze => "notice.staff.frozen",
        Verb::Unfreeze => "notice.staff.unfrozen",
        _ => return None,
    })
}

/// 额度到期: what the system ended is said in other words than what the enterprise gave up.
fn codes(verb: Verb, payload: &Value) -> (Option<&'static str>, Option<&'static str>) {
    if verb == Verb::GiveUp && payload["by"] == "system" {
        return (
            Some("notice.validity_passed"),
            Some("notice.staff.validity_passed"),
        );
    }
    (enterprise_code(verb), staff_code(verb))
}

/// 超时未接单 (row 11): headquarters finds another branch, and the city is told.
fn of_intake_timeout(
    application: &FinancingApplication,
    key: &str,
    words: &dyn NoticeWords,
) -> [Letter; 2] {
    let r = application.record();
    let to =
        |node, whom: &str, code| to_staff(application, node, format!("{key}:{whom}"), code, words);
    let mut city = to(r.tenant, "city", "notice.city.intake_timeout");
    city.link = String::new();
    [to(r.bank, "hq", "notice.hq.intake_timeout"), city]
}

/// Whose signature the event asks for: the branch's approver, or headquarters; nobody's after the last step.
fn next_signer(application: &FinancingApplication, payload: &Value) -> Option<TenantId> {
    let signed = usize::try_from(payload["signed"].as_u64()?).ok()?;
    let record = application.record();
    match record.approval.as_ref()?.steps.get(signed)? {
        Role::HqApprover => Some(record.bank),
        _ => record.handler,
    }
}

/// 更正 of a loan or 延期 waits for a second person: of the branch, or of headquarters where the branch has nobody.
fn to_second_person(
    application: &FinancingApplication,
    key: &str,
    (code, page): (&str, &str),
    params: &[(&'static str, String)],
    words: &dyn NoticeWords,
) -> Vec<Letter> {
    let record = application.record();
    let mut nodes: Vec<TenantId> = record.handler.into_iter().collect();
    if !nodes.contains(&record.bank) {
        nodes.push(record.bank);
    }
    let to = |node: TenantId| {
        let to = (node, format!("{key}:{node}"));
        let mut letter = staff_letter(application, to, code, params, words);
        letter.link.push_str(page);
        letter
    };
    nodes.into_iter().map(to).collect()
}

/// The key of a letter of `application.note`.
pub(crate) fn note_key(payload: &Value) -> String {
    let word = |name: &str| payload[name].as_str().unwrap_or_default().to_owned();
    format!("note:{}:{}", word("what"), word("of"))
}

/// Letters of `application.note`: what is no step of the table, but somebody has to know.
pub(crate) fn of_note(
    application: &FinancingApplication,
    payload: &Value,
    words: &dyn NoticeWords,
) -> Vec<Letter> {
    let record = application.record();
    let what = payload["what"].as_str().unwrap_or_default();
    let key = note_key(payload);
    let params = loan_params(application, payload);
    let own = |code: &str, page: &str| {
        let mut letter = enterprise_letter(application, key.clone(), code, &params, words);
        letter.link.push_str(page);
        vec![letter]
    };
    let loan = |code: &str| own(code, "/loan");
    let of_branch = |code: &str, page: &str| {
        let handler = record.handler.into_iter();
        let letters = handler.map(|node| {
            let mut letter = staff_letter(application, (node, key.clone()), code, &params, words);
            letter.link.push_str(page);
            letter
        });
        letters.collect::<Vec<Letter>>()
    };
    let branch = |code: &str| of_branch(code, "");
    match what {
        "repaid" => loan("notice.repaid"),
        "dispute_answered" => loan("notice.dispute_answered"),
        "disputed" => branch("notice.staff.disputed"),
        "confirmed" => branch("notice.staff.draw_confirmed"),
        "renewal_invited" => own("notice.renewal_invited", "/renew"),
        "deferral_asked" => of_branch("notice.staff.deferral_asked", "/answer-deferral"),
        "deferral_proposed" => {
            let said = ("notice.staff.deferral_proposed", "/check-deferral");
            to_second_person(application, &key, said, &params, words)
        }
        "deferral_returned" => of_branch("notice.staff.deferral_returned", "/answer-deferral"),
        "deferral_declined" => loan("notice.deferral_declined"),
        "deferral_agreed" => {
            let mut letters = loan("notice.deferral_agreed");
            letters.extend(branch("notice.staff.deferral_agreed"));
            letters
        }
        "loan_correction_asked" => {
            let said = ("notice.staff.loan_correction_asked", "/check-correction");
            to_second_person(application, &key, said, &params, words)
        }
        "reconsideration_asked" => {
            let code = "notice.staff.reconsideration_asked";
            vec![to_staff(application, record.bank, key, code, words)]
        }
        _ => Vec::new(),
    }
}

/// The letters go out later, when a clock may have stopped or started anew: the event itself says what was due after it.
fn at_the_event(application: &FinancingApplication, payload: &Value) -> FinancingApplication {
    let mut record = application.record().clone();
    let due = payload["due"].as_i64();
    if let Some(due) = due.and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok()) {
        record.due_at = Some(due);
    }
    FinancingApplication::restore(record)
}

/// The key of the letter that an event writes to the enterprise.
pub(crate) fn event_key(application: &FinancingApplication, payload: &Value) -> String {
    let seq = payload["seq"].as_i64().unwrap_or_default();
    format!("event:{}:{seq}", application.record().id)
}

/// The key of a letter about a move.
pub(crate) fn move_key(payload: &Value, what: &str) -> String {
    let id = payload["move"].as_str().unwrap_or_default();
    format!("move:{id}:{what}")
}

/// Letters of `application.event`.
pub(crate) fn of_event(
    application: &FinancingApplication,
    payload: &Value,
    words: &dyn NoticeWords,
) -> Vec<Letter> {
    let Some(verb) = payload["verb"].as_str().and_then(Verb::from_code) else {
        return Vec::new();
    };
    let application = &at_the_event(application, payload);
    let id = application.record().id;
    let seq = payload["seq"].as_i64().unwrap_or_default();
    let mut letters = Vec::new();
    let (for_enterprise, for_staff) = codes(verb, payload);
    if let Some(code) = for_enterprise {
        let key = event_key(application, payload);
        let of_a_loan = OF_A_LOAN.contains(&verb);
        let mut letter = if of_a_loan {
            let params = loan_params(application, payload);
            enterprise_letter(application, key, code, &params, words)
        } else {
            to_enterprise(application, key, code, words)
        };
        if code == "notice.progress" {
            let mut params = params(application);
            params.push(("verb", verb.zh().to_owned()));
            letter.body = words.text("notice.progress.body", &params);
        }
        if of_a_loan {
            letter.link.push_str("/loan");
        }
        letters.push(letter);
    }
    let handler = payload["handler"]
        .as_str()
        .and_then(|h| Uuid::try_parse(h).ok());
    let key = format!("event:{id}:{seq}");
    if verb == Verb::IntakeTimeout {
        letters.extend(of_intake_timeout(application, &key, words));
    }
    if let Some(node) = next_signer(application, payload) {
        let key = format!("sign:{id}:{seq}");
        let code = "notice.staff.to_sign";
        letters.push(to_staff(application, node, key, code, words));
    }
    if verb == Verb::DeclineIntake {
        let (key, bank) = (format!("event:{id}:{seq}"), application.record().bank);
        let code = "notice.staff.decline_intake";
        letters.push(to_staff(application, bank, key, code, words));
    }
    if let (Some(code), Some(handler)) = (for_staff, handler) {
        letters.push(to_staff(application, TenantId(handler), key, code, words));
    }
    let left = payload["left"]
        .as_str()
        .and_then(|h| Uuid::try_parse(h).ok())
        .filter(|left| Some(*left) != handler);
    if let Some(left) = left {
        // It is gone for them, so the letter names it and leads to their list.
        let key = format!("event:{id}:{seq}:left");
        let mut letter = to_staff(
            application,
            TenantId(left),
            key,
            "notice.staff.moved_away",
            words,
        );
        letter.link = "/branch/applications".to_owned();
        letters.push(letter);
    }
    letters
}

/// Letters of `move.asked` (to the enterprise) and `move.answered` (to headquarters), row 17.
pub(crate) fn of_move(
    application: &FinancingApplication,
    payload: &Value,
    asked: bool,
    words: &dyn NoticeWords,
) -> Vec<Letter> {
    if payload["move"].as_str().is_none() {
        return Vec::new();
    }
    let mut params = params(application);
    let branch = payload["branch"].as_str().unwrap_or_default().to_owned();
    params.push(("to", branch));
    let (mut letter, code) = if asked {
        let code = "notice.move_asked";
        let key = move_key(payload, "asked");
        (to_enterprise(application, key, code, words), code)
    } else {
        let code = if payload["agreed"].as_bool() == Some(true) {
            "notice.staff.move_agreed"
        } else {
            "notice.staff.move_declined"
        };
        let bank = application.record().bank;
        let key = move_key(payload, "answered");
        (to_staff(application, bank, key, code, words), code)
    };
    letter.body = words.text(&format!("{code}.body"), &params);
    vec![letter]
}

/// Letter of `correction.asked`: headquarters is told that a second person is wanted (row 24).
pub(crate) fn of_correction(
    application: &FinancingApplication,
    payload: &Value,
    words: &dyn NoticeWords,
) -> Vec<Letter> {
    let Some(id) = payload["correction"].as_str() else {
        return Vec::new();
    };
    let code = "notice.staff.correction_asked";
    let bank = application.record().bank;
    let mut letter = to_staff(application, bank, format!("correction:{id}"), code, words);
    letter.link = format!("/hq/corrections/{id}");
    vec![letter]
}

/// Letters of `letter.sent`: the other side hears that something was written, not what.
pub(crate) fn of_letter(
    application: &FinancingApplication,
    payload: &Value,
    words: &dyn NoticeWords,
) -> Vec<Letter> {
    let r = application.record();
    let what = payload["what"].as_str().unwrap_or_default();
    let key = format!(
        "letter:{}:{what}",
        payload["letter"].as_str().unwrap_or_default()
    );
    let mut letter = match (what, r.handler) {
        ("answer", _) => to_enterprise(application, key, "notice.letter", words),
        ("called", _) => to_enterprise(application, key, "notice.called", words),
        (_, Some(branch)) if !r.stage.is_terminal() => {
            let code = if what == "call_request" {
                "notice.staff.call_request"
            } else {
                "notice.staff.letter"
            };
            to_staff(application, branch, key, code, words)
        }
        _ => return Vec::new(),
    };
    letter.link.push_str("/thread");
    vec![letter]
}

/// Letter of `content.doubtful`: the city's operators look at what was written; the text itself stays where it is.
pub(crate) fn of_doubtful(
    application: &FinancingApplication,
    payload: &Value,
    words: &dyn NoticeWords,
) -> Vec<Letter> {
    let record = application.record();
    let written = payload["letter"].as_str().unwrap_or_default();
    let (key, code) = (
        format!("doubtful:{written}"),
        "notice.city.content_doubtful",
    );
    let mut letter = to_staff(application, record.tenant, key, code, words);
    letter.link = format!("/operator/applications/{}", record.id);
    vec![letter]
}

/// Letter of `appeal.declined`: the answer to a 复议 that was not taken up stands on the application's page.
pub(crate) fn of_appeal(
    application: &FinancingApplication,
    words: &dyn NoticeWords,
) -> Vec<Letter> {
    let key = format!("appeal:{}:declined", application.record().id);
    vec![to_enterprise(
        application,
        key,
        "notice.appeal_declined",
        words,
    )]
}

/// Letters of `consent.withdrawn` and `consent.renewed`: the branch that holds the dossier is told (S-33).
pub(crate) fn of_consent(
    application: &FinancingApplication,
    payload: &Value,
    code: &str,
    words: &dyn NoticeWords,
) -> Vec<Letter> {
    let record = application.record();
    let (Some(handler), Some(consent)) = (record.handler, payload["consent"].as_str()) else {
        return Vec::new();
    };
    if record.stage == Stage::Draft {
        return Vec::new();
    }
    let mut letter = to_staff(
        application,
        handler,
        format!("consent:{consent}"),
        code,
        words,
    );
    let mut params = params(application);
    let title = payload["title"].as_str().unwrap_or_default().to_owned();
    params.push(("title", title));
    letter.body = words.text(&format!("{code}.body"), &params);
    vec![letter]
}

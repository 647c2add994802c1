//! Letters: how one is written to the enterprise or to the staff of a node. What each topic says stands in the rooms below.

mod event;
mod note;
mod topics;

use domain::{
    calendar::SHANGHAI,
    financing::{ClockKind, FinancingApplication},
    ids::{EnterpriseId, TenantId, UserId},
    values::Cents,
};
use serde_json::{Value, json};
use time::OffsetDateTime;

pub(crate) use event::{event_key, of_event};
pub(crate) use note::{note_key, of_note};
pub(crate) use topics::{
    move_key, of_appeal, of_consent, of_correction, of_doubtful, of_letter, of_move,
};

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

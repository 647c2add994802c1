//! What the topics say that are neither step nor note: a move, a correction, 沟通记录, a doubtful text, 复议, a consent.

use domain::financing::{FinancingApplication, Stage};
use serde_json::Value;

use super::{Letter, params, to_enterprise, to_staff};
use crate::ports::notice_words::NoticeWords;

/// The key of a letter about a move.
pub(crate) fn move_key(payload: &Value, what: &str) -> String {
    let id = payload["move"].as_str().unwrap_or_default();
    format!("move:{id}:{what}")
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

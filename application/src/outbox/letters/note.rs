//! What a note of a request says: repayments, disputes, 延期, 续贷 and 更正 of a loan, which are no steps of the table.

use domain::{financing::FinancingApplication, ids::TenantId};
use serde_json::Value;

use super::{Letter, enterprise_letter, loan_params, staff_letter, to_staff};
use crate::ports::notice_words::NoticeWords;

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

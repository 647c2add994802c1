//! Notices 柜面核验消息: what the city's worker does with the notices of this room, inside its own transaction.

use domain::{
    identity::{CheckStatus, ReviewStatus},
    ids::{FaceCheckId, FaceReviewId},
};
use uuid::Uuid;

use super::verdict::{CONSENT_WITHDRAWN, PERSON_CHANGED};
use crate::{
    error::UseResult,
    outbox::letters::Letter,
    ports::{
        face::FaceEnd, face_checks::FaceCheck, notice_words::NoticeWords, outbox::OutboxNotice,
        store::UnitOfWork,
    },
};

/// A branch is asked for a check at its counter.
pub const REQUESTED: &str = "identity.requested";
/// The counter saw the right person: the city notes that they are verified.
pub const CONFIRMED: &str = "identity.confirmed";
/// The counter refused.
pub const REFUSED: &str = "identity.refused";
/// A verdict came, or never will, while nobody was waiting in front of the screen.
pub const SETTLED: &str = "identity.settled";

/// Two people of the operator have decided, or nobody did in its time.
pub const REVIEWED: &str = "identity.reviewed";

/// Why a check ends without a verdict, and how that is told; for every other reason nobody could tell how it came out.
const ENDS: [(&str, &str); 5] = [
    (FaceEnd::Left.code(), "notice.face_left"),
    (FaceEnd::Device.code(), "notice.face_device"),
    (FaceEnd::System.code(), "notice.face_system"),
    (PERSON_CHANGED, "notice.face_person_changed"),
    (CONSENT_WITHDRAWN, "notice.face_consent_withdrawn"),
];

/// Whether a notice is this room's business.
pub fn is_ours(topic: &str) -> bool {
    [REQUESTED, CONFIRMED, REFUSED, SETTLED, REVIEWED].contains(&topic)
}

/// Does what the notice asks for and answers whom to tell; bears repeats. A check that is gone tells nobody.
pub(crate) async fn deliver(
    work: &mut dyn UnitOfWork,
    notice: &OutboxNotice,
    words: &dyn NoticeWords,
) -> UseResult<Vec<Letter>> {
    if notice.topic == REVIEWED {
        return reviewed(work, notice, words).await;
    }
    let id = notice.payload["check"]
        .as_str()
        .and_then(|text| Uuid::try_parse(text).ok());
    let Some(id) = id else {
        return Ok(Vec::new());
    };
    let Some(check) = work.face_checks().check(FaceCheckId(id)).await? else {
        return Ok(Vec::new());
    };
    let letter = match notice.topic.as_str() {
        REQUESTED => to_branch(&check, words),
        CONFIRMED if confirm(work, &check, notice).await? => {
            Some(to_enterprise(&check, "notice.counter_passed", words))
        }
        REFUSED => Some(to_enterprise(&check, "notice.counter_refused", words)),
        SETTLED => match check.status {
            CheckStatus::Passed => Some("notice.face_passed"),
            CheckStatus::Failed => Some("notice.face_failed"),
            CheckStatus::Cancelled => Some(told_end(&check.reason_code)),
            _ => None,
        }
        .map(|code| to_enterprise(&check, code, words)),
        _ => None,
    };
    Ok(letter.into_iter().collect())
}

/// How a check that ended without a verdict is told.
fn told_end(reason: &str) -> &'static str {
    let known = ENDS.iter().find(|(code, _)| *code == reason);
    known.map_or("notice.face_no_answer", |(_, told)| told)
}

/// What the two of the operator found, told to the enterprise.
async fn reviewed(
    work: &mut dyn UnitOfWork,
    notice: &OutboxNotice,
    words: &dyn NoticeWords,
) -> UseResult<Vec<Letter>> {
    let id = notice.payload["review"]
        .as_str()
        .and_then(|text| Uuid::try_parse(text).ok());
    let Some(id) = id else {
        return Ok(Vec::new());
    };
    let Some(review) = work.face_reviews().review(FaceReviewId(id)).await? else {
        return Ok(Vec::new());
    };
    let code = match review.status {
        ReviewStatus::Passed => "notice.review_passed",
        ReviewStatus::Refused => "notice.review_refused",
        // Nobody decided in its time.
        ReviewStatus::Cancelled => "notice.review_over",
        _ => return Ok(Vec::new()),
    };
    let params = vec![("reference", review.reference), ("note", review.note)];
    Ok(vec![Letter {
        to: review.city,
        enterprise: Some(review.enterprise),
        key: format!("{code}:{id}"),
        title: words.text(&format!("{code}.title"), &params),
        body: words.text(&format!("{code}.body"), &params),
        link: "/enterprise/face".to_owned(),
    }])
}

/// The person of a confirmed request is verified; `false` when the person was changed or is verified already.
async fn confirm(
    work: &mut dyn UnitOfWork,
    check: &FaceCheck,
    notice: &OutboxNotice,
) -> UseResult<bool> {
    if check.status != CheckStatus::ManualPassed {
        return Ok(false);
    }
    let verified = work.face_checks().lock_person(check.user).await?;
    let facts = work.enterprises().facts(check.enterprise).await?;
    let same = facts.is_some_and(|f| f.legal_id_index == check.legal_id_index);
    if !same || verified.is_none_or(|v| v.at.is_some()) {
        return Ok(false);
    }
    let at = check.settled_at.unwrap_or(notice.created_at);
    work.face_checks()
        .mark_verified(check.user, "counter", at)
        .await?;
    Ok(true)
}

fn params(check: &FaceCheck) -> Vec<(&'static str, String)> {
    vec![
        ("reference", check.reference.clone()),
        ("enterprise", check.enterprise_name.clone()),
        ("note", check.note.clone()),
    ]
}

fn to_branch(check: &FaceCheck, words: &dyn NoticeWords) -> Option<Letter> {
    let params = params(check);
    Some(Letter {
        to: check.branch?,
        enterprise: None,
        key: format!("{REQUESTED}:{}", check.id),
        title: words.text("notice.staff.counter_requested.title", &params),
        body: words.text("notice.staff.counter_requested.body", &params),
        link: format!("/branch/counter/{}", check.id),
    })
}

fn to_enterprise(check: &FaceCheck, code: &str, words: &dyn NoticeWords) -> Letter {
    let params = params(check);
    Letter {
        // Checks are the city's rows, and so are the messages to its enterprises.
        to: check.city,
        enterprise: Some(check.enterprise),
        key: format!("{code}:{}", check.id),
        title: words.text(&format!("{code}.title"), &params),
        body: words.text(&format!("{code}.body"), &params),
        link: "/enterprise/face".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_end_is_told_by_its_reason_and_an_unknown_one_as_no_answer() {
        for (reason, told) in [
            ("face.left_early", "notice.face_left"),
            ("face.device", "notice.face_device"),
            ("face.system", "notice.face_system"),
            ("face.person_changed", "notice.face_person_changed"),
            ("face.consent_withdrawn", "notice.face_consent_withdrawn"),
            ("face.no_answer", "notice.face_no_answer"),
            ("", "notice.face_no_answer"),
        ] {
            assert_eq!(told_end(reason), told);
        }
    }
}

//! Who hears of a step: the city of a new complaint, the enterprise of what became of it, the node of what it is asked.

use domain::{complaint::ComplaintStep, ids::TenantId};
use uuid::Uuid;

use crate::{
    error::UseResult,
    outbox::letters::{Letter, moment},
    ports::{
        complaints::Complaint, notice_words::NoticeWords, outbox::OutboxNotice, store::UnitOfWork,
    },
};

/// A step of a complaint that somebody has to hear of.
pub(crate) const TOPIC: &str = "complaint.step";

/// Notes are nobody else's business, and whoever ended it knows.
pub(super) fn is_told(step: ComplaintStep) -> bool {
    !matches!(step, ComplaintStep::Noted | ComplaintStep::Closed)
}

fn params(complaint: &Complaint) -> Vec<(&'static str, String)> {
    vec![
        ("no", complaint.number.clone()),
        ("enterprise", complaint.enterprise_name.clone()),
        ("about", complaint.subject.about_name.clone()),
        ("kind", complaint.kind.zh().to_owned()),
        ("due", moment(complaint.due_at)),
        (
            "node",
            complaint
                .asked
                .as_ref()
                .map_or_else(String::new, |node| node.name.clone()),
        ),
    ]
}

/// To the city's people.
pub(crate) fn to_city(
    complaint: &Complaint,
    city: TenantId,
    key: String,
    code: &str,
    words: &dyn NoticeWords,
) -> Letter {
    letter(complaint, city, key, code, words)
}

/// To the enterprise that complained.
pub(crate) fn to_enterprise(
    complaint: &Complaint,
    city: TenantId,
    key: String,
    code: &str,
    words: &dyn NoticeWords,
) -> Letter {
    Letter {
        enterprise: Some(complaint.enterprise),
        link: format!("/enterprise/complaints/{}", complaint.id),
        ..letter(complaint, city, key, code, words)
    }
}

fn letter(
    complaint: &Complaint,
    to: TenantId,
    key: String,
    code: &str,
    words: &dyn NoticeWords,
) -> Letter {
    let params = params(complaint);
    Letter {
        to,
        enterprise: None,
        key,
        title: words.text(&format!("{code}.title"), &params),
        body: words.text(&format!("{code}.body"), &params),
        link: format!("/operator/complaints/{}", complaint.id),
    }
}

/// Letters of a step; the words of a complaint stay on its page.
pub(crate) async fn deliver(
    work: &mut dyn UnitOfWork,
    city: TenantId,
    notice: &OutboxNotice,
    words: &dyn NoticeWords,
) -> UseResult<Vec<Letter>> {
    let text = |name: &str| notice.payload[name].as_str().unwrap_or_default();
    let (id, step) = (
        text("complaint").parse::<Uuid>(),
        ComplaintStep::from_code(text("step")),
    );
    let (Ok(id), Some(step)) = (id, step) else {
        return Ok(Vec::new());
    };
    let Some(complaint) = work.complaints().complaint(id).await? else {
        return Ok(Vec::new());
    };
    let key = |whom: &str| format!("complaint:{}:{whom}", notice.id);
    let own = |code| to_enterprise(&complaint, city, key("own"), code, words);
    let staff = |code| to_city(&complaint, city, key("city"), code, words);
    Ok(match step {
        ComplaintStep::Filed => vec![
            own("notice.complaint_filed"),
            staff("notice.city.complaint_filed"),
        ],
        ComplaintStep::Taken => vec![own("notice.complaint_taken")],
        ComplaintStep::StatementAsked => {
            let Some(node) = &complaint.asked else {
                return Ok(Vec::new());
            };
            let code = "notice.staff.complaint_asked";
            let mut asked = letter(&complaint, node.id, key("node"), code, words);
            asked.link = format!("/branch/complaints/{id}");
            vec![asked]
        }
        ComplaintStep::Stated => vec![staff("notice.city.complaint_stated")],
        ComplaintStep::Answered => vec![own("notice.complaint_answered")],
        ComplaintStep::Reopened => vec![
            own("notice.complaint_filed"),
            staff("notice.city.complaint_reopened"),
        ],
        ComplaintStep::Noted | ComplaintStep::Closed => Vec::new(),
    })
}

//! Who hears of a rating: branch, institution and city of a new one, the enterprise of a reply and of what the city hid.

use domain::ids::TenantId;
use uuid::Uuid;

use super::{
    rate::RATE,
    reply::{HIDE, REPLY, SHOW},
};
use crate::{
    error::UseResult,
    outbox::letters::Letter,
    ports::{notice_words::NoticeWords, outbox::OutboxNotice, ratings::Rating, store::UnitOfWork},
};

/// Something happened to a rating.
pub(crate) const TOPIC: &str = "rating.changed";

fn letter(
    rating: &Rating,
    to: TenantId,
    key: String,
    code: &str,
    words: &dyn NoticeWords,
) -> Letter {
    let reason = rating.hidden.as_ref().map_or("", |h| h.words.as_str());
    let params = vec![
        ("no", rating.application_no.clone()),
        ("branch", rating.branch_name.clone()),
        ("who", rating.masked_name.clone()),
        ("reason", reason.to_owned()),
    ];
    Letter {
        to,
        enterprise: None,
        key,
        title: words.text(&format!("{code}.title"), &params),
        body: words.text(&format!("{code}.body"), &params),
        link: format!("/branch/ratings/{}", rating.id),
    }
}

/// Letters of what happened; a rating that was hidden and shown again since tells the last of it.
pub(crate) async fn deliver(
    work: &mut dyn UnitOfWork,
    city: TenantId,
    notice: &OutboxNotice,
    words: &dyn NoticeWords,
) -> UseResult<Vec<Letter>> {
    let text = |name: &str| notice.payload[name].as_str().unwrap_or_default();
    let Ok(id) = text("rating").parse::<Uuid>() else {
        return Ok(Vec::new());
    };
    let Some(rating) = work.ratings().rating(id).await? else {
        return Ok(Vec::new());
    };
    let key = |whom: &str| format!("rating:{}:{whom}", notice.id);
    let own = |code: &str| Letter {
        enterprise: Some(rating.enterprise),
        link: format!("/enterprise/applications/{}/rating", rating.application),
        ..letter(&rating, city, key("own"), code, words)
    };
    let what = text("what");
    Ok(if what == RATE {
        let code = "notice.staff.rated";
        let mut told = vec![letter(&rating, rating.branch, key("branch"), code, words)];
        if rating.bank != rating.branch {
            told.push(letter(&rating, rating.bank, key("bank"), code, words));
        }
        let mut staff = letter(&rating, city, key("city"), "notice.city.rated", words);
        staff.link = format!("/operator/ratings/{id}");
        told.push(staff);
        told
    } else if what == REPLY {
        vec![own("notice.rating_replied")]
    } else if what == HIDE && rating.hidden.is_some() {
        vec![own("notice.rating_hidden")]
    } else if what == SHOW && rating.hidden.is_none() {
        vec![own("notice.rating_shown")]
    } else {
        Vec::new()
    })
}

//! Too many full views 查看完整过多: the limit of section 6 was reached, and whoever answers for the person is told.

use domain::{
    calendar::local_date,
    ids::{TenantId, UserId},
};
use uuid::Uuid;

use crate::{
    error::UseResult,
    outbox::letters::Letter,
    ports::{notice_words::NoticeWords, outbox::OutboxNotice, store::UnitOfWork},
};

/// To the branch and its headquarters, once a day and person.
pub(crate) async fn too_many_views(
    work: &mut dyn UnitOfWork,
    notice: &OutboxNotice,
    words: &dyn NoticeWords,
) -> UseResult<Vec<Letter>> {
    let viewer = notice.payload["viewer"]
        .as_str()
        .and_then(|id| Uuid::try_parse(id).ok());
    let Some(id) = viewer.map(UserId) else {
        return Ok(Vec::new());
    };
    let Some(viewer) = work.view_log().viewer(id).await? else {
        return Ok(Vec::new());
    };
    let day = local_date(notice.created_at);
    let params = [("name", viewer.name), ("node", viewer.node_name)];
    let letter = |to: TenantId| Letter {
        to,
        enterprise: None,
        key: format!("{}:{id}:{day}:{to}", notice.topic),
        title: words.text("notice.staff.too_many_views.title", &params),
        body: words.text("notice.staff.too_many_views.body", &params),
        link: String::new(),
    };
    Ok([Some(viewer.node), viewer.headquarters]
        .into_iter()
        .flatten()
        .map(letter)
        .collect())
}

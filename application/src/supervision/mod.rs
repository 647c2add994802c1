//! Supervision 督办与冻结: the city sees clocks and stages, urges, and holds with two people; it never moves a request.

pub mod calendar;
mod hold;
mod look;
mod urge;

use std::sync::Arc;

use domain::{financing::FinancingApplication, ids::FinancingApplicationId};
use serde_json::json;

pub use hold::{AskHold, SettleHold};
pub use look::{CityCase, CityDesk, CityLeaf, CityPowers, PAGE, SeenRow};
pub use urge::{Urge, side_of};

use crate::{
    audit::Watch,
    city::Cities,
    error::{UseError, UseResult},
    outbox::letters::{self, Letter},
    ports::{
        notice_words::NoticeWords,
        outbox::OutboxNotice,
        reference::WorkCalendarSource,
        store::{Store, StoreError, UnitOfWork},
    },
};

/// The room of the city's operators and supervisors, and of those whom they write to.
pub struct Supervision {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub cities: Arc<dyn Cities>,
    pub calendar: Arc<dyn WorkCalendarSource>,
}

/// 督办 was sent: branch and headquarters are told.
pub(crate) const URGED: &str = "supervision.urged";
/// A hold was asked for: the other operators are told.
pub(crate) const HOLD_ASKED: &str = "supervision.hold_asked";

/// A submitted request of the city; drafts are nobody's but the enterprise's.
fn submitted(found: Option<FinancingApplication>) -> UseResult<FinancingApplication> {
    found
        .filter(|a| !a.record().stage.is_before_submission())
        .ok_or_else(UseError::not_found)
}

async fn push(
    work: &mut dyn UnitOfWork,
    id: uuid::Uuid,
    topic: &str,
    application: FinancingApplicationId,
    at: time::OffsetDateTime,
) -> Result<(), StoreError> {
    let payload = json!({ "application": application.0 });
    work.outbox().push(id, topic, payload, at).await
}

/// Letters of this room's notices.
pub(crate) fn letters_of(
    application: &FinancingApplication,
    notice: &OutboxNotice,
    words: &dyn NoticeWords,
) -> Option<Vec<Letter>> {
    let record = application.record();
    let key = format!("{}:{}", notice.topic, notice.id);
    match notice.topic.as_str() {
        URGED => {
            let code = "notice.staff.urged";
            let to = |node| letters::to_staff(application, node, key.clone(), code, words);
            let mut told: Vec<Letter> = record.handler.into_iter().map(to).collect();
            if record.handler != Some(record.bank) {
                told.push(to(record.bank));
            }
            Some(told)
        }
        HOLD_ASKED => {
            let code = "notice.staff.hold_asked";
            let mut letter = letters::to_staff(application, record.tenant, key, code, words);
            letter.link = format!("/operator/applications/{}", record.id);
            Some(vec![letter])
        }
        _ => None,
    }
}

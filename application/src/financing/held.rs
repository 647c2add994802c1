//! 待核身 without the person: whoever passed on another channel or at a counter has their requests go on without them, and what can go on
//! no more is a draft again (row 5), told to the enterprise.

use std::sync::Arc;

use domain::{
    financing::{ActingPerson, FinancingApplication, Stage},
    ids::{FinancingApplicationId, MessageId},
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Financing, pending::passes};
use crate::{
    access::Permit,
    error::{Kind, UseError, UseResult},
    ports::{
        drafts::Waiting, messages::NewMessage, notice_words::NoticeWords, people_now::PeopleNow,
        store::UnitOfWork,
    },
    rules::texts::CityWords,
};

const ROUND: i64 = 100;

/// The worker.
#[derive(Clone)]
pub struct HeldRequests {
    pub financing: Financing,
    pub people: Arc<dyn PeopleNow>,
    pub words: Arc<dyn NoticeWords>,
}

impl HeldRequests {
    /// One round over the city of the permit; answers how many requests were submitted. One that fails keeps no other waiting.
    pub async fn round(&self, city: &Permit) -> UseResult<usize> {
        let mut work = self.financing.store.begin(city).await?;
        let waiting = work.drafts().passed_and_waiting(ROUND).await?;
        drop(work);
        let mut submitted = 0;
        for one in waiting {
            match self.release(city, one).await {
                Ok(done) => submitted += usize::from(done),
                Err(error) => {
                    let (application, cause) = (one.application, error.chain());
                    tracing::error!(%application, code = error.code, cause, "a held request was not submitted");
                }
            }
        }
        Ok(submitted)
    }

    async fn release(&self, city: &Permit, one: Waiting) -> UseResult<bool> {
        let Some(actor) = self.people.of_enterprise(one.creator).await? else {
            return Ok(false);
        };
        let error = match self.financing.release(&actor, one.application).await {
            Ok(done) => return Ok(done.is_some()),
            Err(error) => error,
        };
        let why = match error.kind {
            _ if passes(&error) => return Ok(false),
            Kind::Denied | Kind::NotFound => UseError::conflict("financing.may_submit_no_more"),
            Kind::Conflict | Kind::Invalid => error,
            _ => return Err(error),
        };
        self.give_back(city, one.application, &why).await?;
        Ok(false)
    }

    async fn give_back(
        &self,
        city: &Permit,
        id: FinancingApplicationId,
        why: &UseError,
    ) -> UseResult<()> {
        let mut work = self.financing.store.begin(city).await?;
        let found = work.financing_applications().find_for_update(id).await?;
        let Some(application) = found.filter(|a| a.record().stage == Stage::PendingFace) else {
            return Ok(());
        };
        let clock = &self.financing.clock;
        let why = match why.fields.first() {
            Some(field) => self.words.of_field(field),
            None => self.words.text(why.code, &why.params),
        };
        let new = (clock.new_id(), clock.now());
        let settings = self.financing.cities.by_id(city.city());
        let words = CityWords::new(self.words.clone(), settings.as_deref());
        give_back(&mut *work, application, new, &why, &words).await?;
        Ok(work.commit().await?)
    }
}

/// A draft again, by the system; `why` is a sentence.
pub(crate) async fn give_back(
    work: &mut dyn UnitOfWork,
    mut application: FinancingApplication,
    (message, at): (Uuid, OffsetDateTime),
    why: &str,
    words: &dyn NoticeWords,
) -> UseResult<()> {
    let event = application.leave_face(ActingPerson::system(), at)?;
    work.financing_applications()
        .save(&application, &event)
        .await?;
    let r = application.record();
    let params = [("product", r.product_name.clone()), ("why", why.to_owned())];
    let letter = NewMessage {
        id: MessageId(message),
        to: r.tenant,
        enterprise: Some(r.enterprise),
        dedupe_key: format!("given_back:{}:{}", r.id, r.version),
        title: words.text("notice.given_back.title", &params),
        body: words.text("notice.given_back.body", &params),
        link: "/enterprise/applications/drafts".to_owned(),
        at,
    };
    work.messages().put(&letter).await?;
    Ok(())
}

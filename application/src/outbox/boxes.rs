//! Into the boxes 站内消息: what a notice says becomes letters of the enterprise and of the staff.

use domain::ids::MessageId;

use super::{Deliverer, Failure, application_of, letters};
use crate::{
    access::Permit,
    account, complaints, content,
    dossier::{self, TOO_MANY_VIEWS},
    enterprises, exports,
    identity::notices,
    institutions,
    mini::DOUBTFUL,
    ownership,
    ports::{messages::NewMessage, outbox::OutboxNotice, store::UnitOfWork},
    products, province, ratings,
    rules::{self, texts::CityWords},
    settings, subsidies, supervision,
};

impl Deliverer {
    pub(super) async fn put_messages(
        &self,
        permit: &Permit,
        work: &mut dyn UnitOfWork,
        notice: &OutboxNotice,
    ) -> Result<(), Failure> {
        let city = self.cities.by_id(permit.city());
        let words = &CityWords::new(self.channels.words.clone(), city.as_deref());
        if notices::is_ours(&notice.topic) {
            let letters = notices::deliver(work, notice, words)
                .await
                .map_err(Failure::later)?;
            return self.put_letters(work, notice, letters).await;
        }
        if products::notices::is_ours(&notice.topic) {
            let letters = products::notices::deliver(work, permit.city(), notice, words).await?;
            return self.put_letters(work, notice, letters).await;
        }
        if content::notices::is_ours(&notice.topic) {
            let letters = content::notices::deliver(work, permit.city(), notice, words).await?;
            return self.put_letters(work, notice, letters).await;
        }
        if notice.topic == complaints::notices::TOPIC {
            let city = permit.city();
            let letters = complaints::notices::deliver(work, city, notice, words).await?;
            return self.put_letters(work, notice, letters).await;
        }
        if notice.topic == ratings::notices::TOPIC {
            let letters = ratings::notices::deliver(work, permit.city(), notice, words).await?;
            return self.put_letters(work, notice, letters).await;
        }
        if enterprises::notices::is_ours(&notice.topic) {
            let letters =
                enterprises::notices::deliver(work, permit.city(), city.as_deref(), notice, words)
                    .await?;
            return self.put_letters(work, notice, letters).await;
        }
        if notice.topic == subsidies::notices::TOPIC {
            let letters = subsidies::notices::deliver(work, permit.city(), notice, words).await?;
            return self.put_letters(work, notice, letters).await;
        }
        if ownership::notices::is_ours(&notice.topic) {
            let (at, city) = (permit.city(), city.as_deref());
            let letters = ownership::notices::deliver(work, at, city, notice, words).await?;
            return self.put_letters(work, notice, letters).await;
        }
        if institutions::notices::is_ours(&notice.topic) {
            let letters =
                institutions::notices::deliver(work, permit.city(), notice, words).await?;
            return self.put_letters(work, notice, letters).await;
        }
        if notice.topic == province::notices::TOPIC {
            let letters = province::notices::deliver(work, permit.city(), notice, words).await?;
            return self.put_letters(work, notice, letters).await;
        }
        if exports::notices::is_ours(&notice.topic) {
            let letters = exports::notices::deliver(work, notice, words).await?;
            return self.put_letters(work, notice, letters).await;
        }
        if rules::notices::is_ours(&notice.topic) {
            let letters = rules::notices::deliver(work, permit.city(), notice, words).await?;
            return self.put_letters(work, notice, letters).await;
        }
        if settings::notices::is_ours(&notice.topic) {
            let letters = settings::notices::deliver(work, notice, words).await?;
            return self.put_letters(work, notice, letters).await;
        }
        if account::notices::is_ours(&notice.topic) {
            let letters = account::notices::letters(permit.city(), notice, words);
            return self.put_letters(work, notice, letters).await;
        }
        if notice.topic == TOO_MANY_VIEWS {
            let letters = dossier::too_many_views(work, notice, words).await?;
            return self.put_letters(work, notice, letters).await;
        }
        let application = application_of(work, &notice.payload).await?;
        let letters = match notice.topic.as_str() {
            "application.event" => letters::of_event(&application, &notice.payload, words),
            "application.note" => letters::of_note(&application, &notice.payload, words),
            "letter.sent" => letters::of_letter(&application, &notice.payload, words),
            "consent.withdrawn" => {
                let code = "notice.staff.consent_withdrawn";
                letters::of_consent(&application, &notice.payload, code, words)
            }
            "consent.renewed" => {
                let code = "notice.staff.consent_renewed";
                letters::of_consent(&application, &notice.payload, code, words)
            }
            "move.asked" => letters::of_move(&application, &notice.payload, true, words),
            "correction.asked" => letters::of_correction(&application, &notice.payload, words),
            DOUBTFUL => letters::of_doubtful(&application, &notice.payload, words),
            "appeal.declined" => letters::of_appeal(&application, words),
            "move.answered" => letters::of_move(&application, &notice.payload, false, words),
            other => supervision::letters_of(&application, notice, words)
                .ok_or_else(|| Failure::Never(format!("nobody delivers {other}")))?,
        };
        self.put_letters(work, notice, letters).await?;
        crate::bank_api::post::announce(work, &application, notice).await?;
        self.ring_phones(work, &application, notice).await?;
        debug_assert_eq!(permit.city(), application.record().tenant);
        Ok(())
    }

    async fn put_letters(
        &self,
        work: &mut dyn UnitOfWork,
        notice: &OutboxNotice,
        letters: Vec<letters::Letter>,
    ) -> Result<(), Failure> {
        for letter in letters {
            let message = NewMessage {
                id: MessageId(self.clock.new_id()),
                to: letter.to,
                enterprise: letter.enterprise,
                dedupe_key: letter.key,
                title: letter.title,
                body: letter.body,
                link: letter.link,
                at: notice.created_at,
            };
            work.messages().put(&message).await?;
        }
        Ok(())
    }
}

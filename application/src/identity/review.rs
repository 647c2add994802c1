//! Review 平台人工核验: a photo that two people of the operator compare with the identity card, instead of a provider (S-32).

use domain::{identity::ReviewStatus, ids::FaceReviewId};
use time::Duration;

use super::{Identity, request::reference, status::masked};
use crate::{
    access::{Action, Actor, Room},
    city::{Agreement, City},
    error::{UseError, UseResult},
    files::upload_error,
    ports::{
        audit::AuditEntry, face_checks::FaceConsent, face_reviews::FaceReview, files::FileKey,
    },
};

/// Code of the text that must be accepted before such a photo is taken; a city without it does not offer the way.
pub const REVIEW_AGREEMENT: &str = "face_review";

/// How long the photo stays after the decision: `[face] image_retention_days`, not at all unless the city says so.
pub(crate) fn photo_stays(city: &City) -> Duration {
    let days = city
        .plugs
        .get("face")
        .and_then(|face| face.get("image_retention_days"))
        .and_then(serde_json::Value::as_u64)
        .unwrap_or_default();
    Duration::days(i64::try_from(days.min(365)).unwrap_or_default())
}

impl Identity {
    pub(super) fn review_agreement(city: &City) -> Option<&Agreement> {
        city.agreement(REVIEW_AGREEMENT)
    }

    /// Sends a photo to the operator; answers the reference. The consent to exactly this comes with it.
    pub async fn request_review(
        &self,
        actor: &Actor,
        ticked: bool,
        photo: Vec<u8>,
    ) -> UseResult<String> {
        let permit = self
            .guard
            .permit(actor, Room::Identity, Action::Verify)
            .await?;
        let enterprise = Self::enterprise(actor)?;
        let city = self.city(actor)?;
        let agreement = Self::review_agreement(&city).ok_or_else(UseError::not_found)?;
        if !ticked {
            return Err(UseError::field("agree_review", "review.agree"));
        }
        self.count_photo(actor).await?;
        let photo = self
            .studio
            .accept(photo)
            .await
            .map_err(|e| upload_error("photo", e))?;
        self.sealer.ready(actor.city.0).await?;
        let at = self.clock.now();
        let id = FaceReviewId(self.clock.new_id());
        let sealed = self
            .sealer
            .seal(&FaceReview::place(actor.city, id), &photo.jpeg)?;
        let mut work = self.store.begin(&permit).await?;
        let facts = self.ready_person(&mut *work, actor).await?;
        let latest = work.face_reviews().latest_review(actor.user).await?;
        if latest.is_some_and(|r| r.is_open()) {
            return Err(UseError::conflict("review.requested"));
        }
        let consent = FaceConsent {
            id: self.clock.new_id(),
            enterprise,
            user: actor.user,
            code: agreement.code.clone(),
            version: agreement.version.clone(),
            title: agreement.title.clone(),
            body_hash: self.tokens.fingerprint(&agreement.body),
            purpose: "face_review",
            recipient: city.operator_name.clone(),
            channel: actor.from.channel,
            ip: actor.from.ip.clone(),
            at,
        };
        let checks = work.face_checks();
        if !checks
            .has_consent(actor.user, &agreement.code, &agreement.version)
            .await?
        {
            checks.add_consent(&consent).await?;
            let entry = AuditEntry::by(actor, self.clock.new_id(), "consent.grant", consent.id, at);
            work.audit().write(entry).await?;
        }
        // Stored last of all that can fail before the row; what a crash leaves is found as an orphan.
        let key = self.files.vault.put(actor.city.0, sealed).await?;
        let review = FaceReview {
            id,
            city: actor.city,
            enterprise,
            user: actor.user,
            enterprise_name: facts.name.clone(),
            person_name: masked(&facts.legal_representative),
            legal_id_index: facts
                .legal_id_index
                .clone()
                .ok_or_else(|| UseError::conflict("face.profile_incomplete"))?,
            reference: reference(id.0),
            object_key: key.as_str().to_owned(),
            status: ReviewStatus::Requested,
            passes: None,
            note: String::new(),
            proposed_by: None,
            proposed_name: String::new(),
            proposed_at: None,
            created_at: at,
            settled_at: None,
        };
        work.face_reviews().add_review(&review).await?;
        let entry = AuditEntry::by(
            actor,
            self.clock.new_id(),
            "identity.request_review",
            id,
            at,
        );
        work.audit().write(entry).await?;
        work.commit().await?;
        Ok(review.reference)
    }

    /// Takes the photo back; a review that is settled stays as it is.
    pub async fn cancel_review(&self, actor: &Actor) -> UseResult<()> {
        let permit = self
            .guard
            .permit(actor, Room::Identity, Action::Verify)
            .await?;
        let now = self.clock.now();
        let mut work = self.store.begin(&permit).await?;
        let open = work
            .face_reviews()
            .latest_review(actor.user)
            .await?
            .filter(FaceReview::is_open)
            .ok_or_else(|| UseError::conflict("review.settled"))?;
        if !work.face_reviews().cancel_review(open.id, now).await? {
            return Err(UseError::conflict("review.settled"));
        }
        work.commit().await?;
        self.drop_photo(&permit, &open).await;
        Ok(())
    }

    /// The photo goes at once where nothing keeps it; if that fails, the sweep takes it.
    pub(super) async fn drop_photo(&self, permit: &crate::access::Permit, review: &FaceReview) {
        let gone = async {
            if let Some(key) = FileKey::parse(&review.object_key) {
                self.files.vault.delete(review.city.0, &key).await?;
            }
            let mut work = self.store.begin(permit).await?;
            work.face_reviews().photo_gone(review.id).await?;
            work.commit().await?;
            Ok::<_, UseError>(())
        };
        if let Err(error) = gone.await {
            tracing::warn!(review = %review.id, code = error.code, "the photo of a review goes later");
        }
    }
}

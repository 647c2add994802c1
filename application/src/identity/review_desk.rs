//! Review desk 核验复核: one of the operator compares photo and card and says what was found, another confirms or sends it back (S-39).

use domain::{
    calendar::SHANGHAI, enterprise::ProfileFile, identity::ReviewStatus, ids::FaceReviewId,
    values::FreeText,
};
use serde_json::json;
use time::macros::format_description;

use super::{Identity, REVIEW_AGREEMENT, notices::REVIEWED, review::photo_stays};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, UseError, UseResult},
    memory::{FILES, Loaded, PICTURE},
    ports::{
        audit::AuditEntry, face_reviews::FaceReview, files::FileKey, pictures::UploadError,
        view_log::ViewEntry,
    },
};

const SHOWN: i64 = 100;
const NOTE_MOST: usize = 200;

/// Which of the two pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// 现场照片.
    Photo,
    /// 身份证正面照片.
    Card,
}

/// What may be done with a review by whoever looks at it.
#[derive(Clone, Debug)]
pub struct ReviewCase {
    pub review: FaceReview,
    /// Says what the pictures show.
    pub may_propose: bool,
    /// Confirms what another found, or sends it back.
    pub may_confirm: bool,
    /// Takes back what they found themselves.
    pub may_take_back: bool,
}

impl Identity {
    pub async fn review_desk(&self, actor: &Actor) -> UseResult<Vec<FaceReview>> {
        let permit = self
            .guard
            .permit(actor, Room::FaceReview, Action::View)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        Ok(work.face_reviews().reviews(SHOWN).await?)
    }

    pub async fn review_case(&self, actor: &Actor, id: FaceReviewId) -> UseResult<ReviewCase> {
        let permit = self
            .guard
            .permit(actor, Room::FaceReview, Action::View)
            .await?;
        let review = self.review_of(&permit, id).await?;
        let may = self
            .guard
            .may(actor, Room::FaceReview, Action::Confirm)
            .await;
        let other = review.proposed_by != Some(actor.user);
        Ok(ReviewCase {
            may_propose: may && review.status == ReviewStatus::Requested,
            may_confirm: may && other && review.status == ReviewStatus::Proposed,
            may_take_back: may && !other && review.status == ReviewStatus::Proposed,
            review,
        })
    }

    async fn review_of(&self, permit: &Permit, id: FaceReviewId) -> UseResult<FaceReview> {
        let mut work = self.store.begin(permit).await?;
        let found = work.face_reviews().review(id).await?;
        found.ok_or_else(UseError::not_found)
    }

    /// One of the two pictures with who looks and when drawn over it; logged before it leaves (S-25, S-30).
    pub async fn review_picture(
        &self,
        actor: &Actor,
        id: FaceReviewId,
        which: Evidence,
    ) -> UseResult<Loaded> {
        let permit = self
            .guard
            .permit(actor, Room::FaceReview, Action::Confirm)
            .await?;
        self.sealer.ready(actor.city.0).await?;
        let now = self.clock.now();
        let mut work = self.store.begin(&permit).await?;
        let review = work
            .face_reviews()
            .review(id)
            .await?
            .filter(FaceReview::is_open)
            .ok_or_else(UseError::not_found)?;
        let card = work
            .enterprise_files()
            .current_files(review.enterprise)
            .await?
            .into_iter()
            .find(|f| f.kind == ProfileFile::IdFront.code());
        let entry = ViewEntry {
            id: self.clock.new_id(),
            enterprise: review.enterprise,
            viewer: actor.user,
            viewer_name: actor.name.clone(),
            viewer_tenant: actor.tenant,
            viewer_node: actor.tenant_name.clone(),
            application: None,
            fields: match which {
                Evidence::Photo => "现场照片",
                Evidence::Card => "身份证正面照片",
            }
            .to_owned(),
            reason: "平台人工核验".to_owned(),
            request_id: actor.from.request_id.clone(),
            at: now,
        };
        work.view_log().write(entry).await?;
        work.commit().await?;
        let jpeg = match which {
            Evidence::Photo => {
                let key = FileKey::parse(&review.object_key).ok_or_else(UseError::not_found)?;
                let (whose, at) = (actor.user.to_string(), FaceReview::place(actor.city, id));
                let read = self.files.read_at(key.as_str(), &at);
                FILES.load(&whose, PICTURE, read).await?
            }
            Evidence::Card => {
                let row = card.ok_or_else(UseError::not_found)?;
                self.files.read(actor, &row).await?
            }
        };
        let minute = format_description!("[year]-[month]-[day] [hour]:[minute]");
        let stamp = now.to_offset(SHANGHAI).format(&minute).unwrap_or_default();
        let text = format!(
            "仅供{}核验身份使用 {} {stamp}",
            actor.tenant_name, actor.name
        );
        let Loaded { bytes, held } = jpeg;
        let marked = self.studio.watermark(bytes, &text).await;
        let bytes = marked.map_err(|error| match error {
            UploadError::Busy => UseError::unavailable(error),
            error => UseError::bug(error),
        })?;
        Ok(Loaded { bytes, held })
    }

    /// 初核: what the first of the two found.
    pub async fn propose_review(
        &self,
        actor: &Actor,
        id: FaceReviewId,
        passes: bool,
        note: &str,
    ) -> UseResult<()> {
        let permit = self
            .guard
            .permit(actor, Room::FaceReview, Action::Confirm)
            .await?;
        let mut checks = Checks::default();
        let note = checks.take("review_note", FreeText::<NOTE_MOST>::parse_optional(note));
        if !passes && matches!(note, Some(None)) {
            checks.push(crate::error::FieldError::new(
                "review_note",
                "review.note_missing",
            ));
        }
        checks.finish()?;
        let note = note.flatten().map(|n| n.as_str().to_owned());
        let now = self.clock.now();
        let mut work = self.store.begin(&permit).await?;
        let review = work.face_reviews().review(id).await?;
        review.ok_or_else(UseError::not_found)?;
        let moved = work
            .face_reviews()
            .propose(
                id,
                passes,
                note.as_deref().unwrap_or_default(),
                (actor.user, &actor.name),
                now,
            )
            .await?;
        if !moved {
            return Err(UseError::conflict("review.moved"));
        }
        let entry = AuditEntry::by(
            actor,
            self.clock.new_id(),
            "identity.review_propose",
            id,
            now,
        )
        .detail(json!({ "passes": passes }));
        work.audit().write(entry).await?;
        Ok(work.commit().await?)
    }

    /// 撤回初核: whoever found something takes it back while nobody has agreed, and it is looked at anew.
    pub async fn take_review_back(&self, actor: &Actor, id: FaceReviewId) -> UseResult<()> {
        let permit = self
            .guard
            .permit(actor, Room::FaceReview, Action::Confirm)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let review = work.face_reviews().review(id).await?;
        let review = review.ok_or_else(UseError::not_found)?;
        if review.status != ReviewStatus::Proposed {
            return Err(UseError::conflict("review.moved"));
        }
        if review.proposed_by != Some(actor.user) {
            return Err(UseError::conflict("two_people.not_the_asker"));
        }
        if !work.face_reviews().look_again(id).await? {
            return Err(UseError::conflict("review.moved"));
        }
        let (entry, now) = (self.clock.new_id(), self.clock.now());
        let entry = AuditEntry::by(actor, entry, "identity.review_take_back", id, now)
            .detail(json!({ "passes": review.passes }));
        work.audit().write(entry).await?;
        Ok(work.commit().await?)
    }

    /// 复核: another person agrees with exactly what was found, or sends it back to be looked at anew.
    pub async fn confirm_review(
        &self,
        actor: &Actor,
        id: FaceReviewId,
        agrees: Option<bool>,
    ) -> UseResult<()> {
        let permit = self
            .guard
            .permit(actor, Room::FaceReview, Action::Confirm)
            .await?;
        let stays = photo_stays(&*self.city(actor)?);
        let now = self.clock.now();
        let mut work = self.store.begin(&permit).await?;
        let review = work.face_reviews().review(id).await?;
        let review = review.ok_or_else(UseError::not_found)?;
        if review.status != ReviewStatus::Proposed {
            return Err(UseError::conflict("review.moved"));
        }
        if review.proposed_by == Some(actor.user) {
            return Err(UseError::conflict("review.same_person"));
        }
        let Some(passes) = agrees else {
            work.face_reviews().look_again(id).await?;
            let entry = AuditEntry::by(
                actor,
                self.clock.new_id(),
                "identity.review_return",
                id,
                now,
            );
            work.audit().write(entry).await?;
            return Ok(work.commit().await?);
        };
        let verified = work.face_checks().lock_person(review.user).await?;
        let facts = work.enterprises().facts(review.enterprise).await?;
        let same =
            facts.is_some_and(|f| f.legal_id_index.as_deref() == Some(&*review.legal_id_index));
        let agreed = work
            .face_checks()
            .stands_by(review.user, REVIEW_AGREEMENT)
            .await?;
        if !same || !agreed {
            work.face_reviews().cancel_review(id, now).await?;
            work.commit().await?;
            self.drop_photo(&permit, &review).await;
            return Err(UseError::conflict(if same {
                "review.not_agreed"
            } else {
                "review.person_changed"
            }));
        }
        let settled = work
            .face_reviews()
            .settle_review(id, passes, actor.user, now, now + stays)
            .await?;
        if !settled {
            return Err(UseError::conflict("review.moved"));
        }
        if passes && verified.is_some_and(|v| v.at.is_none()) {
            work.face_checks()
                .mark_verified(review.user, "manual", now)
                .await?;
        }
        let payload = json!({ "review": id.to_string() });
        work.outbox()
            .push(self.clock.new_id(), REVIEWED, payload, now)
            .await?;
        let entry = AuditEntry::by(
            actor,
            self.clock.new_id(),
            "identity.review_confirm",
            id,
            now,
        )
        .detail(json!({ "passes": passes }));
        work.audit().write(entry).await?;
        work.commit().await?;
        if stays.is_zero() {
            self.drop_photo(&permit, &review).await;
        }
        Ok(())
    }
}

//! 尽调照片: made safe, sealed and private like every material; shown with a watermark to those who may see the report.

use domain::{
    financing::FinancingApplication,
    ids::{DiligencePhotoId, FinancingApplicationId},
    values::FreeText,
};
use serde_json::json;
use time::Duration;

use super::{Diligence, check_writer};
use crate::{
    access::{Action, Actor, Permit, Room},
    dossier::is_open_to_bank,
    error::{Checks, UseError, UseResult},
    files::{UPLOADS_PER_HOUR, upload_error},
    memory::{Loaded, bytes_of},
    ports::{
        audit::AuditEntry,
        diligence::DiligencePhoto,
        limits::{Limit, LimitAsk},
        pictures::{MAX_UPLOAD_BYTES, UploadError},
        store::UnitOfWork,
    },
    review::is_held_by,
};

/// Photos of one application at most.
pub const PHOTOS: usize = 20;

/// 上传照片.
#[derive(Clone, Debug)]
pub struct AddPhoto {
    pub application: FinancingApplicationId,
    pub caption: String,
    pub upload: Vec<u8>,
}

/// One photo of one application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenPhoto {
    pub application: FinancingApplicationId,
    pub photo: DiligencePhotoId,
}

impl Diligence {
    pub async fn add_photo(&self, actor: &Actor, ask: AddPhoto) -> UseResult<()> {
        let object = ask.application;
        let watch = &self.review.watch;
        let permit = watch
            .permit(actor, Room::Diligence, Action::Save, object)
            .await?;
        let outcome = self.keep(actor, &permit, ask).await;
        watch
            .refused(actor, Room::Diligence, Action::Save, object, outcome)
            .await
    }

    async fn keep(&self, actor: &Actor, permit: &Permit, ask: AddPhoto) -> UseResult<()> {
        let mut checks = Checks::default();
        let caption = checks.take("caption", FreeText::<60>::parse_optional(&ask.caption));
        checks.finish()?;
        // Before anybody works on the picture: whoever may not write is told so at once.
        let mut work = self.review.store.begin(permit).await?;
        self.writable(actor, &mut *work, ask.application).await?;
        drop(work);
        let picture = self.make_safe(actor, ask.upload).await?;
        let (vault, city) = (&self.vault, actor.city);
        vault.sealer.ready(city.0).await?;
        let id = DiligencePhotoId(self.review.watch.clock.new_id());
        let sealed = vault
            .sealer
            .seal(&DiligencePhoto::place(city, id), &picture.jpeg)?;
        let key = vault.files.put(city.0, sealed).await?;
        let photo = DiligencePhoto {
            id,
            caption: caption
                .flatten()
                .map_or_else(String::new, |c| c.as_str().to_owned()),
            object_key: key.as_str().to_owned(),
            byte_size: i32::try_from(picture.jpeg.len()).map_err(UseError::bug)?,
            sha256: picture.sha256.to_vec(),
            added_by: actor.user,
            added_at: self.review.watch.clock.now(),
        };
        let written = self
            .write_photo(actor, permit, ask.application, &photo)
            .await;
        match written {
            // An unclear commit may have been one: its object stays, and only the collector of orphans takes it away.
            Ok(work) => Ok(work.commit().await?),
            Err(refused) => {
                if let Err(error) = vault.files.delete(city.0, &key).await {
                    tracing::warn!(%city, %error, "an object could not be removed");
                }
                Err(refused)
            }
        }
    }

    async fn make_safe(
        &self,
        actor: &Actor,
        upload: Vec<u8>,
    ) -> UseResult<crate::ports::pictures::Picture> {
        if upload.len() > MAX_UPLOAD_BYTES {
            return Err(upload_error("photo", UploadError::TooLarge));
        }
        let bucket = format!("upload:{}:{}", actor.city, actor.user);
        let ask = LimitAsk::new(bucket, [Limit::new(UPLOADS_PER_HOUR, Duration::hours(1))]);
        let now = self.review.watch.clock.now();
        if let Some(over) = self.limits.take(&[ask], now).await? {
            let minutes = over.retry_after.div_ceil(60).max(1);
            return Err(
                UseError::too_many("upload.too_often", over.retry_after).with("minutes", minutes)
            );
        }
        self.vault
            .studio
            .accept(upload)
            .await
            .map_err(|error| upload_error("photo", error))
    }

    async fn write_photo(
        &self,
        actor: &Actor,
        permit: &Permit,
        id: FinancingApplicationId,
        photo: &DiligencePhoto,
    ) -> UseResult<Box<dyn UnitOfWork>> {
        let mut work = self.review.store.begin(permit).await?;
        self.writable(actor, &mut *work, id).await?;
        if work.diligence().photos(id).await?.len() >= PHOTOS {
            return Err(UseError::field("photo", "diligence.too_many_photos"));
        }
        work.diligence().add_photo(id, photo).await?;
        self.note(actor, &mut *work, "application.add_photo", id, photo.id)
            .await?;
        Ok(work)
    }

    /// 移除: out of the report; the object stays for the log's sake.
    pub async fn remove_photo(&self, actor: &Actor, ask: OpenPhoto) -> UseResult<()> {
        let watch = &self.review.watch;
        let object = ask.application;
        let permit = watch
            .permit(actor, Room::Diligence, Action::Save, object)
            .await?;
        let outcome = self.take_out(actor, &permit, ask).await;
        watch
            .refused(actor, Room::Diligence, Action::Save, object, outcome)
            .await
    }

    async fn take_out(&self, actor: &Actor, permit: &Permit, ask: OpenPhoto) -> UseResult<()> {
        let at = self.review.watch.clock.now();
        let mut work = self.review.store.begin(permit).await?;
        self.writable(actor, &mut *work, ask.application).await?;
        let papers = work.diligence();
        if !papers.remove_photo(ask.application, ask.photo, at).await? {
            return Err(UseError::not_found());
        }
        let action = "application.remove_photo";
        self.note(actor, &mut *work, action, ask.application, ask.photo)
            .await?;
        Ok(work.commit().await?)
    }

    /// The picture with a watermark; logged before it leaves (S-25). The branch took it itself: it is the bank's own record, not what the
    /// enterprise gave, and the end of the consents (B6) does not close it (docs/retention.md).
    pub async fn open_photo(&self, actor: &Actor, ask: OpenPhoto) -> UseResult<Loaded> {
        let watch = &self.review.watch;
        let permit = watch
            .permit(actor, Room::Diligence, Action::View, ask.photo)
            .await?;
        let outcome = self.fetch(actor, &permit, ask).await;
        watch
            .refused(actor, Room::Diligence, Action::View, ask.photo, outcome)
            .await
    }

    async fn fetch(&self, actor: &Actor, permit: &Permit, ask: OpenPhoto) -> UseResult<Loaded> {
        let vault = &self.vault;
        vault.sealer.ready(actor.city.0).await?;
        let mut work = self.review.store.begin(permit).await?;
        let application = work
            .branch_board()
            .find(ask.application)
            .await?
            .ok_or_else(UseError::not_found)?;
        if !is_open_to_bank(application.record().stage) {
            return Err(UseError::conflict("dossier.closed"));
        }
        let photos = work.diligence().photos(ask.application).await?;
        let photo = photos.into_iter().find(|p| p.id == ask.photo);
        let photo = photo.ok_or_else(UseError::not_found)?;
        let action = "application.open_photo";
        self.note(actor, &mut *work, action, ask.application, ask.photo)
            .await?;
        work.commit().await?;
        let place = DiligencePhoto::place(actor.city, photo.id);
        let size = bytes_of(photo.byte_size);
        let jpeg = vault.load(actor, &photo.object_key, size, &place).await?;
        let at = self.review.watch.clock.now();
        vault.marked(actor, at, jpeg).await
    }

    async fn writable(
        &self,
        actor: &Actor,
        work: &mut dyn UnitOfWork,
        id: FinancingApplicationId,
    ) -> UseResult<FinancingApplication> {
        let found = work.financing_applications().find_for_update(id).await?;
        let application = found
            .filter(|a| is_held_by(a, actor))
            .ok_or_else(UseError::not_found)?;
        check_writer(&application, actor)?;
        Ok(application)
    }

    async fn note(
        &self,
        actor: &Actor,
        work: &mut dyn UnitOfWork,
        action: &'static str,
        application: FinancingApplicationId,
        photo: DiligencePhotoId,
    ) -> UseResult<()> {
        let clock = &self.review.watch.clock;
        let entry = AuditEntry::by(actor, clock.new_id(), action, application, clock.now())
            .detail(json!({ "photo": photo.0 }));
        Ok(work.audit().write(entry).await?)
    }
}

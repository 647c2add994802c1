//! Files and pictures beside a draft: made safe, looked into, sealed; nobody sees them before a second person let the draft through.

use std::sync::Arc;

use time::Duration;
use uuid::Uuid;

use super::{ContentRoom, MOST_FILES, of_the_city, unmoved, writable};
use crate::{
    access::{Action, Actor, Permit, Room},
    catalogue::attachments_place,
    error::{UseError, UseResult},
    files::{UPLOADS_PER_HOUR, upload_error},
    memory::{FILES, Loaded, bytes_of},
    ports::{
        attachments::{Attachment, AttachmentKind},
        content::{ContentDraft, ContentKind, ContentPicture, NewAttachment, picture_place},
        files::{FileKey, FileVault},
        limits::{Limit, LimitAsk, Limits},
        pictures::{DocumentKind, PictureStudio},
        scanner::{FileScanner, Scan},
        sealing::{Place, Sealer},
        store::UnitOfWork,
    },
};

/// The narrowest picture that a banner may have, in pixels.
const NARROWEST: u32 = 600;
const ATTACH: &str = "content.attach";
const DETACH: &str = "content.detach";
const PICTURE: &str = "content.picture";

/// Files beside the city's texts.
#[derive(Clone)]
pub struct ContentPapers {
    pub room: ContentRoom,
    pub vault: Arc<dyn FileVault>,
    pub sealer: Arc<dyn Sealer>,
    pub studio: Arc<dyn PictureStudio>,
    pub scanner: Arc<dyn FileScanner>,
    pub limits: Arc<dyn Limits>,
}

impl ContentPapers {
    async fn permit(&self, actor: &Actor, id: Uuid) -> UseResult<Permit> {
        of_the_city(actor)?;
        self.room
            .watch
            .permit(actor, Room::Content, Action::Save, id)
            .await
    }

    async fn count(&self, actor: &Actor) -> UseResult<()> {
        let ask = LimitAsk::new(
            format!("upload:{}:{}", actor.city, actor.user),
            [Limit::new(UPLOADS_PER_HOUR, Duration::hours(1))],
        );
        let now = self.room.watch.clock.now();
        match self.limits.take(&[ask], now).await? {
            Some(over) => Err(UseError::too_many("upload.too_often", over.retry_after)
                .with("minutes", over.retry_after.div_ceil(60).max(1))),
            None => Ok(()),
        }
    }

    /// The draft that a file is put beside, in the revision that the page showed.
    async fn draft(
        &self,
        work: &mut dyn UnitOfWork,
        id: Uuid,
        revision: i32,
    ) -> UseResult<ContentDraft> {
        let found = work.content().content_draft_for_update(id).await?;
        let draft = found
            .filter(ContentDraft::is_open)
            .ok_or_else(|| UseError::conflict("content.no_draft"))?;
        writable(&draft)?;
        unmoved(draft, revision)
    }

    /// 附件: a PDF or DOCX beside a policy or a piece of news.
    pub async fn attach(
        &self,
        actor: &Actor,
        id: Uuid,
        revision: i32,
        title: &str,
        upload: Vec<u8>,
    ) -> UseResult<()> {
        let permit = self.permit(actor, id).await?;
        let title = title_of(title)?;
        self.count(actor).await?;
        let file = self
            .studio
            .accept_document(upload)
            .await
            .map_err(|e| upload_error("file", e))?;
        let scan = match self.scanner.scan(&file.bytes).await {
            Scan::Clean => "clean",
            Scan::Unscanned => "unscanned",
            Scan::Infected => return Err(UseError::field("file", "upload.infected")),
            // Nobody is offered a file of which nothing is known.
            Scan::Unknown => return Err(UseError::field("file", "content.not_looked_into")),
        };
        let at = self.room.watch.clock.now();
        let mut work = self.room.store.begin(&permit).await?;
        let mut draft = self.draft(&mut *work, id, revision).await?;
        if !matches!(draft.kind, ContentKind::Policy | ContentKind::News) {
            return Err(UseError::not_found());
        }
        if draft.form.files.len() >= MOST_FILES {
            return Err(UseError::field("file", "content.files_many"));
        }
        self.sealer.ready(actor.city.0).await?;
        let file_id = self.room.watch.clock.new_id();
        let sealed = self
            .sealer
            .seal(&attachments_place(actor.city, file_id), &file.bytes)?;
        let key = self.vault.put(actor.city.0, sealed).await?;
        let new = NewAttachment {
            file: Attachment {
                id: file_id,
                article: id,
                title,
                kind: match file.kind {
                    DocumentKind::Pdf => AttachmentKind::Pdf,
                    DocumentKind::Docx => AttachmentKind::Docx,
                },
                object_key: key.as_str().to_owned(),
                byte_size: i32::try_from(file.bytes.len()).map_err(UseError::bug)?,
                drafted: true,
            },
            sha256: file.sha256,
            scan,
            at,
        };
        draft.form.files.push(file_id);
        let written = async {
            work.content().add_attachment(&new).await?;
            self.room
                .store_draft(actor, &mut *work, draft, ATTACH, at)
                .await?;
            work.commit().await?;
            Ok(())
        };
        self.or_discard(actor, &key, written.await).await
    }

    /// Takes a file off the draft; versions that list it keep it.
    pub async fn detach(
        &self,
        actor: &Actor,
        id: Uuid,
        revision: i32,
        file: Uuid,
    ) -> UseResult<()> {
        let permit = self.permit(actor, id).await?;
        let at = self.room.watch.clock.now();
        let mut work = self.room.store.begin(&permit).await?;
        let mut draft = self.draft(&mut *work, id, revision).await?;
        let before = draft.form.files.len();
        draft.form.files.retain(|known| *known != file);
        if draft.form.files.len() == before {
            return Err(UseError::not_found());
        }
        self.room
            .store_draft(actor, &mut *work, draft, DETACH, at)
            .await?;
        Ok(work.commit().await?)
    }

    /// The picture of a banner, encoded anew; it takes the place of the one before.
    pub async fn put_picture(
        &self,
        actor: &Actor,
        id: Uuid,
        revision: i32,
        upload: Vec<u8>,
    ) -> UseResult<()> {
        let permit = self.permit(actor, id).await?;
        self.count(actor).await?;
        let picture = self
            .studio
            .accept(upload)
            .await
            .map_err(|e| upload_error("picture", e))?;
        if picture.width < NARROWEST || picture.width < picture.height * 2 {
            return Err(UseError::field("picture", "content.picture_shape"));
        }
        let at = self.room.watch.clock.now();
        let mut work = self.room.store.begin(&permit).await?;
        let mut draft = self.draft(&mut *work, id, revision).await?;
        if draft.kind != ContentKind::Banner {
            return Err(UseError::not_found());
        }
        self.sealer.ready(actor.city.0).await?;
        let new = self.room.watch.clock.new_id();
        let sealed = self
            .sealer
            .seal(&picture_place(actor.city, new), &picture.jpeg)?;
        let key = self.vault.put(actor.city.0, sealed).await?;
        let size = |n: u32| i32::try_from(n).map_err(UseError::bug);
        let row = ContentPicture {
            id: new,
            object_key: key.as_str().to_owned(),
            width: size(picture.width)?,
            height: size(picture.height)?,
            byte_size: i32::try_from(picture.jpeg.len()).map_err(UseError::bug)?,
            sha256: picture.sha256.to_vec(),
            added_at: at,
        };
        draft.form.picture = Some(new);
        let written = async {
            work.content().add_picture(&row).await?;
            self.room
                .store_draft(actor, &mut *work, draft, PICTURE, at)
                .await?;
            work.commit().await?;
            Ok(())
        };
        self.or_discard(actor, &key, written.await).await
    }

    /// An object whose row was not written goes at once; what a crash leaves is found as an orphan.
    async fn or_discard(
        &self,
        actor: &Actor,
        key: &FileKey,
        outcome: UseResult<()>,
    ) -> UseResult<()> {
        if outcome.is_err()
            && let Err(error) = self.vault.delete(actor.city.0, key).await
        {
            tracing::warn!(city = %actor.city, %error, "an object could not be removed");
        }
        outcome
    }

    /// The bytes of a picture, for the city's people.
    pub async fn picture(&self, actor: &Actor, id: Uuid) -> UseResult<Loaded> {
        of_the_city(actor)?;
        let permit = self
            .room
            .watch
            .permit(actor, Room::Content, Action::View, id)
            .await?;
        let mut work = self.room.store.begin(&permit).await?;
        let found = work.content().picture(id).await?;
        let found = found.ok_or_else(UseError::not_found)?;
        drop(work);
        let (whose, at) = (actor.user.to_string(), picture_place(permit.city(), id));
        let read = self.read(&found.object_key, &at);
        FILES.load(&whose, bytes_of(found.byte_size), read).await
    }

    async fn read(&self, object_key: &str, place: &Place) -> UseResult<Vec<u8>> {
        let key = FileKey::parse(object_key)
            .ok_or_else(|| UseError::bug("a file of the city holds no key"))?;
        let sealed = self.vault.get(place.tenant, &key).await?;
        let sealed = sealed.ok_or_else(UseError::not_found)?;
        self.sealer.ready(place.tenant).await?;
        Ok(self.sealer.open(place, &sealed)?)
    }

    /// A file of the text with its bytes, for the city's people.
    pub async fn file(
        &self,
        actor: &Actor,
        id: Uuid,
        file: Uuid,
    ) -> UseResult<(Attachment, Loaded)> {
        of_the_city(actor)?;
        let permit = self
            .room
            .watch
            .permit(actor, Room::Content, Action::View, id)
            .await?;
        let mut work = self.room.store.begin(&permit).await?;
        let found = work.attachments().attachment(id, file).await?;
        let found = found.ok_or_else(UseError::not_found)?;
        drop(work);
        let (whose, at) = (actor.user.to_string(), attachments_place(actor.city, file));
        let read = self.read(&found.object_key, &at);
        let bytes = FILES.load(&whose, bytes_of(found.byte_size), read);
        let bytes = bytes.await?;
        Ok((found, bytes))
    }
}

/// The name under which a file is offered: 2 to 80 signs of one line, without an ending.
fn title_of(typed: &str) -> UseResult<String> {
    let title = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    let clean = !title.contains(|c: char| c.is_control() || "\\/:*?\"<>|".contains(c));
    if clean && (2..=80).contains(&title.chars().count()) {
        return Ok(title);
    }
    Err(UseError::field("file_title", "content.file_title"))
}

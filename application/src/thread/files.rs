//! 沟通文件 of the bank: made safe, sealed and private like every material; opened by the enterprise it was sent to, and by whoever
//! reads the thread at the bank with a watermark and an entry in the log (S-25).

use domain::{
    financing::FinancingApplication,
    ids::{FileId, FinancingApplicationId},
};
use serde_json::json;
use time::Duration;

use super::{
    BYTES_PER_APPLICATION, Content, FILES_PER_APPLICATION, ThreadRoom, WriteLetter, readable,
    side_of, writable,
    write::{ACTION, body},
};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{UseError, UseResult},
    files::{UPLOADS_PER_HOUR, upload_error},
    ports::{
        audit::AuditEntry,
        files::FileKey,
        letters::{LetterFile, Side},
        limits::{Limit, LimitAsk},
        pictures::{MAX_UPLOAD_BYTES, Material, UploadError},
        store::UnitOfWork,
        view_log::ViewEntry,
    },
};

const FIELD: &str = "file";

/// 查看 of one file of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenLetterFile {
    pub application: FinancingApplicationId,
    pub file: FileId,
}

/// A file as it may leave.
#[derive(Clone, Debug)]
pub struct OpenedLetterFile {
    pub media_type: String,
    pub bytes: Vec<u8>,
}

/// The row stands in the same transaction as the letter; the quota is held by the lock on the application (S-38).
pub(super) async fn keep_sent(
    work: &mut dyn UnitOfWork,
    application: FinancingApplicationId,
    file: &LetterFile,
) -> UseResult<()> {
    let locked = work.financing_applications().find_for_update(application);
    locked.await?.ok_or_else(UseError::not_found)?;
    within_quota(work, application, i64::from(file.byte_size)).await?;
    Ok(work.letters().keep_letter_file(application, file).await?)
}

async fn within_quota(
    work: &mut dyn UnitOfWork,
    application: FinancingApplicationId,
    more: i64,
) -> UseResult<()> {
    let sent = work.letters().sent_files(application).await?;
    if sent.files >= FILES_PER_APPLICATION || sent.bytes + more > BYTES_PER_APPLICATION {
        return Err(UseError::field(FIELD, "thread.files_quota"));
    }
    Ok(())
}

impl ThreadRoom {
    /// A letter of the branch with a file; what is said along with it is optional.
    pub async fn write_with_file(
        &self,
        actor: &Actor,
        ask: WriteLetter,
        upload: Vec<u8>,
    ) -> UseResult<()> {
        let object = ask.application;
        let permit = self
            .watch
            .permit(actor, Room::Thread, Action::Save, object)
            .await?;
        let outcome = self.send_file(actor, &permit, ask, upload).await;
        self.watch
            .refused(actor, Room::Thread, Action::Save, object, outcome)
            .await
    }

    async fn send_file(
        &self,
        actor: &Actor,
        permit: &Permit,
        mut ask: WriteLetter,
        upload: Vec<u8>,
    ) -> UseResult<()> {
        let file = FileId(self.watch.clock.new_id());
        ask.content = Content::File(file);
        if !self.may_send(actor, permit, &ask).await? {
            return Ok(());
        }
        let (media_type, bytes, sha256) = self.make_safe(actor, upload).await?;
        let (vault, city) = (&self.vault, actor.city);
        vault.sealer.ready(city.0).await?;
        let byte_size = i32::try_from(bytes.len()).map_err(UseError::bug)?;
        let sealed = vault.sealer.seal(&LetterFile::place(city, file), &bytes)?;
        let key = vault.files.put(city.0, sealed).await?;
        let row = LetterFile {
            id: file,
            object_key: key.as_str().to_owned(),
            media_type: media_type.to_owned(),
            byte_size,
            sha256: sha256.to_vec(),
            added_by: actor.user,
            added_at: self.watch.clock.now(),
        };
        let sent = self.send(actor, permit, &ask, Some(&row)).await;
        if !matches!(sent, Ok(true))
            && let Err(error) = vault.files.delete(city.0, &key).await
        {
            tracing::warn!(%city, %error, "an object could not be removed");
        }
        sent.map(|_| ())
    }

    /// Before anybody works on the file: whoever may not write, or is full, is told so at once. False: it was sent before.
    async fn may_send(&self, actor: &Actor, permit: &Permit, ask: &WriteLetter) -> UseResult<bool> {
        let mut work = self.store.begin(permit).await?;
        writable(&mut *work, actor, ask.application).await?;
        if side_of(actor) != Side::Bank {
            return Err(UseError::bug("an enterprise keeps its files elsewhere"));
        }
        body(ask)?;
        let at = self.watch.clock.now();
        if ask.once.replayed(&mut *work, ACTION, at).await?.is_some() {
            return Ok(false);
        }
        within_quota(&mut *work, ask.application, 0).await?;
        Ok(true)
    }

    async fn make_safe(
        &self,
        actor: &Actor,
        upload: Vec<u8>,
    ) -> UseResult<(&'static str, Vec<u8>, [u8; 32])> {
        let refused = |error| upload_error(FIELD, error);
        if upload.len() > MAX_UPLOAD_BYTES {
            return Err(refused(UploadError::TooLarge));
        }
        let bucket = format!("upload:{}:{}", actor.city, actor.user);
        let ask = LimitAsk::new(bucket, [Limit::new(UPLOADS_PER_HOUR, Duration::hours(1))]);
        if let Some(over) = self.limits.take(&[ask], self.watch.clock.now()).await? {
            let minutes = over.retry_after.div_ceil(60).max(1);
            return Err(
                UseError::too_many("upload.too_often", over.retry_after).with("minutes", minutes)
            );
        }
        let studio = &self.vault.studio;
        Ok(
            match studio.accept_material(upload).await.map_err(refused)? {
                Material::Picture(picture) => ("image/jpeg", picture.jpeg, picture.sha256),
                Material::Pdf(pdf) => ("application/pdf", pdf.bytes, pdf.sha256),
            },
        )
    }

    /// The file that a branch sent. The bank's people see pictures marked; the enterprise gets what was meant for it.
    pub async fn open_file(
        &self,
        actor: &Actor,
        ask: OpenLetterFile,
    ) -> UseResult<OpenedLetterFile> {
        let permit = self
            .watch
            .permit(actor, Room::Thread, Action::View, ask.file)
            .await?;
        let outcome = self.fetch(actor, &permit, ask).await;
        self.watch
            .refused(actor, Room::Thread, Action::View, ask.file, outcome)
            .await
    }

    async fn fetch(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: OpenLetterFile,
    ) -> UseResult<OpenedLetterFile> {
        let (vault, city) = (&self.vault, actor.city);
        vault.sealer.ready(city.0).await?;
        let mut work = self.store.begin(permit).await?;
        let application = readable(&mut *work, actor, ask.application).await?;
        let found = work
            .letters()
            .letter_file(ask.application, ask.file)
            .await?;
        let file = found.ok_or_else(UseError::not_found)?;
        self.note_look(actor, &mut *work, &application, ask.file)
            .await?;
        work.commit().await?;
        let key = FileKey::parse(&file.object_key)
            .ok_or_else(|| UseError::bug("a stored file key has another shape"))?;
        let sealed = vault
            .files
            .get(city.0, &key)
            .await?
            .ok_or_else(|| UseError::bug("a stored file is gone"))?;
        let mut bytes = vault
            .sealer
            .open(&LetterFile::place(city, file.id), &sealed)?;
        if side_of(actor) == Side::Bank && file.media_type == "image/jpeg" {
            bytes = vault.mark(actor, self.watch.clock.now(), bytes).await?;
        }
        Ok(OpenedLetterFile {
            media_type: file.media_type,
            bytes,
        })
    }

    /// Who of the bank looked stands where the enterprise reads it (S-30); that the enterprise opened it is known to the audit.
    async fn note_look(
        &self,
        actor: &Actor,
        work: &mut dyn UnitOfWork,
        application: &FinancingApplication,
        file: FileId,
    ) -> UseResult<()> {
        let (clock, record) = (&self.watch.clock, application.record());
        let at = clock.now();
        if side_of(actor) == Side::Bank {
            let entry = ViewEntry {
                id: clock.new_id(),
                enterprise: record.enterprise,
                viewer: actor.user,
                viewer_name: actor.name.clone(),
                viewer_tenant: actor.tenant,
                viewer_node: actor.tenant_name.clone(),
                application: Some(record.id),
                fields: "沟通文件".to_owned(),
                reason: "查看沟通记录".to_owned(),
                request_id: actor.from.request_id.clone(),
                at,
            };
            work.view_log().write(entry).await?;
        }
        let entry = AuditEntry::by(actor, clock.new_id(), "thread.open_file", file, at)
            .detail(json!({ "application": record.id.0 }));
        Ok(work.audit().write(entry).await?)
    }
}

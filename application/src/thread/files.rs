//! 沟通文件 of the bank: made safe, sealed and private like every material; opened by the enterprise it was sent to, and by whoever
//! reads the thread at the bank with a watermark and an entry in the log (S-25).

use domain::{
    financing::{ApplicationRecord, FinancingApplication},
    ids::{FileId, FinancingApplicationId},
};
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    BYTES_PER_APPLICATION, Content, FILES_PER_APPLICATION, ThreadRoom, WriteLetter, readable,
    side_of, write::FILE_KIND,
};
use crate::{
    access::{Action, Actor, Permit, Room},
    city::UploadLimits,
    error::{UseError, UseResult},
    files::{UploadFor, add_material, place},
    memory::{Held, Loaded, bytes_of},
    ports::{
        audit::AuditEntry,
        enterprise_files::FileRow,
        files::FileKey,
        letters::{LetterFile, Side},
        scanner::Scan,
        store::UnitOfWork,
        view_log::ViewEntry,
    },
};

const FIELD: &str = "file";

/// What is sent along, as it came.
#[derive(Debug)]
pub enum Along {
    /// With the form.
    Bytes(Vec<u8>),
    /// In pieces, before the letter.
    Upload(Uuid),
}

/// 查看 of one file of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenLetterFile {
    pub application: FinancingApplicationId,
    pub file: FileId,
}

/// A file as it may leave.
#[derive(Debug)]
pub struct OpenedLetterFile {
    pub media_type: String,
    pub bytes: Loaded,
}

/// What is sent along, sealed: among the enterprise's own files, within what it may keep, or the branch's with this letter.
pub(super) enum SentFile {
    Own(FileRow, UploadLimits),
    Branch(LetterFile),
}

/// The row stands in the same transaction as the letter; the quota is held by the lock on the enterprise, or on the
/// application (S-38).
pub(super) async fn keep_sent(
    work: &mut dyn UnitOfWork,
    application: FinancingApplicationId,
    file: &SentFile,
) -> UseResult<()> {
    let file = match file {
        SentFile::Own(row, allowed) => return add_material(work, FIELD, row, *allowed).await,
        SentFile::Branch(file) => file,
    };
    let locked = work.financing_applications().find_for_update(application);
    locked.await?.ok_or_else(UseError::not_found)?;
    within_quota(work, application, i64::from(file.byte_size)).await?;
    Ok(work.letters().keep_letter_file(application, file).await?)
}

/// An upload ends with the letter that it becomes; of two that send it at once, one does.
async fn use_up(
    mut work: Box<dyn UnitOfWork>,
    upload: Uuid,
    at: OffsetDateTime,
) -> UseResult<Box<dyn UnitOfWork>> {
    let found = work.uploads().upload(upload, at).await?;
    found.ok_or_else(|| UseError::conflict("upload.taken"))?;
    work.uploads().end_upload(upload, at).await?;
    Ok(work)
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

/// The file, if this person may see it now. The dossier's words about an infected one promise that the enterprise was asked
/// for another; nobody does that here.
async fn shown(
    work: &mut dyn UnitOfWork,
    actor: &Actor,
    ask: OpenLetterFile,
) -> UseResult<(FinancingApplication, LetterFile)> {
    let application = readable(work, actor, ask.application).await?;
    let found = work.letters().letter_file(ask.application, ask.file);
    let file = found.await?.ok_or_else(UseError::not_found)?;
    match file.scan.withheld() {
        Some(_) if file.scan == Scan::Infected => Err(UseError::conflict("thread.file_infected")),
        Some(why) => Err(UseError::conflict(why)),
        None => Ok((application, file)),
    }
}

impl ThreadRoom {
    /// A letter with a file; what is said along with it is optional.
    pub async fn write_with_file(
        &self,
        actor: &Actor,
        ask: WriteLetter,
        along: Along,
    ) -> UseResult<()> {
        let object = ask.application;
        let permit = self
            .watch
            .permit(actor, Room::Thread, Action::Save, object)
            .await?;
        let outcome = self.send_file(actor, &permit, ask, along).await;
        self.watch
            .refused(actor, Room::Thread, Action::Save, object, outcome)
            .await
    }

    async fn send_file(
        &self,
        actor: &Actor,
        permit: &Permit,
        mut ask: WriteLetter,
        along: Along,
    ) -> UseResult<()> {
        let id = FileId(self.watch.clock.new_id());
        let asked = std::mem::replace(&mut ask.content, Content::File(id));
        if !self.may_send(actor, permit, &ask).await? {
            return Ok(());
        }
        if asked == Content::CallRequest {
            return Err(UseError::field(FIELD, "thread.call_with_file"));
        }
        let screened = self.screened(actor, permit, &ask).await?;
        let (upload, bytes, held) = self.brought(actor, along).await?;
        let sealed = self.sealed(actor, id, bytes).await;
        drop(held);
        let (key, file) = sealed?;
        let drawn = self
            .draw_up(actor, permit, &ask, screened, Some(&file))
            .await;
        let drawn = match (drawn, upload) {
            (Ok(Some(work)), Some(upload)) => {
                use_up(work, upload, self.watch.clock.now()).await.map(Some)
            }
            (drawn, _) => drawn,
        };
        // An unclear commit may have been one: its object stays, and only the collector of orphans takes it away.
        let nothing = match drawn {
            Ok(Some(work)) => return Ok(work.commit().await?),
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        self.files.forget(actor.city, &key).await;
        nothing
    }

    /// What came with the form is held by whoever read it.
    async fn brought(
        &self,
        actor: &Actor,
        along: Along,
    ) -> UseResult<(Option<Uuid>, Vec<u8>, Option<Held>)> {
        match along {
            Along::Bytes(bytes) => Ok((None, bytes, None)),
            Along::Upload(upload) => {
                let Loaded { bytes, held } = self.files.read_upload(actor, upload).await?;
                Ok((Some(upload), bytes, Some(held)))
            }
        }
    }

    /// Before anybody works on the file: whoever may not write, or is full, is told so at once. False: it was sent before.
    async fn may_send(&self, actor: &Actor, permit: &Permit, ask: &WriteLetter) -> UseResult<bool> {
        if side_of(actor) == Side::Enterprise {
            let guard = &self.files.guard;
            guard.permit(actor, Room::Files, Action::Save).await?;
        }
        let mut work = self.store.begin(permit).await?;
        let at = self.watch.clock.now();
        if !self.sendable(&mut *work, actor, ask, at).await? {
            return Ok(false);
        }
        if side_of(actor) == Side::Bank {
            within_quota(&mut *work, ask.application, 0).await?;
        }
        Ok(true)
    }

    async fn sealed(
        &self,
        actor: &Actor,
        id: FileId,
        upload: Vec<u8>,
    ) -> UseResult<(FileKey, SentFile)> {
        let (files, city) = (&self.files, actor.city);
        let what = UploadFor::Material(FILE_KIND.to_owned());
        if side_of(actor) == Side::Enterprise {
            let allowed = files.allowed(actor)?;
            let place = place(city, id);
            let sealed = files.seal(actor, &what, FIELD, &place, upload).await?;
            let row = files.row(actor, id, &what, &sealed)?;
            return Ok((sealed.key, SentFile::Own(row, allowed)));
        }
        let place = LetterFile::place(city, id);
        let sealed = files.seal(actor, &what, FIELD, &place, upload).await?;
        let row = LetterFile {
            id,
            object_key: sealed.key.as_str().to_owned(),
            media_type: sealed.media_type.to_owned(),
            byte_size: sealed.byte_size,
            sha256: sealed.sha256.to_vec(),
            scan: sealed.scan,
            added_by: actor.user,
            added_at: self.watch.clock.now(),
        };
        Ok((sealed.key, SentFile::Branch(row)))
    }

    /// What a page says of a file before it is opened; a withheld one is told of at once.
    pub async fn file(
        &self,
        actor: &Actor,
        ask: OpenLetterFile,
    ) -> UseResult<(ApplicationRecord, LetterFile)> {
        let permit = self
            .watch
            .permit(actor, Room::Thread, Action::View, ask.file)
            .await?;
        let outcome = self.look(actor, &permit, ask).await;
        self.watch
            .refused(actor, Room::Thread, Action::View, ask.file, outcome)
            .await
    }

    async fn look(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: OpenLetterFile,
    ) -> UseResult<(ApplicationRecord, LetterFile)> {
        let mut work = self.store.begin(permit).await?;
        let (application, file) = shown(&mut *work, actor, ask).await?;
        Ok((application.record().clone(), file))
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
        let vault = &self.vault;
        vault.sealer.ready(actor.city.0).await?;
        let mut work = self.store.begin(permit).await?;
        let (application, file) = shown(&mut *work, actor, ask).await?;
        self.note_look(actor, &mut *work, &application, ask.file)
            .await?;
        work.commit().await?;
        let place = LetterFile::place(actor.city, file.id);
        let size = bytes_of(file.byte_size);
        let mut bytes = vault.load(actor, &file.object_key, size, &place).await?;
        if side_of(actor) == Side::Bank && file.media_type == "image/jpeg" {
            bytes = vault.marked(actor, self.watch.clock.now(), bytes).await?;
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

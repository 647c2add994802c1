//! Uploads 分段上传: pieces with an offset, so that a cut costs no more than one piece; whole, it is kept as any other upload.

use domain::ids::FileId;
use uuid::Uuid;

use super::{Files, UploadFor};
use crate::{
    access::{Action, Actor, Permit, Room},
    city::Keeping,
    error::{FieldError, Kind, UseError, UseResult},
    memory::{Loaded, UPLOADS, bytes_of},
    ports::{pictures::MAX_UPLOAD_BYTES, sealing::Place, uploads::Upload},
    retention::Kept,
};

/// Pieces of one request.
pub const PIECE_MOST: usize = 1024 * 1024;
const AT_ONCE: i64 = 10;

/// Where a piece is sealed: moved elsewhere, it does not open.
fn piece_place(actor: &Actor, upload: Uuid) -> Place {
    Place {
        tenant: actor.city.0,
        table: "upload_pieces",
        row: upload,
        column: "sealed",
    }
}

impl Files {
    /// Announces an upload of so many bytes.
    pub async fn begin_upload(&self, actor: &Actor, bytes: usize) -> UseResult<Upload> {
        let permit = self.guard.permit(actor, Room::Files, Action::Save).await?;
        let enterprise = Self::enterprise(actor)?;
        if bytes == 0 {
            return Err(UseError::field("size", "upload.empty"));
        }
        if bytes > MAX_UPLOAD_BYTES {
            return Err(UseError::new(Kind::TooLarge, "too_large"));
        }
        let at = self.clock.now();
        let upload = Upload {
            id: self.clock.new_id(),
            enterprise,
            user: actor.user,
            byte_size: i32::try_from(bytes).map_err(UseError::bug)?,
            received: 0,
            created_at: at,
            expires_at: at + Kept::Uploads.time(Keeping::default()),
            file: None,
            became: String::new(),
        };
        let mut work = self.store.begin(&permit).await?;
        // Whatever was left lying locks nobody out: the oldest gives way.
        work.uploads().make_room(at, AT_ONCE - 1).await?;
        work.uploads().add_upload(&upload).await?;
        work.commit().await?;
        Ok(upload)
    }

    /// Where to go on.
    pub async fn upload(&self, actor: &Actor, id: Uuid) -> UseResult<Upload> {
        let permit = self.guard.permit(actor, Room::Files, Action::Save).await?;
        self.find_upload(&permit, id).await
    }

    async fn find_upload(&self, permit: &Permit, id: Uuid) -> UseResult<Upload> {
        let mut work = self.store.begin(permit).await?;
        let found = work.uploads().upload(id, self.clock.now()).await?;
        found.ok_or_else(UseError::not_found)
    }

    /// A piece. One that was received before is only answered: its answer was lost on the way.
    pub async fn add_piece(
        &self,
        actor: &Actor,
        id: Uuid,
        offset: usize,
        bytes: &[u8],
    ) -> UseResult<Upload> {
        let permit = self.guard.permit(actor, Room::Files, Action::Save).await?;
        if bytes.is_empty() || bytes.len() > PIECE_MOST {
            return Err(UseError::field("piece", "upload.piece_size"));
        }
        self.sealer.ready(actor.city.0).await?;
        let mut work = self.store.begin(&permit).await?;
        let found = work.uploads().upload(id, self.clock.now()).await?;
        let mut upload = found.ok_or_else(UseError::not_found)?;
        let received = usize::try_from(upload.received).unwrap_or(usize::MAX);
        let whole = usize::try_from(upload.byte_size).unwrap_or(0);
        if offset
            .checked_add(bytes.len())
            .is_some_and(|end| end <= received)
        {
            return Ok(upload);
        }
        if offset != received {
            return Err(UseError::conflict("upload.offset").with("offset", received));
        }
        if received + bytes.len() > whole {
            return Err(UseError::field("piece", "upload.too_long"));
        }
        let length = i32::try_from(bytes.len()).map_err(UseError::bug)?;
        let sealed = self.sealer.seal(&piece_place(actor, id), bytes)?;
        work.uploads().add_piece(&upload, length, &sealed).await?;
        work.commit().await?;
        upload.received += length;
        Ok(upload)
    }

    /// Whole: kept for what it is for. Asked the same again, it answers the file that it became; for anything else it is used up.
    pub async fn finish_upload(
        &self,
        actor: &Actor,
        id: Uuid,
        what: UploadFor,
        field: &str,
    ) -> UseResult<FileId> {
        let permit = self.guard.permit(actor, Room::Files, Action::Save).await?;
        let upload = self.find_upload(&permit, id).await?;
        if let Some(file) = upload.file {
            let mut work = self.store.begin(&permit).await?;
            let current = work.enterprise_files().current_file(file).await?;
            return current
                .filter(|row| upload.became == field && row.kind == what.kind())
                .map(|row| row.id)
                .ok_or_else(|| UseError::conflict("upload.taken"));
        }
        let Loaded { bytes, held } = self.whole(actor, &permit, &upload).await?;
        // Of two that finish it at once, one keeps it.
        let file = FileId(self.clock.new_id());
        let mut work = self.store.begin(&permit).await?;
        if !work.uploads().claim_upload(id, file, field).await? {
            return Err(UseError::conflict("upload.taken"));
        }
        work.commit().await?;
        let kept = self.keep_as(file, actor, what, field, bytes).await;
        drop(held);
        let mut work = self.store.begin(&permit).await?;
        match &kept {
            Ok(_) => work.uploads().drop_pieces(id).await?,
            Err(error) if is_of_no_use(error) => {
                work.uploads().end_upload(id, self.clock.now()).await?;
            }
            Err(_) => work.uploads().release_upload(id).await?,
        }
        work.commit().await?;
        kept.map(|kept| kept.id)
    }

    /// The bytes of an upload that is not kept as a file: a face, which goes to the provider and nowhere else. It stays until it is ended.
    pub(crate) async fn read_upload(&self, actor: &Actor, id: Uuid) -> UseResult<Loaded> {
        let permit = self.guard.permit(actor, Room::Files, Action::Save).await?;
        let upload = self.find_upload(&permit, id).await?;
        if upload.file.is_some() {
            return Err(UseError::not_found());
        }
        self.whole(actor, &permit, &upload).await
    }

    /// Used, or of no use: the pieces go.
    pub(crate) async fn end_upload(&self, actor: &Actor, id: Uuid) -> UseResult<()> {
        let permit = self.guard.permit(actor, Room::Files, Action::Save).await?;
        let mut work = self.store.begin(&permit).await?;
        work.uploads().end_upload(id, self.clock.now()).await?;
        Ok(work.commit().await?)
    }

    async fn whole(&self, actor: &Actor, permit: &Permit, upload: &Upload) -> UseResult<Loaded> {
        if upload.received < upload.byte_size {
            return Err(UseError::conflict("upload.incomplete").with("offset", upload.received));
        }
        self.sealer.ready(actor.city.0).await?;
        let whose = actor.user.to_string();
        let joined = self.joined(actor, permit, upload);
        UPLOADS
            .load(&whose, bytes_of(upload.byte_size), joined)
            .await
    }

    async fn joined(&self, actor: &Actor, permit: &Permit, upload: &Upload) -> UseResult<Vec<u8>> {
        let mut work = self.store.begin(permit).await?;
        let pieces = work.uploads().pieces(upload.id).await?;
        drop(work);
        let mut bytes = Vec::with_capacity(bytes_of(upload.byte_size));
        for (_, sealed) in pieces {
            bytes.extend(self.sealer.open(&piece_place(actor, upload.id), &sealed)?);
        }
        Ok(bytes)
    }
}

/// What came is no such file, and will be none however often it is asked.
fn is_of_no_use(error: &UseError) -> bool {
    let quota = |field: &FieldError| field.code == "upload.quota";
    matches!(error.kind, Kind::Invalid | Kind::TooLarge) && !error.fields.iter().any(quota)
}

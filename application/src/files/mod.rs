//! Files 企业材料: what an enterprise uploads, made safe, sealed and kept privately (S-23 to S-26).

mod keep;
mod open;
mod remove;
pub mod rescan;
mod rescan_letters;
mod uploads;

use std::sync::Arc;

pub(crate) use keep::add_material;
pub use uploads::PIECE_MOST;

use domain::{
    enterprise::ProfileFile,
    ids::{EnterpriseId, FileId, TenantId},
};
use time::OffsetDateTime;

use crate::{
    access::{Actor, Guard},
    city::{Cities, UploadLimits},
    error::{FieldError, Kind, UseError, UseResult},
    memory::{FILES, Loaded, bytes_of},
    ports::{
        clock::Clock,
        enterprise_files::FileRow,
        files::{FileError, FileKey, FileVault},
        limits::Limits,
        pictures::{PictureStudio, UploadError},
        scanner::FileScanner,
        sealing::{Place, Sealer},
        store::{Store, UnitOfWork},
    },
};

/// Uploads a person may make in an hour (section 6), unless the city says otherwise.
pub const UPLOADS_PER_HOUR: u32 = 60;
/// Files that an enterprise may keep (S-26), unless the city says otherwise.
pub const FILES_PER_ENTERPRISE: u32 = 50;
/// Megabytes that an enterprise may keep; a city may say less, never more: an archive of them is made in memory.
pub const MEGABYTES_PER_ENTERPRISE: u32 = 100;
/// The same in bytes.
pub const BYTES_PER_ENTERPRISE: i64 = 100 * 1024 * 1024;

/// 企业材料.
#[derive(Clone)]
pub struct Files {
    pub guard: Guard,
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub sealer: Arc<dyn Sealer>,
    pub vault: Arc<dyn FileVault>,
    pub studio: Arc<dyn PictureStudio>,
    pub scanner: Arc<dyn FileScanner>,
    pub limits: Arc<dyn Limits>,
    pub cities: Arc<dyn Cities>,
}

/// What an upload is for, and with it what is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UploadFor {
    /// One of the three photos of 完善信息, takes the place of the one before. The licence may be a PDF too; the identity
    /// card is held beside a face (M-424) and has to be a picture.
    Profile(ProfileFile),
    /// 补充材料 by its code: JPEG, PNG or PDF, stands beside the others.
    Material(String),
}

impl UploadFor {
    fn kind(&self) -> &str {
        match self {
            Self::Profile(file) => file.code(),
            Self::Material(code) => code,
        }
    }
}

/// A file that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptFile {
    pub id: FileId,
    pub kind: String,
    pub media_type: String,
    pub byte_size: i32,
    pub at: OffsetDateTime,
}

impl From<&FileRow> for KeptFile {
    fn from(row: &FileRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind.clone(),
            media_type: row.media_type.clone(),
            byte_size: row.byte_size,
            at: row.created_at,
        }
    }
}

/// A file, opened.
pub struct OpenedFile {
    pub row: FileRow,
    pub bytes: Loaded,
}

/// A photo was changed or removed: a completed profile is complete again only once it is saved with a code, and
/// another identity card has to be held beside the face again (M-424).
async fn profile_changed(
    work: &mut dyn UnitOfWork,
    enterprise: EnterpriseId,
    completed: bool,
    file: ProfileFile,
    at: OffsetDateTime,
) -> UseResult<()> {
    if completed {
        work.enterprises().set_completed(enterprise, None).await?;
    }
    if file != ProfileFile::Licence {
        work.face_checks().clear_verified(enterprise, at).await?;
    }
    Ok(())
}

/// Where the object of a file is sealed.
pub fn place(city: TenantId, file: FileId) -> Place {
    Place {
        tenant: city.0,
        table: "enterprise_files",
        row: file.0,
        column: "object",
    }
}

impl Files {
    fn enterprise(actor: &Actor) -> UseResult<EnterpriseId> {
        actor.enterprise.ok_or_else(UseError::not_found)
    }

    /// What the city lets people upload and enterprises keep.
    pub(crate) fn allowed(&self, actor: &Actor) -> UseResult<UploadLimits> {
        self.cities
            .by_id(actor.city)
            .map(|city| city.uploads)
            .ok_or_else(|| UseError::bug("a city of a session is unknown"))
    }

    /// Takes objects away that nothing names any more; a failure leaves an orphan and is logged, not told.
    async fn discard(&self, city: TenantId, keys: Vec<String>) {
        for key in keys.iter().filter_map(|k| FileKey::parse(k)) {
            if let Err(error) = self.vault.delete(city.0, &key).await {
                tracing::warn!(%city, %error, "an object could not be removed");
            }
        }
    }

    /// Takes away the objects of files that were taken out of use, once that is committed.
    pub(crate) async fn discard_rows(&self, actor: &Actor, rows: &[FileRow]) {
        let keys = rows.iter().map(|row| row.object_key.clone()).collect();
        self.discard(actor.city, keys).await;
    }

    /// Opens the city's keys; before anything of the city is read.
    pub(crate) async fn ready(&self, city: TenantId) -> UseResult<()> {
        Ok(self.sealer.ready(city.0).await?)
    }

    /// Reads and opens an object; for use cases that hold the right to it already.
    pub(crate) async fn read(&self, actor: &Actor, row: &FileRow) -> UseResult<Loaded> {
        let (whose, at) = (actor.user.to_string(), place(actor.city, row.id));
        let read = self.read_at(&row.object_key, &at);
        FILES.load(&whose, bytes_of(row.byte_size), read).await
    }

    /// The same for an object that is sealed at another place, by whoever sees to the memory it takes.
    pub(crate) async fn read_at(&self, object_key: &str, place: &Place) -> UseResult<Vec<u8>> {
        let key =
            FileKey::parse(object_key).ok_or_else(|| UseError::bug("a file row holds no key"))?;
        let sealed = self
            .vault
            .get(place.tenant, &key)
            .await?
            .ok_or_else(UseError::not_found)?;
        Ok(self.sealer.open(place, &sealed)?)
    }
}

impl From<FileError> for UseError {
    fn from(error: FileError) -> Self {
        Self {
            code: error.code(),
            ..Self::unavailable(error)
        }
    }
}

/// A refused upload as an error of its field; a full waiting line is ours and not the person's.
pub(crate) fn upload_error(field: &str, error: UploadError) -> UseError {
    if error == UploadError::Busy {
        return UseError {
            code: error.code(),
            ..UseError::unavailable(error)
        };
    }
    UseError {
        kind: if error == UploadError::TooLarge {
            Kind::TooLarge
        } else {
            Kind::Invalid
        },
        ..UseError::invalid(vec![FieldError::new(field, error.code())])
    }
}

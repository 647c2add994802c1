//! Keep 上传: made safe, sealed, stored; the row is the last thing written.

use domain::{
    enterprise::ProfileFile,
    ids::{FileId, TenantId},
};
use time::Duration;

use super::{Files, KeptFile, UploadFor, place, profile_changed, upload_error};
use crate::{
    access::{Action, Actor, Permit, Room},
    city::UploadLimits,
    error::{FieldError, UseError, UseResult},
    ports::{
        enterprise_files::FileRow,
        files::FileKey,
        limits::{Limit, LimitAsk},
        pictures::{MAX_UPLOAD_BYTES, Material, UploadError},
        scanner::Scan,
        sealing::Place,
        store::UnitOfWork,
    },
};

/// What is to be stored, before it has a key.
struct Safe {
    bytes: Vec<u8>,
    media_type: &'static str,
    size: Option<(u32, u32)>,
    sha256: [u8; 32],
    scan: Scan,
}

/// An upload that is safe, sealed and stored; no row names it yet.
pub(crate) struct Sealed {
    pub key: FileKey,
    pub media_type: &'static str,
    pub byte_size: i32,
    pub size: Option<(u32, u32)>,
    pub sha256: [u8; 32],
    pub scan: Scan,
}

impl Files {
    /// Keeps an upload; errors are told at the field `field`.
    pub async fn keep(
        &self,
        actor: &Actor,
        what: UploadFor,
        field: &str,
        upload: Vec<u8>,
    ) -> UseResult<KeptFile> {
        let id = FileId(self.clock.new_id());
        self.keep_as(id, actor, what, field, upload).await
    }

    /// The same under an id that is known beforehand.
    pub(super) async fn keep_as(
        &self,
        id: FileId,
        actor: &Actor,
        what: UploadFor,
        field: &str,
        upload: Vec<u8>,
    ) -> UseResult<KeptFile> {
        let permit = self.guard.permit(actor, Room::Files, Action::Save).await?;
        let city = actor.city;
        let allowed = self.allowed(actor)?;
        let sealed = self
            .seal(actor, &what, field, &place(city, id), upload)
            .await?;
        let row = self.row(actor, id, &what, &sealed)?;
        match self.in_place(&permit, &what, field, &row, allowed).await {
            Ok((work, gone)) => {
                // Whether an unclear commit was one only the collector of orphans finds out: the object stays.
                work.commit().await?;
                self.discard(city, gone).await;
                Ok(KeptFile::from(&row))
            }
            Err(error) => {
                self.forget(city, &sealed.key).await;
                Err(error)
            }
        }
    }

    /// Makes an upload safe and stores it sealed for `at`; whoever asks writes the row that names it, or forgets it.
    pub(crate) async fn seal(
        &self,
        actor: &Actor,
        what: &UploadFor,
        field: &str,
        at: &Place,
        upload: Vec<u8>,
    ) -> UseResult<Sealed> {
        if upload.len() > MAX_UPLOAD_BYTES {
            return Err(upload_error(field, UploadError::TooLarge));
        }
        self.count_upload(actor).await?;
        let safe = self.make_safe(what, field, upload).await?;
        let byte_size = i32::try_from(safe.bytes.len()).map_err(UseError::bug)?;
        let city = actor.city.0;
        self.sealer.ready(city).await?;
        let sealed = self.sealer.seal(at, &safe.bytes)?;
        Ok(Sealed {
            key: self.vault.put(city, sealed).await?,
            media_type: safe.media_type,
            byte_size,
            size: safe.size,
            sha256: safe.sha256,
            scan: safe.scan,
        })
    }

    /// The row of a sealed upload among the enterprise's files.
    pub(crate) fn row(
        &self,
        actor: &Actor,
        id: FileId,
        what: &UploadFor,
        sealed: &Sealed,
    ) -> UseResult<FileRow> {
        Ok(FileRow {
            id,
            enterprise: Self::enterprise(actor)?,
            kind: what.kind().to_owned(),
            object_key: sealed.key.as_str().to_owned(),
            media_type: sealed.media_type.to_owned(),
            byte_size: sealed.byte_size,
            width: sealed.size.and_then(|s| i32::try_from(s.0).ok()),
            height: sealed.size.and_then(|s| i32::try_from(s.1).ok()),
            sha256: sealed.sha256.to_vec(),
            scan: sealed.scan,
            created_by: actor.user,
            created_at: self.clock.now(),
        })
    }

    async fn count_upload(&self, actor: &Actor) -> UseResult<()> {
        let ask = LimitAsk::new(
            format!("upload:{}:{}", actor.city, actor.user),
            [Limit::new(
                self.allowed(actor)?.per_hour,
                Duration::hours(1),
            )],
        );
        match self.limits.take(&[ask], self.clock.now()).await? {
            Some(over) => Err(UseError::too_many("upload.too_often", over.retry_after)
                .with("minutes", over.retry_after.div_ceil(60).max(1))),
            None => Ok(()),
        }
    }

    async fn make_safe(&self, what: &UploadFor, field: &str, upload: Vec<u8>) -> UseResult<Safe> {
        let picture = |p: crate::ports::pictures::Picture| Safe {
            size: Some((p.width, p.height)),
            sha256: p.sha256,
            bytes: p.jpeg,
            // Encoded anew by our own code: nothing of what came is in it.
            scan: Scan::Clean,
            media_type: "image/jpeg",
        };
        let refused = |e| upload_error(field, e);
        match what {
            UploadFor::Profile(file) if *file != ProfileFile::Licence => {
                Ok(picture(self.studio.accept(upload).await.map_err(refused)?))
            }
            UploadFor::Profile(_) | UploadFor::Material(_) => {
                match self.studio.accept_material(upload).await.map_err(refused)? {
                    Material::Picture(p) => Ok(picture(p)),
                    Material::Pdf(pdf) => {
                        let scan = self.scanner.scan(&pdf.bytes).await;
                        if scan == Scan::Infected {
                            return Err(UseError::field(field, "upload.infected"));
                        }
                        Ok(Safe {
                            bytes: pdf.bytes,
                            media_type: "application/pdf",
                            size: None,
                            sha256: pdf.sha256,
                            scan,
                        })
                    }
                }
            }
        }
    }

    /// The row in place of the ones before, ready to commit, and the keys that nothing names after it.
    async fn in_place(
        &self,
        permit: &Permit,
        what: &UploadFor,
        field: &str,
        row: &FileRow,
        allowed: UploadLimits,
    ) -> UseResult<(Box<dyn UnitOfWork>, Vec<String>)> {
        let mut work = self.store.begin(permit).await?;
        let facts = work
            .enterprises()
            .facts_for_update(row.enterprise)
            .await?
            .ok_or_else(UseError::not_found)?;
        let mut gone = Vec::new();
        if let UploadFor::Profile(file) = what {
            let completed = facts.completed_at.is_some();
            profile_changed(&mut *work, row.enterprise, completed, *file, row.created_at).await?;
            for old in work
                .enterprise_files()
                .retire_files(row.enterprise, &row.kind, row.created_at)
                .await?
            {
                if !work
                    .enterprise_files()
                    .in_application(&old.object_key)
                    .await?
                {
                    gone.push(old.object_key);
                }
            }
        }
        insert(&mut *work, field, row, allowed).await?;
        Ok((work, gone))
    }

    /// Takes an object away that no row names, and none will.
    pub(crate) async fn forget(&self, city: TenantId, key: &FileKey) {
        self.discard(city, vec![key.as_str().to_owned()]).await;
    }
}

/// A material that stands beside the others, in somebody's unit of work.
pub(crate) async fn add_material(
    work: &mut dyn UnitOfWork,
    field: &str,
    row: &FileRow,
    allowed: UploadLimits,
) -> UseResult<()> {
    let locked = work.enterprises().facts_for_update(row.enterprise);
    locked.await?.ok_or_else(UseError::not_found)?;
    insert(work, field, row, allowed).await
}

/// The row, within the quota; the enterprise is locked.
async fn insert(
    work: &mut dyn UnitOfWork,
    field: &str,
    row: &FileRow,
    allowed: UploadLimits,
) -> UseResult<()> {
    let usage = work.enterprise_files().usage(row.enterprise).await?;
    if usage.files >= i64::from(allowed.files)
        || usage.bytes + i64::from(row.byte_size) > allowed.bytes()
    {
        let full = FieldError::new(field, "upload.quota")
            .with("files", allowed.files)
            .with("megabytes", allowed.megabytes);
        return Err(UseError::invalid(vec![full]));
    }
    Ok(work.enterprise_files().insert_file(row).await?)
}

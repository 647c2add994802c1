//! Keep 上传: made safe, sealed, stored; the row is the last thing written.

use domain::{enterprise::ProfileFile, ids::FileId};
use time::Duration;

use super::{
    BYTES_PER_ENTERPRISE, FILES_PER_ENTERPRISE, Files, KeptFile, UPLOADS_PER_HOUR, UploadFor,
    place, profile_changed, upload_error,
};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{UseError, UseResult},
    ports::{
        enterprise_files::FileRow,
        files::FileKey,
        limits::{Limit, LimitAsk},
        pictures::{MAX_UPLOAD_BYTES, Material, UploadError},
        scanner::Scan,
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
        let enterprise = Self::enterprise(actor)?;
        if upload.len() > MAX_UPLOAD_BYTES {
            return Err(upload_error(field, UploadError::TooLarge));
        }
        self.count_upload(actor).await?;
        let safe = self.make_safe(&what, field, upload).await?;
        let city = actor.city;
        self.sealer.ready(city.0).await?;
        let byte_size = i32::try_from(safe.bytes.len()).map_err(UseError::bug)?;
        let sealed = self.sealer.seal(&place(city, id), &safe.bytes)?;
        let key = self.vault.put(city.0, sealed).await?;
        let row = FileRow {
            id,
            enterprise,
            kind: what.kind().to_owned(),
            object_key: key.as_str().to_owned(),
            media_type: safe.media_type.to_owned(),
            byte_size,
            width: safe.size.and_then(|s| i32::try_from(s.0).ok()),
            height: safe.size.and_then(|s| i32::try_from(s.1).ok()),
            sha256: safe.sha256.to_vec(),
            scan: safe.scan,
            created_by: actor.user,
            created_at: self.clock.now(),
        };
        match self.write_row(&permit, &what, field, &row).await {
            Ok(gone) => {
                self.discard(city, gone).await;
                Ok(KeptFile::from(&row))
            }
            Err(error) => {
                self.discard_new(&permit, &key).await;
                Err(error)
            }
        }
    }

    async fn count_upload(&self, actor: &Actor) -> UseResult<()> {
        let ask = LimitAsk::new(
            format!("upload:{}:{}", actor.city, actor.user),
            [Limit::new(UPLOADS_PER_HOUR, Duration::hours(1))],
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

    /// The row, within the quota, in place of the ones before; answers the keys that nothing names any more.
    async fn write_row(
        &self,
        permit: &Permit,
        what: &UploadFor,
        field: &str,
        row: &FileRow,
    ) -> UseResult<Vec<String>> {
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
        let usage = work.enterprise_files().usage(row.enterprise).await?;
        if usage.files >= FILES_PER_ENTERPRISE
            || usage.bytes + i64::from(row.byte_size) > BYTES_PER_ENTERPRISE
        {
            return Err(UseError::field(field, "upload.quota"));
        }
        work.enterprise_files().insert_file(row).await?;
        work.commit().await?;
        Ok(gone)
    }

    async fn discard_new(&self, permit: &Permit, key: &FileKey) {
        self.discard(permit.city(), vec![key.as_str().to_owned()])
            .await;
    }
}

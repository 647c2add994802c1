//! Sealed files in a local directory, or any other store that `object_store` speaks to.

use std::error::Error as _;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path as FsPath, PathBuf};
use std::sync::Arc;

use application::ports::files::{FileError, FileKey, FileVault};
use async_trait::async_trait;
use futures::StreamExt as _;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload};
use rand::TryRngCore;
use rand::rngs::OsRng;
use time::OffsetDateTime;
use uuid::Uuid;

/// File vault 文件库 on an object store.
#[derive(Debug, Clone)]
pub struct ObjectFiles {
    store: Arc<dyn ObjectStore>,
    mode: PutMode,
}

impl ObjectFiles {
    /// In a private local directory (made with mode 0700). A put is written aside, flushed to disk and then published
    /// in one step, so a file is either whole or not there.
    pub fn local(dir: &FsPath) -> Result<Self, FileError> {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(dir)
            .map_err(|error| FileError::Unavailable(error.to_string()))?;
        let store = LocalFileSystem::new_with_prefix(PathBuf::from(dir))
            .map_err(|error| FileError::Unavailable(error.to_string()))?
            .with_fsync(true);
        Ok(Self {
            store: Arc::new(store),
            mode: PutMode::Create,
        })
    }

    /// On another store, such as S3. Not every store knows a condition on a put, and a random key needs none.
    pub fn on(store: Arc<dyn ObjectStore>) -> Self {
        Self {
            store,
            mode: PutMode::Overwrite,
        }
    }
}

#[async_trait]
impl FileVault for ObjectFiles {
    async fn put(&self, tenant: Uuid, sealed: Vec<u8>) -> Result<FileKey, FileError> {
        let mut random = [0; 32];
        OsRng
            .try_fill_bytes(&mut random)
            .map_err(|error| FileError::Unavailable(error.to_string()))?;
        let key = FileKey::new(tenant, &hex::encode(random))
            .ok_or_else(|| FileError::Unavailable("no key".to_owned()))?;
        let options = PutOptions::from(self.mode.clone());
        self.store
            .put_opts(&Path::from(key.as_str()), PutPayload::from(sealed), options)
            .await
            .map_err(|error| translate(&error))?;
        Ok(key)
    }

    async fn get(&self, tenant: Uuid, key: &FileKey) -> Result<Option<Vec<u8>>, FileError> {
        if !key.belongs_to(tenant) {
            return Ok(None);
        }
        let found = match self.store.get(&Path::from(key.as_str())).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(translate(&error)),
        };
        let bytes = found.bytes().await.map_err(|error| translate(&error))?;
        Ok(Some(bytes.into()))
    }

    async fn delete(&self, tenant: Uuid, key: &FileKey) -> Result<(), FileError> {
        if !key.belongs_to(tenant) {
            return Ok(());
        }
        match self.store.delete(&Path::from(key.as_str())).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(translate(&error)),
        }
    }

    async fn older_than(
        &self,
        tenant: Uuid,
        before: OffsetDateTime,
    ) -> Result<Vec<FileKey>, FileError> {
        let mut found = self.store.list(Some(&Path::from(tenant.to_string())));
        let mut old = Vec::new();
        while let Some(one) = found.next().await {
            let one = one.map_err(|error| translate(&error))?;
            // What has another shape is not ours to judge.
            let key = FileKey::parse(one.location.as_ref());
            if one.last_modified.timestamp() < before.unix_timestamp() {
                old.extend(key);
            }
        }
        Ok(old)
    }
}

fn translate(error: &object_store::Error) -> FileError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = error.source();
    while let Some(inner) = cause {
        if let Some(io) = inner.downcast_ref::<io::Error>()
            && matches!(
                io.kind(),
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
            )
        {
            return FileError::Full;
        }
        cause = inner.source();
    }
    FileError::Unavailable(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(2);

    #[tokio::test]
    async fn what_was_put_is_there_until_it_is_deleted() {
        let dir = tempfile::tempdir().expect("directory");
        let files = ObjectFiles::local(dir.path()).expect("vault");
        let key = files.put(TENANT, vec![1, 2, 3]).await.expect("put");
        let again = ObjectFiles::local(dir.path()).expect("vault after a restart");
        assert_eq!(again.get(TENANT, &key).await, Ok(Some(vec![1, 2, 3])));
        again.delete(TENANT, &key).await.expect("deleted");
        assert_eq!(files.get(TENANT, &key).await, Ok(None));
        assert_eq!(
            files.delete(TENANT, &key).await,
            Ok(()),
            "deleting twice is no error"
        );
    }

    #[tokio::test]
    async fn another_tenant_neither_reads_nor_deletes() {
        let dir = tempfile::tempdir().expect("directory");
        let files = ObjectFiles::local(dir.path()).expect("vault");
        let key = files.put(TENANT, vec![1]).await.expect("put");
        assert_eq!(files.get(OTHER, &key).await, Ok(None));
        files.delete(OTHER, &key).await.expect("nothing happens");
        assert_eq!(files.get(TENANT, &key).await, Ok(Some(vec![1])));
    }

    #[tokio::test]
    async fn keys_start_with_the_tenant_and_never_repeat() {
        let dir = tempfile::tempdir().expect("directory");
        let files = ObjectFiles::local(dir.path()).expect("vault");
        let one = files.put(TENANT, vec![1]).await.expect("put");
        let two = files.put(TENANT, vec![1]).await.expect("put");
        assert_ne!(one, two);
        assert!(one.as_str().starts_with(&format!("{TENANT}/")));
        assert!(dir.path().join(one.as_str()).is_file());
        assert_eq!(FileKey::parse(one.as_str()), Some(one));
    }

    #[tokio::test]
    async fn a_storage_that_cannot_write_says_so_and_leaves_nothing() {
        let dir = tempfile::tempdir().expect("directory");
        let files = ObjectFiles::local(dir.path()).expect("vault");
        std::fs::write(dir.path().join(TENANT.to_string()), "in the way").expect("file");
        let error = files
            .put(TENANT, vec![1])
            .await
            .expect_err("no directory can be made there");
        assert_eq!(error.code(), "files.unavailable");
        assert_eq!(std::fs::read_dir(dir.path()).expect("listing").count(), 1);
    }
}

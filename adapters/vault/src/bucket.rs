//! Where sealed files lie, by setting: a local folder, or a bucket of any store that speaks S3.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use application::ports::files::{FileError, FileVault};
use object_store::aws::AmazonS3Builder;
use object_store::{ClientOptions, RetryConfig};
use secrecy::ExposeSecret as _;

use crate::{KeyError, ObjectFiles, read_secret};

/// 对象存储: where sealed files lie. The two keys are references (`env:NAME`, `file:/path`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectPlace {
    /// Empty: the local folder. Otherwise `s3://bucket`.
    pub at: String,
    /// The store's address, such as `https://oss-cn-beijing.aliyuncs.com`; empty for AWS itself.
    pub endpoint: String,
    pub region: String,
    pub key_id: String,
    pub key_secret: String,
    /// Bucket in the host name (OSS, COS) instead of in the path (MinIO, Ceph).
    pub bucket_in_host: bool,
}

/// What keeps the files from being reached; each names the setting.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    #[error("YJR_OBJECTS is neither empty nor s3://bucket: {0}")]
    Unknown(String),
    #[error("{0} is not set, and YJR_OBJECTS names a bucket")]
    Missing(&'static str),
    #[error("{0}: {1}")]
    Secret(&'static str, KeyError),
    #[error("YJR_S3_ENDPOINT must begin with https://")]
    Plain,
    #[error("the bucket cannot be set up: {0}")]
    Setup(String),
    #[error(transparent)]
    Local(#[from] FileError),
}

/// Longest answer to one question of ours to the store.
const PATIENCE: Duration = Duration::from_secs(10);

impl ObjectPlace {
    /// Whether files lie with somebody else.
    pub fn is_remote(&self) -> bool {
        !self.at.is_empty()
    }

    /// Opens it. `plain` allows http, for tests and demonstrations on one machine.
    pub fn open(&self, local: &Path, plain: bool) -> Result<Arc<dyn FileVault>, PlaceError> {
        let files = if self.is_remote() {
            self.bucket(plain)?
        } else {
            ObjectFiles::local(local)?
        };
        Ok(Arc::new(files))
    }

    /// What would keep production from opening it; nothing is asked of the store.
    pub fn examine(&self) -> Result<(), PlaceError> {
        if self.is_remote() {
            self.bucket(false)?;
        }
        Ok(())
    }

    fn bucket(&self, plain: bool) -> Result<ObjectFiles, PlaceError> {
        let bucket = self
            .at
            .strip_prefix("s3://")
            .filter(|name| !name.is_empty() && !name.contains('/'))
            .ok_or_else(|| PlaceError::Unknown(self.at.clone()))?;
        for (name, value) in [
            ("YJR_S3_REGION", &self.region),
            ("YJR_S3_KEY_ID", &self.key_id),
            ("YJR_S3_KEY_SECRET", &self.key_secret),
        ] {
            if value.is_empty() {
                return Err(PlaceError::Missing(name));
            }
        }
        if !plain && !self.endpoint.is_empty() && !self.endpoint.starts_with("https://") {
            return Err(PlaceError::Plain);
        }
        let id = read_secret(&self.key_id).map_err(|e| PlaceError::Secret("YJR_S3_KEY_ID", e))?;
        let secret = read_secret(&self.key_secret)
            .map_err(|e| PlaceError::Secret("YJR_S3_KEY_SECRET", e))?;
        // Whoever is first chooses for the process; everybody here chooses the same.
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(bucket)
            .with_region(&self.region)
            .with_access_key_id(id.expose_secret())
            .with_secret_access_key(secret.expose_secret())
            .with_virtual_hosted_style_request(self.bucket_in_host)
            .with_client_options(
                ClientOptions::new()
                    .with_timeout(PATIENCE)
                    .with_connect_timeout(Duration::from_secs(3))
                    .with_allow_http(plain),
            )
            // A page waits for it: two repeats, and then the person is told.
            .with_retry(RetryConfig {
                max_retries: 2,
                retry_timeout: PATIENCE,
                ..RetryConfig::default()
            });
        if !self.endpoint.is_empty() {
            builder = builder.with_endpoint(&self.endpoint);
        }
        let store = builder
            .build()
            .map_err(|error| PlaceError::Setup(error.to_string()))?;
        Ok(ObjectFiles::on(Arc::new(store)))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use wiremock::matchers::{body_bytes, header_exists, method, path_regex};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;

    const TENANT: Uuid = Uuid::from_u128(1);

    fn place(endpoint: &str, dir: &Path) -> ObjectPlace {
        let file = |name: &str, text: &str| {
            let path = dir.join(name);
            std::fs::write(&path, text).expect("a secret");
            format!("file:{}", path.display())
        };
        ObjectPlace {
            at: "s3://licences".to_owned(),
            endpoint: endpoint.to_owned(),
            region: "cn-north-1".to_owned(),
            key_id: file("id", "an-id"),
            key_secret: file("secret", "a-secret"),
            bucket_in_host: false,
        }
    }

    fn open(server: &MockServer, dir: &Path) -> Arc<dyn FileVault> {
        place(&server.uri(), dir).open(dir, true).expect("it opens")
    }

    #[tokio::test]
    async fn sealed_bytes_go_into_the_bucket_signed_and_come_back() {
        let dir = tempfile::tempdir().expect("directory");
        let server = MockServer::start().await;
        let object = || path_regex(format!("^/licences/{TENANT}/[0-9a-f]{{2}}/[0-9a-f]{{64}}$"));
        Mock::given(method("PUT"))
            .and(object())
            .and(header_exists("authorization"))
            .and(body_bytes(vec![1, 2, 3]))
            .respond_with(ResponseTemplate::new(200).insert_header("etag", "\"1\""))
            .expect(1)
            .mount(&server)
            .await;
        Mock::given(method("GET"))
            .and(object())
            .respond_with(
                ResponseTemplate::new(200)
                    .insert_header("etag", "\"1\"")
                    .insert_header("last-modified", "Thu, 26 Nov 2026 01:00:00 GMT")
                    .set_body_bytes(vec![1, 2, 3]),
            )
            .mount(&server)
            .await;
        let files = open(&server, dir.path());
        let key = files.put(TENANT, vec![1, 2, 3]).await.expect("it is put");
        assert_eq!(files.get(TENANT, &key).await, Ok(Some(vec![1, 2, 3])));
        assert_eq!(files.get(Uuid::from_u128(2), &key).await, Ok(None));
    }

    #[tokio::test]
    async fn what_is_not_there_is_none_and_a_store_that_refuses_says_so() {
        let dir = tempfile::tempdir().expect("directory");
        let server = MockServer::start().await;
        Mock::given(method("GET"))
            .respond_with(ResponseTemplate::new(404))
            .mount(&server)
            .await;
        Mock::given(method("PUT"))
            .respond_with(ResponseTemplate::new(403))
            .mount(&server)
            .await;
        let files = open(&server, dir.path());
        let key = application::ports::files::FileKey::new(TENANT, &"ab".repeat(32)).expect("a key");
        assert_eq!(files.get(TENANT, &key).await, Ok(None));
        let error = files.put(TENANT, vec![1]).await.expect_err("refused");
        assert_eq!(error.code(), "files.unavailable");
        assert!(!error.to_string().contains("a-secret"), "{error}");
    }

    #[test]
    fn a_wrong_setting_is_named() {
        let dir = tempfile::tempdir().expect("directory");
        let good = place("https://objects.example.com", dir.path());
        let say = |place: ObjectPlace| {
            place
                .open(dir.path(), false)
                .err()
                .map(|error| error.to_string())
                .unwrap_or_default()
        };
        assert_eq!(say(good.clone()), "");
        for (wrong, told) in [
            (
                ObjectPlace {
                    at: "bucket".into(),
                    ..good.clone()
                },
                "YJR_OBJECTS",
            ),
            (
                ObjectPlace {
                    region: String::new(),
                    ..good.clone()
                },
                "YJR_S3_REGION",
            ),
            (
                ObjectPlace {
                    key_secret: "plain".into(),
                    ..good.clone()
                },
                "YJR_S3_KEY_SECRET",
            ),
            (
                ObjectPlace {
                    endpoint: "http://10.0.0.1".into(),
                    ..good.clone()
                },
                "https://",
            ),
        ] {
            let text = say(wrong);
            assert!(text.contains(told), "{text}");
        }
    }
}

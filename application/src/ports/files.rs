//! Files 文件: sealed bytes in private storage under random keys (security rule S-25).

use std::fmt;

use async_trait::async_trait;
use time::OffsetDateTime;
use uuid::Uuid;

/// File key 文件键: `tenant/xx/random`. Says nothing about what is inside.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileKey(String);

impl FileKey {
    /// A key from its tenant and 64 lower-case hex digits; `None` for anything else.
    pub fn new(tenant: Uuid, random: &str) -> Option<Self> {
        let hex = random.len() == 64
            && random
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        hex.then(|| Self(format!("{tenant}/{}/{random}", &random[..2])))
    }

    /// Reads a stored key; `None` when it has another shape.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let tenant = Uuid::try_parse(parts.next()?).ok()?;
        let key = Self::new(tenant, parts.nth(1)?)?;
        (key.0 == text).then_some(key)
    }

    /// The key as stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the key belongs to this tenant.
    pub fn belongs_to(&self, tenant: Uuid) -> bool {
        self.0
            .strip_prefix(&tenant.to_string())
            .is_some_and(|rest| rest.starts_with('/'))
    }
}

impl fmt::Display for FileKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// File vault 文件库: takes sealed bytes only; a put that succeeded survives a power cut.
#[async_trait]
pub trait FileVault: Send + Sync {
    /// Stores sealed bytes under a new random key of the tenant.
    async fn put(&self, tenant: Uuid, sealed: Vec<u8>) -> Result<FileKey, FileError>;
    /// Fetches them; `None` when there is no such file or the key is another tenant's.
    async fn get(&self, tenant: Uuid, key: &FileKey) -> Result<Option<Vec<u8>>, FileError>;
    /// Removes the file; removing what is not there, or is another tenant's, changes nothing.
    async fn delete(&self, tenant: Uuid, key: &FileKey) -> Result<(), FileError>;
    /// Keys of the tenant's files that were stored before an instant.
    async fn older_than(
        &self,
        tenant: Uuid,
        before: OffsetDateTime,
    ) -> Result<Vec<FileKey>, FileError>;
}

/// Why the storage did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// No room left.
    #[error("the file storage is full")]
    Full,
    /// The storage did not answer.
    #[error("the file storage is unavailable: {0}")]
    Unavailable(String),
}

impl FileError {
    /// Stable code, key of the message.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Full => "files.full",
            Self::Unavailable(_) => "files.unavailable",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back_only_in_its_own_shape() {
        let tenant = Uuid::from_u128(7);
        let key = FileKey::new(tenant, &"ab".repeat(32)).expect("hex");
        assert_eq!(FileKey::parse(key.as_str()), Some(key.clone()));
        assert!(key.belongs_to(tenant));
        assert!(!key.belongs_to(Uuid::from_u128(8)));
        for bad in [
            "",
            "../../etc/passwd",
            &format!("{tenant}/../{}", "ab".repeat(32)),
            &format!("{key}/x"),
        ] {
            assert_eq!(FileKey::parse(bad), None, "{bad}");
        }
        assert_eq!(FileKey::new(tenant, "../x"), None);
    }
}

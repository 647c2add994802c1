//! Secrets by reference 密钥引用: `env:NAME` or `file:/path`, read at use, so that changing one needs no restart (S-48).

use std::{
    fmt, fs,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de};

const LONGEST: u64 = 16 * 1024;

/// Where a secret is. Prints its place, never what is there; a secret written directly into a file of ours does not parse.
#[derive(Clone)]
pub struct Secret {
    place: Place,
    kept: Arc<Mutex<Option<Kept>>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Env(String),
    File(PathBuf),
}

/// What a file held, as long as it is the same file.
struct Kept {
    stamp: (SystemTime, u64),
    text: SecretString,
}

/// Why a secret cannot be had; names the place only.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    #[error("a secret is a reference: env:NAME or file:/absolute/path")]
    NoReference,
    #[error("{0} is not set")]
    NotSet(String),
    #[error("{0} cannot be read")]
    Unreadable(String),
    #[error("{0} is empty")]
    Empty(String),
}

impl Secret {
    /// Reads a reference, not the secret.
    pub fn parse(reference: &str) -> Result<Self, SecretError> {
        let place = if let Some(name) = reference.strip_prefix("env:") {
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if name.is_empty() || !name.chars().all(plain) {
                return Err(SecretError::NoReference);
            }
            Place::Env(name.to_owned())
        } else if let Some(path) = reference.strip_prefix("file:") {
            let path = PathBuf::from(path);
            if !path.is_absolute() {
                return Err(SecretError::NoReference);
            }
            Place::File(path)
        } else {
            return Err(SecretError::NoReference);
        };
        Ok(Self {
            place,
            kept: Arc::default(),
        })
    }

    /// The secret as it is now; a file is read again when it has changed.
    pub fn read(&self) -> Result<SecretString, SecretError> {
        match &self.place {
            Place::Env(name) => {
                let text = std::env::var(name).map_err(|_| SecretError::NotSet(self.told()))?;
                self.full(&text)
            }
            Place::File(path) => {
                let unreadable = |_| SecretError::Unreadable(self.told());
                let seen = fs::metadata(path).map_err(unreadable)?;
                if !seen.is_file() || seen.len() > LONGEST {
                    return Err(SecretError::Unreadable(self.told()));
                }
                let stamp = (seen.modified().map_err(unreadable)?, seen.len());
                let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(kept) = kept.as_ref().filter(|kept| kept.stamp == stamp) {
                    return Ok(kept.text.clone());
                }
                let text = fs::read_to_string(path).map_err(unreadable)?;
                let text = self.full(&text)?;
                *kept = Some(Kept {
                    stamp,
                    text: text.clone(),
                });
                Ok(text)
            }
        }
    }

    fn full(&self, text: &str) -> Result<SecretString, SecretError> {
        let text = SecretString::from(text.trim().to_owned());
        if secrecy::ExposeSecret::expose_secret(&text).is_empty() {
            return Err(SecretError::Empty(self.told()));
        }
        Ok(text)
    }

    fn told(&self) -> String {
        match &self.place {
            Place::Env(name) => format!("env:{name}"),
            Place::File(path) => format!("file:{}", path.display()),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.told())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        // The text is not repeated: it may be the secret itself.
        Self::parse(&String::deserialize(from)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn a_secret_that_stands_in_the_file_itself_is_refused_without_being_repeated() {
        let error = serde_json::from_str::<Secret>("\"LTAI5t-very-secret\"").expect_err("no");
        assert!(error.to_string().contains("reference"));
        assert!(!error.to_string().contains("LTAI5t"));
        for bad in ["env:", "env:A B", "file:relative", "file:", ""] {
            assert_eq!(Secret::parse(bad).err(), Some(SecretError::NoReference));
        }
    }

    #[test]
    fn a_file_is_read_again_when_it_changed_and_prints_only_its_place() {
        let path = std::env::temp_dir().join(format!("yjr-secret-{}", std::process::id()));
        fs::write(&path, "first\n").expect("written");
        let secret = Secret::parse(&format!("file:{}", path.display())).expect("a reference");
        assert_eq!(secret.read().expect("read").expose_secret(), "first");
        fs::write(&path, "the second\n").expect("written");
        assert_eq!(secret.read().expect("read").expose_secret(), "the second");
        assert_eq!(format!("{secret:?}"), format!("file:{}", path.display()));
        assert!(!format!("{:?}", secret.read()).contains("second"));
        fs::write(&path, " \n").expect("written");
        assert!(matches!(secret.read(), Err(SecretError::Empty(_))));
        fs::remove_file(&path).expect("gone");
        assert!(matches!(secret.read(), Err(SecretError::Unreadable(_))));
    }

    #[test]
    fn an_environment_variable_that_is_not_set_is_told_by_name() {
        let secret = Secret::parse("env:YJR_NOBODY_SETS_THIS").expect("a reference");
        let error = secret.read().map(|_| ()).expect_err("not set");
        assert_eq!(error.to_string(), "env:YJR_NOBODY_SETS_THIS is not set");
    }
}

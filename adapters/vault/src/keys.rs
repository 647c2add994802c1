//! Keys 密钥 from outside the database: by reference in production, made on first start for demonstrations (S-48, S-51).

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand::TryRngCore;
use rand::rngs::OsRng;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A 256-bit key; prints as `***` and is wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Key([u8; 32]);

impl Key {
    /// A key of these bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A new key from the system's generator; `None` when the system has none.
    pub fn generate() -> Option<Self> {
        let mut key = Self([0; 32]);
        OsRng.try_fill_bytes(&mut key.0).ok()?;
        Some(key)
    }

    /// Reads 64 hex digits or base64 of 32 bytes; refuses keys that nobody can have drawn by chance.
    pub fn parse(text: &SecretString) -> Option<Self> {
        let text = text.expose_secret().trim();
        let mut bytes = if text.len() == 64 {
            hex::decode(text).ok()?
        } else {
            STANDARD.decode(text).ok()?
        };
        let key = <[u8; 32]>::try_from(bytes.as_slice()).ok().map(Self);
        bytes.zeroize();
        key.filter(Self::looks_random)
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Says which key it is without saying anything about it.
    pub(crate) fn id(&self) -> u32 {
        let digest = Sha256::new()
            .chain_update(b"yijianrong/key id")
            .chain_update(self.0)
            .finalize();
        u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
    }

    fn looks_random(&self) -> bool {
        let mut seen = [false; 256];
        for byte in self.0 {
            seen[usize::from(byte)] = true;
        }
        let counted = self
            .0
            .windows(2)
            .filter(|pair| pair[1] == pair[0].wrapping_add(1))
            .count();
        seen.iter().filter(|seen| **seen).count() >= 16 && counted < 16
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

/// All keys that the vault needs.
#[derive(Debug, Clone)]
pub struct Keys {
    /// Master key 主密钥: wraps the tenants' data keys.
    pub master: Key,
    /// Earlier master keys that still open what they wrapped.
    pub previous_masters: Vec<Key>,
    /// Pepper 口令附加密钥: goes into every password hash.
    pub pepper: Key,
    /// Token key 令牌密钥: CSRF tokens, code hashes and signatures.
    pub tokens: Key,
}

/// Where production finds its keys: `env:NAME` or `file:/path`, each 64 hex digits or base64 of 32 bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyReferences {
    /// The master key.
    pub master: String,
    /// Earlier master keys.
    pub previous_masters: Vec<String>,
    /// The pepper.
    pub pepper: String,
    /// The token key.
    pub tokens: String,
}

impl Keys {
    /// Reads every key and names everything that is wrong, not only the first.
    pub fn from_references(references: &KeyReferences) -> Result<Self, Vec<KeyError>> {
        let mut wrong = Vec::new();
        let mut read = |name: &'static str, reference: &str| {
            read_key(name, reference)
                .map_err(|error| wrong.push(error))
                .ok()
        };
        let master = read("master", &references.master);
        let pepper = read("pepper", &references.pepper);
        let tokens = read("tokens", &references.tokens);
        let previous: Vec<_> = references
            .previous_masters
            .iter()
            .filter_map(|old| read("previous master", old))
            .collect();
        let (Some(master), Some(pepper), Some(tokens)) = (master, pepper, tokens) else {
            return Err(wrong);
        };
        if master.0 == pepper.0 || master.0 == tokens.0 || pepper.0 == tokens.0 {
            wrong.push(KeyError::Same);
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        Ok(Self {
            master,
            previous_masters: previous,
            pepper,
            tokens,
        })
    }
}

fn read_key(name: &'static str, reference: &str) -> Result<Key, KeyError> {
    if reference.trim().is_empty() {
        return Err(KeyError::Missing(name));
    }
    let text = read_secret(reference)?;
    Key::parse(&text).ok_or_else(|| KeyError::NotAKey(reference.to_owned()))
}

/// Reads a secret by its reference: `env:NAME` or `file:/path` (one trailing newline is dropped).
pub fn read_secret(reference: &str) -> Result<SecretString, KeyError> {
    let unreadable = || KeyError::Unreadable(reference.to_owned());
    let text = if let Some(name) = reference.strip_prefix("env:") {
        std::env::var(name).map_err(|_| unreadable())?
    } else if let Some(path) = reference.strip_prefix("file:") {
        fs::read_to_string(path).map_err(|_| unreadable())?
    } else {
        return Err(KeyError::NotAReference);
    };
    let text = text
        .strip_suffix('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line).to_owned())
        .unwrap_or(text);
    if text.is_empty() {
        return Err(unreadable());
    }
    Ok(SecretString::from(text))
}

/// Demonstration and development: reads `master.key`, `pepper.key` and `tokens.key` in `dir`, drawing those that are
/// missing (mode 0600, in a directory of mode 0700). Production names its keys by reference instead.
pub fn load_or_create_demo_keys(dir: &Path) -> Result<Keys, KeyError> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(|error| KeyError::file(dir, &error))?;
    Ok(Keys {
        master: load_or_create(&dir.join("master.key"))?,
        previous_masters: Vec::new(),
        pepper: load_or_create(&dir.join("pepper.key"))?,
        tokens: load_or_create(&dir.join("tokens.key"))?,
    })
}

fn load_or_create(path: &Path) -> Result<Key, KeyError> {
    match path.try_exists() {
        Ok(true) => {}
        Ok(false) => create(path)?,
        Err(error) => return Err(KeyError::file(path, &error)),
    }
    let mode = fs::metadata(path)
        .map_err(|error| KeyError::file(path, &error))?
        .permissions()
        .mode();
    if mode & 0o077 != 0 {
        return Err(KeyError::TooOpen(path.to_owned()));
    }
    read_key("demo", &format!("file:{}", path.display()))
}

/// Writes a new key beside its place, then links it there: a half-written key never stands at its place, and of two
/// programs that start at once one wins and both read the same key.
fn create(path: &Path) -> Result<(), KeyError> {
    let wrong = |error: &std::io::Error| KeyError::file(path, error);
    let key = Key::generate().ok_or(KeyError::NoRandomness)?;
    let draft = path.with_extension(format!(
        "{}.tmp",
        hex::encode(
            Key::generate()
                .ok_or(KeyError::NoRandomness)?
                .id()
                .to_be_bytes()
        )
    ));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)
        .map_err(|error| wrong(&error))?;
    let written = file
        .write_all(format!("{}\n", hex::encode(key.0)).as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| match fs::hard_link(&draft, path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            linked => linked,
        });
    fs::remove_file(&draft).map_err(|error| wrong(&error))?;
    written.map_err(|error| wrong(&error))?;
    path.parent()
        .map_or(Ok(()), |dir| File::open(dir).and_then(|dir| dir.sync_all()))
        .map_err(|error| wrong(&error))
}

/// What is wrong with a key. Names the reference, never the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No reference is configured.
    #[error("no reference for the {0} key is configured")]
    Missing(&'static str),
    /// The setting holds something else, perhaps the secret itself, so it is not repeated here.
    #[error("a secret must be given as env:NAME or file:/path")]
    NotAReference,
    /// The variable or file is missing or empty.
    #[error("{0} is missing, empty or not readable")]
    Unreadable(String),
    /// Not 32 bytes in hex or base64, or plainly not random.
    #[error("{0} does not hold 32 random bytes in hex or base64")]
    NotAKey(String),
    /// One key serves two purposes.
    #[error("master, pepper and tokens must be three different keys")]
    Same,
    /// Others may read the file.
    #[error("{} may be read by others; its mode must be 0600", .0.display())]
    TooOpen(PathBuf),
    /// The file could not be made or read.
    #[error("{}: {error}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: String,
    },
    /// The system's generator does not answer.
    #[error("the system's random generator does not answer")]
    NoRandomness,
}

impl KeyError {
    fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::File {
            path: path.to_owned(),
            error: error.to_string(),
        }
    }

    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing(_) => "keys.missing",
            Self::NotAReference => "keys.not_a_reference",
            Self::Unreadable(_) => "keys.unreadable",
            Self::NotAKey(_) => "keys.not_a_key",
            Self::Same => "keys.same",
            Self::TooOpen(_) => "keys.too_open",
            Self::File { .. } => "keys.file",
            Self::NoRandomness => "keys.no_randomness",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn demo_keys_are_made_once_and_only_for_their_owner() {
        let home = tempfile::tempdir().expect("directory");
        let dir = home.path().join("data/keys");
        let first = load_or_create_demo_keys(&dir).expect("made");
        let second = load_or_create_demo_keys(&dir).expect("read");
        assert_eq!(first.master.bytes(), second.master.bytes());
        assert_ne!(first.master.bytes(), first.pepper.bytes());
        assert_eq!(
            fs::read_dir(&dir).expect("listing").count(),
            3,
            "no drafts are left"
        );
        let mode = fs::metadata(dir.join("master.key"))
            .expect("file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(
            fs::metadata(&dir).expect("dir").permissions().mode() & 0o777,
            0o700
        );
    }

    #[test]
    fn a_key_file_that_others_may_read_is_refused() {
        let home = tempfile::tempdir().expect("directory");
        load_or_create_demo_keys(home.path()).expect("made");
        let path = home.path().join("pepper.key");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("chmod");
        assert_eq!(
            load_or_create_demo_keys(home.path()).err(),
            Some(KeyError::TooOpen(path))
        );
    }

    #[test]
    fn starters_at_the_same_moment_share_one_key() {
        let home = tempfile::tempdir().expect("directory");
        let keys: Vec<_> = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| load_or_create_demo_keys(home.path())))
                .collect();
            starts
                .into_iter()
                .map(|start| start.join().expect("thread").expect("keys"))
                .collect()
        });
        assert!(
            keys.iter()
                .all(|each| each.master.bytes() == keys[0].master.bytes())
        );
    }

    #[test]
    fn production_names_every_missing_or_weak_key_and_never_its_value() {
        let home = tempfile::tempdir().expect("directory");
        let weak = home.path().join("weak");
        fs::write(&weak, "00".repeat(32)).expect("file");
        let references = KeyReferences {
            master: String::new(),
            previous_masters: vec![format!("file:{}", home.path().join("gone").display())],
            pepper: "hunter2".into(),
            tokens: format!("file:{}", weak.display()),
        };
        let wrong = Keys::from_references(&references).expect_err("all wrong");
        let codes: Vec<_> = wrong.iter().map(KeyError::code).collect();
        assert_eq!(
            codes,
            [
                "keys.missing",
                "keys.not_a_reference",
                "keys.not_a_key",
                "keys.unreadable"
            ]
        );
        assert!(
            wrong
                .iter()
                .all(|error| !format!("{error} {error:?}").contains("hunter2"))
        );
    }

    #[test]
    fn one_key_for_two_purposes_is_refused() {
        let home = tempfile::tempdir().expect("directory");
        load_or_create_demo_keys(home.path()).expect("made");
        let at = |name: &str| format!("file:{}", home.path().join(name).display());
        let mut references = KeyReferences {
            master: at("master.key"),
            previous_masters: vec![],
            pepper: at("pepper.key"),
            tokens: at("tokens.key"),
        };
        assert!(Keys::from_references(&references).is_ok());
        references.tokens = at("pepper.key");
        assert_eq!(
            Keys::from_references(&references).err(),
            Some(vec![KeyError::Same])
        );
    }

    #[test]
    fn keys_print_as_stars() {
        let key = Key::from_bytes([0xab; 32]);
        assert_eq!(format!("{key:?}"), "***");
    }
}

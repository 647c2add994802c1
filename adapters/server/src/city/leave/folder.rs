//! The folder of an export: nobody else's, readable by its owner alone, and every file in it either whole or not there.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io::{self, BufRead as _, BufReader, BufWriter, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

/// What lies beside the rows and files of an export and is no part of it.
pub const WORKING: [&str; 3] = ["lock", "progress.json", "objects.journal"];
/// Ends in it what is being written.
const PART: &str = ".part";

/// What a file weighs.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Weight {
    pub bytes: u64,
    pub sha256: String,
}

/// A folder that this process has to itself.
pub struct Folder {
    root: PathBuf,
    _lock: File,
}

impl Folder {
    /// Takes a folder that is not there, or is empty, or that `ours` recognises by its `progress.json`.
    pub fn open(root: &Path, ours: impl Fn(&str) -> bool) -> anyhow::Result<Self> {
        let there = match fs::symlink_metadata(root) {
            Ok(found) => {
                anyhow::ensure!(found.is_dir(), "{} is not a folder", root.display());
                fs::read_dir(root)?.next().is_some()
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                make_dir(root).with_context(|| format!("{} cannot be made", root.display()))?;
                false
            }
            Err(error) => return Err(error).with_context(|| root.display().to_string()),
        };
        if there {
            let known =
                fs::read_to_string(root.join("progress.json")).is_ok_and(|text| ours(&text));
            anyhow::ensure!(
                known,
                "{} holds something else than an export of this city of the same kind: nothing was written there",
                root.display()
            );
        }
        fs::set_permissions(root, Permissions::from_mode(0o700))?;
        let lock = private(&root.join("lock"), false)?;
        lock.try_lock()
            .ok()
            .with_context(|| format!("another command writes into {}", root.display()))?;
        let folder = Self {
            root: root.to_owned(),
            _lock: lock,
        };
        for path in folder
            .files()?
            .into_iter()
            .filter(|path| path.ends_with(PART))
        {
            fs::remove_file(root.join(path))?;
        }
        Ok(folder)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Writes a file in one step.
    pub fn write(&self, name: &str, bytes: &[u8]) -> anyhow::Result<Weight> {
        let mut sink = self.sink(name)?;
        sink.put(bytes)?;
        sink.done()
    }

    /// A file that appears once it is whole.
    pub fn sink(&self, name: &str) -> anyhow::Result<Sink> {
        let path = self.root.join(name);
        if let Some(parent) = path.parent() {
            make_dir(parent)?;
        }
        let part = self.root.join(format!("{name}{PART}"));
        Ok(Sink {
            file: BufWriter::new(private(&part, true)?),
            part,
            path,
            hash: Sha256::new(),
            bytes: 0,
        })
    }

    /// Adds a line to a file that survives being cut short in its last line.
    pub fn append(&self, name: &str, line: &str) -> anyhow::Result<()> {
        let mut file = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(self.path(name))?;
        file.write_all(format!("{line}\n").as_bytes())?;
        Ok(())
    }

    pub fn remove(&self, name: &str) -> anyhow::Result<()> {
        match fs::remove_file(self.path(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Every file below the folder, by its path in it.
    pub fn files(&self) -> anyhow::Result<Vec<String>> {
        files(&self.root)
    }
}

/// Every file below a folder, by its path in it; a link is a file and is not followed.
pub fn files(root: &Path) -> anyhow::Result<Vec<String>> {
    fn below(root: &Path, dir: &Path, found: &mut Vec<String>) -> anyhow::Result<()> {
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                below(root, &entry.path(), found)?;
            } else {
                let path = entry.path();
                let name = path.strip_prefix(root)?.to_str();
                found.push(name.context("a name that is no text")?.to_owned());
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    below(root, root, &mut found)?;
    found.sort();
    Ok(found)
}

fn make_dir(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

/// A file that its owner alone reads; a link in its place is not followed into somebody else's file.
fn private(path: &Path, anew: bool) -> anyhow::Result<File> {
    if anew {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    if anew {
        options.create_new(true);
    } else {
        options.create(true).truncate(false);
    }
    options
        .open(path)
        .with_context(|| format!("{} cannot be written", path.display()))
}

/// A file under way.
pub struct Sink {
    file: BufWriter<File>,
    part: PathBuf,
    path: PathBuf,
    hash: Sha256,
    bytes: u64,
}

impl Sink {
    pub fn put(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(self.file.write_all(bytes)?)
    }

    /// On the disk first, then under its name.
    pub fn done(self) -> anyhow::Result<Weight> {
        let file = self
            .file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        fs::rename(&self.part, &self.path)?;
        Ok(Weight {
            bytes: self.bytes,
            sha256: hex::encode(self.hash.finalize()),
        })
    }
}

/// What a file weighs now, and how many lines it has.
pub fn weigh(path: &Path) -> io::Result<(Weight, u64)> {
    let mut reader = BufReader::with_capacity(1 << 16, File::open(path)?);
    let (mut hash, mut bytes, mut lines) = (Sha256::new(), 0, 0);
    loop {
        let chunk = reader.fill_buf()?;
        if chunk.is_empty() {
            break;
        }
        hash.update(chunk);
        bytes += chunk.len() as u64;
        lines += chunk.split(|byte| *byte == b'\n').count() as u64 - 1;
        let read = chunk.len();
        reader.consume(read);
    }
    let sha256 = hex::encode(hash.finalize());
    Ok((Weight { bytes, sha256 }, lines))
}

/// Whether a file is as it was written.
pub fn is_as(path: &Path, weight: &Weight) -> bool {
    fs::metadata(path).is_ok_and(|found| found.len() == weight.bytes)
        && weigh(path).is_ok_and(|(found, _)| found == *weight)
}

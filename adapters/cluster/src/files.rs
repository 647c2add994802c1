//! The directories of a cluster: who owns them, the lock, the socket's place, room on the disk.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{
    DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, lchown, symlink,
};
use std::path::{Path, PathBuf};

use nix::sys::statvfs::statvfs;
use nix::unistd::geteuid;

use crate::ClusterError;
use crate::account::Account;

/// Free space below which a new cluster is not begun.
pub(crate) const ROOM_MB: u64 = 200;
/// Free space below which an existing one is not started: it could not even write its log.
const ROOM_TO_START_MB: u64 = 24;
/// What the kernel takes as the path of a unix socket.
const LONGEST_SOCKET_PATH: usize = 107;

/// Creates the data directory where missing and returns its one true path.
pub(crate) fn open_data_dir(dir: &Path) -> Result<PathBuf, ClusterError> {
    let failed = |e| ClusterError::io("creating", dir, e);
    if !dir.exists() {
        // As root the server's account must pass through, but not look around.
        let mode = if geteuid().is_root() { 0o711 } else { 0o700 };
        if let Some(parent) = dir.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        fs::create_dir(dir).map_err(failed)?;
        fs::set_permissions(dir, Permissions::from_mode(mode)).map_err(failed)?;
    }
    let path = dir
        .canonicalize()
        .map_err(|e| ClusterError::io("opening", dir, e))?;
    fs::read_dir(&path).map_err(|e| ClusterError::io("reading", &path, e))?;
    Ok(path)
}

/// The lock that makes us the directory's only owner; the kernel lets go of it when we die.
#[derive(Debug)]
pub(crate) struct Lock(File);

impl Drop for Lock {
    /// Closing is not enough: a child that is just being started holds all our files until it has become another program.
    fn drop(&mut self) {
        if let Err(error) = self.0.unlock() {
            tracing::warn!(%error, "a lock was not let go");
        }
    }
}

/// Takes the lock of a directory.
pub(crate) fn lock(data: &Path) -> Result<Lock, ClusterError> {
    let path = data.join("lock");
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(|e| ClusterError::io("opening", &path, e))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let _ = file.read_to_string(&mut holder);
            return Err(ClusterError::InUse {
                dir: data.to_owned(),
                pid: holder.trim().parse().ok(),
            });
        }
        Err(TryLockError::Error(e)) => return Err(ClusterError::io("locking", &path, e)),
    }
    file.set_len(0)
        .and_then(|()| writeln!(file, "{}", std::process::id()))
        .map_err(|e| ClusterError::io("writing", &path, e))?;
    Ok(Lock(file))
}

/// Refuses to go on where the disk has no room.
pub(crate) fn check_room(data: &Path, new: bool) -> Result<(), ClusterError> {
    let need_mb = if new { ROOM_MB } else { ROOM_TO_START_MB };
    let disk = statvfs(data).map_err(|e| ClusterError::io("measuring", data, e.into()))?;
    let free = disk.blocks_available().saturating_mul(disk.fragment_size());
    if free / (1024 * 1024) < need_mb {
        return Err(ClusterError::DiskFull {
            path: data.to_owned(),
            need_mb,
        });
    }
    Ok(())
}

/// A directory of the server's account that nobody else may enter.
pub(crate) fn private_dir(path: &Path, account: &Account) -> Result<(), ClusterError> {
    let failed = |e| ClusterError::io("creating", path, e);
    match DirBuilder::new().mode(0o700).create(path) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(failed(e)),
        _ => {}
    }
    let meta = fs::symlink_metadata(path).map_err(failed)?;
    let ours = [account.uid, geteuid().as_raw()].contains(&meta.uid());
    if !meta.is_dir() || !ours {
        return Err(ClusterError::NotOurs {
            path: path.to_owned(),
            source: io::Error::other("somebody else made it"),
        });
    }
    if account.drops {
        lchown(path, Some(account.uid), Some(account.gid)).map_err(failed)?;
    }
    fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(failed)
}

/// Sets right what a copy made by root gets wrong: the owner of the data and its mode.
pub(crate) fn heal_owner(pgdata: &Path, account: &Account) -> Result<(), ClusterError> {
    let failed = |e| ClusterError::io("taking over", pgdata, e);
    let meta = fs::metadata(pgdata).map_err(failed)?;
    if account.drops && meta.uid() != account.uid {
        give_all(pgdata, account).map_err(failed)?;
    }
    if meta.mode() & 0o027 != 0 {
        fs::set_permissions(pgdata, Permissions::from_mode(0o700)).map_err(failed)?;
    }
    Ok(())
}

fn give_all(path: &Path, account: &Account) -> io::Result<()> {
    lchown(path, Some(account.uid), Some(account.gid))?;
    if fs::symlink_metadata(path)?.is_dir() {
        for entry in fs::read_dir(path)? {
            give_all(&entry?.path(), account)?;
        }
    }
    Ok(())
}

/// Where clusters live that cannot live beside the other data.
const ELSEWHERE: &str = "/var/lib/yijianrong";

/// Where the cluster lives: in the data directory, or, where the account may not enter that (a clone
/// below `/root`), in a directory of its own that the link `cluster` leads to.
pub(crate) struct Home {
    pub dir: PathBuf,
    pub account: Account,
    /// Two copies of a data directory may lead to one home: it has a lock, too.
    pub lock: Option<Lock>,
}

impl Home {
    pub fn find(data: &Path) -> Result<Self, ClusterError> {
        let link = data.join("cluster");
        if fs::symlink_metadata(&link).is_err() {
            let account = Account::choose(&data.join("pgdata"))?;
            if account.may_enter(data)? {
                return Ok(Self {
                    dir: data.to_owned(),
                    account,
                    lock: None,
                });
            }
            if data.join("pgdata").exists() || !make_elsewhere(&link, data) {
                account.check_way_to(data)?;
            }
        }
        let dir = link
            .canonicalize()
            .map_err(|e| ClusterError::io("following", &link, e))?;
        let account = Account::choose(&dir.join("pgdata"))?;
        account.check_way_to(&dir)?;
        Ok(Self {
            lock: Some(lock(&dir)?),
            dir,
            account,
        })
    }
}

/// Makes the other place and the link to it; false where the system does not let us.
fn make_elsewhere(link: &Path, data: &Path) -> bool {
    let dir = Path::new(ELSEWHERE).join(format!("{:016x}", name_of(data)));
    let open = |path: &Path| {
        fs::create_dir_all(path)?;
        fs::set_permissions(path, Permissions::from_mode(0o711))
    };
    let made = open(Path::new(ELSEWHERE))
        .and_then(|()| open(&dir))
        .and_then(|()| symlink(&dir, link));
    if made.is_ok() {
        tracing::info!(
            data = %data.display(),
            cluster = %dir.display(),
            "PostgreSQL may not enter the data directory: the cluster is kept elsewhere"
        );
    }
    made.is_ok()
}

/// The same path has the same name, and no two at once.
fn name_of(path: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    hasher.finish()
}

/// Where the socket lies: beside the data, or, where that path is too long for the kernel, in a
/// private directory with a short name.
pub(crate) fn socket_dir(data: &Path, account: &Account) -> Result<PathBuf, ClusterError> {
    let beside = data.join("socket");
    let file = beside.join(format!(".s.PGSQL.{}", crate::PORT));
    let dir = if file.as_os_str().as_bytes().len() <= LONGEST_SOCKET_PATH {
        beside
    } else {
        PathBuf::from(format!(
            "/tmp/yijianrong-{}-{:x}",
            account.uid,
            name_of(data)
        ))
    };
    private_dir(&dir, account)?;
    Ok(dir)
}

/// The version that wrote the data; none for a cluster still to be made.
pub(crate) fn data_version(pgdata: &Path) -> Result<Option<u32>, ClusterError> {
    let marker = pgdata.join("PG_VERSION");
    match fs::read_to_string(&marker) {
        Ok(text) => match text.trim().parse() {
            Ok(major) => Ok(Some(major)),
            Err(_) => Err(ClusterError::NotACluster {
                path: pgdata.to_owned(),
            }),
        },
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            if fs::read_dir(pgdata).is_ok_and(|mut entries| entries.next().is_some()) {
                return Err(ClusterError::NotACluster {
                    path: pgdata.to_owned(),
                });
            }
            Ok(None)
        }
        Err(e) => Err(ClusterError::io("reading", &marker, e)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_let_go_while_a_child_that_is_being_started_still_holds_its_file() {
        let data = std::env::temp_dir().join(format!("yjr-lock-{}", std::process::id()));
        fs::create_dir_all(&data).expect("a directory");
        let first = lock(&data).expect("nobody has it");
        let of_the_child = first.0.try_clone().expect("the same open file");
        assert!(lock(&data).is_err(), "one at a time");
        drop(first);
        drop(lock(&data).expect("it was let go"));
        drop(of_the_child);
        fs::remove_dir_all(&data).expect("it goes");
    }
}

//! A cluster for one run of tests: in a directory of its own, gone afterwards.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{env, process};

use nix::sys::statvfs::statvfs;
use nix::unistd::geteuid;

use crate::{Cluster, ClusterConfig, ClusterError, orphans};

const PREFIX: &str = "yijianrong-throwaway-";
/// Younger directories may still be on their way to being locked.
const SETTLED: Duration = Duration::from_mins(1);

/// Files in memory, where the system has them.
const MEMORY: &str = "/dev/shm";
/// What a run with all its databases needs at most, with room to spare.
const ROOM: u64 = 4 << 30;

/// A non-durable cluster that is removed with all it holds.
#[derive(Debug)]
pub struct Throwaway {
    cluster: Cluster,
    dir: PathBuf,
}

impl Throwaway {
    /// Starts one in memory or below the system's temporary directory, and first removes what killed runs left there.
    pub async fn start() -> Result<Self, ClusterError> {
        let root = root();
        let root = root.canonicalize().unwrap_or(root);
        let place = root.clone();
        crate::blocking(move || {
            sweep(&place);
            Ok(())
        })
        .await?;
        let nanos = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |now| now.subsec_nanos());
        let dir = root.join(format!("{PREFIX}{}-{nanos:x}", process::id()));
        let mode = if geteuid().is_root() { 0o711 } else { 0o700 };
        fs::create_dir(&dir)
            .and_then(|()| fs::set_permissions(&dir, Permissions::from_mode(mode)))
            .map_err(|e| ClusterError::io("creating", &dir, e))?;
        let config = ClusterConfig {
            data_dir: dir.clone(),
            durable: false,
            binaries: None,
        };
        match Cluster::start(config).await {
            Ok(cluster) => Ok(Self { cluster, dir }),
            Err(refused) => {
                let _ = fs::remove_dir_all(&dir);
                Err(refused)
            }
        }
    }

    /// The running cluster.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// Stops the server and removes its files.
    pub async fn stop(self) -> Result<(), ClusterError> {
        let home = self.cluster.data_dir().to_owned();
        self.cluster.stop().await;
        if home != self.dir && home.exists() {
            fs::remove_dir_all(&home).map_err(|e| ClusterError::io("removing", &home, e))?;
        }
        fs::remove_dir_all(&self.dir).map_err(|e| ClusterError::io("removing", &self.dir, e))
    }
}

/// In memory, unless `TMPDIR` names a place or memory is short: each test creates and drops thousands of files, and ext4 looks for a
/// long time past those that were just deleted.
fn root() -> PathBuf {
    let memory = PathBuf::from(MEMORY);
    let roomy = |space: nix::sys::statvfs::Statvfs| {
        space
            .blocks_available()
            .saturating_mul(space.fragment_size())
            >= ROOM
    };
    if env::var_os("TMPDIR").is_none() && statvfs(&memory).is_ok_and(roomy) {
        memory
    } else {
        env::temp_dir()
    }
}

/// Runs `work` with the administrator's URL of a cluster that exists only for it.
pub async fn with_throwaway<T>(work: impl AsyncFnOnce(&str) -> T) -> Result<T, ClusterError> {
    let throwaway = Throwaway::start().await?;
    let outcome = work(&throwaway.cluster().admin_url(crate::SUPERUSER)).await;
    throwaway.stop().await?;
    Ok(outcome)
}

fn sweep(root: &Path) {
    let Ok(entries) = fs::read_dir(root) else {
        return;
    };
    for dir in entries.flatten().map(|entry| entry.path()) {
        let ours = dir
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
        if ours && abandoned(&dir).is_some() {
            tracing::info!(dir = %dir.display(), "removing what a killed run left behind");
        }
    }
}

/// Removes `dir` if nobody holds it; the lock is ours while that happens.
fn abandoned(dir: &Path) -> Option<()> {
    let meta = fs::symlink_metadata(dir).ok()?;
    if !meta.is_dir() || meta.uid() != geteuid().as_raw() {
        return None;
    }
    let lock = File::open(dir.join("lock")).ok()?;
    let age = lock.metadata().ok()?.modified().ok()?.elapsed().ok()?;
    if age < SETTLED {
        return None;
    }
    lock.try_lock().ok()?;
    orphans::stop_all(&[dir.join("pgdata"), dir.join("pgdata.new")]).ok()?;
    fs::remove_dir_all(dir).ok()
}

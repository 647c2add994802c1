//! A place of its own for each test, and what tests ask of a cluster.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use cluster::{Cluster, ClusterConfig, State};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sqlx::{Connection, PgConnection};

/// A directory that goes away with the test.
pub struct Place(pub PathBuf);

impl Place {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("yjr-it-{}-{number}", std::process::id()));
        fs::create_dir_all(&dir).expect("a temporary directory");
        fs::set_permissions(&dir, Permissions::from_mode(0o755)).expect("its mode");
        Self(dir)
    }

    pub fn data(&self) -> PathBuf {
        self.0.join("data")
    }

    pub fn config(&self) -> ClusterConfig {
        config(&self.data())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub fn config(dir: &Path) -> ClusterConfig {
    ClusterConfig {
        data_dir: dir.to_owned(),
        durable: false,
        binaries: None,
    }
}

pub fn pid_of(cluster: &Cluster) -> u32 {
    match *cluster.watch().borrow() {
        State::Running { pid } => pid,
        other => panic!("the server should be running, it is {other:?}"),
    }
}

/// Waits until the supervisor has another server running than `old`.
pub async fn back_again(cluster: &Cluster, old: u32) -> u32 {
    let mut states = cluster.watch();
    let found = states.wait_for(|state| matches!(state, State::Running { pid } if *pid != old));
    let state = tokio::time::timeout(Duration::from_mins(1), found)
        .await
        .expect("a server within a minute")
        .expect("a living supervisor");
    match *state {
        State::Running { pid } => pid,
        _ => unreachable!("just waited for it"),
    }
}

pub fn kill_nine(pid: u32) {
    let pid = Pid::from_raw(i32::try_from(pid).expect("a pid"));
    kill(pid, Signal::SIGKILL).expect("a process to kill");
}

pub async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url).await.expect("a connection")
}

pub async fn remember(url: &str, word: &'static str) {
    let mut session = connect(url).await;
    // A fleeting cluster may lose its last moment with its server; this row is to survive that.
    sqlx::query("set synchronous_commit = on")
        .execute(&mut session)
        .await
        .expect("a setting");
    sqlx::query("create table if not exists words (word text)")
        .execute(&mut session)
        .await
        .expect("a table");
    sqlx::query("insert into words values ($1)")
        .bind(word)
        .execute(&mut session)
        .await
        .expect("a row");
}

pub async fn remembered(url: &str) -> Vec<String> {
    sqlx::query_scalar("select word from words order by word")
        .fetch_all(&mut connect(url).await)
        .await
        .expect("the rows")
}

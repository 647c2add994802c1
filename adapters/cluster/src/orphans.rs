//! Servers that outlived us: after a kill -9 of the program its PostgreSQL may still be running.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fs, thread};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::ClusterError;

const GLANCE: Duration = Duration::from_millis(20);

/// Stops every PostgreSQL process that works in one of `dirs`, harder each time, and returns when
/// none is left. Only ever called by the holder of the directory's lock. Blocks.
pub(crate) fn stop_all(dirs: &[PathBuf]) -> Result<(), ClusterError> {
    let first = find(dirs);
    if first.is_empty() {
        return Ok(());
    }
    tracing::info!(
        processes = first.len(),
        "stopping a PostgreSQL that an earlier run left behind"
    );
    // Without its postmaster a backend takes INT as "cancel this query" and stays.
    let led = dirs
        .iter()
        .filter_map(|dir| postmaster(dir))
        .any(|pid| first.contains(&pid));
    let politely = if led { 15 } else { 0 };
    for (signal, seconds) in [
        (Signal::SIGINT, politely),
        (Signal::SIGQUIT, 5),
        (Signal::SIGKILL, 10),
    ] {
        let deadline = Instant::now() + Duration::from_secs(seconds);
        if seconds > 0 {
            for pid in find(dirs) {
                let _ = kill(Pid::from_raw(pid), signal);
            }
        }
        while Instant::now() < deadline {
            if find(dirs).is_empty() {
                return Ok(());
            }
            thread::sleep(GLANCE);
        }
    }
    Err(ClusterError::Program {
        program: "a PostgreSQL of an earlier run",
        detail: format!("processes {:?} do not end", find(dirs)),
    })
}

/// Line 1 of the pid file.
fn postmaster(pgdata: &Path) -> Option<i32> {
    let text = fs::read_to_string(pgdata.join("postmaster.pid")).ok()?;
    text.lines().next()?.trim().parse().ok()
}

/// Processes of PostgreSQL whose working directory is one of `dirs`; a shell that merely stands
/// there is none.
fn find(dirs: &[PathBuf]) -> Vec<i32> {
    let Ok(processes) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    processes
        .flatten()
        .filter_map(|entry| {
            let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
            let here = fs::read_link(entry.path().join("cwd")).ok()?;
            if !dirs.contains(&here) {
                return None;
            }
            let name = fs::read_to_string(entry.path().join("comm")).ok()?;
            ["postgres", "initdb"].contains(&name.trim()).then_some(pid)
        })
        .collect()
}

//! One running PostgreSQL: started by us, ready, stopped by us.

use std::collections::VecDeque;
use std::fs;
use std::os::unix::process::CommandExt;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStderr, Command};
use tokio::task::JoinHandle;
use tokio::time::{Instant, interval, timeout};

use crate::site::Site;
use crate::{ClusterError, PORT};

/// Settings of every cluster: a small server of its own, talking only through the socket. What
/// PostgreSQL logs stays free of row values (security rule S-47): the program logs its own errors.
const ALWAYS: &[(&str, &str)] = &[
    ("listen_addresses", ""),
    ("unix_socket_permissions", "0700"),
    ("shared_buffers", "128MB"),
    ("effective_cache_size", "1GB"),
    ("work_mem", "8MB"),
    ("maintenance_work_mem", "64MB"),
    ("random_page_cost", "1.1"),
    ("jit", "off"),
    ("timezone", "UTC"),
    ("log_timezone", "UTC"),
    ("log_destination", "stderr"),
    ("logging_collector", "off"),
    ("log_line_prefix", ""),
    ("log_min_messages", "log"),
    ("log_min_error_statement", "panic"),
    ("log_error_verbosity", "terse"),
    ("log_checkpoints", "off"),
];
/// Every accepted row survives a power cut.
const DURABLE: &[(&str, &str)] = &[
    ("max_connections", "100"),
    ("fsync", "on"),
    ("synchronous_commit", "on"),
    ("full_page_writes", "on"),
    ("wal_compression", "on"),
    ("checkpoint_timeout", "15min"),
];
/// For tests: fast, and lost with the machine.
const FLEETING: &[(&str, &str)] = &[
    ("max_connections", "200"),
    ("fsync", "off"),
    ("synchronous_commit", "off"),
    ("full_page_writes", "off"),
    ("wal_level", "minimal"),
    ("max_wal_senders", "0"),
    ("checkpoint_timeout", "1h"),
    // A test runs a statement a few times on a connection: planned once, not each time.
    ("plan_cache_mode", "force_generic_plan"),
];

const GLANCE: Duration = Duration::from_millis(20);
/// Recovery after a crash may take its time; a server that lives is given this much.
const READY_WITHIN: Duration = Duration::from_mins(10);

/// The child process with its last words.
pub(crate) struct Server {
    child: Child,
    tail: Tail,
    listener: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts the program and waits until it answers.
    pub async fn start(site: &Site) -> Result<Self, ClusterError> {
        let mut server = Self::spawn(site)?;
        let pid_file = site.pgdata.join("postmaster.pid");
        let begun = Instant::now();
        let mut told = false;
        let mut glance = interval(GLANCE);
        loop {
            tokio::select! {
                _ = server.child.wait() => {
                    let words = server.last_words().await;
                    return Err(ClusterError::program("postgres", &site.data, &words));
                }
                _ = glance.tick() => {}
            }
            let text = fs::read_to_string(&pid_file).unwrap_or_default();
            if server.pid().is_some_and(|pid| says_ready(&text, pid)) {
                return Ok(server);
            }
            if !told && begun.elapsed() > Duration::from_secs(10) {
                told = true;
                tracing::info!("PostgreSQL is still recovering from its last end");
            }
            if begun.elapsed() > READY_WITHIN {
                server.stop().await;
                return Err(ClusterError::Program {
                    program: "postgres",
                    detail: "it did not become ready within 10 minutes".to_owned(),
                });
            }
        }
    }

    fn spawn(site: &Site) -> Result<Self, ClusterError> {
        let program = site.binaries.postgres();
        let mut command = site.account.command(&program, &site.pgdata);
        command.arg("-D").arg(&site.pgdata);
        let mode = if site.durable { DURABLE } else { FLEETING };
        for (name, value) in ALWAYS.iter().chain(mode) {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        command.arg("-c").arg(format!("port={PORT}"));
        let socket = site.socket.to_string_lossy();
        // The setting is a list: quoted, so that a comma in a path is no separator.
        command.arg("-c").arg(format!(
            "unix_socket_directories=\"{}\"",
            socket.replace('"', "\"\"")
        ));
        // A group of its own: Ctrl-C at the terminal reaches us alone, and we stop it in order.
        command.process_group(0);
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = Command::from(command)
            .spawn()
            .map_err(|e| ClusterError::io("running", &program, e))?;
        let tail = Tail::default();
        let listener = child
            .stderr
            .take()
            .map(|words| tokio::spawn(listen(words, tail.clone())));
        Ok(Self {
            child,
            tail,
            listener,
        })
    }

    /// The process id, until the process has been seen to end.
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Returns when the server has ended, for whatever reason.
    pub async fn ended(&mut self) -> Option<ExitStatus> {
        self.child.wait().await.ok()
    }

    /// Fast stop, then immediate, then by force.
    pub async fn stop(&mut self) {
        for (signal, seconds) in [
            (Signal::SIGINT, 20),
            (Signal::SIGQUIT, 5),
            (Signal::SIGKILL, 10),
        ] {
            self.signal(signal);
            let patience = Duration::from_secs(seconds);
            if timeout(patience, self.child.wait()).await.is_ok() {
                return;
            }
            tracing::warn!(%signal, seconds, "PostgreSQL did not stop in time");
        }
    }

    fn signal(&self, signal: Signal) {
        if let Some(pid) = self.pid().and_then(|pid| i32::try_from(pid).ok()) {
            let _ = kill(Pid::from_raw(pid), signal);
        }
    }

    async fn last_words(&mut self) -> Vec<String> {
        if let Some(listener) = self.listener.take() {
            let _ = timeout(Duration::from_secs(2), listener).await;
        }
        self.tail.lines()
    }
}

impl Drop for Server {
    /// Not stopped in order (the runtime went away): at least it is told to end.
    fn drop(&mut self) {
        self.signal(Signal::SIGINT);
    }
}

fn says_ready(pid_file: &str, pid: u32) -> bool {
    let mut lines = pid_file.lines();
    let first = lines.next().unwrap_or_default();
    first.trim() == pid.to_string() && lines.nth(6).is_some_and(|line| line.trim() == "ready")
}

/// The last lines a server wrote, to tell why it ended.
#[derive(Default, Clone)]
struct Tail(Arc<Mutex<VecDeque<String>>>);

impl Tail {
    fn push(&self, line: String) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == 20 {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    fn lines(&self) -> Vec<String> {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().cloned().collect()
    }
}

/// Connections that end with a server that is told to stop are no alarm: we tell it, and who else does is told by its end.
fn is_alarm(line: &str) -> bool {
    let severe = line.starts_with("FATAL:") || line.starts_with("PANIC:");
    severe && !line.ends_with("terminating connection due to administrator command")
}

async fn listen(words: ChildStderr, tail: Tail) {
    let mut words = BufReader::new(words);
    let mut raw = Vec::new();
    while let Ok(1..) = words.read_until(b'\n', &mut raw).await {
        let line = String::from_utf8_lossy(&raw).trim_end().to_owned();
        raw.clear();
        if is_alarm(&line) {
            tracing::error!(target: "postgres", "{line}");
        } else {
            tracing::debug!(target: "postgres", "{line}");
        }
        tail.push(line);
    }
}

#[cfg(test)]
mod tests {
    use super::{is_alarm, says_ready};

    #[test]
    fn a_stop_that_was_told_is_no_alarm_and_a_server_that_fails_is() {
        let stopped = "FATAL:  terminating connection due to administrator command";
        let broken =
            "PANIC:  could not write to file \"pg_wal/xlogtemp.1\": No space left on device";
        let refused = "FATAL:  the database system is shutting down";
        assert_eq!(
            [stopped, broken, refused].map(is_alarm),
            [false, true, true]
        );
        assert!(!is_alarm("LOG:  checkpoint starting: time"));
    }

    #[test]
    fn only_our_own_child_that_says_ready_is_ready() {
        let file = "4711\n/d\n1700000000\n5432\n/s\n\n  65537\nready   \n";
        assert!(says_ready(file, 4711));
        assert!(!says_ready(file, 4712));
        assert!(!says_ready(&file.replace("ready", "starting"), 4711));
        assert!(!says_ready("4711\n/d\n", 4711));
    }
}

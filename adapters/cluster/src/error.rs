//! What can keep the cluster from starting: one sentence each, for the person at the console.

use std::io;
use std::path::{Path, PathBuf};

/// Why the private cluster did not start; each says in one sentence what is wrong and what helps.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// No server programs, or not of the version the data was written by.
    #[error("{}", not_installed(*.wanted))]
    NotInstalled {
        /// The major version that existing data needs; none for a new cluster.
        wanted: Option<u32>,
    },
    /// Programs too old for the walls that the schema raises.
    #[error(
        "PostgreSQL {found} in {} is too old: version {} or newer is needed (Debian 12: apt-get install postgresql)",
        .dir.display(), crate::OLDEST
    )]
    TooOld {
        /// Major version found.
        found: u32,
        /// Where it was found.
        dir: PathBuf,
    },
    /// Another instance of ours owns the directory.
    #[error(
        "the data directory {} is already in use by another instance{}: stop that one first, or choose another directory",
        .dir.display(), .pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
    )]
    InUse {
        /// The directory both want.
        dir: PathBuf,
        /// The other's process id, where it could be read.
        pid: Option<u32>,
    },
    /// The account that PostgreSQL runs as cannot get into the directory.
    #[error(
        "PostgreSQL must not run as root and runs as \"{account}\" instead, but that account may not enter {}: move the data directory elsewhere, or allow it with: chmod o+x {}",
        .dir.display(), .dir.display()
    )]
    CannotEnter {
        /// The outermost directory that refuses.
        dir: PathBuf,
        /// The account that is refused.
        account: String,
    },
    /// A directory or file of ours that we may not read or write.
    #[error(
        "{} cannot be used ({source}): it must belong to the user who starts the program",
        .path.display()
    )]
    NotOurs {
        /// What refused.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No room for the cluster.
    #[error("the disk that holds {} is full: free some space (at least {need_mb} MB) and start again", .path.display())]
    DiskFull {
        /// What did not fit.
        path: PathBuf,
        /// How much is needed at least.
        need_mb: u64,
    },
    /// Started by root, and there is nobody to drop to.
    #[error(
        "PostgreSQL must not run as root, and there is neither an account \"postgres\" nor \"nobody\" to run it as"
    )]
    NoAccount,
    /// The directory holds something that is not a cluster.
    #[error("{} is not a PostgreSQL data directory and not empty: move it away and start again", .path.display())]
    NotACluster {
        /// The directory.
        path: PathBuf,
    },
    /// One of PostgreSQL's programs gave up.
    #[error("{program} did not succeed: {detail}")]
    Program {
        /// Which program.
        program: &'static str,
        /// Its last words.
        detail: String,
    },
    /// Something else the system refused.
    #[error("{doing} {} failed: {source}", .path.display())]
    Io {
        /// What was being done, as a gerund.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl ClusterError {
    /// Stable code for logs and tests.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotInstalled { .. } => "cluster.not_installed",
            Self::TooOld { .. } => "cluster.too_old",
            Self::InUse { .. } => "cluster.in_use",
            Self::CannotEnter { .. } => "cluster.cannot_enter",
            Self::NotOurs { .. } => "cluster.not_ours",
            Self::DiskFull { .. } => "cluster.disk_full",
            Self::NoAccount => "cluster.no_account",
            Self::NotACluster { .. } => "cluster.not_a_cluster",
            Self::Program { .. } => "cluster.program",
            Self::Io { .. } => "cluster.io",
        }
    }

    /// Sorts a refusal of the system into full, not ours, or something else.
    pub(crate) fn io(doing: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull {
                path,
                need_mb: crate::files::ROOM_MB,
            },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::NotOurs { path, source }
            }
            _ => Self::Io {
                doing,
                path,
                source,
            },
        }
    }

    /// Reads a program's last words: a full disk is told as such, else the line that matters.
    pub(crate) fn program(program: &'static str, data: &Path, words: &[String]) -> Self {
        if words
            .iter()
            .any(|line| line.contains("No space left on device") || line.contains("Disk quota"))
        {
            return Self::DiskFull {
                path: data.to_owned(),
                need_mb: crate::files::ROOM_MB,
            };
        }
        let weighty = |line: &&String| {
            ["FATAL:", "PANIC:", "error:"]
                .iter()
                .any(|word| line.contains(word))
        };
        let detail = words
            .iter()
            .rfind(weighty)
            .or(words.last())
            .map_or("it said nothing", |line| line.trim());
        Self::Program {
            program,
            detail: detail.to_owned(),
        }
    }
}

fn not_installed(wanted: Option<u32>) -> String {
    match wanted {
        Some(major) => format!(
            "the data directory was written by PostgreSQL {major}, whose server programs were not found: install them (Debian: apt-get install postgresql-{major})"
        ),
        None => "the PostgreSQL server programs were not found: install them (Debian: apt-get install postgresql)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn a_full_disk_is_told_as_such_whoever_noticed_it() {
        let seen = ClusterError::program(
            "postgres",
            Path::new("/d"),
            &words(&[
                "FATAL:  could not write lock file \"postmaster.pid\": No space left on device",
            ]),
        );
        assert_eq!(seen.code(), "cluster.disk_full");
        let full = io::Error::from(io::ErrorKind::StorageFull);
        let seen = ClusterError::io("creating", Path::new("/d"), full);
        assert!(seen.to_string().contains("the disk that holds /d is full"));
    }

    #[test]
    fn the_line_that_matters_is_picked_from_a_programs_last_words() {
        let seen = ClusterError::program(
            "postgres",
            Path::new("/d"),
            &words(&["LOG:  starting", "FATAL:  bogus setting", "LOG:  shut down"]),
        );
        assert_eq!(
            seen.to_string(),
            "postgres did not succeed: FATAL:  bogus setting"
        );
    }

    #[test]
    fn a_missing_version_names_its_package() {
        let seen = ClusterError::NotInstalled { wanted: Some(15) };
        assert!(seen.to_string().contains("apt-get install postgresql-15"));
    }
}

//! Finding PostgreSQL's server programs.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::{ClusterError, OLDEST};

/// Where Debian and its relatives keep one directory per major version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// The programs of one version.
#[derive(Debug, Clone)]
pub(crate) struct Binaries {
    dir: PathBuf,
}

impl Binaries {
    /// The configured directory, else the newest fitting one of Debian's layout, else the search path.
    pub fn find(configured: Option<&Path>, wanted: Option<u32>) -> Result<Self, ClusterError> {
        let candidates = match configured {
            Some(dir) => vec![dir.to_owned()],
            None => candidates(),
        };
        let mut found: Vec<(u32, PathBuf)> = candidates
            .into_iter()
            .filter_map(|dir| version_of(&dir).map(|major| (major, dir)))
            .filter(|(major, _)| wanted.is_none_or(|wanted| wanted == *major))
            .collect();
        found.sort_by_key(|(major, _)| *major);
        match found.pop() {
            None => Err(ClusterError::NotInstalled { wanted }),
            Some((found, dir)) if found < OLDEST => Err(ClusterError::TooOld { found, dir }),
            Some((_, dir)) => Ok(Self { dir }),
        }
    }

    pub fn initdb(&self) -> PathBuf {
        self.dir.join("initdb")
    }

    pub fn postgres(&self) -> PathBuf {
        self.dir.join("postgres")
    }
}

fn candidates() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let on_path = env::split_paths(&path);
    let debian = fs::read_dir(DEBIAN)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"));
    // Among equals the last wins: Debian's layout before whatever the search path offers.
    on_path
        .chain(debian)
        .filter(|dir| dir.join("initdb").is_file())
        .collect()
}

/// Asks the server program itself: `postgres (PostgreSQL) 15.13 (Debian …)`.
fn version_of(dir: &Path) -> Option<u32> {
    let asked = Command::new(dir.join("postgres")).arg("--version").output();
    parse_version(&String::from_utf8_lossy(&asked.ok()?.stdout))
}

fn parse_version(line: &str) -> Option<u32> {
    let number = line.split(") ").nth(1)?;
    let digits = number.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_releases_and_from_previews() {
        let release = "postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)\n";
        assert_eq!(parse_version(release), Some(15));
        assert_eq!(parse_version("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(parse_version("bash: postgres: not found"), None);
    }

    #[test]
    fn data_of_a_version_that_is_not_there_names_the_version() {
        let refused = Binaries::find(None, Some(9)).expect_err("no such version");
        assert!(matches!(
            refused,
            ClusterError::NotInstalled { wanted: Some(9) }
        ));
    }

    #[test]
    fn a_configured_directory_without_programs_is_refused() {
        let refused = Binaries::find(Some(Path::new("/nonexistent")), None).expect_err("empty");
        assert_eq!(refused.code(), "cluster.not_installed");
    }
}

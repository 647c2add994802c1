//! Who PostgreSQL runs as: it refuses root, so started by root we drop to another account.

use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs, io};

use nix::unistd::{Uid, User, getegid, geteuid};

use crate::ClusterError;

/// The account of the server's processes and files.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub uid: u32,
    pub gid: u32,
    name: String,
    /// We are root and become somebody else.
    pub drops: bool,
}

impl Account {
    /// The owner of existing data, else `postgres`, else `nobody`; without root always ourselves.
    pub fn choose(pgdata: &Path) -> Result<Self, ClusterError> {
        let me = geteuid();
        let owner = fs::metadata(pgdata).ok().map(|meta| meta.uid());
        if !me.is_root() {
            return match owner {
                Some(other) if other != me.as_raw() => Err(ClusterError::NotOurs {
                    path: pgdata.to_owned(),
                    source: io::Error::other(format!("it belongs to {}", name_of(other))),
                }),
                _ => Ok(Self {
                    uid: me.as_raw(),
                    gid: getegid().as_raw(),
                    name: name_of(me.as_raw()),
                    drops: false,
                }),
            };
        }
        let of_data = owner
            .filter(|uid| *uid != 0)
            .and_then(|uid| User::from_uid(Uid::from_raw(uid)).ok().flatten());
        let named = |name| User::from_name(name).ok().flatten();
        let user = of_data
            .or_else(|| named("postgres"))
            .or_else(|| named("nobody"))
            .ok_or(ClusterError::NoAccount)?;
        Ok(Self {
            uid: user.uid.as_raw(),
            gid: user.gid.as_raw(),
            name: user.name,
            drops: true,
        })
    }

    /// A command that runs as this account, in `dir`, with nothing of our environment but the paths.
    pub fn command(&self, program: &Path, dir: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().current_dir(dir).stdin(Stdio::null());
        for name in ["PATH", "LD_LIBRARY_PATH"] {
            if let Some(value) = env::var_os(name) {
                command.env(name, value);
            }
        }
        if self.drops {
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Refuses, by name, the outermost directory on the way to `dir` that the account may not enter.
    pub fn check_way_to(&self, dir: &Path) -> Result<(), ClusterError> {
        if self.may_enter(dir)? {
            return Ok(());
        }
        let mut way: Vec<&Path> = dir.ancestors().collect();
        way.reverse();
        for step in way {
            if !self.may_enter(step)? {
                return Err(ClusterError::CannotEnter {
                    dir: step.to_owned(),
                    account: self.name.clone(),
                });
            }
        }
        Ok(())
    }

    /// Asks the kernel itself, by entering: modes alone do not tell (access lists, mounts).
    pub fn may_enter(&self, dir: &Path) -> Result<bool, ClusterError> {
        if !self.drops {
            return Ok(true);
        }
        let outcome = self
            .command(Path::new("true"), dir)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        match outcome {
            Ok(_) => Ok(true),
            Err(refused) if refused.kind() == io::ErrorKind::PermissionDenied => Ok(false),
            Err(other) => Err(ClusterError::io("entering", dir, other)),
        }
    }
}

fn name_of(uid: u32) -> String {
    User::from_uid(Uid::from_raw(uid))
        .ok()
        .flatten()
        .map_or_else(|| format!("user {uid}"), |user| user.name)
}

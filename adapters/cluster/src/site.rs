//! Everything that must be true before a server can start, in order.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Stdio;

use crate::account::Account;
use crate::binaries::Binaries;
use crate::{ClusterConfig, ClusterError, SUPERUSER, files, orphans};

/// A prepared place: locked, owned, initialised, with nobody else in it.
#[derive(Debug)]
pub(crate) struct Site {
    pub data: PathBuf,
    pub pgdata: PathBuf,
    pub socket: PathBuf,
    pub durable: bool,
    pub account: Account,
    pub binaries: Binaries,
    _locks: (files::Lock, Option<files::Lock>),
}

impl Site {
    /// Takes the directory, stops what an earlier run left, and makes the cluster where there is none.
    /// Blocks.
    pub fn prepare(config: &ClusterConfig) -> Result<Self, ClusterError> {
        let data = files::open_data_dir(&config.data_dir)?;
        let lock = files::lock(&data)?;
        let home = files::Home::find(&data)?;
        let (data, account) = (home.dir, home.account);
        let pgdata = data.join("pgdata");
        let version = files::data_version(&pgdata)?;
        files::check_room(&data, version.is_none())?;
        let binaries = Binaries::find(config.binaries.as_deref(), version)?;
        let site = Self {
            socket: files::socket_dir(&data, &account)?,
            durable: config.durable,
            account,
            binaries,
            data,
            pgdata,
            _locks: (lock, home.lock),
        };
        orphans::stop_all(&site.places())?;
        if version.is_none() {
            site.init()?;
        }
        files::heal_owner(&site.pgdata, &site.account)?;
        site.clear_leftovers();
        Ok(site)
    }

    /// Ends whatever runs here and removes what a dead server leaves: pid file and socket. Blocks.
    pub fn clear(&self) -> Result<(), ClusterError> {
        orphans::stop_all(&self.places())?;
        self.clear_leftovers();
        Ok(())
    }

    fn clear_leftovers(&self) {
        // Safe: we hold the lock and no server works here; the number in the file may be anybody's.
        let _ = fs::remove_file(self.pgdata.join("postmaster.pid"));
        let socket = format!(".s.PGSQL.{}", crate::PORT);
        let _ = fs::remove_file(self.socket.join(&socket));
        let _ = fs::remove_file(self.socket.join(socket + ".lock"));
    }

    fn unfinished(&self) -> PathBuf {
        self.data.join("pgdata.new")
    }

    fn places(&self) -> [PathBuf; 2] {
        [self.pgdata.clone(), self.unfinished()]
    }

    /// initdb beside the real place, then one rename: all or nothing.
    fn init(&self) -> Result<(), ClusterError> {
        let new = self.unfinished();
        let failed = |e| ClusterError::io("preparing", &new, e);
        if new.exists() {
            fs::remove_dir_all(&new).map_err(failed)?;
        }
        files::private_dir(&new, &self.account)?;
        tracing::info!(dir = %self.pgdata.display(), "making a new PostgreSQL cluster");
        let mut initdb = self.account.command(&self.binaries.initdb(), &new);
        initdb.arg("--pgdata").arg(&new).args([
            &format!("--username={SUPERUSER}"),
            "--auth-local=trust",
            "--auth-host=reject",
            "--encoding=UTF8",
            "--locale=C",
            "--lc-ctype=C.UTF-8",
            "--data-checksums",
            "--no-instructions",
        ]);
        if !self.durable {
            initdb.arg("--no-sync");
        }
        let outcome = initdb
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .output()
            .map_err(|e| ClusterError::io("running", &self.binaries.initdb(), e))?;
        if !outcome.status.success() {
            let words: Vec<String> = String::from_utf8_lossy(&outcome.stderr)
                .lines()
                .filter(|line| !line.contains("removing contents of"))
                .map(str::to_owned)
                .collect();
            let _ = fs::remove_dir_all(&new);
            return Err(ClusterError::program("initdb", &self.data, &words));
        }
        fs::rename(&new, &self.pgdata).map_err(failed)?;
        File::open(&self.data)
            .and_then(|dir| dir.sync_all())
            .map_err(failed)
    }
}

//! The rehearsed restore (S-53): the operators' script brings copies of a running database up, and says that it went well only of a
//! copy from which nothing is missing.

use std::{
    ffi::OsStr,
    fs::{self, Permissions},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::Stdio,
    str::FromStr as _,
    sync::Arc,
    time::Duration,
};

use application::{
    access::{Guard, Permit},
    audit::link::Chain,
    ports::{
        audit::{AuditEntry, DoorAudit as _},
        clock::Clock as _,
    },
};
use cluster::{Cluster, ClusterConfig, SUPERUSER};
use nix::unistd::geteuid;
use postgres_adapter::{PgDoor, PgStore, pool, provision::APP_LOGIN};
use sqlx::{
    Executor as _, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::{process::Command, time::timeout};
use vault::{Key, SystemTokens};
use yijianrong::{audit::KeptHead, clock::SystemClock, database::city_id_of};

const DATABASE: &str = "yijianrong";
const CITY: &str = "cangzhou";
/// A script that waits for what never comes is a failure, too.
const PATIENCE: Duration = Duration::from_mins(5);

/// A running database whose files are copied, and all that the account of its files needs to run the script.
struct Source {
    cluster: Cluster,
    folder: PathBuf,
    owner: PgPool,
    app: PgPool,
    chain: Chain,
    keys: [String; 3],
    /// Where PostgreSQL's programs are.
    programs: PathBuf,
}

/// What a rehearsal came to.
struct Told {
    went_well: bool,
    text: String,
}

impl Told {
    #[track_caller]
    fn good(&self, words: &str) {
        assert!(self.went_well, "{}", self.text);
        assert!(self.text.contains(words), "{words}: {}", self.text);
    }

    #[track_caller]
    fn bad(&self, words: &str) {
        assert!(!self.went_well, "{}", self.text);
        assert!(self.text.contains(words), "{words}: {}", self.text);
        // The line with which a rehearsal ends that found nothing.
        assert!(!self.text.contains(" s, checked "), "{}", self.text);
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn job() -> Permit {
    let city = city_id_of(CITY);
    Guard::job(city, [city].into())
}

async fn opened(url: &str) -> PgPool {
    let options = PgConnectOptions::from_str(url).expect("an address");
    pool(options, 2).await.expect("it opens")
}

/// What a command says, and whether it ended well.
async fn told(mut command: Command) -> Told {
    let ended = timeout(PATIENCE, command.output()).await;
    let ended = ended.expect("it ends").expect("it runs");
    let [out, error] =
        [ended.stdout, ended.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Told {
        went_well: ended.status.success(),
        text: [out, error].concat(),
    }
}

impl Source {
    async fn new() -> Self {
        let folder =
            std::env::temp_dir().join(format!("yjr-rehearsal-{:08x}", rand::random::<u32>()));
        let work = folder.join("work");
        fs::create_dir_all(&work).expect("a folder");
        for (place, mode) in [(&folder, 0o755), (&work, 0o777)] {
            fs::set_permissions(place, Permissions::from_mode(mode)).expect("its mode");
        }
        // Copies are taken of a server that keeps a log to copy, as the throwaway one of the other tests does not.
        let config = ClusterConfig {
            data_dir: folder.join("cluster"),
            durable: true,
            binaries: None,
        };
        let cluster = Cluster::start(config).await.expect("a cluster");
        let server = opened(&cluster.admin_url(SUPERUSER)).await;
        server
            .execute("create database yijianrong")
            .await
            .expect("a database");
        let programs: String =
            sqlx::query_scalar("select setting from pg_config where name = 'BINDIR'")
                .fetch_one(&server)
                .await
                .expect("the server knows");
        server.close().await;
        let app = opened_later(&cluster.url_for(APP_LOGIN, DATABASE));
        let tokens = Key::from_bytes(rand::random());
        let source = Self {
            owner: opened(&cluster.admin_url(DATABASE)).await,
            chain: Chain {
                store: Arc::new(PgStore::new(app.clone())),
                tokens: Arc::new(SystemTokens::new(&tokens)),
            },
            app,
            keys: std::array::from_fn(|_| hex::encode(rand::random::<[u8; 32]>())),
            programs: programs.into(),
            cluster,
            folder,
        };
        source.bring_along().await;
        source
    }

    /// The script, the program and the cities' files, where the account may read them wherever this clone lies; and the schema.
    async fn bring_along(&self) {
        let script = root().join("docs/operations/rehearse-restore");
        fs::copy(script, self.script()).expect("the script");
        let built = Path::new(env!("CARGO_BIN_EXE_yijianrong"));
        let here = self.folder.join("yijianrong");
        fs::hard_link(built, &here)
            .or_else(|_| fs::copy(built, &here).map(|_| ()))
            .expect("the program");
        let mut copy = Command::new("bash");
        let catalog = self.folder.join("catalog");
        copy.args(["-c", "cp -r \"$0\" \"$1\" && chmod -R a+rX \"$1\""])
            .args([root().join("tenants/catalog"), catalog]);
        told(copy).await.good("");
        let mut migrate = self.by_account(&here);
        migrate
            .arg("migrate")
            .env("DATABASE_URL", self.cluster.url_for(APP_LOGIN, DATABASE))
            .env("OWNER_DATABASE_URL", self.cluster.admin_url(DATABASE));
        told(migrate).await.good("migrated");
    }

    fn script(&self) -> PathBuf {
        self.folder.join("rehearse-restore")
    }

    /// Where the account may write.
    fn work(&self) -> PathBuf {
        self.folder.join("work")
    }

    /// A command under the account whose files the server's are: PostgreSQL's programs refuse root.
    fn by_account(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("TMPDIR", self.work())
            .env("PG_BIN", &self.programs)
            .env("YIJIANRONG", self.folder.join("yijianrong"))
            .env("APP_ENV", "demo")
            .env("YJR_CATALOG", self.folder.join("catalog"))
            .env("YJR_DATA", self.work().join("data"))
            .current_dir(self.work())
            .stdin(Stdio::null())
            .kill_on_drop(true);
        for (name, key) in ["MASTER", "PEPPER", "TOKENS"].iter().zip(&self.keys) {
            command
                .env(format!("YJR_KEY_{name}"), format!("env:REHEARSAL_{name}"))
                .env(format!("REHEARSAL_{name}"), key);
        }
        if geteuid().is_root() {
            let files = fs::metadata(self.cluster.data_dir().join("pgdata")).expect("its files");
            command.uid(files.uid()).gid(files.gid());
        }
        command
    }

    /// One entry of the log after the other, linked as the worker links them.
    async fn note(&self, objects: &[&str]) {
        let door = PgDoor::new(self.app.clone());
        for object in objects {
            let entry = AuditEntry {
                id: SystemClock.new_id(),
                actor: None,
                actor_name: String::new(),
                actor_tenant: None,
                action: "test",
                object: (*object).to_owned(),
                outcome: "ok",
                detail: serde_json::json!({}),
                ip: String::new(),
                request_id: String::new(),
                at: SystemClock.now(),
            };
            door.note(city_id_of(CITY), entry).await.expect("noted");
        }
        let linked = self.chain.link(&job()).await.expect("it links");
        assert_eq!(linked, objects.len());
    }

    /// The head as `audit` prints it, for somebody to keep.
    async fn head(&self) -> String {
        let walked = self.chain.check_against(&job(), &[]).await;
        let walked = walked.expect("it checks");
        assert_eq!(walked.faults, []);
        let kept = KeptHead {
            city: CITY.to_owned(),
            head: walked.head.expect("a head"),
        };
        kept.to_string()
    }

    /// A backup as the operators take it every night.
    async fn base(&self) -> PathBuf {
        let base = self.work().join("base");
        let mut command = self.by_account(self.programs.join("pg_basebackup"));
        command
            .args(["-X", "stream", "--checkpoint=fast", "-d"])
            .arg(self.server())
            .arg("-D")
            .arg(&base);
        told(command).await.good("");
        base
    }

    /// The log up to now, as `archive_command` puts it away.
    async fn archive(&self) -> PathBuf {
        self.owner
            .execute("select pg_switch_wal()")
            .await
            .expect("a new piece of the log");
        let archive = self.work().join("archive");
        let mut command = self.by_account("bash");
        let copy = "mkdir \"$0\" && cp \"$1\"/pg_wal/0* \"$0\"";
        command
            .args(["-c", copy])
            .args([&archive, &self.cluster.data_dir().join("pgdata")]);
        told(command).await.good("");
        archive
    }

    /// The backup with one byte of the log's table turned.
    async fn damaged(&self, base: &Path) -> PathBuf {
        let damaged = self.work().join("damaged");
        let mut command = self.by_account("cp");
        command.arg("-a").arg(base).arg(&damaged);
        told(command).await.good("");
        let table: String = sqlx::query_scalar("select pg_relation_filepath('audit_entries')")
            .fetch_one(&self.owner)
            .await
            .expect("its file");
        let file = damaged.join(table);
        let mut bytes = fs::read(&file).expect("the table");
        let last = bytes.last_mut().expect("a page");
        *last ^= 1;
        fs::write(&file, bytes).expect("written");
        damaged
    }

    fn server(&self) -> String {
        self.cluster.admin_url(SUPERUSER)
    }

    async fn rehearse(&self, words: &[&str]) -> Told {
        let mut command = self.by_account(self.script());
        command.args(words);
        told(command).await
    }

    async fn gone(self) {
        self.owner.close().await;
        self.app.close().await;
        self.cluster.stop().await;
        fs::remove_dir_all(&self.folder).ok();
    }
}

/// The login is made by the migration.
fn opened_later(url: &str) -> PgPool {
    let options = PgConnectOptions::from_str(url).expect("an address");
    PgPoolOptions::new()
        .max_connections(2)
        .connect_lazy_with(options)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_goes_well_with_a_whole_copy_only_and_names_what_is_missing_from_another() {
    let source = Source::new().await;
    source.note(&["1", "2", "3"]).await;
    let base = source.base().await;
    let early = source.head().await;
    let moment: String = sqlx::query_scalar("select clock_timestamp()::text")
        .fetch_one(&source.owner)
        .await
        .expect("the time");
    source.note(&["4", "5"]).await;
    let late = source.head().await;
    let archive = source.archive().await;
    let damaged = source.damaged(&base).await;
    let [base, archive, damaged] =
        [&base, &archive, &damaged].map(|path| path.display().to_string());

    let from = source.server();
    let mut blind = source.by_account(source.script());
    blind
        .env("YIJIANRONG", "/nowhere/yijianrong")
        .args(["--from", &from]);
    let anew = ["--from", &from, "--head", &late];
    let to_the_end = ["--base", &base, "--archive", &archive, "--head", &late];
    let to_a_moment = [
        "--base",
        &base,
        "--archive",
        &archive,
        "--head",
        &early,
        "--to",
        &moment,
    ];
    let past_the_end = [
        "--base",
        &base,
        "--archive",
        &archive,
        "--to",
        "2099-01-01 00:00:00+08",
    ];
    let without_log = ["--base", &base, "--head", &late];
    let of_damaged = ["--base", damaged.as_str()];
    let (new, whole, then, short, beyond, broken, unseen) = tokio::join!(
        source.rehearse(&anew),
        source.rehearse(&to_the_end),
        source.rehearse(&to_a_moment),
        source.rehearse(&without_log),
        source.rehearse(&past_the_end),
        source.rehearse(&of_damaged),
        told(blind),
    );
    for copy in [&new, &whole] {
        copy.good(&format!("head {late}"));
        copy.good("cangzhou: 0 applications replayed, 0 differences; log chain: 0 faults");
        copy.good(" s, checked ");
    }
    then.good(&format!("head {early}"));
    // Two rows were accepted after the copy was taken, and no log brings them.
    short.bad("the end is missing: links 4 to 5");
    beyond.bad("recovery ended before configured recovery target was reached");
    broken.bad("checksum mismatch");
    unseen.bad("YIJIANRONG names no program");

    // As somebody would who owns the machine: triggers off, then the deed.
    let deed = "begin; set local session_replication_role = replica; delete from audit_entries where object = '2';
                alter table messages no force row level security; commit";
    source.owner.execute(deed).await.expect("an owner can");
    let robbed = source.rehearse(&["--from", &from]).await;
    robbed.bad("link 2: its entry is gone");
    robbed.bad("tables without their wall: messages");
    source.gone().await;
}

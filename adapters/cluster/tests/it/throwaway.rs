//! The helper program, and an owner killed without warning.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use cluster::{Cluster, Throwaway};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::kit::{Place, config, connect, kill_nine, remember, remembered};

/// The helper with a place of its own to put clusters, running `script`.
fn helper(place: &Place, script: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_throwaway"));
    command.args(["--", "sh", "-c", script]);
    command.env("TMPDIR", &place.0);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// Starts it with a command that tells its URL and then waits for its input to end.
fn waiting(place: &Place) -> (Child, String) {
    let mut owner = helper(place, "echo $TEST_ADMIN_URL; exec cat")
        .spawn()
        .expect("the helper");
    let mut url = String::new();
    let mut words = BufReader::new(owner.stdout.take().expect("its output"));
    words.read_line(&mut url).expect("a line");
    assert!(url.starts_with("postgres://postgres@"), "{url:?}");
    (owner, url.trim().to_owned())
}

fn the_only_dir(place: &Place) -> PathBuf {
    let mut dirs = std::fs::read_dir(&place.0).expect("the place");
    let dir = dirs.next().expect("one directory").expect("readable");
    assert!(dirs.next().is_none(), "one directory only");
    dir.path()
}

fn is_empty(place: &Place) -> bool {
    std::fs::read_dir(&place.0)
        .expect("the place")
        .next()
        .is_none()
}

fn postmaster(data: &Path) -> u32 {
    let text = std::fs::read_to_string(data.join("pgdata/postmaster.pid")).expect("a pid file");
    let first = text.lines().next().expect("a line");
    first.parse().expect("a number")
}

#[tokio::test]
async fn an_owner_killed_with_nine_leaves_a_place_that_the_next_one_takes_over() {
    let place = Place::new();
    let (mut owner, url) = waiting(&place);
    remember(&url, "accepted").await;
    let data = the_only_dir(&place);
    let orphan = postmaster(&data);
    kill_nine(owner.id());
    owner.wait().expect("its end");
    assert!(
        Path::new(&format!("/proc/{orphan}")).exists(),
        "the server outlives its owner, or this test tests nothing"
    );

    let next = Cluster::start(config(&data)).await.expect("a take-over");
    assert_ne!(postmaster(&data), orphan);
    assert_eq!(remembered(&next.admin_url("postgres")).await, ["accepted"]);
    next.stop().await;
}

#[tokio::test]
async fn owner_and_server_killed_together_still_leave_a_usable_place() {
    let place = Place::new();
    let (mut owner, url) = waiting(&place);
    remember(&url, "accepted").await;
    let data = the_only_dir(&place);
    kill_nine(owner.id());
    kill_nine(postmaster(&data));
    owner.wait().expect("its end");

    let next = Cluster::start(config(&data)).await.expect("a recovery");
    assert_eq!(remembered(&next.admin_url("postgres")).await, ["accepted"]);
    next.stop().await;
}

#[test]
fn the_commands_exit_code_is_the_helpers_and_nothing_is_left() {
    let place = Place::new();
    let status = helper(&place, "test -n \"$TEST_ADMIN_URL\" && exit 7")
        .status()
        .expect("the helper");
    assert_eq!(status.code(), Some(7));
    assert!(is_empty(&place));
}

#[test]
fn a_command_that_does_not_exist_is_told_and_nothing_is_left() {
    let place = Place::new();
    let outcome = Command::new(env!("CARGO_BIN_EXE_throwaway"))
        .args(["--", "/no/such/command"])
        .env("TMPDIR", &place.0)
        .output()
        .expect("the helper");
    assert_eq!(outcome.status.code(), Some(125));
    let words = String::from_utf8_lossy(&outcome.stderr);
    assert!(
        words.contains("/no/such/command could not be started"),
        "{words}"
    );
    assert!(is_empty(&place));
}

#[test]
fn both_signals_stop_the_command_and_leave_nothing() {
    for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        let place = Place::new();
        let (mut helper, _) = waiting(&place);
        // Kept open: the command is to end by the signal, not because its input ends.
        let input = helper.stdin.take();
        let pid = Pid::from_raw(i32::try_from(helper.id()).expect("a pid"));
        kill(pid, signal).expect("a signal");
        assert_eq!(helper.wait().expect("its end").code(), Some(code));
        drop(input);
        assert!(is_empty(&place), "{signal}");
    }
}

#[test]
fn what_a_killed_run_left_is_removed_by_a_later_one() {
    let place = Place::new();
    let (mut owner, _) = waiting(&place);
    let data = the_only_dir(&place);
    let orphan = postmaster(&data);
    kill_nine(owner.id());
    owner.wait().expect("its end");
    let lock = std::fs::File::options()
        .write(true)
        .open(data.join("lock"))
        .expect("the lock");
    lock.set_modified(SystemTime::now() - Duration::from_mins(2))
        .expect("an older lock");

    let status = helper(&place, "true").status().expect("the helper");
    assert!(status.success());
    assert!(is_empty(&place));
    assert!(!Path::new(&format!("/proc/{orphan}/cwd")).exists());
}

#[tokio::test]
async fn the_library_offers_the_same() {
    let word: String = cluster::with_throwaway(async |url| {
        sqlx::query_scalar("select 'here'")
            .fetch_one(&mut connect(url).await)
            .await
            .expect("an answer")
    })
    .await
    .expect("a cluster");
    assert_eq!(word, "here");

    let throwaway = Throwaway::start().await.expect("another");
    let dir = throwaway.cluster().data_dir().to_owned();
    throwaway.stop().await.expect("its end");
    assert!(!dir.exists());
}

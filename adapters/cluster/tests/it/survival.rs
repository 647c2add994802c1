//! Starts, stops, crashes.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use cluster::{Cluster, ClusterConfig};

use crate::kit::{Place, back_again, config, connect, kill_nine, pid_of, remember, remembered};

async fn setting(url: &str, name: &'static str) -> String {
    sqlx::query_scalar("select current_setting($1)")
        .bind(name)
        .fetch_one(&mut connect(url).await)
        .await
        .expect("a setting")
}

#[tokio::test]
async fn what_was_written_is_there_after_a_stop_and_a_start() {
    let place = Place::new();
    let first = Cluster::start(place.config()).await.expect("a new cluster");
    remember(&first.admin_url("postgres"), "kept").await;
    first.stop().await;

    let second = Cluster::start(place.config()).await.expect("the same one");
    assert_eq!(remembered(&second.admin_url("postgres")).await, ["kept"]);
    second.stop().await;
    assert!(
        !place.data().join("pgdata/postmaster.pid").exists(),
        "a stop in order leaves no pid file"
    );
}

#[tokio::test]
async fn a_durable_cluster_is_utf8_in_utc_with_checksums_and_without_a_network_port() {
    let place = Place::new();
    let config = ClusterConfig {
        durable: true,
        ..place.config()
    };
    let cluster = Cluster::start(config).await.expect("a cluster");
    let url = cluster.admin_url("postgres");
    for (name, expected) in [
        ("server_encoding", "UTF8"),
        ("timezone", "UTC"),
        ("data_checksums", "on"),
        ("listen_addresses", ""),
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("max_connections", "100"),
        ("shared_buffers", "128MB"),
    ] {
        assert_eq!(setting(&url, name).await, expected, "{name}");
    }
    cluster.stop().await;
}

#[tokio::test]
async fn the_server_comes_back_after_kill_nine_and_keeps_what_was_committed() {
    let place = Place::new();
    let config = ClusterConfig {
        durable: true,
        ..place.config()
    };
    let cluster = Cluster::start(config).await.expect("a cluster");
    let url = cluster.admin_url("postgres");
    remember(&url, "before").await;

    let first = pid_of(&cluster);
    kill_nine(first);
    let second = back_again(&cluster, first).await;
    remember(&url, "between").await;
    kill_nine(second);
    back_again(&cluster, second).await;

    assert_eq!(remembered(&url).await, ["before", "between"]);
    cluster.stop().await;
}

#[tokio::test]
async fn a_stale_pid_file_and_a_stale_socket_do_not_keep_it_from_starting() {
    let place = Place::new();
    Cluster::start(place.config())
        .await
        .expect("a cluster")
        .stop()
        .await;
    // Our own number: a living process, as after a reboot when another got the old one's number.
    let pgdata = place.data().join("pgdata");
    let stale = format!(
        "{}\n{}\n1700000000\n5432\n{}\n\n 1 1\nready\n",
        std::process::id(),
        pgdata.display(),
        place.data().join("socket").display()
    );
    fs::write(pgdata.join("postmaster.pid"), stale).expect("a pid file");
    fs::write(place.data().join("socket/.s.PGSQL.5432.lock"), "1\n").expect("a lock file");
    fs::write(place.data().join("socket/.s.PGSQL.5432"), "").expect("a socket file");

    let cluster = Cluster::start(place.config())
        .await
        .expect("a start all the same");
    connect(&cluster.admin_url("postgres")).await;
    cluster.stop().await;
}

#[tokio::test]
async fn an_initdb_that_was_cut_short_is_begun_anew() {
    let place = Place::new();
    let half = place.data().join("pgdata.new/base");
    fs::create_dir_all(&half).expect("half a cluster");
    fs::write(place.data().join("pgdata.new/PG_VERSION"), "15\n").expect("a file of it");

    let cluster = Cluster::start(place.config()).await.expect("a whole one");
    connect(&cluster.admin_url("postgres")).await;
    assert!(!place.data().join("pgdata.new").exists());
    cluster.stop().await;
}

#[tokio::test]
async fn a_path_too_long_for_a_socket_gets_a_short_private_directory() {
    let place = Place::new();
    let long = place.0.join("很长的目录名".repeat(8));
    let cluster = Cluster::start(config(&long))
        .await
        .expect("a cluster in a long path");
    let socket = cluster.socket_dir().to_owned();
    assert!(!socket.starts_with(&long), "{}", socket.display());
    assert_private(&socket);
    connect(&cluster.admin_url("postgres")).await;
    cluster.stop().await;
    fs::remove_dir_all(socket).expect("the short directory");
}

/// A clone below `/root`: the account that root drops to may not enter it.
#[tokio::test]
async fn a_closed_home_gets_its_cluster_elsewhere_and_finds_it_again() {
    let place = Place::new();
    let closed = place.0.join("closed");
    fs::create_dir(&closed).expect("a directory");
    fs::set_permissions(&closed, Permissions::from_mode(0o700)).expect("a mode");
    let data = closed.join("data");
    let first = Cluster::start(config(&data)).await.expect("a cluster");
    let home = first.data_dir().to_owned();
    assert_eq!(
        home.starts_with(&closed),
        !nix::unistd::geteuid().is_root(),
        "only root has to go elsewhere: {}",
        home.display()
    );
    remember(&first.admin_url("postgres"), "kept").await;

    // A copy of the directory leads to the same cluster, and must not have it at the same time.
    if home != data {
        let copy = closed.join("copy");
        fs::create_dir(&copy).expect("a directory");
        symlink(&home, copy.join("cluster")).expect("a link");
        let refused = Cluster::start(config(&copy)).await.expect_err("a refusal");
        assert_eq!(refused.code(), "cluster.in_use");
    }
    first.stop().await;

    let second = Cluster::start(config(&data)).await.expect("the same one");
    assert_eq!(remembered(&second.admin_url("postgres")).await, ["kept"]);
    second.stop().await;
    fs::remove_dir_all(home).expect("the other place");
}

#[tokio::test]
async fn nobody_else_may_enter_the_data_or_the_socket() {
    let place = Place::new();
    let cluster = Cluster::start(place.config()).await.expect("a cluster");
    assert_private(&place.data().join("pgdata"));
    assert_private(cluster.socket_dir());
    cluster.stop().await;
}

#[tokio::test]
async fn a_dropped_cluster_stops_and_lets_go_of_its_directory() {
    let place = Place::new();
    let cluster = Cluster::start(place.config()).await.expect("a cluster");
    let mut states = cluster.watch();
    drop(cluster);
    states
        .wait_for(|state| *state == cluster::State::Stopped)
        .await
        .expect("a stop");
    // The lock goes with the supervisor, right after its last word.
    while states.changed().await.is_ok() {}
    let again = Cluster::start(place.config()).await.expect("a free place");
    again.stop().await;
}

fn assert_private(dir: &Path) {
    let mode = fs::metadata(dir).expect("a directory").permissions().mode();
    assert_eq!(mode & 0o777, 0o700, "{}", dir.display());
}

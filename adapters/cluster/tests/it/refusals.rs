//! Each trouble gets one sentence that names what is wrong and what helps.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use cluster::{Cluster, ClusterConfig, ClusterError};
use nix::unistd::geteuid;

use crate::kit::{Place, config};

async fn refusal(config: ClusterConfig) -> ClusterError {
    let refused = Cluster::start(config).await.expect_err("a refusal");
    let sentence = refused.to_string();
    assert!(!sentence.contains('\n'), "one sentence: {sentence}");
    refused
}

#[tokio::test]
async fn a_second_instance_is_told_who_has_the_directory() {
    let place = Place::new();
    let first = Cluster::start(place.config()).await.expect("a cluster");
    let refused = refusal(place.config()).await;
    assert_eq!(refused.code(), "cluster.in_use");
    let sentence = refused.to_string();
    assert!(
        sentence.contains(&place.data().display().to_string())
            && sentence.contains(&format!("(process {})", std::process::id())),
        "{sentence}"
    );
    first.stop().await;
}

#[tokio::test]
async fn a_directory_of_something_else_is_left_alone() {
    let place = Place::new();
    let letter = place.data().join("pgdata/letter.txt");
    fs::create_dir_all(letter.parent().expect("a parent")).expect("a directory");
    fs::write(&letter, "dear").expect("a letter");
    assert_eq!(
        refusal(place.config()).await.code(),
        "cluster.not_a_cluster"
    );
    assert_eq!(fs::read_to_string(&letter).expect("still there"), "dear");
}

#[tokio::test]
async fn data_of_a_version_that_is_not_installed_names_the_package() {
    let place = Place::new();
    let pgdata = place.data().join("pgdata");
    fs::create_dir_all(&pgdata).expect("a directory");
    fs::write(pgdata.join("PG_VERSION"), "9\n").expect("a version");
    let refused = refusal(place.config()).await;
    assert!(refused.to_string().contains("postgresql-9"), "{refused}");
}

#[tokio::test]
async fn missing_programs_name_the_package() {
    let place = Place::new();
    let refused = refusal(ClusterConfig {
        binaries: Some(PathBuf::from("/nonexistent")),
        ..place.config()
    })
    .await;
    assert_eq!(refused.code(), "cluster.not_installed");
    assert!(refused.to_string().contains("apt-get install postgresql"));
}

#[tokio::test]
async fn a_directory_that_cannot_be_made_is_named() {
    let place = Place::new();
    fs::write(place.0.join("file"), "").expect("a file");
    let inside = place.0.join("file/data");
    let refused = refusal(config(&inside)).await;
    assert!(
        refused.to_string().contains(&inside.display().to_string()),
        "{refused}"
    );
}

#[tokio::test]
async fn a_closed_directory_on_the_way_to_existing_data_is_named() {
    let place = Place::new();
    let closed = place.0.join("closed");
    let data = closed.join("deep/data");
    fs::create_dir_all(data.join("pgdata")).expect("directories");
    // Root passes everywhere, but the account it drops to does not; without root nobody passes mode 0.
    let (mode, code) = if geteuid().is_root() {
        (0o700, "cluster.cannot_enter")
    } else {
        (0o000, "cluster.not_ours")
    };
    fs::set_permissions(&closed, Permissions::from_mode(mode)).expect("a mode");
    let refused = refusal(config(&data)).await;
    assert_eq!(refused.code(), code);
    assert!(
        refused.to_string().contains(&closed.display().to_string()),
        "{refused}"
    );
    fs::set_permissions(&closed, Permissions::from_mode(0o700)).expect("a mode");
}

#[tokio::test]
async fn a_setting_that_postgres_refuses_is_told_in_its_own_words() {
    let place = Place::new();
    Cluster::start(place.config())
        .await
        .expect("a cluster")
        .stop()
        .await;
    let settings = place.data().join("pgdata/postgresql.conf");
    let mut text = fs::read_to_string(&settings).expect("settings");
    text.push_str("\nno_such_setting = 1\n");
    fs::write(&settings, text).expect("a broken setting");
    let refused = refusal(place.config()).await;
    assert_eq!(refused.code(), "cluster.program");
    assert!(refused.to_string().contains("FATAL"), "{refused}");
}

//! The production guard (S-51): the built program itself refuses to start, and names every reason together.

use std::{fs, path::Path, process::Command};

#[test]
fn production_does_not_start_without_keys_https_and_scanner_and_opens_nothing_before() {
    let folder = std::env::temp_dir().join(format!("yjr-guard-{:08x}", rand::random::<u32>()));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let ended = Command::new(env!("CARGO_BIN_EXE_yijianrong"))
        .current_dir(root)
        .env_clear()
        .env("APP_ENV", "production")
        .env("YJR_DATA", &folder)
        .args(["serve", "--listen", "127.0.0.1:0"])
        .output()
        .expect("it runs");
    let opened = folder.exists();
    fs::remove_dir_all(&folder).ok();
    let told = String::from_utf8_lossy(&ended.stderr);
    assert!(!ended.status.success(), "{told}");
    assert!(!opened, "it made a database first");
    let mut reasons = vec![
        "YJR_KEY_MASTER is not set",
        "YJR_KEY_PEPPER is not set",
        "YJR_KEY_TOKENS is not set",
        "YJR_HTTPS is not true",
        "YJR_SCANNER is not set",
    ];
    if cfg!(debug_assertions) {
        reasons.push("debug build");
    }
    for reason in &reasons {
        assert!(told.contains(reason), "{reason}: {told}");
    }
    assert_eq!(told.matches("\n  - ").count(), reasons.len(), "{told}");
}

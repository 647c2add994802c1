//! Fences: outside in, never inside out. They fail when someone breaks the layering, and when what they guard is gone.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ stands in the workspace")
        .to_owned()
}

/// Crate → folder, and the crates of ours that it may import.
fn house() -> Vec<(&'static str, &'static str, &'static [&'static str])> {
    const CORE: &[&str] = &["domain", "application"];
    // What calls out of the house does it through one crate: decision 17.
    const CALLS_OUT: &[&str] = &["domain", "application", "outbound"];
    // What reads documents leaves their pixels to a crate that is always compiled with optimisation.
    const READS: &[&str] = &["domain", "application", "outbound", "pixels"];
    vec![
        ("domain", "domain", &[]),
        ("application", "application", &["domain"]),
        ("postgres-adapter", "adapters/postgres", CORE),
        ("cluster", "adapters/cluster", &[]),
        ("vault", "adapters/vault", CORE),
        ("media", "adapters/media", CORE),
        ("reference", "adapters/reference", CORE),
        ("outbound", "adapters/outbound", CORE),
        ("sms", "adapters/sms", CALLS_OUT),
        ("face", "adapters/face", CALLS_OUT),
        ("pixels", "adapters/pixels", &[]),
        ("recognition", "adapters/recognition", READS),
        ("province", "adapters/province", CALLS_OUT),
        ("wechat", "adapters/wechat", CALLS_OUT),
        ("scan", "adapters/scan", CORE),
        ("sheets", "adapters/sheets", CORE),
        ("web", "adapters/web", CORE),
        ("bankapi", "adapters/bankapi", CALLS_OUT),
        ("api", "adapters/api", CORE),
        ("tenants", "tenants", CORE),
    ]
}

/// The packages that a crate is built on: one that is imported under another name is still what it is.
fn dependencies(manifest: &toml::Table) -> Vec<String> {
    let shared = self::manifest(".");
    let shared = &shared["workspace"]["dependencies"];
    let package = |one: &toml::Value| one.get("package")?.as_str().map(str::to_owned);
    let name = |(key, one): (&String, &toml::Value)| {
        let elsewhere = one.get("workspace").and_then(|_| shared.get(key));
        let found = package(one).or_else(|| elsewhere.and_then(package));
        found.unwrap_or_else(|| key.clone())
    };
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    let targets = targets.into_iter().flat_map(toml::Table::values);
    let tables = targets.filter_map(toml::Value::as_table).chain([manifest]);
    let found: Vec<String> = tables
        .filter_map(|table| table.get("dependencies")?.as_table())
        .flat_map(|table| table.iter().map(name))
        .collect();
    assert!(!found.is_empty(), "nothing is imported: mend this fence");
    found
}

fn manifest(folder: &str) -> toml::Table {
    let path = root().join(folder).join("Cargo.toml");
    fs::read_to_string(&path)
        .unwrap_or_else(|e| panic!("{}: {e}", path.display()))
        .parse()
        .expect("a manifest")
}

#[test]
fn every_crate_imports_only_what_lies_further_in() {
    let ours: Vec<&str> = house()
        .iter()
        .map(|(name, ..)| *name)
        .chain(["yijianrong", "journeys", "papers", "bench"])
        .collect();
    for (name, folder, allowed) in house() {
        let manifest = manifest(folder);
        assert_eq!(
            manifest["package"]["name"].as_str(),
            Some(name),
            "{folder} is no longer {name}"
        );
        for dependency in dependencies(&manifest) {
            if ours.contains(&dependency.as_str()) {
                assert!(
                    allowed.contains(&dependency.as_str()),
                    "{folder} must not import {dependency}"
                );
            }
        }
    }
}

#[test]
fn every_crate_of_the_workspace_is_fenced() {
    let known: Vec<&str> = house()
        .iter()
        .map(|(_, folder, _)| *folder)
        // The mini-program is a client of the interface and imports no crate.
        .chain(["adapters/server", "adapters/miniprogram", "tests"])
        .collect();
    let mut found: Vec<String> = vec![
        "domain".into(),
        "application".into(),
        "tenants".into(),
        "tests".into(),
    ];
    for entry in fs::read_dir(root().join("adapters")).expect("adapters/ is there") {
        found.push(format!(
            "adapters/{}",
            entry.expect("it can be read").file_name().to_string_lossy()
        ));
    }
    for folder in found {
        assert!(
            known.contains(&folder.as_str()),
            "{folder} stands outside every fence"
        );
        assert!(
            root().join(&folder).join("README.md").is_file(),
            "{folder} has no README.md"
        );
    }
}

#[test]
fn the_domain_knows_no_io_no_clock_and_no_serde() {
    const ALLOWED: [&str; 3] = ["thiserror", "time", "uuid"];
    for dependency in dependencies(&manifest("domain")) {
        assert!(
            ALLOWED.contains(&dependency.as_str()),
            "domain must not depend on {dependency}"
        );
    }
}

#[test]
fn the_application_knows_no_adapter_library() {
    for dependency in dependencies(&manifest("application")) {
        for outside in [
            "sqlx", "axum", "reqwest", "tera", "casbin", "image", "hyper",
        ] {
            assert_ne!(
                dependency, outside,
                "application must not depend on {outside}"
            );
        }
    }
}

/// Every Rust file outside of `target`, with its text.
fn sources() -> BTreeMap<String, String> {
    fn walk(folder: &Path, found: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(folder).expect("a folder can be read") {
            let path = entry.expect("an entry can be read").path();
            let name = path
                .file_name()
                .map(|n| n.to_string_lossy().into_owned())
                .unwrap_or_default();
            if path.is_dir() && !["target", "node_modules", ".git", "data"].contains(&name.as_str())
            {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).expect("a source can be read");
                let relative = path.strip_prefix(root()).expect("it lies in the workspace");
                found.insert(relative.to_string_lossy().into_owned(), text);
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(&root(), &mut found);
    assert!(found.len() > 50, "the fence sees the sources");
    found
}

#[test]
fn permits_are_made_only_by_the_guard_and_the_guard_only_where_the_program_is_wired() {
    for needle in ["Guard::new(", "Guard::job("] {
        let mut seen = 0;
        for (file, text) in sources() {
            if !text.contains(needle) || file == "tests/it/fences.rs" {
                continue;
            }
            seen += 1;
            let at_home = file.starts_with("adapters/server/")
                || file.starts_with("tests/")
                || file.ends_with("/tests.rs")
                || file == "application/src/access.rs";
            assert!(at_home, "{needle} in {file}");
        }
        assert!(seen > 0, "{needle} was renamed: mend this fence");
    }
}

#[test]
fn an_import_under_another_name_is_seen() {
    let text = "[dependencies]\nplain = \"1\"\nstore = { package = \"postgres-adapter\", path = \"x\" }\n\
                [target.'cfg(unix)'.dependencies]\nsqlx.workspace = true\n";
    let mut found = dependencies(&text.parse().expect("a manifest"));
    found.sort();
    assert_eq!(found, ["plain", "postgres-adapter", "sqlx"]);
}

#[test]
fn only_the_database_adapter_speaks_sql() {
    for (name, folder, _) in house() {
        let sql = dependencies(&manifest(folder)).contains(&"sqlx".to_owned());
        let may = name == "postgres-adapter";
        assert_eq!(sql, may, "{folder} and sqlx: mend it, or this fence");
    }
    for (file, text) in sources() {
        let speaks = text.contains("sqlx::query");
        let may = [
            "adapters/postgres/",
            "adapters/server/",
            "adapters/cluster/",
            "tests/",
        ];
        assert!(
            !speaks || may.iter().any(|folder| file.starts_with(folder)),
            "SQL in {file}"
        );
    }
}

/// What a statement sets for longer than its transaction (S-09): the next borrower of the connection would inherit it.
fn lasting_settings(text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    let mut found: Vec<String> = ["\"set ", "; set "]
        .into_iter()
        .flat_map(|start| text.split(start).skip(1))
        .filter(|rest| !rest.starts_with("local "))
        .map(|rest| rest.chars().take(40).collect())
        .collect();
    found.extend(
        text.split("set_config(")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
            .filter(|call| call.trim_end().ends_with("false"))
            .map(str::to_owned),
    );
    found
}

#[test]
fn nothing_sets_a_session_wide_setting() {
    let mut local = 0;
    for (file, text) in sources() {
        // The loader of the measurements' data set has a connection of its own.
        let loader = file.starts_with("adapters/server/src/seed/bench/");
        if !file.starts_with("adapters/") || file.contains("/tests/") || loader {
            continue;
        }
        local += text.matches("set local role").count();
        let lasting = lasting_settings(&text);
        assert!(lasting.is_empty(), "{file}: {lasting:?}");
    }
    assert!(
        local > 0,
        "roles are put on in another way: mend this fence"
    );
}

#[test]
fn the_fence_of_settings_sees_what_it_is_there_for() {
    for (text, found) in [
        ("\"set role tenant_rw\"", 1),
        ("\"begin; SET app.tenant_id = 'x'\"", 1),
        ("\"select set_config('role', $1, false)\"", 1),
        (
            "\"begin; set local role tenant_rw; set local app.tenant_id = 'x'\"",
            0,
        ),
        ("\"select set_config('role', $1, true)\"", 0),
    ] {
        assert_eq!(lasting_settings(text).len(), found, "{text}");
    }
}

#[test]
fn the_top_level_holds_only_what_the_customer_named() {
    let allowed = [
        "Cargo.toml",
        "Cargo.lock",
        "domain",
        "application",
        "adapters",
        "tenants",
        "migrations",
        "tests",
        "README.md",
        "Makefile",
        "docs",
        "target",
        "data",
    ];
    for entry in fs::read_dir(root()).expect("the top level can be read") {
        let name = entry
            .expect("an entry")
            .file_name()
            .to_string_lossy()
            .into_owned();
        assert!(
            name.starts_with('.') || allowed.contains(&name.as_str()),
            "{name} does not belong at the top"
        );
    }
}

#[test]
fn every_migration_has_a_version_of_its_own() {
    let mut versions = BTreeMap::new();
    for entry in fs::read_dir(root().join("migrations")).expect("the migrations can be read") {
        let name = entry.expect("an entry").file_name();
        let name = name.to_string_lossy().into_owned();
        let Some((version, _)) = name.split_once('_') else {
            continue;
        };
        let before = versions.insert(version.to_owned(), name.clone());
        assert_eq!(before, None, "{name} has the version of another one");
    }
    assert!(
        versions.len() > 20,
        "the folder was renamed: mend this fence"
    );
}

/// Tables that grow with every request: while a plain index of theirs is built, nobody writes to them.
const GROWING: [&str; 20] = [
    "application_events",
    "application_files",
    "audit_entries",
    "audit_links",
    "consents",
    "disbursements",
    "enterprise_files",
    "enterprises",
    "financing_applications",
    "idempotency_keys",
    "letter_files",
    "messages",
    "outbox",
    "rate_counters",
    "repayments",
    "sessions",
    "sign_in_records",
    "users",
    "view_entries",
    "webhook_deliveries",
];

/// What was shipped before the rule stays as it is.
const LAST_WITHOUT_THE_RULE: &str = "20261127130000";

/// The growing tables of which a migration builds an index while their writers wait.
fn blocking_indexes(text: &str) -> Vec<&'static str> {
    let plain: Vec<&str> = text
        .lines()
        .map(|line| line.split("--").next().unwrap_or_default())
        .collect();
    let plain = plain.join(" ").to_lowercase();
    let words: Vec<&str> = plain
        .split(|sign: char| !(sign.is_alphanumeric() || sign == '_' || sign == ';'))
        .filter(|word| !word.is_empty())
        .collect();
    let follows = |at: usize, wanted: &[&str]| words[at..].starts_with(wanted);
    let made_here = |table: &str| {
        (0..words.len()).any(|at| {
            follows(at, &["create", "table", table])
                || follows(at, &["create", "table", "if", "not", "exists", table])
        })
    };
    let mut found = Vec::new();
    for at in 0..words.len() {
        if !follows(at, &["create", "index"]) && !follows(at, &["create", "unique", "index"]) {
            continue;
        }
        let statement = words[at..].iter().take_while(|word| !word.contains(';'));
        let statement: Vec<&str> = statement.copied().collect();
        let after = statement.iter().skip_while(|word| **word != "on").skip(1);
        let mut after = after.filter(|word| **word != "only");
        let of = after.next().copied().unwrap_or_default();
        let growing = GROWING.into_iter().find(|table| *table == of);
        let growing = growing.filter(|table| !made_here(table));
        if !statement.contains(&"concurrently") {
            found.extend(growing);
        }
    }
    found
}

#[test]
fn a_later_migration_builds_indexes_on_growing_tables_beside_their_writers() {
    let mut made = String::new();
    for entry in fs::read_dir(root().join("migrations")).expect("the migrations can be read") {
        let path = entry.expect("an entry").path();
        let text = fs::read_to_string(&path).expect("a migration can be read");
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let version = name.split('_').next().unwrap_or_default();
        if version > LAST_WITHOUT_THE_RULE {
            let blocking = blocking_indexes(&text);
            assert!(
                blocking.is_empty(),
                "{name}: an index on {blocking:?} must be built concurrently (docs/operations.md)"
            );
        }
        made.push_str(&text);
    }
    for table in GROWING {
        assert!(
            made.contains(&format!("create table {table} (")),
            "{table} was renamed: mend this fence"
        );
    }
}

/// All files run on one connection, and a setting outlives its transaction.
#[test]
fn a_later_migration_leaves_no_setting_to_the_next_one() {
    let mut seen = 0;
    for entry in fs::read_dir(root().join("migrations")).expect("the migrations can be read") {
        let path = entry.expect("an entry").path();
        let text = fs::read_to_string(&path).expect("a migration can be read");
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let sets = text
            .lines()
            .any(|line| line.starts_with("set ") && !line.starts_with("set local "));
        if name.split('_').next().unwrap_or_default() <= LAST_WITHOUT_THE_RULE || !sets {
            continue;
        }
        seen += 1;
        assert!(
            text.trim_end().ends_with("\nreset lock_timeout;"),
            "{name}: lock_timeout is to be reset (docs/operations.md)"
        );
    }
    assert!(seen > 0, "mend this fence");
}

/// Tables whose rows a migration writes itself, functions aside, without opening the wall that holds for the owner too.
fn walled_writes(text: &str) -> Vec<String> {
    // Every other part stands in a function, which writes with the eyes of whoever calls it.
    let plain: Vec<&str> = text.split("$$").step_by(2).collect();
    let plain = plain.join(" ").to_lowercase();
    let mut found: Vec<String> = plain
        .lines()
        .filter_map(|line| {
            let heads = ["update ", "insert into ", "delete from "];
            let rest = heads.into_iter().find_map(|head| line.strip_prefix(head))?;
            let mut words = rest.split(|sign: char| !(sign.is_alphanumeric() || sign == '_'));
            words.next().map(str::to_owned)
        })
        .filter(|table| {
            !plain.contains(&format!("alter table {table} no force row level security"))
        })
        .collect();
    found.dedup();
    found
}

/// Found nothing in a database whose owner is no superuser; 20261127230000 does what it was to do.
const WROTE_BEHIND_THE_WALL: &str = "20261127220100_decisions_anew.sql";

#[test]
fn a_later_migration_opens_the_walls_of_what_it_writes() {
    let mut seen = 0;
    for entry in fs::read_dir(root().join("migrations")).expect("the migrations can be read") {
        let path = entry.expect("an entry").path();
        let text = fs::read_to_string(&path).expect("a migration can be read");
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.split('_').next().unwrap_or_default() <= LAST_WITHOUT_THE_RULE
            || name == WROTE_BEHIND_THE_WALL
        {
            continue;
        }
        seen += usize::from(text.contains(" no force row level security"));
        let walled = walled_writes(&text);
        assert!(
            walled.is_empty(),
            "{name}: rows of {walled:?} are not found by the owner either (docs/operations.md)"
        );
    }
    assert!(seen > 0, "mend this fence");
}

#[test]
fn the_fence_of_walls_sees_what_it_is_there_for() {
    for (text, found) in [
        ("update outbox set topic = '';", vec!["outbox"]),
        (
            "insert into outbox (id)\nselect id from users;",
            vec!["outbox"],
        ),
        ("delete from outbox a using users;", vec!["outbox"]),
        (
            "alter table outbox no force row level security;\nupdate outbox set topic = '';",
            vec![],
        ),
        (
            "create function f() returns void language sql as $$\nupdate outbox set topic = ''\n$$;",
            vec![],
        ),
    ] {
        assert_eq!(walled_writes(text), found, "{text}");
    }
}

#[test]
fn the_fence_of_indexes_sees_what_it_is_there_for() {
    for (text, found) in [
        ("create index on outbox (topic);", vec!["outbox"]),
        (
            "CREATE UNIQUE INDEX outbox_topic\n  ON only outbox(topic) where done_at is null;",
            vec!["outbox"],
        ),
        ("create index concurrently on outbox (topic);", vec![]),
        ("-- create index on outbox (topic);", vec![]),
        ("create index on branches (name);", vec![]),
        (
            "create table outbox (id uuid); create index on outbox (id);",
            vec![],
        ),
    ] {
        assert_eq!(blocking_indexes(text), found, "{text}");
    }
}

//! `city export` and `verify-export`.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    sync::{Arc, atomic::Ordering},
};

use application::ports::files::FileVault;
use serde_json::Value;
use sqlx::AssertSqlSafe;
use yijianrong::city::leave::{Leaving, folder, manifest};

use super::{Scene, Tired};

fn rows(folder: &Path, table: &str) -> Vec<Value> {
    let text = fs::read_to_string(folder.join(format!("rows/{table}.jsonl"))).expect("it is there");
    let row = |line: &str| serde_json::from_str(line).expect("a row");
    text.lines().map(row).collect()
}

fn what_was_sealed_is_readable_and_what_is_secret_is_not_there(to: &Path) {
    let people = rows(to, "users");
    let phone = |row: &Value| {
        row["phone"]
            .as_str()
            .is_some_and(|p| p.len() == 11 && p.starts_with('1'))
    };
    assert!(people.iter().all(phone), "{:?}", people[0]);
    let dossiers = rows(to, "application_dossiers");
    assert!(
        dossiers
            .iter()
            .all(|row| row["facts"]["legal_id"].is_string()),
        "{:?}",
        dossiers[0]
    );
    for (table, secret) in [
        ("users", "phone_index"),
        ("credentials", "password_hash"),
        ("tenant_keys", "wrapped"),
    ] {
        assert!(
            rows(to, table).iter().all(|row| row.get(secret).is_none()),
            "{table}"
        );
    }
    let schema: Value =
        serde_json::from_slice(&fs::read(to.join("schema.json")).expect("it is there"))
            .expect("JSON");
    let users = &schema["tables"]["users"];
    assert_eq!(users["meaning"], "人员");
    let columns = users["columns"].as_array().expect("columns");
    let index = columns
        .iter()
        .find(|c| c["column"] == "phone_index")
        .expect("it is told");
    assert!(
        index["left_out"].is_string() && index["written_as"].is_null(),
        "{index}"
    );
}

fn pictures_are_pictures_and_nobody_else_reads_anything(to: &Path) -> Vec<String> {
    let names = folder::files(to).expect("the files");
    let picture = names
        .iter()
        .find(|n| n.starts_with("files/enterprise_files/沧州市"))
        .expect("a picture");
    let bytes = fs::read(to.join(picture)).expect("it reads");
    assert!(
        bytes.starts_with(&[0xff, 0xd8])
            || bytes.starts_with(b"%PDF")
            || bytes.starts_with(b"\x89PNG"),
        "{picture}"
    );
    for name in &names {
        let mode = fs::metadata(to.join(name))
            .expect("it is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "{name}");
    }
    for dir in ["", "rows", "files/enterprise_files"] {
        let mode = fs::metadata(to.join(dir))
            .expect("it is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "{dir}");
    }
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_a_city_owns_goes_along_and_nothing_of_its_neighbour() {
    let scene = Scene::new().await;
    let (world, to) = (&scene.world, scene.folder("all"));
    let done = scene.export("all").await;
    let m = &done.manifest;
    assert_eq!(m.lost(), 0, "every seal opens, every file is there: {m:?}");
    // Against what a superuser counts, whom no wall stops.
    for (table, file) in &m.tables {
        let whose = if table == "tenants" {
            "id"
        } else {
            "tenant_id"
        };
        // AssertSqlSafe: names of the catalogue.
        let sql = AssertSqlSafe(format!(
            "select count(*) from {table} where {whose} in (select id from tenants where city_id = $1)"
        ));
        let count: i64 = sqlx::query_scalar(sql)
            .bind(world.cangzhou.id.0)
            .fetch_one(&world.owner)
            .await
            .expect("it counts");
        assert_eq!(i64::try_from(file.rows).ok(), Some(count), "{table}");
        assert_eq!(rows(&to, table).len() as u64, file.rows, "{table}");
    }
    assert!(
        m.tables["financing_applications"].rows > 10 && m.files.count > 10,
        "{m:?}"
    );

    what_was_sealed_is_readable_and_what_is_secret_is_not_there(&to);
    let names = pictures_are_pictures_and_nobody_else_reads_anything(&to);

    // Nothing of the neighbour: neither its name nor the ids of its institutions and branches.
    let mut neighbour: Vec<String> =
        sqlx::query_scalar("select id::text from tenants where city_id = $1")
            .bind(world.other.id.0)
            .fetch_all(&world.owner)
            .await
            .expect("they are there");
    neighbour.push(world.other.name.clone());
    for name in names.iter().filter(|name| name.starts_with("rows/")) {
        let text = fs::read_to_string(to.join(name)).expect("it reads");
        let theirs = neighbour.iter().find(|word| text.contains(word.as_str()));
        assert_eq!(theirs, None, "{name}");
    }
    // That somebody took everything along stands in the log, and in the export of it; the chain's head is that of the rows.
    let log = rows(&to, "audit_entries");
    let entry = log
        .iter()
        .find(|row| row["action"] == "export.city")
        .expect("it is noted");
    assert_eq!(
        (&entry["actor_name"], &entry["detail"]["masked"]),
        (&"安知微".into(), &false.into())
    );
    let last = rows(&to, "audit_links").pop().expect("links");
    assert_eq!(m.chain.as_ref().map(|head| head.seq), last["seq"].as_i64());
    assert_eq!(manifest::verify(&to).expect("it is whole").manifest, *m);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_personal_data_what_is_sealed_stays_out_and_public_files_go_along() {
    let scene = Scene::new().await;
    let to = scene.folder("masked");
    let done = scene
        .export_with(&scene.leaving(), "masked", false)
        .await
        .expect("it is exported");
    assert!(
        rows(&to, "users")
            .iter()
            .all(|row| row.get("phone").is_none() && row.get("phone_sealed").is_none())
    );
    assert!(
        rows(&to, "application_dossiers")
            .iter()
            .all(|row| row.get("facts").is_none())
    );
    let kinds: BTreeSet<String> = folder::files(&to)
        .expect("the files")
        .into_iter()
        .filter_map(|name| Some(name.strip_prefix("files/")?.split('/').next()?.to_owned()))
        .collect();
    assert!(
        kinds.contains("article_attachments") && !kinds.contains("enterprise_files"),
        "{kinds:?}"
    );
    assert!(done.manifest.files.left_out > 0 && done.lines.join("\n").contains("left out"));
    manifest::verify(&to).expect("it is whole");
    // The other kind is another export: it does not go into this folder.
    let refused = scene
        .export_with(&scene.leaving(), "masked", true)
        .await
        .expect_err("refused");
    assert!(refused.contains("something else"), "{refused}");
    manifest::verify(&to).expect("it is as it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_stopped_goes_on_and_holds_what_is_there_against_the_database() {
    let scene = Scene::new().await;
    let (world, to) = (&scene.world, scene.folder("again"));
    let tired = Tired::after(&world.parts.files, 9);
    let stopped = Leaving {
        files: tired,
        ..scene.leaving()
    };
    let error = scene
        .export_with(&stopped, "again", true)
        .await
        .expect_err("it stops");
    assert!(error.contains("planted"), "{error}");
    let unfinished = manifest::verify(&to).err().expect("it is not finished");
    assert!(
        unfinished.to_string().contains("no finished export"),
        "{unfinished}"
    );

    // Meanwhile somebody reads a message, a table is cut short, and a picture is spoiled; a torn line ends the journal.
    sqlx::query("update messages set read_at = now() where tenant_id = $1")
        .bind(world.cangzhou.id.0)
        .execute(&world.owner)
        .await
        .expect("they are read");
    let cut = to.join("rows/consents.jsonl");
    let text = fs::read_to_string(&cut).expect("it was written");
    fs::write(&cut, &text[..text.len() / 2]).expect("cut");
    let picture = folder::files(&to)
        .expect("files")
        .into_iter()
        .find(|n| n.starts_with("files/"))
        .expect("some came");
    fs::write(to.join(&picture), "spoiled").expect("spoiled");
    let journal = to.join("objects.journal");
    let mut noted = fs::read_to_string(&journal).expect("it was written");
    let came = noted.lines().count();
    noted.push_str("{\"key\":\"torn");
    fs::write(&journal, noted).expect("torn");
    fs::write(to.join("rows/users.jsonl.part"), "half").expect("half");

    let asked = Tired::after(&world.parts.files, usize::MAX);
    let leaving = Leaving {
        files: asked.clone() as Arc<dyn FileVault>,
        ..scene.leaving()
    };
    scene.told();
    let done = scene
        .export_with(&leaving, "again", true)
        .await
        .expect("it goes on");
    // Whoever waits reads how far it is, and what was there already.
    let told = scene.told();
    let tables = done.manifest.tables.len();
    for end in ["rows, as it was", "rows, written"] {
        let line = |one: &String| one.starts_with('[') && one.ends_with(end);
        assert!(told.iter().any(line), "{end}: {told:?}");
    }
    let last = format!("[{tables}/{tables}] ");
    assert!(told.iter().any(|one| one.starts_with(&last)), "{told:?}");
    // messages, consents, and the log that notes the second run.
    assert_eq!(done.tables_written, 4);
    let all = usize::try_from(done.manifest.files.count).expect("few");
    assert_eq!(
        done.files_fetched,
        all - (came - 1),
        "only what was missing or spoiled"
    );
    assert_eq!(asked.asked.load(Ordering::Relaxed), done.files_fetched);
    let city = world.cangzhou.id.to_string();
    let messages = rows(&to, "messages");
    let mut ours = messages
        .iter()
        .filter(|row| row["tenant_id"] == city.as_str());
    assert!(ours.all(|row| row["read_at"].is_string()), "as it is now");
    manifest::verify(&to).expect("it is whole");

    // A third time nothing is fetched, and a file whose row is gone leaves the folder.
    sqlx::query("delete from article_attachments where tenant_id = $1")
        .bind(world.cangzhou.id.0)
        .execute(&world.owner)
        .await
        .expect("they are gone");
    let third = scene.export("again").await;
    assert_eq!(third.files_fetched, 0);
    assert!(
        folder::files(&to)
            .expect("files")
            .iter()
            .all(|n| !n.starts_with("files/article_attachments"))
    );
    manifest::verify(&to).expect("it is whole");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_folder_is_left_alone_and_every_change_of_an_export_is_named() {
    let scene = Scene::new().await;
    let foreign = scene.folder("foreign");
    fs::create_dir(&foreign).expect("a folder");
    fs::write(foreign.join("thesis.txt"), "mine").expect("a file");
    let refused = scene
        .export_with(&scene.leaving(), "foreign", true)
        .await
        .expect_err("refused");
    assert!(refused.contains("nothing was written"), "{refused}");
    assert_eq!(folder::files(&foreign).expect("files"), ["thesis.txt"]);
    let nobody = scene
        .export_with(&scene.leaving(), "foreign/thesis.txt", true)
        .await
        .expect_err("refused");
    assert!(nobody.contains("not a folder"), "{nobody}");

    let to = scene.folder("whole");
    scene.export("whole").await;
    let picture = folder::files(&to)
        .expect("files")
        .into_iter()
        .find(|n| n.starts_with("files/"))
        .expect("a file");
    let users = fs::read_to_string(to.join("rows/users.jsonl")).expect("rows");
    fs::write(
        to.join("rows/users.jsonl"),
        users.replacen("active", "closed", 1),
    )
    .expect("changed");
    fs::remove_file(to.join(&picture)).expect("gone");
    fs::write(to.join("rows/more.jsonl"), "{}\n").expect("more");
    fs::remove_file(to.join(manifest::SIGNATURE)).expect("gone");
    let told = manifest::verify(&to)
        .err()
        .expect("it is not whole")
        .to_string();
    for what in [
        "rows/users.jsonl was changed",
        picture.as_str(),
        "rows/more.jsonl is not in the manifest",
        "manifest.sig is missing",
    ] {
        assert!(told.contains(what), "{what}: {told}");
    }
}

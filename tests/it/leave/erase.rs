//! `city erase` and its certificate.

use std::fs;

use domain::ids::TenantId;
use sqlx::AssertSqlSafe;
use uuid::Uuid;
use yijianrong::city::leave::{Leaving, certificate, folder, manifest};

use super::{Scene, Tired};

/// The city, its institutions and branches.
async fn tenants(scene: &Scene, city: TenantId) -> Vec<Uuid> {
    sqlx::query_scalar("select id from tenants where city_id = $1")
        .bind(city.0)
        .fetch_all(&scene.world.owner)
        .await
        .expect("they are there")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_city_is_erased_to_the_last_row_and_its_neighbour_stays_byte_for_byte() {
    let scene = Scene::new().await;
    let (world, city) = (&scene.world, scene.world.cangzhou.id);
    let owners = tenants(&scene, city).await;
    scene.close().await;
    let exported = scene.export("all").await.manifest;
    // What a province was told of both cities belongs to neither, and the erased one's goes all the same.
    let province = world.province().await.id;
    for told in [city, world.other.id] {
        sqlx::query(
            "insert into provincial_cities (tenant_id, city, slug, region_code, platform, told_at)
             values ($1, $2, 'told', '130900', '平台', now())",
        )
        .bind(province.0)
        .bind(told.0)
        .execute(&world.owner)
        .await
        .expect("it was told");
    }
    let neighbour = scene.held(world.other.id).await;
    let pictures = stored(&scene, world.other.id).await;
    assert!(stored(&scene, city).await > 10 && pictures > 0);
    // Counters and used-up numbers belong to no row of the export, and go all the same.
    for bucket in [format!("{city}:x"), format!("{}:x", world.other.id)] {
        sqlx::query("insert into rate_counters (bucket, window_start, hits) values ($1, now(), 1)")
            .bind(bucket)
            .execute(&world.owner)
            .await
            .expect("a counter");
    }

    let said = scene.erase("all").await.expect("it is erased");
    assert!(said.contains("bears the signature"), "{said}");

    let tables: Vec<(String, String)> = sqlx::query_as(
        "select table_name::text, column_name::text from information_schema.columns
         where table_schema = 'public' and data_type = 'uuid' and table_name <> 'city_erasures'",
    )
    .fetch_all(&world.owner)
    .await
    .expect("the catalogue answers");
    for (table, column) in tables {
        // AssertSqlSafe: names of the catalogue.
        let sql = AssertSqlSafe(format!(
            "select count(*) from {table} where {column} = any ($1)"
        ));
        let left: i64 = sqlx::query_scalar(sql)
            .bind(&owners)
            .fetch_one(&world.owner)
            .await
            .expect("it counts");
        assert_eq!(left, 0, "{table}.{column}");
    }
    let told: Vec<Uuid> = sqlx::query_scalar("select city from provincial_cities")
        .fetch_all(&world.owner)
        .await
        .expect("they are there");
    assert_eq!(told, [world.other.id.0]);
    assert_eq!(stored(&scene, city).await, 0);
    let counters: Vec<String> =
        sqlx::query_scalar("select bucket from rate_counters where bucket like '%:x'")
            .fetch_all(&world.owner)
            .await
            .expect("they are there");
    assert_eq!(counters, [format!("{}:x", world.other.id)]);
    assert_eq!(
        scene.held(world.other.id).await,
        neighbour,
        "not a byte of the neighbour"
    );
    assert_eq!(stored(&scene, world.other.id).await, pictures);

    the_certificate_says_what_went(&scene, &exported);
    the_certificate_outlives_the_city(&scene).await;
}

/// Table by table, as the manifest of the export has it.
fn the_certificate_says_what_went(scene: &Scene, exported: &manifest::Manifest) {
    let beside = |kind: &str| scene.folder(&format!("all.erasure.{kind}"));
    let text = fs::read_to_string(beside("json")).expect("it is there");
    let told: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(
        (&told["by"], &told["city"]["slug"]),
        (&"柯慕云".into(), &"cangzhou".into())
    );
    for table in told["tables"].as_array().expect("tables") {
        let name = table["table"].as_str().expect("a name");
        if let Some(file) = exported.tables.get(name) {
            assert_eq!(table["rows"].as_u64(), Some(file.rows), "{name}");
        }
    }
    let files = told["tables"].as_array().expect("tables").iter();
    let files: u64 = files.filter_map(|table| table["files"].as_u64()).sum();
    assert_eq!(
        files, exported.files.count,
        "each file stands with one table"
    );
    let verified = manifest::verify(&scene.folder("all")).expect("the export is as it was");
    assert_eq!(told["export"]["manifest_sha256"], verified.sha256.as_str());
    assert!(
        fs::read(beside("pdf"))
            .expect("it is there")
            .starts_with(b"%PDF")
    );
    let readable = fs::read_to_string(beside("txt")).expect("it is there");
    let tables = told["tables"].as_array().expect("tables");
    let photos = tables.iter().find(|t| t["table"] == "enterprise_files");
    let photos = photos.expect("the photos of the enterprises");
    let count = |what: &str| photos[what].as_u64().expect("it is counted");
    let (rows, files) = (count("rows"), count("files"));
    let line = format!("企业上传的证照和材料（enterprise_files）：记录 {rows} 条，文件 {files} 个");
    assert!(
        rows > 0 && files > 0 && readable.contains(&line),
        "{line} {readable}"
    );
    assert!(
        readable.contains("城市平台数据清除证明") && readable.contains("操作人：柯慕云"),
        "{readable}"
    );
}

/// A second time changes nothing; whoever edits it is found.
async fn the_certificate_outlives_the_city(scene: &Scene) {
    let beside = |kind: &str| scene.folder(&format!("all.erasure.{kind}"));
    let text = fs::read_to_string(beside("json")).expect("it is there");
    let shown = certificate::show(&scene.leaving(), "cangzhou")
        .await
        .expect("it is kept")
        .join("\n");
    assert!(
        shown.contains("bears the signature") && shown.contains("操作人：柯慕云"),
        "{shown}"
    );
    let again = scene.erase("all").await.expect("it was erased");
    assert!(again.contains("was erased before"), "{again}");
    assert_eq!(
        fs::read_to_string(beside("json")).expect("it is there"),
        text
    );
    sqlx::query("update city_erasures set certificate = replace(certificate, '柯慕云', '安知微')")
        .execute(&scene.world.owner)
        .await
        .expect("somebody edits it");
    let shown = certificate::show(&scene.leaving(), "cangzhou")
        .await
        .expect("it is kept")
        .join("\n");
    assert!(shown.contains("does NOT fit"), "{shown}");
}

async fn stored(scene: &Scene, tenant: TenantId) -> usize {
    let ever = time::OffsetDateTime::from_unix_timestamp(32_503_680_000).expect("a year");
    let keys = scene.world.parts.files.older_than(tenant.0, ever).await;
    keys.expect("the storage answers").len()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_erased_of_a_city_that_serves_or_that_was_not_taken_along_as_it_is() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let before = scene.held(world.cangzhou.id).await;
    let refused = async |name: &str, why: &str| {
        let error = scene.erase(name).await.expect_err("it is refused");
        assert!(error.contains(why), "{why}: {error}");
    };
    refused("all", "was not removed").await;
    assert_eq!(scene.held(world.cangzhou.id).await, before);
    scene.close().await;
    refused("all", "no finished export").await;
    scene
        .export_with(&scene.leaving(), "masked", false)
        .await
        .expect("it is exported");
    refused("masked", "without personal data").await;
    scene.export("all").await;
    // Of another city, of another installation, not the same any more.
    let sig = scene.folder("all").join("manifest.sig");
    let signature = fs::read_to_string(&sig).expect("it is there");
    fs::write(&sig, "AAAA").expect("another one");
    refused("all", "not signed by this installation").await;
    fs::write(&sig, signature).expect("as it was");
    let path = folder::files(&scene.folder("all"))
        .expect("files")
        .into_iter()
        .find(|n| n.starts_with("files/"));
    let picture = scene.folder("all").join(path.expect("a file"));
    let bytes = fs::read(&picture).expect("it reads");
    fs::write(&picture, "spoiled").expect("spoiled");
    refused("all", "was changed").await;
    fs::write(&picture, bytes).expect("as it was");
    sqlx::query("update messages set read_at = now() where tenant_id = $1")
        .bind(world.cangzhou.id.0)
        .execute(&world.owner)
        .await
        .expect("they are read");
    refused("all", "rows have changed since the export: messages").await;
    // Once more, and the name of the city must be typed.
    scene.export("all").await;
    let ask = yijianrong::city::leave::EraseAsk {
        export: scene.folder("all"),
        yes_really: "yunlan".to_owned(),
        accept_lost: 0,
        by: None,
    };
    let error =
        yijianrong::city::leave::erase::erase(&scene.leaving(), "cangzhou", &ask, &|_| {}).await;
    assert!(
        error
            .expect_err("refused")
            .to_string()
            .contains("must name the city")
    );
    let erasures: i64 = sqlx::query_scalar("select count(*) from city_erasures")
        .fetch_one(&world.owner)
        .await
        .expect("it counts");
    assert_eq!(erasures, 0, "nothing was begun");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_export_could_not_read_is_lost_only_when_somebody_says_so() {
    let scene = Scene::new().await;
    let world = &scene.world;
    scene.close().await;
    sqlx::query(
        "update users set phone_sealed = '\\x00' where id = (select id from users where tenant_id = $1 limit 1)",
    )
    .bind(world.cangzhou.id.0)
    .execute(&world.owner)
    .await
    .expect("one seal is broken");
    let done = scene.export("all").await;
    assert_eq!(
        (done.manifest.unreadable_values, done.manifest.lost()),
        (1, 1)
    );
    assert!(
        done.lines
            .join("\n")
            .contains("1 sealed values did not open"),
        "{:?}",
        done.lines
    );
    let error = scene.erase("all").await.expect_err("it is refused");
    assert!(error.contains("--accept-lost 1"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_that_was_stopped_goes_on_and_the_city_never_opens_in_between() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let owners = tenants(&scene, world.cangzhou.id).await;
    scene.close().await;
    scene.export("all").await;
    scene.export("other").await;
    let all = stored(&scene, world.cangzhou.id).await;
    let tired = Leaving {
        files: Tired::after(&world.parts.files, 7),
        ..scene.leaving()
    };
    // The first export is no longer what is there: the second one has left its own entry in the log.
    let error = scene
        .erase_with(&tired, "all")
        .await
        .expect_err("it is refused");
    assert!(error.contains("audit_entries"), "{error}");
    let error = scene
        .erase_with(&tired, "other")
        .await
        .expect_err("it stops");
    assert!(error.contains("planted"), "{error}");
    assert_eq!(stored(&scene, world.cangzhou.id).await, all - 7);
    let unfinished = certificate::show(&scene.leaving(), "cangzhou")
        .await
        .expect_err("none yet");
    assert!(
        unfinished.to_string().contains("is not finished"),
        "{unfinished}"
    );
    // Half a city is not opened, and not taken along.
    let city = (*world.cangzhou).clone();
    let clock = world.parts.clock.clone();
    let opened =
        yijianrong::city::stand::resume(&world.owner, &world.parts.pool, city, clock).await;
    assert!(
        opened
            .expect_err("refused")
            .to_string()
            .contains("is being erased")
    );
    let taken = scene
        .export_with(&scene.leaving(), "late", true)
        .await
        .expect_err("refused");
    assert!(taken.contains("is being erased"), "{taken}");
    let another = scene.erase("all").await.expect_err("it is refused");
    assert!(another.contains("begun with another export"), "{another}");

    // A worker notes something meanwhile; it goes too.
    sqlx::query("insert into audit_entries (id, tenant_id, action, object, at) values (gen_random_uuid(), $1, 'planted', 'x', now())")
        .bind(world.cangzhou.id.0)
        .execute(&world.owner)
        .await
        .expect("it is noted");
    scene.told();
    let said = scene.erase("other").await.expect("it goes on");
    assert!(said.contains("is erased"), "{said}");
    let told = scene.told();
    let gone = |one: &String| one.starts_with("consents: ") && one.ends_with(" rows are gone");
    assert!(told.iter().any(gone), "{told:?}");
    let left: i64 = sqlx::query_scalar("select count(*) from tenants where id = any ($1)")
        .bind(&owners)
        .fetch_one(&world.owner)
        .await
        .expect("it counts");
    assert_eq!((left, stored(&scene, world.cangzhou.id).await), (0, 0));
}

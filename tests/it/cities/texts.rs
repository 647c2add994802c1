//! Texts and agreements of a city: written where they are missing, kept where people edited them.

use journeys::World;
use yijianrong::city::{check, texts};

use super::Platform;

#[tokio::test(flavor = "multi_thread")]
async fn at_the_start_only_what_differs_is_written_and_only_other_texts_than_the_files_are_kept() {
    let platform = Platform::new().await;
    let (world, parts) = (&platform.world, &platform.world.parts);
    world.clock.advance(time::Duration::days(2));
    let filed = parts.in_force.filed();
    let write = async || {
        texts::write_missing(&parts.pool, &parts.door, &filed)
            .await
            .expect("it is written")
    };
    assert_eq!(write().await, 1, "云澜 has its texts");
    assert_eq!(write().await, 0);
    sqlx::query("delete from articles where kind = 'about' and tenant_id = $1")
        .bind(world.other.id.0)
        .execute(&world.owner)
        .await
        .expect("it is gone");
    assert_eq!(write().await, 1);

    let apart = async || {
        texts::apart_from_their_files(&parts.door, &filed, parts.clock.now())
            .await
            .expect("it answers")
    };
    assert_eq!(apart().await, []);
    sqlx::query(
        "insert into agreements (tenant_id, city_id, code, version, title, body, body_hash, published_at, origin)
         select tenant_id, city_id, code, 'later', title, '## 一' , '\\x00', published_at + interval '1 hour', 'operator'
         from agreements where tenant_id = $1 order by code limit 1",
    )
    .bind(world.other.id.0)
    .execute(&world.owner)
    .await
    .expect("it is published");
    assert_eq!(apart().await, [world.other.id]);
    world.in_force().await;
    let city = application::city::Cities::by_id(&*parts.cities, world.other.id).expect("there");
    assert!(city.agreements.iter().any(|text| text.version == "later"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_looked_earlier_never_has_the_last_word() {
    let world = World::new().await;
    let parts = world.parts.clone();
    let city = &world.cangzhou;
    yijianrong::seed::content::basics(&parts.pool, city)
        .await
        .expect("its first content");
    // One that saw nothing but the files, and has not said so yet.
    let early = parts.in_force.reading().await;
    sqlx::query(
        "insert into agreements (tenant_id, city_id, code, version, title, body, body_hash, published_at, origin)
         select tenant_id, city_id, code, 'newer', title, body, body_hash, published_at + interval '1 second', 'operator'
         from agreements where tenant_id = $1 order by code limit 1",
    )
    .bind(city.id.0)
    .execute(&world.owner)
    .await
    .expect("it is published");
    parts.portal.changed(None);
    let late = tokio::spawn({
        let parts = parts.clone();
        async move { yijianrong::wire::read_agreements(&parts, None).await }
    });
    // Far more turns than the later one would need, were it let in.
    for _ in 0..200 {
        sqlx::query("select 1")
            .execute(&world.owner)
            .await
            .expect("it answers");
    }
    assert!(!late.is_finished());
    parts.in_force.as_filed(city.id);
    drop(early);
    late.await.expect("it ends").expect("they are read");
    let now = application::city::Cities::by_id(&*parts.cities, city.id).expect("there");
    assert!(now.agreements.iter().any(|text| text.version == "newer"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agreement_of_a_later_day_is_noted_and_applied_only_beside_one_that_stands() {
    let platform = Platform::without_texts().await;
    platform.change(
        "version = \"2026.1\"\neffective = \"2026-09-01\"",
        "version = \"2099.1\"\neffective = \"2099-01-01\"",
    );
    // The file by itself is right: only the database knows whether something stands until then.
    let told = check::examine(&platform.settings(&[]), &platform.file(), false);
    assert!(told.faults.is_empty(), "{:?}", told.faults);
    let note = "the agreement register is in force from 2099-01-01 on";
    assert!(
        told.notes.iter().any(|one| one.contains(note)),
        "{:?}",
        told.notes
    );
    let refused = platform
        .apply()
        .await
        .expect_err("nothing stands until then");
    assert!(
        refused.contains("its only version of the agreement register takes effect on 2099-01-01"),
        "{refused}"
    );
    let versions = async || -> i64 {
        sqlx::query_scalar(
            "select count(*) from agreements where tenant_id = $1 and code = 'register'",
        )
        .bind(platform.world.other.id.0)
        .fetch_one(&platform.world.owner)
        .await
        .expect("it counts")
    };
    assert_eq!(versions().await, 0, "nothing was written");

    platform.first_texts().await;
    let said = platform.apply().await.expect("the earlier one stands");
    assert!(said.contains(note), "{said}");
    assert_eq!(versions().await, 2);
}

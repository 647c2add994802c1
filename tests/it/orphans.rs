//! 无主文件: what a crash left in the file storage goes after a day, and nothing that any row names.

use journeys::World;
use time::Duration;
use yijianrong::workers::Workers;

#[tokio::test(flavor = "multi_thread")]
async fn an_object_without_a_row_goes_after_a_day_and_every_named_one_stays() {
    let scene = crate::branch::scene().await;
    let world: &World = &scene.world;
    let city = world.cangzhou.id.0;
    let vault = &world.parts.files;
    let put = || async { vault.put(city, vec![7; 32]).await.expect("it is stored") };
    let orphan = put().await;
    let (material, file) = (put().await, put().await);
    let (photo, export, sent) = (put().await, put().await, put().await);
    let code = put().await;
    world.file_of(&scene.owner).await;
    for (sql, key) in [
        ("update application_files set object_key = $1", &material),
        ("update enterprise_files set object_key = $1", &file),
        (
            "insert into due_diligence_photos (tenant_id, id, application_id, object_key, byte_size, sha256, added_by, added_at)
             select tenant_id, gen_random_uuid(), id, $1, 32, '\\x00', created_by, now() from financing_applications limit 1",
            &photo,
        ),
        (
            "insert into own_data_exports (id, tenant_id, enterprise_id, user_id, object_key, byte_size, created_at, expires_at)
             select gen_random_uuid(), tenant_id, enterprise_id, created_by, $1, 32, now(), now() + interval '9 days'
             from financing_applications limit 1",
            &export,
        ),
        (
            "insert into letter_files (id, tenant_id, application_id, object_key, media_type, byte_size, sha256, added_by, added_at)
             select gen_random_uuid(), tenant_id, id, $1, 'image/jpeg', 32, '\\x00', created_by, now() from financing_applications limit 1",
            &sent,
        ),
        (
            "insert into wechat_codes (tenant_id, app_id, edition, scene, id, media_type, object_key, byte_size, created_at)
             select tenant_id, 'wx0', 'demo', 'r', gen_random_uuid(), 'image/png', $1, 32, now() from financing_applications limit 1",
            &code,
        ),
    ] {
        sqlx::query(sql)
            .bind(key.as_str())
            .execute(&world.owner)
            .await
            .expect("a row names it");
    }
    // A table that begins to name objects must be asked too, or its objects go.
    let naming: Vec<String> = sqlx::query_scalar(
        "select table_name::text from information_schema.columns where column_name = 'object_key' order by 1",
    )
    .fetch_all(&world.owner)
    .await
    .expect("the catalogue answers");
    assert_eq!(
        naming,
        [
            "application_files",
            "article_attachments",
            "content_pictures",
            "due_diligence_photos",
            "enterprise_files",
            "exports",
            "face_reviews",
            "imports",
            "letter_files",
            "own_data_exports",
            "wechat_codes"
        ]
    );
    let workers = Workers::new(&world.parts);
    // As old as it is: an upload may be on its way.
    #[expect(
        clippy::disallowed_methods,
        reason = "the file storage keeps the machine's own time"
    )]
    world.clock.set(time::OffsetDateTime::now_utc());
    workers.collect_once().await.expect("it runs");
    let there = async |key| vault.get(city, key).await.expect("it answers").is_some();
    assert!(there(&orphan).await, "younger than a day");
    world.clock.advance(Duration::hours(25));
    workers.collect_once().await.expect("it runs");
    assert!(!there(&orphan).await);
    for key in [&material, &file, &photo, &export, &sent, &code] {
        assert!(there(key).await, "{key} is named by a row");
    }
}

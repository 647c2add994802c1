//! A city that is suspended, closed or removed: who is told what, and what is kept and for how long.

use std::fs;

use journeys::{World, YUNLAN_HOST};
use yijianrong::workers::Workers;

use super::Platform;

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_city_tells_whoever_comes_and_loses_nothing_and_the_other_goes_on() {
    let platform = Platform::new().await;
    let world = &platform.world;
    let firm = world
        .new_enterprise(world.other.id, "云澜市竹云居家具有限公司", "19900003101")
        .await;
    let at_home = world
        .signed_in(
            firm.user,
            application::ports::sessions::SessionKind::Enterprise,
            YUNLAN_HOST,
        )
        .await;
    let form = at_home.get("/enterprise/account").await.expect(200);
    platform.visitor().get("/").await.expect(200);

    platform
        .stand("suspended", "系统升级，预计明早恢复。")
        .await;
    at_home
        .get("/enterprise")
        .await
        .expect(503)
        .says("云澜市企业融资服务平台暂停服务")
        .says("系统升级，预计明早恢复。")
        .says("0578-1200800");
    let before = sessions(world).await;
    at_home
        .submit_from(&form, "/logout", &[])
        .await
        .expect(503)
        .says("没有提交成功的内容请在恢复后重新提交");
    assert_eq!(sessions(world).await, before, "nothing was done");
    // A page that was kept is not shown either; programs read a problem; what pages are made of is there.
    platform.visitor().get("/").await.expect(503);
    let api = platform.visitor().get("/api/v1/products").await.expect(503);
    assert!(api.text().contains("\"city_suspended\""), "{}", api.text());
    world
        .browser()
        .get("/")
        .await
        .expect(200)
        .says(&world.cangzhou.name);

    platform.stand("active", "").await;
    at_home.get("/enterprise").await.expect(200);
    platform.visitor().get("/").await.expect(200);

    platform.stand("closed", "").await;
    at_home
        .get("/enterprise")
        .await
        .expect(503)
        .says("已停止服务");
    // Whoever had a form open when the city was removed is told, and nothing is done with it.
    let open = sessions(world).await;
    at_home
        .submit_from(&form, "/logout", &[])
        .await
        .expect(503)
        .says("不再受理新的融资需求");
    assert_eq!(sessions(world).await, open, "nothing was done");
    let kept: i64 = sqlx::query_scalar("select count(*) from enterprises where tenant_id = $1")
        .bind(world.other.id.0)
        .fetch_one(&world.owner)
        .await
        .expect("it counts");
    assert_eq!(kept, 1);
}

async fn sessions(world: &World) -> i64 {
    sqlx::query_scalar("select count(*) from sessions where ended_at is null")
        .fetch_one(&world.owner)
        .await
        .expect("it counts")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_removed_city_holds_ends_too_when_its_file_is_gone() {
    let platform = Platform::new().await;
    let world = &platform.world;
    let old = "insert into audit_entries (id, tenant_id, action, object, at)
       values (gen_random_uuid(), $1, 'planted', 'old', $2)";
    let long_ago = world.parts.clock.now() - time::Duration::days(800);
    sqlx::query(old)
        .bind(world.other.id.0)
        .bind(long_ago)
        .execute(&world.owner)
        .await
        .expect("it is planted");
    let workers = Workers::new(&world.parts);
    platform.stand("closed", "").await;
    fs::rename(platform.file(), platform.catalog.join("away")).expect("it is moved");
    platform.follow().await;
    platform.visitor().get("/").await.expect(404);
    workers.link_once().await.expect("it is linked");
    workers.sweep_once().await.expect("it is swept");
    let left: i64 = sqlx::query_scalar("select count(*) from audit_entries where object = 'old'")
        .fetch_one(&world.owner)
        .await
        .expect("it counts");
    assert_eq!(left, 0);
}

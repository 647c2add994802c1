//! The cities of a running process 城市: changed, suspended and closed while people work in them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use domain::ids::TenantId;
use journeys::{Browser, World, YUNLAN_HOST};
use uuid::Uuid;
use yijianrong::{city::follow::Follower, seed, wire};

/// A platform whose catalogue a test may spoil.
struct Platform {
    world: World,
    catalog: PathBuf,
}

impl Platform {
    async fn new() -> Self {
        let world = World::shipped().await;
        let from = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tenants/catalog"));
        let catalog = std::env::temp_dir().join(format!("yjr-cities-{}", Uuid::new_v4()));
        copy(from, &catalog);
        seed::content::basics(&world.parts.pool, &world.other)
            .await
            .expect("its first content");
        Self { world, catalog }
    }

    fn follower(&self) -> Follower {
        Follower {
            parts: self.world.parts.clone(),
            directory: self.world.directory.clone(),
            catalog: self.catalog.clone(),
        }
    }

    fn file(&self) -> PathBuf {
        self.catalog.join("yunlan.toml")
    }

    fn change(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.file()).expect("it reads");
        assert!(text.contains(from), "{from} is not there");
        fs::write(self.file(), text.replacen(from, to, 1)).expect("it is written");
    }

    /// What the processes say when they refuse.
    async fn refused(&self) -> String {
        let refused = self.follower().read_again().await;
        format!("{:#}", refused.expect_err("it is refused"))
    }

    async fn follow(&self) {
        self.follower().read_again().await.expect("it follows");
    }

    async fn stand(&self, status: &str, words: &str) {
        sqlx::query("update tenants set status = $2, standing_note = $3 where id = $1")
            .bind(self.world.other.id.0)
            .bind(status)
            .bind(words)
            .execute(&self.world.owner)
            .await
            .expect("it stands");
        self.follow().await;
    }

    fn visitor(&self) -> Browser {
        self.world.browser_at(YUNLAN_HOST)
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.catalog).ok();
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_file_is_in_force_at_once_and_a_wrong_one_changes_nothing() {
    let platform = Platform::new().await;
    let visitor = platform.visitor();
    // Twice, so that the page is a kept one.
    for _ in 0..2 {
        visitor.get("/").await.expect(200).says("山里好企业");
    }
    platform.change("山里好企业，融资有回应", "山里好企业，融资更近");
    platform.change("#0B5F4A", "#1B4D8C");
    platform.follow().await;
    let page = visitor.get("/").await.expect(200).says("融资更近").text();
    let sheet = page
        .split("href=\"")
        .find(|rest| rest.starts_with("/assets/theme"));
    let sheet = sheet
        .and_then(|rest| rest.split('"').next())
        .expect("a sheet");
    let css = visitor.get(sheet).await.expect(200).text();
    assert!(css.to_lowercase().contains("#1b4d8c"));

    for (from, to, told) in [
        ("tagline =", "tagine =", "did you mean tagline?"),
        (
            "kind = \"embedded\"",
            "kind = \"nobody\"",
            "unknown kind nobody",
        ),
        ("#8A3B12", "#FFAA00", "contrast"),
        (
            "\"yunlan.localhost\"",
            "\"cangzhou.localhost\"",
            "two cities claim the host",
        ),
        ("wx0000000000000003", "wx0000000000000001", "is already"),
    ] {
        platform.change(from, to);
        let refused = platform.refused().await;
        assert!(refused.contains(told), "{told}: {refused}");
        platform.change(to, from);
        visitor.get("/").await.expect(200).says("融资更近");
    }

    // A file that is gone sends nobody away.
    fs::rename(platform.file(), platform.catalog.join("away")).expect("it is moved");
    let refused = platform.refused().await;
    assert!(refused.contains("was not removed"), "{refused}");
    visitor.get("/").await.expect(200).says("融资更近");
}

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
async fn every_process_hears_the_call_and_says_whether_it_follows() {
    let platform = Platform::new().await;
    let parts = &platform.world.parts;
    let mut running = Vec::new();
    for _ in 0..2 {
        let (tell, calls) = tokio::sync::mpsc::unbounded_channel();
        let (heard, mut listening) = tokio::sync::mpsc::unbounded_channel();
        running.push(tokio::spawn(wire::watch(parts, move |call| {
            heard.send(()).ok();
            tell.send(call).ok();
        })));
        running.push(tokio::spawn(platform.follower().run(calls)));
        listening.recv().await.expect("it listens");
    }
    let call = || postgres_adapter::call(&parts.pool, Uuid::new_v4());
    let answers = call().await.expect("they answer");
    assert_eq!(answers.len(), 2);
    assert!(answers.iter().all(|a| a.refused.is_empty()), "{answers:?}");
    platform.change("tagline =", "tagine =");
    let answers = call().await.expect("they answer");
    assert_eq!(answers.len(), 2);
    assert!(
        answers.iter().all(|a| a.refused.contains("tagine")),
        "{answers:?}"
    );
    for task in running {
        task.abort();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_two_operators_are_invited_by_the_vendor_and_no_third() {
    use application::{access::Guard, people::FirstOperator};
    let world = World::new().await;
    let room = wire::people::uses(&world.parts);
    let reach: Vec<TenantId> = world
        .parts
        .door
        .reach(world.other.id)
        .await
        .expect("its reach");
    let permit = Guard::job(world.other.id, reach.into());
    let ask = |n: u32| FirstOperator {
        name: "安知微".to_owned(),
        phone: format!("1980000000{n}"),
        account: format!("op{n}0"),
        address: "http://beishan.localhost/staff/link/".to_owned(),
    };
    let first = room.first_operator(&permit, ask(1)).await.expect("invited");
    let path = first
        .link
        .trim_start_matches("http://beishan.localhost")
        .to_owned();
    let door = world.browser_elsewhere();
    door.get(&path).await.expect(200).says("安知微");
    world.browser().get(&path).await.expect(404);
    room.first_operator(&permit, ask(2)).await.expect("invited");
    let third = room
        .first_operator(&permit, ask(3))
        .await
        .expect_err("two are enough");
    assert_eq!(third.code, "people.operators_invite");
}

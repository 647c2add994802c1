//! The cities of a running process 城市: changed, suspended and closed while people work in them.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Weak,
};

use domain::ids::TenantId;
use journeys::{Browser, World, YUNLAN_HOST, copy_folder};
use postgres_adapter::Call;
use uuid::Uuid;
use yijianrong::{
    city::{One, apply, check, follow::Follower, stand, texts},
    config::Settings,
    database::{Database, apply_city},
    seed, wire,
    workers::Workers,
};

/// A platform whose catalogue a test may spoil.
struct Platform {
    world: World,
    catalog: PathBuf,
}

impl Platform {
    async fn new() -> Self {
        let platform = Self::without_texts().await;
        platform.first_texts().await;
        platform
    }

    /// The second city is in the database, and nothing of its content.
    async fn without_texts() -> Self {
        let world = World::shipped().await;
        let from = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tenants/catalog"));
        let catalog = std::env::temp_dir().join(format!("yjr-cities-{}", Uuid::new_v4()));
        copy_folder(from, &catalog);
        Self { world, catalog }
    }

    async fn first_texts(&self) {
        seed::content::basics(&self.world.parts.pool, &self.world.other)
            .await
            .expect("its first content");
    }

    fn follower(&self) -> Follower {
        self.follower_with(self.settings(&[]))
    }

    fn follower_with(&self, settings: Settings) -> Follower {
        Follower {
            parts: self.world.parts.clone(),
            directory: self.world.directory.clone(),
            settings,
            shards: Weak::new(),
        }
    }

    fn settings(&self, more: &[&str]) -> Settings {
        self.world.settings(&self.catalog, more)
    }

    /// `city apply yunlan`, as somebody types it beside the running platform.
    async fn apply(&self) -> Result<String, String> {
        let one = One {
            slug: "yunlan".to_owned(),
            settings: self.settings(&[]),
        };
        let done = apply::apply(&one).await;
        done.map(|lines| lines.join("\n"))
            .map_err(|error| format!("{error:#}"))
    }

    /// The name of the second city, as the database has it.
    async fn name(&self) -> String {
        sqlx::query_scalar("select name from tenants where id = $1")
            .bind(self.world.other.id.0)
            .fetch_one(&self.world.owner)
            .await
            .expect("it is there")
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
        let world = &self.world;
        let now = world.parts.clock.now();
        if status == "active" {
            let city = (*world.other).clone();
            let clock = world.parts.clock.clone();
            stand::resume(&world.owner, &world.parts.pool, city, clock)
                .await
                .expect("it is open again");
        } else {
            stand::suspend(&world.owner, "yunlan", status, words, now)
                .await
                .expect("it is closed");
        }
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
async fn a_city_that_takes_the_host_or_the_name_of_a_province_is_refused_and_nothing_is_half_in_force()
 {
    let platform = Platform::new().await;
    let world = &platform.world;
    world.province().await;
    platform.follow().await;
    platform.change("\"yunlan.localhost\"", "\"hebei.localhost\"");
    let refused = platform.refused().await;
    assert!(refused.contains("claim the host"), "{refused}");
    platform.visitor().get("/").await.expect(200);
    let mut named = (*world.other).clone();
    named.slug = "hebei".to_owned();
    let refused = apply_city(&world.owner, &named).await;
    let refused = refused.expect_err("it is a province's").to_string();
    assert!(refused.contains("the name of a province"), "{refused}");
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
    let call = async |trial: Option<&str>| {
        let call = Call {
            number: Uuid::new_v4(),
            trial: trial.map(str::to_owned),
        };
        let answers = postgres_adapter::call(&parts.pool, &call).await;
        let mut answers = answers.expect("they answer");
        // The system of the test answers too; it follows everything.
        answers.given.retain(|answer| answer.process != "world");
        assert_eq!((answers.given.len(), answers.silent), (2, 0), "{answers:?}");
        answers.given
    };
    let answers = call(None).await;
    assert!(answers.iter().all(|a| a.refused.is_empty()), "{answers:?}");
    // A trial changes nothing, and a city that nobody knows yet is tried as well.
    platform.change("山里好企业", "山里的企业");
    let answers = call(Some("yunlan")).await;
    assert!(answers.iter().all(|a| a.refused.is_empty()), "{answers:?}");
    platform
        .visitor()
        .get("/")
        .await
        .expect(200)
        .says("山里好企业");
    fs::write(platform.catalog.join("qinghe.toml"), "slug = \"qinghe\"").expect("written");
    let answers = call(Some("qinghe")).await;
    assert!(
        answers.iter().all(|a| a.refused.contains("qinghe.toml")),
        "{answers:?}"
    );
    platform.change("tagline =", "tagine =");
    let answers = call(None).await;
    assert!(
        answers.iter().all(|a| a.refused.contains("tagine")),
        "{answers:?}"
    );
    // One that listens and says nothing is counted.
    let (heard, mut listening) = tokio::sync::mpsc::unbounded_channel();
    running.push(tokio::spawn(wire::watch(parts, move |_| {
        heard.send(()).ok();
    })));
    listening.recv().await.expect("it listens");
    let call = Call {
        number: Uuid::new_v4(),
        trial: None,
    };
    let answers = postgres_adapter::call(&parts.pool, &call).await;
    assert_eq!(answers.expect("they answer").silent, 1);
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

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_of_a_first_operator_that_was_never_used_is_renewed() {
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
    let ask = |account: &str, phone: &str| FirstOperator {
        name: "安知微".to_owned(),
        phone: phone.to_owned(),
        account: account.to_owned(),
        address: "http://beishan.localhost/staff/link/".to_owned(),
    };
    let path = |link: &str| {
        link.trim_start_matches("http://beishan.localhost")
            .to_owned()
    };
    let lost = room.first_operator(&permit, ask("op10", "19800000001"));
    let lost = lost.await.expect("invited");
    assert!(!lost.renewed);
    let same = room.first_operator(&permit, ask("op20", "19800000001"));
    let error = same.await.expect_err("two people have two phones");
    assert_eq!(error.fields[0].code, "people.phone_of_two");
    let other = room.first_operator(&permit, ask("op10", "19800000003"));
    assert!(
        other.await.is_err(),
        "the link goes to the phone it was for"
    );
    let again = room.first_operator(&permit, ask("op10", "19800000001"));
    let again = again.await.expect("renewed");
    assert!(again.renewed);
    assert_eq!(again.user, lost.user);
    let door = world.browser_elsewhere();
    door.get(&path(&lost.link)).await.expect(404);
    door.get(&path(&again.link))
        .await
        .expect(200)
        .says("安知微");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_applied_by_every_process_or_not_at_all_and_a_draft_stops_nobody() {
    let platform = Platform::new().await;
    let parts = &platform.world.parts;
    // Somebody has begun a city and gone home.
    fs::write(platform.catalog.join("qinghe.toml"), "slug = \"qinghe\"\n[").expect("written");
    for more in [&[][..], &["--environment=production"][..]] {
        let settings = platform.settings(more);
        let database = Database::join(&settings).await.expect("it opens");
        let cities = database.read_cities(&settings).await.expect("it starts");
        database.close().await;
        let slugs: Vec<&str> = cities.iter().map(|city| city.slug.as_str()).collect();
        assert_eq!(slugs, ["cangzhou", "yunlan"]);
    }
    platform.follow().await;
    let name = platform.name().await;
    platform.change(&name, "云澜市企业融资新平台");
    let said = platform.apply().await.expect("it is applied");
    assert!(said.contains("process world follows"), "{said}");
    assert_eq!(platform.name().await, "云澜市企业融资新平台");
    // What people may have edited is not written over, and whoever edited the file hears of it.
    assert!(!said.contains("关于我们"), "{said}");
    let about = platform.catalog.join("yunlan/about.toml");
    let text = fs::read_to_string(&about).expect("it reads");
    fs::write(&about, text.replacen("\nlead = \"", "\nlead = \"新", 1)).expect("written");
    let said = platform.apply().await.expect("it is applied");
    assert!(said.contains("note: 关于我们"), "{said}");

    // Another machine has a copy of the folder that is not right: it refuses, and nothing is written.
    let stale = platform.catalog.join("stale");
    fs::create_dir(&stale).expect("a folder");
    let (tell, calls) = tokio::sync::mpsc::unbounded_channel();
    let (heard, mut listening) = tokio::sync::mpsc::unbounded_channel();
    let there = platform.follower_with(platform.world.settings(&stale, &[]));
    let running = [
        tokio::spawn(there.run(calls)),
        tokio::spawn(wire::watch(parts, move |call| {
            heard.send(()).ok();
            tell.send(call).ok();
        })),
    ];
    listening.recv().await.expect("it listens");
    platform.change("云澜市企业融资新平台", "云澜市第三个平台");
    let refused = platform.apply().await.expect_err("it is refused");
    assert!(
        refused.contains("nothing of yunlan was written"),
        "{refused}"
    );
    assert!(refused.contains("stale"), "{refused}");
    assert_eq!(platform.name().await, "云澜市企业融资新平台");
    for task in running {
        task.abort();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn production_follows_no_city_whose_contract_cannot_be_read() {
    let platform = Platform::new().await;
    platform.change("山里好企业", "山里的企业");
    platform.change(
        "kind = \"demo\"\napp_id = \"wx0000000000000003\"",
        "kind = \"wechat\"\napp_id = \"wx0000000000000003\"\nsecret = \"env:YJR_NOBODY_SETS_THIS\"",
    );
    let strict = platform.follower_with(platform.settings(&["--environment=production"]));
    let refused = strict.read_again().await.expect_err("it is refused");
    let refused = format!("{refused:#}");
    assert!(refused.contains("yunlan: [wechat]"), "{refused}");
    assert!(refused.contains("its secret cannot be read"), "{refused}");
    platform
        .visitor()
        .get("/")
        .await
        .expect(200)
        .says("山里好企业");
}

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
    wire::read_agreements(parts, None)
        .await
        .expect("they are read");
    let city = application::city::Cities::by_id(&*parts.cities, world.other.id).expect("there");
    assert!(city.agreements.iter().any(|text| text.version == "later"));
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

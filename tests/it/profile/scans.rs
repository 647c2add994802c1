//! 病毒扫描 (S-26): what is clean, what is refused, and what is asked again.

use std::sync::{Arc, Mutex};

use application::ports::scanner::{FileScanner, Scan};
use yijianrong::workers::Workers;

use time::Duration;

use super::{uploads::pdf, *};

/// Answers what it was told to, and counts how often it was asked.
pub(crate) struct Told(Mutex<(Scan, usize)>);

#[async_trait::async_trait]
impl FileScanner for Told {
    fn scans(&self) -> bool {
        true
    }

    async fn scan(&self, bytes: &[u8]) -> Scan {
        assert!(bytes.starts_with(b"%PDF"), "the file itself, opened");
        let mut told = self.0.lock().expect("a lock");
        told.1 += 1;
        told.0
    }
}

impl Told {
    pub(crate) fn first(scan: Scan) -> Arc<Self> {
        Arc::new(Self(Mutex::new((scan, 0))))
    }

    pub(crate) fn say(&self, scan: Scan) {
        self.0.lock().expect("a lock").0 = scan;
    }

    fn asked(&self) -> usize {
        self.0.lock().expect("a lock").1
    }
}

async fn scene(first: Scan) -> (World, Arc<Told>, journeys::EnterpriseFixture) {
    let told = Told::first(first);
    let world = World::scanned_by(told.clone()).await;
    let owner = world
        .new_enterprise(world.cangzhou.id, "沧州市示例商贸有限公司", "13900001001")
        .await;
    (world, told, owner)
}

async fn known(world: &World) -> Vec<(String, bool)> {
    sqlx::query_as("select scan, replaced_at is null from enterprise_files order by created_at")
        .fetch_all(&world.owner)
        .await
        .expect("rows")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_infected_upload_is_refused_in_plain_words_and_never_kept() {
    let (world, told, owner) = scene(Scan::Infected).await;
    put(&owner.browser, "licence", "a.pdf", pdf())
        .await
        .expect(422)
        .says("文件含有病毒，没有保存");
    assert_eq!(known(&world).await, []);
    // A picture is encoded anew by our own code: nobody needs to look into it.
    put(&owner.browser, "licence", "a.jpg", jpeg())
        .await
        .expect(200);
    assert_eq!(known(&world).await, [("clean".to_owned(), true)]);
    assert_eq!(told.asked(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_file_is_asked_about_until_somebody_knows() {
    let (world, told, owner) = scene(Scan::Unknown).await;
    put(&owner.browser, "licence", "a.pdf", pdf())
        .await
        .expect(200);
    let workers = Workers::new(&world.parts);
    assert_eq!(workers.scan_once().await.expect("it runs"), 0);
    assert_eq!(known(&world).await, [("unknown".to_owned(), true)]);
    told.say(Scan::Clean);
    assert_eq!(
        workers.scan_once().await.expect("it runs"),
        0,
        "not more often than once a minute"
    );
    world.clock.advance(Duration::minutes(2));
    assert_eq!(workers.scan_once().await.expect("it runs"), 1);
    assert_eq!(known(&world).await, [("clean".to_owned(), true)]);
    world.clock.advance(Duration::minutes(2));
    let before = told.asked();
    workers.scan_once().await.expect("it runs");
    assert_eq!(told.asked(), before, "what is known is not asked about");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_turns_out_to_be_infected_is_taken_away_and_its_owner_is_told() {
    let (world, told, owner) = scene(Scan::Unknown).await;
    put(&owner.browser, "licence", "a.pdf", pdf())
        .await
        .expect(200);
    let id: uuid::Uuid = sqlx::query_scalar("select id from enterprise_files")
        .fetch_one(&world.owner)
        .await
        .expect("a row");
    let path = format!("/enterprise/files/{id}");
    owner.browser.get(&path).await.expect(200);
    told.say(Scan::Infected);
    let workers = Workers::new(&world.parts);
    workers.scan_once().await.expect("it runs");
    assert_eq!(known(&world).await, [("infected".to_owned(), false)]);
    let key: String = sqlx::query_scalar("select object_key from enterprise_files")
        .fetch_one(&world.owner)
        .await
        .expect("a row");
    let key = application::ports::files::FileKey::parse(&key).expect("a key");
    let object = world.parts.files.get(world.cangzhou.id.0, &key).await;
    assert!(object.expect("it answers").is_none(), "the object is gone");
    workers.deliver_once().await.expect("it runs");
    owner
        .browser
        .get("/enterprise/messages")
        .await
        .expect(200)
        .says("上传的文件含有病毒，已移除");
    owner.browser.get(&path).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_opened_keeps_nobody_else_waiting() {
    let (world, told, owner) = scene(Scan::Unknown).await;
    let sibling = world
        .new_enterprise(world.cangzhou.id, "沧州市邻居商贸有限公司", "13900001002")
        .await;
    put(&owner.browser, "licence", "a.pdf", pdf())
        .await
        .expect(200);
    let torn = world
        .parts
        .files
        .put(world.cangzhou.id.0, b"torn".to_vec())
        .await
        .expect("it is kept");
    sqlx::query("update enterprise_files set object_key = $1")
        .bind(torn.to_string())
        .execute(&world.owner)
        .await
        .expect("it stands there");
    world.clock.advance(Duration::seconds(1));
    put(&sibling.browser, "licence", "b.pdf", pdf())
        .await
        .expect(200);
    told.say(Scan::Clean);
    let workers = Workers::new(&world.parts);
    assert_eq!(workers.scan_once().await.expect("it goes on"), 1);
    let both = [("unknown".to_owned(), true), ("clean".to_owned(), true)];
    assert_eq!(known(&world).await, both);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_replaced_is_nobodys_business_any_more() {
    let (world, told, owner) = scene(Scan::Unknown).await;
    put(&owner.browser, "licence", "a.pdf", pdf())
        .await
        .expect(200);
    put(&owner.browser, "licence", "b.jpg", jpeg())
        .await
        .expect(200);
    let before = told.asked();
    told.say(Scan::Infected);
    let workers = Workers::new(&world.parts);
    assert_eq!(workers.scan_once().await.expect("it runs"), 0);
    assert_eq!(told.asked(), before);
}

/// A bank still holds it, so it is looked at; what the enterprise uses today is another one.
#[tokio::test(flavor = "multi_thread")]
async fn an_infected_file_that_was_replaced_takes_nothing_from_the_profile() {
    let (world, told, owner) = scene(Scan::Unknown).await;
    put(&owner.browser, "licence", "a.pdf", pdf())
        .await
        .expect(200);
    let bank = world.bank("沧海惠民银行").await;
    let branch = world.branch(bank, "沧海惠民银行运河支行").await;
    let product = world.product(bank, "惠民抵押贷", &[branch]).await;
    let application = world
        .submitted_application(&owner, bank, branch, product)
        .await;
    let hold = "insert into application_files (tenant_id, application_id, file_id, kind, label, object_key, media_type, round, added_at, scan)
         select tenant_id, $1, id, kind, '营业执照照片', object_key, media_type, 0, created_at, 'unknown' from enterprise_files";
    let fill = "update enterprises set profile_completed_at = now()
         where id = (select enterprise_id from financing_applications where id = $1)";
    let run = |sql: &'static str| sqlx::query(sql).bind(application.0).execute(&world.owner);
    run(hold).await.expect("a bank holds it");
    world.clock.advance(Duration::seconds(1));
    put(&owner.browser, "licence", "b.jpg", jpeg())
        .await
        .expect(200);
    run(fill).await.expect("the profile is whole again");
    let whole = "select count(*) from enterprises where profile_completed_at is not null";
    let complete = || sqlx::query_scalar::<_, i64>(whole).fetch_one(&world.owner);
    assert_eq!(complete().await.expect("a count"), 1);
    told.say(Scan::Infected);
    let workers = Workers::new(&world.parts);
    assert_eq!(workers.scan_once().await.expect("it runs"), 1);
    let both = [("infected".to_owned(), false), ("clean".to_owned(), true)];
    assert_eq!(known(&world).await, both);
    assert_eq!(complete().await.expect("a count"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_scanner_a_pdf_is_kept_and_says_that_nobody_looked() {
    let (world, owner) = newcomer().await;
    put(&owner.browser, "licence", "a.pdf", pdf())
        .await
        .expect(200);
    assert_eq!(known(&world).await, [("unscanned".to_owned(), true)]);
}

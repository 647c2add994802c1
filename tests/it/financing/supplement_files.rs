//! 补充材料 of several pages: kept in the order in which they were put, nine at most, each removed again before the answer is sent.

use application::ports::files::FileKey;
use domain::ids::FinancingApplicationId;
use journeys::{Answer, Browser};
use serde_json::Value;
use uuid::Uuid;

use super::{Scene, scene};

/// A page that differs from every other one.
fn sheet(number: usize) -> Vec<u8> {
    media::sample_card(&format!("银行流水第 {number} 页"), &[])
        .expect("it is drawn")
        .jpeg
}

/// A request that was sent back, with one thing to bring.
struct Asked {
    scene: Scene,
    id: FinancingApplicationId,
    item: Uuid,
}

async fn asked() -> Asked {
    let scene = scene().await;
    let id = scene.submitted().await;
    sqlx::query(
        "update financing_applications set stage = 'need_supplement', returned_from = 'accepted', ever_accepted = true,
           supplement_rounds = 1, paused_at = submitted_at, due_at = submitted_at + interval '15 days' where id = $1",
    )
    .bind(id.0)
    .execute(&scene.world.owner)
    .await
    .expect("it was sent back");
    let item = Uuid::new_v4();
    sqlx::query(
        "insert into supplement_items (id, tenant_id, application_id, round, position, label, required)
         values ($1, $2, $3, 1, 1, '近三个月银行流水', true)",
    )
    .bind(item)
    .bind(scene.world.cangzhou.id.0)
    .bind(id.0)
    .execute(&scene.world.owner)
    .await
    .expect("it is asked for");
    Asked { scene, id, item }
}

impl Asked {
    fn page(&self) -> String {
        format!("/enterprise/applications/{}/supplement", self.id)
    }

    fn field(&self) -> String {
        format!("file_{}", self.item)
    }

    fn browser(&self) -> &Browser {
        &self.scene.enterprise.browser
    }

    /// What the item holds, in order.
    async fn files(&self) -> Vec<Uuid> {
        sqlx::query_scalar("select unnest(file_ids) from supplement_items where id = $1")
            .bind(self.item)
            .fetch_all(&self.scene.world.owner)
            .await
            .expect("it is there")
    }

    /// Files that are kept for this purpose.
    async fn kept(&self) -> i64 {
        let sql = "select count(*) from enterprise_files where kind = 'supplement' and replaced_at is null";
        self.scene.count(sql).await
    }

    /// One page, as the script sends it.
    async fn put(&self, number: usize) -> Value {
        let form = self.browser().get(&self.page()).await.expect(200);
        let (csrf, field) = (form.csrf(), self.field());
        let path = format!("{}/upload", self.page());
        let fields = [("_csrf", csrf.as_str()), ("name", field.as_str())];
        let file = [("file", "流水.jpg", sheet(number))];
        let answer = self.browser().upload(&path, &fields, &file).await;
        serde_json::from_slice(&answer.expect(200).body).expect("JSON")
    }

    /// Several pages at once, as a browser without script sends them.
    async fn post(&self, pages: &[usize], action: &str) -> Answer {
        let form = self.browser().get(&self.page()).await.expect(200);
        let (csrf, key) = (form.csrf(), form.input("_key").expect("a key"));
        let field = self.field();
        let fields = [
            ("_csrf", csrf.as_str()),
            ("_key", key.as_str()),
            ("_action", action),
        ];
        let files: Vec<_> = pages
            .iter()
            .map(|number| (field.as_str(), "流水.jpg", sheet(*number)))
            .collect();
        self.browser().upload(&self.page(), &fields, &files).await
    }

    async fn remove(&self, browser: &Browser, csrf: &str, file: Uuid) -> Answer {
        let (field, file) = (self.field(), file.to_string());
        let fields = [
            ("_csrf", csrf),
            ("name", field.as_str()),
            ("file", file.as_str()),
        ];
        let path = format!("{}/remove", self.page());
        browser.post(&path, &fields).await
    }
}

/// The materials that a page links to, in its order.
fn materials(page: &Answer) -> Vec<Uuid> {
    page.text()
        .split("/materials/")
        .skip(1)
        .filter_map(|rest| rest.get(..36)?.parse().ok())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn several_files_stand_in_order_before_the_enterprise_and_before_the_branch() {
    let asked = asked().await;
    asked
        .post(&[1, 2, 3], "keep")
        .await
        .expect(200)
        .says("已暂存，尚未提交")
        .says("已上传 3 个，最多 9 个");
    assert_eq!(asked.put(4).await["ok"], true);
    let files = asked.files().await;
    assert_eq!(files.len(), 4);
    asked.post(&[], "send").await.expect(303);
    assert_eq!(asked.scene.stage(asked.id).await, "accepted");
    for tail in ["", "/print"] {
        let page = format!("/enterprise/applications/{}{tail}", asked.id);
        let page = asked.browser().get(&page).await.expect(200);
        page.says("已上传文件，共 4 个");
    }
    let labels: Vec<String> = sqlx::query_scalar(
        "select f.label from application_files f, supplement_items i where f.round = 1 and i.id = $1
         order by array_position(i.file_ids, f.file_id)",
    )
    .bind(asked.item)
    .fetch_all(&asked.scene.world.owner)
    .await
    .expect("they were handed over");
    assert_eq!(labels[0], "近三个月银行流水（1/4）");
    assert_eq!(labels[3], "近三个月银行流水（4/4）");
    let world = &asked.scene.world;
    let clerk = world.staff(asked.scene.branch, "钱云诚", &["bm"]).await;
    let page = format!("/branch/applications/{}", asked.id);
    let page = clerk.browser.get(&page).await.expect(200);
    let mut shown = materials(&page);
    shown.retain(|file| files.contains(file));
    assert_eq!(shown, files.repeat(2), "twice, in order");
    page.says("查看材料，共 4 个");
    let material = format!("/branch/applications/{}/materials/{}", asked.id, files[3]);
    clerk.browser.get(&material).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenth_file_is_refused_in_words_and_takes_no_place() {
    let asked = asked().await;
    for number in 1..=9 {
        let told = asked.put(number).await;
        assert_eq!(told["ok"], true, "{told}");
    }
    let told = asked.put(10).await;
    assert_eq!(told["ok"], false);
    let words = told["message"].as_str().expect("words");
    assert!(
        words.contains("“近三个月银行流水”最多 9 个文件，已有 9 个"),
        "{words}"
    );
    assert!(words.contains("请先删除不用的文件"), "{words}");
    asked
        .post(&[10], "send")
        .await
        .expect(422)
        .says("最多 9 个文件，已有 9 个");
    assert_eq!((asked.files().await.len(), asked.kept().await), (9, 9));
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_there_is_room_for_is_refused_as_a_whole() {
    let asked = asked().await;
    let pages: Vec<usize> = (1..=8).collect();
    asked.post(&pages, "keep").await.expect(200);
    asked
        .post(&[9, 10], "keep")
        .await
        .expect(422)
        .says("最多 9 个文件，已有 8 个");
    assert_eq!(asked.files().await.len(), 8);
    asked.post(&[9], "keep").await.expect(200);
    assert_eq!(asked.files().await.len(), 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_script_a_file_too_many_within_the_hour_loses_nothing_that_was_typed() {
    let asked = asked().await;
    let world = &asked.scene.world;
    let user = asked.scene.enterprise.user;
    sqlx::query(
        "insert into rate_counters (bucket, window_start, hits) values ($1, $2, 60)
         on conflict (bucket, window_start) do update set hits = excluded.hits",
    )
    .bind(format!("upload:{}:{user}", world.cangzhou.id))
    .bind(world.parts.clock.now())
    .execute(&world.owner)
    .await
    .expect("they are counted");
    let form = asked.browser().get(&asked.page()).await.expect(200);
    let (csrf, key) = (form.csrf(), form.input("_key").expect("a key"));
    let (field, text) = (asked.field(), format!("text_{}", asked.item));
    let fields = [
        ("_csrf", csrf.as_str()),
        ("_key", key.as_str()),
        ("_action", "send"),
        (text.as_str(), "流水共十二页，先传第一页。"),
        ("note", "原件已送到网点。"),
    ];
    let file = [(field.as_str(), "流水.jpg", sheet(1))];
    let answer = asked.browser().upload(&asked.page(), &fields, &file).await;
    answer
        .expect(422)
        .says("一小时内上传次数过多")
        .says("流水共十二页，先传第一页。")
        .says("原件已送到网点。");
    assert_eq!((asked.files().await.len(), asked.kept().await), (0, 0));
    assert_eq!(asked.scene.stage(asked.id).await, "need_supplement");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_page_twice_is_there_once() {
    let asked = asked().await;
    asked.post(&[1, 2], "keep").await.expect(200);
    asked.post(&[2, 1, 3], "keep").await.expect(200);
    let told = asked.put(2).await;
    assert_eq!(told["ok"], true);
    assert_eq!(told["file"], Value::Null, "{told}");
    assert_eq!((asked.files().await.len(), asked.kept().await), (3, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_removed_again_with_its_object_and_the_others_keep_their_order() {
    let asked = asked().await;
    asked.post(&[1, 2, 3], "keep").await.expect(200);
    let files = asked.files().await;
    let world = &asked.scene.world;
    let key: String = sqlx::query_scalar("select object_key from enterprise_files where id = $1")
        .bind(files[1])
        .fetch_one(&world.owner)
        .await
        .expect("it is there");
    let key = FileKey::parse(&key).expect("a key");
    // With script; a second press is fine.
    let csrf = asked.browser().get(&asked.page()).await.expect(200).csrf();
    for _ in 0..2 {
        let removed = asked.remove(asked.browser(), &csrf, files[1]).await;
        removed.expect(200).says("已删除");
    }
    assert_eq!(asked.files().await, [files[0], files[2]]);
    assert_eq!(asked.kept().await, 2);
    let object = world.parts.files.get(world.cangzhou.id.0, &key).await;
    assert!(object.expect("it answers").is_none());
    // Without, along with a page that takes its place.
    let action = format!("delete:{}:{}", asked.field(), files[0]);
    asked
        .post(&[4], &action)
        .await
        .expect(200)
        .says("已上传 2 个，最多 9 个");
    let after = asked.files().await;
    assert_eq!((after.len(), after[0]), (2, files[2]));
    let own = |file: Uuid| format!("/enterprise/files/{file}");
    asked.browser().get(&own(files[0])).await.expect(404);
    asked.browser().get(&own(files[2])).await.expect(200);
    asked.post(&[], "send").await.expect(303);
    // What was handed over stays.
    let csrf = asked
        .browser()
        .get("/enterprise/account")
        .await
        .expect(200)
        .csrf();
    let late = asked.remove(asked.browser(), &csrf, files[2]).await;
    late.expect(409);
    assert_eq!(asked.files().await, after);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_file_is_neither_removed_nor_seen() {
    let asked = asked().await;
    asked.post(&[1], "keep").await.expect(200);
    let files = asked.files().await;
    let world = &asked.scene.world;
    let sibling = world
        .ready_enterprise("沧州市渤沃宸化工新材料有限公司", "19900002074")
        .await;
    let theirs = world.file_of(&sibling).await;
    let csrf = sibling
        .browser
        .get("/enterprise/account")
        .await
        .expect(200)
        .csrf();
    let refused = asked.remove(&sibling.browser, &csrf, files[0]).await;
    refused.expect(404);
    let own = format!("/enterprise/files/{}", files[0]);
    sibling.browser.get(&own).await.expect(404);
    // Named as if it were one of the item: nothing of it goes.
    let csrf = asked.browser().get(&asked.page()).await.expect(200).csrf();
    asked
        .remove(asked.browser(), &csrf, theirs)
        .await
        .expect(200);
    let stands: bool =
        sqlx::query_scalar("select replaced_at is null from enterprise_files where id = $1")
            .bind(theirs)
            .fetch_one(&world.owner)
            .await
            .expect("it is there");
    assert!(stands);
    assert_eq!(asked.files().await, files);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_one_file_of_an_older_answer_is_still_shown_and_goes_along() {
    let asked = asked().await;
    let world = &asked.scene.world;
    let file = world.file_of(&asked.scene.enterprise).await;
    // As the program of before writes it, which knows no list.
    sqlx::query("update supplement_items set file_id = $2 where id = $1")
        .bind(asked.item)
        .bind(file)
        .execute(&world.owner)
        .await
        .expect("it is noted");
    assert_eq!(asked.files().await, [file]);
    let form = asked.browser().get(&asked.page()).await.expect(200);
    form.says("已上传 1 个，最多 9 个").says(&file.to_string());
    asked.post(&[1], "keep").await.expect(200);
    let first: Uuid = sqlx::query_scalar("select file_id from supplement_items where id = $1")
        .bind(asked.item)
        .fetch_one(&world.owner)
        .await
        .expect("it is there");
    assert_eq!(first, file, "the first one, for the program of before");
    asked.post(&[], "send").await.expect(303);
    assert_eq!(
        asked
            .scene
            .count("select count(*) from application_files where round = 1")
            .await,
        2
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_of_more_than_a_form_is_taken() {
    let asked = asked().await;
    // A photo of today weighs more than a megabyte; what is no picture at all is told as such, and not as too large.
    let form = asked.browser().get(&asked.page()).await.expect(200);
    let (csrf, field) = (form.csrf(), asked.field());
    let path = format!("{}/upload", asked.page());
    let fields = [("_csrf", csrf.as_str()), ("name", field.as_str())];
    let file = [("file", "流水.jpg", vec![b'x'; 3 * 1024 * 1024])];
    let answer = asked.browser().upload(&path, &fields, &file).await;
    answer.expect(200).says("不是 JPG、PNG 图片或 PDF");
}

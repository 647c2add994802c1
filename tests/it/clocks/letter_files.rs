//! A file that a branch sends along: who may open it, what is refused, and what is left behind (W25, S-23 to S-26).

use domain::ids::FinancingApplicationId;
use journeys::{Answer, Browser};

use super::scene::{Scene, scene};

pub fn card() -> Vec<u8> {
    media::sample_card("放款资料清单", &["样张".into()])
        .expect("drawn")
        .jpeg
}

pub fn own(id: FinancingApplicationId) -> String {
    format!("/enterprise/applications/{id}/thread")
}

pub fn bank(id: FinancingApplicationId) -> String {
    format!("/branch/applications/{id}/thread")
}

pub async fn send(
    browser: &Browser,
    page: &Answer,
    path: &str,
    name: &str,
    bytes: Vec<u8>,
) -> Answer {
    let (csrf, key) = (page.csrf(), page.input("_key").expect("a key"));
    let fields = [
        ("_csrf", csrf.as_str()),
        ("_key", key.as_str()),
        ("body", ""),
    ];
    browser
        .upload(path, &fields, &[("file", name, bytes)])
        .await
}

/// The link by which a page of the bank opens its file.
pub(super) fn direct(page: &Answer) -> String {
    let text = page.text();
    let at = text.find("/file?until=").expect("a direct link");
    let start = text[..at].rfind('"').expect("an attribute") + 1;
    let link = text[start..].split('"').next().expect("it ends");
    link.replace("&amp;", "&")
}

/// The link to the one file of a page.
pub fn link(page: &Answer, thread: &str) -> String {
    let text = page.text();
    let rest = text.split(&format!("href=\"{thread}/files/")).nth(1);
    let file = rest.and_then(|r| r.split('"').next()).expect("its link");
    format!("{thread}/files/{file}")
}

pub(super) async fn objects(scene: &Scene) -> usize {
    #[expect(
        clippy::disallowed_methods,
        reason = "the file storage keeps the machine's own time"
    )]
    let now = time::OffsetDateTime::now_utc() + time::Duration::minutes(1);
    let vault = &scene.world.parts.files;
    let all = vault.older_than(scene.world.cangzhou.id.0, now).await;
    all.expect("it answers").len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_the_branch_is_opened_by_its_enterprise_and_by_those_who_read_the_thread_alone() {
    let scene = scene().await;
    let id = scene.accepted().await;
    scene.deliver().await;
    let (own, bank) = (own(id), bank(id));
    let clerk = &scene.clerk.browser;
    let form = clerk.get(&bank).await.expect(200);
    // A double click sends one letter and leaves one object.
    let before = objects(&scene).await;
    for _ in 0..2 {
        send(clerk, &form, &bank, "清单.jpg", card())
            .await
            .expect(303);
    }
    let files = "select count(*) from letter_files";
    let letters = "select count(*) from application_letters where side = 'bank' and kind = 'file'";
    assert_eq!(
        (scene.count(files).await, scene.count(letters).await),
        (1, 1)
    );
    assert_eq!(objects(&scene).await, before + 1);
    scene.deliver().await;
    let told = scene.titles(scene.world.cangzhou.id, true).await;
    assert!(told.contains(&"受理支行给您留言".to_owned()), "{told:?}");

    let owner = &scene.enterprise.browser;
    let page = owner.get(&own).await.expect(200).says("查看文件");
    let theirs = link(&page, &own);
    let got = owner.get(&theirs).await.expect(200);
    assert_eq!(got.headers["content-type"], "image/jpeg");
    assert_eq!(got.headers["cache-control"], "no-store");
    // The bank's own people see it marked, and the enterprise reads that they looked.
    let ours = link(&clerk.get(&bank).await.expect(200), &bank);
    let around = clerk.get(&ours).await.expect(200).says("返回沟通记录");
    let src = direct(&around);
    let marked = clerk.get(&src).await.expect(200);
    assert_eq!(marked.headers["content-type"], "image/jpeg");
    assert_ne!(marked.body, got.body, "with a watermark");
    let looks = "select count(*) from view_entries where fields = '沟通文件'";
    assert_eq!(scene.count(looks).await, 1);
    let hq = scene.world.staff(scene.bank, "贺兰舟", &["ha", "hp"]).await;
    let theirs_at_hq = hq.browser.get(&ours).await.expect(200);
    hq.browser.get(&src).await.expect(404);
    hq.browser.get(&direct(&theirs_at_hq)).await.expect(200);
    // A link that is written down opens nothing a minute later, nor without what was signed.
    scene.world.clock.advance(time::Duration::seconds(61));
    clerk.get(&src).await.expect(404);
    clerk.get(&format!("{ours}/file")).await.expect(404);

    // Another enterprise, a sibling branch, another bank, the city: as if there were nothing.
    let sibling = scene
        .world
        .ready_enterprise("沧州市渤沃宸化工新材料有限公司", "19900002074")
        .await;
    sibling.browser.get(&theirs).await.expect(404);
    let near = scene.world.branch(scene.bank, "狮城商业银行新华支行").await;
    let near = scene.world.staff(near, "时嘉宁", &["bm", "ba", "bh"]).await;
    near.browser.get(&ours).await.expect(404);
    let far = scene.world.bank("沧海惠民银行").await;
    let far = scene.world.staff(far, "梁承宇", &["ha", "hp"]).await;
    far.browser.get(&ours).await.expect(404);
    scene.supervisor.browser.get(&ours).await.expect(404);
    assert_eq!(scene.count(looks).await, 2, "nobody else is in the log");
    // The same file through another application of the same enterprise.
    let second = scene.submitted().await;
    let file = theirs.rsplit('/').next().expect("its id");
    let aside = format!("/enterprise/applications/{second}/thread/files/{file}");
    owner.get(&aside).await.expect(404);

    // Withdrawn: the enterprise keeps what it was sent, the bank opens it no more.
    let withdraw = format!("/enterprise/applications/{id}/withdraw");
    owner.submit(&withdraw, &withdraw, &[]).await.expect(303);
    owner.get(&theirs).await.expect(200);
    clerk.get(&ours).await.expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_picture_and_no_harmless_pdf_is_refused_and_leaves_nothing() {
    let scene = scene().await;
    let id = scene.accepted().await;
    let bank = bank(id);
    let clerk = &scene.clerk.browser;
    let before = objects(&scene).await;
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>1</script></svg>".to_vec();
    let mut active =
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(1)>>>>endobj\n".to_vec();
    active.extend_from_slice(b"trailer<</Root 1 0 R>>\n%%EOF");
    for (name, bytes, words) in [
        ("清单.svg", svg.clone(), "不是 JPG、PNG 图片或 PDF"),
        ("清单.jpg", svg, "不是 JPG、PNG 图片或 PDF"),
        (
            "清单.pdf",
            b"MZ\x90\0\x03".repeat(50),
            "不是 JPG、PNG 图片或 PDF",
        ),
        ("清单.pdf", active, "PDF 文件"),
        ("清单.jpg", Vec::new(), "文件是空的"),
    ] {
        let form = clerk.get(&bank).await.expect(200);
        send(clerk, &form, &bank, name, bytes)
            .await
            .expect(422)
            .says(words);
    }
    let kept =
        "select (select count(*) from letter_files) + (select count(*) from application_letters)";
    assert_eq!(scene.count(kept).await, 0);
    assert_eq!(objects(&scene).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_sends_twenty_files_about_one_application_and_no_more() {
    let scene = scene().await;
    let id = scene.accepted().await;
    let bank = bank(id);
    scene
        .run(
            "insert into letter_files (id, tenant_id, application_id, object_key, media_type, byte_size, sha256, added_by, added_at)
             select gen_random_uuid(), a.tenant_id, a.id, 'none', 'image/jpeg', 1, '\\x00', a.holder_user_id, now()
             from financing_applications a, generate_series(1, 19)",
        )
        .await;
    let clerk = &scene.clerk.browser;
    let form = clerk.get(&bank).await.expect(200);
    send(clerk, &form, &bank, "a.jpg", card()).await.expect(303);
    let form = clerk.get(&bank).await.expect(200);
    send(clerk, &form, &bank, "a.jpg", card())
        .await
        .expect(422)
        .says("20 个或 50 MB");
    assert_eq!(scene.count("select count(*) from letter_files").await, 20);
    // And of bytes: 50 MB.
    scene
        .run("delete from letter_files where object_key <> 'none'")
        .await;
    scene
        .run("update letter_files set byte_size = 52428000 / 19")
        .await;
    let form = clerk.get(&bank).await.expect(200);
    send(clerk, &form, &bank, "a.jpg", card())
        .await
        .expect(422)
        .says("20 个或 50 MB");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_of_several_megabytes_goes_through_from_both_sides() {
    let scene = scene().await;
    let id = scene.accepted().await;
    // Larger than an ordinary form may be: bytes behind the end of the picture are dropped with it.
    let mut large = card();
    large.resize(3 * 1024 * 1024, 0);
    for (browser, path) in [
        (&scene.clerk.browser, bank(id)),
        (&scene.enterprise.browser, own(id)),
    ] {
        let form = browser.get(&path).await.expect(200);
        send(browser, &form, &path, "a.jpg", large.clone())
            .await
            .expect(303);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enterprise_writes_no_row_of_the_branchs_files() {
    let scene = scene().await;
    let id = scene.accepted().await;
    let actor = scene.owner_actor();
    let guard = &scene.world.parts.guard;
    let permit = guard
        .permit(
            &actor,
            application::access::Room::Thread,
            application::access::Action::Save,
        )
        .await
        .expect("it may write letters");
    let mut work = scene.world.parts.pg.open(&permit).await.expect("it opens");
    let written = sqlx::query(
        "insert into letter_files (id, tenant_id, application_id, object_key, media_type, byte_size, sha256, added_by, added_at)
         values (gen_random_uuid(), $1, $2, 'mine', 'image/jpeg', 1, '\\x00', $3, now())",
    )
    .bind(scene.world.cangzhou.id.0)
    .bind(id.0)
    .bind(actor.user.0)
    .execute(work.connection())
    .await;
    assert!(
        written.is_err_and(|e| e.to_string().contains("permission denied")),
        "the wall says so too"
    );
}

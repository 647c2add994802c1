//! Files beside a text: refused when they run, nobody's before a published version lists them.

use journeys::Answer;
use uuid::Uuid;

use super::{Scene, once_heard, press, scene};

const POLICY: [(&str, &str); 5] = [
    ("title", "园区企业租金补贴"),
    ("issuer", "园区管委会"),
    ("category", "融资贴息"),
    ("audience", "园区企业"),
    ("body", "按租金的一半补贴。"),
];

fn pdf() -> Vec<u8> {
    media::sample_pdf("申报表", &["一、填写".to_owned()]).expect("it is drawn")
}

impl Scene {
    async fn attach(&self, id: Uuid, name: &str, bytes: Vec<u8>) -> Answer {
        let path = format!("/operator/content/{id}/files");
        let form = self.writer.browser.get(&path).await.expect(200);
        let (csrf, revision) = (form.csrf(), form.input("revision").unwrap_or_default());
        let fields = [
            ("_csrf", csrf.as_str()),
            ("revision", &revision),
            ("file_title", name),
        ];
        self.writer
            .browser
            .upload(&path, &fields, &[("file", "申报表.pdf", bytes)])
            .await
    }
}

fn links(page: &Answer) -> Vec<String> {
    page.text()
        .split("<a href=\"")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()))
        .filter(|href| href.contains("/files/"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_offered_once_the_version_that_lists_it_is_let_through() {
    let scene = scene().await;
    let id = scene.drafted("policy", &POLICY).await;
    scene.attach(id, "申报表", pdf()).await.expect(303);
    let files = format!("/operator/content/{id}/files");
    let page = scene
        .writer
        .browser
        .get(&files)
        .await
        .expect(200)
        .says("申报表");
    let own = links(&page).remove(0);
    let file = own.rsplit('/').next().expect("an id").to_owned();
    scene.writer.browser.get(&own).await.expect(200);
    let public = format!("/policies/{id}/files/{file}");
    let visitor = scene.world.browser();
    visitor.get(&public).await.expect(404);
    scene.submit(id).await;
    visitor.get(&public).await.expect(404);
    scene.publish(id).await;
    once_heard(&visitor, &format!("/policies/{id}"), |a| a.status == 200)
        .await
        .says("附件下载");
    assert!(
        visitor
            .get(&public)
            .await
            .expect(200)
            .body
            .starts_with(b"%PDF-")
    );
    // Taken off in the next draft it stays until that is let through, and is gone then.
    let edit = format!("/operator/content/{id}/edit");
    press(&scene.writer.browser, &edit, &POLICY)
        .await
        .expect(303);
    let page = scene.writer.browser.get(&files).await.expect(200);
    let revision = page.input("revision").unwrap_or_default();
    scene
        .writer
        .browser
        .submit_from(&page, &format!("{own}/remove"), &[("revision", &revision)])
        .await
        .expect(303);
    scene.attach(id, "新的申报表", pdf()).await.expect(303);
    visitor.get(&public).await.expect(200);
    scene.submit(id).await;
    scene.publish(id).await;
    once_heard(&visitor, &public, |a| a.status == 404).await;
    let page = visitor.get(&format!("/policies/{id}")).await.expect(200);
    assert_eq!(links(&page).len(), 1);
    page.says("新的申报表");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_document_or_would_run_is_refused_in_plain_words() {
    let scene = scene().await;
    let id = scene.drafted("policy", &POLICY).await;
    scene
        .attach(id, "程序", b"MZ\x90\x00".to_vec())
        .await
        .expect(422)
        .says("文件不是 PDF 或 Word 文档");
    let mut active = pdf();
    active.extend_from_slice(b"\n% /JavaScript\n");
    scene.attach(id, "脚本", active).await.expect(422);
    scene
        .attach(id, "名", pdf())
        .await
        .expect(422)
        .says("附件名称应为");
    assert_eq!(
        scene
            .count("select count(*) from article_attachments where drafted")
            .await,
        0
    );
}

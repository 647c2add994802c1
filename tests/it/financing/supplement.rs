//! 补充材料: answered in place, and the bank goes on.

use time::Duration;
use uuid::Uuid;

use super::scene;

#[tokio::test(flavor = "multi_thread")]
async fn a_supplement_is_answered_in_place_and_the_bank_goes_on() {
    let scene = scene().await;
    let id = scene.submitted().await;
    sqlx::query("update financing_applications set stage = 'need_supplement', returned_from = 'accepted', ever_accepted = true, supplement_rounds = 1, paused_at = submitted_at, due_at = submitted_at + interval '15 days' where id = $1")
        .bind(id.0)
        .execute(&scene.world.owner)
        .await
        .expect("it was sent back");
    let (needed, optional) = (Uuid::new_v4(), Uuid::new_v4());
    for (item, label, required) in [
        (needed, "近 12 个月银行流水", true),
        (optional, "购销合同", false),
    ] {
        sqlx::query("insert into supplement_items (id, tenant_id, application_id, round, position, label, required) values ($1, $2, $3, 1, 1, $4, $5)")
            .bind(item)
            .bind(scene.world.cangzhou.id.0)
            .bind(id.0)
            .bind(label)
            .bind(required)
            .execute(&scene.world.owner)
            .await
            .expect("it is asked for");
    }
    scene.world.clock.advance(Duration::days(12));
    let fresh = scene
        .world
        .signed_in(
            scene.enterprise.user,
            application::ports::sessions::SessionKind::Enterprise,
            "cangzhou.localhost",
        )
        .await;
    assert_eq!(
        scene.workers().tick_once().await.expect("it runs"),
        1,
        "warned on the twelfth day"
    );
    let page = format!("/enterprise/applications/{id}/supplement");
    let form = fresh
        .get(&page)
        .await
        .expect(200)
        .says("近 12 个月银行流水");
    fresh
        .submit_from(&form, &page, &[("_action", "send")])
        .await
        .expect(422)
        .says("请上传“近 12 个月银行流水”，或填写文字说明");
    let text = format!("text_{needed}");
    // A file that is refused and a note that is too long are told together, and 暂存 keeps the note.
    let form = fresh.get(&page).await.expect(200);
    let (csrf, key) = (form.csrf(), form.input("_key").expect("a key"));
    let (wrong, long) = (format!("file_{optional}"), "长".repeat(501));
    let told = fresh
        .upload(
            &page,
            &[
                ("_csrf", csrf.as_str()),
                ("_key", key.as_str()),
                ("_action", "send"),
                ("note", long.as_str()),
            ],
            &[(wrong.as_str(), "a.pdf", b"no file of ours".to_vec())],
        )
        .await
        .expect(422);
    told.says("不是 JPG、PNG 图片或 PDF")
        .says("请上传“近 12 个月银行流水”，或填写文字说明")
        .says("有 3 处需要修改");
    let form = fresh.get(&page).await.expect(200);
    fresh
        .submit_from(
            &form,
            &page,
            &[("_action", "keep"), ("note", "周五前补齐合同")],
        )
        .await
        .expect(200)
        .says("已暂存，尚未提交");
    let form = fresh.get(&page).await.expect(200).says("周五前补齐合同");
    fresh
        .submit_from(
            &form,
            &page,
            &[
                ("_action", "send"),
                (&text, "流水原件现场查看"),
                ("note", "已补充"),
            ],
        )
        .await
        .expect(303);
    assert_eq!(scene.stage(id).await, "accepted");
    fresh
        .get(&format!("/enterprise/applications/{id}"))
        .await
        .expect(200)
        .says("流水原件现场查看");
    let _ = scene.bank;
}

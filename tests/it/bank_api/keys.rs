//! Keys: shown once, switched on by somebody else, gone at once.

use super::{act, headquarters, new_key, problem};
use journeys::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_live_key_needs_a_second_person_and_ends_at_once() {
    let world = World::new().await;
    let bank = world.bank("沧海惠民银行").await;
    let (admin, second) = headquarters(&world, bank).await;
    let machine = new_key(&world, &admin, "live").await;
    let list = "/bank/v1/applications";
    problem(&machine.get(list, &[]).await, 403, "bank_api.key_waiting");
    act(&admin, &machine.key, "enable")
        .await
        .expect(409)
        .says("须由创建人以外的人员启用");
    act(&second, &machine.key, "enable").await.expect(303);
    act(&second, &machine.key, "enable").await.expect(409);
    machine.get(list, &[]).await.expect(200);
    let page = admin.browser.get("/hq/keys").await.expect(200);
    page.says("使用中").says("温如岚 启用").says(&machine.key);
    act(&second, &machine.key, "revoke").await.expect(403);
    let page = format!("/hq/keys/{}", machine.key);
    let asked = [("_action", "revoke"), ("_key", "0123456789abcdef0123")];
    let first = admin.browser.submit("/hq/keys", &page, &asked).await;
    first.expect(200).says("要停用这个密钥吗？");
    act(&admin, &machine.key, "revoke").await.expect(303);
    problem(
        &machine.get(list, &[]).await,
        401,
        "bank_api.signature_wrong",
    );
    let log: Vec<String> = sqlx::query_scalar(
        "select action || ' ' || outcome from audit_entries where action like 'api_key.%' order by at, id",
    )
    .fetch_all(&world.owner)
    .await
    .expect("the log");
    assert_eq!(
        log,
        [
            "api_key.create ok",
            "api_key.enable ok",
            "api_key.revoke ok"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_shown_once_and_kept_sealed() {
    let world = World::new().await;
    let bank = world.bank("沧海惠民银行").await;
    let (admin, _) = headquarters(&world, bank).await;
    let form = admin.browser.get("/hq/keys/new").await.expect(200);
    let fields = [("key_name", "信贷系统"), ("kind", "sandbox")];
    let path = "/hq/keys/new";
    let shown = admin.browser.submit_from(&form, path, &fields).await;
    let machine = super::Machine::shown(&world, &shown.expect(200));
    let again = admin.browser.submit_from(&form, path, &fields).await;
    let again = admin.browser.follow(again.expect(303)).await;
    assert!(!again.text().contains(&machine.secret));
    again.says("不会再次显示");
    let kept: Vec<Vec<u8>> = sqlx::query_scalar("select secret_sealed from bank_api_keys")
        .fetch_all(&world.owner)
        .await
        .expect("one key");
    assert_eq!(kept.len(), 1, "the same form makes one key");
    let text = String::from_utf8_lossy(&kept[0]).into_owned();
    assert!(!text.contains(&machine.secret));
    let wrong = [("key_name", " "), ("kind", "both")];
    let page = admin.browser.submit(path, path, &wrong).await.expect(422);
    page.says("请填写密钥名称").says("请选择密钥类型");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_has_a_hand_on_the_keys() {
    let world = World::new().await;
    let bank = world.bank("沧海惠民银行").await;
    let branch = world.branch(bank, "沧海惠民银行运河支行").await;
    let other = world.bank("狮城商业银行").await;
    let (admin, second) = headquarters(&world, bank).await;
    let (stranger, _) = headquarters(&world, other).await;
    let clerk = world.staff(branch, "钱云诚", &["bm", "bh"]).await;
    let machine = new_key(&world, &admin, "sandbox").await;
    clerk.browser.get("/hq/keys").await.expect(404);
    let theirs = stranger.browser.get("/hq/keys").await.expect(200);
    assert!(!theirs.text().contains(&machine.key));
    act(&stranger, &machine.key, "revoke").await.expect(404);
    act(&stranger, &machine.key, "reset").await.expect(404);
    second.browser.get("/hq/keys").await.expect(200);
    second.browser.get("/hq/keys/new").await.expect(403);
    machine.get("/bank/v1/applications", &[]).await.expect(200);
}

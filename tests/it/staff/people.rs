//! 人员与角色 (H2, T4, T5, S-10, S-22, S-39): who may give what to whom, links that open once, and the next click of the dismissed.

use domain::ids::{TenantId, UserId};
use journeys::{Answer, Browser, PASSWORD, StaffFixture, World};
use time::Duration;
use uuid::Uuid;

use super::app_code;
use crate::account::sign_in;

const FIRST: &str = "Yunhe#2026ab";

struct Scene {
    world: World,
    bank: TenantId,
    branch: TenantId,
    admin: StaffFixture,
    second_admin: StaffFixture,
    head: StaffFixture,
    clerk: StaffFixture,
}

async fn scene() -> Scene {
    let world = World::new().await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let admin = world.staff(bank, "梁承宇", &["ha"]).await;
    let second_admin = world.staff(bank, "苏明远", &["ha"]).await;
    let head = world.staff(branch, "范知行", &["bh"]).await;
    let clerk = world.staff(branch, "钱云诚", &["bm"]).await;
    for person in [&admin, &second_admin, &head] {
        person.browser.prove().await;
    }
    Scene {
        world,
        bank,
        branch,
        admin,
        second_admin,
        head,
        clerk,
    }
}

/// Invites somebody from the form of a console.
async fn invite(
    browser: &Browser,
    base: &str,
    node: TenantId,
    account: &str,
    roles: &[&str],
) -> Answer {
    let page = format!("{base}/invite");
    let node = node.to_string();
    let mut fields = vec![
        ("node", node.as_str()),
        ("name", "时嘉宁"),
        ("phone", "16655550001"),
        ("account", account),
    ];
    fields.extend(roles.iter().map(|role| ("roles", *role)));
    browser.submit(&page, &page, &fields).await
}

/// The path of the link on the page that shows it.
fn link(issued: &Answer) -> String {
    let text = issued.text();
    let rest = text
        .split("/staff/link/")
        .nth(1)
        .expect("the page shows a link");
    let token: String = rest
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
        .collect();
    format!("/staff/link/{token}")
}

async fn first_password(world: &World, link: &str) -> Browser {
    let browser = world.browser();
    let fields = [("password", FIRST), ("password_again", FIRST)];
    browser.submit(link, link, &fields).await.expect(303);
    browser
}

/// Does something on the page of a person.
async fn act(browser: &Browser, base: &str, person: UserId, fields: &[(&str, &str)]) -> Answer {
    let page = format!("{base}/{person}");
    browser.submit(&page, &page, fields).await
}

async fn user_of(world: &World, account: &str) -> UserId {
    let id: Uuid = sqlx::query_scalar("select id from users where account = $1")
        .bind(account)
        .fetch_one(&world.owner)
        .await
        .expect("the person is there");
    UserId(id)
}

async fn roles_of(world: &World, user: UserId) -> Vec<String> {
    sqlx::query_scalar("select roles from users where id = $1")
        .bind(user.0)
        .fetch_one(&world.owner)
        .await
        .expect("the person is there")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invited_person_sets_a_password_by_a_link_that_opens_once_and_for_a_day() {
    let scene = scene().await;
    let base = "/hq/people";
    let browser = &scene.admin.browser;
    let issued = invite(browser, base, scene.branch, "shi.jn", &["bm"])
        .await
        .expect(200)
        .says("短信发送");
    let path = link(&issued);
    let late = invite(browser, base, scene.branch, "late.one", &["bm"])
        .await
        .expect(200);
    // Before the link nobody gets in, by whatever way.
    sign_in(&scene.world.browser(), "/staff/login", "shi.jn", FIRST)
        .await
        .expect(422);
    let stranger = scene.world.browser();
    stranger
        .get(&path)
        .await
        .expect(200)
        .says("时嘉宁")
        .says("狮城商业银行运河支行");
    let weak = [("password", "12345678"), ("password_again", "12345678")];
    stranger.submit(&path, &path, &weak).await.expect(422);
    let inside = first_password(&scene.world, &path).await;
    inside.get("/branch").await.expect(200).says("时嘉宁");
    scene
        .world
        .browser()
        .get(&path)
        .await
        .expect(404)
        .says("链接已失效");
    let again = stranger
        .submit(&late_page(&late), &path, &[("password", FIRST)])
        .await;
    again.expect(404);
    sign_in(&scene.world.browser(), "/staff/login", "SHI.JN", FIRST)
        .await
        .expect(303);
    scene.world.clock.advance(Duration::hours(24));
    let late = late_page(&late);
    scene.world.browser().get(&late).await.expect(404);
}

fn late_page(issued: &Answer) -> String {
    link(issued)
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gives_a_role_or_a_node_above_their_own() {
    let scene = scene().await;
    let base = "/branch/people";
    let browser = &scene.head.browser;
    for roles in [vec!["ha"], vec!["bm", "op"], vec!["pa"], vec!["eo"]] {
        invite(browser, base, scene.branch, "climber", &roles)
            .await
            .expect(422)
            .says("超出该单位的范围");
    }
    let sibling = scene.world.branch(scene.bank, "狮城商业银行新华支行").await;
    for node in [scene.bank, scene.world.cangzhou.id, sibling] {
        invite(browser, base, node, "climber", &["bm"])
            .await
            .expect(422)
            .says("请选择所在单位");
    }
    let seen = ("seen", "bm");
    act(
        browser,
        base,
        scene.clerk.user,
        &[("_action", "roles"), seen, ("roles", "hp")],
    )
    .await
    .expect(422);
    assert_eq!(roles_of(&scene.world, scene.clerk.user).await, ["bm"]);
    // People above and beside are not there, and neither is the console of another kind of node.
    for person in [
        scene.admin.user,
        scene.world.staff(sibling, "和宏屹", &["bm"]).await.user,
    ] {
        browser.get(&format!("{base}/{person}")).await.expect(404);
    }
    browser.get("/hq/people").await.expect(404);
    // Whoever is no administrator finds no list.
    scene.clerk.browser.get(base).await.expect(404);
    // The city opens institutions and leaves their branches to them.
    let operator = scene
        .world
        .staff(scene.world.cangzhou.id, "宋知远", &["op"])
        .await;
    operator.browser.prove().await;
    let path = format!("/operator/people/{}", scene.clerk.user);
    operator.browser.get(&path).await.expect(404);
    invite(
        &operator.browser,
        "/operator/people",
        scene.branch,
        "climber",
        &["bm"],
    )
    .await
    .expect(422);
    operator
        .browser
        .get(&format!("/operator/people/{}", scene.admin.user))
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_click_of_a_dismissed_clerk_is_refused() {
    let scene = scene().await;
    scene.clerk.browser.get("/branch").await.expect(200);
    let base = "/branch/people";
    let page = format!("{base}/{}", scene.clerk.user);
    let form = scene.head.browser.get(&page).await.expect(200);
    // The first click only asks.
    let asked = [("_action", "dismiss"), ("_key", "0123456789abcdef0123")];
    let head = &scene.head.browser;
    head.submit_from(&form, &page, &asked)
        .await
        .expect(200)
        .says("要停用这个账号吗？")
        .says("暂不停用");
    scene.clerk.browser.get("/branch").await.expect(200);
    let key = [
        ("_action", "confirm"),
        ("deed", "dismiss"),
        ("_key", "0123456789abcdef0123"),
    ];
    for _ in 0..2 {
        scene
            .head
            .browser
            .submit_from(&form, &page, &key)
            .await
            .expect(303);
    }
    scene.clerk.browser.get("/branch").await.expect(303);
    let account = scene.clerk.user.to_string();
    sign_in(&scene.world.browser(), "/staff/login", &account, PASSWORD)
        .await
        .expect(422);
    let logged: i64 =
        sqlx::query_scalar("select count(*) from audit_entries where action = 'people.dismiss'")
            .fetch_one(&scene.world.owner)
            .await
            .expect("it counts");
    assert_eq!(logged, 1, "twice is once");
    // Nobody dismisses themselves, or gives themselves roles.
    for fields in [
        vec![("_action", "dismiss")],
        vec![("_action", "roles"), ("seen", "bh"), ("roles", "ba")],
        vec![("_action", "link")],
    ] {
        let mut all = fields;
        all.push(("_key", "fedcba9876543210fedc"));
        act(&scene.head.browser, base, scene.head.user, &all)
            .await
            .expect(409)
            .says("不能为自己办理");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_weighs_waits_for_a_second_person() {
    let scene = scene().await;
    let base = "/hq/people";
    invite(&scene.admin.browser, base, scene.bank, "shi.jn", &["hp"])
        .await
        .expect(200)
        .says("总行审批人")
        .says("另一位管理员确认");
    let user = user_of(&scene.world, "shi.jn").await;
    assert!(roles_of(&scene.world, user).await.is_empty());
    let id: Uuid = sqlx::query_scalar("select id from role_grants")
        .fetch_one(&scene.world.owner)
        .await
        .expect("it waits");
    let path = format!("{base}/grants/{id}");
    let confirm = [("_action", "confirm"), ("_key", "0123456789abcdef0123")];
    scene
        .admin
        .browser
        .submit(base, &path, &confirm)
        .await
        .expect(409)
        .says("申请人之外");
    // A stranger's headquarters does not learn of it.
    let other = scene.world.bank("沧海惠民银行").await;
    let stranger = scene.world.staff(other, "陶乐山", &["ha"]).await;
    stranger.browser.prove().await;
    let refused = stranger.browser.submit(base, &path, &confirm).await;
    refused.expect(404);
    // The database holds the line too.
    let cheat = sqlx::query("update role_grants set status = 'confirmed', settled_by = asked_by")
        .execute(&scene.world.owner)
        .await;
    assert!(cheat.is_err());
    scene
        .second_admin
        .browser
        .submit(base, &path, &confirm)
        .await
        .expect(303);
    assert_eq!(roles_of(&scene.world, user).await, ["hp"]);
    // What is taken away needs one person; the session that held it is over.
    let changed = scene.world.staff(scene.bank, "顾怀瑾", &["ha", "hp"]).await;
    changed.browser.get("/branch/account").await.expect(200);
    let fields = [("_action", "roles"), ("seen", "ha,hp"), ("roles", "hp")];
    act(&scene.admin.browser, base, changed.user, &fields)
        .await
        .expect(303);
    assert_eq!(roles_of(&scene.world, changed.user).await, ["hp"]);
    changed.browser.get("/branch/account").await.expect(303);
    // A page from before the change does nothing.
    act(&scene.second_admin.browser, base, changed.user, &fields)
        .await
        .expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asked_for_a_role_takes_it_back_as_long_as_nobody_has_settled_it() {
    let scene = scene().await;
    let base = "/hq/people";
    let owner = &scene.world.owner;
    let (first, second) = (&scene.admin.browser, &scene.second_admin.browser);
    invite(first, base, scene.bank, "shi.jn", &["hp"])
        .await
        .expect(200);
    let user = user_of(&scene.world, "shi.jn").await;
    let id: Uuid = sqlx::query_scalar("select id from role_grants")
        .fetch_one(owner)
        .await
        .expect("it waits");
    let path = format!("{base}/grants/{id}");
    let key = ("_key", "0123456789abcdef0123");
    let withdraw = [("_action", "withdraw"), key];
    first.get(base).await.expect(200).says("撤回申请");
    // The other one settles it or leaves it, but does not take it back.
    let seen = second.get(base).await.expect(200);
    assert!(!seen.text().contains("撤回申请"));
    second
        .submit(base, &path, &withdraw)
        .await
        .expect(409)
        .says("只有提出人可以撤回");
    // A double click takes it back once.
    for _ in 0..2 {
        first.submit(base, &path, &withdraw).await.expect(303);
    }
    second
        .submit(base, &path, &[("_action", "confirm"), key])
        .await
        .expect(409)
        .says("已由梁承宇撤回");
    assert!(roles_of(&scene.world, user).await.is_empty());
    let logged: i64 = sqlx::query_scalar(
        "select count(*) from audit_entries where action = 'people.withdraw_grant' and outcome = 'ok'",
    )
    .fetch_one(owner)
    .await
    .expect("it counts");
    assert_eq!(logged, 1);
    let by_another = sqlx::query(
        "update role_grants set status = 'withdrawn', settled_by = (select id from users where id <> asked_by limit 1)",
    );
    assert!(by_another.execute(owner).await.is_err());
    // It may be asked for again.
    let fields = [("_action", "roles"), ("seen", ""), ("roles", "hp")];
    act(first, base, user, &fields).await.expect(303);
    let open: i64 = sqlx::query_scalar("select count(*) from role_grants where status = 'open'")
        .fetch_one(owner)
        .await
        .expect("it counts");
    assert_eq!(open, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_phone_in_two_banks_is_two_accounts_whose_rights_never_meet() {
    let scene = scene().await;
    let other = scene.world.bank("沧海惠民银行").await;
    let other_branch = scene.world.branch(other, "沧海惠民银行新华支行").await;
    let stranger = scene.world.staff(other, "陶乐山", &["ha"]).await;
    stranger.browser.prove().await;
    let base = "/hq/people";
    let here = invite(&scene.admin.browser, base, scene.branch, "shi.a", &["bm"]).await;
    let there = invite(&stranger.browser, base, other_branch, "shi.b", &["ba"]).await;
    let a = first_password(&scene.world, &link(&here.expect(200))).await;
    let b = first_password(&scene.world, &link(&there.expect(200))).await;
    a.get("/branch").await.expect(200).says("运河支行");
    b.get("/branch").await.expect(200).says("新华支行");
    // Neither bank sees the other's person; the phone alone names nobody.
    let list = scene
        .admin
        .browser
        .get(base)
        .await
        .expect(200)
        .says("shi.a");
    assert!(!list.text().contains("shi.b"));
    let foreign = user_of(&scene.world, "shi.b").await;
    scene
        .admin
        .browser
        .get(&format!("{base}/{foreign}"))
        .await
        .expect(404);
    sign_in(&scene.world.browser(), "/staff/login", "16655550001", FIRST)
        .await
        .expect(422);
    assert_eq!(roles_of(&scene.world, foreign).await, ["ba"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_phone_after_a_loss_takes_a_second_person_the_link_and_the_password() {
    let scene = scene().await;
    let clerk = &scene.clerk;
    clerk.browser.prove().await;
    let own = "/branch/account/second";
    let form = clerk.browser.get(own).await.expect(200);
    let code = app_code(&scene.world, clerk.user, 0).await;
    clerk
        .browser
        .submit_from(&form, own, &[("code", &code)])
        .await
        .expect(200);
    let issued = act(
        &scene.head.browser,
        "/branch/people",
        clerk.user,
        &[("_action", "link")],
    )
    .await
    .expect(200);
    let path = link(&issued);
    let browser = scene.world.browser();
    browser
        .submit(&path, &path, &[("current_password", "Falsch-1234")])
        .await
        .expect(422);
    let done = browser
        .submit(&path, &path, &[("current_password", PASSWORD)])
        .await
        .expect(303);
    assert_eq!(done.location(), "/staff/second");
    clerk.browser.get("/branch").await.expect(303);
    let page = browser.get("/staff/second").await;
    let page = browser
        .follow(page)
        .await
        .expect(200)
        .says("绑定动态验证码");
    browser.get("/branch").await.expect(303);
    let code = app_code(&scene.world, clerk.user, 0).await;
    browser
        .submit_from(&page, "/staff/enrol", &[("code", &code)])
        .await
        .expect(200);
    browser.get("/branch").await.expect(200);
    scene.world.browser().get(&path).await.expect(404);
}

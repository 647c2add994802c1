//! 机构与支行 (H2): headquarters opens, renames and suspends its branches, and the portal follows.

use journeys::{Answer, Browser, World};
use uuid::Uuid;

const FACTS: [(&str, &str); 6] = [
    ("region", "130903"),
    ("address", "运河区浮阳大道 8 号"),
    ("phone", "0317-1100133"),
    ("opening_hours", "周一至周五 8:30–17:30"),
    ("serves", "130903"),
    ("counter_check", "1"),
];

async fn save(browser: &Browser, page: &str, parent: &str, name: &str) -> Answer {
    let mut fields = vec![("name", name), ("parent", parent), ("_action", "save")];
    fields.extend(FACTS);
    browser.submit(page, page, &fields).await
}

async fn id_of(world: &World, name: &str) -> Uuid {
    sqlx::query_scalar("select id from tenants where name = $1")
        .bind(name)
        .fetch_one(&world.owner)
        .await
        .expect("the branch is there")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_is_opened_at_any_depth_renamed_and_shown_on_the_portal() {
    let world = World::new().await;
    let bank = world.bank("狮城商业银行").await;
    let admin = world.staff(bank, "梁承宇", &["ha"]).await.browser;
    let root = bank.to_string();
    let new = "/hq/tree/new";
    for (name, words) in [("", "4–60 个字"), ("短", "4–60 个字")] {
        save(&admin, new, &root, name).await.expect(422).says(words);
    }
    save(&admin, new, &root, "狮城商业银行运河分行")
        .await
        .expect(303);
    let upper = id_of(&world, "狮城商业银行运河分行").await;
    save(&admin, new, &upper.to_string(), "狮城商业银行浮阳支行")
        .await
        .expect(303);
    save(&admin, new, &root, "狮城商业银行浮阳支行")
        .await
        .expect(422)
        .says("已有同名支行");
    let lower = id_of(&world, "狮城商业银行浮阳支行").await;
    admin
        .get("/hq/tree")
        .await
        .expect(200)
        .says("　狮城商业银行浮阳支行");
    let page = format!("/hq/tree/{lower}");
    save(&admin, &page, "", "狮城商业银行浮阳大道支行")
        .await
        .expect(303);
    let shown: String = sqlx::query_scalar("select phone from branches b join tenants t on t.id = b.tenant_id where t.name = '狮城商业银行浮阳大道支行' and b.status = 'published'")
        .fetch_one(&world.owner)
        .await
        .expect("it is shown");
    assert_eq!(shown, "0317-1100133");
    world
        .browser()
        .get(&format!("/institutions/{bank}"))
        .await
        .expect(200)
        .says("浮阳大道支行");
    // Its people are reached from headquarters at once.
    admin.prove().await;
    admin
        .get("/hq/people/invite")
        .await
        .expect(200)
        .says("狮城商业银行浮阳大道支行");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_with_open_requests_is_not_suspended_and_an_empty_one_is_closed_to_its_people() {
    let world = World::new().await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let product = world.product(bank, "惠民抵押贷", &[branch]).await;
    let owner = world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    let application = world
        .submitted_application(&owner, bank, branch, product)
        .await;
    let admin = world.staff(bank, "梁承宇", &["ha"]).await.browser;
    let clerk = world.staff(branch, "钱云诚", &["bm"]).await.browser;
    let page = format!("/hq/tree/{branch}");
    admin
        .get(&page)
        .await
        .expect(200)
        .says("1 笔融资需求未办结")
        .says("瀚岳澜");
    let suspend = [("_action", "suspend")];
    admin
        .submit(&page, &page, &suspend)
        .await
        .expect(409)
        .says("停用没有生效");
    sqlx::query(
        "update financing_applications set stage = 'withdrawn', due_at = null where id = $1",
    )
    .bind(application.0)
    .execute(&world.owner)
    .await
    .expect("it is withdrawn");
    // The first click only asks.
    let asked = admin.submit(&page, &page, &suspend).await.expect(200);
    asked
        .says("要停用这家支行吗？")
        .says("狮城商业银行运河支行");
    clerk.get("/branch").await.expect(200);
    let sure = [("_action", "confirm"), ("deed", "suspend")];
    admin.submit(&page, &page, &sure).await.expect(303);
    clerk.get("/branch").await.expect(303);
    admin
        .submit(&page, &page, &[("_action", "resume")])
        .await
        .expect(303);
    clerk.get("/branch").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tree_of_another_bank_is_not_there_and_approvers_only_look() {
    let world = World::new().await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let other = world.bank("沧海惠民银行").await;
    let stranger = world.staff(other, "陶乐山", &["ha"]).await.browser;
    let page = format!("/hq/tree/{branch}");
    stranger.get(&page).await.expect(404);
    let home = "/hq/tree/new";
    let posted = stranger
        .submit(home, &page, &[("_action", "suspend")])
        .await;
    posted.expect(404);
    save(&stranger, home, &branch.to_string(), "沧海惠民银行新华支行")
        .await
        .expect(422)
        .says("请选择上级机构");
    let approver = world.staff(bank, "苏明远", &["hp"]).await.browser;
    approver.get("/hq/tree").await.expect(200);
    approver.get(home).await.expect(403);
    approver
        .submit(&page, &page, &[("_action", "suspend")])
        .await
        .expect(403);
    let clerk = world.staff(branch, "钱云诚", &["bh"]).await.browser;
    clerk.get("/hq/tree").await.expect(404);
}

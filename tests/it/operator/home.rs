//! 平台工作台: what waits in the rooms of the city is counted there, with the way to it, for whoever may open it.

use journeys::World;

/// One thing of each kind that waits: city, who asked, enterprise, bank, and whose roles are to change.
const WAITING: &str = "\
    with hold as (insert into account_holds (id, tenant_id, enterprise_id, kind, reason, asked_by, asked_name, asked_at)
        values (gen_random_uuid(), $1, $3, 'freeze', '资料存疑', $2, '宋知远', now())),
      pause as (insert into institution_suspensions
          (id, tenant_id, institution_id, kind, reason, asked_by, asked_name, asked_at)
        values (gen_random_uuid(), $1, $4, 'suspend', '整改', $2, '宋知远', now())),
      roles as (insert into role_grants (tenant_id, id, user_id, roles, asked_by, asked_name, asked_at)
        values ($4, gen_random_uuid(), $5, array['ha'], $2, '宋知远', now())),
      rule as (insert into city_rule_changes (id, tenant_id, kind, before, value, reason, asked_by, asked_name, asked_at)
        values (gen_random_uuid(), $1, 'sms_daily_budget', '{\"most\": 3000}', '{\"most\": 5000}', '年底', $2, '宋知远', now()))
    insert into content_drafts (tenant_id, id, kind, code, status, title, form, authors, author_names, saved_at)
      values ($1, gen_random_uuid(), 'news', '', 'in_review', '新闻', '{}', array[$2], '{宋知远}', now())";

#[tokio::test(flavor = "multi_thread")]
async fn whatever_waits_for_the_operators_is_counted_with_the_way_to_it() {
    let world = World::new().await;
    let city = world.cangzhou.id;
    let owner = world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    let bank = world.bank("狮城商业银行").await;
    let clerk = world.staff(bank, "梁承宇", &["hp"]).await;
    let first = world.staff(city, "宋知远", &["op"]).await;
    let second = world.staff(city, "卫之行", &["op"]).await;
    let supervisor = world.staff(city, "闻人清", &["os"]).await;
    let page = second.browser.get("/operator").await.expect(200);
    page.says("没有等待办理的事项");
    sqlx::query(WAITING)
        .bind(city.0)
        .bind(first.user.0)
        .bind(owner.id.0)
        .bind(bank.0)
        .bind(clerk.user.0)
        .execute(&world.owner)
        .await
        .expect("they wait");
    let mut page = second.browser.get("/operator").await.expect(200);
    for words in [
        "待确认账户冻结",
        "待确认暂停受理",
        "待确认角色",
        "待复核设置",
        "待复核内容",
    ] {
        page = page.says(words);
    }
    // Whoever may not open a room is not told what waits there.
    let theirs = supervisor.browser.get("/operator").await.expect(200);
    let theirs = theirs.says("待确认账户冻结");
    assert!(!theirs.text().contains("待确认角色"));
}

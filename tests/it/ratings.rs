//! 评价 (W22): once a request that was decided, answered once, hidden with a reason, and an average only of three.

use domain::ids::FinancingApplicationId;
use journeys::{Answer, Browser, StaffFixture};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::clocks::scene::{Scene, scene};

const STARS: [(&str, &str); 4] = [
    ("speed", "5"),
    ("service", "4"),
    ("openness", "4"),
    ("rating_words", "放款很快。<b>好</b>"),
];

struct Case {
    scene: Scene,
    operator: StaffFixture,
    administrator: StaffFixture,
}

async fn case() -> Case {
    let scene = scene().await;
    let city = scene.world.cangzhou.id;
    Case {
        operator: scene.world.staff(city, "宋知远", &["op"]).await,
        administrator: scene.world.staff(scene.bank, "梁承宇", &["ha"]).await,
        scene,
    }
}

async fn press(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    browser.submit(path, path, fields).await
}

fn page_of(id: FinancingApplicationId) -> String {
    format!("/enterprise/applications/{id}/rating")
}

impl Case {
    /// A request whose branch has decided.
    async fn decided(&self) -> FinancingApplicationId {
        let id = self.scene.accepted().await;
        // AssertSqlSafe: a UUID printed by its type.
        let sql = format!("update financing_applications set stage = 'approved' where id = '{id}'");
        sqlx::query(AssertSqlSafe(sql))
            .execute(&self.scene.world.owner)
            .await
            .expect("it was decided");
        id
    }

    async fn rated(&self) -> Uuid {
        let id = self.decided().await;
        press(&self.scene.enterprise.browser, &page_of(id), &STARS)
            .await
            .expect(303);
        sqlx::query_scalar("select id from ratings where application_id = $1")
            .bind(id.0)
            .fetch_one(&self.scene.world.owner)
            .await
            .expect("it is there")
    }

    /// What everybody reads now.
    async fn public(&self) -> Answer {
        self.scene.world.parts.portal.changed(None);
        self.kept().await
    }

    /// What everybody reads, from a page that was kept where there is one.
    async fn kept(&self) -> Answer {
        let visitor = self.scene.world.browser();
        let page = format!("/institutions/{}", self.scene.bank);
        visitor.get(&page).await.expect(200)
    }

    /// The page that is kept comes to hold these words, or to hold them no more.
    async fn once(&self, words: &str, held: bool) {
        for _ in 0..2_000 {
            if self.kept().await.text().contains(words) == held {
                return;
            }
        }
        panic!("nobody heard of it");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decided_request_is_rated_once_and_an_undecided_one_not_at_all() {
    let case = case().await;
    let owner = &case.scene.enterprise.browser;
    let open = case.scene.accepted().await;
    owner
        .get(&page_of(open))
        .await
        .expect(409)
        .says("支行作出决定后可以评价");
    let id = case.decided().await;
    owner
        .get(&format!("/enterprise/applications/{id}"))
        .await
        .expect(200)
        .says("评价受理支行");
    let form = owner.get(&page_of(id)).await.expect(200);
    let wrong = [("speed", "6"), ("service", "4"), ("rating_words", "留着")];
    owner
        .submit_from(&form, &page_of(id), &wrong)
        .await
        .expect(422)
        .says("请为办理效率选择星级")
        .says("请为费用与条件透明选择星级")
        .says("留着");
    let form = owner.get(&page_of(id)).await.expect(200);
    for _ in 0..2 {
        owner
            .submit_from(&form, &page_of(id), &STARS)
            .await
            .expect(303);
    }
    assert_eq!(case.scene.count("select count(*) from ratings").await, 1);
    // From another window, with a key of its own.
    let mut twice = STARS.to_vec();
    twice.push(("_key", "0123456789abcdef0123"));
    owner
        .submit_from(&form, &page_of(id), &twice)
        .await
        .expect(409)
        .says("已经评价过");
    case.scene.deliver().await;
    let told = case.scene.titles(case.scene.branch, false).await;
    assert!(told.contains(&"收到企业评价".to_owned()), "{told:?}");
    let sibling = case
        .scene
        .world
        .ready_enterprise("沧州市渤沃宸化工新材料有限公司", "19900002074")
        .await;
    sibling.browser.get(&page_of(id)).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_reads_a_masked_name_and_an_average_only_of_three() {
    let case = case().await;
    case.rated().await;
    case.rated().await;
    let page = case.public().await;
    let page = page.says("沧州**有限公司").says("&lt;b&gt;好");
    let page = page.says("共 2 条评价，满 3 条后展示平均分");
    assert!(!page.text().contains("瀚岳澜"), "nobody reads whose it is");
    assert!(!page.text().contains("平均 "), "two have no average");
    case.rated().await;
    let page = case.public().await;
    page.says("平均 4.3 分（满分 5 分），共 3 条评价");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_rated_replies_once_and_reads_no_more_than_everybody() {
    let case = case().await;
    let id = case.rated().await;
    let world = &case.scene.world;
    let page = format!("/branch/ratings/{id}");
    let reply = format!("{page}/reply");
    // A manager reads, the head of the branch or headquarters replies.
    let clerk = &case.scene.clerk.browser;
    let read = clerk.get(&page).await.expect(200).says("沧州**有限公司");
    assert!(
        !read.text().contains("瀚岳澜"),
        "the bank reads the masked name"
    );
    clerk.get(&reply).await.expect(409);
    let head = &case.scene.head.browser;
    press(head, &reply, &[("reply", " ")])
        .await
        .expect(422)
        .says("请填写回复");
    let form = head.get(&reply).await.expect(200);
    press(
        &case.administrator.browser,
        &reply,
        &[("reply", "感谢您的认可。")],
    )
    .await
    .expect(303);
    head.submit_from(&form, &reply, &[("reply", "再回一次")])
        .await
        .expect(409)
        .says("每条只能回复一次");
    case.public().await.says("感谢您的认可。");
    case.scene.deliver().await;
    let told = case.scene.titles(world.cangzhou.id, true).await;
    assert!(told.contains(&"机构回复了您的评价".to_owned()), "{told:?}");
    let other = world.bank("沧海惠民银行").await;
    let stranger = world.staff(other, "梁承泽", &["ha"]).await;
    stranger.browser.get(&page).await.expect(404);
    stranger.browser.get(&reply).await.expect(404);
    let list = stranger.browser.get("/branch/ratings").await.expect(200);
    list.says("没有企业评价");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_city_hides_with_a_reason_that_the_author_reads_and_shows_again() {
    let case = case().await;
    let id = case.rated().await;
    let world = &case.scene.world;
    let page = format!("/operator/ratings/{id}");
    let supervisor = world.staff(world.cangzhou.id, "闻人清", &["os"]).await;
    let (hide, show) = (format!("{page}/hide"), format!("{page}/show"));
    supervisor.browser.get(&page).await.expect(200);
    supervisor.browser.get(&hide).await.expect(409);
    let operator = &case.operator.browser;
    press(operator, &hide, &[("hide_reason", "")])
        .await
        .expect(422)
        .says("请填写原因");
    let reason = [("hide_reason", "含有客户经理的手机号")];
    press(operator, &hide, &reason).await.expect(303);
    let shown = case.public().await;
    assert!(!shown.text().contains("放款很快"), "hidden is hidden");
    case.scene.deliver().await;
    let told = case.scene.titles(world.cangzhou.id, true).await;
    assert!(told.contains(&"您的评价已被隐藏".to_owned()), "{told:?}");
    let application: Uuid = sqlx::query_scalar("select application_id from ratings")
        .fetch_one(&world.owner)
        .await
        .expect("one");
    let own = page_of(FinancingApplicationId(application));
    let own = case.scene.enterprise.browser.get(&own).await.expect(200);
    own.says("含有客户经理的手机号");
    let reply = format!("/branch/ratings/{id}/reply");
    case.scene.head.browser.get(&reply).await.expect(409);
    press(operator, &show, &[]).await.expect(303);
    case.public().await.says("放款很快");
    operator.get(&show).await.expect(409);
    let deeds = "select count(distinct action) from audit_entries where action like 'rating.%' and outcome = 'ok'";
    assert_eq!(case.scene.count(deeds).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_page_follows_the_reply_and_the_hiding_of_a_rating() {
    let case = case().await;
    let id = case.rated().await;
    case.once("放款很快", true).await;
    let reply = format!("/branch/ratings/{id}/reply");
    let fields = [("reply", "感谢您的认可。")];
    press(&case.administrator.browser, &reply, &fields)
        .await
        .expect(303);
    case.once("感谢您的认可。", true).await;
    let page = format!("/operator/ratings/{id}");
    let reason = [("hide_reason", "含有客户经理的手机号")];
    let operator = &case.operator.browser;
    press(operator, &format!("{page}/hide"), &reason)
        .await
        .expect(303);
    case.once("放款很快", false).await;
    press(operator, &format!("{page}/show"), &[])
        .await
        .expect(303);
    case.once("放款很快", true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rating_is_asked_for_the_day_after_the_decision_and_after_the_money_until_there_is_one() {
    let case = case().await;
    let scene = &case.scene;
    let (city, clock) = (scene.world.cangzhou.id, &scene.world.clock);
    let asked = async || {
        scene.workers().hourly_once().await.expect("it runs");
        let titles = scene.titles(city, true).await;
        titles.iter().filter(|t| t.contains("请您评价")).count()
    };
    let id = case.decided().await;
    let decided = scene.world.parts.clock.now();
    sqlx::query("update financing_applications set decided_at = $2 where id = $1")
        .bind(id.0)
        .bind(decided)
        .execute(&scene.world.owner)
        .await
        .expect("it was decided now");
    assert_eq!(asked().await, 0, "not in the same hour");
    clock.set(decided + time::Duration::hours(25));
    assert_eq!(asked().await, 1);
    assert_eq!(asked().await, 1, "once");
    let owner = scene.fresh_owner().await;
    let home = owner.get("/enterprise").await.expect(200);
    home.says("请您评价").says("评价狮城商业银行运河支行（申请");
    sqlx::query(
        "with lent as (update financing_applications set stage = 'disbursing' where id = $1 returning tenant_id, id)
         insert into disbursements (id, tenant_id, application_id, number, amount_cents, rate, drawn_on, contract_no, source, at)
         select gen_random_uuid(), tenant_id, id, 1, 100, 375, '2026-11-26', 'HT-1', 'form', $2 from lent",
    )
    .bind(id.0)
    .bind(decided + time::Duration::hours(25))
    .execute(&scene.world.owner)
    .await
    .expect("it is drawn");
    clock.set(decided + time::Duration::hours(51));
    assert_eq!(asked().await, 2);
    // Whoever has rated is asked no more.
    let owner = scene.fresh_owner().await;
    press(&owner, &page_of(id), &STARS).await.expect(303);
    let home = owner.get("/enterprise").await.expect(200).text();
    assert!(!home.contains("评价狮城商业银行运河支行（申请"));
    sqlx::query("delete from messages where dedupe_key like 'rate-asked:%'")
        .execute(&scene.world.owner)
        .await
        .expect("they are gone");
    assert_eq!(asked().await, 0);
}

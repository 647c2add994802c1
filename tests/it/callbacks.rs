//! 回访工单 (O2): a sample that is drawn once, three calls at most, a number that leaves a trace, and the complaint that follows.

use domain::ids::FinancingApplicationId;
use journeys::{Answer, Browser, StaffFixture};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::clocks::scene::{Scene, scene};

const DRAW: &str = "/operator/callbacks/draw";
const REACHED: [(&str, &str); 6] = [
    ("reached", "yes"),
    ("disbursed", "yes"),
    ("amount_matches", "yes"),
    ("extra_fees", "yes"),
    ("satisfaction", "2"),
    ("call_note", "付过资料费"),
];

struct Case {
    scene: Scene,
    operator: StaffFixture,
}

async fn case() -> Case {
    let scene = scene().await;
    let city = scene.world.cangzhou.id;
    Case {
        operator: scene.world.staff(city, "宋知远", &["op"]).await,
        scene,
    }
}

async fn press(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    browser.submit(path, path, fields).await
}

fn sample<'a>(measure: &'a str, amount: &'a str) -> [(&'a str, &'a str); 5] {
    [
        ("closed_from", "2026-11-01"),
        ("closed_until", "2026-11-25"),
        ("bank", ""),
        ("measure", measure),
        ("amount", amount),
    ]
}

impl Case {
    async fn closed(&self) -> FinancingApplicationId {
        let id = self.scene.accepted().await;
        let at = self.scene.world.parts.clock.now();
        // AssertSqlSafe: a UUID printed by its type.
        let sql = format!(
            "update financing_applications set stage = 'rejected', decided_at = $1 where id = '{id}'"
        );
        sqlx::query(AssertSqlSafe(sql))
            .bind(at)
            .execute(&self.scene.world.owner)
            .await
            .expect("it was closed");
        id
    }

    /// One closed request, drawn; the page of its work order.
    async fn drawn(&self) -> String {
        self.closed().await;
        press(&self.operator.browser, DRAW, &sample("percent", "100"))
            .await
            .expect(303);
        let id: Uuid = sqlx::query_scalar("select id from callbacks")
            .fetch_one(&self.scene.world.owner)
            .await
            .expect("one was drawn");
        format!("/operator/callbacks/{id}")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_is_drawn_once_and_never_the_same_request_twice() {
    let case = case().await;
    let operator = &case.operator.browser;
    press(operator, DRAW, &sample("number", "5"))
        .await
        .expect(422)
        .says("这段时间没有可以抽取的融资需求");
    for _ in 0..3 {
        case.closed().await;
    }
    case.scene.accepted().await;
    let wrong = [
        ("closed_from", "2026-11-25"),
        ("closed_until", "明天"),
        ("measure", "percent"),
        ("amount", "101"),
    ];
    press(operator, DRAW, &wrong)
        .await
        .expect(422)
        .says("请输入不晚于今天的日期")
        .says("请输入 1 到 100 的整数")
        .says("明天");
    let form = operator.get(DRAW).await.expect(200);
    for _ in 0..2 {
        operator
            .submit_from(&form, DRAW, &sample("number", "2"))
            .await
            .expect(303);
    }
    let orders = "select count(*) from callbacks";
    assert_eq!(
        case.scene.count(orders).await,
        2,
        "a double click draws once"
    );
    press(operator, DRAW, &sample("percent", "100"))
        .await
        .expect(303);
    assert_eq!(case.scene.count(orders).await, 3, "only what was left");
    let page = operator.get("/operator/callbacks").await.expect(200);
    let page = page.says("沧州**有限公司").says("2 / 3").says("1 / 1");
    assert!(!page.text().contains("瀚岳澜"), "names stay masked");
    let supervisor = &case.scene.supervisor.browser;
    supervisor.get("/operator/callbacks").await.expect(200);
    supervisor.get(DRAW).await.expect(403);
    let clerk = case.scene.fresh(&case.scene.clerk).await;
    clerk.get("/operator/callbacks").await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn three_calls_that_reach_nobody_are_the_last() {
    let case = case().await;
    let page = case.drawn().await;
    let call = format!("{page}/call");
    let operator = &case.operator.browser;
    press(operator, &call, &[("reached", "")])
        .await
        .expect(422)
        .says("请选择是否接通")
        .says("请选择是否真实放款");
    for _ in 0..3 {
        press(operator, &call, &[("reached", "no")])
            .await
            .expect(303);
    }
    operator.get(&page).await.expect(200).says("未联系上");
    operator.get(&call).await.expect(409);
    let kept = "select count(*) from callback_calls where not reached";
    assert_eq!(case.scene.count(kept).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_is_shown_once_and_the_enterprise_reads_that_it_was() {
    let case = case().await;
    let page = case.drawn().await;
    let operator = &case.operator.browser;
    let form = operator.get(&page).await.expect(200);
    assert!(
        !form.text().contains("1990000"),
        "not before it is asked for"
    );
    let shown = operator
        .submit_from(&form, &format!("{page}/phone"), &[])
        .await
        .expect(200);
    assert_eq!(shown.headers["cache-control"], "no-store");
    let again = operator.get(&page).await.expect(200);
    assert!(
        shown.text().contains("联系电话：<strong>1"),
        "{}",
        shown.text()
    );
    assert!(!again.text().contains("联系电话：<strong>1"));
    let looks = case
        .scene
        .enterprise
        .browser
        .get("/enterprise/consents/looks")
        .await
        .expect(200);
    looks.says("办结后电话回访");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_on_the_phone_becomes_a_complaint_of_the_enterprise() {
    let case = case().await;
    let page = case.drawn().await;
    let complain = format!("{page}/complaint");
    let operator = &case.operator.browser;
    operator
        .get(&complain)
        .await
        .expect(409)
        .says("接通并登记后可以转为投诉");
    // Nobody said anything on a call that nobody took.
    press(operator, &format!("{page}/call"), &[("reached", "no")])
        .await
        .expect(303);
    operator.get(&complain).await.expect(409);
    press(operator, &format!("{page}/call"), &REACHED)
        .await
        .expect(303);
    operator
        .get(&page)
        .await
        .expect(200)
        .says("已回访")
        .says("是否收取额外费用：是")
        .says("付过资料费");
    press(operator, &complain, &[("kind", ""), ("complaint_body", "")])
        .await
        .expect(422)
        .says("请选择投诉类型")
        .says("请填写投诉内容");
    let fields = [
        ("kind", "fees"),
        ("complaint_body", "支付过 800 元资料费。"),
    ];
    let filed = press(operator, &complain, &fields).await.expect(303);
    operator
        .get(filed.location())
        .await
        .expect(200)
        .says("宋知远（回访登记）");
    operator.get(&complain).await.expect(409);
    case.scene.deliver().await;
    let told = case.scene.titles(case.scene.world.cangzhou.id, true).await;
    assert!(told.contains(&"投诉已收到".to_owned()), "{told:?}");
    let list = case
        .scene
        .enterprise
        .browser
        .get("/enterprise/complaints")
        .await
        .expect(200);
    list.says("违规收费");
    let deeds = "select count(distinct action) from audit_entries where action like 'callback.%' and outcome = 'ok'";
    assert_eq!(case.scene.count(deeds).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_contradict_each_other_are_refused_and_cost_no_call() {
    let case = case().await;
    let page = case.drawn().await;
    let call = format!("{page}/call");
    let operator = &case.operator.browser;
    let changed = |of: &[(&'static str, &'static str)]| {
        let mut fields = REACHED.to_vec();
        for (name, value) in of {
            fields.retain(|(field, _)| field != name);
            fields.push((name, value));
        }
        fields
    };
    for (answers, words) in [
        (
            changed(&[("disbursed", "no")]),
            "企业表示没有放款，“放款金额是否一致”请选“不适用”",
        ),
        (
            changed(&[("disbursed", "none"), ("amount_matches", "no")]),
            "企业表示没有放款，“放款金额是否一致”请选“不适用”",
        ),
        (
            changed(&[("amount_matches", "none")]),
            "企业表示已放款，请选择放款金额是否一致",
        ),
        (changed(&[("reached", "no")]), "请改选“已接通”"),
    ] {
        press(operator, &call, &answers)
            .await
            .expect(422)
            .says(words);
    }
    let kept = "select count(*) from callback_calls";
    assert_eq!(case.scene.count(kept).await, 0);
    let nothing_paid = changed(&[("disbursed", "no"), ("amount_matches", "none")]);
    press(operator, &call, &nothing_paid).await.expect(303);
    assert_eq!(case.scene.count(kept).await, 1);
}

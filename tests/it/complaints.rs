//! 投诉 (W21, C5): filed with a number and a promise, answered by the city, asked about once more, and read by nobody else.

use journeys::{Answer, Browser, StaffFixture};
use time::{Duration, macros::datetime};
use uuid::Uuid;

use crate::clocks::scene::{Scene, scene};

const FORM: &str = "/enterprise/complaints/new";

struct Case {
    scene: Scene,
    operator: StaffFixture,
    administrator: StaffFixture,
}

async fn case() -> Case {
    let scene = scene().await;
    let operator = scene
        .world
        .staff(scene.world.cangzhou.id, "宋知远", &["op"])
        .await;
    let administrator = scene.world.staff(scene.bank, "梁承宇", &["ha"]).await;
    Case {
        scene,
        operator,
        administrator,
    }
}

async fn press(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    browser.submit(path, path, fields).await
}

fn id_in(answer: &Answer) -> Uuid {
    let last = answer.location().rsplit('/').next();
    let id = last.and_then(|id| id.split('?').next());
    id.and_then(|id| id.parse().ok())
        .expect("it names the complaint")
}

impl Case {
    async fn filed(&self, about: &str) -> Uuid {
        let fields = [
            ("about", about),
            ("kind", "slow"),
            ("complaint_body", "接单后两周没有联系。<b>请核实</b>"),
        ];
        let filed = press(&self.scene.enterprise.browser, FORM, &fields).await;
        id_in(&filed.expect(303))
    }

    async fn deed(&self, id: Uuid, deed: &str, fields: &[(&str, &str)]) -> Answer {
        let path = format!("/operator/complaints/{id}/{deed}");
        press(&self.operator.browser, &path, fields).await
    }

    async fn answered(&self) -> Uuid {
        let id = self.filed(&format!("node:{}", self.scene.branch)).await;
        self.deed(id, "take", &[]).await.expect(303);
        let words = [("answer", "经核实，支行已安排尽调。")];
        self.deed(id, "answer", &words).await.expect(303);
        id
    }

    async fn heard(&self, of_enterprise: bool) -> Vec<String> {
        let city = self.scene.world.cangzhou.id;
        self.scene.titles(city, of_enterprise).await
    }

    async fn status(&self, id: Uuid) -> String {
        sqlx::query_scalar("select status from complaints where id = $1")
            .bind(id)
            .fetch_one(&self.scene.world.owner)
            .await
            .expect("it is there")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_gets_a_number_and_a_promise_and_is_filed_once() {
    let case = case().await;
    let application = case.scene.accepted().await;
    // Friday noon: three working days later is Wednesday noon.
    case.scene.world.clock.set(datetime!(2026-11-27 12:00 +8));
    let owner = case.scene.fresh_owner().await;
    let form = owner
        .get(&format!("{FORM}?application={application}"))
        .await
        .expect(200)
        .says(&format!("value=\"application:{application}\" selected"));
    let wrong = [
        ("about", "node:x"),
        ("kind", ""),
        ("complaint_body", " 有话 "),
    ];
    owner
        .submit_from(&form, FORM, &wrong)
        .await
        .expect(422)
        .says("请选择投诉对象")
        .says("请选择投诉类型")
        .says("有话");
    let about = format!("application:{application}");
    let right = [
        ("about", about.as_str()),
        ("kind", "slow"),
        ("complaint_body", "接单后两周没有联系。"),
    ];
    let form = owner.get(FORM).await.expect(200);
    let first = owner.submit_from(&form, FORM, &right).await.expect(303);
    let second = owner.submit_from(&form, FORM, &right).await.expect(303);
    assert_eq!(
        id_in(&first),
        id_in(&second),
        "a double click is one complaint"
    );
    assert_eq!(case.scene.count("select count(*) from complaints").await, 1);
    owner
        .get(&format!("/enterprise/complaints/{}", id_in(&first)))
        .await
        .expect(200)
        .says("TS20261127001")
        .says("2026-12-02 12:00")
        .says("待受理");
    owner
        .get(&format!("/enterprise/applications/{application}"))
        .await
        .expect(200)
        .says("complaints/new?application=");
    case.scene.deliver().await;
    assert!(case.heard(true).await.contains(&"投诉已收到".to_owned()));
    assert!(case.heard(false).await.contains(&"收到投诉".to_owned()));
    let operator = case.scene.fresh(&case.operator).await;
    operator
        .get("/operator/complaints")
        .await
        .expect(200)
        .says("TS20261127001")
        .says("沧州市瀚岳澜管道装备有限公司");
    operator
        .get(&format!("/operator/applications/{application}"))
        .await
        .expect(200)
        .says("投诉中");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_city_takes_it_hears_the_branch_and_answers_and_nobody_reads_what_is_not_theirs() {
    let case = case().await;
    let (scene, branch) = (&case.scene, case.scene.branch);
    let id = case.filed(&format!("node:{branch}")).await;
    let bank_page = format!("/branch/complaints/{id}");
    let operator = &case.operator.browser;
    let page = format!("/operator/complaints/{id}");
    let early = format!("{page}/answer");
    operator.get(&early).await.expect(409).says("待受理");
    scene.head.browser.get(&bank_page).await.expect(404);
    case.deed(id, "take", &[]).await.expect(303);
    let note = [("handling_note", "企业有聊天记录，暂不外传")];
    case.deed(id, "note", &note).await.expect(303);
    let node = branch.to_string();
    case.deed(id, "statement", &[("node", ""), ("question", "")])
        .await
        .expect(422)
        .says("请选择由哪个机构或支行说明")
        .says("请填写需要说明的内容");
    let ask = [("node", node.as_str()), ("question", "请说明未联系的原因")];
    case.deed(id, "statement", &ask).await.expect(303);
    let twice = format!("{page}/statement");
    operator.get(&twice).await.expect(409);
    scene.deliver().await;
    let heard = scene.titles(branch, false).await;
    assert!(heard.contains(&"请说明投诉情况".to_owned()), "{heard:?}");
    let page = scene.head.browser.get(&bank_page).await.expect(200);
    let page = page.says("请说明未联系的原因").says("&lt;b&gt;");
    assert!(
        !page.text().contains("暂不外传"),
        "notes stay with the city"
    );
    // Headquarters reads what its branch was asked, and does not answer for it.
    let theirs = &case.administrator.browser;
    theirs.get(&bank_page).await.expect(200);
    let state = format!("{bank_page}/state");
    theirs.get(&state).await.expect(409);
    let words = [("statement", "客户经理休假，已改派。")];
    press(&scene.head.browser, &state, &words).await.expect(303);
    scene.head.browser.get(&state).await.expect(409);
    let own_page = format!("/enterprise/complaints/{id}");
    case.operator
        .browser
        .get(&format!("/operator/complaints/{id}"))
        .await
        .expect(200)
        .says("客户经理休假，已改派。")
        .says("暂不外传");
    let answer = [("answer", "经核实，支行已改派客户经理。")];
    case.deed(id, "answer", &answer).await.expect(303);
    scene.deliver().await;
    let page = scene.enterprise.browser.get(&own_page).await.expect(200);
    let text = page.says("经核实，支行已改派客户经理。").text();
    for hidden in ["暂不外传", "客户经理休假", "宋知远", "请说明未联系的原因"]
    {
        assert!(!text.contains(hidden), "{hidden} is not the enterprise's");
    }
    assert!(case.heard(true).await.contains(&"投诉已答复".to_owned()));
    let deeds = "select count(distinct action) from audit_entries where action like 'complaint.%' and outcome = 'ok'";
    assert_eq!(scene.count(deeds).await, 6, "every step is in the log");
    let left = "select count(*) from outbox where done_at is null";
    assert_eq!(scene.count(left).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_complaint_is_about_is_chosen_by_a_name_that_no_other_choice_has() {
    let case = case().await;
    let world = &case.scene.world;
    let application = case.scene.accepted().await;
    let number: String =
        sqlx::query_scalar("select application_no from financing_applications where id = $1")
            .bind(application.0)
            .fetch_one(&world.owner)
            .await
            .expect("it is there");
    for institution in ["清池小额贷款有限公司", "渤津融资担保有限公司"] {
        let bank = world.bank(institution).await;
        world.branch(bank, "青县营业部").await;
    }
    let owner = case.scene.fresh_owner().await;
    let form = owner.get(FORM).await.expect(200).text();
    let options: Vec<&str> = form
        .split("<option ")
        .skip(1)
        .filter_map(|rest| rest.split_once('>')?.1.split('<').next())
        .collect();
    for wanted in [
        "青县营业部（清池小额贷款有限公司）",
        "青县营业部（渤津融资担保有限公司）",
        "清池小额贷款有限公司（总部）",
    ] {
        let found = options.iter().filter(|o| **o == wanted).count();
        assert_eq!(found, 1, "{wanted} in {options:?}");
    }
    let own = format!("融资需求 {number}：");
    assert!(options.iter().any(|o| o.starts_with(&own)), "{options:?}");
    let mut different = options.clone();
    different.sort_unstable();
    different.dedup();
    assert_eq!(different.len(), options.len(), "{options:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_asked_about_once_more_and_then_it_is_over() {
    let case = case().await;
    let id = case.answered().await;
    let owner = &case.scene.enterprise.browser;
    let again = format!("/enterprise/complaints/{id}/again");
    press(owner, &again, &[("again", "")])
        .await
        .expect(422)
        .says("请填写对答复不满意的原因");
    press(owner, &again, &[("again", "没有说明何时尽调")])
        .await
        .expect(303);
    assert_eq!(case.status(id).await, "reopened");
    case.deed(id, "take", &[]).await.expect(303);
    let words = [("answer", "周五上门尽调。")];
    case.deed(id, "answer", &words).await.expect(303);
    owner.get(&again).await.expect(409);
    let close = format!("/enterprise/complaints/{id}/close");
    press(owner, &close, &[]).await.expect(303);
    assert_eq!(case.status(id).await, "closed");
    owner.get(&close).await.expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_and_not_asked_about_ends_by_itself_after_fifteen_days() {
    let case = case().await;
    let id = case.answered().await;
    case.scene.world.clock.advance(Duration::days(15));
    case.scene.tick().await;
    assert_eq!(case.status(id).await, "answered");
    case.scene.world.clock.advance(Duration::minutes(1));
    case.scene.tick().await;
    assert_eq!(case.status(id).await, "closed");
    let owner = case.scene.fresh_owner().await;
    let page = owner.get(&format!("/enterprise/complaints/{id}")).await;
    page.expect(200).says("系统");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promise_that_runs_out_is_told_step_by_step_and_each_step_once() {
    let case = case().await;
    let (scene, clock) = (&case.scene, &case.scene.world.clock);
    clock.set(datetime!(2026-11-30 09:00 +8));
    let owner = scene.fresh_owner().await;
    let about = format!("node:{}", scene.bank);
    let fields = [
        ("about", about.as_str()),
        ("kind", "fees"),
        ("complaint_body", "收取评估费。"),
    ];
    press(&owner, FORM, &fields).await.expect(303);
    let alarms = async || {
        scene.tick().await;
        scene.tick().await;
        let told = case.heard(false).await;
        let mut alarms: Vec<String> = told.into_iter().filter(|t| t.contains("超时")).collect();
        alarms.sort();
        alarms
    };
    assert!(alarms().await.is_empty());
    clock.set(datetime!(2026-12-02 09:00 +8));
    assert_eq!(alarms().await, ["投诉即将超时"]);
    clock.set(datetime!(2026-12-03 09:00 +8));
    assert_eq!(alarms().await, ["投诉即将超时", "投诉已超时"]);
    assert!(case.heard(true).await.contains(&"投诉答复延迟".to_owned()));
    clock.set(datetime!(2026-12-04 09:00 +8));
    let all = ["投诉即将超时", "投诉已超时", "投诉超时已满一个工作日"];
    assert_eq!(alarms().await, all);
    let operator = scene.fresh(&case.operator).await;
    let list = operator.get("/operator/complaints?list=overdue").await;
    list.expect(200).says("已超时（1）");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_its_enterprise_and_the_city_know_of_it() {
    let case = case().await;
    let world = &case.scene.world;
    let id = case.filed(&format!("node:{}", case.scene.branch)).await;
    let sibling = world
        .ready_enterprise("沧州市渤沃宸化工新材料有限公司", "19900002074")
        .await;
    let other = world.bank("沧海惠民银行").await;
    let stranger = world.staff(other, "梁承泽", &["ha"]).await;
    let missing = Uuid::new_v4();
    for (browser, base) in [
        (&sibling.browser, "/enterprise/complaints"),
        (&stranger.browser, "/branch/complaints"),
        (&case.administrator.browser, "/branch/complaints"),
        (&case.administrator.browser, "/operator/complaints"),
        (&case.operator.browser, "/branch/complaints"),
    ] {
        let theirs = browser.get(&format!("{base}/{id}")).await;
        let none = browser.get(&format!("{base}/{missing}")).await;
        assert_eq!(theirs.status, 404, "{base}");
        assert_eq!(theirs.status, none.status, "{base}");
    }
    let viewer = world.staff(world.cangzhou.id, "虞静姝", &["rg"]).await;
    viewer.browser.get("/operator/complaints").await.expect(404);
    // Five in a day, then tomorrow.
    for _ in 0..4 {
        case.filed(&format!("node:{}", case.scene.branch)).await;
    }
    let about = format!("node:{}", case.scene.branch);
    let sixth = [
        ("about", about.as_str()),
        ("kind", "other"),
        ("complaint_body", "第六件"),
    ];
    press(&case.scene.enterprise.browser, FORM, &sixth)
        .await
        .expect(429)
        .says("请明天再提出");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_regulator_reads_complaints_in_numbers_and_is_told_when_one_is_late() {
    let case = case().await;
    let (scene, clock) = (&case.scene, &case.scene.world.clock);
    let city = scene.world.cangzhou.id;
    let regulator = scene.world.staff(city, "卫之行", &["rg"]).await;
    clock.set(datetime!(2026-11-25 09:00 +8));
    let owner = scene.fresh_owner().await;
    let about = format!("node:{}", scene.branch);
    let fields = [
        ("about", about.as_str()),
        ("kind", "slow"),
        ("complaint_body", "没有联系。"),
    ];
    press(&owner, FORM, &fields).await.expect(303);
    let totals = "/operator/complaints/totals?month=2026-11";
    let read = async || {
        let browser = scene.fresh(&regulator).await;
        browser.get(totals).await.expect(200).text()
    };
    let page = read().await;
    assert!(page.contains("狮城商业银行"), "{page}");
    assert!(!page.contains("投诉答复超时"), "nothing is late yet");
    assert!(
        !page.contains("瀚岳澜"),
        "numbers, and nobody's name: {page}"
    );
    // Three working days are over on Monday; a working day later it is late.
    clock.set(datetime!(2026-12-01 09:01 +8));
    scene.tick().await;
    let late = "有 1 件投诉超过答复时限已满一个工作日";
    assert!(read().await.contains(late));
    let browser = scene.fresh(&regulator).await;
    let home = browser.get("/operator/statistics").await.expect(200);
    home.says(late).says("查看投诉汇总");
    let browser = scene.fresh(&regulator).await;
    let refused = browser.get("/operator/complaints").await;
    assert!(refused.status.is_client_error(), "{}", refused.status);
    let operator = scene.fresh(&case.operator).await;
    let page = operator.get(totals).await.expect(200);
    page.says("list=owed").says("list=overdue");
}

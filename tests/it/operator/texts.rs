//! 消息文案: a message says what two operators let it say, in this city alone, and never less than its reader needs.

use std::ops::Deref;

use journeys::Answer;

use crate::clocks::scene::{TwoOperators, scene};

const PAGE: &str = "/operator/settings/notice_text:submit";

struct Two(TwoOperators);

impl Deref for Two {
    type Target = TwoOperators;

    fn deref(&self) -> &TwoOperators {
        &self.0
    }
}

async fn two() -> Two {
    Two(TwoOperators::of(scene().await).await)
}

impl Two {
    async fn send(&self, title: &str, body: &str, action: &str) -> Answer {
        let browser = self.proven(&self.first).await;
        let fields = [
            ("text_title", title),
            ("text_body", body),
            ("rule_reason", "按市里统一的称呼"),
            ("_action", action),
        ];
        browser.submit(PAGE, PAGE, &fields).await
    }

    async fn confirm(&self) {
        let settled = self.settle(PAGE, &self.second, "confirm").await;
        settled.expect(303);
    }

    /// The process hears of it through the database, soon.
    async fn heard(&self, own: bool) {
        let watcher = self.scene.fresh(&self.first).await;
        for _ in 0..2_000 {
            let city = self
                .scene
                .world
                .parts
                .cities
                .by_id(self.scene.world.cangzhou.id);
            if city.expect("the city").notice_texts.is_empty() != own {
                return;
            }
            watcher.get("/operator/settings").await;
        }
        panic!("nobody heard of it");
    }

    /// What the enterprise was told, oldest first.
    async fn told(&self) -> Vec<(String, String)> {
        sqlx::query_as(
            "select title, body from messages where enterprise_id is not null order by created_at, id",
        )
        .fetch_all(&self.scene.world.owner)
        .await
        .expect("they are read")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_says_what_two_operators_let_it_say_and_what_was_sent_stays() {
    let two = two().await;
    let scene = &two.scene;
    let fine = "贵公司的申请 {编号}（{产品名称}）已送达{支行}，{时限} 前会有答复。";
    for (title, body, words) in [
        ("", fine, "请填写标题"),
        ("已收到", "", "请填写正文"),
        (
            "已收到",
            "申请 {编号} 已送达。",
            "标题或正文中必须有：{时限}",
        ),
        ("已收到", "{编号}{时限}{审核意见}", "不能自动填写“审核意见”"),
        ("已收到", "{编号}{时限}{密码}", "不能自动填写“密码”"),
        ("已收到", "{编号}{时限", "大括号没有成对"),
        ("已收到", "{编号}{时限}\u{7}", "正文包含无法识别的字符"),
        (&*"收".repeat(41), fine, "标题最多 40 个字，目前 41 个字"),
        (
            "融资需求已提交",
            "申请编号 {编号}，{产品名称}，金额 {金额} 万元，已送达{支行}。支行应在 {时限} 前接单，由受理银行审核。",
            "与现行文案相同",
        ),
    ] {
        two.send(title, body, "")
            .await
            .expect(422)
            .says(words)
            .says("按市里统一的称呼");
    }
    // Looked at, which changes nothing.
    let seen = two.send("已收到您的申请", fine, "preview").await;
    seen.expect(200)
        .says("贵公司的申请 PO20261126001（惠民抵押贷）");
    two.send("已收到", "{时限", "preview").await.expect(422);
    two.send("已收到您的申请", fine, "").await.expect(303);
    scene.submitted().await;
    scene.deliver().await;
    let before = two.told().await;
    assert_eq!(before.len(), 1);
    assert_eq!(before[0].0, "融资需求已提交", "one person words nothing");

    two.confirm().await;
    two.heard(true).await;
    scene.world.clock.advance(time::Duration::minutes(2));
    let second = scene.submitted().await;
    scene.deliver().await;
    let told = two.told().await;
    assert_eq!(told[0], before[0], "what was sent stays as it was");
    assert_eq!(told[1].0, "已收到您的申请");
    assert!(
        told[1].1.starts_with("贵公司的申请 PO2026"),
        "{}",
        told[1].1
    );
    assert!(told[1].1.contains("狮城商业银行运河支行"), "{}", told[1].1);
    assert!(!told[1].1.contains('{'), "{}", told[1].1);
    assert_eq!(scene.stage(second).await, "submitted");
    let other = scene.world.parts.cities.by_id(scene.world.other.id);
    assert!(other.expect("the other").notice_texts.is_empty());

    let list = two.proven(&two.first).await;
    list.get("/operator/settings/texts")
        .await
        .expect(200)
        .says("已收到您的申请")
        .says("本市文案");
    two.send("", "", "reset").await.expect(303);
    two.confirm().await;
    two.heard(false).await;
    let history = list.get(PAGE).await.expect(200);
    history.says("贵公司的申请 {编号}").says("默认文案");
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_of_phones_are_shown_and_no_stranger_finds_the_pages() {
    let two = two().await;
    let scene = &two.scene;
    let supervisor = scene.fresh(&scene.supervisor).await;
    let page = supervisor.get(PAGE).await.expect(200);
    assert!(!page.text().contains("提出变更</button>"));
    supervisor
        .get("/operator/settings/texts?for=sms")
        .await
        .expect(200)
        .says("{验证码}")
        .says("不能在页面上修改");
    let clerk = scene.fresh(&scene.clerk).await;
    clerk.get(PAGE).await.expect(404);
    clerk.get("/operator/settings/texts").await.expect(404);
    for none in ["notice_text:nothing", "notice_text", "sms_quiet:submit"] {
        let path = format!("/operator/settings/{none}");
        supervisor.get(&path).await.expect(404);
    }
}

//! 企业人员 (W26): the owner invites, each with their own right; every act names the person; who is removed is out at once.

use application::access::{Action, Actor, Origin, Room};
use domain::{
    ids::UserId,
    tenant::{Role, TenantKind},
};
use journeys::{Answer, Browser, EnterpriseFixture, World};
use time::Duration;
use uuid::Uuid;

use crate::account::ask_code;

const LIST: &str = "/enterprise/people";
const INVITE: &str = "/enterprise/people/invite";
const FIRST: &str = "Yunhe#2026ab";
const PHONE: &str = "19900005511";

struct Scene {
    world: World,
    owner: EnterpriseFixture,
    product: Uuid,
    branch: Uuid,
}

async fn scene() -> Scene {
    let world = World::new().await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let product = world.product(bank, "惠民抵押贷", &[branch]).await;
    let owner = world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    Scene {
        world,
        owner,
        product: product.0,
        branch: branch.0,
    }
}

impl Scene {
    async fn invite(&self, phone: &str, right: &str) -> Answer {
        let fields = [
            ("member_name", "时嘉宁"),
            ("phone", phone),
            ("right", right),
        ];
        self.owner.browser.submit(INVITE, INVITE, &fields).await
    }

    /// The path of the newest link that a phone received.
    async fn link(&self) -> String {
        let text: String = sqlx::query_scalar(
            "select text from demo_inbox where text like '%/join/%' order by at desc, id desc limit 1",
        )
        .fetch_one(&self.world.owner)
        .await
        .expect("a message");
        let rest = text.split("/join/").nth(1).expect("a link");
        let token: String = rest
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
            .collect();
        format!("/join/{token}")
    }

    /// How many links went out.
    async fn links(&self) -> i64 {
        sqlx::query_scalar("select count(*) from demo_inbox where text like '%/join/%'")
            .fetch_one(&self.world.owner)
            .await
            .expect("they are counted")
    }

    /// Follows a link, reads and ticks everything, and sets a password.
    async fn join(&self, path: &str) -> Browser {
        let browser = self.world.browser();
        browser.get(path).await.expect(200);
        for agreement in self.world.cangzhou.ticked_on("register") {
            let page = format!("/agreements/{}?from=register", agreement.code);
            browser.get(&page).await.expect(200);
        }
        let mut fields = vec![("password", FIRST), ("password_again", FIRST)];
        let boxes: Vec<String> = self
            .world
            .cangzhou
            .ticked_on("register")
            .iter()
            .map(|agreement| format!("agree_{}", agreement.code))
            .collect();
        fields.extend(boxes.iter().map(|name| (name.as_str(), "1")));
        let form = browser.get(path).await.expect(200);
        browser.submit_from(&form, path, &fields).await.expect(303);
        browser
    }

    async fn member(&self, right: &str) -> (UserId, Browser) {
        self.invite(PHONE, right).await.expect(303);
        let browser = self.join(&self.link().await).await;
        let id: Uuid = sqlx::query_scalar("select id from users where name = '时嘉宁'")
            .fetch_one(&self.world.owner)
            .await
            .expect("the member");
        (UserId(id), browser)
    }

    async fn act(&self, id: UserId, fields: &[(&str, &str)]) -> Answer {
        let path = format!("{LIST}/{id}");
        let key = Uuid::new_v4().simple().to_string();
        let mut all = vec![("_key", key.as_str())];
        all.extend_from_slice(fields);
        self.owner.browser.submit(LIST, &path, &all).await
    }

    /// From the form to the confirmation, as somebody of the enterprise.
    async fn apply(&self, browser: &Browser) -> Answer {
        for agreement in self.world.cangzhou.ticked_on("apply") {
            let page = format!("/agreements/{}", agreement.code);
            browser.get(&page).await.expect(200);
        }
        let path = format!("/enterprise/apply/{}", self.product);
        let form = browser.get(&path).await;
        if form.status != 200 {
            return form;
        }
        let branch = self.branch.to_string();
        let fields = [
            ("amount", "8"),
            ("term", "2"),
            ("rate", "3.75"),
            ("branch", branch.as_str()),
            ("agree_register", "1"),
            ("agree_enterprise_credit", "1"),
        ];
        let saved = browser.submit_from(&form, &path, &fields).await;
        if saved.status != 303 {
            return saved;
        }
        let check = browser.get(&format!("{path}/check")).await.expect(200);
        let [draft, version] =
            ["draft", "version"].map(|name| check.input(name).unwrap_or_default());
        let fields = [("draft", draft.as_str()), ("version", version.as_str())];
        browser
            .submit_from(&check, &format!("{path}/submit"), &fields)
            .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invited_operator_sets_a_password_applies_and_is_named() {
    let scene = scene().await;
    let (id, browser) = scene.member("eu").await;
    let row: (String, Vec<String>) =
        sqlx::query_as("select status, roles from users where id = $1")
            .bind(id.0)
            .fetch_one(&scene.world.owner)
            .await
            .expect("the member");
    assert_eq!(row, ("active".to_owned(), vec!["eu".to_owned()]));
    let accepted: i64 = sqlx::query_scalar("select count(*) from consents where user_id = $1")
        .bind(id.0)
        .fetch_one(&scene.world.owner)
        .await
        .expect("consents");
    assert!(accepted > 0, "the agreements were accepted by the person");
    // The owner's face check stands for the enterprise: an operator need not be the legal representative.
    let done = scene.apply(&browser).await.expect(303);
    let id = done.location().split('/').nth(3).expect("an id").to_owned();
    let page = format!("/enterprise/applications/{id}");
    for eyes in [&browser, &scene.owner.browser] {
        eyes.get(&page).await.expect(200).says("时嘉宁");
    }
    let by: String = sqlx::query_scalar(
        "select actor_role || ' ' || actor_name from application_events where kind = 'submit'",
    )
    .fetch_one(&scene.world.owner)
    .await
    .expect("the event");
    assert_eq!(by, "eu 时嘉宁");
    // The company's own things stay the owner's.
    browser.get(LIST).await.expect(404);
    browser.get(INVITE).await.expect(404);
    let home = browser.get("/enterprise").await.expect(200);
    assert!(!home.text().contains(LIST));
    scene
        .owner
        .browser
        .get("/enterprise")
        .await
        .expect(200)
        .says(LIST);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_only_look_neither_submits_nor_signs() {
    let scene = scene().await;
    let done = scene.apply(&scene.owner.browser).await.expect(303);
    let id = done.location().split('/').nth(3).expect("an id").to_owned();
    let (member, viewer) = scene.member("ev").await;
    let page = format!("/enterprise/applications/{id}");
    let shown = viewer.get(&page).await.expect(200);
    assert!(
        !shown.text().contains("撤回申请"),
        "what is refused is not offered"
    );
    viewer
        .get("/enterprise/applications")
        .await
        .expect(200)
        .says("PO20261125001");
    let path = format!("{page}/withdraw");
    let csrf = shown.csrf();
    let key = [("_csrf", csrf.as_str()), ("_key", "0123456789abcdef0123")];
    viewer.post(&path, &key).await.expect(403);
    let refused = scene.apply(&viewer).await;
    assert_eq!(refused.status, 403, "{}", refused.text());
    let stage: String = sqlx::query_scalar("select stage from financing_applications")
        .fetch_one(&scene.world.owner)
        .await
        .expect("one request");
    assert_eq!(stage, "submitted");
    // The right is changed: the old session is over, the new one may.
    scene
        .act(member, &[("_action", "right"), ("right", "eu")])
        .await
        .expect(303);
    assert_eq!(viewer.get(&page).await.status, 303, "signed out");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_removed_is_out_at_the_next_click_and_a_link_opens_once() {
    let scene = scene().await;
    scene.invite(PHONE, "eu").await.expect(303);
    let first = scene.link().await;
    scene.world.clock.advance(Duration::seconds(61));
    let id: Uuid = sqlx::query_scalar("select id from users where name = '时嘉宁'")
        .fetch_one(&scene.world.owner)
        .await
        .expect("the member");
    scene
        .act(UserId(id), &[("_action", "again")])
        .await
        .expect(303);
    let second = scene.link().await;
    assert_ne!(first, second);
    let browser = scene.world.browser();
    browser.get(&first).await.expect(404);
    let joined = scene.join(&second).await;
    browser.get(&second).await.expect(404);
    joined.get("/enterprise").await.expect(200);
    scene
        .act(UserId(id), &[("_action", "remove")])
        .await
        .expect(303);
    assert_eq!(joined.get("/enterprise").await.status, 303, "signed out");
    let list = scene.owner.browser.get(LIST).await.expect(200);
    assert!(!list.text().contains("时嘉宁"));
    scene
        .act(UserId(id), &[("_action", "remove")])
        .await
        .expect(404);
    // The phone is free again, a link that nobody follows is over after a day.
    scene.world.clock.advance(Duration::seconds(61));
    scene.invite(PHONE, "ev").await.expect(303);
    let third = scene.link().await;
    browser.get(&third).await.expect(200);
    scene.world.clock.advance(Duration::hours(25));
    browser.get(&third).await.expect(404);
    let log: Vec<String> = sqlx::query_scalar(
        "select action from audit_entries where action like 'team.%' order by at, id",
    )
    .fetch_all(&scene.world.owner)
    .await
    .expect("the log");
    assert_eq!(
        log,
        [
            "team.invite",
            "team.invite_again",
            "team.join",
            "team.remove",
            "team.invite"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn invitations_stay_within_the_enterprise_and_its_rights() {
    let scene = scene().await;
    for (name, phone, right, words) in [
        ("", PHONE, "eu", "请填写姓名"),
        ("时嘉宁", "123", "eu", "手机号"),
        ("时嘉宁", PHONE, "eo", "请选择权限"),
        ("时嘉宁", "19900002037", "eu", "已经是本企业的人员"),
    ] {
        let fields = [("member_name", name), ("phone", phone), ("right", right)];
        let page = scene.owner.browser.submit(INVITE, INVITE, &fields).await;
        page.expect(422).says(words);
    }
    let (id, _) = scene.member("eu").await;
    let sibling = scene
        .world
        .ready_enterprise("沧州市渤沃宸化工新材料有限公司", "19900002074")
        .await;
    let path = format!("{LIST}/{id}");
    sibling.browser.get(&path).await.expect(404);
    let remove = [("_action", "remove")];
    sibling
        .browser
        .submit(
            LIST,
            &path,
            &[("_action", "remove"), ("_key", "0123456789abcdef")],
        )
        .await
        .expect(404);
    scene
        .act(scene.owner.user, &remove)
        .await
        .expect(409)
        .says("企业管理员");
    // A phone that has an account elsewhere is told so only to whoever holds it.
    let phone = sibling.phone.clone();
    scene.invite(&phone, "eu").await.expect(303);
    let link = scene.link().await;
    let browser = scene.world.browser();
    for agreement in scene.world.cangzhou.ticked_on("register") {
        let page = format!("/agreements/{}?from=register", agreement.code);
        browser.get(&page).await.expect(200);
    }
    let form = browser.get(&link).await.expect(200);
    let untouched = [("password", FIRST), ("password_again", FIRST)];
    browser
        .submit_from(&form, &link, &untouched)
        .await
        .expect(422);
    let mut fields = untouched.to_vec();
    let boxes: Vec<String> = scene
        .world
        .cangzhou
        .ticked_on("register")
        .iter()
        .map(|agreement| format!("agree_{}", agreement.code))
        .collect();
    fields.extend(boxes.iter().map(|name| (name.as_str(), "1")));
    browser
        .submit_from(&form, &link, &fields)
        .await
        .expect(422)
        .says("已有账号");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_phone_is_invited_three_times_a_day_by_however_many_enterprises() {
    let scene = scene().await;
    let sibling = scene
        .world
        .ready_enterprise("沧州市渤沃宸化工新材料有限公司", "19900002074")
        .await;
    let invite = async |browser: &Browser| {
        let fields = [("member_name", "时嘉宁"), ("phone", PHONE), ("right", "eu")];
        browser.submit(INVITE, INVITE, &fields).await
    };
    scene.invite(PHONE, "eu").await.expect(303);
    // One message a minute, as for codes, whoever sends it.
    invite(&sibling.browser).await;
    assert_eq!(scene.links().await, 1);
    scene.world.clock.advance(Duration::seconds(61));
    invite(&sibling.browser).await.expect(303);
    assert_eq!(scene.links().await, 2);
    let id: Uuid =
        sqlx::query_scalar("select id from users where enterprise_id = $1 and name = '时嘉宁'")
            .bind(scene.owner.id.0)
            .fetch_one(&scene.world.owner)
            .await
            .expect("the invited");
    for sent in [3, 3] {
        scene.world.clock.advance(Duration::seconds(61));
        scene.act(UserId(id), &[("_action", "again")]).await;
        assert_eq!(scene.links().await, sent);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_and_a_code_share_what_a_phone_and_the_city_are_sent() {
    let scene = scene().await;
    scene.invite(PHONE, "eu").await.expect(303);
    let asked = ask_code(&scene.world.browser(), "/register", &[("phone", PHONE)]).await;
    asked.expect(429).says("秒后再试");
    let scene = Scene {
        world: World::with(|city| city.sms_daily_budget = 1).await,
        ..scene
    };
    let owner = scene
        .world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    let scene = Scene { owner, ..scene };
    scene.invite(PHONE, "eu").await.expect(303);
    scene.invite("19900005512", "eu").await;
    assert_eq!(scene.links().await, 1, "the budget is used up");
}

#[tokio::test(flavor = "multi_thread")]
async fn not_even_sql_makes_another_owner() {
    let scene = scene().await;
    let (member, _) = scene.member("eu").await;
    let city = scene.world.cangzhou.id;
    let actor = Actor {
        user: scene.owner.user,
        name: "顾屹舟".to_owned(),
        tenant: city,
        tenant_kind: TenantKind::City,
        tenant_name: scene.world.cangzhou.name.clone(),
        city,
        reach: [city].into(),
        enterprise: Some(scene.owner.id),
        roles: vec![Role::EnterpriseOwner],
        session: Uuid::nil(),
        from: Origin::default(),
    };
    let guard = &scene.world.parts.guard;
    let permit = guard
        .permit(&actor, Room::People, Action::Save)
        .await
        .expect("an owner may");
    let mut work = scene.world.parts.pg.open(&permit).await.expect("it opens");
    let made = sqlx::query("update users set roles = array['eo'] where id = $1")
        .bind(member.0)
        .execute(work.connection())
        .await
        .expect_err("a trigger says no");
    assert!(made.to_string().contains("does not make owners"), "{made}");
}

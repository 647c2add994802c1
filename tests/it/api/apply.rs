//! 立即申请 on the phone (F-6, F-7, F-10): 完善信息, the request, the face check afterwards, and the number.

use domain::ids::ProductId;
use journeys::{EnterpriseFixture, PASSWORD, World};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Phone, phone, tokens::ticks, uploads::put_up};

pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) enterprise: EnterpriseFixture,
    pub(crate) phone: Phone,
    pub(crate) product: ProductId,
    pub(crate) branch: Uuid,
}

/// An enterprise that is ready, and its owner's phone, signed in.
pub(crate) async fn ready() -> Scene {
    scene(true).await
}

async fn scene(is_ready: bool) -> Scene {
    let world = World::new().await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let product = world.product(bank, "惠民抵押贷", &[branch]).await;
    let name = "沧州市瀚岳澜管道装备有限公司";
    let enterprise = if is_ready {
        world.ready_enterprise(name, "19900002037").await
    } else {
        let city = world.cangzhou.id;
        world.new_enterprise(city, name, "19900002037").await
    };
    let mut phone = Phone::new(&world);
    phone.sign_in(&enterprise.phone, PASSWORD).await.expect(200);
    Scene {
        world,
        enterprise,
        phone,
        product,
        branch: branch.0,
    }
}

impl Scene {
    /// A draft that may be submitted, and its version.
    pub(crate) async fn draft(&self, amount: &str) -> (String, i64) {
        let saved = self.save(amount).await;
        let draft = saved["draft"].as_str().expect("a draft").to_owned();
        let drafts = self.phone.get("/api/v1/drafts").await.expect(200);
        let drafts = drafts["items"].as_array().expect("items").clone();
        let found = drafts.iter().find(|one| one["id"] == saved["draft"]);
        let version = found.expect("the draft")["version"].as_i64();
        (draft, version.expect("a version"))
    }

    async fn save(&self, amount: &str) -> Value {
        let ask = json!({
            "product": self.product.0, "amount": amount, "term": "3", "rate": "3.75", "branch": self.branch,
            "agreements": ticks(&self.phone, "apply").await, "again": null,
        });
        self.phone.put("/api/v1/drafts", &ask).await.expect(200)
    }

    pub(crate) async fn apply(
        &self,
        phone: &Phone,
        draft: &str,
        version: i64,
        key: &str,
    ) -> super::Told {
        let path = format!("/api/v1/drafts/{draft}/submission");
        phone
            .keyed(&path, &json!({ "version": version }), key)
            .await
    }

    /// 完善信息 with three photos, on the phone alone.
    async fn complete(&mut self) {
        let photo = crate::profile::jpeg();
        for kind in ["licence", "id_front", "id_back"] {
            let upload = put_up(&self.phone, &photo).await;
            let path = format!("/api/v1/profile/photos/{kind}");
            let kept = self.phone.put(&path, &json!({ "upload": upload })).await;
            kept.expect(200);
        }
        let before = phone::messages(&self.world).await;
        let captcha = self.phone.captcha("profile").await;
        let asked = json!({ "captcha": captcha });
        let sent = self.phone.post("/api/v1/profile/codes", &asked).await;
        sent.expect(200);
        let code = phone::newest(&self.world, before).await;
        let version = self.phone.get("/api/v1/profile").await.expect(200)["version"].clone();
        let save = json!({
            "version": version, "name": self.enterprise.name, "unified_social_credit_code": "91130900PDY00001XR",
            "registered_capital": "500", "legal_representative": "顾屹舟", "legal_id": "110105188001010009",
            "contact_phone": self.enterprise.phone, "region": ["130000", "130900", "130903", "130903001"],
            "industry": ["2", "31", "313"], "address": "装备大街 108 号", "recommender": "", "email": "",
            "password": "Kuaile#2037x", "password_again": "Kuaile#2037x", "sms_code": code,
        });
        self.phone.put("/api/v1/profile", &save).await.expect(200);
    }

    /// The owner passed at a counter, or has not passed anywhere.
    pub(crate) async fn verified(&self, at: Option<time::OffsetDateTime>) {
        sqlx::query("update users set face_verified_at = $2, face_method = $3 where id = $1")
            .bind(self.enterprise.user.0)
            .bind(at)
            .bind(at.map(|_| "counter"))
            .execute(&self.world.owner)
            .await
            .expect("the person");
    }

    pub(crate) async fn stage(&self, draft: &str) -> (String, Option<String>) {
        sqlx::query_as(
            "select stage, application_no from financing_applications where id = $1::uuid",
        )
        .bind(draft)
        .fetch_one(&self.world.owner)
        .await
        .expect("the request")
    }
}

pub(crate) const KEY: &str = "0123456789abcdef0123";

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_verified_submits_at_once_and_once() {
    let scene = ready().await;
    let (draft, version) = scene.draft("300").await;
    let check = format!("/api/v1/products/{}/application-check", scene.product);
    let check = scene.phone.get(&check).await.expect(200);
    assert_eq!(check["amount"], "300.00");
    let first = scene.apply(&scene.phone, &draft, version, KEY).await;
    let first = first.expect(200);
    assert_eq!(first["state"], "submitted");
    let again = scene.apply(&scene.phone, &draft, version, KEY).await;
    let again = again.expect(200);
    assert_eq!(again["application_no"], first["application_no"]);
    assert_eq!(again["replay"], true);
    let other = scene.apply(&scene.phone, &draft, version + 1, KEY).await;
    other.refused(422, "idempotency.other_body");
    // The web sees it at the next request.
    let number = first["application_no"].as_str().expect("a number");
    let page = scene
        .enterprise
        .browser
        .get("/enterprise/applications")
        .await;
    page.expect(200).says(number);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_devices_that_submit_at_once_make_one_request() {
    let scene = ready().await;
    let mut other = Phone::new(&scene.world);
    other
        .sign_in(&scene.enterprise.phone, PASSWORD)
        .await
        .expect(200);
    let (draft, version) = scene.draft("300").await;
    let (one, two) = tokio::join!(
        scene.apply(&scene.phone, &draft, version, "first-phone-0123456789"),
        scene.apply(&other, &draft, version, "other-phone-0123456789"),
    );
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let numbers: i64 =
        sqlx::query_scalar("select count(*) from financing_applications where stage = 'submitted'")
            .fetch_one(&scene.world.owner)
            .await
            .expect("a count");
    assert_eq!(numbers, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_request_waits_for_the_face_unseen_and_is_submitted_by_it() {
    let mut scene = scene(false).await;
    let saved = scene.save("300").await;
    assert_eq!(saved["next"], "profile", "{saved}");
    scene.complete().await;
    let me = scene.phone.get("/api/v1/me").await.expect(200);
    assert_eq!(
        (&me["profile_complete"], &me["face_verified"]),
        (&json!(true), &json!(false))
    );
    let (draft, version) = scene.draft("300").await;
    let held = scene.apply(&scene.phone, &draft, version, KEY).await;
    let held = held.expect(200);
    assert_eq!(held["state"], "pending_face");
    assert_eq!(scene.stage(&draft).await, ("pending_face".to_owned(), None));
    let records = scene.phone.get("/api/v1/applications").await.expect(200);
    assert_eq!(records["items"], json!([]), "no record yet");
    let clerk = scene
        .world
        .staff(domain::ids::TenantId(scene.branch), "钱云诚", &["bm"])
        .await;
    let queue = clerk.browser.get("/branch").await.expect(200);
    assert!(!queue.text().contains(&scene.enterprise.name));
    // What a client claims about its face is read nowhere.
    let claimed = scene.phone.act("/api/v1/face/releases").await.expect(200);
    assert_eq!(claimed["submitted"], json!([]));
    let forged = json!({ "upload": Uuid::new_v4(), "passed": true });
    let forged = scene.phone.post("/api/v1/face/checks", &forged).await;
    forged.refused(422, "api.shape");
    assert_eq!(scene.stage(&draft).await.0, "pending_face");
    consent(&scene.phone).await;
    let failed = face(&scene.phone, "fail").await;
    assert_eq!(
        (&failed["result"], &failed["submitted"]),
        (&json!("failed"), &json!([]))
    );
    let unclear = face(&scene.phone, "unclear").await;
    assert_eq!(unclear["result"], "unclear");
    assert_eq!(scene.stage(&draft).await.0, "pending_face");
    scene.world.clock.advance(time::Duration::minutes(31));
    let passed = face(&scene.phone, "pass").await;
    assert_eq!(passed["result"], "passed");
    let number = passed["submitted"][0]["application_no"].as_str();
    let (stage, stored) = scene.stage(&draft).await;
    assert_eq!((stage.as_str(), stored.as_deref()), ("submitted", number));
    let again = scene.apply(&scene.phone, &draft, version, KEY).await;
    let again = again.expect(200);
    assert_eq!(
        again["application_no"].as_str(),
        number,
        "the click once more"
    );
    let records = scene.phone.get("/api/v1/applications").await.expect(200);
    assert_eq!(records["items"][0]["intake_status"]["label"], "待接单");
}

async fn consent(phone: &Phone) {
    let text = phone.get("/api/v1/agreements/face").await.expect(200);
    let unread = json!({ "agreement": { "code": "face", "receipt": "none", "ticked": true } });
    let refused = phone.post("/api/v1/face/consents", &unread).await;
    refused.wrong("agree_face", "face.agree");
    let tick = json!({ "code": "face", "receipt": text["receipt"], "ticked": true });
    let given = phone
        .post("/api/v1/face/consents", &json!({ "agreement": tick }))
        .await;
    given.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_stays_until_an_attempt_is_under_way() {
    let mut scene = scene(false).await;
    scene.complete().await;
    let upload = put_up(&scene.phone, &crate::profile::jpeg()).await;
    let ask = json!({ "upload": upload, "demo_outcome": "pass" });
    let path = "/api/v1/face/checks";
    let early = scene.phone.post(path, &ask).await;
    early.refused(409, "face.consent_missing");
    consent(&scene.phone).await;
    let passed = scene.phone.post(path, &ask).await.expect(200);
    assert_eq!(passed["result"], "passed");
    let again = scene.phone.post(path, &ask).await;
    again.refused(404, "not_found");
    let left: i64 = sqlx::query_scalar("select count(*) from upload_pieces")
        .fetch_one(&scene.world.owner)
        .await
        .expect("a count");
    assert_eq!(left, 0);
}

async fn face(phone: &Phone, outcome: &str) -> Value {
    let upload = put_up(phone, &crate::profile::jpeg()).await;
    let ask = json!({ "upload": upload, "demo_outcome": outcome });
    phone.post("/api/v1/face/checks", &ask).await.expect(200)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_request_can_be_taken_back_and_is_what_was_typed() {
    let scene = ready().await;
    scene.verified(None).await;
    let (draft, version) = scene.draft("300").await;
    let held = scene.apply(&scene.phone, &draft, version, KEY).await;
    assert_eq!(held.expect(200)["state"], "pending_face");
    let path = format!("/api/v1/drafts/{draft}/submission");
    scene.phone.delete(&path).await.expect(204);
    scene.phone.delete(&path).await.refused(404, "not_found");
    let form = format!("/api/v1/products/{}/application-form", scene.product);
    let form = scene.phone.get(&form).await.expect(200);
    assert_eq!(
        (&form["draft"], &form["typed"]["amount"]),
        (&json!(draft), &json!("300"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_out_of_range_is_told_at_its_field_and_the_draft_is_kept() {
    let scene = ready().await;
    let saved = scene.save("9000").await;
    assert_eq!(saved["next"], "fix");
    assert_eq!(saved["problems"][0]["field"], "amount");
    let (draft, version) = scene.draft("9000").await;
    let refused = scene.apply(&scene.phone, &draft, version, KEY).await;
    let refused = refused.refused(409, "financing.draft_incomplete");
    assert_eq!(refused["errors"][0]["field"], "amount", "{refused}");
    let path = format!("/api/v1/drafts/{draft}/submission");
    let bare = scene.phone.post(&path, &json!({ "version": 1 })).await;
    bare.refused(400, "api.idempotency_missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_passes_elsewhere_finds_the_request_submitted() {
    let scene = ready().await;
    scene.verified(None).await;
    let (draft, version) = scene.draft("300").await;
    let held = scene.apply(&scene.phone, &draft, version, KEY).await;
    assert_eq!(held.expect(200)["state"], "pending_face");
    let workers = yijianrong::workers::Workers::new(&scene.world.parts);
    workers.tick_once().await.expect("a round");
    assert_eq!(scene.stage(&draft).await.0, "pending_face");
    let asked = scene.world.parts.clock.now();
    scene.world.clock.advance(time::Duration::hours(2));
    let now = scene.world.parts.clock.now();
    scene.verified(Some(now)).await;
    workers.tick_once().await.expect("a round");
    assert_eq!(scene.stage(&draft).await.0, "submitted");
    // Given when it was asked for, from there and by that channel.
    let consents: Vec<(String, String, time::OffsetDateTime)> = sqlx::query_as(
        "select channel, ip, granted_at from consents where application_id = $1::uuid",
    )
    .bind(&draft)
    .fetch_all(&scene.world.owner)
    .await
    .expect("consents");
    assert!(!consents.is_empty());
    for (channel, ip, at) in consents {
        assert_eq!(
            (channel.as_str(), ip.as_str()),
            ("mini_program", "127.0.0.1")
        );
        assert_eq!(at, asked);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enterprise_reads_how_it_stands_to_the_rules_of_a_product() {
    let scene = ready().await;
    sqlx::query(
        "insert into product_rules (product_id, tenant_id, city_id, subject, operator, answers)
         select id, tenant_id, city_id, 'region', 'any_of', '{130903}' from products where id = $1",
    )
    .bind(scene.product.0)
    .execute(&scene.world.owner)
    .await
    .expect("a rule");
    scene.world.parts.portal.changed(None);
    let product = format!("/api/v1/products/{}", scene.product.0);
    let told = scene.phone.get(&format!("{product}/eligibility")).await;
    let told = told.expect(200);
    assert_eq!(told["compared"], true);
    assert_eq!(told["items"][0]["verdict"]["code"], "met", "{told}");
    let shown = Phone::new(&scene.world).get(&product).await.expect(200);
    assert_eq!(shown["rules"][0], told["items"][0]["text"], "{shown}");
    Phone::new(&scene.world)
        .get(&format!("{product}/eligibility"))
        .await
        .refused(401, "signed_out");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_checked_is_spelled_out() {
    let scene = ready().await;
    scene.draft("120").await;
    let path = format!("/api/v1/products/{}/application-check", scene.product.0);
    let check = scene.phone.get(&path).await.expect(200);
    assert_eq!(check["amount"], "120.00");
    assert_eq!(check["amount_yuan"], "1200000.00");
    assert_eq!(check["institution"], "狮城商业银行");
    assert_eq!(check["guarantee"]["label"], "抵押");
}

//! 申请记录, 撤回, 退回补充, messages and 授权记录 on the phone, and the same enterprise on the web.

use journeys::PASSWORD;
use serde_json::{Value, json};

use super::{
    Phone,
    apply::{KEY, Scene, ready},
    tokens::ticks,
    uploads::put_up,
};

pub(super) async fn submitted(scene: &Scene, amount: &str, key: &str) -> String {
    let (draft, version) = scene.draft(amount).await;
    let path = format!("/api/v1/drafts/{draft}/submission");
    let ask = json!({ "version": version, "confirm_duplicate": true });
    scene.phone.keyed(&path, &ask, key).await.expect(200);
    draft
}

#[tokio::test(flavor = "multi_thread")]
async fn records_carry_the_twelve_values_and_go_on_where_they_ended() {
    let scene = ready().await;
    for number in 0..3 {
        scene.world.clock.advance(time::Duration::minutes(1));
        submitted(
            &scene,
            &format!("{}", 100 + number),
            &format!("key-of-request-{number}"),
        )
        .await;
    }
    let first = scene.phone.get("/api/v1/applications?limit=2").await;
    let first = first.expect(200);
    let one = &first["items"][0];
    assert_eq!(one["amount"], "102");
    assert_eq!((&one["rate"], &one["term"]), (&json!("3.75"), &json!(3)));
    assert_eq!(one["term_unit"]["label"], "年");
    assert_eq!(one["review_status"]["label"], "待审核");
    assert_eq!(one["review_opinion"], "-");
    let next = first["next_cursor"].as_str().expect("a cursor");
    // A new one on top does not move what follows.
    submitted(&scene, "200", "key-of-request-new").await;
    let path = format!("/api/v1/applications?limit=2&cursor={next}");
    let rest = scene.phone.get(&path).await.expect(200);
    assert_eq!(rest["items"].as_array().expect("items").len(), 1);
    assert_eq!(rest["items"][0]["amount"], "100");
    assert_eq!(rest["next_cursor"], json!(null));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_withdrawn_on_the_web_is_withdrawn_on_the_phone_at_the_next_request() {
    let scene = ready().await;
    let id = submitted(&scene, "300", "key-of-the-request").await;
    let path = format!("/api/v1/applications/{id}");
    let before = scene.phone.get(&path).await.expect(200);
    assert_eq!(before["may_withdraw"], true);
    assert_eq!(before["timeline"][0]["event"]["code"], "submit");
    let page = format!("/enterprise/applications/{id}/withdraw");
    let browser = &scene.enterprise.browser;
    browser
        .submit(&page, &page, &[("withdraw_reason", "")])
        .await
        .expect(303);
    let after = scene.phone.get(&path).await.expect(200);
    assert_eq!(after["review_status"]["label"], "已撤回");
    let withdrawal = format!("{path}/withdrawal");
    let reason = json!({ "reason": "" });
    let again = scene.phone.keyed(&withdrawal, &reason, KEY).await;
    assert_eq!(again.status, 409);
    let consents = scene.phone.get("/api/v1/consents").await.expect(200);
    let items = consents["items"].as_array().expect("items");
    assert!(!items.is_empty());
    assert!(items.iter().all(|one| one["channel"] == "mini_program"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_withdrawn_twice_under_one_key_is_withdrawn_once_and_answered_twice() {
    let scene = ready().await;
    let id = submitted(&scene, "300", "key-of-the-request").await;
    let withdrawal = format!("/api/v1/applications/{id}/withdrawal");
    let reason = json!({ "reason": "改选其他支行" });
    let keyless = scene.phone.post(&withdrawal, &reason).await;
    keyless.refused(400, "api.idempotency_missing");
    let first = scene.phone.keyed(&withdrawal, &reason, KEY).await;
    let again = scene.phone.keyed(&withdrawal, &reason, KEY).await;
    assert_eq!(first.expect(200), again.expect(200));
    let other = scene.phone.keyed(&withdrawal, &json!({}), KEY).await;
    assert_eq!(other.status, 422);
    let later = scene
        .phone
        .keyed(&withdrawal, &reason, "another-key-0123456")
        .await;
    assert_eq!(later.status, 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn consents_go_on_where_they_ended_and_are_withdrawn_once() {
    let scene = ready().await;
    submitted(&scene, "300", "key-of-the-request").await;
    let mut all = Vec::new();
    let mut path = "/api/v1/consents?limit=1".to_owned();
    loop {
        let part = scene.phone.get(&path).await.expect(200);
        let items = part["items"].as_array().expect("items");
        all.extend(items.iter().map(|one| one["id"].to_string()));
        let Some(next) = part["next_cursor"].as_str() else {
            break;
        };
        path = format!("/api/v1/consents?limit=1&cursor={next}");
    }
    let whole = scene.phone.get("/api/v1/consents?limit=50").await;
    let whole = whole.expect(200);
    let items = whole["items"].as_array().expect("items");
    let ids: Vec<String> = items.iter().map(|one| one["id"].to_string()).collect();
    assert!(ids.len() > 1);
    assert_eq!(all, ids);
    let id = items[0]["id"].as_str().expect("an id");
    let path = format!("/api/v1/consents/{id}/withdrawal");
    for _ in 0..2 {
        let request = scene.phone.request(reqwest::Method::POST, &path);
        let request = request.header("idempotency-key", KEY);
        scene.phone.send("POST", &path, request).await.expect(204);
    }
    let request = scene.phone.request(reqwest::Method::POST, &path);
    let request = request.header("idempotency-key", "another-key-0123456");
    let later = scene.phone.send("POST", &path, request).await;
    later.refused(409, "consent.withdrawn_before");
}

impl Scene {
    /// The consents of its requests, newest first.
    async fn given(&self) -> Vec<Value> {
        let all = self.phone.get("/api/v1/consents?limit=50").await;
        let all = all.expect(200)["items"].as_array().cloned();
        let mut all = all.expect("items");
        all.retain(|one| !one["application_no"].is_null());
        all
    }

    /// Takes back every consent given for a request, as its owner does it.
    async fn take_consents_back(&self) {
        for one in self.given().await {
            let id = one["id"].as_str().expect("an id");
            let path = format!("/api/v1/consents/{id}/withdrawal");
            let request = self.phone.request(reqwest::Method::POST, &path);
            let request = request.header("idempotency-key", id);
            self.phone.send("POST", &path, request).await.expect(204);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_withdrawn_is_granted_anew_on_the_phone_once_its_texts_were_read() {
    let scene = ready().await;
    let id = submitted(&scene, "300", "key-of-the-request").await;
    let (phone, record) = (&scene.phone, format!("/api/v1/applications/{id}"));
    let path = format!("{record}/consents");
    let nothing = phone.get(&path).await;
    nothing.refused(409, "consent.nothing_lapsed");
    scene.take_consents_back().await;
    let lapsed = phone.get(&record).await.expect(200);
    assert_eq!(lapsed["consent_withdrawn"], true);
    assert_eq!(lapsed["may_renew"], true);
    assert!(scene.given().await.iter().all(|one| one["renew"] == id));
    let sheet = phone.get(&path).await.expect(200);
    assert_eq!(sheet["application_no"], lapsed["application_no"]);
    assert_eq!(sheet["recipient"], "狮城商业银行运河支行");
    let codes: Vec<&str> = (sheet["texts"].as_array().expect("texts").iter())
        .filter_map(|one| one["code"].as_str())
        .collect();
    assert_eq!(codes, ["register", "enterprise_credit"]);

    let unread: Vec<Value> = (codes.iter())
        .map(|code| json!({ "code": code, "receipt": "", "ticked": true }))
        .collect();
    let unread = json!({ "agreements": unread });
    let refused = phone.keyed(&path, &unread, KEY).await;
    refused.wrong("agree_enterprise_credit", "agreement.not_opened");
    let read = json!({ "agreements": ticks(phone, "apply").await });
    let keyless = phone.post(&path, &read).await;
    keyless.refused(400, "api.idempotency_missing");
    for _ in 0..2 {
        phone.keyed(&path, &read, KEY).await.expect(204);
    }
    let other = phone.keyed(&path, &unread, KEY).await;
    assert_eq!(other.status, 422);
    let later = phone.keyed(&path, &read, "another-key-0123456").await;
    later.refused(409, "consent.nothing_lapsed");
    let noted: i64 = sqlx::query_scalar(
        "select count(*) from consents where application_id is not null and withdrawn_at is null and channel = 'mini_program'
           and purpose = 'apply' and length(body_hash) = 32",
    )
    .fetch_one(&scene.world.owner)
    .await
    .expect("it counts");
    assert_eq!(noted, 2, "twice is once");
    let stands = phone.get(&record).await.expect(200);
    assert_eq!(stands["consent_withdrawn"], false);
    assert_eq!(stands["may_renew"], false);
    assert!(scene.given().await.iter().all(|one| one["renew"].is_null()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_is_granted_anew_on_the_owners_phone_alone() {
    let scene = ready().await;
    let id = submitted(&scene, "300", "key-of-the-request").await;
    scene.take_consents_back().await;
    let path = format!("/api/v1/applications/{id}/consents");
    let world = &scene.world;
    world
        .ready_enterprise("沧州市渤沃宸化工新材料有限公司", "19900002074")
        .await;
    world
        .member(&scene.enterprise, "时嘉宁", "19900002038", "eu")
        .await;
    for (who, status) in [("19900002074", 404), ("19900002038", 403)] {
        let mut phone = Phone::new(world);
        phone.sign_in(who, PASSWORD).await.expect(200);
        phone.get(&path).await.expect(status);
        let read = json!({ "agreements": ticks(&phone, "apply").await });
        phone.keyed(&path, &read, KEY).await.expect(status);
    }
    let mut clerk = Phone::new(world);
    clerk.sign_in("19900002038", PASSWORD).await.expect(200);
    let record = format!("/api/v1/applications/{id}");
    let seen = clerk.get(&record).await.expect(200);
    assert_eq!(seen["consent_withdrawn"], true);
    assert_eq!(seen["may_renew"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_banks_people_tell_each_other_is_read_on_no_phone_and_on_no_page() {
    let scene = ready().await;
    let id = submitted(&scene, "300", "key-of-the-request").await;
    for (number, verb) in ["submit_for_approval", "freeze"].into_iter().enumerate() {
        sqlx::query(
            "insert into application_events (id, tenant_id, application_id, seq, kind, from_stage, to_stage, actor_kind, actor_id,
               actor_name, actor_role, note, reason_codes, detail, at)
             select gen_random_uuid(), tenant_id, application_id, seq + 1 + $3, $2, to_stage, to_stage, actor_kind, actor_id,
               '钱云诚', 'bm', '内部意见：担保偏弱', array['collateral'], detail, at
             from application_events where application_id = $1::uuid and kind = 'submit'",
        )
        .bind(&id)
        .bind(verb)
        .bind(i32::try_from(number).expect("small"))
        .execute(&scene.world.owner)
        .await
        .expect("a step of the bank");
    }
    let path = format!("/api/v1/applications/{id}");
    let detail = scene.phone.get(&path).await.expect(200);
    let steps = detail["timeline"].as_array().expect("steps");
    assert_eq!(steps.len(), 3);
    for step in &steps[1..] {
        assert_eq!((&step["note"], &step["reasons"]), (&json!(""), &json!([])));
    }
    for page in ["", "/print"] {
        let page = format!("/enterprise/applications/{id}{page}");
        let page = scene.enterprise.browser.get(&page).await.expect(200);
        assert!(!page.text().contains("担保偏弱") && page.text().contains("冻结"));
    }
}

/// The branch wants one thing more; answers the item.
async fn sent_back(scene: &Scene, id: &str) -> uuid::Uuid {
    let item = uuid::Uuid::new_v4();
    sqlx::query(
        "update financing_applications set stage = 'need_supplement', returned_from = 'accepted', ever_accepted = true,
           accepted_at = submitted_at, supplement_rounds = 1, version = version + 1 where id = $1::uuid",
    )
    .bind(id)
    .execute(&scene.world.owner)
    .await
    .expect("the stage");
    sqlx::query(
        "insert into supplement_items (id, tenant_id, application_id, round, position, label, required)
         values ($1, $2, $3::uuid, 1, 1, '银行流水', true)",
    )
    .bind(item)
    .bind(scene.world.cangzhou.id.0)
    .bind(id)
    .execute(&scene.world.owner)
    .await
    .expect("the item");
    item
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supplement_is_answered_with_a_file_and_sent_once() {
    let scene = ready().await;
    let id = submitted(&scene, "300", "key-of-the-request").await;
    let item = sent_back(&scene, &id).await;
    let path = format!("/api/v1/applications/{id}");
    let detail = scene.phone.get(&path).await.expect(200);
    assert_eq!(detail["supplement"]["items"][0]["label"], "银行流水");
    let answer = json!({ "answers": [], "note": "请查收" });
    let send = format!("{path}/supplement");
    let key = "key-of-the-answer-1";
    let missing = scene.phone.keyed(&send, &answer, key).await;
    missing.wrong(&format!("file_{item}"), "supplement.item_missing");
    let upload = put_up(&scene.phone, &crate::profile::jpeg()).await;
    let file = format!("{path}/supplement/{item}/file");
    let kept = scene.phone.put(&file, &json!({ "upload": upload })).await;
    kept.expect(200);
    scene.phone.keyed(&send, &answer, key).await.expect(204);
    scene.phone.keyed(&send, &answer, key).await.expect(204);
    let after = scene.phone.get(&path).await.expect(200);
    assert_eq!(after["supplement"], json!(null));
    assert_eq!(after["review_status"]["label"], "待审核");
}

/// A page that differs from every other one, put up in pieces.
async fn sheet(scene: &Scene, number: usize) -> String {
    let card = media::sample_card(&format!("银行流水第 {number} 页"), &[]);
    put_up(&scene.phone, &card.expect("it is drawn").jpeg).await
}

/// The files of the first item, in order.
async fn files(scene: &Scene, id: &str) -> Vec<serde_json::Value> {
    let path = format!("/api/v1/applications/{id}");
    let detail = scene.phone.get(&path).await.expect(200);
    let files = &detail["supplement"]["items"][0]["files"];
    let files = files.as_array().expect("files").iter();
    files.map(|one| one["id"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn several_files_of_an_item_are_added_looked_at_and_removed_one_by_one() {
    let scene = ready().await;
    let id = submitted(&scene, "300", "key-of-the-request").await;
    let item = sent_back(&scene, &id).await;
    let door = format!("/api/v1/applications/{id}/supplement/{item}/files");
    let mut added = Vec::new();
    for number in 1..=9 {
        let upload = json!({ "upload": sheet(&scene, number).await });
        let first = scene.phone.post(&door, &upload).await.expect(200);
        // The answer was lost: the same upload is the same file.
        let again = scene.phone.post(&door, &upload).await.expect(200);
        assert_eq!(first["file"], again["file"]);
        added.push(first["file"].clone());
    }
    assert_eq!(files(&scene, &id).await, added);
    let tenth = json!({ "upload": sheet(&scene, 10).await });
    let refused = scene.phone.post(&door, &tenth).await;
    refused.wrong("upload", "supplement.too_many_files");
    let one = format!("{door}/{}", added[4].as_str().expect("an id"));
    let looked = scene.phone.get(&one).await;
    assert_eq!(looked.answer.headers["content-type"], "image/jpeg");
    looked.expect(200);
    for _ in 0..2 {
        scene.phone.delete(&one).await.expect(204);
    }
    scene.phone.get(&one).await.refused(404, "not_found");
    added.remove(4);
    assert_eq!(files(&scene, &id).await, added);
    // There is room for it now, and its upload was not used up by the refusal.
    let last = scene.phone.post(&door, &tenth).await.expect(200);
    added.push(last["file"].clone());
    assert_eq!(files(&scene, &id).await, added);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_app_gives_one_file_in_place_of_all_and_takes_all_away() {
    let scene = ready().await;
    let id = submitted(&scene, "300", "key-of-the-request").await;
    let item = sent_back(&scene, &id).await;
    let door = format!("/api/v1/applications/{id}/supplement/{item}");
    for number in 1..=2 {
        let upload = json!({ "upload": sheet(&scene, number).await });
        let added = scene.phone.post(&format!("{door}/files"), &upload).await;
        added.expect(200);
    }
    let one = format!("{door}/file");
    let upload = json!({ "upload": sheet(&scene, 3).await });
    for _ in 0..2 {
        let kept = scene.phone.put(&one, &upload).await.expect(200);
        assert_eq!(files(&scene, &id).await, [kept["file"].clone()]);
    }
    let kept =
        "select count(*) from enterprise_files where kind = 'supplement' and replaced_at is null";
    let kept: i64 = sqlx::query_scalar(kept)
        .fetch_one(&scene.world.owner)
        .await
        .expect("a count");
    assert_eq!(kept, 1, "what it replaced takes no place");
    scene.phone.delete(&one).await.expect(204);
    assert!(files(&scene, &id).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_files_of_an_item_are_its_enterprises_alone() {
    let scene = ready().await;
    let id = submitted(&scene, "300", "key-of-the-request").await;
    let item = sent_back(&scene, &id).await;
    let door = format!("/api/v1/applications/{id}/supplement/{item}/files");
    let upload = json!({ "upload": sheet(&scene, 1).await });
    let file = scene.phone.post(&door, &upload).await.expect(200)["file"].clone();
    let one = format!("{door}/{}", file.as_str().expect("an id"));
    let other = scene
        .world
        .ready_enterprise("沧州市渤沃宸化工新材料有限公司", "19900002074")
        .await;
    let mut stranger = super::Phone::new(&scene.world);
    let password = journeys::PASSWORD;
    stranger.sign_in(&other.phone, password).await.expect(200);
    let theirs = put_up(&stranger, &crate::profile::jpeg()).await;
    let theirs = json!({ "upload": theirs });
    let refused = stranger.post(&door, &theirs).await;
    refused.refused(404, "not_found");
    stranger.get(&one).await.refused(404, "not_found");
    stranger.delete(&one).await.refused(404, "not_found");
    assert_eq!(files(&scene, &id).await, [file]);
    scene.phone.get(&one).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_read_on_the_phone_is_read_on_the_web() {
    let scene = ready().await;
    let id = scene.world.message_to(&scene.enterprise).await;
    let list = scene.phone.get("/api/v1/messages?unread=true").await;
    let list = list.expect(200);
    assert_eq!(
        (&list["unread"], &list["items"][0]["id"]),
        (&json!(1), &json!(id))
    );
    let path = format!("/api/v1/messages/{id}/reading");
    let read = scene.phone.act(&path).await.expect(200);
    assert_eq!(read["read"], true);
    let me = scene.phone.get("/api/v1/me").await.expect(200);
    assert_eq!(me["unread_messages"], 0);
    let all = scene
        .phone
        .act("/api/v1/messages/readings")
        .await
        .expect(200);
    assert_eq!(all["read"], 0);
}

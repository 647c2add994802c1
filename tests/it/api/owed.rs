//! 重新同意 on the phone: a new version is read and accepted before a request is submitted.

use serde_json::{Value, json};

use super::{
    apply::{KEY, Scene, ready},
    tokens::ticks,
};

impl Scene {
    /// The person accepted the registration agreement of the files; a newer version of it asks everybody again.
    async fn revised(&self) {
        yijianrong::seed::content::basics(&self.world.parts.pool, &self.world.cangzhou)
            .await
            .expect("the basics are written");
        sqlx::query(
            "insert into consents (id, tenant_id, enterprise_id, user_id, agreement_code, agreement_version, agreement_title,
               body_hash, purpose, channel, granted_at)
             select gen_random_uuid(), $1, $2, $3, code, version, title, body_hash, 'register', 'web', published_at
             from agreements where tenant_id = $1 and code = 'register'",
        )
        .bind(self.world.cangzhou.id.0)
        .bind(self.enterprise.id.0)
        .bind(self.enterprise.user.0)
        .execute(&self.world.owner)
        .await
        .expect("it is noted");
        sqlx::query(
            "insert into agreements (tenant_id, city_id, code, version, title, body, body_hash, published_at, reconsent,
               change_note, origin)
             select tenant_id, city_id, code, '2026.9', title, body, body_hash, published_at + interval '1 minute', true,
               '增加了数据导出的说明。', 'operator'
             from agreements where tenant_id = $1 and code = 'register'",
        )
        .bind(self.world.cangzhou.id.0)
        .execute(&self.world.owner)
        .await
        .expect("it is published");
        self.world.in_force().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_version_is_accepted_on_the_phone_before_a_request_goes_out() {
    let scene = ready().await;
    let path = "/api/v1/consents/owed";
    let none = scene.phone.get(path).await.expect(200);
    assert_eq!(none["items"], json!([]));
    scene.revised().await;
    let (draft, version) = scene.draft("120").await;
    let phone = &scene.phone;
    let refused = scene.apply(phone, &draft, version, KEY).await;
    let refused = refused.refused(409, "agreements.owed");
    assert_eq!(refused["errors"][0]["field"], "agree_register", "{refused}");
    let told = refused["detail"].as_str().unwrap_or_default();
    assert!(told.contains("《注册服务协议》有新版本"), "{told}");
    assert_eq!(scene.stage(&draft).await.0, "draft");

    let owed = phone.get(path).await.expect(200);
    let items = owed["items"].as_array().expect("items");
    assert_eq!(items.len(), 1, "{owed}");
    assert_eq!(items[0]["version"], "2026.9");
    assert_eq!(items[0]["change_note"], "增加了数据导出的说明。");
    let unread = json!({ "agreements": [{ "code": "register", "receipt": "", "ticked": true }] });
    phone
        .post(path, &unread)
        .await
        .wrong("agree_register", "agreement.not_opened");
    let read: Vec<Value> = ticks(phone, "register")
        .await
        .as_array()
        .expect("ticks")
        .iter()
        .filter(|tick| tick["code"] == "register")
        .cloned()
        .collect();
    for _ in 0..2 {
        let accept = json!({ "agreements": read });
        phone.post(path, &accept).await.expect(204);
    }
    let noted: i64 = sqlx::query_scalar(
        "select count(*) from consents where agreement_version = '2026.9' and channel = 'mini_program'
           and purpose = 'register'",
    )
    .fetch_one(&scene.world.owner)
    .await
    .expect("it counts");
    assert_eq!(noted, 1, "twice is once");
    let none = phone.get(path).await.expect(200);
    assert_eq!(none["items"], json!([]));
    let applied = scene.apply(phone, &draft, version, KEY).await;
    applied.expect(200);
}

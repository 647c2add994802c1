//! 企业划型 on the phone: read, declare, correct, and be told what is wrong.

use serde_json::{Value, json};

use super::{
    Phone, Told,
    apply::{KEY, ready},
};

const PATH: &str = "/api/v1/size";

fn figures(version: i32, employees: &str, revenue: &str) -> Value {
    json!({ "version": version, "employees": employees, "revenue": revenue, "assets": "" })
}

impl Phone {
    async fn declare(&self, body: &Value) -> Told {
        let key = uuid::Uuid::new_v4().to_string();
        self.put_keyed(PATH, body, &key).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_phone_declares_reads_the_class_and_corrects_it() {
    let scene = ready().await;
    let phone = &scene.phone;
    let size = phone.get(PATH).await.expect(200);
    assert_eq!(size["state"], "ready");
    assert_eq!(
        (size["year"].as_i64(), size["version"].as_i64()),
        (Some(2026), Some(0))
    );
    let asked: Vec<&Value> = size["figures"]
        .as_array()
        .expect("figures")
        .iter()
        .collect();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0]["metric"]["code"], "employees");
    assert_eq!(asked[1]["ranges"][2]["words"], "300–2,000 万元");
    assert_eq!(size["result"], Value::Null);
    let done = phone.declare(&figures(0, "45", "1200")).await.expect(200);
    assert_eq!(done["class"]["code"], "small");
    let size = phone.get(PATH).await.expect(200);
    assert_eq!(
        size["result"]["words"],
        "按工业标准：从业人员 20–300 人且营业收入 300–2,000 万元为小型企业"
    );
    assert_eq!(size["version"], 1);
    assert_eq!(size["history"][0]["revenue"], "1,200");
    // A page that was read before somebody else declared.
    let late = phone.declare(&figures(0, "450", "12000")).await.expect(409);
    assert_eq!(late["code"], "size.moved");
    phone.declare(&figures(1, "450", "12000")).await.expect(200);
    let size = phone.get(PATH).await.expect(200);
    assert_eq!(size["history"].as_array().map(Vec::len), Some(2));
    assert_eq!(size["result"]["class"]["code"], "medium");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_told_at_its_field_in_chinese_and_a_repeat_counts_once() {
    let scene = ready().await;
    let phone = &scene.phone;
    let told = phone.declare(&figures(0, "四十五", "-3")).await.expect(422);
    let errors = told["errors"].as_array().expect("errors");
    let at = |field: &str| {
        errors
            .iter()
            .find(|e| e["field"] == field)
            .expect("told")
            .clone()
    };
    assert_eq!(at("employees")["detail"], "从业人员应为数字，例如 45");
    assert_eq!(at("revenue")["detail"], "上一年度营业收入不能为负数");
    for _ in 0..2 {
        let body = figures(0, "45", "1200");
        phone.put_keyed(PATH, &body, KEY).await.expect(200);
    }
    let stored: i64 = sqlx::query_scalar("select count(*) from size_declarations")
        .fetch_one(&scene.world.owner)
        .await
        .expect("it counts");
    assert_eq!(stored, 1);
    sqlx::query("update enterprises set industry_code = '531'")
        .execute(&scene.world.owner)
        .await
        .expect("railways");
    let told = phone.declare(&figures(1, "45", "1200")).await.expect(409);
    assert_eq!(told["code"], "size.no_rule");
    assert_eq!(phone.get(PATH).await.expect(200)["state"], "no_rule");
}

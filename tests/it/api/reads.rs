//! What everybody may read: catalogue, pages that meet, ETags, budgets, and refusals in one form.

use journeys::World;
use reqwest::Method;

use super::Phone;

async fn market() -> World {
    let world = World::new().await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    for name in ["惠民抵押贷", "惠民信用贷", "惠农贷", "科技贷", "流水贷"] {
        world.product(bank, name, &[branch]).await;
    }
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn products_are_told_in_pages_that_meet_and_found_by_every_word() {
    let world = market().await;
    let phone = Phone::new(&world);
    let mut names = std::collections::BTreeSet::new();
    let mut path = "/api/v1/products?limit=2".to_owned();
    loop {
        let page = phone.get(&path).await.expect(200);
        assert_eq!(page["total"], 5);
        for one in page["items"].as_array().expect("items") {
            assert!(names.insert(one["name"].as_str().expect("a name").to_owned()));
        }
        match page["next_cursor"].as_str() {
            Some(next) => path = format!("/api/v1/products?limit=2&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(names.len(), 5);
    let found = phone.get("/api/v1/products?words=惠民 狮城 信用贷").await;
    let found = found.expect(200);
    assert_eq!(found["total"], 1);
    let id = found["items"][0]["id"].as_str().expect("an id");
    let one = phone.get(&format!("/api/v1/products/{id}")).await;
    let one = one.expect(200);
    assert_eq!(one["rate_min"], "3.75");
    assert_eq!(one["amount_max"], "500.00");
    assert_eq!(one["guarantee"]["label"], "抵押");
    let branches = phone.get(&format!("/api/v1/products/{id}/branches")).await;
    let branches = branches.expect(200);
    assert_eq!(branches["items"][0]["name"], "狮城商业银行运河支行");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_narrowed_by_what_its_filters_offer() {
    let world = market().await;
    let phone = Phone::new(&world);
    let all = phone.get("/api/v1/products/filters").await.expect(200);
    assert_eq!(all["total"], 5);
    let groups = all["groups"].as_array().expect("groups");
    let codes: Vec<&str> = groups.iter().filter_map(|g| g["code"].as_str()).collect();
    assert!(codes.contains(&"band") && codes.contains(&"rate"), "{all}");
    for group in groups {
        let code = group["code"].as_str().expect("a code");
        for option in group["options"].as_array().expect("options") {
            let choice = option["code"].as_str().expect("a choice");
            let page = phone
                .get(&format!("/api/v1/products?{code}={choice}"))
                .await
                .expect(200);
            assert_eq!(page["total"], option["products"], "{code}={choice}");
        }
    }
    // All of them cost 3.75 %: nothing dearer is offered, and what is chosen all the same stays to be taken back.
    let dearer = phone
        .get("/api/v1/products/filters?rate=6-")
        .await
        .expect(200);
    assert_eq!(dearer["total"], 0);
    assert!(dearer.to_string().contains("6.00% 及以上"), "{dearer}");
    assert!(!all.to_string().contains("6.00% 及以上"), "{all}");
    for (path, field) in [
        ("/api/v1/products?band=1-2", "band"),
        ("/api/v1/products/filters?industry=Z", "industry"),
        ("/api/v1/products/filters?county=12", "county"),
    ] {
        phone.get(path).await.wrong(field, "api.choice");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loan_is_computed_within_the_products_range() {
    let world = market().await;
    let phone = Phone::new(&world);
    let page = phone.get("/api/v1/products?limit=1").await.expect(200);
    let id = page["items"][0]["id"].as_str().expect("an id").to_owned();
    let product = phone.get(&format!("/api/v1/products/{id}")).await;
    let product = product.expect(200);
    assert_eq!(product["computed_methods"][0]["code"], "equal_installment");
    assert_eq!(product["rules"], serde_json::json!([]));
    let path = |amount: &str| {
        format!(
            "/api/v1/products/{id}/repayment?amount={amount}&term=1&rate=3.75&method=equal_installment"
        )
    };
    let plan = phone.get(&path("100")).await.expect(200);
    assert_eq!(plan["periods"], 12);
    assert_eq!(plan["payments"][0]["interest"], "3125.00");
    assert_eq!(plan["payments"][11]["left"], "0.00");
    let refused = phone.get(&path("501")).await.refused(422, "invalid");
    let said = &refused["errors"][0];
    assert_eq!(said["field"], "amount");
    assert_eq!(said["detail"], "融资金额应在 1–500 万元之间");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_city_tells_which_texts_a_screen_shows_without_a_box() {
    let world = market().await;
    let city = Phone::new(&world).get("/api/v1/city").await.expect(200);
    let has = |one: &serde_json::Value, list: &str| {
        let screens = one[list].as_array().expect("screens");
        screens.iter().any(|screen| screen == "apply")
    };
    let texts = city["agreements"].as_array().expect("texts");
    let shown = texts
        .iter()
        .filter(|one| has(one, "shown_on") && !has(one, "ticked_on"));
    let titles: Vec<&str> = shown
        .filter_map(|one| one["short_title"].as_str())
        .collect();
    assert_eq!(titles, ["融资需求申请条款"]);
    assert!(city["accept_days"].as_u64() > Some(0), "{city}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_not_changed_is_not_sent_again() {
    let world = market().await;
    let phone = Phone::new(&world);
    let path = "/api/v1/products";
    let first = phone.get(path).await;
    let tag = first.answer.headers["etag"].clone();
    first.expect(200);
    let request = phone
        .request(Method::GET, path)
        .header("if-none-match", &tag);
    phone.send("GET", path, request).await.expect(304);
    let bank = world.bank("沧海惠民银行").await;
    world.product(bank, "新贷", &[]).await;
    world.parts.portal.changed(None);
    let request = phone
        .request(Method::GET, path)
        .header("if-none-match", &tag);
    let changed = phone.send("GET", path, request).await;
    assert_ne!(changed.answer.headers["etag"], tag);
    changed.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_tells_what_may_still_be_asked() {
    let world = market().await;
    let phone = Phone::new(&world);
    for path in ["/api/v1/city", "/api/v1/me", "/api/v1/products?limit=900"] {
        let told = phone.get(path).await;
        for name in ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"] {
            assert!(told.answer.headers.contains_key(name), "{path} {name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_wrong_is_told_as_a_problem() {
    let world = market().await;
    let browser = world.browser();
    let ask = |method: Method, path: &'static str| browser.raw(method, path);
    for (request, status, code) in [
        (ask(Method::GET, "/api/v1/nothing"), 404, "not_found"),
        (ask(Method::GET, "/api/nothing"), 404, "not_found"),
        (
            ask(Method::DELETE, "/api/v1/products"),
            405,
            "method_not_allowed",
        ),
        (ask(Method::GET, "/api/v1/me"), 401, "signed_out"),
        (
            ask(Method::POST, "/api/v1/captchas"),
            400,
            "api.device_missing",
        ),
        (
            ask(Method::GET, "/api/v1/products?limit=x"),
            422,
            "api.query",
        ),
        (
            ask(Method::GET, "/api/v1/products?other=1"),
            422,
            "api.query",
        ),
        (
            ask(Method::POST, "/api/v1/captchas").header("x-device-id", "a".repeat(32)),
            415,
            "api.media_type",
        ),
        (
            ask(Method::POST, "/api/v1/captchas")
                .header("x-device-id", "a".repeat(32))
                .header("content-type", "application/json")
                .body("{"),
            400,
            "api.not_json",
        ),
        (
            ask(Method::POST, "/api/v1/captchas")
                .header("x-device-id", "a".repeat(32))
                .header("content-type", "application/json")
                .body("{\"purpose\":\"other\"}"),
            422,
            "api.shape",
        ),
        (
            ask(Method::POST, "/api/v1/captchas")
                .header("x-device-id", "a".repeat(32))
                .header("content-type", "application/json")
                .body(format!("\"{}\"", "a".repeat(70_000))),
            413,
            "api.text_too_large",
        ),
        (
            ask(Method::POST, "/api/v1/captchas").header("x-device-id", "short"),
            400,
            "api.device_form",
        ),
        (ask(Method::GET, "/api/v1/products?limit=0"), 422, "invalid"),
    ] {
        let answer = browser.answer(request).await;
        let text = answer.text();
        assert_eq!(answer.status.as_u16(), status, "{text}");
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        let told: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(told["code"], code, "{told}");
        let detail = told["detail"].as_str().unwrap_or_default();
        assert!(!detail.is_empty());
        // Nobody reads a parser's words, or the name of a type of ours.
        assert!(
            !detail.contains(|c: char| c.is_ascii_lowercase()),
            "{detail}"
        );
        assert!(!told["request_id"].as_str().unwrap_or_default().is_empty());
    }
    for (query, field, detail) in [
        ("limit=101", "limit", "每页最多 50 条"),
        ("limit=0", "limit", "每页至少 1 条"),
        ("limit=x", "limit", "格式与接口文档不一致"),
        ("other=1", "other", "接口文档中没有这一项"),
    ] {
        let path = format!("/api/v1/products?{query}");
        let text = browser.get(&path).await.expect(422).text();
        let told: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(told["errors"][0]["field"], field, "{told}");
        assert_eq!(told["errors"][0]["detail"], detail, "{told}");
    }
    let wrong = browser
        .answer(ask(Method::DELETE, "/api/v1/products"))
        .await;
    assert_eq!(wrong.headers["allow"], "GET, HEAD");
    let stranger = world.browser_at("stranger.localhost");
    assert_eq!(stranger.get("/api/v1/city").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_and_its_page_are_served() {
    let world = World::new().await;
    let browser = world.browser();
    let document = browser.get("/api/v1/openapi.json").await.expect(200);
    let told: serde_json::Value = serde_json::from_str(&document.text()).expect("JSON");
    assert_eq!(told, api::document());
    browser
        .get("/api/docs")
        .await
        .expect(200)
        .says("一键融服务接口")
        .says("/api/docs.css");
    browser.get("/api/docs.css").await.expect(200);
}

//! Account pages 账号: every page in every shape is drawn and escapes what it is given.

use serde_json::json;

#[test]
fn every_sample_of_the_account_pages_is_drawn_and_escaped() {
    let tera = web::templates::load().expect("the templates load");
    let page = json!({
        "title": "页", "tenant": {
            "name": "平台", "short_name": "台", "brand_line": "", "hotline": "0317-1100100", "hotline_hours": "", "icp": "",
            "operator_name": "运营单位", "address": "", "year": 2026, "public_security_record": "", "mini_program_name": "",
        },
        "user": { "name": "张三", "kind": "enterprise", "href": "/enterprise" }, "unread": 0, "csrf": "x", "demo": true,
        "large_type": false, "css_url": "/a.css", "js_url": "/a.js", "path": "/", "notice": null, "nav": [], "side": [],
        "foot": [], "session_seconds": 60,
    });
    let samples = web::account::samples();
    assert!(samples.len() > 10);
    for (template, content) in samples {
        let mut context = tera::Context::from_serialize(&content).expect("a page is a map");
        context.insert("page", &page);
        let html = tera
            .render(template, &context)
            .unwrap_or_else(|error| panic!("{template}: {error:?}"));
        assert!(!html.contains("<b>\"'"), "{template} lets markup through");
    }
}

#[test]
fn what_the_values_of_the_forms_answer_has_its_words() {
    let own = [
        "company_name.",
        "person_name.",
        "phone_number.",
        "sms_code.",
        "password.",
        "region.",
    ];
    for code in domain::values::error_codes() {
        if own.iter().any(|start| code.starts_with(start)) {
            assert!(web::words::has(code), "{code}");
        }
    }
}

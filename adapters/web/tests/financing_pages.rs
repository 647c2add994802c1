//! 融资需求, 消息, 授权记录: every page in every shape is drawn, and what it is given stays text.

use serde_json::json;

#[test]
fn every_sample_is_drawn_and_escaped() {
    let tera = web::templates::load().expect("the templates load");
    let page = json!({
        "title": "页", "tenant": {
            "name": "平台", "short_name": "台", "brand_line": "", "hotline": "0317-1100100", "hotline_hours": "工作日", "icp": "",
            "operator_name": "运营单位", "address": "", "year": 2026, "public_security_record": "", "mini_program_name": "",
        },
        "user": { "name": "张三", "kind": "enterprise", "href": "/enterprise" }, "unread": 3, "csrf": "x", "demo": true,
        "large_type": false, "css_url": "/a.css", "js_url": "/a.js", "path": "/", "notice": null, "nav": [], "side": [],
        "foot": [], "session_seconds": 60,
    });
    let samples = [
        web::financing::samples(),
        web::messages::samples(),
        web::consents::samples(),
    ]
    .concat();
    assert!(samples.len() > 25);
    for (template, content) in samples {
        assert!(content.is_object(), "{template}");
        let mut context = tera::Context::from_serialize(&content).expect("a page is a map");
        context.insert("page", &page);
        let html = tera
            .render(template, &context)
            .unwrap_or_else(|error| panic!("{template}: {error:?}"));
        assert!(!html.contains("<b>\"'"), "{template} lets markup through");
        assert_eq!(html.matches("<h1").count(), 1, "{template} has one h1");
    }
}

//! 企业划型: every page in every shape is drawn and escapes what it is given.

use serde_json::json;

#[test]
fn every_sample_of_the_size_room_is_drawn_and_escaped() {
    let tera = web::templates::load().expect("the templates load");
    let page = json!({
        "title": "页", "tenant": {
            "name": "平台", "short_name": "台", "brand_line": "", "hotline": "0317-1100100", "hotline_hours": "", "icp": "",
            "operator_name": "运营单位", "address": "", "year": 2026, "public_security_record": "", "mini_program_name": "",
        },
        "user": { "name": "张三", "kind": "staff", "href": "/operator" }, "unread": 0, "csrf": "x", "demo": true,
        "large_type": false, "css_url": "/a.css", "js_url": "/a.js", "path": "/", "notice": null, "nav": [], "side": [],
        "foot": [], "session_seconds": 60,
    });
    let samples = web::size::samples();
    let drawn: Vec<&str> = samples.iter().map(|(template, _)| *template).collect();
    let own = web::templates::names()
        .into_iter()
        .filter(|name| name.starts_with("size/"));
    for name in own {
        assert!(drawn.contains(&name.as_str()), "{name} has no sample");
    }
    for (template, content) in samples {
        let mut context = tera::Context::from_serialize(&content).expect("a page is a map");
        context.insert("page", &page);
        let html = tera
            .render(template, &context)
            .unwrap_or_else(|error| panic!("{template}: {error:?}"));
        assert!(!html.contains("<b>\"'"), "{template} lets markup through");
        assert!(
            !html.contains("href=\"javascript:"),
            "{template} links a script"
        );
    }
}

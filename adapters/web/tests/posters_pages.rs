//! 小程序码: the pages in every shape are drawn and escape what they are given.

use serde_json::json;

#[test]
fn every_sample_of_the_posters_is_drawn_and_escaped() {
    let tera = web::templates::load().expect("the templates load");
    let page = json!({
        "title": "页", "tenant": {
            "name": "平台", "short_name": "台", "brand_line": "", "hotline": "0317-1100100", "hotline_hours": "", "icp": "",
            "operator_name": "运营单位", "address": "", "year": 2026, "public_security_record": "", "mini_program_name": "小程序",
        },
        "user": { "name": "张三", "kind": "staff", "href": "/branch" }, "unread": 0, "csrf": "x", "demo": true,
        "large_type": false, "css_url": "/a.css", "js_url": "/a.js", "path": "/", "notice": null, "nav": [], "side": [],
        "foot": [], "session_seconds": 60,
    });
    let samples = web::posters::samples();
    for name in web::templates::names() {
        let drawn = samples.iter().any(|(template, _)| *template == name);
        assert!(
            !name.starts_with("posters/") || drawn,
            "{name} has no sample"
        );
    }
    for (template, content) in samples {
        let mut context = tera::Context::from_serialize(&content).expect("a page is a map");
        context.insert("page", &page);
        let html = tera
            .render(template, &context)
            .unwrap_or_else(|error| panic!("{template}: {error:?}"));
        assert!(!html.contains("<b>\"'"), "{template} lets markup through");
    }
}

//! Samples: every page in every shape is drawn, escapes what it is given, and has one heading.

use serde_json::{Value, json};

type Samples = Vec<(&'static str, Value)>;

/// The rooms and their samples.
const ROOMS: [fn() -> Samples; 39] = [
    web::account::samples,
    web::appraisal::samples,
    web::branch::samples,
    web::breaches::samples,
    web::calendar::samples,
    web::callbacks::samples,
    web::codes::samples,
    web::complaints::samples,
    web::consents::samples,
    web::content::samples,
    web::deed::samples,
    web::dictionaries::samples,
    web::enterprises::samples,
    web::estimates::samples,
    web::exports::samples,
    web::financing::samples,
    web::hq::samples,
    web::identity::samples,
    web::imports::samples,
    web::institutions::samples,
    web::keys::samples,
    web::messages::samples,
    web::operator::samples,
    web::ownership::samples,
    web::people::samples,
    web::posters::samples,
    web::products::samples,
    web::profile::samples,
    web::provincial::samples,
    web::ratings::samples,
    web::reconsent::samples,
    web::referrals::samples,
    web::rules::samples,
    web::size::samples,
    web::subsidies::samples,
    web::team::samples,
    web::thread::samples,
    web::tree::samples,
    web::visits::samples,
];

/// What is no page by itself, and the portal, whose pages are drawn with its snapshots (`src/portal/tests.rs`).
const OTHERS: [&str; 6] = [
    "layout",
    "parts/",
    "shell/",
    "identity/demo_box.html",
    "portal/",
    "errors/",
];

fn samples() -> Samples {
    ROOMS.iter().flat_map(|room| room()).collect()
}

#[test]
fn every_page_has_a_sample() {
    let drawn: Vec<&str> = samples()
        .into_iter()
        .map(|(template, _)| template)
        .collect();
    let pages = web::templates::names().into_iter();
    let silent: Vec<String> = pages
        .filter(|name| !OTHERS.iter().any(|other| name.starts_with(other)))
        .filter(|name| !drawn.contains(&name.as_str()))
        .collect();
    assert_eq!(silent, Vec::<String>::new());
}

#[test]
fn every_sample_is_drawn_and_escaped_under_one_heading() {
    let tera = web::templates::load().expect("the templates load");
    let page = json!({
        "title": "页", "tenant": {
            "name": "平台", "short_name": "台", "brand_line": "", "hotline": "0317-1100100", "hotline_hours": "工作日", "icp": "",
            "operator_name": "运营单位", "address": "", "year": 2026, "public_security_record": "", "mini_program_name": "",
        },
        "user": { "name": "张三", "kind": "staff", "href": "/operator" }, "unread": 3, "csrf": "x", "demo": true,
        "large_type": false, "css_url": "/a.css", "js_url": "/a.js", "path": "/", "notice": null, "nav": [], "side": [],
        "foot": [], "session_seconds": 60,
    });
    let mut headless = Vec::new();
    for (template, content) in samples() {
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
        if html.matches("<h1").count() != 1 {
            headless.push(template);
        }
    }
    headless.dedup();
    assert_eq!(headless, Vec::<&str>::new());
}

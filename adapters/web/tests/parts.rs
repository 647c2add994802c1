//! The parts: all drawn, all escaped, all documented.

#[path = "../examples/gallery/samples.rs"]
mod samples;

use serde_json::json;
use web::forms::{
    AgreementPart, Choice, Field, FormView, Kind, SmsPart, StoredFile, UploadPart, UploadsPart,
};
use web::parts::{Block, Cell, Described, Event, Pager, Table, TagKind};

const HOSTILE: &str = "<b>\"'\\</b>";

fn hostile_fields() -> FormView {
    let level = Field::select("level", HOSTILE, HOSTILE).options([(HOSTILE, HOSTILE)]);
    let sms = SmsPart {
        url: HOSTILE.into(),
        with: HOSTILE.into(),
        purpose: HOSTILE.into(),
        wait: 1,
        sent: HOSTILE.into(),
        code: HOSTILE.into(),
    };
    let agreement = AgreementPart {
        code: HOSTILE.into(),
        lead: HOSTILE.into(),
        title: HOSTILE.into(),
        href: "javascript:alert(1)".into(),
        read: false,
    };
    let upload = UploadPart {
        read_url: String::new(),
        url: HOSTILE.into(),
        preview: HOSTILE.into(),
        stored: HOSTILE.into(),
        delete_url: HOSTILE.into(),
        max_bytes: 1,
        sample: HOSTILE.into(),
    };
    let uploads = UploadsPart {
        url: HOSTILE.into(),
        delete_url: HOSTILE.into(),
        max_bytes: 1,
        most: 2,
        files: vec![StoredFile {
            id: HOSTILE.into(),
            name: HOSTILE.into(),
            href: "javascript:alert(1)".into(),
            picture: true,
        }],
    };
    let mut form = FormView::new("//example.org/steal").key(HOSTILE);
    let fields = [
        Field::text("a", HOSTILE),
        Field::number("b", HOSTILE, HOSTILE),
        Field::textarea("c", HOSTILE),
        Field::select("d", HOSTILE, HOSTILE).options([(HOSTILE, HOSTILE)]),
        Field::radio("e", HOSTILE).options([Choice::new(HOSTILE, HOSTILE).hint(HOSTILE)]),
        Field::checks("f", HOSTILE).options([(HOSTILE, HOSTILE)]),
        Field::checkbox("g", HOSTILE),
        Field::file("h", HOSTILE, HOSTILE),
        Field::fixed("i", HOSTILE, HOSTILE),
        Field::hidden("j", HOSTILE),
        Field::cascade("k", HOSTILE, HOSTILE, vec![level]),
        Field::sms("l", HOSTILE, sms),
        Field::captcha("m", HOSTILE, HOSTILE).other_way(HOSTILE),
        Field::upload("n", HOSTILE, HOSTILE, upload),
        Field::agreement("o", agreement),
        Field::password("p", HOSTILE, HOSTILE),
        Field::uploads("q", HOSTILE, HOSTILE, uploads),
    ];
    for field in fields {
        let value = if field.kind == Kind::Hidden {
            field.value.clone()
        } else {
            HOSTILE.to_owned()
        };
        form.push(
            field
                .value(value)
                .hint(HOSTILE)
                .error(HOSTILE)
                .placeholder(HOSTILE),
        );
    }
    form.problem(HOSTILE);
    form
}

fn draw(template: &str, context: &tera::Context) -> String {
    let mut tera = web::templates::load().unwrap();
    tera.add_raw_template("probe.html", template).unwrap();
    tera.render("probe.html", context)
        .unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn every_sample_page_is_drawn() {
    let pages = samples::render_all("/assets/theme.css").unwrap_or_else(|error| panic!("{error}"));
    for (name, html) in pages {
        assert_eq!(
            html.matches("<h1").count(),
            1 + usize::from(name == "plain"),
            "{name}"
        );
        assert!(html.contains("lang=\"zh-CN\""), "{name}");
    }
}

#[test]
fn hostile_text_in_a_form_stays_text_and_hostile_addresses_lead_nowhere() {
    let mut context = tera::Context::new();
    context.insert("page", &json!({ "csrf": HOSTILE }));
    context.insert("form", &hostile_fields());
    let html = draw(
        "{{ <ui.error_summary form /> }}{% <ui.form form> %}{% for name, field in form.fields %}{{ <ui.field field /> }}{% endfor %}{% </ui.form> %}",
        &context,
    );
    assert!(!html.contains("<b>"), "{html}");
    assert!(!html.contains("javascript:"), "{html}");
    assert!(!html.contains("example.org"), "{html}");
    // The password that was typed is never printed, not even escaped.
    let password = html.split("id=\"f-p\"").nth(1).unwrap();
    assert!(password.starts_with(" name=\"p\" value=\"\""), "{password}");
}

#[test]
fn hostile_text_in_lists_stays_text() {
    let mut table = Table::new(HOSTILE).column(HOSTILE, "num");
    table.push(vec![Cell::link(HOSTILE, "javascript:x").second(HOSTILE)]);
    table.push(vec![Cell::tag(HOSTILE, TagKind::Info)]);
    let mut context = tera::Context::new();
    context.insert("table", &table);
    context.insert(
        "rows",
        &vec![Described::new(HOSTILE, HOSTILE).change("//x")],
    );
    context.insert("pager", &Pager::new(50, 2, 10, |_| HOSTILE.to_owned()));
    context.insert(
        "blocks",
        &Block::parse(&format!("## {HOSTILE}\n- {HOSTILE}\n{HOSTILE}")),
    );
    context.insert(
        "events",
        &vec![Event {
            event: HOSTILE.into(),
            note: HOSTILE.into(),
            actor: HOSTILE.into(),
            ..Event::default()
        }],
    );
    let html = draw(
        "{{ <ui.table table /> }}{{ <ui.dlist rows /> }}{{ <ui.pager pager /> }}{{ <ui.doc paragraphs={blocks} /> }}{{ <ui.timeline items={events} /> }}",
        &context,
    );
    assert!(!html.contains("<b>"), "{html}");
    assert!(
        !html.contains("javascript:") && !html.contains("\"//x\""),
        "{html}"
    );
}

#[test]
fn the_menu_says_where_a_page_of_a_room_stands() {
    let mut context = tera::Context::new();
    context.insert(
        "page",
        &json!({
            "area": "机构工作台", "user": { "name": "张三", "kind": "staff", "href": "/hq" },
            "side": [
                { "label": "消息", "href": "/branch/messages", "current": false },
                { "label": "数据导出", "href": "/hq/exports", "current": true },
            ],
        }),
    );
    let room = draw("{{ <ui.room_crumbs /> }}", &context);
    assert!(room.contains("<a href=\"/hq\">机构工作台</a>"), "{room}");
    assert!(
        room.contains("<span aria-current=\"page\">数据导出</span>") && !room.contains("消息"),
        "{room}"
    );
    let below = draw("{{ <ui.room_crumbs here=\"新的<导出>\" /> }}", &context);
    assert!(
        below.contains("<a href=\"/hq/exports\">数据导出</a>")
            && below.contains("<span aria-current=\"page\">新的&lt;导出&gt;</span>"),
        "{below}"
    );
}

#[test]
fn what_stands_inside_a_part_is_escaped_once() {
    let mut context = tera::Context::new();
    context.insert("text", "A & B");
    let html = draw(
        "{% <ui.card title=\"x\"> %}<p>{{ text }}</p>{% </ui.card> %}",
        &context,
    );
    assert!(html.contains("<p>A &amp; B</p>"), "{html}");
}

#[test]
fn every_part_is_described_for_those_who_use_it() {
    let guide = include_str!("../templates/README.md");
    let helpers = [
        "ui.agreement",
        "ui.cascade",
        "ui.captcha_field",
        "ui.sms_field",
        "ui.upload_field",
        "ui.uploads_field",
        "ui.password_field",
        "ui.field_head",
        "ui.label_text",
        "ui.field_check",
        "ui.field_group",
        "ui.states",
        "ui.input",
        "ui.select",
        "ui.photo_sample",
    ];
    let tera = web::templates::load().unwrap();
    let missing: Vec<&str> = tera
        .get_component_names()
        .filter(|name| !helpers.contains(name) && !guide.contains(&format!("`{name}`")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

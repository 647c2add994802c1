//! Every door × who knocks × whose object: generated from the doors that the routers are built from.

mod rows;
mod scene;

use std::collections::BTreeSet;

use application::ports::sessions::SessionKind;
use axum::http::Method;
use journeys::{Answer, Browser};
use uuid::Uuid;
use web::doors::{DoorSign, Who};
use yijianrong::wire::door_signs;

use scene::{OPERATOR, PROVINCE, filled, scene};

type Typed = &'static [(&'static str, &'static str)];

/// Doors whose ids are tried nowhere in this file.
const UNTRIED: [&str; 12] = [
    // Codes and months of the city, and products of the market: nobody's in particular.
    "/operator/agreements/",
    "/operator/appraisal/",
    "/operator/settings/",
    "/staff/posters/",
    "/enterprise/apply/",
    // Rows that only a whole journey makes; `walls.rs` looks at most of their tables.
    "/enterprise/account/devices/",
    "/enterprise/account/export/",
    "/enterprise/consents/",
    "/enterprise/handover/",
    "/operator/callbacks/",
    "/operator/deliveries/",
    "/branch/counter/",
];

async fn knock(browser: &Browser, csrf: &str, method: &Method, path: &str, typed: Typed) -> Answer {
    if method == Method::GET {
        browser.get(path).await
    } else if method != Method::POST {
        browser.answer(browser.raw(method.clone(), path)).await
    } else {
        let mut fields = vec![("_csrf", csrf), ("_key", "0123456789abcdef0123")];
        fields.extend_from_slice(typed);
        browser.post(path, &fields).await
    }
}

async fn csrf_of(browser: &Browser) -> String {
    for page in ["/enterprise/account", "/branch/account", "/login"] {
        let answer = browser.get(page).await;
        if answer.status.is_success() && !answer.csrf().is_empty() {
            return answer.csrf();
        }
    }
    String::new()
}

fn may_enter(who: Who, kind: Option<SessionKind>) -> bool {
    match who {
        Who::Public | Who::Link => true,
        Who::Machine | Who::Token => false,
        Who::SignedIn => kind.is_some(),
        Who::Enterprise => kind == Some(SessionKind::Enterprise),
        Who::Staff => kind == Some(SessionKind::Staff),
    }
}

/// Where it leads, and the body without what differs between any two answers: request ids, tokens and what was asked for.
fn plain(answer: &Answer, path: &str) -> String {
    let to = answer.location().split('?').next().unwrap_or_default();
    let mut text = format!("{to}\n{}", answer.text()).replace(path, "/…");
    for id in path.split('/').filter(|part| Uuid::parse_str(part).is_ok()) {
        text = text.replace(id, "…");
    }
    let mut plain = String::new();
    let mut rest = text.as_str();
    // 32 hexadecimal signs in a row are a request id or a key.
    while let Some(at) = rest.find(|c: char| c.is_ascii_hexdigit()) {
        let run: String = rest[at..]
            .chars()
            .take_while(char::is_ascii_hexdigit)
            .collect();
        plain.push_str(&rest[..at]);
        plain.push_str(if run.len() >= 32 { "…" } else { &run });
        rest = &rest[at + run.len()..];
    }
    plain.push_str(rest);
    plain
}

#[tokio::test(flavor = "multi_thread")]
async fn every_door_answers_everybody_as_its_sign_says() {
    let scene = scene().await;
    for knocker in &scene.knockers {
        let csrf = csrf_of(&knocker.browser).await;
        for sign in door_signs() {
            if sign.path == "/logout" {
                continue;
            }
            let path = filled(sign.path, Uuid::new_v4(), Uuid::new_v4());
            let answer = knock(&knocker.browser, &csrf, &sign.method, &path, &[]).await;
            let status = answer.status.as_u16();
            let place = format!(
                "{} {} {path}: {status} → {}",
                knocker.name,
                sign.method,
                answer.location()
            );
            assert!(status < 500, "{place}\n{}", answer.text());
            // The site of a province has no door of a city: neither for machines nor for devices.
            if matches!(sign.who, Who::Machine | Who::Token) && knocker.name == PROVINCE {
                assert_eq!(status, 404, "{place}");
                continue;
            }
            if matches!(sign.who, Who::Machine | Who::Token) {
                // A session, whosever it is, is neither a signature nor a token.
                assert_eq!(status, 401, "{place}");
                assert_eq!(
                    answer.headers["content-type"], "application/problem+json",
                    "{place}"
                );
                continue;
            }
            if may_enter(sign.who, knocker.kind) {
                continue;
            }
            if knocker.kind.is_none() && sign.method == Method::GET {
                assert_eq!(status, 303, "{place}");
                assert!(answer.location().contains("login"), "{place}");
            } else {
                assert!((400..500).contains(&status), "{place}");
            }
        }
    }
    drop(scene.world);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_object_answers_like_one_that_does_not_exist() {
    let scene = scene().await;
    let mut compared = BTreeSet::new();
    for knocker in &scene.knockers {
        let csrf = csrf_of(&knocker.browser).await;
        for sign in door_signs()
            .into_iter()
            .filter(|s| s.path.contains('{') && s.who != Who::Public)
        {
            for object in scene.foreign_to(knocker) {
                let seen_there = object.overseen.is_some_and(|at| sign.path.starts_with(at));
                if !sign.path.contains(object.doors) || (knocker.name == OPERATOR && seen_there) {
                    continue;
                }
                let [path, missing] = object.paths(&sign);
                let ask = async |path: &str| {
                    knock(&knocker.browser, &csrf, &sign.method, path, object.typed).await
                };
                let (expected, answer) = (ask(&missing).await, ask(&path).await);
                let place = format!(
                    "{} {} {} with a foreign {}",
                    knocker.name, sign.method, sign.path, object.what
                );
                assert_eq!(answer.status, expected.status, "{place}");
                assert_eq!(plain(&answer, &path), plain(&expected, &missing), "{place}");
                compared.insert((knocker.name, object.what));
            }
        }
    }
    for knocker in &scene.knockers {
        for object in scene.foreign_to(knocker) {
            let skipped = knocker.name == OPERATOR && object.overseen == Some("/");
            let pair = (knocker.name, object.what);
            assert!(skipped || compared.contains(&pair), "{pair:?} was tried");
        }
    }
    // A door with a kind of id that nobody thought of here.
    for sign in door_signs() {
        let closed = matches!(sign.who, Who::Enterprise | Who::Staff | Who::SignedIn);
        let known = UNTRIED.iter().any(|at| sign.path.starts_with(at))
            || sign.path.contains("/applications/")
            || (scene.foreign.iter().skip(1)).any(|object| sign.path.contains(object.doors));
        assert!(
            !closed || !sign.path.contains('{') || known,
            "{} names something of which the scene has none",
            sign.path
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_somebody_elses_request_is_not_found_under_ones_own() {
    let scene = scene().await;
    let own = [scene.own("application"), scene.own("loan")];
    let parts = [
        scene.other("draw"),
        scene.other("file"),
        scene.letter_files[1],
    ];
    let doors: Vec<DoorSign> = door_signs()
        .into_iter()
        .filter(|sign| sign.path.contains("/applications/{id}/"))
        .filter(|sign| sign.path.matches('{').count() > 1)
        .filter(|sign| matches!(sign.who, Who::Enterprise | Who::Staff))
        .collect();
    assert!(doors.len() > 10, "the paths were renamed: mend this test");
    for knocker in scene.knockers.iter().filter(|knocker| knocker.inside) {
        let csrf = csrf_of(&knocker.browser).await;
        for sign in &doors {
            for (own, part) in own.iter().flat_map(|own| parts.map(|part| (*own, part))) {
                let under = |part: Uuid| {
                    let path = sign.path.replacen("{id}", &own.to_string(), 1);
                    filled(&path, part, part)
                };
                let (path, missing) = (under(part), under(Uuid::new_v4()));
                let ask = async |path: &str| {
                    knock(&knocker.browser, &csrf, &sign.method, path, &[]).await
                };
                let (expected, answer) = (ask(&missing).await, ask(&path).await);
                let place = format!("{} {} {path}", knocker.name, sign.method);
                assert_eq!(answer.status, expected.status, "{place}");
                assert!(!answer.status.is_success(), "{place}");
                // A page that says what stands in the way, or a form with its faults, has a key of its own each time.
                if !matches!(answer.status.as_u16(), 409 | 422) {
                    assert_eq!(plain(&answer, &path), plain(&expected, &missing), "{place}");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_file_of_a_thread_answers_like_one_that_does_not_exist() {
    let scene = scene().await;
    let application = scene.foreign[0].id;
    let path_of = |sign: &DoorSign, application: Uuid, file: Uuid| {
        let path = sign.path.replace("{id}", &application.to_string());
        path.replace("{file}", &file.to_string())
    };
    let doors: Vec<DoorSign> = door_signs()
        .into_iter()
        .filter(|s| s.path.ends_with("/thread/files/{file}"))
        .collect();
    assert_eq!(doors.len(), 2, "one for each side");
    let outside = scene.knockers.iter().filter(|knocker| !knocker.inside);
    for (knocker, sign) in outside.flat_map(|k| doors.iter().map(move |sign| (k, sign))) {
        let missing = path_of(sign, Uuid::new_v4(), Uuid::new_v4());
        let expected = knocker.browser.get(&missing).await;
        let path = path_of(sign, application, scene.letter_files[0]);
        let answer = knocker.browser.get(&path).await;
        let place = format!("{} {}", knocker.name, sign.path);
        assert_ne!(answer.status, 200, "{place}");
        assert_eq!(answer.status, expected.status, "{place}");
        assert_eq!(plain(&answer, &path), plain(&expected, &missing), "{place}");
    }
}

#[test]
fn every_door_stands_in_the_list_once() {
    let signs = door_signs();
    for (i, sign) in signs.iter().enumerate() {
        let twice = signs[i + 1..]
            .iter()
            .any(|s| s.method == sign.method && s.path == sign.path);
        assert!(!twice, "{} {} stands twice", sign.method, sign.path);
    }
}

#[test]
fn every_router_that_is_merged_has_its_signs_in_the_list() {
    let wire = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../adapters/server/src/wire.rs"
    ))
    .expect("the wiring is there");
    let merged: Vec<&str> = wire
        .split("web::")
        .skip(1)
        .filter_map(|rest| rest.split_once("::routes("))
        .map(|(room, _)| room)
        .filter(|room| room.len() < 40 && !room.contains(char::is_whitespace))
        .collect();
    assert!(
        !merged.is_empty(),
        "the wiring was renamed: mend this fence"
    );
    assert!(
        wire.contains("bankapi::routes(") && wire.contains("bank_api::signs()"),
        "the signed doors are not in door_signs()"
    );
    assert!(
        wire.contains("::api::routes(") && wire.contains(" api::signs()"),
        "the doors of the mini-program are not in door_signs()"
    );
    for room in merged {
        assert!(
            wire.contains(&format!("web::{room}::doors()")),
            "the doors of {room} are not in door_signs()"
        );
    }
}

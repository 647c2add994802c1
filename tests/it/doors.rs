//! Every door × who knocks × whose object: generated from the doors that the routers are built from.

use application::ports::sessions::SessionKind;
use axum::http::Method;
use journeys::{Answer, Browser, World};
use uuid::Uuid;
use web::doors::{DoorSign, Who};
use yijianrong::wire::door_signs;

/// Somebody of a province, at the province's own site.
const PROVINCE: &str = "province supervisor";

/// Whoever may knock.
struct Knocker {
    name: &'static str,
    kind: Option<SessionKind>,
    browser: Browser,
}

/// Objects that belong to somebody else than the knocker.
struct Scene {
    world: World,
    knockers: Vec<Knocker>,
    foreign: Vec<(&'static str, Uuid)>,
    /// A file that the holder sent along with the application.
    letter_file: Uuid,
}

#[expect(clippy::too_many_lines, reason = "a scene names everybody in it once")]
async fn scene() -> Scene {
    let world = World::new().await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let sibling_branch = world.branch(bank, "狮城商业银行新华支行").await;
    let other_bank = world.bank("沧海惠民银行").await;
    let other_branch = world.branch(other_bank, "沧海惠民银行运河支行").await;
    let product = world.product(bank, "惠民抵押贷", &[branch]).await;
    // The owner of everything foreign: nobody who knocks is this enterprise or the branch that holds its request.
    let owner = world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    let holder = world.branch(bank, "狮城商业银行青县支行").await;
    let application = world
        .submitted_application(&owner, bank, holder, product)
        .await;
    let file = world.file_of(&owner).await;
    let message = world.message_to(&owner).await;
    let letter_file = Uuid::new_v4();
    sqlx::query(
        "insert into letter_files (id, tenant_id, application_id, object_key, media_type, byte_size, sha256, added_by, added_at)
         select $1, tenant_id, id, 'none', 'image/jpeg', 1, '\\x00', created_by, now() from financing_applications where id = $2",
    )
    .bind(letter_file)
    .bind(application.0)
    .execute(&world.owner)
    .await
    .expect("the file is there");
    let sibling = world
        .ready_enterprise("沧州市渤沃宸化工新材料有限公司", "19900002074")
        .await;
    let abroad = world
        .new_enterprise(world.other.id, "北山市岚峰机械有限公司", "19900003001")
        .await;
    let clerk = world.staff(branch, "钱云诚", &["bm"]).await;
    let approver = world.staff(branch, "邬志航", &["ba"]).await;
    let sibling_clerk = world.staff(sibling_branch, "时嘉宁", &["bm", "ba"]).await;
    let other_clerk = world
        .staff(other_branch, "和宏屹", &["bm", "ba", "bh"])
        .await;
    let other_hq = world.staff(other_bank, "梁承宇", &["ha", "hp"]).await;
    let operator = world.staff(world.cangzhou.id, "宋知远", &["op"]).await;
    let vendor = world.staff(world.cangzhou.id, "卫之行", &["pa"]).await;
    let province = world.province().await;
    let supervisor = world.staff(province.id, "闻人知远", &["pr"]).await;
    let enterprise = Some(SessionKind::Enterprise);
    let staff = Some(SessionKind::Staff);
    // A session of one city, carried to the other city's host.
    let astray = world
        .signed_in(sibling.user, SessionKind::Enterprise, journeys::OTHER_HOST)
        .await;
    let knockers = vec![
        Knocker {
            name: "visitor",
            kind: None,
            browser: world.browser(),
        },
        Knocker {
            name: "sibling enterprise",
            kind: enterprise,
            browser: sibling.browser,
        },
        Knocker {
            name: "enterprise of another city",
            kind: enterprise,
            browser: abroad.browser,
        },
        Knocker {
            name: "session of another city",
            kind: None,
            browser: astray,
        },
        Knocker {
            name: "clerk of a sibling branch",
            kind: staff,
            browser: clerk.browser,
        },
        Knocker {
            name: "approver of a sibling branch",
            kind: staff,
            browser: approver.browser,
        },
        Knocker {
            name: "clerk of a second sibling branch",
            kind: staff,
            browser: sibling_clerk.browser,
        },
        Knocker {
            name: "staff of another bank",
            kind: staff,
            browser: other_clerk.browser,
        },
        Knocker {
            name: "headquarters of another bank",
            kind: staff,
            browser: other_hq.browser,
        },
        Knocker {
            name: "city operator",
            kind: staff,
            browser: operator.browser,
        },
        Knocker {
            name: "vendor administrator",
            kind: staff,
            browser: vendor.browser,
        },
        Knocker {
            name: PROVINCE,
            kind: staff,
            browser: supervisor.browser,
        },
    ];
    let foreign = vec![
        ("application", application.0),
        ("file", file),
        ("message", message),
        ("session", Uuid::new_v4()),
    ];
    Scene {
        world,
        knockers,
        foreign,
        letter_file,
    }
}

/// The path with every parameter filled in.
fn path_for(sign: &DoorSign, id: &str) -> String {
    sign.path
        .split('/')
        .map(|part| if part.starts_with('{') { id } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

async fn knock(browser: &Browser, csrf: &str, method: &Method, path: &str) -> Answer {
    if method == Method::GET {
        browser.get(path).await
    } else if method != Method::POST {
        browser.answer(browser.raw(method.clone(), path)).await
    } else {
        browser
            .post(path, &[("_csrf", csrf), ("_key", "0123456789abcdef0123")])
            .await
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

/// The body without what differs between any two answers: request ids, tokens and the path that was asked for.
fn plain(answer: &Answer, path: &str) -> String {
    let text = answer.text().replace(path, "/…");
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
            let path = path_for(&sign, &Uuid::new_v4().to_string());
            let answer = knock(&knocker.browser, &csrf, &sign.method, &path).await;
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
    let mut compared = 0;
    for knocker in &scene.knockers {
        let csrf = csrf_of(&knocker.browser).await;
        for sign in door_signs()
            .into_iter()
            .filter(|s| s.path.contains('{') && s.who != Who::Public)
        {
            let missing = path_for(&sign, &Uuid::new_v4().to_string());
            let expected = knock(&knocker.browser, &csrf, &sign.method, &missing).await;
            // The city's own operators supervise every request of their city: there it is nobody else's.
            if knocker.name == "city operator" && sign.path.starts_with("/operator/applications/") {
                continue;
            }
            for (what, id) in &scene.foreign {
                let path = path_for(&sign, &id.to_string());
                let answer = knock(&knocker.browser, &csrf, &sign.method, &path).await;
                let place = format!(
                    "{} {} {} with a foreign {what}",
                    knocker.name, sign.method, sign.path
                );
                assert_eq!(answer.status, expected.status, "{place}");
                assert_eq!(plain(&answer, &path), plain(&expected, &missing), "{place}");
                compared += 1;
            }
        }
    }
    assert!(
        compared > 0 || door_signs().iter().all(|s| !s.path.contains('{')),
        "something was compared"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_file_of_a_thread_answers_like_one_that_does_not_exist() {
    let scene = scene().await;
    let application = scene.foreign[0].1;
    let path_of = |sign: &DoorSign, application: Uuid, file: Uuid| {
        let path = sign.path.replace("{id}", &application.to_string());
        path.replace("{file}", &file.to_string())
    };
    let doors: Vec<DoorSign> = door_signs()
        .into_iter()
        .filter(|s| s.path.ends_with("/thread/files/{file}"))
        .collect();
    assert_eq!(doors.len(), 2, "one for each side");
    for (knocker, sign) in scene
        .knockers
        .iter()
        .flat_map(|k| doors.iter().map(move |sign| (k, sign)))
    {
        let missing = path_of(sign, Uuid::new_v4(), Uuid::new_v4());
        let expected = knocker.browser.get(&missing).await;
        let path = path_of(sign, application, scene.letter_file);
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

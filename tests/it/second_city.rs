//! The second city 第二个城市: served by the same process, with words of its own on every page.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fs,
    path::{Path, PathBuf},
};

use application::{city::City, ports::sessions::SessionKind};
use axum::http::Method;
use domain::ids::UserId;
use journeys::{Answer, Browser, CANGZHOU_HOST, World, YUNLAN_HOST};
use uuid::Uuid;
use yijianrong::{seed, wire::door_signs};

/// Pages of one kind that a person opens: the same template with other rows.
const OF_A_KIND: usize = 2;

/// What only the first city may say of itself.
fn words_of(city: &City) -> Vec<String> {
    let mut words: Vec<String> = [
        &city.name,
        &city.second_name,
        &city.mini_program_name,
        &city.hotline,
        &city.icp,
        &city.operator_name,
        &city.operator_address,
        &city.tagline,
        &city.brand,
    ]
    .into_iter()
    .cloned()
    .collect();
    let more = [
        "沧", "0317-", "czjrkg", "运河", "瀛海", "狮城", "渤", "盐山", "冀",
    ];
    words.extend(more.map(str::to_owned));
    words
}

/// The first of its strings that stands on a page.
fn foreign<'a>(answer: &Answer, words: &'a [String]) -> Option<&'a str> {
    let text = answer.text();
    words
        .iter()
        .map(String::as_str)
        .find(|word| text.contains(word))
}

/// Every way of writing the same address: ids and queries left out.
fn kind_of(path: &str) -> String {
    let plain = path.split(['?', '#']).next().unwrap_or(path);
    plain
        .split('/')
        .map(|part| match Uuid::try_parse(part) {
            Ok(_) => "{id}",
            Err(_) => part,
        })
        .collect::<Vec<_>>()
        .join("/")
}

/// Own addresses that a page leads to.
fn links(answer: &Answer) -> Vec<String> {
    let text = answer.text();
    let mut found = Vec::new();
    for mark in ["href=\"/", "src=\"/", "data-source=\"/"] {
        for (at, _) in text.match_indices(mark) {
            let rest = &text[at + mark.len() - 1..];
            if let Some(end) = rest.find('"') {
                found.push(rest[..end].replace("&amp;", "&"));
            }
        }
    }
    found
}

fn is_text(answer: &Answer) -> bool {
    let kind = answer.headers.get("content-type");
    let kind = kind.and_then(|v| v.to_str().ok()).unwrap_or_default();
    [
        "text/",
        "application/json",
        "application/problem",
        "image/svg",
    ]
    .iter()
    .any(|text| kind.starts_with(text))
}

/// Everybody who has pages of their own in a city, signed in.
async fn people(world: &World, city: &City, host: &str) -> Vec<(String, Browser)> {
    let mut people = vec![("visitor".to_owned(), world.browser_at(host))];
    for role in ["bm", "ba", "bh", "ha", "hp", "op", "os", "rg"] {
        let user: Uuid = sqlx::query_scalar(
            "select id from users where city_id = $1 and $2 = any (roles) order by account limit 1",
        )
        .bind(city.id.0)
        .bind(role)
        .fetch_one(&world.owner)
        .await
        .expect("somebody of the role");
        let browser = world
            .signed_in(UserId(user), SessionKind::Staff, host)
            .await;
        let proof = ("current_password", seed::people::DEMO_PASSWORD);
        let page = "/staff/prove";
        browser.submit(page, page, &[proof]).await.expect(303);
        people.push((role.to_owned(), browser));
    }
    // The one who has asked for most.
    let owner: Uuid = sqlx::query_scalar(
        "select u.id from users u join financing_applications a on a.enterprise_id = u.enterprise_id
         where u.city_id = $1 group by u.id order by count(*) desc, u.id limit 1",
    )
    .bind(city.id.0)
    .fetch_one(&world.owner)
    .await
    .expect("an enterprise");
    let browser = world
        .signed_in(UserId(owner), SessionKind::Enterprise, host)
        .await;
    people.push(("enterprise".to_owned(), browser));
    people
}

/// What one person can open.
struct Walk {
    kinds: BTreeSet<String>,
    /// Address and word of every page that speaks of the other city.
    foreign: Vec<String>,
}

async fn walk(browser: &Browser, words: &[String]) -> Walk {
    let mut walk = Walk {
        kinds: BTreeSet::new(),
        foreign: Vec::new(),
    };
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut known = BTreeSet::new();
    let mut ahead: VecDeque<String> = door_signs()
        .into_iter()
        .filter(|sign| sign.method == Method::GET && !sign.path.contains('{'))
        .map(|sign| sign.path.to_owned())
        .chain(["/no-such-page".to_owned()])
        .collect();
    while let Some(path) = ahead.pop_front() {
        let times = seen.entry(kind_of(&path)).or_default();
        if *times == OF_A_KIND || !known.insert(path.clone()) {
            continue;
        }
        *times += 1;
        let answer = browser.get(&path).await;
        assert!(
            !answer.status.is_server_error(),
            "{path}: {}",
            answer.text()
        );
        if answer.status.is_redirection() {
            ahead.push_back(answer.location().to_owned());
            continue;
        }
        if !is_text(&answer) {
            continue;
        }
        if answer.status.is_success() {
            walk.kinds.insert(kind_of(&path));
        }
        if let Some(word) = foreign(&answer, words) {
            walk.foreign.push(format!("{path}: {word}"));
        }
        ahead.extend(links(&answer));
    }
    walk
}

/// Every file below a folder.
fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder)
        .expect("a folder can be read")
        .flatten()
    {
        let path = entry.path();
        if path.is_dir() {
            files_below(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// A page that no walk comes to speaks of no city either: its name comes from the city's file.
#[test]
fn nothing_that_the_program_says_by_itself_names_the_first_city() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    let root = root.expect("tests/ stands in the workspace");
    let mut files = Vec::new();
    for folder in [
        "domain/src",
        "application/src",
        "adapters/api/src",
        "adapters/bankapi/src",
        "adapters/miniprogram/src",
        "adapters/sms/src",
        "adapters/web/assets",
        "adapters/web/locales",
        "adapters/web/src",
        "adapters/web/templates",
        "adapters/wechat/src",
    ] {
        let before = files.len();
        files_below(&root.join(folder), &mut files);
        assert!(files.len() > before, "{folder} is empty: mend this fence");
    }
    let spoken = files.iter().filter(|path| {
        let kind = path.extension().and_then(|kind| kind.to_str());
        let shown = kind.is_some_and(|kind| {
            ["rs", "html", "toml", "js", "ts", "json", "wxml", "scss"].contains(&kind)
        });
        let inside = path.strip_prefix(root).unwrap_or(path);
        let test = inside
            .iter()
            .any(|part| part == "tests.rs" || part == "tests");
        shown && !test
    });
    let mut seen = 0;
    for path in spoken {
        seen += 1;
        let text = fs::read_to_string(path).expect("it can be read");
        // A file may have single items for its tests further up: its module of tests ends it.
        let said = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        for line in said.lines().filter(|l| !l.trim_start().starts_with("//")) {
            for word in ["沧州", "沧海", "0317-5669898", "冀ICP"] {
                assert!(!line.contains(word), "{}: {line}", path.display());
            }
        }
    }
    assert!(seen > 200, "{seen} files: mend this fence");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_of_the_second_city_speaks_of_the_first() {
    let world = World::demonstrated().await;
    let words = words_of(&world.cangzhou);
    for (name, browser) in people(&world, &world.other, YUNLAN_HOST).await {
        let walk = walk(&browser, &words).await;
        assert!(walk.foreign.is_empty(), "{name}: {:#?}", walk.foreign);
        assert!(walk.kinds.len() > 25, "{name} saw little: {:?}", walk.kinds);
    }
    // The same walk through the first city finds them: it would have found them here.
    let visitor = world.browser_at(CANGZHOU_HOST);
    let at_home = walk(&visitor, &words).await;
    assert!(at_home.foreign.len() > 25, "{:?}", at_home.foreign);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_cities_serve_from_one_process_each_with_its_own_colours_and_people() {
    let world = World::demonstrated().await;
    let (here, there) = (
        world.browser_at(CANGZHOU_HOST),
        world.browser_at(YUNLAN_HOST),
    );
    let [first, second] = [here.get("/").await, there.get("/").await];
    first.clone().expect(200).says(&world.cangzhou.name);
    second
        .clone()
        .expect(200)
        .says("云澜市企业融资服务平台")
        .says("0578-1200800");
    let sheet = |answer: &Answer| {
        let all = links(answer);
        let sheet = all
            .iter()
            .find(|path| path.contains("theme") && path.rsplit('.').next() == Some("css"));
        sheet.expect("a style sheet").clone()
    };
    assert_ne!(sheet(&first), sheet(&second));
    let css = there.get(&sheet(&second)).await.expect(200).text();
    assert!(css.to_lowercase().contains("#0b5f4a"), "its own colour");
    // Nobody is at home in both.
    let operator: Uuid =
        sqlx::query_scalar("select id from users where city_id = $1 and account = 'city-op1'")
            .bind(world.other.id.0)
            .fetch_one(&world.owner)
            .await
            .expect("its operator");
    let astray = world
        .signed_in(UserId(operator), SessionKind::Staff, CANGZHOU_HOST)
        .await;
    astray.get("/operator").await.expect(303);
    let at_home = world
        .signed_in(UserId(operator), SessionKind::Staff, YUNLAN_HOST)
        .await;
    at_home.get("/operator").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_city_has_clocks_of_its_own_and_decides_in_two_steps() {
    let world = World::shipped().await;
    let [first, second] = [&world.cangzhou, &world.other];
    let limits = [first, second].map(|city| *city.clocks.first());
    assert_ne!(limits[0].accept_days, limits[1].accept_days);
    assert_ne!(limits[0].decision_days, limits[1].decision_days);
    assert_eq!(second.single_step_up_to_cents, None);
    assert_ne!(first.default_city, second.default_city);
    let bodies = |city: &City| -> BTreeSet<std::sync::Arc<str>> {
        city.agreements.iter().map(|a| a.body.clone()).collect()
    };
    assert!(bodies(first).is_disjoint(&bodies(second)));
}

//! Several processes: each hears the call, and a file is applied by all of them or by none.

use std::fs;

use postgres_adapter::Call;
use uuid::Uuid;
use yijianrong::{database::Database, wire};

use super::Platform;

#[tokio::test(flavor = "multi_thread")]
async fn every_process_hears_the_call_and_says_whether_it_follows() {
    let platform = Platform::new().await;
    let parts = &platform.world.parts;
    let mut running = Vec::new();
    for _ in 0..2 {
        let (tell, calls) = tokio::sync::mpsc::unbounded_channel();
        let (heard, mut listening) = tokio::sync::mpsc::unbounded_channel();
        running.push(tokio::spawn(wire::watch(parts, move |call| {
            heard.send(()).ok();
            tell.send(call).ok();
        })));
        running.push(tokio::spawn(platform.follower().run(calls)));
        listening.recv().await.expect("it listens");
    }
    let call = async |trial: Option<&str>| {
        let call = Call {
            number: Uuid::new_v4(),
            trial: trial.map(str::to_owned),
        };
        let answers = postgres_adapter::call(&parts.pool, &call).await;
        let mut answers = answers.expect("they answer");
        // The system of the test answers too; it follows everything.
        answers.given.retain(|answer| answer.process != "world");
        assert_eq!((answers.given.len(), answers.silent), (2, 0), "{answers:?}");
        answers.given
    };
    let answers = call(None).await;
    assert!(answers.iter().all(|a| a.refused.is_empty()), "{answers:?}");
    // A trial changes nothing, and a city that nobody knows yet is tried as well.
    platform.change("山里好企业", "山里的企业");
    let answers = call(Some("yunlan")).await;
    assert!(answers.iter().all(|a| a.refused.is_empty()), "{answers:?}");
    platform
        .visitor()
        .get("/")
        .await
        .expect(200)
        .says("山里好企业");
    fs::write(platform.catalog.join("qinghe.toml"), "slug = \"qinghe\"").expect("written");
    let answers = call(Some("qinghe")).await;
    assert!(
        answers.iter().all(|a| a.refused.contains("qinghe.toml")),
        "{answers:?}"
    );
    platform.change("tagline =", "tagine =");
    let answers = call(None).await;
    assert!(
        answers.iter().all(|a| a.refused.contains("tagine")),
        "{answers:?}"
    );
    // One that listens and says nothing is counted.
    let (heard, mut listening) = tokio::sync::mpsc::unbounded_channel();
    running.push(tokio::spawn(wire::watch(parts, move |_| {
        heard.send(()).ok();
    })));
    listening.recv().await.expect("it listens");
    let call = Call {
        number: Uuid::new_v4(),
        trial: None,
    };
    let answers = postgres_adapter::call(&parts.pool, &call).await;
    assert_eq!(answers.expect("they answer").silent, 1);
    for task in running {
        task.abort();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_applied_by_every_process_or_not_at_all_and_a_draft_stops_nobody() {
    let platform = Platform::new().await;
    let parts = &platform.world.parts;
    // Somebody has begun a city and gone home.
    fs::write(platform.catalog.join("qinghe.toml"), "slug = \"qinghe\"\n[").expect("written");
    for more in [&[][..], &["--environment=production"][..]] {
        let settings = platform.settings(more);
        let database = Database::join(&settings).await.expect("it opens");
        let cities = database.read_cities(&settings).await.expect("it starts");
        database.close().await;
        let slugs: Vec<&str> = cities.iter().map(|city| city.slug.as_str()).collect();
        assert_eq!(slugs, ["cangzhou", "yunlan"]);
    }
    platform.follow().await;
    let name = platform.name().await;
    platform.change(&name, "云澜市企业融资新平台");
    let said = platform.apply().await.expect("it is applied");
    assert!(said.contains("process world follows"), "{said}");
    assert_eq!(platform.name().await, "云澜市企业融资新平台");
    // What people may have edited is not written over, and whoever edited the file hears of it.
    assert!(!said.contains("关于我们"), "{said}");
    let about = platform.catalog.join("yunlan/about.toml");
    let text = fs::read_to_string(&about).expect("it reads");
    fs::write(&about, text.replacen("\nlead = \"", "\nlead = \"新", 1)).expect("written");
    let said = platform.apply().await.expect("it is applied");
    assert!(said.contains("note: 关于我们"), "{said}");

    // Another machine has a copy of the folder that is not right: it refuses, and nothing is written.
    let stale = platform.catalog.join("stale");
    fs::create_dir(&stale).expect("a folder");
    let (tell, calls) = tokio::sync::mpsc::unbounded_channel();
    let (heard, mut listening) = tokio::sync::mpsc::unbounded_channel();
    let there = platform.follower_with(platform.world.settings(&stale, &[]));
    let running = [
        tokio::spawn(there.run(calls)),
        tokio::spawn(wire::watch(parts, move |call| {
            heard.send(()).ok();
            tell.send(call).ok();
        })),
    ];
    listening.recv().await.expect("it listens");
    platform.change("云澜市企业融资新平台", "云澜市第三个平台");
    let refused = platform.apply().await.expect_err("it is refused");
    assert!(
        refused.contains("nothing of yunlan was written"),
        "{refused}"
    );
    assert!(refused.contains("stale"), "{refused}");
    assert_eq!(platform.name().await, "云澜市企业融资新平台");
    for task in running {
        task.abort();
    }
}

//! 内容管理 and 协议管理: four eyes, schedules, history, files, and who is asked to accept again.

mod agreements;
mod banners;
mod files;
mod pieces;
mod subsidies;
mod taken_back;

use std::path::Path;

use journeys::{Answer, Browser, StaffFixture, World};
use uuid::Uuid;
use yijianrong::seed::content;

/// A city with its first content, two operators and a supervisor.
struct Scene {
    world: World,
    writer: StaffFixture,
    checker: StaffFixture,
    supervisor: StaffFixture,
}

async fn fill(world: &World) {
    let folder = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tenants/demo/cangzhou"
    ));
    let now = world.parts.clock.now();
    content::basics(&world.parts.pool, &world.cangzhou)
        .await
        .expect("the basics are written");
    content::demonstration(&world.parts.pool, &world.cangzhou, folder, now)
        .await
        .expect("the demonstration is written");
    world.in_force().await;
}

async fn scene() -> Scene {
    let world = World::new().await;
    fill(&world).await;
    let city = world.cangzhou.id;
    let writer = world.staff(city, "宋知远", &["op"]).await;
    let checker = world.staff(city, "路遥知", &["op"]).await;
    let supervisor = world.staff(city, "闻人清", &["os"]).await;
    Scene {
        world,
        writer,
        checker,
        supervisor,
    }
}

const NEWS: [(&str, &str); 4] = [
    ("title", "平台新增两家金融机构"),
    ("category", "平台动态"),
    ("source", "平台运营方"),
    (
        "body",
        "两家机构已完成入驻。\n\n## 办理\n\n企业可直接申请。",
    ),
];

/// The same fields with one of them changed or added.
fn with<'a>(fields: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut all: Vec<(&str, &str)> = fields
        .iter()
        .filter(|(name, _)| !more.iter().any(|(other, _)| other == name))
        .copied()
        .collect();
    all.extend_from_slice(more);
    all
}

/// Opens a page with one form and posts it, with the revision that it shows.
async fn press(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    let form = browser.get(path).await.expect(200);
    let revision = form.input("revision").unwrap_or_default();
    let mut all = vec![("revision", revision.as_str())];
    all.extend_from_slice(fields);
    let post = path.split_once("/new").map_or(path, |_| path);
    browser.submit_from(&form, post, &all).await
}

fn id_in(answer: &Answer) -> Uuid {
    answer
        .location()
        .split('/')
        .nth(3)
        .and_then(|id| id.parse().ok())
        .expect("the address names the text")
}

/// Asks until the catalogue has heard of the change, as its listener does between two visits.
async fn once_heard(browser: &Browser, path: &str, is: impl Fn(&Answer) -> bool) -> Answer {
    for _ in 0..2_000 {
        let answer = browser.get(path).await;
        if is(&answer) {
            return answer;
        }
        tokio::task::yield_now().await;
    }
    panic!("{path} was never told of the change");
}

impl Scene {
    /// A new draft of a kind.
    async fn drafted(&self, kind: &str, fields: &[(&str, &str)]) -> Uuid {
        let path = format!("/operator/content/new?kind={kind}");
        let saved = press(&self.writer.browser, &path, fields).await.expect(303);
        id_in(&saved)
    }

    async fn submit(&self, id: Uuid) {
        let path = format!("/operator/content/{id}/submit");
        press(&self.writer.browser, &path, &[]).await.expect(303);
    }

    async fn publish(&self, id: Uuid) {
        let path = format!("/operator/content/{id}/publish");
        press(&self.checker.browser, &path, &[]).await.expect(303);
    }

    /// Written, put before a second person and let through.
    async fn published(&self, kind: &str, fields: &[(&str, &str)]) -> Uuid {
        let id = self.drafted(kind, fields).await;
        self.submit(id).await;
        self.publish(id).await;
        id
    }

    async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql)
            .fetch_one(&self.world.owner)
            .await
            .expect("it counts")
    }
}

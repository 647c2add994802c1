//! The cities of a running process 城市: changed, suspended and closed while people work in them.

mod calls;
mod first_operators;
mod following;
mod standing;
mod texts;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Weak,
};

use journeys::{Browser, World, YUNLAN_HOST, copy_folder};
use uuid::Uuid;
use yijianrong::{
    city::{One, apply, follow::Follower, stand},
    config::Settings,
    seed,
};

/// A platform whose catalogue a test may spoil.
struct Platform {
    world: World,
    catalog: PathBuf,
}

impl Platform {
    async fn new() -> Self {
        let platform = Self::without_texts().await;
        platform.first_texts().await;
        platform
    }

    /// The second city is in the database, and nothing of its content.
    async fn without_texts() -> Self {
        let world = World::shipped().await;
        let from = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tenants/catalog"));
        let catalog = std::env::temp_dir().join(format!("yjr-cities-{}", Uuid::new_v4()));
        copy_folder(from, &catalog);
        Self { world, catalog }
    }

    async fn first_texts(&self) {
        seed::content::basics(&self.world.parts.pool, &self.world.other)
            .await
            .expect("its first content");
    }

    fn follower(&self) -> Follower {
        self.follower_with(self.settings(&[]))
    }

    fn follower_with(&self, settings: Settings) -> Follower {
        Follower {
            parts: self.world.parts.clone(),
            directory: self.world.directory.clone(),
            settings,
            shards: Weak::new(),
        }
    }

    fn settings(&self, more: &[&str]) -> Settings {
        self.world.settings(&self.catalog, more)
    }

    /// `city apply yunlan`, as somebody types it beside the running platform.
    async fn apply(&self) -> Result<String, String> {
        let one = One {
            slug: "yunlan".to_owned(),
            settings: self.settings(&[]),
        };
        let done = apply::apply(&one).await;
        done.map(|lines| lines.join("\n"))
            .map_err(|error| format!("{error:#}"))
    }

    /// The name of the second city, as the database has it.
    async fn name(&self) -> String {
        sqlx::query_scalar("select name from tenants where id = $1")
            .bind(self.world.other.id.0)
            .fetch_one(&self.world.owner)
            .await
            .expect("it is there")
    }

    fn file(&self) -> PathBuf {
        self.catalog.join("yunlan.toml")
    }

    fn change(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.file()).expect("it reads");
        assert!(text.contains(from), "{from} is not there");
        fs::write(self.file(), text.replacen(from, to, 1)).expect("it is written");
    }

    /// What the processes say when they refuse.
    async fn refused(&self) -> String {
        let refused = self.follower().read_again().await;
        format!("{:#}", refused.expect_err("it is refused"))
    }

    async fn follow(&self) {
        self.follower().read_again().await.expect("it follows");
    }

    async fn stand(&self, status: &str, words: &str) {
        let world = &self.world;
        let now = world.parts.clock.now();
        if status == "active" {
            let city = (*world.other).clone();
            let clock = world.parts.clock.clone();
            stand::resume(&world.owner, &world.parts.pool, city, clock)
                .await
                .expect("it is open again");
        } else {
            stand::suspend(&world.owner, "yunlan", status, words, now)
                .await
                .expect("it is closed");
        }
        self.follow().await;
    }

    fn visitor(&self) -> Browser {
        self.world.browser_at(YUNLAN_HOST)
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.catalog).ok();
    }
}

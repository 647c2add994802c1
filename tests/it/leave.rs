//! 迁出: a city is taken along as a whole and erased as a whole, and its neighbour is never touched.

mod erase;
mod export;
mod tables;

use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use application::ports::files::{FileError, FileKey, FileVault};
use async_trait::async_trait;
use domain::ids::TenantId;
use journeys::World;
use postgres_adapter::leaving::{CitySnapshot, Fingerprint, owned_tables};
use time::OffsetDateTime;
use uuid::Uuid;
use yijianrong::city::{
    leave::{
        EraseAsk, ExportAsk, Leaving,
        erase::erase,
        export::{Exported, export},
    },
    stand,
};

/// Two cities with everything that the demonstration has, and a place for exports.
struct Scene {
    world: World,
    place: PathBuf,
    /// What the last command said on its way.
    told: Mutex<Vec<String>>,
}

impl Scene {
    async fn new() -> Self {
        let world = World::demonstrated().await;
        let place = std::env::temp_dir().join(format!("yjr-leave-{}", Uuid::new_v4()));
        fs::create_dir(&place).expect("a folder");
        Self {
            world,
            place,
            told: Mutex::default(),
        }
    }

    fn hear(&self, line: &str) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.push(line.to_owned());
    }

    /// What was said since it was last asked.
    fn told(&self) -> Vec<String> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *told)
    }

    fn leaving(&self) -> Leaving {
        Leaving::of(&self.world.parts, self.world.owner.clone())
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.place.join(name)
    }

    async fn export_with(
        &self,
        leaving: &Leaving,
        name: &str,
        personal: bool,
    ) -> Result<Exported, String> {
        let ask = ExportAsk {
            to: self.folder(name),
            with_personal_data: personal,
            by: Some("安知微".to_owned()),
        };
        let done = export(leaving, "cangzhou", &ask, &|line| self.hear(line)).await;
        done.map_err(|error| format!("{error:#}"))
    }

    async fn export(&self, name: &str) -> Exported {
        let done = self.export_with(&self.leaving(), name, true).await;
        done.expect("it is exported")
    }

    async fn erase_with(&self, leaving: &Leaving, name: &str) -> Result<String, String> {
        let ask = EraseAsk {
            export: self.folder(name),
            yes_really: "cangzhou".to_owned(),
            accept_lost: 0,
            by: Some("柯慕云".to_owned()),
        };
        let done = erase(leaving, "cangzhou", &ask, &|line| self.hear(line)).await;
        done.map(|lines| lines.join("\n"))
            .map_err(|error| format!("{error:#}"))
    }

    async fn erase(&self, name: &str) -> Result<String, String> {
        self.erase_with(&self.leaving(), name).await
    }

    async fn close(&self) {
        let now = self.world.parts.clock.now();
        stand::suspend(&self.world.owner, "cangzhou", "closed", "", now)
            .await
            .expect("it is removed");
    }

    /// What every table holds of a city, value for value.
    async fn held(&self, city: TenantId) -> Vec<(String, Fingerprint)> {
        let tables = owned_tables(&self.world.owner).await.expect("the tables");
        let mut snapshot = CitySnapshot::take(&self.world.owner, city)
            .await
            .expect("a snapshot");
        let mut held = Vec::new();
        for table in tables {
            let print = snapshot.fingerprint(&table).await.expect("it counts");
            held.push((table.name, print));
        }
        held
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.place).ok();
    }
}

/// A storage that stops answering after so many questions.
struct Tired {
    inner: Arc<dyn FileVault>,
    left: AtomicUsize,
    asked: AtomicUsize,
}

impl Tired {
    fn after(inner: &Arc<dyn FileVault>, left: usize) -> Arc<Self> {
        Arc::new(Self {
            inner: inner.clone(),
            left: left.into(),
            asked: 0.into(),
        })
    }

    fn spend(&self) -> Result<(), FileError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let some = |left: usize| left.checked_sub(1);
        self.left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, some)
            .map(drop)
            .map_err(|_| FileError::Unavailable("planted".to_owned()))
    }
}

#[async_trait]
impl FileVault for Tired {
    async fn put(&self, tenant: Uuid, sealed: Vec<u8>) -> Result<FileKey, FileError> {
        self.inner.put(tenant, sealed).await
    }

    async fn get(&self, tenant: Uuid, key: &FileKey) -> Result<Option<Vec<u8>>, FileError> {
        self.spend()?;
        self.inner.get(tenant, key).await
    }

    async fn delete(&self, tenant: Uuid, key: &FileKey) -> Result<(), FileError> {
        self.spend()?;
        self.inner.delete(tenant, key).await
    }

    async fn older_than(
        &self,
        tenant: Uuid,
        before: OffsetDateTime,
    ) -> Result<Vec<FileKey>, FileError> {
        self.inner.older_than(tenant, before).await
    }
}

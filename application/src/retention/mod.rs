//! Retention 保存期限 (S-35): what was never sent to anybody goes when nobody has touched it for its time.

mod aged;
mod closing;
mod kept;
mod orphans;

use std::sync::Arc;

pub use kept::Kept;
use serde_json::json;
use time::OffsetDateTime;

use crate::{
    access::Permit,
    city::{Cities, Keeping},
    error::{UseError, UseResult},
    identity::notices::REVIEWED,
    ports::{
        clock::Clock,
        files::{FileKey, FileVault},
        sealing::Sealer,
        store::Store,
    },
};

const ROUND: i64 = 100;

/// The city's sweeper of business rows; what the doors keep has its own (`ports::limits::Sweeper`).
#[derive(Clone)]
pub struct Retention {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub cities: Arc<dyn Cities>,
    pub vault: Arc<dyn FileVault>,
    pub sealer: Arc<dyn Sealer>,
}

impl Retention {
    /// One round in the city of the permit; answers how many things went.
    pub async fn forget(&self, permit: &Permit) -> UseResult<u64> {
        // A closed city may have no file any more; its people's data end all the same.
        let city = self.cities.by_id(permit.city());
        let keeping = city.map_or_else(Keeping::default, |city| city.keeping);
        let since = self.clock.now() - Kept::Drafts.time(keeping);
        let mut work = self.store.begin(permit).await?;
        let gone = work.drafts().forget_untouched(since, ROUND).await?;
        work.commit().await?;
        let files = self.forget_files(permit, since).await?;
        let sheets = self.forget_sheets(permit).await?;
        let own = self.forget_own_exports(permit).await?;
        let accounts = self.close_accounts(permit).await?;
        let archives = self.forget_archives(permit, keeping).await?;
        let aged = self.forget_aged(permit, keeping).await?;
        self.stop_undecided(permit, keeping).await?;
        let faces = self.forget_face_photos(permit).await?;
        Ok(gone + files + sheets + own + accounts + archives + aged + faces)
    }

    /// 数据导出 of the consoles are kept for a week; the row stays as the record.
    async fn forget_sheets(&self, permit: &Permit) -> UseResult<u64> {
        let city = permit.city();
        let mut work = self.store.begin(permit).await?;
        let over = work.exports().exports_over(self.clock.now(), ROUND).await?;
        for (id, key) in &over {
            let key = FileKey::parse(key)
                .ok_or_else(|| UseError::bug("a stored file key has another shape"))?;
            self.vault.delete(city.0, &key).await?;
            work.exports().expire_export(*id).await?;
        }
        work.commit().await?;
        Ok(over.len() as u64)
    }

    /// 平台人工核验 that nobody decided: the photo does not wait for ever, and the person is told.
    async fn stop_undecided(&self, permit: &Permit, keeping: Keeping) -> UseResult<()> {
        let now = self.clock.now();
        let since = now - Kept::FaceReviews.time(keeping);
        let mut work = self.store.begin(permit).await?;
        for id in work.face_reviews().stop_undecided(since, now).await? {
            let payload = json!({ "review": id.to_string() });
            work.outbox()
                .push(self.clock.new_id(), REVIEWED, payload, now)
                .await?;
        }
        Ok(work.commit().await?)
    }

    /// Photos of 平台人工核验 whose time after the decision is over; the row stays as the record.
    async fn forget_face_photos(&self, permit: &Permit) -> UseResult<u64> {
        let city = permit.city();
        let mut work = self.store.begin(permit).await?;
        let over = work
            .face_reviews()
            .photos_over(self.clock.now(), ROUND)
            .await?;
        for (id, key) in &over {
            let key = FileKey::parse(key)
                .ok_or_else(|| UseError::bug("a stored file key has another shape"))?;
            self.vault.delete(city.0, &key).await?;
            work.face_reviews().photo_gone(*id).await?;
        }
        work.commit().await?;
        Ok(over.len() as u64)
    }

    /// Objects first, rows last: what a crash leaves behind is found again by its row.
    async fn forget_files(&self, permit: &Permit, since: OffsetDateTime) -> UseResult<u64> {
        let city = permit.city();
        let mut work = self.store.begin(permit).await?;
        let unsent = work.enterprise_files().unsent_files(since, ROUND).await?;
        let mut gone = Vec::new();
        for file in &unsent {
            let key = FileKey::parse(&file.object_key)
                .ok_or_else(|| UseError::bug("a stored file key has another shape"))?;
            self.vault.delete(city.0, &key).await?;
            gone.push(file.id);
        }
        work.enterprise_files().forget_files(&gone).await?;
        work.commit().await?;
        Ok(gone.len() as u64)
    }
}

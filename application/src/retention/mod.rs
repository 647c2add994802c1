//! Retention 保存期限 (S-35): what was never sent to anybody goes when nobody has touched it for its time.

mod aged;
mod closing;
mod kept;
mod orphans;

use std::{fmt::Display, sync::Arc};

use domain::ids::FileId;
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
    turns::Turns,
};

const ROUND: i64 = 100;
/// After so many failures the storage is believed away, and left alone until the next round.
const GIVE_UP: u32 = 10;

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
    /// One round in the city of the permit; answers how many things went. Each step is on its own: one that fails is told, and the others
    /// are done all the same.
    pub async fn forget(&self, permit: &Permit) -> UseResult<u64> {
        // A closed city may have no file any more; its people's data end all the same.
        let city = self.cities.by_id(permit.city());
        let keeping = city.map_or_else(Keeping::default, |city| city.keeping);
        let since = self.clock.now() - Kept::Drafts.time(keeping);
        let mut steps = Turns::default();
        steps.take("drafts", self.forget_drafts(permit, since).await);
        steps.take("files", self.forget_files(permit, since).await);
        steps.take("exports", self.forget_sheets(permit).await);
        steps.take("own exports", self.forget_own_exports(permit).await);
        steps.take("closings", self.close_accounts(permit).await);
        steps.take("archives", self.forget_archives(permit, keeping).await);
        steps.take("aged rows", self.forget_aged(permit, keeping).await);
        let stopped = self.stop_undecided(permit, keeping).await;
        steps.take("undecided reviews", stopped.map(|()| 0));
        steps.take("photos", self.forget_face_photos(permit).await);
        steps.end()
    }

    async fn forget_drafts(&self, permit: &Permit, since: OffsetDateTime) -> UseResult<u64> {
        let mut work = self.store.begin(permit).await?;
        let gone = work.drafts().forget_untouched(since, ROUND).await?;
        work.commit().await?;
        Ok(gone)
    }

    /// 数据导出 of the consoles are kept for a week; the row stays as the record.
    async fn forget_sheets(&self, permit: &Permit) -> UseResult<u64> {
        let mut work = self.store.begin(permit).await?;
        let over = work.exports().exports_over(self.clock.now(), ROUND).await?;
        drop(work);
        let over = over.into_iter().map(|(id, key)| (id, vec![key]));
        let removed = self.remove_each(permit, over.collect()).await;
        if !removed.things.is_empty() {
            let mut work = self.store.begin(permit).await?;
            for id in &removed.things {
                work.exports().expire_export(*id).await?;
            }
            work.commit().await?;
        }
        removed.turns.end()
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
        let mut work = self.store.begin(permit).await?;
        let over = work
            .face_reviews()
            .photos_over(self.clock.now(), ROUND)
            .await?;
        drop(work);
        let over = over.into_iter().map(|(id, key)| (id, vec![key]));
        let removed = self.remove_each(permit, over.collect()).await;
        if !removed.things.is_empty() {
            let mut work = self.store.begin(permit).await?;
            for id in &removed.things {
                work.face_reviews().photo_gone(*id).await?;
            }
            work.commit().await?;
        }
        removed.turns.end()
    }

    /// Rows first, unlike where a time is over for good: until they are gone their enterprise may complete its information with these
    /// very files. An object that is left behind is an orphan, and goes as one.
    async fn forget_files(&self, permit: &Permit, since: OffsetDateTime) -> UseResult<u64> {
        let mut work = self.store.begin(permit).await?;
        let unsent = work.enterprise_files().unsent_files(since, ROUND).await?;
        let ids: Vec<FileId> = unsent.iter().map(|file| file.id).collect();
        work.enterprise_files().forget_files(&ids).await?;
        work.commit().await?;
        let objects = unsent
            .into_iter()
            .map(|file| (file.id, vec![file.object_key]));
        self.remove_each(permit, objects.collect())
            .await
            .turns
            .end()
    }

    /// Takes away the objects of things, with no transaction open: where they lie may be far away. What a crash leaves behind is found again
    /// by its row, and an object that is gone goes once more without harm.
    async fn remove_each<I: Display + Send>(
        &self,
        permit: &Permit,
        things: Vec<(I, Vec<String>)>,
    ) -> Removed<I> {
        let mut removed = Removed {
            things: Vec::new(),
            turns: Turns::default(),
        };
        let mut failures = 0;
        for (thing, keys) in things {
            match self.remove(permit, &keys).await {
                Ok(()) => {
                    removed.turns.take("objects", Ok(1));
                    removed.things.push(thing);
                }
                // A row that cannot be read, or one object that cannot be removed, keeps no other.
                Err(error) => {
                    removed.turns.failed(&format!("objects of {thing}"), error);
                    failures += 1;
                    if failures == GIVE_UP {
                        break;
                    }
                }
            }
        }
        removed
    }

    async fn remove(&self, permit: &Permit, keys: &[String]) -> UseResult<()> {
        for key in keys {
            let key = FileKey::parse(key)
                .ok_or_else(|| UseError::bug("a stored file key has another shape"))?;
            self.vault.delete(permit.city().0, &key).await?;
        }
        Ok(())
    }
}

/// Things whose objects are gone, and how that went.
struct Removed<I> {
    things: Vec<I>,
    turns: Turns,
}

//! Catalogue 门户: the public pages of a city, answered from a snapshot in memory that every node drops when told to.

mod attachments;
mod own;
mod repayment;
mod rules;
mod search;
mod snapshot;

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use domain::ids::TenantId;
use tokio::sync::Mutex;

pub use attachments::{Handouts, place as attachments_place};
pub use own::{Fit, OwnFacts, OwnProfile, OwnStanding};
pub use repayment::TypedLoan;
pub use rules::{rule_sentence, verdict_words};
pub use search::{
    AmountBand, Facets, Found, GuaranteeCount, Lane, ProductSearch, RateBand, Sort, TermBand, fold,
};
pub use snapshot::Snapshot;

use crate::{
    access::Guard,
    error::UseResult,
    mini::MiniRoom,
    ports::{
        catalogue::{Catalogue, CatalogueSource},
        clock::Clock,
        pictures::PictureStudio,
        reference::{RegionDirectory, Vocabulary},
    },
    ratings::ShownRatings,
};

/// Older snapshots are read again even when nobody told of a change: a lost notice hurts no longer than this.
const BELIEVED_FOR: Duration = Duration::from_mins(1);
/// Pause between tries while the database is away and an old snapshot answers.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// What the public pages are made of: the catalogue and the public lists beside it.
pub struct Showcase {
    pub portal: Arc<Portal>,
    pub words: Arc<dyn Vocabulary>,
    pub regions: Arc<dyn RegionDirectory>,
    pub pictures: Arc<dyn PictureStudio>,
    /// The signed-in enterprise beside a product's rules.
    pub own: OwnFacts,
    /// 企业评价 of an institution.
    pub ratings: ShownRatings,
    /// 附件 of policies and news.
    pub handouts: Handouts,
    /// 小程序码 of the city.
    pub mini: MiniRoom,
}

/// The snapshots of all cities.
pub struct Portal {
    guard: Guard,
    source: Arc<dyn CatalogueSource>,
    clock: Arc<dyn Clock>,
    shelves: RwLock<HashMap<TenantId, Arc<Shelf>>>,
    generations: AtomicU64,
}

#[derive(Default)]
struct Shelf {
    /// Counts the notices of change; a snapshot loaded under an older count is not believed.
    notices: AtomicU64,
    current: RwLock<Option<Kept>>,
    loading: Mutex<()>,
}

#[derive(Clone)]
struct Kept {
    snapshot: Arc<Snapshot>,
    notices: u64,
    until: Instant,
}

impl Portal {
    pub fn new(guard: Guard, source: Arc<dyn CatalogueSource>, clock: Arc<dyn Clock>) -> Self {
        Self {
            guard,
            source,
            clock,
            shelves: RwLock::default(),
            generations: AtomicU64::new(1),
        }
    }

    /// The snapshot at hand, without waiting; `None` when it must be read (again) first.
    pub fn at_hand(&self, city: TenantId) -> Option<Arc<Snapshot>> {
        let shelves = self.shelves.read().unwrap_or_else(PoisonError::into_inner);
        shelves.get(&city)?.believed(&*self.clock)
    }

    /// A city's content changed (`None`: perhaps that of every city): the next reader reads it again.
    pub fn changed(&self, city: Option<TenantId>) {
        let shelves = self.shelves.read().unwrap_or_else(PoisonError::into_inner);
        for (id, shelf) in shelves.iter() {
            if city.is_none_or(|c| c == *id) {
                shelf.notices.fetch_add(1, Ordering::AcqRel);
            }
        }
    }

    fn shelf(&self, city: TenantId) -> Arc<Shelf> {
        let known = self
            .shelves
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&city)
            .cloned();
        known.unwrap_or_else(|| {
            self.shelves
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .entry(city)
                .or_default()
                .clone()
        })
    }

    async fn read_again(&self, city: TenantId, shelf: &Shelf) -> UseResult<Arc<Snapshot>> {
        let _one_at_a_time = shelf.loading.lock().await;
        if let Some(snapshot) = shelf.believed(&*self.clock) {
            return Ok(snapshot);
        }
        let notices = shelf.notices.load(Ordering::Acquire);
        let permit = self.guard.visitor(city).await?;
        let old = shelf.kept();
        let snapshot = match self.source.load(&permit, self.clock.now()).await {
            Ok(content) => match &old {
                // Whoever calls may mean what pages show beside the catalogue, such as ratings.
                Some(kept) if kept.notices == notices && kept.snapshot.content == content => {
                    kept.snapshot.clone()
                }
                _ => {
                    let generation = self.generations.fetch_add(1, Ordering::Relaxed);
                    Arc::new(Snapshot::new(generation, content))
                }
            },
            Err(error) => {
                // Public pages stay readable while the database is away; what is applied for is checked again then.
                let Some(kept) = old else {
                    return Err(error.into());
                };
                tracing::warn!(%city, %error, "the catalogue could not be read again");
                let snapshot = kept.snapshot;
                shelf.keep(&snapshot, notices, RETRY_AFTER);
                return Ok(snapshot);
            }
        };
        shelf.keep(&snapshot, notices, BELIEVED_FOR);
        Ok(snapshot)
    }
}

impl Shelf {
    fn kept(&self) -> Option<Kept> {
        self.current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// What was scheduled shows itself: a snapshot is not believed past the moment when its content changes by itself.
    fn believed(&self, clock: &dyn Clock) -> Option<Arc<Snapshot>> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        let kept = current.as_ref()?;
        let changes_at = kept.snapshot.content.changes_at;
        (kept.notices == self.notices.load(Ordering::Acquire)
            && Instant::now() < kept.until
            && changes_at.is_none_or(|at| clock.now() < at))
        .then(|| kept.snapshot.clone())
    }

    fn keep(&self, snapshot: &Arc<Snapshot>, notices: u64, believed_for: Duration) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(Kept {
            snapshot: snapshot.clone(),
            notices,
            until: Instant::now() + believed_for,
        });
    }
}

#[async_trait]
impl Catalogue for Portal {
    async fn snapshot(&self, city: TenantId) -> UseResult<Arc<Snapshot>> {
        let shelf = self.shelf(city);
        match shelf.believed(&*self.clock) {
            Some(snapshot) => Ok(snapshot),
            None => self.read_again(city, &shelf).await,
        }
    }
}

#[cfg(test)]
mod tests;

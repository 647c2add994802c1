//! In force 现行协议: the cities as everybody reads them, with the newest version of each agreement whose time has come.
//!
//! A city's file brings the first versions; what its operator publishes afterwards stands in the database. Whoever asks for a
//! city is given both as one, so that a form, its check and the consent always name the same version.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use domain::{calendar::local_date, ids::TenantId};
use time::OffsetDateTime;

use crate::{
    city::{Agreement, Cities, City},
    error::UseResult,
    ports::{
        catalogue::{AgreementText, Catalogue},
        clock::Clock,
    },
};

/// A city as it was put together last, from which settings, and until when it stays so.
#[derive(Clone)]
struct Made {
    base: Arc<City>,
    city: Arc<City>,
    until: Option<OffsetDateTime>,
}

/// The cities of this process with their agreements of now.
pub struct InForce {
    base: Arc<dyn Cities>,
    clock: Arc<dyn Clock>,
    texts: RwLock<HashMap<TenantId, Arc<Vec<AgreementText>>>>,
    made: RwLock<HashMap<TenantId, Made>>,
}

impl InForce {
    pub fn new(base: Arc<dyn Cities>, clock: Arc<dyn Clock>) -> Self {
        Self {
            base,
            clock,
            texts: RwLock::default(),
            made: RwLock::default(),
        }
    }

    /// Reads the versions of a city again.
    pub async fn read_again(&self, catalogue: &dyn Catalogue, city: TenantId) -> UseResult<()> {
        let snapshot = catalogue.snapshot(city).await?;
        let texts = Arc::new(snapshot.content.agreements.clone());
        self.texts
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(city, texts);
        self.made
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&city);
        Ok(())
    }

    fn now(&self, base: Arc<City>) -> Arc<City> {
        let now = self.clock.now();
        let made = self.made.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = made.get(&base.id)
            && Arc::ptr_eq(&made.base, &base)
            && made.until.is_none_or(|until| now < until)
        {
            return made.city.clone();
        }
        drop(made);
        let texts = self.texts.read().unwrap_or_else(PoisonError::into_inner);
        let Some(texts) = texts.get(&base.id).cloned() else {
            return base;
        };
        let until = texts.iter().map(|t| t.published_at).filter(|at| *at > now);
        let until = until.min();
        let city = Arc::new(with_texts(&base, &texts, now));
        self.made
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(
                base.id,
                Made {
                    base,
                    city: city.clone(),
                    until,
                },
            );
        city
    }
}

/// The city with the newest version of each agreement that is in force; one of which nothing is stored stays as its file says.
fn with_texts(base: &City, texts: &[AgreementText], now: OffsetDateTime) -> City {
    let mut city = base.clone();
    for agreement in &mut city.agreements {
        let stored = || {
            texts
                .iter()
                .filter(|t| t.code == agreement.code && t.published_at <= now)
        };
        let asks_again = stored().any(|t| t.reconsent);
        if let Some(text) = stored().max_by_key(|t| t.published_at) {
            *agreement = Agreement {
                code: agreement.code.clone(),
                short_title: agreement.short_title.clone(),
                shown: std::mem::take(&mut agreement.shown),
                ticked: std::mem::take(&mut agreement.ticked),
                title: text.title.clone(),
                version: text.version.clone(),
                effective: local_date(text.published_at).to_string(),
                body: text.body.clone(),
                change_note: text.change_note.clone(),
                asks_again,
            };
        }
    }
    city
}

impl Cities for InForce {
    fn by_host(&self, host: &str) -> Option<Arc<City>> {
        self.base.by_host(host).map(|city| self.now(city))
    }

    fn by_id(&self, id: TenantId) -> Option<Arc<City>> {
        self.base.by_id(id).map(|city| self.now(city))
    }

    fn all(&self) -> Vec<Arc<City>> {
        let all = self.base.all();
        all.into_iter().map(|city| self.now(city)).collect()
    }
}

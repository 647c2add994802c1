//! The directory of a process: its cities by host and by id.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use application::city::{Cities, City};
use domain::ids::TenantId;

use super::CatalogError;

/// The cities of this process, found by host or id; the whole set is exchanged at once when the catalogue changes.
pub struct Directory(RwLock<Arc<Index>>);

struct Index {
    /// The highest edition that was ever given: a city that comes back gets none that it, or another, had before.
    newest: u64,
    cities: Vec<Arc<City>>,
    by_id: HashMap<TenantId, Arc<City>>,
    by_host: HashMap<String, Arc<City>>,
}

impl Index {
    fn new(cities: Vec<Arc<City>>, newest: u64) -> Result<Self, CatalogError> {
        let mut by_host = HashMap::new();
        for city in &cities {
            for host in &city.hosts {
                if by_host
                    .insert(host.to_ascii_lowercase(), city.clone())
                    .is_some()
                {
                    return Err(CatalogError::HostTwice(host.clone()));
                }
            }
        }
        Ok(Self {
            newest,
            by_id: cities.iter().map(|city| (city.id, city.clone())).collect(),
            cities,
            by_host,
        })
    }
}

impl Directory {
    /// Refuses two cities that claim one host.
    pub fn new(cities: Vec<City>) -> Result<Self, CatalogError> {
        let index = Index::new(cities.into_iter().map(Arc::new).collect(), 0)?;
        Ok(Self(RwLock::new(Arc::new(index))))
    }

    fn index(&self) -> Arc<Index> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Puts other settings in the place of all; answers the cities that are new or differ, with the edition they have now.
    /// When two claim one host nothing changes.
    pub fn replace(&self, cities: Vec<City>) -> Result<Vec<Arc<City>>, CatalogError> {
        let old = self.index();
        let newest = old.newest + 1;
        let mut changed = Vec::new();
        let cities = cities
            .into_iter()
            .map(|mut city| {
                if let Some(known) = old.by_id.get(&city.id) {
                    city.edition = known.edition;
                    if **known == city {
                        return known.clone();
                    }
                }
                city.edition = newest;
                let city = Arc::new(city);
                changed.push(city.clone());
                city
            })
            .collect();
        let newest = if changed.is_empty() {
            old.newest
        } else {
            newest
        };
        let index = Arc::new(Index::new(cities, newest)?);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = index;
        Ok(changed)
    }
}

impl Cities for Directory {
    fn by_host(&self, host: &str) -> Option<Arc<City>> {
        let index = self.0.read().unwrap_or_else(PoisonError::into_inner);
        index
            .by_host
            .get(host)
            .or_else(|| index.by_host.get(&host.to_ascii_lowercase()))
            .cloned()
    }

    fn by_id(&self, id: TenantId) -> Option<Arc<City>> {
        let index = self.0.read().unwrap_or_else(PoisonError::into_inner);
        index.by_id.get(&id).cloned()
    }

    fn all(&self) -> Vec<Arc<City>> {
        self.index().cities.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::catalog::read;

    #[test]
    fn exchanging_the_cities_numbers_what_differs_and_refuses_a_host_of_two() {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/catalog"));
        let mut cities = read(folder).expect("it reads");
        for (city, n) in cities.iter_mut().zip(1_u128..) {
            city.id = TenantId(uuid::Uuid::from_u128(n));
        }
        let directory = Directory::new(cities.clone()).expect("hosts are single");
        assert!(directory.replace(cities.clone()).expect("fine").is_empty());
        cities[1].tagline = "别的".to_owned();
        let changed = directory.replace(cities.clone()).expect("fine");
        assert_eq!(changed.len(), 1);
        assert_eq!(changed[0].edition, 1);
        assert_eq!(directory.all()[0].edition, 0);
        let found = directory.by_host("YUNLAN.localhost").expect("found");
        assert_eq!(found.tagline, "别的");
        let mut clash = cities.clone();
        clash[1].hosts = clash[0].hosts.clone();
        assert!(directory.replace(clash).is_err());
        assert!(
            directory.by_host("yunlan.localhost").is_some(),
            "nothing changed"
        );
        directory.replace(cities[..1].to_vec()).expect("fine");
        assert!(directory.by_host("yunlan.localhost").is_none());
        // What was made of its settings under the old number must not be taken for what it is now.
        cities[1].tagline = "又是别的".to_owned();
        let back = directory.replace(cities).expect("fine");
        assert!(back[0].edition > 1, "{}", back[0].edition);
    }
}

//! The directory of a process: its cities by host and by id.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock},
};

use application::city::{Cities, City};
use domain::ids::TenantId;

use super::CatalogError;

/// The cities of this process, found by host or id; the whole set is exchanged at once when the catalogue changes. Beside them its
/// provinces, which no duty of a city meets.
pub struct Directory {
    index: RwLock<Arc<Index>>,
    provinces: RwLock<Arc<[Arc<City>]>>,
}

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
        Ok(Self {
            index: RwLock::new(Arc::new(index)),
            provinces: RwLock::new(Arc::from([])),
        })
    }

    /// Puts other provinces in the place of all. When one claims the host of a city or of another one nothing changes.
    pub fn set_provinces(&self, provinces: Vec<City>) -> Result<(), CatalogError> {
        let index = self.index();
        let mut hosts = HashSet::new();
        for host in provinces.iter().flat_map(|province| &province.hosts) {
            let host = host.to_ascii_lowercase();
            if index.by_host.contains_key(&host) || !hosts.insert(host.clone()) {
                return Err(CatalogError::HostTwice(host));
            }
        }
        let provinces: Arc<[Arc<City>]> = provinces.into_iter().map(Arc::new).collect();
        *self
            .provinces
            .write()
            .unwrap_or_else(PoisonError::into_inner) = provinces;
        Ok(())
    }

    fn province(&self, is_it: impl Fn(&City) -> bool) -> Option<Arc<City>> {
        let provinces = self
            .provinces
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        provinces.iter().find(|province| is_it(province)).cloned()
    }

    fn index(&self) -> Arc<Index> {
        self.index
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
        *self.index.write().unwrap_or_else(PoisonError::into_inner) = index;
        Ok(changed)
    }
}

impl Cities for Directory {
    fn by_host(&self, host: &str) -> Option<Arc<City>> {
        let index = self.index();
        let city = index
            .by_host
            .get(host)
            .or_else(|| index.by_host.get(&host.to_ascii_lowercase()));
        city.cloned().or_else(|| {
            let named = |city: &City| city.hosts.iter().any(|h| h.eq_ignore_ascii_case(host));
            self.province(named)
        })
    }

    fn by_id(&self, id: TenantId) -> Option<Arc<City>> {
        let city = self.index().by_id.get(&id).cloned();
        city.or_else(|| self.province(|province| province.id == id))
    }

    fn all(&self) -> Vec<Arc<City>> {
        self.index().cities.clone()
    }

    fn provinces(&self) -> Vec<Arc<City>> {
        let provinces = self
            .provinces
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        provinces.to_vec()
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

    #[test]
    fn a_province_is_found_by_its_host_and_is_no_city() {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/catalog"));
        let directory = Directory::new(read(folder).expect("it reads")).expect("fine");
        let mut provinces = vec![crate::catalog::province(folder, "hebei").expect("it reads")];
        provinces[0].id = TenantId(uuid::Uuid::from_u128(9));
        directory.set_provinces(provinces.clone()).expect("fine");
        let found = directory.by_host("HEBEI.localhost").expect("found");
        assert!(found.is_province());
        assert!(directory.by_id(found.id).is_some());
        assert!(directory.all().iter().all(|city| !city.is_province()));
        assert_eq!(directory.provinces().len(), 1);
        provinces[0].hosts.push("yunlan.localhost".to_owned());
        assert!(directory.set_provinces(provinces).is_err(), "a city's host");
        directory.set_provinces(Vec::new()).expect("fine");
        assert!(directory.by_host("hebei.localhost").is_none());
    }
}

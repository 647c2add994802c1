//! Plug table 供应商表: kind → maker; a city's section of its file says which, and it is built once.

use std::{collections::BTreeMap, sync::Arc};

use application::{
    city::{Cities, City},
    ports::plugs::{PlugError, Plugs},
};
use async_trait::async_trait;
use domain::ids::TenantId;
use moka::future::Cache;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What nobody asked for so long is built again when it is.
const IDLE: std::time::Duration = std::time::Duration::from_hours(1);

/// A city's settings for one ability.
pub struct Section<'a> {
    pub city: &'a City,
    name: &'static str,
    values: &'a Value,
}

impl Section<'_> {
    /// The settings as the provider wants them; its own `deny_unknown_fields` decides how strict that is.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, PlugError> {
        T::deserialize(self.values).map_err(|error| self.wrong(error))
    }

    /// What is wrong with the settings, with the city and section named.
    pub fn wrong(&self, what: impl std::fmt::Display) -> PlugError {
        PlugError::Settings {
            city: self.city.slug.clone(),
            section: self.name,
            what: what.to_string(),
        }
    }
}

type Maker<P> = Box<dyn Fn(&Section<'_>) -> Result<Arc<P>, PlugError> + Send + Sync>;

/// Makers of one ability by kind, and what they made for each city.
pub struct PlugTable<P: ?Sized + Send + Sync + 'static> {
    name: &'static str,
    cities: Arc<dyn Cities>,
    makers: BTreeMap<&'static str, Maker<P>>,
    built: Cache<(TenantId, u64), Arc<P>>,
}

impl<P: ?Sized + Send + Sync + 'static> PlugTable<P> {
    /// `name` is the section of the city's file: `sms`, `face`.
    pub fn new(name: &'static str, cities: Arc<dyn Cities>) -> Self {
        Self {
            name,
            cities,
            makers: BTreeMap::new(),
            built: Cache::builder()
                .max_capacity(1_000)
                .time_to_idle(IDLE)
                .build(),
        }
    }

    /// The section that it reads.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Adds a maker.
    #[must_use]
    pub fn plug<F>(mut self, kind: &'static str, maker: F) -> Self
    where
        F: Fn(&Section<'_>) -> Result<Arc<P>, PlugError> + Send + Sync + 'static,
    {
        self.makers.insert(kind, Box::new(maker));
        self
    }

    /// Builds every city's provider once without keeping it: what is wrong stops the start.
    pub fn check(&self) -> Result<(), PlugError> {
        self.cities
            .all()
            .iter()
            .try_for_each(|city| self.build(city).map(|_| ()))
    }

    /// The same for an ability that a city may do without.
    pub fn check_where_named(&self) -> Result<(), PlugError> {
        let cities = self.cities.all();
        let mut named = cities.iter().filter(|c| c.plugs.contains_key(self.name));
        named.try_for_each(|city| self.build(city).map(|_| ()))
    }

    fn build(&self, city: &City) -> Result<Arc<P>, PlugError> {
        let missing = || PlugError::NoSection {
            city: city.slug.clone(),
            section: self.name,
        };
        let values = city.plugs.get(self.name).ok_or_else(missing)?;
        let kind = kind_of(values).ok_or_else(missing)?;
        let maker = self
            .makers
            .get(kind)
            .ok_or_else(|| PlugError::UnknownKind {
                city: city.slug.clone(),
                section: self.name,
                kind: self.told(kind),
            })?;
        maker(&Section {
            city,
            name: self.name,
            values,
        })
    }
}

impl<P: ?Sized + Send + Sync + 'static> PlugTable<P> {
    /// A kind that nobody makes, and those that somebody does.
    fn told(&self, kind: &str) -> String {
        let known: Vec<&str> = self.makers.keys().copied().collect();
        if known.is_empty() {
            return kind.to_owned();
        }
        format!("{kind}; there are {}", known.join(", "))
    }
}

fn kind_of(values: &Value) -> Option<&str> {
    values.get("kind").and_then(Value::as_str)
}

#[async_trait]
impl<P: ?Sized + Send + Sync + 'static> Plugs<P> for PlugTable<P> {
    async fn of(&self, id: TenantId) -> Result<Arc<P>, PlugError> {
        let city = self.cities.by_id(id).ok_or(PlugError::NoCity)?;
        // Other settings are another edition: what was built of the old ones is not asked any more.
        self.built
            .try_get_with((id, city.edition), async { self.build(&city) })
            .await
            .map_err(|error| (*error).clone())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::catalog::{Directory, read};

    trait Greeter: Send + Sync {
        fn word(&self) -> String;
    }

    struct Said(String);

    impl Greeter for Said {
        fn word(&self) -> String {
            self.0.clone()
        }
    }

    fn cities() -> Arc<dyn Cities> {
        let mut cities =
            read(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/catalog"))).expect("it reads");
        cities.truncate(1);
        cities[0].plugs.insert(
            "greeter".to_owned(),
            serde_json::json!({ "kind": "plain", "word": "您好" }),
        );
        Arc::new(Directory::new(cities).expect("hosts are single"))
    }

    fn table(cities: Arc<dyn Cities>) -> PlugTable<dyn Greeter> {
        PlugTable::<dyn Greeter>::new("greeter", cities)
    }

    #[derive(serde::Deserialize)]
    struct Settings {
        word: String,
    }

    #[tokio::test]
    async fn a_city_gets_the_provider_it_names_built_once() {
        let cities = cities();
        let id = cities.all()[0].id;
        let table = table(cities).plug("plain", |s| {
            Ok(Arc::new(Said(s.read::<Settings>()?.word)) as Arc<dyn Greeter>)
        });
        table.check().expect("the settings are right");
        let first = table.of(id).await.expect("built");
        assert_eq!(first.word(), "您好");
        assert!(Arc::ptr_eq(&first, &table.of(id).await.expect("kept")));
    }

    #[tokio::test]
    async fn an_unknown_kind_is_told_by_name() {
        let error = table(cities()).check().expect_err("nobody makes it");
        assert!(error.to_string().contains("unknown kind plain"), "{error}");
        let polite = |_: &Section<'_>| Ok(Arc::new(Said("您好".to_owned())) as Arc<dyn Greeter>);
        let table = table(cities()).plug("polite", polite).plug("brief", polite);
        let error = table.check().expect_err("nobody makes it").to_string();
        assert!(error.ends_with("plain; there are brief, polite"), "{error}");
    }

    #[tokio::test]
    async fn wrong_settings_are_told_before_a_customer_meets_them() {
        let table = table(cities()).plug("plain", |s| {
            Err(s.wrong(s.read::<Vec<u8>>().map_or("no list", |_| "a list")))
        });
        assert!(matches!(table.check(), Err(PlugError::Settings { .. })));
    }
}

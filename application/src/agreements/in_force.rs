//! In force 现行协议, 现行设置: the cities as everybody reads them, with the newest version of each agreement whose time has come and
//! the rules that their operators let through.
//!
//! A city's file brings the first versions; what its operator publishes afterwards stands in the database. Whoever asks for a
//! city is given both as one, so that a form, its check and the consent always name the same version.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use domain::{calendar::local_date, ids::TenantId};
use time::OffsetDateTime;
use tokio::sync::{Mutex, MutexGuard};

use crate::{
    city::{Agreement, Cities, City},
    error::UseResult,
    ports::{
        catalogue::{AgreementText, Catalogue},
        clock::Clock,
    },
    rules::{CityRule, RuleKind},
};

/// What the database holds beside the file of a city.
struct Heard {
    texts: Vec<AgreementText>,
    rules: Vec<CityRule>,
}

/// A city as it was put together last, from which settings and versions, and until when it stays so.
#[derive(Clone)]
struct Made {
    base: Arc<City>,
    heard: Arc<Heard>,
    city: Arc<City>,
    until: Option<OffsetDateTime>,
}

/// The cities of this process with their agreements and rules of now.
pub struct InForce {
    base: Arc<dyn Cities>,
    clock: Arc<dyn Clock>,
    heard: RwLock<HashMap<TenantId, Arc<Heard>>>,
    made: RwLock<HashMap<TenantId, Made>>,
    reading: Mutex<()>,
}

impl InForce {
    pub fn new(base: Arc<dyn Cities>, clock: Arc<dyn Clock>) -> Self {
        Self {
            base,
            clock,
            heard: RwLock::default(),
            made: RwLock::default(),
            reading: Mutex::default(),
        }
    }

    /// Held by whoever reads what is in force from the database, from the first look to the last word: a reader that looked
    /// before a change never has its say after one that looked behind it.
    pub async fn reading(&self) -> MutexGuard<'_, ()> {
        self.reading.lock().await
    }

    /// Reads the versions and rules of a city again.
    pub async fn read_again(&self, catalogue: &dyn Catalogue, city: TenantId) -> UseResult<()> {
        let snapshot = catalogue.snapshot(city).await?;
        let mut rules = snapshot.content.rules.clone();
        // 建议 is for every reason that there is, and the list says which.
        rules.sort_by_key(|rule| rule.kind() == RuleKind::RejectionAdvice);
        let heard = Arc::new(Heard {
            texts: snapshot.content.agreements.clone(),
            rules,
        });
        // What was made of the versions before names them: nobody takes it for what is made of these, even when it comes late.
        self.heard
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(city, heard);
        Ok(())
    }

    fn heard(&self, city: TenantId) -> Option<Arc<Heard>> {
        let heard = self.heard.read().unwrap_or_else(PoisonError::into_inner);
        heard.get(&city).cloned()
    }

    /// The cities as their files say.
    pub fn filed(&self) -> Vec<Arc<City>> {
        self.base.all()
    }

    /// What is in force in a city is what its file says: nothing has to be kept beside it.
    pub fn as_filed(&self, city: TenantId) {
        self.heard
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&city);
        self.made
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&city);
    }

    fn now(&self, base: Arc<City>) -> Arc<City> {
        let now = self.clock.now();
        let Some(heard) = self.heard(base.id) else {
            return base;
        };
        let made = self.made.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = made.get(&base.id)
            && Arc::ptr_eq(&made.base, &base)
            && Arc::ptr_eq(&made.heard, &heard)
            && made.until.is_none_or(|until| now < until)
        {
            return made.city.clone();
        }
        drop(made);
        let begins = heard.texts.iter().map(|t| t.published_at);
        let until = begins.filter(|at| *at > now).min();
        let mut city = with_texts(&base, &heard.texts, now);
        for rule in &heard.rules {
            rule.apply(&mut city);
        }
        let city = Arc::new(city);
        self.made
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(
                base.id,
                Made {
                    base,
                    heard,
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
        let asks_again = agreement.may_ask_again() && stored().any(|t| t.reconsent);
        if let Some(text) = stored().max_by_key(|t| t.published_at) {
            *agreement = Agreement {
                code: agreement.code.clone(),
                short_title: agreement.short_title.clone(),
                shown: std::mem::take(&mut agreement.shown),
                ticked: std::mem::take(&mut agreement.ticked),
                title: text.title.clone(),
                version: text.version.clone(),
                effective: local_date(text.published_at).to_string(),
                body: if *text.body == *agreement.body {
                    agreement.body.clone()
                } else {
                    text.body.as_str().into()
                },
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

    fn provinces(&self) -> Vec<Arc<City>> {
        self.base.provinces()
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;
    use uuid::Uuid;

    use super::*;
    use crate::city::blank;

    struct One(Arc<City>);

    impl Cities for One {
        fn by_host(&self, _: &str) -> Option<Arc<City>> {
            Some(self.0.clone())
        }

        fn by_id(&self, _: TenantId) -> Option<Arc<City>> {
            Some(self.0.clone())
        }

        fn all(&self) -> Vec<Arc<City>> {
            vec![self.0.clone()]
        }
    }

    struct Noon;

    impl Clock for Noon {
        fn now(&self) -> OffsetDateTime {
            datetime!(2026-11-26 12:00 +8)
        }

        fn new_id(&self) -> Uuid {
            Uuid::nil()
        }
    }

    fn agreement(code: &str, ticked: &str) -> Agreement {
        Agreement {
            code: code.to_owned(),
            title: String::new(),
            short_title: String::new(),
            version: "2026.1".to_owned(),
            effective: String::new(),
            body: "".into(),
            shown: Vec::new(),
            ticked: vec![ticked.to_owned()],
            change_note: String::new(),
            asks_again: false,
        }
    }

    fn text(code: &str, version: &str) -> AgreementText {
        AgreementText {
            code: code.to_owned(),
            version: version.to_owned(),
            title: String::new(),
            body: String::new(),
            published_at: datetime!(2026-11-26 00:00 +8),
            reconsent: true,
            change_note: String::new(),
        }
    }

    fn in_force(agreements: Vec<Agreement>) -> InForce {
        let city = City {
            agreements,
            ..blank()
        };
        InForce::new(Arc::new(One(Arc::new(city))), Arc::new(Noon))
    }

    impl InForce {
        fn hear(&self, texts: Vec<AgreementText>) {
            self.hear_all(Heard {
                texts,
                rules: Vec::new(),
            });
        }

        fn hear_all(&self, heard: Heard) {
            let mut known = self.heard.write().expect("unpoisoned");
            known.insert(blank().id, Arc::new(heard));
        }

        fn version(&self, code: &str) -> (String, bool) {
            let city = self.by_id(blank().id).expect("the city");
            let one = city.agreement(code).expect("the text");
            (one.version.clone(), one.asks_again)
        }
    }

    #[test]
    fn what_was_made_of_older_versions_is_not_taken_for_the_newest() {
        let cities = in_force(vec![agreement("register", "register")]);
        cities.hear(vec![text("register", "2026.2")]);
        assert_eq!(cities.version("register").0, "2026.2");
        // The same city put together late, after the next versions were heard of, as two threads may do it.
        let late = cities.made.read().expect("unpoisoned").clone();
        cities.hear(vec![text("register", "2026.3")]);
        *cities.made.write().expect("unpoisoned") = late;
        assert_eq!(cities.version("register").0, "2026.3");
    }

    #[test]
    fn a_rule_that_was_let_through_wins_over_the_file_until_it_is_taken_back() {
        let cities = in_force(Vec::new());
        let filed = blank().sms_daily_budget;
        cities.hear_all(Heard {
            texts: Vec::new(),
            rules: vec![CityRule::SmsDailyBudget(5_000)],
        });
        let budget = || cities.by_id(blank().id).expect("the city").sms_daily_budget;
        assert_eq!(budget(), 5_000);
        cities.as_filed(blank().id);
        assert_eq!(budget(), filed);
    }

    #[test]
    fn only_what_everybody_ticked_at_registration_asks_again() {
        let cities = in_force(vec![
            agreement("register", "register"),
            agreement("face", "face"),
        ]);
        cities.hear(vec![text("register", "2026.2"), text("face", "2026.2")]);
        assert_eq!(cities.version("register"), ("2026.2".to_owned(), true));
        assert_eq!(cities.version("face"), ("2026.2".to_owned(), false));
    }
}

//! 重新同意: whoever accepted an older version reads the new one and accepts it before going on.

use std::sync::Arc;

use domain::ids::{ConsentId, UserId};
use moka::future::Cache;

use crate::{
    access::{Action, Actor, Guard, Room},
    account::register::AgreementBox,
    city::{Agreement, Cities, City},
    error::{Checks, FieldError, UseError, UseResult},
    ports::{audit::AuditEntry, clock::Clock, consents::Granted, store::Store},
};

/// How long it is believed that a person owes nothing; a version that asks again is another question.
const BELIEVED_FOR: std::time::Duration = std::time::Duration::from_mins(10);
const GRANT: &str = "consent.grant_again";

/// The room.
#[derive(Clone)]
pub struct Reconsent {
    guard: Guard,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    cities: Arc<dyn Cities>,
    /// People who owe nothing under the versions of the key.
    settled: Cache<(UserId, String), ()>,
}

/// The versions that ask everybody again, as one key; empty: none does.
fn question(city: &City) -> String {
    let asks = city.agreements.iter().filter(|a| a.asks_again);
    let parts: Vec<String> = asks.map(|a| format!("{} {}", a.code, a.version)).collect();
    parts.join(";")
}

impl Reconsent {
    pub fn new(
        guard: Guard,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        cities: Arc<dyn Cities>,
    ) -> Self {
        let settled = Cache::builder()
            .time_to_live(BELIEVED_FOR)
            .max_capacity(20_000)
            .build();
        Self {
            guard,
            store,
            clock,
            cities,
            settled,
        }
    }

    fn city(&self, actor: &Actor) -> UseResult<Arc<City>> {
        self.cities
            .by_id(actor.city)
            .ok_or_else(|| UseError::bug("a city of a session is unknown"))
    }

    /// Agreements that this person is asked to accept again, as they are in force, in printed order.
    pub async fn owed(&self, actor: &Actor) -> UseResult<Vec<Agreement>> {
        let city = self.city(actor)?;
        let question = question(&city);
        if question.is_empty() || actor.enterprise.is_none() {
            return Ok(Vec::new());
        }
        let key = (actor.user, question);
        if self.settled.contains_key(&key) {
            return Ok(Vec::new());
        }
        let permit = self
            .guard
            .permit(actor, Room::Consents, Action::Confirm)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let codes = work.consents().owed_again(self.clock.now()).await?;
        drop(work);
        let owed = owed_of(&city, &codes);
        if owed.is_empty() {
            self.settled.insert(key, ()).await;
        }
        Ok(owed)
    }

    /// Refuses to go on while something is owed, and names the texts.
    pub async fn demand(&self, actor: &Actor) -> UseResult<()> {
        let owed = self.owed(actor).await?;
        if owed.is_empty() {
            return Ok(());
        }
        let titles: Vec<String> = owed
            .iter()
            .map(|text| format!("《{}》", text.short_title))
            .collect();
        Err(UseError {
            fields: owed
                .iter()
                .map(|text| missing(text, "agreement.not_opened"))
                .collect(),
            ..UseError::conflict("agreements.owed").with("titles", titles.join("、"))
        })
    }

    /// Notes the consents, one for each text that was opened and ticked; doing so twice notes them once.
    pub async fn accept(&self, actor: &Actor, boxes: &[AgreementBox]) -> UseResult<()> {
        let permit = self
            .guard
            .permit(actor, Room::Consents, Action::Confirm)
            .await?;
        let city = self.city(actor)?;
        let at = self.clock.now();
        let mut work = self.store.begin(&permit).await?;
        work.face_checks().lock_person(actor.user).await?;
        let codes = work.consents().owed_again(at).await?;
        let owed = owed_of(&city, &codes);
        check(&owed, boxes)?;
        let consents: Vec<Granted> = owed
            .iter()
            .map(|text| Granted {
                id: ConsentId(self.clock.new_id()),
                code: text.code.clone(),
                version: text.version.clone(),
                title: text.title.clone(),
                body: text.body.to_string(),
                purpose: "register",
                recipient: city.operator_name.clone(),
                application: None,
                channel: actor.from.channel.to_owned(),
                ip: actor.from.ip.clone(),
                at,
            })
            .collect();
        work.consents().grant(&consents).await?;
        for consent in &consents {
            let entry = AuditEntry::by(actor, self.clock.new_id(), GRANT, consent.id, at).detail(
                serde_json::json!({ "agreement": consent.code, "version": consent.version }),
            );
            work.audit().write(entry).await?;
        }
        Ok(work.commit().await?)
    }
}

fn owed_of(city: &City, codes: &[String]) -> Vec<Agreement> {
    city.agreements
        .iter()
        .filter(|a| a.asks_again && codes.contains(&a.code))
        .cloned()
        .collect()
}

/// Every text opened, read and ticked for itself.
pub(crate) fn check(owed: &[Agreement], boxes: &[AgreementBox]) -> UseResult<()> {
    let mut checks = Checks::default();
    for text in owed {
        let given = boxes.iter().find(|b| b.code == text.code);
        let code = match given {
            Some(b) if b.opened && b.ticked => continue,
            Some(b) if b.opened => "agreement.not_ticked",
            _ => "agreement.not_opened",
        };
        checks.push(missing(text, code));
    }
    checks.finish()
}

fn missing(text: &Agreement, code: &'static str) -> FieldError {
    FieldError::new(format!("agree_{}", text.code), code).with("title", &text.short_title)
}

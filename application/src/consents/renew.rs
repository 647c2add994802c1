//! 重新授权: what was withdrawn of an application that is under way is granted anew, in the version of now, and the bank goes on (S-32, S-33).

use std::sync::Arc;

use domain::{
    financing::FinancingApplication,
    ids::{ConsentId, FinancingApplicationId},
};
use serde_json::json;

use super::ConsentLedger;
use crate::{
    access::{Action, Actor, Room},
    account::register::AgreementBox,
    agreements::check,
    city::{Agreement, City},
    error::{UseError, UseResult},
    once::Once,
    ports::{audit::AuditEntry, consents::Granted, store::UnitOfWork},
};

const RENEW: &str = "consent.renew";

/// What is to be read and ticked before the bank may go on.
#[derive(Clone, Debug)]
pub struct RenewSheet {
    pub application: FinancingApplicationId,
    pub number: String,
    /// Whom it is granted to: the branch that has the application now.
    pub recipient: String,
    /// As they are in force, in printed order.
    pub texts: Vec<Agreement>,
}

impl ConsentLedger {
    /// The page of 重新授权: refused when nothing is to be granted anew.
    pub async fn lapsed(&self, actor: &Actor, id: FinancingApplicationId) -> UseResult<RenewSheet> {
        let permit = self
            .guard
            .permit(actor, Room::Consents, Action::Grant)
            .await?;
        let city = self.city(actor)?;
        let mut work = self.store.begin(&permit).await?;
        let application = work.application_board().one(id).await?;
        let application = application.ok_or_else(UseError::not_found)?;
        sheet(&mut *work, &city, &application).await
    }

    /// Notes the consents, one for each text that was opened and ticked, and tells the branch.
    pub async fn renew(
        &self,
        actor: &Actor,
        id: FinancingApplicationId,
        boxes: &[AgreementBox],
        once: &Once,
    ) -> UseResult<()> {
        let permit = self
            .guard
            .permit(actor, Room::Consents, Action::Grant)
            .await?;
        let city = self.city(actor)?;
        let mut work = self.store.begin(&permit).await?;
        // Locked, so that two clicks grant once and nothing is granted for what is being withdrawn.
        let found = work.financing_applications().find_for_update(id).await?;
        let application = found.ok_or_else(UseError::not_found)?;
        let at = self.clock.now();
        if once.replayed(&mut *work, RENEW, at).await?.is_some() {
            return Ok(());
        }
        let sheet = sheet(&mut *work, &city, &application).await?;
        check(&sheet.texts, boxes)?;
        let consents: Vec<Granted> = sheet
            .texts
            .iter()
            .map(|text| Granted {
                id: ConsentId(self.clock.new_id()),
                code: text.code.clone(),
                version: text.version.clone(),
                title: text.title.clone(),
                body: text.body.to_string(),
                purpose: "apply",
                recipient: sheet.recipient.clone(),
                application: Some(id),
                channel: actor.from.channel.to_owned(),
                ip: actor.from.ip.clone(),
                at,
            })
            .collect();
        work.consents().grant(&consents).await?;
        for consent in &consents {
            let entry = AuditEntry::by(actor, self.clock.new_id(), RENEW, consent.id, at)
                .detail(json!({ "agreement": consent.code, "version": consent.version }));
            work.audit().write(entry).await?;
        }
        let titles: Vec<&str> = sheet.texts.iter().map(|t| t.title.as_str()).collect();
        let payload = json!({
            "consent": consents.first().map(|c| c.id.0),
            "application": id.0,
            "title": titles.join("》《"),
        });
        work.outbox()
            .push(self.clock.new_id(), "consent.renewed", payload, at)
            .await?;
        let answer = json!({ "application": id.0 });
        once.done(&mut *work, RENEW, answer).await?;
        Ok(work.commit().await?)
    }

    fn city(&self, actor: &Actor) -> UseResult<Arc<City>> {
        self.cities
            .by_id(actor.city)
            .ok_or_else(|| UseError::bug("a city of a session is unknown"))
    }
}

/// What lapsed of an application that is under way, in the texts of now.
async fn sheet(
    work: &mut dyn UnitOfWork,
    city: &City,
    application: &FinancingApplication,
) -> UseResult<RenewSheet> {
    let record = application.record();
    if record.stage.is_before_submission() {
        return Err(UseError::not_found());
    }
    if !record.stage.is_open() {
        return Err(UseError::conflict("consent.nothing_under_way"));
    }
    let lapsed = work.consents().lapsed_consents(record.id).await?;
    let Some(newest) = lapsed.first() else {
        return Err(UseError::conflict("consent.nothing_lapsed"));
    };
    // A city that no longer has a text cannot be granted anything by it.
    if lapsed.iter().any(|c| city.agreement(&c.code).is_none()) {
        return Err(UseError::conflict("consent.text_gone"));
    }
    let named = newest.recipient.contains(&record.handler_name);
    Ok(RenewSheet {
        application: record.id,
        number: record
            .number
            .as_ref()
            .map_or(String::new(), ToString::to_string),
        recipient: if named {
            newest.recipient.clone()
        } else {
            record.handler_name.clone()
        },
        texts: city
            .agreements
            .iter()
            .filter(|text| lapsed.iter().any(|c| c.code == text.code))
            .cloned()
            .collect(),
    })
}

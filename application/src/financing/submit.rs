//! 确认提交 (row 2): one transaction holds the key, the change, its event, consents, dossier and outbox row (S-36).

use domain::{
    calendar::local_date,
    financing::{FinancingApplication, Stage, Submission, Verb},
    ids::{ConsentId, FinancingApplicationId},
};
use serde_json::json;
use time::OffsetDateTime;

use super::{Financing, acting, clocks, dossier, form::cool_down, terms};
use crate::{
    access::{Action, Actor, Room},
    city::City,
    error::{UseError, UseResult},
    ports::{
        audit::AuditEntry, consents::Granted, drafts::Draft, product_offers::Offer,
        store::UnitOfWork,
    },
};

/// The binding click.
#[derive(Clone, Debug)]
pub struct SubmitApplication {
    pub draft: FinancingApplicationId,
    /// The version of the draft that was on the page: what was confirmed is what was seen (S-40).
    pub version: i32,
    pub confirm_duplicate: bool,
    pub key: String,
    pub body_hash: [u8; 32],
}

/// A submitted request.
#[derive(Clone, Debug)]
pub struct Submitted {
    pub application: FinancingApplicationId,
    pub number: String,
    /// The same click once more: nothing new was made.
    pub replay: bool,
}

const ACTION: &str = "financing.submit";

impl Financing {
    pub async fn submit(&self, actor: &Actor, input: SubmitApplication) -> UseResult<Submitted> {
        let permit = self
            .guard
            .permit(actor, Room::Financing, Action::Submit)
            .await?;
        let city = self.city(actor)?;
        self.sealer.ready(actor.city.0).await?;
        let mut work = self.store.begin(&permit).await?;
        let at = self.clock.now();
        let claim = work
            .idempotency()
            .claim(ACTION, &input.key, &input.body_hash, at)
            .await?;
        if claim.replayed()?.is_some() {
            return replayed(&mut *work, input.draft).await;
        }
        let draft = work.drafts().draft(input.draft).await?;
        let draft = draft.ok_or_else(UseError::not_found)?;
        still_a_draft(&draft, input.version)?;
        let offer = self.recheck(&mut *work, &city, &draft, &input, at).await?;
        let mut application = draft.application;
        self.hand_over(actor, &mut *work, &city, &application, &offer, at)
            .await?;
        let standing = work.enterprises().standing(actor.user).await?;
        self.announce(&mut *work, &application, &input, at).await?;
        // The number last: its row stays locked until the commit, and everybody of the city waits for it.
        let calendar = self.lists.calendar.work_calendar();
        let number = work
            .financing_applications()
            .next_number(local_date(at))
            .await?;
        let facts = Submission {
            profile_complete: standing.is_some_and(|s| s.profile_complete),
            face_verified: standing.is_some_and(|s| s.face_verified),
            product: Some(&offer.range),
            branch_carries: true,
            number: &number,
        };
        let event = application.submit(acting(actor), &facts, &clocks(&city, &calendar), at)?;
        work.financing_applications()
            .save(&application, &event)
            .await?;
        work.commit().await?;
        Ok(Submitted {
            application: input.draft,
            number: number.to_string(),
            replay: false,
        })
    }

    /// The shelf, the branch, the texts and the product as they are in this moment.
    async fn recheck(
        &self,
        work: &mut dyn UnitOfWork,
        city: &City,
        draft: &Draft,
        input: &SubmitApplication,
        at: OffsetDateTime,
    ) -> UseResult<Offer> {
        let record = draft.application.record();
        let Some(offer) = work.product_offers().offer(record.product).await? else {
            return Err(UseError::conflict("financing.product_unavailable"));
        };
        let branches = work.product_offers().branches_of(record.product).await?;
        let read = terms::read(&draft.typed, &offer, &branches, city);
        if read.problems.iter().any(|p| p.field == "branch") {
            return Err(UseError::conflict("financing.branch_does_not_carry"));
        }
        if offer.version != record.product_version {
            return Err(UseError::conflict("financing.product_changed"));
        }
        if !read.problems.is_empty() {
            return Err(UseError::conflict("financing.draft_incomplete"));
        }
        let refusal = work.drafts().last_refusal(record.product).await?;
        if let Some(wait) = cool_down(city, refusal.as_ref(), at) {
            return Err(UseError::conflict("financing.cool_down")
                .with("date", local_date(wait.until))
                .with("reasons", wait.reasons.join("、")));
        }
        if let Some(branch) = record.handler.filter(|_| !input.confirm_duplicate) {
            let open = work.drafts().open_requests(record.product, branch).await?;
            if !open.is_empty() {
                return Err(UseError::field(
                    "confirm_duplicate",
                    "financing.duplicate_unconfirmed",
                ));
            }
        }
        Ok(offer)
    }

    /// Dossier, pictures and consents: what this bank is given, and on whose word (S-32).
    async fn hand_over(
        &self,
        actor: &Actor,
        work: &mut dyn UnitOfWork,
        city: &City,
        application: &FinancingApplication,
        offer: &Offer,
        at: OffsetDateTime,
    ) -> UseResult<()> {
        let record = application.record();
        let id = record.id;
        let source = work
            .enterprises()
            .dossier_source(record.enterprise, actor.user)
            .await?
            .ok_or_else(UseError::not_found)?;
        let dossier = self.dossier(actor.city, id, &source, at)?;
        work.dossiers().give(id, &dossier).await?;
        for file in dossier::pictures(&source, at) {
            work.dossiers().add_file(id, &file).await?;
        }
        let recipient = recipient(&offer.bank_name, &record.handler_name);
        let grants: Vec<Granted> = city
            .ticked_on("apply")
            .into_iter()
            .map(|agreement| Granted {
                id: ConsentId(self.clock.new_id()),
                code: agreement.code.clone(),
                version: agreement.version.clone(),
                title: agreement.title.clone(),
                body: agreement.body.clone(),
                purpose: "apply",
                recipient: recipient.clone(),
                application: Some(id),
                channel: actor.from.channel.to_owned(),
                ip: actor.from.ip.clone(),
                at,
            })
            .collect();
        work.consents().grant(&grants).await?;
        let entry = AuditEntry::by(actor, self.clock.new_id(), "application.submit", id, at);
        work.audit().write(entry).await?;
        Ok(())
    }

    /// Outbox row and stored answer, before the number is taken: neither needs it.
    async fn announce(
        &self,
        work: &mut dyn UnitOfWork,
        application: &FinancingApplication,
        input: &SubmitApplication,
        at: OffsetDateTime,
    ) -> UseResult<()> {
        let record = application.record();
        let payload = json!({
            "application": record.id.0,
            "seq": record.version + 1,
            "verb": Verb::Submit.code(),
            "stage": Stage::Submitted.code(),
            "handler": record.handler.map(|h| h.0),
        });
        work.outbox()
            .push(self.clock.new_id(), "application.event", payload, at)
            .await?;
        work.idempotency()
            .answer(ACTION, &input.key, json!({ "application": record.id.0 }))
            .await?;
        Ok(())
    }
}

/// 沧海银行 and 沧海银行运河支行 are one name, other pairs stand side by side.
fn recipient(bank: &str, branch: &str) -> String {
    if branch.starts_with(bank) {
        branch.to_owned()
    } else {
        format!("{bank} {branch}")
    }
}

fn still_a_draft(draft: &Draft, version: i32) -> UseResult<()> {
    let record = draft.application.record();
    if record.stage != Stage::Draft {
        let number = record
            .number
            .as_ref()
            .map_or(String::new(), ToString::to_string);
        return Err(UseError::conflict("financing.already_submitted").with("number", number));
    }
    if record.version != version {
        return Err(UseError::conflict("financing.draft_changed"));
    }
    Ok(())
}

async fn replayed(work: &mut dyn UnitOfWork, id: FinancingApplicationId) -> UseResult<Submitted> {
    let application = work.application_board().one(id).await?;
    let application = application.ok_or_else(UseError::not_found)?;
    let number = application.record().number.as_ref();
    Ok(Submitted {
        application: id,
        number: number.ok_or_else(UseError::not_found)?.to_string(),
        replay: true,
    })
}

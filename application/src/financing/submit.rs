//! 确认提交 (row 2): one transaction holds the key, the change, its event, consents, dossier and outbox row (S-36).

use domain::{
    calendar::local_date,
    financing::{FinancingApplication, Stage, Submission, Verb},
    ids::{ConsentId, FinancingApplicationId},
};
use serde_json::json;
use time::OffsetDateTime;

use super::{Financing, acting, clocks, dossier, form::cool_down, renew, terms};
use crate::{
    access::{Action, Actor, Room},
    city::City,
    error::{UseError, UseResult},
    ports::{
        audit::AuditEntry,
        consents::Granted,
        drafts::Draft,
        enterprises::DossierSource,
        product_offers::Offer,
        store::UnitOfWork,
        submissions::{LastCheck, Papers},
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

pub(super) const ACTION: &str = "financing.submit";

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
        if claim(&mut *work, &input, at).await? {
            return replayed(&mut *work, input.draft).await;
        }
        let draft = work.drafts().draft(input.draft).await?;
        let draft = draft.ok_or_else(UseError::not_found)?;
        still_a_draft(&draft, input.version)?;
        self.submit_draft(actor, &city, work, draft, &input, at)
            .await
    }

    /// The rest of it, for a draft that is one still and a key that is new.
    pub(super) async fn submit_draft(
        &self,
        actor: &Actor,
        city: &City,
        mut work: Box<dyn UnitOfWork>,
        draft: Draft,
        input: &SubmitApplication,
        at: OffsetDateTime,
    ) -> UseResult<Submitted> {
        let offer = self.recheck(&mut *work, city, &draft, input, at).await?;
        let mut application = draft.application;
        let source = work
            .enterprises()
            .dossier_source(application.record().enterprise, actor.user)
            .await?
            .ok_or_else(UseError::not_found)?;
        // After the dossier's lock: an account that is being closed takes on nothing new.
        let enterprise = application.record().enterprise;
        if work.own_data().closing(enterprise).await?.is_some() {
            return Err(UseError::conflict("closing.no_new_request"));
        }
        not_frozen(&source)?;
        let mut papers = self.papers(actor, city, &application, &offer, &source, input, at)?;
        let kept = renew::materials(&mut *work, application.record(), at).await?;
        papers.files.extend(kept);
        work.submissions().hand_over(&papers).await?;
        // The number last: its row stays locked until the commit, and everybody of the city waits for it.
        let calendar = city.work_calendar(&*self.lists.calendar);
        let number = work
            .financing_applications()
            .next_number(local_date(at))
            .await?;
        let facts = Submission {
            profile_complete: source.facts.completed_at.is_some(),
            face_verified: source.face_verified,
            product: Some(&offer.range),
            branch_carries: true,
            number: &number,
        };
        let event = application.submit(acting(actor), &facts, &clocks(city, &calendar), at)?;
        work.financing_applications()
            .save(&application, &event)
            .await
            .map_err(renew::place_taken)?;
        work.commit().await?;
        Ok(Submitted {
            application: input.draft,
            number: number.to_string(),
            replay: false,
        })
    }

    /// The shelf, the branch, the texts and the product as they are in this moment.
    pub(super) async fn recheck(
        &self,
        work: &mut dyn UnitOfWork,
        city: &City,
        draft: &Draft,
        input: &SubmitApplication,
        at: OffsetDateTime,
    ) -> UseResult<Offer> {
        let record = draft.application.record();
        let found = work
            .submissions()
            .last_check(record.product, record.handler)
            .await?;
        let Some(LastCheck {
            offer,
            branch,
            refusal,
            open,
        }) = found
        else {
            return Err(UseError::conflict("financing.product_unavailable"));
        };
        let read = terms::read(&draft.typed, &offer, branch.as_slice(), city);
        if read.problems.iter().any(|p| p.field == "branch") {
            return Err(UseError::conflict("financing.branch_does_not_carry"));
        }
        if offer.version != record.product_version {
            return Err(UseError::conflict("financing.product_changed"));
        }
        if !read.problems.is_empty() {
            return Err(UseError {
                fields: read.problems,
                ..UseError::conflict("financing.draft_incomplete")
            });
        }
        if let Some(wait) = cool_down(city, refusal.as_ref(), at) {
            return Err(UseError::conflict("financing.cool_down")
                .with("date", local_date(wait.until))
                .with("reasons", wait.reasons.join("、")));
        }
        renew::recheck(work, record, at).await?;
        if !open.is_empty() && !input.confirm_duplicate {
            return Err(UseError::field(
                "confirm_duplicate",
                "financing.duplicate_unconfirmed",
            ));
        }
        Ok(offer)
    }

    /// What this bank is given, on whose word (S-32), and what is noted and announced of it.
    #[expect(
        clippy::too_many_arguments,
        reason = "each is read once, in another place"
    )]
    pub(super) fn papers(
        &self,
        actor: &Actor,
        city: &City,
        application: &FinancingApplication,
        offer: &Offer,
        source: &DossierSource,
        input: &SubmitApplication,
        at: OffsetDateTime,
    ) -> UseResult<Papers> {
        let record = application.record();
        let id = record.id;
        let recipient = recipient(&offer.bank_name, &record.handler_name);
        let consents = city
            .ticked_on("apply")
            .into_iter()
            .map(|agreement| Granted {
                id: ConsentId(self.clock.new_id()),
                code: agreement.code.clone(),
                version: agreement.version.clone(),
                title: agreement.title.clone(),
                body: agreement.body.to_string(),
                purpose: "apply",
                recipient: recipient.clone(),
                application: Some(id),
                channel: actor.from.channel.to_owned(),
                ip: actor.from.ip.clone(),
                at,
            })
            .collect();
        Ok(Papers {
            application: id,
            dossier: self.dossier(actor.city, id, source, at)?,
            files: dossier::pictures(source, at),
            consents,
            entry: AuditEntry::by(actor, self.clock.new_id(), "application.submit", id, at),
            notice: self.clock.new_id(),
            payload: json!({
                "application": id.0,
                "seq": record.version + 1,
                "verb": Verb::Submit.code(),
                "stage": Stage::Submitted.code(),
                "handler": record.handler.map(|h| h.0),
            }),
            action: ACTION,
            key: input.key.clone(),
            answer: json!({ "application": id.0 }),
            at,
        })
    }
}

/// Takes the key of the click; true when it was done before.
pub(super) async fn claim(
    work: &mut dyn UnitOfWork,
    input: &SubmitApplication,
    at: OffsetDateTime,
) -> UseResult<bool> {
    let claim = work
        .idempotency()
        .claim(ACTION, &input.key, &input.body_hash, at)
        .await?;
    Ok(claim.replayed()?.is_some())
}

/// 沧海银行 and 沧海银行运河支行 are one name, other pairs stand side by side.
fn recipient(bank: &str, branch: &str) -> String {
    if branch.starts_with(bank) {
        branch.to_owned()
    } else {
        format!("{bank} {branch}")
    }
}

/// A held account submits nothing new; the dossier's lock has waited for whoever holds it in this moment.
pub(super) fn not_frozen(source: &DossierSource) -> UseResult<()> {
    if source.facts.frozen {
        return Err(UseError::conflict("enterprise.frozen"));
    }
    Ok(())
}

pub(super) fn still_a_draft(draft: &Draft, version: i32) -> UseResult<()> {
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

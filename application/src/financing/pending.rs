//! 立即申请 and 待核身 of the mini-program (rows 3 to 5, A-03): the request waits without a number, unseen by any bank, until the
//! person passed the face check, by whatever way and on whatever channel that was.

use domain::{
    calendar::local_date,
    financing::{Stage, Submission},
    ids::FinancingApplicationId,
    values::ApplicationNumber,
};
use serde_json::json;
use time::OffsetDateTime;

use super::{
    Financing, SubmitApplication, Submitted, acting, clocks, look::DraftLine, renew, submit,
};
use crate::{
    access::{Action, Actor, Room},
    city::City,
    error::{Kind, UseError, UseResult},
    ports::{
        audit::AuditEntry,
        drafts::{Draft, Held},
        store::UnitOfWork,
    },
};

/// What 立即申请 came to.
#[derive(Clone, Debug)]
pub enum Applied {
    Submitted(Submitted),
    /// 待核身: the face check comes next.
    PendingFace {
        application: FinancingApplicationId,
        replay: bool,
    },
}

/// What became of the requests that waited for the face check.
#[derive(Debug, Default)]
pub struct AfterFace {
    pub submitted: Vec<Submitted>,
    /// Something changed meanwhile: a draft again, and why.
    pub returned: Vec<(FinancingApplicationId, UseError)>,
}

const PASS: &str = "financing.pass_face";

impl Financing {
    /// 立即申请: submitted at once by whoever was ever verified (M-710), held until the face check by anybody else (M-708).
    pub async fn apply(&self, actor: &Actor, input: SubmitApplication) -> UseResult<Applied> {
        let permit = self
            .guard
            .permit(actor, Room::Financing, Action::Submit)
            .await?;
        let city = self.city(actor)?;
        self.sealer.ready(actor.city.0).await?;
        let mut work = self.store.begin(&permit).await?;
        let at = self.clock.now();
        if submit::claim(&mut *work, &input, at).await? {
            return applied_before(&mut *work, input.draft).await;
        }
        let draft = work.drafts().draft(input.draft).await?;
        let draft = draft.ok_or_else(UseError::not_found)?;
        submit::still_a_draft(&draft, input.version)?;
        let standing = work.enterprises().standing(actor.user).await?;
        if standing.is_some_and(|s| s.face_verified) {
            let submitted = self
                .submit_draft(actor, &city, work, draft, &input, at)
                .await?;
            return Ok(Applied::Submitted(submitted));
        }
        self.hold(actor, &city, &mut *work, draft, &input, at)
            .await?;
        work.commit().await?;
        Ok(Applied::PendingFace {
            application: input.draft,
            replay: false,
        })
    }

    async fn hold(
        &self,
        actor: &Actor,
        city: &City,
        work: &mut dyn UnitOfWork,
        draft: Draft,
        input: &SubmitApplication,
        at: OffsetDateTime,
    ) -> UseResult<()> {
        let offer = self.recheck(work, city, &draft, input, at).await?;
        let mut application = draft.application;
        let record = application.record();
        let (id, enterprise) = (record.id, record.enterprise);
        if work.own_data().closing(enterprise).await?.is_some() {
            return Err(UseError::conflict("closing.no_new_request"));
        }
        let source = work
            .enterprises()
            .dossier_source(enterprise, actor.user)
            .await?
            .ok_or_else(UseError::not_found)?;
        submit::not_frozen(&source)?;
        // No number is taken: this one only fills the place of the number to come.
        let none = ApplicationNumber::new(local_date(at), 1)
            .ok_or_else(|| UseError::bug("a day without numbers"))?;
        let facts = Submission {
            profile_complete: source.facts.completed_at.is_some(),
            face_verified: false,
            product: Some(&offer.range),
            branch_carries: true,
            number: &none,
        };
        let event = application.submit_pending_face(acting(actor), &facts, at)?;
        let held = Held {
            channel: actor.from.channel.to_owned(),
            ip: actor.from.ip.clone(),
            at,
            confirm_duplicate: input.confirm_duplicate,
        };
        work.drafts().hold(id, &held).await?;
        work.financing_applications()
            .save(&application, &event)
            .await?;
        let entry = AuditEntry::by(actor, self.clock.new_id(), "application.hold", id, at);
        work.audit().write(entry).await?;
        work.idempotency()
            .answer(submit::ACTION, &input.key, json!({ "application": id.0 }))
            .await?;
        Ok(())
    }

    /// What of this enterprise waits for the face check, newest first.
    pub async fn pending_face(&self, actor: &Actor) -> UseResult<Vec<DraftLine>> {
        let permit = self
            .guard
            .permit(actor, Room::Financing, Action::View)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let waiting = work.drafts().pending_face().await?;
        Ok(waiting.into_iter().map(DraftLine::from).collect())
    }

    /// 核身通过 (row 4): submits what this person holds back. Whether they passed is read here, and told by nobody.
    pub async fn pass_face(&self, actor: &Actor) -> UseResult<AfterFace> {
        let permit = self
            .guard
            .permit(actor, Room::Financing, Action::Submit)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let standing = work.enterprises().standing(actor.user).await?;
        let mut after = AfterFace::default();
        if !standing.is_some_and(|s| s.face_verified) {
            return Ok(after);
        }
        let waiting = work.drafts().pending_face().await?;
        drop(work);
        let own = waiting
            .iter()
            .map(|draft| draft.application.record())
            .filter(|record| record.created_by == actor.user)
            .map(|record| record.id);
        for id in own {
            match self.release(actor, id).await {
                Ok(Some(submitted)) => after.submitted.push(submitted),
                Ok(None) => {}
                Err(error) if passes(&error) => {}
                Err(error) if matches!(error.kind, Kind::Conflict | Kind::Invalid) => {
                    self.leave_face(actor, id).await?;
                    after.returned.push((id, error));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(after)
    }

    /// One request of whoever acts, unless somebody else was faster or nobody's check stands any more.
    pub(super) async fn release(
        &self,
        actor: &Actor,
        id: FinancingApplicationId,
    ) -> UseResult<Option<Submitted>> {
        let permit = self
            .guard
            .permit(actor, Room::Financing, Action::Submit)
            .await?;
        let city = self.city(actor)?;
        self.sealer.ready(actor.city.0).await?;
        let mut work = self.store.begin(&permit).await?;
        let at = self.clock.now();
        let found = work.drafts().draft(id).await?;
        let Some(draft) = found.filter(|d| d.application.record().stage == Stage::PendingFace)
        else {
            return Ok(None);
        };
        let enterprise = draft.application.record().enterprise;
        let source = work
            .enterprises()
            .dossier_source(enterprise, actor.user)
            .await?
            .ok_or_else(UseError::not_found)?;
        if !source.face_verified {
            return Ok(None);
        }
        let held = draft.held.clone().unwrap_or_else(|| Held::now(actor, at));
        let input = SubmitApplication {
            draft: id,
            version: draft.application.record().version,
            confirm_duplicate: held.confirm_duplicate,
            key: id.to_string(),
            body_hash: [0; 32],
        };
        let offer = self.recheck(&mut *work, &city, &draft, &input, at).await?;
        let mut application = draft.application;
        if work.own_data().closing(enterprise).await?.is_some() {
            return Err(UseError::conflict("closing.no_new_request"));
        }
        submit::not_frozen(&source)?;
        let mut papers = self.papers(actor, &city, &application, &offer, &source, &input, at)?;
        papers.action = PASS;
        let kept = renew::materials(&mut *work, application.record(), at).await?;
        papers.files.extend(kept);
        for consent in &mut papers.consents {
            consent.channel.clone_from(&held.channel);
            consent.ip.clone_from(&held.ip);
            consent.at = held.at;
        }
        work.submissions().hand_over(&papers).await?;
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
        let calendar = city.work_calendar(&*self.lists.calendar);
        let event = application.pass_face(&facts, &clocks(&city, &calendar), at)?;
        work.financing_applications()
            .save(&application, &event)
            .await
            .map_err(renew::place_taken)?;
        work.commit().await?;
        Ok(Some(Submitted {
            application: id,
            number: number.to_string(),
            replay: false,
        }))
    }

    /// Back to a draft (row 5): what was typed is kept.
    pub async fn leave_face(&self, actor: &Actor, id: FinancingApplicationId) -> UseResult<()> {
        let permit = self
            .guard
            .permit(actor, Room::Financing, Action::Submit)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let at = self.clock.now();
        let found = work.drafts().draft(id).await?;
        let mut application = found.ok_or_else(UseError::not_found)?.application;
        if application.record().stage != Stage::PendingFace {
            return Err(UseError::not_found());
        }
        let event = application.leave_face(acting(actor), at)?;
        work.financing_applications()
            .save(&application, &event)
            .await?;
        Ok(work.commit().await?)
    }
}

/// Somebody else moved it in this moment: nothing about the request itself is wrong, and it is tried again.
pub(super) fn passes(error: &UseError) -> bool {
    error.kind == Kind::Conflict && matches!(error.code, "stale" | "conflict")
}

async fn applied_before(
    work: &mut dyn UnitOfWork,
    id: FinancingApplicationId,
) -> UseResult<Applied> {
    let application = work.application_board().one(id).await?;
    let application = application.ok_or_else(UseError::not_found)?;
    Ok(match &application.record().number {
        Some(number) => Applied::Submitted(Submitted {
            application: id,
            number: number.to_string(),
            replay: true,
        }),
        None => Applied::PendingFace {
            application: id,
            replay: true,
        },
    })
}

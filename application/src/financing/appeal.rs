//! 复议 asked by the enterprise (row 23), and its answer to a 跨支行转派 (row 17): headquarters decides on both.

use domain::{
    ids::{FileId, FinancingApplicationId},
    values::FreeText,
};
use serde_json::json;
use time::OffsetDateTime;

use super::{Financing, clocks, loan::locked};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, FieldError, Kind, UseError, UseResult},
    files::{Files, UploadFor},
    lending::note,
    once::Once,
    ports::{
        audit::AuditEntry,
        dossiers::{APPEAL_MATERIAL, DossierFile},
        moves::{MoveRequest, MoveStatus},
        reconsiderations::{Reconsideration, ReconsiderationStatus},
        store::{StoreError, UnitOfWork},
    },
};

/// Files that a 复议申请 may bring.
pub const APPEAL_FILES: usize = 5;
const ASK: &str = "financing.ask_reconsideration";

/// A file of a 复议申请, and the field at which it is told when it does not fit.
#[derive(Clone, Debug)]
pub struct AppealMaterial {
    pub field: String,
    pub bytes: Vec<u8>,
}

/// 复议申请 as the form says it.
#[derive(Clone, Debug)]
pub struct AskReconsideration {
    pub application: FinancingApplicationId,
    pub facts: String,
    /// New material, [`APPEAL_FILES`] at most, in order.
    pub materials: Vec<AppealMaterial>,
    pub once: Once,
}

/// 同意 or 不同意 of a 跨支行转派.
#[derive(Clone, Debug)]
pub struct AnswerMove {
    pub application: FinancingApplicationId,
    /// `None`: nothing was chosen.
    pub agreed: Option<bool>,
    pub note: String,
    pub once: Once,
}

/// What stands beside a refused request.
#[derive(Clone, Debug, Default)]
pub struct AppealSheet {
    pub asked: Option<Reconsideration>,
    /// Until when it may be asked; `None`: not now.
    pub may_ask: bool,
    pub until: Option<OffsetDateTime>,
}

impl Financing {
    /// Asks once; the files become part of what the bank was given, as those of 退回补充 do.
    pub async fn ask_reconsideration(
        &self,
        files: &Files,
        actor: &Actor,
        ask: AskReconsideration,
    ) -> UseResult<()> {
        let permit = self.guard.permit(actor, Room::Appeal, Action::Ask).await?;
        let mut checks = Checks::default();
        let facts = checks.take("facts", FreeText::<1000>::parse(&ask.facts));
        if let Some(one) = ask.materials.get(APPEAL_FILES) {
            let many = FieldError::new(&one.field, "appeal.too_many_files");
            checks.push(many.with("max", APPEAL_FILES));
        }
        let Some(facts) = facts.filter(|_| checks.is_empty()) else {
            return Err(checks.into_error());
        };
        let asked = Reconsideration {
            application: ask.application,
            facts: facts.as_str().to_owned(),
            asked_by: actor.user,
            asked_name: actor.name.clone(),
            asked_at: self.clock.now(),
            status: ReconsiderationStatus::Open,
            note: String::new(),
        };
        // Before anything is stored for it.
        let mut work = self.store.begin(&permit).await?;
        let fits = self.fits(&mut *work, actor, &asked, &ask.once).await?;
        drop(work);
        if !fits {
            return Ok(());
        }
        let kept = keep_all(files, actor, ask.materials).await?;
        let outcome = self
            .put_down(&permit, actor, (&asked, &kept), &ask.once)
            .await;
        let of_no_use = match &outcome {
            Ok(done) => !done,
            // Refused for good, and not an unclear commit.
            Err(error) => matches!(error.kind, Kind::Invalid | Kind::NotFound | Kind::Conflict),
        };
        if of_no_use {
            take_all_back(files, actor, &kept).await?;
        }
        outcome.map(|_| ())
    }

    /// Whether it may be asked now, however long its files took to come; `false` when exactly this was asked before.
    async fn fits(
        &self,
        work: &mut dyn UnitOfWork,
        actor: &Actor,
        asked: &Reconsideration,
        once: &Once,
    ) -> UseResult<bool> {
        let city = self.city(actor)?;
        let calendar = city.work_calendar(&*self.lists.calendar);
        if once.replayed(work, ASK, asked.asked_at).await?.is_some() {
            return Ok(false);
        }
        let application = locked(work, asked.application).await?;
        // Only now: whoever had the row before may have ended the consents.
        let now = self.clock.now();
        application.may_ask_reconsideration(&asked.facts, &clocks(&city, &calendar), now)?;
        Ok(true)
    }

    async fn put_down(
        &self,
        permit: &Permit,
        actor: &Actor,
        (asked, kept): (&Reconsideration, &[FileId]),
        once: &Once,
    ) -> UseResult<bool> {
        let (id, at) = (asked.application, asked.asked_at);
        let mut work = self.store.begin(permit).await?;
        if !self.fits(&mut *work, actor, asked, once).await? {
            return Ok(false);
        }
        match work.reconsiderations().ask_reconsideration(asked).await {
            Err(StoreError::Conflict(_)) => {
                return Err(UseError::conflict("financing.already_reconsidered"));
            }
            done => done?,
        }
        for (file, number) in kept.iter().zip(1..) {
            give(&mut *work, asked, (*file, number)).await?;
        }
        let told = self.clock.new_id();
        let what = ("reconsideration_asked", id.0);
        note(&mut *work, told, id, what, None, at).await?;
        let entry = AuditEntry::by(actor, self.clock.new_id(), ASK, id, at)
            .detail(json!({ "files": kept.len() }));
        work.audit().write(entry).await?;
        let answer = json!({ "application": id.0 });
        once.done(&mut *work, ASK, answer).await?;
        work.commit().await?;
        Ok(true)
    }

    /// The question that waits for this enterprise's answer.
    pub async fn waiting_move(
        &self,
        actor: &Actor,
        id: FinancingApplicationId,
    ) -> UseResult<MoveRequest> {
        let permit = self
            .guard
            .permit(actor, Room::Dispatch, Action::Confirm)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let own = work.application_board().one(id).await?;
        own.ok_or_else(UseError::not_found)?;
        let running = work.moves().running_move(id).await?;
        running
            .filter(|ask| ask.status == MoveStatus::Open)
            .ok_or_else(|| UseError::conflict("financing.no_move_asked"))
    }

    pub async fn answer_move(&self, actor: &Actor, ask: AnswerMove) -> UseResult<()> {
        const ACTION: &str = "financing.answer_move";
        let permit = self
            .guard
            .permit(actor, Room::Dispatch, Action::Confirm)
            .await?;
        let mut checks = Checks::default();
        let said = checks.take("move_note", FreeText::<300>::parse_optional(&ask.note));
        if ask.agreed.is_none() {
            checks.push(FieldError::new("agreed", "financing.move_not_chosen"));
        }
        let (Some(said), Some(agreed)) = (said, ask.agreed) else {
            return Err(checks.into_error());
        };
        let at = self.clock.now();
        let mut work = self.store.begin(&permit).await?;
        if ask.once.replayed(&mut *work, ACTION, at).await?.is_some() {
            return Ok(());
        }
        let id = ask.application;
        locked(&mut *work, id).await?;
        let running = work.moves().running_move(id).await?;
        let running = running.ok_or_else(|| UseError::conflict("financing.no_move_asked"))?;
        let text = said.map_or(String::new(), |t| t.as_str().to_owned());
        if !work
            .moves()
            .answer_move(running.id, agreed, &text, at)
            .await?
        {
            return Err(UseError::conflict("financing.no_move_asked"));
        }
        let payload = json!({
            "application": id.0, "move": running.id, "agreed": agreed, "branch": running.to_branch_name,
        });
        work.outbox()
            .push(self.clock.new_id(), "move.answered", payload, at)
            .await?;
        let entry = AuditEntry::by(actor, self.clock.new_id(), ACTION, id, at)
            .detail(json!({ "move": running.id, "agreed": agreed }));
        work.audit().write(entry).await?;
        let answer = json!({ "move": running.id });
        ask.once.done(&mut *work, ACTION, answer).await?;
        Ok(work.commit().await?)
    }
}

/// Keeps all files, or none.
async fn keep_all(
    files: &Files,
    actor: &Actor,
    materials: Vec<AppealMaterial>,
) -> UseResult<Vec<FileId>> {
    let mut kept = Vec::new();
    for one in materials {
        let what = UploadFor::Material(APPEAL_MATERIAL.to_owned());
        match files.keep(actor, what, &one.field, one.bytes).await {
            Ok(file) => kept.push(file.id),
            Err(error) => {
                take_all_back(files, actor, &kept).await?;
                return Err(error);
            }
        }
    }
    Ok(kept)
}

async fn take_all_back(files: &Files, actor: &Actor, kept: &[FileId]) -> UseResult<()> {
    for file in kept {
        files.take_back(actor, *file).await?;
    }
    Ok(())
}

/// A file that the bank reads beside the new facts.
async fn give(
    work: &mut dyn UnitOfWork,
    asked: &Reconsideration,
    (id, number): (FileId, usize),
) -> UseResult<()> {
    let file = work.enterprise_files().current_file(id).await?;
    let file = file.ok_or_else(UseError::not_found)?;
    let given = DossierFile {
        id,
        kind: file.kind,
        label: format!("复议材料 {number}"),
        object_key: file.object_key,
        media_type: file.media_type,
        round: 0,
        added_at: asked.asked_at,
        scan: file.scan,
    };
    Ok(work.dossiers().add_file(asked.application, &given).await?)
}

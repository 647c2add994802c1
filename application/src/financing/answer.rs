//! 补充提交 (row 14): every required item has its file or its words, then the bank goes on with the time that was left.

use domain::{
    financing::{FinancingApplication, Stage},
    ids::{FileId, FinancingApplicationId, SupplementItemId},
    values::FreeText,
};
use serde_json::json;
use time::OffsetDateTime;

use super::{Financing, acting, announcement, clocks};
use crate::{
    access::{Action, Actor, Room},
    error::{Checks, FieldError, UseError, UseResult},
    files::KeptFile,
    ports::{
        dossiers::{DossierFile, SupplementItem},
        store::UnitOfWork,
    },
};

/// 补充清单 of the round that waits for an answer.
#[derive(Clone, Debug)]
pub struct SupplementTask {
    pub round: i32,
    pub items: Vec<SupplementItem>,
    /// Afterwards the request expires (row 15).
    pub due_at: Option<OffsetDateTime>,
    /// 给受理支行的说明, as it was kept.
    pub note: String,
    /// What is known of the files of the items; one that is not among them is gone.
    pub kept: Vec<KeptFile>,
}

impl SupplementTask {
    pub(super) fn of(application: &FinancingApplication, items: &[SupplementItem]) -> Option<Self> {
        let record = application.record();
        if record.stage != Stage::NeedSupplement {
            return None;
        }
        let round = i32::from(record.supplement_rounds);
        Some(Self {
            round,
            items: items.iter().filter(|i| i.round == round).cloned().collect(),
            due_at: record.due_at,
            note: String::new(),
            kept: Vec::new(),
        })
    }
}

/// The answer to one item.
#[derive(Clone, Debug)]
pub struct ItemAnswer {
    pub item: SupplementItemId,
    pub text: String,
}

/// 补充提交.
#[derive(Clone, Debug)]
pub struct AnswerSupplement {
    pub application: FinancingApplicationId,
    pub answers: Vec<ItemAnswer>,
    pub note: String,
    pub how: Sending,
    pub key: String,
    pub body_hash: [u8; 32],
}

/// What pressing the button means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sending {
    /// 暂存: keep what was written and uploaded, send it later.
    Keep,
    /// 补充提交.
    Send,
    /// 补充提交 with a file that was refused: everything else that is wrong is told in the same answer.
    Check,
}

const ACTION: &str = "financing.answer";

/// The name of an item's text field.
pub(super) fn text_field(item: &SupplementItem) -> String {
    format!("text_{}", item.id)
}

impl Financing {
    pub async fn answer(&self, actor: &Actor, input: AnswerSupplement) -> UseResult<()> {
        let permit = self
            .guard
            .permit(actor, Room::Financing, Action::Answer)
            .await?;
        let city = self.city(actor)?;
        let mut work = self.store.begin(&permit).await?;
        let at = self.clock.now();
        if input.how == Sending::Send {
            let claim = work
                .idempotency()
                .claim(ACTION, &input.key, &input.body_hash, at)
                .await?;
            if claim.replayed()?.is_some() {
                return Ok(());
            }
        }
        let (mut application, task) = waiting(&mut *work, input.application).await?;
        let mut checks = Checks::default();
        let items = worded(&task, &input, &mut checks);
        let note = checks.take("note", FreeText::<500>::parse_optional(&input.note));
        if input.how != Sending::Keep {
            require(&items, &mut checks);
        }
        checks.finish()?;
        if input.how != Sending::Send {
            for item in &items {
                work.dossiers().answer_item(input.application, item).await?;
            }
            let note = note.flatten();
            let note = note.as_ref().map_or("", |n| n.as_str());
            work.dossiers()
                .keep_note(input.application, task.round, note)
                .await?;
            work.commit().await?;
            return Ok(());
        }
        work.dossiers()
            .keep_note(input.application, task.round, "")
            .await?;
        self.seal_round(&mut *work, &input, &items, at).await?;
        let calendar = city.work_calendar(&*self.lists.calendar);
        let note = note
            .flatten()
            .map_or(String::new(), |n| n.as_str().to_owned());
        let event = application.answer_supplement(
            acting(actor),
            Vec::new(),
            note,
            &clocks(&city, &calendar),
            at,
        )?;
        work.financing_applications()
            .save(&application, &event)
            .await?;
        work.outbox()
            .push(
                self.clock.new_id(),
                "application.event",
                announcement(&event),
                at,
            )
            .await?;
        work.idempotency()
            .answer(
                ACTION,
                &input.key,
                json!({ "application": input.application.0 }),
            )
            .await?;
        work.commit().await?;
        Ok(())
    }

    /// The answers stand, and their files become part of what the bank sees.
    async fn seal_round(
        &self,
        work: &mut dyn UnitOfWork,
        input: &AnswerSupplement,
        items: &[SupplementItem],
        at: OffsetDateTime,
    ) -> UseResult<()> {
        for item in items {
            let mut item = item.clone();
            let answered = !item.files.is_empty() || !item.answer.is_empty();
            item.answered_at = answered.then_some(at);
            work.dossiers()
                .answer_item(input.application, &item)
                .await?;
            for (place, id) in item.files.iter().enumerate() {
                give(work, input.application, &item, place, *id, at).await?;
            }
        }
        Ok(())
    }
}

/// A file of an answered item, handed over.
async fn give(
    work: &mut dyn UnitOfWork,
    application: FinancingApplicationId,
    item: &SupplementItem,
    place: usize,
    id: FileId,
    at: OffsetDateTime,
) -> UseResult<()> {
    let file = work.enterprise_files().current_file(id).await?;
    let file = file.ok_or_else(|| {
        let gone = FieldError::new(format!("file_{}", item.id), "supplement.page_gone");
        UseError::invalid(vec![gone.with("label", item.label_of(place))])
    })?;
    if work.dossiers().file(application, id).await?.is_some() {
        return Ok(());
    }
    let given = DossierFile {
        id,
        kind: file.kind,
        label: item.label_of(place),
        object_key: file.object_key,
        media_type: file.media_type,
        round: item.round,
        added_at: at,
        scan: file.scan,
    };
    Ok(work.dossiers().add_file(application, &given).await?)
}

pub(super) async fn waiting(
    work: &mut dyn UnitOfWork,
    id: FinancingApplicationId,
) -> UseResult<(FinancingApplication, SupplementTask)> {
    let found = work.financing_applications().find_for_update(id).await?;
    let application = found
        .filter(|a| !a.record().stage.is_before_submission())
        .ok_or_else(UseError::not_found)?;
    let items = work.dossiers().items(id).await?;
    let Some(task) = SupplementTask::of(&application, &items) else {
        let stage = application.record().stage.zh();
        return Err(UseError::conflict("financing.not_allowed").with("stage", stage));
    };
    Ok((application, task))
}

fn worded(
    task: &SupplementTask,
    input: &AnswerSupplement,
    checks: &mut Checks,
) -> Vec<SupplementItem> {
    task.items
        .iter()
        .map(|item| {
            let mut item = item.clone();
            if let Some(given) = input.answers.iter().find(|a| a.item == item.id) {
                match FreeText::<500>::parse_optional(&given.text) {
                    Ok(text) => {
                        item.answer = text.map_or(String::new(), |t| t.as_str().to_owned());
                    }
                    Err(error) => {
                        let mut field = FieldError::new(text_field(&item), error.code());
                        field.params = error.params();
                        checks.push(field);
                    }
                }
            }
            item
        })
        .collect()
}

fn require(items: &[SupplementItem], checks: &mut Checks) {
    for item in items.iter().filter(|i| i.required) {
        if item.files.is_empty() && item.answer.is_empty() {
            checks.push(
                FieldError::new(format!("file_{}", item.id), "supplement.item_missing")
                    .with("label", &item.label),
            );
        }
    }
}

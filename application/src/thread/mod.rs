//! Thread 沟通记录: what an enterprise and the bank write to each other about one application, so that contact is logged and no
//! phone number need be exposed (W25).

mod called;
mod files;
mod write;

use std::sync::Arc;

use domain::{
    financing::{ApplicationRecord, FinancingApplication},
    ids::FinancingApplicationId,
    tenant::TenantKind,
};
use serde_json::json;
use uuid::Uuid;

pub use called::TickOff;
pub use files::{Along, OpenLetterFile, OpenedLetterFile};
pub use write::{Content, WriteLetter};

use crate::{
    access::{Action, Actor, Room},
    audit::Watch,
    dossier::{Vault, is_open_to_bank},
    error::{UseError, UseResult},
    files::Files,
    mini::Screen,
    ports::{
        letters::{LetterRow, Side},
        store::{Store, StoreError, UnitOfWork},
    },
};

/// Letters of one person in an hour.
pub const PER_HOUR: i64 = 20;
/// Files, and their bytes, that a branch may send along with one application (S-26).
pub const FILES_PER_APPLICATION: i64 = 20;
pub const BYTES_PER_APPLICATION: i64 = 50 * 1024 * 1024;
/// Letters that the page shows.
const SHOWN: i64 = 200;

/// The room.
#[derive(Clone)]
pub struct ThreadRoom {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    /// Opens and marks what a branch sent along.
    pub vault: Vault,
    /// Makes safe and seals what either side sends along.
    pub files: Files,
    pub screen: Screen,
}

/// A thread as one side reads it.
#[derive(Clone, Debug)]
pub struct Thread {
    pub record: ApplicationRecord,
    pub side: Side,
    pub letters: Vec<LetterRow>,
    pub may_write: bool,
}

/// On which side somebody stands.
pub fn side_of(actor: &Actor) -> Side {
    if actor.enterprise.is_some() {
        Side::Enterprise
    } else {
        Side::Bank
    }
}

/// The application, if this person may read its thread.
async fn readable(
    work: &mut dyn UnitOfWork,
    actor: &Actor,
    id: FinancingApplicationId,
) -> UseResult<FinancingApplication> {
    if side_of(actor) == Side::Enterprise {
        let found = work.application_board().one(id).await?;
        return found
            .filter(|a| !a.record().stage.is_before_submission())
            .ok_or_else(UseError::not_found);
    }
    let found = work.branch_board().find(id).await?;
    let application = found.ok_or_else(UseError::not_found)?;
    if !is_open_to_bank(application.record().stage) {
        return Err(UseError::conflict("dossier.closed"));
    }
    Ok(application)
}

/// The enterprise itself, or the branch that holds it: headquarters reads, and leaves the talking to its branch.
fn takes_part(application: &FinancingApplication, actor: &Actor) -> bool {
    let record = application.record();
    let theirs = match side_of(actor) {
        Side::Enterprise => record.enterprise == actor.enterprise.unwrap_or(record.enterprise),
        Side::Bank => {
            actor.tenant_kind == TenantKind::Branch && record.handler == Some(actor.tenant)
        }
    };
    theirs && !record.stage.is_terminal()
}

async fn writable(
    work: &mut dyn UnitOfWork,
    actor: &Actor,
    id: FinancingApplicationId,
) -> UseResult<FinancingApplication> {
    let application = readable(work, actor, id).await?;
    if takes_part(&application, actor) {
        return Ok(application);
    }
    Err(UseError::conflict("thread.closed"))
}

/// Tells the other side after the commit; the letter itself stays where it is.
async fn announce(
    work: &mut dyn UnitOfWork,
    notice: Uuid,
    application: FinancingApplicationId,
    letter: &LetterRow,
    what: &str,
) -> Result<(), StoreError> {
    let payload = json!({
        "application": application.0,
        "letter": letter.id,
        "what": what,
    });
    work.outbox()
        .push(notice, "letter.sent", payload, letter.at)
        .await
}

impl ThreadRoom {
    pub async fn view(&self, actor: &Actor, id: FinancingApplicationId) -> UseResult<Thread> {
        let permit = self
            .watch
            .permit(actor, Room::Thread, Action::View, id)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let outcome = readable(&mut *work, actor, id).await;
        let application = self
            .watch
            .refused(actor, Room::Thread, Action::View, id, outcome)
            .await?;
        let letters = work.letters().letters(id, SHOWN).await?;
        drop(work);
        let may_write = takes_part(&application, actor)
            && self
                .watch
                .guard
                .may(actor, Room::Thread, Action::Save)
                .await;
        Ok(Thread {
            record: application.record().clone(),
            side: side_of(actor),
            letters,
            may_write,
        })
    }

    /// 标为已读.
    pub async fn read(&self, actor: &Actor, id: FinancingApplicationId) -> UseResult<()> {
        let permit = self
            .watch
            .permit(actor, Room::Thread, Action::Save, id)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let outcome = readable(&mut *work, actor, id).await;
        self.watch
            .refused(actor, Room::Thread, Action::Save, id, outcome)
            .await?;
        let at = self.watch.clock.now();
        work.letters().read_letters(id, side_of(actor), at).await?;
        Ok(work.commit().await?)
    }
}

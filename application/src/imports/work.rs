//! The worker that imports: row by row, each in a transaction of its own; whoever was killed is followed by another, and no
//! row counts twice.

use std::{collections::HashMap, sync::Arc};

use domain::{
    ids::{FinancingApplicationId, UserId},
    tenant::TenantKind,
};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use time::Duration;
use uuid::Uuid;

use super::{
    ENDED, Imports, ask_of, cells, cells_place,
    layout::{ImportLine, Places},
    place,
};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{FieldError, Kind, UseError, UseResult},
    lending::Lending,
    once::Once,
    ports::{
        audit::AuditEntry,
        files::FileKey,
        imports::{BadRow, ImportKind, ImportStatus, StoredImport},
        people_now::PeopleNow,
        workbooks::{ReadCell, ReadRow},
    },
    referrals::Referrals,
    review::Seen,
    turns::Turns,
    visits::VisitRoom,
};

/// Rows between two notes of how far it is.
const NOTE_EVERY: usize = 20;
const LEASE: Duration = Duration::minutes(2);
const PAUSE: Duration = Duration::seconds(30);
const TRIES: i32 = 3;
/// Files of one round.
const ROUND: i64 = 2;

/// The worker.
#[derive(Clone)]
pub struct ImportWorker {
    pub room: Imports,
    pub people: Arc<dyn PeopleNow>,
    pub lending: Lending,
    pub referrals: Referrals,
    pub visits: VisitRoom,
}

/// Applications by their number, with the version that was read; each is good for one row.
type Known = HashMap<String, (FinancingApplicationId, i32)>;

/// A row of the file: as typed, and what it says.
struct Row {
    number: u32,
    cells: Vec<ReadCell>,
    line: UseResult<ImportLine>,
}

impl Row {
    fn read(import: &StoredImport, places: &Places, row: &ReadRow) -> Self {
        let cells = places.cells(row);
        Self {
            number: row.number,
            line: ImportLine::read(import.kind, &cells),
            cells,
        }
    }
}

/// Why it stopped before its last row.
enum Stop {
    /// Another worker has it.
    Lost,
    Later(UseError),
}

impl<E: Into<UseError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Later(error.into())
    }
}

impl ImportWorker {
    /// Works off what waits in the city of the permit; answers how many files were handled.
    pub async fn work_off(&self, city: &Permit) -> UseResult<usize> {
        let now = self.room.watch.clock.now();
        let mut work = self.room.store.begin(city).await?;
        let due = work.imports().imports_due(now, ROUND).await?;
        drop(work);
        let mut turns = Turns::default();
        for (id, asker) in &due {
            // One that cannot even be begun keeps nobody waiting behind it.
            let handled = self.one(city, *id, *asker).await;
            turns.take(&format!("import {id}"), handled.map(|()| 1));
        }
        turns.end()?;
        Ok(due.len())
    }

    async fn one(&self, city: &Permit, id: Uuid, asker: UserId) -> UseResult<()> {
        let guard = &self.room.watch.guard;
        // Whoever sent it must still be allowed to (S-10).
        let actor = self.people.staff(asker).await?;
        let permit = match &actor {
            Some(actor) => guard
                .permit(actor, sender_room(actor), Action::Import)
                .await
                .ok(),
            None => None,
        };
        let (Some(actor), Some(permit)) = (actor, permit) else {
            return self.end(city, id, "imports.asker_left").await;
        };
        let clock = &self.room.watch.clock;
        let now = clock.now();
        let mut work = self.room.store.begin(&permit).await?;
        let Some(mut import) = work.imports().take_import(id, now, now + LEASE).await? else {
            return Ok(());
        };
        work.commit().await?;
        if import.tries > TRIES {
            return self.end(city, id, "imports.gave_up").await;
        }
        match self.rows(&actor, &permit, &mut import).await {
            Ok(()) | Err(Stop::Lost) => Ok(()),
            Err(Stop::Later(error)) => {
                tracing::warn!(import = %id, tries = import.tries, code = error.code, source = ?error.source, "an import stopped");
                let again = clock.now() + PAUSE * import.tries;
                let mut work = self.room.store.begin(&permit).await?;
                work.imports().note_import(&import, &[], again).await?;
                Ok(work.commit().await?)
            }
        }
    }

    async fn end(&self, city: &Permit, id: Uuid, cause: &'static str) -> UseResult<()> {
        tracing::warn!(import = %id, cause, "an import ends before its last row");
        let at = self.room.watch.clock.now();
        let mut work = self.room.store.begin(city).await?;
        let key = work.imports().end_import(id, cause, at).await?;
        work.commit().await?;
        if let Some(key) = key.as_deref().and_then(FileKey::parse)
            && let Err(error) = self.room.vault.delete(city.city().0, &key).await
        {
            tracing::warn!(%error, "an object could not be removed");
        }
        Ok(())
    }

    async fn rows(
        &self,
        actor: &Actor,
        permit: &Permit,
        import: &mut StoredImport,
    ) -> Result<(), Stop> {
        let room = &self.room;
        let city = actor.city;
        room.sealer.ready(city.0).await?;
        let key = import.object_key.as_deref().and_then(FileKey::parse);
        let key = key.ok_or_else(|| UseError::bug("an import names no file"))?;
        let sealed = room.vault.get(city.0, &key).await.map_err(UseError::from)?;
        let sealed = sealed.ok_or_else(|| UseError::bug("the file of an import is gone"))?;
        let bytes = room.sealer.open(&place(city, import.id), &sealed)?;
        let sheet = room.workbooks.read(bytes, ask_of(import.kind)).await;
        let sheet = sheet.map_err(UseError::bug)?;
        let places = Places::of(import.kind, &sheet);
        // What was noted before is done; what came after it is told by its key, and not done twice.
        let done = usize::try_from(import.rows_done).unwrap_or(0);
        let rest = sheet.rows.get(done..).unwrap_or_default();
        for some in rest.chunks(NOTE_EVERY) {
            let mut bad = Vec::new();
            let (was_done, was_kept) = (import.rows_done, import.rows_kept);
            let some: Vec<Row> = some.iter().map(|r| Row::read(import, &places, r)).collect();
            let mut known = self.known(actor, &some).await?;
            for Row {
                number,
                cells,
                line,
            } in some
            {
                let taken = match line {
                    Ok(line) => self.take(actor, import, number, &line, &mut known).await,
                    Err(error) => Err(error),
                };
                match taken {
                    Ok(()) => import.rows_kept += 1,
                    Err(error) if is_the_rows(&error) => {
                        bad.push(self.told(actor, import.kind, number, &cells, &error)?);
                    }
                    Err(error) => {
                        (import.rows_done, import.rows_kept) = (was_done, was_kept);
                        return Err(Stop::Later(error));
                    }
                }
                import.rows_done += 1;
            }
            self.note(permit, import, &bad).await?;
        }
        self.finish(actor, permit, import).await?;
        if let Err(error) = room.vault.delete(city.0, &key).await {
            tracing::warn!(%error, "an object could not be removed");
        }
        Ok(())
    }

    async fn note(
        &self,
        permit: &Permit,
        import: &StoredImport,
        bad: &[BadRow],
    ) -> Result<(), Stop> {
        let until = self.room.watch.clock.now() + LEASE;
        let mut work = self.room.store.begin(permit).await?;
        if !work.imports().note_import(import, bad, until).await? {
            return Err(Stop::Lost);
        }
        Ok(work.commit().await?)
    }

    async fn finish(
        &self,
        actor: &Actor,
        permit: &Permit,
        import: &mut StoredImport,
    ) -> Result<(), Stop> {
        let at = self.room.watch.clock.now();
        import.status = ImportStatus::Done;
        import.object_key = None;
        import.ended_at = Some(at);
        let mut work = self.room.store.begin(permit).await?;
        if !work.imports().note_import(import, &[], at).await? {
            return Err(Stop::Lost);
        }
        let entry = AuditEntry::by(actor, self.room.watch.clock.new_id(), ENDED, import.id, at)
            .detail(json!({ "kept": import.rows_kept, "bad": import.rows_bad() }));
        work.audit().write(entry).await?;
        Ok(work.commit().await?)
    }

    /// One row, by the use case that the pages use too. When somebody else moved the application meanwhile, once more.
    async fn take(
        &self,
        actor: &Actor,
        import: &StoredImport,
        row: u32,
        line: &ImportLine,
        known: &mut Known,
    ) -> UseResult<()> {
        let first = self.once(actor, import, row, line, known).await;
        match first {
            Err(error) if matches!(error.code, "stale" | "review.moved_on") => {
                self.once(actor, import, row, line, known).await
            }
            other => other,
        }
    }

    async fn once(
        &self,
        actor: &Actor,
        import: &StoredImport,
        row: u32,
        line: &ImportLine,
        known: &mut Known,
    ) -> UseResult<()> {
        match line {
            ImportLine::Draw(line) => {
                let seen = self.seen(actor, import, row, &line.number, known).await?;
                self.lending
                    .draw_from_file(actor, &seen, line.draw.clone(), line.due_on)
                    .await
            }
            ImportLine::Repayment(line) => {
                let seen = self.seen(actor, import, row, &line.number, known).await?;
                self.lending
                    .repay_from_file(actor, &seen, line.principal, line.on)
                    .await
            }
            ImportLine::Referral(line) => {
                let once = once_of(import, row);
                self.referrals.take_in(actor, import.id, line, &once).await
            }
            ImportLine::Visit(line) => {
                let once = once_of(import, row);
                self.visits
                    .take_in(actor, (import.id, row), line, &once)
                    .await
            }
        }
    }

    /// The applications of some rows, in one question.
    async fn known(&self, actor: &Actor, rows: &[Row]) -> UseResult<Known> {
        let lines = rows.iter().filter_map(|row| row.line.as_ref().ok());
        let numbers: Vec<String> = lines
            .filter_map(ImportLine::number)
            .map(str::to_owned)
            .collect();
        if numbers.is_empty() {
            return Ok(Known::new());
        }
        match self.look_up(actor, &numbers).await {
            // Told row by row.
            Err(error) if is_the_rows(&error) => Ok(Known::new()),
            other => other,
        }
    }

    async fn look_up(&self, actor: &Actor, numbers: &[String]) -> UseResult<Known> {
        let guard = &self.room.watch.guard;
        let permit = guard.permit(actor, Room::Lending, Action::Record).await?;
        let mut work = self.room.store.begin(&permit).await?;
        Ok(work.lending().by_numbers(numbers).await?)
    }

    /// The application of a row as it is now, and the key by which a repeat of the row is known.
    async fn seen(
        &self,
        actor: &Actor,
        import: &StoredImport,
        row: u32,
        number: &str,
        known: &mut Known,
    ) -> UseResult<Seen> {
        // What was read for the first row of an application is old for the next one.
        let mut found = known.remove(number);
        if found.is_none() {
            let numbers = [number.to_owned()];
            found = self.look_up(actor, &numbers).await?.remove(number);
        }
        let (application, version) = found.ok_or_else(UseError::not_found)?;
        Ok(Seen {
            application,
            version,
            once: once_of(import, row),
        })
    }

    fn told(
        &self,
        actor: &Actor,
        kind: ImportKind,
        row: u32,
        cells: &[ReadCell],
        error: &UseError,
    ) -> UseResult<BadRow> {
        let (fault, params) = kept(faults(kind, error))
            .ok_or_else(|| UseError::bug("a row was refused without a fault"))?;
        let id = self.room.watch.clock.new_id();
        let typed: Vec<String> = cells.iter().map(cells::plain).collect();
        let plain = serde_json::to_vec(&typed).map_err(UseError::bug)?;
        let place = cells_place(actor.city, id);
        Ok(BadRow {
            id,
            number: i32::try_from(row).unwrap_or(i32::MAX),
            cells_sealed: self.room.sealer.seal(&place, &plain)?,
            field: fault.field,
            cause: fault.code.to_owned(),
            params,
        })
    }
}

/// The room that lets somebody send files: a city sends 走访清单 and nothing else, an institution never any; a province may send none.
fn sender_room(actor: &Actor) -> Room {
    match actor.tenant_kind {
        TenantKind::City => Room::Visits,
        TenantKind::Bank | TenantKind::Branch | TenantKind::Province => Room::Imports,
    }
}

/// The key by which a repeat of a row is known.
fn once_of(import: &StoredImport, row: u32) -> Once {
    let key = format!("imp-{}-{row}", import.id.simple());
    Once {
        body_hash: Sha256::digest(&key).into(),
        key,
    }
}

/// Told as a fault of the row; anything else is ours, and tried again later.
fn is_the_rows(error: &UseError) -> bool {
    matches!(
        error.kind,
        Kind::Invalid | Kind::Conflict | Kind::NotFound | Kind::Denied
    )
}

/// The faults of a row, each at the column that shows it.
fn faults(kind: ImportKind, error: &UseError) -> Vec<FieldError> {
    if !error.fields.is_empty() {
        return error.fields.clone();
    }
    // In words for somebody who reads a table: there is no page to look at again.
    let code = match (kind, error.kind, error.code) {
        (_, Kind::NotFound, _) => "imports.number_unknown",
        (ImportKind::Draws, _, "financing.not_allowed") => "imports.draws.not_allowed",
        (ImportKind::Repayments, _, "financing.not_allowed") => "imports.repayments.not_allowed",
        (_, _, "stale" | "review.moved_on") => "imports.moved_on",
        (_, _, code) => code,
    };
    let field = match (kind, code) {
        (ImportKind::Draws, "financing.draw_too_large") => "loan_amount",
        (ImportKind::Draws, "financing.draw_date_wrong") => "drawn_on",
        (ImportKind::Referrals | ImportKind::Visits, _) => "referral_code",
        _ => "number",
    };
    vec![FieldError {
        field: field.to_owned(),
        code,
        params: error.params.clone(),
    }]
}

/// Beside the first fault of a row stand the others, as parameters that no text names: `+1` is `field|code|name=value|…`.
fn kept(faults: Vec<FieldError>) -> Option<(FieldError, Vec<(String, String)>)> {
    let mut faults = faults.into_iter();
    let mut first = faults.next()?;
    let own = std::mem::take(&mut first.params);
    let mut params: Vec<(String, String)> = own
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    for (at, more) in (1..).zip(faults) {
        let mut text = format!("{}|{}", more.field, more.code);
        for (name, value) in &more.params {
            text.push_str(&format!("|{name}={}", value.replace('|', " ")));
        }
        params.push((format!("+{at}"), text));
    }
    Some((first, params))
}

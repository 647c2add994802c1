//! The worker that makes exports: row by row into a workbook, sealed and stored; whoever was killed is followed by another.

use std::sync::Arc;

use domain::{
    export::{ExportKind, ExportStatus},
    financing::Outcome,
    ids::UserId,
};
use time::Duration;
use uuid::Uuid;

use super::{
    Exports, KEPT, MOST_ROWS, place,
    sheet::{self, Facts},
};
use crate::{
    access::{Action, Actor, Permit, Room},
    city::Cities,
    desk::list::group_stages,
    dossier::{consents_end, ended, is_open_to_bank},
    error::{UseError, UseResult},
    ports::{
        dossiers::DossierFacts,
        exports::{ApplicationLine, RowCursor, StoredExport},
        people_now::PeopleNow,
        reference::WorkCalendarSource,
        store::UnitOfWork,
        view_log::ViewEntry,
        workbooks::{SheetWriter, Workbooks, WriteError},
    },
    turns::Turns,
};

/// Rows that one transaction reads.
const CHUNK: i64 = 500;
/// How long a worker that says nothing is believed alive.
const LEASE: Duration = Duration::minutes(2);
/// A failed try is repeated after as many times this as there were tries.
const PAUSE: Duration = Duration::seconds(30);
const TRIES: i32 = 3;
/// Exports of one round.
const ROUND: i64 = 5;
const MADE: &str = "export.made";
/// What the enterprise reads in its list of looks.
const FIELDS: &str = "导出：法定代表人姓名、身份证号、联系电话";

/// The worker.
#[derive(Clone)]
pub struct ExportMaker {
    pub room: Exports,
    pub people: Arc<dyn PeopleNow>,
    pub workbooks: Arc<dyn Workbooks>,
    pub cities: Arc<dyn Cities>,
    pub calendar: Arc<dyn WorkCalendarSource>,
}

/// Why one was not made.
enum Stop {
    /// Another worker has it.
    Lost,
    /// It will never succeed: the code of the reason.
    Never(&'static str),
    Later(UseError),
}

impl<E: Into<UseError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Later(error.into())
    }
}

impl From<WriteError> for UseError {
    fn from(error: WriteError) -> Self {
        Self::bug(error)
    }
}

impl ExportMaker {
    /// Makes what waits in the city of the permit; answers how many were handled.
    pub async fn work_off(&self, city: &Permit) -> UseResult<usize> {
        let now = self.room.watch.clock.now();
        let mut work = self.room.store.begin(city).await?;
        let due = work.exports().exports_due(now, ROUND).await?;
        drop(work);
        let mut turns = Turns::default();
        for (id, asker) in &due {
            // One that cannot even be begun keeps nobody waiting behind it.
            let handled = self.one(city, *id, *asker).await;
            turns.take(&format!("export {id}"), handled.map(|()| 1));
        }
        turns.end()?;
        Ok(due.len())
    }

    async fn one(&self, city: &Permit, id: Uuid, asker: UserId) -> UseResult<()> {
        // The file holds what its asker may see now, not when they asked (S-10).
        let actor = self.people.staff(asker).await?;
        let permit = match &actor {
            Some(actor) => self
                .room
                .watch
                .guard
                .permit(actor, Room::Exports, Action::Export)
                .await
                .ok(),
            None => None,
        };
        let (Some(actor), Some(permit)) = (actor, permit) else {
            return self.end(city, id, "exports.asker_left").await;
        };
        let clock = &self.room.watch.clock;
        let now = clock.now();
        let mut work = self.room.store.begin(&permit).await?;
        let Some(mut export) = work.exports().take_export(id, now, now + LEASE).await? else {
            return Ok(());
        };
        work.commit().await?;
        if export.tries > TRIES {
            return self.end(city, id, "exports.gave_up").await;
        }
        match self.make(&actor, &permit, &mut export).await {
            Ok(()) | Err(Stop::Lost) => Ok(()),
            Err(Stop::Never(cause)) => self.end(city, id, cause).await,
            Err(Stop::Later(error)) => {
                tracing::warn!(export = %id, tries = export.tries, code = error.code, source = ?error.source, "an export was not made");
                let again = clock.now() + PAUSE * export.tries;
                let mut work = self.room.store.begin(&permit).await?;
                work.exports().note_export(&export, again).await?;
                Ok(work.commit().await?)
            }
        }
    }

    async fn end(&self, city: &Permit, id: Uuid, cause: &'static str) -> UseResult<()> {
        tracing::warn!(export = %id, cause, "an export ends without a file");
        let mut work = self.room.store.begin(city).await?;
        work.exports().end_export(id, cause).await?;
        Ok(work.commit().await?)
    }

    async fn make(
        &self,
        actor: &Actor,
        permit: &Permit,
        export: &mut StoredExport,
    ) -> Result<(), Stop> {
        let room = &self.room;
        room.sealer.ready(actor.city.0).await?;
        let stages = group_stages(&export.filter.group);
        let mut work = room.store.begin(permit).await?;
        let kind = export.order.kind();
        let total = work
            .export_rows()
            .export_count(kind, &export.filter, stages)
            .await?;
        drop(work);
        if total > MOST_ROWS {
            return Err(Stop::Never("exports.too_many_rows"));
        }
        export.rows_total = i32::try_from(total).unwrap_or(i32::MAX);
        export.rows_done = 0;
        let plan = sheet::plan(export, room.watch.clock.now(), total);
        let mut writer = self.workbooks.begin(&plan)?;
        self.fill(actor, permit, export, &mut *writer).await?;
        let file = writer.finish().await?;
        self.keep(actor, permit, export, file).await
    }

    /// Every row, chunk by chunk.
    async fn fill(
        &self,
        actor: &Actor,
        permit: &Permit,
        export: &mut StoredExport,
        writer: &mut dyn SheetWriter,
    ) -> Result<(), Stop> {
        let mut after = None;
        loop {
            let mut work = self.room.store.begin(permit).await?;
            let (rows, last) = self.chunk(actor, &mut *work, export, after, writer).await?;
            // Rows that came meanwhile do not make it endless.
            let full = export.rows_done + rows > i32::try_from(MOST_ROWS).unwrap_or(i32::MAX);
            export.rows_done += rows;
            export.rows_total = export.rows_total.max(export.rows_done);
            let until = self.room.watch.clock.now() + LEASE;
            if !work.exports().note_export(export, until).await? {
                return Err(Stop::Lost);
            }
            work.commit().await?;
            after = last;
            if i64::from(rows) < CHUNK || full {
                return Ok(());
            }
        }
    }

    async fn chunk(
        &self,
        actor: &Actor,
        work: &mut dyn UnitOfWork,
        export: &StoredExport,
        after: Option<RowCursor>,
        writer: &mut dyn SheetWriter,
    ) -> Result<(i32, Option<RowCursor>), Stop> {
        let (kind, filter) = (export.order.kind(), &export.filter);
        if kind == ExportKind::Applications {
            let stages = group_stages(&filter.group);
            let lines = work
                .export_rows()
                .export_applications(filter, stages, after, CHUNK)
                .await?;
            for line in &lines {
                let facts = self.facts(actor, work, export, line).await?;
                writer.row(&sheet::application(line, &facts))?;
            }
            let last = lines.last().map(|line| RowCursor {
                at: line.submitted_at,
                id: line.id.0,
            });
            return Ok((count(lines.len()), last));
        }
        let lines = if kind == ExportKind::Draws {
            work.export_rows()
                .export_draws(filter, after, CHUNK)
                .await?
        } else {
            work.export_rows()
                .export_repayments(filter, after, CHUNK)
                .await?
        };
        for line in &lines {
            writer.row(&sheet::loan(kind, line))?;
        }
        Ok((count(lines.len()), lines.last().map(|line| line.cursor)))
    }

    /// Masked, or full with an entry that the enterprise can read, in the same transaction (S-30).
    async fn facts(
        &self,
        actor: &Actor,
        work: &mut dyn UnitOfWork,
        export: &StoredExport,
        line: &ApplicationLine,
    ) -> Result<Facts, Stop> {
        let Some(shown) = line.shown.clone().filter(|_| is_open_to_bank(line.stage)) else {
            return Ok(Facts::None);
        };
        // A consent that was withdrawn stops every further use (S-33), and so does the end of a request (B6).
        let open =
            !export.order.masked() && line.consent && !self.is_over(actor, work, line).await?;
        let Some(sealed) = line.sealed.as_ref().filter(|_| open) else {
            return Ok(Facts::Shown(Box::new(shown)));
        };
        let place = DossierFacts::place(actor.city, line.id);
        let plain = self.room.sealer.open(&place, sealed)?;
        let facts: DossierFacts = serde_json::from_slice(&plain).map_err(UseError::bug)?;
        let clock = &self.room.watch.clock;
        work.view_log()
            .write(ViewEntry {
                id: clock.new_id(),
                enterprise: line.enterprise,
                viewer: actor.user,
                viewer_name: actor.name.clone(),
                viewer_tenant: actor.tenant,
                viewer_node: actor.tenant_name.clone(),
                application: Some(line.id),
                fields: FIELDS.to_owned(),
                reason: export.order.reason().chars().take(100).collect(),
                request_id: export.number.clone(),
                at: clock.now(),
            })
            .await?;
        Ok(Facts::Full(Box::new(facts)))
    }

    /// Whether 资料授权 is over, as the dossier sees it: a worker notes it, and may be late.
    async fn is_over(
        &self,
        actor: &Actor,
        work: &mut dyn UnitOfWork,
        line: &ApplicationLine,
    ) -> UseResult<bool> {
        let city = self.cities.by_id(actor.city);
        let city = city.ok_or_else(UseError::not_found)?;
        let outcome = Outcome {
            stage: line.stage,
            reconsidered: line.reconsidered,
            decided_at: line.decided_at,
            updated_at: line.updated_at,
        };
        let end = consents_end(&city, &*self.calendar, outcome);
        let now = self.room.watch.clock.now();
        Ok(ended(work, line.id, end, now).await?.is_some())
    }

    /// Sealed, stored, and only then said to be there.
    async fn keep(
        &self,
        actor: &Actor,
        permit: &Permit,
        export: &mut StoredExport,
        file: Vec<u8>,
    ) -> Result<(), Stop> {
        let (room, city) = (&self.room, actor.city.0);
        let sealed = room.sealer.seal(&place(actor.city, export.id), &file)?;
        let key = room.vault.put(city, sealed).await.map_err(UseError::from)?;
        let at = room.watch.clock.now();
        export.object_key = Some(key.as_str().to_owned());
        export.byte_size = i32::try_from(file.len()).unwrap_or(i32::MAX);
        export.made_at = Some(at);
        export.expires_at = Some(at + KEPT);
        let stopped = match self.save(actor, permit, export).await {
            // An unclear commit may have been one: its object stays, and only the collector of orphans takes it away.
            Ok(Some(work)) => return Ok(work.commit().await?),
            Ok(None) => Stop::Lost,
            Err(error) => error.into(),
        };
        if let Err(error) = room.vault.delete(city, &key).await {
            tracing::warn!(%error, "an object could not be removed");
        }
        Err(stopped)
    }

    async fn save(
        &self,
        actor: &Actor,
        permit: &Permit,
        export: &StoredExport,
    ) -> UseResult<Option<Box<dyn UnitOfWork>>> {
        let mut work = self.room.store.begin(permit).await?;
        if !work.exports().save_made(export).await? {
            return Ok(None);
        }
        debug_assert_ne!(export.order.status(), ExportStatus::ToCheck);
        let at = self.room.watch.clock.now();
        self.room.note(&mut *work, actor, MADE, export, at).await?;
        Ok(Some(work))
    }
}

fn count(rows: usize) -> i32 {
    i32::try_from(rows).unwrap_or(i32::MAX)
}

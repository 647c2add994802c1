//! The worker that makes an export of one's own data: chapter by chapter under the enterprise's own hat, so that the walls
//! themselves see to it that nobody else's row is in it. Whoever was killed is followed by another.

use std::sync::Arc;

use domain::ids::{TenantId, UserId};
use serde_json::{Map, Value, json};
use time::Duration;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::{
    enclosed::{self, Enclosed},
    export::{Exports, KEPT, place},
    notices,
};
use crate::{
    access::{Actor, Permit},
    city::{Cities, City},
    error::{UseError, UseResult},
    memory::bytes_of,
    ports::{
        audit::AuditEntry,
        data_book::{ArchiveFile, DataBook, PaperPrinter},
        own_data::{Chapter, OwnExport},
        people_now::PeopleNow,
        reference::Regions,
        store::UnitOfWork,
    },
    profile::{ProfileDraft, open_facts},
};

/// How long a worker that says nothing is believed alive.
const LEASE: Duration = Duration::minutes(2);
/// A failed try is repeated after as many times this as there were tries.
const PAUSE: Duration = Duration::seconds(30);
const TRIES: i32 = 3;
/// Exports of one round.
const ROUND: i64 = 5;
/// What an archive says of a file beside its bytes, twice.
const HEAD: usize = 512;
/// Archives that this process makes at once, of whatever city: each one lies in memory whole, and for a while sealed as well.
static PLACES: Semaphore = Semaphore::const_new(1);
const MADE: &str = "account.export.made";

/// The worker.
#[derive(Clone)]
pub struct OwnPacker {
    pub room: Exports,
    pub people: Arc<dyn PeopleNow>,
    pub cities: Arc<dyn Cities>,
    pub book: Arc<dyn DataBook>,
    pub printer: Arc<dyn PaperPrinter>,
    pub regions: Arc<dyn Regions>,
}

impl OwnPacker {
    /// Makes what waits in the city of the permit; answers how many were handled.
    pub async fn work_off(&self, city: &Permit) -> UseResult<usize> {
        let store = &self.room.own.store;
        let now = self.room.own.sign_in.tools.clock.now();
        let mut work = store.begin(city).await?;
        let due = work.closings().own_exports_due(now, ROUND).await?;
        drop(work);
        for (id, asker) in &due {
            // One that cannot even be begun keeps nobody waiting behind it.
            if let Err(error) = self.one(city, *id, *asker).await {
                tracing::warn!(export = %id, code = error.code, source = ?error.source, "an export of own data could not be begun");
            }
        }
        Ok(due.len())
    }

    async fn one(&self, city: &Permit, id: Uuid, asker: UserId) -> UseResult<()> {
        // Before the lease begins: it does not run out while another city's archive is made.
        let _place = PLACES.acquire().await.map_err(UseError::bug)?;
        // The archive holds what its asker may see now, not when they asked (S-10).
        let actor = self.people.of_enterprise(asker).await?;
        let permit = match &actor {
            Some(actor) => self.room.permit(actor).await.ok(),
            None => None,
        };
        let (Some(actor), Some(permit)) = (actor, permit) else {
            return self.end(city, id).await;
        };
        let now = self.room.own.sign_in.tools.clock.now();
        let mut work = self.room.own.store.begin(&permit).await?;
        let taken = work.own_data().take_own_export(id, now, now + LEASE);
        let Some(export) = taken.await? else {
            return Ok(());
        };
        work.commit().await?;
        if export.tries > TRIES {
            return self.end(city, id).await;
        }
        if let Err(error) = self.make(&actor, &permit, &export).await {
            tracing::warn!(export = %id, tries = export.tries, code = error.code, source = ?error.source, "an export of own data was not made");
            let mut work = self.room.own.store.begin(&permit).await?;
            let again = now + PAUSE * export.tries;
            work.own_data().note_own_export(&export, 0, again).await?;
            work.commit().await?;
        }
        Ok(())
    }

    async fn end(&self, city: &Permit, id: Uuid) -> UseResult<()> {
        tracing::warn!(export = %id, "an export of own data ends without a file");
        let mut work = self.room.own.store.begin(city).await?;
        if let Some(enterprise) = work.closings().own_export_failed(id).await? {
            let clock = &self.room.own.sign_in.tools.clock;
            let payload = json!({ "enterprise": enterprise.0 });
            work.outbox()
                .push(clock.new_id(), notices::NOT_EXPORTED, payload, clock.now())
                .await?;
        }
        Ok(work.commit().await?)
    }

    async fn make(&self, actor: &Actor, permit: &Permit, export: &OwnExport) -> UseResult<()> {
        let tools = &self.room.own.sign_in.tools;
        tools.sealer.ready(actor.city.0).await?;
        let packed = self.pack(actor, permit, export).await?;
        let sealed = tools.sealer.seal(&place(actor.city, export.id), &packed)?;
        let vault = &self.room.files.vault;
        let key = vault.put(actor.city.0, sealed).await?;
        let made = OwnExport {
            object_key: Some(key.as_str().to_owned()),
            byte_size: i32::try_from(packed.len()).map_err(UseError::bug)?,
            expires_at: tools.clock.now() + KEPT,
            ..export.clone()
        };
        let outcome = match self.save(actor, permit, &made).await {
            // An unclear commit may have been one: its object stays, and only the collector of orphans takes it away.
            Ok(Some(work)) => return Ok(work.commit().await?),
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = vault.delete(actor.city.0, &key).await {
            tracing::warn!(%error, "an object could not be removed");
        }
        outcome
    }

    /// Sealed, stored, and only then said to be there.
    async fn save(
        &self,
        actor: &Actor,
        permit: &Permit,
        made: &OwnExport,
    ) -> UseResult<Option<Box<dyn UnitOfWork>>> {
        let clock = &self.room.own.sign_in.tools.clock;
        let at = clock.now();
        let mut work = self.room.own.store.begin(permit).await?;
        if !work.own_data().own_export_made(made).await? {
            return Ok(None);
        }
        let entry = AuditEntry::by(actor, clock.new_id(), MADE, made.id, at);
        work.audit().write(entry).await?;
        let payload = json!({
            "enterprise": made.enterprise.0,
            "until": crate::outbox::letters::moment(Some(made.expires_at)),
        });
        work.outbox()
            .push(clock.new_id(), notices::EXPORTED, payload, at)
            .await?;
        Ok(Some(work))
    }

    /// Every chapter, each noted when it is there.
    async fn chapters(&self, permit: &Permit, export: &OwnExport) -> UseResult<Map<String, Value>> {
        let mut chapters = Map::new();
        for (done, chapter) in (1..).zip(Chapter::ALL) {
            let mut work = self.room.own.store.begin(permit).await?;
            let rows = work.own_data().chapter(*chapter, export.enterprise).await?;
            chapters.insert(chapter.code().to_owned(), Value::Array(rows));
            self.still_ours(&mut *work, export, done).await?;
            work.commit().await?;
        }
        Ok(chapters)
    }

    /// How far it is; ends the try when another worker has it now.
    async fn still_ours(
        &self,
        work: &mut dyn UnitOfWork,
        export: &OwnExport,
        done: i32,
    ) -> UseResult<()> {
        let until = self.room.own.sign_in.tools.clock.now() + LEASE;
        if work.own_data().note_own_export(export, done, until).await? {
            return Ok(());
        }
        Err(UseError::bug("the export is another worker's now"))
    }

    async fn pack(&self, actor: &Actor, permit: &Permit, export: &OwnExport) -> UseResult<Vec<u8>> {
        let city = self.cities.by_id(actor.city);
        let city = city.ok_or_else(UseError::not_found)?;
        let mut chapters = self.chapters(permit, export).await?;
        let own = &self.room.own;
        let mut work = own.store.begin(permit).await?;
        let facts = work.enterprises().facts(export.enterprise).await?;
        let facts = facts.ok_or_else(UseError::not_found)?;
        drop(work);
        let opened = open_facts(&*own.sign_in.tools.sealer, actor.city, &facts)?;
        let phone = own.phone(actor).await?;
        if let Some(row) = chapters["enterprise"].get_mut(0) {
            row["legal_id"] = json!(opened.legal_id.map(|id| id.as_str().to_owned()));
            row["contact_phone"] = json!(opened.contact_phone.map(|p| p.as_str().to_owned()));
            row["email"] = json!(opened.email.map(|e| e.as_str().to_owned()));
            row["account_phone"] = json!(phone.as_str());
            let regions = self.regions.of(city.id);
            row["region"] = json!(regions.full_name(&opened.region_code));
        }
        let draft = &mut chapters[Chapter::ProfileDraft.code()];
        self.open_draft(actor, permit, draft).await?;
        let along = self.enclose(&mut chapters, city.id, permit, export).await?;
        let now = own.sign_in.tools.clock.now();
        let data = json!({
            "platform": city.name,
            "made_for": actor.name,
            "made_at": crate::outbox::letters::moment(Some(now)),
            "time_zone": "Asia/Shanghai",
            "chapters": chapters,
        });
        self.archive(&city, &data, &along, permit, export).await
    }

    /// 完善信息草稿 of whoever asked, as it was typed; what the form chooses by code is named as well.
    async fn open_draft(&self, actor: &Actor, permit: &Permit, rows: &mut Value) -> UseResult<()> {
        let mut work = self.room.own.store.begin(permit).await?;
        let sealed = work.profile_drafts().own_draft().await?;
        let recommenders = work.enterprises().recommenders().await?;
        drop(work);
        let Some(sealed) = sealed else {
            // Saved or dropped since the chapter was read.
            *rows = json!([]);
            return Ok(());
        };
        let draft = ProfileDraft::open(&*self.room.own.sign_in.tools.sealer, actor, &sealed)?;
        if let Some(row) = rows.get_mut(0) {
            for (name, typed) in &draft.typed {
                row[name.as_str()] = json!(typed);
            }
            let region = draft.deepest(&["township", "county", "city", "province"]);
            row["region"] = json!(self.regions.of(actor.city).full_name(region));
            row["industry_code"] = json!(draft.deepest(&["group", "division", "sector"]));
            let named = draft.get("recommender");
            let named = recommenders.iter().find(|r| r.id.to_string() == named);
            row["recommender_name"] = json!(named.map(|r| r.name.as_str()));
        }
        Ok(())
    }

    /// The files that come along, named in the rows that tell of them.
    async fn enclose(
        &self,
        chapters: &mut Map<String, Value>,
        city: TenantId,
        permit: &Permit,
        export: &OwnExport,
    ) -> UseResult<Vec<Enclosed>> {
        let of = export.enterprise;
        let mut work = self.room.own.store.begin(permit).await?;
        let own = work.enterprise_files().current_files(of).await?;
        let sent = work.letters().letter_files_to(of).await?;
        drop(work);
        let mut along = enclosed::own(city, &own);
        let (from_banks, left_out) = enclosed::sent(city, &sent, enclosed::room_beside(&own));
        let rows = &mut chapters[Chapter::BankFiles.code()];
        enclosed::name_files(rows, &from_banks);
        enclosed::name_left_out(rows, &left_out);
        enclosed::name_files(&mut chapters[Chapter::Files.code()], &along);
        along.extend(from_banks);
        Ok(along)
    }

    async fn archive(
        &self,
        city: &City,
        data: &Value,
        along: &[Enclosed],
        permit: &Permit,
        export: &OwnExport,
    ) -> UseResult<Vec<u8>> {
        let all = i32::try_from(Chapter::ALL.len()).map_err(UseError::bug)?;
        let text = serde_json::to_string_pretty(data).map_err(UseError::bug)?;
        let page = self.book.page(city, data).map_err(UseError::bug)?;
        let paper = self.book.paper(city, data);
        let printed = self.printer.print(paper).await.map_err(UseError::bug)?;
        let entry = |name: &str, bytes: Vec<u8>| ArchiveFile {
            name: name.to_owned(),
            bytes,
        };
        let entries = [
            entry("data.json", text.into_bytes()),
            entry("readable.pdf", printed),
            entry("readable.html", page.into_bytes()),
            entry("style.css", self.book.style().as_bytes().to_vec()),
        ];
        let readable: usize = entries.iter().map(|entry| entry.bytes.len()).sum();
        let files: usize = along.iter().map(|file| bytes_of(file.byte_size)).sum();
        let heads = HEAD * (entries.len() + along.len());
        let mut archive = self.book.archive(readable + files + heads);
        for entry in entries {
            archive.add(&entry).map_err(UseError::bug)?;
        }
        // One file after the other: two are never in memory beside the archive.
        for file in along {
            let read = self.room.files.read_at(&file.object_key, &file.place);
            let bytes = read.await?;
            // A slow store takes its time: the lease goes on.
            let mut work = self.room.own.store.begin(permit).await?;
            self.still_ours(&mut *work, export, all).await?;
            work.commit().await?;
            let entry = entry(&file.name, bytes);
            archive.add(&entry).map_err(UseError::bug)?;
        }
        archive.finish().map_err(UseError::bug)
    }
}

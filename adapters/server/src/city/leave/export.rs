//! `city export`: all rows as they were at one instant, then the files. A run that was stopped, or that is repeated, holds what is
//! there against the database and writes only what is missing or has changed; the whole is always of the last run's instant.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
};

use application::{
    access::Guard,
    audit::link::Chain,
    ports::{
        audit::{AuditEntry, DoorAudit as _},
        files::FileKey,
    },
};
use domain::ids::TenantId;
use futures::{StreamExt as _, stream};
use postgres_adapter::leaving::{
    CityRow, CitySnapshot, Erasures, NamedObject, OwnedTable, owned_tables,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use time::format_description::well_known::Rfc3339;

use super::{
    ExportAsk, Leaving, Tell, about, by_name,
    folder::{self, Folder, Weight},
    manifest::{
        ChainHead, CityName, FILES, FORMAT, FileLine, FilesFile, FilesList, MANIFEST, Manifest,
        README, SCHEMA, SIGNATURE, TableFile,
    },
    objects::{OBJECTS, Objects},
    sealed::Plan,
};

const PROGRESS: &str = "progress.json";
const JOURNAL: &str = "objects.journal";
/// What the manifest's signature is for.
pub const PURPOSE: &str = "city.export";
/// Files fetched at once.
const AT_ONCE: usize = 4;
/// Files between two lines on the terminal.
const TELL_EVERY: usize = 200;

/// Whose folder it is, and which tables are in it.
#[derive(Debug, Serialize, Deserialize)]
struct Progress {
    format: String,
    city: CityName,
    personal_data: bool,
    tables: BTreeMap<String, TableFile>,
}

/// A file that is in the folder.
#[derive(Debug, Serialize, Deserialize)]
struct Fetched {
    key: String,
    path: String,
    #[serde(flatten)]
    weight: Weight,
}

/// What a run came to.
#[derive(Debug)]
pub struct Exported {
    pub lines: Vec<String>,
    pub manifest: Manifest,
    /// Tables that were written in this run; the others were as they are.
    pub tables_written: usize,
    /// Files that were fetched in this run.
    pub files_fetched: usize,
}

/// Exports a city into a folder.
pub async fn export(
    leaving: &Leaving,
    slug: &str,
    ask: &ExportAsk,
    tell: Tell<'_>,
) -> anyhow::Result<Exported> {
    let city = leaving.city(slug).await?;
    let by = by_name(ask.by.as_deref())?;
    let lock = leaving.lock(&city).await?;
    let erasing = Erasures::last(&leaving.owner, slug).await?;
    anyhow::ensure!(
        erasing.is_none_or(|erasure| erasure.finished_at.is_some()),
        "{slug} is being erased: what is left of it is no whole any more"
    );
    let city_id = TenantId(city.id);
    let mut run = Run::open(leaving, &city, ask)?;
    if ask.with_personal_data {
        tell(
            "ID numbers, phones, e-mail addresses, dossiers, pictures and papers are OPENED into this folder",
        );
    } else {
        tell(
            "sealed values and personal files are left out; names, amounts and texts are in the rows all the same",
        );
    }
    leaving.sealer.ready(city.id).await?;
    note(leaving, city_id, &by, ask).await?;
    run.folder.remove(MANIFEST)?;
    run.folder.remove(SIGNATURE)?;

    let tables = owned_tables(&leaving.owner).await?;
    let mut snapshot = CitySnapshot::take(&leaving.owner, city_id).await?;
    let tables_written = run.rows(leaving, &mut snapshot, &tables, tell).await?;
    let chain = snapshot.chain_head().await?;
    let mut named = Vec::new();
    for objects in &OBJECTS {
        for object in snapshot.objects(objects.sql).await? {
            named.push((objects, object));
        }
    }
    let at = snapshot.at;
    drop(snapshot);
    let (files, files_fetched) = run.files(leaving, &named, tell).await?;

    let schema = serde_json::to_vec_pretty(&about::schema(&tables, ask.with_personal_data)?)?;
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        snapshot_at: at.format(&Rfc3339)?,
        finished_at: leaving.clock.now().format(&Rfc3339)?,
        by,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        personal_data: ask.with_personal_data,
        chain: chain.map(|(seq, hash)| ChainHead { seq, hash }),
        schema: run.folder.write(SCHEMA, &schema)?,
        readme: run.folder.write(
            README,
            about::readme(&city, at, ask.with_personal_data).as_bytes(),
        )?,
        unreadable_values: run.progress.tables.values().map(|t| t.unreadable).sum(),
        tables: run.progress.tables.clone(),
        city: run.progress.city.clone(),
        files,
    };
    run.clear(&manifest)?;
    let text = serde_json::to_vec_pretty(&manifest)?;
    let written = run.folder.write(MANIFEST, &text)?;
    let signature = leaving.tokens.sign(PURPOSE, &[&written.sha256]);
    run.folder.write(SIGNATURE, signature.as_bytes())?;
    drop(lock);
    Ok(Exported {
        lines: about::told(&city, ask, &manifest),
        manifest,
        tables_written,
        files_fetched,
    })
}

/// The entry stands in the export itself, linked: whoever reads the log later sees who took everything along.
async fn note(leaving: &Leaving, city: TenantId, by: &str, ask: &ExportAsk) -> anyhow::Result<()> {
    let clock = &leaving.clock;
    let mut entry = AuditEntry::by_system(clock.new_id(), "export.city", city, clock.now())
        .detail(json!({ "masked": !ask.with_personal_data }));
    by.clone_into(&mut entry.actor_name);
    leaving.door.note(city, entry).await?;
    let chain = Chain {
        store: leaving.store.clone(),
        tokens: leaving.tokens.clone(),
    };
    chain.link(&Guard::job(city, [city].into())).await?;
    Ok(())
}

struct Run {
    folder: Folder,
    progress: Progress,
    personal: bool,
}

impl Run {
    fn open(leaving: &Leaving, city: &CityRow, ask: &ExportAsk) -> anyhow::Result<Self> {
        let name = CityName {
            id: city.id,
            slug: city.slug.clone(),
            name: city.name.clone(),
        };
        let is_ours = |known: &Progress| {
            known.format == FORMAT
                && (known.city.id, known.personal_data) == (city.id, ask.with_personal_data)
        };
        let read = |text: &str| serde_json::from_str::<Progress>(text).ok().filter(is_ours);
        let folder = Folder::open(&ask.to, |text| read(text).is_some())?;
        let known = fs::read_to_string(folder.path(PROGRESS)).ok();
        let known = known.and_then(|text| read(&text));
        let run = Self {
            folder,
            progress: Progress {
                format: FORMAT.to_owned(),
                city: name,
                personal_data: ask.with_personal_data,
                tables: known.map(|known| known.tables).unwrap_or_default(),
            },
            personal: ask.with_personal_data,
        };
        tracing::info!(tenant = %city.id, at = %leaving.clock.now(), personal = run.personal, "a city is exported");
        run.save()?;
        Ok(run)
    }

    fn save(&self) -> anyhow::Result<()> {
        self.folder
            .write(PROGRESS, &serde_json::to_vec(&self.progress)?)?;
        Ok(())
    }

    /// Every table as of the snapshot; answers how many had to be written.
    async fn rows(
        &mut self,
        leaving: &Leaving,
        snapshot: &mut CitySnapshot,
        tables: &[OwnedTable],
        tell: Tell<'_>,
    ) -> anyhow::Result<usize> {
        let mut written = 0;
        for (n, table) in tables.iter().enumerate() {
            let print = snapshot.fingerprint(table).await?;
            let path = format!("rows/{}.jsonl", table.name);
            let known = self.progress.tables.get(&table.name).is_some_and(|known| {
                known.mark == print.mark && folder::is_as(&self.folder.path(&path), &known.weight)
            });
            let rows = u64::try_from(print.rows).unwrap_or_default();
            let how = if known { "as it was" } else { "written" };
            tell(&format!(
                "[{}/{}] {}: {rows} rows, {how}",
                n + 1,
                tables.len(),
                table.name
            ));
            if known {
                continue;
            }
            let (weight, lines, unreadable) = self.table(leaving, snapshot, table, &path).await?;
            anyhow::ensure!(lines == rows, "{}: {lines} of {rows} rows came", table.name);
            let file = TableFile {
                rows,
                weight,
                mark: print.mark,
                unreadable,
            };
            self.progress.tables.insert(table.name.clone(), file);
            self.save()?;
            written += 1;
        }
        let there: BTreeSet<&str> = tables.iter().map(|table| table.name.as_str()).collect();
        self.progress
            .tables
            .retain(|name, _| there.contains(name.as_str()));
        Ok(written)
    }

    async fn table(
        &self,
        leaving: &Leaving,
        snapshot: &mut CitySnapshot,
        table: &OwnedTable,
        path: &str,
    ) -> anyhow::Result<(Weight, u64, u64)> {
        let plan = Plan::of(table, self.personal)?;
        let columns: Vec<&str> = plan.columns.iter().map(String::as_str).collect();
        let city = TenantId(self.progress.city.id);
        let mut sink = self.folder.sink(path)?;
        let (mut lines, mut unreadable) = (0, 0);
        snapshot.open(table, &columns).await?;
        loop {
            let rows = snapshot.next().await?;
            if rows.is_empty() {
                return Ok((sink.done()?, lines, unreadable));
            }
            for row in rows {
                let (line, broken) = plan.line(row, city, &*leaving.sealer)?;
                sink.put(line.as_bytes())?;
                sink.put(b"\n")?;
                lines += 1;
                unreadable += broken;
            }
        }
    }

    /// Files that an earlier run has fetched and that are still as they were.
    fn fetched(&self) -> HashMap<String, Fetched> {
        let journal = fs::read_to_string(self.folder.path(JOURNAL)).unwrap_or_default();
        let lines = journal
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        lines
            .filter(|file: &Fetched| folder::is_as(&self.folder.path(&file.path), &file.weight))
            .map(|file| (file.key.clone(), file))
            .collect()
    }

    async fn files(
        &self,
        leaving: &Leaving,
        named: &[(&'static Objects, NamedObject)],
        tell: Tell<'_>,
    ) -> anyhow::Result<(FilesFile, usize)> {
        let city = TenantId(self.progress.city.id);
        let mut here = self.fetched();
        let mut absent: HashMap<&str, &str> = HashMap::new();
        let mut wanted = Vec::new();
        let mut asked = BTreeSet::new();
        for (objects, object) in named {
            if objects.personal && !self.personal {
                absent.insert(&object.object_key, "left_out");
            } else if !here.contains_key(&object.object_key) && asked.insert(&object.object_key) {
                wanted.push((*objects, object));
            }
        }
        let all = wanted.len();
        tell(&format!(
            "{} files are there, {all} are to be fetched",
            here.len()
        ));
        let mut fetching = stream::iter(wanted.iter().map(|(objects, object)| async move {
            (
                *objects,
                *object,
                fetch(leaving, city, objects, object).await,
            )
        }))
        .buffered(AT_ONCE);
        let mut fetched = 0;
        while let Some((objects, object, found)) = fetching.next().await {
            match found? {
                Found::Whole(bytes) => {
                    let path = objects.path(object, &bytes);
                    let weight = self.folder.write(&path, &bytes)?;
                    let key = object.object_key.clone();
                    let file = Fetched { key, path, weight };
                    self.folder
                        .append(JOURNAL, &serde_json::to_string(&file)?)?;
                    here.insert(file.key.clone(), file);
                    fetched += 1;
                    if fetched % TELL_EVERY == 0 {
                        tell(&format!("{fetched} of {all} files"));
                    }
                }
                Found::Missing => drop(absent.insert(&object.object_key, "missing")),
                Found::Unreadable => drop(absent.insert(&object.object_key, "unreadable")),
            }
        }
        Ok((self.list(named, &here, &absent)?, fetched))
    }

    /// `files.jsonl`: which row names which file.
    fn list(
        &self,
        named: &[(&'static Objects, NamedObject)],
        here: &HashMap<String, Fetched>,
        absent: &HashMap<&str, &str>,
    ) -> anyhow::Result<FilesFile> {
        let mut sink = self.folder.sink(FILES)?;
        let mut files = BTreeMap::new();
        for (objects, object) in named {
            let why = absent.get(object.object_key.as_str());
            let file = here.get(&object.object_key).filter(|_| why.is_none());
            let line = FileLine {
                table: objects.table.to_owned(),
                row: object.row,
                object_key: object.object_key.clone(),
                path: file.map(|file| file.path.clone()),
                weight: file.map(|file| file.weight.clone()),
                absent: why.map(|why| (*why).to_owned()),
            };
            files.extend(file.map(|file| (&file.path, file.weight.bytes)));
            sink.put(serde_json::to_string(&line)?.as_bytes())?;
            sink.put(b"\n")?;
        }
        let of = |what: &str| absent.values().filter(|why| **why == what).count() as u64;
        Ok(FilesFile {
            count: files.len() as u64,
            bytes: files.values().sum(),
            lines: named.len() as u64,
            list: FilesList {
                sha256: sink.done()?.sha256,
            },
            missing: of("missing"),
            unreadable: of("unreadable"),
            left_out: of("left_out"),
        })
    }

    /// Takes away what an earlier run wrote and no row names any more.
    fn clear(&self, manifest: &Manifest) -> anyhow::Result<()> {
        let list = fs::read_to_string(self.folder.path(FILES))?;
        let lines = list.lines().map(serde_json::from_str::<FileLine>);
        let mut named: BTreeSet<String> = BTreeSet::new();
        for line in lines {
            named.extend(line?.path);
        }
        named.extend(
            manifest
                .tables
                .keys()
                .map(|name| format!("rows/{name}.jsonl")),
        );
        for path in self.folder.files()? {
            let ours = path.starts_with("rows/") || path.starts_with("files/");
            if ours && !named.contains(&path) {
                self.folder.remove(&path)?;
            }
        }
        Ok(())
    }
}

enum Found {
    Whole(Vec<u8>),
    Missing,
    Unreadable,
}

async fn fetch(
    leaving: &Leaving,
    city: TenantId,
    objects: &Objects,
    object: &NamedObject,
) -> anyhow::Result<Found> {
    let Some(key) = FileKey::parse(&object.object_key) else {
        return Ok(Found::Missing);
    };
    let Some(sealed) = leaving.files.get(city.0, &key).await? else {
        return Ok(Found::Missing);
    };
    let place = objects.place(city, object.row);
    Ok(match leaving.sealer.open(&place, &sealed) {
        Ok(bytes) => Found::Whole(bytes),
        Err(_) => Found::Unreadable,
    })
}

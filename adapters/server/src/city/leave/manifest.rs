//! The manifest 清单 of an export: what is in it, how much, and how to know that it is still so.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{BufRead as _, BufReader},
    path::Path,
};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::folder::{self, Weight};

/// Name and version of the format.
pub const FORMAT: &str = "yijianrong-city-export/1";
pub const MANIFEST: &str = "manifest.json";
/// The installation's own signature over the manifest's SHA-256; only the installation can check it.
pub const SIGNATURE: &str = "manifest.sig";
pub const SCHEMA: &str = "schema.json";
pub const README: &str = "说明.txt";
pub const FILES: &str = "files.jsonl";

/// The whole of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: String,
    pub city: CityName,
    /// All rows are as they were at this instant.
    pub snapshot_at: String,
    pub finished_at: String,
    pub by: String,
    pub program: String,
    /// Whether what is sealed in the database was opened, or left out.
    pub personal_data: bool,
    /// The last link of the log chain.
    pub chain: Option<ChainHead>,
    pub tables: BTreeMap<String, TableFile>,
    pub files: FilesFile,
    pub schema: Weight,
    pub readme: Weight,
    /// Sealed values that did not open: `null` in their rows.
    pub unreadable_values: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CityName {
    pub id: Uuid,
    pub slug: String,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainHead {
    pub seq: i64,
    pub hash: String,
}

/// `rows/<table>.jsonl`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableFile {
    pub rows: u64,
    #[serde(flatten)]
    pub weight: Weight,
    /// Of all columns in the database, those left out too: tells whether a table has changed since.
    pub mark: String,
    /// Sealed values of this table that did not open.
    #[serde(default)]
    pub unreadable: u64,
}

/// `files.jsonl`: a line for every row that names a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilesFile {
    /// Files in the folder.
    pub count: u64,
    pub bytes: u64,
    pub lines: u64,
    #[serde(flatten)]
    pub list: FilesList,
    /// Named by a row, and not in the storage.
    pub missing: u64,
    /// In the storage, and not to be opened.
    pub unreadable: u64,
    /// Personal, and left out because it was not asked for.
    pub left_out: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilesList {
    pub sha256: String,
}

/// A line of `files.jsonl`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileLine {
    pub table: String,
    pub row: Uuid,
    pub object_key: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path: Option<String>,
    #[serde(flatten)]
    pub weight: Option<Weight>,
    /// `missing`, `unreadable` or `left_out`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub absent: Option<String>,
}

impl Manifest {
    pub fn rows(&self) -> u64 {
        self.tables.values().map(|table| table.rows).sum()
    }

    /// Values and files that nobody can read any more.
    pub fn lost(&self) -> u64 {
        self.unreadable_values + self.files.missing + self.files.unreadable
    }

    pub fn lost_words(&self) -> String {
        match self.lost() {
            0 => String::new(),
            lost => format!("; {lost} values and files could not be read when it was made"),
        }
    }
}

/// An export that is as it was written.
pub struct Verified {
    pub manifest: Manifest,
    /// SHA-256 of the manifest in hex.
    pub sha256: String,
    pub signature: String,
    /// Files in the folder by the table whose rows name them, each once.
    pub files: BTreeMap<String, u64>,
}

/// Holds every file against the manifest; the error names everything that is missing, changed or too much.
pub fn verify(root: &Path) -> anyhow::Result<Verified> {
    let bytes = fs::read(root.join(MANIFEST)).with_context(|| {
        format!(
            "{} holds no finished export: run `yijianrong city export …` again, it goes on where it stopped",
            root.display()
        )
    })?;
    let manifest: Manifest =
        serde_json::from_slice(&bytes).context("manifest.json is not a manifest of this format")?;
    anyhow::ensure!(
        manifest.format == FORMAT,
        "{} is another format than {FORMAT}",
        manifest.format
    );
    let signature = fs::read_to_string(root.join(SIGNATURE)).unwrap_or_default();
    let mut look = Look {
        root,
        faults: Vec::new(),
        by_table: BTreeMap::new(),
    };
    let named = look.everything(&manifest)?;
    if signature.trim().is_empty() {
        look.faults.push(format!(
            "{SIGNATURE} is missing or empty: nobody can tell whether manifest.json is as it was written"
        ));
    }
    for path in folder::files(root)? {
        let ours = folder::WORKING.contains(&path.as_str())
            || [MANIFEST, SIGNATURE].contains(&path.as_str())
            || named.contains(&path);
        if !ours {
            look.faults.push(format!("{path} is not in the manifest"));
        }
    }
    anyhow::ensure!(
        look.faults.is_empty(),
        "the export is not as it was written:\n  - {}",
        look.faults.join("\n  - ")
    );
    Ok(Verified {
        manifest,
        sha256: hex::encode(Sha256::digest(&bytes)),
        signature: signature.trim().to_owned(),
        files: look.by_table,
    })
}

struct Look<'a> {
    root: &'a Path,
    faults: Vec<String>,
    by_table: BTreeMap<String, u64>,
}

impl Look<'_> {
    /// Answers every path that has its place.
    fn everything(&mut self, manifest: &Manifest) -> anyhow::Result<BTreeSet<String>> {
        let mut named = BTreeSet::new();
        for (name, table) in &manifest.tables {
            let path = format!("rows/{name}.jsonl");
            if self.weight(&path, &table.weight, Some(table.rows)) {
                self.lines(&path)?;
            }
            named.insert(path);
        }
        self.weight(SCHEMA, &manifest.schema, None);
        self.weight(README, &manifest.readme, None);
        named.insert(SCHEMA.to_owned());
        named.insert(README.to_owned());
        named.insert(FILES.to_owned());
        self.files(manifest, &mut named)?;
        self.chain(manifest)?;
        Ok(named)
    }

    fn weight(&mut self, path: &str, weight: &Weight, rows: Option<u64>) -> bool {
        match folder::weigh(&self.root.join(path)) {
            Err(error) => self.faults.push(format!("{path}: {error}")),
            Ok((found, _)) if found != *weight => self.faults.push(format!("{path} was changed")),
            Ok((_, lines)) => match rows {
                Some(rows) if rows != lines => {
                    self.faults
                        .push(format!("{path} has {lines} rows, the manifest says {rows}"));
                }
                _ => return true,
            },
        }
        false
    }

    /// Every line is an object of its own.
    fn lines(&mut self, path: &str) -> anyhow::Result<()> {
        for (n, line) in BufReader::new(File::open(self.root.join(path))?)
            .lines()
            .enumerate()
        {
            if !serde_json::from_str::<Value>(&line?).is_ok_and(|row| row.is_object()) {
                self.faults
                    .push(format!("{path} line {}: not a row", n + 1));
            }
        }
        Ok(())
    }

    fn files(&mut self, manifest: &Manifest, named: &mut BTreeSet<String>) -> anyhow::Result<()> {
        let path = self.root.join(FILES);
        let Ok((found, lines)) = folder::weigh(&path) else {
            self.faults.push(format!("{FILES} is missing"));
            return Ok(());
        };
        let told = &manifest.files;
        if found.sha256 != told.list.sha256 || lines != told.lines {
            self.faults.push(format!("{FILES} was changed"));
            return Ok(());
        }
        let (mut count, mut bytes) = (0, 0);
        for line in BufReader::new(File::open(path)?).lines() {
            let line: FileLine = serde_json::from_str(&line?)?;
            let (Some(path), Some(weight)) = (line.path, line.weight) else {
                continue;
            };
            if !named.insert(path.clone()) {
                continue;
            }
            self.weight(&path, &weight, None);
            count += 1;
            bytes += weight.bytes;
            *self.by_table.entry(line.table).or_default() += 1;
        }
        if (count, bytes) != (told.count, told.bytes) {
            self.faults.push(format!(
                "{FILES} names {count} files of {bytes} bytes, the manifest says {} of {}",
                told.count, told.bytes
            ));
        }
        Ok(())
    }

    /// The chain's head stands in the rows too.
    fn chain(&mut self, manifest: &Manifest) -> anyhow::Result<()> {
        let Ok(file) = File::open(self.root.join("rows/audit_links.jsonl")) else {
            return Ok(());
        };
        let mut last = None;
        for line in BufReader::new(file).lines() {
            let row: Value = serde_json::from_str(&line?).unwrap_or_default();
            let hash = row["hash"].as_str().unwrap_or_default();
            last = row["seq"].as_i64().map(|seq| ChainHead {
                seq,
                hash: hash.trim_start_matches("\\x").to_owned(),
            });
        }
        if last != manifest.chain {
            self.faults
                .push("the head of the log chain is not that of the rows".to_owned());
        }
        Ok(())
    }
}

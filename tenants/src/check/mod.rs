//! Everything that is missing or wrong in a city's files, each with its line: before the city is served, not by a visitor.

mod agreements;
pub(crate) mod document;
mod keys;
pub mod logo;
mod reasons;
mod sense;
mod strangers;

use std::{
    collections::HashMap,
    fmt,
    hash::Hash,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use application::city::City;

pub use document::Node;
pub(crate) use keys::plugs;
pub(crate) use reasons::Reasons;
pub use sense::{is_colour, is_host, is_plain, is_slug};
pub use strangers::{places, strangers};

/// What stands where a text is still to be written.
pub const TO_FILL: &str = "【待填写";

/// One thing that is missing or wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub file: PathBuf,
    pub line: usize,
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file.display(), self.line, self.what)
    }
}

/// Faults of one file, as they are found.
pub(crate) struct Found<'a> {
    file: &'a Path,
    faults: &'a mut Vec<Fault>,
}

impl Found<'_> {
    pub(crate) fn add(&mut self, line: usize, what: impl Into<String>) {
        self.faults.push(Fault {
            file: self.file.to_owned(),
            line,
            what: what.into(),
        });
    }
}

/// A city's file that was read, with the lines of everything in it.
pub struct Reading {
    pub file: PathBuf,
    pub root: Node,
    /// 不通过原因 and the other reasons, when their file is there.
    pub(crate) reasons: Option<Arc<Beside>>,
    /// The agreements' texts by the names of their files.
    pub(crate) bodies: HashMap<String, Arc<str>>,
    pub faults: Vec<Fault>,
}

impl Reading {
    /// A fault at the line of a dotted path: `theme.brand`.
    pub fn fault(&self, path: &str, what: impl Into<String>) -> Fault {
        Fault {
            file: self.file.clone(),
            line: self.root.line_of(path),
            what: what.into(),
        }
    }
}

/// Reads a city's file and every file that it names, and tells of all that is wrong in them.
pub fn read(folder: &Path, file: &Path) -> Reading {
    read_beside(folder, file, &Common::default())
}

/// The same beside other cities, with which it may have texts in common.
pub(crate) fn read_beside(folder: &Path, file: &Path, common: &Common) -> Reading {
    let mut faults = Vec::new();
    let mut found = Found {
        file,
        faults: &mut faults,
    };
    let text = text_of(&mut found);
    let root = toml_of(&text, keys::CITY, &mut found);
    let mut bodies = HashMap::new();
    let reasons = sense::check((folder, common), file, &root, &mut bodies, &mut faults);
    faults.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    faults.dedup();
    Reading {
        file: file.to_owned(),
        root,
        reasons,
        bodies,
        faults,
    }
}

/// Files beside the cities' own. Cities made from one template have most of them in common, by name or by what they say: each is read
/// and taken apart once.
#[derive(Default)]
pub(crate) struct Common {
    /// By the key that names the file in the city's own, and the file.
    by_file: Known<(&'static str, PathBuf), Arc<Beside>>,
    by_text: Known<(&'static str, String), Arc<Beside>>,
    agreements: Known<PathBuf, Option<Arc<agreements::Text>>>,
}

/// What was made once, by what it was made of. No cache: one reading is short, and lets go of all of it.
struct Known<K, V>(Mutex<HashMap<K, V>>);

impl<K, V> Default for Known<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V: Clone> Known<K, V> {
    /// Nobody waits for whoever makes: two at the same moment may make the same.
    fn get_or(&self, key: K, make: impl FnOnce() -> V) -> V {
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = known().get(&key) {
            return value.clone();
        }
        let value = make();
        known().insert(key, value.clone());
        value
    }
}

/// What such a file says, and what is wrong in it whoever names it.
pub(crate) struct Beside {
    pub root: Node,
    faults: Vec<Fault>,
    /// The reasons, where these are they: the same for each city that has them.
    pub reasons: OnceLock<Reasons>,
}

impl Beside {
    fn of(text: &str, mut faults: Vec<Fault>, file: &Path, keys: &[keys::Key]) -> Arc<Self> {
        let mut found = Found {
            file,
            faults: &mut faults,
        };
        let root = toml_of(text, keys, &mut found);
        sense::to_fill(&root, &mut found);
        Arc::new(Self {
            root,
            faults,
            reasons: OnceLock::new(),
        })
    }
}

impl Common {
    fn read(
        &self,
        file: &Path,
        (key, keys): (&'static str, &[keys::Key]),
        found: &mut Found<'_>,
    ) -> Arc<Beside> {
        let beside = self.by_file.get_or((key, file.to_owned()), || {
            let mut faults = Vec::new();
            let text = text_of(&mut Found {
                file,
                faults: &mut faults,
            });
            if !faults.is_empty() {
                return Beside::of(&text, faults, file, keys);
            }
            self.by_text.get_or((key, text.clone()), || {
                Beside::of(&text, faults, file, keys)
            })
        });
        found.faults.extend(beside.faults.iter().map(|fault| Fault {
            file: file.to_owned(),
            ..fault.clone()
        }));
        beside
    }
}

fn text_of(found: &mut Found<'_>) -> String {
    std::fs::read_to_string(found.file).unwrap_or_else(|error| {
        found.add(1, format!("cannot be read: {error}"));
        String::new()
    })
}

/// A TOML text against the keys that it may hold.
fn toml_of(text: &str, keys: &[keys::Key], found: &mut Found<'_>) -> Node {
    let (root, broken) = document::parse(text);
    let whole = broken.is_empty() && !text.is_empty();
    for (line, what) in broken {
        found.add(line, format!("is not TOML: {what}"));
    }
    // What a broken text lacks is not told: it may well be there.
    if whole {
        keys::check(&root, keys, "", found);
    }
    root
}

/// The folder that a file of the catalogue stands in.
pub fn folder_of(file: &Path) -> &Path {
    file.parent().unwrap_or(Path::new("."))
}

/// Limits that files of earlier versions held and nothing reads: the same for every city.
const WITHOUT_EFFECT: [&str; 4] = [
    "megabytes_per_file",
    "banks_per_dossier",
    "supplement_rounds",
    "page_size",
];

/// What stands in the file and changes nothing, each with its line.
pub fn without_effect(reading: &Reading) -> Vec<Fault> {
    let entries = reading.root.get("limits").map(Node::entries);
    let entries = entries.unwrap_or_default().iter();
    entries
        .filter(|entry| WITHOUT_EFFECT.contains(&entry.key.as_str()))
        .map(|entry| Fault {
            file: reading.file.clone(),
            line: entry.line,
            what: format!(
                "limits.{} has no effect: it is the same for every city, and the line may go",
                entry.key
            ),
        })
        .collect()
}

/// A host name that two cities claim, told at the line of the one that was read.
pub fn shared_hosts(reading: &Reading, others: &[City]) -> Vec<Fault> {
    let hosts = reading
        .root
        .get("hosts")
        .map(Node::items)
        .unwrap_or_default();
    let own = reading.root.text_of("slug");
    let mut faults = Vec::new();
    for (line, host) in hosts.iter().filter_map(|h| Some((h.line, h.text()?))) {
        let holder = others.iter().find(|city| {
            city.slug != own && city.hosts.iter().any(|h| h.eq_ignore_ascii_case(host))
        });
        if let Some(city) = holder {
            faults.push(Fault {
                file: reading.file.clone(),
                line,
                what: format!("the host {host} is already {}'s", city.slug),
            });
        }
    }
    faults
}

#[cfg(test)]
mod tests;

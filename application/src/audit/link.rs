//! 日志链: a worker links new entries; a check finds what was edited, removed or put elsewhere.

use std::sync::Arc;

use domain::calendar::local_date;
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    access::Permit,
    error::UseResult,
    ports::{
        audit_links::{ChainEntry, ChainLink, EntryKind},
        store::Store,
        tokens::Tokens,
    },
};

/// Entries that one transaction links.
const BATCH: i64 = 500;

/// Links and checks the log of one city at a time.
#[derive(Clone)]
pub struct Chain {
    pub store: Arc<dyn Store>,
    pub tokens: Arc<dyn Tokens>,
}

/// What is wrong with a chain, at which link, and which entry it names as far as that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChainFault {
    /// Links from `first` on are missing before this one; without them nobody can tell whether its entry is as it was.
    Gap { seq: i64, first: i64 },
    /// The entry of this link is gone, and not because its time was over.
    Removed { seq: i64, entry: String },
    /// The entry or the link was changed.
    Changed { seq: i64, entry: String },
    /// The entry is as it was, but belongs behind another link.
    Moved { seq: i64, entry: String, after: i64 },
    /// The newest links are gone: the chain ends before a head that was kept.
    Cut { last: i64, head: i64 },
    /// The link has another hash than the head that was kept: everything up to it was written anew.
    Rewritten { seq: i64 },
}

/// A last link that was seen before, kept where nobody who changes the database reaches it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub seq: i64,
    /// In hex.
    pub hash: String,
}

/// A chain that was looked through, and the last link of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walked {
    pub faults: Vec<ChainFault>,
    pub head: Option<Head>,
}

/// A link that does not fit the one before it.
struct Suspect {
    /// Where its fault stands among the others.
    place: usize,
    seq: i64,
    before: Link,
    hash: Vec<u8>,
    entry: ChainEntry,
}

/// Number and hash of a link; 0 and nothing stand before the first.
#[derive(Clone)]
struct Link {
    seq: i64,
    hash: Vec<u8>,
}

/// So many links that do not fit are held against each other: beyond that nothing is told by where they were.
const SUSPECTS: usize = 200;

impl Chain {
    /// Links what is new in a city; answers how many. Safe to run on several nodes.
    pub async fn link(&self, permit: &Permit) -> UseResult<usize> {
        let mut linked = 0;
        loop {
            let mut work = self.store.begin(permit).await?;
            let (mut seq, mut last) = work
                .audit_links()
                .lock_last()
                .await?
                .unwrap_or((0, Vec::new()));
            let entries = work.audit_links().unlinked(BATCH).await?;
            if entries.is_empty() {
                return Ok(linked);
            }
            for entry in &entries {
                seq += 1;
                last = self.hash(&last, entry).to_vec();
                work.audit_links().link(seq, entry, &last).await?;
            }
            work.commit().await?;
            linked += entries.len();
            // The newest hash leaves the host with the program's log: a cut-off end is seen there.
            tracing::info!(tenant = %permit.city(), seq, hash = hex(&last), "audit chain");
        }
    }

    /// Every fault of a city's chain, in order; empty when history is as it was written. The permit is of nobody: only the city itself
    /// knows which entries are gone by right.
    pub async fn check(&self, permit: &Permit) -> UseResult<Vec<ChainFault>> {
        self.check_after(permit, 0).await
    }

    /// The same for the links after one that is believed.
    pub async fn check_after(&self, permit: &Permit, after: i64) -> UseResult<Vec<ChainFault>> {
        Ok(self.walk(permit, after, &[]).await?.faults)
    }

    /// The whole chain, held against the heads that were kept.
    pub async fn check_against(&self, permit: &Permit, heads: &[Head]) -> UseResult<Walked> {
        self.walk(permit, 0, heads).await
    }

    async fn walk(&self, permit: &Permit, after: i64, heads: &[Head]) -> UseResult<Walked> {
        let mut walk = Walk::new(self, after);
        if after > 0 {
            let mut work = self.store.begin(permit).await?;
            let believed = work.audit_links().links_after(after - 1, 1).await?;
            let believed = believed.into_iter().next();
            walk.before = believed.filter(|link| link.seq == after).map(Link::of);
        }
        loop {
            let mut work = self.store.begin(permit).await?;
            let links = work.audit_links().links_after(walk.seq, BATCH).await?;
            if links.is_empty() {
                return Ok(walk.end(heads));
            }
            for link in links {
                walk.step(link, heads);
            }
        }
    }

    fn hash(&self, last: &[u8], entry: &ChainEntry) -> [u8; 32] {
        let ChainEntry { kind, id, text } = entry;
        self.tokens
            .fingerprint(&format!("{}|{}|{id}|{text}", hex(last), kind.code()))
    }
}

impl Link {
    fn of(link: ChainLink) -> Self {
        Self {
            seq: link.seq,
            hash: link.hash,
        }
    }
}

/// One look from link to link.
struct Walk<'a> {
    chain: &'a Chain,
    seq: i64,
    /// `None` behind a gap: what stood there is not known.
    before: Option<Link>,
    faults: Vec<ChainFault>,
    suspects: Vec<Suspect>,
    last: Option<Link>,
}

impl<'a> Walk<'a> {
    fn new(chain: &'a Chain, after: i64) -> Self {
        Self {
            chain,
            seq: after,
            before: Some(Link {
                seq: 0,
                hash: Vec::new(),
            }),
            faults: Vec::new(),
            suspects: Vec::new(),
            last: None,
        }
    }

    fn step(&mut self, link: ChainLink, heads: &[Head]) {
        let seq = link.seq;
        if seq != self.seq + 1 {
            let first = self.seq + 1;
            self.faults.push(ChainFault::Gap { seq, first });
            self.before = None;
        }
        self.seq = seq;
        let (kind, id) = (link.kind, link.id);
        match (&link.text, &self.before) {
            (None, _) if link.retired => {}
            (None, _) => {
                let entry = told(kind, id, None);
                self.faults.push(ChainFault::Removed { seq, entry });
            }
            (Some(_), None) => {}
            (Some(text), Some(before)) => {
                let entry = ChainEntry {
                    kind,
                    id,
                    text: text.clone(),
                };
                if self.chain.hash(&before.hash, &entry).as_slice() != link.hash {
                    self.suspects.push(Suspect {
                        place: self.faults.len(),
                        seq,
                        before: before.clone(),
                        hash: link.hash.clone(),
                        entry,
                    });
                    let entry = told(kind, id, Some(text));
                    self.faults.push(ChainFault::Changed { seq, entry });
                }
            }
        }
        let differs = |head: &Head| head.seq == seq && head.hash != hex(&link.hash);
        if heads.iter().any(differs) {
            self.faults.push(ChainFault::Rewritten { seq });
        }
        // Go on from what is stored, so that one fault is told once.
        let link = Link::of(link);
        self.last = Some(link.clone());
        self.before = Some(link);
    }

    fn end(mut self, heads: &[Head]) -> Walked {
        self.find_moved();
        let last = self.last.as_ref().map_or(0, |link| link.seq);
        let kept = heads.iter().map(|head| head.seq).max().unwrap_or(0);
        if kept > last {
            self.faults.push(ChainFault::Cut { last, head: kept });
        }
        Walked {
            faults: self.faults,
            head: self.last.map(|link| Head {
                seq: link.seq,
                hash: hex(&link.hash),
            }),
        }
    }

    /// An entry that fits behind another link is as it was; only its place is not.
    fn find_moved(&mut self) {
        if self.suspects.len() > SUSPECTS {
            return;
        }
        let fits = |before: &Link, entry: &ChainEntry, hash: &[u8]| {
            self.chain.hash(&before.hash, entry).as_slice() == hash
        };
        let mut moved = Vec::new();
        for one in &self.suspects {
            // Its own link went with it, or it stands at the link of another one.
            let with_link = self.suspects.iter().find_map(|other| {
                let own = Link {
                    seq: other.seq,
                    hash: other.hash.clone(),
                };
                [other.before.clone(), own]
                    .into_iter()
                    .find(|before| fits(before, &one.entry, &one.hash))
            });
            let alone = || {
                let other = self
                    .suspects
                    .iter()
                    .find(|other| fits(&other.before, &one.entry, &other.hash));
                other.map(|other| other.before.clone())
            };
            if let Some(before) = with_link.or_else(alone) {
                moved.push((one.place, one.seq, before.seq));
            }
        }
        for (place, seq, after) in moved {
            if let Some(ChainFault::Changed { entry, .. }) = self.faults.get(place) {
                let entry = entry.clone();
                self.faults[place] = ChainFault::Moved { seq, entry, after };
            }
        }
    }
}

/// Day, action and object of an entry; of one that is gone, the day on which its id was drawn.
fn told(kind: EntryKind, id: Uuid, text: Option<&str>) -> String {
    let parts: Vec<Value> = text
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    let word = |place: usize| parts.get(place).and_then(Value::as_str).unwrap_or_default();
    let seconds = parts.last().and_then(Value::as_f64);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole seconds of a day that is shown"
    )]
    let written = seconds.map(|seconds| seconds as i64);
    let drawn = || {
        let (seconds, _) = id.get_timestamp()?.to_unix();
        i64::try_from(seconds).ok()
    };
    let day = written
        .or_else(drawn)
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .map_or(String::new(), |at| format!(" of {}", local_date(at)));
    let deed = match (kind, parts.is_empty()) {
        (_, true) => String::new(),
        (EntryKind::Audit, _) => format!(", {} on {}", word(4), word(5)),
        (EntryKind::View, _) => format!(", {} looked at by {}", word(6), word(3)),
    };
    format!("{} entry {id}{day}{deed}", kind.code())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        text.push_str(&format!("{byte:02x}"));
        text
    })
}

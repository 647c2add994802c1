//! 日志链: a worker links new entries; a check finds what was edited, removed or put elsewhere.

use std::sync::Arc;

use domain::ids::TenantId;

use crate::{
    access::Guard,
    error::UseResult,
    ports::{audit_links::ChainEntry, store::Store, tokens::Tokens},
};

/// Entries that one transaction links.
const BATCH: i64 = 500;

/// Links and checks the log of one city at a time.
#[derive(Clone)]
pub struct Chain {
    pub store: Arc<dyn Store>,
    pub tokens: Arc<dyn Tokens>,
}

/// What is wrong with a chain, at which link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChainFault {
    /// A link is missing before this one.
    Gap { seq: i64 },
    /// The entry of this link is gone, and not because its time was over.
    Removed { seq: i64 },
    /// The entry, its place or the link was changed.
    Changed { seq: i64 },
}

impl Chain {
    /// Links what is new in a city; answers how many. Safe to run on several nodes.
    pub async fn link(&self, city: TenantId) -> UseResult<usize> {
        let permit = Guard::job(city, Arc::from([city]));
        let mut linked = 0;
        loop {
            let mut work = self.store.begin(&permit).await?;
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
            tracing::info!(tenant = %city, seq, hash = hex(&last), "audit chain");
        }
    }

    /// Every fault of a city's chain, in order; empty when history is as it was written.
    pub async fn check(&self, city: TenantId) -> UseResult<Vec<ChainFault>> {
        self.check_after(city, 0).await
    }

    /// The same for the links after one that is believed.
    pub async fn check_after(&self, city: TenantId, after: i64) -> UseResult<Vec<ChainFault>> {
        let permit = Guard::job(city, Arc::from([city]));
        let mut faults = Vec::new();
        let (mut seq, mut last) = (after, Vec::new());
        if after > 0 {
            let mut work = self.store.begin(&permit).await?;
            let believed = work.audit_links().links_after(after - 1, 1).await?;
            last = believed.into_iter().next().map_or(last, |link| link.hash);
        }
        loop {
            let mut work = self.store.begin(&permit).await?;
            let links = work.audit_links().links_after(seq, BATCH).await?;
            if links.is_empty() {
                return Ok(faults);
            }
            for link in links {
                if link.seq != seq + 1 {
                    faults.push(ChainFault::Gap { seq: link.seq });
                }
                seq = link.seq;
                match link.text {
                    None if link.retired => {}
                    None => faults.push(ChainFault::Removed { seq }),
                    Some(text) => {
                        let (kind, id) = (link.kind, link.id);
                        if self.hash(&last, &ChainEntry { kind, id, text }).as_slice() != link.hash
                        {
                            faults.push(ChainFault::Changed { seq });
                        }
                    }
                }
                // Go on from what is stored, so that one fault is told once.
                last = link.hash;
            }
        }
    }

    fn hash(&self, last: &[u8], entry: &ChainEntry) -> [u8; 32] {
        let ChainEntry { kind, id, text } = entry;
        self.tokens
            .fingerprint(&format!("{}|{}|{id}|{text}", hex(last), kind.code()))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        text.push_str(&format!("{byte:02x}"));
        text
    })
}

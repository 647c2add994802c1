//! 国民经济行业 in the four levels of the standard, level by level and searched.

use super::{DictionaryRoom, ListAsk, PAGE};
use crate::{
    access::Actor,
    error::UseResult,
    ports::reference::{INDUSTRIES, IndustryEntry, PublishedList},
};

/// One industry of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndustryLine {
    pub entry: IndustryEntry,
    /// 三次产业; empty for a section, which may belong to several.
    pub sector: String,
}

/// The page.
#[derive(Clone, Debug)]
pub struct IndustrySheet {
    pub list: PublishedList,
    /// From the section down to the industry whose industries these are; empty: the sections, or a search.
    pub path: Vec<IndustryEntry>,
    pub rows: Vec<IndustryLine>,
    /// The search goes on behind this code.
    pub next: Option<String>,
}

impl DictionaryRoom {
    /// What lies below an industry, or what fits the words.
    pub async fn industries(&self, actor: &Actor, ask: &ListAsk) -> UseResult<IndustrySheet> {
        self.permit(actor, INDUSTRIES).await?;
        let (at, words) = (ask.at.trim(), ask.words.trim());
        let (path, entries, next) = if words.is_empty() {
            let path = self.industries.standing(at);
            let parent = path.last().map(|one| one.code.clone());
            (path, self.industries.below(parent.as_deref()), None)
        } else {
            let mut found = self.industries.search(words, &ask.after, PAGE + 1);
            let more = found.len() > PAGE;
            found.truncate(PAGE);
            let last = found.last().filter(|_| more);
            let next = last.map(|entry| entry.code.clone());
            (Vec::new(), found, next)
        };
        let line = |entry: IndustryEntry| IndustryLine {
            sector: self
                .industries
                .path(&entry.code)
                .into_iter()
                .next()
                .map_or_else(String::new, |sector| sector.name),
            entry,
        };
        Ok(IndustrySheet {
            list: self.list(INDUSTRIES)?,
            path,
            rows: entries.into_iter().map(line).collect(),
            next,
        })
    }
}

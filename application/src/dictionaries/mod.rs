//! 数据字典 (O10): the lists that the platform works with, where they are from and how far they know; regions as the city itself has them.

mod industries;
mod regions;
mod words;

use std::sync::Arc;

use domain::regions::OwnRegions;

pub use industries::{IndustryLine, IndustrySheet};
pub use regions::{RegionLine, RegionSheet, RegionStanding, WHOLE};
pub use words::{Word, WordList};

use crate::{
    access::{Action, Actor, Permit, Room},
    audit::Watch,
    city::{Cities, City},
    error::{UseError, UseResult},
    ports::{
        reference::{
            IndustryDirectory, PublishedList, PublishedLists, RegionDirectory, Vocabulary,
        },
        settings_changes::ChangeStatus,
        store::Store,
    },
    rules::{CityRule, RuleKind, RuleName},
};

/// Rows of one page of a search.
pub const PAGE: usize = 50;

/// What is looked at of a list: what lies below an entry, or what a search finds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListAsk {
    /// Code of the entry above. Of regions: [`WHOLE`] for the provinces, empty or unknown for the city's own prefecture.
    pub at: String,
    pub words: String,
    /// Code behind which the search goes on.
    pub after: String,
}

/// The room.
pub struct DictionaryRoom {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub cities: Arc<dyn Cities>,
    pub lists: Arc<dyn PublishedLists>,
    /// The list of the nation.
    pub regions: Arc<dyn RegionDirectory>,
    pub industries: Arc<dyn IndustryDirectory>,
    pub words: Arc<dyn Vocabulary>,
}

/// What this person may do about 区划变更.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegionPowers {
    /// The page of the rule with its history is open.
    pub see: bool,
    pub propose: bool,
    /// A change waits for a second person.
    pub waits: bool,
}

/// Every list, and how much of the regions is the city's own.
#[derive(Clone, Debug)]
pub struct DictionaryIndex {
    pub lists: Vec<PublishedList>,
    /// Changes of 区划 that the city decided.
    pub own: usize,
    pub powers: RegionPowers,
    /// 工作日历 is open to this person.
    pub calendar: bool,
}

/// What the city has decided about its regions, as the database holds it: who has just changed it sees the change.
struct Own {
    city: Arc<City>,
    regions: Arc<OwnRegions>,
    powers: RegionPowers,
}

impl DictionaryRoom {
    async fn permit(&self, actor: &Actor, list: &str) -> UseResult<Permit> {
        self.watch
            .permit(actor, Room::Dictionaries, Action::View, list)
            .await
    }

    async fn own(&self, actor: &Actor, permit: &Permit) -> UseResult<Own> {
        let city = self.cities.by_id(actor.city);
        let city = city.ok_or_else(UseError::not_found)?;
        let name = RuleName::from(RuleKind::Regions);
        let mut work = self.store.begin(permit).await?;
        let stored = work.city_rules().city_rule(&name).await?;
        let newest = work.city_rules().rule_changes(&name, 1).await?;
        drop(work);
        let regions = match stored {
            Some(CityRule::Regions(own)) => Arc::new(own),
            _ => city.own_regions.clone(),
        };
        // While a change waits no other one can be proposed, so it is the newest.
        let waits = newest.iter().any(|c| c.status == ChangeStatus::Open);
        let guard = &self.watch.guard;
        let powers = RegionPowers {
            see: guard.may(actor, Room::Settings, Action::View).await,
            propose: !waits && guard.may(actor, Room::Settings, Action::Save).await,
            waits,
        };
        Ok(Own {
            city,
            regions,
            powers,
        })
    }

    /// Every list with its source.
    pub async fn index(&self, actor: &Actor) -> UseResult<DictionaryIndex> {
        let permit = self.permit(actor, "index").await?;
        let own = self.own(actor, &permit).await?;
        let guard = &self.watch.guard;
        Ok(DictionaryIndex {
            lists: self.lists.published_lists(),
            own: own.regions.len(),
            powers: own.powers,
            calendar: guard.may(actor, Room::Supervision, Action::View).await,
        })
    }

    fn list(&self, code: &str) -> UseResult<PublishedList> {
        let all = self.lists.published_lists();
        let found = all.into_iter().find(|list| list.code == code);
        found.ok_or_else(|| UseError::bug("a list of the program is missing"))
    }
}

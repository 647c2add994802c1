//! Enterprises 企业管理: the city looks its enterprises up, opens full values for a reason, and holds an account with two people.

mod hold;
mod look;
pub(crate) mod notices;
mod unmask;

use std::sync::Arc;

pub use hold::{AskAccountHold, SettleAccountHold};
pub use look::{EnterpriseCase, EnterpriseLeaf, EnterprisePowers, ListAsk, PAGE};
pub use unmask::{UnmaskEnterprise, UnmaskedEnterprise};

use domain::ids::TenantId;

use crate::{
    audit::Watch,
    city::City,
    ports::{
        reference::{IndustryDirectory, IndustryEntry, RegionEntry, Regions},
        sealing::Sealer,
        store::Store,
    },
};

/// The room.
#[derive(Clone)]
pub struct EnterpriseRoom {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub sealer: Arc<dyn Sealer>,
    pub regions: Arc<dyn Regions>,
    pub industries: Arc<dyn IndustryDirectory>,
}

impl EnterpriseRoom {
    /// Counties 区县 of a city, for the filter.
    pub fn counties(&self, city: &City) -> Vec<RegionEntry> {
        let regions = self.regions.of(city.id);
        regions.children(Some(&city.default_city))
    }

    /// Sections 门类, for the filter.
    pub fn sections(&self) -> Vec<IndustryEntry> {
        self.industries.sections()
    }

    /// `沧州市运河区` of a stored place.
    pub fn county(&self, city: TenantId, region: &str) -> String {
        let regions = self.regions.of(city);
        regions.county_name(region).unwrap_or_default()
    }

    /// `第二产业 / …` of a stored industry.
    pub fn industry(&self, code: &str) -> String {
        self.industries.full_name(code).unwrap_or_default()
    }

    /// The two-digit divisions of a section.
    fn divisions(&self, section: &str) -> Vec<String> {
        let sectors = self.industries.children(None);
        let divisions = sectors
            .iter()
            .flat_map(|sector| self.industries.children(Some(&sector.code)));
        divisions
            .map(|division| division.code)
            .filter(|code| self.industries.section_of(code).as_deref() == Some(section))
            .collect()
    }
}

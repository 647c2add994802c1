//! Estimates 额度试算 (W4): what a product's published rules and figures come to before anybody applies. An indication: the bank decides,
//! and sees none of it.

mod answer;
mod ask;
mod documents;
mod keep;
mod look;

use std::sync::Arc;

use domain::ids::{EnterpriseId, ProductId};

pub use answer::{EstimateAnswer, ToldCap, ToldRepayment, ToldRule};
pub use ask::{EstimateInputs, OUTSIDE, OwnFigures, Question, TypedEstimate, questions};
pub use keep::{MakeEstimate, Tried};
pub use look::{EstimateForm, SeenEstimate, Since};

use crate::{
    access::Actor,
    audit::Watch,
    catalogue::{Portal, Snapshot},
    city::City,
    error::{UseError, UseResult},
    ports::{
        catalogue::Product,
        reference::{IndustryDirectory, RegionDirectory, RegionEntry},
        store::Store,
    },
};

/// Estimates of one enterprise that are kept; an older one makes room for a new one.
pub const KEPT: i64 = 50;

/// The code of a product that is off the market: its own page says why and what is like it.
pub const GONE: &str = "estimate.product_gone";

/// The room.
pub struct EstimateRoom {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub portal: Arc<Portal>,
    pub regions: Arc<dyn RegionDirectory>,
    pub industries: Arc<dyn IndustryDirectory>,
}

impl EstimateRoom {
    /// A product that can be applied for now.
    fn product(snapshot: &Snapshot, id: ProductId) -> UseResult<&Product> {
        snapshot.product(id).ok_or_else(|| {
            if snapshot.retired(id).is_some() || snapshot.paused(id).is_some() {
                UseError::conflict(GONE)
            } else {
                UseError::not_found()
            }
        })
    }

    /// Counties that a rule may name.
    fn counties(&self, city: &City) -> Vec<RegionEntry> {
        self.regions.children(Some(&city.default_city))
    }

    /// What the code of an answer is called; empty when it is none.
    pub fn name_of(&self, question: Question, code: &str) -> String {
        let name = match question {
            Question::Section => {
                let mut sections = self.industries.sections().into_iter();
                sections.find(|s| s.code == code).map(|s| s.name)
            }
            Question::Region => self.regions.find(code).map(|r| r.name),
            _ => None,
        };
        name.unwrap_or_default()
    }

    fn enterprise(actor: &Actor) -> UseResult<EnterpriseId> {
        actor.enterprise.ok_or_else(UseError::not_found)
    }
}

//! What the deeds of the branch are about: an application and everything that its branch may know of it.

use std::sync::Arc;

use application::{access::Actor, dossier::Case, error::UseResult};
use domain::{financing::ApplicationRecord, ids::FinancingApplicationId};
use futures::future::BoxFuture;
use uuid::Uuid;

use super::Branch;
use crate::deed::Ground;

/// An application that lies with the branch.
pub(super) struct Held;

impl Ground for Held {
    type Uses = Branch;
    type Case = Case;

    fn read(uses: Arc<Branch>, actor: Actor, id: Uuid) -> BoxFuture<'static, UseResult<Case>> {
        Box::pin(async move {
            let id = FinancingApplicationId(id);
            uses.dossier.view(&actor, id).await
        })
    }

    fn record(case: &Case) -> &ApplicationRecord {
        &case.record
    }
}

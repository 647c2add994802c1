//! Visit lists 走访清单 (O11) and 整改任务 (G6): the city takes a list in, gives its enterprises to institutions, sends them into the
//! institutions' own 推荐清单 and sees how far everybody is. Whoever reads totals only finds no enterprise here.

mod assign;
mod lists;
mod look;
mod repair;
mod send;
mod take;
mod take_in;

use std::sync::Arc;

use domain::{ids::TenantId, values::FreeText};
use uuid::Uuid;

pub use assign::{AssignRows, GiveRow};
pub use lists::{CloseList, NewList, SeenLists};
pub use look::{BankPart, Coverage, DistrictPart, Rights, SeenList, SeenRow, SeenRows, repairable};
pub use repair::{FinishRepair, RepairAsk, SeenRepair, SeenRepairs, SetRepair};
pub use send::{SendList, SentRows};
pub use take::VisitBook;
pub use take_in::VisitLine;

use crate::{
    access::{Action, Actor, Permit, Room},
    audit::Watch,
    city::Cities,
    error::{Checks, FieldError, UseError, UseResult},
    ports::{
        notice_words::NoticeWords,
        reference::{RegionDirectory, RegionEntry},
        sealing::{Place, Sealer},
        store::{Store, UnitOfWork},
        visits::VisitList,
    },
};

/// Rows of one page.
pub const PAGE: i64 = 50;

/// The room.
#[derive(Clone)]
pub struct VisitRoom {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub sealer: Arc<dyn Sealer>,
    pub cities: Arc<dyn Cities>,
    pub regions: Arc<dyn RegionDirectory>,
    pub words: Arc<dyn NoticeWords>,
}

/// Where the contact of a row is sealed.
fn place(city: TenantId, row: Uuid) -> Place {
    Place {
        tenant: city.0,
        table: "visit_rows",
        row,
        column: "contact_sealed",
    }
}

/// A list that still takes changes; nobody closes it before the commit.
pub(crate) async fn open_list(work: &mut dyn UnitOfWork, id: Uuid) -> UseResult<VisitList> {
    let list = work.visit_lists().visit_list_for_update(id).await?;
    let list = list.ok_or_else(UseError::not_found)?;
    if list.is_open() {
        Ok(list)
    } else {
        Err(UseError::conflict("visits.closed"))
    }
}

/// A text of one line and at least two signs.
fn text<const MOST: usize>(
    checks: &mut Checks,
    field: &'static str,
    typed: &str,
) -> Option<String> {
    let read = checks.take(field, FreeText::<MOST>::parse(typed))?;
    let read = read.as_str().replace('\n', " ");
    if read.chars().count() < 2 {
        checks.push(FieldError::new(field, "visits.too_short"));
        return None;
    }
    Some(read)
}

impl VisitRoom {
    /// For whoever reads totals.
    async fn reader(&self, actor: &Actor) -> UseResult<Permit> {
        self.watch
            .permit(actor, Room::Statistics, Action::View, "visits")
            .await
    }

    async fn permit(&self, actor: &Actor, action: Action, object: Uuid) -> UseResult<Permit> {
        self.watch.permit(actor, Room::Visits, action, object).await
    }

    /// The answer of a use case, with a line of the log where it was refused.
    async fn answered<T>(
        &self,
        actor: &Actor,
        action: Action,
        object: Uuid,
        outcome: UseResult<T>,
    ) -> UseResult<T> {
        self.watch
            .refused(actor, Room::Visits, action, object, outcome)
            .await
    }

    /// 区县 of the city.
    fn districts(&self, actor: &Actor) -> Vec<RegionEntry> {
        let city = self.cities.by_id(actor.city);
        city.map_or_else(Vec::new, |city| {
            self.regions.children(Some(&city.default_city))
        })
    }

    /// A code that the list of regions does not know is told as such.
    fn district_name(&self, code: &str) -> String {
        let known = self.regions.find(code);
        known.map_or_else(|| format!("其他地区（{code}）"), |region| region.name)
    }
}

//! Institutions 机构管理 (O3): the city takes an institution in with its first administrator, keeps its public facts, and pauses it with
//! two people.

mod facts;
pub(crate) mod notices;
mod open;
mod suspend;

use std::sync::Arc;

use domain::{ids::TenantId, tenant::TenantKind};

pub use facts::InstitutionForm;
pub use open::{OpenInstitution, Opened};
pub use suspend::{AskSuspension, SettleSuspension};

use crate::{
    access::{Action, Actor, Permit, Room},
    error::UseResult,
    people::{Listed, PeopleRoom},
    ports::{
        institution_desk::{DeskBranch, DeskInstitution, Suspension},
        people::PeopleFilter,
        reference::{RegionDirectory, Vocabulary, VocabularyEntry},
        supervision::HoldStatus,
    },
};

/// 平台自有机构: no type of the list, and given by the vendor alone.
pub const HOLDING: &str = "financial_holding";
const HOLDING_LABEL: &str = "平台自有机构";
/// People of a headquarters on the page.
const PEOPLE: i64 = 50;

/// The room.
#[derive(Clone)]
pub struct InstitutionRoom {
    /// Who invites the first administrator; its watch and store are the room's.
    pub people: PeopleRoom,
    pub words: Arc<dyn Vocabulary>,
    pub regions: Arc<dyn RegionDirectory>,
}

/// The list, and what waits for a second person.
#[derive(Clone, Debug)]
pub struct InstitutionList {
    pub institutions: Vec<DeskInstitution>,
    pub suspensions: Vec<Suspension>,
    pub may_save: bool,
}

/// What this person may do; each use case checks again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InstitutionPowers {
    pub save: bool,
    /// Ask for a pause, or for its end.
    pub ask: bool,
    /// Settle what somebody else asked for.
    pub settle: bool,
    /// Take back what this person asked for.
    pub withdraw: bool,
}

/// One institution as the city sees it.
#[derive(Clone, Debug)]
pub struct InstitutionCase {
    pub institution: DeskInstitution,
    pub branches: Vec<DeskBranch>,
    pub people: Vec<Listed>,
    pub suspensions: Vec<Suspension>,
    pub powers: InstitutionPowers,
}

impl InstitutionCase {
    /// The request that waits for a second person.
    pub fn open_suspension(&self) -> Option<&Suspension> {
        self.suspensions
            .iter()
            .find(|s| s.status == HoldStatus::Open)
    }
}

impl InstitutionRoom {
    /// Types 机构类型 that a new one may have.
    pub fn types(&self) -> Vec<VocabularyEntry<'_>> {
        self.words.entries("institution_type")
    }

    /// `沧州市运河区` of a branch.
    pub fn county(&self, region: &str) -> String {
        self.regions.county_name(region).unwrap_or_default()
    }

    async fn permit(
        &self,
        actor: &Actor,
        action: Action,
        object: impl std::fmt::Display,
    ) -> UseResult<Permit> {
        self.people
            .invitations
            .watch
            .permit(actor, Room::Institutions, action, object)
            .await
    }

    async fn may(&self, actor: &Actor, action: Action) -> bool {
        let guard = &self.people.invitations.watch.guard;
        guard.may(actor, Room::Institutions, action).await
    }

    /// All institutions of the city.
    pub async fn list(&self, actor: &Actor) -> UseResult<InstitutionList> {
        let permit = self.permit(actor, Action::View, actor.tenant).await?;
        let mut work = self.people.invitations.store.begin(&permit).await?;
        let institutions = work.institution_desk().desk_institutions().await?;
        let suspensions = work.institution_desk().open_suspensions().await?;
        drop(work);
        Ok(InstitutionList {
            institutions,
            suspensions,
            may_save: self.may(actor, Action::Save).await,
        })
    }

    /// One institution; of another city there is none.
    pub async fn view(&self, actor: &Actor, id: TenantId) -> UseResult<InstitutionCase> {
        let permit = self.permit(actor, Action::View, id).await?;
        self.people.invitations.sealer.ready(actor.city.0).await?;
        let mut work = self.people.invitations.store.begin(&permit).await?;
        let Some(institution) = work.institution_desk().desk_institution(id).await? else {
            drop(work);
            let watch = &self.people.invitations.watch;
            let missing = watch.missing(actor, Room::Institutions, Action::View, id);
            return Err(missing.await);
        };
        let branches = work.institution_desk().desk_branches(id).await?;
        let filter = PeopleFilter {
            node: Some(id),
            words: String::new(),
            most: PEOPLE,
        };
        let found = work.people().people(&filter).await?;
        let suspensions = work.institution_desk().suspensions(id).await?;
        drop(work);
        let people = found
            .into_iter()
            .filter(|p| p.node.kind == TenantKind::Bank);
        let people = people
            .map(|person| self.people.listed(actor, person))
            .collect::<UseResult<Vec<Listed>>>()?;
        let mut case = InstitutionCase {
            institution,
            branches,
            people,
            suspensions,
            powers: InstitutionPowers::default(),
        };
        let open = case.open_suspension().map(|s| s.asked_by);
        case.powers = InstitutionPowers {
            save: self.may(actor, Action::Save).await,
            ask: open.is_none() && self.may(actor, Action::Ask).await,
            settle: open.is_some_and(|by| by != actor.user)
                && self.may(actor, Action::Confirm).await,
            withdraw: open.is_some_and(|by| by == actor.user) && self.may(actor, Action::Ask).await,
        };
        Ok(case)
    }
}

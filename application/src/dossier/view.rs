//! 查看 of one application by its branch: masked facts, materials, log, and what this person may do next.

use domain::{
    financing::{
        ApplicationEvent, ApplicationRecord, IntakeStatus, ReviewStatus, Stage, Verb, rule_for,
    },
    ids::FinancingApplicationId,
    product::ProductRange,
    values::Cents,
};

use super::{DossierRoom, is_open_to_bank};
use crate::{
    access::{Action, Actor, Room},
    desk::clock_of,
    error::{UseError, UseResult},
    ports::{
        branch_board::Urgency,
        dossiers::{DossierFile, ShownFacts, SupplementItem},
        view_log::ViewEntry,
    },
};

/// Looks at full data that the page lists.
const VIEWS: i64 = 20;

/// What this person may do with the application now; each use case checks again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one button")]
pub struct Powers {
    pub accept: bool,
    pub ask_supplement: bool,
    pub approve: bool,
    pub reject: bool,
    pub unmask: bool,
    pub open_file: bool,
}

/// One application as its branch sees it.
#[derive(Clone, Debug)]
pub struct Case {
    pub record: ApplicationRecord,
    pub columns: (IntakeStatus, ReviewStatus),
    pub events: Vec<ApplicationEvent>,
    /// `None` once only the minimal record is left.
    pub shown: Option<ShownFacts>,
    /// False when a consent for this application was withdrawn: nothing more may be opened.
    pub consent: bool,
    pub files: Vec<DossierFile>,
    pub items: Vec<SupplementItem>,
    pub views: Vec<ViewEntry>,
    pub range: Option<ProductRange>,
    pub urgency: Option<Urgency>,
    pub powers: Powers,
    /// Why deciding is not offered although the person decides: above the single-step limit.
    pub single_step_limit: Option<Cents>,
}

impl DossierRoom {
    /// The application, masked.
    pub async fn view(&self, actor: &Actor, id: FinancingApplicationId) -> UseResult<Case> {
        let permit = self
            .watch
            .permit(actor, Room::Dossier, Action::View, id)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let Some(application) = work.branch_board().find(id).await? else {
            drop(work);
            return Err(self
                .watch
                .missing(actor, Room::Dossier, Action::View, id)
                .await);
        };
        let record = application.record().clone();
        let columns = application.columns().ok_or_else(UseError::not_found)?;
        let events = work.financing_applications().events(id).await?;
        let range = work
            .branch_board()
            .range(record.product, record.product_version)
            .await?;
        let mut case = Case {
            columns,
            events,
            shown: None,
            consent: false,
            files: Vec::new(),
            items: Vec::new(),
            views: Vec::new(),
            range,
            urgency: self.urgency(actor, &record)?,
            powers: Powers::default(),
            single_step_limit: self.limit(actor)?,
            record,
        };
        if is_open_to_bank(case.record.stage) {
            case.shown = work.dossiers().find(id).await?.map(|d| d.shown);
            case.consent = work.dossiers().consent_stands(id).await?;
            case.files = work.dossiers().files(id).await?;
            case.items = work.dossiers().items(id).await?;
            case.views = work.view_log().of_application(id, VIEWS).await?;
        }
        drop(work);
        case.powers = self.powers(actor, &case).await;
        Ok(case)
    }

    fn limit(&self, actor: &Actor) -> UseResult<Option<Cents>> {
        let city = self
            .cities
            .by_id(actor.city)
            .ok_or_else(UseError::not_found)?;
        Ok(city
            .single_step_up_to_cents
            .and_then(|cents| Cents::new(cents).ok()))
    }

    fn urgency(&self, actor: &Actor, record: &ApplicationRecord) -> UseResult<Option<Urgency>> {
        let city = self
            .cities
            .by_id(actor.city)
            .ok_or_else(UseError::not_found)?;
        let start = match record.stage {
            Stage::NeedSupplement => record.paused_at,
            Stage::Approved => None,
            _ => record.submitted_at,
        };
        let now = self.watch.clock.now();
        Ok(start.zip(record.due_at).map(|(start, due)| {
            clock_of(
                &city,
                &self.calendar.work_calendar(),
                record.stage,
                start,
                due,
                now,
            )
        }))
    }

    async fn powers(&self, actor: &Actor, case: &Case) -> Powers {
        let record = &case.record;
        let stage = record.stage;
        let moves = |verb| {
            !record.frozen
                && actor
                    .roles
                    .iter()
                    .any(|role| rule_for(stage, verb, *role).is_some())
        };
        let guard = &self.watch.guard;
        let holds = stage == Stage::InApproval || record.holder == Some(actor.user);
        let single = case
            .single_step_limit
            .is_some_and(|limit| record.amount <= limit);
        let decides = if stage == Stage::InApproval {
            record.holder != Some(actor.user)
        } else {
            single
        };
        let open = case.shown.is_some() && case.consent;
        Powers {
            accept: moves(Verb::Accept) && guard.may(actor, Room::Intake, Action::Accept).await,
            ask_supplement: moves(Verb::AskSupplement)
                && holds
                && record.supplement_rounds < domain::financing::SUPPLEMENT_ROUNDS
                && guard.may(actor, Room::Review, Action::AskSupplement).await,
            approve: moves(Verb::Approve)
                && decides
                && guard.may(actor, Room::Review, Action::Approve).await,
            reject: moves(Verb::Reject)
                && decides
                && guard.may(actor, Room::Review, Action::Reject).await,
            unmask: open && guard.may(actor, Room::Dossier, Action::Unmask).await,
            open_file: open && guard.may(actor, Room::Dossier, Action::OpenFile).await,
        }
    }
}

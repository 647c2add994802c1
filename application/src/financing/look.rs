//! 融资需求管理 (M-501 to M-519): the list, the drafts tab and the detail of one request.

use domain::{
    financing::{ApplicationEvent, EventDetail, FinancingApplication, Stage},
    ids::{FileId, FinancingApplicationId, ProductId},
};
use time::OffsetDateTime;

use super::{AppealSheet, CoolDown, Financing, SupplementTask, clocks, form::cool_down, save};
use crate::{
    access::{Action, Actor, Room},
    city::City,
    desk::{Promise, promises},
    error::{UseError, UseResult},
    files::KeptFile,
    ports::{
        application_board::{BoardFilter, BoardPage},
        dossiers::{DossierFile, ShownFacts, SupplementItem},
        drafts::{Draft, LastRefusal, Typed},
        financing_applications::RelatedApplication,
        letters::{Side, Waiting},
        moves::{MoveRequest, MoveStatus},
        store::UnitOfWork,
    },
};

/// The list page.
#[derive(Clone, Debug)]
pub struct BoardSheet {
    pub page: BoardPage,
    /// 待核身 too.
    pub drafts: usize,
}

/// One line of the drafts tab.
#[derive(Clone, Debug)]
pub struct DraftLine {
    pub id: FinancingApplicationId,
    pub product: ProductId,
    pub product_name: String,
    pub branch: String,
    pub typed: Typed,
    pub unit: &'static str,
    pub saved_at: OffsetDateTime,
    pub version: i32,
}

impl From<Draft> for DraftLine {
    fn from(draft: Draft) -> Self {
        let typed = save::typed_of(&draft);
        let r = draft.application.record();
        Self {
            id: r.id,
            product: r.product,
            product_name: r.product_name.clone(),
            branch: r.handler_name.clone(),
            unit: r.term.unit().label(),
            saved_at: r.updated_at,
            version: r.version,
            typed,
        }
    }
}

/// What somebody may do to a request as it stands; each use case asks again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// 撤回.
    Withdraw,
    /// 补充提交.
    Supplement,
    /// 答复 of a 跨支行转派.
    AnswerMove,
    /// 申请复议.
    Reconsider,
    /// 再次申请: once it is over, and no 冷静期 runs.
    ApplyAgain,
}

/// The detail page.
#[derive(Clone, Debug)]
pub struct ApplicationDetail {
    pub application: FinancingApplication,
    /// Oldest first, without the savings of the draft and without what stays among the bank's people.
    pub events: Vec<ApplicationEvent>,
    pub shown: Option<ShownFacts>,
    pub files: Vec<DossierFile>,
    pub items: Vec<SupplementItem>,
    /// What was kept of the note that goes with the answers.
    pub kept_note: String,
    /// What is known of the files of the answers that are not sent yet.
    pub kept_files: Vec<KeptFile>,
    /// Given for this request and still standing.
    pub consent_stands: bool,
    /// 重新授权 is offered: a consent lapsed while it is under way, and this person may grant.
    pub may_renew: bool,
    /// What waits in the talk with the branch.
    pub letters: Waiting,
    /// Every clock that runs, the next one first.
    pub promises: Vec<Promise>,
    /// After a refusal: when the same product may be asked for again.
    pub cool_down: Option<CoolDown>,
    /// 复议, after a refusal.
    pub appeal: AppealSheet,
    /// 跨支行转派 that waits for an answer or was agreed to.
    pub move_asked: Option<MoveRequest>,
    /// What this person may do to it.
    pub deeds: Vec<Deed>,
    /// The request before, and those asked for again (row 32).
    pub related: Vec<RelatedApplication>,
}

/// Of an internal step the enterprise reads that it happened and who holds the request since; what is put before the approvers is the
/// bank's own until it is decided.
fn keep_to_the_bank(event: &mut ApplicationEvent) {
    if event.verb.is_internal() {
        event.note.clear();
        event.reason_codes.clear();
        if !matches!(event.detail, EventDetail::Holder { .. }) {
            event.detail = EventDetail::None;
        }
    } else if matches!(event.detail, EventDetail::Proposal { .. }) {
        event.detail = EventDetail::None;
    } else if let EventDetail::DrawCorrected { second, .. }
    | EventDetail::RepaymentCorrected { second, .. } = &mut event.detail
    {
        second.clear();
    }
}

/// What was kept of an answer that is not sent yet: its note, and what is known of its files.
async fn kept(
    work: &mut dyn UnitOfWork,
    actor: &Actor,
    application: &FinancingApplication,
    items: &[SupplementItem],
) -> UseResult<(String, Vec<KeptFile>)> {
    let Some(task) = SupplementTask::of(application, items) else {
        return Ok((String::new(), Vec::new()));
    };
    let id = application.record().id;
    let note = work.dossiers().kept_note(id, task.round).await?;
    let named = |file: &FileId| task.items.iter().any(|item| item.files.contains(file));
    let mut files = Vec::new();
    if let Some(enterprise) = actor.enterprise
        && task.items.iter().any(|item| !item.files.is_empty())
    {
        let rows = work.enterprise_files().current_files(enterprise).await?;
        files.extend(rows.iter().filter(|row| named(&row.id)).map(KeptFile::from));
    }
    Ok((note, files))
}

impl Financing {
    pub async fn list(
        &self,
        actor: &Actor,
        filter: &BoardFilter,
        page: u64,
    ) -> UseResult<BoardSheet> {
        let permit = self
            .guard
            .permit(actor, Room::Financing, Action::View)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let page = work.application_board().page(filter, page).await?;
        Ok(BoardSheet {
            page,
            drafts: work.drafts().drafts().await?.len() + work.drafts().pending_face().await?.len(),
        })
    }

    fn promises(&self, city: &City, application: &FinancingApplication) -> Vec<Promise> {
        let calendar = city.work_calendar(&*self.lists.calendar);
        promises(city, &calendar, application.record(), self.clock.now())
    }

    pub async fn drafts(&self, actor: &Actor) -> UseResult<Vec<DraftLine>> {
        let permit = self
            .guard
            .permit(actor, Room::Financing, Action::View)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let drafts = work.drafts().drafts().await?;
        Ok(drafts.into_iter().map(DraftLine::from).collect())
    }

    /// The requests that follow one, newest first, at most `most`; and whether there are more.
    pub async fn after(
        &self,
        actor: &Actor,
        filter: &BoardFilter,
        after: Option<(OffsetDateTime, uuid::Uuid)>,
        most: usize,
    ) -> UseResult<(Vec<FinancingApplication>, bool)> {
        let permit = self
            .guard
            .permit(actor, Room::Financing, Action::View)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let one_more = i64::try_from(most).unwrap_or(i64::MAX - 1) + 1;
        let mut rows = work
            .application_board()
            .after(filter, after, one_more)
            .await?;
        let more = rows.len() > most;
        rows.truncate(most);
        Ok((rows, more))
    }

    pub async fn detail(
        &self,
        actor: &Actor,
        id: FinancingApplicationId,
    ) -> UseResult<ApplicationDetail> {
        let permit = self
            .guard
            .permit(actor, Room::Financing, Action::View)
            .await?;
        let city = self.city(actor)?;
        let mut work = self.store.begin(&permit).await?;
        let application = work.application_board().one(id).await?;
        let application = application
            .filter(|a| !a.record().stage.is_before_submission())
            .ok_or_else(UseError::not_found)?;
        let mut events = work.financing_applications().events(id).await?;
        events.retain(|e| !e.to.is_before_submission());
        events.iter_mut().for_each(keep_to_the_bank);
        let dossier = work.dossiers().find(id).await?;
        let files = work.dossiers().files(id).await?;
        let items = work.dossiers().items(id).await?;
        let (kept_note, kept_files) = kept(&mut *work, actor, &application, &items).await?;
        let consent_stands = work.dossiers().consent_stands(id).await?;
        let may_renew = !consent_stands
            && application.record().stage.is_open()
            && self.guard.may(actor, Room::Consents, Action::Grant).await;
        let record = application.record().clone();
        let mut appeal = AppealSheet::default();
        if record.stage == Stage::Rejected || record.reconsidered {
            appeal.asked = work.reconsiderations().reconsideration(id).await?;
        }
        let move_asked = if matches!(record.stage, Stage::Accepted | Stage::DueDiligence) {
            work.moves().running_move(id).await?
        } else {
            None
        };
        let letters = work.letters().waiting(id, Side::Enterprise).await?;
        let related = work.financing_applications().related(id).await?;
        drop(work);
        self.may_appeal(actor, &city, &application, &mut appeal)
            .await;
        let refusal = record.decided_at.map(|decided_at| LastRefusal {
            decided_at,
            reason_codes: record.reason_codes,
        });
        let mut view = ApplicationDetail {
            cool_down: cool_down(&city, refusal.as_ref(), self.clock.now()),
            promises: self.promises(&city, &application),
            shown: dossier.map(|d| d.shown),
            application,
            events,
            files,
            items,
            kept_note,
            kept_files,
            consent_stands,
            may_renew,
            appeal,
            move_asked,
            related,
            letters,
            deeds: Vec::new(),
        };
        view.deeds = self.deeds(actor, &view).await;
        Ok(view)
    }

    /// Where it stands decides what can be done at all, the policy by whom.
    async fn deeds(&self, actor: &Actor, view: &ApplicationDetail) -> Vec<Deed> {
        let stage = view.application.record().stage;
        let (financing, asked) = (Room::Financing, view.waiting_move().is_some());
        let over = stage.is_terminal() && view.cool_down.is_none();
        let mut deeds = Vec::new();
        for (deed, stands, room, action) in [
            (Deed::Withdraw, stage.is_open(), financing, Action::Withdraw),
            (
                Deed::Supplement,
                stage == Stage::NeedSupplement,
                financing,
                Action::Answer,
            ),
            (Deed::AnswerMove, asked, Room::Dispatch, Action::Confirm),
            (Deed::ApplyAgain, over, financing, Action::Save),
        ] {
            if stands && self.guard.may(actor, room, action).await {
                deeds.push(deed);
            }
        }
        if view.appeal.may_ask {
            deeds.push(Deed::Reconsider);
        }
        deeds
    }
}

impl Financing {
    /// Fills in whether 复议 may be asked for now, and until when.
    pub(super) async fn may_appeal(
        &self,
        actor: &Actor,
        city: &City,
        application: &FinancingApplication,
        appeal: &mut AppealSheet,
    ) {
        let calendar = city.work_calendar(&*self.lists.calendar);
        let clocks = clocks(city, &calendar);
        let decided = application.record().decided_at;
        appeal.until = decided.and_then(|at| clocks.reconsider_until(at));
        // Any words: whether there are some is asked of the form.
        let asks = application.may_ask_reconsideration("新情况", &clocks, self.clock.now());
        appeal.may_ask = appeal.asked.is_none()
            && asks.is_ok()
            && self.guard.may(actor, Room::Appeal, Action::Ask).await;
    }
}

impl ApplicationDetail {
    /// Whether this person may do it now.
    pub fn may(&self, deed: Deed) -> bool {
        self.deeds.contains(&deed)
    }

    /// 跨支行转派 that waits for an answer.
    pub fn waiting_move(&self) -> Option<&MoveRequest> {
        let asked = self.move_asked.as_ref();
        asked.filter(|ask| ask.status == MoveStatus::Open)
    }

    /// 补充清单 that waits for an answer.
    pub fn task(&self) -> Option<SupplementTask> {
        let mut task = SupplementTask::of(&self.application, &self.items)?;
        task.note.clone_from(&self.kept_note);
        task.kept.clone_from(&self.kept_files);
        Some(task)
    }
}

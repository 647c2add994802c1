//! 查看 of one application by its branch: masked facts, materials, log, and what this person may do next.

use domain::{
    financing::{ApplicationEvent, ApplicationRecord, IntakeStatus, ReviewStatus, Stage},
    ids::FinancingApplicationId,
    product::ProductRange,
    values::Cents,
};
use time::OffsetDateTime;

use super::{DossierRoom, Powers, is_open_to_bank};
use crate::{
    access::{Action, Actor, Room},
    approval::single_step_limit,
    desk::{Promise, promises},
    error::{UseError, UseResult},
    lending::balance,
    ports::{
        approvals::StoredSignature,
        deferrals::Deferral,
        diligence::{DiligencePhoto, StoredReport},
        dossiers::{DossierFile, ShownFacts, SupplementItem},
        financing_applications::RelatedApplication,
        lending::{StoredDraw, StoredRepayment},
        letters::{Side, Waiting},
        loan_corrections::LoanCorrection,
        store::UnitOfWork,
        view_log::ViewEntry,
    },
};

/// Looks at full data that the page lists.
const VIEWS: i64 = 20;

/// One application as its branch sees it.
#[derive(Clone, Debug)]
pub struct Case {
    pub record: ApplicationRecord,
    pub columns: (IntakeStatus, ReviewStatus),
    /// The request before and those asked for again (row 32), where this node sees them.
    pub related: Vec<RelatedApplication>,
    pub events: Vec<ApplicationEvent>,
    /// `None` once only the minimal record is left.
    pub shown: Option<ShownFacts>,
    /// False when a consent for this application was withdrawn or is over: nothing more may be opened.
    pub consent: bool,
    /// Since when 资料授权 is over, because the application is.
    pub ended: Option<OffsetDateTime>,
    /// 另有 N 笔在办 at other institutions; a number and nothing else, and none without a standing consent or once it is decided.
    pub elsewhere: i32,
    pub files: Vec<DossierFile>,
    pub items: Vec<SupplementItem>,
    pub views: Vec<ViewEntry>,
    pub range: Option<ProductRange>,
    /// What waits in the talk with the enterprise.
    pub letters: Waiting,
    /// Every clock that runs, the next one first.
    pub promises: Vec<Promise>,
    /// 尽调报告 and its photos.
    pub report: Option<StoredReport>,
    pub photos: Vec<DiligencePhoto>,
    /// 审批签署 of every round, oldest first.
    pub signatures: Vec<StoredSignature>,
    /// 放款 and 还款.
    pub draws: Vec<StoredDraw>,
    pub repayments: Vec<StoredRepayment>,
    /// 更正 of what was recorded of the loan, whatever became of it, oldest first.
    pub corrections: Vec<LoanCorrection>,
    /// 延期申请, oldest first.
    pub deferrals: Vec<Deferral>,
    pub powers: Powers,
    /// Why deciding is not offered although the person decides: above the single-step limit.
    pub single_step_limit: Option<Cents>,
}

impl Case {
    /// 待还本金.
    pub fn owed(&self) -> Cents {
        balance(&self.record, &self.repayments)
    }

    /// Why the papers are shut.
    pub const fn shut(&self) -> &'static str {
        if self.shown.is_none() {
            "dossier.closed"
        } else if self.ended.is_some() {
            "dossier.ended"
        } else {
            "dossier.consent_withdrawn"
        }
    }
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
        let related = work.financing_applications().related(id).await?;
        let mut case = Case {
            columns,
            related,
            events,
            shown: None,
            consent: false,
            ended: None,
            elsewhere: 0,
            files: Vec::new(),
            items: Vec::new(),
            views: Vec::new(),
            report: None,
            photos: Vec::new(),
            signatures: Vec::new(),
            draws: Vec::new(),
            repayments: Vec::new(),
            corrections: Vec::new(),
            deferrals: Vec::new(),
            range,
            letters: Waiting::default(),
            promises: self.promises(actor, &record)?,
            powers: Powers::default(),
            single_step_limit: self.limit(actor, &mut *work, &record).await?,
            record,
        };
        if is_open_to_bank(case.record.stage) {
            case.shown = work.dossiers().find(id).await?.map(|d| d.shown);
            case.ended = self.ended(actor, &mut *work, &case.record).await?;
            case.consent = case.ended.is_none() && work.dossiers().consent_stands(id).await?;
            if case.consent && case.record.stage.is_open() {
                case.elsewhere = work.dossiers().open_elsewhere(id).await?;
            }
            case.files = work.dossiers().files(id).await?;
            case.items = work.dossiers().items(id).await?;
            case.letters = work.letters().waiting(id, Side::Bank).await?;
            case.views = work.view_log().of_application(id, VIEWS).await?;
            self.papers(&mut *work, &mut case).await?;
        }
        drop(work);
        case.powers = self.powers(actor, &case).await;
        Ok(case)
    }

    /// The bank's own papers, where there may be any.
    async fn papers(&self, work: &mut dyn UnitOfWork, case: &mut Case) -> UseResult<()> {
        let id = case.record.id;
        if case.record.contacted_at.is_some() {
            case.report = work.diligence().report(id).await?;
            case.photos = work.diligence().photos(id).await?;
        }
        if case.record.approval.is_some() {
            case.signatures = work.approvals().signatures(id).await?;
        }
        if case.record.draws > 0 {
            case.draws = work.lending().draws(id).await?;
            case.repayments = work.lending().repayments(id).await?;
            case.corrections = work.loan_corrections().loan_corrections(id).await?;
            case.deferrals = work.deferrals().deferrals(id).await?;
        }
        Ok(())
    }

    /// Asked for only where somebody might decide in one step.
    async fn limit(
        &self,
        actor: &Actor,
        work: &mut dyn UnitOfWork,
        record: &ApplicationRecord,
    ) -> UseResult<Option<Cents>> {
        if !matches!(record.stage, Stage::Accepted | Stage::DueDiligence) {
            return Ok(None);
        }
        let city = self
            .cities
            .by_id(actor.city)
            .ok_or_else(UseError::not_found)?;
        single_step_limit(work, &city, record.bank).await
    }

    fn promises(&self, actor: &Actor, record: &ApplicationRecord) -> UseResult<Vec<Promise>> {
        let city = self
            .cities
            .by_id(actor.city)
            .ok_or_else(UseError::not_found)?;
        let calendar = city.work_calendar(&*self.calendar);
        Ok(promises(&city, &calendar, record, self.watch.clock.now()))
    }
}

//! 概览: what comes next first, open requests, the latest messages, products to choose from.

use domain::{
    calendar::local_date,
    enterprise::Standing,
    financing::{FinancingApplication, ReviewStatus, Stage},
};
use time::{Duration, OffsetDateTime};

use super::{AppealSheet, Financing};
use crate::{
    access::{Action, Actor, Room},
    error::UseResult,
    ports::{
        application_board::BoardFilter, drafts::Draft, loans::LoanSide, messages::MessageRow,
        moves::MoveStatus, ownership::ChangeKind, product_offers::Offer, store::UnitOfWork,
        supervision::HoldStatus,
    },
};

/// Requests with a draw to confirm that the page names.
const MOST_DRAWS: i64 = 20;

/// How long after a decision the page asks for a rating, and of how many requests.
const RATED_WITHIN: Duration = Duration::days(30);
const MOST_UNRATED: i64 = 3;

/// What the page shows.
#[derive(Clone, Debug)]
pub struct Overview {
    pub standing: Option<Standing>,
    /// Any request was ever submitted.
    pub submitted: u64,
    pub open: Vec<FinancingApplication>,
    pub open_total: u64,
    pub drafts: Vec<Draft>,
    pub messages: Vec<MessageRow>,
    pub unread: u64,
    pub products: Vec<Offer>,
    /// Decided lately, and the person may still rate the branch.
    pub unrated: Vec<FinancingApplication>,
    /// 在贷, and how many of them are past a due day.
    pub loans: i64,
    pub loans_overdue: i64,
    /// What waits for the enterprise, the next deadline first.
    pub urgent: Vec<Urgent>,
    /// 企业管理员 is to be another one.
    pub owner_changes: Vec<ChangeKind>,
}

/// What the enterprise alone can move on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrgentKind {
    /// 退回补充.
    Supplement,
    /// 跨支行转派 that asks for an answer.
    Move,
    /// 放款 that was recorded and not confirmed.
    Draw,
    /// 复议 that may be asked for still.
    Appeal,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct Urgent {
    pub kind: UrgentKind,
    pub application: FinancingApplication,
    pub until: Option<OffsetDateTime>,
}

impl Financing {
    pub async fn overview(&self, actor: &Actor) -> UseResult<Overview> {
        let permit = self
            .guard
            .permit(actor, Room::Financing, Action::View)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let everything = work
            .application_board()
            .page(&BoardFilter::default(), 1)
            .await?;
        let open_only = BoardFilter {
            open_only: true,
            ..BoardFilter::default()
        };
        let open = work.application_board().page(&open_only, 1).await?;
        let urgent = self.urgent(actor, &mut *work, &open.rows).await?;
        let today = local_date(self.clock.now());
        let loans = work
            .loans()
            .running(LoanSide::Enterprise, today, 0, 1)
            .await?;
        let unrated = if self.guard.may(actor, Room::Ratings, Action::Submit).await {
            let since = self.clock.now() - RATED_WITHIN;
            work.ratings().unrated(since, MOST_UNRATED).await?
        } else {
            Vec::new()
        };
        let owner_changes = owner_changes(actor, &mut *work).await?;
        Ok(Overview {
            owner_changes,
            unrated,
            loans: loans.total,
            loans_overdue: loans.overdue,
            standing: work.enterprises().standing(actor.user).await?,
            submitted: everything.total,
            open: open.rows,
            open_total: open.total,
            drafts: work.drafts().drafts().await?,
            messages: work.messages().messages(false, 0, 5).await?,
            unread: work.messages().count_messages().await?.1,
            products: work.product_offers().featured(3).await?,
            urgent,
        })
    }

    async fn urgent(
        &self,
        actor: &Actor,
        work: &mut dyn UnitOfWork,
        open: &[FinancingApplication],
    ) -> UseResult<Vec<Urgent>> {
        let mut found = Vec::new();
        let mut note = |kind, application: &FinancingApplication, until| {
            found.push(Urgent {
                kind,
                application: application.clone(),
                until,
            });
        };
        for one in open {
            let record = one.record();
            match record.stage {
                // While it is held nothing can be done about it.
                _ if record.frozen => {}
                Stage::NeedSupplement => note(UrgentKind::Supplement, one, record.due_at),
                Stage::Accepted | Stage::DueDiligence => {
                    let asked = work.moves().running_move(record.id).await?;
                    if asked.is_some_and(|asked| asked.status == MoveStatus::Open) {
                        note(UrgentKind::Move, one, None);
                    }
                }
                _ => {}
            }
        }
        let drawn = work.application_board().to_confirm(MOST_DRAWS).await?;
        for one in &drawn {
            note(UrgentKind::Draw, one, None);
        }
        let city = self.city(actor)?;
        let rejected = self.reviewed(work, ReviewStatus::Rejected).await?;
        for one in &rejected {
            let record = one.record();
            let mut appeal = AppealSheet::default();
            if record.stage == Stage::Rejected {
                appeal.asked = work.reconsiderations().reconsideration(record.id).await?;
                self.may_appeal(actor, &city, one, &mut appeal).await;
            }
            if appeal.may_ask {
                note(UrgentKind::Appeal, one, appeal.until);
            }
        }
        // Without a deadline comes before a possibility, after what runs out.
        found.sort_by_key(|one| {
            (
                one.kind == UrgentKind::Appeal,
                one.until.is_none(),
                one.until,
            )
        });
        Ok(found)
    }

    /// The latest requests that read so.
    async fn reviewed(
        &self,
        work: &mut dyn UnitOfWork,
        review: ReviewStatus,
    ) -> UseResult<Vec<FinancingApplication>> {
        let filter = BoardFilter {
            review: Some(review),
            ..BoardFilter::default()
        };
        Ok(work.application_board().page(&filter, 1).await?.rows)
    }
}

/// What waits in the own enterprise.
async fn owner_changes(actor: &Actor, work: &mut dyn UnitOfWork) -> UseResult<Vec<ChangeKind>> {
    let Some(enterprise) = actor.enterprise else {
        return Ok(Vec::new());
    };
    let changes = work.ownership().ownership_changes(enterprise).await?;
    let open = changes.iter().filter(|c| c.status == HoldStatus::Open);
    Ok(open.map(|change| change.kind).collect())
}

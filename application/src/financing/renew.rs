//! 申请续贷 (W18): from the record of a running loan to an ordinary request at the same branch, prefilled and tied to the loan.

use domain::{
    calendar::local_date,
    financing::{ApplicationRecord, FinancingApplication},
    ids::{FinancingApplicationId, ProductId},
    renewal::{self, MATERIALS_DAYS},
    values::Cents,
};
use time::{Date, Duration, OffsetDateTime};

use super::{Financing, save};
use crate::{
    access::{Action, Actor, Room},
    error::{Kind, UseError, UseResult},
    lending::{balance, next_due},
    ports::{
        dossiers::DossierFile,
        drafts::Typed,
        lending::{StoredDraw, StoredRepayment},
        product_offers::{Offer, OfferBranch},
        renewals::{ONE_RENEWAL, Renewal},
        store::{StoreError, UnitOfWork},
    },
};

/// What a new request comes of: 再次申请 of another one, or 续贷 of a loan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Follows {
    pub again: Option<FinancingApplicationId>,
    pub renews: Option<FinancingApplicationId>,
}

/// Where 申请续贷 leads.
#[derive(Clone, Debug)]
pub enum RenewalWay {
    /// To the form of the same product.
    Same(ProductId),
    /// It is off the shelf, or the branch carries it no more: what else of its institution the branch carries.
    Others {
        application: Box<FinancingApplication>,
        offers: Vec<Offer>,
    },
}

/// Whether 续贷 stands on the page of a loan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RenewalStanding {
    /// Nothing is owed, or no day is known.
    #[default]
    None,
    /// Not before this day.
    From(Date),
    Open,
    /// There is one.
    Taken(Renewal),
}

/// A loan that may be renewed now.
#[derive(Clone, Debug)]
pub(super) struct Renewable {
    pub application: FinancingApplication,
    pub owed: Cents,
}

/// How a loan stands to 续贷.
pub(super) async fn standing(
    work: &mut dyn UnitOfWork,
    record: &ApplicationRecord,
    (draws, repaid): (&[StoredDraw], &[StoredRepayment]),
    today: Date,
) -> UseResult<RenewalStanding> {
    let next = next_due(draws, repaid).filter(|_| record.stage.is_lent());
    let Some((due_on, _)) = next else {
        return Ok(RenewalStanding::None);
    };
    if let Some(taken) = work.renewals().renewal_of(record.id).await? {
        return Ok(RenewalStanding::Taken(taken));
    }
    let opens = renewal::opens_on(due_on);
    Ok(if opens > today {
        RenewalStanding::From(opens)
    } else {
        RenewalStanding::Open
    })
}

/// The enterprise's own loan, or why it cannot be renewed now.
pub(super) async fn renewable(
    work: &mut dyn UnitOfWork,
    id: FinancingApplicationId,
    today: Date,
) -> UseResult<Renewable> {
    let found = work.application_board().one(id).await?;
    let application = found
        .filter(|one| !one.record().stage.is_before_submission())
        .ok_or_else(UseError::not_found)?;
    let draws = work.lending().draws(id).await?;
    let repaid = work.lending().repayments(id).await?;
    let record = application.record();
    match standing(work, record, (&draws, &repaid), today).await? {
        RenewalStanding::Open => {}
        RenewalStanding::None => return Err(UseError::conflict("renewal.nothing_due")),
        RenewalStanding::From(day) => {
            return Err(UseError::conflict("renewal.too_early").with("day", day));
        }
        RenewalStanding::Taken(one) => {
            return Err(UseError::conflict("renewal.open").with("no", one.number));
        }
    }
    let owed = balance(record, &repaid);
    Ok(Renewable { application, owed })
}

/// What a form renews: the loan that it came from, or the one that its draft knows for as long as that can be renewed. Only the branch of
/// that loan is left to choose.
pub(super) async fn renewed(
    work: &mut dyn UnitOfWork,
    (asked, kept): (
        Option<FinancingApplicationId>,
        Option<FinancingApplicationId>,
    ),
    today: Date,
    offer: Option<&Offer>,
    branches: &mut Vec<OfferBranch>,
) -> UseResult<Option<Renewable>> {
    let Some(id) = asked.or(kept) else {
        return Ok(None);
    };
    let found = match (renewable(work, id, today).await, offer) {
        (Ok(one), Some(offer)) => one.at_its_branch(offer, branches).map(|()| one),
        (found, _) => found,
    };
    match found {
        Ok(one) => Ok(Some(one)),
        // Nobody asked for it now: what was a renewal once is an ordinary request.
        Err(error) if asked.is_none() && matches!(error.kind, Kind::Conflict | Kind::NotFound) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

impl Renewable {
    /// Only the branch that holds the loan renews it, with what its institution offers there.
    pub fn at_its_branch(&self, offer: &Offer, branches: &mut Vec<OfferBranch>) -> UseResult<()> {
        let record = self.application.record();
        let holds = |branch: &OfferBranch| Some(branch.id) == record.handler;
        if offer.bank != record.bank || !branches.iter().any(holds) {
            let branch = &record.handler_name;
            return Err(UseError::conflict("renewal.not_carried").with("branch", branch));
        }
        branches.retain(holds);
        Ok(())
    }

    /// What is owed, at most what was asked for; the same term and rate. Whole hundreds of yuan, as the form takes them.
    pub fn typed(&self, offer: &Offer, branches: &[OfferBranch]) -> Typed {
        const STEP: i64 = 10_000;
        let record = self.application.record();
        let mut typed = save::retyped_for(&self.application, offer, branches);
        let most = self.owed.min(record.amount).cents();
        if let Ok(amount) = Cents::new(most / STEP * STEP) {
            typed.amount = amount.format_wan_short();
        }
        typed
    }
}

/// The last look before the binding click: still renewable, and at its branch.
pub(super) async fn recheck(
    work: &mut dyn UnitOfWork,
    record: &ApplicationRecord,
    at: OffsetDateTime,
) -> UseResult<()> {
    let Some(loan) = record.renews else {
        return Ok(());
    };
    let one = renewable(work, loan, local_date(at)).await?;
    let held = one.application.record();
    if (held.handler, held.bank) == (record.handler, record.bank) {
        return Ok(());
    }
    let branch = &held.handler_name;
    Err(UseError::conflict("renewal.not_carried").with("branch", branch))
}

/// 补充材料 of the loan's own request that are young enough to be taken over; those that staff are not shown stay where they are.
pub(super) async fn materials(
    work: &mut dyn UnitOfWork,
    record: &ApplicationRecord,
    at: OffsetDateTime,
) -> UseResult<Vec<DossierFile>> {
    let Some(loan) = record.renews else {
        return Ok(Vec::new());
    };
    let since = at - Duration::days(MATERIALS_DAYS);
    let files = work.dossiers().files(loan).await?.into_iter();
    let valid =
        files.filter(|one| one.round > 0 && one.added_at >= since && one.withheld().is_none());
    let taken = valid.map(|one| DossierFile {
        label: format!("{}（沿用原申请材料）", one.label),
        round: 0,
        added_at: at,
        ..one
    });
    Ok(taken.collect())
}

/// Two clicks at once: the second one finds the place taken.
pub(super) fn place_taken(error: StoreError) -> UseError {
    match error {
        StoreError::Conflict(name) if name == ONE_RENEWAL => UseError::conflict("renewal.taken"),
        error => error.into(),
    }
}

impl Financing {
    /// Where 申请续贷 of a loan leads now.
    pub async fn renewal(
        &self,
        actor: &Actor,
        id: FinancingApplicationId,
    ) -> UseResult<RenewalWay> {
        let permit = self
            .guard
            .permit(actor, Room::Financing, Action::Save)
            .await?;
        let today = local_date(self.clock.now());
        let mut work = self.store.begin(&permit).await?;
        let one = renewable(&mut *work, id, today).await?;
        let record = one.application.record();
        let product = record.product;
        if let Some(offer) = work.product_offers().offer(product).await? {
            let mut branches = work.product_offers().branches_of(product).await?;
            if one.at_its_branch(&offer, &mut branches).is_ok() {
                return Ok(RenewalWay::Same(product));
            }
        }
        let offers = match record.handler {
            Some(branch) => work.product_offers().carried_by(branch).await?,
            None => Vec::new(),
        };
        Ok(RenewalWay::Others {
            application: Box::new(one.application),
            offers,
        })
    }
}

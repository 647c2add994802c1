//! The enterprise's own rating of a request, the lists of bank and city, and one of them.

use domain::{financing::ApplicationRecord, ids::FinancingApplicationId, tenant::TenantKind};
use uuid::Uuid;

use super::{PAGE, RatingRoom, rate::ratable};
use crate::{
    access::{Action, Actor, Room},
    error::{UseError, UseResult},
    ports::ratings::{Rating, RatingPage},
};

/// What an enterprise sees of its request: the rating that it gave, or that it may give one.
#[derive(Clone, Debug)]
pub struct Own {
    pub record: ApplicationRecord,
    pub rating: Option<Rating>,
    pub may_rate: bool,
}

/// What this person may do; each use case checks again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RatingPowers {
    pub reply: bool,
    pub hide: bool,
    pub show: bool,
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct RatingLeaf {
    pub page: RatingPage,
    /// Of the person on the whole list; each row has its own answer.
    pub may_reply: bool,
    pub may_hide: bool,
}

/// One rating as staff see it.
#[derive(Clone, Debug)]
pub struct SeenRating {
    pub rating: Rating,
    pub powers: RatingPowers,
}

/// Staff of the city, or of a node that may be rated.
fn is_staff(actor: &Actor) -> UseResult<()> {
    if actor.enterprise.is_none() {
        return Ok(());
    }
    Err(UseError::not_found())
}

impl RatingRoom {
    pub async fn own(&self, actor: &Actor, id: FinancingApplicationId) -> UseResult<Own> {
        let permit = self
            .watch
            .permit(actor, Room::Ratings, Action::View, id)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let outcome = ratable(&mut *work, id).await;
        let application = self
            .watch
            .refused(actor, Room::Ratings, Action::View, id, outcome)
            .await?;
        let rating = work.ratings().rating_of(id).await?;
        drop(work);
        let guard = &self.watch.guard;
        let may_rate = rating.is_none() && guard.may(actor, Room::Ratings, Action::Submit).await;
        Ok(Own {
            record: application.record().clone(),
            rating,
            may_rate,
        })
    }

    pub async fn list(
        &self,
        actor: &Actor,
        hidden: Option<bool>,
        page: i64,
    ) -> UseResult<RatingLeaf> {
        is_staff(actor)?;
        let permit = self
            .watch
            .permit(actor, Room::Ratings, Action::View, actor.tenant)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let skip = (page.max(1) - 1) * PAGE;
        let page = work.ratings().ratings(hidden, skip, PAGE).await?;
        drop(work);
        let guard = &self.watch.guard;
        Ok(RatingLeaf {
            page,
            may_reply: guard.may(actor, Room::Ratings, Action::Answer).await,
            may_hide: guard.may(actor, Room::Ratings, Action::Withdraw).await,
        })
    }

    pub async fn view(&self, actor: &Actor, id: Uuid) -> UseResult<SeenRating> {
        is_staff(actor)?;
        let permit = self
            .watch
            .permit(actor, Room::Ratings, Action::View, id)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let Some(rating) = work.ratings().rating(id).await? else {
            drop(work);
            let missing = self.watch.missing(actor, Room::Ratings, Action::View, id);
            return Err(missing.await);
        };
        drop(work);
        let guard = &self.watch.guard;
        let of_city = actor.tenant_kind == TenantKind::City;
        let may_hide = of_city && guard.may(actor, Room::Ratings, Action::Withdraw).await;
        let theirs = rating.bank == actor.tenant || rating.branch == actor.tenant;
        let powers = RatingPowers {
            reply: theirs
                && rating.reply.is_none()
                && rating.hidden.is_none()
                && guard.may(actor, Room::Ratings, Action::Answer).await,
            hide: may_hide && rating.hidden.is_none(),
            show: may_hide && rating.hidden.is_some(),
        };
        Ok(SeenRating { rating, powers })
    }
}

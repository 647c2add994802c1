//! 办理成效 (B12): a branch and a person of it as they stand, beside the middle of the branches of their institution.

use domain::tenant::TenantKind;
use time::{Duration, OffsetDateTime};

use super::{Headquarters, RATE_DAYS};
use crate::{
    access::{Actor, Room},
    desk::end_of_day,
    error::UseResult,
    ports::institution_board::{BoardMoment, Medians, Standing, StarSum},
};

/// A branch, or what one person holds in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    pub standing: Standing,
    pub stars: StarSum,
}

/// What the page shows; nothing of any other branch but the middle.
#[derive(Clone, Debug, PartialEq)]
pub struct Results {
    pub at: OffsetDateTime,
    pub branch: Measured,
    pub own: Measured,
    pub medians: Medians,
}

/// Until the end of today, and as far back as rates count.
pub(crate) fn moment(now: OffsetDateTime) -> BoardMoment {
    BoardMoment {
        now,
        end_of_day: end_of_day(now),
        since: now - Duration::days(RATE_DAYS),
    }
}

impl Headquarters {
    /// The actor's own branch and the actor's own figures; nobody else's.
    pub async fn results(&self, actor: &Actor) -> UseResult<Results> {
        let permit = self
            .look_from(actor, Room::Board, TenantKind::Branch)
            .await?;
        let moment = moment(self.watch.clock.now());
        let mut work = self.store.begin(&permit).await?;
        let board = work.institution_board();
        let branch = Measured {
            standing: board.own(moment, None).await?,
            stars: board.own_stars(None).await?,
        };
        let own = Measured {
            standing: board.own(moment, Some(actor.user)).await?,
            stars: board.own_stars(Some(actor.user)).await?,
        };
        Ok(Results {
            at: moment.now,
            branch,
            own,
            medians: board.medians().await?,
        })
    }
}

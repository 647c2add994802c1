//! A month as the city sees it, finished or not, and as an institution reads its own.

use domain::calendar::local_date;
use time::{Date, Duration};

use super::{AppraisalRoom, figures};
use crate::{
    access::{Action, Actor, Room},
    error::{UseError, UseResult},
    ports::appraisals::{Appraisal, Score},
    statistics::month_of,
};

/// Published months that a page leads to.
const MONTHS: i64 = 24;

/// What this person may do with the month; each use case checks again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MonthPowers {
    pub submit: bool,
    pub publish: bool,
    pub take_back: bool,
}

/// A month of the city.
#[derive(Clone, Debug)]
pub struct SeenMonth {
    pub month: Date,
    /// `None`: nobody has put it forward; the figures are those of now.
    pub appraisal: Option<Appraisal>,
    pub scores: Vec<Score>,
    /// It is over: only then it may be put forward.
    pub over: bool,
    pub published: Vec<Date>,
    pub powers: MonthPowers,
}

/// A published month of an institution; `None`: none was published yet.
#[derive(Clone, Debug)]
pub struct OwnMonth {
    pub month: Option<Date>,
    pub scores: Vec<Score>,
    pub published: Vec<Date>,
}

impl AppraisalRoom {
    /// The month before this one: the latest that can be over.
    pub fn last_month(&self) -> Date {
        let this = month_of(local_date(self.watch.clock.now()));
        month_of(this - Duration::days(1))
    }

    pub async fn view(&self, actor: &Actor, month: Option<Date>) -> UseResult<SeenMonth> {
        let permit = self
            .watch
            .permit(actor, Room::Appraisal, Action::View, "month")
            .await?;
        let month = month.map_or_else(|| self.last_month(), month_of);
        let over = month <= self.last_month();
        if month > month_of(local_date(self.watch.clock.now())) {
            return Err(UseError::not_found());
        }
        let mut work = self.store.begin(&permit).await?;
        let appraisal = work.appraisals().appraisal(month).await?;
        let scores = if appraisal.is_some() {
            work.appraisals().scores(month).await?
        } else {
            figures(&mut *work, month).await?
        };
        let published = work.appraisals().published_months(MONTHS).await?;
        drop(work);
        let guard = &self.watch.guard;
        let may = |action| guard.may(actor, Room::Appraisal, action);
        let waits = appraisal.as_ref().filter(|a| a.published.is_none());
        let another = waits.is_some_and(|a| a.submitted.by != actor.user);
        let powers = MonthPowers {
            submit: over && appraisal.is_none() && may(Action::Submit).await,
            publish: another && may(Action::Check).await,
            take_back: waits.is_some() && may(Action::Withdraw).await,
        };
        Ok(SeenMonth {
            month,
            appraisal,
            scores,
            over,
            published,
            powers,
        })
    }

    /// The own figures of a published month, the latest where none is named.
    pub async fn own(&self, actor: &Actor, month: Option<Date>) -> UseResult<OwnMonth> {
        let permit = self
            .watch
            .permit(actor, Room::Appraisal, Action::View, "own")
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let published = work.appraisals().published_months(MONTHS).await?;
        let month = month.or_else(|| published.first().copied());
        let scores = match month {
            Some(month) => work.appraisals().scores(month).await?,
            None => Vec::new(),
        };
        Ok(OwnMonth {
            month,
            scores,
            published,
        })
    }
}

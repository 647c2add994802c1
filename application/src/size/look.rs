//! 查看企业划型: what is measured, what was declared, what led to the class.

use domain::size_class::class_counts;

use super::{Measure, SizeRoom};
use crate::{
    access::{Action, Actor, Room},
    error::{UseError, UseResult},
    ports::sizes::SizeDeclaration,
};

/// Declarations that the page lists.
const SHOWN: i64 = 50;

/// What the page shows.
#[derive(Clone, Debug)]
pub struct SizePage {
    pub year: i32,
    pub measure: Measure,
    /// The latest first.
    pub history: Vec<SizeDeclaration>,
    /// 企业管理员 only; others read.
    pub may_save: bool,
    /// The profile names another standard than the last declaration followed.
    pub industry_changed: bool,
}

impl SizePage {
    /// What was declared for this year.
    pub fn current(&self) -> Option<&SizeDeclaration> {
        self.history.first().filter(|d| d.year == self.year)
    }

    /// What stands for the enterprise's class now, of this year or the last.
    pub fn standing(&self) -> Option<&SizeDeclaration> {
        self.history
            .first()
            .filter(|d| class_counts(d.year, self.year))
    }

    /// Goes back with the form: how often this year was declared.
    pub fn version(&self) -> i32 {
        self.current().map_or(0, |d| d.number)
    }
}

/// What other pages say of it in one line.
#[derive(Clone, Debug)]
pub struct SizeStanding {
    pub year: i32,
    pub declared: Option<SizeDeclaration>,
    /// The industry has a rule, nothing is declared for this year, and this person may.
    pub due: bool,
}

impl SizeRoom {
    pub async fn view(&self, actor: &Actor) -> UseResult<SizePage> {
        let permit = self
            .watch
            .permit(actor, Room::Size, Action::View, actor.tenant)
            .await?;
        let enterprise = Self::enterprise(actor)?;
        let mut work = self.store.begin(&permit).await?;
        let facts = work
            .enterprises()
            .facts(enterprise)
            .await?
            .ok_or_else(UseError::not_found)?;
        let history = work.sizes().size_history(enterprise, SHOWN).await?;
        drop(work);
        let measure = self.measure(facts.industry_code.as_deref());
        let before = history.first().map(|d| self.measure(Some(&d.industry)));
        Ok(SizePage {
            year: self.year(),
            industry_changed: before
                .is_some_and(|before| measure.rule().is_some() && before.rule() != measure.rule()),
            measure,
            history,
            may_save: self.watch.guard.may(actor, Room::Size, Action::Save).await,
        })
    }

    /// For pages that only mention it.
    pub async fn standing(&self, actor: &Actor) -> UseResult<SizeStanding> {
        let permit = self
            .watch
            .permit(actor, Room::Size, Action::View, actor.tenant)
            .await?;
        let enterprise = Self::enterprise(actor)?;
        let year = self.year();
        let mut work = self.store.begin(&permit).await?;
        let latest = work.sizes().latest_size(enterprise).await?;
        let mut due = latest.as_ref().is_none_or(|d| d.year != year);
        if due {
            let facts = work.enterprises().facts(enterprise).await?;
            let industry = facts.and_then(|f| f.industry_code);
            due = self.measure(industry.as_deref()).rule().is_some();
        }
        drop(work);
        let guard = &self.watch.guard;
        Ok(SizeStanding {
            year,
            declared: latest.filter(|d| class_counts(d.year, year)),
            due: due && guard.may(actor, Room::Size, Action::Save).await,
        })
    }
}

//! Each rule as it stands, since when and by whom, with the change that waits and those before.

use time::{Date, OffsetDateTime};

use super::{
    CityRule, RuleKind, RuleName, RulesRoom, limits, regions,
    texts::{self, Wording},
};
use crate::{
    access::{Action, Actor, Room},
    city::City,
    error::{UseError, UseResult},
    ports::{
        city_rules::CityRuleChange, reference::RegionEntry, settings_changes::ChangeStatus,
        store::UnitOfWork,
    },
};

/// Changes on the page.
const HISTORY: i64 = 20;

/// One rule of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleLine {
    pub rule: CityRule,
    /// When it was looked at: what is in force of 办理时限 depends on the day.
    pub at: OffsetDateTime,
    /// Since when and by which two; `None`: as the city's file says.
    pub since: Option<(OffsetDateTime, String, String)>,
    /// A change waits for a second person.
    pub waits: bool,
}

/// One message of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextLine {
    /// Its code, such as `submit`.
    pub message: String,
    pub shipped: Wording,
    /// As it stands.
    pub wording: Wording,
    pub changed: bool,
    pub waits: bool,
}

/// One rule with its history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleCase {
    pub line: RuleLine,
    pub open: Option<CityRuleChange>,
    pub history: Vec<CityRuleChange>,
    /// Of a message: what it says without a change.
    pub shipped: Option<Wording>,
    /// Of 办理时限: the day from which a change is in force if nobody says another one.
    pub next_workday: Option<Date>,
    /// Of 区划变更: where a township of the city may lie.
    pub counties: Vec<RegionEntry>,
    pub may_propose: bool,
    /// This person may be the second one for what is open.
    pub may_settle: bool,
    /// This person proposed what is open and may take it back.
    pub may_withdraw: bool,
}

impl RulesRoom {
    /// What stands: the newest change that was confirmed, or the file's value.
    pub(super) async fn standing(
        &self,
        actor: &Actor,
        work: &mut dyn UnitOfWork,
        name: &RuleName,
    ) -> UseResult<CityRule> {
        let stored = work.city_rules().city_rule(name).await?;
        let mut city = City::clone(&*self.city(actor)?);
        // Laid over the city, so that a reason of which the stored rule knows nothing yet is there too.
        if let Some(rule) = stored {
            rule.apply(&mut city);
        }
        Ok(CityRule::of(&city, name))
    }

    /// The next working day of the city.
    pub(super) fn next_workday(
        &self,
        actor: &Actor,
        now: OffsetDateTime,
    ) -> UseResult<Option<Date>> {
        let calendar = self.city(actor)?.work_calendar(&*self.calendar);
        Ok(limits::next_workday(&calendar, now))
    }

    fn counties(&self, actor: &Actor, kind: RuleKind) -> UseResult<Vec<RegionEntry>> {
        if kind != RuleKind::Regions {
            return Ok(Vec::new());
        }
        Ok(regions::parents(&*self.regions, &*self.city(actor)?))
    }

    /// Every rule in a line.
    pub async fn list(&self, actor: &Actor) -> UseResult<Vec<RuleLine>> {
        let permit = self.permit(actor, Action::View, actor.tenant).await?;
        let mut work = self.store.begin(&permit).await?;
        let (mut lines, at) = (Vec::new(), self.watch.clock.now());
        // Texts are many, and have a list of their own.
        for kind in RuleKind::ALL
            .iter()
            .filter(|kind| **kind != RuleKind::NoticeText)
        {
            let name = RuleName::from(*kind);
            let changes = work.city_rules().rule_changes(&name, HISTORY).await?;
            let rule = self.standing(actor, &mut *work, &name).await?;
            lines.push(line(rule, &changes, at));
        }
        Ok(lines)
    }

    /// Every message with its text as it stands.
    pub async fn texts(&self, actor: &Actor) -> UseResult<Vec<TextLine>> {
        let permit = self
            .permit(actor, Action::View, RuleKind::NoticeText.code())
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let (stand, wait) = work.city_rules().notice_texts().await?;
        drop(work);
        let line = |message: String| {
            let shipped = Wording::shipped(&*self.words, &message)?;
            let own = stand.iter().find_map(|rule| match rule {
                CityRule::NoticeText(of, Some(own)) if *of == message => Some(own.clone()),
                _ => None,
            });
            Some(TextLine {
                waits: wait.iter().any(|name| name.message() == message),
                changed: own.is_some(),
                wording: own.unwrap_or_else(|| shipped.clone()),
                shipped,
                message,
            })
        };
        Ok(texts::messages(&*self.words)
            .into_iter()
            .filter_map(line)
            .collect())
    }

    /// What a message is shipped with; another message is none.
    pub fn shipped(&self, name: &RuleName) -> UseResult<Option<Wording>> {
        if name.kind() != RuleKind::NoticeText {
            return Ok(None);
        }
        let shipped = Wording::shipped(&*self.words, name.message());
        shipped.map(Some).ok_or_else(UseError::not_found)
    }

    /// One of them.
    pub async fn case(&self, actor: &Actor, name: &RuleName) -> UseResult<RuleCase> {
        let permit = self.permit(actor, Action::View, name.code()).await?;
        let shipped = self.shipped(name)?;
        let mut work = self.store.begin(&permit).await?;
        let history = work.city_rules().rule_changes(name, HISTORY).await?;
        let rule = self.standing(actor, &mut *work, name).await?;
        drop(work);
        let (guard, at) = (&self.watch.guard, self.watch.clock.now());
        let open = history.iter().find(|c| c.status == ChangeStatus::Open);
        let open = open.cloned();
        let others = open.as_ref().is_some_and(|c| c.asked_by != actor.user);
        Ok(RuleCase {
            may_propose: open.is_none() && guard.may(actor, Room::Settings, Action::Save).await,
            may_settle: others && guard.may(actor, Room::Settings, Action::Check).await,
            may_withdraw: open.is_some()
                && !others
                && guard.may(actor, Room::Settings, Action::Save).await,
            next_workday: self.next_workday(actor, at)?,
            counties: self.counties(actor, name.kind())?,
            line: line(rule, &history, at),
            open,
            history,
            shipped,
        })
    }
}

fn line(rule: CityRule, changes: &[CityRuleChange], at: OffsetDateTime) -> RuleLine {
    let stands = changes.iter().find(|c| c.status == ChangeStatus::Confirmed);
    RuleLine {
        rule,
        at,
        since: stands.and_then(|c| {
            let at = c.settled_at?;
            Some((at, c.asked_name.clone(), c.settled_name.clone()))
        }),
        waits: changes.iter().any(|c| c.status == ChangeStatus::Open),
    }
}

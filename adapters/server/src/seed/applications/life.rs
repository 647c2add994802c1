//! Tells one story: draft, submission, and on to its end, through the domain and the stores.

mod bank;
mod messages;
mod submission;
mod supplement;

use std::sync::{Arc, atomic::AtomicUsize};

use anyhow::Context as _;
use application::{access::Permit, city::City, ports::store::UnitOfWork};
use domain::{
    calendar::{WorkCalendar, local_date},
    financing::{
        ApplicationEvent, ApplicationRecord, Clocks, Decision, ENTERPRISE_DECLINED,
        FinancingApplication,
    },
    values::Cents,
};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{
    Phrases,
    market::Cast,
    plan::{Dice, End, Plan},
};
use crate::wire::Parts;

pub(super) struct Teller<'a> {
    pub parts: &'a Parts,
    pub city: &'a City,
    pub phrases: &'a Phrases,
    pub permit: Permit,
    pub now: OffsetDateTime,
    /// Loans that were given a near due day so far.
    pub near: AtomicUsize,
}

/// A story under way.
struct Story<'a> {
    work: Box<dyn UnitOfWork>,
    application: FinancingApplication,
    cast: &'a Cast<'a>,
    calendar: Arc<WorkCalendar>,
    /// What happened, for the messages.
    told: Vec<(ApplicationEvent, ApplicationRecord)>,
    at: OffsetDateTime,
}

impl Teller<'_> {
    pub async fn tell(
        &self,
        id: Uuid,
        plan: &Plan,
        cast: &Cast<'_>,
        dice: &mut Dice,
    ) -> anyhow::Result<()> {
        let permit = self.applicant_permit(cast.applicant).await?;
        let mut story = self.begin(&permit, id, plan, cast, dice).await?;
        if plan.end != End::Draft {
            self.submit(&mut story).await?;
            self.go_on(&mut story, plan.end, dice).await?;
        }
        let told = std::mem::take(&mut story.told);
        story.work.commit().await?;
        self.messages(&told).await
    }

    fn clocks<'c>(&'c self, calendar: &'c WorkCalendar) -> Clocks<'c> {
        Clocks {
            eras: &self.city.clocks,
            calendar,
            pauses: &self.city.pauses,
        }
    }

    async fn go_on(&self, story: &mut Story<'_>, end: End, dice: &mut Dice) -> anyhow::Result<()> {
        match end {
            End::Draft | End::Waiting => Ok(()),
            End::WithdrawnEarly => {
                story.pass(Duration::hours(dice.between(2, 14)), self.now);
                self.withdraw(story, dice).await
            }
            End::ExpiredUnaccepted => {
                let days = self.city.clocks.at(story.at).expire_days;
                story.at += Duration::days(days.into());
                let calendar = story.calendar.clone();
                let event = story
                    .application
                    .expire(&self.clocks(&calendar), story.at)?;
                story.save(event).await
            }
            _ => {
                self.accept(story, dice).await?;
                self.after_acceptance(story, end, dice).await
            }
        }
    }

    async fn after_acceptance(
        &self,
        story: &mut Story<'_>,
        end: End,
        dice: &mut Dice,
    ) -> anyhow::Result<()> {
        match end {
            End::Supplement => self.send_back(story, dice).await,
            End::Resubmitted => {
                self.send_back(story, dice).await?;
                self.answer(story, dice).await
            }
            End::ExpiredSupplement => {
                self.send_back(story, dice).await?;
                let days = self.city.clocks.at(story.at).supplement_days;
                story.at += Duration::days(days.into());
                let event = story.application.supplement_timeout(story.at)?;
                story.save(event).await
            }
            End::WithdrawnLate => {
                story.pass(Duration::hours(dice.between(20, 60)), self.now);
                self.withdraw(story, dice).await
            }
            End::Approved => {
                if dice.between(1, 6) == 1 && self.now - story.at > Duration::days(14) {
                    self.send_back(story, dice).await?;
                    self.answer(story, dice).await?;
                }
                self.approve(story, dice).await
            }
            End::Rejected => self.reject(story, dice).await,
            End::DueDiligence
            | End::InApproval
            | End::Disbursing
            | End::Disbursed
            | End::Settled
            | End::NotDrawn
            | End::Appealed => self.bank_work(story, end, dice).await,
            _ => Ok(()),
        }
    }

    async fn accept(&self, story: &mut Story<'_>, dice: &mut Dice) -> anyhow::Result<()> {
        story.pass(Duration::minutes(dice.between(25, 300)), self.now);
        let event = story
            .application
            .accept(story.cast.manager.clone(), story.at)?;
        story.save(event).await
    }

    async fn withdraw(&self, story: &mut Story<'_>, dice: &mut Dice) -> anyhow::Result<()> {
        let reason = phrase(&self.phrases.withdrawn, dice);
        let owner = story.cast.applicant.owner.clone();
        let event = story.application.withdraw(owner, reason, story.at)?;
        let id = story.application.record().id;
        story.work.consents().end_consents(id, story.at).await?;
        story.save(event).await
    }

    async fn approve(&self, story: &mut Story<'_>, dice: &mut Dice) -> anyhow::Result<()> {
        story.pass(Duration::hours(dice.between(20, 110)), self.now);
        let record = story.application.record();
        let range = story.cast.offer.range;
        let less = if dice.between(1, 3) == 1 { 80 } else { 100 };
        let amount = Cents::new(record.amount.cents() / 100 * less)?.max(range.amount_min);
        let decision = Decision {
            amount: whole_wan(amount)?.max(range.amount_min),
            rate: record.rate,
            term: record.term,
            valid_until: local_date(story.at) + Duration::days(90),
            opinion: phrase(&self.phrases.approved, dice),
            single_step: true,
        };
        let calendar = story.calendar.clone();
        let event = story.application.approve(
            story.cast.approver.clone(),
            decision,
            &range,
            &self.clocks(&calendar),
            story.at,
        )?;
        story.save(event).await
    }

    async fn reject(&self, story: &mut Story<'_>, dice: &mut Dice) -> anyhow::Result<()> {
        story.pass(Duration::hours(dice.between(20, 100)), self.now);
        let known: Vec<_> = self
            .city
            .rejection_reasons
            .iter()
            .filter(|r| {
                self.phrases.rejected.contains_key(&r.code) && r.code != ENTERPRISE_DECLINED
            })
            .collect();
        let reason = dice.pick(&known).context("the city has reasons")?;
        let opinion = phrase(&self.phrases.rejected[&reason.code], dice);
        let event = story.application.reject(
            story.cast.approver.clone(),
            vec![reason.code.clone()],
            opinion,
            true,
            story.at,
        )?;
        story.save(event).await
    }
}

impl Story<'_> {
    /// Lets time pass, but not beyond now: where little is left, less passes.
    fn pass(&mut self, span: Duration, now: OffsetDateTime) {
        let left = now - self.at;
        self.at += if span < left { span } else { left / 2 };
    }

    async fn save(&mut self, event: ApplicationEvent) -> anyhow::Result<()> {
        self.work
            .financing_applications()
            .save(&self.application, &event)
            .await?;
        self.told.push((event, self.application.record().clone()));
        Ok(())
    }
}

fn phrase(list: &[String], dice: &mut Dice) -> String {
    dice.pick(list).cloned().unwrap_or_default()
}

/// Down to whole 万元.
fn whole_wan(amount: Cents) -> anyhow::Result<Cents> {
    Ok(Cents::new(amount.cents() / 1_000_000 * 1_000_000)?)
}

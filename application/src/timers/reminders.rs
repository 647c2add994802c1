//! Reminders 提醒: at 50, 80 and 100 per cent of a running clock, then to headquarters, then to the city; each once (B3).

use domain::{
    financing::{ClockKind, ClockLimits, FinancingApplication, Started},
    tenant::Role,
};
use time::{Duration, OffsetDateTime};

use super::{ROUND, Timers, count};
use crate::{
    access::Permit,
    city::City,
    error::UseResult,
    outbox::letters::{self, Call},
    ports::{
        reminders::{Milestone, Reached, SUPPLEMENT_WARNING, Step, UNACCEPTED_NOTICE},
        store::UnitOfWork,
    },
    turns::Turns,
};

/// The clocks that somebody of the bank answers for.
const OF_THE_BANK: [ClockKind; 5] = [
    ClockKind::Accept,
    ClockKind::Dispatch,
    ClockKind::Contact,
    ClockKind::Decision,
    ClockKind::Disburse,
];

impl Timers {
    /// 12 days after a 退回补充 the enterprise is warned; 20 days after a submission everybody concerned is told.
    pub(super) async fn remind(
        &self,
        permit: &Permit,
        city: &City,
        now: OffsetDateTime,
    ) -> UseResult<usize> {
        let mut work = self.store.begin(permit).await?;
        let told = self.warn_enterprises(&mut *work, city, now).await?
            + self.tell_of_the_unaccepted(&mut *work, city, now).await?;
        work.commit().await?;
        Ok(told)
    }

    async fn warn_enterprises(
        &self,
        work: &mut dyn UnitOfWork,
        city: &City,
        now: OffsetDateTime,
    ) -> UseResult<usize> {
        let mut warned = Vec::new();
        for (started, left) in city
            .clocks
            .spans(now, ClockLimits::supplement_left_at_warning)
        {
            let found = work
                .reminders()
                .supplement_warnings(started, now + left, ROUND)
                .await?;
            warned.extend(found);
        }
        for application in &warned {
            let r = application.record();
            let key = format!("{SUPPLEMENT_WARNING}:{}:{}", r.id, r.supplement_rounds);
            let code = "notice.supplement_warning";
            let letter = letters::to_enterprise(application, key.clone(), code, &*self.words);
            if self.put(work, letter, now).await? {
                let call = Call::new("supplement_soon", r.created_by);
                let notice = self.ring(work, application, call, now).await?;
                work.messages().rings(&key, notice).await?;
            }
        }
        Ok(warned.len())
    }

    async fn tell_of_the_unaccepted(
        &self,
        work: &mut dyn UnitOfWork,
        city: &City,
        now: OffsetDateTime,
    ) -> UseResult<usize> {
        let calendar = city.work_calendar(&*self.calendar);
        let clocks = Self::clocks(city, &calendar);
        let mut unaccepted = Vec::new();
        for (started, days) in city
            .clocks
            .spans(now, |limits| limits.unaccepted_notice_days)
        {
            let submitted_before = clocks.back(now, Duration::days(days.into()));
            let found = work
                .reminders()
                .unaccepted(started, submitted_before, ROUND)
                .await?;
            unaccepted.extend(found);
        }
        for application in &unaccepted {
            let r = application.record();
            let key = |whom: &str| format!("{UNACCEPTED_NOTICE}:{}:{whom}", r.id);
            let code = "notice.unaccepted";
            let words = &*self.words;
            let own = letters::to_enterprise(application, key("enterprise"), code, words);
            self.put(work, own, now).await?;
            let code = "notice.staff.unaccepted";
            let mut city_letter =
                letters::to_staff(application, r.tenant, key("city"), code, words);
            city_letter.link = String::new();
            self.put(work, city_letter, now).await?;
            if let Some(branch) = r.handler {
                let letter = letters::to_staff(application, branch, key("branch"), code, words);
                self.put(work, letter, now).await?;
            }
        }
        Ok(unaccepted.len())
    }

    /// Every clock at every step. Only the furthest step is told: a worker that was away does not tell of three at once.
    pub(super) async fn remind_of_clocks(
        &self,
        permit: &Permit,
        city: &City,
        now: OffsetDateTime,
    ) -> UseResult<u64> {
        let mut turns = Turns::default();
        for milestone in self.milestones(city, now) {
            let told = self.remind_of(permit, &milestone, now).await;
            turns.take(milestone.kind.code(), told.map(count));
        }
        turns.end()
    }

    async fn remind_of(
        &self,
        permit: &Permit,
        milestone: &Milestone,
        now: OffsetDateTime,
    ) -> UseResult<usize> {
        let mut work = self.store.begin(permit).await?;
        let reached = work.reminders().reached(milestone, ROUND).await?;
        for one in &reached {
            self.tell(&mut *work, milestone, one, now).await?;
        }
        if !reached.is_empty() {
            work.commit().await?;
        }
        Ok(reached.len())
    }

    fn milestones(&self, city: &City, now: OffsetDateTime) -> Vec<Milestone> {
        let calendar = city.work_calendar(&*self.calendar);
        let clocks = Self::clocks(city, &calendar);
        let mut all = Vec::new();
        for kind in OF_THE_BANK {
            let mut push = |step, started, due_after, due_by| {
                all.push(Milestone {
                    kind,
                    step,
                    started,
                    due_after,
                    due_by,
                });
            };
            // Half of a clock is half of what it was given; that it is over, its due time tells alone.
            for (started, whole) in city.clocks.spans(now, |limits| limits.whole(kind)) {
                let at = |percent| clocks.used_up((kind, whole), percent, now);
                // Where the calendar ends before the threshold, whatever has a due time is past it.
                if let Some(soon) = at(80) {
                    push(Step::Half, started, Some(soon), at(50));
                }
                push(Step::Soon, started, Some(now), at(80));
            }
            push(Step::Over, Started::default(), None, Some(now));
            if let Some(yesterday) = clocks.overdue_since(1, now) {
                push(Step::Late, Started::default(), None, Some(yesterday));
            }
        }
        let own = ClockKind::Supplement;
        let of = |limits: &ClockLimits| (limits.whole(own), limits.supplement_left_at_warning());
        for (started, (whole, left)) in city.clocks.spans(now, of) {
            all.push(Milestone {
                kind: own,
                step: Step::Half,
                started,
                due_after: Some(now + left),
                due_by: clocks.used_up((own, whole), 50, now),
            });
        }
        all
    }

    async fn tell(
        &self,
        work: &mut dyn UnitOfWork,
        milestone: &Milestone,
        reached: &Reached,
        now: OffsetDateTime,
    ) -> UseResult<()> {
        let application = &reached.application;
        let r = application.record();
        let key = milestone.key(r.id, reached.run);
        let (kind, words) = (milestone.kind, &*self.words);
        if kind == ClockKind::Supplement {
            let code = "notice.supplement_half";
            let letter = letters::to_enterprise(application, key, code, words);
            self.put(work, letter, now).await?;
            return Ok(());
        }
        if milestone.step == Step::Late {
            let code = "notice.city.clock_late";
            let mut letter = letters::of_clock(application, r.tenant, key, code, kind, words);
            letter.link = String::new();
            self.put(work, letter, now).await?;
            return Ok(());
        }
        let node = match (kind, r.handler) {
            (ClockKind::Dispatch, _) | (_, None) => r.bank,
            (_, Some(branch)) => branch,
        };
        let code = match milestone.step {
            Step::Half => "notice.staff.clock_half",
            Step::Soon => "notice.staff.clock_soon",
            _ => "notice.staff.clock_over",
        };
        let letter = letters::of_clock(application, node, key.clone(), code, kind, words);
        if !self.put(work, letter, now).await? {
            return Ok(());
        }
        if milestone.step == Step::Half && kind == ClockKind::Accept {
            // B2: nobody has taken it by half time, so headquarters hears of it as well.
            let (key, code) = (format!("{key}:hq"), "notice.hq.clock_half");
            let letter = letters::of_clock(application, r.bank, key, code, kind, words);
            self.put(work, letter, now).await?;
        }
        let template = match milestone.step {
            Step::Half => "clock_half",
            Step::Soon => "clock_soon",
            _ => "clock_over",
        };
        for person in on_duty(work, application, kind).await? {
            let call = Call::new(template, person).about(kind);
            self.ring(work, application, call, now).await?;
        }
        if milestone.step == Step::Over && node != r.bank {
            let (key, code) = (format!("{key}:hq"), "notice.hq.clock_over");
            let letter = letters::of_clock(application, r.bank, key, code, kind, words);
            self.put(work, letter, now).await?;
        }
        Ok(())
    }
}

/// Whose phone rings: the holder's; the branch head's when nobody holds it; an administrator's while it is with headquarters.
pub(super) async fn on_duty(
    work: &mut dyn UnitOfWork,
    application: &FinancingApplication,
    kind: ClockKind,
) -> UseResult<Vec<domain::ids::UserId>> {
    let r = application.record();
    let people = work.reminders();
    if kind == ClockKind::Dispatch || r.handler.is_none() {
        return Ok(people.staff_of(r.bank, &[Role::HqAdministrator]).await?);
    }
    if let Some(holder) = r.holder
        && people.active(holder).await?
    {
        return Ok(vec![holder]);
    }
    let node = r.handler.unwrap_or(r.bank);
    let heads = people.staff_of(node, &[Role::BranchHead]).await?;
    if heads.is_empty() {
        return Ok(people.staff_of(node, &[Role::CustomerManager]).await?);
    }
    Ok(heads)
}

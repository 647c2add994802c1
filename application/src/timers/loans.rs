//! 到期提醒: seven days and one day before principal is due and once it is past, the enterprise and the branch are told (W23); sixty, thirty
//! and fifteen days before, the enterprise hears that it may ask for 续贷 (W18). The branch has 到期名单 for that.

use std::{collections::HashSet, sync::Arc};

use domain::{calendar::local_date, financing::ClockKind, ids::TenantId};
use serde_json::{Value, json};

use super::{ROUND, Timers, reminders::on_duty};
use crate::{
    access::Permit,
    error::{UseError, UseResult},
    outbox::{
        SMS,
        letters::{self, Call, Letter},
    },
    ports::{
        loans::{DueLoan, DueStep},
        store::UnitOfWork,
    },
    rules::texts::CityWords,
    turns::{Turns, caught},
};

/// Looks of one round: other cities wait no longer than that, and the next hour goes on.
const MOST_ROUNDS: usize = 50;

impl Timers {
    /// One round in the city of the permit; answers of how many loans somebody was told.
    pub async fn remind_of_loans(&self, permit: &Permit) -> UseResult<usize> {
        let city = self.cities.by_id(permit.city());
        let city = city.ok_or_else(UseError::not_found)?;
        let words = CityWords::new(self.words.clone(), Some(&city));
        let worker = Self {
            words: Arc::new(words),
            ..self.clone()
        };
        let today = local_date(worker.clock.now());
        let (mut turns, mut failed) = (Turns::default(), HashSet::new());
        for _ in 0..MOST_ROUNDS {
            let mut work = worker.store.begin(permit).await?;
            // Those that could not be told come again, and stand before the others.
            let most = ROUND + i64::try_from(failed.len()).unwrap_or(i64::MAX - ROUND);
            let mut due = work.loans().coming_due(today, most).await?;
            drop(work);
            due.retain(|one| !failed.contains(&one.key()));
            if due.is_empty() {
                break;
            }
            for one in &due {
                let told = worker.loan_turn(permit, one).await;
                if told.is_err() {
                    failed.insert(one.key());
                }
                let id = one.application.record().id;
                turns.take(&format!("loan of {id}"), told.map(|()| 1));
            }
        }
        let told = turns.end()?;
        Ok(usize::try_from(told).unwrap_or(usize::MAX))
    }

    /// A loan's own turn: one of which nobody can be told keeps no other from being told of.
    async fn loan_turn(&self, permit: &Permit, due: &DueLoan) -> UseResult<()> {
        let told = caught(Box::pin(self.tell_alone(permit, due))).await;
        told.unwrap_or_else(|panic| Err(UseError::bug(panic)))
    }

    async fn tell_alone(&self, permit: &Permit, due: &DueLoan) -> UseResult<()> {
        let mut work = self.store.begin(permit).await?;
        self.tell_of_loan(&mut *work, due).await?;
        Ok(work.commit().await?)
    }

    async fn tell_of_loan(&self, work: &mut dyn UnitOfWork, due: &DueLoan) -> UseResult<()> {
        let now = self.clock.now();
        let r = due.application.record();
        let code = match due.step {
            DueStep::Over => "loan_over",
            step if step.is_early() => "loan_renewable",
            _ => "loan_due",
        };
        let own = self.loan_letter(due, (r.tenant, due.key()), &format!("notice.{code}"));
        let page = if due.step.is_early() { "renew" } else { "loan" };
        let own = Letter {
            enterprise: Some(r.enterprise),
            link: format!("/enterprise/applications/{}/{page}", r.id),
            ..own
        };
        let fresh = self.put(work, own, now).await?;
        if !fresh || due.step.is_early() {
            return Ok(());
        }
        let mut phones = Vec::new();
        if work.reminders().active(r.created_by).await? {
            phones.push(r.created_by);
        }
        if let Some(branch) = r.handler {
            let key = format!("{}:branch", due.key());
            let letter = self.loan_letter(due, (branch, key), &format!("notice.staff.{code}"));
            self.put(work, letter, now).await?;
            // A week is time enough to read it on the desk.
            if due.step != DueStep::Week {
                phones.extend(on_duty(work, &due.application, ClockKind::Disburse).await?);
            }
        }
        for person in phones {
            let mut payload = Call::new(code, person).payload(&due.application);
            for (name, value) in of_the_day(due) {
                payload[name] = value;
            }
            let id = self.clock.new_id();
            work.outbox().push(id, SMS, payload, now).await?;
        }
        Ok(())
    }

    /// To the branch, as it stands; the enterprise's own has another link.
    fn loan_letter(&self, due: &DueLoan, (to, key): (TenantId, String), code: &str) -> Letter {
        let mut facts = json!({});
        for (name, value) in of_the_day(due) {
            facts[name] = value;
        }
        let mut params = letters::params(&due.application);
        params.extend(letters::sums_and_days(&facts));
        Letter {
            to,
            enterprise: None,
            key,
            title: self.words.text(&format!("{code}.title"), &params),
            body: self.words.text(&format!("{code}.body"), &params),
            link: letters::staff_path(&due.application),
        }
    }
}

/// How much is due, and when.
fn of_the_day(due: &DueLoan) -> [(&'static str, Value); 2] {
    [
        ("sum", due.sum.cents().into()),
        ("on", due.due_on.to_string().into()),
    ]
}

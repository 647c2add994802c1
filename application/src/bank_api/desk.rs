//! What a bank's system may do: read its applications, report a draw, a repayment, the end. Every rule is that of the console
//! (`lending`); here is only how a machine asks, and that it hears the first answer again.

use std::sync::Arc;

use domain::ids::FinancingApplicationId;
use serde_json::Value;
use time::OffsetDateTime;

use super::{Machine, sandbox, view, view::LoanView};
use crate::{
    access::{Action, Permit, Room},
    audit::Watch,
    error::{Kind, UseError, UseResult},
    lending::{Lending, Owed, RecordDraw, RecordRepayment, SettleLoan, balance},
    once::Once,
    ports::{
        bank_api::{ChangeMark, KeptAnswer},
        store::{Store, UnitOfWork},
    },
    review::{Intent, Seen},
};

/// The room of machines.
pub struct BankDesk {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub lending: Lending,
}

/// Which applications to list.
#[derive(Clone, Copy, Debug)]
pub struct ListAsk {
    pub since: Option<OffsetDateTime>,
    pub after: Option<ChangeMark>,
    pub most: i64,
}

/// A page of changes.
#[derive(Clone, Debug)]
pub struct Page {
    pub items: Vec<LoanView>,
    /// Where to go on; `None`: this was the last one for now.
    pub next: Option<ChangeMark>,
}

/// What is reported, as the request says it.
#[derive(Clone, Debug)]
pub enum Deed {
    Draw {
        /// 元.
        amount: String,
        /// % a year.
        rate: String,
        drawn_on: String,
        due_on: String,
        contract_no: String,
        last: bool,
    },
    Repay {
        /// 元.
        principal: String,
        paid_on: String,
    },
    Settle,
}

/// A write.
#[derive(Clone, Debug)]
pub struct Write {
    pub application: FinancingApplicationId,
    pub version: i32,
    pub deed: Deed,
    pub once: Once,
}

/// The answer to a write.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    pub body: Value,
    /// It is the first answer to this key, told again.
    pub replayed: bool,
}

impl BankDesk {
    /// The institution's applications, the longest unchanged first.
    pub async fn list(&self, machine: &Machine, ask: ListAsk) -> UseResult<Page> {
        let mut work = self.open(machine, Action::View, "list").await?;
        let most = usize::try_from(ask.most).unwrap_or(1);
        let mut items: Vec<LoanView> = if machine.sandbox {
            let mut views = sandbox::all(&mut *work, machine.key, self.watch.clock.now()).await?;
            work.commit().await?;
            views.sort_by_key(|v| (v.updated_at, v.id));
            views.retain(|v| {
                ask.since.is_none_or(|since| v.updated_at >= since)
                    && ask.after.is_none_or(|mark| (v.updated_at, v.id) > mark)
            });
            views.truncate(most + 1);
            for view in &mut views {
                view.loan = None;
            }
            views
        } else {
            let found = work
                .bank_api()
                .changed(ask.since, ask.after, ask.most + 1)
                .await?;
            found.iter().map(|a| view::of(a.record())).collect()
        };
        let more = items.len() > most;
        items.truncate(most);
        let next = items
            .last()
            .filter(|_| more)
            .map(|last| (last.updated_at, last.id));
        Ok(Page { items, next })
    }

    /// One application with its loan.
    pub async fn one(&self, machine: &Machine, id: FinancingApplicationId) -> UseResult<LoanView> {
        let mut work = self.open(machine, Action::View, id).await?;
        let found = if machine.sandbox {
            let found = sandbox::one(&mut *work, machine.key, id, self.watch.clock.now()).await?;
            work.commit().await?;
            found.map(|(_, view)| view)
        } else {
            whole(&mut *work, id).await?
        };
        match found {
            Some(view) => Ok(view),
            None => Err(self
                .watch
                .missing(&machine.actor, Room::Lending, Action::View, id)
                .await),
        }
    }

    /// Does what is reported, and answers the application as it stood right after it.
    pub async fn write(&self, machine: &Machine, ask: Write) -> UseResult<Answered> {
        let id = ask.application;
        let mut work = self.open(machine, Action::Record, id).await?;
        if let Some(first) = first_answer(&mut *work, machine, &ask.once).await? {
            return Ok(first);
        }
        if machine.sandbox {
            let at = self.watch.clock.now();
            let (position, mut view) = sandbox::one(&mut *work, machine.key, id, at)
                .await?
                .ok_or_else(UseError::not_found)?;
            sandbox::apply(&mut view, &ask, at, self.watch.clock.new_id())?;
            let body = serde_json::to_value(&view).map_err(UseError::bug)?;
            work.bank_api()
                .put_sandbox(machine.key, id.0, position, body.clone())
                .await?;
            return keep(work, machine, &ask.once, body, at).await;
        }
        drop(work);
        self.run(machine, &ask).await?;
        let view = self.one(machine, id).await?;
        let body = serde_json::to_value(&view).map_err(UseError::bug)?;
        let work = self.open(machine, Action::Record, id).await?;
        keep(work, machine, &ask.once, body, self.watch.clock.now()).await
    }

    /// The console's own use case; the key of the request makes it happen once.
    async fn run(&self, machine: &Machine, ask: &Write) -> UseResult<()> {
        let actor = &machine.actor;
        let seen = Seen {
            application: ask.application,
            version: ask.version,
            once: ask.once.clone(),
        };
        match &ask.deed {
            Deed::Draw { .. } => match draw_of(ask, seen) {
                Some(draw) => self.lending.draw(actor, draw, Intent::Do).await,
                None => Err(UseError::not_found()),
            },
            Deed::Repay { principal, paid_on } => {
                let ask = RecordRepayment {
                    seen,
                    principal: principal.clone(),
                    paid_on: paid_on.clone(),
                    owed: Owed::Unseen,
                };
                self.lending.repay(actor, ask, Intent::Do).await
            }
            Deed::Settle => {
                let ask = SettleLoan { seen };
                self.lending.settle(actor, ask, Intent::Do).await
            }
        }
    }

    async fn open(
        &self,
        machine: &Machine,
        action: Action,
        object: impl std::fmt::Display,
    ) -> UseResult<Box<dyn UnitOfWork>> {
        let permit: Permit = self
            .watch
            .permit(&machine.actor, Room::Lending, action, object)
            .await?;
        Ok(self.store.begin(&permit).await?)
    }
}

/// A draw as the console's form would say it.
pub(super) fn draw_of(ask: &Write, seen: Seen) -> Option<RecordDraw> {
    let Deed::Draw {
        amount,
        rate,
        drawn_on,
        due_on,
        contract_no,
        last,
    } = &ask.deed
    else {
        return None;
    };
    Some(RecordDraw {
        seen,
        amount: format!("{amount}元"),
        rate: rate.clone(),
        drawn_on: drawn_on.clone(),
        due_on: due_on.clone(),
        contract_no: contract_no.clone(),
        last: *last,
    })
}

async fn whole(
    work: &mut dyn UnitOfWork,
    id: FinancingApplicationId,
) -> UseResult<Option<LoanView>> {
    let Some(application) = work.bank_api().look_at(id).await? else {
        return Ok(None);
    };
    let draws = work.lending().draws(id).await?;
    let repayments = work.lending().repayments(id).await?;
    let owed = balance(application.record(), &repayments);
    let mut found = view::of(application.record());
    found.loan = Some(view::loan(owed, &draws, &repayments));
    Ok(Some(found))
}

/// The first answer to this key; another body under it is refused.
async fn first_answer(
    work: &mut dyn UnitOfWork,
    machine: &Machine,
    once: &Once,
) -> UseResult<Option<Answered>> {
    let kept = work.bank_api().answer_of(machine.key, &once.key).await?;
    match kept {
        None => Ok(None),
        Some(kept) if kept.body_hash == once.body_hash => Ok(Some(Answered {
            body: kept.answer,
            replayed: true,
        })),
        Some(_) => Err(UseError::new(Kind::Conflict, "idempotency.other_body")),
    }
}

/// Keeps the answer, unless somebody with the same key was faster: then theirs is the answer.
async fn keep(
    mut work: Box<dyn UnitOfWork>,
    machine: &Machine,
    once: &Once,
    body: Value,
    at: OffsetDateTime,
) -> UseResult<Answered> {
    let mine = KeptAnswer {
        body_hash: once.body_hash,
        answer: body,
    };
    work.bank_api()
        .keep_answer(machine.key, &once.key, &mine, at)
        .await?;
    let kept = first_answer(&mut *work, machine, once).await?;
    work.commit().await?;
    Ok(Answered {
        body: kept.map_or(mine.answer, |kept| kept.body),
        replayed: false,
    })
}

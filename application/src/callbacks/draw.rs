//! 抽样: so many, or so many of a hundred, of what was closed in a time; never the same request twice.

use domain::{
    calendar::local_date,
    callback::{CallbackStatus, Measure},
    ids::TenantId,
    rating::masked_company,
};
use serde_json::json;
use time::{Date, format_description::BorrowedFormatItem, macros::format_description};
use uuid::Uuid;

use super::CallbackRoom;
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, FieldError, UseError, UseResult},
    once::Once,
    ports::{
        audit::AuditEntry,
        callbacks::{Bank, Draw},
        store::StoreError,
    },
};

const DRAW: &str = "callback.draw";
const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
const MOST: i32 = 500;

/// 抽样 as the form says it.
#[derive(Clone, Debug)]
pub struct DrawSample {
    pub from: String,
    pub until: String,
    /// Empty: every institution.
    pub bank: String,
    pub measure: String,
    pub amount: String,
    pub once: Once,
}

impl CallbackRoom {
    /// The institutions of the form.
    pub async fn banks(&self, actor: &Actor) -> UseResult<Vec<Bank>> {
        let permit = self
            .watch
            .permit(actor, Room::Callbacks, Action::Submit, "draw")
            .await?;
        let mut work = self.store.begin(&permit).await?;
        Ok(work.callbacks().callback_banks().await?)
    }

    /// Answers how many were drawn.
    pub async fn draw(&self, actor: &Actor, ask: DrawSample) -> UseResult<i64> {
        let permit = self
            .watch
            .permit(actor, Room::Callbacks, Action::Submit, "draw")
            .await?;
        let outcome = self.take_sample(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Callbacks, Action::Submit, "draw", outcome)
            .await
    }

    async fn take_sample(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &DrawSample,
    ) -> UseResult<i64> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if let Some(answer) = ask.once.replayed(&mut *work, DRAW, at).await? {
            return answer["drawn"].as_i64().ok_or_else(UseError::not_found);
        }
        let banks = work.callbacks().callback_banks().await?;
        let mut draw = self.read(actor, ask, &banks)?;
        draw.found = work.callbacks().closed_undrawn(&draw).await?;
        draw.drawn = draw.measure.drawn(draw.amount.into(), draw.found);
        if draw.drawn == 0 {
            return Err(UseError::field("closed_until", "callback.nothing_closed"));
        }
        let mut orders = work.callbacks().sample(&draw).await?;
        for order in &mut orders {
            order.id = self.watch.clock.new_id();
            order.status = CallbackStatus::Open;
            order.masked_name = masked_company(&order.masked_name);
        }
        work.callbacks()
            .keep_draw(&draw, &orders)
            .await
            .map_err(drawn_meanwhile)?;
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), DRAW, draw.id, at)
            .detail(json!({ "rows": draw.drawn }));
        work.audit().write(entry).await?;
        ask.once
            .done(&mut *work, DRAW, json!({ "drawn": draw.drawn }))
            .await?;
        work.commit().await?;
        Ok(draw.drawn)
    }

    fn read(&self, actor: &Actor, ask: &DrawSample, banks: &[Bank]) -> UseResult<Draw> {
        let at = self.watch.clock.now();
        let mut checks = Checks::default();
        let mut day = |field: &'static str, typed: &str| {
            let day = Date::parse(typed.trim(), DAY).ok();
            if day.is_none_or(|day| day > local_date(at)) {
                checks.push(FieldError::new(field, "callback.day"));
            }
            day
        };
        let from = day("closed_from", &ask.from);
        let until = day("closed_until", &ask.until);
        if from.zip(until).is_some_and(|(from, until)| until < from) {
            checks.push(FieldError::new("closed_until", "callback.days_turned"));
        }
        let wanted = ask.bank.parse::<Uuid>().map(TenantId).ok();
        let bank = banks.iter().find(|b| Some(b.id) == wanted);
        if bank.is_none() && !ask.bank.is_empty() {
            checks.push(FieldError::new("bank", "callback.bank"));
        }
        let measure = Measure::from_code(&ask.measure);
        if measure.is_none() {
            checks.push(FieldError::new("measure", "callback.measure"));
        }
        let most = if measure == Some(Measure::Percent) {
            100
        } else {
            MOST
        };
        let amount = ask.amount.trim().parse::<i32>().ok();
        let amount = amount.filter(|amount| (1..=most).contains(amount));
        if amount.is_none() {
            checks.push(FieldError::new("amount", "callback.amount").with("most", most));
        }
        let (Some(from), Some(until), Some(measure), Some(amount), true) =
            (from, until, measure, amount, checks.is_empty())
        else {
            return Err(checks.into_error());
        };
        Ok(Draw {
            id: self.watch.clock.new_id(),
            from,
            until,
            bank: bank.map(|b| b.id),
            bank_name: bank.map_or_else(String::new, |b| b.name.clone()),
            measure,
            amount,
            found: 0,
            drawn: 0,
            drawn_by: actor.user,
            drawn_name: actor.name.clone(),
            drawn_at: at,
        })
    }
}

fn drawn_meanwhile(error: StoreError) -> UseError {
    match error {
        StoreError::Conflict(name) if name == "callbacks_once" => {
            UseError::conflict("callback.drawn_meanwhile")
        }
        other => other.into(),
    }
}

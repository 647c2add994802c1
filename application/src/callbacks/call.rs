//! 登记通话, and the number to call: opened with an entry that the enterprise reads (S-30).

use domain::{
    callback::{CallbackStatus, Reply, fits},
    rating::star,
    values::FreeText,
};
use serde_json::json;
use uuid::Uuid;

use super::{CallbackRoom, locked, open};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, FieldError, UseError, UseResult},
    once::Once,
    ports::{
        audit::AuditEntry,
        callbacks::{Answers, Call},
        view_log::ViewEntry,
    },
    profile::open_facts,
};

const CALL: &str = "callback.call";
const PHONE: &str = "callback.phone";

/// 登记通话 as the form says it.
#[derive(Clone, Debug)]
pub struct RecordCall {
    pub callback: Uuid,
    /// `yes` or `no`.
    pub reached: String,
    pub disbursed: String,
    pub amount_matches: String,
    pub extra_fees: String,
    pub satisfaction: String,
    pub note: String,
    pub once: Once,
}

/// The number, for one page and no cache.
#[derive(Clone, Debug)]
pub struct ShownPhone {
    pub phone: String,
}

impl CallbackRoom {
    pub async fn record(&self, actor: &Actor, ask: RecordCall) -> UseResult<CallbackStatus> {
        let object = ask.callback;
        let permit = self
            .watch
            .permit(actor, Room::Callbacks, Action::Record, object)
            .await?;
        let outcome = self.keep_call(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Callbacks, Action::Record, object, outcome)
            .await
    }

    async fn keep_call(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &RecordCall,
    ) -> UseResult<CallbackStatus> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if let Some(answer) = ask.once.replayed(&mut *work, CALL, at).await? {
            let status = answer["status"]
                .as_str()
                .and_then(CallbackStatus::from_code);
            return status.ok_or_else(UseError::not_found);
        }
        let mut callback = locked(&mut *work, ask.callback).await?;
        open(&callback)?;
        let (answers, note) = read(ask)?;
        callback.calls += 1;
        callback.status = CallbackStatus::after(answers.is_some(), callback.calls);
        callback.done_at = (callback.status != CallbackStatus::Open).then_some(at);
        let call = Call {
            id: self.watch.clock.new_id(),
            answers,
            note,
            by: actor.user,
            by_name: actor.name.clone(),
            at,
        };
        work.callbacks().add_call(callback.id, &call).await?;
        work.callbacks().save_callback(&callback).await?;
        let id = self.watch.clock.new_id();
        let entry = AuditEntry::by(actor, id, CALL, callback.id, at)
            .detail(json!({ "status": callback.status.code() }));
        work.audit().write(entry).await?;
        let answer = json!({ "status": callback.status.code() });
        ask.once.done(&mut *work, CALL, answer).await?;
        work.commit().await?;
        Ok(callback.status)
    }

    /// The entry in the enterprise's list of looks is written before the number is shown.
    pub async fn phone(&self, actor: &Actor, id: Uuid) -> UseResult<ShownPhone> {
        let permit = self
            .watch
            .permit(actor, Room::Callbacks, Action::Record, id)
            .await?;
        let outcome = self.reveal(actor, &permit, id).await;
        self.watch
            .refused(actor, Room::Callbacks, Action::Record, id, outcome)
            .await
    }

    async fn reveal(&self, actor: &Actor, permit: &Permit, id: Uuid) -> UseResult<ShownPhone> {
        self.sealer.ready(actor.city.0).await?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        let found = work.callbacks().callback(id).await?;
        let callback = found.ok_or_else(UseError::not_found)?;
        open(&callback)?;
        let behind = work.callbacks().enterprise_behind(id).await?;
        let (enterprise, _) = behind.ok_or_else(UseError::not_found)?;
        let facts = work.enterprises().facts(enterprise).await?;
        let facts = facts.ok_or_else(UseError::not_found)?;
        let opened = open_facts(&*self.sealer, actor.city, &facts)?;
        // An account that was closed since took its number along.
        let Some(phone) = opened.contact_phone else {
            return Err(UseError::conflict("callback.no_phone"));
        };
        let entry = ViewEntry {
            id: self.watch.clock.new_id(),
            enterprise,
            viewer: actor.user,
            viewer_name: actor.name.clone(),
            viewer_tenant: actor.tenant,
            viewer_node: actor.tenant_name.clone(),
            application: Some(callback.application),
            fields: "联系电话".to_owned(),
            reason: "办结后电话回访".to_owned(),
            request_id: actor.from.request_id.clone(),
            at,
        };
        work.view_log().write(entry).await?;
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), PHONE, id, at)
            .detail(json!({ "application": callback.application.0 }));
        work.audit().write(entry).await?;
        work.commit().await?;
        Ok(ShownPhone {
            phone: phone.as_str().to_owned(),
        })
    }
}

fn read(ask: &RecordCall) -> UseResult<(Option<Answers>, String)> {
    let mut checks = Checks::default();
    let note = checks.take("call_note", FreeText::<500>::parse_optional(&ask.note));
    let note = note
        .flatten()
        .map_or_else(String::new, |text| text.as_str().to_owned());
    match ask.reached.as_str() {
        "no" => {
            // Nobody said anything on a call that nobody took.
            let said = [
                &ask.disbursed,
                &ask.amount_matches,
                &ask.extra_fees,
                &ask.satisfaction,
            ];
            if said.iter().any(|answer| !answer.trim().is_empty()) {
                checks.push(FieldError::new("reached", "callback.not_reached"));
            }
            checks.finish()?;
            return Ok((None, note));
        }
        "yes" => {}
        _ => checks.push(FieldError::new("reached", "callback.reached")),
    }
    let mut reply = |field: &'static str, typed: &str, none: bool| {
        let reply = Reply::from_code(typed).filter(|r| none || *r != Reply::None);
        if reply.is_none() {
            checks.push(FieldError::new(field, "callback.answer"));
        }
        reply
    };
    let disbursed = reply("disbursed", &ask.disbursed, true);
    let amount_matches = reply("amount_matches", &ask.amount_matches, true);
    let extra_fees = reply("extra_fees", &ask.extra_fees, false);
    let satisfaction = star(&ask.satisfaction);
    if satisfaction.is_none() {
        checks.push(FieldError::new("satisfaction", "callback.answer"));
    }
    if let (Some(disbursed), Some(matches)) = (disbursed, amount_matches)
        && !fits(disbursed, matches)
    {
        let code = if disbursed == Reply::Yes {
            "callback.amount_wanted"
        } else {
            "callback.amount_of_nothing"
        };
        checks.push(FieldError::new("amount_matches", code));
    }
    let ready = checks.is_empty();
    let (Some(disbursed), Some(amount_matches), Some(extra_fees), Some(satisfaction), true) =
        (disbursed, amount_matches, extra_fees, satisfaction, ready)
    else {
        return Err(checks.into_error());
    };
    let answers = Answers {
        disbursed,
        amount_matches,
        extra_fees,
        satisfaction,
    };
    Ok((Some(answers), note))
}

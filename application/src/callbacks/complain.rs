//! 转投诉: what was said on the phone becomes a complaint of the enterprise, filed by the city for it.

use domain::callback::CallbackStatus;
use serde_json::json;
use uuid::Uuid;

use super::{CallbackRoom, locked};
use crate::{
    access::{Action, Actor, Permit, Room},
    complaints::ForEnterprise,
    error::{UseError, UseResult},
    once::Once,
    ports::{audit::AuditEntry, complaints::Subject},
};

const COMPLAIN: &str = "callback.complain";

/// 转投诉 as the form says it.
#[derive(Clone, Debug)]
pub struct ComplainFor {
    pub callback: Uuid,
    pub kind: String,
    pub body: String,
    pub once: Once,
}

impl CallbackRoom {
    /// Answers the complaint.
    pub async fn complain(&self, actor: &Actor, ask: ComplainFor) -> UseResult<Uuid> {
        let object = ask.callback;
        let permit = self
            .watch
            .permit(actor, Room::Callbacks, Action::Record, object)
            .await?;
        let outcome = self.file(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Callbacks, Action::Record, object, outcome)
            .await
    }

    async fn file(&self, actor: &Actor, permit: &Permit, ask: &ComplainFor) -> UseResult<Uuid> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if let Some(answer) = ask.once.replayed(&mut *work, COMPLAIN, at).await? {
            let id = answer["complaint"].as_str().and_then(|id| id.parse().ok());
            return id.ok_or_else(UseError::not_found);
        }
        let mut callback = locked(&mut *work, ask.callback).await?;
        // What nobody said on the phone is no complaint.
        if callback.status != CallbackStatus::Reached {
            return Err(UseError::conflict("callback.call_first"));
        }
        if callback.complaint.is_some() {
            return Err(UseError::conflict("callback.complained_before"));
        }
        let behind = work.callbacks().enterprise_behind(callback.id).await?;
        let (enterprise, enterprise_name) = behind.ok_or_else(UseError::not_found)?;
        let subject = Subject {
            application: Some(callback.application),
            application_no: callback.application_no.clone(),
            about: callback.branch,
            about_name: callback.branch_name.clone(),
            bank: callback.bank,
            bank_name: callback.bank_name.clone(),
        };
        let whose = ForEnterprise {
            enterprise,
            enterprise_name,
            subject,
        };
        let complaint = self
            .complaints
            .file_for(&mut *work, actor, whose, (&ask.kind, &ask.body), at)
            .await?;
        callback.complaint = Some(complaint);
        work.callbacks().save_callback(&callback).await?;
        let id = self.watch.clock.new_id();
        let entry = AuditEntry::by(actor, id, COMPLAIN, callback.id, at)
            .detail(json!({ "application": callback.application.0 }));
        work.audit().write(entry).await?;
        ask.once
            .done(&mut *work, COMPLAIN, json!({ "complaint": complaint }))
            .await?;
        work.commit().await?;
        Ok(complaint)
    }
}

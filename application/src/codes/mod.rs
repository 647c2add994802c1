//! Code desk 代码核实: the city admits a 统一社会信用代码 that fails the public check, after somebody saw the licence.

use std::sync::Arc;

use domain::values::{CompanyName, FreeText, UnifiedSocialCreditCode};
use serde_json::json;

use crate::{
    access::{Action, Actor, Room},
    audit::Watch,
    error::{Checks, FieldError, UseResult},
    ports::{admitted_codes::AdmittedCode, audit::AuditEntry, store::Store},
};

/// Codes on one page; there are few.
const MOST: i64 = 200;

/// The room.
#[derive(Clone)]
pub struct CodeDesk {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
}

/// What is typed.
pub struct AdmitCode {
    pub code: String,
    pub company_name: String,
    pub reason: String,
}

impl CodeDesk {
    pub async fn list(&self, actor: &Actor) -> UseResult<Vec<AdmittedCode>> {
        let permit = self
            .watch
            .permit(actor, Room::Supervision, Action::View, "codes")
            .await?;
        let mut work = self.store.begin(&permit).await?;
        Ok(work.admitted_codes().admitted(MOST).await?)
    }

    /// Admits one; a code without doubt needs no admission, one of a wrong form gets none.
    pub async fn admit(&self, actor: &Actor, ask: AdmitCode) -> UseResult<()> {
        let permit = self
            .watch
            .permit(actor, Room::Supervision, Action::Save, "codes")
            .await?;
        let mut checks = Checks::default();
        let code = checks.take("code", UnifiedSocialCreditCode::accept_doubtful(&ask.code));
        let name = checks.take("company_name", CompanyName::parse(&ask.company_name));
        let reason = checks.take("code_reason", FreeText::<300>::parse(&ask.reason));
        if code.as_ref().is_some_and(|code| code.doubt().is_none()) {
            checks.push(FieldError::new("code", "admitted_code.no_doubt"));
        }
        let (Some(code), Some(name), Some(reason)) = (code, name, reason) else {
            return Err(checks.into_error());
        };
        if reason.as_str().is_empty() {
            checks.push(FieldError::new("code_reason", "admitted_code.reason_empty"));
        }
        checks.finish()?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        let new = work
            .admitted_codes()
            .admit(&AdmittedCode {
                code: code.as_str().to_owned(),
                company_name: name.as_str().to_owned(),
                reason: reason.as_str().to_owned(),
                by: actor.user,
                by_name: actor.name.clone(),
                at,
            })
            .await?;
        if !new {
            let mut checks = Checks::default();
            checks.push(FieldError::new("code", "admitted_code.known"));
            return Err(checks.into_error());
        }
        let entry = AuditEntry::by(
            actor,
            self.watch.clock.new_id(),
            "admitted_code.add",
            code.as_str(),
            at,
        )
        .detail(json!({ "company": name.as_str(), "reason": reason.as_str() }));
        work.audit().write(entry).await?;
        work.commit().await?;
        Ok(())
    }
}

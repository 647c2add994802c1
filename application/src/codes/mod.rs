//! Code desk 代码核实: the city admits a 统一社会信用代码 that fails the public check. One person says what it was seen on, another
//! one admits it.

mod settle;

use std::sync::Arc;

use domain::values::{CompanyName, FreeText, UnifiedSocialCreditCode};
use serde_json::json;
use uuid::Uuid;

pub use settle::SettleCode;

use crate::{
    access::{Action, Actor, Permit, Room},
    audit::Watch,
    enterprises::notices::{self, CODE_PROPOSED},
    error::{Checks, FieldError, UseError, UseResult},
    once::Once,
    ports::{
        admitted_codes::{AdmittedCode, CodeEvidence, CodeProposal},
        audit::AuditEntry,
        store::{Store, StoreError},
        supervision::HoldStatus,
    },
};

/// Codes on one page; there are few.
const MOST: i64 = 200;
const PROPOSE: &str = "admitted_code.propose";

/// The room.
#[derive(Clone)]
pub struct CodeDesk {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
}

/// What is typed.
pub struct ProposeCode {
    pub code: String,
    pub company_name: String,
    /// A code of [`CodeEvidence`].
    pub evidence: String,
    pub reason: String,
    pub once: Once,
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct CodeSheet {
    pub proposals: Vec<CodeProposal>,
    pub admitted: Vec<AdmittedCode>,
}

/// One proposal and whether this person may be the second one.
#[derive(Clone, Debug)]
pub struct CodeCase {
    pub proposal: CodeProposal,
    pub may_settle: bool,
    /// This person proposed it and may take it back.
    pub may_withdraw: bool,
}

impl CodeDesk {
    /// What waits, what was settled, and every code that stands.
    pub async fn list(&self, actor: &Actor) -> UseResult<CodeSheet> {
        let permit = self
            .watch
            .permit(actor, Room::Supervision, Action::View, "codes")
            .await?;
        let mut work = self.store.begin(&permit).await?;
        Ok(CodeSheet {
            proposals: work.admitted_codes().code_proposals(MOST).await?,
            admitted: work.admitted_codes().admitted(MOST).await?,
        })
    }

    /// One proposal; of another city there is none.
    pub async fn case(&self, actor: &Actor, id: Uuid) -> UseResult<CodeCase> {
        let permit = self
            .watch
            .permit(actor, Room::Supervision, Action::View, id)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let found = work.admitted_codes().code_proposal(id).await?;
        drop(work);
        let Some(proposal) = found else {
            let missing = self
                .watch
                .missing(actor, Room::Supervision, Action::View, id);
            return Err(missing.await);
        };
        let guard = &self.watch.guard;
        let open = proposal.status == HoldStatus::Open;
        let own = proposal.asked_by == actor.user;
        let may = |action| guard.may(actor, Room::Supervision, action);
        Ok(CodeCase {
            may_settle: open && !own && may(Action::Confirm).await,
            may_withdraw: open && own && may(Action::Save).await,
            proposal,
        })
    }

    /// Proposes one; a code without doubt needs no admission, one of a wrong form gets none.
    pub async fn propose(&self, actor: &Actor, ask: ProposeCode) -> UseResult<()> {
        let permit = self
            .watch
            .permit(actor, Room::Supervision, Action::Save, "codes")
            .await?;
        let outcome = self.keep(actor, &permit, ask).await;
        self.watch
            .refused(actor, Room::Supervision, Action::Save, "codes", outcome)
            .await
    }

    async fn keep(&self, actor: &Actor, permit: &Permit, ask: ProposeCode) -> UseResult<()> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, PROPOSE, at).await?.is_some() {
            return Ok(());
        }
        let proposal = self.read(actor, &ask)?;
        if work.admitted_codes().is_admitted(&proposal.code).await? {
            return Err(UseError::field("code", "admitted_code.known"));
        }
        match work.admitted_codes().propose_code(&proposal).await {
            Err(StoreError::Conflict(name)) if name == "code_proposals_one_open" => {
                return Err(UseError::field("code", "admitted_code.proposed"));
            }
            done => done?,
        }
        let notice = self.watch.clock.new_id();
        notices::announce(&mut *work, notice, CODE_PROPOSED, proposal.id, at).await?;
        let id = self.watch.clock.new_id();
        let entry = AuditEntry::by(actor, id, PROPOSE, &proposal.code, at).detail(json!({
            "company": proposal.company_name,
            "evidence": proposal.evidence.code(),
            "reason": proposal.reason,
        }));
        work.audit().write(entry).await?;
        ask.once
            .done(&mut *work, PROPOSE, json!({ "proposal": proposal.id }))
            .await?;
        Ok(work.commit().await?)
    }

    fn read(&self, actor: &Actor, ask: &ProposeCode) -> UseResult<CodeProposal> {
        let mut checks = Checks::default();
        let code = checks.take("code", UnifiedSocialCreditCode::accept_doubtful(&ask.code));
        let name = checks.take("company_name", CompanyName::parse(&ask.company_name));
        let evidence = CodeEvidence::from_code(&ask.evidence);
        if evidence.is_none() {
            checks.push(FieldError::new(
                "evidence",
                "admitted_code.evidence_missing",
            ));
        }
        let reason = checks.take("code_reason", FreeText::<300>::parse(&ask.reason));
        if code.as_ref().is_some_and(|code| code.doubt().is_none()) {
            checks.push(FieldError::new("code", "admitted_code.no_doubt"));
        }
        let (Some(code), Some(name), Some(evidence), Some(reason), true) =
            (code, name, evidence, reason, checks.is_empty())
        else {
            return Err(checks.into_error());
        };
        Ok(CodeProposal {
            id: self.watch.clock.new_id(),
            code: code.as_str().to_owned(),
            company_name: name.as_str().to_owned(),
            evidence,
            reason: reason.as_str().to_owned(),
            asked_by: actor.user,
            asked_name: actor.name.clone(),
            asked_at: self.watch.clock.now(),
            status: HoldStatus::Open,
            settled_by: None,
            settled_name: String::new(),
            settled_at: None,
            withdrawal: String::new(),
        })
    }
}

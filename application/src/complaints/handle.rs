//! 受理, 内部记录, 请机构说明, 答复: what the city's people do with a complaint.

use domain::{complaint::ComplaintStep, ids::TenantId, values::FreeText};
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{ComplaintRoom, locked, moved, not_now};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, FieldError, UseError, UseResult},
    once::Once,
    ports::{
        complaints::{AskedNode, Complaint},
        store::UnitOfWork,
    },
};

/// 受理: this person works on it from now on.
#[derive(Clone, Debug)]
pub struct Take {
    pub complaint: Uuid,
    pub once: Once,
}

/// 内部记录: read by the city's people only.
#[derive(Clone, Debug)]
pub struct Note {
    pub complaint: Uuid,
    pub words: String,
    pub once: Once,
}

/// 请机构说明: the branch or the institution that it is about.
#[derive(Clone, Debug)]
pub struct AskStatement {
    pub complaint: Uuid,
    pub node: String,
    pub words: String,
    pub once: Once,
}

/// 答复: what the enterprise reads.
#[derive(Clone, Debug)]
pub struct Answer {
    pub complaint: Uuid,
    pub words: String,
    pub once: Once,
}

const TAKE: &str = "complaint.take";
const NOTE: &str = "complaint.note";
const ASK: &str = "complaint.ask_statement";
const ANSWER: &str = "complaint.answer";

/// One deed, with what was typed already read.
enum Deed {
    Take,
    Note(String),
    Ask(String, String),
    Answer(String),
}

impl Deed {
    const fn action(&self) -> &'static str {
        match self {
            Self::Take => TAKE,
            Self::Note(_) => NOTE,
            Self::Ask(..) => ASK,
            Self::Answer(_) => ANSWER,
        }
    }
}

impl ComplaintRoom {
    pub async fn take(&self, actor: &Actor, ask: Take) -> UseResult<()> {
        self.handle(actor, ask.complaint, ask.once, Deed::Take)
            .await
    }

    pub async fn note(&self, actor: &Actor, ask: Note) -> UseResult<()> {
        self.handle(actor, ask.complaint, ask.once, Deed::Note(ask.words))
            .await
    }

    pub async fn ask_statement(&self, actor: &Actor, ask: AskStatement) -> UseResult<()> {
        let deed = Deed::Ask(ask.node, ask.words);
        self.handle(actor, ask.complaint, ask.once, deed).await
    }

    pub async fn answer(&self, actor: &Actor, ask: Answer) -> UseResult<()> {
        self.handle(actor, ask.complaint, ask.once, Deed::Answer(ask.words))
            .await
    }

    async fn handle(&self, actor: &Actor, id: Uuid, once: Once, deed: Deed) -> UseResult<()> {
        let permit = self
            .watch
            .permit(actor, Room::Complaints, Action::Record, id)
            .await?;
        let outcome = self.act(actor, &permit, id, &once, &deed).await;
        self.watch
            .refused(actor, Room::Complaints, Action::Record, id, outcome)
            .await
    }

    async fn act(
        &self,
        actor: &Actor,
        permit: &Permit,
        id: Uuid,
        once: &Once,
        deed: &Deed,
    ) -> UseResult<()> {
        let at = self.watch.clock.now();
        let action = deed.action();
        let mut work = self.store.begin(permit).await?;
        if once.replayed(&mut *work, action, at).await?.is_some() {
            return Ok(());
        }
        let mut complaint = locked(&mut *work, id).await?;
        self.done(&mut *work, actor, &mut complaint, deed, at)
            .await?;
        once.done(&mut *work, action, json!({})).await?;
        Ok(work.commit().await?)
    }

    async fn done(
        &self,
        work: &mut dyn UnitOfWork,
        actor: &Actor,
        complaint: &mut Complaint,
        deed: &Deed,
        at: OffsetDateTime,
    ) -> UseResult<()> {
        let step = match deed {
            Deed::Take => {
                moved(complaint, ComplaintStep::Taken)?;
                complaint.taken_by = Some(actor.user);
                complaint.taken_name.clone_from(&actor.name);
                self.step(actor, ComplaintStep::Taken, "", at)
            }
            Deed::Note(words) => {
                moved(complaint, ComplaintStep::Noted)?;
                let mut checks = Checks::default();
                let words = checks.take("handling_note", FreeText::<1000>::parse(words));
                let words = words.ok_or_else(|| checks.into_error())?;
                self.step(actor, ComplaintStep::Noted, words.as_str(), at)
            }
            Deed::Ask(node, words) => {
                let (node, words) = asked(complaint, node, words)?;
                let mut step = self.step(actor, ComplaintStep::StatementAsked, &words, at);
                step.node = Some(node.id);
                step.node_name.clone_from(&node.name);
                complaint.asked = Some(node);
                step
            }
            Deed::Answer(words) => {
                moved(complaint, ComplaintStep::Answered)?;
                let mut checks = Checks::default();
                let words = checks.take("answer", FreeText::<2000>::parse(words));
                let words = words.ok_or_else(|| checks.into_error())?;
                words.as_str().clone_into(&mut complaint.answer);
                complaint.answered_at = Some(at);
                self.step(actor, ComplaintStep::Answered, words.as_str(), at)
            }
        };
        work.complaints().save_complaint(complaint).await?;
        self.note_step(work, actor, complaint, &step, deed.action())
            .await
    }
}

/// Whom to ask, and what.
fn asked(complaint: &mut Complaint, node: &str, words: &str) -> UseResult<(AskedNode, String)> {
    if complaint.asked.as_ref().is_some_and(|a| !a.stated) {
        return Err(UseError::conflict("complaint.asked_before"));
    }
    if complaint
        .status
        .after(ComplaintStep::StatementAsked, complaint.reopened)
        .is_none()
    {
        return Err(not_now(complaint));
    }
    let subject = &complaint.subject;
    let nodes = [
        (subject.about, &subject.about_name),
        (subject.bank, &subject.bank_name),
    ];
    let id = node.parse::<Uuid>().map(TenantId).ok();
    let found = nodes.into_iter().find(|(about, _)| Some(*about) == id);
    let mut checks = Checks::default();
    if found.is_none() {
        checks.push(FieldError::new("node", "complaint.node_missing"));
    }
    let words = checks.take("question", FreeText::<1000>::parse(words));
    let (Some((id, name)), Some(words)) = (found, words) else {
        return Err(checks.into_error());
    };
    let node = AskedNode {
        id,
        name: name.clone(),
        stated: false,
    };
    Ok((node, words.as_str().to_owned()))
}

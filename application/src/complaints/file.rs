//! 提出投诉: an enterprise complains about an institution, a branch or one of its requests; at most five in a day.

use domain::{
    calendar::local_date,
    complaint::{ComplaintKind, ComplaintStatus, ComplaintStep},
    ids::EnterpriseId,
    values::FreeText,
};
use serde_json::json;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::ComplaintRoom;
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, FieldError, UseError, UseResult},
    once::Once,
    ports::{
        complaints::{Complaint, Subject},
        store::UnitOfWork,
    },
};

const ACTION: &str = "complaint.file";
/// Complaints of one enterprise in a day.
const PER_DAY: i64 = 5;

/// 提交投诉 as the form says it.
#[derive(Clone, Debug)]
pub struct FileComplaint {
    /// One of [`ComplaintRoom::subjects`], by the key of [`Subject::key`].
    pub about: String,
    pub kind: String,
    pub body: String,
    pub once: Once,
}

/// Whose complaint it is, and about whom.
#[derive(Clone, Debug)]
pub(crate) struct ForEnterprise {
    pub enterprise: EnterpriseId,
    pub enterprise_name: String,
    pub subject: Subject,
}

impl Subject {
    /// How a form names it.
    pub fn key(&self) -> String {
        match self.application {
            Some(application) => format!("application:{application}"),
            None => format!("node:{}", self.about),
        }
    }
}

impl ComplaintRoom {
    /// What may be complained about, for the form.
    pub async fn subjects(&self, actor: &Actor) -> UseResult<Vec<Subject>> {
        let permit = self
            .watch
            .permit(actor, Room::Complaints, Action::Submit, "new")
            .await?;
        let mut work = self.store.begin(&permit).await?;
        Ok(work.complaints().complaint_subjects().await?)
    }

    /// Files it; answers its id.
    pub async fn file(&self, actor: &Actor, ask: FileComplaint) -> UseResult<Uuid> {
        let permit = self
            .watch
            .permit(actor, Room::Complaints, Action::Submit, "new")
            .await?;
        let outcome = self.write(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Complaints, Action::Submit, "new", outcome)
            .await
    }

    async fn write(&self, actor: &Actor, permit: &Permit, ask: &FileComplaint) -> UseResult<Uuid> {
        let at = self.watch.clock.now();
        let enterprise = actor.enterprise.ok_or_else(UseError::not_found)?;
        let mut work = self.store.begin(permit).await?;
        if let Some(answer) = ask.once.replayed(&mut *work, ACTION, at).await? {
            let id = answer["complaint"].as_str().and_then(|id| id.parse().ok());
            return id.ok_or_else(UseError::not_found);
        }
        let subjects = work.complaints().complaint_subjects().await?;
        let subject = subjects.into_iter().find(|s| s.key() == ask.about);
        let mut checks = Checks::default();
        if subject.is_none() {
            checks.push(FieldError::new("about", "complaint.about_missing"));
        }
        let words = read(&mut checks, &ask.kind, &ask.body);
        let (Some(subject), Some(words)) = (subject, words) else {
            return Err(checks.into_error());
        };
        let yesterday = at - Duration::days(1);
        if work.complaints().complaints_since(yesterday).await? >= PER_DAY {
            return Err(UseError::too_many("complaint.too_often", 86_400));
        }
        let owner = work.enterprises().facts(enterprise).await?;
        let owner = owner.ok_or_else(UseError::not_found)?;
        let whose = ForEnterprise {
            enterprise,
            enterprise_name: owner.name,
            subject,
        };
        let complaint = self.born(&mut *work, actor, whose, words, at).await?;
        ask.once
            .done(&mut *work, ACTION, json!({ "complaint": complaint }))
            .await?;
        work.commit().await?;
        Ok(complaint)
    }

    /// By the city for an enterprise, in a unit of work that brings more along; answers its id.
    pub(crate) async fn file_for(
        &self,
        work: &mut dyn UnitOfWork,
        actor: &Actor,
        whose: ForEnterprise,
        (kind, body): (&str, &str),
        at: OffsetDateTime,
    ) -> UseResult<Uuid> {
        let mut checks = Checks::default();
        match read(&mut checks, kind, body) {
            Some(words) => self.born(work, actor, whose, words, at).await,
            None => Err(checks.into_error()),
        }
    }

    async fn born(
        &self,
        work: &mut dyn UnitOfWork,
        actor: &Actor,
        whose: ForEnterprise,
        (kind, body): (ComplaintKind, FreeText<2000>),
        at: OffsetDateTime,
    ) -> UseResult<Uuid> {
        let day = local_date(at);
        let number = work.complaints().next_complaint_number(day).await?;
        let complaint = Complaint {
            id: self.watch.clock.new_id(),
            number: number.as_str().to_owned(),
            enterprise: whose.enterprise,
            enterprise_name: whose.enterprise_name,
            kind,
            body: body.as_str().to_owned(),
            subject: whose.subject,
            status: ComplaintStatus::Filed,
            filed_by: actor.user,
            filed_at: at,
            clock_from: at,
            due_at: self.due(actor, at)?,
            taken_by: None,
            taken_name: String::new(),
            asked: None,
            answer: String::new(),
            answered_at: None,
            reopened: false,
            closed_at: None,
            version: 1,
        };
        work.complaints().file_complaint(&complaint).await?;
        let step = self.step(actor, ComplaintStep::Filed, &complaint.body, at);
        self.note_step(work, actor, &complaint, &step, ACTION)
            .await?;
        Ok(complaint.id)
    }
}

fn read(checks: &mut Checks, kind: &str, body: &str) -> Option<(ComplaintKind, FreeText<2000>)> {
    let kind = ComplaintKind::from_code(kind);
    if kind.is_none() {
        checks.push(FieldError::new("kind", "complaint.kind_missing"));
    }
    let body = checks.take("complaint_body", FreeText::<2000>::parse(body));
    kind.zip(body)
}

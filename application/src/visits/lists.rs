//! The lists of a city: all of them, a new one, and the end of one.

use domain::calendar::{local_date, parse_day};
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{VisitRoom, open_list, text};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, FieldError, UseError, UseResult},
    leaf,
    once::Once,
    ports::{audit::AuditEntry, store::StoreError, visits::VisitList},
};

const NEW: &str = "visit.list";
const CLOSE: &str = "visit.close";
/// Lists of one page.
const LISTS: i64 = 20;

/// A page of lists.
#[derive(Clone, Debug)]
pub struct SeenLists {
    pub lists: Vec<VisitList>,
    pub more: bool,
    pub may_save: bool,
    /// This person may see enterprises.
    pub open: bool,
}

/// 新建清单 as the form says it.
#[derive(Clone, Debug)]
pub struct NewList {
    pub name: String,
    pub source: String,
    pub due: String,
    pub once: Once,
}

/// 关闭清单.
#[derive(Clone, Debug)]
pub struct CloseList {
    pub list: Uuid,
    pub once: Once,
}

impl VisitRoom {
    /// Newest first, for whoever reads totals.
    pub async fn lists(
        &self,
        actor: &Actor,
        after: Option<(OffsetDateTime, Uuid)>,
    ) -> UseResult<SeenLists> {
        let permit = self.reader(actor).await?;
        let mut work = self.store.begin(&permit).await?;
        let mut lists = work.visit_lists().visit_lists(after, LISTS + 1).await?;
        drop(work);
        let more = leaf::cut(&mut lists, LISTS);
        let guard = &self.watch.guard;
        Ok(SeenLists {
            lists,
            more,
            may_save: guard.may(actor, Room::Visits, Action::Save).await,
            open: guard.may(actor, Room::Visits, Action::View).await,
        })
    }

    /// Whether this person may make a list: the form is nobody else's.
    pub async fn may_make(&self, actor: &Actor) -> UseResult<()> {
        self.permit(actor, Action::Save, actor.tenant.0).await?;
        Ok(())
    }

    /// Answers the id of the list.
    pub async fn make(&self, actor: &Actor, ask: NewList) -> UseResult<Uuid> {
        let permit = self.permit(actor, Action::Save, actor.tenant.0).await?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        if let Some(answer) = ask.once.replayed(&mut *work, NEW, at).await? {
            let id = answer["list"].as_str().and_then(|id| id.parse().ok());
            return id.ok_or_else(UseError::not_found);
        }
        let list = self.read(actor, &ask, at)?;
        match work.visit_lists().insert_visit_list(&list).await {
            Err(StoreError::Conflict(_)) => {
                return Err(UseError::field("visit_name", "visits.name_taken"));
            }
            done => done?,
        }
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), NEW, list.id, at)
            .detail(json!({ "name": list.name }));
        work.audit().write(entry).await?;
        let answer = json!({ "list": list.id });
        ask.once.done(&mut *work, NEW, answer).await?;
        work.commit().await?;
        Ok(list.id)
    }

    fn read(&self, actor: &Actor, ask: &NewList, at: OffsetDateTime) -> UseResult<VisitList> {
        let mut checks = Checks::default();
        let name = text::<60>(&mut checks, "visit_name", &ask.name);
        let source = text::<60>(&mut checks, "visit_source", &ask.source);
        let due = parse_day(&ask.due).filter(|day| *day >= local_date(at));
        if due.is_none() {
            checks.push(FieldError::new("visit_due", "visits.day"));
        }
        let (Some(name), Some(source), Some(due_on)) = (name, source, due) else {
            return Err(checks.into_error());
        };
        Ok(VisitList {
            id: self.watch.clock.new_id(),
            name,
            source,
            due_on,
            rows_kept: 0,
            rows_sent: 0,
            created_by: actor.user,
            created_name: actor.name.clone(),
            created_at: at,
            closed_at: None,
            closed_name: String::new(),
        })
    }

    /// What is known then is kept; the enterprises may stand in another list from now on.
    pub async fn close(&self, actor: &Actor, ask: CloseList) -> UseResult<()> {
        let permit = self.permit(actor, Action::Save, ask.list).await?;
        let outcome = self.end(actor, &permit, &ask).await;
        self.answered(actor, Action::Save, ask.list, outcome).await
    }

    async fn end(&self, actor: &Actor, permit: &Permit, ask: &CloseList) -> UseResult<()> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, CLOSE, at).await?.is_some() {
            return Ok(());
        }
        let list = open_list(&mut *work, ask.list).await?;
        work.visit_lists()
            .close_visit_list(list.id, &actor.name, at)
            .await?;
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), CLOSE, list.id, at)
            .detail(json!({ "name": list.name, "rows": list.rows_kept }));
        work.audit().write(entry).await?;
        ask.once.done(&mut *work, CLOSE, json!({})).await?;
        Ok(work.commit().await?)
    }
}

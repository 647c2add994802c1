//! Tree 机构与支行 (H2): an institution opens, changes, suspends and resumes its branches; the portal follows.

use std::sync::Arc;

use domain::{
    ids::TenantId,
    values::{Address, FreeText},
};
use serde_json::json;
use time::OffsetDateTime;

use crate::{
    access::{Action, Actor, Permit, Room},
    audit::Watch,
    error::{Checks, FieldError, UseError, UseResult},
    once::Once,
    ports::{
        audit::AuditEntry,
        reference::RegionDirectory,
        store::{Store, UnitOfWork},
        tree::{BranchFacts, OpenRequest, TreeBranch},
    },
    sessions::SessionKeeper,
};

/// The room.
#[derive(Clone)]
pub struct TreeRoom {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub regions: Arc<dyn RegionDirectory>,
    pub sessions: SessionKeeper,
}

/// A branch as the form says it.
#[derive(Clone, Debug, Default)]
pub struct BranchForm {
    /// The institution or one of its branches; empty when a branch is changed.
    pub parent: String,
    pub name: String,
    /// County code.
    pub region: String,
    pub address: String,
    pub phone: String,
    pub opening_hours: String,
    pub serves: Vec<String>,
    pub counter_check: bool,
}

/// One branch and what keeps it from being suspended.
#[derive(Clone, Debug)]
pub struct BranchView {
    pub branch: TreeBranch,
    pub open: Vec<OpenRequest>,
}

const ADD: &str = "tree.add";
const CHANGE: &str = "tree.change";
const SUSPEND: &str = "tree.suspend";
const RESUME: &str = "tree.resume";

impl TreeRoom {
    pub async fn list(&self, actor: &Actor) -> UseResult<Vec<TreeBranch>> {
        let permit = self.permit(actor, Action::View, actor.tenant).await?;
        let mut work = self.store.begin(&permit).await?;
        Ok(work.tree().branches().await?)
    }

    pub async fn branch(&self, actor: &Actor, id: TenantId) -> UseResult<BranchView> {
        let permit = self.permit(actor, Action::View, id).await?;
        let mut work = self.store.begin(&permit).await?;
        let Some(branch) = work.tree().branch(id).await? else {
            return Err(self
                .watch
                .missing(actor, Room::Tree, Action::View, id)
                .await);
        };
        let open = work.tree().open_requests(id).await?;
        Ok(BranchView { branch, open })
    }

    /// Opens a branch; it is on the portal at once.
    pub async fn add(&self, actor: &Actor, form: &BranchForm, once: &Once) -> UseResult<()> {
        let permit = self.permit(actor, Action::Save, actor.tenant).await?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        if once.replayed(&mut *work, ADD, at).await?.is_some() {
            return Ok(());
        }
        let mut checks = Checks::default();
        let branches = work.tree().branches().await?;
        let parent = std::iter::once(actor.tenant)
            .chain(branches.iter().filter(|b| !b.suspended).map(|b| b.id))
            .find(|id| id.to_string() == form.parent);
        if parent.is_none() {
            checks.push(FieldError::new("parent", "tree.parent_missing"));
        }
        let facts = self.facts(&mut checks, form);
        let same = |b: &TreeBranch| Some(&b.facts.name) == facts.as_ref().map(|f| &f.name);
        if branches.iter().any(same) {
            checks.push(FieldError::new("name", "tree.name_taken"));
        }
        let (Some(parent), Some(facts), true) = (parent, facts, checks.is_empty()) else {
            return Err(checks.into_error());
        };
        let id = TenantId(self.watch.clock.new_id());
        work.tree().add(id, parent, &facts, at).await?;
        self.conclude(actor, work, ADD, id, once, at).await
    }

    /// Changes what the portal shows of a branch.
    pub async fn change(
        &self,
        actor: &Actor,
        id: TenantId,
        form: &BranchForm,
        once: &Once,
    ) -> UseResult<()> {
        let permit = self.permit(actor, Action::Save, id).await?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        if once.replayed(&mut *work, CHANGE, at).await?.is_some() {
            return Ok(());
        }
        work.tree()
            .branch(id)
            .await?
            .ok_or_else(UseError::not_found)?;
        let mut checks = Checks::default();
        let facts = self.facts(&mut checks, form);
        let others = work.tree().branches().await?;
        let same =
            |b: &TreeBranch| b.id != id && Some(&b.facts.name) == facts.as_ref().map(|f| &f.name);
        if others.iter().any(same) {
            checks.push(FieldError::new("name", "tree.name_taken"));
        }
        let Some(facts) = facts.filter(|_| checks.is_empty()) else {
            return Err(checks.into_error());
        };
        work.tree().change(id, &facts).await?;
        self.conclude(actor, work, CHANGE, id, once, at).await
    }

    /// 停用: refused while somebody there still works on a request, or a branch below is open.
    pub async fn suspend(&self, actor: &Actor, id: TenantId, once: &Once) -> UseResult<()> {
        let permit = self.permit(actor, Action::Save, id).await?;
        let outcome = self.suspend_within(actor, &permit, id, once).await;
        self.watch
            .refused(actor, Room::Tree, Action::Save, id, outcome)
            .await
    }

    async fn suspend_within(
        &self,
        actor: &Actor,
        permit: &Permit,
        id: TenantId,
        once: &Once,
    ) -> UseResult<()> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if once.replayed(&mut *work, SUSPEND, at).await?.is_some() {
            return Ok(());
        }
        let branch = work
            .tree()
            .branch(id)
            .await?
            .ok_or_else(UseError::not_found)?;
        if branch.open > 0 {
            return Err(UseError::conflict("tree.still_working").with("count", branch.open));
        }
        let all = work.tree().branches().await?;
        if all.iter().any(|b| b.parent == id && !b.suspended) {
            return Err(UseError::conflict("tree.branches_below"));
        }
        work.tree().set_suspended(id, true).await?;
        self.conclude(actor, work, SUSPEND, id, once, at).await
    }

    /// 恢复: its people may sign in again, the portal shows it again.
    pub async fn resume(&self, actor: &Actor, id: TenantId, once: &Once) -> UseResult<()> {
        let permit = self.permit(actor, Action::Save, id).await?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        if once.replayed(&mut *work, RESUME, at).await?.is_some() {
            return Ok(());
        }
        let branch = work
            .tree()
            .branch(id)
            .await?
            .ok_or_else(UseError::not_found)?;
        let all = work.tree().branches().await?;
        if all.iter().any(|b| b.id == branch.parent && b.suspended) {
            return Err(UseError::conflict("tree.parent_suspended"));
        }
        work.tree().set_suspended(id, false).await?;
        self.conclude(actor, work, RESUME, id, once, at).await
    }

    async fn permit(
        &self,
        actor: &Actor,
        action: Action,
        object: impl std::fmt::Display,
    ) -> UseResult<Permit> {
        self.watch.permit(actor, Room::Tree, action, object).await
    }

    async fn conclude(
        &self,
        actor: &Actor,
        mut work: Box<dyn UnitOfWork>,
        action: &'static str,
        id: TenantId,
        once: &Once,
        at: OffsetDateTime,
    ) -> UseResult<()> {
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), action, id, at);
        work.audit().write(entry).await?;
        once.done(&mut *work, action, json!({})).await?;
        work.commit().await?;
        // Who reaches what has changed.
        self.sessions.forget();
        Ok(())
    }

    fn facts(&self, checks: &mut Checks, form: &BranchForm) -> Option<BranchFacts> {
        let name = form.name.trim();
        let length = name.chars().count();
        if FreeText::<60>::parse(name).is_err() || length < 4 {
            checks.push(FieldError::new("name", "tree.name_malformed"));
        }
        let county = |code: &str| self.regions.path(code).len() == 3;
        if !county(&form.region) {
            checks.push(FieldError::new("region", "tree.region_missing"));
        }
        if form.serves.iter().any(|code| !county(code)) {
            checks.push(FieldError::new("serves", "tree.region_missing"));
        }
        let address = checks.take("address", Address::parse(&form.address));
        let phone = form.phone.trim();
        let sound = (7..=20).contains(&phone.len())
            && phone
                .bytes()
                .all(|b| b.is_ascii_digit() || b"-+ ".contains(&b));
        if !sound {
            checks.push(FieldError::new("phone", "tree.phone_malformed"));
        }
        let hours = form.opening_hours.trim();
        if FreeText::<60>::parse(hours).is_err() {
            checks.push(FieldError::new("opening_hours", "tree.hours_malformed"));
        }
        let address = address?;
        checks.is_empty().then(|| BranchFacts {
            name: name.to_owned(),
            region: form.region.clone(),
            address: address.as_str().to_owned(),
            phone: phone.to_owned(),
            opening_hours: hours.to_owned(),
            serves: form.serves.clone(),
            counter_check: form.counter_check,
        })
    }
}

//! 机构入驻 and 修改: an institution is taken in with its first administrator, in one transaction; its public facts are changed.

use domain::{
    ids::TenantId,
    tenant::{Role, TenantKind},
    values::{PersonName, PhoneNumber},
};
use serde_json::json;

use super::{InstitutionForm, InstitutionRoom, facts::demand_licence};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, FieldError, UseError, UseResult},
    once::Once,
    people::{Issued, Newcomer, account_of},
    ports::{audit::AuditEntry, people::Node},
};

const OPEN: &str = "institution.open";
const CHANGE: &str = "institution.change";
const TAKE_IN: &str = "institution.take_in";

/// 机构入驻 as the form says it.
#[derive(Clone, Debug)]
pub struct OpenInstitution {
    pub form: InstitutionForm,
    /// The first administrator.
    pub person: String,
    pub phone: String,
    pub account: String,
    /// What stands before the token in the message.
    pub address: String,
    pub once: Once,
}

/// What came of it: the institution, and the link that is shown once.
#[derive(Clone, Debug)]
pub struct Opened {
    pub institution: TenantId,
    pub issued: Issued,
}

impl InstitutionRoom {
    /// Takes one in; `None` when exactly this was done before: the link is not shown twice.
    pub async fn open(&self, actor: &Actor, ask: OpenInstitution) -> UseResult<Option<Opened>> {
        let permit = self.permit(actor, Action::Save, actor.tenant).await?;
        let desk = &self.people.invitations;
        desk.watch
            .permit(actor, Room::People, Action::Save, actor.tenant)
            .await?;
        desk.sealer.ready(actor.city.0).await?;
        let at = desk.watch.clock.now();
        let mut work = desk.store.begin(&permit).await?;
        if ask.once.replayed(&mut *work, OPEN, at).await?.is_some() {
            return Ok(None);
        }
        let mut checks = Checks::default();
        let facts = self.facts(&mut checks, &ask.form, false);
        demand_licence(&mut checks, &ask.form);
        let name = checks.take("person", PersonName::parse(&ask.person));
        let phone = checks.take("phone", PhoneNumber::parse(&ask.phone));
        let account = account_of(&mut checks, &ask.account);
        if let Some(facts) = &facts
            && work
                .institution_desk()
                .institution_named(&facts.name)
                .await?
                .is_some()
        {
            checks.push(FieldError::new("name", "institution.name_taken"));
        }
        let (Some(facts), Some(name), Some(phone), Some(account), true) =
            (facts, name, phone, account, checks.is_empty())
        else {
            return Err(checks.into_error());
        };
        self.people.within_limits(actor).await?;
        let id = TenantId(desk.watch.clock.new_id());
        work.institution_desk()
            .open_institution(id, &facts, at)
            .await?;
        let node = Node {
            id,
            kind: TenantKind::Bank,
            name: facts.name.clone(),
        };
        let newcomer = Newcomer {
            name,
            phone,
            account,
        };
        let brought = self
            .people
            .bring_in(
                actor,
                &mut *work,
                &node,
                &newcomer,
                vec![Role::HqAdministrator],
                at,
            )
            .await?;
        let entry = AuditEntry::by(actor, desk.watch.clock.new_id(), OPEN, id, at).detail(
            json!({ "name": facts.name, "kind": facts.kind, "licence_no": facts.licence_no }),
        );
        work.audit().write(entry).await?;
        ask.once
            .done(&mut *work, OPEN, json!({ "institution": id.0 }))
            .await?;
        work.commit().await?;
        // Who reaches what has changed.
        desk.sessions.forget();
        let issued = self
            .people
            .send_off(actor.city, &node, newcomer, brought, &ask.address)
            .await;
        Ok(Some(Opened {
            institution: id,
            issued,
        }))
    }

    /// Takes one in without people, for the vendor: whoever bears the name already stays as it is. The permit is a job's.
    pub async fn take_in(
        &self,
        permit: &Permit,
        id: TenantId,
        form: &InstitutionForm,
    ) -> UseResult<()> {
        let desk = &self.people.invitations;
        let at = desk.watch.clock.now();
        let mut checks = Checks::default();
        let Some(facts) = self.facts(&mut checks, form, true) else {
            return Err(checks.into_error());
        };
        let mut work = desk.store.begin(permit).await?;
        let known = work
            .institution_desk()
            .institution_named(&facts.name)
            .await?;
        if known.is_some() {
            return Ok(());
        }
        work.institution_desk()
            .open_institution(id, &facts, at)
            .await?;
        let entry = AuditEntry::by_system(desk.watch.clock.new_id(), TAKE_IN, id, at);
        work.audit().write(entry).await?;
        Ok(work.commit().await?)
    }

    /// Changes what the portal shows; the name stays the name of requests that bear it already.
    pub async fn change(
        &self,
        actor: &Actor,
        id: TenantId,
        form: &InstitutionForm,
        once: &Once,
    ) -> UseResult<()> {
        let permit = self.permit(actor, Action::Save, id).await?;
        let desk = &self.people.invitations;
        let at = desk.watch.clock.now();
        let mut work = desk.store.begin(&permit).await?;
        if once.replayed(&mut *work, CHANGE, at).await?.is_some() {
            return Ok(());
        }
        let found = work.institution_desk().desk_institution(id).await?;
        let before = found.ok_or_else(UseError::not_found)?.facts;
        let mut checks = Checks::default();
        let facts = self.facts(&mut checks, form, before.kind == super::HOLDING);
        demand_licence(&mut checks, form);
        if let Some(facts) = &facts
            && work
                .institution_desk()
                .institution_named(&facts.name)
                .await?
                .is_some_and(|other| other != id)
        {
            checks.push(FieldError::new("name", "institution.name_taken"));
        }
        let Some(facts) = facts.filter(|_| checks.is_empty()) else {
            return Err(checks.into_error());
        };
        if facts != before {
            work.institution_desk()
                .change_institution(id, &facts)
                .await?;
            let entry = AuditEntry::by(actor, desk.watch.clock.new_id(), CHANGE, id, at)
                .detail(json!({ "before": told(&before), "after": told(&facts) }));
            work.audit().write(entry).await?;
        }
        once.done(&mut *work, CHANGE, json!({})).await?;
        work.commit().await?;
        desk.sessions.forget();
        Ok(())
    }
}

fn told(facts: &crate::ports::institution_desk::InstitutionFacts) -> serde_json::Value {
    json!({
        "name": facts.name,
        "short_name": facts.short_name,
        "kind": facts.kind_label,
        "licence_no": facts.licence_no,
        "hotline": facts.hotline,
        "address": facts.address,
    })
}

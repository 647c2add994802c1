//! 更换企业管理员 by the city (S-39): one operator asks with a reason and the evidence that was looked at, the owner is told by SMS and has
//! a day to object, then another operator confirms. The old account is out, and all sessions of the enterprise end.

use domain::{
    ids::{EnterpriseId, TenantId, UserId},
    tenant::Role,
    values::{FreeText, PersonName, PhoneNumber},
};
use serde_json::json;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{
    CHANGED, OBJECT, OwnershipRoom, TO_OBJECT, asked, not_to_come, note_down, notices, waiting,
};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, FieldError, UseError, UseResult},
    once::Once,
    outbox::letters::moment,
    ports::{
        audit::AuditEntry,
        enterprise_desk::AccountState,
        limits::Limit,
        ownership::{ChangeKind, OwnershipChange},
        sms::Sms,
        store::UnitOfWork,
        supervision::HoldStatus,
        team::{Member, NewInvitation, NewMember},
    },
    two_people::Withdrawal,
};

/// What is chosen where nobody of the enterprise is to become it.
pub const NEW_PERSON: &str = "new";
/// Links to one new owner.
const LINKS: Limit = Limit::new(5, Duration::hours(24));

const ASK: &str = "enterprise.ask_owner";
const CONFIRM: &str = "enterprise.confirm_owner";
const DECLINE: &str = "enterprise.decline_owner";
const WITHDRAW: &str = "enterprise.withdraw_owner";
const INVITE: &str = "enterprise.invite_owner";

/// 申请更换企业管理员 as the form says it.
#[derive(Clone, Debug)]
pub struct AskRecovery {
    pub enterprise: EnterpriseId,
    /// The id of a person of the enterprise, or [`NEW_PERSON`].
    pub to: String,
    /// Of a new person.
    pub name: String,
    pub phone: String,
    pub reason: String,
    pub evidence: String,
    pub once: Once,
}

/// 确认 or 不同意 by the second person.
#[derive(Clone, Debug)]
pub struct SettleRecovery {
    pub enterprise: EnterpriseId,
    /// The request that the page showed.
    pub change: Uuid,
    pub confirm: bool,
    pub once: Once,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovered {
    /// Somebody of the enterprise is the owner now.
    Changed,
    /// The new owner was sent a link.
    Invited,
    /// The link did not go out for certain: it can be sent again.
    NotSent,
    Declined,
    /// Exactly this was done before.
    Before,
}

/// Who is to become it.
enum Chosen {
    Member(UserId),
    New(PersonName, PhoneNumber),
}

/// The form, checked.
struct Checked {
    chosen: Chosen,
    reason: String,
    evidence: String,
}

/// What goes out after the commit.
struct Link {
    to: Member,
    token: String,
    company: String,
}

impl OwnershipRoom {
    /// The first of two people.
    pub async fn ask_recovery(&self, actor: &Actor, ask: AskRecovery) -> UseResult<()> {
        let object = ask.enterprise;
        let (room, action) = (Room::Enterprises, Action::Ask);
        let watch = &self.invitations.watch;
        let permit = watch.permit(actor, room, action, object).await?;
        let checked = checked(&ask)?;
        self.invitations.sealer.ready(actor.city.0).await?;
        let outcome = self.propose(actor, &permit, &ask, checked).await;
        watch.refused(actor, room, action, object, outcome).await
    }

    async fn propose(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &AskRecovery,
        checked: Checked,
    ) -> UseResult<()> {
        let (id, at) = (ask.enterprise, self.now());
        let mut work = self.invitations.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, ASK, at).await?.is_some() {
            return Ok(());
        }
        let facts = work.enterprises().facts_for_update(id).await?;
        facts.ok_or_else(UseError::not_found)?;
        let sheet = work.enterprise_desk().enterprise_sheet(id).await?;
        let sheet = sheet.ok_or_else(UseError::not_found)?;
        if sheet.row.account == AccountState::Closed {
            return Err(UseError::conflict("enterprise.closed"));
        }
        let members = work.team().members(id).await?;
        let owner = members.iter().find(|m| is_owner(m));
        let owner = owner.ok_or_else(|| UseError::conflict("ownership.moved"))?;
        let to = match checked.chosen {
            Chosen::Member(to) => named(&members, to)?,
            Chosen::New(name, phone) => {
                self.stranger(&mut *work, actor.city, id, (name, phone), at)
                    .await?
            }
        };
        let change = OwnershipChange {
            id: self.new_id(),
            enterprise: id,
            enterprise_name: sheet.row.name,
            kind: ChangeKind::Recovery,
            from: owner.id,
            from_name: owner.name.clone(),
            to: to.0,
            to_name: to.1,
            reason: checked.reason,
            evidence: checked.evidence,
            asked_by: actor.user,
            asked_name: actor.name.clone(),
            asked_at: at,
            until: at + TO_OBJECT,
            status: HoldStatus::Open,
            settled_by: None,
            settled_name: String::new(),
            settled_at: None,
            withdrawal: String::new(),
        };
        note_down(&mut *work, &change).await?;
        self.text(&mut *work, (change.from, OBJECT), &change, at)
            .await?;
        self.announce(&mut *work, notices::RECOVERY_ASKED, &change, at)
            .await?;
        let detail = json!({ "reason": change.reason, "evidence": change.evidence });
        self.log(actor, &mut *work, ASK, (&change, detail), at)
            .await?;
        ask.once.done(&mut *work, ASK, json!({})).await?;
        Ok(work.commit().await?)
    }

    /// Somebody whom the enterprise does not have yet: there without a link, and without any right, until it is confirmed.
    async fn stranger(
        &self,
        work: &mut dyn UnitOfWork,
        city: TenantId,
        enterprise: EnterpriseId,
        (name, phone): (PersonName, PhoneNumber),
        at: OffsetDateTime,
    ) -> UseResult<(UserId, String)> {
        let id = UserId(self.new_id());
        let kept = self.invitations.keep_phone(city, id, &phone)?;
        if work.ownership().phone_taken(&kept.index).await? {
            return Err(UseError::field("phone", "ownership.phone_taken"));
        }
        let new = NewMember {
            id,
            name: name.as_str().to_owned(),
            phone_sealed: kept.sealed,
            phone_index: kept.index,
            role: Role::EnterpriseViewer,
            at,
        };
        work.team().invite_member(enterprise, &new).await?;
        Ok((id, new.name))
    }

    /// The second of two people, once the time for objecting is over.
    pub async fn settle_recovery(
        &self,
        actor: &Actor,
        ask: SettleRecovery,
    ) -> UseResult<Recovered> {
        let object = ask.enterprise;
        let (room, action) = (Room::Enterprises, Action::Confirm);
        let watch = &self.invitations.watch;
        let permit = watch.permit(actor, room, action, object).await?;
        if !ask.confirm {
            let outcome = self.turn_away(actor, &permit, &ask).await;
            return watch.refused(actor, room, action, object, outcome).await;
        }
        self.invitations.sealer.ready(actor.city.0).await?;
        let outcome = self.confirm(actor, &permit, &ask).await;
        let done = watch.refused(actor, room, action, object, outcome).await?;
        let Some((people, link)) = done else {
            return Ok(Recovered::Before);
        };
        for person in people {
            self.invitations.sessions.end_all(person, None).await?;
        }
        match link {
            None => Ok(Recovered::Changed),
            Some(link) => self.send_link(actor.city, link).await,
        }
    }

    /// Answers whose sessions are over, and the link of a new person; `None` when it was done before.
    async fn confirm(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &SettleRecovery,
    ) -> UseResult<Option<(Vec<UserId>, Option<Link>)>> {
        let (id, at) = (ask.enterprise, self.now());
        let mut work = self.invitations.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, CONFIRM, at).await?.is_some() {
            return Ok(None);
        }
        let facts = work.enterprises().facts_for_update(id).await?;
        facts.ok_or_else(UseError::not_found)?;
        let mut change = waiting(&mut *work, id, ChangeKind::Recovery, ask.change).await?;
        asked(&mut change).settle(actor, true, at)?;
        if at < change.until {
            let error = UseError::conflict("ownership.cooling");
            return Err(error.with("until", moment(Some(change.until))));
        }
        let members = work.team().members(id).await?;
        let people = members.iter().map(|member| member.id).collect();
        let to = members.into_iter().find(|member| member.id == change.to);
        let to = to.ok_or_else(|| UseError::conflict("ownership.moved"))?;
        self.still_free(&mut *work, actor.city, &to).await?;
        work.ownership().settle_ownership_change(&change).await?;
        self.last_word(&mut *work, actor.city, &change, at).await?;
        self.carry_out(actor, &mut *work, &change, at).await?;
        let link = if to.status == "active" {
            self.text(&mut *work, (to.id, CHANGED), &change, at).await?;
            None
        } else {
            let company = change.enterprise_name.clone();
            let link = self.issue(&mut *work, actor, (id, to, company), at).await?;
            Some(link)
        };
        self.announce(&mut *work, notices::RECOVERY_SETTLED, &change, at)
            .await?;
        let detail = json!({ "asked_by": change.asked_by.0, "asked_name": change.asked_name });
        self.log(actor, &mut *work, CONFIRM, (&change, detail), at)
            .await?;
        ask.once.done(&mut *work, CONFIRM, json!({})).await?;
        work.commit().await?;
        Ok(Some((people, link)))
    }

    /// Whoever is still to come could not, once the phone has become somebody else's.
    async fn still_free(
        &self,
        work: &mut dyn UnitOfWork,
        city: TenantId,
        to: &Member,
    ) -> UseResult<()> {
        if to.status != "invited" {
            return Ok(());
        }
        let phone = self.invitations.phone(city, to.id, &to.phone_sealed)?;
        let index = self.invitations.phone_index(city, &phone)?;
        if work.ownership().phone_taken(&index).await? {
            return Err(UseError::conflict("ownership.phone_taken"));
        }
        Ok(())
    }

    async fn turn_away(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &SettleRecovery,
    ) -> UseResult<Recovered> {
        let at = self.now();
        let mut work = self.invitations.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, DECLINE, at).await?.is_some() {
            return Ok(Recovered::Before);
        }
        let kind = ChangeKind::Recovery;
        let mut change = waiting(&mut *work, ask.enterprise, kind, ask.change).await?;
        asked(&mut change).settle(actor, false, at)?;
        work.ownership().settle_ownership_change(&change).await?;
        not_to_come(&mut *work, &change, at).await?;
        self.announce(&mut *work, notices::RECOVERY_SETTLED, &change, at)
            .await?;
        let detail = json!({ "asked_by": change.asked_by.0, "asked_name": change.asked_name });
        self.log(actor, &mut *work, DECLINE, (&change, detail), at)
            .await?;
        ask.once.done(&mut *work, DECLINE, json!({})).await?;
        work.commit().await?;
        Ok(Recovered::Declined)
    }

    /// Whoever asked takes it back; the owner stays the owner.
    pub async fn withdraw_recovery(
        &self,
        actor: &Actor,
        enterprise: EnterpriseId,
        ask: Withdrawal,
    ) -> UseResult<()> {
        let (room, action) = (Room::Enterprises, Action::Ask);
        let watch = &self.invitations.watch;
        let permit = watch.permit(actor, room, action, enterprise).await?;
        let outcome = self.recall(actor, &permit, enterprise, &ask).await;
        watch
            .refused(actor, room, action, enterprise, outcome)
            .await
    }

    async fn recall(
        &self,
        actor: &Actor,
        permit: &Permit,
        enterprise: EnterpriseId,
        ask: &Withdrawal,
    ) -> UseResult<()> {
        let at = self.now();
        let mut work = self.invitations.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, WITHDRAW, at).await?.is_some() {
            return Ok(());
        }
        let mut change = waiting(&mut *work, enterprise, ChangeKind::Recovery, ask.asked).await?;
        asked(&mut change).withdraw(actor, ask, at)?;
        work.ownership().settle_ownership_change(&change).await?;
        not_to_come(&mut *work, &change, at).await?;
        self.announce(&mut *work, notices::RECOVERY_SETTLED, &change, at)
            .await?;
        let detail = json!({ "reason": change.withdrawal });
        self.log(actor, &mut *work, WITHDRAW, (&change, detail), at)
            .await?;
        ask.once.done(&mut *work, WITHDRAW, json!({})).await?;
        Ok(work.commit().await?)
    }

    /// Another link to a new owner who has not come yet.
    pub async fn send_again(
        &self,
        actor: &Actor,
        enterprise: EnterpriseId,
        once: &Once,
    ) -> UseResult<Recovered> {
        let (room, action) = (Room::Enterprises, Action::Ask);
        let watch = &self.invitations.watch;
        let permit = watch.permit(actor, room, action, enterprise).await?;
        self.invitations.sealer.ready(actor.city.0).await?;
        let bucket = format!("{}:owner:{enterprise}", actor.city);
        let at = self.now();
        let mut work = self.invitations.store.begin(&permit).await?;
        if once.replayed(&mut *work, INVITE, at).await?.is_some() {
            return Ok(Recovered::Before);
        }
        let facts = work.enterprises().facts_for_update(enterprise).await?;
        let facts = facts.ok_or_else(UseError::not_found)?;
        let members = work.team().members(enterprise).await?;
        let awaited = |m: &Member| is_owner(m) && m.status == "invited";
        let to = members.into_iter().find(awaited);
        let to = to.ok_or_else(|| UseError::conflict("team.came_already"))?;
        self.invitations.within_limits(bucket, LINKS).await?;
        let link = self
            .issue(&mut *work, actor, (enterprise, to, facts.name), at)
            .await?;
        let id = self.new_id();
        let entry = AuditEntry::by(actor, id, INVITE, enterprise, at);
        work.audit().write(entry).await?;
        once.done(&mut *work, INVITE, json!({})).await?;
        work.commit().await?;
        self.send_link(actor.city, link).await
    }

    async fn issue(
        &self,
        work: &mut dyn UnitOfWork,
        actor: &Actor,
        (enterprise, to, company): (EnterpriseId, Member, String),
        at: OffsetDateTime,
    ) -> UseResult<Link> {
        let new = self.invitations.new_token(at);
        let invitation = NewInvitation {
            id: self.new_id(),
            user: to.id,
            token_hash: new.hash,
            by: actor.user,
            at,
            expires_at: new.expires_at,
        };
        work.team()
            .issue_invitation(enterprise, &invitation)
            .await?;
        Ok(Link {
            to,
            token: new.token,
            company,
        })
    }

    async fn send_link(&self, city: TenantId, link: Link) -> UseResult<Recovered> {
        let host = self.cities.by_id(city);
        let host = host.map_or_else(String::new, |city| city.public_url.clone());
        let phone = self
            .invitations
            .phone(city, link.to.id, &link.to.phone_sealed)?;
        let address = format!("{host}/join/{}", link.token);
        let sms = Sms {
            id: self.new_id(),
            city,
            phone,
            template: "enterprise_invite",
            params: vec![("company", link.company), ("link", address)],
        };
        Ok(if self.invitations.send(&sms).await {
            Recovered::Invited
        } else {
            Recovered::NotSent
        })
    }
}

pub(super) fn is_owner(member: &Member) -> bool {
    member.roles.contains(&Role::EnterpriseOwner)
}

/// Somebody of the enterprise who can sign in, and is not the owner.
fn named(members: &[Member], to: UserId) -> UseResult<(UserId, String)> {
    let fits = |m: &&Member| m.id == to && m.status == "active" && !is_owner(m);
    let found = members.iter().find(fits);
    let found = found.ok_or_else(|| UseError::field("owner_to", "ownership.to_missing"))?;
    Ok((found.id, found.name.clone()))
}

fn checked(ask: &AskRecovery) -> UseResult<Checked> {
    let mut checks = Checks::default();
    let chosen = if ask.to == NEW_PERSON {
        let name = checks.take("member_name", PersonName::parse(&ask.name));
        let phone = checks.take("phone", PhoneNumber::parse(&ask.phone));
        name.zip(phone)
            .map(|(name, phone)| Chosen::New(name, phone))
    } else {
        let member = Uuid::try_parse(&ask.to).ok();
        if member.is_none() {
            checks.push(FieldError::new("owner_to", "ownership.to_missing"));
        }
        member.map(|id| Chosen::Member(UserId(id)))
    };
    let evidence = checks.take("evidence", FreeText::<200>::parse(&ask.evidence));
    let reason = checks.take("owner_reason", FreeText::<500>::parse(&ask.reason));
    match (chosen, reason, evidence) {
        (Some(chosen), Some(reason), Some(evidence)) => Ok(Checked {
            chosen,
            reason: reason.as_str().to_owned(),
            evidence: evidence.as_str().to_owned(),
        }),
        _ => Err(checks.into_error()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(to: &str) -> AskRecovery {
        AskRecovery {
            enterprise: EnterpriseId(Uuid::nil()),
            to: to.to_owned(),
            name: String::new(),
            phone: String::new(),
            reason: "原管理员离职".to_owned(),
            evidence: "柜面核验 GM20261127001".to_owned(),
            once: Once {
                key: "0123456789abcdef".to_owned(),
                body_hash: [0; 32],
            },
        }
    }

    fn faults(ask: &AskRecovery) -> Vec<String> {
        let error = checked(ask).err().expect("something is missing");
        error.fields.into_iter().map(|field| field.field).collect()
    }

    #[test]
    fn a_new_person_has_a_name_and_a_phone_and_every_change_has_grounds() {
        assert_eq!(faults(&ask(NEW_PERSON)), ["member_name", "phone"]);
        assert_eq!(faults(&ask("")), ["owner_to"]);
        let baseless = AskRecovery {
            reason: " ".to_owned(),
            evidence: String::new(),
            ..ask(&Uuid::nil().to_string())
        };
        assert_eq!(faults(&baseless), ["evidence", "owner_reason"]);
        assert!(checked(&ask(&Uuid::nil().to_string())).is_ok());
    }
}

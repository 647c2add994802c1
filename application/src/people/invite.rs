//! 邀请, 重新邀请, 重新绑定: a link for 24 hours, shown once and sent to the phone (S-22).

use domain::{
    ids::{TenantId, UserId},
    tenant::Role,
    values::{PersonName, PhoneNumber},
};
use serde_json::json;
use time::OffsetDateTime;

use super::{PeopleRoom, at_once, manages, roles_of};
use crate::{
    access::{Action, Actor, Room},
    error::{Checks, FieldError, Kind, UseError, UseResult},
    once::Once,
    ports::{
        people::{LinkKind, NewLink, NewStaff, Node, RoleGrant, StaffPerson},
        sms::Sms,
        store::{StoreError, UnitOfWork},
    },
};

const INVITE: &str = "people.invite";
const LINK: &str = "people.link";

/// 邀请 as the form says it.
#[derive(Clone, Debug)]
pub struct InviteStaff {
    pub node: String,
    pub name: String,
    pub phone: String,
    pub account: String,
    pub roles: Vec<String>,
    /// What stands before the token in the message.
    pub address: String,
    pub once: Once,
}

/// A link that was issued; nobody can read it again.
#[derive(Clone, Debug)]
pub struct Issued {
    pub user: UserId,
    pub name: String,
    pub account: String,
    pub link: String,
    /// False: the message did not go out for certain.
    pub sent: bool,
    /// Roles that wait for a second person.
    pub waiting: Vec<Role>,
    /// An invitation that was never used has a new link; the old one is over.
    pub renewed: bool,
}

/// Somebody who is to be invited, checked.
#[derive(Clone, Debug)]
pub(crate) struct Newcomer {
    pub name: PersonName,
    pub phone: PhoneNumber,
    pub account: String,
}

/// Somebody who was brought in and has not been told yet.
pub(crate) struct Brought {
    user: UserId,
    token: String,
    waiting: Vec<Role>,
}

impl PeopleRoom {
    /// Invites somebody; `None` when exactly this was done before: the link is not shown twice.
    pub async fn invite(&self, actor: &Actor, ask: InviteStaff) -> UseResult<Option<Issued>> {
        let permit = self
            .invitations
            .watch
            .permit(actor, Room::People, Action::Save, &ask.node)
            .await?;
        self.invitations.sealer.ready(actor.city.0).await?;
        let at = self.invitations.watch.clock.now();
        let mut work = self.invitations.store.begin(&permit).await?;
        if ask.once.replayed(&mut *work, INVITE, at).await?.is_some() {
            return Ok(None);
        }
        let nodes = work.people().nodes().await?;
        let mut checks = Checks::default();
        let node = nodes
            .into_iter()
            .find(|n| n.id.to_string() == ask.node && manages(actor, n));
        if node.is_none() {
            checks.push(FieldError::new("node", "people.node_missing"));
        }
        let name = checks.take("name", PersonName::parse(&ask.name));
        let phone = checks.take("phone", PhoneNumber::parse(&ask.phone));
        let account = account_of(&mut checks, &ask.account);
        let wanted = node
            .as_ref()
            .map(|node| roles_of(&mut checks, &ask.roles, node.kind))
            .unwrap_or_default();
        let (Some(node), Some(name), Some(phone), Some(account), true) =
            (node, name, phone, account, checks.is_empty())
        else {
            return Err(checks.into_error());
        };
        self.within_limits(actor).await?;
        let newcomer = Newcomer {
            name,
            phone,
            account,
        };
        let brought = self
            .bring_in(actor, &mut *work, &node, &newcomer, wanted, at)
            .await?;
        ask.once.done(&mut *work, INVITE, json!({})).await?;
        work.commit().await?;
        Ok(Some(
            self.send_off(actor.city, &node, newcomer, brought, &ask.address)
                .await,
        ))
    }

    /// Brings somebody new into a node: the person, what waits for a second one, the link, and the line in the log.
    pub(crate) async fn bring_in(
        &self,
        actor: &Actor,
        work: &mut dyn UnitOfWork,
        node: &Node,
        who: &Newcomer,
        wanted: Vec<Role>,
        at: OffsetDateTime,
    ) -> UseResult<Brought> {
        let id = UserId(self.invitations.watch.clock.new_id());
        let given = at_once(&wanted, &[]);
        let kept = self.invitations.keep_phone(actor.city, id, &who.phone)?;
        let new = NewStaff {
            id,
            node: node.id,
            account: who.account.clone(),
            name: who.name.as_str().to_owned(),
            phone_sealed: kept.sealed,
            phone_index: kept.index,
            roles: given.clone(),
            at,
        };
        match work.people().invite(&new).await {
            Ok(()) => {}
            Err(StoreError::Conflict(key)) if key == "users_one_account_per_city" => {
                return Err(UseError::field("account", "people.account_taken"));
            }
            Err(error) => return Err(error.into()),
        }
        let mut waiting = Vec::new();
        if given.len() < wanted.len() {
            let grant = RoleGrant {
                id: self.invitations.watch.clock.new_id(),
                user: id,
                user_name: new.name,
                node: node.clone(),
                roles: wanted.clone(),
                asked_by: actor.user,
                asked_name: actor.name.clone(),
                asked_at: at,
            };
            work.people().ask_grant(&grant).await?;
            waiting = wanted.into_iter().filter(|r| !given.contains(r)).collect();
        }
        let token = self
            .issue(Some(actor.user), work, id, LinkKind::Invite, at)
            .await?;
        let detail = json!({ "node": node.id.to_string(), "roles": codes(&given), "waiting": codes(&waiting) });
        self.invitations
            .log(actor, work, INVITE, id, detail, at)
            .await?;
        Ok(Brought {
            user: id,
            token,
            waiting,
        })
    }

    /// After the commit: the link goes to the phone, and is shown once.
    pub(crate) async fn send_off(
        &self,
        city: TenantId,
        node: &Node,
        who: Newcomer,
        brought: Brought,
        address: &str,
    ) -> Issued {
        let link = format!("{address}{}", brought.token);
        let sent = self
            .send(city, who.phone, "staff_invite", &node.name, &link)
            .await;
        Issued {
            user: brought.user,
            name: who.name.as_str().to_owned(),
            account: who.account,
            link,
            sent,
            waiting: brought.waiting,
            renewed: false,
        }
    }

    /// Another link: the first one was lost, or a new second factor is to be bound. The person cannot be the one who issues
    /// it (S-22). `None` when exactly this was done before.
    pub async fn link_again(
        &self,
        actor: &Actor,
        id: UserId,
        address: &str,
        once: &Once,
    ) -> UseResult<Option<Issued>> {
        let permit = self
            .invitations
            .watch
            .permit(actor, Room::People, Action::Save, id)
            .await?;
        self.invitations.sealer.ready(actor.city.0).await?;
        let at = self.invitations.watch.clock.now();
        let mut work = self.invitations.store.begin(&permit).await?;
        if once.replayed(&mut *work, LINK, at).await?.is_some() {
            return Ok(None);
        }
        let person = self.other(actor, &mut *work, id).await?;
        let kind = match person.status.as_str() {
            "invited" => LinkKind::Invite,
            "active" => LinkKind::Rebind,
            _ => return Err(UseError::conflict("people.gone")),
        };
        self.within_limits(actor).await?;
        let token = self
            .issue(Some(actor.user), &mut *work, id, kind, at)
            .await?;
        let detail = json!({ "kind": kind.code() });
        self.invitations
            .log(actor, &mut *work, LINK, id, detail, at)
            .await?;
        once.done(&mut *work, LINK, json!({})).await?;
        work.commit().await?;
        let link = format!("{address}{token}");
        let phone = self
            .invitations
            .phone(actor.city, id, &person.phone_sealed)?;
        let template = match kind {
            LinkKind::Invite => "staff_invite",
            LinkKind::Rebind => "staff_rebind",
        };
        let sent = self
            .send(actor.city, phone, template, &person.node.name, &link)
            .await;
        Ok(Some(Issued {
            user: id,
            name: person.name,
            account: person.account,
            link,
            sent,
            waiting: Vec::new(),
            renewed: kind == LinkKind::Invite,
        }))
    }

    /// Somebody whom the actor manages and who is not the actor.
    pub(super) async fn other(
        &self,
        actor: &Actor,
        work: &mut dyn UnitOfWork,
        id: UserId,
    ) -> UseResult<StaffPerson> {
        let person = work
            .people()
            .person(id)
            .await?
            .filter(|person| manages(actor, &person.node))
            .ok_or_else(UseError::not_found)?;
        if person.id == actor.user {
            return Err(UseError::new(Kind::Conflict, "people.not_yourself"));
        }
        Ok(person)
    }

    pub(super) async fn issue(
        &self,
        by: Option<UserId>,
        work: &mut dyn UnitOfWork,
        user: UserId,
        kind: LinkKind,
        at: OffsetDateTime,
    ) -> UseResult<String> {
        let new = self.invitations.new_token(at);
        let token = new.token;
        let new = NewLink {
            id: self.invitations.watch.clock.new_id(),
            user,
            kind,
            token_hash: new.hash,
            by,
            at,
            expires_at: new.expires_at,
        };
        work.people().issue_link(&new).await?;
        Ok(token)
    }

    pub(super) async fn send(
        &self,
        city: TenantId,
        phone: PhoneNumber,
        template: &'static str,
        node: &str,
        link: &str,
    ) -> bool {
        let sms = Sms {
            id: self.invitations.watch.clock.new_id(),
            city,
            phone,
            template,
            params: vec![("node", node.to_owned()), ("link", link.to_owned())],
        };
        self.invitations.send(&sms).await
    }
}

pub(super) fn codes(roles: &[Role]) -> Vec<&'static str> {
    roles.iter().map(|role| role.code()).collect()
}

/// A sign-in name: small letters, digits and a few signs, never to be taken for a phone.
pub(crate) fn account_of(checks: &mut Checks, typed: &str) -> Option<String> {
    let account = typed.trim().to_ascii_lowercase();
    let sound = (3..=30).contains(&account.len())
        && account.starts_with(|c: char| c.is_ascii_lowercase())
        && account
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b));
    if sound {
        return Some(account);
    }
    checks.push(FieldError::new("account", "people.account_malformed"));
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_name_is_small_letters_and_no_phone() {
        let of = |typed: &str| account_of(&mut Checks::default(), typed);
        assert_eq!(of(" Qian.YC ").as_deref(), Some("qian.yc"));
        for wrong in ["", "ab", "13900001234", "钱云诚", "a b c", "a<b>c"] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }
}

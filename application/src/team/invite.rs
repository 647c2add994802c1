//! 邀请: a link for 24 hours that goes to the invited phone and nowhere else, so that whoever follows it holds that phone.

use domain::{
    ids::{TenantId, UserId},
    tenant::Role,
    values::{PersonName, PhoneNumber},
};
use serde_json::json;
use time::OffsetDateTime;

use super::{LINKS, MOST, TO_ONE, TeamRoom, enterprise, given};
use crate::{
    access::{Action, Actor, Room},
    account::{
        allowance::{self, Share},
        hex,
    },
    error::{Checks, FieldError, UseError, UseResult},
    once::Once,
    ports::{
        limits::LimitAsk,
        sms::Sms,
        store::UnitOfWork,
        team::{NewInvitation, NewMember},
    },
};

const INVITE: &str = "team.invite";
const AGAIN: &str = "team.invite_again";

/// 邀请 as the form says it.
#[derive(Clone, Debug)]
pub struct InviteMember {
    pub name: String,
    pub phone: String,
    pub right: String,
    /// What stands before the token in the message.
    pub address: String,
    pub once: Once,
}

/// What became of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invited {
    Sent,
    /// The message did not go out for certain: it can be sent again.
    NotSent,
    /// Exactly this was done before.
    Before,
}

impl TeamRoom {
    pub async fn invite(&self, actor: &Actor, ask: InviteMember) -> UseResult<Invited> {
        let enterprise = enterprise(actor)?;
        let permit = self
            .invitations
            .watch
            .permit(actor, Room::People, Action::Save, enterprise)
            .await?;
        let (name, phone, role) = parse(&ask)?;
        self.invitations.sealer.ready(actor.city.0).await?;
        let at = self.invitations.watch.clock.now();
        let mut work = self.invitations.store.begin(&permit).await?;
        if ask.once.replayed(&mut *work, INVITE, at).await?.is_some() {
            return Ok(Invited::Before);
        }
        let phone_index = self.invitations.phone_index(actor.city, &phone)?;
        if work.team().has_phone(enterprise, &phone_index).await? {
            return Err(UseError::field("phone", "team.phone_known"));
        }
        if work.team().members(enterprise).await?.len() > MOST {
            return Err(UseError::conflict("team.full"));
        }
        self.within_limits(actor, &phone_index).await?;
        let id = UserId(self.invitations.watch.clock.new_id());
        let kept = self.invitations.keep_phone(actor.city, id, &phone)?;
        let new = NewMember {
            id,
            name: name.as_str().to_owned(),
            phone_sealed: kept.sealed,
            phone_index: kept.index,
            role,
            at,
        };
        work.team().invite_member(enterprise, &new).await?;
        let token = self.issue(actor, &mut *work, id, at).await?;
        let detail = json!({ "role": role.code() });
        self.invitations
            .log(actor, &mut *work, INVITE, id, detail, at)
            .await?;
        ask.once.done(&mut *work, INVITE, json!({})).await?;
        let facts = work.enterprises().facts(enterprise).await?;
        work.commit().await?;
        let company = facts.map_or_else(String::new, |facts| facts.name);
        let link = format!("{}{token}", ask.address);
        Ok(self.send(actor.city, phone, &company, &link).await)
    }

    /// Another link to somebody who has not come yet.
    pub async fn invite_again(
        &self,
        actor: &Actor,
        id: UserId,
        address: &str,
        once: &Once,
    ) -> UseResult<Invited> {
        let enterprise = enterprise(actor)?;
        let permit = self
            .invitations
            .watch
            .permit(actor, Room::People, Action::Save, id)
            .await?;
        self.invitations.sealer.ready(actor.city.0).await?;
        let at = self.invitations.watch.clock.now();
        let mut work = self.invitations.store.begin(&permit).await?;
        if once.replayed(&mut *work, AGAIN, at).await?.is_some() {
            return Ok(Invited::Before);
        }
        let member = self.other(enterprise, &mut *work, id).await?;
        if member.status != "invited" {
            return Err(UseError::conflict("team.came_already"));
        }
        let phone = self
            .invitations
            .phone(actor.city, id, &member.phone_sealed)?;
        let phone_index = self.invitations.phone_index(actor.city, &phone)?;
        self.within_limits(actor, &phone_index).await?;
        let token = self.issue(actor, &mut *work, id, at).await?;
        self.invitations
            .log(actor, &mut *work, AGAIN, id, json!({}), at)
            .await?;
        once.done(&mut *work, AGAIN, json!({})).await?;
        let facts = work.enterprises().facts(enterprise).await?;
        work.commit().await?;
        let company = facts.map_or_else(String::new, |facts| facts.name);
        let link = format!("{address}{token}");
        Ok(self.send(actor.city, phone, &company, &link).await)
    }

    async fn issue(
        &self,
        actor: &Actor,
        work: &mut dyn UnitOfWork,
        user: UserId,
        at: OffsetDateTime,
    ) -> UseResult<String> {
        let new = self.invitations.new_token(at);
        let token = new.token;
        let new = NewInvitation {
            id: self.invitations.watch.clock.new_id(),
            user,
            token_hash: new.hash,
            by: actor.user,
            at,
            expires_at: new.expires_at,
        };
        work.team()
            .issue_invitation(enterprise(actor)?, &new)
            .await?;
        Ok(token)
    }

    /// An invitation goes to a stranger's phone: it takes from what that phone, this network and the city are sent over all
    /// purposes, and is refused in the words of a code.
    async fn within_limits(&self, actor: &Actor, phone_index: &[u8; 32]) -> UseResult<()> {
        let city = self.cities.by_id(actor.city);
        let city = city.ok_or_else(UseError::not_found)?;
        let team = format!("{}:team:{}", city.id, enterprise(actor)?);
        let invited = format!("{}:invited:{}", city.id, hex(phone_index));
        let asks = vec![
            allowance::phone(&city, phone_index),
            allowance::network(&actor.from),
            LimitAsk::new(invited, [TO_ONE]),
            LimitAsk::new(team, [LINKS]),
        ];
        let at = self.invitations.watch.clock.now();
        let allowance = &self.allowance;
        allowance.take(&city, Share::Strangers, asks, at).await
    }

    async fn send(&self, city: TenantId, phone: PhoneNumber, company: &str, link: &str) -> Invited {
        let sms = Sms {
            id: self.invitations.watch.clock.new_id(),
            city,
            phone,
            template: "enterprise_invite",
            params: vec![("company", company.to_owned()), ("link", link.to_owned())],
        };
        if self.invitations.send(&sms).await {
            Invited::Sent
        } else {
            Invited::NotSent
        }
    }
}

fn parse(ask: &InviteMember) -> UseResult<(PersonName, PhoneNumber, Role)> {
    let mut checks = Checks::default();
    let name = checks.take("member_name", PersonName::parse(&ask.name));
    let phone = checks.take("phone", PhoneNumber::parse(&ask.phone));
    let role = given(&ask.right);
    if role.is_none() {
        checks.push(FieldError::new("right", "team.right_missing"));
    }
    match (name, phone, role) {
        (Some(name), Some(phone), Some(role)) => Ok((name, phone, role)),
        _ => Err(checks.into_error()),
    }
}

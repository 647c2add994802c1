//! 邀请: a link for 24 hours that goes to the invited phone and nowhere else, so that whoever follows it holds that phone.

use domain::{
    ids::{TenantId, UserId},
    tenant::Role,
    values::{PersonName, PhoneNumber},
};
use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::{MOST, TeamRoom, enterprise, given, phone_place};
use crate::{
    access::{Action, Actor, Room},
    error::{Checks, FieldError, UseError, UseResult},
    once::Once,
    ports::{
        limits::LimitAsk,
        sms::Sms,
        store::UnitOfWork,
        team::{NewInvitation, NewMember},
    },
};

const LIFE: Duration = Duration::hours(24);
const INVITE: &str = "team.invite";
const AGAIN: &str = "team.invite_again";
const SEND_WITHIN: std::time::Duration = std::time::Duration::from_secs(8);

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
            .watch
            .permit(actor, Room::People, Action::Save, enterprise)
            .await?;
        let (name, phone, role) = parse(&ask)?;
        self.sealer.ready(actor.city.0).await?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        if ask.once.replayed(&mut *work, INVITE, at).await?.is_some() {
            return Ok(Invited::Before);
        }
        let phone_index = self
            .sealer
            .blind_index(actor.city.0, "phone", phone.as_str())?;
        if work.team().has_phone(enterprise, &phone_index).await? {
            return Err(UseError::field("phone", "team.phone_known"));
        }
        if work.team().members(enterprise).await?.len() > MOST {
            return Err(UseError::conflict("team.full"));
        }
        self.within_limits(actor).await?;
        let id = UserId(self.watch.clock.new_id());
        let new = NewMember {
            id,
            name: name.as_str().to_owned(),
            phone_sealed: self
                .sealer
                .seal(&phone_place(actor.city, id), phone.as_str().as_bytes())?,
            phone_index,
            role,
            at,
        };
        work.team().invite_member(enterprise, &new).await?;
        let token = self.issue(actor, &mut *work, id, at).await?;
        let detail = json!({ "role": role.code() });
        self.log(actor, &mut *work, INVITE, id, detail, at).await?;
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
            .watch
            .permit(actor, Room::People, Action::Save, id)
            .await?;
        self.sealer.ready(actor.city.0).await?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        if once.replayed(&mut *work, AGAIN, at).await?.is_some() {
            return Ok(Invited::Before);
        }
        let member = self.other(enterprise, &mut *work, id).await?;
        if member.status != "invited" {
            return Err(UseError::conflict("team.came_already"));
        }
        self.within_limits(actor).await?;
        let token = self.issue(actor, &mut *work, id, at).await?;
        self.log(actor, &mut *work, AGAIN, id, json!({}), at)
            .await?;
        once.done(&mut *work, AGAIN, json!({})).await?;
        let facts = work.enterprises().facts(enterprise).await?;
        work.commit().await?;
        let company = facts.map_or_else(String::new, |facts| facts.name);
        let phone = self.phone(actor.city, &member)?;
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
        let token = self.tokens.one_time();
        let new = NewInvitation {
            id: self.watch.clock.new_id(),
            user,
            token_hash: self.tokens.fingerprint(&token),
            by: actor.user,
            at,
            expires_at: at + LIFE,
        };
        work.team()
            .issue_invitation(enterprise(actor)?, &new)
            .await?;
        Ok(token)
    }

    async fn within_limits(&self, actor: &Actor) -> UseResult<()> {
        let bucket = format!("{}:team:{}", actor.city, enterprise(actor)?);
        let ask = LimitAsk::new(bucket, [super::LINKS]);
        match self.limits.take(&[ask], self.watch.clock.now()).await? {
            None => Ok(()),
            Some(over) => Err(UseError::too_many("too_many", over.retry_after)),
        }
    }

    /// The link goes out at once, after the commit, because it is kept nowhere.
    async fn send(&self, city: TenantId, phone: PhoneNumber, company: &str, link: &str) -> Invited {
        let sms = Sms {
            city,
            phone,
            template: "enterprise_invite",
            params: vec![("company", company.to_owned()), ("link", link.to_owned())],
        };
        let Ok(sender) = self.sms.of(city).await else {
            return Invited::NotSent;
        };
        match tokio::time::timeout(SEND_WITHIN, sender.send(&sms)).await {
            Ok(Ok(_)) => Invited::Sent,
            Ok(Err(error)) => {
                tracing::warn!(code = error.code(), "an invitation was not sent");
                Invited::NotSent
            }
            Err(_) => Invited::NotSent,
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

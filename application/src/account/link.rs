//! 一次性链接 of staff: the first password, or a new second factor; once, within 24 hours (S-22).

use std::sync::Arc;

use domain::values::PhoneNumber;
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    Caller, NewPassword,
    second::Entrance,
    sign_in::{Failures, SignIn},
};
use crate::{
    error::{Checks, Kind, UseError, UseResult},
    ports::{
        accounts::AccountName,
        people::{LinkKind, OpenLink, StaffLinks},
        sealing::Place,
        sessions::SessionKind,
    },
};

/// The door of links.
#[derive(Clone)]
pub struct LinkDoor {
    pub links: Arc<dyn StaffLinks>,
    pub sign_in: SignIn,
}

impl LinkDoor {
    /// What stands behind a link; looking does not use it up.
    pub async fn look(&self, caller: &Caller, token: &str) -> UseResult<OpenLink> {
        let tools = &self.sign_in.tools;
        let hash = tools.tokens.fingerprint(token);
        self.links
            .open_link(caller.city.id, &hash, tools.clock.now())
            .await?
            .ok_or_else(over)
    }

    /// Sets the first password, and goes on as after any sign-in.
    pub async fn first_password(
        &self,
        caller: &Caller,
        token: &str,
        new: &NewPassword,
    ) -> UseResult<Entrance> {
        let link = self.look(caller, token).await?;
        if link.kind != LinkKind::Invite {
            return Err(over());
        }
        let tools = &self.sign_in.tools;
        tools.sealer.ready(caller.city.id.0).await?;
        let place = Place {
            tenant: caller.city.id.0,
            table: "users",
            row: link.user.0,
            column: "phone_sealed",
        };
        let phone = tools.sealer.open(&place, &link.phone_sealed)?;
        let phone = String::from_utf8(phone)
            .ok()
            .and_then(|text| PhoneNumber::parse(&text).ok());
        let mut checks = Checks::default();
        let password = new.check(&mut checks, &caller.city, phone.as_ref(), &link.node_name);
        let Some(password) = password.filter(|_| checks.is_empty()) else {
            return Err(checks.into_error());
        };
        let hash = tools.hasher.hash(&password).await?;
        let entry = tools.entry(caller, Some(link.user), "staff.first_password", "ok");
        let token_hash = tools.tokens.fingerprint(token);
        if !self.links.use_invite(&token_hash, &hash, &entry).await? {
            return Err(over());
        }
        let account = tools
            .accounts
            .find(
                caller.city.id,
                SessionKind::Staff,
                &AccountName::Id(link.user),
            )
            .await?
            .ok_or_else(over)?;
        self.sign_in.enter(caller, &account, None).await
    }

    /// With the link and the password the second factor is bound anew; the old one and its recovery codes are over.
    pub async fn rebind(
        &self,
        caller: &Caller,
        token: &str,
        password: &SecretString,
    ) -> UseResult<Entrance> {
        let link = self.look(caller, token).await?;
        if link.kind != LinkKind::Rebind {
            return Err(over());
        }
        if password.expose_secret().is_empty() {
            return Err(UseError::field("current_password", "password.missing"));
        }
        let tools = &self.sign_in.tools;
        let account = tools
            .accounts
            .find(
                caller.city.id,
                SessionKind::Staff,
                &AccountName::Id(link.user),
            )
            .await?
            .ok_or_else(over)?;
        let failures = Failures::of(caller, &link.user.to_string());
        let at = tools.clock.now();
        self.sign_in
            .not_blocked(caller, Some(&account), &failures, at)
            .await?;
        if !self.sign_in.fits(&account, password).await? {
            self.sign_in
                .note_failure(caller, Some(&account), &failures)
                .await?;
            return Err(UseError::field(
                "current_password",
                "password.current_wrong",
            ));
        }
        self.sign_in.forgive(caller, &account).await?;
        let entry = tools.entry(caller, Some(link.user), "second_factor.rebind", "ok");
        let token_hash = tools.tokens.fingerprint(token);
        if !self.links.use_rebind(&token_hash, &entry).await? {
            return Err(over());
        }
        self.sign_in.sessions.end_all(link.user, None).await?;
        let id = self.sign_in.second.wait_for(caller, link.user).await?;
        Ok(Entrance::Halfway(id))
    }
}

/// Used, late, withdrawn or never issued: one answer for all.
fn over() -> UseError {
    UseError::new(Kind::NotFound, "link.over")
}

//! 加入企业: an invited person sets a password, accepts the agreements, and is signed in (W26).

use std::sync::Arc;

use domain::values::PhoneNumber;

use super::{
    Caller, NewPassword,
    register::{AgreementBox, check_agreements, register_consents},
    sign_in::SignIn,
};
use crate::{
    error::{Checks, Kind, UseError, UseResult},
    ports::{
        accounts::Account,
        sealing::Place,
        sessions::SessionKind,
        store::StoreError,
        team::{Joining, OpenInvitation, TeamDoor},
    },
};

/// The door of invitations.
#[derive(Clone)]
pub struct JoinDoor {
    pub door: Arc<dyn TeamDoor>,
    pub sign_in: SignIn,
}

/// What the form says.
pub struct AskJoin {
    pub new_password: NewPassword,
    /// `web` or `phone`.
    pub channel: &'static str,
    pub agreements: Vec<AgreementBox>,
}

impl JoinDoor {
    /// What stands behind a link; looking does not use it up.
    pub async fn look(&self, caller: &Caller, token: &str) -> UseResult<OpenInvitation> {
        let tools = &self.sign_in.tools;
        let hash = tools.tokens.fingerprint(token);
        self.door
            .open_invitation(caller.city.id, &hash, tools.clock.now())
            .await?
            .ok_or_else(over)
    }

    /// Joins and signs in; answers the id of the new session.
    pub async fn join(&self, caller: &Caller, token: &str, ask: AskJoin) -> UseResult<String> {
        let open = self.look(caller, token).await?;
        let tools = &self.sign_in.tools;
        tools.sealer.ready(caller.city.id.0).await?;
        let place = Place {
            tenant: caller.city.id.0,
            table: "users",
            row: open.user.0,
            column: "phone_sealed",
        };
        let phone = tools.sealer.open(&place, &open.phone_sealed)?;
        let phone = String::from_utf8(phone)
            .ok()
            .and_then(|text| PhoneNumber::parse(&text).ok());
        let mut checks = Checks::default();
        let password = ask.new_password.check(
            &mut checks,
            &caller.city,
            phone.as_ref(),
            &open.enterprise_name,
        );
        check_agreements(&mut checks, &caller.city, &ask.agreements);
        let Some(password) = password.filter(|_| checks.is_empty()) else {
            return Err(checks.into_error());
        };
        let joining = Joining {
            token_hash: tools.tokens.fingerprint(token),
            password_hash: tools.hasher.hash(&password).await?,
            consents: register_consents(tools, &caller.city),
            channel: ask.channel,
            entry: tools.entry(caller, Some(open.user), "team.join", "ok"),
        };
        match self.door.join(&joining).await {
            Ok(true) => {}
            Ok(false) => return Err(over()),
            // Told only to somebody who holds the phone: the link went nowhere else (S-15).
            Err(StoreError::Conflict(name)) if name == "users_one_phone_per_city" => {
                return Err(UseError::field("password", "team.phone_taken"));
            }
            Err(error) => return Err(error.into()),
        }
        let account = Account {
            user: open.user,
            kind: SessionKind::Enterprise,
            password_hash: None,
            consecutive_failures: 0,
        };
        self.sign_in.open(caller, &account).await
    }
}

/// Used, late, withdrawn or never issued: one answer for all.
fn over() -> UseError {
    UseError::new(Kind::NotFound, "join.over")
}

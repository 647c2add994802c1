//! 验证身份 of staff (S-41): a code of the second factor, or the password where the demonstration knows none.

use secrecy::{ExposeSecret as _, SecretString};

use super::{Caller, own::OwnRoom};
use crate::{
    error::{UseError, UseResult},
    sessions::{Browser, SignedIn},
};

/// What a member of staff proves with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofWay {
    Code,
    Password,
}

impl OwnRoom {
    /// How this person proves.
    pub async fn proof_way(&self, signed: &SignedIn, caller: &Caller) -> UseResult<ProofWay> {
        let second = &self.sign_in.second;
        if second.required || second.enrolled(caller, signed.actor.user).await? {
            return Ok(ProofWay::Code);
        }
        Ok(ProofWay::Password)
    }

    /// Notes a fresh proof; answers the id of the session that goes on, the old one is dead (S-13). A recovery code proves
    /// nothing here: whoever found one must not approve a loan with it.
    pub async fn prove(
        &self,
        signed: &SignedIn,
        caller: &Caller,
        typed: &SecretString,
    ) -> UseResult<String> {
        match self.proof_way(signed, caller).await? {
            ProofWay::Code => {
                let code = typed.expose_secret();
                self.sign_in
                    .second
                    .check(caller, signed.actor.user, code, false)
                    .await?;
            }
            ProofWay::Password => {
                if typed.expose_secret().is_empty() {
                    return Err(UseError::field("current_password", "password.missing"));
                }
                self.check_current(signed, typed).await?;
            }
        }
        self.renew(signed, caller).await
    }

    /// The same session under a new id, freshly proved.
    pub(super) async fn renew(&self, signed: &SignedIn, caller: &Caller) -> UseResult<String> {
        let sessions = &self.sign_in.sessions;
        let id = sessions
            .open(
                signed.actor.user,
                signed.kind,
                Some(&caller.binding),
                Browser::of(caller),
                None,
            )
            .await?;
        sessions.prove(&id).await?;
        Ok(id)
    }

    /// Puts a new second factor into use for somebody signed in who has just proved who they are; the other sessions end.
    pub async fn enrol(
        &self,
        signed: &SignedIn,
        caller: &Caller,
        typed: &str,
    ) -> UseResult<Vec<String>> {
        super::own::freshly_proved(signed)?;
        let user = signed.actor.user;
        let codes = self.sign_in.second.enrol(caller, user, typed).await?;
        self.sign_in
            .sessions
            .end_all(user, Some(&caller.binding))
            .await?;
        Ok(codes)
    }
}

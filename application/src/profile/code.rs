//! Code 获取验证码: to the account's own phone, never to one from the form.

use super::Profiles;
use crate::{
    access::{Action, Actor, Room},
    account::{Caller, Purpose, codes::CodeSent},
    error::{UseError, UseResult},
};

impl Profiles {
    pub async fn send_code(
        &self,
        actor: &Actor,
        caller: &Caller,
        captcha: &str,
    ) -> UseResult<CodeSent> {
        let permit = self
            .guard
            .permit(actor, Room::Profile, Action::Save)
            .await?;
        self.sealer.ready(actor.city.0).await?;
        let mut work = self.store.begin(&permit).await?;
        let own = work
            .own_account()
            .own_account()
            .await?
            .ok_or_else(UseError::not_found)?;
        drop(work);
        let phone = self.open_phone(actor, &own.phone_sealed)?;
        self.codes
            .send_signed_in(caller, Purpose::Profile, phone.as_str(), captcha)
            .await
    }
}

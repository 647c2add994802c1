//! Consent 单独同意: its own screen, its own tick, its own row (S-32).

use super::Identity;
use crate::{
    access::{Action, Actor, Room},
    error::{UseError, UseResult},
    ports::{audit::AuditEntry, face_checks::FaceConsent},
};

impl Identity {
    /// Notes that this person agreed to the text of now; doing so twice changes nothing.
    pub async fn consent(&self, actor: &Actor, ticked: bool) -> UseResult<()> {
        let permit = self
            .guard
            .permit(actor, Room::Identity, Action::Verify)
            .await?;
        let enterprise = Self::enterprise(actor)?;
        if !ticked {
            return Err(UseError::field("agree_face", "face.agree"));
        }
        let city = self.city(actor)?;
        let agreement = Self::agreement(&city)?;
        let verifier = self.verifiers.of(actor.city).await?;
        let at = self.clock.now();
        let mut work = self.store.begin(&permit).await?;
        work.face_checks().lock_person(actor.user).await?;
        let there = work
            .face_checks()
            .has_consent(actor.user, &agreement.code, &agreement.version)
            .await?;
        if there {
            return Ok(());
        }
        let consent = FaceConsent {
            id: self.clock.new_id(),
            enterprise,
            user: actor.user,
            code: agreement.code.clone(),
            version: agreement.version.clone(),
            title: agreement.title.clone(),
            body_hash: self.tokens.fingerprint(&agreement.body),
            purpose: "face_check",
            recipient: verifier.provider_name().to_owned(),
            channel: actor.from.channel,
            ip: actor.from.ip.clone(),
            at,
        };
        let entry = AuditEntry::by(actor, self.clock.new_id(), "consent.grant", consent.id, at);
        work.face_checks().add_consent(&consent).await?;
        work.audit().write(entry).await?;
        Ok(work.commit().await?)
    }
}

//! Hand-over 手机接力: one link, one browser, one purpose, ten minutes.

use std::sync::Arc;

use domain::{identity::CheckStatus, ids::HandoverId, tenant::TenantKind};
use time::OffsetDateTime;

use super::{FaceOutcome, HANDOVER_LIFE, Identity, status::masked};
use crate::{
    access::{Action, Actor, Origin, Room},
    error::{Kind, UseError, UseResult},
    ports::{
        face::DemoOutcome,
        handovers::{Handover, OpenHandover},
    },
};

/// What the desktop is told while it waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandoverState {
    Waiting,
    Opened,
    /// The phone tried and was refused; it may try again.
    Failed,
    /// Passed, or unclear: the desktop goes on and says which.
    Done {
        passed: bool,
    },
    Expired,
}

/// What the phone shows.
#[derive(Clone, Debug)]
pub struct PhoneStep {
    pub id: HandoverId,
    pub enterprise_name: String,
    /// Masked.
    pub person: String,
    pub expires_at: OffsetDateTime,
    /// This browser took the link up: it may take the photo.
    pub taken_up: bool,
    /// Empty, `passed`, `failed` or `unclear`.
    pub outcome: String,
    pub done: bool,
    pub provider_name: String,
    pub demo: bool,
}

/// The same answer for a link that is over, taken, or never was (S-12).
fn over() -> UseError {
    UseError::new(Kind::NotFound, "handover.over")
}

impl Identity {
    fn token_of(&self, id: HandoverId) -> String {
        self.tokens.sign("handover", &[&id.to_string()])
    }

    /// A new link; the one before it is void. `next`: where the desktop goes afterwards.
    pub async fn hand_over(&self, actor: &Actor, next: &str) -> UseResult<HandoverId> {
        let permit = self
            .guard
            .permit(actor, Room::Identity, Action::Verify)
            .await?;
        let city = self.city(actor)?;
        let agreement = Self::agreement(&city)?;
        let now = self.clock.now();
        let id = HandoverId(self.clock.new_id());
        let mut work = self.store.begin(&permit).await?;
        let facts = self.ready_person(&mut *work, actor).await?;
        if !work
            .face_checks()
            .has_consent(actor.user, &agreement.code, &agreement.version)
            .await?
        {
            return Err(UseError::conflict("face.consent_missing"));
        }
        let handover = Handover {
            id,
            enterprise: facts.id,
            user: actor.user,
            next: next.chars().take(500).collect(),
            created_at: now,
            expires_at: now + HANDOVER_LIFE,
            opened_at: None,
            done_at: None,
            outcome: String::new(),
        };
        let token_hash = self.tokens.fingerprint(&self.token_of(id));
        work.handovers()
            .add_handover(&handover, &token_hash)
            .await?;
        work.commit().await?;
        Ok(id)
    }

    /// One's own link; another's does not exist.
    pub async fn handover(
        &self,
        actor: &Actor,
        id: HandoverId,
    ) -> UseResult<(Handover, HandoverState)> {
        let permit = self
            .guard
            .permit(actor, Room::Identity, Action::Verify)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let handover = work
            .handovers()
            .handover(id)
            .await?
            .ok_or_else(UseError::not_found)?;
        let state = if handover.done_at.is_some() {
            HandoverState::Done {
                passed: handover.outcome == CheckStatus::Passed.code(),
            }
        } else if handover.expires_at <= self.clock.now() {
            HandoverState::Expired
        } else if handover.outcome == CheckStatus::Failed.code() {
            HandoverState::Failed
        } else if handover.opened_at.is_some() {
            HandoverState::Opened
        } else {
            HandoverState::Waiting
        };
        Ok((handover, state))
    }

    /// Path of the link on the phone, for the QR code of its maker.
    pub async fn link(&self, actor: &Actor, id: HandoverId) -> UseResult<String> {
        self.handover(actor, id).await?;
        Ok(format!("/m/{}", self.token_of(id)))
    }

    /// QR code of an address, as SVG.
    pub fn qr_svg(&self, address: &str) -> UseResult<String> {
        self.studio.qr_svg(address).map_err(UseError::bug)
    }

    /// What the phone that holds the link may see.
    pub async fn phone(
        &self,
        city: domain::ids::TenantId,
        token: &str,
        browser: Option<&str>,
    ) -> UseResult<PhoneStep> {
        let open = self.live(city, token, browser).await?;
        let verifier = self.verifiers.of(open.city).await?;
        Ok(PhoneStep {
            id: open.handover.id,
            person: masked(&open.person_name),
            enterprise_name: open.enterprise_name,
            expires_at: open.handover.expires_at,
            taken_up: open.opened_by.is_some(),
            done: open.handover.done_at.is_some(),
            outcome: open.handover.outcome,
            provider_name: verifier.provider_name().to_owned(),
            demo: verifier.is_demo(),
        })
    }

    /// This browser takes the link up; from now on no other may.
    pub async fn take_up(
        &self,
        city: domain::ids::TenantId,
        token: &str,
        browser: &str,
    ) -> UseResult<()> {
        let open = self.live(city, token, Some(browser)).await?;
        let print = self.tokens.fingerprint(browser);
        let taken = self
            .door
            .take_up(open.handover.id, &print, self.clock.now())
            .await?;
        if taken { Ok(()) } else { Err(over()) }
    }

    /// The photo from the phone, in the name of whoever made the link.
    pub async fn phone_check(
        &self,
        city: domain::ids::TenantId,
        token: &str,
        browser: &str,
        photo: Vec<u8>,
        demo: Option<DemoOutcome>,
        from: Origin,
    ) -> UseResult<FaceOutcome> {
        let open = self.live(city, token, Some(browser)).await?;
        if open.opened_by.is_none() || open.handover.done_at.is_some() {
            return Err(over());
        }
        let id = open.handover.id;
        let outcome = self.check(&speaker(open, from), photo, demo).await?;
        let (word, done) = match outcome {
            FaceOutcome::Passed => (CheckStatus::Passed, true),
            FaceOutcome::Unclear | FaceOutcome::Pending | FaceOutcome::Away { .. } => {
                (CheckStatus::Unclear, true)
            }
            FaceOutcome::Failed { left, .. } => (CheckStatus::Failed, left == 0),
            FaceOutcome::Ended { .. } => (CheckStatus::Failed, false),
        };
        self.door
            .note_outcome(id, word.code(), done, self.clock.now())
            .await?;
        Ok(outcome)
    }

    /// A link of this city that is not over, and not another browser's.
    async fn live(
        &self,
        city: domain::ids::TenantId,
        token: &str,
        browser: Option<&str>,
    ) -> UseResult<OpenHandover> {
        let open = self
            .door
            .find_handover(&self.tokens.fingerprint(token))
            .await?
            .filter(|o| o.city == city)
            .ok_or_else(over)?;
        let mine = match (&open.opened_by, browser) {
            (None, _) => true,
            (Some(print), Some(browser)) => {
                self.tokens.same(print, &self.tokens.fingerprint(browser))
            }
            (Some(_), None) => false,
        };
        // A link that was used shows its outcome to the one browser that used it, until it would have expired.
        if !mine || open.handover.expires_at <= self.clock.now() {
            return Err(over());
        }
        Ok(open)
    }
}

/// The person of the link, acting from the phone; what they may do, the access policy says as always.
fn speaker(open: OpenHandover, from: Origin) -> Actor {
    Actor {
        user: open.handover.user,
        name: open.person_name,
        tenant: open.city,
        tenant_kind: TenantKind::City,
        tenant_name: open.city_name,
        city: open.city,
        reach: Arc::from([open.city]),
        enterprise: Some(open.handover.enterprise),
        roles: open.roles,
        session: open.handover.id.0,
        from: Origin {
            channel: "phone",
            ..from
        },
    }
}

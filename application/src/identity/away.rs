//! Away 跳转核验: the person is filmed by the provider and comes back; only what our server asks counts (S-44).

use std::sync::Arc;

use domain::{identity::CheckStatus, ids::FaceCheckId};
use uuid::Uuid;

use super::{
    FaceOutcome, Identity, UNCLEAR_FOR, channel, day_start,
    verdict::{CONSENT_WITHDRAWN, NO_ANSWER, PERSON_CHANGED, openid_for},
};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Kind, UseError, UseResult},
    ports::{
        face::{FaceAsk, FaceEnd, FaceFailure, FaceJourney, FaceVerifier, FaceWay},
        face_checks::FaceCheck,
    },
};

const STATE: &str = "face_back";
/// How our side ends an attempt; one that another took the place of (`face.interrupted`) has nothing more to say.
const ENDS: [&str; 3] = [NO_ANSWER, PERSON_CHANGED, CONSENT_WITHDRAWN];

/// The same answer for a return that is over, forged, or somebody else's (S-12).
fn over() -> UseError {
    UseError::new(Kind::NotFound, "face.back_over")
}

/// Where a person sets out from.
#[derive(Clone, Debug, Default)]
pub struct Leave {
    /// Address of the city's site, without a path.
    pub site: String,
    /// What the browser calls itself.
    pub browser: String,
    /// Where they go on afterwards, within the platform.
    pub next: String,
}

impl Identity {
    /// Starts a check at the provider; an attempt that was left half-way makes room.
    pub async fn leave(&self, actor: &Actor, from: Leave) -> UseResult<FaceOutcome> {
        let permit = self
            .guard
            .permit(actor, Room::Identity, Action::Verify)
            .await?;
        let verifier = self.verifiers.of(actor.city).await?;
        if verifier.way(channel(actor)) != FaceWay::Away {
            return Err(UseError::conflict("face.other_way"));
        }
        self.count_photo(actor).await?;
        self.sealer.ready(actor.city.0).await?;
        if let Some(known) = self.still_known(actor, &permit).await? {
            return Ok(known);
        }
        let city = self.city(actor)?;
        let mut work = self.store.begin(&permit).await?;
        let openid = openid_for(&verifier, &*self.sealer, &mut *work, (&city, actor.user)).await?;
        drop(work);
        if verifier.wants_openid() && openid.is_empty() {
            return Err(UseError::conflict("wechat.not_bound"));
        }
        let started = self
            .begin_check(actor, &permit, &verifier, &from.next)
            .await?;
        let id = started.check.id;
        let ask = FaceAsk {
            check: id,
            subject: self.subject(actor, &started).await?,
            channel: channel(actor),
            photo: Vec::new(),
            journey: FaceJourney {
                return_to: self.return_to(&from.site, id),
                browser: from.browser,
                openid,
            },
            demo: None,
        };
        self.start(actor, &permit, &verifier, &started, ask).await
    }

    /// The attempt before, if it came to an end that the person has not heard of. One that stays unclear too long is let go of.
    async fn still_known(&self, actor: &Actor, permit: &Permit) -> UseResult<Option<FaceOutcome>> {
        let Some(open) = self.owed(actor, permit).await? else {
            return Ok(None);
        };
        let old = self.clock.now() - open.created_at >= UNCLEAR_FOR;
        Ok(match self.ask_about(actor, permit, &open).await? {
            FaceOutcome::Pending | FaceOutcome::Ended { .. } => None,
            FaceOutcome::Unclear if old => None,
            outcome => Some(outcome),
        })
    }

    /// Only a site has a page to come back to.
    fn return_to(&self, site: &str, id: FaceCheckId) -> String {
        if site.is_empty() {
            return String::new();
        }
        format!("{site}/enterprise/face/back/{}", self.state_of(id))
    }

    /// Names the check and proves that we sent the person out; opens nothing by itself.
    fn state_of(&self, id: FaceCheckId) -> String {
        let id = id.0.simple().to_string();
        format!("{id}.{}", self.tokens.sign(STATE, &[&id]))
    }

    /// Whether a return carries a state of ours; whose it is, only the person's own sign-in tells.
    pub fn is_state(&self, state: &str) -> bool {
        self.check_of(state).is_some()
    }

    fn check_of(&self, state: &str) -> Option<FaceCheckId> {
        let (id, sign) = state.split_once('.')?;
        self.tokens
            .sign_fits(STATE, &[id], sign)
            .then(|| Uuid::try_parse(id).ok().map(FaceCheckId))
            .flatten()
    }

    /// The check of a return: the person's own, or it does not exist for them.
    pub async fn returning(&self, actor: &Actor, state: &str) -> UseResult<FaceCheck> {
        let permit = self
            .guard
            .permit(actor, Room::Identity, Action::View)
            .await?;
        let id = self.check_of(state).ok_or_else(over)?;
        let mut work = self.store.begin(&permit).await?;
        work.face_checks()
            .check(id)
            .await?
            .filter(|c| c.user == actor.user)
            .ok_or_else(over)
    }

    /// The person says that they are back. What the provider's page told the browser is not even read: we ask. A check that is
    /// settled stays as it is and says how it ended, and one that another took the place of is over.
    pub async fn returned(&self, actor: &Actor, state: &str) -> UseResult<FaceOutcome> {
        let permit = self
            .guard
            .permit(actor, Room::Identity, Action::Verify)
            .await?;
        let check = self.returning(actor, state).await?;
        match check.status {
            CheckStatus::Passed => Ok(FaceOutcome::Passed),
            CheckStatus::Started | CheckStatus::Unclear if !check.session_ref.is_empty() => {
                self.ask_about(actor, &permit, &check).await
            }
            CheckStatus::Failed => {
                let code = FaceFailure::known(&check.reason_code).ok_or_else(over)?;
                let left = self.failures_left(actor, &permit).await?;
                Ok(FaceOutcome::Failed { code, left })
            }
            CheckStatus::Cancelled => FaceEnd::known(&check.reason_code)
                .or_else(|| ENDS.into_iter().find(|code| *code == check.reason_code))
                .map(|code| FaceOutcome::Ended { code })
                .ok_or_else(over),
            _ => Err(over()),
        }
    }

    async fn failures_left(&self, actor: &Actor, permit: &Permit) -> UseResult<u32> {
        let most = self.city(actor)?.face_failures_per_day;
        let since = day_start(self.clock.now());
        let mut work = self.store.begin(permit).await?;
        let failures = work.face_checks().failures_since(actor.user, since).await?;
        Ok(most.saturating_sub(u32::try_from(failures).unwrap_or(u32::MAX)))
    }

    /// The provider's page of the check under way, for its link and its QR code.
    pub async fn away_page(&self, actor: &Actor) -> UseResult<String> {
        let permit = self
            .guard
            .permit(actor, Room::Identity, Action::View)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        work.face_checks()
            .latest_check(actor.user)
            .await?
            .filter(|c| c.status == CheckStatus::Started && !c.page.is_empty())
            .map(|c| c.page)
            .ok_or_else(UseError::not_found)
    }

    /// Where the person is filmed on this channel.
    pub(super) fn way_of(verifier: &Arc<dyn FaceVerifier>, actor: &Actor) -> FaceWay {
        verifier.way(channel(actor))
    }
}

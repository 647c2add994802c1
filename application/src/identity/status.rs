//! Status 核验状态: where a person stands, and which ways are open.

use domain::{identity::CheckStatus, values::PersonName};

use super::{Identity, UNCLEAR_FOR, day_start};
use crate::{
    access::{Action, Actor, Room},
    error::{UseError, UseResult},
    ports::{
        face::FaceWay,
        face_checks::{FaceCheck, Verified},
        face_reviews::FaceReview,
    },
};

/// What the page needs to know.
#[derive(Clone, Debug)]
pub struct FaceStatus {
    pub enterprise_name: String,
    /// Masked name of the legal representative.
    pub person: String,
    pub profile_complete: bool,
    pub verified: Verified,
    pub consented: bool,
    pub failures_today: u32,
    pub most: u32,
    /// The newest attempt by camera.
    pub latest: Option<FaceCheck>,
    /// The newest request for a check at a counter.
    pub request: Option<FaceCheck>,
    /// Name of the branch of that request.
    pub request_branch: String,
    pub provider_name: String,
    /// The provider compares nothing: said beside it.
    pub demo: bool,
    /// The newest photo that was sent to the operator.
    pub review: Option<FaceReview>,
    /// The city offers a review by its operator.
    pub review_offered: bool,
    /// Where the person is filmed.
    pub way: FaceWay,
    /// Attempts a day that may cost money without success.
    pub charged_left: u32,
    /// The newest attempt is unclear, and not long enough to begin anew.
    pub unclear_waits: bool,
}

impl FaceStatus {
    /// Attempts left today.
    pub fn left(&self) -> u32 {
        self.most
            .saturating_sub(self.failures_today)
            .min(self.charged_left)
    }

    /// The attempt that goes on at the provider.
    pub fn away(&self) -> Option<&FaceCheck> {
        self.latest
            .as_ref()
            .filter(|c| c.status == CheckStatus::Started && !c.session_ref.is_empty())
    }
}

impl Identity {
    pub async fn status(&self, actor: &Actor) -> UseResult<FaceStatus> {
        let permit = self
            .guard
            .permit(actor, Room::Identity, Action::View)
            .await?;
        let enterprise = Self::enterprise(actor)?;
        let city = self.city(actor)?;
        let verifier = self.verifiers.of(actor.city).await?;
        let agreement = Self::agreement(&city)?;
        let now = self.clock.now();
        let mut work = self.store.begin(&permit).await?;
        let facts = work
            .enterprises()
            .facts(enterprise)
            .await?
            .ok_or_else(UseError::not_found)?;
        let checks = work.face_checks();
        let verified = checks.verified(actor.user).await?.unwrap_or_default();
        let consented = checks
            .has_consent(actor.user, &agreement.code, &agreement.version)
            .await?;
        let failures = checks.failures_since(actor.user, day_start(now)).await?;
        let charged = checks.charged_since(actor.user, day_start(now)).await?;
        let latest = checks.latest_check(actor.user).await?;
        let request = checks.open_request(actor.user).await?;
        let request_branch = match request.as_ref().and_then(|r| r.branch) {
            Some(branch) => checks
                .counters("")
                .await?
                .into_iter()
                .find(|c| c.id == branch)
                .map(|c| format!("{}（{}，电话 {}）", c.name, c.address, c.phone))
                .unwrap_or_default(),
            None => String::new(),
        };
        let review = work.face_reviews().latest_review(actor.user).await?;
        let unclear_waits = latest
            .as_ref()
            .is_some_and(|c| c.status == CheckStatus::Unclear && now - c.created_at < UNCLEAR_FOR);
        Ok(FaceStatus {
            unclear_waits,
            review,
            review_offered: Self::review_agreement(&city).is_some(),
            person: masked(&facts.legal_representative),
            enterprise_name: facts.name,
            profile_complete: facts.completed_at.is_some(),
            verified,
            consented,
            failures_today: u32::try_from(failures).unwrap_or(u32::MAX),
            most: city.face_failures_per_day,
            latest,
            request,
            request_branch,
            provider_name: verifier.provider_name().to_owned(),
            demo: verifier.is_demo(),
            way: Self::way_of(&verifier, actor),
            charged_left: verifier
                .charged_most()
                .saturating_sub(u32::try_from(charged).unwrap_or(u32::MAX)),
        })
    }
}

/// `张**`; a stored name that no longer parses shows nothing.
pub(super) fn masked(name: &str) -> String {
    PersonName::parse(name)
        .map(|n| n.masked())
        .unwrap_or_default()
}

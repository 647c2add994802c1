//! Check 核验: the photo goes to the provider, the verdict is asked from the provider, the picture is never kept (S-28).

use std::{sync::Arc, time::Duration as Patience};

use domain::{
    identity::CheckStatus,
    ids::FaceCheckId,
    values::{PersonName, ResidentId},
};
use serde_json::json;
use tokio::time::timeout;

use super::{INTERRUPTED_AFTER, Identity, UNCLEAR_FOR, channel, day_start, status::masked};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{UseError, UseResult},
    files::upload_error,
    ports::{
        audit::AuditEntry,
        enterprise_files::FileRow,
        enterprises::EnterpriseFacts,
        face::{DemoOutcome, FaceAsk, FaceSubject, FaceVerdict, FaceVerifier},
        face_checks::FaceCheck,
        limits::{Limit, LimitAsk},
        store::UnitOfWork,
    },
    profile::open_facts,
};

/// The whole call of a face provider (S-43).
const PROVIDER_PATIENCE: Patience = Patience::from_secs(15);
/// Photos a person may send in an hour, whatever comes of them.
const PHOTOS_PER_HOUR: u32 = 60;

/// What an attempt came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaceOutcome {
    Passed,
    /// Why, as the code of a text, and how many attempts are left today.
    Failed {
        code: &'static str,
        left: u32,
    },
    /// No answer that we know: to be asked again, never a success.
    Unclear,
}

struct Started {
    check: FaceCheck,
    facts: EnterpriseFacts,
    id_front: FileRow,
}

impl Identity {
    /// One attempt with a photo just taken.
    pub async fn check(
        &self,
        actor: &Actor,
        photo: Vec<u8>,
        demo: Option<DemoOutcome>,
    ) -> UseResult<FaceOutcome> {
        let permit = self
            .guard
            .permit(actor, Room::Identity, Action::Verify)
            .await?;
        let verifier = self.verifiers.of(actor.city).await?;
        self.count_photo(actor).await?;
        let photo = self
            .studio
            .accept(photo)
            .await
            .map_err(|e| upload_error("photo", e))?;
        self.sealer.ready(actor.city.0).await?;
        let started = self.begin_check(actor, &permit, verifier.kind()).await?;
        let ask = FaceAsk {
            check: started.check.id,
            subject: self.subject(actor, &started).await?,
            channel: channel(actor),
            photo: photo.jpeg,
            demo: demo.filter(|_| verifier.is_demo()),
        };
        let (session, verdict) = match timeout(PROVIDER_PATIENCE, verifier.start(ask)).await {
            Ok(Ok(session)) => {
                let verdict = self.ask_verdict(&verifier, &session).await;
                (session, verdict)
            }
            failed => {
                self.cancel_check(&permit, &started.check).await?;
                let why = match failed {
                    Ok(Err(error)) => error.to_string(),
                    _ => "no answer in time".to_owned(),
                };
                tracing::warn!(why, "the face provider did not start a check");
                return Err(UseError {
                    code: "face.unavailable",
                    ..UseError::unavailable(std::io::Error::other(why))
                });
            }
        };
        self.settle(actor, &permit, &started.check, &session, verdict)
            .await
    }

    /// 重新查询: asks the provider again about the attempt whose answer was unclear.
    pub async fn ask_again(&self, actor: &Actor) -> UseResult<FaceOutcome> {
        let permit = self
            .guard
            .permit(actor, Room::Identity, Action::Verify)
            .await?;
        let verifier = self.verifiers.of(actor.city).await?;
        let mut work = self.store.begin(&permit).await?;
        let open = work
            .face_checks()
            .latest_check(actor.user)
            .await?
            .filter(|c| c.status == CheckStatus::Unclear)
            .ok_or_else(|| UseError::conflict("face.nothing_open"))?;
        drop(work);
        let session = open.session_ref.clone();
        let verdict = self.ask_verdict(&verifier, &session).await;
        self.settle(actor, &permit, &open, &session, verdict).await
    }

    async fn count_photo(&self, actor: &Actor) -> UseResult<()> {
        let ask = LimitAsk::new(
            format!("face:{}:{}", actor.city, actor.user),
            [Limit::new(PHOTOS_PER_HOUR, time::Duration::hours(1))],
        );
        match self.limits.take(&[ask], self.clock.now()).await? {
            Some(over) => Err(UseError::too_many("upload.too_often", over.retry_after)
                .with("minutes", over.retry_after.div_ceil(60).max(1))),
            None => Ok(()),
        }
    }

    /// Everything that must be so before a face leaves the house, and the row that says an attempt is under way.
    async fn begin_check(
        &self,
        actor: &Actor,
        permit: &Permit,
        provider: &'static str,
    ) -> UseResult<Started> {
        let enterprise = Self::enterprise(actor)?;
        let city = self.city(actor)?;
        let agreement = Self::agreement(&city)?;
        let now = self.clock.now();
        let mut work = self.store.begin(permit).await?;
        let facts = self.ready_person(&mut *work, actor).await?;
        let checks = work.face_checks();
        if !checks
            .has_consent(actor.user, &agreement.code, &agreement.version)
            .await?
        {
            return Err(UseError::conflict("face.consent_missing"));
        }
        if let Some(open) = checks
            .latest_check(actor.user)
            .await?
            .filter(|c| c.status.is_open())
        {
            let (waits, code) = match open.status {
                CheckStatus::Started => (INTERRUPTED_AFTER, "face.running"),
                _ => (UNCLEAR_FOR, "face.unclear_open"),
            };
            if now - open.created_at < waits {
                return Err(UseError::conflict(code));
            }
            checks
                .settle_check(
                    open.id,
                    open.status,
                    CheckStatus::Cancelled,
                    None,
                    "face.interrupted",
                    now,
                )
                .await?;
        }
        let failures = checks.failures_since(actor.user, day_start(now)).await?;
        if failures >= i64::from(city.face_failures_per_day) {
            return Err(UseError::conflict("face.limit").with("most", city.face_failures_per_day));
        }
        let check = FaceCheck {
            id: FaceCheckId(self.clock.new_id()),
            city: actor.city,
            enterprise,
            user: actor.user,
            provider: provider.to_owned(),
            session_ref: String::new(),
            status: CheckStatus::Started,
            score: None,
            reason_code: String::new(),
            branch: None,
            enterprise_name: facts.name.clone(),
            person_name: masked(&facts.legal_representative),
            legal_id_index: facts.legal_id_index.clone(),
            reference: String::new(),
            note: String::new(),
            channel: actor.from.channel.to_owned(),
            created_at: now,
            settled_at: None,
        };
        checks.add_check(&check).await?;
        let id_front = work
            .enterprise_files()
            .current_files(enterprise)
            .await?
            .into_iter()
            .find(|f| f.kind == domain::enterprise::ProfileFile::IdFront.code())
            .ok_or_else(|| UseError::conflict("face.profile_incomplete"))?;
        work.commit().await?;
        Ok(Started {
            check,
            facts,
            id_front,
        })
    }

    /// The person, locked, with a complete profile and not verified yet.
    pub(super) async fn ready_person(
        &self,
        work: &mut dyn UnitOfWork,
        actor: &Actor,
    ) -> UseResult<EnterpriseFacts> {
        let verified = work
            .face_checks()
            .lock_person(actor.user)
            .await?
            .ok_or_else(UseError::not_found)?;
        if verified.at.is_some() {
            return Err(UseError::conflict("face.already"));
        }
        let facts = work
            .enterprises()
            .facts(Self::enterprise(actor)?)
            .await?
            .ok_or_else(UseError::not_found)?;
        if facts.completed_at.is_none() {
            return Err(UseError::conflict("face.profile_incomplete"));
        }
        Ok(facts)
    }

    async fn subject(&self, actor: &Actor, started: &Started) -> UseResult<FaceSubject> {
        let opened = open_facts(&*self.sealer, actor.city, &started.facts)?;
        let id: ResidentId = opened
            .legal_id
            .ok_or_else(|| UseError::conflict("face.profile_incomplete"))?;
        let name = PersonName::parse(&opened.legal_representative)
            .map_err(|_| UseError::conflict("face.profile_incomplete"))?;
        Ok(FaceSubject {
            name,
            id,
            id_photo: self.files.read(actor.city, &started.id_front).await?,
        })
    }

    async fn ask_verdict(&self, verifier: &Arc<dyn FaceVerifier>, session: &str) -> FaceVerdict {
        match timeout(PROVIDER_PATIENCE, verifier.verdict(session)).await {
            Ok(Ok(verdict)) => verdict,
            Ok(Err(error)) => {
                tracing::warn!(%error, "the face provider told no verdict");
                FaceVerdict::Unclear
            }
            Err(_) => FaceVerdict::Unclear,
        }
    }

    async fn cancel_check(&self, permit: &Permit, check: &FaceCheck) -> UseResult<()> {
        let mut work = self.store.begin(permit).await?;
        work.face_checks()
            .settle_check(
                check.id,
                check.status,
                CheckStatus::Cancelled,
                None,
                "face.unavailable",
                self.clock.now(),
            )
            .await?;
        Ok(work.commit().await?)
    }

    /// Writes the verdict down; a person who was changed meanwhile is not verified by it.
    async fn settle(
        &self,
        actor: &Actor,
        permit: &Permit,
        check: &FaceCheck,
        session: &str,
        verdict: FaceVerdict,
    ) -> UseResult<FaceOutcome> {
        let city = self.city(actor)?;
        let now = self.clock.now();
        let (to, score, reason) = match verdict {
            FaceVerdict::Passed { score } => (CheckStatus::Passed, score, ""),
            FaceVerdict::Failed { why, .. } => (CheckStatus::Failed, None, why.code()),
            FaceVerdict::Pending | FaceVerdict::Unclear => (CheckStatus::Unclear, None, ""),
        };
        let mut work = self.store.begin(permit).await?;
        work.face_checks().lock_person(actor.user).await?;
        work.face_checks().note_session(check.id, session).await?;
        let moved = work
            .face_checks()
            .settle_check(check.id, check.status, to, score, reason, now)
            .await?;
        if !moved {
            return Err(UseError::conflict("stale"));
        }
        let facts = work
            .enterprises()
            .facts(check.enterprise)
            .await?
            .ok_or_else(UseError::not_found)?;
        if to == CheckStatus::Passed {
            if facts.legal_id_index != check.legal_id_index {
                return Err(UseError::conflict("face.person_changed"));
            }
            work.face_checks()
                .mark_verified(actor.user, "face", now)
                .await?;
        }
        let failures = work
            .face_checks()
            .failures_since(actor.user, day_start(now))
            .await?;
        let entry = AuditEntry::by(actor, self.clock.new_id(), "identity.check", check.id, now)
            .detail(
                json!({ "status": to.code(), "reason": reason, "channel": actor.from.channel }),
            );
        work.audit().write(entry).await?;
        work.commit().await?;
        Ok(match verdict {
            FaceVerdict::Passed { .. } => FaceOutcome::Passed,
            FaceVerdict::Failed { why, .. } => FaceOutcome::Failed {
                code: why.code(),
                left: city
                    .face_failures_per_day
                    .saturating_sub(u32::try_from(failures).unwrap_or(u32::MAX)),
            },
            FaceVerdict::Pending | FaceVerdict::Unclear => FaceOutcome::Unclear,
        })
    }
}

//! Check 核验: the photo goes to the provider, the verdict is asked from the provider, the picture is never kept (S-28).

use std::sync::Arc;

use domain::{
    identity::CheckStatus,
    ids::FaceCheckId,
    values::{PersonName, ResidentId},
};
use serde_json::json;
use time::Duration;
use tokio::time::timeout;
use uuid::Uuid;

use super::{
    FIRST_ASK, INTERRUPTED_AFTER, Identity, UNCLEAR_FOR, channel, day_start,
    status::masked,
    verdict::{PERSON_CHANGED, PROVIDER_PATIENCE, ask_verdict, ended, query_of, write_verdict},
};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{UseError, UseResult},
    files::upload_error,
    ports::{
        audit::AuditEntry,
        enterprise_files::FileRow,
        enterprises::EnterpriseFacts,
        face::{
            DemoOutcome, FaceAsk, FaceError, FaceJourney, FaceStart, FaceSubject, FaceVerdict,
            FaceVerifier, FaceWay,
        },
        face_checks::FaceCheck,
        limits::{Limit, LimitAsk},
        store::UnitOfWork,
    },
    profile::open_facts,
};

/// Photos a person may send in an hour, whatever comes of them.
const PHOTOS_PER_HOUR: u32 = 60;

/// What an attempt came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaceOutcome {
    Passed,
    /// Why, as the code of a text, and how many attempts are left today.
    Failed {
        code: &'static str,
        left: u32,
    },
    /// It ended without comparing anybody and counts for nothing; why, as the code of a text.
    Ended {
        code: &'static str,
    },
    /// The person goes on at the provider: its page, or what its component wants.
    Away {
        check: FaceCheckId,
        page: String,
        token: String,
    },
    /// The person is not through at the provider.
    Pending,
    /// No answer that we know: to be asked again, never a success.
    Unclear,
}

pub(super) struct Started {
    pub check: FaceCheck,
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
        self.check_photo(actor, photo, None, demo).await
    }

    /// The same with a photo that came in pieces. They stay until an attempt is under way: whoever is refused before, for want of a
    /// consent, takes no second photo.
    pub async fn check_upload(
        &self,
        actor: &Actor,
        upload: Uuid,
        demo: Option<DemoOutcome>,
    ) -> UseResult<FaceOutcome> {
        let photo = self.files.read_upload(actor, upload).await?;
        let held = photo.held;
        let outcome = self
            .check_photo(actor, photo.bytes, Some(upload), demo)
            .await;
        drop(held);
        outcome
    }

    async fn check_photo(
        &self,
        actor: &Actor,
        photo: Vec<u8>,
        upload: Option<Uuid>,
        demo: Option<DemoOutcome>,
    ) -> UseResult<FaceOutcome> {
        let permit = self
            .guard
            .permit(actor, Room::Identity, Action::Verify)
            .await?;
        let verifier = self.verifiers.of(actor.city).await?;
        if verifier.way(channel(actor)) != FaceWay::Photo {
            return Err(UseError::conflict("face.other_way"));
        }
        self.count_photo(actor).await?;
        let photo = self
            .studio
            .accept(photo)
            .await
            .map_err(|e| upload_error("photo", e))?;
        self.sealer.ready(actor.city.0).await?;
        let started = self.begin_check(actor, &permit, &verifier, "").await?;
        if let Some(upload) = upload {
            self.files.end_upload(actor, upload).await?;
        }
        let ask = FaceAsk {
            check: started.check.id,
            subject: self.subject(actor, &started).await?,
            channel: channel(actor),
            photo: photo.jpeg,
            journey: FaceJourney::default(),
            demo: demo.filter(|_| verifier.is_demo()),
        };
        self.start(actor, &permit, &verifier, &started, ask).await
    }

    /// The one call that starts a check, and what becomes of it.
    pub(super) async fn start(
        &self,
        actor: &Actor,
        permit: &Permit,
        verifier: &Arc<dyn FaceVerifier>,
        started: &Started,
        ask: FaceAsk,
    ) -> UseResult<FaceOutcome> {
        let films = ask.photo.is_empty();
        let check = &started.check;
        let why = match timeout(PROVIDER_PATIENCE, verifier.start(ask)).await {
            Ok(Ok(FaceStart::Judged { session, verdict })) => {
                return self.settle(actor, permit, check, &session, verdict).await;
            }
            Ok(Ok(FaceStart::Away {
                session,
                page,
                token,
            })) => {
                let first = self.clock.now() + FIRST_ASK;
                let mut work = self.store.begin(permit).await?;
                work.face_checks()
                    .note_session(check.id, &session, &page, Some(first))
                    .await?;
                work.commit().await?;
                return Ok(FaceOutcome::Away {
                    check: check.id,
                    page,
                    token,
                });
            }
            // A photo that may have been compared is not simply forgotten.
            Ok(Err(FaceError::Unclear(why))) if !films => {
                tracing::warn!(why, "the face provider gave no clear answer");
                return self
                    .settle(actor, permit, check, "", FaceVerdict::Unclear)
                    .await;
            }
            Err(_) if !films => {
                tracing::warn!("the face provider gave no answer in time");
                return self
                    .settle(actor, permit, check, "", FaceVerdict::Unclear)
                    .await;
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no answer in time".to_owned(),
        };
        self.cancel_check(permit, check).await?;
        tracing::warn!(why, "the face provider did not start a check");
        Err(UseError {
            code: "face.unavailable",
            ..UseError::unavailable(std::io::Error::other(why))
        })
    }

    /// 重新查询: asks the provider again about the attempt whose verdict is owed.
    pub async fn ask_again(&self, actor: &Actor) -> UseResult<FaceOutcome> {
        let permit = self
            .guard
            .permit(actor, Room::Identity, Action::Verify)
            .await?;
        let owed = self.owed(actor, &permit).await?;
        let open = owed.ok_or_else(|| UseError::conflict("face.nothing_open"))?;
        self.ask_about(actor, &permit, &open).await
    }

    /// The attempt whose verdict can be asked for.
    pub(super) async fn owed(
        &self,
        actor: &Actor,
        permit: &Permit,
    ) -> UseResult<Option<FaceCheck>> {
        let mut work = self.store.begin(permit).await?;
        let latest = work.face_checks().latest_check(actor.user).await?;
        Ok(latest.filter(|c| c.status.is_open() && !c.session_ref.is_empty()))
    }

    /// Asks the provider about an open attempt and writes down what it says.
    pub(super) async fn ask_about(
        &self,
        actor: &Actor,
        permit: &Permit,
        open: &FaceCheck,
    ) -> UseResult<FaceOutcome> {
        let verifier = self.verifiers.of(actor.city).await?;
        self.sealer.ready(actor.city.0).await?;
        let mut work = self.store.begin(permit).await?;
        let city = self.city(actor)?;
        let query = query_of(&verifier, &*self.sealer, &mut *work, &city, open).await?;
        drop(work);
        let verdict = ask_verdict(&verifier, &query).await;
        self.settle(actor, permit, open, &open.session_ref, verdict)
            .await
    }

    pub(super) async fn count_photo(&self, actor: &Actor) -> UseResult<()> {
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
    pub(super) async fn begin_check(
        &self,
        actor: &Actor,
        permit: &Permit,
        verifier: &Arc<dyn FaceVerifier>,
        next: &str,
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
                // The person left the provider's page and begins anew.
                CheckStatus::Started if !open.session_ref.is_empty() => (Duration::ZERO, ""),
                CheckStatus::Started => (INTERRUPTED_AFTER, "face.running"),
                _ => (UNCLEAR_FOR, "face.unclear_open"),
            };
            if now - open.created_at < waits {
                return Err(UseError::conflict(code));
            }
            let over = ended(open.status, "face.interrupted", now);
            checks.settle_check(open.id, over).await?;
        }
        let today = day_start(now);
        let failures = checks.failures_since(actor.user, today).await?;
        if failures >= i64::from(city.face_failures_per_day) {
            return Err(UseError::conflict("face.limit").with("most", city.face_failures_per_day));
        }
        let charged = checks.charged_since(actor.user, today).await?;
        if charged >= i64::from(verifier.charged_most()) {
            return Err(UseError::conflict("face.limit").with("most", verifier.charged_most()));
        }
        let check = FaceCheck {
            id: FaceCheckId(self.clock.new_id()),
            city: actor.city,
            enterprise,
            user: actor.user,
            provider: verifier.kind().to_owned(),
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
            page: String::new(),
            next: next.chars().take(500).collect(),
            asks: 0,
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

    pub(super) async fn subject(&self, actor: &Actor, started: &Started) -> UseResult<FaceSubject> {
        let opened = open_facts(&*self.sealer, actor.city, &started.facts)?;
        let id: ResidentId = opened
            .legal_id
            .ok_or_else(|| UseError::conflict("face.profile_incomplete"))?;
        let name = PersonName::parse(&opened.legal_representative)
            .map_err(|_| UseError::conflict("face.profile_incomplete"))?;
        Ok(FaceSubject {
            name,
            id,
            id_photo: self.files.read(actor, &started.id_front).await?.bytes,
        })
    }

    async fn cancel_check(&self, permit: &Permit, check: &FaceCheck) -> UseResult<()> {
        let mut work = self.store.begin(permit).await?;
        let over = ended(check.status, "face.unavailable", self.clock.now());
        work.face_checks().settle_check(check.id, over).await?;
        Ok(work.commit().await?)
    }

    /// Writes the verdict down and says what it means for the person in front of the screen.
    async fn settle(
        &self,
        actor: &Actor,
        permit: &Permit,
        check: &FaceCheck,
        session: &str,
        verdict: FaceVerdict,
    ) -> UseResult<FaceOutcome> {
        let goes_on = check.status == CheckStatus::Started;
        match verdict {
            FaceVerdict::Pending if goes_on => return Ok(FaceOutcome::Pending),
            // A question that failed changes nothing for a person who is still at the provider: page and attempt stay.
            FaceVerdict::Unclear if goes_on && !check.session_ref.is_empty() => {
                return Ok(FaceOutcome::Unclear);
            }
            _ => {}
        }
        let city = self.city(actor)?;
        let now = self.clock.now();
        let mut work = self.store.begin(permit).await?;
        if check.session_ref != session || check.status == CheckStatus::Started {
            let next = if session.is_empty() {
                UNCLEAR_FOR
            } else {
                FIRST_ASK
            };
            work.face_checks()
                .note_session(check.id, session, "", Some(now + next))
                .await?;
        }
        let (to, reason) = write_verdict(&mut *work, check, verdict, now).await?;
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
        Ok(match to {
            CheckStatus::Passed => FaceOutcome::Passed,
            CheckStatus::Failed => FaceOutcome::Failed {
                code: reason,
                left: city
                    .face_failures_per_day
                    .saturating_sub(u32::try_from(failures).unwrap_or(u32::MAX)),
            },
            CheckStatus::Cancelled if reason == PERSON_CHANGED => {
                return Err(UseError::conflict(PERSON_CHANGED));
            }
            CheckStatus::Cancelled => FaceOutcome::Ended { code: reason },
            _ => FaceOutcome::Unclear,
        })
    }
}

//! Sweep 待确认核验: verdicts that are still owed are asked for by the city's own job, until they come or nobody can tell any more.

use std::sync::Arc;

use domain::identity::CheckStatus;
use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::{
    FIRST_ASK,
    notices::SETTLED,
    verdict::{NO_ANSWER, ask_verdict, ended, query_of, write_verdict},
};
use crate::{
    access::Permit,
    city::Cities,
    error::{Kind, UseError, UseResult},
    ports::{
        clock::Clock,
        face::{FaceVerdict, FaceVerifier},
        face_checks::FaceCheck,
        plugs::Plugs,
        sealing::Sealer,
        store::Store,
    },
};

const ROUND: i64 = 20;
/// How long one worker has a check for itself.
const LEASE: Duration = Duration::minutes(2);
/// A session that nobody finished is over: providers keep theirs for two hours at most.
const LEFT_AFTER: Duration = Duration::hours(3);
/// An unclear answer that is not settled by then never will be; providers keep their material for three days.
const GIVEN_UP_AFTER: Duration = Duration::hours(48);

/// The worker.
#[derive(Clone)]
pub struct FaceSweep {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub sealer: Arc<dyn Sealer>,
    pub cities: Arc<dyn Cities>,
    pub verifiers: Arc<dyn Plugs<dyn FaceVerifier>>,
}

impl FaceSweep {
    /// One round in the city of the permit; answers how many checks were settled.
    pub async fn round(&self, permit: &Permit) -> UseResult<usize> {
        let now = self.clock.now();
        self.sealer.ready(permit.city().0).await?;
        let mut work = self.store.begin(permit).await?;
        let due = work
            .face_checks()
            .due_checks(now, now + LEASE, ROUND)
            .await?;
        work.commit().await?;
        let mut settled = 0;
        for check in due {
            match self.ask(permit, &check).await {
                Ok(done) => settled += usize::from(done),
                // The person asked at the same moment.
                Err(error) if error.kind == Kind::Conflict => {}
                Err(error) => {
                    tracing::error!(check = %check.id, code = error.code, "a face check was not asked for");
                }
            }
        }
        Ok(settled)
    }

    async fn ask(&self, permit: &Permit, check: &FaceCheck) -> UseResult<bool> {
        let age = self.clock.now() - check.created_at;
        if check.session_ref.is_empty() {
            return self.end(permit, check, NO_ANSWER).await;
        }
        let verifier = self.verifiers.of(permit.city()).await?;
        // Another provider's session is nobody's to ask for.
        if verifier.kind() != check.provider {
            return self.end(permit, check, NO_ANSWER).await;
        }
        let mut work = self.store.begin(permit).await?;
        let city = self.cities.by_id(permit.city());
        let city = city.ok_or_else(UseError::not_found)?;
        let query = query_of(&verifier, &*self.sealer, &mut *work, &city, check).await?;
        drop(work);
        match ask_verdict(&verifier, &query).await {
            FaceVerdict::Pending if age >= LEFT_AFTER => {
                self.end(permit, check, "face.left_early").await
            }
            FaceVerdict::Unclear if age >= GIVEN_UP_AFTER => {
                self.end(permit, check, NO_ANSWER).await
            }
            FaceVerdict::Pending | FaceVerdict::Unclear => {
                let mut work = self.store.begin(permit).await?;
                work.face_checks()
                    .ask_again_at(check.id, self.next_ask(check.asks))
                    .await?;
                work.commit().await?;
                Ok(false)
            }
            verdict => self.settle(permit, check, verdict).await,
        }
    }

    /// One minute, two, four … an hour.
    fn next_ask(&self, asks: i32) -> OffsetDateTime {
        let doublings = u32::try_from(asks.clamp(0, 6)).unwrap_or_default();
        self.clock.now() + (FIRST_ASK * 2_i32.pow(doublings)).min(Duration::hours(1))
    }

    async fn settle(
        &self,
        permit: &Permit,
        check: &FaceCheck,
        verdict: FaceVerdict,
    ) -> UseResult<bool> {
        let now = self.clock.now();
        let mut work = self.store.begin(permit).await?;
        write_verdict(&mut *work, check, verdict, now).await?;
        let payload = json!({ "check": check.id.to_string() });
        work.outbox()
            .push(self.clock.new_id(), SETTLED, payload, now)
            .await?;
        work.commit().await?;
        Ok(true)
    }

    async fn end(&self, permit: &Permit, check: &FaceCheck, reason: &str) -> UseResult<bool> {
        let now = self.clock.now();
        let mut work = self.store.begin(permit).await?;
        work.face_checks()
            .settle_check(check.id, ended(check.status, reason, now))
            .await?;
        if check.status == CheckStatus::Unclear || reason == NO_ANSWER {
            let payload = json!({ "check": check.id.to_string() });
            work.outbox()
                .push(self.clock.new_id(), SETTLED, payload, now)
                .await?;
        }
        work.commit().await?;
        Ok(true)
    }
}

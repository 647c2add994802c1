//! Verdict 核验结果: asked from the provider, and written down the same way for whoever asked (S-44).

use std::{sync::Arc, time::Duration as Patience};

use domain::{identity::CheckStatus, values::PersonName};
use time::OffsetDateTime;
use tokio::time::timeout;

use crate::{
    error::{UseError, UseResult},
    ports::{
        face::{FaceQuery, FaceVerdict, FaceVerifier},
        face_checks::{FaceCheck, Settlement},
        sealing::Sealer,
        store::UnitOfWork,
    },
    profile::open_facts,
};

/// The whole call of a face provider (S-43).
pub(super) const PROVIDER_PATIENCE: Patience = Patience::from_secs(15);
/// The legal representative is another one now.
pub(super) const PERSON_CHANGED: &str = "face.person_changed";

/// The end of an attempt that has no verdict.
pub(super) fn ended(from: CheckStatus, reason_code: &str, at: OffsetDateTime) -> Settlement<'_> {
    Settlement {
        from,
        to: CheckStatus::Cancelled,
        score: None,
        reason_code,
        charged: None,
        at,
    }
}

/// Whose verdict is asked: the person as the enterprise has them now.
pub(super) async fn query_of(
    sealer: &dyn Sealer,
    work: &mut dyn UnitOfWork,
    check: &FaceCheck,
) -> UseResult<FaceQuery> {
    let incomplete = || UseError::conflict("face.profile_incomplete");
    let facts = work
        .enterprises()
        .facts(check.enterprise)
        .await?
        .ok_or_else(UseError::not_found)?;
    let opened = open_facts(sealer, check.city, &facts)?;
    Ok(FaceQuery {
        check: check.id,
        session: check.session_ref.clone(),
        name: PersonName::parse(&opened.legal_representative).map_err(|_| incomplete())?,
        id: opened.legal_id.ok_or_else(incomplete)?,
    })
}

/// What the provider says; everything that is no answer is unclear.
pub(super) async fn ask_verdict(
    verifier: &Arc<dyn FaceVerifier>,
    query: &FaceQuery,
) -> FaceVerdict {
    match timeout(PROVIDER_PATIENCE, verifier.verdict(query)).await {
        Ok(Ok(verdict)) => verdict,
        Ok(Err(error)) => {
            tracing::warn!(%error, "the face provider told no verdict");
            FaceVerdict::Unclear
        }
        Err(_) => FaceVerdict::Unclear,
    }
}

/// Moves an attempt to where the verdict leads; a person who was changed meanwhile is not verified by it.
pub(super) async fn write_verdict(
    work: &mut dyn UnitOfWork,
    check: &FaceCheck,
    verdict: FaceVerdict,
    now: OffsetDateTime,
) -> UseResult<(CheckStatus, &'static str)> {
    let (mut to, score, mut reason, charged) = match verdict {
        FaceVerdict::Passed { score } => (CheckStatus::Passed, score, "", Some(true)),
        FaceVerdict::Failed { why, charged } => {
            (CheckStatus::Failed, None, why.code(), Some(charged))
        }
        FaceVerdict::Ended(why) => (CheckStatus::Cancelled, None, why.code(), Some(false)),
        FaceVerdict::Pending | FaceVerdict::Unclear => (CheckStatus::Unclear, None, "", None),
    };
    work.face_checks().lock_person(check.user).await?;
    if to == CheckStatus::Passed {
        let facts = work.enterprises().facts(check.enterprise).await?;
        if facts.is_none_or(|f| f.legal_id_index != check.legal_id_index) {
            (to, reason) = (CheckStatus::Cancelled, PERSON_CHANGED);
        }
    }
    let moved = work
        .face_checks()
        .settle_check(
            check.id,
            Settlement {
                from: check.status,
                to,
                score,
                reason_code: reason,
                charged,
                at: now,
            },
        )
        .await?;
    if !moved {
        return Err(UseError::conflict("stale"));
    }
    if to == CheckStatus::Passed {
        work.face_checks()
            .mark_verified(check.user, "face", now)
            .await?;
    }
    Ok((to, reason))
}

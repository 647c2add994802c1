//! Verdict 核验结果: asked from the provider, and written down the same way for whoever asked (S-44).

use std::{sync::Arc, time::Duration as Patience};

use domain::{identity::CheckStatus, ids::UserId, values::PersonName};
use time::OffsetDateTime;
use tokio::time::timeout;

use super::FACE_AGREEMENT;
use crate::{
    city::City,
    error::{UseError, UseResult},
    mini::openid_place,
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
/// The person no longer agrees (S-33).
pub(crate) const CONSENT_WITHDRAWN: &str = "face.consent_withdrawn";
/// Nobody could tell how it came out.
pub(super) const NO_ANSWER: &str = "face.no_answer";

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

/// Who the person is to the city's mini-program, for providers that want it; empty for somebody who is not bound to it.
pub(super) async fn openid_for(
    verifier: &Arc<dyn FaceVerifier>,
    sealer: &dyn Sealer,
    work: &mut dyn UnitOfWork,
    (city, user): (&City, UserId),
) -> UseResult<String> {
    let app = city
        .plugs
        .get("wechat")
        .and_then(|s| s.get("app_id")?.as_str());
    let (true, Some(app)) = (verifier.wants_openid(), app) else {
        return Ok(String::new());
    };
    let Some(sealed) = work.wechat_people().openid_of(user, app).await? else {
        return Ok(String::new());
    };
    let plain = sealer.open(&openid_place(city.id, user), &sealed)?;
    String::from_utf8(plain).map_err(UseError::bug)
}

/// Whose verdict is asked: the person as the enterprise has them now.
pub(super) async fn query_of(
    verifier: &Arc<dyn FaceVerifier>,
    sealer: &dyn Sealer,
    work: &mut dyn UnitOfWork,
    city: &City,
    check: &FaceCheck,
) -> UseResult<FaceQuery> {
    let openid = openid_for(verifier, sealer, work, (city, check.user)).await?;
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
        openid,
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
        } else if !work
            .face_checks()
            .stands_by(check.user, FACE_AGREEMENT)
            .await?
        {
            (to, reason) = (CheckStatus::Cancelled, CONSENT_WITHDRAWN);
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

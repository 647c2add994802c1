//! 验证身份 before what weighs (S-41): approving, refusing, signing, exports, roles, settings want a proof at most five
//! minutes old.
//!
//! A page with such a form takes [`FreshProof`] (or asks [`first`]) and so sends the person to prove before anything is typed.
//! Its POST asks [`carry`]: when the five minutes ran out meanwhile, the form travels through the proof and comes back whole.

use application::access::Actor;
use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
    response::{IntoResponse as _, Redirect, Response},
};

use crate::{
    kit::Kit,
    visit::{StaffVisit, Visit, encode},
};

/// Where staff prove.
pub const DOOR: &str = "/staff/prove";

/// True while the last proof is at most five minutes old.
pub fn is_fresh(visit: &Visit) -> bool {
    visit.signed.as_ref().is_some_and(|s| s.freshly_proved)
}

/// For pages: the way to the proof, which comes back here; nothing when it is fresh.
pub fn first(visit: &Visit) -> Option<Response> {
    (!is_fresh(visit)).then(|| {
        let to = format!("{DOOR}?next={}", encode(&visit.path_and_query));
        Redirect::to(&to).into_response()
    })
}

/// For posted forms without files: the whole form goes on to the proof (307) and, once proved, is offered for sending again;
/// nothing when the proof is fresh. Ask it after what else could refuse the form, so that nobody proves in vain.
pub fn carry(visit: &Visit) -> Option<Response> {
    (!is_fresh(visit)).then(|| {
        let to = format!("{DOOR}?to={}", encode(&visit.path));
        Redirect::temporary(&to).into_response()
    })
}

/// A visit by staff with a fresh proof; without one they are sent to prove first and come back.
pub struct FreshProof(pub Visit);

impl FreshProof {
    /// The signed-in person.
    pub fn actor(&self) -> &Actor {
        self.0.actor().expect("made only with a signed-in person")
    }
}

impl<S> FromRequestParts<S> for FreshProof
where
    S: Send + Sync,
    Kit: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let StaffVisit(visit) = StaffVisit::from_request_parts(parts, state)
            .await
            .map_err(axum::response::IntoResponse::into_response)?;
        match first(&visit) {
            Some(response) => Err(response),
            None => Ok(Self(visit)),
        }
    }
}

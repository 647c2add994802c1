//! Identity 人脸核验: the person who acts is the one on the ID card (M-422 to M-425), by camera, by phone, or at a counter.

mod away;
mod check;
mod consent;
mod counter;
mod handover;
pub(crate) mod notices;
mod request;
pub(crate) mod review;
mod review_desk;
mod status;
mod sweep;
mod verdict;

use std::sync::Arc;

use domain::{calendar::SHANGHAI, ids::EnterpriseId};
use time::{Duration, OffsetDateTime};

pub use away::Leave;
pub use check::FaceOutcome;
pub use counter::{ConfirmAtCounter, CounterDesk};
pub use handover::{HandoverState, PhoneStep};
pub use request::CounterChoice;
pub use review::REVIEW_AGREEMENT;
pub use review_desk::{Evidence, ReviewCase};
pub use status::FaceStatus;
pub use sweep::FaceSweep;
pub(crate) use verdict::CONSENT_WITHDRAWN;

use crate::{
    access::{Actor, Guard},
    city::{Agreement, Cities, City},
    error::{UseError, UseResult},
    files::Files,
    ports::{
        clock::Clock, face::FaceVerifier, handovers::HandoverDoor, limits::Limits,
        pictures::PictureStudio, plugs::Plugs, reference::RegionDirectory, sealing::Sealer,
        store::Store, tokens::Tokens,
    },
};

/// Code of the text that must be accepted before a face is taken (S-32).
pub const FACE_AGREEMENT: &str = "face";
/// How long a hand-over link lives.
pub const HANDOVER_LIFE: Duration = Duration::minutes(10);
/// An attempt that was started so long ago was interrupted.
const INTERRUPTED_AFTER: Duration = Duration::minutes(2);
/// An unclear answer that stays unclear so long makes room for a new attempt.
const UNCLEAR_FOR: Duration = Duration::minutes(30);

/// When the worker asks first for a verdict that is owed.
const FIRST_ASK: Duration = Duration::minutes(1);

/// 人脸核验.
#[derive(Clone)]
pub struct Identity {
    pub guard: Guard,
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub sealer: Arc<dyn Sealer>,
    pub tokens: Arc<dyn Tokens>,
    pub studio: Arc<dyn PictureStudio>,
    pub limits: Arc<dyn Limits>,
    pub cities: Arc<dyn Cities>,
    pub regions: Arc<dyn RegionDirectory>,
    pub files: Files,
    pub verifiers: Arc<dyn Plugs<dyn FaceVerifier>>,
    pub door: Arc<dyn HandoverDoor>,
}

impl Identity {
    fn enterprise(actor: &Actor) -> UseResult<EnterpriseId> {
        actor.enterprise.ok_or_else(UseError::not_found)
    }

    fn city(&self, actor: &Actor) -> UseResult<Arc<City>> {
        self.cities
            .by_id(actor.city)
            .ok_or_else(|| UseError::bug("a city of a session is unknown"))
    }

    fn agreement(city: &City) -> UseResult<&Agreement> {
        city.agreement(FACE_AGREEMENT)
            .ok_or_else(|| UseError::bug("the city has no face agreement"))
    }
}

/// The first instant of the day in Asia/Shanghai (S-50).
fn day_start(now: OffsetDateTime) -> OffsetDateTime {
    now.to_offset(SHANGHAI).replace_time(time::Time::MIDNIGHT)
}

/// Where a channel's name becomes the provider's notion of it.
fn channel(actor: &Actor) -> crate::ports::face::FaceChannel {
    use crate::ports::face::FaceChannel as C;
    match actor.from.channel {
        "phone" => C::Phone,
        "mini_program" => C::MiniProgram,
        _ => C::Web,
    }
}

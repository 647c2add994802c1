//! Face verifier 人脸核验供应商: says whether the person in front of the camera is the one on the ID card.

use async_trait::async_trait;
use domain::{
    ids::FaceCheckId,
    values::{PersonName, ResidentId},
};

/// Whom the check is about: the legal representative and their ID-card photo (M-424).
#[derive(Clone)]
pub struct FaceSubject {
    pub name: PersonName,
    pub id: ResidentId,
    /// 身份证正面照片, JPEG.
    pub id_photo: Vec<u8>,
}

/// Where the person is filmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaceChannel {
    Web,
    Phone,
    MiniProgram,
}

/// What a demonstration may be asked to answer; real providers never see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemoOutcome {
    Pass,
    Fail,
    Unclear,
}

/// A check to be started.
#[derive(Clone)]
pub struct FaceAsk {
    pub check: FaceCheckId,
    pub subject: FaceSubject,
    pub channel: FaceChannel,
    /// The photo just taken, JPEG. Not kept once the provider has it.
    pub photo: Vec<u8>,
    /// Only the demonstration reads it; it cannot be configured in production.
    pub demo: Option<DemoOutcome>,
}

/// Why a face was not accepted, in our words; the provider's code stays with the provider (S-45).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaceFailure {
    /// The faces differ.
    Different,
    /// No face, blurred, covered: take it again.
    PoorPhoto,
    /// Not a living person in front of the camera.
    NotLive,
    /// The official source cannot compare: the counter must.
    CannotCompare,
}

impl FaceFailure {
    /// Stable code, key of the message.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Different => "face.different",
            Self::PoorPhoto => "face.poor_photo",
            Self::NotLive => "face.not_live",
            Self::CannotCompare => "face.cannot_compare",
        }
    }
}

/// What the provider says when asked, server to server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaceVerdict {
    /// Not yet known: ask again.
    Pending,
    /// Hundredths of a point, where there is a score.
    Passed {
        score: Option<i32>,
    },
    Failed {
        why: FaceFailure,
        charged: bool,
    },
    /// An answer that we do not know: never a success.
    Unclear,
}

#[async_trait]
pub trait FaceVerifier: Send + Sync {
    /// Name of the make, kept with every attempt.
    fn kind(&self) -> &'static str;
    /// Who compares, as the person reads it.
    fn provider_name(&self) -> &str;
    /// True for the demonstration, which compares nothing.
    fn is_demo(&self) -> bool {
        false
    }
    /// Starts a check; answers the provider's session, to be asked for the verdict.
    async fn start(&self, ask: FaceAsk) -> Result<String, FaceError>;
    /// The verdict of a session. Harmless to repeat.
    async fn verdict(&self, session: &str) -> Result<FaceVerdict, FaceError>;
}

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
pub enum FaceError {
    #[error("the face provider refused the call: {0}")]
    Refused(String),
    #[error("the face provider was not reached: {0}")]
    Unreachable(String),
}

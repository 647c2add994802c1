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

/// How a provider works on a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaceWay {
    /// 照片比对: our page takes the photo.
    Photo,
    /// 跳转核验: the person is filmed on the provider's own page or by its component.
    Away,
    /// Not on this channel.
    Nowhere,
}

/// What only a check on the provider's own page needs.
#[derive(Clone, Default)]
pub struct FaceJourney {
    /// Our page to which the provider sends the person back, with its state; a whole address.
    pub return_to: String,
    /// What the person's browser calls itself.
    pub browser: String,
    /// openid of the person in the city's mini-program; empty unless the provider wants it.
    pub openid: String,
}

/// A check to be started.
#[derive(Clone)]
pub struct FaceAsk {
    pub check: FaceCheckId,
    pub subject: FaceSubject,
    pub channel: FaceChannel,
    /// The photo just taken, JPEG; empty when the provider films. Not kept once the provider has it.
    pub photo: Vec<u8>,
    pub journey: FaceJourney,
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
    /// Name and number do not belong together: the data must be corrected.
    Mismatch,
    /// The identity card that was shown is another, or could not be read.
    Card,
    /// The identity card has run out.
    CardExpired,
    /// The provider compares this person no more today.
    TooOften,
}

impl FaceFailure {
    /// Stable code, key of the message.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Different => "face.different",
            Self::PoorPhoto => "face.poor_photo",
            Self::NotLive => "face.not_live",
            Self::CannotCompare => "face.cannot_compare",
            Self::Mismatch => "face.mismatch",
            Self::Card => "face.card",
            Self::CardExpired => "face.card_expired",
            Self::TooOften => "face.too_often",
        }
    }

    /// The code of a failure as it was written down.
    pub fn known(code: &str) -> Option<&'static str> {
        let all = [
            Self::Different,
            Self::PoorPhoto,
            Self::NotLive,
            Self::CannotCompare,
            Self::Mismatch,
            Self::Card,
            Self::CardExpired,
            Self::TooOften,
        ];
        all.into_iter().map(Self::code).find(|known| *known == code)
    }
}

/// Why a check ended without comparing anybody; it counts for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaceEnd {
    /// The person left, or the session ran out.
    Left,
    /// Device, camera or browser are not fit for it.
    Device,
    /// The provider's system failed.
    System,
}

impl FaceEnd {
    /// Stable code, key of the message.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Left => "face.left_early",
            Self::Device => "face.device",
            Self::System => "face.system",
        }
    }

    /// The code of an end as it was written down.
    pub fn known(code: &str) -> Option<&'static str> {
        let all = [Self::Left, Self::Device, Self::System];
        all.into_iter().map(Self::code).find(|known| *known == code)
    }
}

/// What the provider says when asked, server to server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaceVerdict {
    /// Not yet known: ask again.
    Pending,
    /// Hundredths of a point, where there is a score.
    Passed { score: Option<i32> },
    Failed {
        why: FaceFailure,
        /// The provider takes money for it.
        charged: bool,
    },
    /// It ended without a verdict, and never will have one.
    Ended(FaceEnd),
    /// An answer that we do not know: never a success.
    Unclear,
}

/// A check that was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaceStart {
    /// 照片比对: judged at once. Without a session nobody can be asked again.
    Judged {
        session: String,
        verdict: FaceVerdict,
    },
    /// 跳转核验: the person goes on elsewhere; the verdict is asked by us (S-44).
    Away {
        session: String,
        /// The provider's page, where there is one.
        page: String,
        /// What the provider's component in the mini-program wants.
        token: String,
    },
}

/// Whose verdict is asked; providers repeat the person in their answer, and it has to be the same.
#[derive(Clone)]
pub struct FaceQuery {
    pub check: FaceCheckId,
    pub session: String,
    pub name: PersonName,
    pub id: ResidentId,
    /// openid of the person in the city's mini-program; empty unless the provider wants it.
    pub openid: String,
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
    /// How it works on a channel.
    fn way(&self, channel: FaceChannel) -> FaceWay;
    /// Who the person is to the city's mini-program is part of the question.
    fn wants_openid(&self) -> bool {
        false
    }
    /// Attempts a day that the provider may take money for without success; below the providers' own limits.
    fn charged_most(&self) -> u32 {
        u32::MAX
    }
    /// Starts a check, once.
    async fn start(&self, ask: FaceAsk) -> Result<FaceStart, FaceError>;
    /// The verdict of a session. Harmless to repeat, and free.
    async fn verdict(&self, query: &FaceQuery) -> Result<FaceVerdict, FaceError>;
}

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
pub enum FaceError {
    #[error("the face provider refused the call: {0}")]
    Refused(String),
    #[error("the face provider was not reached: {0}")]
    Unreachable(String),
    /// Nobody knows whether it was done.
    #[error("the face provider's answer is unclear: {0}")]
    Unclear(String),
}

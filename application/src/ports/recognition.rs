//! Recognizer 证照识别: reads the fields of a business licence or identity card from its photo. What it says is a proposal
//! for a form that a person confirms (M-604, M-605), never a fact.

use async_trait::async_trait;
use domain::{
    enterprise::ProfileFile,
    values::{Address, Cents, CompanyName, PersonName, ResidentId, UnifiedSocialCreditCode},
};
use time::Date;

/// Sureness 可信程度: what the page writes beside the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sureness {
    /// 已识别.
    Recognised,
    /// 请核对: readable, but something speaks against it.
    Doubtful,
}

/// One field that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read<T> {
    pub value: T,
    pub sureness: Sureness,
    /// 0 to 100, as far as the maker tells one.
    pub confidence: u8,
}

impl<T> Read<T> {
    /// The same field with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Read<U> {
        Read {
            value: change(self.value),
            sureness: self.sureness,
            confidence: self.confidence,
        }
    }
}

/// Term 营业期限, 有效期限; without an end it is 长期.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValidTerm {
    pub from: Option<Date>,
    pub until: Option<Date>,
}

/// Business licence 营业执照; what was not read is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LicenceRead {
    /// May fail its checks, and is doubtful then.
    pub credit_code: Option<Read<UnifiedSocialCreditCode>>,
    pub name: Option<Read<CompanyName>>,
    /// 类型, as printed.
    pub kind: Option<Read<String>>,
    /// 法定代表人, 负责人, 经营者, 执行事务合伙人 or 投资人.
    pub legal_representative: Option<Read<PersonName>>,
    /// 注册资本, 出资额; only in yuan.
    pub registered_capital: Option<Read<Cents>>,
    pub established: Option<Read<Date>>,
    pub term: Option<Read<ValidTerm>>,
    /// 住所, 经营场所.
    pub address: Option<Read<Address>>,
    /// 经营范围, as printed.
    pub scope: Option<Read<String>>,
}

/// Identity card, the side with the portrait 身份证正面照片.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdFrontRead {
    pub name: Option<Read<PersonName>>,
    /// 性别: 男 or 女.
    pub sex: Option<Read<String>>,
    pub nation: Option<Read<String>>,
    pub birth: Option<Read<Date>>,
    pub address: Option<Read<Address>>,
    /// Only with a right check sign.
    pub number: Option<Read<ResidentId>>,
}

/// Identity card, the side with the emblem 身份证反面照片.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdBackRead {
    /// 签发机关.
    pub authority: Option<Read<String>>,
    pub term: Option<Read<ValidTerm>>,
}

/// What was read from one picture; at least one field is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recognised {
    Licence(Box<LicenceRead>),
    IdFront(Box<IdFrontRead>),
    IdBack(Box<IdBackRead>),
}

#[async_trait]
pub trait Recognizer: Send + Sync {
    /// Name of the make, as the city's file calls it.
    fn kind(&self) -> &'static str;

    /// Who reads, as the person is told; nobody when the picture stays with the platform.
    fn provider_name(&self) -> Option<&str> {
        None
    }

    /// True for a demonstration that reads nothing.
    fn is_demo(&self) -> bool {
        false
    }

    /// Reads a picture that `PictureStudio` made: JPEG, upright, without metadata. Harmless to repeat.
    async fn recognise(
        &self,
        document: ProfileFile,
        jpeg: Vec<u8>,
    ) -> Result<Recognised, RecognitionError>;

    /// Whether everything it needs is there, without asking anybody outside.
    async fn self_check(&self) -> Result<(), RecognitionError>;
}

/// Why nothing was read. The maker's own code and text stay with the maker (S-45).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecognitionError {
    /// Blurred, dark, too small: another photo may do.
    #[error("the picture cannot be read")]
    Unreadable,
    /// Readable, but not the document that was asked for.
    #[error("the picture does not show the document")]
    OtherDocument,
    /// An answer that we do not know.
    #[error("the answer is unclear: {0}")]
    Unclear(String),
    /// The waiting line is full, or the provider throttles.
    #[error("too many pictures are being read at this moment")]
    Busy,
    /// Settings, contract or programs are missing: for the operator.
    #[error("recognition is not set up: {0}")]
    NotReady(String),
    /// Not there, or not in time.
    #[error("recognition was not reached: {0}")]
    Unreachable(String),
}

impl RecognitionError {
    /// Stable code, key of the message.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable => "recognition.unreadable",
            Self::OtherDocument => "recognition.other_document",
            Self::Unclear(_) => "recognition.unclear",
            Self::Busy => "recognition.busy",
            Self::NotReady(_) | Self::Unreachable(_) => "recognition.unavailable",
        }
    }
}

//! Enterprises 企业: facts, files, standing and what a bank's dossier is made of.

use async_trait::async_trait;
use domain::{
    enterprise::{RequiredFact, Standing},
    ids::{EnterpriseId, TenantId, UserId},
};
use time::OffsetDateTime;

use super::{enterprise_files::FileRow, sizes::SizeDeclaration, store::StoreError};

/// The facts of an enterprise as stored: personal ones sealed.
#[derive(Clone, Debug)]
pub struct EnterpriseFacts {
    pub id: EnterpriseId,
    pub name: String,
    pub legal_representative: String,
    pub region_code: String,
    pub credit_code: Option<String>,
    pub registered_capital_cents: Option<i64>,
    pub legal_id_sealed: Option<Vec<u8>>,
    pub legal_id_index: Option<Vec<u8>>,
    pub contact_phone_sealed: Option<Vec<u8>>,
    pub industry_code: Option<String>,
    pub address: Option<String>,
    pub recommender: Option<TenantId>,
    pub email_sealed: Option<Vec<u8>>,
    pub first_loan: bool,
    pub completed_at: Option<OffsetDateTime>,
    /// 企业账户 held by the city: nothing new is submitted.
    pub frozen: bool,
    pub version: i32,
}

impl EnterpriseFacts {
    /// What is still missing of 完善信息, in the order of the page (M-405 to M-416).
    pub fn missing(&self, files: &[FileRow]) -> Vec<RequiredFact> {
        use RequiredFact as F;
        let has = |fact: F| match fact {
            F::Licence | F::IdFront | F::IdBack => files.iter().any(|f| f.kind == fact.code()),
            F::Name => !self.name.is_empty(),
            F::CreditCode => self.credit_code.is_some(),
            F::LegalRepresentative => !self.legal_representative.is_empty(),
            F::LegalId => self.legal_id_sealed.is_some(),
            F::ContactPhone => self.contact_phone_sealed.is_some(),
            F::Region => !self.region_code.is_empty(),
            F::Industry => self.industry_code.is_some(),
            F::Address => self.address.as_deref().is_some_and(|a| !a.is_empty()),
        };
        F::ALL.iter().copied().filter(|f| !has(*f)).collect()
    }
}

/// Checked facts to be written, personal ones already sealed.
#[derive(Clone, Debug)]
pub struct ProfileFacts {
    pub name: String,
    pub legal_representative: String,
    pub region_code: String,
    pub credit_code: String,
    pub registered_capital_cents: Option<i64>,
    pub legal_id_sealed: Vec<u8>,
    pub legal_id_index: [u8; 32],
    pub contact_phone_sealed: Vec<u8>,
    pub industry_code: String,
    pub address: String,
    pub recommender: Option<TenantId>,
    pub email_sealed: Option<Vec<u8>>,
}

/// What the dossier of a bank is built from: sealed facts, the files of now, and who was verified how.
#[derive(Clone, Debug)]
pub struct DossierSource {
    pub facts: EnterpriseFacts,
    pub files: Vec<FileRow>,
    /// Sealed under `users / <user> / phone_sealed`.
    pub phone_sealed: Vec<u8>,
    pub face_verified_at: Option<OffsetDateTime>,
    /// `face`, `counter` or `manual`.
    pub face_method: Option<String>,
    /// 人脸核验 counts now: done, and its consent not withdrawn since.
    pub face_verified: bool,
    /// 企业划型 as last declared.
    pub size: Option<SizeDeclaration>,
}

/// An institution that may be named as 推荐机构 (M-417, A-19).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recommender {
    pub id: TenantId,
    pub name: String,
}

#[async_trait]
pub trait Enterprises: Send {
    async fn facts(&mut self, id: EnterpriseId) -> Result<Option<EnterpriseFacts>, StoreError>;

    /// The same, locked until the commit: files and dossiers of one enterprise are changed one at a time.
    async fn facts_for_update(
        &mut self,
        id: EnterpriseId,
    ) -> Result<Option<EnterpriseFacts>, StoreError>;

    /// Writes checked facts over version `version`; `Stale` when somebody else saved since.
    async fn save_profile(
        &mut self,
        id: EnterpriseId,
        version: i32,
        facts: &ProfileFacts,
        at: OffsetDateTime,
    ) -> Result<(), StoreError>;

    /// Profile complete or not; a required file that is gone makes it incomplete again.
    async fn set_completed(
        &mut self,
        id: EnterpriseId,
        at: Option<OffsetDateTime>,
    ) -> Result<(), StoreError>;

    /// Whether this person may submit for their enterprise (M-401); `None` for people of no enterprise.
    async fn standing(&mut self, user: UserId) -> Result<Option<Standing>, StoreError>;

    /// What a dossier is built from, locked against changes until the commit.
    async fn dossier_source(
        &mut self,
        id: EnterpriseId,
        user: UserId,
    ) -> Result<Option<DossierSource>, StoreError>;

    /// Published institutions of the city, in their order.
    async fn recommenders(&mut self) -> Result<Vec<Recommender>, StoreError>;
}

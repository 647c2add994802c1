//! Diligence papers 尽调报告 and 尽调照片: the bank's own, never shown to the enterprise or the city.

use async_trait::async_trait;
use domain::{
    financing::DueDiligenceReport,
    ids::{DiligencePhotoId, FinancingApplicationId, TenantId, UserId},
};
use time::OffsetDateTime;

use super::{sealing::Place, store::StoreError};

/// A stored report, with who wrote it last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredReport {
    pub report: DueDiligenceReport,
    pub written_by: UserId,
    pub written_name: String,
    pub version: i32,
    pub updated_at: OffsetDateTime,
}

/// One photo of a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiligencePhoto {
    pub id: DiligencePhotoId,
    pub caption: String,
    pub object_key: String,
    pub byte_size: i32,
    pub sha256: Vec<u8>,
    pub added_by: UserId,
    pub added_at: OffsetDateTime,
}

impl DiligencePhoto {
    /// Where the sealed picture stands.
    pub fn place(city: TenantId, photo: DiligencePhotoId) -> Place {
        Place {
            tenant: city.0,
            table: "due_diligence_photos",
            row: photo.0,
            column: "object",
        }
    }
}

#[async_trait]
pub trait DiligencePapers: Send {
    async fn report(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Option<StoredReport>, StoreError>;

    /// Writes version `report.version`; `Stale` unless the one before it stands there (0: none).
    async fn save_report(
        &mut self,
        application: FinancingApplicationId,
        report: &StoredReport,
    ) -> Result<(), StoreError>;

    /// Photos that were not removed, in the order in which they came.
    async fn photos(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Vec<DiligencePhoto>, StoreError>;

    async fn add_photo(
        &mut self,
        application: FinancingApplicationId,
        photo: &DiligencePhoto,
    ) -> Result<(), StoreError>;

    /// Takes a photo out of the report; `false` when it is not in it.
    async fn remove_photo(
        &mut self,
        application: FinancingApplicationId,
        photo: DiligencePhotoId,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError>;
}

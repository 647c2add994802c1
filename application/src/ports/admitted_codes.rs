//! Admitted codes 已核实的统一社会信用代码: codes that fail the public check and are genuine all the same.

use async_trait::async_trait;
use domain::ids::UserId;
use time::OffsetDateTime;

use super::store::StoreError;

/// One code that a person of the city has seen on a licence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdmittedCode {
    pub code: String,
    pub company_name: String,
    /// What it was checked against.
    pub reason: String,
    pub by: UserId,
    pub by_name: String,
    pub at: OffsetDateTime,
}

#[async_trait]
pub trait AdmittedCodes: Send {
    async fn is_admitted(&mut self, code: &str) -> Result<bool, StoreError>;
    /// `false` when it was admitted before.
    async fn admit(&mut self, code: &AdmittedCode) -> Result<bool, StoreError>;
    /// Newest first.
    async fn admitted(&mut self, most: i64) -> Result<Vec<AdmittedCode>, StoreError>;
}

//! Aged rows 到期记录 (S-35): what the city's job takes away after its time. The walls let no person do it, and nothing go early.

use async_trait::async_trait;
use time::OffsetDateTime;
use uuid::Uuid;

use super::store::StoreError;
use crate::retention::Kept;

/// One round of a sweep: of what, what ended before, how many at most.
#[derive(Clone, Copy, Debug)]
pub struct Sweep {
    pub of: Kept,
    pub before: OffsetDateTime,
    pub most: i64,
}

#[async_trait]
pub trait Aged: Send {
    /// Takes rows away that nothing else hangs on; answers how many.
    async fn forget_aged(&mut self, sweep: Sweep) -> Result<u64, StoreError>;
    /// Takes entries of a log away and keeps their links; the entry `noted_in` tells of it. Answers how many.
    async fn retire_entries(
        &mut self,
        sweep: Sweep,
        noted_in: Uuid,
        at: OffsetDateTime,
    ) -> Result<u64, StoreError>;
}

//! Leases 租约 of what workers make in the background: one worker has a job at a time, by the clock of the database's caller; whoever
//! dies in the middle is followed by another once the time is over.
//!
//! Exports and imports are such jobs. Both tables have `status`, `tries` and `lease_until`; only the word for "under way" differs.

use application::ports::store::StoreError;
use domain::ids::UserId;
use sqlx::{FromRow, postgres::PgRow};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

/// The statements of one kind of job.
#[derive(Clone, Copy)]
pub(crate) struct Leases {
    due: &'static str,
    take: &'static str,
}

macro_rules! leases {
    ($table:literal, $under_way:literal, $anew:literal) => {
        Leases {
            due: concat!(
                "select id, asked_by from ",
                $table,
                " where city_id = $1 and status in ('queued', '",
                $under_way,
                "') and (lease_until is null or lease_until <= $2) order by asked_at, id limit $3",
            ),
            take: concat!(
                "update ",
                $table,
                " set status = '",
                $under_way,
                "', tries = tries + 1, lease_until = $4",
                $anew,
                " where tenant_id = $1 and id = (select id from ",
                $table,
                " where tenant_id = $1 and id = $2 and status in ('queued', '",
                $under_way,
                "') and (lease_until is null or lease_until <= $3) for update skip locked) returning *",
            ),
        }
    };
}

/// A new try of an export begins with the first row; an import goes on behind the rows that are kept.
pub(crate) const EXPORTS: Leases = leases!("exports", "making", ", rows_done = 0");
pub(crate) const IMPORTS: Leases = leases!("imports", "working", "");

impl PgUnitOfWork {
    /// Jobs of the city that nobody has, the oldest first, and for whom they are done.
    pub(crate) async fn jobs_due(
        &mut self,
        leases: Leases,
        now: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<(Uuid, UserId)>, StoreError> {
        let rows: Vec<(Uuid, Uuid)> = sqlx::query_as(leases.due)
            .bind(self.city.0)
            .bind(now)
            .bind(most)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|(id, who)| (id, UserId(who)))
            .collect())
    }

    /// The job, now this worker's; nothing when another was quicker.
    pub(crate) async fn take_job<T>(
        &mut self,
        leases: Leases,
        id: Uuid,
        now: OffsetDateTime,
        lease_until: OffsetDateTime,
    ) -> Result<Option<T>, StoreError>
    where
        T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        sqlx::query_as(leases.take)
            .bind(self.tenant.0)
            .bind(id)
            .bind(now)
            .bind(lease_until)
            .fetch_optional(&mut *self.tx)
            .await
            .map_err(store_error)
    }
}

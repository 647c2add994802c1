//! Supervision 督办与冻结 on PostgreSQL.

use application::ports::{
    branch_board::{COUNT_CAP, Leaf},
    statistics::Counted,
    store::StoreError,
    supervision::{
        CityCounts, CityList, CityRows, CitySearch, HoldKind, HoldRequest, HoldStatus, Receipt,
        Side, SupervisionDesk, SupervisionNotice, Waiting,
    },
};
use async_trait::async_trait;
use domain::ids::{EnterpriseId, FinancingApplicationId, TenantId, UserId};
use sqlx::FromRow;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{city_board::codes, errors::store_error, store::PgUnitOfWork};

pub(crate) fn broken(what: &'static str) -> StoreError {
    StoreError::Broken(what.into())
}

#[derive(FromRow)]
struct HoldRow {
    id: Uuid,
    application_id: Uuid,
    application_no: String,
    enterprise_name: String,
    kind: String,
    reason: String,
    asked_by: Uuid,
    asked_name: String,
    asked_at: OffsetDateTime,
    status: String,
    settled_by: Option<Uuid>,
    settled_name: String,
    settled_at: Option<OffsetDateTime>,
    withdrawal: String,
}

impl TryFrom<HoldRow> for HoldRequest {
    type Error = StoreError;

    fn try_from(row: HoldRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            application: FinancingApplicationId(row.application_id),
            number: row.application_no,
            enterprise_name: row.enterprise_name,
            kind: HoldKind::from_code(&row.kind).ok_or_else(|| broken("an unknown hold"))?,
            reason: row.reason,
            asked_by: UserId(row.asked_by),
            asked_name: row.asked_name,
            asked_at: row.asked_at,
            status: HoldStatus::from_code(&row.status)
                .ok_or_else(|| broken("an unknown state of a hold"))?,
            settled_by: row.settled_by.map(UserId),
            settled_name: row.settled_name,
            settled_at: row.settled_at,
            withdrawal: row.withdrawal,
        })
    }
}

#[derive(FromRow)]
struct NoticeRow {
    id: Uuid,
    application_id: Uuid,
    application_no: String,
    enterprise_name: String,
    branch_id: Uuid,
    words: String,
    sent_by: Uuid,
    sent_name: String,
    at: OffsetDateTime,
    branch_read_at: Option<OffsetDateTime>,
    branch_read_name: String,
    bank_read_at: Option<OffsetDateTime>,
    bank_read_name: String,
}

impl From<NoticeRow> for SupervisionNotice {
    fn from(row: NoticeRow) -> Self {
        let receipt = |at: Option<OffsetDateTime>, name| at.map(|at| Receipt { name, at });
        Self {
            id: row.id,
            application: FinancingApplicationId(row.application_id),
            number: row.application_no,
            enterprise_name: row.enterprise_name,
            branch: TenantId(row.branch_id),
            words: row.words,
            sent_by: UserId(row.sent_by),
            sent_name: row.sent_name,
            at: row.at,
            read_by_branch: receipt(row.branch_read_at, row.branch_read_name),
            read_by_bank: receipt(row.bank_read_at, row.bank_read_name),
        }
    }
}

/// One line for each kind of thing that waits. Role grants: of the nodes that the city looks after itself; a branch's are its own.
const WAITING: &str = "\
    select 'late_complaints', count(*) from (select from complaints
      where tenant_id = $1 and status in ('filed', 'taken', 'reopened') and due_at < $2 limit $3) c
    union all select 'complaints', count(*) from (select from complaints
      where tenant_id = $1 and status in ('filed', 'taken', 'reopened') limit $3) c
    union all select 'account_holds', count(*) from (select from account_holds
      where tenant_id = $1 and status = 'open' limit $3) c
    union all select 'suspensions', count(*) from (select from institution_suspensions
      where tenant_id = $1 and status = 'open' limit $3) c
    union all select 'grants', count(*) from (select from role_grants g join tenants t on t.id = g.tenant_id
      where g.status = 'open' and t.kind <> 'branch' limit $3) c
    union all select 'codes', count(*) from (select from code_proposals
      where tenant_id = $1 and status = 'open' limit $3) c
    union all select 'faces', count(*) from (select from face_reviews
      where tenant_id = $1 and status in ('requested', 'proposed') limit $3) c
    union all select 'content', count(*) from (select from content_drafts
      where tenant_id = $1 and status = 'in_review' limit $3) c
    union all select 'rules', count(*) from (select from city_rule_changes
      where tenant_id = $1 and status = 'open' and kind <> 'work_days' and kind not like 'notice_text:%' limit $3) c
    union all select 'days', count(*) from (select from city_rule_changes
      where tenant_id = $1 and status = 'open' and kind = 'work_days' limit $3) c
    union all select 'texts', count(*) from (select from city_rule_changes
      where tenant_id = $1 and status = 'open' and kind like 'notice_text:%' limit $3) c";

#[async_trait]
impl SupervisionDesk for PgUnitOfWork {
    async fn city_rows(
        &mut self,
        list: CityList,
        search: Option<&CitySearch>,
        counted: Option<&Counted>,
        now: OffsetDateTime,
        leaf: Leaf,
        most: i64,
    ) -> Result<CityRows, StoreError> {
        self.city_page(list, (search, counted), now, leaf, most)
            .await
    }

    async fn enterprise_of(
        &mut self,
        credit_code: &str,
    ) -> Result<Option<(EnterpriseId, String)>, StoreError> {
        let found: Option<(Uuid, String)> = sqlx::query_as(
            "select id, name from enterprises where tenant_id = $1 and unified_social_credit_code = $2",
        )
        .bind(self.city.0)
        .bind(credit_code)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(found.map(|(id, name)| (EnterpriseId(id), name)))
    }

    async fn city_counts(&mut self, now: OffsetDateTime) -> Result<CityCounts, StoreError> {
        let (open, overdue, frozen): (i64, i64, i64) = sqlx::query_as(
            "select (select count(*) from (select from financing_applications
                       where tenant_id = $1 and stage = any ($2) limit $5) c),
                    (select count(*) from (select from financing_applications
                       where tenant_id = $1 and stage = any ($3) and due_at < $4 and not frozen limit $5) c),
                    (select count(*) from (select from financing_applications
                       where tenant_id = $1 and stage = any ($2) and frozen limit $5) c)",
        )
        .bind(self.city.0)
        .bind(codes(CityList::Open))
        .bind(codes(CityList::Overdue))
        .bind(now)
        .bind(COUNT_CAP + 1)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(CityCounts {
            open,
            overdue,
            frozen,
        })
    }

    async fn city_waiting(
        &mut self,
        now: OffsetDateTime,
    ) -> Result<Vec<(Waiting, i64)>, StoreError> {
        let rows: Vec<(String, i64)> = sqlx::query_as(WAITING)
            .bind(self.city.0)
            .bind(now)
            .bind(COUNT_CAP + 1)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        rows.into_iter()
            .map(|(what, count)| {
                let what = Waiting::from_code(&what);
                Ok((
                    what.ok_or_else(|| broken("an unknown kind of wait"))?,
                    count,
                ))
            })
            .collect()
    }

    async fn open_holds(&mut self) -> Result<Vec<HoldRequest>, StoreError> {
        let rows: Vec<HoldRow> = sqlx::query_as(
            "select h.*, a.application_no, a.enterprise_name from hold_requests h
             join financing_applications a on a.tenant_id = h.tenant_id and a.id = h.application_id
             where h.tenant_id = $1 and h.status = 'open' order by h.asked_at, h.id limit 50",
        )
        .bind(self.city.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    async fn holds(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Vec<HoldRequest>, StoreError> {
        let rows: Vec<HoldRow> = sqlx::query_as(
            "select h.*, a.application_no, a.enterprise_name from hold_requests h
             join financing_applications a on a.tenant_id = h.tenant_id and a.id = h.application_id
             where h.tenant_id = $1 and h.application_id = $2 order by h.asked_at desc, h.id limit 50",
        )
        .bind(self.city.0)
        .bind(application.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    async fn hold_for_update(&mut self, id: Uuid) -> Result<Option<HoldRequest>, StoreError> {
        let row: Option<HoldRow> = sqlx::query_as(
            "select h.*, a.application_no, a.enterprise_name from hold_requests h
             join financing_applications a on a.tenant_id = h.tenant_id and a.id = h.application_id
             where h.tenant_id = $1 and h.id = $2 for update of h",
        )
        .bind(self.city.0)
        .bind(id)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        row.map(TryInto::try_into).transpose()
    }

    async fn ask_hold(&mut self, hold: &HoldRequest) -> Result<(), StoreError> {
        sqlx::query(
            "insert into hold_requests (id, tenant_id, application_id, kind, reason, asked_by, asked_name, asked_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(hold.id)
        .bind(self.city.0)
        .bind(hold.application.0)
        .bind(hold.kind.code())
        .bind(&hold.reason)
        .bind(hold.asked_by.0)
        .bind(&hold.asked_name)
        .bind(hold.asked_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn settle_hold(&mut self, hold: &HoldRequest) -> Result<(), StoreError> {
        let done = sqlx::query(
            "update hold_requests set status = $3, settled_by = $4, settled_name = $5, settled_at = $6, withdrawal = $7
             where tenant_id = $1 and id = $2 and status = 'open'",
        )
        .bind(self.city.0)
        .bind(hold.id)
        .bind(hold.status.code())
        .bind(hold.settled_by.map(|u| u.0))
        .bind(&hold.settled_name)
        .bind(hold.settled_at)
        .bind(&hold.withdrawal)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        if done.rows_affected() == 0 {
            return Err(StoreError::Stale);
        }
        Ok(())
    }

    async fn send_notice(&mut self, notice: &SupervisionNotice) -> Result<(), StoreError> {
        sqlx::query(
            "insert into supervision_notices (id, tenant_id, application_id, branch_id, words, sent_by, sent_name, at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(notice.id)
        .bind(self.city.0)
        .bind(notice.application.0)
        .bind(notice.branch.0)
        .bind(&notice.words)
        .bind(notice.sent_by.0)
        .bind(&notice.sent_name)
        .bind(notice.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn notices(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Vec<SupervisionNotice>, StoreError> {
        let rows: Vec<NoticeRow> = sqlx::query_as(
            "select n.*, a.application_no, a.enterprise_name from supervision_notices n
             join financing_applications a on a.tenant_id = n.tenant_id and a.id = n.application_id
             where n.tenant_id = $1 and n.application_id = $2 order by n.at desc, n.id limit 50",
        )
        .bind(self.city.0)
        .bind(application.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn unread_notices(&mut self, side: Side) -> Result<Vec<SupervisionNotice>, StoreError> {
        let sql = match side {
            Side::Branch => {
                "select n.*, a.application_no, a.enterprise_name from supervision_notices n
                 join financing_applications a on a.tenant_id = n.tenant_id and a.id = n.application_id
                   and a.handler_tenant_id = n.branch_id
                 where n.tenant_id = $1 and n.branch_id = $2 and n.branch_read_at is null order by n.at, n.id limit 20"
            }
            Side::Bank => {
                "select n.*, a.application_no, a.enterprise_name from supervision_notices n
                 join financing_applications a on a.tenant_id = n.tenant_id and a.id = n.application_id
                 where n.tenant_id = $1 and a.bank_id = $2 and n.bank_read_at is null order by n.at, n.id limit 20"
            }
        };
        let rows: Vec<NoticeRow> = sqlx::query_as(sql)
            .bind(self.city.0)
            .bind(self.tenant.0)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn read_notices(
        &mut self,
        application: FinancingApplicationId,
        side: Side,
        receipt: &Receipt,
    ) -> Result<u64, StoreError> {
        let sql = match side {
            Side::Branch => {
                "update supervision_notices set branch_read_at = $3, branch_read_name = $4
                 where tenant_id = $1 and application_id = $2 and branch_read_at is null"
            }
            Side::Bank => {
                "update supervision_notices set bank_read_at = $3, bank_read_name = $4
                 where tenant_id = $1 and application_id = $2 and bank_read_at is null"
            }
        };
        let done = sqlx::query(sql)
            .bind(self.city.0)
            .bind(application.0)
            .bind(receipt.at)
            .bind(&receipt.name)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(done.rows_affected())
    }
}

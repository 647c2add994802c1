//! Enterprise desk 企业管理 on PostgreSQL.

use application::ports::{
    branch_board::{Cursor, Leaf},
    enterprise_desk::{
        AccountHold, AccountState, EnterpriseAsk, EnterpriseDesk, EnterpriseRow, EnterpriseRows,
        EnterpriseSearch, EnterpriseSheet, FOUND_CAP, ProfileState, Verification, VerifiedState,
    },
    store::StoreError,
    supervision::{HoldKind, HoldStatus},
};
use async_trait::async_trait;
use domain::ids::{EnterpriseId, UserId};
use sqlx::{FromRow, Postgres, QueryBuilder};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    branch_board::like, errors::store_error, face_checks::standing_face, store::PgUnitOfWork,
    supervision::broken,
};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    name: String,
    credit_code: String,
    region_code: String,
    industry_code: String,
    created_at: OffsetDateTime,
    complete: bool,
    verified: bool,
    in_review: bool,
    status: String,
    applications: i64,
}

impl TryFrom<Row> for EnterpriseRow {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: EnterpriseId(row.id),
            name: row.name,
            credit_code: row.credit_code,
            region_code: row.region_code,
            industry_code: row.industry_code,
            registered_at: row.created_at,
            profile: if row.complete {
                ProfileState::Complete
            } else {
                ProfileState::Incomplete
            },
            verified: match (row.verified, row.in_review) {
                (true, _) => VerifiedState::Verified,
                (false, true) => VerifiedState::InReview,
                (false, false) => VerifiedState::Unverified,
            },
            account: AccountState::from_code(&row.status)
                .ok_or_else(|| broken("an unknown state of an account"))?,
            applications: row.applications,
        })
    }
}

/// The owner's face check stands for the enterprise: an operator is not the legal representative (W26).
macro_rules! verified {
    () => {
        concat!(
            "exists (select from users u where u.tenant_id = e.tenant_id and u.enterprise_id = e.id and u.status = 'active'
               and 'eo' = any(u.roles) and ",
            standing_face!(),
            " is not null)"
        )
    };
}

macro_rules! in_review {
    () => {
        "exists (select from face_reviews r where r.tenant_id = e.tenant_id and r.enterprise_id = e.id
           and r.status in ('requested', 'proposed'))"
    };
}

const COLUMNS: &str = concat!(
    "select e.id, e.name, coalesce(e.unified_social_credit_code, '') as credit_code, e.region_code,
       coalesce(e.industry_code, '') as industry_code, e.created_at, e.profile_completed_at is not null as complete, ",
    verified!(),
    " as verified, ",
    in_review!(),
    " as in_review, e.status, (select count(*) from financing_applications a where a.tenant_id = e.tenant_id
       and a.enterprise_id = e.id and a.submitted_at is not null) as applications from enterprises e"
);

#[derive(FromRow)]
struct SheetRow {
    #[sqlx(flatten)]
    row: Row,
    channel: String,
    recommender: String,
    people: i64,
    consents: i64,
    withdrawn: i64,
}

#[derive(FromRow)]
struct VerificationRow {
    created_at: OffsetDateTime,
    settled_at: Option<OffsetDateTime>,
    person_name: String,
    by_photo: bool,
    branch: String,
    status: String,
}

#[derive(FromRow)]
struct HoldRow {
    id: Uuid,
    enterprise_id: Uuid,
    enterprise_name: String,
    credit_code: String,
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

impl TryFrom<HoldRow> for AccountHold {
    type Error = StoreError;

    fn try_from(row: HoldRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            enterprise: EnterpriseId(row.enterprise_id),
            enterprise_name: row.enterprise_name,
            credit_code: row.credit_code,
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

macro_rules! holds {
    ($rest:literal) => {
        concat!(
            "select h.*, e.name as enterprise_name, coalesce(e.unified_social_credit_code, '') as credit_code from account_holds h
             join enterprises e on e.tenant_id = h.tenant_id and e.id = h.enterprise_id where h.tenant_id = $1 and ",
            $rest
        )
    };
}

impl PgUnitOfWork {
    fn narrow_enterprises(&self, query: &mut QueryBuilder<Postgres>, ask: &EnterpriseAsk) {
        query.push(" where e.tenant_id = ").push_bind(self.city.0);
        match &ask.search {
            None => {}
            Some(EnterpriseSearch::CreditCode(code)) => {
                query
                    .push(" and e.unified_social_credit_code = ")
                    .push_bind(code.clone());
            }
            Some(EnterpriseSearch::Name(name)) => {
                query.push(" and e.name ilike ").push_bind(like(name));
            }
        }
        match ask.profile {
            None => {}
            Some(ProfileState::Complete) => {
                query.push(" and e.profile_completed_at is not null");
            }
            Some(ProfileState::Incomplete) => {
                query.push(" and e.profile_completed_at is null");
            }
        }
        match ask.verified {
            None => {}
            Some(VerifiedState::Verified) => {
                query.push(concat!(" and ", verified!()));
            }
            Some(VerifiedState::InReview) => {
                query.push(concat!(" and not ", verified!(), " and ", in_review!()));
            }
            Some(VerifiedState::Unverified) => {
                query.push(concat!(" and not ", verified!(), " and not ", in_review!()));
            }
        }
        if let Some(account) = ask.account {
            query.push(" and e.status = ").push_bind(account.code());
        }
        if let Some(county) = &ask.county {
            query
                .push(" and left(e.region_code, 6) = ")
                .push_bind(county.clone());
        }
        if !ask.divisions.is_empty() {
            query
                .push(" and left(e.industry_code, 2) = any (")
                .push_bind(ask.divisions.clone())
                .push(")");
        }
        if let Some(from) = ask.from {
            query.push(" and e.created_at >= ").push_bind(from);
        }
        if let Some(until) = ask.until {
            query.push(" and e.created_at < ").push_bind(until);
        }
    }

    async fn found_enterprises(&mut self, ask: &EnterpriseAsk) -> Result<i64, StoreError> {
        let mut query = QueryBuilder::new("select count(*) from (select from enterprises e");
        self.narrow_enterprises(&mut query, ask);
        query
            .push(" limit ")
            .push_bind(FOUND_CAP + 1)
            .push(") found");
        query
            .build_query_scalar()
            .fetch_one(&mut *self.tx)
            .await
            .map_err(store_error)
    }
}

#[async_trait]
impl EnterpriseDesk for PgUnitOfWork {
    async fn enterprise_rows(
        &mut self,
        ask: &EnterpriseAsk,
        leaf: Leaf,
        most: i64,
    ) -> Result<EnterpriseRows, StoreError> {
        let (cursor, backwards) = match leaf {
            Leaf::First => (None, false),
            Leaf::After(cursor) => (Some(cursor), false),
            Leaf::Before(cursor) => (Some(cursor), true),
        };
        let mut query = QueryBuilder::new(COLUMNS);
        self.narrow_enterprises(&mut query, ask);
        if let Some(Cursor { at, id }) = cursor {
            query
                .push(if backwards {
                    " and (e.created_at, e.id) > ("
                } else {
                    " and (e.created_at, e.id) < ("
                })
                .push_bind(at)
                .push(", ")
                .push_bind(id)
                .push(")");
        }
        query
            .push(if backwards {
                " order by e.created_at, e.id limit "
            } else {
                " order by e.created_at desc, e.id desc limit "
            })
            .push_bind(most + 1);
        let found: Vec<Row> = query
            .build_query_as()
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        let more = i64::try_from(found.len()).unwrap_or(i64::MAX) > most;
        let mut rows: Vec<EnterpriseRow> = found
            .into_iter()
            .take(usize::try_from(most).unwrap_or(usize::MAX))
            .map(TryInto::try_into)
            .collect::<Result<_, StoreError>>()?;
        if backwards {
            rows.reverse();
        }
        Ok(EnterpriseRows {
            rows,
            before: if backwards { more } else { cursor.is_some() },
            after: backwards || more,
            found: self.found_enterprises(ask).await?,
        })
    }

    async fn enterprise_sheet(
        &mut self,
        id: EnterpriseId,
    ) -> Result<Option<EnterpriseSheet>, StoreError> {
        let found: Option<SheetRow> = sqlx::query_as(concat!(
            "select e.id, e.name, coalesce(e.unified_social_credit_code, '') as credit_code, e.region_code,
               coalesce(e.industry_code, '') as industry_code, e.created_at, e.profile_completed_at is not null as complete, ",
            verified!(),
            " as verified, ",
            in_review!(),
            " as in_review, e.status, (select count(*) from financing_applications a where a.tenant_id = e.tenant_id
               and a.enterprise_id = e.id and a.submitted_at is not null) as applications, e.channel,
               coalesce((select t.name from tenants t where t.id = e.recommender_tenant_id), '') as recommender,
               (select count(*) from users p where p.tenant_id = e.tenant_id and p.enterprise_id = e.id
                  and p.status = 'active') as people,
               (select count(*) from consents c where c.tenant_id = e.tenant_id and c.enterprise_id = e.id
                  and c.withdrawn_at is null) as consents,
               (select count(*) from consents c where c.tenant_id = e.tenant_id and c.enterprise_id = e.id
                  and c.withdrawn_at is not null) as withdrawn
             from enterprises e where e.tenant_id = $1 and e.id = $2"
        ))
        .bind(self.city.0)
        .bind(id.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        found
            .map(|found| {
                Ok(EnterpriseSheet {
                    row: found.row.try_into()?,
                    channel: found.channel,
                    recommender: found.recommender,
                    people: found.people,
                    consents: found.consents,
                    withdrawn: found.withdrawn,
                })
            })
            .transpose()
    }

    async fn verifications(
        &mut self,
        id: EnterpriseId,
        most: i64,
    ) -> Result<Vec<Verification>, StoreError> {
        let rows: Vec<VerificationRow> = sqlx::query_as(
            "select c.created_at, c.settled_at, c.person_name, false as by_photo, coalesce(t.name, '') as branch, c.status, c.id
             from face_checks c left join tenants t on t.id = c.branch_id where c.tenant_id = $1 and c.enterprise_id = $2
             union all
             select r.created_at, r.settled_at, r.person_name, true, '', r.status, r.id
             from face_reviews r where r.tenant_id = $1 and r.enterprise_id = $2
             order by 1 desc, 7 limit $3",
        )
        .bind(self.city.0)
        .bind(id.0)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|row| Verification {
                at: row.created_at,
                settled_at: row.settled_at,
                person: row.person_name,
                by_photo: row.by_photo,
                branch: row.branch,
                status: row.status,
            })
            .collect())
    }

    async fn account_holds(&mut self, id: EnterpriseId) -> Result<Vec<AccountHold>, StoreError> {
        let rows: Vec<HoldRow> = sqlx::query_as(holds!(
            "h.enterprise_id = $2 order by h.asked_at desc, h.id limit 50"
        ))
        .bind(self.city.0)
        .bind(id.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    async fn open_account_holds(&mut self) -> Result<Vec<AccountHold>, StoreError> {
        let rows: Vec<HoldRow> = sqlx::query_as(holds!(
            "h.status = 'open' order by h.asked_at, h.id limit 50"
        ))
        .bind(self.city.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    async fn account_hold(&mut self, id: Uuid) -> Result<Option<AccountHold>, StoreError> {
        let row: Option<HoldRow> = sqlx::query_as(holds!("h.id = $2 for update of h"))
            .bind(self.city.0)
            .bind(id)
            .fetch_optional(&mut *self.tx)
            .await
            .map_err(store_error)?;
        row.map(TryInto::try_into).transpose()
    }

    async fn ask_account_hold(&mut self, hold: &AccountHold) -> Result<(), StoreError> {
        sqlx::query(
            "insert into account_holds (id, tenant_id, enterprise_id, kind, reason, asked_by, asked_name, asked_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(hold.id)
        .bind(self.city.0)
        .bind(hold.enterprise.0)
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

    async fn settle_account_hold(&mut self, hold: &AccountHold) -> Result<(), StoreError> {
        let done = sqlx::query(
            "update account_holds set status = $3, settled_by = $4, settled_name = $5, settled_at = $6, withdrawal = $7
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
        match done.rows_affected() {
            0 => Err(StoreError::Stale),
            _ => Ok(()),
        }
    }

    async fn set_frozen(&mut self, id: EnterpriseId, frozen: bool) -> Result<bool, StoreError> {
        let (from, to) = if frozen {
            ("active", "frozen")
        } else {
            ("frozen", "active")
        };
        let done = sqlx::query(
            "update enterprises set status = $4, version = version + 1
             where tenant_id = $1 and id = $2 and status = $3",
        )
        .bind(self.city.0)
        .bind(id.0)
        .bind(from)
        .bind(to)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }
}

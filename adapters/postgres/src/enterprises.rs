//! Enterprises 企业 on PostgreSQL.

use application::ports::{
    enterprise_files::EnterpriseFiles as _,
    enterprises::{DossierSource, EnterpriseFacts, Enterprises, ProfileFacts, Recommender},
    sizes::SizeDeclarations as _,
    store::StoreError,
};
use async_trait::async_trait;
use domain::{
    enterprise::Standing,
    ids::{EnterpriseId, TenantId, UserId},
};
use sqlx::{FromRow, Row as _, postgres::PgRow};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{errors::store_error, face_checks::standing_face, store::PgUnitOfWork};

struct Facts(EnterpriseFacts);

impl FromRow<'_, PgRow> for Facts {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self(EnterpriseFacts {
            id: EnterpriseId(row.try_get("id")?),
            name: row.try_get("name")?,
            legal_representative: row.try_get("legal_representative")?,
            region_code: row.try_get("region_code")?,
            credit_code: row.try_get("unified_social_credit_code")?,
            registered_capital_cents: row.try_get("registered_capital_cents")?,
            legal_id_sealed: row.try_get("legal_id_sealed")?,
            legal_id_index: row.try_get("legal_id_index")?,
            contact_phone_sealed: row.try_get("contact_phone_sealed")?,
            industry_code: row.try_get("industry_code")?,
            address: row.try_get("address")?,
            recommender: row
                .try_get::<Option<Uuid>, _>("recommender_tenant_id")?
                .map(TenantId),
            email_sealed: row.try_get("email_sealed")?,
            first_loan: row.try_get("first_loan")?,
            completed_at: row.try_get("profile_completed_at")?,
            frozen: row.try_get::<&str, _>("status")? == "frozen",
            version: row.try_get("version")?,
        }))
    }
}

/// The facts of an enterprise beside the person who acts; the files are read apart.
struct Source(DossierSource);

impl FromRow<'_, PgRow> for Source {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self(DossierSource {
            facts: Facts::from_row(row)?.0,
            files: Vec::new(),
            phone_sealed: row.try_get("person_phone_sealed")?,
            face_verified_at: row.try_get("face_verified_at")?,
            face_method: row.try_get("face_method")?,
            face_verified: row.try_get("face_verified")?,
            size: None,
        }))
    }
}

impl PgUnitOfWork {
    async fn read_facts(
        &mut self,
        sql: &'static str,
        id: EnterpriseId,
    ) -> Result<Option<EnterpriseFacts>, StoreError> {
        sqlx::query_as(sql)
            .bind(self.city.0)
            .bind(id.0)
            .fetch_optional(&mut *self.tx)
            .await
            .map(|found: Option<Facts>| found.map(|f| f.0))
            .map_err(store_error)
    }
}

#[async_trait]
impl Enterprises for PgUnitOfWork {
    async fn facts(&mut self, id: EnterpriseId) -> Result<Option<EnterpriseFacts>, StoreError> {
        self.read_facts(
            "select * from enterprises where tenant_id = $1 and id = $2",
            id,
        )
        .await
    }

    async fn facts_for_update(
        &mut self,
        id: EnterpriseId,
    ) -> Result<Option<EnterpriseFacts>, StoreError> {
        self.read_facts(
            "select * from enterprises where tenant_id = $1 and id = $2 for update",
            id,
        )
        .await
    }

    async fn save_profile(
        &mut self,
        id: EnterpriseId,
        version: i32,
        facts: &ProfileFacts,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let done = sqlx::query(
            "update enterprises set name = $4, legal_representative = $5, region_code = $6,
               unified_social_credit_code = $7, registered_capital_cents = $8, legal_id_sealed = $9, legal_id_index = $10,
               contact_phone_sealed = $11, industry_code = $12, address = $13, recommender_tenant_id = $14,
               email_sealed = $15, profile_completed_at = coalesce(profile_completed_at, $16), version = version + 1
             where tenant_id = $1 and id = $2 and version = $3",
        )
        .bind(self.city.0)
        .bind(id.0)
        .bind(version)
        .bind(&facts.name)
        .bind(&facts.legal_representative)
        .bind(&facts.region_code)
        .bind(&facts.credit_code)
        .bind(facts.registered_capital_cents)
        .bind(&facts.legal_id_sealed)
        .bind(facts.legal_id_index.as_slice())
        .bind(&facts.contact_phone_sealed)
        .bind(&facts.industry_code)
        .bind(&facts.address)
        .bind(facts.recommender.map(|t| t.0))
        .bind(&facts.email_sealed)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        match done.rows_affected() {
            1 => Ok(()),
            _ => Err(StoreError::Stale),
        }
    }

    async fn set_completed(
        &mut self,
        id: EnterpriseId,
        at: Option<OffsetDateTime>,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update enterprises set profile_completed_at = $3, version = version + 1
             where tenant_id = $1 and id = $2",
        )
        .bind(self.city.0)
        .bind(id.0)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn standing(&mut self, user: UserId) -> Result<Option<Standing>, StoreError> {
        let row: Option<(Uuid, bool, bool, bool)> = sqlx::query_as(concat!(
            // The owner's face check stands for the enterprise: an operator is not the legal representative (W26).
            "select e.id, e.profile_completed_at is not null,
               exists (select from users u where u.tenant_id = e.tenant_id and u.enterprise_id = e.id and u.status = 'active'
                 and (u.id = $2 or 'eo' = any(u.roles)) and ",
            standing_face!(),
            " is not null), e.status = 'frozen'
             from users p join enterprises e on e.tenant_id = p.tenant_id and e.id = p.enterprise_id
             where p.tenant_id = $1 and p.id = $2"
        ))
        .bind(self.city.0)
        .bind(user.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(
            row.map(|(id, profile_complete, face_verified, frozen)| Standing {
                enterprise: EnterpriseId(id),
                profile_complete,
                face_verified,
                frozen,
            }),
        )
    }

    async fn dossier_source(
        &mut self,
        id: EnterpriseId,
        user: UserId,
    ) -> Result<Option<DossierSource>, StoreError> {
        // The owner's face check stands for the enterprise: an operator is not the legal representative (W26).
        let row: Option<Source> = sqlx::query_as(concat!(
            "select e.*, p.phone_sealed as person_phone_sealed, f.face_verified_at, f.face_method,
               coalesce(f.stands, false) as face_verified
             from enterprises e join users p on p.tenant_id = e.tenant_id and p.enterprise_id = e.id
             left join lateral (select u.face_verified_at, u.face_method, ",
            standing_face!(),
            " is not null as stands
               from users u where u.tenant_id = p.tenant_id and u.enterprise_id = p.enterprise_id and u.status = 'active'
                 and (u.id = p.id or 'eo' = any(u.roles)) and u.face_verified_at is not null
               order by stands desc, u.id <> p.id, u.face_verified_at desc limit 1) f on true
             where e.tenant_id = $1 and e.id = $2 and p.id = $3 for share of e"
        ))
        .bind(self.city.0)
        .bind(id.0)
        .bind(user.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        let Some(Source(mut source)) = row else {
            return Ok(None);
        };
        source.files = self.current_files(id).await?;
        source.size = self.latest_size(id).await?;
        Ok(Some(source))
    }

    async fn recommenders(&mut self) -> Result<Vec<Recommender>, StoreError> {
        let rows: Vec<(Uuid, String)> = sqlx::query_as(
            "select t.id, t.name from institutions i join tenants t on t.id = i.tenant_id
             where i.city_id = $1 and i.status = 'published' and t.status = 'active'
             order by i.position, t.name",
        )
        .bind(self.city.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|(id, name)| Recommender {
                id: TenantId(id),
                name,
            })
            .collect())
    }
}

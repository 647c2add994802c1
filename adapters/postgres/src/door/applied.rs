//! What the database knows of all cities, in one question however many there are: how they stand, and what they show first.

use std::collections::{HashMap, HashSet};

use application::{city::Standing, ports::store::StoreError};
use domain::{financing::Pause, ids::TenantId};
use sqlx::FromRow;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{PgDoor, standing};
use crate::errors::store_error;

/// A city that was applied to this database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedCity {
    pub id: TenantId,
    pub slug: String,
    pub name: String,
    pub short_name: String,
    pub standing: Standing,
    /// 暂停服务 that are over, in order.
    pub pauses: Vec<Pause>,
}

impl AppliedCity {
    pub fn is_closed(&self) -> bool {
        matches!(self.standing, Standing::Closed(_))
    }
}

#[derive(FromRow)]
struct CityRow {
    id: Uuid,
    slug: String,
    name: String,
    short_name: String,
    status: String,
    standing_note: String,
}

/// 省级监管 that was applied to this database: the platform's own, and no other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedProvince {
    pub id: TenantId,
    pub slug: String,
    /// Its service has ended: nobody signs in, and no city tells it anything.
    pub closed: bool,
}

/// A version of an agreement, without its text.
#[derive(Clone, Debug, FromRow)]
pub struct KeptAgreement {
    pub tenant_id: Uuid,
    pub code: String,
    pub version: String,
    pub title: String,
    /// SHA-256 of the text.
    pub body_hash: Vec<u8>,
    /// The city's operators published it.
    pub theirs: bool,
    pub published_at: OffsetDateTime,
}

/// The agreements of every city, and who has a page 关于我们.
#[derive(Clone, Debug, Default)]
pub struct FirstContent {
    agreements: HashMap<TenantId, Vec<KeptAgreement>>,
    about: HashSet<TenantId>,
}

impl FirstContent {
    pub fn agreements(&self, city: TenantId) -> &[KeptAgreement] {
        self.agreements.get(&city).map_or(&[], Vec::as_slice)
    }

    pub fn has_about(&self, city: TenantId) -> bool {
        self.about.contains(&city)
    }
}

impl PgDoor {
    /// Every city that was ever applied, by the order of its slug.
    pub async fn applied_cities(&self) -> Result<Vec<AppliedCity>, StoreError> {
        let mut tx = self.begin().await?;
        let rows: Vec<CityRow> = sqlx::query_as(
            "select id, slug, name, short_name, status, standing_note from tenants where kind = 'city' order by slug",
        )
        .fetch_all(&mut *tx)
        .await
        .map_err(store_error)?;
        let over: Vec<(Uuid, OffsetDateTime, OffsetDateTime)> = sqlx::query_as(
            "select tenant_id, since, until from city_pauses where until is not null order by tenant_id, since",
        )
        .fetch_all(&mut *tx)
        .await
        .map_err(store_error)?;
        let mut pauses: HashMap<Uuid, Vec<Pause>> = HashMap::new();
        for (city, since, until) in over {
            let of_city = pauses.entry(city).or_default();
            of_city.push(Pause { since, until });
        }
        let city = |row: CityRow| AppliedCity {
            id: TenantId(row.id),
            pauses: pauses.remove(&row.id).unwrap_or_default(),
            slug: row.slug,
            name: row.name,
            short_name: row.short_name,
            standing: standing(&row.status, row.standing_note),
        };
        Ok(rows.into_iter().map(city).collect())
    }

    /// Every province that was ever applied, by the order of its slug.
    pub async fn applied_provinces(&self) -> Result<Vec<AppliedProvince>, StoreError> {
        let mut tx = self.begin().await?;
        let rows: Vec<(Uuid, String, bool)> = sqlx::query_as(
            "select id, slug, status <> 'active' from tenants where kind = 'province' order by slug",
        )
        .fetch_all(&mut *tx)
        .await
        .map_err(store_error)?;
        let province = |(id, slug, closed)| AppliedProvince {
            id: TenantId(id),
            slug,
            closed,
        };
        Ok(rows.into_iter().map(province).collect())
    }

    /// What every city shows first.
    pub async fn first_content(&self) -> Result<FirstContent, StoreError> {
        let mut tx = self.begin().await?;
        let kept: Vec<KeptAgreement> = sqlx::query_as(
            "select tenant_id, code, version, title, body_hash, origin = 'operator' as theirs, published_at from agreements",
        )
        .fetch_all(&mut *tx)
        .await
        .map_err(store_error)?;
        let about: Vec<Uuid> =
            sqlx::query_scalar("select distinct tenant_id from articles where kind = 'about'")
                .fetch_all(&mut *tx)
                .await
                .map_err(store_error)?;
        let mut first = FirstContent {
            about: about.into_iter().map(TenantId).collect(),
            ..FirstContent::default()
        };
        for one in kept {
            let city = TenantId(one.tenant_id);
            first.agreements.entry(city).or_default().push(one);
        }
        Ok(first)
    }

    /// Cities whose operators have changed rules of their files (平台设置).
    pub async fn cities_with_rules(&self) -> Result<Vec<TenantId>, StoreError> {
        let mut tx = self.begin().await?;
        let cities: Vec<Uuid> = sqlx::query_scalar("select distinct tenant_id from city_rules")
            .fetch_all(&mut *tx)
            .await
            .map_err(store_error)?;
        Ok(cities.into_iter().map(TenantId).collect())
    }
}

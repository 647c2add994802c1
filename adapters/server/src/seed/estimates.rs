//! Estimates 额度试算 of the demonstration: what one enterprise tried before it applied; added once.

use application::{
    access::Guard,
    city::City,
    estimates::{Tried, TypedEstimate},
    ports::{
        catalogue::{Catalogue as _, Product},
        estimates::StoredEstimate,
        reference::IndustryDirectory as _,
    },
};
use domain::ids::{EnterpriseId, UserId};
use reference::Reference;
use sqlx::FromRow;
use time::Duration;
use uuid::Uuid;

use super::people::as_city;
use crate::wire::{Parts, catalogue};

#[derive(FromRow)]
struct Owner {
    enterprise: Uuid,
    person: Uuid,
    name: String,
    industry: Option<String>,
    region: String,
}

/// Adds what was never there; whoever has any keeps what they have.
pub async fn run(parts: &Parts, city: &City) -> anyhow::Result<()> {
    let mut tx = as_city(parts, city.id).await?;
    let there: bool =
        sqlx::query_scalar("select exists (select from estimates where tenant_id = $1)")
            .bind(city.id.0)
            .fetch_one(&mut *tx)
            .await?;
    let owner: Option<Owner> = sqlx::query_as(
        "select e.id as enterprise, u.id as person, u.name, e.industry_code as industry, left(e.region_code, 6) as region
         from enterprises e join users u on u.tenant_id = e.tenant_id and u.enterprise_id = e.id
         where e.tenant_id = $1 and e.profile_completed_at is not null and 'eo' = any (u.roles)
         order by e.created_at, e.id limit 1",
    )
    .bind(city.id.0)
    .fetch_optional(&mut *tx)
    .await?;
    drop(tx);
    let (false, Some(owner)) = (there, owner) else {
        return Ok(());
    };
    // What was sown just now is not in a snapshot of before.
    parts.portal.changed(Some(city.id));
    let snapshot = parts.portal.snapshot(city.id).await?;
    let published = snapshot
        .products()
        .filter(|p| !p.bounds.words().is_empty())
        .take(2);
    let room = catalogue::estimates(parts);
    let reach = parts.door.reach(city.id).await?;
    let permit = Guard::job(city.id, reach.into());
    let mut work = parts.store.begin(&permit).await?;
    for (product, days) in published.zip(1..) {
        let asked = typed(&owner, product);
        let Tried { inputs, answer } = room.try_out(city, product.id, &asked).await?;
        let estimate = StoredEstimate {
            id: parts.clock.new_id(),
            product: product.id,
            version: product.version,
            product_name: product.name.clone(),
            bank_name: snapshot
                .institution(product.institution)
                .map_or_else(String::new, |i| i.name.clone()),
            inputs,
            answer,
            made_by: UserId(owner.person),
            made_name: owner.name.clone(),
            made_at: parts.clock.now() - Duration::days(days),
        };
        work.estimates()
            .insert_estimate(EnterpriseId(owner.enterprise), &estimate)
            .await?;
    }
    Ok(work.commit().await?)
}

/// Whatever the product asks for, answered in part: what is left open stays 待核实.
fn typed(owner: &Owner, product: &Product) -> TypedEstimate {
    let section = owner.industry.as_deref();
    TypedEstimate {
        amount: product.range.amount_max.format_wan_short(),
        term: product.range.term_max.to_string(),
        revenue: "1200".to_owned(),
        tax: "36.5".to_owned(),
        section: section
            .and_then(|code| Reference.section_of(code))
            .unwrap_or_default(),
        region: owner.region.clone(),
        ..TypedEstimate::default()
    }
}

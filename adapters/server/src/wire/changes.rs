//! What this process does when somebody changed a catalogue, an agreement, a rule or a city's files.

use application::error::UseResult;
use domain::ids::TenantId;
use postgres_adapter::{Call, Change};

use super::Parts;
use crate::city::texts;

/// Hears of changes of the catalogue and of the cities, whoever made them; runs beside the server until it is dropped.
/// `cities` gets every call to read the cities' files again, `None` after the line was down.
pub fn watch<F>(parts: &Parts, cities: F) -> impl Future<Output = ()> + Send + use<F>
where
    F: Fn(Option<Call>) + Send + Sync,
{
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let portal = parts.portal.clone();
    let heard = postgres_adapter::watch(parts.pool.clone(), move |change| match change {
        Change::Catalogue(city) => {
            portal.changed(city);
            tell.send(city).ok();
        }
        Change::Cities(call) => cities(call),
    });
    let parts = parts.clone();
    async move {
        let reading = async {
            while let Some(city) = told.recv().await {
                if let Err(error) = read_agreements(&parts, city).await {
                    tracing::warn!(code = error.code, "agreements could not be read again");
                }
            }
        };
        tokio::join!(heard, reading);
    }
}

/// The agreements and rules in force of a city, as the database holds them now; `None`: of every city whose are not those of its file.
pub async fn read_agreements(parts: &Parts, city: Option<TenantId>) -> UseResult<()> {
    let _alone = parts.in_force.reading().await;
    let filed = parts.in_force.filed();
    let apart = if let Some(city) = city {
        vec![city]
    } else {
        let now = parts.clock.now();
        let mut apart = texts::apart_from_their_files(&parts.door, &filed, now).await?;
        apart.extend(parts.door.cities_with_rules().await?);
        apart
    };
    for one in filed {
        if apart.contains(&one.id) {
            parts.in_force.read_again(&*parts.portal, one.id).await?;
        } else if city.is_none() {
            parts.in_force.as_filed(one.id);
        }
    }
    Ok(())
}

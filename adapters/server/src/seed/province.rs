//! 上级报送 of the demonstration: the months that are due, told to the demonstration's node; once.

use application::{access::Guard, city::City, province::SECTION};

use crate::wire::{self, Parts};

/// Tells what is due; a city without a node has nothing to tell.
pub async fn run(parts: &Parts, city: &City) -> anyhow::Result<()> {
    if city.plugs.contains_key(SECTION) {
        let reach = parts.door.reach(city.id).await?;
        let permit = Guard::job(city.id, reach.into());
        wire::province::reporter(parts).round(&permit).await?;
    }
    Ok(())
}

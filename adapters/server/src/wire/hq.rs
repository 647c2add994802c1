//! The headquarters console's use cases, put together from the parts.

use std::sync::Arc;

use application::{
    appeal::AppealRoom, audit::Watch, dispatch::Dispatch, headquarters::Headquarters,
    settings::SettingsRoom,
};
use reference::Reference;
use web::hq::Hq;

use super::Parts;

pub fn uses(parts: &Parts) -> Hq {
    let watch = Watch {
        guard: parts.guard.clone(),
        log: parts.door.clone(),
        clock: parts.clock.clone(),
    };
    Hq {
        dispatch: Dispatch {
            watch: watch.clone(),
            store: parts.store.clone(),
            cities: parts.cities.clone(),
            calendar: Arc::new(Reference),
            regions: Arc::new(Reference),
        },
        appeals: AppealRoom {
            watch: watch.clone(),
            store: parts.store.clone(),
            cities: parts.cities.clone(),
            calendar: Arc::new(Reference),
        },
        settings: SettingsRoom {
            watch: watch.clone(),
            store: parts.store.clone(),
            cities: parts.cities.clone(),
        },
        headquarters: Headquarters {
            watch,
            store: parts.store.clone(),
            cities: parts.cities.clone(),
            calendar: Arc::new(Reference),
        },
    }
}

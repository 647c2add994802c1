//! The headquarters console's use cases, put together from the parts.

use std::sync::Arc;

use application::{
    appeal::AppealRoom, audit::Watch, dispatch::Dispatch, headquarters::Headquarters,
    review::Review, settings::SettingsRoom,
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
    let review = Review {
        watch: watch.clone(),
        store: parts.store.clone(),
        cities: parts.cities.clone(),
        calendar: Arc::new(Reference),
    };
    Hq {
        dispatch: Dispatch {
            review: review.clone(),
            regions: Arc::new(Reference),
        },
        appeals: AppealRoom { review },
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

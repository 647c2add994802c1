//! 内容管理, 协议管理, and who is asked to accept again.

use std::sync::Arc;

use application::{
    agreements::Reconsent,
    audit::Watch,
    content::{ContentLists, ContentPapers, ContentRoom},
};
use reference::Reference;
use web::content::ContentDesk;

use super::{Parts, showcase};

pub fn room(parts: &Parts) -> ContentRoom {
    ContentRoom {
        watch: Watch {
            guard: parts.guard.clone(),
            log: parts.door.clone(),
            clock: parts.clock.clone(),
        },
        store: parts.store.clone(),
        lists: ContentLists {
            regions: Arc::new(Reference),
            industries: Arc::new(Reference),
        },
        cities: parts.cities.clone(),
    }
}

pub fn desk(parts: &Parts) -> ContentDesk {
    ContentDesk {
        room: room(parts),
        papers: ContentPapers {
            room: room(parts),
            vault: parts.files.clone(),
            sealer: parts.sealer.clone(),
            studio: parts.studio.clone(),
            scanner: parts.scanner.clone(),
            limits: parts.door.clone(),
        },
        show: showcase(parts),
    }
}

pub fn reconsent(parts: &Parts) -> Reconsent {
    Reconsent::new(
        parts.guard.clone(),
        parts.store.clone(),
        parts.clock.clone(),
        parts.cities.clone(),
    )
}

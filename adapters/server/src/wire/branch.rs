//! The branch console's use cases, put together from the parts.

use std::sync::Arc;

use application::{
    approval::Approval,
    audit::Watch,
    codes::CodeDesk,
    desk::Desk,
    diligence::Diligence,
    dossier::{DossierRoom, Vault},
    intake::Intake,
    lending::Lending,
    messages::MessageBox,
    review::Review,
    supervision::calendar::CalendarRoom,
    thread::ThreadRoom,
};
use reference::Reference;
use web::{branch::Branch, thread::Threads};

use super::{Parts, catalogue};

fn watch(parts: &Parts) -> Watch {
    Watch {
        guard: parts.guard.clone(),
        log: parts.door.clone(),
        clock: parts.clock.clone(),
    }
}

pub fn codes(parts: &Parts) -> CodeDesk {
    CodeDesk {
        watch: watch(parts),
        store: parts.store.clone(),
    }
}

/// 工作日历 of the city.
pub fn calendar(parts: &Parts) -> CalendarRoom {
    CalendarRoom {
        watch: watch(parts),
        store: parts.store.clone(),
        cities: parts.cities.clone(),
        calendar: Arc::new(Reference),
    }
}

fn vault(parts: &Parts) -> Vault {
    Vault {
        sealer: parts.sealer.clone(),
        files: parts.files.clone(),
        studio: parts.studio.clone(),
    }
}

/// 沟通记录 of both sides.
pub fn thread(parts: &Parts) -> Threads {
    Threads {
        room: ThreadRoom {
            watch: watch(parts),
            store: parts.store.clone(),
            vault: vault(parts),
            files: super::profile::files(parts),
            screen: super::wechat::screen(parts),
        },
    }
}

pub fn uses(parts: &Parts) -> Branch {
    let watch = watch(parts);
    let calendar = Arc::new(Reference);
    let review = Review {
        watch: watch.clone(),
        store: parts.store.clone(),
        cities: parts.cities.clone(),
        calendar: calendar.clone(),
    };
    let vault = vault(parts);
    Branch {
        desk: Desk {
            watch: watch.clone(),
            store: parts.store.clone(),
            queue: Arc::new(parts.pg.clone()),
            cities: parts.cities.clone(),
            calendar: calendar.clone(),
        },
        intake: Intake {
            watch: watch.clone(),
            store: parts.store.clone(),
        },
        diligence: Diligence {
            review: review.clone(),
            vault: vault.clone(),
            limits: parts.door.clone(),
        },
        approval: Approval {
            review: review.clone(),
        },
        lending: Lending {
            review: review.clone(),
        },
        review,
        dossier: DossierRoom {
            watch,
            store: parts.store.clone(),
            cities: parts.cities.clone(),
            calendar,
            vault,
        },
        supervision: catalogue::supervision(parts),
        messages: MessageBox::new(
            parts.guard.clone(),
            parts.store.clone(),
            parts.clock.clone(),
        ),
    }
}

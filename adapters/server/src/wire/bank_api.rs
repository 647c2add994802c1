//! Wiring of the bank's interface 系统接口: the console's room, the signed doors, and the worker that tells banks.

use std::sync::Arc;

use application::{
    access::Origin,
    audit::Watch,
    bank_api::{BankDesk, Gate, KeyRoom, post::Messenger},
    lending::Lending,
    review::Review,
};
use bankapi::Api;
use reference::Reference;
use web::{
    doors::{DoorSign, Who},
    words::LocaleWords,
};

use super::Parts;

fn watch(parts: &Parts) -> Watch {
    Watch {
        guard: parts.guard.clone(),
        log: parts.door.clone(),
        clock: parts.clock.clone(),
    }
}

pub fn keys(parts: &Parts) -> KeyRoom {
    KeyRoom {
        watch: watch(parts),
        store: parts.store.clone(),
        sealer: parts.sealer.clone(),
        tokens: parts.tokens.clone(),
        caller: parts.caller.clone(),
    }
}

pub fn messenger(parts: &Parts) -> Messenger {
    Messenger {
        store: parts.store.clone(),
        clock: parts.clock.clone(),
        sealer: parts.sealer.clone(),
        tokens: parts.tokens.clone(),
        caller: parts.caller.clone(),
    }
}

pub fn api(parts: &Parts) -> Api {
    let kit = parts.kit.clone();
    Api {
        gate: Gate {
            door: parts.door.clone(),
            sealer: parts.sealer.clone(),
            tokens: parts.tokens.clone(),
            limits: parts.door.clone(),
            clock: parts.clock.clone(),
        },
        desk: Arc::new(BankDesk {
            watch: watch(parts),
            store: parts.store.clone(),
            lending: Lending {
                review: Review {
                    watch: watch(parts),
                    store: parts.store.clone(),
                    cities: parts.cities.clone(),
                    calendar: Arc::new(Reference),
                },
            },
        }),
        cities: parts.cities.clone(),
        words: Arc::new(LocaleWords),
        origin: Arc::new(move |request| {
            let (ip, request_id) = web::visit::origin_of(&kit, request);
            Origin {
                ip,
                request_id,
                channel: "api",
            }
        }),
    }
}

/// The signs of the signed doors.
pub fn signs() -> Vec<DoorSign> {
    bankapi::doors()
        .into_iter()
        .map(|door| DoorSign {
            method: door.method,
            path: door.path,
            who: Who::Machine,
        })
        .collect()
}

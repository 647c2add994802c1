//! Wiring of 人员与角色.

use application::{audit::Watch, people::PeopleRoom};

use super::Parts;

pub fn uses(parts: &Parts) -> PeopleRoom {
    PeopleRoom {
        watch: Watch {
            guard: parts.guard.clone(),
            log: parts.door.clone(),
            clock: parts.clock.clone(),
        },
        store: parts.store.clone(),
        sealer: parts.sealer.clone(),
        tokens: parts.tokens.clone(),
        limits: parts.door.clone(),
        sms: parts.sms.clone(),
        sessions: parts.sessions.clone(),
    }
}

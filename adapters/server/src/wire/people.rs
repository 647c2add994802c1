//! Wiring of 人员与角色 and of 机构与支行.

use std::sync::Arc;

use application::{
    account::allowance::Allowance, audit::Watch, invitations::Invitations,
    ownership::OwnershipRoom, people::PeopleRoom, team::TeamRoom, tree::TreeRoom,
};
use reference::Reference;

use super::Parts;

fn invitations(parts: &Parts) -> Invitations {
    Invitations {
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

pub fn uses(parts: &Parts) -> PeopleRoom {
    PeopleRoom {
        invitations: invitations(parts),
    }
}

/// 企业人员 of one enterprise.
pub fn team(parts: &Parts) -> TeamRoom {
    TeamRoom {
        invitations: invitations(parts),
        allowance: Allowance {
            limits: parts.door.clone(),
            log: parts.door.clone(),
        },
        cities: parts.cities.clone(),
    }
}

/// 企业管理员 (EO): handed over by the enterprise, or changed by the city.
pub fn eo(parts: &Parts) -> OwnershipRoom {
    OwnershipRoom {
        invitations: invitations(parts),
        cities: parts.cities.clone(),
    }
}

pub fn tree(parts: &Parts) -> TreeRoom {
    TreeRoom {
        watch: Watch {
            guard: parts.guard.clone(),
            log: parts.door.clone(),
            clock: parts.clock.clone(),
        },
        store: parts.store.clone(),
        regions: Arc::new(Reference),
        sessions: parts.sessions.clone(),
    }
}

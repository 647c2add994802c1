//! Wiring of the enterprise's side of 融资需求, 消息, 授权记录, and of the workers that deliver and watch the clocks.

use std::sync::Arc;

use application::{
    consents::ConsentLedger,
    financing::{Financing, Lists, SecondChances},
    messages::MessageBox,
    outbox::{Alarms, Channels, Deliverer},
    statistics::ResponseTimes,
    timers::Timers,
};
use reference::Reference;
use web::{financing::EnterpriseDesk, words::LocaleWords};

use super::{Parts, own_facts, profile};

fn lists(parts: &Parts) -> Lists {
    Lists {
        calendar: Arc::new(Reference),
        regions: parts.regions.clone(),
        industries: Arc::new(Reference),
    }
}

pub fn financing(parts: &Parts) -> Financing {
    Financing::new(
        parts.guard.clone(),
        parts.store.clone(),
        parts.clock.clone(),
        parts.cities.clone(),
        parts.sealer.clone(),
        lists(parts),
    )
}

pub fn desk(parts: &Parts) -> EnterpriseDesk {
    EnterpriseDesk {
        financing: financing(parts),
        files: profile::files(parts),
        lists: lists(parts),
        size: profile::size(parts),
        chances: SecondChances {
            financing: financing(parts),
            own: own_facts(parts),
            catalogue: parts.portal.clone(),
        },
        subsidies: super::catalogue::subsidies(parts),
    }
}

pub fn messages(parts: &Parts) -> MessageBox {
    MessageBox::new(
        parts.guard.clone(),
        parts.store.clone(),
        parts.clock.clone(),
    )
}

pub fn consents(parts: &Parts) -> ConsentLedger {
    ConsentLedger::new(
        parts.guard.clone(),
        parts.store.clone(),
        parts.clock.clone(),
        parts.cities.clone(),
    )
}

pub fn deliverer(parts: &Parts) -> Deliverer {
    let channels = Channels {
        sms: parts.sms.clone(),
        words: Arc::new(LocaleWords),
        mini: parts.mini_programs.clone(),
        vault: parts.files.clone(),
    };
    Deliverer::new(
        parts.store.clone(),
        parts.clock.clone(),
        parts.cities.clone(),
        parts.sealer.clone(),
        channels,
    )
}

pub fn alarms(parts: &Parts) -> Alarms {
    Alarms {
        store: parts.store.clone(),
        clock: parts.clock.clone(),
        cities: parts.cities.clone(),
        words: Arc::new(LocaleWords),
    }
}

pub fn response_times(parts: &Parts) -> ResponseTimes {
    ResponseTimes {
        store: parts.store.clone(),
        clock: parts.clock.clone(),
        cities: parts.cities.clone(),
        calendar: Arc::new(Reference),
    }
}

pub fn timers(parts: &Parts) -> Timers {
    Timers::new(
        parts.store.clone(),
        parts.clock.clone(),
        parts.cities.clone(),
        Arc::new(Reference),
        Arc::new(LocaleWords),
    )
}

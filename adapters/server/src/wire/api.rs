//! Wiring of the mini-program's interface.

use std::sync::Arc;

use ::api::{AccountUses, Api, Kit, Rates, Uses};
use application::{access::Origin, account::devices::DeviceDesk};
use reference::Reference;
use web::{
    doors::{DoorSign, Who},
    words::LocaleWords,
};

use super::{Parts, account, branch, catalogue, content, financing, profile, wechat};

pub fn api(parts: &Parts) -> Api {
    let kit = parts.kit.clone();
    let flood = kit.mode().flood;
    let rates = Rates {
        per_device: flood.calls_per_device,
        per_address: flood.calls_per_address,
    };
    Api::new(
        Uses {
            account: account_uses(parts),
            profiles: profile::profile(parts).profiles,
            size: profile::size(parts),
            recognition: profile::profile(parts).recognition,
            files: profile::files(parts),
            identity: profile::identity(parts),
            financing: financing::financing(parts),
            consents: financing::consents(parts),
            reconsent: content::reconsent(parts),
            messages: financing::messages(parts),
            thread: branch::thread(parts).room,
            ratings: catalogue::ratings(parts),
            mini: wechat::uses(parts),
            portal: parts.portal.clone(),
            own: super::own_facts(parts),
            vocabulary: Arc::new(Reference),
            regions: Arc::new(Reference),
            industries: Arc::new(Reference),
        },
        Kit {
            cities: parts.cities.clone(),
            sessions: parts.sessions.clone(),
            tokens: parts.tokens.clone(),
            words: Arc::new(LocaleWords),
            origin: Arc::new(move |head| {
                let (ip, request_id) = web::visit::origin_of(&kit, head);
                Origin {
                    ip,
                    request_id,
                    channel: ::api::CHANNEL,
                }
            }),
            rates,
        },
    )
}

fn account_uses(parts: &Parts) -> AccountUses {
    let uses = account::uses(parts);
    AccountUses {
        devices: DeviceDesk {
            devices: parts.door.clone(),
            sessions: parts.sessions.clone(),
            tools: uses.sign_in.tools.clone(),
        },
        captcha: uses.captcha,
        codes: uses.codes,
        sign_in: uses.sign_in,
        registration: uses.registration,
        recovery: uses.recovery,
        own: uses.own,
    }
}

/// The doors, for the door tests.
pub fn signs() -> Vec<DoorSign> {
    ::api::doors()
        .iter()
        .map(|door| DoorSign {
            method: door.method.clone(),
            path: door.path,
            who: match door.who {
                ::api::Who::Public => Who::Public,
                ::api::Who::Enterprise => Who::Token,
            },
        })
        .collect()
}

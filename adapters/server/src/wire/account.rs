//! Wiring of the account room: sign-in, registration, codes, 账号安全.

use std::sync::Arc;

use application::account::{
    DoorTools, captcha::CaptchaDesk, closing::ClosingRoom, codes::SmsDesk, export::Exports,
    join::JoinDoor, link::LinkDoor, own::OwnRoom, pack::OwnPacker, recover::Recovery,
    register::Registration, second::SecondFactor, sign_in::SignIn,
};
use reference::Reference;
use vault::Totp;
use web::account::AccountUses;

use super::{Parts, profile};

/// The worker that packs an enterprise's own data.
pub fn packer(parts: &Parts) -> OwnPacker {
    OwnPacker {
        room: uses(parts).exports,
        people: parts.door.clone(),
        cities: parts.cities.clone(),
        book: parts.book.clone(),
        printer: Arc::new(media::PdfPrinter),
        regions: parts.regions.clone(),
    }
}

/// The use cases of the room.
pub fn uses(parts: &Parts) -> AccountUses {
    let tools = DoorTools {
        accounts: parts.door.clone(),
        limits: parts.door.clone(),
        hasher: parts.hasher.clone(),
        sealer: parts.sealer.clone(),
        tokens: parts.tokens.clone(),
        clock: parts.clock.clone(),
    };
    let captcha = CaptchaDesk {
        artist: parts.captcha.clone(),
        door: parts.door.clone(),
        limits: parts.door.clone(),
        tokens: parts.tokens.clone(),
        clock: parts.clock.clone(),
    };
    let codes = SmsDesk {
        captcha: captcha.clone(),
        codes: parts.door.clone(),
        plugs: parts.sms.clone(),
        log: parts.door.clone(),
        tools: tools.clone(),
    };
    let second = SecondFactor {
        factors: parts.door.clone(),
        totp: Arc::new(Totp),
        tools: tools.clone(),
        required: !parts.kit.mode().demo,
    };
    let sign_in = SignIn {
        codes: codes.clone(),
        attempts: parts.door.clone(),
        tools,
        sessions: parts.sessions.clone(),
        second,
    };
    let own = OwnRoom {
        guard: parts.guard.clone(),
        store: parts.store.clone(),
        sign_in: sign_in.clone(),
        codes: codes.clone(),
    };
    AccountUses {
        captcha,
        registration: Registration {
            sign_in: sign_in.clone(),
            codes: codes.clone(),
            regions: parts.regions.clone(),
        },
        recovery: Recovery {
            sign_in: sign_in.clone(),
            codes: codes.clone(),
        },
        links: LinkDoor {
            links: parts.door.clone(),
            sign_in: sign_in.clone(),
        },
        joins: JoinDoor {
            door: parts.door.clone(),
            sign_in: sign_in.clone(),
        },
        exports: Exports {
            own: own.clone(),
            files: profile::files(parts),
        },
        closing: ClosingRoom { own: own.clone() },
        own,
        codes,
        sign_in,
        pictures: parts.studio.clone(),
        regions: parts.regions.clone(),
        industries: Arc::new(Reference),
        inbox: parts.door.clone(),
    }
}

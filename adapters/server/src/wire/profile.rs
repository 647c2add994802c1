//! Wiring of 完善信息, 企业材料 and 人脸核验.

use std::sync::Arc;

use application::{
    audit::Watch,
    city::Cities,
    files::{Files, rescan::Rescan},
    identity::{FaceSweep, Identity},
    ports::face::FaceVerifier,
    profile::Profiles,
    recognition::Recognition,
    size::SizeRoom,
};
use outbound::Switchboard;
use reference::Reference;
use tenants::plug_table::PlugTable;
use web::profile::ProfileUses;

use super::{Parts, account};

/// Who compares faces for which city: one line per provider.
pub fn face_table(
    cities: Arc<dyn Cities>,
    board: &Switchboard,
    shelf: ::wechat::Shelf,
) -> PlugTable<dyn FaceVerifier> {
    let (tencent, aliyun, wechat) = (board.clone(), board.clone(), board.clone());
    PlugTable::<dyn FaceVerifier>::new("face", cities)
        .plug(face::demo::KIND, |s| {
            Ok(Arc::new(face::demo::DemoFace::new(s.read()?)))
        })
        .plug(face::tencent::KIND, move |s| {
            let made = face::tencent::Tencent::new(&tencent, s.city.id, s.read()?);
            Ok(Arc::new(made.map_err(|what| s.wrong(what))?))
        })
        .plug(face::aliyun::KIND, move |s| {
            let made = face::aliyun::Aliyun::new(&aliyun, s.city.id, s.read()?);
            Ok(Arc::new(made.map_err(|what| s.wrong(what))?))
        })
        .plug(face::wechat::KIND, move |s| {
            let made = super::wechat::token(s.city, &wechat, &shelf).and_then(|token| {
                let settings = s.read().map_err(|error| error.to_string())?;
                face::wechat::Wechat::new(&wechat, s.city.id, token, settings)
            });
            Ok(Arc::new(made.map_err(|what| s.wrong(what))?))
        })
}

/// Who asks for the verdicts that are owed.
pub fn face_sweep(parts: &Parts) -> FaceSweep {
    FaceSweep {
        store: parts.store.clone(),
        clock: parts.clock.clone(),
        sealer: parts.sealer.clone(),
        cities: parts.cities.clone(),
        verifiers: parts.face.clone(),
    }
}

pub fn files(parts: &Parts) -> Files {
    Files {
        guard: parts.guard.clone(),
        store: parts.store.clone(),
        clock: parts.clock.clone(),
        sealer: parts.sealer.clone(),
        vault: parts.files.clone(),
        studio: parts.studio.clone(),
        scanner: parts.scanner.clone(),
        limits: parts.door.clone(),
        cities: parts.cities.clone(),
    }
}

pub fn rescan(parts: &Parts) -> Rescan {
    Rescan {
        store: parts.store.clone(),
        clock: parts.clock.clone(),
        sealer: parts.sealer.clone(),
        vault: parts.files.clone(),
        scanner: parts.scanner.clone(),
    }
}

pub fn profile(parts: &Parts) -> ProfileUses {
    ProfileUses {
        profiles: Profiles {
            guard: parts.guard.clone(),
            store: parts.store.clone(),
            clock: parts.clock.clone(),
            sealer: parts.sealer.clone(),
            hasher: parts.hasher.clone(),
            regions: parts.regions.clone(),
            industries: Arc::new(Reference),
            codes: account::uses(parts).codes,
            sessions: parts.sessions.clone(),
        },
        files: files(parts),
        size: size(parts),
        recognition: Recognition {
            guard: parts.guard.clone(),
            store: parts.store.clone(),
            clock: parts.clock.clone(),
            limits: parts.door.clone(),
            tokens: parts.tokens.clone(),
            files: files(parts),
            recognizers: parts.recognition.clone(),
        },
    }
}

/// 企业划型.
pub fn size(parts: &Parts) -> SizeRoom {
    SizeRoom {
        watch: Watch {
            guard: parts.guard.clone(),
            log: parts.door.clone(),
            clock: parts.clock.clone(),
        },
        store: parts.store.clone(),
        industries: Arc::new(Reference),
        rules: Arc::new(Reference),
    }
}

pub fn identity(parts: &Parts) -> Identity {
    Identity {
        guard: parts.guard.clone(),
        store: parts.store.clone(),
        clock: parts.clock.clone(),
        sealer: parts.sealer.clone(),
        tokens: parts.tokens.clone(),
        studio: parts.studio.clone(),
        limits: parts.door.clone(),
        cities: parts.cities.clone(),
        regions: Arc::new(Reference),
        files: files(parts),
        verifiers: parts.face.clone(),
        door: parts.door.clone(),
    }
}

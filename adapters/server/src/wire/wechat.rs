//! Wiring of the mini-programs 小程序: which city has one, and with whom.

use std::{collections::BTreeMap, sync::Arc};

use application::{
    city::Cities,
    mini::{MiniRoom, Screen},
    ports::{clock::Clock, plugs::PlugError, sealing::Sealer, wechat::MiniProgram},
};
use outbound::Switchboard;
use postgres_adapter::PgDoor;
use tenants::plug_table::PlugTable;
use wechat::{Platform, Settings, Shelf};

use super::Parts;

const SECTION: &str = "wechat";

/// Which mini-program a city has: one line per kind.
pub fn table(
    cities: Arc<dyn Cities>,
    door: Arc<PgDoor>,
    clock: Arc<dyn Clock>,
    sealer: Arc<dyn Sealer>,
    board: Switchboard,
) -> PlugTable<MiniProgram> {
    let shelf = Shelf {
        tokens: door.clone(),
        sealer,
    };
    PlugTable::<MiniProgram>::new(SECTION, cities)
        .plug(wechat::none::KIND, |_| {
            Ok(Arc::new(wechat::none::mini_program()))
        })
        .plug(wechat::demo::KIND, move |s| {
            let url = s.city.public_url.clone();
            let (inbox, clock) = (door.clone(), clock.clone());
            let made = wechat::demo::mini_program(s.read()?, s.city.id, url, inbox, clock);
            Ok(Arc::new(made))
        })
        .plug(wechat::KIND, move |s| {
            let settings: Settings = s.read()?;
            settings.check().map_err(|what| s.wrong(what))?;
            let platform = Platform::new(&board, s.city.id, shelf.clone(), settings);
            let platform = Arc::new(platform.map_err(|error| s.wrong(error))?);
            Ok(Arc::new(wechat::mini_program(&platform)))
        })
}

/// Whoever signs in with an app id is of one city: no two may name the same.
pub fn check_app_ids(cities: &dyn Cities) -> Result<(), PlugError> {
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for city in cities.all() {
        let section = city.plugs.get(SECTION);
        let Some(app_id) = section.and_then(|s| s.get("app_id")?.as_str()) else {
            continue;
        };
        if let Some(other) = known.insert(app_id.to_owned(), city.slug.clone()) {
            return Err(PlugError::Settings {
                city: city.slug.clone(),
                section: SECTION,
                what: format!("app_id {app_id} is already {other}'s"),
            });
        }
    }
    Ok(())
}

pub fn uses(parts: &Parts) -> MiniRoom {
    MiniRoom {
        guard: parts.guard.clone(),
        store: parts.store.clone(),
        clock: parts.clock.clone(),
        cities: parts.cities.clone(),
        sealer: parts.sealer.clone(),
        vault: parts.files.clone(),
        catalogue: parts.portal.clone(),
        programs: parts.mini_programs.clone(),
        door: parts.door.clone(),
    }
}

/// Who asks about what is written to others.
pub fn screen(parts: &Parts) -> Screen {
    Screen {
        store: parts.store.clone(),
        sealer: parts.sealer.clone(),
        programs: parts.mini_programs.clone(),
    }
}

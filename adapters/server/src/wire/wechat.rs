//! Wiring of the mini-programs 小程序: which city has one, and with whom.

use std::{collections::BTreeMap, sync::Arc};

use application::{
    city::{Cities, City},
    mini::{MiniRoom, Screen},
    ports::{
        clock::Clock, plugs::PlugError, sealing::Sealer, wechat::MiniProgram,
        wechat_token::WechatToken,
    },
};
use outbound::Switchboard;
use postgres_adapter::PgDoor;
use tenants::plug_table::PlugTable;
use wechat::{Platform, Settings, Shelf};

use super::Parts;

pub(super) const SECTION: &str = "wechat";

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

/// The token of a city's mini-program, for its face check and its recognition by WeChat.
pub fn token(
    city: &City,
    board: &Switchboard,
    shelf: &Shelf,
) -> Result<Arc<dyn WechatToken>, String> {
    let section = city.plugs.get(SECTION);
    let ours = section.filter(|s| s["kind"].as_str() == Some(wechat::KIND));
    let ours = ours.ok_or("it needs the mini-program of [wechat], which is not WeChat's")?;
    let settings: Settings =
        serde_json::from_value(ours.clone()).map_err(|error| error.to_string())?;
    settings.check()?;
    let platform = Platform::new(board, city.id, shelf.clone(), settings);
    Ok(Arc::new(platform.map_err(|error| error.to_string())?))
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
        limits: parts.door.clone(),
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

//! Wiring of 证照识别: who reads licences and cards for which city, and who reads where the first cannot.

use std::sync::Arc;

use ::recognition::{aliyun, cloud::InTurn, embedded, tencent, wechat};
use application::{
    city::{Cities, City},
    ports::{clock::Clock, recognition::Recognizer},
};
use outbound::Switchboard;
use reference::Reference;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tenants::plug_table::PlugTable;

/// What the readers are made of.
#[derive(Clone)]
struct Readers {
    board: Switchboard,
    shelf: ::wechat::Shelf,
    clock: Arc<dyn Clock>,
    /// One waiting line for the whole machine, whatever city asks.
    places: embedded::Places,
    regions: embedded::SharedRegions,
}

impl Readers {
    /// The reader of a section, with the one that it names as `fallback` behind it.
    fn made(&self, city: &City, mut section: Value) -> Result<Arc<dyn Recognizer>, String> {
        let next = section
            .as_object_mut()
            .and_then(|settings| settings.remove("fallback"));
        let first = self.one(city, section)?;
        Ok(match next {
            None => first,
            Some(next) => Arc::new(InTurn::new(first, self.made(city, next)?)),
        })
    }

    /// One line per provider.
    fn one(&self, city: &City, section: Value) -> Result<Arc<dyn Recognizer>, String> {
        let board = &self.board;
        match section["kind"].as_str().unwrap_or_default() {
            embedded::KIND => Ok(Arc::new(embedded::EmbeddedRecognizer::new(
                read(section)?,
                self.clock.clone(),
                self.places.clone(),
                self.regions.clone(),
            ))),
            tencent::KIND => Ok(Arc::new(tencent::Tencent::new(
                board,
                city.id,
                read(section)?,
            )?)),
            aliyun::KIND => Ok(Arc::new(aliyun::Aliyun::new(
                board,
                city.id,
                read(section)?,
            )?)),
            wechat::KIND => {
                let token = super::wechat::token(city, board, &self.shelf)?;
                Ok(Arc::new(wechat::Wechat::new(
                    board,
                    city.id,
                    token,
                    read(section)?,
                )?))
            }
            other => Err(format!("unknown kind {other} of a fallback")),
        }
    }
}

fn read<T: DeserializeOwned>(section: Value) -> Result<T, String> {
    serde_json::from_value(section).map_err(|error| error.to_string())
}

/// Who reads licences and cards for which city.
pub fn table(
    cities: Arc<dyn Cities>,
    board: &Switchboard,
    shelf: ::wechat::Shelf,
    clock: Arc<dyn Clock>,
) -> PlugTable<dyn Recognizer> {
    let readers = Readers {
        board: board.clone(),
        shelf,
        clock,
        places: embedded::Places::default(),
        regions: embedded::SharedRegions::of(Reference),
    };
    [embedded::KIND, tencent::KIND, aliyun::KIND, wechat::KIND]
        .into_iter()
        .fold(
            PlugTable::<dyn Recognizer>::new("recognition", cities),
            |table, kind| {
                let readers = readers.clone();
                table.plug(kind, move |s| {
                    let section = s.read::<Value>()?;
                    readers.made(s.city, section).map_err(|what| s.wrong(what))
                })
            },
        )
}

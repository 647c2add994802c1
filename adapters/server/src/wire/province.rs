//! Wiring of 上级报送: whom a city reports to, the worker that does, and the operators' room; and of 全省统计, the room of a province.

use std::sync::Arc;

use ::province::{demo, node};
use application::{
    audit::Watch,
    city::Cities,
    ports::province::ProvinceNode,
    province::{ProvinceRoom, Reporter, SECTION},
    provincial::ProvincialRoom,
};
use outbound::Switchboard;
use reference::Reference;
use tenants::plug_table::PlugTable;

use super::Parts;

/// Whom cities report to; a city without the section reports to nobody.
pub(super) fn table(cities: Arc<dyn Cities>, board: &Switchboard) -> PlugTable<dyn ProvinceNode> {
    let board = board.clone();
    PlugTable::<dyn ProvinceNode>::new(SECTION, cities)
        .plug(demo::KIND, |s| {
            let node = demo::DemoNode::new(&s.read()?);
            Ok(Arc::new(node.map_err(|what| s.wrong(what))?))
        })
        .plug(node::KIND, move |s| {
            let node = node::Node::new(&board, s.city.id, s.read()?);
            Ok(Arc::new(node.map_err(|what| s.wrong(what))?))
        })
}

/// Makes and sends reports.
pub fn reporter(parts: &Parts) -> Reporter {
    Reporter {
        store: parts.store.clone(),
        clock: parts.clock.clone(),
        cities: parts.cities.clone(),
        nodes: parts.province.clone(),
        regions: Arc::new(Reference),
    }
}

pub(super) fn room(watch: Watch, parts: &Parts) -> ProvinceRoom {
    ProvinceRoom {
        watch,
        store: parts.store.clone(),
        nodes: parts.province.clone(),
    }
}

/// 全省统计.
pub(super) fn provincial(parts: &Parts) -> ProvincialRoom {
    ProvincialRoom {
        watch: Watch {
            guard: parts.guard.clone(),
            log: parts.door.clone(),
            clock: parts.clock.clone(),
        },
        store: parts.store.clone(),
        regions: Arc::new(Reference),
        industries: Arc::new(Reference),
        workbooks: parts.workbooks.clone(),
    }
}

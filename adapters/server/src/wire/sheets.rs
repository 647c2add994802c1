//! Wiring of 数据导出, 批量导入 and 推荐清单, and of the workers behind them.

use std::sync::Arc;

use application::{
    audit::Watch,
    exports::{ExportMaker, Exports},
    imports::{ImportWorker, Imports},
    lending::Lending,
    referrals::Referrals,
    review::Review,
};
use reference::Reference;
use web::referrals::ReferralDesk;

use super::Parts;

fn watch(parts: &Parts) -> Watch {
    Watch {
        guard: parts.guard.clone(),
        log: parts.door.clone(),
        clock: parts.clock.clone(),
    }
}

pub fn exports(parts: &Parts) -> Exports {
    Exports {
        watch: watch(parts),
        store: parts.store.clone(),
        limits: parts.door.clone(),
        sealer: parts.sealer.clone(),
        vault: parts.files.clone(),
    }
}

pub fn export_maker(parts: &Parts) -> ExportMaker {
    ExportMaker {
        room: exports(parts),
        people: parts.door.clone(),
        workbooks: parts.workbooks.clone(),
        cities: parts.cities.clone(),
        calendar: Arc::new(Reference),
    }
}

pub fn imports(parts: &Parts) -> Imports {
    Imports {
        watch: watch(parts),
        store: parts.store.clone(),
        limits: parts.door.clone(),
        sealer: parts.sealer.clone(),
        vault: parts.files.clone(),
        workbooks: parts.workbooks.clone(),
    }
}

fn referrals(parts: &Parts) -> Referrals {
    Referrals {
        watch: watch(parts),
        store: parts.store.clone(),
        sealer: parts.sealer.clone(),
    }
}

pub fn referral_desk(parts: &Parts) -> ReferralDesk {
    ReferralDesk {
        referrals: referrals(parts),
        imports: imports(parts),
    }
}

pub fn import_worker(parts: &Parts) -> ImportWorker {
    ImportWorker {
        room: imports(parts),
        people: parts.door.clone(),
        lending: Lending {
            review: Review {
                watch: watch(parts),
                store: parts.store.clone(),
                cities: parts.cities.clone(),
                calendar: Arc::new(Reference),
            },
        },
        referrals: referrals(parts),
    }
}

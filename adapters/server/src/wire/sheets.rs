//! Wiring of 数据导出, 批量导入, 推荐清单 and 走访清单, and of the workers behind them.

use std::sync::Arc;

use application::{
    audit::Watch,
    exports::{ExportMaker, Exports},
    imports::{ImportWorker, Imports},
    lending::Lending,
    referrals::Referrals,
    review::Review,
    visits::{VisitBook, VisitRoom},
};
use reference::Reference;
use web::{referrals::ReferralDesk, visits::VisitDesk, words::LocaleWords};

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

pub fn referrals(parts: &Parts) -> Referrals {
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

pub fn visits(parts: &Parts) -> VisitRoom {
    VisitRoom {
        watch: watch(parts),
        store: parts.store.clone(),
        sealer: parts.sealer.clone(),
        cities: parts.cities.clone(),
        regions: Arc::new(Reference),
        words: Arc::new(LocaleWords),
    }
}

pub fn visit_desk(parts: &Parts) -> VisitDesk {
    VisitDesk {
        visits: visits(parts),
        book: VisitBook {
            room: visits(parts),
            workbooks: parts.workbooks.clone(),
        },
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
        visits: visits(parts),
    }
}

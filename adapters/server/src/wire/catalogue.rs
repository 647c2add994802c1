//! 产品管理 of the banks, and the city's console over products and applications.

use std::sync::Arc;

use application::{
    appraisal::AppraisalRoom,
    audit::{Watch, link::Chain, look::AuditRoom},
    breaches::BreachRoom,
    callbacks::CallbackRoom,
    complaints::ComplaintRoom,
    deliveries::Deliveries,
    dictionaries::DictionaryRoom,
    enterprises::EnterpriseRoom,
    estimates::EstimateRoom,
    institutions::InstitutionRoom,
    products::{FormLists, Products},
    ratings::RatingRoom,
    rules::RulesRoom,
    statistics::{Oversight, Statistics},
    subsidies::SubsidyRoom,
    supervision::Supervision,
};
use reference::Reference;
use web::{operator::OperatorDesk, products::ProductDesk, words::LocaleWords};

use super::{Parts, showcase};

fn watch(parts: &Parts) -> Watch {
    Watch {
        guard: parts.guard.clone(),
        log: parts.door.clone(),
        clock: parts.clock.clone(),
    }
}

fn room(parts: &Parts) -> Products {
    Products {
        watch: watch(parts),
        store: parts.store.clone(),
        lists: FormLists {
            words: Arc::new(Reference),
            regions: Arc::new(Reference),
            industries: Arc::new(Reference),
        },
    }
}

pub fn products(parts: &Parts) -> ProductDesk {
    ProductDesk {
        products: room(parts),
        show: showcase(parts),
    }
}

pub fn operator(parts: &Parts) -> OperatorDesk {
    OperatorDesk {
        products: room(parts),
        supervision: supervision(parts),
        deliveries: Deliveries {
            watch: watch(parts),
            store: parts.store.clone(),
            checks: parts.checks.clone(),
        },
        province: super::province::room(watch(parts), parts),
        statistics: Statistics {
            watch: watch(parts),
            store: parts.store.clone(),
            regions: Arc::new(Reference),
            industries: Arc::new(Reference),
            workbooks: parts.workbooks.clone(),
        },
        oversight: Oversight {
            watch: watch(parts),
            store: parts.store.clone(),
            limits: parts.door.clone(),
        },
        audit: AuditRoom {
            watch: watch(parts),
            store: parts.store.clone(),
            chain: Chain {
                store: parts.store.clone(),
                tokens: parts.tokens.clone(),
            },
        },
    }
}

/// 企业管理 of the city.
pub fn enterprises(parts: &Parts) -> EnterpriseRoom {
    EnterpriseRoom {
        watch: watch(parts),
        store: parts.store.clone(),
        sealer: parts.sealer.clone(),
        regions: parts.regions.clone(),
        industries: Arc::new(Reference),
    }
}

/// 平台设置 of the city.
pub fn rules(parts: &Parts) -> RulesRoom {
    RulesRoom {
        watch: watch(parts),
        store: parts.store.clone(),
        cities: parts.in_force.clone(),
        calendar: Arc::new(Reference),
        regions: Arc::new(Reference),
        words: Arc::new(LocaleWords),
        sms_texts: sms::texts::all()
            .map(|(code, text)| (code.to_owned(), text.to_owned()))
            .collect(),
    }
}

/// 数据字典 of the city.
pub fn dictionaries(parts: &Parts) -> DictionaryRoom {
    DictionaryRoom {
        watch: watch(parts),
        store: parts.store.clone(),
        cities: parts.cities.clone(),
        lists: Arc::new(Reference),
        regions: Arc::new(Reference),
        industries: Arc::new(Reference),
        words: Arc::new(Reference),
    }
}

/// 机构管理 of the city.
pub fn institutions(parts: &Parts) -> InstitutionRoom {
    InstitutionRoom {
        people: super::people::uses(parts),
        words: Arc::new(Reference),
        regions: Arc::new(Reference),
    }
}

pub fn receipts(parts: &Parts) -> web::hooks::Receipts {
    web::hooks::Receipts {
        receivers: parts.receipts.clone(),
    }
}

pub fn supervision(parts: &Parts) -> Supervision {
    Supervision {
        watch: watch(parts),
        store: parts.store.clone(),
        cities: parts.cities.clone(),
        calendar: Arc::new(Reference),
    }
}

pub fn complaints(parts: &Parts) -> ComplaintRoom {
    ComplaintRoom {
        watch: watch(parts),
        store: parts.store.clone(),
        cities: parts.cities.clone(),
        calendar: Arc::new(Reference),
    }
}

/// 额度试算.
pub fn estimates(parts: &Parts) -> EstimateRoom {
    EstimateRoom {
        watch: watch(parts),
        store: parts.store.clone(),
        portal: parts.portal.clone(),
        regions: Arc::new(Reference),
        industries: Arc::new(Reference),
    }
}

pub fn ratings(parts: &Parts) -> RatingRoom {
    RatingRoom {
        watch: watch(parts),
        store: parts.store.clone(),
    }
}

pub fn callbacks(parts: &Parts) -> CallbackRoom {
    CallbackRoom {
        watch: watch(parts),
        store: parts.store.clone(),
        sealer: parts.sealer.clone(),
        complaints: complaints(parts),
    }
}

pub fn appraisal(parts: &Parts) -> AppraisalRoom {
    AppraisalRoom {
        watch: watch(parts),
        store: parts.store.clone(),
    }
}

pub fn breaches(parts: &Parts) -> BreachRoom {
    BreachRoom {
        watch: watch(parts),
        store: parts.store.clone(),
        cities: parts.cities.clone(),
        calendar: Arc::new(Reference),
        workbooks: parts.workbooks.clone(),
    }
}

/// 贴息补贴 of both sides, and 政策成效.
pub fn subsidies(parts: &Parts) -> SubsidyRoom {
    SubsidyRoom {
        watch: watch(parts),
        store: parts.store.clone(),
        sealer: parts.sealer.clone(),
        workbooks: parts.workbooks.clone(),
    }
}

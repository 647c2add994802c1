//! Notebook 最近失败: the last faults of a provider and city in this process, for the operator's page.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use time::OffsetDateTime;

use crate::fault::Fault;

const KEPT: usize = 10;

/// A fault and when it was met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    pub at: OffsetDateTime,
    pub fault: Fault,
}

#[derive(Default)]
pub(crate) struct Notebook {
    faults: Mutex<VecDeque<Noted>>,
}

impl Notebook {
    pub(crate) fn note(&self, at: OffsetDateTime, fault: &Fault) {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        faults.truncate(KEPT - 1);
        faults.push_front(Noted {
            at,
            fault: fault.clone(),
        });
    }

    /// Newest first.
    pub(crate) fn read(&self) -> Vec<Noted> {
        let faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        faults.iter().cloned().collect()
    }
}

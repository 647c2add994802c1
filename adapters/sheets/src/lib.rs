#![doc = include_str!("../README.md")]

mod guard;
mod read;
mod write;

use application::ports::workbooks::{
    ReadAsk, ReadError, ReadSheet, SheetPlan, SheetWriter, Workbooks, WriteError,
};
use async_trait::async_trait;
use tokio::sync::Semaphore;

/// Uploads that are parsed at once.
const AT_ONCE: usize = 2;

/// .xlsx files.
#[derive(Debug)]
pub struct Xlsx {
    turns: Semaphore,
}

impl Default for Xlsx {
    fn default() -> Self {
        Self {
            turns: Semaphore::new(AT_ONCE),
        }
    }
}

#[async_trait]
impl Workbooks for Xlsx {
    fn begin(&self, plan: &SheetPlan) -> Result<Box<dyn SheetWriter>, WriteError> {
        Ok(Box::new(write::Writer::begin(plan)?))
    }

    async fn read(&self, bytes: Vec<u8>, ask: ReadAsk) -> Result<ReadSheet, ReadError> {
        let _turn = self.turns.acquire().await.map_err(|_| ReadError::Stopped)?;
        tokio::task::spawn_blocking(move || read::read(bytes, ask))
            .await
            .map_err(|_| ReadError::Stopped)?
    }
}

#[cfg(test)]
mod tests;

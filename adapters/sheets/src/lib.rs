#![doc = include_str!("../README.md")]

mod guard;
mod read;
mod write;

use std::sync::Arc;

use application::ports::workbooks::{
    MAX_SHEET_BYTES, ReadAsk, ReadError, ReadSheet, SheetPlan, SheetWriter, Workbooks, WriteError,
};
use async_trait::async_trait;
use tokio::sync::Semaphore;

pub use read::read as read_sheet;

/// Uploads that are parsed at once.
const AT_ONCE: usize = 2;

/// Sheet reader 表格读取: parses workbooks of strangers, which may need a process of its own. Asked for two at most at a time by one
/// [`Xlsx`].
#[async_trait]
pub trait SheetReader: std::fmt::Debug + Send + Sync {
    async fn read(&self, bytes: Vec<u8>, ask: ReadAsk) -> Result<ReadSheet, ReadError>;
}

/// Reads here, in this very process, which a hostile workbook takes along: for tests. The program reads apart.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReadsHere;

#[async_trait]
impl SheetReader for ReadsHere {
    async fn read(&self, bytes: Vec<u8>, ask: ReadAsk) -> Result<ReadSheet, ReadError> {
        tokio::task::spawn_blocking(move || read_sheet(bytes, ask))
            .await
            .map_err(|_| ReadError::Stopped)?
    }
}

/// .xlsx files.
#[derive(Debug)]
pub struct Xlsx {
    turns: Semaphore,
    reader: Arc<dyn SheetReader>,
}

/// Reads workbooks itself: for tests.
impl Default for Xlsx {
    fn default() -> Self {
        Self::new(Arc::new(ReadsHere))
    }
}

impl Xlsx {
    pub fn new(reader: Arc<dyn SheetReader>) -> Self {
        Self {
            turns: Semaphore::new(AT_ONCE),
            reader,
        }
    }
}

#[async_trait]
impl Workbooks for Xlsx {
    fn begin(&self, plan: &SheetPlan) -> Result<Box<dyn SheetWriter>, WriteError> {
        Ok(Box::new(write::Writer::begin(plan)?))
    }

    async fn read(&self, bytes: Vec<u8>, ask: ReadAsk) -> Result<ReadSheet, ReadError> {
        if bytes.len() > MAX_SHEET_BYTES {
            return Err(ReadError::TooLarge);
        }
        let _turn = self.turns.acquire().await.map_err(|_| ReadError::Stopped)?;
        self.reader.read(bytes, ask).await
    }
}

#[cfg(test)]
mod tests;

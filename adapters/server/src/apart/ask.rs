//! The parent: starts a child, gives it the file, hears what it says, and ends it when it takes too long.

use std::{io, path::PathBuf, process::Stdio, sync::Arc, time::Duration};

use application::ports::{
    pictures::UploadError,
    workbooks::{ReadAsk, ReadError, ReadSheet},
};
use async_trait::async_trait;
use media::DocumentReader;
use serde::de::DeserializeOwned;
use sheets::SheetReader;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    process::{Child, Command},
    sync::Semaphore,
    task::spawn_blocking,
    time::timeout,
};

use super::{COMMAND, Kind, WITHOUT_LIMITS, said};

/// Children at once, of all cities and databases together.
const AT_ONCE: usize = 2;
/// For a child that may be started; with the patience for what it says, shorter than that of a request.
const WAIT: Duration = Duration::from_secs(5);
/// By the clock on the wall. A file that takes all time is ended by the limit of the processor, long before that: whoever is not done
/// now was given no processor.
const PATIENCE: Duration = Duration::from_secs(8);
/// Ten thousand rows of a few hundred bytes say less than a quarter.
const MOST_SAID: u64 = 32 * 1024 * 1024;
/// The allocator takes memory as it is asked for it instead of a gigabyte at its start, so that the limit is one.
const TAKES_LITTLE: (&str, &str) = ("MIMALLOC_ARENA_RESERVE", "0");

/// Reader apart 隔离读取: the program that reads, and how many of it there may be.
#[derive(Clone, Debug)]
pub struct Apart {
    program: PathBuf,
    places: Arc<Semaphore>,
}

/// Why nothing was heard.
enum Unheard {
    /// Nobody looked into the file, or not for long enough.
    Busy,
    /// Whoever looked into it did not come back with anything.
    Broken,
}

impl Apart {
    /// By this executable, which knows the command.
    pub fn of(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            places: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// `heard` makes a refusal or a result of what the child says, or `None` of nonsense.
    async fn ask<S, T>(
        &self,
        kind: Kind,
        input: &[&[u8]],
        heard: impl FnOnce(S) -> Option<T> + Send + 'static,
    ) -> Result<T, Unheard>
    where
        S: DeserializeOwned + 'static,
        T: Send + 'static,
    {
        let Ok(Ok(_place)) = timeout(WAIT, self.places.acquire()).await else {
            return Err(Unheard::Busy);
        };
        let child = self.start(kind).map_err(|error| {
            tracing::error!(kind = kind.word(), %error, "no reader of files could be started");
            Unheard::Busy
        })?;
        let talked = match timeout(PATIENCE, talk(child, input)).await {
            Ok(Ok(Some(said))) => spawn_blocking(move || understood(&said, heard))
                .await
                .map_err(io::Error::from)
                .flatten(),
            Ok(Ok(None)) => {
                tracing::error!(
                    kind = kind.word(),
                    "a reader of files could not limit itself, and read nothing"
                );
                return Err(Unheard::Busy);
            }
            Ok(Err(error)) => Err(error),
            Err(_) => {
                tracing::warn!(
                    kind = kind.word(),
                    "a reader of files was not given the time that it needs"
                );
                return Err(Unheard::Busy);
            }
        };
        talked.map_err(|error| {
            tracing::warn!(kind = kind.word(), %error, "a reader of files ended without an answer; the file counts as damaged");
            Unheard::Broken
        })
    }

    fn start(&self, kind: Kind) -> io::Result<Child> {
        Command::new(&self.program)
            .arg0("yijianrong")
            .args([COMMAND, kind.word()])
            .env_clear()
            .env(TAKES_LITTLE.0, TAKES_LITTLE.1)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
    }
}

fn understood<S: DeserializeOwned, T>(
    said: &[u8],
    heard: impl FnOnce(S) -> Option<T>,
) -> io::Result<T> {
    heard(serde_json::from_slice(said)?).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// What the child says; `None`: it could not put its limits on itself, and read nothing.
async fn talk(mut child: Child, input: &[&[u8]]) -> io::Result<Option<Vec<u8>>> {
    let (Some(mut ear), Some(mouth)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    let tell = async move {
        for part in input {
            // A child that stops listening says why by its status.
            if ear.write_all(part).await.is_err() {
                break;
            }
        }
    };
    let mut said = Vec::new();
    let mut mouth = mouth.take(MOST_SAID + 1);
    let hear = mouth.read_to_end(&mut said);
    let ((), heard) = tokio::join!(tell, hear);
    heard?;
    if said.len() as u64 > MOST_SAID {
        return Err(io::Error::other("it says too much"));
    }
    let status = child.wait().await?;
    if status.code() == Some(i32::from(WITHOUT_LIMITS)) {
        return Ok(None);
    }
    if !status.success() {
        return Err(io::Error::other(format!("it ended with {status}")));
    }
    Ok(Some(said))
}

#[async_trait]
impl DocumentReader for Apart {
    async fn pdf(&self, upload: &[u8]) -> Result<u32, UploadError> {
        let said = self.ask(Kind::Pdf, &[upload], said::pages).await;
        said.unwrap_or_else(|unheard| {
            Err(match unheard {
                Unheard::Busy => UploadError::Busy,
                Unheard::Broken => UploadError::PdfBroken,
            })
        })
    }

    async fn docx(&self, upload: &[u8]) -> Result<(), UploadError> {
        let said = self.ask(Kind::Docx, &[upload], said::harmless).await;
        said.unwrap_or_else(|unheard| {
            Err(match unheard {
                Unheard::Busy => UploadError::Busy,
                Unheard::Broken => UploadError::DocxBroken,
            })
        })
    }
}

#[async_trait]
impl SheetReader for Apart {
    async fn read(&self, bytes: Vec<u8>, ask: ReadAsk) -> Result<ReadSheet, ReadError> {
        let line = said::asked(&ask).map_err(|_| ReadError::Stopped)?;
        let heard = move |said| said::read(said, &ask);
        let said = self.ask(Kind::Sheet, &[&line, &bytes], heard).await;
        said.unwrap_or_else(|unheard| {
            Err(match unheard {
                Unheard::Busy => ReadError::Stopped,
                Unheard::Broken => ReadError::NotAWorkbook,
            })
        })
    }
}

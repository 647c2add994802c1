//! ClamAV's daemon by `INSTREAM`, over its socket or TCP.

use std::{io, path::PathBuf, time::Duration};

use application::ports::scanner::{FileScanner, Scan};
use async_trait::async_trait;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpStream, UnixStream},
    time::timeout,
};

const CHUNK: usize = 64 * 1024;
/// No honest answer is longer.
const ANSWER: u64 = 4 * 1024;

/// Where the daemon listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    Socket(PathBuf),
    Tcp(String),
}

/// How long it may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    pub connect: Duration,
    pub whole: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(2),
            whole: Duration::from_secs(10),
        }
    }
}

/// The daemon.
pub struct Clamd {
    address: Address,
    patience: Patience,
}

impl Clamd {
    pub fn new(address: Address) -> Self {
        Self {
            address,
            patience: Patience::default(),
        }
    }

    #[must_use]
    pub fn patient(mut self, patience: Patience) -> Self {
        self.patience = patience;
        self
    }

    async fn ask(&self, bytes: &[u8]) -> io::Result<String> {
        let connect = self.patience.connect;
        match &self.address {
            Address::Socket(path) => {
                let stream = timeout(connect, UnixStream::connect(path)).await??;
                talk(stream, bytes).await
            }
            Address::Tcp(host) => {
                let stream = timeout(connect, TcpStream::connect(host.as_str())).await??;
                talk(stream, bytes).await
            }
        }
    }
}

async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    bytes: &[u8],
) -> io::Result<String> {
    // A daemon that has had enough says why and closes: its answer counts, not our broken pipe.
    let sent = send(&mut stream, bytes).await;
    let mut answer = Vec::new();
    stream.take(ANSWER).read_to_end(&mut answer).await?;
    if answer.is_empty() {
        sent?;
    }
    String::from_utf8(answer).map_err(io::Error::other)
}

async fn send<S: AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(b"zINSTREAM\0").await?;
    for chunk in bytes.chunks(CHUNK) {
        let length = u32::try_from(chunk.len()).map_err(io::Error::other)?;
        stream.write_all(&length.to_be_bytes()).await?;
        stream.write_all(chunk).await?;
    }
    stream.write_all(&0_u32.to_be_bytes()).await?;
    stream.flush().await
}

/// What an answer says; whatever is not word for word clean or infected is unknown.
fn said(answer: &str) -> Scan {
    match answer
        .trim_end_matches(['\0', '\n'])
        .strip_prefix("stream: ")
    {
        Some("OK") => Scan::Clean,
        Some(found) if found.len() > " FOUND".len() && found.ends_with(" FOUND") => Scan::Infected,
        _ => Scan::Unknown,
    }
}

#[async_trait]
impl FileScanner for Clamd {
    fn scans(&self) -> bool {
        true
    }

    async fn scan(&self, bytes: &[u8]) -> Scan {
        let asked = timeout(self.patience.whole, self.ask(bytes)).await;
        match asked.unwrap_or_else(|late| Err(late.into())) {
            Ok(answer) => {
                let scan = said(&answer);
                if scan != Scan::Clean {
                    let answer: String = answer
                        .chars()
                        .filter(|c| !c.is_control())
                        .take(120)
                        .collect();
                    tracing::warn!(
                        answer,
                        outcome = scan.code(),
                        "the virus scanner did not say clean"
                    );
                }
                scan
            }
            Err(error) => {
                tracing::warn!(%error, "the virus scanner did not answer");
                Scan::Unknown
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::{TcpListener, UnixListener};

    const QUICK: Patience = Patience {
        connect: Duration::from_millis(500),
        whole: Duration::from_millis(500),
    };

    /// Reads a whole stream as the daemon does; what came.
    async fn taken<S: AsyncRead + Unpin>(stream: &mut S) -> Vec<u8> {
        let mut command = [0; 10];
        stream.read_exact(&mut command).await.expect("a command");
        assert_eq!(&command, b"zINSTREAM\0");
        let mut all = Vec::new();
        loop {
            let length = stream.read_u32().await.expect("a length") as usize;
            if length == 0 {
                return all;
            }
            let mut chunk = vec![0; length];
            stream.read_exact(&mut chunk).await.expect("a chunk");
            all.extend(chunk);
        }
    }

    /// What the scanner makes of a daemon that takes everything and answers this.
    async fn answered(answer: &'static [u8]) -> Scan {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = listener.local_addr().expect("an address").to_string();
        let file: Vec<u8> = (0..200_000_u32).map(|n| (n % 251) as u8).collect();
        let sent = file.clone();
        let daemon = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a call");
            assert_eq!(taken(&mut stream).await, sent, "byte for byte");
            stream.write_all(answer).await.expect("it answers");
        });
        let scan = Clamd::new(Address::Tcp(at))
            .patient(QUICK)
            .scan(&file)
            .await;
        daemon.await.expect("the daemon was asked");
        scan
    }

    #[tokio::test]
    async fn clean_and_infected_are_word_for_word_and_everything_else_is_unknown() {
        for (answer, scan) in [
            (&b"stream: OK\0"[..], Scan::Clean),
            (b"stream: OK\n", Scan::Clean),
            (b"stream: Win.Test.EICAR_HDB-1 FOUND\0", Scan::Infected),
            (b"stream: Can't allocate memory ERROR\0", Scan::Unknown),
            (b"INSTREAM size limit exceeded. ERROR\0", Scan::Unknown),
            (b"stream: BROKEN\0", Scan::Unknown),
            (b"HTTP/1.1 200 OK\r\n\r\n", Scan::Unknown),
            (b"stream:  FOUND\0", Scan::Unknown),
            (b"\xff\xfe", Scan::Unknown),
            (b"", Scan::Unknown),
        ] {
            assert_eq!(answered(answer).await, scan, "{}", answer.escape_ascii());
        }
    }

    #[tokio::test]
    async fn a_daemon_that_is_silent_or_not_there_is_unknown() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = listener.local_addr().expect("an address").to_string();
        let clamd = || Clamd::new(Address::Tcp(at.clone())).patient(QUICK);
        // The call is taken by the system and answered by nobody.
        assert_eq!(clamd().scan(b"x").await, Scan::Unknown);
        drop(listener);
        assert_eq!(clamd().scan(b"x").await, Scan::Unknown);
    }

    #[tokio::test]
    async fn a_daemon_that_never_stops_talking_is_unknown() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = listener.local_addr().expect("an address").to_string();
        let daemon = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a call");
            taken(&mut stream).await;
            while stream.write_all(b"stream: OK\0stream: OK\0").await.is_ok() {}
        });
        let scan = Clamd::new(Address::Tcp(at)).patient(QUICK).scan(b"x").await;
        assert_eq!(scan, Scan::Unknown);
        daemon.await.expect("it was hung up on");
    }

    #[tokio::test]
    async fn its_socket_is_asked_too() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("clamd.ctl");
        let listener = UnixListener::bind(&path).expect("a socket");
        let daemon = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a call");
            taken(&mut stream).await;
            stream.write_all(b"stream: OK\0").await.expect("it answers");
        });
        let clamd = Clamd::new(Address::Socket(path)).patient(QUICK);
        assert_eq!(clamd.scan(b"x").await, Scan::Clean);
        daemon.await.expect("the daemon was asked");
    }
}

//! The accept loop: every wait for a stranger has an end (security rule S-49).
//!
//! `axum::serve` waits for ever for a header that does not come; such connections would also keep the
//! program from ending.

mod late;
mod patience;
#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderValue, Request, header, request::Parts};
use axum::response::Response;
use http_body::Body as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tower::ServiceExt;

pub use late::{Answer, Late, Reason, problem};
pub use patience::Pace;
use patience::{Arrival, ArrivingBody, UnstallableWrites};

/// How long the server waits, and for how many at once.
#[derive(Clone)]
pub struct Limits {
    /// For the first byte, for the whole header, and for the next request on a kept connection.
    pub header: Duration,
    /// For the next piece of a body, or for the client to take the next piece of an answer.
    pub body_idle: Duration,
    /// A client that takes its answer more slowly than this is given up.
    pub pace: Pace,
    /// For the answer to begin, counted from the end of the header.
    pub request: Duration,
    /// Bytes a second that a large upload may take its time for, on top of `request`.
    pub upload_rate: u64,
    /// Connections at once; more wait in the system's queue.
    pub connections: usize,
    /// How long strangers are still let in once the program is to end, so that whoever sends them here notices first.
    pub leave: Duration,
    /// For requests under way when nobody is let in any more.
    pub drain: Duration,
    /// What a client reads whose request ran out of time.
    pub answer: Answer,
    /// True from the moment that the program is to end.
    pub leaving: Arc<AtomicBool>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header: Duration::from_secs(10),
            body_idle: Duration::from_secs(10),
            pace: Pace {
                after: Duration::from_secs(30),
                least: 8 * 1024,
            },
            request: Duration::from_secs(15),
            upload_rate: 128 * 1024,
            connections: 1_000,
            // Two seconds less than the ten that the whole program has: the database stops after us.
            drain: Duration::from_secs(8),
            leave: Duration::ZERO,
            leaving: Arc::default(),
            answer: Arc::new(problem),
        }
    }
}

impl Limits {
    /// What a request may take: a promised body adds the time it needs on a slow line, so that
    /// `request` does not cut off a photo on its way, while `body_idle` still ends a stalled one.
    fn allowance(&self, promised: Option<u64>) -> Duration {
        let bytes = promised.unwrap_or(0).min(16 * 1024 * 1024);
        self.request + Duration::from_millis(bytes * 1000 / self.upload_rate.max(1))
    }
}

/// What can be answered at once, from the head of a request without a body; `None`: the rooms answer.
pub type Quick = Arc<dyn Fn(&Parts) -> Option<Response> + Send + Sync>;

/// The rooms that a request belongs to, told by its head.
pub type Rooms = Arc<dyn Fn(&Parts) -> Router + Send + Sync>;

/// Takes the port that systemd holds for this program, or opens it, or says in one sentence why not.
pub async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    if let Some(held) = listenfd::ListenFd::from_env().take_tcp_listener(0)? {
        held.set_nonblocking(true)?;
        return Ok(TcpListener::from_std(held)?);
    }
    TcpListener::bind(address).await.map_err(|refused| {
        let (ip, port) = (address.ip(), address.port());
        match refused.kind() {
            io::ErrorKind::AddrInUse => anyhow::anyhow!(
                "port {port} of {ip} is already in use: stop the program that uses it, or choose another port"
            ),
            io::ErrorKind::PermissionDenied => anyhow::anyhow!(
                "port {port} of {ip} may not be opened by this user: choose a port above 1023"
            ),
            io::ErrorKind::AddrNotAvailable => {
                anyhow::anyhow!("{ip} is not an address of this machine: choose another one")
            }
            _ => anyhow::Error::new(refused).context(format!("opening port {port} of {ip}")),
        }
    })
}

/// Serves a site until `shutdown` resolves; then goes on for `limits.leave`, closing each connection after its answer, takes whoever
/// stands in the system's queue, and lets requests under way finish within `limits.drain`.
///
/// Handlers find the peer in `ConnectInfo<SocketAddr>`.
pub async fn serve(
    listener: TcpListener,
    (rooms, quick): (Rooms, Quick),
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let limits = Arc::new(limits);
    let permits = Arc::new(Semaphore::new(limits.connections));
    let (ending, end) = watch::channel(false);
    let mut connections = JoinSet::new();
    let let_in =
        |connections: &mut JoinSet<()>, permit: OwnedSemaphorePermit, stream, peer, end| {
            let site = (Arc::clone(&rooms), Arc::clone(&quick));
            let talk = talk(stream, peer, site, Arc::clone(&limits), end);
            connections.spawn(async move {
                talk.await;
                drop(permit);
            });
        };
    let left = async {
        shutdown.await;
        limits.leaving.store(true, Ordering::Relaxed);
        sleep(limits.leave).await;
    };
    let mut left = pin!(left);
    loop {
        tokio::select! {
            biased;
            () = &mut left => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            accepted = accept(&listener, &permits) => {
                let (permit, stream, peer) = accepted?;
                let_in(&mut connections, permit, stream, peer, end.clone());
            }
        }
    }
    // For their peers these are connected already: closing the port alone would cut them off without an answer.
    let queue = queued(listener)?;
    ending.send_replace(true);
    let (_open, never) = watch::channel(false);
    let all_done = async {
        for (stream, peer) in queue {
            let Ok(permit) = Arc::clone(&permits).acquire_owned().await else {
                break;
            };
            let_in(&mut connections, permit, stream, peer, never.clone());
        }
        while connections.join_next().await.is_some() {}
    };
    if timeout(limits.drain, all_done).await.is_err() {
        tracing::warn!(
            connections = connections.len(),
            "connections were cut off at the end of the drain"
        );
        connections.shutdown().await;
    }
    Ok(())
}

/// The next connection, once there is room for it.
async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> anyhow::Result<(OwnedSemaphorePermit, TcpStream, SocketAddr)> {
    let permit = Arc::clone(permits)
        .acquire_owned()
        .await
        .context("the connections' semaphore was closed")?;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return Ok((permit, stream, peer)),
            Err(gone) if is_of_the_peer(&gone) => {}
            Err(error) => {
                // Out of file handles or memory: others must end first.
                tracing::error!(%error, "a connection could not be accepted");
                sleep(Duration::from_millis(500)).await;
            }
        }
    }
}

/// Whoever stood in the system's queue; the port is closed.
fn queued(listener: TcpListener) -> anyhow::Result<Vec<(TcpStream, SocketAddr)>> {
    let listener = listener.into_std()?;
    let mut queue = Vec::new();
    loop {
        match listener.accept() {
            Ok((stream, peer)) => {
                stream.set_nonblocking(true)?;
                queue.push((TcpStream::from_std(stream)?, peer));
            }
            Err(gone) if is_of_the_peer(&gone) => {}
            Err(_) => return Ok(queue),
        }
    }
}

fn is_of_the_peer(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    )
}

/// One connection, from its first byte to its last.
async fn talk(
    stream: TcpStream,
    peer: SocketAddr,
    (rooms, quick): (Rooms, Quick),
    limits: Arc<Limits>,
    mut end: watch::Receiver<bool>,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection was gone before it began");
        return;
    }
    let io = TokioIo::new(UnstallableWrites::new(
        stream,
        limits.body_idle,
        limits.pace,
    ));
    let header = limits.header;
    let leaving = Arc::clone(&limits.leaving);
    let service = service_fn(move |request: Request<Incoming>| {
        let leaving = Arc::clone(&leaving);
        let (head, body) = request.into_parts();
        // The rooms are copied for each request that enters them: what is at hand is answered before that.
        let next = match quick(&head).filter(|_| body.is_end_stream()) {
            Some(response) => Err(response),
            None => Ok((rooms(&head), Arc::clone(&limits))),
        };
        async move {
            let mut response = match next {
                Err(response) => response,
                Ok((app, limits)) => {
                    answer(app, Request::from_parts(head, body), peer, &limits).await
                }
            };
            if leaving.load(Ordering::Relaxed) {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(header::CONNECTION, close);
            }
            Ok::<_, Infallible>(response)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header)
        .max_buf_size(64 * 1024)
        .serve_connection(io, service);
    let mut connection = pin!(connection);
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        () = ended(&mut end) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn ended(end: &mut watch::Receiver<bool>) {
    let _ = end.wait_for(|ending| *ending).await;
}

/// One request, within its time.
async fn answer(
    app: Router,
    request: Request<Incoming>,
    peer: SocketAddr,
    limits: &Limits,
) -> Response {
    let late = Late::of(&request);
    let allowance = limits.allowance(request.body().size_hint().exact());
    let arrival = Arc::new(Arrival::default());
    let mut request = request.map(|body| {
        if body.is_end_stream() {
            arrival.set_complete();
            return Body::empty();
        }
        Body::new(ArrivingBody::new(
            body,
            limits.body_idle,
            Arc::clone(&arrival),
        ))
    });
    request.extensions_mut().insert(ConnectInfo(peer));
    match timeout(allowance, app.oneshot(request)).await {
        Ok(_) if arrival.is_stalled() => late.answered(Reason::BodyStalled, limits),
        Ok(Ok(response)) => response,
        Err(_) if !arrival.is_complete() => late.answered(Reason::BodyStalled, limits),
        Err(_) => late.answered(Reason::TooSlow, limits),
    }
}

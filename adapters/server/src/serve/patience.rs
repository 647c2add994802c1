//! Bodies and writes that give up when the other side no longer moves.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

/// How a request's body came in, told to the one who answers.
#[derive(Default)]
pub(super) struct Arrival {
    stalled: AtomicBool,
    complete: AtomicBool,
}

impl Arrival {
    pub fn is_stalled(&self) -> bool {
        self.stalled.load(Ordering::Acquire)
    }

    pub fn is_complete(&self) -> bool {
        self.complete.load(Ordering::Acquire)
    }

    pub fn set_complete(&self) {
        self.complete.store(true, Ordering::Release);
    }
}

/// A timer that runs only while nothing moves.
struct Patience {
    limit: Duration,
    timer: Pin<Box<Sleep>>,
    waiting: bool,
}

impl Patience {
    fn new(limit: Duration) -> Self {
        Self {
            limit,
            timer: Box::pin(sleep_until(Instant::now())),
            waiting: false,
        }
    }

    fn moved(&mut self) {
        self.waiting = false;
    }

    /// Ready when the wait has lasted too long.
    fn poll_over(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        if !self.waiting {
            self.waiting = true;
            self.timer.as_mut().reset(Instant::now() + self.limit);
        }
        ready!(self.timer.as_mut().poll(cx));
        Poll::Ready(io::Error::from(io::ErrorKind::TimedOut))
    }
}

/// A request's body that ends in an error when its next piece does not come.
pub(super) struct ArrivingBody {
    body: Incoming,
    patience: Patience,
    arrival: Arc<Arrival>,
}

impl ArrivingBody {
    pub fn new(body: Incoming, limit: Duration, arrival: Arc<Arrival>) -> Self {
        Self {
            body,
            patience: Patience::new(limit),
            arrival,
        }
    }
}

impl Body for ArrivingBody {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Poll::Ready(piece) = Pin::new(&mut self.body).poll_frame(cx) {
            self.patience.moved();
            if piece.is_none() || self.body.is_end_stream() {
                self.arrival.set_complete();
            }
            return Poll::Ready(piece.map(|piece| piece.map_err(Into::into)));
        }
        let over = ready!(self.patience.poll_over(cx));
        self.arrival.stalled.store(true, Ordering::Release);
        Poll::Ready(Some(Err(over.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// How fast a client must take its answers where it keeps us waiting.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Looked at each time when so much time went by in waiting.
    pub after: Duration,
    /// Bytes for each second of waiting.
    pub least: u64,
}

/// What a client took since its first blocked write, and how long it kept us waiting meanwhile. Whoever takes one byte now and then
/// would hold an opened file for days.
struct Taking {
    pace: Pace,
    /// Since when a write is blocked.
    since: Option<Instant>,
    waited: Duration,
    bytes: u64,
}

impl Taking {
    fn new(pace: Pace) -> Self {
        Self {
            pace,
            since: None,
            waited: Duration::ZERO,
            bytes: 0,
        }
    }

    fn blocked(&mut self, now: Instant) {
        self.since.get_or_insert(now);
    }

    /// False when it was too little for the time that it took.
    fn took(&mut self, bytes: usize, now: Instant) -> bool {
        if let Some(since) = self.since.take() {
            self.waited += now.duration_since(since);
        }
        // What went without waiting before that went into buffers of ours.
        if self.waited.is_zero() {
            return true;
        }
        self.bytes = self.bytes.saturating_add(bytes as u64);
        if self.waited < self.pace.after {
            return true;
        }
        let least = u128::from(self.pace.least) * self.waited.as_millis();
        let enough = u128::from(self.bytes) * 1000 >= least;
        (self.waited, self.bytes) = (Duration::ZERO, 0);
        enough
    }
}

/// A connection whose writes fail when the client no longer takes anything, or too little.
pub(super) struct UnstallableWrites {
    stream: TcpStream,
    patience: Patience,
    taking: Taking,
}

impl UnstallableWrites {
    pub fn new(stream: TcpStream, limit: Duration, pace: Pace) -> Self {
        Self {
            stream,
            patience: Patience::new(limit),
            taking: Taking::new(pace),
        }
    }

    fn moved_or_over(
        &mut self,
        cx: &mut Context<'_>,
        outcome: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match outcome {
            Poll::Ready(Ok(bytes)) => {
                self.patience.moved();
                if self.taking.took(bytes, Instant::now()) {
                    return Poll::Ready(Ok(bytes));
                }
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                self.taking.blocked(Instant::now());
                Poll::Ready(Err(ready!(self.patience.poll_over(cx))))
            }
        }
    }
}

impl AsyncRead for UnstallableWrites {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for UnstallableWrites {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.moved_or_over(cx, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.moved_or_over(cx, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace {
        after: Duration::from_secs(30),
        least: 8 * 1024,
    };

    /// A client that takes so many bytes after each second of waiting; after how many seconds it was given up.
    fn given_up(bytes: usize) -> Option<u64> {
        let (mut taking, mut now) = (Taking::new(PACE), Instant::now());
        (1..=3_600).find(|_| {
            taking.blocked(now);
            now += Duration::from_secs(1);
            !taking.took(bytes, now)
        })
    }

    #[tokio::test]
    async fn a_client_that_takes_too_little_is_given_up_and_a_slow_line_is_not() {
        assert_eq!(given_up(1), Some(30));
        assert_eq!(given_up(8 * 1024 - 1), Some(30));
        assert_eq!(given_up(8 * 1024), None);
    }

    #[tokio::test]
    async fn what_went_before_the_first_wait_and_time_without_any_count_for_nothing() {
        let (mut taking, mut now) = (Taking::new(PACE), Instant::now());
        assert!(taking.took(1 << 30, now), "into our own buffers");
        taking.blocked(now);
        now += Duration::from_secs(20);
        assert!(taking.took(1, now));
        now += Duration::from_hours(1);
        assert!(taking.took(1, now), "nobody waited for a kept connection");
        taking.blocked(now);
        now += Duration::from_secs(10);
        assert!(!taking.took(1, now));
    }
}

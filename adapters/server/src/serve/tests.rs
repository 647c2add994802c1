//! Stalled strangers, and an end that loses nothing under way.

use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{Limits, Pace, bind, serve};

const SHORT: Duration = Duration::from_millis(200);
const LONG: Duration = Duration::from_mins(1);

/// Everything long; a test shortens the one limit it is about.
fn patient() -> Limits {
    Limits {
        header: LONG,
        body_idle: LONG,
        request: LONG,
        drain: LONG,
        ..Limits::default()
    }
}

struct Served {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<anyhow::Result<()>>,
}

async fn served(app: Router, limits: Limits) -> Served {
    let listener = bind("127.0.0.1:0".parse().expect("an address"))
        .await
        .expect("a port");
    let address = listener.local_addr().expect("its address");
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async {
        let _ = stopped.await;
    };
    Served {
        address,
        stop,
        task: tokio::spawn(async move {
            let site: (super::Rooms, super::Quick) =
                (Arc::new(move |_| app.clone()), Arc::new(|_| None));
            serve(listener, site, limits, shutdown).await
        }),
    }
}

impl Served {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address)
            .await
            .expect("a connection")
    }

    async fn end(self) {
        self.stop.send(()).expect("a running server");
        let ended = timeout(LONG / 2, self.task).await;
        ended
            .expect("in time")
            .expect("no panic")
            .expect("no error");
    }
}

async fn say(stream: &mut TcpStream, words: &str) {
    stream.write_all(words.as_bytes()).await.expect("a write");
}

/// All there is to read until the server closes.
async fn all(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    timeout(LONG / 2, stream.read_to_end(&mut text))
        .await
        .expect("the server closes")
        .expect("a read");
    String::from_utf8(text).expect("text")
}

fn echo() -> Router {
    Router::new()
        .route("/", get(async || "hello"))
        .route("/echo", post(async |body: Bytes| body))
        .route("/never", get(pending::<()>).post(pending::<()>))
}

#[tokio::test]
async fn a_header_that_never_ends_is_cut_off() {
    let limits = Limits {
        header: SHORT,
        ..patient()
    };
    let server = served(echo(), limits).await;
    for beginning in ["", "GET / HTTP/1.1\r\nHost: x\r\n"] {
        let mut stream = server.connect().await;
        let begun = Instant::now();
        say(&mut stream, beginning).await;
        assert_eq!(all(&mut stream).await, "", "{beginning:?}");
        assert!(begun.elapsed() >= SHORT, "{beginning:?} was given its time");
    }
}

#[tokio::test]
async fn a_kept_connection_that_asks_nothing_more_is_closed() {
    let limits = Limits {
        header: SHORT,
        ..patient()
    };
    let server = served(echo(), limits).await;
    let mut stream = server.connect().await;
    say(&mut stream, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(all(&mut stream).await.ends_with("hello"));
}

#[tokio::test]
async fn a_body_that_stalls_is_answered_with_408_and_closed() {
    let limits = Limits {
        body_idle: SHORT,
        ..patient()
    };
    let server = served(echo(), limits).await;
    let mut stream = server.connect().await;
    let half = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf";
    say(&mut stream, half).await;
    let text = all(&mut stream).await;
    assert!(text.starts_with("HTTP/1.1 408 "), "{text}");
    assert!(text.contains("application/problem+json"), "{text}");
    assert!(text.contains("\"code\":\"request.body_stalled\""), "{text}");
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_503_and_says_when_to_try_again() {
    let limits = Limits {
        request: SHORT,
        ..patient()
    };
    let server = served(echo(), limits).await;
    let mut stream = server.connect().await;
    let ask = "GET /never HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    say(&mut stream, ask).await;
    let text = all(&mut stream).await;
    assert!(text.starts_with("HTTP/1.1 503 "), "{text}");
    assert!(text.contains("retry-after: 5"), "{text}");
    assert!(text.contains("\"code\":\"request.too_slow\""), "{text}");
}

#[tokio::test]
async fn a_request_whose_time_ends_before_its_body_does_blames_the_body() {
    let limits = Limits {
        request: SHORT,
        ..patient()
    };
    let server = served(echo(), limits).await;
    let mut stream = server.connect().await;
    let half = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf";
    say(&mut stream, half).await;
    assert!(all(&mut stream).await.starts_with("HTTP/1.1 408 "));
}

#[test]
fn a_promised_upload_gets_the_time_of_a_slow_line_but_not_for_ever() {
    let limits = Limits::default();
    let seconds = |promised| limits.allowance(promised).as_secs();
    assert_eq!(seconds(None), 15);
    assert_eq!(seconds(Some(64 * 1024)), 15);
    assert_eq!(seconds(Some(10 * 1024 * 1024)), 15 + 80);
    assert_eq!(seconds(Some(u64::MAX)), 15 + 128);
}

/// An answer without an end, and who hears that it was given up.
fn endless() -> (Router, oneshot::Receiver<()>) {
    struct Told(Option<oneshot::Sender<()>>);
    impl Drop for Told {
        fn drop(&mut self) {
            let _ = self.0.take().map(|told| told.send(()));
        }
    }
    let (told, dropped) = oneshot::channel();
    let told = Arc::new(std::sync::Mutex::new(Some(Told(Some(told)))));
    let endless = get(async move || {
        let guard = told.lock().expect("a lock").take();
        Body::from_stream(futures::stream::repeat_with(move || {
            let _ = &guard;
            Ok::<_, std::io::Error>(Bytes::from_static(&[b'x'; 8192]))
        }))
    });
    (Router::new().route("/endless", endless), dropped)
}

#[tokio::test]
async fn a_client_that_takes_its_answer_in_drops_is_cut_off() {
    let (app, mut dropped) = endless();
    let limits = Limits {
        pace: Pace {
            after: SHORT,
            // Nobody reads as fast as this, and whoever keeps up is not measured.
            least: 1 << 40,
        },
        ..patient()
    };
    let server = served(app, limits).await;
    let mut stream = server.connect().await;
    say(&mut stream, "GET /endless HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let mut taken = 0;
    let drops = async {
        let mut piece = vec![0; 64 * 1024];
        let mut beat = tokio::time::interval(Duration::from_millis(5));
        while dropped.try_recv().is_err() {
            beat.tick().await;
            // Once it is given up there is nothing more to read.
            taken += stream.read(&mut piece).await.unwrap_or_default();
        }
    };
    timeout(LONG / 2, drops)
        .await
        .expect("the answer is given up");
    assert!(taken > 0, "some of it came");
}

#[tokio::test]
async fn a_client_that_does_not_take_its_answer_is_cut_off() {
    let (app, dropped) = endless();
    let limits = Limits {
        body_idle: SHORT,
        ..patient()
    };
    let server = served(app, limits).await;
    let mut stream = server.connect().await;
    say(&mut stream, "GET /endless HTTP/1.1\r\nHost: x\r\n\r\n").await;
    timeout(LONG / 2, dropped)
        .await
        .expect("the answer is given up")
        .expect("its guard speaks");
}

#[tokio::test]
async fn the_end_waits_for_a_request_under_way_and_takes_no_new_ones() {
    let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let slow = get({
        let (begun, go) = (Arc::clone(&begun), Arc::clone(&go));
        async move || {
            begun.notify_one();
            go.notified().await;
            "finished"
        }
    });
    let server = served(Router::new().route("/slow", slow), patient()).await;
    let mut idle = server.connect().await;
    let mut busy = server.connect().await;
    say(&mut busy, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await;
    begun.notified().await;

    let Served {
        address,
        stop,
        task,
    } = server;
    stop.send(()).expect("a running server");
    assert_eq!(all(&mut idle).await, "", "an idle connection is closed");
    TcpStream::connect(address)
        .await
        .expect_err("the port is closed");
    assert!(!task.is_finished(), "the request is still under way");
    go.notify_one();
    assert!(all(&mut busy).await.ends_with("finished"));
    let ended = timeout(LONG / 2, task).await;
    ended
        .expect("in time")
        .expect("no panic")
        .expect("no error");
}

#[tokio::test]
async fn while_it_is_leaving_a_stranger_is_answered_and_sent_elsewhere() {
    let limits = Limits {
        leave: LONG,
        ..patient()
    };
    let leaving = Arc::clone(&limits.leaving);
    let server = served(echo(), limits).await;
    let Served {
        address,
        stop,
        task,
    } = server;
    stop.send(()).expect("a running server");
    while !leaving.load(Ordering::Relaxed) {
        tokio::task::yield_now().await;
    }
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    say(&mut stream, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let text = all(&mut stream).await;
    assert!(text.contains("connection: close"), "{text}");
    assert!(text.ends_with("hello"), "{text}");
    task.abort();
}

#[tokio::test]
async fn whoever_stands_in_the_queue_at_the_end_is_still_answered() {
    let limits = Limits {
        connections: 1,
        ..patient()
    };
    let server = served(echo(), limits).await;
    let mut first = server.connect().await;
    say(&mut first, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let mut beginning = [0; 12];
    first.read_exact(&mut beginning).await.expect("an answer");

    let mut queued = server.connect().await;
    say(&mut queued, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    server.end().await;
    let text = all(&mut queued).await;
    assert!(text.ends_with("hello"), "{text}");
}

#[tokio::test]
async fn the_end_does_not_wait_longer_than_the_drain() {
    let begun = Arc::new(Notify::new());
    let stuck = get({
        let begun = Arc::clone(&begun);
        async move || {
            begun.notify_one();
            pending::<()>().await;
        }
    });
    let limits = Limits {
        drain: SHORT,
        ..patient()
    };
    let server = served(Router::new().route("/stuck", stuck), limits).await;
    let mut stream = server.connect().await;
    say(&mut stream, "GET /stuck HTTP/1.1\r\nHost: x\r\n\r\n").await;
    begun.notified().await;
    server.end().await;
    assert_eq!(all(&mut stream).await, "");
}

#[tokio::test]
async fn one_connection_too_many_waits_until_another_ends() {
    let limits = Limits {
        connections: 1,
        ..patient()
    };
    let server = served(echo(), limits).await;
    let mut first = server.connect().await;
    say(&mut first, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let mut beginning = [0; 12];
    first.read_exact(&mut beginning).await.expect("an answer");
    assert_eq!(&beginning, b"HTTP/1.1 200");

    let mut second = server.connect().await;
    let ask = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    say(&mut second, ask).await;
    let early = timeout(SHORT, second.read_exact(&mut beginning)).await;
    assert!(early.is_err(), "no room yet");
    drop(first);
    assert!(all(&mut second).await.ends_with("hello"));
}

#[tokio::test]
async fn handlers_learn_who_asks() {
    let who = get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.to_string());
    let server = served(Router::new().route("/who", who), patient()).await;
    let mut stream = server.connect().await;
    let me = stream.local_addr().expect("an address").to_string();
    let ask = "GET /who HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    say(&mut stream, ask).await;
    assert!(all(&mut stream).await.ends_with(&me));
}

#[tokio::test]
async fn a_taken_port_is_told_in_one_sentence() {
    let first = bind("127.0.0.1:0".parse().expect("an address"))
        .await
        .expect("a port");
    let address = first.local_addr().expect("its address");
    let refused = bind(address).await.expect_err("it is taken").to_string();
    assert!(refused.contains(&format!("port {} ", address.port())));
    assert!(refused.contains("already in use"), "{refused}");
    assert!(!refused.contains('\n'));
}

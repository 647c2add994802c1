//! Flood limits 防刷: writing doors take so many requests a second from one session and from one address (section 6); these
//! buckets are this process's own, the counters of codes and sign-ins are shared.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use application::{access::Origin, error::UseError};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method},
    middleware::Next,
    response::{IntoResponse, Response},
};
use moka::sync::Cache;
use sha2::{Digest as _, Sha256};

use crate::{
    errors::WebError,
    kit::Kit,
    visit::{client_ip, cookie, is_session_id},
};

/// Requests a second, and so many at once; those of the mini-program's interface in a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FloodLimits {
    pub per_session: u32,
    pub per_address: u32,
    pub calls_per_device: u32,
    pub calls_per_address: u32,
}

impl Default for FloodLimits {
    fn default() -> Self {
        Self {
            per_session: 20,
            per_address: 50,
            calls_per_device: 240,
            calls_per_address: 1_200,
        }
    }
}

struct Bucket {
    tokens: f64,
    at: Instant,
}

/// Whose bucket it is, as long as its hash: what a browser sends never grows the cache.
type Key = [u8; 32];

fn key(kind: &str, whose: &str) -> Key {
    Sha256::new()
        .chain_update(kind)
        .chain_update(whose)
        .finalize()
        .into()
}

#[derive(Clone)]
struct Buckets(Cache<Key, Arc<Mutex<Bucket>>>);

impl Buckets {
    fn new() -> Self {
        Self(
            Cache::builder()
                .max_capacity(100_000)
                .time_to_idle(Duration::from_mins(1))
                .build(),
        )
    }

    /// Takes one token; false when there is none.
    fn take(&self, key: Key, rate: u32, now: Instant) -> bool {
        let rate = f64::from(rate);
        let bucket = self.0.get_with(key, || {
            Arc::new(Mutex::new(Bucket {
                tokens: rate,
                at: now,
            }))
        });
        let mut bucket = bucket.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = now.saturating_duration_since(bucket.at).as_secs_f64();
        bucket.tokens = (bucket.tokens + passed * rate).min(rate);
        bucket.at = now;
        if bucket.tokens < 1.0 {
            return false;
        }
        bucket.tokens -= 1.0;
        true
    }
}

/// The buckets of this process.
#[derive(Clone)]
pub struct Flood {
    kit: Kit,
    buckets: Buckets,
}

impl Flood {
    pub fn new(kit: Kit) -> Self {
        Self {
            kit,
            buckets: Buckets::new(),
        }
    }
}

/// Refuses what comes too fast with 429 and `Retry-After`; reading is capped by concurrency only.
pub async fn guard(State(flood): State<Flood>, request: Request, next: Next) -> Response {
    if matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    ) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let limits = flood.kit.mode().flood;
    let now = Instant::now();
    let origin = Origin {
        ip: client_ip(&flood.kit, &parts),
        ..Origin::default()
    };
    let address = key("a:", &origin.network());
    let too_fast = !flood.buckets.take(address, limits.per_address, now)
        || session(&flood.kit, &parts.headers)
            .is_some_and(|id| !flood.buckets.take(key("s:", &id), limits.per_session, now));
    if too_fast {
        return WebError(UseError::too_many("too_many", 1)).into_response();
    }
    next.run(Request::from_parts(parts, body)).await
}

/// The session or pre-session of a browser; what no cookie of ours ever looked like is not counted.
fn session(kit: &Kit, headers: &HeaderMap) -> Option<String> {
    ["sid", "pre"].iter().find_map(|name| {
        let id = cookie(headers, &kit.cookie_name(name))?;
        is_session_id(&id).then_some(id)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_rate_and_fills_again_with_time() {
        let buckets = Buckets::new();
        let start = Instant::now();
        let (a, b) = (key("s:", "a"), key("s:", "b"));
        let taken = (0..30).filter(|_| buckets.take(a, 20, start)).count();
        assert_eq!(taken, 20);
        assert!(buckets.take(b, 20, start), "another key has its own");
        assert!(!buckets.take(a, 20, start));
        let later = start + Duration::from_millis(100);
        let again = (0..30).filter(|_| buckets.take(a, 20, later)).count();
        assert_eq!(again, 2);
    }

    #[test]
    fn a_session_is_counted_by_43_signs_and_by_nothing_else() {
        let id = "aB3-_".repeat(9)[..43].to_owned();
        assert!(is_session_id(&id));
        for other in [
            String::new(),
            id[..42].to_owned(),
            format!("{id}a"),
            format!("{}=", &id[..42]),
            "x".repeat(60_000),
        ] {
            assert!(!is_session_id(&other), "{} signs", other.len());
        }
        assert_ne!(key("a:", &id), key("s:", &id));
    }
}

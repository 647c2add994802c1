//! Budget 频率限制: how many requests a device and an address have in a minute. These counters are this process's own; those of codes,
//! sign-ins and uploads are shared (S-19).

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use application::error::UseError;
use axum::{http::HeaderValue, response::Response};
use moka::sync::Cache;

const WINDOW: Duration = Duration::from_mins(1);

/// Requests a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    pub per_device: u32,
    pub per_address: u32,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            per_device: 240,
            per_address: 1_200,
        }
    }
}

struct Count {
    since: Instant,
    taken: u32,
}

/// The counters of this process.
#[derive(Clone)]
pub(crate) struct Budgets {
    rates: Rates,
    counts: Cache<String, Arc<Mutex<Count>>>,
}

/// What is left, as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Left {
    limit: u32,
    asks: u32,
    reset: u32,
}

impl Budgets {
    pub(crate) fn new(rates: Rates) -> Self {
        Self {
            rates,
            counts: Cache::builder()
                .max_capacity(100_000)
                .time_to_idle(WINDOW * 2)
                .build(),
        }
    }

    fn take(&self, key: String, limit: u32, now: Instant) -> (Left, bool) {
        let count = self.counts.get_with(key, || {
            Arc::new(Mutex::new(Count {
                since: now,
                taken: 0,
            }))
        });
        let mut count = count.lock().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_duration_since(count.since) >= WINDOW {
            count.since = now;
            count.taken = 0;
        }
        let fits = count.taken < limit;
        if fits {
            count.taken += 1;
        }
        let rest = WINDOW.saturating_sub(now.saturating_duration_since(count.since));
        let left = Left {
            limit,
            asks: limit - count.taken,
            reset: u32::try_from(rest.as_millis().div_ceil(1000)).unwrap_or(60),
        };
        (left, fits)
    }

    /// Takes one from the device, or from the address where no device is named, and one from the address.
    pub(crate) fn spend(&self, device: &str, address: &str) -> (Left, bool) {
        let now = Instant::now();
        let (all, fits) = self.take(format!("a:{address}"), self.rates.per_address, now);
        if device.is_empty() || !fits {
            return (all, fits);
        }
        let device = format!("d:{address}:{device}");
        self.take(device, self.rates.per_device, now)
    }
}

impl Left {
    /// The refusal when nothing is left.
    pub(crate) fn spent(self) -> UseError {
        UseError::too_many("too_many", self.reset.max(1))
    }

    /// On every answer.
    pub(crate) fn tell(self, response: &mut Response) {
        let headers = response.headers_mut();
        for (name, value) in [
            ("ratelimit-limit", self.limit),
            ("ratelimit-remaining", self.asks),
            ("ratelimit-reset", self.reset),
        ] {
            headers.insert(name, HeaderValue::from(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budgets() -> Budgets {
        Budgets::new(Rates {
            per_device: 2,
            per_address: 3,
        })
    }

    #[test]
    fn a_device_has_its_share_and_an_address_has_one_for_all_its_devices() {
        let budgets = budgets();
        assert!(budgets.spend("one", "10.0.0.1").1);
        let (left, second) = budgets.spend("one", "10.0.0.1");
        assert!(second);
        assert_eq!((left.limit, left.asks), (2, 0));
        assert!(!budgets.spend("one", "10.0.0.1").1);
        let (left, other) = budgets.spend("two", "10.0.0.1");
        assert!(!other, "the address has none left");
        assert_eq!(left.limit, 3);
        assert!(budgets.spend("two", "10.0.0.2").1);
    }

    #[test]
    fn a_minute_later_there_is_a_full_share_again() {
        let budgets = budgets();
        let now = Instant::now();
        assert!(budgets.take("d".into(), 1, now).1);
        assert!(!budgets.take("d".into(), 1, now).1);
        assert!(budgets.take("d".into(), 1, now + WINDOW).1);
    }
}

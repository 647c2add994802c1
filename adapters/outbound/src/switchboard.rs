//! Switchboard 总机: one per process. It owns the one client for providers, and the gate of every provider and city.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use application::ports::clock::Clock;
use domain::ids::TenantId;
use reqwest::redirect::Policy;
use tokio::sync::Semaphore;

use crate::{
    gate::{Gate, GateState},
    hosts::{Endpoint, EndpointError, Reach},
    line::Line,
    notebook::{Notebook, Noted},
    resolver::PublicOnly,
};

/// How patient we are with providers (S-43, S-44). Shipped as the rules say; tests are in a hurry.
#[derive(Clone, Debug)]
pub struct Manners {
    pub connect: Duration,
    /// The whole call, the answer's last byte included.
    pub whole: Duration,
    /// Bytes of an answer at most.
    pub answer_most: usize,
    /// How long a call waits for a free place.
    pub wait: Duration,
    pub at_once: usize,
    pub at_once_per_city: usize,
    pub failures_in_a_row: u32,
    /// How long a provider rests that failed too often.
    pub rest: Duration,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(2),
            whole: Duration::from_secs(8),
            answer_most: 2 * 1024 * 1024,
            wait: Duration::from_secs(2),
            at_once: 10,
            at_once_per_city: 5,
            failures_in_a_row: 5,
            rest: Duration::from_secs(30),
        }
    }
}

/// Why no provider can be called at all.
#[derive(Debug, thiserror::Error)]
#[error("the client for providers cannot be built")]
pub struct SwitchboardError(#[source] reqwest::Error);

#[derive(Clone)]
pub struct Switchboard {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) client: reqwest::Client,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) manners: Manners,
    reach: Reach,
    kinds: Mutex<BTreeMap<&'static str, Arc<Semaphore>>>,
    posts: Mutex<BTreeMap<(&'static str, TenantId), Arc<Post>>>,
}

/// What is shared by every line of one provider and city.
pub(crate) struct Post {
    pub(crate) gate: Gate,
    pub(crate) notebook: Notebook,
}

impl Switchboard {
    pub fn new(clock: Arc<dyn Clock>, reach: Reach) -> Result<Self, SwitchboardError> {
        Self::with(clock, reach, Manners::default())
    }

    pub fn with(
        clock: Arc<dyn Clock>,
        reach: Reach,
        manners: Manners,
    ) -> Result<Self, SwitchboardError> {
        // The same provider for every client of this process; a second time changes nothing.
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .http1_only()
            .user_agent("Yijianrong/1")
            .connect_timeout(manners.connect)
            .dns_resolver(PublicOnly::new(reach.exempt(), manners.connect))
            .build()
            .map_err(SwitchboardError)?;
        Ok(Self {
            inner: Arc::new(Inner {
                client,
                clock,
                manners,
                reach,
                kinds: Mutex::default(),
                posts: Mutex::default(),
            }),
        })
    }

    /// Where a kind lives, checked; for an adapter's maker, so that a wrong host stops the start.
    pub fn endpoint(
        &self,
        documented: &[&str],
        host: &str,
        base_url: Option<&str>,
    ) -> Result<Endpoint, EndpointError> {
        self.inner.reach.endpoint(documented, host, base_url)
    }

    /// A line of a city to a provider. `kind` names ability and provider: `sms/aliyun`.
    pub fn line(&self, kind: &'static str, city: TenantId, endpoint: Endpoint) -> Line {
        Line::new(self.clone(), kind, self.post(kind, city), endpoint)
    }

    pub fn now(&self) -> time::OffsetDateTime {
        self.inner.clock.now()
    }

    /// How a provider stands with a city, and its last faults, newest first.
    pub fn standing(&self, kind: &'static str, city: TenantId) -> (GateState, Vec<Noted>) {
        let post = self.post(kind, city);
        (post.gate.state(), post.notebook.read())
    }

    fn post(&self, kind: &'static str, city: TenantId) -> Arc<Post> {
        let manners = &self.inner.manners;
        let of_kind = {
            let mut kinds = self
                .inner
                .kinds
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            kinds
                .entry(kind)
                .or_insert_with(|| Arc::new(Semaphore::new(manners.at_once)))
                .clone()
        };
        let mut posts = self
            .inner
            .posts
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        posts
            .entry((kind, city))
            .or_insert_with(|| {
                Arc::new(Post {
                    gate: Gate::new(manners, of_kind),
                    notebook: Notebook::default(),
                })
            })
            .clone()
    }
}

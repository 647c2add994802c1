//! Names 域名解析: a provider's name that leads inside is not called, not even once (S-44).

use std::{net::SocketAddr, sync::Arc, time::Duration};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::address::is_public;

/// Looks names up and refuses those with any address that is not public.
#[derive(Clone, Debug)]
pub(crate) struct PublicOnly {
    exempt: Arc<[String]>,
    patience: Duration,
}

/// A name led inside.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to an address that is not public")]
pub(crate) struct LedInside;

impl PublicOnly {
    pub(crate) fn new(exempt: Vec<String>, patience: Duration) -> Self {
        Self {
            exempt: exempt.into(),
            patience,
        }
    }
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let this = self.clone();
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found =
                tokio::time::timeout(this.patience, tokio::net::lookup_host((host.as_str(), 0)))
                    .await??;
            let addresses: Vec<SocketAddr> = found.collect();
            // One private address among public ones is how such names are made: then none is called.
            let inside = addresses.iter().any(|a| !is_public(a.ip()));
            if inside && !this.exempt.contains(&host) {
                return Err(LedInside.into());
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

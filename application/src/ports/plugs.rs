//! Plugs 供应商: which provider a city uses, looked up when it is needed.

use std::sync::Arc;

use async_trait::async_trait;
use domain::ids::TenantId;

/// Providers of one ability, one per city.
#[async_trait]
pub trait Plugs<P: ?Sized + Send + Sync>: Send + Sync {
    async fn of(&self, city: TenantId) -> Result<Arc<P>, PlugError>;
}

/// Why a city has no provider. All of these stop the start of the program; a customer meets none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlugError {
    #[error("there is no such city")]
    NoCity,
    #[error("{city}: section [{section}] is missing or names no kind")]
    NoSection { city: String, section: &'static str },
    #[error("{city}: [{section}] names the unknown kind {kind}")]
    UnknownKind {
        city: String,
        section: &'static str,
        kind: String,
    },
    #[error("{city}: [{section}] {what}")]
    Settings {
        city: String,
        section: &'static str,
        what: String,
    },
}

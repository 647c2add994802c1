//! The gate of machines 接口鉴权: whose signature it is, whether it is fresh and new, and how much it may still ask.

use std::sync::Arc;

use domain::tenant::{Role, TenantKind};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::key_place;
use crate::{
    access::{Actor, Origin},
    city::City,
    error::{Kind, UseError, UseResult},
    ports::{
        bank_api::{DoorKey, KeyKind, KeyStatus, MachineDoor},
        clock::Clock,
        limits::{Limit, LimitAsk, Limits},
        sealing::Sealer,
        tokens::Tokens,
    },
};

/// A timestamp may be off by so many seconds, either way.
pub const SKEW_SECONDS: i64 = 300;
/// Requests of one key within [`RATE_WINDOW`].
pub const RATE: u32 = 300;
pub const RATE_WINDOW: Duration = Duration::minutes(1);
/// Refused signatures of one address, before it has to wait.
const FAILURES: Limit = Limit::new(60, Duration::minutes(5));
/// Compared with when there is no key, so that an unknown one takes as long as a wrong signature.
const NOBODY: &[u8] = b"0000000000000000000000000000000000000000000";

/// Who lets machines in.
#[derive(Clone)]
pub struct Gate {
    pub door: Arc<dyn MachineDoor>,
    pub sealer: Arc<dyn Sealer>,
    pub tokens: Arc<dyn Tokens>,
    pub limits: Arc<dyn Limits>,
    pub clock: Arc<dyn Clock>,
}

/// What a request shows of itself.
#[derive(Clone, Debug)]
pub struct Presented {
    pub key: Uuid,
    /// Seconds since 1970.
    pub timestamp: i64,
    pub nonce: String,
    pub signature: [u8; 32],
    /// What was signed: everything of the request that counts.
    pub signed: String,
    pub from: Origin,
}

/// A bank's own system, let in for one request.
#[derive(Clone, Debug)]
pub struct Machine {
    pub actor: Actor,
    pub key: Uuid,
    pub sandbox: bool,
}

/// How much a key may still ask in the window that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    pub limit: u32,
    pub left: u32,
    pub window_seconds: u32,
}

/// A machine with its budget.
#[derive(Clone, Debug)]
pub struct Admitted {
    pub machine: Machine,
    pub budget: Budget,
}

/// Unknown, revoked, of another city or wrongly signed: one answer for all.
fn refused() -> UseError {
    UseError::new(Kind::SignedOut, "bank_api.signature_wrong")
}

impl Gate {
    /// Lets a request in, once.
    pub async fn admit(&self, city: &City, shown: Presented) -> UseResult<Admitted> {
        let at = self.clock.now();
        if (at.unix_timestamp() - shown.timestamp).abs() > SKEW_SECONDS {
            return Err(UseError::new(Kind::SignedOut, "bank_api.clock_off"));
        }
        let failures = LimitAsk::new(format!("api:fail:{}", shown.from.network()), [FAILURES]);
        let asks = [failures];
        if let Some(over) = self.limits.look(&asks, at).await? {
            return Err(UseError::too_many("too_many", over.retry_after));
        }
        self.sealer.ready(city.id.0).await?;
        let known = self.door.access_key(city.id, shown.key).await?;
        let Some(key) = self.signer(city, known, &shown)? else {
            self.limits.take(&asks, at).await?;
            tracing::warn!(key = %shown.key, ip = shown.from.ip, "a signature was refused");
            return Err(refused());
        };
        if key.status == KeyStatus::Waiting {
            return Err(UseError::new(Kind::Denied, "bank_api.key_waiting"));
        }
        let expires = shown.timestamp + 2 * SKEW_SECONDS;
        let expires = OffsetDateTime::from_unix_timestamp(expires).map_err(UseError::bug)?;
        let taken = self
            .door
            .take_nonce(key.id, &shown.nonce, expires, at)
            .await?;
        if !taken {
            return Err(UseError::new(Kind::SignedOut, "bank_api.nonce_used"));
        }
        let budget = self.budget(city, &key, at).await?;
        Ok(Admitted {
            machine: machine(city, key, shown.from),
            budget,
        })
    }

    /// The key, when the signature is of its secret and it was not revoked.
    fn signer(
        &self,
        city: &City,
        known: Option<DoorKey>,
        shown: &Presented,
    ) -> UseResult<Option<DoorKey>> {
        let secret = match &known {
            Some(key) => self
                .sealer
                .open(&key_place(city.id.0, key.id), &key.secret_sealed)?,
            None => NOBODY.to_vec(),
        };
        let right = self.tokens.mac(&secret, shown.signed.as_bytes());
        let fits = self.tokens.same(&right, &shown.signature);
        Ok(known.filter(|key| fits && key.status != KeyStatus::Revoked))
    }

    async fn budget(&self, city: &City, key: &DoorKey, at: OffsetDateTime) -> UseResult<Budget> {
        let bucket = format!("{}:api:{}", city.id, key.id);
        let used = self.limits.count(&bucket, RATE_WINDOW, at).await?;
        let seconds = u32::try_from(RATE_WINDOW.whole_seconds()).unwrap_or(60);
        if used > RATE {
            return Err(UseError::too_many("bank_api.too_many", seconds));
        }
        Ok(Budget {
            limit: RATE,
            left: RATE - used,
            window_seconds: seconds,
        })
    }
}

fn machine(city: &City, key: DoorKey, from: Origin) -> Machine {
    Machine {
        key: key.id,
        sandbox: key.kind == KeyKind::Sandbox,
        actor: Actor {
            user: domain::ids::UserId(key.id),
            name: format!("银行系统（{}）", key.name),
            tenant: key.bank,
            tenant_kind: TenantKind::Bank,
            tenant_name: key.bank_name,
            city: city.id,
            reach: key.reach.into(),
            enterprise: None,
            roles: vec![Role::System],
            session: key.id,
            from,
        },
    }
}

//! Examination 自检: whether an account with a provider could be used now, asked alike for every ability.

use application::ports::providers::{Examined, Failure};
use async_trait::async_trait;
use domain::ids::TenantId;
use time::OffsetDateTime;

use crate::{Fault, GateState, Switchboard};

/// One account with one provider.
#[async_trait]
pub trait Account: Send + Sync {
    /// Kind of the provider: `aliyun`.
    fn kind(&self) -> &'static str;

    /// Name of its line on the switchboard: `sms/aliyun`.
    fn line(&self) -> &'static str;

    /// Signs a request that is not sent, so that secrets that cannot be read are found before a customer meets them.
    fn self_test(&self) -> Result<(), Fault>;

    /// A question that does nothing and costs nothing: whether the provider knows our key.
    async fn probe(&self) -> Result<(), Fault>;
}

/// Examines an account of a city; `live` asks the provider too.
pub async fn examine(
    board: &Switchboard,
    city: TenantId,
    account: &dyn Account,
    live: bool,
) -> Examined {
    let signature = account.self_test();
    let asked = match (live, &signature) {
        (false, _) => None,
        (true, Ok(())) => Some(account.probe().await),
        (true, Err(fault)) => Some(Err(fault.clone())),
    };
    let now = board.now();
    let (state, noted) = board.standing(account.line(), city);
    Examined {
        provider: account.kind().to_owned(),
        signature: signature.map_err(|fault| failure(now, &fault)),
        live: asked.map(|asked| asked.map_err(|fault| failure(now, &fault))),
        resting: state == GateState::Resting,
        failures: noted
            .iter()
            .map(|one| failure(one.at, &one.fault))
            .collect(),
    }
}

fn failure(at: OffsetDateTime, fault: &Fault) -> Failure {
    Failure {
        at,
        reason: fault.reason(),
        code: fault.code(),
    }
}

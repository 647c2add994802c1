//! Gates 熔断与并发: one per provider and city. A provider that fails rests; one that hangs holds up only its own few calls (S-43).

use std::{sync::Arc, time::Duration};

use failsafe::FailurePolicy as _;
use failsafe::{
    StateMachine,
    backoff::{self, Constant},
    failure_policy::{self, ConsecutiveFailures, OrElse, SuccessRateOverTimeWindow},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    fault::{Fault, NotReached},
    switchboard::Manners,
};

type Policy = OrElse<ConsecutiveFailures<Constant>, SuccessRateOverTimeWindow<Constant>>;

/// How a provider stands with a city, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateState {
    /// Calls pass.
    Open,
    /// It failed too often: calls are refused for a while.
    Resting,
}

/// Breaker 熔断: what failed too often in a row, or in half of its calls, rests for a while; then one call tries it.
pub struct Breaker(StateMachine<Policy, ()>);

impl Breaker {
    pub fn new(manners: &Manners) -> Self {
        let rest = || backoff::constant(manners.rest);
        let policy = failure_policy::consecutive_failures(manners.failures_in_a_row, rest())
            .or_else(failure_policy::success_rate_over_time_window(
                0.5,
                20,
                Duration::from_mins(1),
                rest(),
            ));
        Self(StateMachine::new(policy, ()))
    }

    /// May it be called now?
    pub fn lets_through(&self) -> bool {
        self.0.is_call_permitted()
    }

    /// How a call went.
    pub fn hear(&self, went_well: bool) {
        if went_well {
            self.0.on_success();
        } else {
            self.0.on_error();
        }
    }

    fn state(&self) -> GateState {
        // The state has no name of its own in the library; what it prints is its contract.
        if format!("{:?}", self.0).contains("\"open\"") {
            GateState::Resting
        } else {
            GateState::Open
        }
    }
}

/// Breaker and bulkhead of one provider and city.
pub(crate) struct Gate {
    breaker: Breaker,
    of_city: Arc<Semaphore>,
    of_kind: Arc<Semaphore>,
    wait: Duration,
}

/// Leave to make one call.
pub(crate) struct Leave {
    _of_city: OwnedSemaphorePermit,
    _of_kind: OwnedSemaphorePermit,
}

impl Gate {
    pub(crate) fn new(manners: &Manners, of_kind: Arc<Semaphore>) -> Self {
        Self {
            breaker: Breaker::new(manners),
            of_city: Arc::new(Semaphore::new(manners.at_once_per_city)),
            of_kind,
            wait: manners.wait,
        }
    }

    /// Waits a moment for a free place, never for long.
    pub(crate) async fn enter(&self) -> Result<Leave, Fault> {
        if !self.breaker.lets_through() {
            return Err(Fault::Unreachable(NotReached::Resting));
        }
        let places = async {
            let of_city = self.of_city.clone().acquire_owned().await.ok()?;
            let of_kind = self.of_kind.clone().acquire_owned().await.ok()?;
            Some((of_city, of_kind))
        };
        match tokio::time::timeout(self.wait, places).await {
            Ok(Some((of_city, of_kind))) => Ok(Leave {
                _of_city: of_city,
                _of_kind: of_kind,
            }),
            _ => Err(Fault::Unreachable(NotReached::Busy)),
        }
    }

    pub(crate) fn hear<T>(&self, outcome: &Result<T, Fault>) {
        let failed = outcome.as_ref().is_err_and(Fault::counts);
        self.breaker.hear(!failed);
    }

    pub(crate) fn state(&self) -> GateState {
        self.breaker.state()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(manners: &Manners) -> Gate {
        Gate::new(manners, Arc::new(Semaphore::new(manners.at_once)))
    }

    fn failed() -> Result<(), Fault> {
        Err(Fault::unclear("silence"))
    }

    #[tokio::test]
    async fn after_five_failures_in_a_row_it_rests() {
        let gate = gate(&Manners::default());
        for _ in 0..4 {
            gate.hear(&failed());
        }
        gate.hear(&Ok(()));
        for _ in 0..4 {
            gate.hear(&failed());
            assert!(gate.enter().await.is_ok());
        }
        assert_eq!(gate.state(), GateState::Open);
        gate.hear(&failed());
        assert_eq!(gate.state(), GateState::Resting);
        assert_eq!(
            gate.enter().await.err(),
            Some(Fault::Unreachable(NotReached::Resting))
        );
    }

    #[tokio::test]
    async fn after_its_rest_one_good_answer_opens_it_and_one_bad_closes_it() {
        let manners = Manners {
            rest: Duration::ZERO,
            ..Manners::default()
        };
        let gate = gate(&manners);
        for _ in 0..5 {
            gate.hear(&failed());
        }
        assert!(gate.enter().await.is_ok(), "the rest is over at once");
        gate.hear(&failed());
        assert_eq!(gate.state(), GateState::Resting);
        assert!(gate.enter().await.is_ok());
        gate.hear(&Ok(()));
        assert_eq!(gate.state(), GateState::Open);
    }

    #[tokio::test]
    async fn a_no_is_an_answer_and_rests_nobody() {
        let gate = gate(&Manners::default());
        for _ in 0..30 {
            gate.hear::<()>(&Err(Fault::refused("isv.X", crate::Reason::Template)));
        }
        assert_eq!(gate.state(), GateState::Open);
    }

    #[tokio::test]
    async fn a_city_takes_no_more_places_than_its_own() {
        let manners = Manners {
            wait: Duration::ZERO,
            ..Manners::default()
        };
        let kind = Arc::new(Semaphore::new(manners.at_once));
        let (one, other) = (Gate::new(&manners, kind.clone()), Gate::new(&manners, kind));
        let mut inside = Vec::new();
        for _ in 0..5 {
            inside.push(one.enter().await.expect("a place"));
        }
        assert_eq!(
            one.enter().await.err(),
            Some(Fault::Unreachable(NotReached::Busy))
        );
        assert!(other.enter().await.is_ok(), "the other city is not held up");
        inside.pop();
        assert!(one.enter().await.is_ok());
    }
}

//! Examination 自检: whether every provider of the chain could be called now.

use application::ports::providers::{Examined, Examinee, Failure};
use async_trait::async_trait;
use outbound::{Fault, GateState};

use crate::chain::Chain;

#[async_trait]
impl Examinee for Chain {
    async fn examine(&self, live: bool) -> Vec<Examined> {
        let inner = &self.inner;
        let now = || inner.clock.now();
        let mut examined = Vec::new();
        for provider in &inner.providers {
            let signature = provider.self_test();
            let asked = match (live, &signature) {
                (false, _) => None,
                (true, Ok(())) => Some(provider.probe().await),
                (true, Err(fault)) => Some(Err(fault.clone())),
            };
            let (state, noted) = inner.board.standing(provider.line(), inner.city);
            examined.push(Examined {
                provider: provider.kind().to_owned(),
                signature: signature.map_err(|fault| failure(now(), &fault)),
                live: asked.map(|asked| asked.map_err(|fault| failure(now(), &fault))),
                resting: state == GateState::Resting,
                failures: noted
                    .iter()
                    .map(|one| failure(one.at, &one.fault))
                    .collect(),
            });
        }
        examined
    }
}

fn failure(at: time::OffsetDateTime, fault: &Fault) -> Failure {
    Failure {
        at,
        reason: fault.reason(),
        code: fault.code(),
    }
}

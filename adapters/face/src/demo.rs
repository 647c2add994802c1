//! Demonstration 演示核验: compares nothing, keeps nothing, and still answers in every way that a real provider does.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use application::ports::face::{
    DemoOutcome, FaceAsk, FaceError, FaceFailure, FaceVerdict, FaceVerifier,
};
use async_trait::async_trait;

pub const KIND: &str = "demo";

/// Settings of the section `[face]`.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoSettings {
    pub kind: String,
    pub provider_name: String,
}

/// Answers what the demonstration box asked for; without a wish it passes. The wish stands in its own session reference,
/// which never leaves the server.
pub struct DemoFace {
    settings: DemoSettings,
    /// Sessions whose unclear answer was told once; the next question settles them.
    told: Mutex<HashSet<String>>,
}

impl DemoFace {
    pub fn new(settings: DemoSettings) -> Self {
        Self {
            settings,
            told: Mutex::default(),
        }
    }
}

const fn word(outcome: DemoOutcome) -> &'static str {
    match outcome {
        DemoOutcome::Pass => "pass",
        DemoOutcome::Fail => "fail",
        DemoOutcome::Unclear => "unclear",
    }
}

#[async_trait]
impl FaceVerifier for DemoFace {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn provider_name(&self) -> &str {
        &self.settings.provider_name
    }

    fn is_demo(&self) -> bool {
        true
    }

    async fn start(&self, ask: FaceAsk) -> Result<String, FaceError> {
        let wish = word(ask.demo.unwrap_or(DemoOutcome::Pass));
        Ok(format!("demo:{wish}:{}", ask.check))
    }

    async fn verdict(&self, session: &str) -> Result<FaceVerdict, FaceError> {
        let wish = session.split(':').nth(1).unwrap_or_default();
        match wish {
            "pass" => Ok(FaceVerdict::Passed { score: None }),
            "fail" => Ok(FaceVerdict::Failed {
                why: FaceFailure::Different,
                charged: false,
            }),
            "unclear" => {
                let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
                if told.remove(session) {
                    return Ok(FaceVerdict::Passed { score: None });
                }
                told.insert(session.to_owned());
                Ok(FaceVerdict::Unclear)
            }
            _ => Err(FaceError::Refused("no such session".to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        ids::FaceCheckId,
        values::{PersonName, ResidentId},
    };

    use super::*;
    use application::ports::face::{FaceChannel, FaceSubject};

    fn face() -> DemoFace {
        DemoFace::new(DemoSettings {
            kind: KIND.to_owned(),
            provider_name: "演示核验服务".to_owned(),
        })
    }

    fn ask(demo: Option<DemoOutcome>) -> FaceAsk {
        FaceAsk {
            check: FaceCheckId(uuid::Uuid::from_u128(7)),
            subject: FaceSubject {
                name: PersonName::parse("顾屹舟").expect("a name"),
                id: ResidentId::restore("130925188703160119").expect("a number"),
                id_photo: Vec::new(),
            },
            channel: FaceChannel::Web,
            photo: Vec::new(),
            demo,
        }
    }

    #[tokio::test]
    async fn without_a_wish_it_passes_and_says_that_it_is_a_demonstration() {
        let face = face();
        let session = face.start(ask(None)).await.expect("it starts");
        assert_eq!(
            face.verdict(&session).await.expect("an answer"),
            FaceVerdict::Passed { score: None }
        );
        assert!(face.is_demo());
    }

    #[tokio::test]
    async fn an_unclear_answer_is_settled_by_asking_again() {
        let face = face();
        let session = face
            .start(ask(Some(DemoOutcome::Unclear)))
            .await
            .expect("it starts");
        assert_eq!(
            face.verdict(&session).await.expect("an answer"),
            FaceVerdict::Unclear
        );
        assert_eq!(
            face.verdict(&session).await.expect("an answer"),
            FaceVerdict::Passed { score: None }
        );
    }

    #[tokio::test]
    async fn a_refusal_stays_a_refusal() {
        let face = face();
        let session = face
            .start(ask(Some(DemoOutcome::Fail)))
            .await
            .expect("it starts");
        for _ in 0..2 {
            assert!(matches!(
                face.verdict(&session).await,
                Ok(FaceVerdict::Failed { .. })
            ));
        }
    }

    #[tokio::test]
    async fn a_session_of_nobody_gets_no_verdict() {
        assert!(face().verdict("other").await.is_err());
    }
}

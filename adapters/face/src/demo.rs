//! Demonstration 演示核验: compares nothing, keeps nothing, and still answers in every way that a real provider does.

use application::ports::face::{
    DemoOutcome, FaceAsk, FaceChannel, FaceError, FaceFailure, FaceQuery, FaceStart, FaceVerdict,
    FaceVerifier, FaceWay,
};
use async_trait::async_trait;

pub const KIND: &str = "demo";

/// Settings of the section `[face]`.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoSettings {
    pub kind: String,
    pub provider_name: String,
    /// 图像保存天数 of a review by people; read by whoever keeps the photo.
    #[serde(default)]
    pub image_retention_days: u16,
}

/// Answers what the demonstration box asked for; without a wish it passes. The wish stands in its own session reference,
/// which never leaves the server.
pub struct DemoFace {
    settings: DemoSettings,
}

impl DemoFace {
    pub fn new(settings: DemoSettings) -> Self {
        Self { settings }
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

    fn way(&self, _: FaceChannel) -> FaceWay {
        FaceWay::Photo
    }

    async fn start(&self, ask: FaceAsk) -> Result<FaceStart, FaceError> {
        let wish = ask.demo.unwrap_or(DemoOutcome::Pass);
        Ok(FaceStart::Judged {
            session: format!("demo:{}:{}", word(wish), ask.check),
            verdict: match wish {
                DemoOutcome::Pass => FaceVerdict::Passed { score: None },
                DemoOutcome::Fail => FaceVerdict::Failed {
                    why: FaceFailure::Different,
                    charged: false,
                },
                DemoOutcome::Unclear => FaceVerdict::Unclear,
            },
        })
    }

    /// What was unclear is settled by asking again.
    async fn verdict(&self, query: &FaceQuery) -> Result<FaceVerdict, FaceError> {
        match query.session.split(':').nth(1).unwrap_or_default() {
            "pass" | "unclear" => Ok(FaceVerdict::Passed { score: None }),
            "fail" => Ok(FaceVerdict::Failed {
                why: FaceFailure::Different,
                charged: false,
            }),
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
    use application::ports::face::{FaceJourney, FaceSubject};

    fn face() -> DemoFace {
        DemoFace::new(DemoSettings {
            kind: KIND.to_owned(),
            provider_name: "演示核验服务".to_owned(),
            image_retention_days: 0,
        })
    }

    fn subject() -> FaceSubject {
        FaceSubject {
            name: PersonName::parse("顾屹舟").expect("a name"),
            id: ResidentId::restore("130925188703160119").expect("a number"),
            id_photo: Vec::new(),
        }
    }

    async fn start(demo: Option<DemoOutcome>) -> (String, FaceVerdict) {
        let ask = FaceAsk {
            check: FaceCheckId(uuid::Uuid::from_u128(7)),
            subject: subject(),
            channel: FaceChannel::Web,
            photo: Vec::new(),
            journey: FaceJourney::default(),
            demo,
        };
        match face().start(ask).await.expect("it starts") {
            FaceStart::Judged { session, verdict } => (session, verdict),
            FaceStart::Away { .. } => panic!("nobody is sent away"),
        }
    }

    async fn again(session: &str) -> Result<FaceVerdict, FaceError> {
        let FaceSubject { name, id, .. } = subject();
        face()
            .verdict(&FaceQuery {
                check: FaceCheckId(uuid::Uuid::from_u128(7)),
                session: session.to_owned(),
                name,
                id,
                openid: String::new(),
            })
            .await
    }

    #[tokio::test]
    async fn without_a_wish_it_passes_and_says_that_it_is_a_demonstration() {
        let (session, verdict) = start(None).await;
        assert_eq!(verdict, FaceVerdict::Passed { score: None });
        assert_eq!(again(&session).await.expect("an answer"), verdict);
        assert!(face().is_demo());
    }

    #[tokio::test]
    async fn an_unclear_answer_is_settled_by_asking_again() {
        let (session, verdict) = start(Some(DemoOutcome::Unclear)).await;
        assert_eq!(verdict, FaceVerdict::Unclear);
        assert_eq!(
            again(&session).await.expect("an answer"),
            FaceVerdict::Passed { score: None }
        );
    }

    #[tokio::test]
    async fn a_refusal_stays_a_refusal() {
        let (session, verdict) = start(Some(DemoOutcome::Fail)).await;
        assert!(matches!(verdict, FaceVerdict::Failed { .. }));
        assert_eq!(again(&session).await.expect("an answer"), verdict);
    }

    #[tokio::test]
    async fn a_session_of_nobody_gets_no_verdict() {
        assert!(again("other").await.is_err());
    }
}

//! 接单 (row 6): one wins, the other reads who did.

use domain::{financing::Stage, ids::FinancingApplicationId, tenant::Role};
use serde_json::json;

use super::Intake;
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{UseError, UseResult},
    once::Once,
    ports::audit::AuditEntry,
    review::{announce, is_held_by},
};

/// 接单 of one application.
#[derive(Clone, Debug)]
pub struct AcceptApplication {
    pub application: FinancingApplicationId,
    pub once: Once,
}

const ACTION: &str = "application.accept";

impl Intake {
    /// Takes the application for the person who acts; answers its 申请编号.
    pub async fn accept(&self, actor: &Actor, ask: AcceptApplication) -> UseResult<String> {
        let permit = self
            .watch
            .permit(actor, Room::Intake, Action::Accept, ask.application)
            .await?;
        let outcome = self.decide(actor, &permit, &ask).await;
        self.watch
            .refused(
                actor,
                Room::Intake,
                Action::Accept,
                ask.application,
                outcome,
            )
            .await
    }

    async fn decide(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &AcceptApplication,
    ) -> UseResult<String> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if let Some(answer) = ask.once.replayed(&mut *work, ACTION, at).await? {
            return Ok(answer["number"].as_str().unwrap_or_default().to_owned());
        }
        let mut application = work
            .financing_applications()
            .find_for_update(ask.application)
            .await?
            .filter(|a| is_held_by(a, actor))
            .ok_or_else(UseError::not_found)?;
        let by = actor.acting_as(&[Role::CustomerManager, Role::BranchHead]);
        let mine = application.record().holder == Some(actor.user);
        let event = match application.accept(by, at) {
            // Pressed twice with two pages: it is already theirs.
            Err(_) if application.record().stage == Stage::Accepted && mine => {
                return Err(UseError::conflict("intake.already_yours"));
            }
            done => done?,
        };
        work.financing_applications()
            .save(&application, &event)
            .await?;
        let number = application
            .record()
            .number
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        announce(&mut *work, self.watch.clock.new_id(), &application, &event).await?;
        work.audit()
            .write(
                AuditEntry::by(
                    actor,
                    self.watch.clock.new_id(),
                    ACTION,
                    ask.application,
                    at,
                )
                .detail(json!({ "seq": event.seq })),
            )
            .await?;
        ask.once
            .done(&mut *work, ACTION, json!({ "number": number }))
            .await?;
        work.commit().await?;
        Ok(number)
    }
}

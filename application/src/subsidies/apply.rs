//! 申请贴息: for one loan under one policy, once, with the account that it is to be paid to and a declaration that was ticked.

use domain::ids::{DrawId, FinancingApplicationId};
use serde_json::json;
use uuid::Uuid;

use super::{Account, AskedAccount, Step, SubsidyRoom, as_shown, store};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, FieldError, UseError, UseResult},
    once::Once,
    ports::subsidy_claims::Claim,
};

/// What is declared with every application, word for word.
pub const DECLARATION: &str = "本企业承诺：该笔贷款用于约定用途，同一笔贷款没有享受其他同类财政补贴，收款账户为本企业账户，以上内容属实。如有不实，愿退回补贴并承担相应责任。";

const FILE: Step = Step {
    action: "subsidy.apply",
    code: "filed",
};

/// 提交申请 as the form says it.
#[derive(Clone, Debug)]
pub struct ApplySubsidy {
    pub application: FinancingApplicationId,
    pub draw: DrawId,
    pub policy: Uuid,
    /// The sum in cents that the page showed.
    pub shown: String,
    pub account: AskedAccount,
    /// [`DECLARATION`] was ticked.
    pub declared: bool,
    pub once: Once,
}

impl SubsidyRoom {
    /// Files it; answers its id.
    pub async fn apply(&self, actor: &Actor, ask: ApplySubsidy) -> UseResult<Uuid> {
        let object = ask.draw;
        let permit = self
            .watch
            .permit(actor, Room::Subsidies, Action::Submit, object)
            .await?;
        let outcome = self.file(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Subsidies, Action::Submit, object, outcome)
            .await
    }

    async fn file(&self, actor: &Actor, permit: &Permit, ask: &ApplySubsidy) -> UseResult<Uuid> {
        let enterprise = actor.enterprise.ok_or_else(UseError::not_found)?;
        self.sealer.ready(actor.city.0).await?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if let Some(answer) = ask.once.replayed(&mut *work, FILE.action, at).await? {
            let id = answer["claim"].as_str().and_then(|id| id.parse().ok());
            return id.ok_or_else(UseError::not_found);
        }
        let seen = self
            .open_offer(&mut *work, ask.application, ask.draw, ask.policy)
            .await?;
        if seen.facts.enterprise != enterprise {
            return Err(UseError::not_found());
        }
        let account = read(ask)?;
        as_shown(&ask.shown, seen.granted)?;
        let filed = self.filed(actor, seen, at);
        let id = filed.id;
        let claim = Claim {
            account_sealed: Some(account.seal(&*self.sealer, actor.city, id)?),
            declared: DECLARATION.to_owned(),
            ..filed
        };
        store(&mut *work, &claim).await?;
        self.note(&mut *work, actor, &claim, FILE, at).await?;
        let answer = json!({ "claim": id });
        ask.once.done(&mut *work, FILE.action, answer).await?;
        work.commit().await?;
        Ok(id)
    }
}

fn read(ask: &ApplySubsidy) -> UseResult<Account> {
    let mut checks = Checks::default();
    let account = Account::read(&mut checks, &ask.account);
    if !ask.declared {
        checks.push(FieldError::new("declared", "subsidy.undeclared"));
    }
    match account {
        Some(account) if checks.is_empty() => Ok(account),
        _ => Err(checks.into_error()),
    }
}

//! 提交考评, 发布, 收回: two people, and nothing changes once it is published.

use serde_json::json;
use time::Date;

use super::{AppraisalRoom, figures};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{UseError, UseResult},
    once::Once,
    ports::{
        appraisals::{Appraisal, Signed},
        audit::AuditEntry,
        store::StoreError,
    },
    statistics::month_of,
};

/// Which of the deeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettleMonth {
    Submit,
    Publish,
    TakeBack,
}

/// The month, by any of its days, and the key against repeats.
#[derive(Clone, Debug)]
pub struct NamedMonth {
    pub month: Date,
    pub once: Once,
}

impl SettleMonth {
    const fn action(self) -> Action {
        match self {
            Self::Submit => Action::Submit,
            Self::Publish => Action::Check,
            Self::TakeBack => Action::Withdraw,
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::Submit => "appraisal.submit",
            Self::Publish => "appraisal.publish",
            Self::TakeBack => "appraisal.take_back",
        }
    }
}

impl AppraisalRoom {
    pub async fn settle(&self, actor: &Actor, deed: SettleMonth, ask: NamedMonth) -> UseResult<()> {
        let object = ask.month;
        let permit = self
            .watch
            .permit(actor, Room::Appraisal, deed.action(), object)
            .await?;
        let outcome = self.act(actor, &permit, deed, &ask).await;
        self.watch
            .refused(actor, Room::Appraisal, deed.action(), object, outcome)
            .await
    }

    async fn act(
        &self,
        actor: &Actor,
        permit: &Permit,
        deed: SettleMonth,
        ask: &NamedMonth,
    ) -> UseResult<()> {
        let at = self.watch.clock.now();
        let month = month_of(ask.month);
        let mut work = self.store.begin(permit).await?;
        if ask
            .once
            .replayed(&mut *work, deed.code(), at)
            .await?
            .is_some()
        {
            return Ok(());
        }
        let signed = Signed {
            by: actor.user,
            by_name: actor.name.clone(),
            at,
        };
        let found = work.appraisals().appraisal(month).await?;
        match deed {
            SettleMonth::Submit => {
                if month > self.last_month() {
                    return Err(UseError::conflict("appraisal.not_over"));
                }
                let scores = figures(&mut *work, month).await?;
                let appraisal = Appraisal {
                    month,
                    submitted: signed,
                    published: None,
                };
                work.appraisals()
                    .put_forward(&appraisal, &scores)
                    .await
                    .map_err(put_before)?;
            }
            SettleMonth::Publish => {
                let waits = found.filter(|a| a.published.is_none());
                let waits = waits.ok_or_else(|| UseError::conflict("appraisal.moved"))?;
                if waits.submitted.by == actor.user {
                    return Err(UseError::conflict("financing.second_person_missing"));
                }
                if !work.appraisals().publish_appraisal(month, &signed).await? {
                    return Err(UseError::conflict("appraisal.moved"));
                }
            }
            SettleMonth::TakeBack => {
                if !work.appraisals().take_back(month).await? {
                    return Err(UseError::conflict("appraisal.moved"));
                }
            }
        }
        let id = self.watch.clock.new_id();
        let entry = AuditEntry::by(actor, id, deed.code(), month, at);
        work.audit().write(entry).await?;
        ask.once.done(&mut *work, deed.code(), json!({})).await?;
        Ok(work.commit().await?)
    }
}

fn put_before(error: StoreError) -> UseError {
    match error {
        StoreError::Conflict(name) if name == "appraisals_pkey" => {
            UseError::conflict("appraisal.moved")
        }
        other => other.into(),
    }
}

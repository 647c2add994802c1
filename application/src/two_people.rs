//! Two people 双人办理 (S-39): one asks with a reason, another one confirms or declines, once; until then the first one may take it back.

use domain::{ids::UserId, values::FreeText};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    access::Actor,
    error::{Checks, UseError, UseResult},
    once::Once,
    ports::supervision::HoldStatus,
};

/// 撤回 of what this person asked for.
#[derive(Clone, Debug)]
pub struct Withdrawal {
    /// What the page showed.
    pub asked: Uuid,
    /// A word why; may be empty.
    pub reason: String,
    pub once: Once,
}

impl Withdrawal {
    pub(crate) fn reason(&self) -> UseResult<String> {
        word_why(&self.reason)
    }
}

/// The verdict of a form: `accept` or `decline`, and nothing else.
pub(crate) fn said_yes(verdict: &str) -> Option<bool> {
    match verdict {
        "accept" => Some(true),
        "decline" => Some(false),
        _ => None,
    }
}

/// A word why something is taken back; may be empty.
pub(crate) fn word_why(typed: &str) -> UseResult<String> {
    let mut checks = Checks::default();
    let reason = FreeText::<200>::parse_optional(typed);
    match checks.take("withdraw_reason", reason) {
        Some(reason) => Ok(reason.map_or_else(String::new, |text| text.as_str().to_owned())),
        None => Err(checks.into_error()),
    }
}

/// What the first of two people asked, where it is settled.
pub(crate) struct Asked<'a> {
    pub by: UserId,
    pub status: &'a mut HoldStatus,
    pub settled_by: &'a mut Option<UserId>,
    pub settled_name: &'a mut String,
    pub settled_at: &'a mut Option<OffsetDateTime>,
    pub withdrawal: &'a mut String,
}

impl Asked<'_> {
    /// Refuses what is settled already, and whoever asked for it.
    pub fn settle(self, actor: &Actor, confirm: bool, at: OffsetDateTime) -> UseResult<()> {
        self.still_open()?;
        if self.by == actor.user {
            return Err(UseError::conflict("financing.second_person_missing"));
        }
        let status = if confirm {
            HoldStatus::Confirmed
        } else {
            HoldStatus::Declined
        };
        self.done(status, actor, at);
        Ok(())
    }

    /// Refuses what is settled already, and everybody but the one who asked for it.
    pub fn withdraw(self, actor: &Actor, ask: &Withdrawal, at: OffsetDateTime) -> UseResult<()> {
        self.still_open()?;
        if self.by != actor.user {
            return Err(UseError::conflict("two_people.not_the_asker"));
        }
        *self.withdrawal = ask.reason()?;
        self.done(HoldStatus::Withdrawn, actor, at);
        Ok(())
    }

    fn still_open(&self) -> UseResult<()> {
        match *self.status {
            HoldStatus::Open => Ok(()),
            HoldStatus::Withdrawn => {
                let error = UseError::conflict("two_people.withdrawn");
                Err(error.with("by", &*self.settled_name))
            }
            HoldStatus::Confirmed | HoldStatus::Declined => {
                let error = UseError::conflict("supervision.settled");
                Err(error.with("by", &*self.settled_name))
            }
        }
    }

    fn done(self, status: HoldStatus, actor: &Actor, at: OffsetDateTime) {
        *self.status = status;
        *self.settled_by = Some(actor.user);
        self.settled_name.clone_from(&actor.name);
        *self.settled_at = Some(at);
    }
}

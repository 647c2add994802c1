//! Two people 双人办理 (S-39): one asks with a reason, another one confirms or declines, once.

use domain::ids::UserId;
use time::OffsetDateTime;

use crate::{
    access::Actor,
    error::{UseError, UseResult},
    ports::supervision::HoldStatus,
};

/// What the first of two people asked, where the second one writes.
pub(crate) struct Asked<'a> {
    pub by: UserId,
    pub status: &'a mut HoldStatus,
    pub settled_by: &'a mut Option<UserId>,
    pub settled_name: &'a mut String,
    pub settled_at: &'a mut Option<OffsetDateTime>,
}

impl Asked<'_> {
    /// Refuses what is settled already, and whoever asked for it.
    pub fn settle(self, actor: &Actor, confirm: bool, at: OffsetDateTime) -> UseResult<()> {
        if *self.status != HoldStatus::Open {
            return Err(UseError::conflict("supervision.settled").with("by", &*self.settled_name));
        }
        if self.by == actor.user {
            return Err(UseError::conflict("financing.second_person_missing"));
        }
        *self.status = if confirm {
            HoldStatus::Confirmed
        } else {
            HoldStatus::Declined
        };
        *self.settled_by = Some(actor.user);
        self.settled_name.clone_from(&actor.name);
        *self.settled_at = Some(at);
        Ok(())
    }
}

//! 导出: who asked for it, who let it through, and how far it has come. Unmasked ones need four eyes (S-39).

use crate::{ids::UserId, vocabulary};

vocabulary! {
    /// What is exported.
    ExportKind {
        Applications = "applications" / "融资需求",
        Draws = "draws" / "放款记录",
        Repayments = "repayments" / "还款记录",
    }
}

impl ExportKind {
    /// Whether it holds personal data that a mask covers.
    pub const fn has_personal_data(self) -> bool {
        matches!(self, Self::Applications)
    }
}

vocabulary! {
    /// How far an export has come.
    ExportStatus {
        ToCheck = "to_check" / "待复核",
        Queued = "queued" / "排队中",
        Making = "making" / "生成中",
        Ready = "ready" / "可下载",
        Failed = "failed" / "未完成",
        Declined = "declined" / "未同意",
        Expired = "expired" / "已过期",
        Withdrawn = "withdrawn" / "已撤回",
    }
}

/// Why an export does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    #[error("an unmasked export needs a reason")]
    ReasonMissing,
    #[error("there is nothing to unmask in it")]
    NothingMasked,
    #[error("it was checked before")]
    CheckedBefore,
    #[error("whoever asked does not check")]
    SamePerson,
    #[error("only whoever asked takes it back")]
    NotTheAsker,
}

impl ExportError {
    pub const fn code(self) -> &'static str {
        match self {
            Self::ReasonMissing => "exports.reason_missing",
            Self::NothingMasked => "exports.nothing_masked",
            Self::CheckedBefore => "exports.checked_before",
            Self::SamePerson => "exports.same_person",
            Self::NotTheAsker => "two_people.not_the_asker",
        }
    }
}

/// 导出申请: the part that decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportOrder {
    kind: ExportKind,
    masked: bool,
    reason: String,
    asked_by: UserId,
    checked_by: Option<UserId>,
    status: ExportStatus,
}

impl ExportOrder {
    /// Asked for: a masked one is made at once, an unmasked one waits for a second person.
    pub fn ask(
        kind: ExportKind,
        masked: bool,
        reason: &str,
        by: UserId,
    ) -> Result<Self, ExportError> {
        let reason = reason.trim();
        if !masked && !kind.has_personal_data() {
            return Err(ExportError::NothingMasked);
        }
        if !masked && reason.chars().count() < 2 {
            return Err(ExportError::ReasonMissing);
        }
        Ok(Self {
            kind,
            masked,
            reason: reason.to_owned(),
            asked_by: by,
            checked_by: None,
            status: if masked {
                ExportStatus::Queued
            } else {
                ExportStatus::ToCheck
            },
        })
    }

    /// As stored.
    pub fn restore(
        kind: ExportKind,
        masked: bool,
        reason: String,
        asked_by: UserId,
        checked_by: Option<UserId>,
        status: ExportStatus,
    ) -> Self {
        Self {
            kind,
            masked,
            reason,
            asked_by,
            checked_by,
            status,
        }
    }

    /// 复核: a second person lets it through, or not.
    pub fn check(&mut self, by: UserId, agree: bool) -> Result<(), ExportError> {
        if self.status != ExportStatus::ToCheck {
            return Err(ExportError::CheckedBefore);
        }
        if by == self.asked_by {
            return Err(ExportError::SamePerson);
        }
        self.checked_by = Some(by);
        self.status = if agree {
            ExportStatus::Queued
        } else {
            ExportStatus::Declined
        };
        Ok(())
    }

    /// 撤回: whoever asked takes it back while it waits for the second person.
    pub fn withdraw(&mut self, by: UserId) -> Result<(), ExportError> {
        if self.status != ExportStatus::ToCheck {
            return Err(ExportError::CheckedBefore);
        }
        if by != self.asked_by {
            return Err(ExportError::NotTheAsker);
        }
        self.status = ExportStatus::Withdrawn;
        Ok(())
    }

    pub fn kind(&self) -> ExportKind {
        self.kind
    }
    pub fn masked(&self) -> bool {
        self.masked
    }
    pub fn reason(&self) -> &str {
        &self.reason
    }
    pub fn asked_by(&self) -> UserId {
        self.asked_by
    }
    pub fn checked_by(&self) -> Option<UserId> {
        self.checked_by
    }
    pub fn status(&self) -> ExportStatus {
        self.status
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn person(n: u128) -> UserId {
        UserId(Uuid::from_u128(n))
    }

    #[test]
    fn a_masked_export_is_made_at_once_and_nobody_checks_it() {
        let mut order =
            ExportOrder::ask(ExportKind::Draws, true, "", person(1)).expect("it is asked");
        assert_eq!(order.status(), ExportStatus::Queued);
        assert_eq!(
            order.check(person(2), true),
            Err(ExportError::CheckedBefore)
        );
    }

    #[test]
    fn an_unmasked_export_needs_a_reason_and_one_check_by_somebody_else() {
        let ask = |kind, reason| ExportOrder::ask(kind, false, reason, person(1));
        assert_eq!(
            ask(ExportKind::Applications, " x "),
            Err(ExportError::ReasonMissing)
        );
        assert_eq!(
            ask(ExportKind::Repayments, "监管检查"),
            Err(ExportError::NothingMasked)
        );
        let mut order = ask(ExportKind::Applications, "监管检查").expect("it is asked");
        assert_eq!(order.status(), ExportStatus::ToCheck);
        assert_eq!(order.check(person(1), true), Err(ExportError::SamePerson));
        order.check(person(2), true).expect("somebody else may");
        assert_eq!(
            (order.status(), order.checked_by()),
            (ExportStatus::Queued, Some(person(2)))
        );
        assert_eq!(
            order.check(person(3), false),
            Err(ExportError::CheckedBefore)
        );
    }

    #[test]
    fn what_waits_is_taken_back_by_whoever_asked_and_by_nobody_else() {
        let mut order = ExportOrder::ask(ExportKind::Applications, false, "监管检查", person(1))
            .expect("it is asked");
        assert_eq!(order.withdraw(person(2)), Err(ExportError::NotTheAsker));
        order.withdraw(person(1)).expect("their own");
        assert_eq!(order.status(), ExportStatus::Withdrawn);
        let late = Err(ExportError::CheckedBefore);
        assert_eq!(order.check(person(2), true), late);
        assert_eq!(order.withdraw(person(1)), late);
        let mut masked =
            ExportOrder::ask(ExportKind::Draws, true, "", person(1)).expect("it is asked");
        assert_eq!(masked.withdraw(person(1)), late);
    }
}

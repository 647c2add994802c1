//! Stages and the manual's two columns that are derived from them (lifecycle section 1).

use crate::vocabulary;

vocabulary! {
    /// 阶段, internal: screens show the two columns and plain words.
    Stage {
        Draft = "draft" / "草稿",
        PendingFace = "pending_face" / "待核身",
        Submitted = "submitted" / "待接单",
        ReturnedToHq = "returned_to_hq" / "待改派",
        Accepted = "accepted" / "已接单",
        DueDiligence = "due_diligence" / "尽调中",
        NeedSupplement = "need_supplement" / "退回补充",
        InApproval = "in_approval" / "审批中",
        Approved = "approved" / "通过",
        Disbursing = "disbursing" / "部分放款",
        Disbursed = "disbursed" / "已放款",
        Settled = "settled" / "已结清",
        NotDrawn = "not_drawn" / "未用信",
        Rejected = "rejected" / "不通过",
        RefusedIntake = "refused_intake" / "拒单终结",
        Withdrawn = "withdrawn" / "已撤回",
        Expired = "expired" / "已失效",
    }
}

vocabulary! {
    /// 接单状态 (M-511; 未接单 is ours).
    IntakeStatus {
        Pending = "pending" / "待接单",
        Accepted = "accepted" / "已接单",
        NeverAccepted = "never_accepted" / "未接单",
    }
}

vocabulary! {
    /// 审核状态 (M-512 names 待审核 and 通过; the others are ours, A-12).
    ReviewStatus {
        Pending = "pending" / "待审核",
        Approved = "approved" / "通过",
        Rejected = "rejected" / "不通过",
        SupplementAsked = "supplement_asked" / "退回补充",
        Withdrawn = "withdrawn" / "已撤回",
        Expired = "expired" / "已失效",
    }
}

vocabulary! {
    /// 放款状态: a third column that never replaces the manual's two.
    DisbursementStatus {
        None = "none" / "-",
        Waiting = "waiting" / "待放款",
        Partly = "partly" / "部分放款",
        Done = "done" / "已放款",
        NotDrawn = "not_drawn" / "未用信",
        Settled = "settled" / "已结清",
    }
}

impl Stage {
    /// Before submission: no number, no bank sees it.
    pub const fn is_before_submission(self) -> bool {
        matches!(self, Self::Draft | Self::PendingFace)
    }

    /// A decision is still open (an account cannot be closed, the enterprise may withdraw).
    pub const fn is_open(self) -> bool {
        matches!(
            self,
            Self::Submitted
                | Self::ReturnedToHq
                | Self::Accepted
                | Self::DueDiligence
                | Self::NeedSupplement
                | Self::InApproval
        )
    }

    /// 在贷: something of it was drawn, and it is not settled.
    pub const fn is_lent(self) -> bool {
        matches!(self, Self::Disbursing | Self::Disbursed)
    }

    /// Nothing may follow but a new request (lifecycle row 32).
    pub const fn is_terminal(self) -> bool {
        matches!(
            self,
            Self::Settled
                | Self::NotDrawn
                | Self::Rejected
                | Self::RefusedIntake
                | Self::Withdrawn
                | Self::Expired
        )
    }

    /// 放款状态 of the stage.
    pub const fn disbursement(self) -> DisbursementStatus {
        match self {
            Self::Approved => DisbursementStatus::Waiting,
            Self::Disbursing => DisbursementStatus::Partly,
            Self::Disbursed => DisbursementStatus::Done,
            Self::Settled => DisbursementStatus::Settled,
            Self::NotDrawn => DisbursementStatus::NotDrawn,
            _ => DisbursementStatus::None,
        }
    }
}

/// The manual's two columns, always one of the ten allowed pairs; `None` before submission.
pub const fn columns(stage: Stage, ever_accepted: bool) -> Option<(IntakeStatus, ReviewStatus)> {
    let closed = if ever_accepted {
        IntakeStatus::Accepted
    } else {
        IntakeStatus::NeverAccepted
    };
    Some(match stage {
        Stage::Draft | Stage::PendingFace => return None,
        Stage::Submitted | Stage::ReturnedToHq => (IntakeStatus::Pending, ReviewStatus::Pending),
        Stage::Accepted | Stage::DueDiligence | Stage::InApproval => {
            (IntakeStatus::Accepted, ReviewStatus::Pending)
        }
        Stage::NeedSupplement => (IntakeStatus::Accepted, ReviewStatus::SupplementAsked),
        Stage::Approved
        | Stage::Disbursing
        | Stage::Disbursed
        | Stage::Settled
        | Stage::NotDrawn => (IntakeStatus::Accepted, ReviewStatus::Approved),
        Stage::Rejected => (IntakeStatus::Accepted, ReviewStatus::Rejected),
        Stage::RefusedIntake => (IntakeStatus::NeverAccepted, ReviewStatus::Rejected),
        Stage::Withdrawn => (closed, ReviewStatus::Withdrawn),
        Stage::Expired => (closed, ReviewStatus::Expired),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stage_shows_one_of_the_ten_allowed_pairs() {
        let allowed = [
            ("待接单", "待审核"),
            ("已接单", "待审核"),
            ("已接单", "退回补充"),
            ("已接单", "通过"),
            ("已接单", "不通过"),
            ("已接单", "已撤回"),
            ("已接单", "已失效"),
            ("未接单", "不通过"),
            ("未接单", "已撤回"),
            ("未接单", "已失效"),
        ];
        for &stage in Stage::ALL {
            for ever in [false, true] {
                match columns(stage, ever) {
                    None => assert!(stage.is_before_submission()),
                    Some((intake, review)) => {
                        assert!(allowed.contains(&(intake.zh(), review.zh())), "{stage:?}");
                    }
                }
            }
        }
    }
}

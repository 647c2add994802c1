//! The complete transition table (lifecycle section 3), the only place that says who may move what from where.

use super::Stage;
use crate::tenant::Role;
use crate::vocabulary;

vocabulary! {
    /// What someone does to an application; the Chinese word is the button and the line in the timeline.
    Verb {
        SaveDraft = "save_draft" / "保存草稿",
        Submit = "submit" / "提交申请",
        SubmitPendingFace = "submit_pending_face" / "立即申请",
        PassFace = "pass_face" / "核身通过",
        LeaveFace = "leave_face" / "未通过核身",
        Accept = "accept" / "接单",
        Reassign = "reassign" / "转派",
        DeclineIntake = "decline_intake" / "拒单",
        ReassignFromHq = "reassign_from_hq" / "改派",
        ConfirmDecline = "confirm_decline" / "确认拒单",
        IntakeTimeout = "intake_timeout" / "超时未接单",
        StartDueDiligence = "start_due_diligence" / "开始尽调",
        AskSupplement = "ask_supplement" / "退回补充",
        AnswerSupplement = "answer_supplement" / "补充提交",
        SupplementTimeout = "supplement_timeout" / "补充逾期失效",
        HandOver = "hand_over" / "转办",
        MoveBranch = "move_branch" / "跨支行转派",
        SubmitForApproval = "submit_for_approval" / "提交审批",
        AgreeStep = "agree_step" / "同意",
        ReturnToHolder = "return_to_holder" / "退回经办",
        Approve = "approve" / "通过",
        Reject = "reject" / "不通过",
        Reconsider = "reconsider" / "复议",
        CorrectMistake = "correct_mistake" / "更正误操作",
        Disburse = "disburse" / "放款反馈",
        DisburseLast = "disburse_last" / "末笔放款",
        CorrectDraw = "correct_draw" / "更正放款",
        CorrectRepayment = "correct_repayment" / "更正还款",
        GiveUp = "give_up" / "放弃",
        Settle = "settle" / "结清反馈",
        Withdraw = "withdraw" / "撤回",
        Expire = "expire" / "逾期失效",
        Freeze = "freeze" / "冻结",
        Unfreeze = "unfreeze" / "解除冻结",
    }
}

impl Verb {
    /// What was said and proposed with it stays among the bank's people: the enterprise reads that it happened, not why.
    pub const fn is_internal(self) -> bool {
        matches!(
            self,
            Self::DeclineIntake
                | Self::HandOver
                | Self::StartDueDiligence
                | Self::SubmitForApproval
                | Self::AgreeStep
                | Self::ReturnToHolder
                | Self::CorrectMistake
                | Self::Freeze
                | Self::Unfreeze
        )
    }
}

/// Where a transition leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// To this stage.
    To(Stage),
    /// Stays where it is (another holder, another branch, a flag).
    Same,
    /// Back to the stage that a 退回补充 came from.
    Previous,
    /// One of these, told by the facts (the last draw, the stage a correction undoes).
    OneOf(&'static [Stage]),
}

/// One row of the table.
#[derive(Debug)]
pub struct Rule {
    /// Row number of lifecycle section 3.
    pub row: u8,
    pub verb: Verb,
    pub from: &'static [Stage],
    pub to: Target,
    pub by: &'static [Role],
}

use Role::{
    BranchApprover as BA, BranchHead as BH, CustomerManager as BM, EnterpriseOperator as EU,
    EnterpriseOwner as EO, HqAdministrator as HA, HqApprover as HP, Operator as OP, System as SYS,
};
use Stage::{
    Accepted, Approved, Disbursed, Disbursing, Draft, DueDiligence, Expired, InApproval,
    NeedSupplement, NotDrawn, PendingFace, RefusedIntake, Rejected, ReturnedToHq, Settled,
    Submitted, Withdrawn,
};

const OPEN: &[Stage] = &[
    Submitted,
    ReturnedToHq,
    Accepted,
    DueDiligence,
    NeedSupplement,
    InApproval,
];

const fn rule(
    row: u8,
    verb: Verb,
    from: &'static [Stage],
    to: Target,
    by: &'static [Role],
) -> Rule {
    Rule {
        row,
        verb,
        from,
        to,
        by,
    }
}

/// Rows 2 to 31; row 1 is the birth of a draft and row 32 is a new application.
pub const RULES: &[Rule] = &[
    rule(1, Verb::SaveDraft, &[Draft], Target::Same, &[EO, EU]),
    rule(2, Verb::Submit, &[Draft], Target::To(Submitted), &[EO, EU]),
    rule(
        3,
        Verb::SubmitPendingFace,
        &[Draft],
        Target::To(PendingFace),
        &[EO, EU],
    ),
    rule(
        4,
        Verb::PassFace,
        &[PendingFace],
        Target::To(Submitted),
        &[SYS],
    ),
    rule(
        5,
        Verb::LeaveFace,
        &[PendingFace],
        Target::To(Draft),
        &[SYS, EO, EU],
    ),
    rule(
        6,
        Verb::Accept,
        &[Submitted],
        Target::To(Accepted),
        &[BM, BH],
    ),
    rule(7, Verb::Reassign, &[Submitted], Target::Same, &[HA, BH]),
    rule(
        8,
        Verb::DeclineIntake,
        &[Submitted],
        Target::To(ReturnedToHq),
        &[BH, BM],
    ),
    rule(
        9,
        Verb::ReassignFromHq,
        &[ReturnedToHq],
        Target::To(Submitted),
        &[HA],
    ),
    rule(
        10,
        Verb::ConfirmDecline,
        &[ReturnedToHq],
        Target::To(RefusedIntake),
        &[HA],
    ),
    rule(
        11,
        Verb::IntakeTimeout,
        &[Submitted],
        Target::To(ReturnedToHq),
        &[SYS],
    ),
    rule(
        12,
        Verb::StartDueDiligence,
        &[Accepted],
        Target::To(DueDiligence),
        &[BM, BH],
    ),
    rule(
        13,
        Verb::AskSupplement,
        &[Accepted, DueDiligence],
        Target::To(NeedSupplement),
        &[BM, BH],
    ),
    rule(
        13,
        Verb::AskSupplement,
        &[InApproval],
        Target::To(NeedSupplement),
        &[BM, BH, BA, HP],
    ),
    rule(
        14,
        Verb::AnswerSupplement,
        &[NeedSupplement],
        Target::Previous,
        &[EO, EU],
    ),
    rule(
        15,
        Verb::SupplementTimeout,
        &[NeedSupplement],
        Target::To(Expired),
        &[SYS],
    ),
    rule(
        16,
        Verb::HandOver,
        &[Accepted, DueDiligence],
        Target::Same,
        &[BH, BM],
    ),
    rule(
        17,
        Verb::MoveBranch,
        &[Accepted, DueDiligence],
        Target::To(Submitted),
        &[HA],
    ),
    rule(
        18,
        Verb::SubmitForApproval,
        &[DueDiligence],
        Target::To(InApproval),
        &[BM, BH],
    ),
    rule(19, Verb::AgreeStep, &[InApproval], Target::Same, &[BA, HP]),
    rule(
        20,
        Verb::ReturnToHolder,
        &[InApproval],
        Target::To(DueDiligence),
        &[BA, HP],
    ),
    rule(
        21,
        Verb::Approve,
        &[InApproval, Accepted, DueDiligence],
        Target::To(Approved),
        &[BA, HP],
    ),
    rule(
        22,
        Verb::Reject,
        &[InApproval, Accepted, DueDiligence],
        Target::To(Rejected),
        &[BA, HP],
    ),
    rule(
        23,
        Verb::Reconsider,
        &[Rejected],
        Target::To(InApproval),
        &[HP],
    ),
    rule(
        24,
        Verb::CorrectMistake,
        &[Rejected, RefusedIntake],
        Target::OneOf(&[InApproval, Submitted]),
        &[HA],
    ),
    rule(
        25,
        Verb::Disburse,
        &[Approved, Disbursing],
        Target::OneOf(&[Disbursing, Disbursed]),
        &[BM, BH, HA, SYS],
    ),
    rule(
        26,
        Verb::DisburseLast,
        &[Disbursing],
        Target::To(Disbursed),
        &[BM, BH, HA, SYS],
    ),
    rule(
        25,
        Verb::CorrectDraw,
        &[Disbursing, Disbursed],
        Target::OneOf(&[Disbursing, Disbursed]),
        &[BM, BH, HA],
    ),
    rule(
        25,
        Verb::CorrectRepayment,
        &[Disbursing, Disbursed],
        Target::Same,
        &[BM, BH, HA],
    ),
    rule(
        27,
        Verb::GiveUp,
        &[Approved],
        Target::To(NotDrawn),
        &[EO, SYS],
    ),
    rule(
        28,
        Verb::Settle,
        &[Disbursed],
        Target::To(Settled),
        &[BM, BH, SYS],
    ),
    rule(29, Verb::Withdraw, OPEN, Target::To(Withdrawn), &[EO, EU]),
    rule(
        30,
        Verb::Expire,
        &[Submitted, ReturnedToHq],
        Target::To(Expired),
        &[SYS],
    ),
    rule(31, Verb::Freeze, OPEN, Target::Same, &[OP]),
    rule(31, Verb::Unfreeze, OPEN, Target::Same, &[OP]),
];

/// The rule that lets `role` do `verb` from `stage`; `None` means forbidden.
pub fn rule_for(stage: Stage, verb: Verb, role: Role) -> Option<&'static Rule> {
    RULES
        .iter()
        .find(|r| r.verb == verb && r.from.contains(&stage) && r.by.contains(&role))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_supervisors_regulators_and_vendors_move_nothing_but_the_freeze() {
        for r in RULES {
            for role in [
                Role::Operator,
                Role::Supervisor,
                Role::Regulator,
                Role::ProvinceSupervisor,
                Role::PlatformAdministrator,
            ] {
                if r.by.contains(&role) {
                    assert_eq!((r.row, r.to), (31, Target::Same));
                }
            }
        }
    }

    #[test]
    fn nothing_leads_from_waiting_to_approved_in_one_step() {
        for &role in Role::ALL {
            assert!(rule_for(Submitted, Verb::Approve, role).is_none());
        }
    }

    #[test]
    fn nothing_follows_a_settled_application() {
        assert!(RULES.iter().all(|r| !r.from.contains(&Settled)));
    }

    #[test]
    fn an_approval_is_never_turned_into_a_refusal() {
        for &from in &[Approved, Disbursing, Disbursed, Settled, NotDrawn] {
            assert!(
                RULES
                    .iter()
                    .filter(|r| r.from.contains(&from))
                    .all(|r| r.to != Target::To(Rejected))
            );
        }
    }

    #[test]
    fn every_row_of_the_lifecycle_page_is_in_the_table() {
        for row in 1..=31 {
            assert!(RULES.iter().any(|r| r.row == row), "row {row}");
        }
    }
}

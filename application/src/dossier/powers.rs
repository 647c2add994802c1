//! What this person may do with an application now: which buttons a page shows. Each use case checks again.

use domain::calendar::local_date;
use domain::deferral::DeferralStatus;
use domain::financing::{Clocks, MOVES, SUPPLEMENT_ROUNDS, Stage, Verb, rule_for};

use super::{Case, DossierRoom};
use crate::{
    access::{Action, Actor, Room},
    lending::{deferral_at, is_recorder, open_correction},
    ports::lending::StoredDraw,
};

/// The buttons of one application for one person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one button")]
pub struct Powers {
    pub accept: bool,
    pub decline: bool,
    pub hand_over: bool,
    pub start_diligence: bool,
    pub write_report: bool,
    pub propose: bool,
    pub ask_supplement: bool,
    /// 通过 and 不通过 in one step.
    pub approve: bool,
    pub reject: bool,
    /// 同意, 通过, 不通过, 退回经办 at the step that waits for this person.
    pub sign: bool,
    /// The signature would be the last one: it decides.
    pub sign_last: bool,
    pub disburse: bool,
    pub repay: bool,
    pub settle: bool,
    /// 转派, 改派.
    pub assign: bool,
    /// 跨支行转派.
    pub move_branch: bool,
    /// 确认拒单.
    pub refuse_intake: bool,
    pub answer_dispute: bool,
    /// 更正放款 and 更正还款, proposed.
    pub correct_draw: bool,
    pub correct_repayment: bool,
    /// The second person of a correction of the loan.
    pub check_correction: bool,
    /// 撤回 of a correction of the loan that this person proposed.
    pub withdraw_correction: bool,
    /// 答复延期申请.
    pub answer_deferral: bool,
    /// The second person of a deferral.
    pub check_deferral: bool,
    /// 更正误操作.
    pub correct: bool,
    pub unmask: bool,
    pub open_file: bool,
}

impl DossierRoom {
    pub(super) async fn powers(&self, actor: &Actor, case: &Case) -> Powers {
        let asks = Asks {
            room: self,
            actor,
            case,
        };
        let record = &case.record;
        let holds = record.holder == Some(actor.user);
        let in_approval = record.stage == Stage::InApproval;
        let single = asks.in_one_step();
        let open = case.shown.is_some() && case.consent;
        let sign = in_approval && !record.frozen && asks.is_next() && {
            asks.may(Room::Approval, Action::Sign).await
        };
        let today = local_date(self.watch.clock.now());
        let ready = case
            .report
            .as_ref()
            .is_some_and(|stored| stored.report.may_go_up(today));
        let lends = asks.may(Room::Lending, Action::Record).await;
        let owed = case.owed().cents();
        let waiting = open_correction(&case.corrections);
        let corrects = lends && asks.lends() && waiting.is_none();
        Powers {
            accept: asks.verb(Verb::Accept, Room::Intake, Action::Accept).await,
            decline: asks
                .verb(Verb::DeclineIntake, Room::Intake, Action::Decline)
                .await,
            hand_over: (holds || actor.has(domain::tenant::Role::BranchHead))
                && asks
                    .verb(Verb::HandOver, Room::Review, Action::HandOver)
                    .await,
            start_diligence: holds
                && asks
                    .verb(Verb::StartDueDiligence, Room::Diligence, Action::Save)
                    .await,
            write_report: holds
                && record.stage == Stage::DueDiligence
                && asks.may(Room::Diligence, Action::Save).await,
            propose: holds
                && ready
                && asks
                    .verb(Verb::SubmitForApproval, Room::Approval, Action::Propose)
                    .await,
            ask_supplement: (holds || (in_approval && asks.approves()))
                && record.supplement_rounds < SUPPLEMENT_ROUNDS
                && asks
                    .verb(Verb::AskSupplement, Room::Review, Action::AskSupplement)
                    .await,
            approve: single
                && asks
                    .verb(Verb::Approve, Room::Review, Action::Approve)
                    .await,
            reject: single && asks.verb(Verb::Reject, Room::Review, Action::Reject).await,
            sign,
            sign_last: sign
                && record
                    .approval
                    .as_ref()
                    .is_some_and(domain::financing::Approval::is_last),
            disburse: lends && asks.moves(Verb::Disburse) && asks.lends(),
            repay: lends && asks.lends() && owed > 0 && asks.is_lent(),
            settle: lends
                && waiting.is_none()
                && asks.moves(Verb::Settle)
                && asks.lends()
                && owed == 0
                && !case.draws.iter().any(StoredDraw::is_disputed),
            assign: record.moves < MOVES
                && actor.reach.len() > 1
                && (asks.moves(Verb::Reassign) || asks.moves(Verb::ReassignFromHq))
                && asks.may(Room::Dispatch, Action::Assign).await,
            move_branch: record.moves < MOVES
                && asks
                    .verb(Verb::MoveBranch, Room::Dispatch, Action::Assign)
                    .await,
            refuse_intake: asks
                .verb(Verb::ConfirmDecline, Room::Dispatch, Action::Decline)
                .await,
            answer_dispute: lends
                && asks.lends()
                && record.stage != Stage::Settled
                && case.draws.iter().any(StoredDraw::is_disputed),
            correct_draw: corrects && asks.moves(Verb::CorrectDraw),
            correct_repayment: corrects
                && !case.repayments.is_empty()
                && asks.moves(Verb::CorrectRepayment),
            withdraw_correction: lends && waiting.is_some_and(|one| one.asked_by == actor.user),
            check_correction: asks.checks_correction()
                && asks.may(Room::Lending, Action::Check).await,
            answer_deferral: lends && asks.answers_deferral(),
            check_deferral: asks.checks_deferral().await,
            correct: asks.is_correctable()
                && asks
                    .verb(Verb::CorrectMistake, Room::Appeal, Action::Ask)
                    .await,
            unmask: open && asks.may(Room::Dossier, Action::Unmask).await,
            open_file: open && asks.may(Room::Dossier, Action::OpenFile).await,
        }
    }
}

/// One person before one application.
struct Asks<'a> {
    room: &'a DossierRoom,
    actor: &'a Actor,
    case: &'a Case,
}

impl Asks<'_> {
    /// Small enough for one person, and not before the approvers.
    fn in_one_step(&self) -> bool {
        let record = &self.case.record;
        let limit = self.case.single_step_limit;
        record.stage != Stage::InApproval && limit.is_some_and(|limit| record.amount <= limit)
    }

    async fn may(&self, room: Room, action: Action) -> bool {
        self.room.watch.guard.may(self.actor, room, action).await
    }

    /// The table of transitions lets one of the roles do it from here.
    fn moves(&self, verb: Verb) -> bool {
        let record = &self.case.record;
        let mut roles = self.actor.roles.iter();
        !record.frozen && roles.any(|role| rule_for(record.stage, verb, *role).is_some())
    }

    async fn verb(&self, verb: Verb, room: Room, action: Action) -> bool {
        self.moves(verb) && self.may(room, action).await
    }

    /// Four eyes: the step waits for this role, and this person neither holds nor signed it.
    fn is_next(&self) -> bool {
        let record = &self.case.record;
        let Some(approval) = &record.approval else {
            return false;
        };
        approval
            .waits_for()
            .is_some_and(|role| self.actor.has(role))
            && record.holder != Some(self.actor.user)
            && !approval.signed.iter().any(|s| s.by == self.actor.user)
    }

    /// One of those who sign steps, whoever's turn it is.
    fn approves(&self) -> bool {
        use domain::tenant::Role;
        self.actor.has(Role::BranchApprover) || self.actor.has(Role::HqApprover)
    }

    /// This loan is this person's to record.
    fn lends(&self) -> bool {
        is_recorder(self.actor, self.case.record.holder)
    }

    /// A correction of the loan waits, and somebody else proposed it.
    fn checks_correction(&self) -> bool {
        let waiting = open_correction(&self.case.corrections);
        self.is_lent() && waiting.is_some_and(|one| one.asked_by != self.actor.user)
    }

    /// The enterprise asks for another day, and nobody has answered.
    fn answers_deferral(&self) -> bool {
        let asked = deferral_at(&self.case.deferrals, DeferralStatus::Open);
        asked.is_some() && self.lends() && self.is_lent() && !self.case.record.frozen
    }

    /// A new day waits for a second person, and somebody else proposed it.
    async fn checks_deferral(&self) -> bool {
        let proposed = deferral_at(&self.case.deferrals, DeferralStatus::Proposed);
        let first = proposed.and_then(|one| one.answered.as_ref());
        let others = first.is_some_and(|first| first.by != self.actor.user);
        let waits = others && self.is_lent() && !self.case.record.frozen;
        waits && self.may(Room::Lending, Action::Check).await
    }

    /// Within the two working days after the decision (row 24).
    fn is_correctable(&self) -> bool {
        let Some(city) = self.room.cities.by_id(self.actor.city) else {
            return false;
        };
        let calendar = city.work_calendar(&*self.room.calendar);
        let clocks = Clocks {
            eras: &city.clocks,
            calendar: &calendar,
            pauses: &city.pauses,
        };
        let decided = self.case.record.decided_at;
        let until = decided.and_then(|decided| clocks.correct_until(decided));
        until.is_some_and(|until| self.room.watch.clock.now() <= until)
    }

    fn is_lent(&self) -> bool {
        self.case.record.stage.is_lent()
    }
}

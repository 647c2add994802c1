//! Every stage × every verb, and the sentences of the lifecycle page.

mod after;
mod before;
mod deciding;
mod moving;
mod walks;

use std::sync::LazyLock;

use time::{Duration, macros::datetime};
use uuid::Uuid;

use super::*;
use crate::{
    calendar::{DayKind, WorkCalendar},
    financing::{ClockEras, ClockLimits, Clocks, Era},
    product::ProductRange,
    values::TermUnit,
};

const NOW: OffsetDateTime = datetime!(2026-11-25 09:30:00 +8);
const CLERK: u128 = 11;
const APPROVER: u128 = 12;
const OWNER: u128 = 21;

fn calendar() -> WorkCalendar {
    WorkCalendar::new(
        2026..=2026,
        [(time::macros::date!(2026 - 10 - 01), DayKind::Off)],
    )
}

/// Other limits for a fortnight that no test but the random walks reaches with a clock that starts.
static ERAS: LazyLock<ClockEras> = LazyLock::new(|| {
    let other = ClockLimits {
        accept_days: 3,
        contact_days: 2,
        decision_days: 6,
        disburse_days: 9,
        supplement_days: 4,
        expire_days: 12,
        ..ClockLimits::SHIPPED
    };
    let era = |from, limits| Era { from, limits };
    ClockEras::default()
        .decide(era(time::macros::date!(2026 - 12 - 05), other))
        .decide(era(
            time::macros::date!(2026 - 12 - 19),
            ClockLimits::SHIPPED,
        ))
});

fn clocks(calendar: &WorkCalendar) -> Clocks<'_> {
    Clocks {
        eras: &ERAS,
        calendar,
        pauses: &[],
    }
}

fn range() -> ProductRange {
    ProductRange {
        amount_min: Cents::from_wan(1).unwrap(),
        amount_max: Cents::from_wan(500).unwrap(),
        rate_min: Rate::new(375).unwrap(),
        rate_max: Rate::new(375).unwrap(),
        term_min: 1,
        term_max: 10,
        term_unit: TermUnit::Year,
    }
}

fn record(stage: Stage) -> ApplicationRecord {
    let submitted = (!stage.is_before_submission()).then_some(NOW);
    ApplicationRecord {
        handler: Some(TenantId(Uuid::from_u128(3))),
        handler_name: "运河支行".into(),
        number: submitted.map(|_| number()),
        stage,
        returned_from: (stage == Stage::NeedSupplement).then_some(Stage::Accepted),
        ever_accepted: matches!(
            stage,
            Stage::Accepted | Stage::DueDiligence | Stage::NeedSupplement | Stage::InApproval
        ),
        version: 5,
        holder: Some(UserId(Uuid::from_u128(CLERK))),
        holder_name: "钱云诚".into(),
        submitted_at: submitted,
        due_at: submitted.map(|at| at + Duration::days(1)),
        contact_due_at: submitted.map(|at| at + Duration::days(3)),
        decision_due_at: submitted.map(|at| at + Duration::days(14)),
        paused_at: (stage == Stage::NeedSupplement).then_some(NOW),
        intake_since: submitted,
        approval: (stage == Stage::InApproval).then(|| approval(vec![Role::BranchApprover])),
        ..ApplicationRecord::from(Begun {
            id: FinancingApplicationId(Uuid::from_u128(1)),
            tenant: TenantId(Uuid::from_u128(2)),
            bank: TenantId(Uuid::from_u128(4)),
            enterprise: EnterpriseId(Uuid::from_u128(5)),
            enterprise_name: "沧州市瀚岳澜管道装备有限公司".into(),
            product: ProductId(Uuid::from_u128(6)),
            product_version: 1,
            product_name: "惠民抵押贷".into(),
            amount: Cents::from_wan(10).unwrap(),
            rate: Rate::new(375).unwrap(),
            term: Term::new(2, TermUnit::Year).unwrap(),
            channel: "web".into(),
            created_by: UserId(Uuid::from_u128(OWNER)),
            created_at: NOW,
        })
    }
}

const CONTENT: ContentHash = ContentHash([7; 32]);
/// The branch, then headquarters.
const TWO_STEPS: [Role; 2] = [Role::BranchApprover, Role::HqApprover];

fn approval(steps: Vec<Role>) -> Approval {
    Approval {
        round: 1,
        steps,
        signed: Vec::new(),
        amount: Cents::from_wan(8).unwrap(),
        rate: Rate::new(375).unwrap(),
        term: Term::new(2, TermUnit::Year).unwrap(),
        valid_until: time::macros::date!(2027 - 03 - 31),
        content: CONTENT,
    }
}

fn proposal(steps: Vec<Role>) -> ApprovalAsk {
    ApprovalAsk {
        amount: Cents::from_wan(8).unwrap(),
        rate: Rate::new(375).unwrap(),
        term: Term::new(2, TermUnit::Year).unwrap(),
        valid_until: time::macros::date!(2028 - 03 - 31),
        opinion: "经营正常，建议授信".into(),
        steps,
        report_complete: true,
        consent_stands: true,
        content: CONTENT,
    }
}

fn elsewhere(carries: bool) -> NewBranch {
    NewBranch {
        id: TenantId(Uuid::from_u128(33)),
        name: "新华支行".into(),
        carries,
    }
}

fn draw(wan: u32, last: bool, on: Date) -> Draw {
    Draw {
        amount: Cents::from_wan(wan).unwrap(),
        rate: Rate::new(375).unwrap(),
        on,
        contract_no: "HT-2026-0007".into(),
        last,
    }
}

/// The first draw, from so many 万元 to so many.
fn corrected(was: u32, now: u32, on: time::Date) -> DrawChange {
    let facts = |wan| DrawFacts {
        amount: Cents::from_wan(wan).unwrap(),
        rate: Rate::new(375).unwrap(),
        on,
        due_on: None,
        contract_no: "HT-2026-0007".into(),
    };
    DrawChange {
        number: 1,
        was: facts(was),
        now: facts(now),
        last: false,
    }
}

/// A repayment, from so many 万元 to so many.
fn repaid(was: u32, now: u32, on: time::Date) -> RepaymentChange {
    let facts = |wan| RepaymentFacts {
        principal: Cents::from_wan(wan).unwrap(),
        on,
    };
    RepaymentChange {
        was: facts(was),
        now: facts(now),
    }
}

fn number() -> ApplicationNumber {
    ApplicationNumber::new(time::macros::date!(2026 - 11 - 25), 1).unwrap()
}

fn person(id: u128, role: Role) -> ActingPerson {
    ActingPerson {
        id: Some(UserId(Uuid::from_u128(id))),
        name: "某人".into(),
        role,
    }
}

fn someone(role: Role) -> ActingPerson {
    let id = match role {
        Role::CustomerManager | Role::BranchHead => CLERK,
        role if role.is_enterprise() => OWNER,
        Role::HqApprover => APPROVER + 1,
        Role::HqAdministrator => APPROVER + 2,
        Role::Operator => APPROVER + 3,
        _ => APPROVER,
    };
    person(id, role)
}

fn decision(single_step: bool) -> Decision {
    Decision {
        amount: Cents::from_wan(8).unwrap(),
        rate: Rate::new(375).unwrap(),
        term: Term::new(2, TermUnit::Year).unwrap(),
        valid_until: time::macros::date!(2028 - 12 - 25),
        opinion: "同意授信".into(),
        single_step,
    }
}

fn good_facts<'a>(product: &'a ProductRange, number: &'a ApplicationNumber) -> Submission<'a> {
    Submission {
        profile_complete: true,
        face_verified: true,
        product: Some(product),
        branch_carries: true,
        number,
    }
}

/// Does `verb` as `role` with everything else in order; `None` for verbs without a method yet.
fn perform(
    app: &mut FinancingApplication,
    verb: Verb,
    role: Role,
    at: OffsetDateTime,
) -> Option<Result<ApplicationEvent, TransitionError>> {
    let calendar = calendar();
    let clocks = clocks(&calendar);
    let (range, number) = (range(), number());
    let facts = good_facts(&range, &number);
    let by = someone(role);
    let reason = "按区域调整".to_owned();
    Some(match verb {
        Verb::Submit => app.submit(by, &facts, &clocks, at),
        Verb::SubmitPendingFace => app.submit_pending_face(by, &facts, at),
        Verb::PassFace if role == Role::System => app.pass_face(&facts, &clocks, at),
        Verb::LeaveFace => app.leave_face(by, at),
        Verb::Accept => app.accept(by, at),
        Verb::AskSupplement => app.ask_supplement(
            by,
            SupplementAsk {
                labels: vec!["银行流水".into()],
                note: String::new(),
            },
            &clocks,
            at,
        ),
        Verb::AnswerSupplement => app.answer_supplement(by, Vec::new(), String::new(), &clocks, at),
        Verb::SupplementTimeout if role == Role::System => {
            app.supplement_timeout(at + Duration::days(16))
        }
        Verb::Approve if app.record().stage == Stage::InApproval => {
            app.approve_last_step(by, CONTENT, "同意授信".into(), &clocks, at)
        }
        Verb::Approve => app.approve(by, decision(true), &range, &clocks, at),
        Verb::Reject => app.reject(by, vec!["collateral".into()], "担保不足".into(), true, at),
        Verb::Withdraw => app.withdraw(by, String::new(), at),
        Verb::Expire if role == Role::System => app.expire(&clocks, at + Duration::days(31)),
        Verb::Reassign => app.reassign(by, branch_for(app), reason, &clocks, at),
        Verb::DeclineIntake => {
            app.decline_intake(by, vec!["capacity".into()], String::new(), &clocks, at)
        }
        Verb::ReassignFromHq => app.reassign_from_hq(by, branch_for(app), reason, &clocks, at),
        Verb::ConfirmDecline => app.confirm_decline(by, vec!["capacity".into()], reason, at),
        Verb::IntakeTimeout if role == Role::System => app.intake_timeout(&clocks, at),
        Verb::StartDueDiligence => app.start_due_diligence(by, String::new(), at),
        Verb::HandOver => {
            let to = NewHolder {
                id: UserId(Uuid::from_u128(99)),
                name: "林述".into(),
            };
            let done = app.hand_over(by, to, reason, at);
            if done.is_ok() {
                // The walk goes on with the clerk it knows.
                app.record.holder = Some(UserId(Uuid::from_u128(CLERK)));
            }
            done
        }
        Verb::MoveBranch => app.move_branch(by, branch_for(app), reason, true, &clocks, at),
        Verb::SubmitForApproval => app.submit_for_approval(by, proposal(TWO_STEPS.to_vec()), at),
        Verb::AgreeStep => app.agree_step(by, CONTENT, "同意".into(), at),
        Verb::ReturnToHolder => app.return_to_holder(by, reason, at),
        Verb::Reconsider => app.reconsider(
            by,
            app.record().decided_at.unwrap_or(at),
            "新增订单合同".into(),
            proposal(TWO_STEPS.to_vec()),
            &clocks,
            at,
        ),
        Verb::CorrectMistake => app.correct_mistake(
            by,
            &person(88, Role::HqAdministrator),
            reason,
            proposal(TWO_STEPS.to_vec()),
            &clocks,
            app.record().decided_at.unwrap_or(at),
        ),
        Verb::Disburse => app.disburse(by, draw(2, false, at.date()), at),
        Verb::CorrectDraw => {
            let second = person(88, Role::BranchHead);
            app.correct_draw(by, &second, reason, corrected(1, 2, at.date()), at)
        }
        Verb::CorrectRepayment => {
            let second = person(88, Role::BranchHead);
            app.correct_repayment(by, &second, reason, repaid(1, 2, at.date()), at)
        }
        Verb::GiveUp => app.give_up(by, reason, at),
        Verb::Settle => app.settle(by, Cents::ZERO, at),
        Verb::Freeze => app.freeze(by, &person(88, Role::Operator), reason, at),
        Verb::Unfreeze => app.unfreeze(by, &person(88, Role::Operator), reason, &clocks, at),
        _ => return None,
    })
}

/// Another branch than the one that has it.
fn branch_for(app: &FinancingApplication) -> NewBranch {
    let mut to = elsewhere(true);
    if app.record().handler == Some(to.id) {
        to.id = TenantId(Uuid::from_u128(3));
    }
    to
}

/// Rows that the table allows and this plain record does not: they have sentences of their own below.
fn needs_more_facts(stage: Stage, verb: Verb, role: Role) -> bool {
    match verb {
        // HQ signs only where the bank's steps name it, and never in a branch's one step.
        Verb::Approve | Verb::Reject | Verb::ReturnToHolder => role == Role::HqApprover,
        Verb::AskSupplement => stage == Stage::InApproval && role == Role::HqApprover,
        // The only step of this record is its last one.
        Verb::AgreeStep
        | Verb::Disburse
        | Verb::CorrectDraw
        | Verb::Reconsider
        | Verb::CorrectMistake
        | Verb::Unfreeze => true,
        Verb::IntakeTimeout => true,
        Verb::GiveUp => role == Role::System,
        _ => false,
    }
}

#[test]
fn what_the_table_does_not_name_is_refused_alike_and_changes_nothing() {
    for &stage in Stage::ALL {
        for &verb in Verb::ALL {
            for &role in Role::ALL {
                let mut app = FinancingApplication::restore(record(stage));
                let before = app.clone();
                let Some(done) = perform(&mut app, verb, role, NOW) else {
                    continue;
                };
                let place = format!("{stage:?} {verb:?} {role:?}");
                if rule_for(stage, verb, role).is_some() {
                    if !needs_more_facts(stage, verb, role) {
                        assert!(done.is_ok(), "{place}: {done:?}");
                    }
                } else {
                    let refused = done.unwrap_err();
                    // Whoever was slower reads who was faster.
                    if !matches!(refused, TransitionError::AlreadyAccepted { .. }) {
                        let alike = TransitionError::NotAllowed { stage, verb, role };
                        assert_eq!(refused, alike, "{place}");
                    }
                    assert_eq!(app, before, "{place}");
                }
            }
        }
    }
}

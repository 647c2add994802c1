//! Every stage × every verb, and the sentences of the lifecycle page.

use proptest::prelude::*;
use time::{Duration, macros::datetime};
use uuid::Uuid;

use super::*;
use crate::{
    calendar::{DayKind, WorkCalendar},
    financing::{ClockLimits, Clocks, RULES, replay},
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

fn clocks(calendar: &WorkCalendar) -> Clocks<'_> {
    Clocks {
        limits: ClockLimits::default(),
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
        id: FinancingApplicationId(Uuid::from_u128(1)),
        tenant: TenantId(Uuid::from_u128(2)),
        handler: Some(TenantId(Uuid::from_u128(3))),
        handler_name: "运河支行".into(),
        bank: TenantId(Uuid::from_u128(4)),
        enterprise: EnterpriseId(Uuid::from_u128(5)),
        enterprise_name: "沧州市瀚岳澜管道装备有限公司".into(),
        number: submitted.map(|_| number()),
        stage,
        returned_from: (stage == Stage::NeedSupplement).then_some(Stage::Accepted),
        ever_accepted: matches!(
            stage,
            Stage::Accepted | Stage::DueDiligence | Stage::NeedSupplement | Stage::InApproval
        ),
        frozen: false,
        version: 5,
        product: ProductId(Uuid::from_u128(6)),
        product_version: 1,
        product_name: "惠民抵押贷".into(),
        amount: Cents::from_wan(10).unwrap(),
        rate: Rate::new(375).unwrap(),
        term: Term::new(2, TermUnit::Year).unwrap(),
        approved_amount: None,
        approved_rate: None,
        approved_term: None,
        approval_valid_until: None,
        review_opinion: String::new(),
        reason_codes: Vec::new(),
        holder: Some(UserId(Uuid::from_u128(CLERK))),
        holder_name: "钱云诚".into(),
        supplement_rounds: 0,
        channel: "web".into(),
        created_by: UserId(Uuid::from_u128(OWNER)),
        previous: None,
        created_at: NOW,
        submitted_at: submitted,
        accepted_at: None,
        contacted_at: None,
        decided_at: None,
        due_at: submitted.map(|at| at + Duration::days(1)),
        contact_due_at: submitted.map(|at| at + Duration::days(3)),
        decision_due_at: submitted.map(|at| at + Duration::days(14)),
        paused_at: (stage == Stage::NeedSupplement).then_some(NOW),
        intake_since: submitted,
        moves: 0,
        overdue: false,
        approval: (stage == Stage::InApproval).then(|| approval(vec![Role::BranchApprover])),
        reconsidered: false,
        drawn: Cents::ZERO,
        draws: 0,
        frozen_at: None,
        updated_at: NOW,
    }
}

const CONTENT: ContentHash = ContentHash([7; 32]);

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
        Verb::SubmitForApproval => {
            app.submit_for_approval(by, proposal(vec![Role::BranchApprover]), at)
        }
        Verb::ReturnToHolder => app.return_to_holder(by, reason, at),
        Verb::Reconsider => app.reconsider(
            by,
            app.record().decided_at.unwrap_or(at),
            "新增订单合同".into(),
            proposal(vec![Role::BranchApprover]),
            &clocks,
            at,
        ),
        Verb::CorrectMistake => app.correct_mistake(
            by,
            &person(88, Role::HqAdministrator),
            reason,
            proposal(vec![Role::BranchApprover]),
            &clocks,
            app.record().decided_at.unwrap_or(at),
        ),
        Verb::Disburse => app.disburse(by, draw(1, false, at.date()), at),
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
        Verb::Disburse | Verb::Reconsider | Verb::CorrectMistake | Verb::Unfreeze => true,
        Verb::IntakeTimeout => true,
        Verb::GiveUp => role == Role::System,
        _ => false,
    }
}

#[test]
fn what_the_table_does_not_name_is_refused_and_changes_nothing() {
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
                    assert!(done.is_err(), "{place}");
                    assert_eq!(app, before, "{place}");
                }
            }
        }
    }
}

#[test]
fn a_second_officer_reads_who_was_faster() {
    let mut app = FinancingApplication::restore(record(Stage::Submitted));
    app.accept(person(CLERK, Role::CustomerManager), NOW)
        .unwrap();
    let late = app.accept(person(99, Role::BranchHead), NOW).unwrap_err();
    assert_eq!(
        late,
        TransitionError::AlreadyAccepted {
            by: "某人".into()
        }
    );
}

#[test]
fn nothing_is_submitted_without_a_complete_profile_a_face_a_product_and_a_branch() {
    let calendar = calendar();
    let (range, number) = (range(), number());
    let good = good_facts(&range, &number);
    let cases = [
        (
            Submission {
                profile_complete: false,
                ..good
            },
            TransitionError::ProfileIncomplete,
        ),
        (
            Submission {
                face_verified: false,
                ..good
            },
            TransitionError::FaceNotVerified,
        ),
        (
            Submission {
                product: None,
                ..good
            },
            TransitionError::ProductUnavailable,
        ),
        (
            Submission {
                branch_carries: false,
                ..good
            },
            TransitionError::BranchDoesNotCarry,
        ),
    ];
    for (facts, expected) in cases {
        let mut app = FinancingApplication::restore(record(Stage::Draft));
        let refused = app.submit(
            someone(Role::EnterpriseOwner),
            &facts,
            &clocks(&calendar),
            NOW,
        );
        assert_eq!(refused.unwrap_err(), expected);
        assert_eq!(app.record().stage, Stage::Draft);
        assert_eq!(app.record().number, None);
    }
}

#[test]
fn an_ask_outside_the_products_range_names_every_miss() {
    let calendar = calendar();
    let (range, number) = (range(), number());
    let mut asked = record(Stage::Draft);
    asked.amount = Cents::from_wan(501).unwrap();
    asked.term = Term::new(11, TermUnit::Year).unwrap();
    let mut app = FinancingApplication::restore(asked);
    let refused = app.submit(
        someone(Role::EnterpriseOwner),
        &good_facts(&range, &number),
        &clocks(&calendar),
        NOW,
    );
    let TransitionError::OutOfRange(misses) = refused.unwrap_err() else {
        panic!("another refusal")
    };
    assert_eq!(misses.len(), 2);
}

#[test]
fn a_frozen_application_moves_only_by_withdrawal() {
    let frozen = || {
        let mut record = record(Stage::Accepted);
        record.frozen = true;
        FinancingApplication::restore(record)
    };
    let refused = frozen().approve(
        someone(Role::BranchApprover),
        decision(true),
        &range(),
        &clocks(&calendar()),
        NOW,
    );
    assert_eq!(refused.unwrap_err(), TransitionError::Frozen);
    frozen()
        .withdraw(someone(Role::EnterpriseOwner), String::new(), NOW)
        .unwrap();
}

#[test]
fn the_remaining_time_after_a_supplement_is_right_to_the_minute() {
    let calendar = calendar();
    let clocks = clocks(&calendar);
    let mut app = FinancingApplication::restore(record(Stage::Accepted));
    let due = app.record().decision_due_at.unwrap();
    let asked_at = NOW + Duration::hours(5);
    let ask = SupplementAsk {
        labels: vec!["银行流水".into()],
        note: String::new(),
    };
    app.ask_supplement(someone(Role::CustomerManager), ask, &clocks, asked_at)
        .unwrap();
    let left = calendar.working_time_between(asked_at, due).unwrap();
    let answered_at = asked_at + Duration::hours(49) + Duration::minutes(7);
    app.answer_supplement(
        someone(Role::EnterpriseOwner),
        Vec::new(),
        String::new(),
        &clocks,
        answered_at,
    )
    .unwrap();
    let new_due = app.record().decision_due_at.unwrap();
    assert_eq!(
        calendar.working_time_between(answered_at, new_due).unwrap(),
        left
    );
}

#[test]
fn there_is_no_fourth_round_of_supplements() {
    let calendar = calendar();
    let mut asked = record(Stage::Accepted);
    asked.supplement_rounds = SUPPLEMENT_ROUNDS;
    let mut app = FinancingApplication::restore(asked);
    let ask = SupplementAsk {
        labels: vec!["银行流水".into()],
        note: String::new(),
    };
    let refused = app.ask_supplement(someone(Role::CustomerManager), ask, &clocks(&calendar), NOW);
    assert_eq!(refused.unwrap_err(), TransitionError::TooManyRounds);
}

#[test]
fn a_staged_decision_is_never_the_holders_own() {
    let mut app = FinancingApplication::restore(record(Stage::InApproval));
    let holder = person(CLERK, Role::BranchApprover);
    let calendar = calendar();
    let clocks = clocks(&calendar);
    let signed = app.approve_last_step(holder.clone(), CONTENT, "同意".into(), &clocks, NOW);
    assert_eq!(signed.unwrap_err(), TransitionError::SameEyes);
    let refused = app.reject(holder, vec!["other".into()], "其他".into(), false, NOW);
    assert_eq!(refused.unwrap_err(), TransitionError::SameEyes);
    let other = person(APPROVER, Role::BranchApprover);
    app.approve_last_step(other, CONTENT, "同意".into(), &clocks, NOW)
        .unwrap();
    assert_eq!(app.record().approved_amount, Cents::from_wan(8).ok());
}

#[test]
fn a_bank_that_does_not_decide_in_one_step_cannot_skip_the_approval() {
    let mut app = FinancingApplication::restore(record(Stage::Accepted));
    let refused = app.approve(
        someone(Role::BranchApprover),
        decision(false),
        &range(),
        &clocks(&calendar()),
        NOW,
    );
    assert_eq!(refused.unwrap_err(), TransitionError::NotSingleStep);
}

#[test]
fn a_refusal_without_reason_is_not_taken() {
    let mut app = FinancingApplication::restore(record(Stage::Accepted));
    let approver = someone(Role::BranchApprover);
    for (codes, text) in [(vec![], "原因"), (vec!["other".to_owned()], "  ")] {
        let refused = app.reject(approver.clone(), codes, text.into(), true, NOW);
        assert_eq!(refused.unwrap_err(), TransitionError::ReasonMissing);
    }
}

#[test]
fn an_operator_withdraws_only_what_they_made() {
    let mut app = FinancingApplication::restore(record(Stage::Submitted));
    assert!(
        app.withdraw(person(77, Role::EnterpriseOperator), String::new(), NOW)
            .is_err()
    );
    app.withdraw(person(OWNER, Role::EnterpriseOperator), String::new(), NOW)
        .unwrap();
}

#[test]
fn timers_do_not_run_early() {
    let calendar = calendar();
    let mut waiting = FinancingApplication::restore(record(Stage::Submitted));
    assert_eq!(
        waiting
            .expire(&clocks(&calendar), NOW + Duration::days(29))
            .unwrap_err(),
        TransitionError::TooEarly
    );
    let mut returned = FinancingApplication::restore(record(Stage::NeedSupplement));
    assert_eq!(
        returned.supplement_timeout(NOW).unwrap_err(),
        TransitionError::TooEarly
    );
}

#[test]
fn three_steps_are_three_people_over_one_content() {
    let calendar = calendar();
    let clocks = clocks(&calendar);
    let (ba, hp) = (Role::BranchApprover, Role::HqApprover);
    let mut app = FinancingApplication::restore(record(Stage::DueDiligence));
    app.submit_for_approval(
        someone(Role::CustomerManager),
        proposal(vec![ba, hp, hp]),
        NOW,
    )
    .unwrap();
    let sign = |app: &mut FinancingApplication, who, role, content| {
        app.agree_step(person(who, role), content, "同意".into(), NOW)
    };
    let early = app.approve_last_step(person(13, hp), CONTENT, "同意".into(), &clocks, NOW);
    assert!(early.is_err(), "the first step has not signed");
    assert!(
        sign(&mut app, 13, hp, CONTENT).is_err(),
        "not the role of this step"
    );
    let tampered = sign(&mut app, 12, ba, ContentHash([8; 32]));
    assert_eq!(tampered.unwrap_err(), TransitionError::ContentChanged);
    sign(&mut app, 12, ba, CONTENT).unwrap();
    sign(&mut app, 13, hp, CONTENT).unwrap();
    let again = app.approve_last_step(person(13, hp), CONTENT, "同意".into(), &clocks, NOW);
    assert_eq!(again.unwrap_err(), TransitionError::SameEyes);
    app.approve_last_step(person(14, hp), CONTENT, "同意".into(), &clocks, NOW)
        .unwrap();
    assert_eq!(app.record().stage, Stage::Approved);
}

#[test]
fn an_answer_to_a_supplement_voids_the_signatures_given_without_it() {
    let calendar = calendar();
    let clocks = clocks(&calendar);
    let mut waiting = record(Stage::InApproval);
    waiting.approval = Some(approval(vec![Role::BranchApprover, Role::HqApprover]));
    let mut app = FinancingApplication::restore(waiting);
    app.agree_step(
        person(12, Role::BranchApprover),
        CONTENT,
        "同意".into(),
        NOW,
    )
    .unwrap();
    let ask = SupplementAsk {
        labels: vec!["银行流水".into()],
        note: String::new(),
    };
    app.ask_supplement(person(13, Role::HqApprover), ask, &clocks, NOW)
        .unwrap();
    app.answer_supplement(
        someone(Role::EnterpriseOwner),
        Vec::new(),
        String::new(),
        &clocks,
        NOW,
    )
    .unwrap();
    assert_eq!(app.record().stage, Stage::InApproval);
    let approval = app.record().approval.as_ref().unwrap();
    assert_eq!((approval.signed.len(), approval.round), (0, 2));
}

#[test]
fn nothing_goes_into_approval_without_a_report_or_with_a_withdrawn_consent() {
    for (report, consent, expected) in [
        (false, true, TransitionError::ReportIncomplete),
        (true, false, TransitionError::ConsentEnded),
    ] {
        let mut app = FinancingApplication::restore(record(Stage::DueDiligence));
        let ask = ApprovalAsk {
            report_complete: report,
            consent_stands: consent,
            ..proposal(vec![Role::BranchApprover])
        };
        let refused = app.submit_for_approval(someone(Role::CustomerManager), ask, NOW);
        assert_eq!(refused.unwrap_err(), expected);
    }
}

#[test]
fn a_request_moves_twice_at_most_and_only_to_a_branch_that_carries_the_product() {
    let calendar = calendar();
    let clocks = clocks(&calendar);
    let hq = || someone(Role::HqAdministrator);
    let mut app = FinancingApplication::restore(record(Stage::Submitted));
    let decision_due = app.record().decision_due_at;
    let refused = app.reassign(hq(), elsewhere(false), "就近".into(), &clocks, NOW);
    assert_eq!(refused.unwrap_err(), TransitionError::BranchDoesNotCarry);
    app.reassign(
        hq(),
        elsewhere(true),
        "就近".into(),
        &clocks,
        NOW + Duration::hours(7),
    )
    .unwrap();
    assert_eq!(
        app.record().due_at,
        clocks.accept_due(NOW + Duration::hours(7))
    );
    assert_eq!(
        app.record().decision_due_at,
        decision_due,
        "the total clock goes on"
    );
    let same = app.reassign(hq(), elsewhere(true), "就近".into(), &clocks, NOW);
    assert_eq!(same.unwrap_err(), TransitionError::AlreadyThere);
    let back = NewBranch {
        id: TenantId(Uuid::from_u128(3)),
        ..elsewhere(true)
    };
    app.reassign(hq(), back, "就近".into(), &clocks, NOW)
        .unwrap();
    let third = app.reassign(hq(), elsewhere(true), "就近".into(), &clocks, NOW);
    assert_eq!(third.unwrap_err(), TransitionError::TooManyMoves);
}

#[test]
fn an_accepted_request_changes_branch_only_with_the_enterprises_consent() {
    let calendar = calendar();
    let clocks = clocks(&calendar);
    let hq = || someone(Role::HqAdministrator);
    let mut app = FinancingApplication::restore(record(Stage::Accepted));
    let refused = app.move_branch(
        hq(),
        elsewhere(true),
        "人员调整".into(),
        false,
        &clocks,
        NOW,
    );
    assert_eq!(
        refused.unwrap_err(),
        TransitionError::EnterpriseHasNotAgreed
    );
    app.move_branch(hq(), elsewhere(true), "人员调整".into(), true, &clocks, NOW)
        .unwrap();
    assert_eq!(
        app.columns(),
        Some((IntakeStatus::Pending, ReviewStatus::Pending))
    );
    assert_eq!(app.record().holder, None);
}

#[test]
fn a_branch_that_sleeps_loses_the_request_after_twice_its_time() {
    let calendar = calendar();
    let clocks = clocks(&calendar);
    let mut app = FinancingApplication::restore(record(Stage::Submitted));
    let early = app.intake_timeout(&clocks, NOW + Duration::days(1));
    assert_eq!(early.unwrap_err(), TransitionError::TooEarly);
    app.intake_timeout(&clocks, NOW + Duration::days(2))
        .unwrap();
    assert_eq!(app.record().stage, Stage::ReturnedToHq);
    assert!(app.record().overdue);
}

#[test]
fn draws_together_never_exceed_what_was_approved() {
    let mut granted = record(Stage::Approved);
    granted.approved_amount = Cents::from_wan(8).ok();
    granted.decided_at = Some(NOW);
    let mut app = FinancingApplication::restore(granted);
    let hq = || someone(Role::HqAdministrator);
    let today = NOW.date();
    app.disburse(hq(), draw(5, false, today), NOW).unwrap();
    assert_eq!(app.record().stage, Stage::Disbursing);
    let over = app.disburse(hq(), draw(4, false, today), NOW);
    assert_eq!(over.unwrap_err(), TransitionError::DrawTooLarge);
    let tomorrow = today.next_day().unwrap();
    let ahead = app.disburse(hq(), draw(3, false, tomorrow), NOW);
    assert_eq!(ahead.unwrap_err(), TransitionError::DrawDateWrong);
    let done = app.disburse(hq(), draw(3, false, today), NOW).unwrap();
    assert_eq!((done.verb, done.to), (Verb::DisburseLast, Stage::Disbursed));
    let owed = app.settle(
        someone(Role::CustomerManager),
        Cents::from_wan(1).unwrap(),
        NOW,
    );
    assert_eq!(owed.unwrap_err(), TransitionError::BalanceOpen);
    app.settle(someone(Role::CustomerManager), Cents::ZERO, NOW)
        .unwrap();
}

#[test]
fn a_refusal_is_reconsidered_once_and_corrected_by_two_people_in_time() {
    let calendar = calendar();
    let clocks = clocks(&calendar);
    let refused = || {
        let mut refused = record(Stage::Rejected);
        refused.decided_at = Some(NOW);
        FinancingApplication::restore(refused)
    };
    let ask = || proposal(vec![Role::BranchApprover]);
    let mut app = refused();
    let late = NOW + Duration::days(9);
    let hp = || someone(Role::HqApprover);
    let done = app.reconsider(hp(), late, "新订单".into(), ask(), &clocks, late);
    assert_eq!(done.unwrap_err(), TransitionError::TooLate);
    let in_time = NOW + Duration::days(5);
    app.reconsider(hp(), in_time, "新订单".into(), ask(), &clocks, late)
        .unwrap();
    assert_eq!(app.record().stage, Stage::InApproval);
    app.reject(
        someone(Role::BranchApprover),
        vec!["other".into()],
        "仍不符合".into(),
        false,
        late,
    )
    .unwrap();
    let twice = app.reconsider(hp(), late, "新订单".into(), ask(), &clocks, late);
    assert_eq!(twice.unwrap_err(), TransitionError::AlreadyReconsidered);

    let mut app = refused();
    let ha = || someone(Role::HqAdministrator);
    let alone = app.correct_mistake(ha(), &ha(), "点错".into(), ask(), &clocks, NOW);
    assert_eq!(alone.unwrap_err(), TransitionError::SecondPersonMissing);
    let other = person(88, Role::HqAdministrator);
    let late = app.correct_mistake(ha(), &other, "点错".into(), ask(), &clocks, late);
    assert_eq!(late.unwrap_err(), TransitionError::TooLate);
    app.correct_mistake(ha(), &other, "点错".into(), ask(), &clocks, NOW)
        .unwrap();
    assert_eq!(app.record().decided_at, None);
}

#[test]
fn a_hold_needs_two_people_and_stops_the_clocks() {
    let calendar = calendar();
    let clocks = clocks(&calendar);
    let (one, two) = (person(41, Role::Operator), person(42, Role::Operator));
    let mut app = FinancingApplication::restore(record(Stage::Accepted));
    let alone = app.freeze(one.clone(), &one, "疑似冒用".into(), NOW);
    assert_eq!(alone.unwrap_err(), TransitionError::SecondPersonMissing);
    let due = app.record().decision_due_at.unwrap();
    let left = calendar.working_time_between(NOW, due).unwrap();
    app.freeze(one.clone(), &two, "疑似冒用".into(), NOW)
        .unwrap();
    let later = NOW + Duration::days(6);
    let blocked = app.start_due_diligence(someone(Role::CustomerManager), String::new(), later);
    assert_eq!(blocked.unwrap_err(), TransitionError::Frozen);
    app.unfreeze(two, &one, "已核实".into(), &clocks, later)
        .unwrap();
    let due = app.record().decision_due_at.unwrap();
    assert_eq!(calendar.working_time_between(later, due).unwrap(), left);
}

#[test]
fn an_approval_that_nobody_used_in_time_ends_without_a_loan() {
    let mut granted = record(Stage::Approved);
    granted.approval_valid_until = Some(time::macros::date!(2026 - 12 - 25));
    let mut app = FinancingApplication::restore(granted);
    let system = ActingPerson::system;
    let on_the_day = datetime!(2026-12-25 23:00 +8);
    let early = app.give_up(system(), String::new(), on_the_day);
    assert_eq!(early.unwrap_err(), TransitionError::TooEarly);
    app.give_up(system(), String::new(), on_the_day + Duration::days(1))
        .unwrap();
    assert_eq!(
        app.columns(),
        Some((IntakeStatus::Accepted, ReviewStatus::Approved)),
        "审核状态 stays 通过"
    );
}

proptest! {
    #[test]
    fn random_walks_keep_the_columns_allowed_and_replay_to_where_they_are(steps in prop::collection::vec((0..RULES.len(), 0..12usize, 0..30i64), 1..60)) {
        let mut app = FinancingApplication::restore(record(Stage::Draft));
        let mut at = NOW;
        let mut log: Vec<ApplicationEvent> = Vec::new();
        for (rule, role, hours) in steps {
            at += Duration::hours(hours);
            let verb = RULES[rule].verb;
            let before = app.record().version;
            if let Some(Ok(event)) = perform(&mut app, verb, Role::ALL[role], at) {
                prop_assert_eq!(app.record().version, before + 1);
                prop_assert_eq!(event.to, app.record().stage);
                log.push(event);
            } else {
                prop_assert_eq!(app.record().version, before);
            }
            let numbered = app.record().number.is_some();
            prop_assert_eq!(numbered, !app.record().stage.is_before_submission());
            prop_assert!(app.record().drawn <= app.record().approved_amount.unwrap_or(Cents::ZERO));
            if let Some((intake, review)) = app.columns() {
                prop_assert!(!(intake == IntakeStatus::Pending && review != ReviewStatus::Pending));
                prop_assert!(!(intake == IntakeStatus::NeverAccepted && review == ReviewStatus::Approved));
            }
        }
        let calendar = calendar();
        let replayed = replay(&log, &clocks(&calendar));
        let is = app.record();
        prop_assert_eq!(replayed.stage, is.stage);
        prop_assert_eq!(replayed.columns(), app.columns());
        prop_assert_eq!(replayed.frozen, is.frozen);
        prop_assert_eq!((replayed.supplement_rounds, replayed.moves), (is.supplement_rounds, is.moves));
        prop_assert_eq!(replayed.drawn, is.drawn);
        prop_assert_eq!(replayed.due_at, is.due_at);
        prop_assert_eq!(replayed.contact_due_at, is.contact_due_at);
        prop_assert_eq!(replayed.decision_due_at, is.decision_due_at);
    }
}

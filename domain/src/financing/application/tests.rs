//! Every stage × every verb, and the sentences of the lifecycle page.

use proptest::prelude::*;
use time::{Duration, macros::datetime};
use uuid::Uuid;

use super::*;
use crate::{
    calendar::{DayKind, WorkCalendar},
    financing::{ClockLimits, RULES},
    tenant::Role,
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
        due_at: Some(NOW + Duration::days(1)),
        contact_due_at: Some(NOW + Duration::days(3)),
        decision_due_at: Some(NOW + Duration::days(14)),
        paused_at: (stage == Stage::NeedSupplement).then_some(NOW),
        updated_at: NOW,
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
        _ => APPROVER,
    };
    person(id, role)
}

fn decision(single_step: bool) -> Decision {
    Decision {
        amount: Cents::from_wan(8).unwrap(),
        rate: Rate::new(375).unwrap(),
        term: Term::new(2, TermUnit::Year).unwrap(),
        valid_until: time::macros::date!(2026 - 12 - 25),
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
        Verb::Approve => app.approve(by, decision(true), &range, &clocks, at),
        Verb::Reject => app.reject(by, vec!["collateral".into()], "担保不足".into(), true, at),
        Verb::Withdraw => app.withdraw(by, String::new(), at),
        Verb::Expire if role == Role::System => app.expire(&clocks, at + Duration::days(31)),
        _ => return None,
    })
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
                    assert!(done.is_ok(), "{place}: {done:?}");
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
    assert!(
        app.approve(
            holder.clone(),
            decision(false),
            &range(),
            &clocks(&calendar()),
            NOW
        )
        .is_err()
    );
    assert!(
        app.reject(holder, vec!["other".into()], "其他".into(), false, NOW)
            .is_err()
    );
    app.approve(
        person(APPROVER, Role::BranchApprover),
        decision(false),
        &range(),
        &clocks(&calendar()),
        NOW,
    )
    .unwrap();
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

proptest! {
    #[test]
    fn random_walks_keep_the_columns_allowed_and_replay_to_where_they_are(steps in prop::collection::vec((0..RULES.len(), 0..12usize, 0..72i64), 1..40)) {
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
            if let Some((intake, review)) = app.columns() {
                prop_assert!(!(intake == IntakeStatus::Pending && review != ReviewStatus::Pending));
                prop_assert!(!(intake == IntakeStatus::NeverAccepted && review == ReviewStatus::Approved));
            }
        }
        let replayed = log.iter().fold(Stage::Draft, |stage, event| {
            assert_eq!(event.from, Some(stage));
            event.to
        });
        prop_assert_eq!(replayed, app.record().stage);
    }
}

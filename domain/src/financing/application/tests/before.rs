//! Before a decision 提交、接单、补充: who may do what, and what the clocks do meanwhile.

use super::*;

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

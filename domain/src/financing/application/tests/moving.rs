//! Moving 转办、转派: at most twice, with consent, and away from a branch that sleeps.

use super::*;

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

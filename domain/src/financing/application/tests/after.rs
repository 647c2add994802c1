//! After a decision 放款、复议、更正、冻结.

use super::*;

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
fn a_corrected_draw_fits_the_approval_and_says_whether_more_may_be_drawn() {
    let mut granted = record(Stage::Approved);
    granted.approved_amount = Cents::from_wan(8).ok();
    granted.decided_at = Some(NOW);
    let mut app = FinancingApplication::restore(granted);
    let by = || someone(Role::CustomerManager);
    let head = person(88, Role::BranchHead);
    let today = NOW.date();
    app.disburse(by(), draw(8, false, today), NOW).unwrap();
    assert_eq!(app.record().stage, Stage::Disbursed);
    let mut correct = |second: &ActingPerson, change: DrawChange| {
        app.correct_draw(by(), second, "多录了".into(), change, NOW)
    };
    for (second, change, error) in [
        (
            &by(),
            corrected(8, 5, today),
            TransitionError::SecondPersonMissing,
        ),
        (
            &head,
            corrected(8, 8, today),
            TransitionError::NothingCorrected,
        ),
        (&head, corrected(8, 9, today), TransitionError::DrawTooLarge),
        (&head, corrected(8, 0, today), TransitionError::DrawTooLarge),
    ] {
        assert_eq!(correct(second, change).unwrap_err(), error);
    }
    let event = correct(&head, corrected(8, 5, today)).unwrap();
    assert_eq!(event.to, Stage::Disbursing, "3 万元 may still be drawn");
    let mut last = corrected(5, 4, today);
    last.last = true;
    let event = correct(&head, last).unwrap();
    assert_eq!(event.to, Stage::Disbursed);
    let four = Cents::from_wan(4).unwrap();
    assert_eq!((app.record().drawn, app.record().draws), (four, 1));
}

#[test]
fn the_rate_and_the_end_of_a_draw_fit_what_was_approved() {
    use crate::calendar::parse_day as day;
    let mut granted = record(Stage::Approved);
    granted.approved_amount = Cents::from_wan(8).ok();
    granted.approved_rate = Rate::new(375).ok();
    granted.approved_term = Term::new(3, TermUnit::Year).ok();
    granted.decided_at = Some(NOW);
    let app = FinancingApplication::restore(granted.clone());
    let at = |rate: i32| Draw {
        rate: Rate::new(rate).unwrap(),
        ..draw(5, false, NOW.date())
    };
    app.check_draw(&at(435), day("2029-11-25")).unwrap();
    app.check_draw(&at(375), day("2029-12-25")).unwrap();
    app.check_draw(&at(2_400), None).unwrap();
    let latest = day("2029-12-25").unwrap();
    for (rate, due_on, faults) in [
        (2_401, None, vec![DrawFault::RateTooHigh { max: 24 }]),
        (0, None, vec![DrawFault::RateZero]),
        (375, day("2026-11-25"), vec![DrawFault::DueBeforeDraw]),
        (
            375,
            day("2029-12-26"),
            vec![DrawFault::DueTooLate { latest }],
        ),
        (
            10_000,
            day("2100-01-01"),
            vec![
                DrawFault::RateTooHigh { max: 24 },
                DrawFault::DueTooLate { latest },
            ],
        ),
    ] {
        let refused = app.check_draw(&at(rate), due_on).unwrap_err();
        assert_eq!(refused, TransitionError::DrawTerms(faults));
    }
    let mut free = granted;
    free.approved_rate = Rate::new(0).ok();
    let mut free = FinancingApplication::restore(free);
    free.check_draw(&at(0), None).unwrap();
    free.disburse(someone(Role::HqAdministrator), at(0), NOW)
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

#[test]
fn what_the_bank_was_given_ends_when_nothing_may_follow_any_more() {
    let calendar = calendar();
    let clocks = clocks(&calendar);
    for &stage in Stage::ALL {
        let mut over = record(stage);
        (over.decided_at, over.updated_at) = (Some(NOW), NOW);
        let end = match stage {
            Stage::Rejected => clocks.reconsider_until(NOW),
            Stage::RefusedIntake => clocks.correct_until(NOW),
            stage => stage.is_terminal().then_some(NOW),
        };
        assert_eq!(clocks.consents_end(&over), end, "{stage:?}");
    }
    let mut again = record(Stage::Rejected);
    (again.decided_at, again.reconsidered) = (Some(NOW), true);
    assert_eq!(clocks.consents_end(&again), clocks.correct_until(NOW));
    // Whatever the calendar does not know, nothing stays open for good.
    again.decided_at = Some(datetime!(2026-12-31 12:00 +8));
    assert_eq!(
        clocks.consents_end(&again),
        Some(datetime!(2027-01-15 12:00 +8))
    );
}

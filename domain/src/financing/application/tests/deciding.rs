//! Deciding 审核: four eyes, steps, one content.

use super::*;

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
fn out_of_the_approval_a_colleague_of_the_holder_sends_nothing_back() {
    let calendar = calendar();
    let clocks = clocks(&calendar);
    let ask = || SupplementAsk {
        labels: vec!["银行流水".into()],
        note: String::new(),
    };
    for role in [Role::CustomerManager, Role::BranchHead] {
        let mut app = FinancingApplication::restore(record(Stage::InApproval));
        let colleague = app.ask_supplement(person(77, role), ask(), &clocks, NOW);
        let holder = "钱云诚".to_owned();
        assert_eq!(
            colleague.unwrap_err(),
            TransitionError::NotHolder { holder }
        );
    }
    for by in [
        person(CLERK, Role::CustomerManager),
        person(APPROVER, Role::BranchApprover),
    ] {
        let mut app = FinancingApplication::restore(record(Stage::InApproval));
        app.ask_supplement(by, ask(), &clocks, NOW).unwrap();
        assert_eq!(app.record().returned_from, Some(Stage::InApproval));
    }
}

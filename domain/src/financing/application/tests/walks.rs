//! Random walks over the whole table (lifecycle section 5, sentences 1 and 4).

use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};

use super::*;
use crate::financing::{RULES, replay};

/// One pace of a walk: which way, by whom, and how many hours later.
type Pace = (usize, usize, i64);

/// What ends a request or holds it up: taken seldom, so that walks come far.
const SELDOM: [Verb; 4] = [
    Verb::Withdraw,
    Verb::Expire,
    Verb::SupplementTimeout,
    Verb::Freeze,
];

/// 通过 stays 通过 from here on.
const GRANTED: [Stage; 4] = [
    Stage::Approved,
    Stage::Disbursing,
    Stage::Disbursed,
    Stage::NotDrawn,
];

fn paces() -> impl Strategy<Value = Vec<Pace>> {
    prop::collection::vec((0..20_000_usize, 0..1_000_usize, 0..30_i64), 1..120)
}

/// Mostly along the table from where it stands; of twenty paces three are anything by anybody, and one may be what is taken seldom.
fn next(stage: Stage, way: usize, who: usize) -> (Verb, Role) {
    let (dice, way) = (way % 20, way / 20);
    let open: Vec<_> = RULES
        .iter()
        .filter(|rule| rule.from.contains(&stage))
        .filter(|rule| dice == 3 || !SELDOM.contains(&rule.verb))
        .collect();
    if dice < 3 || open.is_empty() {
        let verb = RULES[way % RULES.len()].verb;
        return (verb, Role::ALL[who % Role::ALL.len()]);
    }
    let rule = open[way % open.len()];
    (rule.verb, rule.by[who % rule.by.len()])
}

/// Holds every invariant at each pace, and at the end what the log says against what stands there; the log.
fn walk(paces: &[Pace]) -> Result<Vec<ApplicationEvent>, TestCaseError> {
    let mut app = FinancingApplication::restore(record(Stage::Draft));
    let mut at = NOW;
    let mut log: Vec<ApplicationEvent> = Vec::new();
    for &(way, who, hours) in paces {
        at += Duration::hours(hours);
        let before = app.record().clone();
        let (verb, role) = next(before.stage, way, who);
        if let Some(Ok(event)) = perform(&mut app, verb, role, at) {
            prop_assert_eq!(app.record().version, before.version + 1);
            prop_assert_eq!(event.to, app.record().stage);
            let moves_while_held = matches!(event.verb, Verb::Withdraw | Verb::Unfreeze);
            prop_assert!(!before.frozen || moves_while_held, "{:?}", event.verb);
            prop_assert_ne!(before.stage, Stage::Settled);
            let was_approved = GRANTED.contains(&before.stage);
            prop_assert!(!was_approved || event.to != Stage::Rejected);
            log.push(event);
        } else {
            prop_assert_eq!(app.record(), &before);
        }
        let is = app.record();
        prop_assert_eq!(is.number.is_some(), !is.stage.is_before_submission());
        prop_assert!(is.drawn <= is.approved_amount.unwrap_or(Cents::ZERO));
        if let Some((intake, review)) = app.columns() {
            prop_assert!(!(intake == IntakeStatus::Pending && review != ReviewStatus::Pending));
            prop_assert!(
                !(intake == IntakeStatus::NeverAccepted && review == ReviewStatus::Approved)
            );
        }
    }
    let calendar = calendar();
    let replayed = replay(&log, &clocks(&calendar));
    let is = app.record();
    prop_assert_eq!(replayed.stage, is.stage);
    prop_assert_eq!(replayed.columns(), app.columns());
    prop_assert_eq!(replayed.frozen, is.frozen);
    prop_assert_eq!(replayed.supplement_rounds, is.supplement_rounds);
    prop_assert_eq!(replayed.moves, is.moves);
    prop_assert_eq!(replayed.drawn, is.drawn);
    prop_assert_eq!(replayed.due_at, is.due_at);
    prop_assert_eq!(replayed.contact_due_at, is.contact_due_at);
    prop_assert_eq!(replayed.decision_due_at, is.decision_due_at);
    Ok(log)
}

proptest! {
    #[test]
    fn random_walks_keep_the_columns_allowed_and_replay_to_where_they_are(steps in paces()) {
        walk(&steps)?;
    }
}

#[test]
fn the_walks_come_to_every_stage_by_every_verb() {
    let mut runner = TestRunner::deterministic();
    let mut log = Vec::new();
    for _ in 0..600 {
        let steps = paces().new_tree(&mut runner).unwrap().current();
        log.extend(walk(&steps).unwrap());
    }
    for stage in Stage::ALL {
        // A draft is where every walk begins.
        let reached = *stage == Stage::Draft || log.iter().any(|event| event.to == *stage);
        assert!(reached, "{stage:?}");
    }
    for rule in RULES {
        // Rewriting a draft moves nothing.
        let done = rule.verb == Verb::SaveDraft || log.iter().any(|event| event.verb == rule.verb);
        assert!(done, "{:?}", rule.verb);
    }
}

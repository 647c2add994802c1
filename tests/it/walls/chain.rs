//! The chain of the log: whoever edits, removes or reorders an entry is found.

use application::{
    access::{Guard, Permit},
    audit::link::{Chain, ChainFault, Head},
    ports::{
        audit::{AuditEntry, DoorAudit as _},
        clock::Clock as _,
    },
};
use journeys::World;
use sqlx::{AssertSqlSafe, Executor as _};

fn job(world: &World) -> Permit {
    let city = world.cangzhou.id;
    Guard::job(city, [city].into())
}

async fn chain(world: &World) -> Chain {
    let city = world.cangzhou.id;
    for number in 0..5 {
        let entry = AuditEntry {
            id: world.clock.new_id(),
            actor: None,
            actor_name: String::new(),
            actor_tenant: None,
            action: "test",
            object: number.to_string(),
            outcome: "ok",
            detail: serde_json::json!({}),
            ip: String::new(),
            request_id: String::new(),
            at: world.clock.now() + time::Duration::seconds(number),
        };
        world
            .parts
            .door
            .note(city, entry)
            .await
            .expect("it is noted");
    }
    let chain = Chain {
        store: world.parts.store.clone(),
        tokens: world.parts.tokens.clone(),
    };
    let job = job(world);
    assert_eq!(chain.link(&job).await.expect("it links"), 5);
    assert_eq!(chain.link(&job).await.expect("it links"), 0);
    assert_eq!(chain.check(&job).await.expect("it checks"), []);
    chain
}

/// As somebody would who owns the machine: triggers off, then the deed.
async fn tamper(world: &World, sql: &str) {
    // AssertSqlSafe: fixed texts of this test.
    let text = format!("begin; set local session_replication_role = replica; {sql}; commit");
    world
        .owner
        .execute(AssertSqlSafe(text))
        .await
        .expect("an owner can");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_entry_breaks_the_chain_at_its_link() {
    let world = World::new().await;
    let chain = chain(&world).await;
    tamper(
        &world,
        "update audit_entries set outcome = 'denied' where object = '2'",
    )
    .await;
    let faults = chain.check(&job(&world)).await.expect("it checks");
    let [ChainFault::Changed { seq: 3, entry }] = &faults[..] else {
        panic!("{faults:?}");
    };
    assert!(entry.ends_with(", test on 2"), "{entry}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_entry_and_a_removed_link_are_found() {
    let world = World::new().await;
    let chain = chain(&world).await;
    tamper(&world, "delete from audit_entries where object = '1'").await;
    let faults = chain.check(&job(&world)).await.expect("it checks");
    assert!(
        matches!(faults[..], [ChainFault::Removed { seq: 2, .. }]),
        "{faults:?}"
    );
    tamper(&world, "delete from audit_links where seq = 2").await;
    // The next entry is not accused of what was done to the one before it.
    let faults = chain.check(&job(&world)).await.expect("it checks");
    assert_eq!(faults, [ChainFault::Gap { seq: 3, first: 2 }]);
    assert!(
        faults[0]
            .to_string()
            .contains("the entry before it is missing")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_put_in_another_order_are_found() {
    let world = World::new().await;
    let chain = chain(&world).await;
    tamper(
        &world,
        "update audit_links set seq = case seq when 2 then 103 else 102 end where seq in (2, 3);
         update audit_links set seq = seq - 100 where seq > 100",
    )
    .await;
    let faults = chain.check(&job(&world)).await.expect("it checks");
    assert!(
        matches!(
            faults[..],
            [
                ChainFault::Moved {
                    seq: 2,
                    after: 3,
                    ..
                },
                ChainFault::Moved {
                    seq: 3,
                    after: 1,
                    ..
                },
                ChainFault::Moved {
                    seq: 4,
                    after: 2,
                    ..
                },
            ]
        ),
        "{faults:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_was_cut_off_is_found_by_the_head_that_was_kept() {
    let world = World::new().await;
    let chain = chain(&world).await;
    let job = job(&world);
    let whole = chain.check_against(&job, &[]).await.expect("it checks");
    let head = whole.head.expect("a head");
    assert_eq!(head.seq, 5);
    let kept = [head.clone()];
    let again = chain.check_against(&job, &kept).await.expect("it checks");
    assert_eq!(again.faults, []);
    tamper(
        &world,
        "delete from audit_links where seq > 3; delete from audit_entries where object in ('3', '4')",
    )
    .await;
    assert_eq!(chain.check(&job).await.expect("it checks"), []);
    let cut = chain.check_against(&job, &kept).await.expect("it checks");
    assert_eq!(cut.faults, [ChainFault::Cut { last: 3, head: 5 }]);
    assert!(cut.faults[0].to_string().contains("links 4 to 5"));
    // Who writes other links in their place has no such hash.
    let other = [Head { seq: 3, ..head }];
    let other = chain.check_against(&job, &other).await.expect("it checks");
    assert_eq!(other.faults, [ChainFault::Rewritten { seq: 3 }]);
}

//! The chain of the log: whoever edits, removes or reorders an entry is found.

use application::{
    audit::link::{Chain, ChainFault},
    ports::{
        audit::{AuditEntry, DoorAudit as _},
        clock::Clock as _,
    },
};
use journeys::World;
use sqlx::{AssertSqlSafe, Executor as _};

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
    assert_eq!(chain.link(city).await.expect("it links"), 5);
    assert_eq!(chain.link(city).await.expect("it links"), 0);
    assert_eq!(chain.check(city).await.expect("it checks"), []);
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
    assert_eq!(
        chain.check(world.cangzhou.id).await.expect("it checks"),
        [ChainFault::Changed { seq: 3 }]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_entry_and_a_removed_link_are_found() {
    let world = World::new().await;
    let chain = chain(&world).await;
    tamper(&world, "delete from audit_entries where object = '1'").await;
    assert_eq!(
        chain.check(world.cangzhou.id).await.expect("it checks"),
        [ChainFault::Removed { seq: 2 }]
    );
    tamper(&world, "delete from audit_links where seq = 2").await;
    assert_eq!(
        chain.check(world.cangzhou.id).await.expect("it checks"),
        [ChainFault::Gap { seq: 3 }, ChainFault::Changed { seq: 3 }]
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
    let faults = chain.check(world.cangzhou.id).await.expect("it checks");
    assert!(
        faults.contains(&ChainFault::Changed { seq: 2 }),
        "{faults:?}"
    );
}

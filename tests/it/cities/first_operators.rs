//! The first operators of a city: two, invited by the vendor.

use domain::ids::TenantId;
use journeys::World;
use yijianrong::wire;

#[tokio::test(flavor = "multi_thread")]
async fn the_first_two_operators_are_invited_by_the_vendor_and_no_third() {
    use application::{access::Guard, people::FirstOperator};
    let world = World::new().await;
    let room = wire::people::uses(&world.parts);
    let reach: Vec<TenantId> = world
        .parts
        .door
        .reach(world.other.id)
        .await
        .expect("its reach");
    let permit = Guard::job(world.other.id, reach.into());
    let ask = |n: u32| FirstOperator {
        name: "安知微".to_owned(),
        phone: format!("1980000000{n}"),
        account: format!("op{n}0"),
        address: "http://beishan.localhost/staff/link/".to_owned(),
    };
    let first = room.first_operator(&permit, ask(1)).await.expect("invited");
    let path = first
        .link
        .trim_start_matches("http://beishan.localhost")
        .to_owned();
    let door = world.browser_elsewhere();
    door.get(&path).await.expect(200).says("安知微");
    world.browser().get(&path).await.expect(404);
    room.first_operator(&permit, ask(2)).await.expect("invited");
    let third = room
        .first_operator(&permit, ask(3))
        .await
        .expect_err("two are enough");
    assert_eq!(third.code, "people.operators_invite");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_of_a_first_operator_that_was_never_used_is_renewed() {
    use application::{access::Guard, people::FirstOperator};
    let world = World::new().await;
    let room = wire::people::uses(&world.parts);
    let reach: Vec<TenantId> = world
        .parts
        .door
        .reach(world.other.id)
        .await
        .expect("its reach");
    let permit = Guard::job(world.other.id, reach.into());
    let ask = |account: &str, phone: &str| FirstOperator {
        name: "安知微".to_owned(),
        phone: phone.to_owned(),
        account: account.to_owned(),
        address: "http://beishan.localhost/staff/link/".to_owned(),
    };
    let path = |link: &str| {
        link.trim_start_matches("http://beishan.localhost")
            .to_owned()
    };
    let lost = room.first_operator(&permit, ask("op10", "19800000001"));
    let lost = lost.await.expect("invited");
    assert!(!lost.renewed);
    let same = room.first_operator(&permit, ask("op20", "19800000001"));
    let error = same.await.expect_err("two people have two phones");
    assert_eq!(error.fields[0].code, "people.phone_of_two");
    let other = room.first_operator(&permit, ask("op10", "19800000003"));
    assert!(
        other.await.is_err(),
        "the link goes to the phone it was for"
    );
    let again = room.first_operator(&permit, ask("op10", "19800000001"));
    let again = again.await.expect("renewed");
    assert!(again.renewed);
    assert_eq!(again.user, lost.user);
    let door = world.browser_elsewhere();
    door.get(&path(&lost.link)).await.expect(404);
    door.get(&path(&again.link))
        .await
        .expect(200)
        .says("安知微");
}

//! The front of a branch's queue: one exchange, the same rows, the same walls.

use application::{
    access::Permit,
    ports::{
        branch_board::{BoardFilter, BoardOrder, BranchBoard as _, BranchQueue as _, Leaf},
        store::StoreError,
    },
};
use domain::financing::Stage;
use postgres_adapter::{PgStore, pool, provision};
use sqlx::{Executor as _, PgPool};

use super::{Scene, scene};

impl Scene {
    /// What the branch's list says of 待接单, in a unit of work.
    async fn list(&self, permit: &Permit, most: i64) -> (Vec<String>, bool, i64) {
        let waiting = BoardFilter {
            stages: vec![Stage::Submitted],
            ..BoardFilter::default()
        };
        let mut work = self.world.parts.pg.open(permit).await.expect("it opens");
        let leaf = work
            .rows(&waiting, BoardOrder::Due, Leaf::First, most)
            .await
            .expect("the list is read");
        let total = work.count(&waiting).await.expect("it is counted");
        let rows = leaf.rows.iter().map(|row| format!("{row:?}")).collect();
        (rows, leaf.after, total)
    }

    async fn front(
        &self,
        permit: &Permit,
        most: i64,
    ) -> Result<(Vec<String>, bool, i64), StoreError> {
        let (leaf, total) = self.world.parts.pg.front(permit, most).await?;
        let rows = leaf.rows.iter().map(|row| format!("{row:?}")).collect();
        Ok((rows, leaf.after, total))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_front_of_a_queue_is_what_the_list_says_of_it() {
    let scene = scene().await;
    let city = scene.world.cangzhou.id;
    sqlx::query(
        "insert into financing_applications select (jsonb_populate_record(null::financing_applications, to_jsonb(a) || jsonb_build_object(
           'id', gen_random_uuid(), 'application_no', 'PO20261124' || lpad(n::text, 3, '0'), 'frozen', n % 4 = 0,
           'stage', (array['submitted', 'accepted', 'submitted', 'rejected'])[1 + n / 6 % 4],
           'renews_id', case when n = 7 then a.id end,
           'intake_since', case when n % 3 = 0 then a.submitted_at + interval '1 hour' end,
           'due_at', case when n % 5 = 0 then null else a.submitted_at + make_interval(hours => n / 3) end))).*
         from financing_applications a, generate_series(1, 330) n where a.id = $1",
    )
    .bind(scene.application.0)
    .execute(&scene.world.owner)
    .await
    .expect("they wait");
    let branch = scene.branch_permit(scene.branch, city).await;
    for most in [1, 10, 30, 400] {
        let (rows, more, total) = scene.list(&branch, most).await;
        assert_eq!(
            scene.front(&branch, most).await.expect("it is read"),
            (rows.clone(), more, total),
            "{most} rows"
        );
        assert_eq!((total, more), (168, most < 168), "{most} rows");
        assert!(!rows.is_empty());
    }
    sqlx::query("update financing_applications set stage = 'submitted', decided_at = null where handler_tenant_id = $1")
        .bind(scene.branch.0)
        .execute(&scene.world.owner)
        .await
        .expect("all of them wait");
    let (_, _, total) = scene.front(&branch, 10).await.expect("it is read");
    assert_eq!(total, 301, "nobody counts on for ever");
    assert_eq!(scene.list(&branch, 10).await.2, 301);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_stranger_sees_anything_at_the_front_of_a_queue() {
    let scene = scene().await;
    let city = scene.world.cangzhou.id;
    let own = scene.branch_permit(scene.branch, city).await;
    let (rows, ..) = scene.front(&own, 10).await.expect("it is read");
    assert_eq!(rows.len(), 1, "its branch does");
    for (who, permit) in scene.strangers().await {
        match scene.front(&permit, 10).await {
            Ok(seen) => assert_eq!(seen, (Vec::new(), false, 0), "{who}"),
            Err(StoreError::Broken(_)) => assert!(who.contains("enterprise"), "{who}"),
            Err(error) => panic!("{who}: {error}"),
        }
    }
    // The walls stand behind the function too: whoever names a branch and has another reach is shown nothing.
    let one = pool((*scene.world.parts.pool.connect_options()).clone(), 1).await;
    let elsewhere: Vec<(i64,)> =
        sqlx::query_as("select total from branch_queue_front($1, $2, $3, '', 10, 301)")
            .bind(scene.branch.0)
            .bind(city.0)
            .bind(scene.sibling_branch.0.to_string())
            .fetch_all(&one.expect("a pool of one"))
            .await
            .expect("it answers");
    assert_eq!(elsewhere, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_at_the_front_of_a_queue_leaves_its_connection_clean_even_when_it_is_broken_off() {
    let scene = scene().await;
    let options = (*scene.world.parts.pool.connect_options()).clone();
    let one = pool(options, 1).await.expect("a pool of one");
    let store = PgStore::new(one.clone());
    let permit = scene
        .branch_permit(scene.branch, scene.world.cangzhou.id)
        .await;
    // It waits in the middle, with all that it set, when whoever asked goes away.
    let mut lock = scene.world.owner.begin().await.expect("it begins");
    lock.execute("lock table financing_applications in access exclusive mode")
        .await
        .expect("it is locked");
    let (asks, may) = (store.clone(), permit.clone());
    let under_way = tokio::spawn(async move { asks.front(&may, 10).await.map(drop) });
    let waits = "select exists (select from pg_locks where not granted and relation = 'financing_applications'::regclass)";
    while !sqlx::query_scalar::<_, bool>(waits)
        .fetch_one(&mut *lock)
        .await
        .expect("it answers")
    {}
    under_way.abort();
    under_way.await.expect_err("it was broken off");
    lock.rollback().await.expect("it is let go");
    assert_eq!(
        left(&one).await,
        (provision::APP_LOGIN.to_owned(), None),
        "broken off"
    );
    store.front(&permit, 10).await.expect("it is read");
    assert_eq!(
        left(&one).await,
        (provision::APP_LOGIN.to_owned(), None),
        "to its end"
    );
}

/// Whose hat the only connection of a pool wears, and what the walls would read on it.
async fn left(one: &PgPool) -> (String, Option<String>) {
    sqlx::query_as(
        "select current_user::text, nullif(concat(current_setting('app.tenant_id', true), current_setting('app.city_id', true),
           current_setting('app.reach', true), current_setting('app.user_id', true)), '')",
    )
    .fetch_one(one)
    .await
    .expect("the next borrower is served")
}

//! Somebody of a province reads the read model of that province, and not a row of anything else.

use application::access::{Action, Actor, Permit, Room};
use domain::{
    ids::{TenantId, UserId},
    tenant::{Role, TenantKind},
};
use sqlx::{AssertSqlSafe, Executor as _};
use uuid::Uuid;

use super::{Scene, actor, scene, tables_with};

const READ_MODEL: [&str; 2] = ["provincial_cities", "provincial_figures"];

/// Two provinces that know a city each, and somebody of the first.
async fn provinces(scene: &Scene) -> (TenantId, Actor) {
    let own = scene.world.province().await.id;
    let other = Uuid::new_v4();
    // AssertSqlSafe: UUIDs printed by their type.
    let sql = format!(
        "insert into tenants (id, city_id, kind, slug, name, short_name) values ('{other}', '{other}', 'province', 'henan', '河南', '河南');
         insert into provincial_cities (tenant_id, city, slug, region_code, platform, told_at)
           select tenant, gen_random_uuid(), 'cangzhou', '130900', '沧州市', now() from unnest(array['{own}', '{other}']::uuid[]) tenant;
         insert into provincial_figures (tenant_id, city, dimension, month, value, asked, asked_cents, accepted, approved, approved_cents,
             rejected, draws, drawn_cents, rate_weight, homes, asking_firms, accepted_firms, approved_firms, rejected_firms, drawing_firms)
           select tenant_id, city, 'all', '2026-10-01', '', 9, 900, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0 from provincial_cities;"
    );
    scene
        .world
        .owner
        .execute(AssertSqlSafe(sql))
        .await
        .expect("they are there");
    let user = scene.world.staff(own, "闻人知远", &["pr"]).await.user;
    let mut who = actor(user, own, TenantKind::Province, own, None);
    who.roles = vec![Role::ProvinceSupervisor];
    (own, who)
}

async fn permit(scene: &Scene, who: &Actor, room: Room) -> Permit {
    let guard = &scene.world.parts.guard;
    let permit = guard.permit(who, room, Action::View).await;
    permit.expect("the policy says yes")
}

async fn all_tables(scene: &Scene) -> Vec<String> {
    sqlx::query_scalar(
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by 1",
    )
    .fetch_all(&scene.world.owner)
    .await
    .expect("the catalogue answers")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_room_of_a_province_reads_its_own_figures_and_no_other_row_of_any_table() {
    let scene = scene().await;
    let (own, who) = provinces(&scene).await;
    let permit = permit(&scene, &who, Room::Provincial).await;
    let mut silent = 0;
    for table in all_tables(&scene).await {
        let counted = format!("select count(*) from {table}");
        let seen = scene.count(&permit, counted).await;
        if READ_MODEL.contains(&table.as_str()) {
            let mine = format!("select count(*) from {table} where tenant_id = '{own}'");
            assert_eq!((seen, scene.count(&permit, mine).await), (1, 1), "{table}");
        } else {
            assert_eq!(seen, 0, "a province sees {table}");
            silent += 1;
        }
        let removed = format!("delete from {table}");
        assert_eq!(scene.changed(&permit, removed).await, 0, "{table}");
    }
    assert!(silent > 100, "the catalogue was read: {silent}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_role_of_a_province_was_granted_nothing_but_to_look_there() {
    let scene = scene().await;
    for table in all_tables(&scene).await {
        let (looks, changes): (bool, bool) = sqlx::query_as(
            "select has_any_column_privilege('province_ro', $1, 'select'),
               has_any_column_privilege('province_ro', $1, 'insert, update') or has_table_privilege('province_ro', $1, 'delete, truncate')",
        )
        .bind(&table)
        .fetch_one(&scene.world.owner)
        .await
        .expect("the catalogue answers");
        assert_eq!(looks, READ_MODEL.contains(&table.as_str()), "{table}");
        assert!(!changes, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_own_account_of_a_provinces_people_opens_no_row_of_a_city() {
    let scene = scene().await;
    let (own, who) = provinces(&scene).await;
    let permit = permit(&scene, &who, Room::Account).await;
    for table in tables_with(&scene.world, "tenant_id").await {
        let foreign = format!("select count(*) from {table} where tenant_id <> '{own}'");
        assert_eq!(scene.count(&permit, foreign).await, 0, "{table}");
    }
    for table in READ_MODEL {
        let counted = format!("select count(*) from {table}");
        assert_eq!(scene.count(&permit, counted).await, 0, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_city_and_no_bank_reads_or_writes_what_a_province_was_told() {
    let scene = scene().await;
    let (own, _) = provinces(&scene).await;
    let city = scene.world.cangzhou.id;
    let clerk = scene.branch_permit(scene.branch, city).await;
    let mut strangers = scene.strangers().await;
    strangers.push(("its own branch", clerk));
    for (who, permit) in strangers {
        for table in READ_MODEL {
            let seen = format!("select count(*) from {table}");
            assert_eq!(scene.count(&permit, seen).await, 0, "{who} sees {table}");
            let gone = format!("delete from {table} where tenant_id = '{own}'");
            assert_eq!(scene.changed(&permit, gone).await, 0, "{who}: {table}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_of_a_province_is_refused_every_other_room() {
    let scene = scene().await;
    let own = scene.world.province().await.id;
    let mut who = actor(UserId(Uuid::new_v4()), own, TenantKind::Province, own, None);
    who.roles = vec![Role::ProvinceSupervisor];
    for &room in Room::ALL {
        let open = matches!(room, Room::Provincial | Room::Account);
        for action in [Action::View, Action::Save, Action::Export, Action::Unmask] {
            let may = scene.world.parts.guard.may(&who, room, action).await;
            assert!(open || !may, "{room:?} {action:?}");
        }
    }
}

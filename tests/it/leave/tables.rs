//! No table of a tenant is forgotten: asked of the catalogue of the database.

use std::collections::BTreeSet;

use journeys::World;
use postgres_adapter::leaving::{SWEPT, owned_tables};
use sqlx::Executor as _;
use yijianrong::city::leave::{
    objects::OBJECTS,
    sealed::{Treated, treated},
    words,
};

/// Of the installation, or gone within minutes, and nobody's.
const NOBODYS: [&str; 4] = [
    "_sqlx_migrations",
    "captchas",
    "city_erasures",
    "installation_marks",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_table_is_a_citys_with_an_exit_and_a_meaning_or_known_to_be_nobodys() {
    let world = World::new().await;
    let owned = owned_tables(&world.owner).await.expect("the tables");
    let names: Vec<&str> = owned.iter().map(|table| table.name.as_str()).collect();
    let all: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by 1",
    )
    .fetch_all(&world.owner)
    .await
    .expect("the catalogue answers");
    for table in all {
        let known = names.contains(&table.as_str()) || SWEPT.contains(&table.as_str());
        assert!(
            known != NOBODYS.contains(&table.as_str()),
            "{table}: whose is it?"
        );
        if !known {
            continue;
        }
        let (exit, only): (bool, bool) = sqlx::query_as(
            "select exists (select from pg_policy where polrelid = $1::regclass and polname = 'leaves')
                 and has_table_privilege('city_exit', $1, 'select') and has_table_privilege('city_exit', $1, 'delete'),
               not has_any_column_privilege('city_exit', $1, 'insert, update')",
        )
        .bind(&table)
        .fetch_one(&world.owner)
        .await
        .expect("the catalogue answers");
        assert!(
            exit,
            "{table} has no exit: `call raise_exit('{table}')` in its migration"
        );
        assert!(only, "who takes a city along changes nothing in {table}");
    }
    for table in &owned {
        assert!(!table.key.is_empty(), "{} has no key", table.name);
        assert!(
            words::table(&table.name).is_some_and(|words| !words.is_empty()),
            "{} has no meaning in city/leave/words.rs",
            table.name
        );
        for column in &table.columns {
            treated(&table.name, &column.name, &column.kind).expect("somebody thought about it");
            // What is called sealed, hash of a token or secret is never plain.
            let suspicious = column.name.ends_with("_sealed") || column.name.contains("secret");
            let how = treated(&table.name, &column.name, &column.kind).expect("known");
            assert!(
                !suspicious || how != Treated::Plain,
                "{}.{}",
                table.name,
                column.name
            );
        }
    }
    assert_eq!(names.last(), Some(&"tenants"), "the city goes last");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_go_before_those_that_they_point_at() {
    let world = World::new().await;
    let owned = owned_tables(&world.owner).await.expect("the tables");
    let at = |name: &str| owned.iter().position(|table| table.name == name);
    let references: Vec<(String, String)> = sqlx::query_as(
        "select t.relname::text, r.relname::text from pg_constraint k join pg_class t on t.oid = k.conrelid
         join pg_class r on r.oid = k.confrelid where k.contype = 'f' and t.relnamespace = 'public'::regnamespace and t.oid <> r.oid",
    )
    .fetch_all(&world.owner)
    .await
    .expect("the catalogue answers");
    assert!(references.len() > 100, "the catalogue was read");
    for (from, to) in references {
        assert!(at(&from) < at(&to), "{from} points at {to}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_that_names_objects_is_asked_for_them() {
    let world = World::new().await;
    let naming: BTreeSet<String> = sqlx::query_scalar(
        "select table_name::text from information_schema.columns where table_schema = 'public' and column_name = 'object_key'",
    )
    .fetch_all(&world.owner)
    .await
    .expect("the catalogue answers")
    .into_iter()
    .collect();
    let asked: BTreeSet<String> = OBJECTS.iter().map(|one| one.table.to_owned()).collect();
    assert_eq!(asked, naming);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_programs_login_never_puts_on_the_role_that_erases() {
    let world = World::new().await;
    let mut connection = world.parts.pool.acquire().await.expect("a connection");
    let refused = connection
        .execute("begin; set local role city_exit")
        .await
        .expect_err("it is refused");
    assert!(
        refused.to_string().contains("permission denied"),
        "{refused}"
    );
}

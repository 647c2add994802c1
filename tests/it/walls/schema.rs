//! The walls, generated from the catalogue of the database: no table, view, key or reference goes past them.

use journeys::World;

use super::tables_with;

#[tokio::test(flavor = "multi_thread")]
async fn every_table_of_a_tenant_stands_behind_a_forced_wall_for_named_roles() {
    let world = World::new().await;
    let mut tables = tables_with(&world, "tenant_id").await;
    assert!(tables.len() > 20, "the catalogue was read: {tables:?}");
    tables.push("tenants".to_owned());
    for table in tables {
        let (enabled, forced, policies, for_everybody): (bool, bool, i64, i64) = sqlx::query_as(
            "select c.relrowsecurity, c.relforcerowsecurity,
                    (select count(*) from pg_policy p where p.polrelid = c.oid),
                    (select count(*) from pg_policy p where p.polrelid = c.oid and 0 = any (p.polroles))
             from pg_class c where c.oid = $1::regclass",
        )
        .bind(&table)
        .fetch_one(&world.owner)
        .await
        .expect("the catalogue answers");
        assert!(enabled && forced, "{table} has no forced wall");
        assert!(policies > 0, "{table} has a wall without a door");
        assert_eq!(for_everybody, 0, "{table} has a policy for every role");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_in_the_schema_looks_past_the_walls() {
    let world = World::new().await;
    let past: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind in ('v', 'm', 'S')
         union all
         select proname::text from pg_proc where pronamespace = 'public'::regnamespace and prosecdef",
    )
    .fetch_all(&world.owner)
    .await
    .expect("the catalogue answers");
    assert!(
        past.is_empty(),
        "views, sequences or definer functions: {past:?}"
    );
}

/// Unique indexes that need not start with the tenant, and why a collision tells nobody anything.
const KEYS_WITHOUT_TENANT: [(&str, &str); 8] = [
    ("credentials_pkey", "the id of a user, random"),
    ("sessions_pkey", "the hash of 256 random bits"),
    ("sessions_public_id_key", "random"),
    ("refresh_tokens_pkey", "the hash of 256 random bits"),
    ("handovers_token_hash_key", "the hash of 256 random bits"),
    ("staff_links_token_hash_key", "the hash of 256 random bits"),
    (
        "product_versions_pkey",
        "a product, whose id is random and public",
    ),
    (
        "product_branches_pkey",
        "a product, whose id is random and public",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_unique_key_never_tells_of_a_strangers_row() {
    let world = World::new().await;
    let keys: Vec<(String, String, Vec<String>, bool)> = sqlx::query_as(
        "select i.relname::text, t.relname::text,
                array(select a.attname::text from unnest(x.indkey::int2[]) with ordinality k(n, o)
                      join pg_attribute a on a.attrelid = t.oid and a.attnum = k.n order by k.o),
                (select format_type(a.atttypid, null) = 'uuid' from pg_attribute a
                 where a.attrelid = t.oid and a.attnum = x.indkey[0])
         from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
         where t.relnamespace = 'public'::regnamespace and x.indisunique
           and exists (select from pg_attribute a where a.attrelid = t.oid and a.attname = 'tenant_id')",
    )
    .fetch_all(&world.owner)
    .await
    .expect("the catalogue answers");
    assert!(keys.len() > 20, "the catalogue was read");
    for (index, table, columns, uuid) in keys {
        let owned = matches!(columns[0].as_str(), "tenant_id" | "city_id");
        // One random UUID cannot be guessed, so it cannot be probed.
        let random = columns.len() == 1 && columns[0] == "id" && uuid;
        let known = KEYS_WITHOUT_TENANT.iter().any(|(name, _)| *name == index);
        assert!(owned || random || known, "{index} on {table}: {columns:?}");
    }
}

/// What a reference without the tenant may point at, and why its refusal tells nobody anything.
const REFERENCES_WITHOUT_TENANT: [(&str, &str); 3] = [
    (
        "tenants",
        "the public directory of institutions and branches",
    ),
    ("users", "ids are random and never shown to strangers"),
    ("products", "public content of the city, ids are random"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_never_tells_of_a_strangers_row() {
    let world = World::new().await;
    let references: Vec<(String, String, String, String)> = sqlx::query_as(
        "select c.conname::text, t.relname::text, r.relname::text, a.attname::text
         from pg_constraint c join pg_class t on t.oid = c.conrelid join pg_class r on r.oid = c.confrelid
         join pg_attribute a on a.attrelid = t.oid and a.attnum = c.conkey[1]
         where c.contype = 'f' and t.relnamespace = 'public'::regnamespace
           and exists (select from pg_attribute x where x.attrelid = t.oid and x.attname = 'tenant_id')",
    )
    .fetch_all(&world.owner)
    .await
    .expect("the catalogue answers");
    assert!(references.len() > 20, "the catalogue was read");
    for (name, table, target, first) in references {
        let owned = first == "tenant_id";
        let known = REFERENCES_WITHOUT_TENANT
            .iter()
            .any(|(known, _)| *known == target);
        assert!(owned || known, "{name}: {table} → {target} by {first}");
    }
}

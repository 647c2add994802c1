//! 保存期限 (S-35): what goes after its time, what stays, and that another city's own time holds for its rows.

use application::{
    access::Guard,
    audit::link::{Chain, ChainFault},
};
use domain::ids::TenantId;
use journeys::{EnterpriseFixture, World};
use sqlx::{AssertSqlSafe, Executor as _};
use yijianrong::workers::Workers;

/// Two cities with an enterprise each; the second one keeps everything for twenty years.
struct Scene {
    world: World,
    here: EnterpriseFixture,
    there: EnterpriseFixture,
}

async fn scene() -> Scene {
    let world = World::with(|city| {
        if city.slug == "beishan" {
            city.keeping.log_days = 7_300;
            city.keeping.consent_days = 7_300;
            city.keeping.unsent_days = 7_300;
        }
    })
    .await;
    let here = world
        .new_enterprise(world.cangzhou.id, "沧州市岚峰机械有限公司", "13700001234")
        .await;
    let there = world
        .new_enterprise(world.other.id, "北山市渤沃宸化工有限公司", "13700005678")
        .await;
    Scene { world, here, there }
}

impl Scene {
    /// Fixed texts of these tests; `{city}`, `{enterprise}`, `{user}` are filled in.
    async fn run(&self, city: TenantId, whose: &EnterpriseFixture, sql: &str) {
        let text = sql
            .replace("{city}", &city.to_string())
            .replace("{enterprise}", &whose.id.to_string())
            .replace("{user}", &whose.user.to_string());
        self.world
            .owner
            .execute(AssertSqlSafe(text))
            .await
            .expect("the rows are there");
    }

    async fn both(&self, sql: &str) {
        self.run(self.world.cangzhou.id, &self.here, sql).await;
        self.run(self.world.other.id, &self.there, sql).await;
    }

    async fn texts(&self, sql: &'static str) -> Vec<String> {
        sqlx::query_scalar(sql)
            .fetch_all(&self.world.owner)
            .await
            .expect("it answers")
    }

    async fn sweep(&self) {
        Workers::new(&self.world.parts)
            .sweep_once()
            .await
            .expect("it runs");
    }

    async fn link(&self) -> Chain {
        let chain = Chain {
            store: self.world.parts.store.clone(),
            tokens: self.world.parts.tokens.clone(),
        };
        for city in [self.world.cangzhou.id, self.world.other.id] {
            let job = Guard::job(city, [city].into());
            chain.link(&job).await.expect("it links");
        }
        chain
    }
}

const DEEDS: &str =
    "select c.slug || ' ' || a.object from audit_entries a join tenants c on c.id = a.tenant_id
     where a.action = 'planted' order by 1";

#[tokio::test(flavor = "multi_thread")]
async fn deeds_go_after_a_year_and_the_chain_still_holds() {
    let scene = scene().await;
    scene
        .both(
            "insert into audit_entries (id, tenant_id, action, object, at) values
             (gen_random_uuid(), '{city}', 'planted', 'old', '2024-03-01'),
             (gen_random_uuid(), '{city}', 'planted', 'young', '2026-01-01')",
        )
        .await;
    scene.sweep().await;
    assert_eq!(
        scene.texts(DEEDS).await.len(),
        4,
        "what no link holds stays"
    );
    let chain = scene.link().await;
    scene.sweep().await;
    assert_eq!(
        scene.texts(DEEDS).await,
        ["beishan old", "beishan young", "cangzhou young"]
    );
    assert_eq!(
        scene
            .texts("select object || ' ' || (detail ->> 'entries') from audit_entries where action = 'log.retired'")
            .await,
        ["deeds 1"]
    );
    scene.link().await;
    let city = scene.world.cangzhou.id;
    let job = Guard::job(city, [city].into());
    assert_eq!(chain.check(&job).await.expect("it checks"), []);
    // What goes without right is found as before.
    scene
        .run(
            city,
            &scene.here,
            "begin; set local session_replication_role = replica;
             delete from audit_entries where tenant_id = '{city}' and object = 'young'; commit",
        )
        .await;
    let faults = chain.check(&job).await.expect("it checks");
    assert!(
        matches!(faults[..], [ChainFault::Removed { .. }]),
        "{faults:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_notices_links_and_keys_go_after_their_time() {
    let scene = scene().await;
    for (age, at) in [("old", "2024-03-01"), ("young", "2026-11-24 20:00")] {
        scene
            .both(
                &"insert into sign_in_records (id, tenant_id, user_id, at, outcome, agent)
                   values (gen_random_uuid(), '{city}', '{user}', '{at}', 'ok', 'planted {age}');
                 insert into outbox (id, tenant_id, topic, payload, created_at, next_at, done_at)
                   values (gen_random_uuid(), '{city}', 'planted {age}', '{}', '{at}', '{at}', '{at}');
                 insert into outbox (id, tenant_id, topic, payload, created_at, next_at, parked_at)
                   values (gen_random_uuid(), '{city}', 'waits {age}', '{}', '{at}', '{at}', '{at}');
                 insert into idempotency_keys (tenant_id, user_id, action, key, body_hash, created_at)
                   values ('{city}', '{user}', 'planted {age}', 'planted-key-of-{age}', '', '{at}');
                 insert into enterprise_invitations
                   (tenant_id, id, enterprise_id, user_id, token_hash, issued_by, issued_at, expires_at)
                   values ('{city}', gen_random_uuid(), '{enterprise}', '{user}', 'planted {age}', '{user}', '{at}', '{at}');
                 insert into handovers (id, token_hash, tenant_id, enterprise_id, user_id, purpose, detail, created_at, expires_at)
                   values (gen_random_uuid(), '{city} {age}', '{city}', '{enterprise}', '{user}', 'face', 'planted {age}', '{at}', '{at}')"
                    .replace("{age}", age)
                    .replace("{at}", at),
            )
            .await;
    }
    scene.sweep().await;
    let left = |what: &'static str| scene.texts(what);
    for (what, here) in [
        (
            "select c.slug || ' ' || s.agent from sign_in_records s join tenants c on c.id = s.tenant_id
             where s.agent like 'planted%' order by 1",
            vec!["beishan planted old", "beishan planted young", "cangzhou planted young"],
        ),
        (
            "select c.slug || ' ' || o.topic from outbox o join tenants c on c.id = o.tenant_id
             where o.topic like 'planted%' order by 1",
            vec!["beishan planted old", "beishan planted young", "cangzhou planted young"],
        ),
        // Nobody has settled these.
        (
            "select c.slug || ' ' || o.topic from outbox o join tenants c on c.id = o.tenant_id
             where o.topic like 'waits%' order by 1",
            vec!["beishan waits old", "beishan waits young", "cangzhou waits old", "cangzhou waits young"],
        ),
        // The same for every city.
        (
            "select c.slug || ' ' || k.action from idempotency_keys k join tenants c on c.id = k.tenant_id
             where k.action like 'planted%' order by 1",
            vec!["beishan planted young", "cangzhou planted young"],
        ),
        (
            "select encode(token_hash, 'escape') from enterprise_invitations",
            vec!["planted young", "planted young"],
        ),
        ("select detail from handovers where detail like 'planted%'", vec!["planted young", "planted young"]),
    ] {
        assert_eq!(left(what).await, here, "{what}");
    }
}

/// A closed account, an open one beside it in the same city, and one in the other city.
async fn closed(scene: &Scene) -> EnterpriseFixture {
    let open = scene
        .world
        .new_enterprise(
            scene.world.cangzhou.id,
            "沧州市泊沅铸造有限公司",
            "13700007777",
        )
        .await;
    scene
        .both(
            "insert into account_closings (id, tenant_id, enterprise_id, asked_by, asked_at, effective_at, done_at)
             values (gen_random_uuid(), '{city}', '{enterprise}', '{user}', '2019-01-01', '2019-01-08', '2019-01-08')",
        )
        .await;
    open
}

#[tokio::test(flavor = "multi_thread")]
async fn consents_go_five_years_after_their_end_and_live_ones_stay() {
    let scene = scene().await;
    let row = |title: &str, ended: &str| {
        format!(
            "insert into consents (id, tenant_id, enterprise_id, user_id, agreement_code, agreement_version, agreement_title,
               body_hash, purpose, channel, granted_at, withdrawn_at)
             values (gen_random_uuid(), '{{city}}', '{{enterprise}}', '{{user}}', 'face', '1', '{title}', '', 'face', 'web',
               '2018-01-01', {ended})"
        )
    };
    for (title, ended) in [
        ("long ago", "'2019-01-08'"),
        ("lately", "'2025-01-08'"),
        ("alive", "null"),
    ] {
        scene.both(&row(title, ended)).await;
    }
    scene.sweep().await;
    assert_eq!(
        scene
            .texts(
                "select c.slug || ' ' || x.agreement_title from consents x join tenants c on c.id = x.tenant_id
                 where x.granted_at < '2019-01-01' order by 1"
            )
            .await,
        [
            "beishan alive",
            "beishan lately",
            "beishan long ago",
            "cangzhou alive",
            "cangzhou lately"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_to_a_bank_goes_five_years_after_its_application_ended() {
    let world = World::new().await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let product = world.product(bank, "惠民抵押贷", &[branch]).await;
    let owner = world
        .ready_enterprise("沧州市岚峰机械有限公司", "13700001234")
        .await;
    let id = world
        .submitted_application(&owner, bank, branch, product)
        .await;
    sqlx::query(
        "insert into consents (id, tenant_id, enterprise_id, user_id, agreement_code, agreement_version, agreement_title,
           body_hash, purpose, channel, granted_at, application_id)
         select gen_random_uuid(), tenant_id, enterprise_id, created_by, 'bank', '1', 'planted', '', 'share', 'web',
           '2018-01-01', id from financing_applications where id = $1",
    )
    .bind(id.0)
    .execute(&world.owner)
    .await
    .expect("a consent");
    for (stage, left) in [("disbursed", 1_i64), ("settled", 0)] {
        sqlx::query("update financing_applications set stage = $1, updated_at = '2019-01-01'")
            .bind(stage)
            .execute(&world.owner)
            .await
            .expect("it is that far");
        Workers::new(&world.parts)
            .sweep_once()
            .await
            .expect("it runs");
        let there: i64 =
            sqlx::query_scalar("select count(*) from consents where agreement_title = 'planted'")
                .fetch_one(&world.owner)
                .await
                .expect("it counts");
        assert_eq!(there, left, "{stage}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn checks_and_looks_go_five_years_after_an_account_was_closed() {
    let scene = scene().await;
    let open = closed(&scene).await;
    let planted = "insert into face_checks (id, tenant_id, enterprise_id, user_id, provider, status, created_at)
           values (gen_random_uuid(), '{city}', '{enterprise}', '{user}', 'planted', 'passed', '2018-01-01');
         insert into view_entries (id, tenant_id, enterprise_id, viewer_id, viewer_name, viewer_tenant_id, viewer_node,
             fields, reason, at)
           values (gen_random_uuid(), '{city}', '{enterprise}', '{user}', '钱云诚', '{city}', '支行', '电话', 'planted', '2018-01-01')";
    scene.both(planted).await;
    scene.run(scene.world.cangzhou.id, &open, planted).await;
    let chain = scene.link().await;
    scene.sweep().await;
    for rows in [
        "select e.name from face_checks f join enterprises e on e.id = f.enterprise_id where f.provider = 'planted' order by 1",
        "select e.name from view_entries f join enterprises e on e.id = f.enterprise_id where f.reason = 'planted' order by 1",
    ] {
        let mut left = scene.texts(rows).await;
        left.sort();
        assert_eq!(
            left,
            ["北山市渤沃宸化工有限公司", "沧州市泊沅铸造有限公司"],
            "{rows}"
        );
    }
    let city = scene.world.cangzhou.id;
    let job = Guard::job(city, [city].into());
    assert_eq!(chain.check(&job).await.expect("it checks"), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_rows_of_an_import_go_after_ninety_days() {
    let scene = scene().await;
    let bank = scene.world.bank("狮城商业银行").await;
    for (n, ended) in [(1, "2026-03-01"), (2, "2026-11-01")] {
        scene
            .run(
                bank,
                &scene.here,
                &"with made as (insert into imports (id, tenant_id, city_id, kind, content_hash, asked_by, asked_name, asked_at, status, ended_at)
                    select gen_random_uuid(), t.id, t.city_id, 'draws', '{n}', '{user}', '钱云诚', '{ended}', 'done', '{ended}'
                    from tenants t where t.id = '{city}' returning id, tenant_id)
                  insert into import_rows (id, tenant_id, import_id, row_number, cells_sealed, field, cause)
                  select gen_random_uuid(), tenant_id, id, {n}, '', 'amount', 'planted' from made"
                    .replace("{n}", &n.to_string())
                    .replace("{ended}", ended),
            )
            .await;
    }
    scene.sweep().await;
    assert_eq!(
        scene
            .texts("select row_number::text from import_rows")
            .await,
        ["2"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_person_takes_away_what_the_job_may() {
    let scene = scene().await;
    closed(&scene).await;
    scene
        .both(
            "insert into face_checks (id, tenant_id, enterprise_id, user_id, provider, status, created_at)
               values (gen_random_uuid(), '{city}', '{enterprise}', '{user}', 'planted', 'passed', '2018-01-01');
             insert into audit_entries (id, tenant_id, action, object, at)
               values (gen_random_uuid(), '{city}', 'planted', 'old', '2018-01-01')",
        )
        .await;
    let city = scene.world.cangzhou.id.to_string();
    for (sql, by_the_job) in [
        ("delete from face_checks where provider = 'planted'", 1),
        // Not even the job removes an entry that is not told to be retired.
        ("delete from audit_entries where action = 'planted'", 0),
        ("delete from sign_in_records where at > '2026-01-01'", 0),
    ] {
        for (person, gone) in [
            (scene.here.user.to_string(), 0),
            (String::new(), by_the_job),
        ] {
            let mut tx = scene.world.parts.pool.begin().await.expect("it begins");
            for (name, value) in [
                ("role", "tenant_rw"),
                ("app.tenant_id", &city),
                ("app.city_id", &city),
                ("app.reach", &city),
                ("app.user_id", &person),
            ] {
                sqlx::query("select set_config($1, $2, true)")
                    .bind(name)
                    .bind(value)
                    .execute(&mut *tx)
                    .await
                    .expect("it is set");
            }
            let done = sqlx::query(sql).execute(&mut *tx).await;
            assert_eq!(
                done.map_or(0, |d| d.rows_affected()),
                gone,
                "{sql} as {person:?}"
            );
        }
    }
}

/// A statement that would take away more than a batch is refused, and captchas cannot be taken away at all.
const PLANTED: &str =
    "insert into bank_api_nonces (access_key_id, nonce, expires_at)
       select gen_random_uuid(), 'planted-nonce-' || lpad(n::text, 6, '0'), '2026-01-01' from generate_series(1, 12000) n;
     create function too_many() returns trigger language plpgsql as $$
     begin
       if (select count(*) from gone) > 5000 then raise exception 'too many at once'; end if;
       return null;
     end $$;
     create trigger too_many after delete on bank_api_nonces referencing old table as gone
       for each statement execute function too_many();
     create function planted() returns trigger language plpgsql as $$ begin raise exception 'planted'; end $$;
     create trigger planted before delete on captchas for each statement execute function planted()";

#[tokio::test(flavor = "multi_thread")]
async fn old_rows_go_in_batches_and_a_table_that_fails_keeps_no_other() {
    let scene = scene().await;
    scene
        .run(scene.world.cangzhou.id, &scene.here, PLANTED)
        .await;
    let swept = Workers::new(&scene.world.parts).sweep_once().await;
    assert!(swept.is_err(), "a table that was not swept is told");
    assert_eq!(
        scene
            .texts("select count(*)::text from bank_api_nonces")
            .await,
        ["0"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_cannot_be_closed_keeps_no_other_open_and_no_step_from_being_done() {
    let scene = scene().await;
    let city = scene.world.cangzhou.id;
    let other = scene
        .world
        .new_enterprise(city, "沧州市泊沅铸造有限公司", "13700007777")
        .await;
    for (whose, due) in [(&scene.here, "2026-11-01"), (&other, "2026-11-02")] {
        let asked = "insert into account_closings (id, tenant_id, enterprise_id, asked_by, asked_at, effective_at)
             values (gen_random_uuid(), '{city}', '{enterprise}', '{user}', '2026-10-01', '{due}')";
        scene.run(city, whose, &asked.replace("{due}", due)).await;
    }
    // Nobody can read this phone any more.
    scene
        .run(
            city,
            &scene.here,
            "update users set phone_sealed = '\\x00' where id = '{user}';
             insert into sign_in_records (id, tenant_id, user_id, at, outcome, agent)
               values (gen_random_uuid(), '{city}', '{user}', '2024-03-01', 'ok', 'planted')",
        )
        .await;
    let swept = Workers::new(&scene.world.parts).sweep_once().await;
    assert!(swept.is_err(), "it is told");
    assert_eq!(
        scene
            .texts("select e.status from enterprises e join account_closings c on c.enterprise_id = e.id order by c.effective_at")
            .await,
        ["active", "closed"]
    );
    assert!(
        scene
            .texts("select agent from sign_in_records where agent = 'planted'")
            .await
            .is_empty(),
        "the steps after it are done"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_names_no_object_keeps_no_other_export_from_going() {
    let scene = scene().await;
    let (city, vault) = (scene.world.cangzhou.id, &scene.world.parts.files);
    let key = vault.put(city.0, vec![7; 32]).await.expect("it is stored");
    for (key, over) in [("no key", "2026-11-01"), (key.as_str(), "2026-11-02")] {
        let made = "insert into own_data_exports (id, tenant_id, enterprise_id, user_id, object_key, byte_size, created_at, expires_at)
             values (gen_random_uuid(), '{city}', '{enterprise}', '{user}', '{key}', 32, '2026-10-01', '{over}')";
        let made = made.replace("{key}", key).replace("{over}", over);
        scene.run(city, &scene.here, &made).await;
    }
    let swept = Workers::new(&scene.world.parts).sweep_once().await;
    assert!(swept.is_err(), "it is told");
    assert_eq!(
        scene.texts("select object_key from own_data_exports").await,
        ["no key"]
    );
    assert_eq!(vault.get(city.0, &key).await.expect("it answers"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_stay_while_their_enterprise_is_changing_one_and_go_where_nobody_touches_them() {
    let scene = scene().await;
    let (city, vault) = (scene.world.cangzhou.id, &scene.world.parts.files);
    let idle = scene
        .world
        .new_enterprise(city, "沧州市泊沅铸造有限公司", "13700007777")
        .await;
    for (whose, kind, replaced) in [
        (&scene.here, "id_front", "null"),
        // Taken back yesterday: the information is incomplete until there is another one.
        (&scene.here, "licence", "'2026-11-24'"),
        (&idle, "id_back", "null"),
    ] {
        let key = vault.put(city.0, vec![7; 32]).await.expect("it is stored");
        let kept = "insert into enterprise_files (id, tenant_id, enterprise_id, kind, object_key, media_type, byte_size, sha256,
               created_by, created_at, replaced_at)
             values (gen_random_uuid(), '{city}', '{enterprise}', '{kind}', '{key}', 'image/jpeg', 32, '\\x00', '{user}',
               '2026-03-01', {replaced})"
            .replace("{kind}", kind)
            .replace("{key}", key.as_str())
            .replace("{replaced}", replaced);
        scene.run(city, whose, &kept).await;
    }
    scene.sweep().await;
    let left = "select kind from enterprise_files order by kind";
    assert_eq!(scene.texts(left).await, ["id_front", "licence"]);
}

//! The walls: what has a tenant stands behind one, and nobody reaches over it.

mod chain;
mod front;
mod provinces;
mod roles;
mod schema;

use application::access::{Action, Actor, Guard, Origin, Permit, Room};
use domain::{
    ids::{EnterpriseId, FinancingApplicationId, TenantId, UserId},
    tenant::{Role, TenantKind},
};
use journeys::{EnterpriseFixture, World};
use sqlx::{AssertSqlSafe, Executor as _};
use std::sync::Arc;
use uuid::Uuid;

/// Tables of the schema with a column of that name.
async fn tables_with(world: &World, column: &str) -> Vec<String> {
    sqlx::query_scalar(
        "select c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attname = $1 and not a.attisdropped
         order by 1",
    )
    .bind(column)
    .fetch_all(&world.owner)
    .await
    .expect("the catalogue answers")
}

/// Two enterprises, two branches of one bank, another bank, another city; one application in the middle.
struct Scene {
    world: World,
    bank: TenantId,
    branch: TenantId,
    sibling_branch: TenantId,
    other_branch: TenantId,
    branch_abroad: TenantId,
    owner: EnterpriseFixture,
    sibling: EnterpriseFixture,
    abroad: EnterpriseFixture,
    officer: UserId,
    application: FinancingApplicationId,
}

fn actor(
    user: UserId,
    tenant: TenantId,
    tenant_kind: TenantKind,
    city: TenantId,
    enterprise: Option<EnterpriseId>,
) -> Actor {
    Actor {
        user,
        name: "某人".into(),
        tenant,
        tenant_kind,
        tenant_name: "某处".into(),
        city,
        reach: Arc::from([tenant]),
        enterprise,
        roles: vec![if enterprise.is_some() {
            Role::EnterpriseOwner
        } else {
            Role::CustomerManager
        }],
        session: Uuid::nil(),
        from: Origin::default(),
    }
}

async fn scene() -> Scene {
    let world = World::new().await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let sibling_branch = world.branch(bank, "狮城商业银行新华支行").await;
    let other_bank = world.bank("沧海惠民银行").await;
    let other_branch = world.branch(other_bank, "沧海惠民银行运河支行").await;
    let bank_abroad = world.bank_in(world.other.id, "北山银行").await;
    let branch_abroad = world.branch(bank_abroad, "北山银行城关支行").await;
    let product = world.product(bank, "惠民抵押贷", &[branch]).await;
    let owner = world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    let sibling = world
        .ready_enterprise("沧州市渤沃宸化工新材料有限公司", "19900002074")
        .await;
    let abroad = world
        .new_enterprise(world.other.id, "北山市岚峰机械有限公司", "19900003001")
        .await;
    let officer = world.staff(branch, "钱云诚", &["bm"]).await.user;
    let application = world
        .submitted_application(&owner, bank, branch, product)
        .await;
    let file = world.file_of(&owner).await;
    world.message_to(&owner).await;
    let scene = Scene {
        world,
        bank,
        branch,
        sibling_branch,
        other_branch,
        branch_abroad,
        owner,
        sibling,
        abroad,
        officer,
        application,
    };
    scene.papers(file).await;
    scene
}

impl Scene {
    /// A row in every table that hangs on the application or the enterprise.
    #[expect(clippy::too_many_lines, reason = "one row of every table")]
    async fn papers(&self, file: Uuid) {
        let (city, app, enterprise, person, branch) = (
            self.world.cangzhou.id.0,
            self.application.0,
            self.owner.id.0,
            self.owner.user.0,
            self.branch.0,
        );
        let (officer, bank) = (self.officer.0, self.bank.0);
        // AssertSqlSafe: UUIDs printed by their type.
        let sql = format!(
            "insert into application_events (id, tenant_id, application_id, seq, kind, to_stage, actor_kind, at)
               values (gen_random_uuid(), '{city}', '{app}', 1, 'submit', 'submitted', 'enterprise', now());
             insert into application_dossiers values ('{app}', '{city}', '{enterprise}', '{{}}', '\\x00', now());
             insert into application_files values ('{city}', '{app}', '{file}', 'licence', '营业执照照片', 'none', 'image/jpeg', 0, now());
             insert into supplement_items (id, tenant_id, application_id, round, position, label)
               values (gen_random_uuid(), '{city}', '{app}', 1, 1, '银行流水');
             insert into consents (id, tenant_id, enterprise_id, user_id, agreement_code, agreement_version, agreement_title,
                 body_hash, purpose, application_id, channel, granted_at)
               values (gen_random_uuid(), '{city}', '{enterprise}', '{person}', 'register', '1', '协议', '\\x00', 'apply', '{app}', 'web', now());
             insert into face_checks (id, tenant_id, enterprise_id, user_id, provider, status, created_at)
               values (gen_random_uuid(), '{city}', '{enterprise}', '{person}', 'demo', 'passed', now());
             with up as (insert into uploads (id, tenant_id, enterprise_id, user_id, byte_size, created_at, expires_at)
                 values (gen_random_uuid(), '{city}', '{enterprise}', '{person}', 1, now(), now()) returning id)
               insert into upload_pieces select '{city}', '{enterprise}', id, 0, '\\x00' from up;
             insert into face_reviews (id, tenant_id, enterprise_id, user_id, enterprise_name, person_name, legal_id_index,
                 reference, status, created_at)
               values (gen_random_uuid(), '{city}', '{enterprise}', '{person}', '企业', '顾**', '\\x00', 'A-1', 'requested', now());
             insert into handovers (id, token_hash, tenant_id, enterprise_id, user_id, purpose, created_at, expires_at)
               values (gen_random_uuid(), '\\x01', '{city}', '{enterprise}', '{person}', 'face', now(), now());
             insert into view_entries (id, tenant_id, enterprise_id, viewer_id, viewer_name, viewer_tenant_id, viewer_node,
                 application_id, fields, reason, at)
               values (gen_random_uuid(), '{city}', '{enterprise}', '{officer}', '钱云诚', '{branch}', '运河支行', '{app}', '身份证号', '核对', now());
             insert into due_diligence_reports (tenant_id, application_id, written_by, written_name, updated_at)
               values ('{city}', '{app}', '{officer}', '钱云诚', now());
             insert into due_diligence_photos (tenant_id, id, application_id, object_key, byte_size, sha256, added_by, added_at)
               values ('{city}', gen_random_uuid(), '{app}', 'none', 1, '\\x00', '{officer}', now());
             insert into approval_signatures (id, tenant_id, application_id, round, step, signer_id, signer_name, signer_role,
                 verdict, content, at)
               values (gen_random_uuid(), '{city}', '{app}', 1, 1, '{officer}', '邬志航', 'ba', 'agree', '\\x00', now());
             insert into disbursements (id, tenant_id, application_id, number, amount_cents, rate, drawn_on, contract_no, source, at)
               values (gen_random_uuid(), '{city}', '{app}', 1, 100, 375, '2026-11-25', 'HT-1', 'form', now());
             insert into disbursements (id, tenant_id, application_id, number, amount_cents, rate, drawn_on, contract_no, source, at,
                 confirmed_at)
               values (gen_random_uuid(), '{city}', '{app}', 2, 100, 375, '2026-11-25', 'HT-2', 'form', now(), now());
             insert into articles (id, tenant_id, city_id, kind, title, delivery, body, published_at)
               values (gen_random_uuid(), '{city}', '{city}', 'policy', '贴息办法', '申报', '正文', now());
             insert into subsidy_claims (id, tenant_id, enterprise_id, policy_id, policy_version, policy_title, application_id, draw_id,
                 draw_number, origin, status, sum_cents, declared, filed_by, filed_at)
               select gen_random_uuid(), '{city}', '{enterprise}', p.id, p.version, p.title, '{app}', d.id, d.number, 'applied', 'filed', 1,
                 '属实', '{person}', now()
               from disbursements d, articles p where d.contract_no = 'HT-2' and p.tenant_id = '{city}' and p.title = '贴息办法';
             insert into repayments (id, tenant_id, application_id, principal_cents, paid_on, balance_cents, source, at)
               values (gen_random_uuid(), '{city}', '{app}', 100, '2026-11-25', 0, 'form', now());
             insert into loan_corrections (id, tenant_id, application_id, repayment_id, old_cents, new_cents, old_on, new_on, reason,
                 asked_by, asked_name, asked_role, asked_at, status, settled_by, settled_name, settled_at)
               values (gen_random_uuid(), '{city}', '{app}', gen_random_uuid(), 100, 200, '2026-11-25', '2026-11-25', '录错', '{officer}',
                 '钱云诚', 'bm', now(), 'confirmed', '{person}', '邬志航', now());
             insert into loan_deferrals (id, tenant_id, application_id, draw_id, number, old_due_on, wanted_on, reason, asked_by,
                 asked_name, asked_at)
               values (gen_random_uuid(), '{city}', '{app}', gen_random_uuid(), 1, '2026-12-01', '2026-12-20', '货款推迟', '{person}',
                 '顾屹舟', now());
             insert into renewal_invitations (id, tenant_id, application_id, due_on, step, invited_by, invited_name, at)
               values (gen_random_uuid(), '{city}', '{app}', '2026-12-20', '30', '{officer}', '钱云诚', now());
             insert into reconsiderations (tenant_id, application_id, facts, asked_by, asked_name, asked_at)
               values ('{city}', '{app}', '新增订单', '{person}', '顾屹舟', now());
             insert into move_requests (id, tenant_id, application_id, to_branch_id, to_branch_name, reason, asked_by, asked_name, asked_at)
               values (gen_random_uuid(), '{city}', '{app}', '{branch}', '新华支行', '就近', '{officer}', '梁承宇', now());
             insert into correction_requests (id, tenant_id, application_id, reason, asked_by, asked_name, asked_at)
               values (gen_random_uuid(), '{city}', '{app}', '点错', '{officer}', '梁承宇', now());
             insert into hold_requests (id, tenant_id, application_id, kind, reason, asked_by, asked_name, asked_at)
               values (gen_random_uuid(), '{city}', '{app}', 'freeze', '疑似冒用', '{officer}', '宋知远', now());
             insert into account_holds (id, tenant_id, enterprise_id, kind, reason, asked_by, asked_name, asked_at)
               values (gen_random_uuid(), '{city}', '{enterprise}', 'freeze', '疑似冒用', '{officer}', '宋知远', now());
             insert into ownership_changes (id, tenant_id, enterprise_id, kind, from_user, to_user, asked_by, asked_name, asked_at,
                 open_until)
               values (gen_random_uuid(), '{city}', '{enterprise}', 'handover', '{person}', '{officer}', '{person}', '顾屹舟', now(), now());
             insert into supervision_notices (id, tenant_id, application_id, branch_id, words, sent_by, sent_name, at)
               values (gen_random_uuid(), '{city}', '{app}', '{branch}', '请尽快接单', '{officer}', '宋知远', now());
             insert into complaints (id, tenant_id, enterprise_id, enterprise_name, complaint_no, kind, body, application_id, about_id,
                 about_name, bank_id, bank_name, status, filed_by, filed_at, clock_from)
               values (gen_random_uuid(), '{city}', '{enterprise}', '企业', 'TS20261125001', 'slow', '太慢', '{app}', '{branch}', '运河支行',
                 '{bank}', '狮城商业银行', 'filed', '{person}', now(), now());
             insert into ratings (id, tenant_id, enterprise_id, application_id, application_no, masked_name, bank_id, branch_id,
                 branch_name, speed, service, openness, rated_by, rated_at)
               values (gen_random_uuid(), '{city}', '{enterprise}', '{app}', 'PO', '沧州**有限公司', '{bank}', '{branch}', '运河支行', 5, 5, 5,
                 '{person}', now());
             with draw as (insert into callback_draws (id, tenant_id, closed_from, closed_until, measure, amount, found, drawn, drawn_by,
                 drawn_name, drawn_at)
               values (gen_random_uuid(), '{city}', '2026-11-01', '2026-11-25', 'number', 1, 1, 1, '{officer}', '宋知远', now()) returning id)
               insert into callbacks (id, tenant_id, draw_id, application_id, application_no, masked_name, bank_id, bank_name, branch_id,
                 branch_name, stage, decided_at)
               select gen_random_uuid(), '{city}', id, '{app}', 'PO', '沧州**有限公司', '{bank}', '狮城商业银行', '{branch}', '运河支行', 'settled',
                 now() from draw;
             insert into size_declarations (id, tenant_id, enterprise_id, year, number, industry_code, employees, size_class,
                 declared_by, declared_name, declared_at)
               values (gen_random_uuid(), '{city}', '{enterprise}', 2026, 1, '851', 45, 'small', '{person}', '顾屹舟', now());
             insert into estimates (id, tenant_id, enterprise_id, product_id, product_version, product_name, bank_name, amount_cents,
                 term, term_unit, figures, answer, made_by, made_name, made_at)
               select gen_random_uuid(), '{city}', '{enterprise}', product_id, 1, '惠民抵押贷', '狮城商业银行', 100, 1, 'year', '{{}}', '{{}}',
                 '{person}', '顾屹舟', now() from financing_applications where id = '{app}';
             insert into profile_drafts (tenant_id, enterprise_id, user_id, typed_sealed, saved_at)
               values ('{city}', '{enterprise}', '{person}', '\\x00', now());
             insert into application_letters (id, tenant_id, application_id, side, author_id, kind, body, at)
               values (gen_random_uuid(), '{city}', '{app}', 'enterprise', '{person}', 'text', '您好', now());
             insert into letter_files (id, tenant_id, application_id, object_key, media_type, byte_size, sha256, added_by, added_at)
               values (gen_random_uuid(), '{city}', '{app}', 'none', 'image/jpeg', 1, '\\x00', '{officer}', now());
             insert into enterprise_invitations (tenant_id, id, enterprise_id, user_id, token_hash, issued_by, issued_at, expires_at)
               values ('{city}', gen_random_uuid(), '{enterprise}', '{person}', '\\x02', '{person}', now(), now());
             insert into supplement_notes values ('{city}', '{app}', 1, '周五前补齐');
             insert into own_data_exports (id, tenant_id, enterprise_id, user_id, object_key, byte_size, created_at, expires_at)
               values (gen_random_uuid(), '{city}', '{enterprise}', '{person}', 'none', 1, now(), now());
             insert into account_closings (id, tenant_id, enterprise_id, asked_by, asked_at, effective_at)
               values (gen_random_uuid(), '{city}', '{enterprise}', '{person}', now(), now());
             insert into statistics_facts values ('{city}', '{app}', '130903', 'C', '{branch}', 'mortgage', 'yes', 'to_1m', 'to_12');
             insert into statistics_lines (tenant_id, application_id, day) values ('{city}', '{app}', '2026-11-25');
             insert into open_elsewhere values ('{city}', '{app}', 1);
             insert into clock_breaches (id, tenant_id, application_id, clock, due_at, bank_id, branch_id, noted_at)
               values (gen_random_uuid(), '{city}', '{app}', 'accept', now(), '{bank}', '{branch}', now());
             insert into audit_entries (id, tenant_id, action, at) values (gen_random_uuid(), '{city}', 'test', now());
             insert into audit_links values ('{city}', 1, 'audit', gen_random_uuid(), '\\x00');"
        );
        self.world
            .owner
            .execute(AssertSqlSafe(sql))
            .await
            .expect("the papers are there");
    }

    async fn enterprise_permit(&self, who: &EnterpriseFixture, city: TenantId) -> Permit {
        let actor = actor(who.user, city, TenantKind::City, city, Some(who.id));
        self.world
            .parts
            .guard
            .permit(&actor, Room::Financing, Action::View)
            .await
            .expect("enterprises may look at their own")
    }

    async fn branch_permit(&self, branch: TenantId, city: TenantId) -> Permit {
        let actor = actor(
            UserId(Uuid::new_v4()),
            branch,
            TenantKind::Branch,
            city,
            None,
        );
        self.world
            .parts
            .guard
            .permit(&actor, Room::Desk, Action::View)
            .await
            .expect("branch staff have a desk")
    }

    /// Everybody who is neither the enterprise, nor its branch, nor its city.
    async fn strangers(&self) -> Vec<(&'static str, Permit)> {
        let (city, abroad) = (self.world.cangzhou.id, self.world.other.id);
        vec![
            (
                "sibling enterprise",
                self.enterprise_permit(&self.sibling, city).await,
            ),
            (
                "enterprise abroad",
                self.enterprise_permit(&self.abroad, abroad).await,
            ),
            (
                "sibling branch",
                self.branch_permit(self.sibling_branch, city).await,
            ),
            (
                "branch of another bank",
                self.branch_permit(self.other_branch, city).await,
            ),
            (
                "branch abroad",
                self.branch_permit(self.branch_abroad, abroad).await,
            ),
            ("city abroad", Guard::job(abroad, Arc::from([abroad]))),
            ("bank itself", Guard::job(self.bank, Arc::from([self.bank]))),
        ]
    }

    async fn count(&self, permit: &Permit, sql: String) -> i64 {
        let mut work = self
            .world
            .parts
            .pg
            .open(permit)
            .await
            .expect("a unit of work opens");
        // AssertSqlSafe: table names of the catalogue and UUIDs.
        let counted = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_one(work.connection())
            .await;
        match counted {
            Ok(count) => count,
            // No grant at all is a wall too.
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42501") => 0,
            Err(error) => panic!("{error}"),
        }
    }

    async fn changed(&self, permit: &Permit, sql: String) -> u64 {
        let mut work = self
            .world
            .parts
            .pg
            .open(permit)
            .await
            .expect("a unit of work opens");
        // AssertSqlSafe: table names of the catalogue and UUIDs.
        match work.connection().execute(AssertSqlSafe(sql)).await {
            Ok(done) => done.rows_affected(),
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42501") => 0,
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_neither_see_nor_change_a_row_of_the_enterprise_or_its_application() {
    let scene = scene().await;
    let mut rows = Vec::new();
    for table in tables_with(&scene.world, "enterprise_id").await {
        rows.push((table, format!("enterprise_id = '{}'", scene.owner.id.0)));
    }
    for table in tables_with(&scene.world, "application_id").await {
        rows.push((table, format!("application_id = '{}'", scene.application.0)));
    }
    assert!(rows.len() > 14, "the catalogue was read: {rows:?}");
    for (table, condition) in &rows {
        let there: i64 = sqlx::query_scalar(AssertSqlSafe(format!(
            "select count(*) from {table} where {condition}"
        )))
        .fetch_one(&scene.world.owner)
        .await
        .expect("the owner of the database sees it");
        assert!(there > 0, "{table} has no row to look for");
        for (who, permit) in &scene.strangers().await {
            let seen = scene
                .count(
                    permit,
                    format!("select count(*) from {table} where {condition}"),
                )
                .await;
            assert_eq!(seen, 0, "{who} sees {table}");
            let changed = scene
                .changed(
                    permit,
                    format!("update {table} set tenant_id = tenant_id where {condition}"),
                )
                .await;
            assert_eq!(changed, 0, "{who} changes {table}");
            let removed = scene
                .changed(permit, format!("delete from {table} where {condition}"))
                .await;
            assert_eq!(removed, 0, "{who} removes from {table}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn its_own_enterprise_and_branch_do_see_it() {
    let scene = scene().await;
    let city = scene.world.cangzhou.id;
    let sql = || "select count(*) from financing_applications".to_owned();
    for permit in [
        scene.enterprise_permit(&scene.owner, city).await,
        scene.branch_permit(scene.branch, city).await,
        Guard::job(city, Arc::from([city])),
    ] {
        assert_eq!(scene.count(&permit, sql()).await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_neither_takes_over_nor_passes_on_nor_invents_an_application() {
    let scene = scene().await;
    let permit = scene
        .branch_permit(scene.branch, scene.world.cangzhou.id)
        .await;
    let id = scene.application.0;
    let attempts = [
        // The trigger and the policy both stand in the way; either is a refusal.
        format!(
            "update financing_applications set tenant_id = '{}' where id = '{id}'",
            scene.branch
        ),
        format!(
            "update financing_applications set handler_tenant_id = '{}', tenant_id = tenant_id where id = '{id}'",
            scene.sibling_branch
        ),
        format!(
            "insert into financing_applications select (jsonb_populate_record(null::financing_applications,
               to_jsonb(a) || jsonb_build_object('id', gen_random_uuid(), 'application_no', 'PO20990101999'))).*
             from financing_applications a where id = '{id}'"
        ),
    ];
    for sql in attempts {
        let mut work = scene.world.parts.pg.open(&permit).await.expect("it opens");
        // AssertSqlSafe: UUIDs printed by their type.
        let refused = work.connection().execute(AssertSqlSafe(sql.clone())).await;
        assert!(refused.is_err(), "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_of_a_row_never_changes_even_for_the_owner_of_the_database() {
    let scene = scene().await;
    let refused = sqlx::query("update financing_applications set tenant_id = $1")
        .bind(scene.world.other.id.0)
        .execute(&scene.world.owner)
        .await
        .expect_err("the trigger stands in the way");
    assert!(refused.to_string().contains("never changes"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_names_a_branch_is_seen_by_no_bank() {
    let scene = scene().await;
    sqlx::query("update financing_applications set stage = 'draft', application_no = null, submitted_at = null")
        .execute(&scene.world.owner)
        .await
        .expect("it is a draft now");
    let city = scene.world.cangzhou.id;
    let sql = || "select count(*) from financing_applications".to_owned();
    let bank = scene.branch_permit(scene.branch, city).await;
    assert_eq!(scene.count(&bank, sql()).await, 0);
    let own = scene.enterprise_permit(&scene.owner, city).await;
    assert_eq!(scene.count(&own, sql()).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn sql_that_forgot_its_tenant_sees_nothing_under_any_hat() {
    let scene = scene().await;
    let tables = tables_with(&scene.world, "tenant_id").await;
    for hat in ["tenant_rw", "enterprise_rw", "visitor_ro", "province_ro"] {
        for table in &tables {
            // AssertSqlSafe: names of the catalogue.
            let mut tx = scene
                .world
                .parts
                .pool
                .begin_with(AssertSqlSafe(format!("begin; set local role {hat}")))
                .await
                .expect("the hat fits");
            let seen: Result<i64, sqlx::Error> =
                sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from {table}")))
                    .fetch_one(&mut *tx)
                    .await;
            match seen {
                Ok(seen) => assert_eq!(seen, 0, "{hat} without a tenant sees {table}"),
                Err(error) => assert!(
                    error.to_string().contains("permission denied"),
                    "{table}: {error}"
                ),
            }
        }
    }
}

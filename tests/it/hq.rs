//! Headquarters: how the whole bank stands, dispatches, looks again, and decides.

mod appeals;
mod board;
mod corrections;
mod dispatch;
mod moves;
mod results;
mod rules;
mod settings;

use domain::ids::{FinancingApplicationId, ProductId, TenantId};
use journeys::{Answer, EnterpriseFixture, StaffFixture, World};

/// Two branches that carry the product, one that does not, people in all of them, and another bank.
struct Scene {
    world: World,
    bank: TenantId,
    canal: TenantId,
    xinhua: TenantId,
    without: TenantId,
    product: ProductId,
    owner: EnterpriseFixture,
    admin: StaffFixture,
    second_admin: StaffFixture,
    hq_approver: StaffFixture,
    clerk: StaffFixture,
    xinhua_clerk: StaffFixture,
    stranger: StaffFixture,
    application: FinancingApplicationId,
}

async fn scene() -> Scene {
    let world = World::new().await;
    let bank = world.bank("沧海惠民银行").await;
    let canal = world.branch(bank, "沧海惠民银行运河支行").await;
    let xinhua = world.branch(bank, "沧海惠民银行新华支行").await;
    let without = world.branch(bank, "沧海惠民银行青县支行").await;
    let product = world.product(bank, "惠民抵押贷", &[canal, xinhua]).await;
    let other_bank = world.bank("狮城商业银行").await;
    world.branch(other_bank, "狮城商业银行运河支行").await;
    let owner = world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    let admin = world.staff(bank, "梁承宇", &["ha"]).await;
    let second_admin = world.staff(bank, "苏启明", &["ha"]).await;
    let hq_approver = world.staff(bank, "温如岚", &["hp"]).await;
    let clerk = world.staff(canal, "钱云诚", &["bm"]).await;
    let xinhua_clerk = world.staff(xinhua, "时嘉宁", &["bm"]).await;
    let stranger = world.staff(other_bank, "简书越", &["ha", "hp"]).await;
    // What weighs wants a fresh proof (S-41); the clock stands still, so these stay fresh.
    for person in [&admin, &second_admin, &hq_approver] {
        person.browser.prove().await;
    }
    let application = world
        .submitted_application(&owner, bank, canal, product)
        .await;
    Scene {
        world,
        bank,
        canal,
        xinhua,
        without,
        product,
        owner,
        admin,
        second_admin,
        hq_approver,
        clerk,
        xinhua_clerk,
        stranger,
        application,
    }
}

impl Scene {
    fn path(&self, rest: &str) -> String {
        format!("/branch/applications/{}{rest}", self.application)
    }

    async fn number(&self) -> String {
        self.one("select application_no from financing_applications where id = $1")
            .await
    }

    async fn stage(&self) -> String {
        self.one("select stage from financing_applications where id = $1")
            .await
    }

    async fn one(&self, sql: &'static str) -> String {
        sqlx::query_scalar(sql)
            .bind(self.application.0)
            .fetch_one(&self.world.owner)
            .await
            .expect("it is there")
    }

    async fn arrange(&self, sql: &'static str) {
        sqlx::query(sql)
            .bind(self.application.0)
            .bind(self.world.parts.clock.now())
            .execute(&self.world.owner)
            .await
            .expect("it is arranged");
    }

    async fn another(&self, branch: TenantId) -> FinancingApplicationId {
        self.world
            .submitted_application(&self.owner, self.bank, branch, self.product)
            .await
    }
}

/// The words of the row of a table that names something.
fn row(page: &Answer, name: &str) -> String {
    let text = page.text();
    text.split("<tr")
        .skip(1)
        .find(|row| row.contains(name))
        .and_then(|row| row.split("</tr>").next())
        .unwrap_or_else(|| panic!("{name} has no row:\n{text}"))
        .to_owned()
}

/// Posts a deed from its opened form.
async fn step(
    browser: &journeys::Browser,
    form: &Answer,
    path: &str,
    fields: &[(&str, &str)],
    action: &str,
) -> Answer {
    let version = form.input("version").unwrap_or_default();
    let mut all = vec![("version", version.as_str()), ("_action", action)];
    all.extend_from_slice(fields);
    browser.submit_from(form, path, &all).await
}

impl Scene {
    /// Opens the form of a deed, checks it, and does it.
    async fn deed(&self, who: &StaffFixture, deed: &str, fields: &[(&str, &str)]) -> Answer {
        let path = self.path(deed);
        let form = who.browser.get(&path).await.expect(200);
        step(&who.browser, &form, &path, fields, "")
            .await
            .expect(200);
        step(&who.browser, &form, &path, fields, "confirm").await
    }

    async fn deliver(&self) {
        yijianrong::workers::Workers::new(&self.world.parts)
            .deliver_once()
            .await
            .expect("it runs");
    }

    /// Titles in the box of a node, or of the enterprise.
    async fn titles(&self, tenant: TenantId, enterprise: bool) -> Vec<String> {
        sqlx::query_scalar(
            "select title from messages where tenant_id = $1 and (enterprise_id is not null) = $2",
        )
        .bind(tenant.0)
        .bind(enterprise)
        .fetch_all(&self.world.owner)
        .await
        .expect("the box is there")
    }

    /// 拒单 by the clerk of the branch.
    async fn give_back(&self) {
        self.came_back("decline_intake", "钱云诚", "企业不在本支行服务区域。")
            .await;
    }

    /// 退回机构, by a person or, without a name, by the clock.
    async fn came_back(&self, kind: &str, by: &str, note: &str) {
        sqlx::query(
            "with back as (update financing_applications set stage = 'returned_to_hq', version = version + 1 where id = $1
               returning tenant_id, id, version, handler_tenant_id)
             insert into application_events (id, tenant_id, application_id, seq, kind, from_stage, to_stage, actor_kind, actor_role,
               handler_tenant_id, actor_name, note, at)
             select gen_random_uuid(), tenant_id, id, version, $3, 'submitted', 'returned_to_hq', 'staff', 'bm', handler_tenant_id,
               $4, $5, $2
             from back",
        )
        .bind(self.application.0)
        .bind(self.world.parts.clock.now())
        .bind(kind)
        .bind(by)
        .bind(note)
        .execute(&self.world.owner)
        .await
        .expect("it came back");
    }

    async fn accept(&self) {
        let page = self.path("/accept");
        self.clerk
            .browser
            .submit(&page, &page, &[("_action", "confirm")])
            .await
            .expect(303);
    }
}

impl Scene {
    /// Refused yesterday by the branch, in one step.
    async fn refuse(&self) {
        self.arrange(
            "update financing_applications set stage = 'rejected', ever_accepted = true, version = version + 1,
               decided_at = $2 - interval '1 day', due_at = null, reason_codes = '{}', review_opinion = '流水不足。',
               approved_amount_cents = null where id = $1",
        )
        .await;
        sqlx::query(
            "insert into consents (id, tenant_id, enterprise_id, user_id, agreement_code, agreement_version, agreement_title,
               body_hash, purpose, application_id, channel, granted_at)
             select gen_random_uuid(), tenant_id, enterprise_id, created_by, 'enterprise_credit', '1', '授权书', '\\x00', 'apply', id,
               'web', now() from financing_applications where id = $1",
        )
        .bind(self.application.0)
        .execute(&self.world.owner)
        .await
        .expect("the consent is there");
    }

    /// The enterprise asked for 复议.
    async fn appeal(&self) {
        sqlx::query(
            "insert into reconsiderations (tenant_id, application_id, facts, asked_by, asked_name, asked_at)
             select tenant_id, id, '上月新签订单 800 万元，流水已补。', created_by, '顾屹舟', $2
             from financing_applications where id = $1",
        )
        .bind(self.application.0)
        .bind(self.world.parts.clock.now())
        .execute(&self.world.owner)
        .await
        .expect("it was asked");
    }

    /// The bank decides in these steps.
    async fn steps(&self, steps: &[&str]) {
        let steps: Vec<String> = steps.iter().map(|s| (*s).to_owned()).collect();
        sqlx::query("insert into bank_settings (tenant_id, approval_steps, updated_by, updated_at) values ($1, $2, $3, now())")
            .bind(self.bank.0)
            .bind(steps)
            .bind(self.admin.user.0)
            .execute(&self.world.owner)
            .await
            .expect("it is set");
    }

    /// Opens the form of a matter at its own address, checks it, and does it.
    async fn matter(&self, who: &StaffFixture, path: &str, fields: &[(&str, &str)]) -> Answer {
        let form = who.browser.get(path).await.expect(200);
        step(&who.browser, &form, path, fields, "")
            .await
            .expect(200);
        step(&who.browser, &form, path, fields, "confirm").await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_fresh_proof_nothing_that_weighs_is_settled() {
    let scene = scene().await;
    scene.refuse().await;
    scene.appeal().await;
    scene.world.clock.advance(time::Duration::minutes(6));
    let path = format!("/hq/appeals/{}", scene.application);
    let asked = scene.hq_approver.browser.get(&path).await.expect(303);
    assert!(
        asked.location().starts_with("/staff/prove"),
        "{}",
        asked.location()
    );
    let own = scene.admin.browser.get("/hq/settings").await.expect(200);
    let fields = [("step1", "ba"), ("step2", "hp")];
    let asked = scene
        .admin
        .browser
        .submit_from(&own, "/hq/settings", &fields)
        .await
        .expect(307);
    assert!(asked.location().starts_with("/staff/prove"));
    let waiting = "select count(*)::text from bank_settings_changes where $1::uuid is not null";
    assert_eq!(scene.one(waiting).await, "0");
}

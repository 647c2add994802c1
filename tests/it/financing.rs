//! 需求申请 to 融资需求管理 (F-4, F-5, F-8, F-11), and what may go wrong on the way.

mod applying;
mod away;
mod ending;
mod frozen;
mod list;
mod notices;
mod numbers;
mod renewal;
mod second_chance;
mod size;
mod supplement;
mod supplement_files;

use application::access::{Actor, Origin};
use domain::{
    ids::{FinancingApplicationId, ProductId, TenantId},
    tenant::{Role, TenantKind},
};
use journeys::{Answer, Browser, EnterpriseFixture, World};
use uuid::Uuid;
use yijianrong::workers::Workers;

struct Scene {
    world: World,
    bank: TenantId,
    branch: TenantId,
    product: ProductId,
    enterprise: EnterpriseFixture,
}

async fn scene() -> Scene {
    let world = World::new().await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let product = world.product(bank, "惠民抵押贷", &[branch]).await;
    let enterprise = world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    Scene {
        world,
        bank,
        branch,
        product,
        enterprise,
    }
}

impl Scene {
    fn form(&self) -> String {
        format!("/enterprise/apply/{}", self.product)
    }

    fn check(&self) -> String {
        format!("{}/check", self.form())
    }

    fn submit(&self) -> String {
        format!("{}/submit", self.form())
    }

    async fn read_texts(&self, browser: &Browser) {
        for agreement in self.world.cangzhou.ticked_on("apply") {
            let page = format!("/agreements/{}", agreement.code);
            browser.get(&page).await.expect(200);
        }
    }

    async fn fill(&self, browser: &Browser, changed: &[(&str, &str)]) -> Answer {
        let branch = self.branch.to_string();
        let mut fields = vec![
            ("amount", "300"),
            ("term", "3"),
            ("rate", "3.75"),
            ("branch", branch.as_str()),
            ("agree_register", "1"),
            ("agree_enterprise_credit", "1"),
        ];
        for (name, value) in changed {
            fields.retain(|(field, _)| field != name);
            if *value != "-" {
                fields.push((name, value));
            }
        }
        browser.submit(&self.form(), &self.form(), &fields).await
    }

    /// From the form to the check page; nothing is submitted yet.
    async fn ready_to_confirm(&self, browser: &Browser) -> Answer {
        self.read_texts(browser).await;
        let saved = self.fill(browser, &[]).await.expect(303);
        assert_eq!(saved.location(), self.check());
        browser.get(&self.check()).await.expect(200)
    }

    async fn confirm(&self, browser: &Browser, check: &Answer) -> Answer {
        let draft = check.input("draft").expect("the draft is named");
        let version = check.input("version").expect("its version is named");
        let fields = [("draft", draft.as_str()), ("version", version.as_str())];
        browser.submit_from(check, &self.submit(), &fields).await
    }

    /// A submitted request; answers its id.
    async fn submitted(&self) -> FinancingApplicationId {
        let browser = &self.enterprise.browser;
        let check = self.ready_to_confirm(browser).await;
        let done = self.confirm(browser, &check).await.expect(303);
        id_of(done.location())
    }

    async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql)
            .fetch_one(&self.world.owner)
            .await
            .expect("it counts")
    }

    async fn stage(&self, id: FinancingApplicationId) -> String {
        sqlx::query_scalar("select stage from financing_applications where id = $1")
            .bind(id.0)
            .fetch_one(&self.world.owner)
            .await
            .expect("it is there")
    }

    async fn run(&self, sql: &'static str) {
        sqlx::query(sql)
            .execute(&self.world.owner)
            .await
            .expect("the statement runs");
    }

    fn workers(&self) -> Workers {
        Workers::new(&self.world.parts)
    }

    fn actor(&self) -> Actor {
        Actor {
            user: self.enterprise.user,
            name: "顾屹舟".to_owned(),
            tenant: self.world.cangzhou.id,
            tenant_kind: TenantKind::City,
            tenant_name: self.world.cangzhou.name.clone(),
            city: self.world.cangzhou.id,
            reach: [self.world.cangzhou.id].into(),
            enterprise: Some(self.enterprise.id),
            roles: vec![Role::EnterpriseOwner],
            session: Uuid::nil(),
            from: Origin {
                channel: "web",
                ..Origin::default()
            },
        }
    }
}

fn id_of(location: &str) -> FinancingApplicationId {
    let id = location.split('/').nth(3).unwrap_or_default();
    FinancingApplicationId(id.parse().expect("the address names the request"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sibling_sees_the_same_bytes_as_for_what_never_was() {
    let scene = scene().await;
    let id = scene.submitted().await;
    let sibling = scene
        .world
        .ready_enterprise("沧州市渤沃宸化工新材料有限公司", "19900002074")
        .await;
    for tail in ["", "/withdraw", "/supplement", "/submitted", "/print"] {
        let theirs = sibling
            .browser
            .get(&format!("/enterprise/applications/{id}{tail}"))
            .await
            .expect(404);
        let nobodys = sibling
            .browser
            .get(&format!(
                "/enterprise/applications/{}{tail}",
                Uuid::new_v4()
            ))
            .await
            .expect(404);
        let bare = |answer: &Answer| {
            let id = answer
                .headers
                .get("x-request-id")
                .and_then(|v| v.to_str().ok())
                .unwrap_or("?")
                .to_owned();
            let path = answer.text();
            path.replace(&id, "")
                .split("back=")
                .map(|part| part.split('"').skip(1).collect::<String>())
                .collect::<String>()
        };
        assert_eq!(bare(&theirs), bare(&nobodys), "{tail}");
    }
}

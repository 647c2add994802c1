//! One request in the hands of one branch, with everybody who hears of its clocks.

use application::{
    access::{Actor, Origin},
    financing::{AskInput, SubmitApplication},
    ports::sessions::SessionKind,
};
use domain::{
    ids::{FinancingApplicationId, ProductId, TenantId},
    tenant::{Role, TenantKind},
};
use journeys::{Answer, Browser, EnterpriseFixture, StaffFixture, World};
use time::OffsetDateTime;
use uuid::Uuid;
use yijianrong::{wire, workers::Workers};

pub struct Scene {
    pub world: World,
    pub bank: TenantId,
    pub branch: TenantId,
    pub product: ProductId,
    pub enterprise: EnterpriseFixture,
    pub clerk: StaffFixture,
    pub head: StaffFixture,
    pub supervisor: StaffFixture,
}

/// The scene, and two operators of its city who decide together.
pub struct TwoOperators {
    pub scene: Scene,
    pub first: StaffFixture,
    pub second: StaffFixture,
}

impl TwoOperators {
    pub async fn of(scene: Scene) -> Self {
        let city = scene.world.cangzhou.id;
        let first = scene.world.staff(city, "宋知远", &["op"]).await;
        let second = scene.world.staff(city, "卫之行", &["op"]).await;
        Self {
            scene,
            first,
            second,
        }
    }

    /// A browser of one of them who just proved who it is.
    pub async fn proven(&self, who: &StaffFixture) -> Browser {
        let browser = self.scene.fresh(who).await;
        browser.prove().await;
        browser
    }

    /// What one of them does about the change that waits on a page of 平台设置.
    pub async fn settle(&self, page: &str, who: &StaffFixture, with: &str) -> Answer {
        let browser = self.proven(who).await;
        let form = browser.get(page).await.expect(200);
        let change = form.input("change").expect("a change waits");
        let fields = [("change", change.as_str()), ("_action", with)];
        browser.submit_from(&form, page, &fields).await
    }
}

pub async fn scene() -> Scene {
    scene_in(World::new().await).await
}

pub async fn scene_in(world: World) -> Scene {
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let product = world.product(bank, "惠民抵押贷", &[branch]).await;
    let enterprise = world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    let city = world.cangzhou.id;
    Scene {
        clerk: world.staff(branch, "钱云诚", &["bm"]).await,
        head: world.staff(branch, "沈若谷", &["bh"]).await,
        supervisor: world.staff(city, "米嘉禾", &["os"]).await,
        world,
        bank,
        branch,
        product,
        enterprise,
    }
}

impl Scene {
    pub fn workers(&self) -> Workers {
        Workers::new(&self.world.parts)
    }

    pub async fn tick(&self) -> usize {
        self.workers().tick_once().await.expect("it runs")
    }

    /// Everything that is due in the outbox, what it leads to included.
    pub async fn deliver(&self) {
        while self.workers().deliver_once().await.expect("it runs") > 0 {}
    }

    pub fn owner_actor(&self) -> Actor {
        let city = &self.world.cangzhou;
        Actor {
            user: self.enterprise.user,
            name: "顾屹舟".to_owned(),
            tenant: city.id,
            tenant_kind: TenantKind::City,
            tenant_name: city.name.clone(),
            city: city.id,
            reach: [city.id].into(),
            enterprise: Some(self.enterprise.id),
            roles: vec![Role::EnterpriseOwner],
            session: Uuid::nil(),
            from: Origin {
                channel: "web",
                ..Origin::default()
            },
        }
    }

    /// Submitted now, through the rooms that the pages use.
    pub async fn submitted(&self) -> FinancingApplicationId {
        let rooms = wire::financing::financing(&self.world.parts);
        let agreements = self.world.cangzhou.ticked_on("apply");
        let agreed: Vec<String> = agreements.iter().map(|a| a.code.clone()).collect();
        let actor = self.owner_actor();
        let ask = AskInput {
            product: self.product,
            amount: "300".to_owned(),
            term: "3".to_owned(),
            rate: "3.75".to_owned(),
            branch: self.branch.to_string(),
            agreed: agreed.clone(),
            opened: agreed,
            again: None,
            renews: None,
        };
        let saved = rooms.save(&actor, ask).await.expect("it is saved");
        let click = SubmitApplication {
            draft: saved.application,
            version: 1,
            confirm_duplicate: true,
            key: Uuid::new_v4().to_string(),
            body_hash: [0; 32],
        };
        rooms.submit(&actor, click).await.expect("it is submitted");
        saved.application
    }

    /// Submitted at another moment; the clock stays there.
    pub async fn submitted_at(&self, at: OffsetDateTime) -> FinancingApplicationId {
        self.world.clock.set(at);
        self.submitted().await
    }

    /// A browser of this person whose session began now.
    pub async fn fresh(&self, staff: &StaffFixture) -> Browser {
        self.world
            .signed_in(staff.user, SessionKind::Staff, "cangzhou.localhost")
            .await
    }

    pub async fn fresh_owner(&self) -> Browser {
        self.world
            .signed_in(
                self.enterprise.user,
                SessionKind::Enterprise,
                "cangzhou.localhost",
            )
            .await
    }

    pub async fn accepted(&self) -> FinancingApplicationId {
        let id = self.submitted().await;
        let page = format!("/branch/applications/{id}/accept");
        let browser = self.fresh(&self.clerk).await;
        browser
            .submit(&page, &page, &[("_action", "confirm")])
            .await
            .expect(303);
        id
    }

    pub async fn stage(&self, id: FinancingApplicationId) -> String {
        sqlx::query_scalar("select stage from financing_applications where id = $1")
            .bind(id.0)
            .fetch_one(&self.world.owner)
            .await
            .expect("it is there")
    }

    pub async fn run(&self, sql: &'static str) {
        sqlx::query(sql)
            .execute(&self.world.owner)
            .await
            .expect("the statement runs");
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql)
            .fetch_one(&self.world.owner)
            .await
            .expect("it counts")
    }

    /// Titles in somebody's box, oldest first.
    pub async fn titles(&self, node: TenantId, of_enterprise: bool) -> Vec<String> {
        sqlx::query_scalar(
            "select title from messages where tenant_id = $1 and (enterprise_id is not null) = $2 order by created_at, title",
        )
        .bind(node.0)
        .bind(of_enterprise)
        .fetch_all(&self.world.owner)
        .await
        .expect("they are read")
    }

    /// Texts that went to phones, oldest first.
    pub async fn texts(&self) -> Vec<String> {
        sqlx::query_scalar("select text from demo_inbox order by at, id")
            .fetch_all(&self.world.owner)
            .await
            .expect("they are read")
    }
}

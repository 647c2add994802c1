//! 贴息补贴 (W20, G5): applied for from a loan that a policy is for, decided by two people, paid once, and told of month by month.

mod applying;
mod effects;
mod listing;
mod rules;

use domain::ids::FinancingApplicationId;
use journeys::{Answer, Browser, EnterpriseFixture, StaffFixture};
use uuid::Uuid;

use crate::clocks::scene::{Scene, scene};

const OWN: &str = "/enterprise/subsidies";
const CITY: &str = "/operator/subsidies";
const EFFECTS: &str = "/operator/policies";
const ACCOUNT: &str = "6222000011112345";

/// A policy that any confirmed loan of 2026 meets: 1.5 % a year, at most 50,000 yuan.
const OPEN: &str = r#"{"kind": "rate", "rate": 150, "months_most": 12, "fixed_cents": null, "cap_cents": 5000000, "guarantees": [],
  "months_min": null, "months_max": null, "amount_max_cents": null, "from": "2026-01-01", "until": "2026-12-31"}"#;

/// An enterprise with a request that was granted, and two operators who have just proved themselves.
struct Case {
    scene: Scene,
    application: FinancingApplicationId,
    first: StaffFixture,
    second: StaffFixture,
}

async fn case() -> Case {
    let scene = scene().await;
    let city = scene.world.cangzhou.id;
    let first = scene.world.staff(city, "宋知远", &["op"]).await;
    let second = scene.world.staff(city, "卫之行", &["op"]).await;
    for one in [&first, &second] {
        one.browser.prove().await;
    }
    let application = granted(&scene, &scene.enterprise).await;
    Case {
        scene,
        application,
        first,
        second,
    }
}

/// A request of this enterprise that is drawn on.
async fn granted(scene: &Scene, of: &EnterpriseFixture) -> FinancingApplicationId {
    let (bank, branch, product) = (scene.bank, scene.branch, scene.product);
    let id = scene
        .world
        .submitted_application(of, bank, branch, product)
        .await;
    sqlx::query(
        "update financing_applications set stage = 'disbursed', ever_accepted = true, accepted_at = submitted_at,
           decided_at = submitted_at, due_at = null, draws = 1, approved_amount_cents = 300000000, drawn_cents = 100000000
         where id = $1",
    )
    .bind(id.0)
    .execute(&scene.world.owner)
    .await
    .expect("it is granted");
    id
}

/// Opens a page with one form and posts it, with what it shows in its hidden fields.
async fn press(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    let form = browser.get(path).await.expect(200);
    press_from(browser, &form, path, fields).await
}

async fn press_from(
    browser: &Browser,
    form: &Answer,
    path: &str,
    fields: &[(&str, &str)],
) -> Answer {
    let hidden = ["shown", "version"].map(|name| (name, form.input(name)));
    let mut all: Vec<(&str, &str)> = Vec::new();
    for (name, value) in &hidden {
        if let Some(value) = value {
            all.push((*name, value.as_str()));
        }
    }
    all.extend_from_slice(fields);
    browser.submit_from(form, path, &all).await
}

fn id_in(answer: &Answer) -> Uuid {
    let last = answer.location().rsplit('/').next();
    let id = last.and_then(|id| id.split('?').next());
    id.and_then(|id| id.parse().ok())
        .expect("it names the claim")
}

/// What the form of an application is filled with.
const FILLED: [(&str, &str); 3] = [
    ("account_bank", "狮城商业银行运河支行"),
    ("account_no", ACCOUNT),
    ("declared", "1"),
];

impl Case {
    /// A published policy with these rules.
    async fn policy(&self, title: &str, delivery: &str, terms: &str) -> Uuid {
        let id = Uuid::new_v4();
        let now = self.scene.world.parts.clock.now();
        sqlx::query(
            "insert into articles (id, tenant_id, city_id, kind, title, issuer, delivery, body, published_at, visible_from, subsidy)
             values ($1, $2, $2, 'policy', $3, '财政工作主管部门', $4, '正文', $5, $5, $6::jsonb)",
        )
        .bind(id)
        .bind(self.scene.world.cangzhou.id.0)
        .bind(title)
        .bind(delivery)
        .bind(now)
        .bind(terms)
        .execute(&self.scene.world.owner)
        .await
        .expect("the policy is there");
        id
    }

    /// A draw of a million yuan on this day, due a year later, confirmed.
    async fn draw(&self, number: i32, on: &str) -> Uuid {
        draw(&self.scene, self.application, number, on).await
    }

    fn loan(&self) -> String {
        format!("/enterprise/applications/{}/loan", self.application)
    }

    fn form(&self, draw: Uuid, policy: Uuid) -> String {
        format!("{}/{draw}/subsidies/{policy}", self.loan())
    }

    /// Applied for by the enterprise.
    async fn filed(&self, draw: Uuid, policy: Uuid) -> Uuid {
        let form = self.form(draw, policy);
        let filed = press(&self.scene.enterprise.browser, &form, &FILLED).await;
        id_in(&filed.expect(303))
    }

    async fn deed(&self, who: &StaffFixture, claim: Uuid, deed: &str, more: &[(&str, &str)]) {
        let path = format!("{CITY}/{claim}/{deed}");
        press(&who.browser, &path, more).await.expect(303);
    }

    /// Agreed on by both operators.
    async fn approved(&self, draw: Uuid, policy: Uuid) -> Uuid {
        let claim = self.filed(draw, policy).await;
        self.deed(&self.first, claim, "propose", &[]).await;
        self.deed(&self.second, claim, "approve", &[]).await;
        claim
    }

    async fn status(&self, claim: Uuid) -> String {
        sqlx::query_scalar("select status from subsidy_claims where id = $1")
            .bind(claim)
            .fetch_one(&self.scene.world.owner)
            .await
            .expect("it is there")
    }

    /// What the enterprise, or the city, was told, after everything went out.
    async fn heard(&self, of_enterprise: bool) -> Vec<String> {
        self.scene.deliver().await;
        let city = self.scene.world.cangzhou.id;
        self.scene.titles(city, of_enterprise).await
    }
}

async fn draw(scene: &Scene, of: FinancingApplicationId, number: i32, on: &str) -> Uuid {
    let id = Uuid::new_v4();
    sqlx::query(
        "insert into disbursements (id, tenant_id, application_id, number, amount_cents, rate, drawn_on, due_on, contract_no, source,
           at, confirmed_at)
         select $1, tenant_id, id, $3, 100000000, 375, $4::date, ($4::date + interval '1 year')::date, 'HT-' || $3, 'form', $5, $5
         from financing_applications where id = $2",
    )
    .bind(id)
    .bind(of.0)
    .bind(number)
    .bind(on)
    .bind(scene.world.parts.clock.now())
    .execute(&scene.world.owner)
    .await
    .expect("it is drawn");
    id
}

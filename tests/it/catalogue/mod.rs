//! Products by the bank, review by the city: price before data, versions that stay, nobody but the bank writes.

mod form;
mod holds;
mod market;
mod review;
mod shelf;
mod taken_back;

use domain::ids::{ProductId, TenantId};
use journeys::{Answer, Browser, StaffFixture, World};

struct Scene {
    world: World,
    bank: TenantId,
    branch: TenantId,
    ha: StaffFixture,
    op: StaffFixture,
}

async fn scene() -> Scene {
    let world = World::new().await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let ha = world.staff(bank, "简书越", &["ha"]).await;
    let op = world.staff(world.cangzhou.id, "宋知远", &["op"]).await;
    Scene {
        world,
        bank,
        branch,
        ha,
        op,
    }
}

/// A complete form; the branches are added by whoever fills it.
const FORM: [(&str, &str); 19] = [
    ("product_name", "园区设备贷"),
    ("financing_type", "working_capital_loan"),
    ("guarantee", "mortgage"),
    ("amount_min", "10"),
    ("amount_max", "300"),
    ("term_min", "1"),
    ("term_max", "3"),
    ("term_unit", "year"),
    ("rate_term", "annual_rate"),
    ("rate_type", "fixed"),
    ("rate_min", "3.60"),
    ("rate_max", "4.20"),
    ("repayment", "equal_installment"),
    ("fee_kind", "listed"),
    ("fees", "评估费：由机构承担"),
    ("conditions", "在沧州市内登记满 1 年\n纳税信用良好"),
    ("industries", "C"),
    ("rule_capital", "100"),
    ("rule_years", "2"),
];

fn changed<'a>(name: &str, value: &'a str) -> Vec<(&'a str, &'a str)>
where
    'static: 'a,
{
    FORM.iter()
        .map(|(n, v)| if *n == name { (*n, value) } else { (*n, *v) })
        .collect()
}

impl Scene {
    /// Fills the form at `path` and presses `action`.
    async fn write(&self, path: &str, fields: &[(&str, &str)], action: &str) -> Answer {
        let form = self.ha.browser.get(path).await.expect(200);
        let revision = form.input("revision").unwrap_or_default();
        let branch = self.branch.to_string();
        let mut all = vec![
            ("revision", revision.as_str()),
            ("branches", branch.as_str()),
            ("_action", action),
        ];
        all.extend_from_slice(fields);
        self.ha.browser.submit_from(&form, path, &all).await
    }

    /// A new product that waits for the city.
    async fn submitted(&self) -> ProductId {
        let saved = self.write("/hq/products/new", &FORM, "submit").await;
        let to = saved.expect(303).location().to_owned();
        assert!(to.ends_with("/submit"), "{to}");
        press(&self.ha.browser, &to, &[]).await.expect(303);
        let id = to.split('/').nth(3).and_then(|id| id.parse().ok());
        ProductId(id.expect("the address names the product"))
    }

    async fn published(&self) -> ProductId {
        let id = self.submitted().await;
        let path = format!("/operator/products/{id}/publish");
        press(&self.op.browser, &path, &[]).await.expect(303);
        let public = format!("/market/{id}");
        once_heard(&self.world.browser(), &public, |a| a.status == 200).await;
        id
    }

    async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql)
            .fetch_one(&self.world.owner)
            .await
            .expect("it counts")
    }
}

/// Asks until the catalogue has heard of the change, as its listener does between two visits.
async fn once_heard(browser: &Browser, path: &str, is: impl Fn(&Answer) -> bool) -> Answer {
    for _ in 0..2_000 {
        let answer = browser.get(path).await;
        if is(&answer) {
            return answer;
        }
        tokio::task::yield_now().await;
    }
    panic!("{path} was never told of the change");
}

/// Opens a page with one form and posts it, with the revision that it shows.
async fn press(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    let form = browser.get(path).await.expect(200);
    let revision = form.input("revision").unwrap_or_default();
    let mut all = vec![("revision", revision.as_str())];
    all.extend_from_slice(fields);
    browser.submit_from(&form, path, &all).await
}

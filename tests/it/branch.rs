//! The branch's half of the main job: queue, acceptance, masked data, and the decision.

mod accepting;
mod deciding;
mod dossier;
mod lists;
mod supplement;
mod telling;

use std::sync::LazyLock;

use application::ports::{
    dossiers::{DossierFacts, DossierFile},
    files::FileKey,
};
use domain::ids::{FileId, FinancingApplicationId, TenantId};
use journeys::{Answer, Browser, EnterpriseFixture, StaffFixture, World};
use uuid::Uuid;

const LEGAL_ID: &str = "130925188703160119";

const PHONE: &str = "19900002037";

const ADDRESS: &str = "盐山县庆云镇装备大街 108 号";

const EMAIL: &str = "finance@hanyuelan.example";

/// The licence of every scene, drawn once.
static LICENCE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    media::sample_card("营业执照", &["名称：某某公司".into()])
        .expect("drawn")
        .jpeg
});

pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) bank: TenantId,
    pub(crate) branch: TenantId,
    pub(crate) product: domain::ids::ProductId,
    pub(crate) owner: EnterpriseFixture,
    pub(crate) clerk: StaffFixture,
    pub(crate) second_clerk: StaffFixture,
    pub(crate) approver: StaffFixture,
    pub(crate) application: FinancingApplicationId,
    pub(crate) file: Uuid,
}

pub(crate) async fn scene() -> Scene {
    let world = World::new().await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let product = world.product(bank, "惠民抵押贷", &[branch]).await;
    let owner = world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", PHONE)
        .await;
    let clerk = world.staff(branch, "钱云诚", &["bm"]).await;
    let second_clerk = world.staff(branch, "时嘉宁", &["bm"]).await;
    let approver = world.staff(branch, "邬志航", &["ba"]).await;
    let application = world
        .submitted_application(&owner, bank, branch, product)
        .await;
    let mut scene = Scene {
        world,
        bank,
        branch,
        product,
        owner,
        clerk,
        second_clerk,
        approver,
        application,
        file: Uuid::nil(),
    };
    scene.file = scene.papers().await;
    scene
}

impl Scene {
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/branch/applications/{}{rest}", self.application)
    }

    /// What a submission hands over: log, dossier, a picture, a consent.
    pub(crate) async fn papers(&self) -> Uuid {
        let city = self.world.cangzhou.id;
        let parts = &self.world.parts;
        let facts = DossierFacts {
            company_name: self.owner.name.clone(),
            unified_social_credit_code: "91130925PDY009110X".into(),
            registered_capital_cents: Some(5_000_000_000),
            legal_representative: "顾屹舟".into(),
            legal_id: LEGAL_ID.into(),
            contact_phone: PHONE.into(),
            region: "河北省沧州市盐山县庆云镇".into(),
            county: "河北省沧州市盐山县".into(),
            industry: "第二产业 / 金属制品业".into(),
            address: ADDRESS.into(),
            email: EMAIL.into(),
            first_loan: true,
            size: None,
        };
        let full = serde_json::to_vec(&facts).expect("plain data");
        let sealed = parts
            .sealer
            .seal(&DossierFacts::place(city, self.application), &full)
            .expect("it seals");
        let file = Uuid::new_v4();
        let object = parts
            .sealer
            .seal(&DossierFile::place(city, FileId(file)), &LICENCE)
            .expect("it seals");
        let key: FileKey = parts.files.put(city.0, object).await.expect("it is kept");
        let owner = &self.world.owner;
        let app = self.application.0;
        for (seq, kind, stage) in [(1, "save_draft", "draft"), (2, "submit", "submitted")] {
            sqlx::query(
                "insert into application_events (id, tenant_id, application_id, seq, kind, to_stage, actor_kind, actor_role, at)
                 values (gen_random_uuid(), $1, $2, $3, $4, $5, 'enterprise', 'eo', $6)",
            )
            .bind(city.0)
            .bind(app)
            .bind(seq)
            .bind(kind)
            .bind(stage)
            .bind(self.world.parts.clock.now())
            .execute(owner)
            .await
            .expect("the log is there");
        }
        sqlx::query("insert into application_dossiers values ($1, $2, $3, $4, $5, now())")
            .bind(app)
            .bind(city.0)
            .bind(self.owner.id.0)
            .bind(serde_json::to_value(facts.shown()).expect("plain data"))
            .bind(sealed)
            .execute(owner)
            .await
            .expect("the dossier is there");
        sqlx::query("insert into application_files values ($1, $2, $3, 'licence', '营业执照照片', $4, 'image/jpeg', 0, now())")
            .bind(city.0)
            .bind(app)
            .bind(file)
            .bind(key.as_str())
            .execute(owner)
            .await
            .expect("the file is there");
        sqlx::query(
            "insert into consents (id, tenant_id, enterprise_id, user_id, agreement_code, agreement_version, agreement_title,
               body_hash, purpose, application_id, channel, granted_at)
             values (gen_random_uuid(), $1, $2, $3, 'enterprise_credit', '1', '授权书', '\\x00', 'apply', $4, 'web', now())",
        )
        .bind(city.0)
        .bind(self.owner.id.0)
        .bind(self.owner.user.0)
        .bind(app)
        .execute(owner)
        .await
        .expect("the consent is there");
        file
    }

    pub(crate) async fn accept(&self) {
        let page = self.path("/accept");
        self.clerk
            .browser
            .submit(&page, &page, &[("_action", "confirm")])
            .await
            .expect(303);
    }

    pub(crate) async fn stage(&self) -> String {
        sqlx::query_scalar("select stage from financing_applications where id = $1")
            .bind(self.application.0)
            .fetch_one(&self.world.owner)
            .await
            .expect("the application is there")
    }

    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql)
            .fetch_one(&self.world.owner)
            .await
            .expect("it counts")
    }
}

/// Posts a decision from its opened form: first to the check page, then for good.
pub(crate) async fn step(
    browser: &Browser,
    form: &Answer,
    path: &str,
    fields: &[(&str, &str)],
    action: &str,
) -> Answer {
    let version = form.input("version").unwrap_or_default();
    // What a form of a repayment was drawn with.
    let owed = form.input("owed_cents").unwrap_or_default();
    let mut all = vec![
        ("version", version.as_str()),
        ("owed_cents", owed.as_str()),
        ("_action", action),
    ];
    all.extend_from_slice(fields);
    browser.submit_from(form, path, &all).await
}

const APPROVAL: [(&str, &str); 5] = [
    ("approved_amount", "8"),
    ("approved_rate", "3.75"),
    ("approved_term", "2"),
    ("valid_until", "2027-03-31"),
    ("opinion", "经营正常，同意办理。"),
];

fn with<'a>(fields: &[(&'a str, &'a str)], name: &str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    fields
        .iter()
        .map(|(n, v)| if *n == name { (*n, value) } else { (*n, *v) })
        .collect()
}

//! Who stands in a test: banks, branches, products, enterprises and staff, each signed in with a browser of their own.

use application::{
    access::Origin,
    city::Cities as _,
    ports::{sealing::Place, sessions::SessionKind},
};
use domain::ids::{EnterpriseId, ProductId, TenantId, UserId};
use uuid::Uuid;

use crate::{Browser, PROVINCE_HOST, World};

/// An enterprise with its owner, signed in.
pub struct EnterpriseFixture {
    pub id: EnterpriseId,
    pub user: UserId,
    pub phone: String,
    pub name: String,
    pub browser: Browser,
}

/// A person of a bank or branch, signed in.
pub struct StaffFixture {
    pub user: UserId,
    pub tenant: TenantId,
    pub browser: Browser,
}

/// The password of everybody in the tests.
pub const PASSWORD: &str = "Linglong-7418";

fn id() -> Uuid {
    Uuid::new_v4()
}

impl World {
    /// An institution of the first city, published.
    pub async fn bank(&self, name: &str) -> TenantId {
        self.bank_in(self.cangzhou.id, name).await
    }

    pub async fn bank_in(&self, city: TenantId, name: &str) -> TenantId {
        let bank = self.tenant(city, city, "bank", name).await;
        sqlx::query(
            "insert into institutions (tenant_id, city_id, institution_type, type_label, mark) values ($1, $2, 'city_bank', '城市商业银行', '行')",
        )
        .bind(bank.0)
        .bind(city.0)
        .execute(&self.owner)
        .await
        .expect("the institution is there");
        bank
    }

    /// A branch of a bank.
    pub async fn branch(&self, bank: TenantId, name: &str) -> TenantId {
        let city: Uuid = sqlx::query_scalar("select city_id from tenants where id = $1")
            .bind(bank.0)
            .fetch_one(&self.owner)
            .await
            .expect("the bank is there");
        let branch = self.tenant(TenantId(city), bank, "branch", name).await;
        sqlx::query("insert into branches (tenant_id, city_id, bank_id, region_code, address) values ($1, $2, $3, '130903', '运河区惠民路 1 号')")
            .bind(branch.0)
            .bind(city)
            .bind(bank.0)
            .execute(&self.owner)
            .await
            .expect("the branch is there");
        branch
    }

    async fn tenant(&self, city: TenantId, parent: TenantId, kind: &str, name: &str) -> TenantId {
        let tenant = TenantId(id());
        sqlx::query("insert into tenants (id, parent_id, city_id, kind, name, short_name) values ($1, $2, $3, $4, $5, $5)")
            .bind(tenant.0)
            .bind(parent.0)
            .bind(city.0)
            .bind(kind)
            .bind(name)
            .execute(&self.owner)
            .await
            .expect("the tenant is there");
        tenant
    }

    /// The manual's product: 3.75 %, 1 to 500 万元, 1 to 10 年, 抵押; carried by the branches.
    pub async fn product(&self, bank: TenantId, name: &str, branches: &[TenantId]) -> ProductId {
        let product = id();
        sqlx::query(
            "insert into products (id, tenant_id, city_id, status, name, financing_type, guarantee_type, amount_min_cents,
               amount_max_cents, rate_min, rate_max, term_min, term_max, term_unit, repayment_methods, published_at, updated_at)
             select $1, $2, city_id, 'published', $3, 'working_capital_loan', 'mortgage', 1000000, 500000000, 375, 375, 1, 10,
               'year', '{equal_installment}', now(), now() from tenants where id = $2",
        )
        .bind(product)
        .bind(bank.0)
        .bind(name)
        .execute(&self.owner)
        .await
        .expect("the product is there");
        sqlx::query("insert into product_versions (product_id, version, tenant_id, city_id, terms, published_at) select id, 1, tenant_id, city_id, '{}', now() from products where id = $1")
            .bind(product)
            .execute(&self.owner)
            .await
            .expect("its version is there");
        for branch in branches {
            sqlx::query("insert into product_branches (product_id, branch_id, tenant_id, city_id) select id, $2, tenant_id, city_id from products where id = $1")
                .bind(product)
                .bind(branch.0)
                .execute(&self.owner)
                .await
                .expect("the branch carries it");
        }
        ProductId(product)
    }

    /// An enterprise of the first city whose profile is complete and whose owner passed the face check.
    pub async fn ready_enterprise(&self, name: &str, phone: &str) -> EnterpriseFixture {
        let fixture = self.new_enterprise(self.cangzhou.id, name, phone).await;
        self.complete(&fixture).await;
        fixture
    }

    /// An enterprise that has only registered.
    pub async fn new_enterprise(
        &self,
        city: TenantId,
        name: &str,
        phone: &str,
    ) -> EnterpriseFixture {
        let (enterprise, user) = (id(), id());
        let now = self.parts.clock.now();
        sqlx::query("insert into enterprises (id, tenant_id, name, legal_representative, region_code, created_at) values ($1, $2, $3, '顾屹舟', '130903001', $4)")
            .bind(enterprise)
            .bind(city.0)
            .bind(name)
            .bind(now)
            .execute(&self.owner)
            .await
            .expect("the enterprise is there");
        self.user(user, city, city, Some(enterprise), "顾屹舟", phone, &["eo"])
            .await;
        let host = if city == self.cangzhou.id {
            "cangzhou.localhost"
        } else {
            "beishan.localhost"
        };
        EnterpriseFixture {
            id: EnterpriseId(enterprise),
            user: UserId(user),
            phone: phone.to_owned(),
            name: name.to_owned(),
            browser: self
                .signed_in(UserId(user), SessionKind::Enterprise, host)
                .await,
        }
    }

    async fn complete(&self, fixture: &EnterpriseFixture) {
        let city = self.cangzhou.id.0;
        let sealed = |column: &'static str, text: &str| {
            let place = Place {
                tenant: city,
                table: "enterprises",
                row: fixture.id.0,
                column,
            };
            self.parts
                .sealer
                .seal(&place, text.as_bytes())
                .expect("it seals")
        };
        let index = self
            .parts
            .sealer
            .blind_index(city, "legal_id", "110105188001010009")
            .expect("an index");
        sqlx::query(
            "update enterprises set unified_social_credit_code = $3, legal_id_sealed = $4, legal_id_index = $5,
               contact_phone_sealed = $6, industry_code = '313', address = '装备大街 108 号', profile_completed_at = $7
             where tenant_id = $1 and id = $2",
        )
        .bind(city)
        .bind(fixture.id.0)
        .bind(format!("91130900PDY{:07}", self.next_serial()))
        .bind(sealed("legal_id_sealed", "110105188001010009"))
        .bind(index.as_slice())
        .bind(sealed("contact_phone_sealed", &fixture.phone))
        .bind(self.parts.clock.now())
        .execute(&self.owner)
        .await
        .expect("the profile is complete");
        sqlx::query("update users set face_verified_at = $2, face_method = 'face' where id = $1")
            .bind(fixture.user.0)
            .bind(self.parts.clock.now())
            .execute(&self.owner)
            .await
            .expect("the face was checked");
    }

    /// Somebody of a bank or branch, with these role codes.
    pub async fn staff(&self, tenant: TenantId, name: &str, roles: &[&str]) -> StaffFixture {
        let city: Uuid = sqlx::query_scalar("select city_id from tenants where id = $1")
            .bind(tenant.0)
            .fetch_one(&self.owner)
            .await
            .expect("the tenant is there");
        let user = id();
        let phone = format!("166{:08}", self.next_serial());
        self.user(user, tenant, TenantId(city), None, name, &phone, roles)
            .await;
        let host = if city == self.cangzhou.id.0 {
            "cangzhou.localhost"
        } else if self.directory.provinces().iter().any(|p| p.id.0 == city) {
            PROVINCE_HOST
        } else {
            "beishan.localhost"
        };
        StaffFixture {
            user: UserId(user),
            tenant,
            browser: self.signed_in(UserId(user), SessionKind::Staff, host).await,
        }
    }

    /// Somebody else of an enterprise, with the password of everybody.
    pub async fn member(
        &self,
        enterprise: &EnterpriseFixture,
        name: &str,
        phone: &str,
        role: &str,
    ) -> UserId {
        let (user, city) = (id(), self.cangzhou.id);
        let of = Some(enterprise.id.0);
        self.user(user, city, city, of, name, phone, &[role]).await;
        UserId(user)
    }

    #[expect(clippy::too_many_arguments, reason = "a row has that many columns")]
    async fn user(
        &self,
        user: Uuid,
        tenant: TenantId,
        city: TenantId,
        enterprise: Option<Uuid>,
        name: &str,
        phone: &str,
        roles: &[&str],
    ) {
        self.parts
            .sealer
            .ready(city.0)
            .await
            .expect("the city's keys are there");
        let place = Place {
            tenant: city.0,
            table: "users",
            row: user,
            column: "phone_sealed",
        };
        let sealed = self
            .parts
            .sealer
            .seal(&place, phone.as_bytes())
            .expect("it seals");
        let index = self
            .parts
            .sealer
            .blind_index(city.0, "phone", phone)
            .expect("an index");
        let roles: Vec<String> = roles.iter().map(|r| (*r).to_owned()).collect();
        sqlx::query("insert into users (id, tenant_id, city_id, enterprise_id, account, name, phone_sealed, phone_index, roles, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
            .bind(user)
            .bind(tenant.0)
            .bind(city.0)
            .bind(enterprise)
            .bind(user.to_string())
            .bind(name)
            .bind(sealed)
            .bind(index.as_slice())
            .bind(roles)
            .bind(self.parts.clock.now())
            .execute(&self.owner)
            .await
            .expect("the user is there");
        let hash = self.password_hash().await;
        sqlx::query("insert into credentials (user_id, tenant_id, password_hash, changed_at) values ($1, $2, $3, $4)")
            .bind(user)
            .bind(tenant.0)
            .bind(hash)
            .bind(self.parts.clock.now())
            .execute(&self.owner)
            .await
            .expect("the password is set");
    }

    /// A browser that holds a live session of this person.
    pub async fn signed_in(&self, user: UserId, kind: SessionKind, host: &str) -> Browser {
        let from = application::sessions::Browser {
            origin: &Origin::default(),
            agent: "test",
        };
        let session = self
            .parts
            .sessions
            .open(user, kind, None, from, None)
            .await
            .expect("a session opens");
        self.browser_at(host).with_cookie("sid", &session)
    }
}

impl World {
    /// A request of this enterprise that the branch has not accepted yet.
    pub async fn submitted_application(
        &self,
        enterprise: &EnterpriseFixture,
        bank: TenantId,
        branch: TenantId,
        product: ProductId,
    ) -> domain::ids::FinancingApplicationId {
        let application = id();
        let now = self.parts.clock.now();
        sqlx::query(
            "insert into financing_applications (id, tenant_id, handler_tenant_id, handler_name, bank_id, enterprise_id,
               enterprise_name, application_no, stage, version, product_id, product_version, product_name, amount_cents, rate,
               term, term_unit, created_by, created_at, submitted_at, due_at, updated_at)
             select $1, $2, $3, t.name, $4, $5, $6, $7, 'submitted', 2, $8, 1, p.name, 10000000, 375, 2, 'year', $9, $10,
               $10, $10 + interval '1 day', $10 from tenants t, products p where t.id = $3 and p.id = $8",
        )
        .bind(application)
        .bind(self.cangzhou.id.0)
        .bind(branch.0)
        .bind(bank.0)
        .bind(enterprise.id.0)
        .bind(&enterprise.name)
        .bind(format!("PO20261125{:03}", self.next_serial()))
        .bind(product.0)
        .bind(enterprise.user.0)
        .bind(now)
        .execute(&self.owner)
        .await
        .expect("the application is there");
        domain::ids::FinancingApplicationId(application)
    }

    /// A file row of this enterprise (its object is not stored).
    pub async fn file_of(&self, enterprise: &EnterpriseFixture) -> Uuid {
        let file = id();
        sqlx::query(
            "insert into enterprise_files (id, tenant_id, enterprise_id, kind, object_key, media_type, byte_size, sha256,
               created_by, created_at) values ($1, $2, $3, 'licence', 'none', 'image/jpeg', 1, '\\x00', $4, $5)",
        )
        .bind(file)
        .bind(self.cangzhou.id.0)
        .bind(enterprise.id.0)
        .bind(enterprise.user.0)
        .bind(self.parts.clock.now())
        .execute(&self.owner)
        .await
        .expect("the file is there");
        file
    }

    /// An unread message to this enterprise.
    pub async fn message_to(&self, enterprise: &EnterpriseFixture) -> Uuid {
        let message = id();
        sqlx::query(
            "insert into messages (id, tenant_id, enterprise_id, dedupe_key, title, body, created_at)
             values ($1, $2, $3, $4, '已接单', '您的融资需求已接单。', $5)",
        )
        .bind(message)
        .bind(self.cangzhou.id.0)
        .bind(enterprise.id.0)
        .bind(message.to_string())
        .bind(self.parts.clock.now())
        .execute(&self.owner)
        .await
        .expect("the message is there");
        message
    }
}

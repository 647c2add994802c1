//! Somebody signed in submits one request after the other, each twice with its key, and what the database then holds of them.

use std::{net::SocketAddr, path::Path, sync::Arc, sync::atomic::Ordering, time::Duration};

use application::{
    city::City,
    ports::{
        sealing::{Place, Sealer as _},
        tokens::Tokens as _,
    },
};
use postgres_adapter::{PgDoor, provision::APP_LOGIN};
use serde_json::json;
use sqlx::{AssertSqlSafe, Executor as _, PgConnection};
use tokio::time::sleep;
use uuid::Uuid;
use vault::{Keys, SealSettings, SystemTokens, VaultSealer};
use yijianrong::database::city_id_of;

use super::{Ground, HOSTS, Met};

/// More than anybody submits while two processes are exchanged.
const DRAFTS: i32 = 1_000;
/// Two clicks each: as fast as one session may (S-19), and no faster.
const PAUSE: Duration = Duration::from_millis(150);
const PHONE: &str = "19900002037";
const LEGAL_ID: &str = "110105188001010009";

/// Of the first city; with a complete profile, a face check that stands, and drafts that only wait for the binding click.
pub struct Submitter {
    sid: String,
    csrf: String,
    product: Uuid,
    drafts: Vec<Uuid>,
}

/// What stands in the database of the submitted requests, row by row and as the day's counter says.
#[derive(Debug, PartialEq, Eq)]
pub struct Kept {
    pub rows: i64,
    pub numbers: i64,
    pub counter: i64,
    pub events: i64,
    pub notices: i64,
}

impl Kept {
    /// Everything once for each request.
    pub fn once_each(count: usize) -> Self {
        let count = i64::try_from(count).expect("a count");
        Self {
            rows: count,
            numbers: count,
            counter: count,
            events: count,
            notices: count,
        }
    }

    pub async fn now(ground: &Ground) -> Self {
        let (rows, numbers, counter, events, notices) = sqlx::query_as(
            "select (select count(*) from financing_applications where stage <> 'draft'),
                    (select count(distinct application_no) from financing_applications),
                    (select coalesce(sum(last), 0)::bigint from daily_numbers),
                    (select count(*) from application_events where kind = 'submit'),
                    (select count(*) from outbox where topic = 'application.event' and payload ->> 'verb' = 'submit')",
        )
        .fetch_one(&mut ground.owner().await)
        .await
        .expect("they are counted");
        Self {
            rows,
            numbers,
            counter,
            events,
            notices,
        }
    }
}

fn first_city() -> City {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tenants/catalog");
    let cities = tenants::catalog::read(&folder).expect("the catalogue reads");
    let first = |city: &City| city.hosts.iter().any(|host| host == HOSTS[0]);
    let found = cities.into_iter().find(first);
    found.expect("the city is there")
}

/// An institution with one branch and one product.
struct Offer {
    bank: Uuid,
    branch: Uuid,
    product: Uuid,
}

impl Offer {
    async fn made(db: &mut PgConnection, city: Uuid) -> Self {
        let [bank, branch, product] = std::array::from_fn(|_| Uuid::new_v4());
        let sql = format!(
            "insert into tenants (id, parent_id, city_id, kind, name, short_name)
               values ('{bank}', '{city}', '{city}', 'bank', '狮城商业银行', '狮城商业银行');
             insert into institutions (tenant_id, city_id, institution_type, type_label, mark)
               values ('{bank}', '{city}', 'city_bank', '城市商业银行', '行');
             insert into tenants (id, parent_id, city_id, kind, name, short_name)
               values ('{branch}', '{bank}', '{city}', 'branch', '狮城商业银行运河支行', '运河支行');
             insert into branches (tenant_id, city_id, bank_id, region_code, address)
               values ('{branch}', '{city}', '{bank}', '130903', '运河区惠民路 1 号');
             insert into products (id, tenant_id, city_id, status, name, financing_type, guarantee_type, amount_min_cents,
                 amount_max_cents, rate_min, rate_max, term_min, term_max, term_unit, repayment_methods, published_at, updated_at)
               values ('{product}', '{bank}', '{city}', 'published', '惠民抵押贷', 'working_capital_loan', 'mortgage', 1000000,
                 500000000, 375, 375, 1, 10, 'year', '{{equal_installment}}', now(), now());
             insert into product_versions (product_id, version, tenant_id, city_id, terms, published_at)
               values ('{product}', 1, '{bank}', '{city}', '{{}}', now());
             insert into product_branches (product_id, branch_id, tenant_id, city_id)
               values ('{product}', '{branch}', '{bank}', '{city}');"
        );
        // AssertSqlSafe: ids printed by their type.
        db.execute(AssertSqlSafe(sql)).await.expect("an offer");
        Self {
            bank,
            branch,
            product,
        }
    }
}

/// Somebody of an enterprise, under the keys that the processes use.
struct Owner {
    enterprise: Uuid,
    user: Uuid,
    sid: String,
    csrf: String,
}

impl Owner {
    async fn made(ground: &Ground, db: &mut PgConnection, city: Uuid) -> Self {
        let keys = vault::load_or_create_demo_keys(&ground.folder.join("data/keys"));
        let keys = keys.expect("the keys of the processes");
        let [enterprise, user] = std::array::from_fn(|_| Uuid::new_v4());
        let sealed = Sealed::made(ground, &keys, city, enterprise, user).await;
        sqlx::query(
            "insert into enterprises (id, tenant_id, name, legal_representative, region_code, unified_social_credit_code,
               legal_id_sealed, legal_id_index, contact_phone_sealed, industry_code, address, profile_completed_at, created_at)
             values ($1, $2, '沧州市瀚岳澜管道装备有限公司', '顾屹舟', '130903001', '91130900PDY0000001', $3, $4, $5, '313',
               '装备大街 108 号', now(), now())",
        )
        .bind(enterprise)
        .bind(city)
        .bind(sealed.legal_id)
        .bind(sealed.legal_id_index.as_slice())
        .bind(sealed.contact_phone)
        .execute(&mut *db)
        .await
        .expect("an enterprise");
        sqlx::query(
            "insert into users (id, tenant_id, city_id, enterprise_id, account, name, phone_sealed, phone_index, roles,
               face_verified_at, face_method, created_at)
             values ($1, $2, $2, $3, $4, '顾屹舟', $5, $6, '{eo}', now(), 'face', now())",
        )
        .bind(user)
        .bind(city)
        .bind(enterprise)
        .bind(user.to_string())
        .bind(sealed.phone)
        .bind(sealed.phone_index.as_slice())
        .execute(&mut *db)
        .await
        .expect("its owner");
        let tokens = SystemTokens::new(&keys.tokens);
        let sid = tokens.session_id();
        sqlx::query(
            "insert into sessions (id_hash, public_id, user_id, tenant_id, kind, created_at, seen_at, expires_at, ip, agent)
             values ($1, $2, $3, $4, 'enterprise', now(), now(), now() + interval '8 hours', '127.0.0.1', 'test')",
        )
        .bind(tokens.fingerprint(&sid).as_slice())
        .bind(Uuid::new_v4())
        .bind(user)
        .bind(city)
        .execute(&mut *db)
        .await
        .expect("a session");
        Self {
            enterprise,
            user,
            csrf: tokens.csrf(&sid),
            sid,
        }
    }

    /// Drafts as the form leaves them, each with the event of its saving.
    async fn drafts(
        &self,
        db: &mut PgConnection,
        city: Uuid,
        offer: &Offer,
        agreed: &[String],
    ) -> Vec<Uuid> {
        let typed = json!({
            "amount": "10",
            "term": "2",
            "rate": "3.75",
            "branch": offer.branch,
            "agreed": agreed,
        });
        sqlx::query_scalar(
            "with made as (
               insert into financing_applications (id, tenant_id, handler_tenant_id, handler_name, bank_id, enterprise_id,
                 enterprise_name, stage, product_id, product_version, product_name, amount_cents, rate, term, term_unit, created_by,
                 created_at, updated_at, draft_typed)
               select gen_random_uuid(), $1, $2, '狮城商业银行运河支行', $3, $4, '沧州市瀚岳澜管道装备有限公司', 'draft', $5, 1,
                 '惠民抵押贷', 10000000, 375, 2, 'year', $6, now(), now(), $7 from generate_series(1, $8::int)
               returning id)
             insert into application_events (id, tenant_id, application_id, seq, kind, to_stage, actor_kind, actor_id, actor_name,
               actor_role, handler_tenant_id, at)
             select gen_random_uuid(), $1, id, 1, 'save_draft', 'draft', 'enterprise', $6, '顾屹舟', 'eo', $2, now() from made
             returning application_id",
        )
        .bind(city)
        .bind(offer.branch)
        .bind(offer.bank)
        .bind(self.enterprise)
        .bind(offer.product)
        .bind(self.user)
        .bind(typed)
        .bind(DRAFTS)
        .fetch_all(db)
        .await
        .expect("drafts")
    }
}

/// What of an enterprise and its owner is never stored in plain.
struct Sealed {
    legal_id: Vec<u8>,
    legal_id_index: [u8; 32],
    contact_phone: Vec<u8>,
    phone: Vec<u8>,
    phone_index: [u8; 32],
}

impl Sealed {
    async fn made(ground: &Ground, keys: &Keys, city: Uuid, enterprise: Uuid, user: Uuid) -> Self {
        let app = ground.admin.clone().database(&ground.name);
        let app = postgres_adapter::pool(app.username(APP_LOGIN), 1).await;
        let door = Arc::new(PgDoor::new(app.expect("the login of the program")));
        let sealer = VaultSealer::new(keys, door, SealSettings::default());
        sealer.ready(city).await.expect("the city's keys");
        let seal = |table, row, column, plain: &str| {
            let place = Place {
                tenant: city,
                table,
                row,
                column,
            };
            sealer.seal(&place, plain.as_bytes()).expect("it seals")
        };
        let index = |purpose, plain: &str| {
            let index = sealer.blind_index(city, purpose, plain);
            index.expect("an index")
        };
        Self {
            legal_id: seal("enterprises", enterprise, "legal_id_sealed", LEGAL_ID),
            legal_id_index: index("legal_id", LEGAL_ID),
            contact_phone: seal("enterprises", enterprise, "contact_phone_sealed", PHONE),
            phone: seal("users", user, "phone_sealed", PHONE),
            phone_index: index("phone", PHONE),
        }
    }
}

impl Submitter {
    /// The processes have taken in the cities and made their keys before.
    pub async fn arrived(ground: &Ground) -> Self {
        let shown = first_city();
        let agreed = shown.ticked_on("apply").into_iter();
        let agreed: Vec<String> = agreed
            .map(|text| format!("{}@{}", text.code, text.version))
            .collect();
        let city = city_id_of(&shown.slug).0;
        let mut db = ground.owner().await;
        let offer = Offer::made(&mut db, city).await;
        let owner = Owner::made(ground, &mut db, city).await;
        Self {
            drafts: owner.drafts(&mut db, city, &offer, &agreed).await,
            product: offer.product,
            sid: owner.sid,
            csrf: owner.csrf,
        }
    }

    /// One click on a connection of its own; whether the request was taken.
    async fn click(&self, to: SocketAddr, draft: Uuid, key: &str) -> bool {
        let browser = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(30))
            .build()
            .expect("a client");
        let draft = draft.to_string();
        // They have other requests under way, and say that this is another one.
        let fields = [
            ("_csrf", self.csrf.as_str()),
            ("_key", key),
            ("draft", &draft),
            ("version", "1"),
            ("confirm_duplicate", "1"),
        ];
        let path = format!("/enterprise/apply/{}/submit", self.product);
        let asked = browser
            .post(format!("http://{to}{path}"))
            .header("host", HOSTS[0])
            .header("x-forwarded-for", "10.200.0.1")
            .header("cookie", format!("sid={}", self.sid))
            .form(&fields)
            .send();
        let there = format!("/enterprise/applications/{draft}/submitted");
        asked.await.is_ok_and(|answer| {
            let led = answer.headers().get("location");
            answer.status() == 303 && led.is_some_and(|led| led.as_bytes() == there.as_bytes())
        })
    }

    /// Submits until it is enough: how many requests were taken, and said to be so once more when the same click came again.
    pub async fn submit(self, to: SocketAddr, met: Arc<Met>) -> usize {
        let mut accepted = 0;
        for draft in &self.drafts {
            if met.enough.load(Ordering::Relaxed) {
                return accepted;
            }
            let key = Uuid::new_v4().simple().to_string();
            // Whichever process has the repetition knows the key.
            let taken = self.click(to, *draft, &key).await;
            if taken && self.click(to, *draft, &key).await {
                accepted += 1;
            } else {
                met.failed.fetch_add(1, Ordering::Relaxed);
            }
            sleep(PAUSE).await;
        }
        panic!("{DRAFTS} requests were not enough");
    }
}

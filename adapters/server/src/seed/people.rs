//! People of the demonstration: branch staff, enterprises with their owners and sample documents, one password for all.

use std::{collections::BTreeMap, path::Path};

use anyhow::Context as _;
use application::{
    access::Actor,
    city::City,
    ports::{
        dossiers::DossierFile, people_now::PeopleNow as _, reference::SizeRules as _,
        sealing::Place,
    },
};
use domain::{
    calendar::local_date,
    enterprise::ProfileFile,
    ids::{FileId, TenantId, UserId},
    size_class::{SizeClass, SizeFigures, SizeMetric},
    values::{Cents, Headcount, IndustryCode},
};
use reference::Reference;
use secrecy::SecretString;
use serde::Deserialize;
use sqlx::{AssertSqlSafe, Postgres, Transaction};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::wire::Parts;

/// The one password of every demonstration sign-in; production refuses to start with the demonstration.
pub const DEMO_PASSWORD: &str = "Demo-2026-yjr";
/// How long before the seeding everybody registered.
const REGISTERED_BEFORE: Duration = Duration::days(120);

#[derive(Deserialize)]
struct StaffFile {
    staff: Vec<Staff>,
}

#[derive(Deserialize)]
struct Staff {
    key: String,
    name: String,
    /// Neither: the city itself.
    institution: Option<String>,
    branch: Option<String>,
    role: String,
    phone: String,
}

#[derive(Deserialize)]
struct EnterpriseFile {
    enterprises: Vec<Enterprise>,
}

/// An enterprise of `enterprises.toml`.
#[derive(Clone, Deserialize)]
pub struct Enterprise {
    pub key: String,
    pub name: String,
    pub owner_name: String,
    pub phone: String,
    pub legal_representative: String,
    pub region_code: String,
    pub profile_complete: bool,
    pub face_verified: bool,
    #[serde(default)]
    pub credit_code: String,
    #[serde(default)]
    pub id_number: String,
    #[serde(default)]
    pub legal_phone: String,
    #[serde(default)]
    pub registered_capital: i64,
    #[serde(default)]
    pub industry_code: String,
    #[serde(default)]
    pub address: String,
    #[serde(default)]
    pub email: String,
    #[serde(default)]
    pub recommended_institution: String,
    #[serde(default)]
    pub has_loan_history: bool,
    #[serde(default)]
    pub established: String,
    #[serde(default)]
    pub employees: i64,
    /// 万元; absent: 企业划型 was not declared.
    #[serde(default)]
    pub annual_revenue: Option<u32>,
}

impl Enterprise {
    /// What it declared in 企业划型, with the class that its industry gives it.
    pub fn size(&self) -> Option<(SizeFigures, SizeClass)> {
        let revenue = Cents::from_wan(self.annual_revenue?).ok()?;
        let industry = IndustryCode::parse(&self.industry_code).ok()?;
        let rule = Reference.size_rule(&industry)?;
        let asked = |metric| rule.thresholds().iter().any(|t| t.metric == metric);
        let figures = SizeFigures {
            employees: Headcount::new(self.employees)
                .ok()
                .filter(|_| asked(SizeMetric::Employees)),
            revenue: asked(SizeMetric::Revenue).then_some(revenue),
            assets: None,
        };
        Some((figures, rule.classify(figures).ok()?))
    }
}

/// When everybody registered, before the seeding.
fn registered(parts: &Parts) -> OffsetDateTime {
    parts.clock.now() - REGISTERED_BEFORE
}

/// When 企业划型 was declared: before the first request of the demonstration.
pub(super) fn sized(parts: &Parts) -> OffsetDateTime {
    registered(parts) + Duration::days(3)
}

#[derive(Deserialize)]
struct InstitutionFile {
    institutions: Vec<Institution>,
}

#[derive(Deserialize)]
struct Institution {
    key: String,
    name: String,
    #[serde(default)]
    branches: Vec<Branch>,
}

#[derive(Deserialize)]
struct Branch {
    key: String,
    name: String,
}

pub(super) fn parsed<T: serde::de::DeserializeOwned>(file: &Path) -> anyhow::Result<T> {
    let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    toml::from_str(&text).with_context(|| file.display().to_string())
}

/// The enterprises of a demonstration folder.
pub(super) fn enterprises(folder: &Path) -> anyhow::Result<Vec<Enterprise>> {
    Ok(parsed::<EnterpriseFile>(&folder.join("enterprises.toml"))?.enterprises)
}

/// Ids of institutions and branches by the keys of the demonstration, found by their names in the database.
pub(super) async fn nodes(
    parts: &Parts,
    city: TenantId,
    folder: &Path,
) -> anyhow::Result<BTreeMap<String, TenantId>> {
    let file: InstitutionFile = parsed(&folder.join("institutions.toml"))?;
    let mut tx = door(parts).await?;
    let rows: Vec<(Uuid, String)> =
        sqlx::query_as("select id, name from tenants where city_id = $1 and kind <> 'city'")
            .bind(city.0)
            .fetch_all(&mut *tx)
            .await?;
    let by_name: BTreeMap<String, Uuid> = rows.into_iter().map(|(id, name)| (name, id)).collect();
    let mut nodes = BTreeMap::new();
    for institution in file.institutions {
        if let Some(id) = by_name.get(&institution.name) {
            nodes.insert(institution.key, TenantId(*id));
        }
        for branch in institution.branches {
            if let Some(id) = by_name.get(&branch.name) {
                nodes.insert(branch.key, TenantId(*id));
            }
        }
    }
    Ok(nodes)
}

/// A transaction of the door, where people are registered.
pub(super) async fn door(parts: &Parts) -> anyhow::Result<Transaction<'static, Postgres>> {
    // AssertSqlSafe: a fixed text.
    Ok(parts
        .pool
        .begin_with(AssertSqlSafe("begin; set local role door_rw"))
        .await?)
}

/// Whoever signs in under this account, with what they may do now; nobody where the demonstration has none such.
pub(super) async fn signed_in_as(
    parts: &Parts,
    city: &City,
    account: &str,
) -> anyhow::Result<Option<Actor>> {
    let mut tx = door(parts).await?;
    let user: Option<Uuid> =
        sqlx::query_scalar("select id from users where city_id = $1 and account = $2")
            .bind(city.id.0)
            .bind(account)
            .fetch_optional(&mut *tx)
            .await?;
    drop(tx);
    match user {
        Some(user) => Ok(parts.door.staff(UserId(user)).await?),
        None => Ok(None),
    }
}

/// What is older than that was read by everybody at the time.
pub(super) async fn read_old_messages(
    parts: &Parts,
    city: TenantId,
    nodes: &[TenantId],
    before: OffsetDateTime,
) -> anyhow::Result<()> {
    for node in nodes {
        let mut tx = as_tenant(parts, city, *node).await?;
        sqlx::query(
            "update messages set read_at = created_at + interval '2 hours'
             where tenant_id = $1 and read_at is null and created_at < $2",
        )
        .bind(node.0)
        .bind(before)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
    }
    Ok(())
}

/// A transaction of the city itself.
pub(super) async fn as_city(
    parts: &Parts,
    city: TenantId,
) -> anyhow::Result<Transaction<'static, Postgres>> {
    as_tenant(parts, city, city).await
}

/// A transaction of a node of the city.
async fn as_tenant(
    parts: &Parts,
    city: TenantId,
    tenant: TenantId,
) -> anyhow::Result<Transaction<'static, Postgres>> {
    // AssertSqlSafe: the text holds nothing but UUIDs printed by their type.
    let text = format!(
        "begin; set local role tenant_rw; select set_config('app.tenant_id', '{tenant}', true), \
         set_config('app.city_id', '{city}', true), set_config('app.reach', '{tenant}', true)"
    );
    Ok(parts.pool.begin_with(AssertSqlSafe(text)).await?)
}

/// Adds who is missing; a second run adds nobody.
pub async fn run(parts: &Parts, city: &City, folder: &Path) -> anyhow::Result<()> {
    parts.sealer.ready(city.id.0).await?;
    let nodes = nodes(parts, city.id, folder).await?;
    let hash = parts
        .hasher
        .hash(&SecretString::from(DEMO_PASSWORD.to_owned()))
        .await?;
    let people = People {
        parts,
        city,
        hash,
        nodes,
        at: registered(parts),
    };
    let staff: StaffFile = parsed(&folder.join("staff.toml"))?;
    people.staff(&staff.staff).await?;
    for enterprise in enterprises(folder)? {
        people.enterprise(&enterprise).await?;
    }
    Ok(())
}

/// The people of a province; without a file there are none, and a second run adds nobody.
pub async fn provincial(parts: &Parts, province: &City, folder: &Path) -> anyhow::Result<()> {
    let file = folder.join("staff.toml");
    if !file.is_file() {
        return Ok(());
    }
    parts.sealer.ready(province.id.0).await?;
    let password = SecretString::from(DEMO_PASSWORD.to_owned());
    let people = People {
        parts,
        city: province,
        hash: parts.hasher.hash(&password).await?,
        nodes: BTreeMap::new(),
        at: registered(parts),
    };
    let staff: StaffFile = parsed(&file)?;
    people.staff(&staff.staff).await
}

struct People<'a> {
    parts: &'a Parts,
    city: &'a City,
    hash: String,
    nodes: BTreeMap<String, TenantId>,
    at: OffsetDateTime,
}

/// The user row of anybody.
struct Person<'a> {
    id: Uuid,
    tenant: TenantId,
    enterprise: Option<Uuid>,
    account: &'a str,
    name: &'a str,
    phone: &'a str,
    role: &'a str,
    face_verified: bool,
}

impl People<'_> {
    fn seal(
        &self,
        table: &'static str,
        row: Uuid,
        column: &'static str,
        text: &str,
    ) -> anyhow::Result<Vec<u8>> {
        let place = Place {
            tenant: self.city.id.0,
            table,
            row,
            column,
        };
        Ok(self.parts.sealer.seal(&place, text.as_bytes())?)
    }

    fn index(&self, purpose: &'static str, text: &str) -> anyhow::Result<[u8; 32]> {
        Ok(self
            .parts
            .sealer
            .blind_index(self.city.id.0, purpose, text)?)
    }

    async fn staff(&self, staff: &[Staff]) -> anyhow::Result<()> {
        let mut tx = door(self.parts).await?;
        let known: Vec<String> = sqlx::query_scalar("select account from users where city_id = $1")
            .bind(self.city.id.0)
            .fetch_all(&mut *tx)
            .await?;
        for person in staff.iter().filter(|s| !known.contains(&s.key)) {
            let node = person.branch.as_ref().or(person.institution.as_ref());
            let tenant = node.map_or(Some(&self.city.id), |key| self.nodes.get(key));
            let Some(tenant) = tenant else {
                tracing::warn!(node, "its staff are left out: the node is not there");
                continue;
            };
            self.person(
                &mut tx,
                &Person {
                    id: self.parts.clock.new_id(),
                    tenant: *tenant,
                    enterprise: None,
                    account: &person.key,
                    name: &person.name,
                    phone: &person.phone,
                    role: &person.role.to_ascii_lowercase(),
                    face_verified: false,
                },
            )
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn person(
        &self,
        tx: &mut Transaction<'static, Postgres>,
        person: &Person<'_>,
    ) -> anyhow::Result<()> {
        let verified = person.face_verified.then_some(self.at + Duration::days(1));
        sqlx::query(
            "insert into users (id, tenant_id, city_id, enterprise_id, account, name, phone_sealed, phone_index, roles,
                                face_verified_at, face_method, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, array[$9], $10, $11, $12)",
        )
        .bind(person.id)
        .bind(person.tenant.0)
        .bind(self.city.id.0)
        .bind(person.enterprise)
        .bind(person.account)
        .bind(person.name)
        .bind(self.seal("users", person.id, "phone_sealed", person.phone)?)
        .bind(self.index("phone", person.phone)?.as_slice())
        .bind(person.role)
        .bind(verified)
        .bind(verified.map(|_| "face"))
        .bind(self.at)
        .execute(&mut **tx)
        .await?;
        sqlx::query("insert into credentials (user_id, tenant_id, password_hash, changed_at) values ($1, $2, $3, $4)")
            .bind(person.id)
            .bind(person.tenant.0)
            .bind(&self.hash)
            .bind(self.at)
            .execute(&mut **tx)
            .await?;
        Ok(())
    }

    async fn enterprise(&self, one: &Enterprise) -> anyhow::Result<()> {
        let phone_index = self.index("phone", &one.phone)?;
        let mut tx = door(self.parts).await?;
        let known: bool = sqlx::query_scalar(
            "select exists (select from users where city_id = $1 and phone_index = $2 and enterprise_id is not null)",
        )
        .bind(self.city.id.0)
        .bind(phone_index.as_slice())
        .fetch_one(&mut *tx)
        .await?;
        if known {
            return Ok(());
        }
        let (id, user) = (self.parts.clock.new_id(), self.parts.clock.new_id());
        self.enterprise_row(&mut tx, id, one).await?;
        self.person(
            &mut tx,
            &Person {
                id: user,
                tenant: self.city.id,
                enterprise: Some(id),
                account: &user.to_string(),
                name: &one.owner_name,
                phone: &one.phone,
                role: "eo",
                face_verified: one.face_verified,
            },
        )
        .await?;
        let mut screens = vec![("register", "register")];
        if one.face_verified {
            screens.push(("face", "face"));
        }
        for (screen, purpose) in screens {
            for agreement in self.city.ticked_on(screen) {
                consent(&mut tx, self, agreement, id, user, purpose).await?;
            }
        }
        tx.commit().await?;
        if one.profile_complete {
            self.documents(one, id, user).await?;
            self.size(one, id, user).await?;
        }
        Ok(())
    }

    async fn enterprise_row(
        &self,
        tx: &mut Transaction<'static, Postgres>,
        id: Uuid,
        one: &Enterprise,
    ) -> anyhow::Result<()> {
        let sealed = |column, text: &str| {
            (!text.is_empty())
                .then(|| self.seal("enterprises", id, column, text))
                .transpose()
        };
        let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let id_index = filled(&one.id_number)
            .map(|number| self.index("legal_id", &number))
            .transpose()?;
        sqlx::query(
            "insert into enterprises (id, tenant_id, name, legal_representative, region_code, unified_social_credit_code,
               registered_capital_cents, legal_id_sealed, legal_id_index, contact_phone_sealed, industry_code, address,
               recommender_tenant_id, email_sealed, first_loan, profile_completed_at, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        )
        .bind(id)
        .bind(self.city.id.0)
        .bind(&one.name)
        .bind(&one.legal_representative)
        .bind(&one.region_code)
        .bind(filled(&one.credit_code))
        .bind((one.registered_capital > 0).then(|| one.registered_capital * 1_000_000))
        .bind(sealed("legal_id_sealed", &one.id_number)?)
        .bind(id_index.map(|index| index.to_vec()))
        .bind(sealed("contact_phone_sealed", &one.legal_phone)?)
        .bind(filled(&one.industry_code))
        .bind(filled(&one.address))
        .bind(self.nodes.get(&one.recommended_institution).map(|n| n.0))
        .bind(sealed("email_sealed", &one.email)?)
        .bind(!one.has_loan_history)
        .bind(one.profile_complete.then_some(self.at + Duration::days(1)))
        .bind(self.at)
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// 企业划型, where the file says that it was declared.
    async fn size(&self, one: &Enterprise, enterprise: Uuid, user: Uuid) -> anyhow::Result<()> {
        let Some((figures, class)) = one.size() else {
            return Ok(());
        };
        let at = sized(self.parts);
        let mut tx = as_city(self.parts, self.city.id).await?;
        sqlx::query(
            "insert into size_declarations (id, tenant_id, enterprise_id, year, number, industry_code, employees, revenue_cents,
               size_class, declared_by, declared_name, declared_at)
             values ($1, $2, $3, $4, 1, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(self.parts.clock.new_id())
        .bind(self.city.id.0)
        .bind(enterprise)
        .bind(local_date(at).year())
        .bind(&one.industry_code)
        .bind(figures.employees.and_then(|n| i32::try_from(n.persons()).ok()))
        .bind(figures.revenue.map(Cents::cents))
        .bind(class.as_str())
        .bind(user)
        .bind(&one.owner_name)
        .bind(at)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Licence and both sides of the card, drawn and marked as samples, stored as uploads are.
    async fn documents(
        &self,
        one: &Enterprise,
        enterprise: Uuid,
        user: Uuid,
    ) -> anyhow::Result<()> {
        let mut tx = as_city(self.parts, self.city.id).await?;
        for kind in ProfileFile::ALL {
            let (title, lines) = words(*kind, one);
            let picture = tokio::task::spawn_blocking(move || media::sample_card(title, &lines))
                .await?
                .context("a sample card could not be drawn")?;
            let id = self.parts.clock.new_id();
            let place = DossierFile::place(self.city.id, FileId(id));
            let sealed = self.parts.sealer.seal(&place, &picture.jpeg)?;
            let key = self.parts.files.put(self.city.id.0, sealed).await?;
            sqlx::query(
                "insert into enterprise_files (id, tenant_id, enterprise_id, kind, object_key, media_type, byte_size, width,
                   height, sha256, created_by, created_at)
                 values ($1, $2, $3, $4, $5, 'image/jpeg', $6, $7, $8, $9, $10, $11)",
            )
            .bind(id)
            .bind(self.city.id.0)
            .bind(enterprise)
            .bind(kind.code())
            .bind(key.as_str())
            .bind(i32::try_from(picture.jpeg.len())?)
            .bind(i32::try_from(picture.width)?)
            .bind(i32::try_from(picture.height)?)
            .bind(picture.sha256.as_slice())
            .bind(user)
            .bind(self.at + Duration::days(1))
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

async fn consent(
    tx: &mut Transaction<'static, Postgres>,
    people: &People<'_>,
    agreement: &application::city::Agreement,
    enterprise: Uuid,
    user: Uuid,
    purpose: &str,
) -> anyhow::Result<()> {
    sqlx::query(
        "insert into consents (id, tenant_id, enterprise_id, user_id, agreement_code, agreement_version, agreement_title,
           body_hash, purpose, recipient, channel, granted_at)
         values ($1, $2, $3, $4, $5, $6, $7, sha256(convert_to($8, 'UTF8')), $9, $10, 'web', $11)",
    )
    .bind(people.parts.clock.new_id())
    .bind(people.city.id.0)
    .bind(enterprise)
    .bind(user)
    .bind(&agreement.code)
    .bind(&agreement.version)
    .bind(&agreement.title)
    .bind(&*agreement.body)
    .bind(purpose)
    .bind(&people.city.operator_name)
    .bind(people.at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What stands on a sample document.
fn words(kind: ProfileFile, one: &Enterprise) -> (&'static str, Vec<String>) {
    match kind {
        ProfileFile::Licence => (
            "营业执照（演示样张）",
            vec![
                format!("统一社会信用代码：{}", one.credit_code),
                format!("名称：{}", one.name),
                format!("法定代表人：{}", one.legal_representative),
                format!("注册资本：{} 万元", one.registered_capital),
                format!("成立日期：{}", one.established),
                format!("住所：{}", one.address),
            ],
        ),
        ProfileFile::IdFront => (
            "居民身份证（演示样张）",
            vec![
                format!("姓名：{}", one.legal_representative),
                format!("公民身份号码：{}", one.id_number),
                "本样张由演示程序绘制，不是证件".to_owned(),
            ],
        ),
        ProfileFile::IdBack => (
            "居民身份证 国徽面（演示样张）",
            vec![
                "签发机关：演示用虚构机关".to_owned(),
                "有效期限：2020.01.01–2040.01.01".to_owned(),
                "本样张由演示程序绘制，不是证件".to_owned(),
            ],
        ),
    }
}

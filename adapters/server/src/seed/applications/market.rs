//! Who may apply for what at which branch, read from what the other parts of the seed have written.

use std::{collections::BTreeMap, path::Path};

use application::{
    city::City,
    ports::{
        dossiers::{DossierFacts, DossierSize},
        reference::{IndustryDirectory, RegionDirectory},
    },
};
use domain::{
    calendar::local_date,
    financing::ActingPerson,
    ids::{EnterpriseId, ProductId, TenantId, UserId},
    product::ProductRange,
    tenant::Role,
    values::{Cents, Rate, TermUnit},
};
use reference::Reference;
use sqlx::FromRow;
use uuid::Uuid;

use super::plan::{Dice, End, Plan};
use crate::{
    seed::{
        content, files,
        people::{self, Enterprise},
    },
    wire::Parts,
};

/// What newcomers are led to, each the first of its file.
struct Shown {
    /// The branch of the printed sign-ins gets a third of everything.
    branch: Option<TenantId>,
    /// Nobody was refused this product, so everybody may apply for it at once.
    product: Option<ProductId>,
}

/// A product on the shelf, with the branches that carry it.
pub(super) struct Offer {
    pub product: ProductId,
    pub version: i32,
    pub name: String,
    pub bank: TenantId,
    pub range: ProductRange,
    pub branches: Vec<(TenantId, String)>,
}

/// An enterprise that may apply.
pub(super) struct Applicant {
    pub id: EnterpriseId,
    pub name: String,
    pub owner: ActingPerson,
    pub facts: DossierFacts,
}

/// Staff of one branch.
#[derive(Default)]
pub(super) struct Staff {
    pub managers: Vec<ActingPerson>,
    pub approvers: Vec<ActingPerson>,
}

pub(super) struct Market {
    pub offers: Vec<Offer>,
    pub enterprises: Vec<Applicant>,
    staff: BTreeMap<TenantId, Staff>,
    shown: Shown,
}

/// Who plays in one story.
pub(super) struct Cast<'a> {
    pub offer: &'a Offer,
    pub branch: (TenantId, String),
    pub applicant: &'a Applicant,
    pub manager: ActingPerson,
    pub approver: ActingPerson,
}

#[derive(FromRow)]
struct ProductRow {
    id: Uuid,
    tenant_id: Uuid,
    version: i32,
    name: String,
    amount_min_cents: i64,
    amount_max_cents: i64,
    rate_min: i32,
    rate_max: i32,
    term_min: i32,
    term_max: i32,
    term_unit: String,
}

pub(super) async fn read(parts: &Parts, city: &City, folder: &Path) -> anyhow::Result<Market> {
    let nodes = people::nodes(parts, city.id, folder).await?;
    let staff = staff(parts, city.id).await?;
    let mut offers = offers(parts, city.id).await?;
    for offer in &mut offers {
        offer.branches.retain(|(id, _)| {
            staff
                .get(id)
                .is_some_and(|s| !s.managers.is_empty() && !s.approvers.is_empty())
        });
    }
    offers.retain(|offer| !offer.branches.is_empty());
    Ok(Market {
        offers,
        enterprises: applicants(parts, city.id, folder).await?,
        staff,
        shown: shown(city, folder, &nodes)?,
    })
}

fn shown(city: &City, folder: &Path, nodes: &BTreeMap<String, TenantId>) -> anyhow::Result<Shown> {
    let institutions: files::Institutions = people::parsed(&folder.join("institutions.toml"))?;
    let products: files::Products = people::parsed(&folder.join("products.toml"))?;
    let branch = institutions
        .institutions
        .first()
        .and_then(|i| i.branches.first());
    let product = products.products.first();
    Ok(Shown {
        branch: branch.and_then(|b| nodes.get(&b.key).copied()),
        product: product.map(|p| content::product_id(city, &p.key)),
    })
}

async fn offers(parts: &Parts, city: TenantId) -> anyhow::Result<Vec<Offer>> {
    let mut tx = people::as_city(parts, city).await?;
    let rows: Vec<ProductRow> = sqlx::query_as(
        "select id, tenant_id, version, name, amount_min_cents, amount_max_cents, rate_min, rate_max, term_min, term_max,
                term_unit
         from products where city_id = $1 and status = 'published' order by name, id",
    )
    .bind(city.0)
    .fetch_all(&mut *tx)
    .await?;
    let carried: Vec<(Uuid, Uuid, String)> = sqlx::query_as(
        "select b.product_id, t.id, t.name from product_branches b join tenants t on t.id = b.branch_id
         where b.city_id = $1 order by t.name",
    )
    .bind(city.0)
    .fetch_all(&mut *tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Offer {
                product: ProductId(row.id),
                version: row.version,
                bank: TenantId(row.tenant_id),
                range: ProductRange {
                    amount_min: Cents::new(row.amount_min_cents)?,
                    amount_max: Cents::new(row.amount_max_cents)?,
                    rate_min: Rate::new(row.rate_min)?,
                    rate_max: Rate::new(row.rate_max)?,
                    term_min: u16::try_from(row.term_min)?,
                    term_max: u16::try_from(row.term_max)?,
                    term_unit: TermUnit::parse(&row.term_unit)?,
                },
                branches: carried
                    .iter()
                    .filter(|(product, ..)| *product == row.id)
                    .map(|(_, id, name)| (TenantId(*id), name.clone()))
                    .collect(),
                name: row.name,
            })
        })
        .collect()
}

async fn staff(parts: &Parts, city: TenantId) -> anyhow::Result<BTreeMap<TenantId, Staff>> {
    let mut tx = people::door(parts).await?;
    let rows: Vec<(Uuid, Uuid, String, Vec<String>)> = sqlx::query_as(
        "select id, tenant_id, name, roles from users
         where city_id = $1 and enterprise_id is null and status = 'active' order by account",
    )
    .bind(city.0)
    .fetch_all(&mut *tx)
    .await?;
    let mut staff: BTreeMap<TenantId, Staff> = BTreeMap::new();
    for (id, tenant, name, roles) in rows {
        let team = staff.entry(TenantId(tenant)).or_default();
        for role in roles.iter().filter_map(|code| Role::from_code(code)) {
            let person = ActingPerson {
                id: Some(UserId(id)),
                name: name.clone(),
                role,
            };
            match role {
                Role::CustomerManager => team.managers.push(person),
                Role::BranchApprover => team.approvers.push(person),
                _ => {}
            }
        }
    }
    Ok(staff)
}

async fn applicants(
    parts: &Parts,
    city: TenantId,
    folder: &Path,
) -> anyhow::Result<Vec<Applicant>> {
    let file = people::enterprises(folder)?;
    let year = local_date(people::sized(parts)).year();
    let mut tx = people::door(parts).await?;
    let rows: Vec<(Uuid, String, Uuid, String)> = sqlx::query_as(
        "select e.id, e.name, u.id, u.name from enterprises e
         join users u on u.tenant_id = e.tenant_id and u.enterprise_id = e.id and u.face_verified_at is not null
         where e.tenant_id = $1 and e.profile_completed_at is not null and e.status = 'active' order by e.name",
    )
    .bind(city.0)
    .fetch_all(&mut *tx)
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(id, name, user, owner)| {
            let written = file.iter().find(|e| e.name == name)?;
            Some(Applicant {
                id: EnterpriseId(id),
                owner: ActingPerson {
                    id: Some(UserId(user)),
                    name: owner,
                    role: Role::EnterpriseOwner,
                },
                facts: facts(written, year),
                name,
            })
        })
        .collect())
}

fn facts(one: &Enterprise, year: i32) -> DossierFacts {
    let regions: &dyn RegionDirectory = &Reference;
    let industries: &dyn IndustryDirectory = &Reference;
    DossierFacts {
        company_name: one.name.clone(),
        unified_social_credit_code: one.credit_code.clone(),
        registered_capital_cents: (one.registered_capital > 0)
            .then(|| one.registered_capital * 1_000_000),
        legal_representative: one.legal_representative.clone(),
        legal_id: one.id_number.clone(),
        contact_phone: one.legal_phone.clone(),
        region: regions.full_name(&one.region_code).unwrap_or_default(),
        county: regions.county_name(&one.region_code).unwrap_or_default(),
        industry: industries.full_name(&one.industry_code).unwrap_or_default(),
        address: one.address.clone(),
        email: one.email.clone(),
        first_loan: !one.has_loan_history,
        size: one.size().map(|(_, class)| DossierSize {
            class: class.as_str().to_owned(),
            year,
        }),
    }
}

impl Market {
    /// Who plays in a story; every third is at the branch of the printed sign-ins.
    pub fn cast(&self, plan: &Plan, dice: &mut Dice) -> Cast<'_> {
        let shown = self.shown.branch.filter(|_| plan.number.is_multiple_of(3));
        let refused = matches!(plan.end, End::Rejected | End::Appealed);
        let fitting: Vec<&Offer> = self
            .offers
            .iter()
            .filter(|o| !refused || Some(o.product) != self.shown.product)
            .collect();
        let here: Vec<&Offer> = fitting
            .iter()
            .copied()
            .filter(|o| o.branches.iter().any(|(id, _)| Some(*id) == shown))
            .collect();
        let offer = dice
            .pick(&here)
            .or_else(|| dice.pick(&fitting))
            .copied()
            .expect("asked only where there are products");
        let branch = offer
            .branches
            .iter()
            .find(|(id, _)| Some(*id) == shown)
            .or_else(|| dice.pick(&offer.branches))
            .cloned()
            .expect("an offer without branches was left out");
        let team = &self.staff[&branch.0];
        let person = |dice: &mut Dice, people: &[ActingPerson]| {
            dice.pick(people)
                .cloned()
                .expect("a branch without staff was left out")
        };
        Cast {
            manager: person(dice, &team.managers),
            approver: person(dice, &team.approvers),
            applicant: dice
                .pick(&self.enterprises)
                .expect("asked only where there are enterprises"),
            offer,
            branch,
        }
    }
}

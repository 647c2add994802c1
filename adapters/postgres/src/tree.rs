//! Tree 机构与支行 on PostgreSQL.

use application::ports::{
    store::StoreError,
    tree::{BranchFacts, OpenRequest, Tree, TreeBranch},
};
use async_trait::async_trait;
use domain::ids::{FinancingApplicationId, TenantId};
use sqlx::FromRow;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    parent_id: Uuid,
    name: String,
    region_code: String,
    address: String,
    phone: String,
    opening_hours: String,
    serves: Vec<String>,
    counter_check: bool,
    suspended: bool,
    people: i64,
    open: i64,
}

impl Row {
    fn branch(self) -> TreeBranch {
        TreeBranch {
            id: TenantId(self.id),
            parent: TenantId(self.parent_id),
            facts: BranchFacts {
                name: self.name,
                region: self.region_code,
                address: self.address,
                phone: self.phone,
                opening_hours: self.opening_hours,
                serves: self.serves,
                counter_check: self.counter_check,
            },
            suspended: self.suspended,
            people: self.people,
            open: self.open,
        }
    }
}

macro_rules! open_stages {
    () => {
        "('submitted', 'accepted', 'due_diligence', 'need_supplement', 'in_approval', 'approved', 'disbursing')"
    };
}

macro_rules! branch {
    ($rest:literal) => {
        concat!(
            "select t.id, t.parent_id, t.name, b.region_code, b.address, b.phone, b.opening_hours, b.serves, b.counter_check,
               t.status = 'suspended' as suspended,
               (select count(*) from users u where u.tenant_id = t.id and u.status in ('active', 'invited')) as people,
               (select count(*) from financing_applications a where a.handler_tenant_id = t.id and a.stage in ",
            open_stages!(),
            ") as open
             from tenants t join branches b on b.tenant_id = t.id
             where b.bank_id = $1 and t.id = any ((select current_reach())::uuid[]) ",
            $rest
        )
    };
}

#[async_trait]
impl Tree for PgUnitOfWork {
    async fn branches(&mut self) -> Result<Vec<TreeBranch>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(branch!("order by t.name, t.id"))
            .bind(self.tenant.0)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(in_tree_order(
            self.tenant,
            rows.into_iter().map(Row::branch).collect(),
        ))
    }

    async fn branch(&mut self, id: TenantId) -> Result<Option<TreeBranch>, StoreError> {
        let row: Option<Row> = sqlx::query_as(branch!("and t.id = $2 for update of t, b"))
            .bind(self.tenant.0)
            .bind(id.0)
            .fetch_optional(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(row.map(Row::branch))
    }

    async fn add(
        &mut self,
        id: TenantId,
        parent: TenantId,
        facts: &BranchFacts,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into tenants (id, parent_id, city_id, kind, name, short_name, created_at)
             values ($1, $2, $3, 'branch', $4, left($4, 30), $5)",
        )
        .bind(id.0)
        .bind(parent.0)
        .bind(self.city.0)
        .bind(&facts.name)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        sqlx::query(
            "insert into branches (tenant_id, city_id, bank_id, region_code, address, phone, opening_hours, serves, counter_check)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(id.0)
        .bind(self.city.0)
        .bind(self.tenant.0)
        .bind(&facts.region)
        .bind(&facts.address)
        .bind(&facts.phone)
        .bind(&facts.opening_hours)
        .bind(&facts.serves)
        .bind(facts.counter_check)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn change(&mut self, id: TenantId, facts: &BranchFacts) -> Result<(), StoreError> {
        sqlx::query(
            "update tenants set name = $2, short_name = left($2, 30) where id = $1 and name <> $2",
        )
        .bind(id.0)
        .bind(&facts.name)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        sqlx::query(
            "update branches set region_code = $2, address = $3, phone = $4, opening_hours = $5, serves = $6, counter_check = $7
             where tenant_id = $1",
        )
        .bind(id.0)
        .bind(&facts.region)
        .bind(&facts.address)
        .bind(&facts.phone)
        .bind(&facts.opening_hours)
        .bind(&facts.serves)
        .bind(facts.counter_check)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn set_suspended(&mut self, id: TenantId, suspended: bool) -> Result<(), StoreError> {
        sqlx::query("update tenants set status = case when $2 then 'suspended' else 'active' end where id = $1")
            .bind(id.0)
            .bind(suspended)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        // This row is what tells the portal.
        sqlx::query("update branches set status = case when $2 then 'suspended' else 'published' end where tenant_id = $1")
            .bind(id.0)
            .bind(suspended)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn open_requests(&mut self, id: TenantId) -> Result<Vec<OpenRequest>, StoreError> {
        let rows: Vec<(Uuid, Option<String>, String)> = sqlx::query_as(concat!(
            "select id, application_no, enterprise_name from financing_applications
             where handler_tenant_id = $1 and bank_id = $2 and stage in ",
            open_stages!(),
            " order by due_at nulls last, id limit 100"
        ))
        .bind(id.0)
        .bind(self.tenant.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|(id, number, enterprise)| OpenRequest {
                id: FinancingApplicationId(id),
                number: number.unwrap_or_default(),
                enterprise,
            })
            .collect())
    }
}

/// Parents before their children, each level in the order given.
fn in_tree_order(root: TenantId, mut rest: Vec<TreeBranch>) -> Vec<TreeBranch> {
    let mut ordered: Vec<TreeBranch> = Vec::with_capacity(rest.len());
    let mut parents = vec![root];
    while let Some(parent) = parents.pop() {
        if let Some(at) = rest.iter().position(|branch| branch.parent == parent) {
            let branch = rest.remove(at);
            parents.push(parent);
            parents.push(branch.id);
            ordered.push(branch);
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_stand_below_their_parent() {
        let id = |n: u128| TenantId(Uuid::from_u128(n));
        let branch = |n: u128, parent: u128| TreeBranch {
            id: id(n),
            parent: id(parent),
            facts: BranchFacts::default(),
            suspended: false,
            people: 0,
            open: 0,
        };
        let ordered = in_tree_order(
            id(1),
            vec![branch(4, 2), branch(2, 1), branch(3, 1), branch(5, 4)],
        );
        let ids: Vec<TenantId> = ordered.iter().map(|b| b.id).collect();
        assert_eq!(ids, [id(2), id(4), id(5), id(3)]);
    }
}

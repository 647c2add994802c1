//! Renewals 续贷 and deferrals 延期 of the demonstration: of the loans that come due soon, one is being renewed, one is asked to run longer,
//! the others only come due. Asked for by the use cases themselves; once.

use anyhow::Context as _;
use application::{
    access::Actor,
    city::City,
    error::{Kind, UseError},
    financing::{AskDeferral, AskInput, Financing, Follows, Next, SubmitApplication},
    once::Once,
};
use domain::{
    calendar::local_date,
    ids::{DrawId, EnterpriseId, FinancingApplicationId, ProductId, UserId},
    renewal::OPENS_DAYS,
};
use sqlx::FromRow;
use time::{Date, Duration};
use uuid::Uuid;

use super::{actors, once, people};
use crate::wire::{self, Parts};

/// A loan that comes due soon.
#[derive(FromRow)]
struct Loan {
    id: Uuid,
    enterprise_id: Uuid,
    product_id: Uuid,
    owner: Uuid,
    name: String,
    draw: Uuid,
    due_on: Date,
}

impl Loan {
    fn id(&self) -> FinancingApplicationId {
        FinancingApplicationId(self.id)
    }

    fn owner(&self, city: &City) -> Actor {
        let whose = (UserId(self.owner), EnterpriseId(self.enterprise_id));
        actors::owner(city, whose, &self.name)
    }
}

/// Adds what was never there.
pub async fn run(parts: &Parts, city: &City) -> anyhow::Result<()> {
    let today = local_date(parts.clock.now());
    let mut tx = people::as_city(parts, city.id).await?;
    let (renewed, deferred): (bool, bool) = sqlx::query_as(
        "select exists (select from financing_applications where tenant_id = $1 and renews_id is not null),
           exists (select from loan_deferrals where tenant_id = $1)",
    )
    .bind(city.id.0)
    .fetch_one(&mut *tx)
    .await?;
    let loans: Vec<Loan> = sqlx::query_as(
        "select a.id, a.enterprise_id, a.product_id, a.created_by as owner, u.name, d.id as draw, d.due_on
         from financing_applications a
         join disbursements d on d.tenant_id = a.tenant_id and d.application_id = a.id and d.number = 1
         join users u on u.id = a.created_by and u.status = 'active'
         where a.tenant_id = $1 and a.stage = 'disbursed' and not a.frozen and d.due_on > $2 and d.due_on <= $3
         order by d.due_on, a.id",
    )
    .bind(city.id.0)
    .bind(today)
    .bind(today + Duration::days(OPENS_DAYS))
    .fetch_all(&mut *tx)
    .await?;
    drop(tx);
    let financing = wire::financing::financing(parts);
    let mut left = loans.iter();
    if !renewed {
        for loan in left.by_ref() {
            if renew(&financing, city, loan).await? {
                break;
            }
        }
    }
    if !deferred && let Some(loan) = left.next() {
        let ask = AskDeferral {
            application: loan.id(),
            draw: Some(DrawId(loan.draw)),
            wanted_on: (loan.due_on + Duration::days(90)).to_string(),
            reason: "下游客户的货款推迟到下个季度支付，届时一次还清。".to_owned(),
            once: once("renewal", "deferral"),
        };
        let asked = financing.ask_deferral(&loan.owner(city), ask).await;
        asked.context("a demonstration deferral")?;
    }
    Ok(())
}

/// As its page would do it; false where it cannot be asked for, and another loan is looked for.
async fn renew(financing: &Financing, city: &City, loan: &Loan) -> anyhow::Result<bool> {
    let (owner, product) = (loan.owner(city), ProductId(loan.product_id));
    let follows = Follows {
        again: None,
        renews: Some(loan.id()),
    };
    let Some(form) = there(financing.form(&owner, product, follows).await)? else {
        return Ok(false);
    };
    let clear = form.cool_down.is_none() && !form.frozen && form.face_verified;
    if !clear || !form.profile_complete || form.draft.is_some() {
        return Ok(false);
    }
    let texts = city.ticked_on("apply");
    let agreed: Vec<String> = texts.iter().map(|text| text.code.clone()).collect();
    let input = AskInput {
        product,
        amount: form.typed.amount,
        term: form.typed.term,
        rate: form.typed.rate,
        branch: form.typed.branch,
        agreed: agreed.clone(),
        opened: agreed,
        again: None,
        renews: Some(loan.id()),
    };
    let Some(saved) = there(financing.save(&owner, input).await)? else {
        return Ok(false);
    };
    if saved.next != Next::Check {
        return Ok(false);
    }
    let Once { key, body_hash } = once("renewal", "submission");
    let click = SubmitApplication {
        draft: saved.application,
        version: 1,
        confirm_duplicate: true,
        key,
        body_hash,
    };
    Ok(there(financing.submit(&owner, click).await)?.is_some())
}

/// Nothing where the rules speak against it.
fn there<T>(asked: Result<T, UseError>) -> anyhow::Result<Option<T>> {
    match asked {
        Ok(done) => Ok(Some(done)),
        Err(error) if matches!(error.kind, Kind::Conflict | Kind::Invalid) => Ok(None),
        Err(error) => Err(error).context("a demonstration renewal"),
    }
}

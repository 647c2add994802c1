//! Subsidies 贴息补贴 of the demonstration: claims that wait, that were paid and that wait for the payment, and a loan on the list of a
//! 免申即享 policy; made by the use cases themselves, once.

use anyhow::Context as _;
use application::{
    access::Actor,
    city::City,
    once::Once,
    ports::subsidies::FittingAsk,
    subsidies::{
        ApplySubsidy, AskedAccount, ClaimDeed, DecideClaim, EffectAsk, ListLoan, SubsidyRoom,
    },
};
use domain::{
    calendar::local_date,
    ids::{EnterpriseId, FinancingApplicationId, UserId},
    values::Cents,
};
use sqlx::FromRow;
use uuid::Uuid;

use super::{people, renewals::owner_of};
use crate::wire::{self, Parts};

/// The two operators of the printed sign-ins.
const OPERATORS: [&str; 2] = ["city-op1", "city-op2"];
/// How far each claim is: nobody has looked, it waits for the payment, it is paid.
const STEPS: [usize; 3] = [0, 2, 3];

/// A request that is drawn on, with whoever asked for it.
#[derive(FromRow)]
struct Loan {
    id: Uuid,
    enterprise_id: Uuid,
    owner: Uuid,
    name: String,
}

fn once(what: &str) -> Once {
    Once {
        key: format!("demonstration-subsidy-{what}"),
        body_hash: [0; 32],
    }
}

/// Adds what was never there.
pub async fn run(parts: &Parts, city: &City) -> anyhow::Result<()> {
    let mut operators = Vec::new();
    for account in OPERATORS {
        operators.extend(people::signed_in_as(parts, city, account).await?);
    }
    let [first, second] = operators.as_slice() else {
        return Ok(());
    };
    let mut tx = people::as_city(parts, city.id).await?;
    let there: bool =
        sqlx::query_scalar("select exists (select from subsidy_claims where tenant_id = $1)")
            .bind(city.id.0)
            .fetch_one(&mut *tx)
            .await?;
    let loans: Vec<Loan> = sqlx::query_as(
        "select a.id, a.enterprise_id, a.created_by as owner, u.name from financing_applications a
         join users u on u.id = a.created_by and u.status = 'active'
         where a.tenant_id = $1 and a.stage = 'disbursed' and exists (select from disbursements d
           where d.tenant_id = a.tenant_id and d.application_id = a.id and d.confirmed_at is not null)
         order by a.submitted_at, a.id",
    )
    .bind(city.id.0)
    .fetch_all(&mut *tx)
    .await?;
    drop(tx);
    if there {
        return Ok(());
    }
    let room = wire::catalogue::subsidies(parts);
    enlist(&room, first).await?;
    let mut steps = STEPS.iter();
    let mut next = steps.next();
    for loan in &loans {
        let Some(done) = next else { break };
        if let Some((claim, sum)) = apply(&room, city, loan).await? {
            let today = local_date(parts.clock.now()).to_string();
            decide(
                &room,
                (first, second),
                (claim, sum),
                (*done, today.as_str()),
            )
            .await?;
            next = steps.next();
        }
    }
    Ok(())
}

/// The first loan of the first 免申即享 policy that there is any for.
async fn enlist(room: &SubsidyRoom, operator: &Actor) -> anyhow::Result<()> {
    let policies = room.effects(operator, EffectAsk::default()).await?.policies;
    for offer in policies.iter().filter(|offer| offer.handling.is_listed()) {
        let ask = FittingAsk {
            span: None,
            unclaimed: true,
            after: None,
            most: 1,
        };
        let leaf = room.fitting(operator, offer.policy, ask).await?;
        let Some((facts, Some(granted))) = leaf.rows.first() else {
            continue;
        };
        let ask = ListLoan {
            policy: offer.policy,
            draw: facts.draw,
            shown: granted.sum.cents().to_string(),
            once: once("listed"),
        };
        return room
            .enlist(operator, ask)
            .await
            .context("a loan on the list of the demonstration");
    }
    Ok(())
}

/// As the page of the loan would do it; nothing where no policy is for it.
async fn apply(
    room: &SubsidyRoom,
    city: &City,
    loan: &Loan,
) -> anyhow::Result<Option<(Uuid, Cents)>> {
    let whose = (UserId(loan.owner), EnterpriseId(loan.enterprise_id));
    let owner = owner_of(city, whose, &loan.name);
    let application = FinancingApplicationId(loan.id);
    for draw in room.of_loan(&owner, application).await? {
        let open = draw.offers.iter().find(|offered| offered.may_apply);
        let Some((offered, granted)) = open.and_then(|one| Some((one, one.granted?))) else {
            continue;
        };
        let ask = ApplySubsidy {
            application,
            draw: draw.draw,
            policy: offered.offer.policy,
            shown: granted.sum.cents().to_string(),
            account: AskedAccount {
                bank: "狮城商业银行运河支行".to_owned(),
                number: "6222000011112345".to_owned(),
            },
            declared: true,
            once: once(&loan.id.to_string()),
        };
        let claim = room.apply(&owner, ask).await;
        return Ok(Some((claim.context("a demonstration claim")?, granted.sum)));
    }
    Ok(None)
}

/// So many of the steps 初审, 复核, 拨付.
async fn decide(
    room: &SubsidyRoom,
    (first, second): (&Actor, &Actor),
    (claim, sum): (Uuid, Cents),
    (done, today): (usize, &str),
) -> anyhow::Result<()> {
    let shown = sum.cents().to_string();
    let steps = [
        (
            first,
            ClaimDeed::Propose {
                shown: shown.clone(),
            },
        ),
        (second, ClaimDeed::Approve { shown }),
        (
            first,
            ClaimDeed::Pay {
                sum: sum.format_yuan(),
                on: today.to_owned(),
            },
        ),
    ];
    for (version, (who, deed)) in (1..).zip(steps).take(done) {
        let ask = DecideClaim {
            claim,
            version,
            deed,
            once: once(&format!("{claim}-{version}")),
        };
        let decided = room.decide(who, ask).await;
        decided.context("a decision on a demonstration claim")?;
    }
    Ok(())
}

//! Sandbox 沙箱: six invented applications of a key, moved by the same domain methods as real ones and never near a real row.

use domain::{
    calendar::local_date,
    financing::{ActingPerson, ApplicationRecord, Begun, FinancingApplication, Stage},
    ids::{EnterpriseId, FinancingApplicationId, ProductId, TenantId, UserId},
    values::{ApplicationNumber, Cents, Rate, Term, TermUnit},
};
use sha2::{Digest as _, Sha256};
use time::{Date, Duration, OffsetDateTime, macros::format_description};
use uuid::Uuid;

use super::{
    Deed, Write,
    desk::draw_of,
    view::{self, DrawView, Loan, LoanView, RepaymentView, day, yuan},
};
use crate::{
    error::{UseError, UseResult},
    lending::{draw, repay},
    ports::store::UnitOfWork,
    review::Seen,
};

/// Stage, 万元 asked, 万元 approved, 万元 drawn.
const SCENES: [(Stage, u32, u32, u32); 6] = [
    (Stage::Submitted, 50, 0, 0),
    (Stage::InApproval, 80, 0, 0),
    (Stage::Approved, 100, 80, 0),
    (Stage::Disbursing, 300, 300, 120),
    (Stage::Disbursed, 20, 20, 20),
    (Stage::Rejected, 500, 0, 0),
];
const FIRMS: [&str; 6] = [
    "示例一号机械有限公司",
    "示例二号化工有限公司",
    "示例三号管道有限公司",
    "示例四号食品有限公司",
    "示例五号包装有限公司",
    "示例六号商贸有限公司",
];

/// The same ids for the same key, whenever they are made.
fn id_of(key: Uuid, what: &str) -> Uuid {
    let hash = Sha256::new()
        .chain_update(key.as_bytes())
        .chain_update(what)
        .finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

fn broken(error: impl std::error::Error + Send + Sync + 'static) -> UseError {
    UseError::bug(error)
}

/// An application that never was; only what the loan's rules read is told apart.
fn record(
    id: Uuid,
    stage: Stage,
    amount: Cents,
    term: Term,
    at: OffsetDateTime,
) -> UseResult<ApplicationRecord> {
    Ok(ApplicationRecord {
        handler: Some(TenantId(id_of(id, "branch"))),
        handler_name: "示例支行".to_owned(),
        stage,
        ever_accepted: !matches!(stage, Stage::Submitted),
        version: 2,
        submitted_at: Some(at),
        ..ApplicationRecord::from(Begun {
            id: FinancingApplicationId(id),
            tenant: TenantId(Uuid::nil()),
            bank: TenantId(Uuid::nil()),
            enterprise: EnterpriseId(Uuid::nil()),
            enterprise_name: String::new(),
            product: ProductId(id_of(id, "product")),
            product_version: 1,
            product_name: "示例经营贷".to_owned(),
            amount,
            rate: Rate::new(375).map_err(broken)?,
            term,
            channel: "web".to_owned(),
            created_by: UserId(Uuid::nil()),
            created_at: at,
        })
    })
}

fn invented(key: Uuid, index: usize, at: OffsetDateTime) -> UseResult<LoanView> {
    let (stage, asked, approved, drawn) = SCENES[index];
    let day_of = at - Duration::days(10);
    let term = Term::new(12, TermUnit::Month).map_err(broken)?;
    let asked = Cents::from_wan(asked).map_err(broken)?;
    let mut record = record(
        id_of(key, FIRMS[index]),
        stage,
        asked,
        term,
        day_of + Duration::minutes(i64::try_from(index).unwrap_or(0)),
    )?;
    FIRMS[index].clone_into(&mut record.enterprise_name);
    record.number =
        ApplicationNumber::new(local_date(day_of), u32::try_from(index + 1).unwrap_or(1));
    let mut loan = Loan {
        owed: yuan(Cents::ZERO),
        ..Loan::default()
    };
    if approved > 0 {
        record.approved_amount = Some(Cents::from_wan(approved).map_err(broken)?);
        record.approved_rate = Some(record.rate);
        record.approved_term = Some(term);
        record.approval_valid_until = Some(local_date(at + Duration::days(90)));
        record.decided_at = Some(day_of);
    }
    if stage == Stage::Rejected {
        record.decided_at = Some(day_of);
    }
    if drawn > 0 {
        record.drawn = Cents::from_wan(drawn).map_err(broken)?;
        record.draws = 1;
        loan.owed = yuan(record.drawn);
        loan.draws.push(DrawView {
            id: id_of(record.id.0, "draw"),
            number: 1,
            amount: yuan(record.drawn),
            rate: record.rate.percent(),
            drawn_on: day(day_of + Duration::days(1)),
            due_on: Some(day(at + Duration::days(365))),
            contract_no: "SANDBOX-1".to_owned(),
            confirmed: true,
            disputed: false,
        });
    }
    let mut view = view::of(&record);
    view.loan = Some(loan);
    Ok(view)
}

/// The key's applications; made at the first look.
pub(super) async fn all(
    work: &mut dyn UnitOfWork,
    key: Uuid,
    at: OffsetDateTime,
) -> UseResult<Vec<LoanView>> {
    let kept = work.bank_api().sandbox(key).await?;
    if !kept.is_empty() {
        return kept
            .into_iter()
            .map(|(_, state)| serde_json::from_value(state).map_err(UseError::bug))
            .collect();
    }
    let mut views = Vec::with_capacity(SCENES.len());
    for index in 0..SCENES.len() {
        let view = invented(key, index, at)?;
        let state = serde_json::to_value(&view).map_err(UseError::bug)?;
        let position = i32::try_from(index).unwrap_or(0);
        work.bank_api()
            .put_sandbox(key, view.id, position, state)
            .await?;
        views.push(view);
    }
    Ok(views)
}

/// One of them with its position.
pub(super) async fn one(
    work: &mut dyn UnitOfWork,
    key: Uuid,
    id: FinancingApplicationId,
    at: OffsetDateTime,
) -> UseResult<Option<(i32, LoanView)>> {
    let views = all(work, key, at).await?;
    Ok((0..).zip(views).find(|(_, view)| view.id == id.0))
}

fn read_day(text: &str) -> UseResult<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).map_err(UseError::bug)
}

/// As the domain knows it.
fn restore(view: &LoanView) -> UseResult<FinancingApplication> {
    let unit = TermUnit::parse(&view.term.unit).map_err(broken)?;
    let term = Term::new(view.term.value, unit).map_err(broken)?;
    let stage = Stage::from_code(&view.stage).ok_or_else(|| UseError::bug("a stage"))?;
    let amount = Cents::parse_yuan(&view.amount).map_err(broken)?;
    let submitted = view.submitted_at.unwrap_or(view.updated_at);
    let mut record = record(view.id, stage, amount, term, submitted)?;
    record.number = ApplicationNumber::parse(&view.number).ok();
    record.version = view.version;
    record.enterprise_name.clone_from(&view.enterprise_name);
    record.decided_at = view.decided_at;
    record.updated_at = view.updated_at;
    record.drawn = Cents::parse_yuan(&view.drawn).map_err(broken)?;
    let draws = view.loan.as_ref().map_or(0, |loan| loan.draws.len());
    record.draws = u16::try_from(draws).map_err(broken)?;
    if let Some(approved) = &view.approved {
        record.approved_amount = Some(Cents::parse_yuan(&approved.amount).map_err(broken)?);
        record.approved_rate = Some(Rate::parse(&approved.rate).map_err(broken)?);
        record.approved_term = Some(term);
        record.approval_valid_until = Some(read_day(&approved.valid_until)?);
    }
    Ok(FinancingApplication::restore(record))
}

/// Does it to the invented application, by the rules of real ones.
pub(super) fn apply(
    view: &mut LoanView,
    ask: &Write,
    at: OffsetDateTime,
    new_id: Uuid,
) -> UseResult<()> {
    if view.version != ask.version {
        return Err(UseError::conflict("stale"));
    }
    let mut application = restore(view)?;
    let mut loan = view.loan.take().unwrap_or_default();
    let owed = Cents::parse_yuan(&loan.owed).map_err(broken)?;
    match &ask.deed {
        Deed::Draw { .. } => {
            let seen = Seen {
                application: ask.application,
                version: ask.version,
                once: ask.once.clone(),
            };
            let typed = draw_of(ask, seen).ok_or_else(UseError::not_found)?;
            let (draw, due_on) = draw::parse(&typed)?;
            application.check_draw(&draw, Some(due_on))?;
            application.disburse(ActingPerson::system(), draw.clone(), at)?;
            let owed = owed
                .checked_add(draw.amount)
                .ok_or_else(|| UseError::bug("an amount"))?;
            loan.owed = yuan(owed);
            loan.draws.push(DrawView {
                id: new_id,
                number: application.record().draws,
                amount: yuan(draw.amount),
                rate: draw.rate.percent(),
                drawn_on: draw.on.to_string(),
                due_on: Some(due_on.to_string()),
                contract_no: draw.contract_no,
                confirmed: false,
                disputed: false,
            });
        }
        Deed::Repay { principal, paid_on } => {
            let paid = repay::parse(principal, paid_on)?;
            let first = loan.draws.iter().map(|draw| read_day(&draw.drawn_on));
            let first = first.collect::<UseResult<Vec<Date>>>()?.into_iter().min();
            let left = paid.left_of(owed, application.record().stage, first, at)?;
            loan.owed = yuan(left);
            loan.repayments.push(RepaymentView {
                id: new_id,
                principal: yuan(paid.principal),
                paid_on: paid.on.to_string(),
                owed: yuan(left),
            });
        }
        Deed::Settle => {
            application.settle(ActingPerson::system(), owed, at)?;
        }
    }
    *view = view::of(application.record());
    view.loan = Some(loan);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::once::Once;
    use time::macros::datetime;

    const AT: OffsetDateTime = datetime!(2026-11-25 01:30 UTC);

    fn ask(view: &LoanView, deed: Deed) -> Write {
        Write {
            application: FinancingApplicationId(view.id),
            version: view.version,
            deed,
            once: Once {
                key: String::new(),
                body_hash: [0; 32],
            },
        }
    }

    fn draw(amount: &str) -> Deed {
        Deed::Draw {
            amount: amount.to_owned(),
            rate: "3.75".to_owned(),
            drawn_on: "2026-11-25".to_owned(),
            due_on: "2027-11-25".to_owned(),
            contract_no: "HT-1".to_owned(),
            last: false,
        }
    }

    #[test]
    fn invented_applications_are_the_same_for_the_same_key_and_read_back_as_they_are() {
        let key = Uuid::from_u128(7);
        for index in 0..SCENES.len() {
            let view = invented(key, index, AT).expect("a scene");
            assert_eq!(view, invented(key, index, AT).expect("a scene"));
            assert_ne!(
                view.id,
                invented(Uuid::from_u128(8), index, AT).expect("a scene").id
            );
            let read = restore(&view).expect("it reads back");
            let mut again = view::of(read.record());
            again.loan = view.loan.clone();
            assert_eq!(again, view);
        }
    }

    #[test]
    fn the_rules_of_real_loans_hold_in_the_sandbox() {
        let mut view = invented(Uuid::from_u128(7), 2, AT).expect("approved for 80");
        let id = Uuid::from_u128(1);
        let too_much = ask(&view, draw("800000.01"));
        let refused = apply(&mut view.clone(), &too_much, AT, id).expect_err("more than approved");
        assert_eq!(refused.code, "financing.draw_too_large");
        let first = ask(&view, draw("800000.00"));
        apply(&mut view, &first, AT, id).expect("all of it");
        assert_eq!(view.stage, "disbursed");
        let stale = apply(&mut view.clone(), &first, AT, id).expect_err("it moved on");
        assert_eq!(stale.code, "stale");
        let early = ask(&view, Deed::Settle);
        assert!(apply(&mut view.clone(), &early, AT, id).is_err());
        let back = Deed::Repay {
            principal: "800000".to_owned(),
            paid_on: "2026-11-25".to_owned(),
        };
        let back = ask(&view, back);
        apply(&mut view, &back, AT, id).expect("all of it back");
        let end = ask(&view, Deed::Settle);
        apply(&mut view, &end, AT, id).expect("nothing is owed");
        assert_eq!(view.disbursement_status, "已结清");
        assert_eq!(view.loan.expect("its loan").owed, "0.00");
    }
}

//! 放款与还款 (rows 25 to 28): draws to confirm or doubt, what was paid back, and giving an approval up.

use application::{
    access::Actor,
    error::{Kind, UseResult},
    financing::{DrawAnswer, GiveUp, LoanSheet},
    ports::{
        lending::{StoredDraw, StoredRepayment},
        loan_corrections::LoanChange,
    },
};
use axum::http::Method;
use domain::{
    financing::{ApplicationRecord, DisbursementStatus, Stage},
    ids::{DrawId, FinancingApplicationId},
    values::{Cents, Rate, Term},
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    Api,
    call::Call,
    door::{Done, Door, NoQuery, Who},
    shapes::{Word, day, instant, wan},
};

const TAG: &str = "放款与还款";

/// 放款与还款 of a request that was granted.
#[derive(Serialize, ToSchema)]
struct LoanView {
    application_no: String,
    /// 受理支行.
    institution: String,
    /// 放款状态.
    disbursement: Word,
    /// 批准金额, 万元.
    approved_amount: Option<String>,
    /// 批准利率, %/年.
    approved_rate: Option<String>,
    approved_term: Option<u16>,
    approved_term_unit: Option<Word>,
    /// 额度有效期至.
    approval_valid_until: Option<String>,
    /// 累计放款, 万元.
    drawn: String,
    /// 待还本金, 元.
    owed_yuan: String,
    draws: Vec<DrawView>,
    repayments: Vec<RepaymentView>,
    /// 可以放弃额度.
    may_give_up: bool,
}

/// 一笔放款.
#[derive(Serialize, ToSchema)]
pub(crate) struct DrawView {
    id: Uuid,
    number: u16,
    #[serde(flatten)]
    facts: DrawFacts,
    state: Word,
    /// 您的异议.
    dispute: Option<Words>,
    /// 支行答复.
    answer: Option<Words>,
    /// 已更正: what it said before, oldest first.
    corrections: Vec<DrawBefore>,
    /// 可以确认无误.
    may_confirm: bool,
    /// 可以提出异议: once for each draw.
    may_dispute: bool,
}

/// 放款内容.
#[derive(Serialize, ToSchema)]
struct DrawFacts {
    /// 放款金额, 万元.
    amount: String,
    /// The same in 元.
    amount_yuan: String,
    /// 执行利率, %/年.
    rate: String,
    /// 放款日期.
    drawn_on: String,
    /// 到期日期.
    due_on: Option<String>,
    /// 合同编号.
    contract_no: String,
}

/// 原来登记的放款.
#[derive(Serialize, ToSchema)]
struct DrawBefore {
    #[serde(flatten)]
    facts: DrawFacts,
    corrected_at: Option<String>,
    /// 更正原因.
    reason: String,
}

/// 说的话.
#[derive(Serialize, ToSchema)]
struct Words {
    words: String,
    at: String,
}

/// 一笔还款.
#[derive(Serialize, ToSchema)]
struct RepaymentView {
    id: Uuid,
    /// 归还本金, 元.
    principal_yuan: String,
    /// 还款日期.
    repaid_on: String,
    /// 待还本金 afterwards, 元.
    balance_yuan: String,
    /// 已更正: what it said before, oldest first.
    corrections: Vec<RepaymentBefore>,
}

/// 原来登记的还款.
#[derive(Serialize, ToSchema)]
struct RepaymentBefore {
    principal_yuan: String,
    repaid_on: String,
    corrected_at: Option<String>,
    /// 更正原因.
    reason: String,
}

/// 提出异议.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Dispute {
    /// 哪一项不一致; 最多 300 个字.
    #[schema(max_length = 600)]
    dispute: String,
}

/// 放弃额度.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GiveUpLoan {
    /// 最多 200 个字, 受理支行可以看到.
    #[schema(max_length = 400)]
    #[serde(default)]
    give_up_reason: String,
}

pub(crate) fn doors() -> Vec<Door> {
    let own = Who::Enterprise;
    vec![
        Door::read(
            TAG,
            "放款与还款",
            own,
            "/api/v1/applications/{id}/loan",
            show,
        )
        .conflicting(),
        Door::act(
            TAG,
            "确认一笔放款无误",
            own,
            (
                Method::POST,
                "/api/v1/applications/{id}/loan/draws/{draw}/confirmation",
            ),
            confirm,
        )
        .keyed(),
        Door::write(
            TAG,
            "对一笔放款提出异议",
            own,
            (
                Method::POST,
                "/api/v1/applications/{id}/loan/draws/{draw}/dispute",
            ),
            dispute,
        )
        .keyed(),
        Door::write(
            TAG,
            "放弃额度",
            own,
            (Method::POST, "/api/v1/applications/{id}/loan/giving-up"),
            give_up,
        )
        .keyed(),
    ]
}

fn yuan(cents: Cents) -> String {
    cents.format_yuan().replace(',', "")
}

fn facts(of: &domain::financing::DrawFacts) -> DrawFacts {
    DrawFacts {
        amount: wan(of.amount),
        amount_yuan: yuan(of.amount),
        rate: of.rate.percent(),
        drawn_on: day(of.on),
        due_on: of.due_on.map(day),
        contract_no: of.contract_no.clone(),
    }
}

fn said(words: &str, at: Option<OffsetDateTime>) -> Option<Words> {
    at.map(|at| Words {
        words: words.to_owned(),
        at: instant(at),
    })
}

fn draw(sheet: &LoanSheet, stage: Stage, one: &StoredDraw) -> DrawView {
    let before = sheet.corrections.iter().filter_map(|made| {
        let was = match &made.change {
            LoanChange::Draw(id, change) if *id == one.id => &change.was,
            _ => return None,
        };
        Some(DrawBefore {
            facts: facts(was),
            corrected_at: made.settled_at.map(instant),
            reason: made.reason.clone(),
        })
    });
    let state = one.state(stage);
    let may_confirm = sheet.may_answer && one.confirmed_at.is_none();
    DrawView {
        id: one.id.0,
        number: one.number,
        facts: facts(&one.facts()),
        state: Word::new(state.code(), state.zh()),
        dispute: said(&one.dispute, one.disputed_at),
        answer: said(&one.settled_note, one.settled_at),
        corrections: before.collect(),
        may_confirm,
        may_dispute: may_confirm && one.disputed_at.is_none(),
    }
}

fn repayment(sheet: &LoanSheet, one: &StoredRepayment) -> RepaymentView {
    let before = sheet.corrections.iter().filter_map(|made| {
        let was = match &made.change {
            LoanChange::Repayment(id, change) if *id == one.id => change.was,
            _ => return None,
        };
        Some(RepaymentBefore {
            principal_yuan: yuan(was.principal),
            repaid_on: day(was.on),
            corrected_at: made.settled_at.map(instant),
            reason: made.reason.clone(),
        })
    });
    RepaymentView {
        id: one.id.0,
        principal_yuan: yuan(one.principal),
        repaid_on: day(one.on),
        balance_yuan: yuan(one.balance),
        corrections: before.collect(),
    }
}

/// Every draw, in order.
pub(crate) fn draws(sheet: &LoanSheet) -> Vec<DrawView> {
    let stage = sheet.application.record().stage;
    let all = sheet.draws.iter();
    all.map(|one| draw(sheet, stage, one)).collect()
}

/// Something waits for this person's word.
pub(crate) fn asks(draws: &[DrawView]) -> bool {
    draws.iter().any(|draw| draw.may_confirm)
}

/// 放款状态, where there is something to say.
pub(crate) fn disbursement(stage: Stage) -> Option<Word> {
    let status = stage.disbursement();
    (status != DisbursementStatus::None).then(|| Word::new(status.code(), status.zh()))
}

/// The loan of a request that was granted.
pub(crate) async fn beside(
    api: &Api,
    actor: &Actor,
    record: &ApplicationRecord,
) -> UseResult<Option<LoanSheet>> {
    if record.stage.disbursement() == DisbursementStatus::None {
        return Ok(None);
    }
    match api.uses.financing.loan(actor, record.id).await {
        Ok(sheet) => Ok(Some(sheet)),
        // Corrected in between: it is granted no more.
        Err(error) if error.kind == Kind::Conflict => Ok(None),
        Err(error) => Err(error),
    }
}

fn application(call: &Call) -> UseResult<FinancingApplicationId> {
    call.id("id").map(FinancingApplicationId)
}

async fn show(api: Api, call: Call, _: NoQuery) -> UseResult<LoanView> {
    let id = application(&call)?;
    let sheet = api.uses.financing.loan(call.actor()?, id).await?;
    let r = sheet.application.record();
    let status = r.stage.disbursement();
    let rows = sheet.repayments.iter();
    Ok(LoanView {
        application_no: r.number.as_ref().map_or(String::new(), ToString::to_string),
        institution: r.handler_name.clone(),
        disbursement: Word::new(status.code(), status.zh()),
        approved_amount: r.approved_amount.map(wan),
        approved_rate: r.approved_rate.map(Rate::percent),
        approved_term: r.approved_term.map(Term::value),
        approved_term_unit: r.approved_term.map(|term| Word::unit(term.unit())),
        approval_valid_until: r.approval_valid_until.map(day),
        drawn: wan(r.drawn),
        owed_yuan: yuan(sheet.owed),
        draws: draws(&sheet),
        repayments: rows.map(|one| repayment(&sheet, one)).collect(),
        may_give_up: sheet.may_give_up,
    })
}

fn answer(call: &Call, dispute: Option<String>) -> UseResult<DrawAnswer> {
    Ok(DrawAnswer {
        application: application(call)?,
        draw: DrawId(call.id("draw")?),
        dispute,
        once: call.once()?,
    })
}

async fn confirm(api: Api, call: Call) -> UseResult<Done> {
    let ask = answer(&call, None)?;
    api.uses.financing.answer_draw(call.actor()?, ask).await?;
    Ok(Done)
}

async fn dispute(api: Api, call: Call, ask: Dispute) -> UseResult<Done> {
    let ask = answer(&call, Some(ask.dispute))?;
    api.uses.financing.answer_draw(call.actor()?, ask).await?;
    Ok(Done)
}

async fn give_up(api: Api, call: Call, ask: GiveUpLoan) -> UseResult<Done> {
    let ask = GiveUp {
        application: application(&call)?,
        reason: ask.give_up_reason,
        once: call.once()?,
    };
    api.uses.financing.give_up(call.actor()?, ask).await?;
    Ok(Done)
}

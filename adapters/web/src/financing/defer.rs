//! 申请延期 (W18): which draw, until when and why; what the branch answered; and 撤回 as long as it has not.

use application::{
    error::{Kind, UseError},
    financing::{AskDeferral, LoanSheet},
    lending::{deferral_at, open_deferral, unpaid},
    ports::{deferrals::Deferral, lending::StoredDraw},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{
    deferral::DeferralStatus,
    ids::{DrawId, FinancingApplicationId},
};
use uuid::Uuid;

use super::{
    Desk, LIST,
    ask::{AskPage, back, offer, offer_again, once},
    crumbs, id_of, show,
};
use crate::{
    errors::WebError,
    forms::{Choice, Field, FormView},
    parts::{Cell, Described, Table},
    posted::Form,
    spawned::spawned,
    visit::{EnterpriseVisit, Visit, posted_by_enterprise},
};

/// What the enterprise may know of where it stands: who checks whom is the bank's own.
fn told(one: &Deferral) -> DeferralStatus {
    match one.status {
        DeferralStatus::Proposed => DeferralStatus::Open,
        status => status,
    }
}

fn answer(one: &Deferral) -> String {
    let when = one.checked.as_ref().or(one.answered.as_ref());
    let when = when.map_or_else(String::new, |said| show::minute(said.at));
    let words = if one.answer.is_empty() {
        String::new()
    } else {
        format!("，{}", one.answer)
    };
    match (told(one), one.new_due_on) {
        (DeferralStatus::Agreed, Some(day)) => format!("{when}，新的到期日期 {day}{words}"),
        (DeferralStatus::Declined, _) => format!("{when}{words}"),
        _ => one.ended_at.map_or_else(String::new, show::minute),
    }
}

/// 延期记录 of a loan; `None`: there is none.
pub(super) fn history(sheet: &LoanSheet) -> Option<Table> {
    let mut table = Table::new("延期申请")
        .column("放款", "nowrap")
        .column("原到期日期", "nowrap")
        .column("申请延期到", "nowrap")
        .column("延期原因", "wrap")
        .column("办理情况", "");
    for one in &sheet.deferrals {
        let tag = show::deferral_tag(told(one));
        table.push(vec![
            Cell::text(format!("第 {} 笔", one.number)),
            Cell::text(one.old_due_on.to_string()),
            Cell::text(one.wanted_on.to_string()),
            Cell::text(&one.reason).second(show::minute(one.asked_at)),
            Cell::tag(tag.label, tag.kind).second(answer(one)),
        ]);
    }
    Some(table).filter(|table| !table.rows.is_empty())
}

/// The enterprise may take it back: nobody of the bank has answered.
pub(super) fn may_take_back(sheet: &LoanSheet) -> bool {
    sheet.may_answer && deferral_at(&sheet.deferrals, DeferralStatus::Open).is_some()
}

fn facts(draw: &StoredDraw) -> String {
    let due = draw.due_on.map_or_else(String::new, |day| day.to_string());
    format!("{}，{due} 到期", show::money(draw.amount))
}

fn page(visit: &Visit, sheet: &LoanSheet) -> Result<AskPage, UseError> {
    let record = sheet.application.record();
    if open_deferral(&sheet.deferrals).is_some() {
        return Err(UseError::conflict("deferral.asked_before"));
    }
    if record.frozen {
        return Err(UseError::conflict("financing.frozen"));
    }
    let left = unpaid(&sheet.draws, &sheet.repayments);
    if !record.stage.is_lent() || left.is_empty() {
        return Err(UseError::conflict("deferral.nothing_due"));
    }
    if !sheet.may_answer {
        return Err(UseError::denied());
    }
    let options = left.iter().map(|draw| {
        let label = format!("第 {} 笔放款", draw.number);
        Choice::new(draw.id.to_string(), label).hint(facts(draw))
    });
    let own = format!("{LIST}/{}", record.id);
    let loan = format!("{own}/loan");
    let number = show::number(&sheet.application);
    Ok(AskPage {
        crumbs: crumbs(&[
            ("融资需求管理", LIST),
            (&number, &own),
            ("放款与还款", &loan),
            ("申请延期", ""),
        ]),
        title: "申请延期",
        lead: format!("申请 {number}，{}。延期由支行审核。", record.handler_name),
        warn: "支行同意以前，原到期日期不变，请仍按原日期准备还款。",
        rows: vec![Described::new("待还本金", show::money_both(sheet.owed))],
        form: FormView::new(format!("{own}/defer"))
            .key(visit.kit.tokens().one_time())
            .with(
                Field::radio("draw", "要延期的放款")
                    .required()
                    .options(options)
                    .only_option(),
            )
            .with(
                Field::text("wanted_on", "希望延期到")
                    .required()
                    .hint("按 年-月-日 填写，如 2027-03-31。应晚于原到期日期，最多延后一年。")
                    .width("m")
                    .maxlength(10)
                    .autocomplete("off"),
            )
            .with(
                Field::textarea("deferral_reason", "延期原因")
                    .required()
                    .hint("如：下游客户货款推迟到 3 月支付。受理支行可以看到，最多 300 个字。")
                    .rows(4)
                    .maxlength(300),
            ),
        yes: "提交延期申请",
        danger: false,
        multipart: false,
        back: loan,
    })
}

pub(super) async fn ask(
    State(web): State<Desk>,
    visit: EnterpriseVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id: FinancingApplicationId = id_of(&id)?;
    let sheet = web.uses.financing.loan(visit.actor(), id).await;
    let visit = visit.0.enterprise_console();
    let page = sheet.and_then(|sheet| page(&visit, &sheet));
    offer(&visit, page, &format!("{LIST}/{id}/loan"))
}

pub(super) async fn send(
    State(web): State<Desk>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_enterprise(&visit)?;
    let id: FinancingApplicationId = id_of(&id)?;
    let ask = AskDeferral {
        application: id,
        draw: Uuid::try_parse(posted.get("draw")).ok().map(DrawId),
        wanted_on: posted.get("wanted_on").to_owned(),
        reason: posted.get("deferral_reason").to_owned(),
        once: once(&visit, &posted)?,
    };
    let visit = visit.enterprise_console();
    let loan = format!("{LIST}/{id}/loan");
    let (uses, who) = (web.uses.clone(), actor.clone());
    match spawned(async move { uses.financing.ask_deferral(&who, ask).await }).await {
        Ok(()) => {
            let said = "延期申请已提交，支行答复后会通知您。答复以前，原到期日期不变。";
            Ok(visit.redirect(&loan, Some(("success", said))))
        }
        Err(error) if error.kind == Kind::Invalid => {
            let sheet = web.uses.financing.loan(&actor, id).await;
            let page = sheet.and_then(|sheet| page(&visit, &sheet));
            offer_again(&visit, page, &loan, &posted, &error)
        }
        Err(error) => back(&visit, &loan, error),
    }
}

pub(super) async fn take_back(
    State(web): State<Desk>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_enterprise(&visit)?;
    let id: FinancingApplicationId = id_of(&id)?;
    let once = once(&visit, &posted)?;
    let visit = visit.enterprise_console();
    let loan = format!("{LIST}/{id}/loan");
    let uses = web.uses.clone();
    let done = async move { uses.financing.withdraw_deferral(&actor, id, &once).await };
    match spawned(done).await {
        Ok(()) => Ok(visit.redirect(&loan, Some(("success", "延期申请已撤回，原到期日期不变。")))),
        Err(error) => back(&visit, &loan, error),
    }
}

//! 初审通过, 复核通过, 不予通过, 登记拨付: each with a page that says what will happen, and a fresh proof.

use application::{
    error::{Kind, UseError},
    subsidies::{ClaimDeed, DecideClaim, SeenClaim, SubsidyRoom, not_for_loan},
};
use axum::response::Response;
use domain::{ids::UserId, subsidy::ClaimStep};
use time::Date;

use super::{
    city_crumbs, city_href,
    detail::{facts, warning},
    words::{loan_rows, loan_words, reckoned},
};
use crate::{
    console::{AskPage, handlers, told},
    errors::WebError,
    forms::{Field, FormView},
    kit::Web,
    parts::{Described, Link},
    posted::{Form, Posted, once},
    proof,
    spawned::spawned,
    visit::{StaffVisit, id_of, posted_by_staff},
};

const fn path(step: ClaimStep) -> &'static str {
    match step {
        ClaimStep::Propose => "propose",
        ClaimStep::Approve => "approve",
        ClaimStep::Refuse => "refuse",
        ClaimStep::Pay => "pay",
    }
}

/// It is measured by the loan as it stands now.
const fn measures(step: ClaimStep) -> bool {
    matches!(step, ClaimStep::Propose | ClaimStep::Approve)
}

/// Why it may not be done now; nothing: it may.
fn refusal(step: ClaimStep, seen: &SeenClaim, me: UserId) -> Option<UseError> {
    let claim = &seen.claim;
    let powers = seen.powers;
    let offered = match step {
        ClaimStep::Propose => powers.propose,
        ClaimStep::Approve => powers.approve,
        ClaimStep::Refuse => powers.refuse,
        ClaimStep::Pay => powers.pay,
    };
    if claim.status.after(step).is_none() {
        let error = UseError::conflict("subsidy.not_now");
        return Some(error.with("status", claim.status.zh()));
    }
    let first = claim.proposed.as_ref();
    if step == ClaimStep::Approve && first.is_some_and(|first| first.by == me) {
        return Some(UseError::conflict("financing.second_person_missing"));
    }
    if measures(step) && claim.lost_its_account() {
        return Some(UseError::conflict("subsidy.account_gone"));
    }
    if !offered {
        return Some(UseError::denied());
    }
    (measures(step) && !seen.faults.is_empty()).then(|| not_for_loan(&seen.faults))
}

/// Title, lead and button.
const fn words(step: ClaimStep) -> (&'static str, &'static str, &'static str) {
    match step {
        ClaimStep::Propose => (
            "要初审通过这笔贴息申请吗？",
            "请核对放款信息和补贴金额。通过后由另一人复核，金额不再变动。",
            "初审通过",
        ),
        ClaimStep::Approve => (
            "要复核通过这笔贴息申请吗？",
            "复核通过后企业会收到消息，等待拨付。拨付前发现有误的，可以办理不予通过。",
            "复核通过",
        ),
        ClaimStep::Refuse => (
            "不予通过这笔贴息申请",
            "企业会看到原因并收到消息，填写的收款账户随即删除，不能撤回。企业申请的，可以在申报截止前重新申请；免申即享的，可以重新列入名单。",
            "不予通过",
        ),
        ClaimStep::Pay => (
            "登记拨付",
            "企业会看到拨付日期和金额并收到消息。登记后不能修改。",
            "登记拨付",
        ),
    }
}

const fn done(step: ClaimStep) -> &'static str {
    match step {
        ClaimStep::Propose => "已初审通过，请另一人复核。",
        ClaimStep::Approve => "已复核通过，企业会收到消息。",
        ClaimStep::Refuse => "已办理不予通过，企业会收到消息。",
        ClaimStep::Pay => "已登记拨付，企业会收到消息。",
    }
}

fn fields(step: ClaimStep, seen: &SeenClaim, today: Date, typed: Option<&Posted>) -> Vec<Field> {
    let claim = &seen.claim;
    let said = |name: &str, otherwise: String| match typed {
        Some(typed) => typed.get(name).to_owned(),
        None => otherwise,
    };
    match step {
        ClaimStep::Propose | ClaimStep::Approve => {
            let sum = seen.granted.map_or(claim.sum, |granted| granted.sum);
            vec![Field::hidden("shown", sum.cents().to_string())]
        }
        ClaimStep::Refuse => vec![
            Field::textarea("refusal", "不予通过的原因")
                .required()
                .hint("请写明不符合哪一项、怎样更正。企业可以看到，最多 300 个字。")
                .rows(5)
                .maxlength(300)
                .value(said("refusal", String::new())),
        ],
        ClaimStep::Pay => vec![
            Field::number("paid_sum", "拨付金额", "元")
                .required()
                .hint(format!("不超过审核通过的 {} 元。", claim.sum.format_yuan()))
                .value(said("paid_sum", claim.sum.format_yuan())),
            Field::text("payout_on", "拨付日期")
                .required()
                .hint("按“2026-12-01”填写，不早于复核通过之日，不晚于今天。")
                .maxlength(10)
                .width("m")
                .value(said("payout_on", today.to_string())),
        ],
    }
}

fn page(
    step: ClaimStep,
    seen: &SeenClaim,
    key: &str,
    today: Date,
    typed: Option<&Posted>,
) -> AskPage {
    let claim = &seen.claim;
    let back = city_href(claim.id);
    let (title, lead, yes) = words(step);
    let mut form = FormView::new(format!("{back}/{}", path(step)))
        .key(key)
        .with(Field::hidden("version", claim.version.to_string()));
    for field in fields(step, seen, today, typed) {
        form.push(field);
    }
    let mut rows = facts(seen, false);
    let moved = warning(seen);
    if !moved.is_empty() {
        rows.push(Described::new("请注意", moved));
    }
    if measures(step) {
        rows.extend(seen.facts.as_ref().map_or_else(Vec::new, loan_rows));
        if let (Some(offer), Some(loan), Some(granted)) = (&seen.offer, &seen.facts, seen.granted) {
            let now = reckoned(granted, &offer.conditions.terms, loan);
            rows.push(Described::cell("按现在的放款记录计算", now));
        }
    }
    if !seen.account.is_empty() {
        rows.push(Described::new("收款账户", &seen.account));
    }
    AskPage {
        title: title.to_owned(),
        lead: lead.to_owned(),
        crumbs: city_crumbs(&[
            Link::new(
                loan_words(&claim.application_no, claim.draw_number),
                back.as_str(),
            ),
            Link::new(yes, ""),
        ]),
        rows,
        form,
        yes,
        no: "返回",
        back,
        danger: step == ClaimStep::Refuse,
    }
}

fn today(visit: &crate::visit::Visit) -> Date {
    domain::calendar::local_date(visit.kit.clock().now())
}

async fn ask(
    web: Web<SubsidyRoom>,
    visit: StaffVisit,
    id: String,
    step: ClaimStep,
) -> Result<Response, WebError> {
    let me = visit.actor().user;
    let id = id_of(&id)?;
    let seen = web.uses.view(visit.actor(), id).await?;
    let refused = refusal(step, &seen, me);
    if refused.is_none()
        && let Some(to_proof) = proof::first(&visit.0)
    {
        return Ok(to_proof);
    }
    let visit = visit.0.staff_console();
    if let Some(error) = refused {
        return told(&visit, error, &city_href(id));
    }
    let key = visit.kit.tokens().one_time();
    Ok(page(step, &seen, &key, today(&visit), None).drawn(&visit, None))
}

fn deed(step: ClaimStep, posted: &Posted) -> ClaimDeed {
    let word = |name: &str| posted.get(name).to_owned();
    match step {
        ClaimStep::Propose => ClaimDeed::Propose {
            shown: word("shown"),
        },
        ClaimStep::Approve => ClaimDeed::Approve {
            shown: word("shown"),
        },
        ClaimStep::Refuse => ClaimDeed::Refuse {
            reason: word("refusal"),
        },
        ClaimStep::Pay => ClaimDeed::Pay {
            sum: word("paid_sum"),
            on: word("payout_on"),
        },
    }
}

async fn send(
    web: Web<SubsidyRoom>,
    id: String,
    Form(visit, posted): Form,
    step: ClaimStep,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let visit = visit.staff_console();
    let id = id_of(&id)?;
    let once = once(&posted)?;
    // Whoever may not do it is told so before they prove anything.
    let seen = web.uses.view(&actor, id).await?;
    if refusal(step, &seen, actor.user).is_none()
        && let Some(to_proof) = proof::carry(&visit)
    {
        return Ok(to_proof);
    }
    let key = once.key.clone();
    let ask = DecideClaim {
        claim: id,
        version: posted.get("version").parse().unwrap_or(0),
        deed: deed(step, &posted),
        once,
    };
    let uses = web.uses.clone();
    match spawned(async move { uses.decide(&actor, ask).await }).await {
        Ok(()) => Ok(visit.redirect(&city_href(id), Some(("success", done(step))))),
        Err(error) if error.kind == Kind::Invalid => {
            let page = page(step, &seen, &key, today(&visit), Some(&posted));
            Ok(page.drawn(&visit, Some(&error)))
        }
        Err(error) => told(&visit, error, &city_href(id)),
    }
}

handlers! {
    SubsidyRoom, ask, send;
    ask_propose, propose, ClaimStep::Propose;
    ask_approve, approve, ClaimStep::Approve;
    ask_refuse, refuse, ClaimStep::Refuse;
    ask_pay, pay, ClaimStep::Pay;
}

/// The page of a deed, for the samples.
pub(super) fn sample(step: ClaimStep, seen: &SeenClaim) -> AskPage {
    page(step, seen, "k", Date::MIN, None)
}

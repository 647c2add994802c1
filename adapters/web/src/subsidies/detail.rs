//! One claim: what is asked for, the loan as it stands, how far it is, and what may be done now.

use application::{
    ports::subsidy_claims::{ClaimOrigin, Decided},
    subsidies::{Account, SeenClaim, SubsidyRoom},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::subsidy::{ClaimStatus, ClaimStep};
use serde::Serialize;

use super::{
    CITY_TITLE, OWN_TITLE, city_crumbs, city_href, own_crumbs,
    words::{loan_rows, loan_words, loans, reckoned, standard, status_tag},
};
use crate::{
    console::told,
    errors::WebError,
    kit::Web,
    parts::{Cell, Deed, Described, Event, Link, Tag},
    posted::Form,
    proof, show,
    spawned::spawned,
    visit::{EnterpriseVisit, StaffVisit, id_of, posted_by_staff},
};

/// `subsidies/detail.html`.
#[derive(Serialize)]
pub(super) struct DetailPage {
    pub crumbs: Vec<Link>,
    pub title: String,
    pub tag: Tag,
    /// What happens next, for whoever reads it.
    pub next: String,
    /// The loan does not meet the policy any more, or gives another sum.
    pub warning: String,
    pub actions: Vec<Deed>,
    pub facts: Vec<Described>,
    pub refusal: String,
    /// Masked; empty: none is kept.
    pub account: String,
    /// Where it is opened in full; empty: not now.
    pub account_action: String,
    /// In full, for this answer alone.
    pub account_full: Vec<Described>,
    pub loan: Vec<Described>,
    pub timeline: Vec<Event>,
}

impl DetailPage {
    pub const TEMPLATE: &'static str = "subsidies/detail.html";
}

/// The policy, where this reader finds it.
fn policy(seen: &SeenClaim, own: bool) -> Cell {
    let claim = &seen.claim;
    if !own {
        return Cell::link(
            &claim.policy_title,
            format!("/operator/content/{}", claim.policy),
        );
    }
    // One that was taken down has no page any more.
    match seen.offer {
        Some(_) => Cell::link(&claim.policy_title, format!("/policies/{}", claim.policy)),
        None => Cell::text(&claim.policy_title),
    }
}

/// The facts that every page about a claim starts with.
pub(super) fn facts(seen: &SeenClaim, own: bool) -> Vec<Described> {
    let claim = &seen.claim;
    let mut rows = Vec::new();
    let number = if own {
        let loan = format!("/enterprise/applications/{}/loan", claim.application);
        Cell::link(loan_words(&claim.application_no, claim.draw_number), loan)
    } else {
        rows.push(Described::new("企业名称", &claim.enterprise_name));
        let request = format!("/operator/applications/{}", claim.application);
        Cell::link(
            loan_words(&claim.application_no, claim.draw_number),
            request,
        )
    };
    rows.push(Described::cell("政策", policy(seen, own)));
    rows.push(Described::new("来源", claim.origin.zh()));
    rows.push(Described::cell("贷款", number));
    if let Some(offer) = &seen.offer {
        let conditions = &offer.conditions;
        rows.push(Described::new("补贴标准", standard(&conditions.terms)));
        let for_loans = loans(&conditions.terms, conditions.first_loan);
        rows.push(Described::new("适用贷款", for_loans));
    }
    // How it comes about is told while it still does.
    let sum = match (&seen.offer, &seen.facts, seen.granted) {
        (Some(offer), Some(facts), Some(granted)) if granted.sum == claim.sum => {
            reckoned(granted, &offer.conditions.terms, facts)
        }
        _ => Cell::text(format!("{} 元", claim.sum.format_yuan())),
    };
    rows.push(Described::cell("补贴金额", sum));
    rows.extend(beside(seen));
    if let Some(paid) = &claim.paid {
        let sum = format!("{} 元", paid.sum.format_yuan());
        rows.push(Described::cell(
            "拨付",
            Cell::text(sum).second(paid.on.to_string()),
        ));
    }
    rows
}

/// What else was asked for or paid for the same request: one loan is not paid for twice without anybody knowing.
fn beside(seen: &SeenClaim) -> impl Iterator<Item = Described> {
    seen.beside.iter().map(|other| {
        let words = format!(
            "第 {} 笔放款，{} 元，{}",
            other.draw_number,
            other.sum.format_yuan(),
            other.status.zh()
        );
        let cell = Cell::link(&other.policy_title, city_href(other.id));
        Described::cell("同一笔融资的其他贴息", cell.second(words))
    })
}

/// What the loan gives by now where that is not what the claim says, or why it gives nothing; told until it is paid.
pub(super) fn warning(seen: &SeenClaim) -> String {
    if matches!(seen.claim.status, ClaimStatus::Refused | ClaimStatus::Paid) {
        return String::new();
    }
    if seen.claim.lost_its_account() {
        return "企业账号已注销，收款账户已删除。".to_owned();
    }
    if !seen.faults.is_empty() {
        let words: Vec<&str> = seen.faults.iter().map(|fault| fault.zh()).collect();
        return format!("该笔贷款现在不符合政策：{}。", words.join("、"));
    }
    match seen.granted {
        Some(granted) if granted.sum != seen.claim.sum => format!(
            "放款记录有变化，现在计算的补贴金额为 {} 元。",
            granted.sum.format_yuan()
        ),
        _ => String::new(),
    }
}

fn step(event: &str, decided: &Decided, own: bool, note: String) -> Event {
    Event {
        event: event.to_owned(),
        time: show::minute(decided.at),
        actor: if own {
            "平台".to_owned()
        } else {
            decided.by_name.clone()
        },
        note,
        ..Event::default()
    }
}

/// The enterprise reads that the city decided, and not who of its people.
fn timeline(seen: &SeenClaim, own: bool) -> Vec<Event> {
    let claim = &seen.claim;
    let listed = claim.origin == ClaimOrigin::Listed;
    let mut events = Vec::new();
    if !listed {
        events.push(Event {
            event: "提交申请".to_owned(),
            time: show::minute(claim.filed_at),
            actor: if own { "本企业" } else { "企业" }.to_owned(),
            ..Event::default()
        });
    }
    if let Some(one) = claim.proposed.as_ref().filter(|_| listed || !own) {
        let word = if listed {
            "列入免申即享名单"
        } else {
            ClaimStep::Propose.zh()
        };
        events.push(step(word, one, own, String::new()));
    }
    if let Some(one) = &claim.approved {
        let word = if own {
            "审核通过"
        } else {
            ClaimStep::Approve.zh()
        };
        let mut event = step(word, one, own, String::new());
        "success".clone_into(&mut event.kind);
        events.push(event);
    }
    if let Some(one) = &claim.refused {
        let mut event = step("未通过", one, own, claim.refusal.clone());
        "danger".clone_into(&mut event.kind);
        events.push(event);
    }
    if let Some(paid) = &claim.paid {
        let note = format!("{} 拨付 {} 元", paid.on, paid.sum.format_yuan());
        let mut event = step(ClaimStatus::Paid.zh(), &paid.told, own, note);
        "success".clone_into(&mut event.kind);
        events.push(event);
    }
    events
}

fn actions(seen: &SeenClaim) -> Vec<Deed> {
    let base = city_href(seen.claim.id);
    let fits = seen.faults.is_empty();
    let powers = seen.powers;
    let mut deeds = Vec::new();
    let mut offer = |there: bool, label: &'static str, path: &str, kind: &'static str| {
        if there {
            deeds.push(Deed {
                label,
                href: format!("{base}/{path}"),
                kind,
            });
        }
    };
    offer(powers.propose && fits, "初审通过", "propose", "primary");
    offer(powers.approve && fits, "复核通过", "approve", "primary");
    offer(powers.pay, "登记拨付", "pay", "primary");
    offer(powers.refuse, "不予通过", "refuse", "danger");
    deeds
}

fn next(seen: &SeenClaim, own: bool) -> &'static str {
    match (seen.claim.status, own) {
        (ClaimStatus::Filed | ClaimStatus::Proposed, true) => "平台正在审核，结果会发消息告知您。",
        (ClaimStatus::Approved, true) => "审核已通过，等待拨付。拨付后会发消息告知您。",
        (ClaimStatus::Refused, true) if seen.claim.origin == ClaimOrigin::Applied => {
            "可以在申报截止前更正后重新申请。"
        }
        (ClaimStatus::Filed, false) => "请核对放款信息后初审，再由另一人复核。",
        (ClaimStatus::Proposed, false) => "等待另一人复核。办理初审的人不能复核。",
        (ClaimStatus::Approved, false) => {
            "拨付后请登记日期和金额，企业会收到消息。收款账户有误等不能拨付的，请办理不予通过并写明原因。"
        }
        _ => "",
    }
}

pub(super) fn view(seen: &SeenClaim, own: bool, opened: Option<&Account>) -> DetailPage {
    let claim = &seen.claim;
    let here = [Link::new(
        loan_words(&claim.application_no, claim.draw_number),
        "",
    )];
    DetailPage {
        crumbs: if own {
            own_crumbs(&here)
        } else {
            city_crumbs(&here)
        },
        title: claim.policy_title.clone(),
        tag: status_tag(claim.status, own),
        next: next(seen, own).to_owned(),
        warning: if own { String::new() } else { warning(seen) },
        actions: actions(seen),
        facts: facts(seen, own),
        refusal: claim.refusal.clone(),
        account: seen.account.clone(),
        account_action: if seen.powers.account && opened.is_none() {
            format!("{}/account", city_href(claim.id))
        } else {
            String::new()
        },
        account_full: opened.map_or_else(Vec::new, |account| {
            vec![
                Described::new("收款户名", &claim.enterprise_name),
                Described::new("开户银行", &account.bank),
                Described::new("收款账号", &account.number),
            ]
        }),
        loan: seen.facts.as_ref().map_or_else(Vec::new, loan_rows),
        timeline: timeline(seen, own),
    }
}

pub(super) async fn own(
    State(web): State<Web<SubsidyRoom>>,
    visit: EnterpriseVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let seen = web.uses.view(visit.actor(), id_of(&id)?).await?;
    let visit = visit.0.enterprise_console();
    let page = view(&seen, true, None);
    Ok(visit.render(DetailPage::TEMPLATE, OWN_TITLE, &page))
}

pub(super) async fn city(
    State(web): State<Web<SubsidyRoom>>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let seen = web.uses.view(visit.actor(), id_of(&id)?).await?;
    let visit = visit.0.staff_console();
    let page = view(&seen, false, None);
    Ok(visit.render(DetailPage::TEMPLATE, CITY_TITLE, &page))
}

/// Shown for this answer alone: as of every page of somebody signed in no cache keeps it, and a reload asks again.
pub(super) async fn account(
    State(web): State<Web<SubsidyRoom>>,
    Path(id): Path<String>,
    Form(visit, _): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let visit = visit.staff_console();
    let id = id_of(&id)?;
    let seen = web.uses.view(&actor, id).await?;
    if seen.powers.account
        && let Some(to_proof) = proof::carry(&visit)
    {
        return Ok(to_proof);
    }
    let (uses, by) = (web.uses.clone(), actor.clone());
    let opened = match spawned(async move { uses.account(&by, id).await }).await {
        Ok(opened) => opened,
        Err(error) => return told(&visit, error, &city_href(id)),
    };
    let page = view(&seen, false, Some(&opened));
    Ok(visit.render(DetailPage::TEMPLATE, CITY_TITLE, &page))
}

//! 提交考评, 发布 with a fresh proof, 收回: a page that says what will happen, and the deed.

use application::{
    access::Actor,
    appraisal::{AppraisalRoom, NamedMonth, SeenMonth, SettleMonth},
    error::UseError,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::tenant::TenantKind;
use time::Date;

use super::{CITY, TITLE, href, month::points};
use crate::{
    console::{AskPage, told},
    errors::WebError,
    forms::FormView,
    kit::Web,
    operator::{month_words, read_month, write_month},
    parts::{Described, Link},
    posted::{Form, once},
    proof::{self, FreshProof},
    spawned::spawned,
    visit::{StaffVisit, Visit, posted_by_staff},
};

const fn path(deed: SettleMonth) -> &'static str {
    match deed {
        SettleMonth::Submit => "submit",
        SettleMonth::Publish => "publish",
        SettleMonth::TakeBack => "withdraw",
    }
}

const fn offered(deed: SettleMonth, seen: &SeenMonth) -> bool {
    match deed {
        SettleMonth::Submit => seen.powers.submit,
        SettleMonth::Publish => seen.powers.publish,
        SettleMonth::TakeBack => seen.powers.take_back,
    }
}

fn refusal(deed: SettleMonth, seen: &SeenMonth, actor: &Actor) -> UseError {
    let waits = seen.appraisal.as_ref().filter(|a| a.published.is_none());
    let code = match deed {
        SettleMonth::Submit if !seen.over => "appraisal.not_over",
        SettleMonth::Publish if waits.is_some_and(|a| a.submitted.by == actor.user) => {
            "financing.second_person_missing"
        }
        _ => "appraisal.moved",
    };
    UseError::conflict(code)
}

/// Lead, button, and what is said once it is done.
const fn words(deed: SettleMonth) -> (&'static str, &'static str, &'static str) {
    match deed {
        SettleMonth::Submit => (
            "提交后数据固定，由另一位平台运营人员核对并发布。发布前可以收回。",
            "提交考评",
            "已提交，请另一位平台运营人员发布。",
        ),
        SettleMonth::Publish => (
            "发布后各机构可以看到本机构的考评，数据不能再修改。",
            "发布",
            "已发布，各机构可以看到本机构的考评。",
        ),
        SettleMonth::TakeBack => (
            "收回后可以按最新数据重新提交。",
            "收回",
            "已收回，可以重新提交。",
        ),
    }
}

fn question(deed: SettleMonth, month: Date) -> String {
    let verb = match deed {
        SettleMonth::Submit => "提交",
        SettleMonth::Publish => "发布",
        SettleMonth::TakeBack => "收回",
    };
    format!("要{verb} {} 的考评吗？", month_words(month))
}

fn month_in(text: &str) -> Result<Date, WebError> {
    read_month(text).ok_or_else(|| WebError(UseError::not_found()))
}

fn of_the_city(actor: &Actor) -> Result<(), UseError> {
    if actor.tenant_kind == TenantKind::City {
        return Ok(());
    }
    Err(UseError::not_found())
}

async fn ask(
    web: Web<AppraisalRoom>,
    visit: Visit,
    actor: Actor,
    month: String,
    deed: SettleMonth,
) -> Result<Response, WebError> {
    of_the_city(&actor)?;
    let month = month_in(&month)?;
    let seen = web.uses.view(&actor, Some(month)).await?;
    let visit = visit.staff_console();
    if !offered(deed, &seen) {
        return told(&visit, refusal(deed, &seen, &actor), &href(month));
    }
    let (lead, yes, _) = words(deed);
    let action = format!("{CITY}/{}/{}", write_month(month), path(deed));
    let page = AskPage {
        title: question(deed, month),
        lead: lead.to_owned(),
        crumbs: vec![
            Link::new("平台工作台", "/operator"),
            Link::new(TITLE, href(month)),
            Link::new(yes, "").current(true),
        ],
        rows: seen
            .scores
            .iter()
            .map(|score| Described::new(&score.bank_name, points(score.tenths)))
            .collect(),
        form: FormView::new(action).key(visit.kit.tokens().one_time()),
        yes,
        no: "返回",
        back: href(month),
        danger: deed == SettleMonth::TakeBack,
    };
    Ok(page.drawn(&visit, None))
}

async fn posted(
    web: Web<AppraisalRoom>,
    month: String,
    Form(visit, posted): Form,
    deed: SettleMonth,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    of_the_city(&actor)?;
    let month = month_in(&month)?;
    if deed == SettleMonth::Publish {
        // Nobody proves in vain: whoever may not is told so first.
        let seen = web.uses.view(&actor, Some(month)).await?;
        if offered(deed, &seen)
            && let Some(to_prove) = proof::carry(&visit)
        {
            return Ok(to_prove);
        }
    }
    let visit = visit.staff_console();
    let ask = NamedMonth {
        month,
        once: once(&posted)?,
    };
    let uses = web.uses.clone();
    match spawned(async move { uses.settle(&actor, deed, ask).await }).await {
        Ok(()) => Ok(visit.redirect(&href(month), Some(("success", words(deed).2)))),
        Err(error) => told(&visit, error, &href(month)),
    }
}

pub(super) async fn ask_submit(
    State(web): State<Web<AppraisalRoom>>,
    visit: StaffVisit,
    Path(month): Path<String>,
) -> Result<Response, WebError> {
    let actor = visit.actor().clone();
    ask(web, visit.0, actor, month, SettleMonth::Submit).await
}

pub(super) async fn submit(
    State(web): State<Web<AppraisalRoom>>,
    Path(month): Path<String>,
    form: Form,
) -> Result<Response, WebError> {
    posted(web, month, form, SettleMonth::Submit).await
}

pub(super) async fn ask_publish(
    State(web): State<Web<AppraisalRoom>>,
    visit: FreshProof,
    Path(month): Path<String>,
) -> Result<Response, WebError> {
    let actor = visit.actor().clone();
    ask(web, visit.0, actor, month, SettleMonth::Publish).await
}

pub(super) async fn publish(
    State(web): State<Web<AppraisalRoom>>,
    Path(month): Path<String>,
    form: Form,
) -> Result<Response, WebError> {
    posted(web, month, form, SettleMonth::Publish).await
}

pub(super) async fn ask_withdraw(
    State(web): State<Web<AppraisalRoom>>,
    visit: StaffVisit,
    Path(month): Path<String>,
) -> Result<Response, WebError> {
    let actor = visit.actor().clone();
    ask(web, visit.0, actor, month, SettleMonth::TakeBack).await
}

pub(super) async fn withdraw(
    State(web): State<Web<AppraisalRoom>>,
    Path(month): Path<String>,
    form: Form,
) -> Result<Response, WebError> {
    posted(web, month, form, SettleMonth::TakeBack).await
}

//! One recommended enterprise: what is known, who follows it, and the next step.

use application::{
    error::{Kind, UseError},
    referrals::{AssignReferral, FollowReferral, ReferralCase},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::referral::{Demand, ReferralStatus, Refusal};

use super::{Room, base_of, crumbs, pages::ShowPage, status_tag};
use crate::{
    branch::staff,
    console::{show_errors, told},
    errors::WebError,
    forms::{Choice, Field, FormView},
    parts::{Cell, Described, Event},
    posted::{Form, Posted, once},
    show::{self as shown, or_dash},
    spawned::spawned,
    visit::{StaffVisit, Visit, id_of},
};

pub(super) async fn show(
    State(web): State<Room>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let base = base_of(&visit.0)?;
    let case = web.uses.referrals.look(visit.actor(), id_of(&id)?).await?;
    let visit = visit.0.staff_console();
    Ok(drawn(&visit, base, &case, None))
}

pub(super) async fn act(
    State(web): State<Room>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = staff(&visit)?;
    let base = base_of(&visit)?;
    let id = id_of(&id)?;
    let here = format!("{base}/{id}");
    let visit = visit.staff_console();
    let version = posted.get("version").parse().unwrap_or_default();
    let (uses, who) = (web.uses.clone(), actor.clone());
    let outcome = match posted.action() {
        "contact" => {
            let case = spawned(async move { uses.referrals.contact(&who, id).await }).await?;
            return Ok(drawn(&visit, base, &case, None));
        }
        "assign" => {
            let ask = AssignReferral {
                id,
                version,
                branch: posted.get("branch").to_owned(),
                once: once(&posted)?,
            };
            spawned(async move { uses.referrals.assign(&who, ask).await }).await
        }
        _ => {
            let ask = FollowReferral {
                id,
                version,
                to: posted.get("to").to_owned(),
                refusal: posted.get("refusal").to_owned(),
                demand: posted.get("demand").to_owned(),
                note: posted.get("referral_note").to_owned(),
                once: once(&posted)?,
            };
            spawned(async move { uses.referrals.follow(&who, ask).await }).await
        }
    };
    match outcome {
        Ok(()) => Ok(visit.redirect(&here, Some(("success", "已登记。")))),
        Err(error) if error.kind == Kind::Invalid => {
            let case = web.uses.referrals.look(&actor, id).await?;
            Ok(drawn(&visit, base, &case, Some((&posted, &error))))
        }
        Err(error) => told(&visit, error, &here),
    }
}

fn rows(case: &ReferralCase) -> Vec<Described> {
    let r = &case.referral;
    let status = status_tag(r.status);
    let contact = case.contact.as_deref().unwrap_or(&r.contact_shown);
    let mut rows = vec![
        Described::cell("状态", Cell::tag(status.label, status.kind)),
        Described::new("统一社会信用代码", &r.credit_code),
        Described::new("联系人", or_dash(contact)),
        Described::new("推荐来源", or_dash(&r.source)),
        Described::new("备注", or_dash(&r.note)),
        Described::new(
            "跟进支行",
            if r.branch.is_some() {
                r.branch_name.as_str()
            } else {
                "待分配"
            },
        ),
    ];
    if let Some(demand) = r.demand {
        let at = r.demand_at.map(shown::minute).unwrap_or_default();
        rows.push(Described::cell(
            "融资需求",
            Cell::text(demand.zh()).second(at),
        ));
    }
    if !r.reason.is_empty() {
        let code = r.refusal.map_or("", Refusal::zh);
        // A code that says it all is not said twice.
        let code = if code == r.reason { "" } else { code };
        rows.push(Described::cell(
            "未授信原因",
            Cell::text(&r.reason).second(code),
        ));
    }
    rows
}

fn follow_form(here: &str, case: &ReferralCase, key: &str) -> FormView {
    let next = case.referral.status.next();
    let mut form = FormView::new(here)
        .key(key)
        .with(Field::hidden("version", case.referral.version.to_string()))
        .with(
            Field::radio("to", "跟进结果")
                .options(next.iter().map(|s| Choice::new(s.code(), s.zh())))
                .required(),
        )
        .with(
            Field::radio("demand", "企业的融资需求（选填）")
                .options(Demand::ALL.iter().map(|d| Choice::new(d.code(), d.zh())))
                .value(case.referral.demand.map_or("", Demand::code)),
        );
    if next.contains(&ReferralStatus::Declined) {
        form.push(
            Field::select("refusal", "未授信原因", "请选择未授信原因")
                .options(Refusal::ALL.iter().map(|r| Choice::new(r.code(), r.zh())))
                .hint("选择未授信时必填。平台下发的企业，平台可以看到未授信原因及说明。"),
        );
    }
    form.with(
        Field::textarea("referral_note", "说明")
            .hint("未授信原因选择“其他原因”时必填，最多 300 字。")
            .rows(3),
    )
}

fn assign_form(here: &str, case: &ReferralCase, key: &str) -> FormView {
    let present = case.referral.branch.map(|b| b.0.to_string());
    FormView::new(here)
        .key(key)
        .with(Field::hidden("version", case.referral.version.to_string()))
        .with(
            Field::select("branch", "跟进支行", "请选择支行")
                .options(case.branches.iter().map(|b| {
                    Choice::new(
                        b.id.0.to_string(),
                        format!("{}（跟进中 {} 户）", b.name, b.load),
                    )
                }))
                .value(present.unwrap_or_default())
                .required(),
        )
}

fn drawn(
    visit: &Visit,
    base: &str,
    case: &ReferralCase,
    wrong: Option<(&Posted, &UseError)>,
) -> Response {
    let r = &case.referral;
    let here = format!("{base}/{}", r.id);
    let key = || visit.kit.tokens().one_time();
    let mut form = follow_form(&here, case, &key());
    let mut assign = assign_form(&here, case, &key());
    if let Some((posted, error)) = wrong {
        let one = if posted.action() == "assign" {
            &mut assign
        } else {
            &mut form
        };
        let mut filled = std::mem::take(one).fill(posted.pairs());
        show_errors(&mut filled, error);
        *one = filled;
    }
    let page = ShowPage {
        crumbs: crumbs(base, &r.company_name),
        title: r.company_name.clone(),
        rows: rows(case),
        may_unmask: case.may_unmask && case.contact.is_none(),
        action: here,
        may_follow: case.may_follow && !r.status.next().is_empty(),
        form,
        may_assign: !case.branches.is_empty() && !r.status.next().is_empty(),
        assign,
        steps: steps(case),
        back: base.to_owned(),
    };
    let status = if wrong.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    visit.render_with(status, ShowPage::TEMPLATE, "推荐企业", &page)
}

fn steps(case: &ReferralCase) -> Vec<Event> {
    let r = &case.referral;
    let mut steps = Vec::new();
    // What the city sent begins with the city's own step.
    if r.import.is_some() {
        steps.push(Event {
            event: "导入推荐清单".into(),
            time: shown::minute(r.created_at),
            ..Event::default()
        });
    }
    steps.extend(case.steps.iter().map(|step| Event {
        event: step.what.clone(),
        time: shown::minute(step.at),
        actor: step.by_name.clone(),
        note: step.note.clone(),
        ..Event::default()
    }));
    steps
}

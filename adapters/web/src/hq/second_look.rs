//! 复议 and 更正误操作: one matter, what will follow, and the answer with a check before it.

use application::{
    access::Actor,
    appeal::{AskCorrection, SettleAppeal, SettleCorrection},
    error::{Kind, UseError, UseResult},
    review::Seen,
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::{
    financing::{ApplicationRecord, Stage},
    ids::FinancingApplicationId,
};
use uuid::Uuid;

use super::{Hq, appeals::proposed_rows};
use crate::{
    branch::{CheckPage, FormPage, Hidden, asked, base, crumbs, once, staff, told},
    errors::WebError,
    forms::{Choice, Field, FormView},
    kit::Web,
    parts::{Described, Link},
    posted::{Form, Posted},
    proof, show,
    spawned::spawned,
    visit::{StaffVisit, Visit},
    words,
};

/// Which matter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Matter {
    /// 复议, settled by headquarters.
    Appeal,
    /// 更正误操作, asked.
    Ask,
    /// 更正误操作, confirmed or not.
    Confirm,
}

/// A matter as every page of it needs it.
struct Case {
    record: ApplicationRecord,
    /// Of the matter itself, above what will follow.
    rows: Vec<Described>,
    /// `None`: this person cannot settle it now; the words say why.
    offered: Result<(), UseError>,
}

impl Matter {
    const fn title(self) -> &'static str {
        match self {
            Self::Appeal => "处理复议申请",
            Self::Ask => "更正误操作",
            Self::Confirm => "复核更正申请",
        }
    }

    const fn lead(self) -> &'static str {
        match self {
            Self::Appeal => "受理后重新进入审批，审核时限重新计算。每笔融资需求只能复议一次。",
            Self::Ask => {
                "只用于更正误操作，审核后 2 个工作日内可以提出，须由本机构另一位人员复核后生效。"
            }
            Self::Confirm => "请核对原因。同意后立即生效，您和提出人都会记入操作记录。",
        }
    }

    /// Settling wants a fresh proof (S-41); asking alone changes nothing.
    const fn weighs(self) -> bool {
        matches!(self, Self::Appeal | Self::Confirm)
    }

    fn action(self, id: Uuid) -> String {
        match self {
            Self::Appeal => format!("/hq/appeals/{id}"),
            Self::Ask => format!("/branch/applications/{id}/correct"),
            Self::Confirm => format!("/hq/corrections/{id}"),
        }
    }

    fn back(self, record: &ApplicationRecord) -> String {
        match self {
            Self::Ask => base(record.id),
            Self::Appeal | Self::Confirm => "/hq/appeals".to_owned(),
        }
    }

    fn crumbs(self, record: &ApplicationRecord) -> Vec<Link> {
        if self == Self::Ask {
            return crumbs(record, Some(self.title()));
        }
        vec![
            Link::new("机构工作台", "/hq"),
            Link::new("复议与更正", "/hq/appeals"),
            Link::new(self.title(), ""),
        ]
    }
}

pub(super) async fn appeal_form(
    web: State<Web<Hq>>,
    visit: StaffVisit,
    id: Path<Uuid>,
) -> Result<Response, WebError> {
    form_page(web.0, visit, id.0, Matter::Appeal).await
}

pub(super) async fn correct_form(
    web: State<Web<Hq>>,
    visit: StaffVisit,
    id: Path<Uuid>,
) -> Result<Response, WebError> {
    form_page(web.0, visit, id.0, Matter::Ask).await
}

pub(super) async fn confirm_form(
    web: State<Web<Hq>>,
    visit: StaffVisit,
    id: Path<Uuid>,
) -> Result<Response, WebError> {
    form_page(web.0, visit, id.0, Matter::Confirm).await
}

pub(super) async fn appeal(
    web: State<Web<Hq>>,
    id: Path<Uuid>,
    form: Form,
) -> Result<Response, WebError> {
    posted_matter(web.0, id.0, form, Matter::Appeal).await
}

pub(super) async fn correct(
    web: State<Web<Hq>>,
    id: Path<Uuid>,
    form: Form,
) -> Result<Response, WebError> {
    posted_matter(web.0, id.0, form, Matter::Ask).await
}

pub(super) async fn confirm(
    web: State<Web<Hq>>,
    id: Path<Uuid>,
    form: Form,
) -> Result<Response, WebError> {
    posted_matter(web.0, id.0, form, Matter::Confirm).await
}

/// What was decided, which the second look is about.
fn decision(visit: &Visit, record: &ApplicationRecord) -> Vec<Described> {
    let mut rows = Vec::new();
    if !record.reason_codes.is_empty() {
        let words = show::reasons(&visit.city, &record.reason_codes);
        rows.push(Described::new("原审核原因", words));
    }
    if !record.review_opinion.is_empty() {
        rows.push(Described::new("原审核意见", &record.review_opinion));
    }
    if let Some(at) = record.decided_at {
        rows.push(Described::new("原审核时间", show::minute(at)));
    }
    rows
}

async fn load(
    web: &Web<Hq>,
    visit: &Visit,
    actor: &Actor,
    id: Uuid,
    matter: Matter,
) -> UseResult<Case> {
    let room = &web.uses.appeals;
    if matter == Matter::Appeal {
        let case = room.appeal(actor, FinancingApplicationId(id)).await?;
        let mut rows = vec![
            Described::new("复议理由", &case.appeal.facts),
            Described::new("提出时间", show::minute(case.appeal.asked_at)),
        ];
        rows.extend(decision(visit, &case.record));
        rows.extend(proposed_rows(&case.proposed, &case.steps));
        let offered = if case.may_settle {
            Ok(())
        } else if case.appeal.settled_name.is_empty() {
            Err(UseError::conflict("appeal.not_yours"))
        } else {
            let by = case.appeal.settled_name.clone();
            Err(UseError::conflict("appeal.settled_before").with("by", by))
        };
        return Ok(Case {
            record: case.record,
            rows,
            offered,
        });
    }
    let case = if matter == Matter::Ask {
        room.correctable(actor, FinancingApplicationId(id)).await?
    } else {
        room.correction(actor, id).await?
    };
    let mut rows = decision(visit, &case.record);
    if let Some(one) = &case.correction {
        rows.push(Described::new("更正原因", &one.reason));
        let asked = format!("{} {}", one.asked_name, show::minute(one.asked_at));
        rows.push(Described::new("提出人", asked));
    }
    if case.record.stage == Stage::RefusedIntake {
        rows.push(Described::new("更正后", "回到待接单，由原支行接单"));
    } else {
        rows.push(Described::new("更正后", "回到审批中，重新审批"));
        rows.extend(proposed_rows(&case.proposed, &case.steps));
    }
    let offered = match (matter, &case.correction) {
        (Matter::Ask, Some(_)) => Err(UseError::conflict("appeal.correction_asked_before")),
        (Matter::Ask, None)
            if !matches!(case.record.stage, Stage::Rejected | Stage::RefusedIntake) =>
        {
            let stage = case.record.stage.zh();
            Err(UseError::conflict("financing.not_allowed").with("stage", stage))
        }
        (Matter::Confirm, Some(one)) if !one.settled_name.is_empty() => {
            Err(UseError::conflict("appeal.settled_before").with("by", &one.settled_name))
        }
        (Matter::Confirm, Some(one)) if one.asked_by == actor.user => {
            Err(UseError::conflict("appeal.same_person"))
        }
        _ => Ok(()),
    };
    Ok(Case {
        record: case.record,
        rows,
        offered,
    })
}

async fn form_page(
    web: Web<Hq>,
    visit: StaffVisit,
    id: Uuid,
    matter: Matter,
) -> Result<Response, WebError> {
    let actor = visit.actor().clone();
    let visit = visit.0.staff_console();
    let case = load(&web, &visit, &actor, id, matter).await?;
    let back = matter.back(&case.record);
    let Case {
        record,
        rows,
        offered,
    } = case;
    if let Err(error) = offered {
        return told(&visit, error, &back);
    }
    if matter.weighs()
        && let Some(to_proof) = proof::first(&visit)
    {
        return Ok(to_proof);
    }
    let key = visit.kit.tokens().one_time();
    let form = blank(id, matter, record.version, &key);
    let case = Case {
        record,
        rows,
        offered: Ok(()),
    };
    Ok(drawn(&visit, &case, matter, form, StatusCode::OK))
}

fn drawn(
    visit: &Visit,
    case: &Case,
    matter: Matter,
    form: FormView,
    status: StatusCode,
) -> Response {
    let mut beside = asked(&case.record);
    beside.extend(case.rows.iter().cloned());
    let page = FormPage {
        title: matter.title(),
        lead: matter.lead().to_owned(),
        crumbs: matter.crumbs(&case.record),
        form,
        next: "下一步，核对",
        back: matter.back(&case.record),
        asked: beside,
    };
    visit.render_with(status, FormPage::TEMPLATE, matter.title(), &page)
}

fn blank(id: Uuid, matter: Matter, version: i32, key: &str) -> FormView {
    let form = FormView::new(matter.action(id))
        .key(key)
        .with(Field::hidden("version", version.to_string()));
    match matter {
        Matter::Appeal => form
            .with(verdict([
                ("accept", "受理，重新进入审批"),
                ("decline", "不受理"),
            ]))
            .with(
                Field::textarea("appeal_note", "答复企业")
                    .hint("不受理时必须填写，展示给企业，最多 500 个字。")
                    .rows(4)
                    .maxlength(500),
            ),
        Matter::Ask => form.with(
            Field::textarea("correction_reason", "更正原因")
                .required()
                .hint("请写明误操作的经过，供复核人核对，不展示给企业，最多 500 个字。")
                .rows(4)
                .maxlength(500),
        ),
        Matter::Confirm => form.with(verdict([
            ("accept", "同意更正"),
            ("decline", "不同意，保持原审核结果"),
        ])),
    }
}

fn verdict(options: [(&str, &str); 2]) -> Field {
    Field::radio("verdict", "处理意见")
        .required()
        .options(options.map(|(value, label)| Choice::new(value, label)))
}

async fn posted_matter(
    web: Web<Hq>,
    id: Uuid,
    Form(visit, posted): Form,
    matter: Matter,
) -> Result<Response, WebError> {
    let actor = staff(&visit)?;
    let visit = visit.staff_console();
    let step = posted.action();
    let to_proof = if matter.weighs() && step == "confirm" {
        proof::carry(&visit)
    } else {
        None
    };
    let outcome = match step {
        // Nobody proves for a form that would be refused.
        "confirm" if to_proof.is_some() => check(&web, &actor, &posted, id, matter).await?,
        "confirm" => act(&web, actor.clone(), &posted, id, matter).await?,
        "edit" => Ok(()),
        _ => check(&web, &actor, &posted, id, matter).await?,
    };
    match outcome {
        Err(error) if error.kind == Kind::Invalid => {
            again(&web, &visit, &actor, &posted, id, matter, Some(&error)).await
        }
        Err(error) => told(&visit, error, "/hq/appeals"),
        Ok(()) if let Some(to_proof) = to_proof => Ok(to_proof),
        Ok(()) if step == "confirm" => {
            let done = done_words(matter, posted.get("verdict") == "accept");
            Ok(visit.redirect("/hq/appeals", Some(("success", done))))
        }
        Ok(()) if step == "edit" => again(&web, &visit, &actor, &posted, id, matter, None).await,
        Ok(()) => check_page(&web, &visit, &actor, &posted, id, matter).await,
    }
}

const fn done_words(matter: Matter, accepted: bool) -> &'static str {
    match (matter, accepted) {
        (Matter::Appeal, true) => "已受理复议，融资需求重新进入审批，企业会收到通知。",
        (Matter::Appeal, false) => "已答复不受理，企业会收到通知。",
        (Matter::Ask, _) => "已提交，请本机构另一位人员复核。",
        (Matter::Confirm, true) => "已更正，企业会收到通知。",
        (Matter::Confirm, false) => "已答复不同意更正，保持原审核结果。",
    }
}

fn seen(id: Uuid, posted: &Posted) -> Result<Seen, WebError> {
    Ok(Seen {
        application: FinancingApplicationId(id),
        version: posted.get("version").parse().unwrap_or(0),
        once: once(posted)?,
    })
}

fn appeal_of(posted: &Posted, seen: Seen) -> SettleAppeal {
    SettleAppeal {
        seen,
        verdict: posted.get("verdict").to_owned(),
        note: posted.get("appeal_note").to_owned(),
    }
}

fn ask_of(posted: &Posted, seen: Seen) -> AskCorrection {
    AskCorrection {
        seen,
        reason: posted.get("correction_reason").to_owned(),
    }
}

fn no_verdict(posted: &Posted) -> UseResult<()> {
    if matches!(posted.get("verdict"), "accept" | "decline") {
        Ok(())
    } else {
        Err(UseError::field("verdict", "appeal.verdict_empty"))
    }
}

async fn check(
    web: &Web<Hq>,
    actor: &Actor,
    posted: &Posted,
    id: Uuid,
    matter: Matter,
) -> Result<UseResult<()>, WebError> {
    let room = &web.uses.appeals;
    let seen = seen(id, posted)?;
    Ok(match matter {
        Matter::Appeal => room.check_appeal(actor, &appeal_of(posted, seen)).await,
        Matter::Ask => room.check_correction(actor, &ask_of(posted, seen)).await,
        Matter::Confirm => no_verdict(posted),
    })
}

async fn act(
    web: &Web<Hq>,
    actor: Actor,
    posted: &Posted,
    id: Uuid,
    matter: Matter,
) -> Result<UseResult<()>, WebError> {
    let uses = web.uses.clone();
    let seen = seen(id, posted)?;
    Ok(match matter {
        Matter::Appeal => {
            let ask = appeal_of(posted, seen);
            spawned(async move { uses.appeals.settle_appeal(&actor, ask).await }).await
        }
        Matter::Ask => {
            let ask = ask_of(posted, seen);
            spawned(async move { uses.appeals.ask_correction(&actor, ask).await }).await
        }
        Matter::Confirm => {
            if let Err(error) = no_verdict(posted) {
                return Ok(Err(error));
            }
            let ask = SettleCorrection {
                correction: id,
                version: seen.version,
                confirm: posted.get("verdict") == "accept",
                once: seen.once,
            };
            spawned(async move { uses.appeals.settle_correction(&actor, ask).await }).await
        }
    })
}

/// The form with what was typed, and what must be corrected.
async fn again(
    web: &Web<Hq>,
    visit: &Visit,
    actor: &Actor,
    posted: &Posted,
    id: Uuid,
    matter: Matter,
    error: Option<&UseError>,
) -> Result<Response, WebError> {
    let case = load(web, visit, actor, id, matter).await?;
    let key = match error {
        Some(error) if error.code == "idempotency.other_body" => visit.kit.tokens().one_time(),
        _ => once(posted)?.key,
    };
    let version = posted.get("version").parse().unwrap_or(0);
    let mut form = blank(id, matter, version, &key).fill(posted.pairs());
    let mut status = StatusCode::OK;
    if let Some(error) = error {
        status = StatusCode::UNPROCESSABLE_ENTITY;
        for field in &error.fields {
            form.fail(&field.field, words::field_text(field));
        }
        if error.fields.is_empty() {
            form.problem(words::error_text(error));
        }
    }
    Ok(drawn(visit, &case, matter, form, status))
}

async fn check_page(
    web: &Web<Hq>,
    visit: &Visit,
    actor: &Actor,
    posted: &Posted,
    id: Uuid,
    matter: Matter,
) -> Result<Response, WebError> {
    let case = load(web, visit, actor, id, matter).await?;
    let accepted = posted.get("verdict") == "accept";
    let (title, text, yes) = match (matter, accepted) {
        (Matter::Appeal, true) => (
            "要受理这笔复议申请吗？",
            "受理后融资需求重新进入审批，企业会收到通知。",
            "受理复议",
        ),
        (Matter::Appeal, false) => (
            "要答复不受理吗？",
            "企业会看到您的答复，不能再次申请复议。",
            "不受理",
        ),
        (Matter::Ask, _) => (
            "要提出更正误操作吗？",
            "本机构另一位人员复核后才会生效。",
            "提出更正",
        ),
        (Matter::Confirm, true) => (
            "要同意更正吗？",
            "同意后立即生效，原审核结果撤销，企业会收到通知。",
            "同意更正",
        ),
        (Matter::Confirm, false) => ("要答复不同意更正吗？", "原审核结果保持不变。", "不同意更正"),
    };
    let mut rows = vec![
        Described::new("企业名称", &case.record.enterprise_name),
        Described::new("金融产品", &case.record.product_name),
    ];
    rows.extend(case.rows.iter().cloned());
    for (name, label) in [
        ("appeal_note", "答复企业"),
        ("correction_reason", "更正原因"),
    ] {
        if !posted.get(name).trim().is_empty() {
            rows.push(Described::new(label, posted.get(name)));
        }
    }
    let page = CheckPage {
        title: title.to_owned(),
        text: text.to_owned(),
        crumbs: matter.crumbs(&case.record),
        rows,
        action: matter.action(id),
        key: once(posted)?.key,
        hidden: posted
            .pairs()
            .iter()
            .filter(|(name, _)| !name.starts_with('_'))
            .map(|(name, value)| Hidden {
                name: name.clone(),
                value: value.clone(),
            })
            .collect(),
        yes,
        no: "返回修改",
        back: matter.back(&case.record),
        danger: matter == Matter::Appeal && !accepted,
        editable: true,
    };
    Ok(visit.render(CheckPage::TEMPLATE, matter.title(), &page))
}

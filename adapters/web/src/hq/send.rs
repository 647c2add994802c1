//! 转派, 改派, 跨支行转派, 确认拒单: a form, a page to check it, and only then the deed.

use application::{
    access::Actor,
    dispatch::{AskMove, AssignBranch, DispatchCase, Place, RefuseIntake, SettleMove, Way},
    error::{Kind, UseError, UseResult},
    ports::moves::MoveRequest,
    review::Seen,
};
use std::collections::HashMap;

use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use domain::{
    financing::{MOVES, Stage},
    ids::FinancingApplicationId,
};
use serde::Serialize;
use uuid::Uuid;

use super::{
    Hq,
    dispatch::{because, move_tag},
};
use crate::{
    branch::{CheckPage, Hidden, asked, base, crumbs, once, staff, told},
    errors::WebError,
    forms::{Choice, Field, FormView},
    kit::Web,
    parts::{Cell, Described, Link, Tag},
    posted::{Form, Posted},
    proof, show,
    spawned::spawned,
    visit::{StaffVisit, Visit},
    words,
};

/// Which deed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Deed {
    Assign,
    Move,
    Refuse,
}

impl Deed {
    const fn path(self) -> &'static str {
        match self {
            Self::Assign => "dispatch",
            Self::Move => "move",
            Self::Refuse => "confirm-decline",
        }
    }

    const fn title(self, way: Option<Way>) -> &'static str {
        match (self, way) {
            (Self::Assign, Some(Way::ReassignFromHq)) => "改派",
            (Self::Assign, _) => "转派",
            (Self::Move, _) => "跨支行转派",
            (Self::Refuse, _) => "确认拒单",
        }
    }

    fn lead(self, moves_left: u8) -> String {
        match self {
            Self::Assign => format!(
                "每笔融资需求最多转派 {MOVES} 次，还可转派 {moves_left} 次。原支行将立即不能查看和办理。"
            ),
            Self::Move => format!(
                "支行已接单，转派前须征得企业同意。每笔融资需求最多转派 {MOVES} 次，还可转派 {moves_left} 次。"
            ),
            Self::Refuse => "本机构没有支行受理时，由您确认拒单。原因将展示给企业。".to_owned(),
        }
    }

    /// What this deed needs to stand at.
    const fn fits(self, way: Option<Way>) -> bool {
        matches!(
            (self, way),
            (Self::Assign, Some(Way::Reassign | Way::ReassignFromHq))
                | (Self::Move, Some(Way::Move))
                | (Self::Refuse, Some(Way::ReassignFromHq))
        )
    }
}

/// A form of these deeds, with what was asked beside it.
#[derive(Serialize)]
pub(super) struct SendPage {
    pub title: &'static str,
    pub lead: String,
    pub crumbs: Vec<Link>,
    /// What the rules said; empty: they were not asked.
    pub told: String,
    pub form: FormView,
    /// 按规则派单; empty: not for this deed.
    pub by_rule: String,
    pub back: String,
    pub asked: Vec<Described>,
}

impl SendPage {
    pub const TEMPLATE: &'static str = "hq/send.html";
}

/// 跨支行转派 while a question runs.
#[derive(Serialize)]
pub(super) struct RunningPage {
    pub crumbs: Vec<Link>,
    pub tag: Tag,
    pub rows: Vec<Described>,
    pub text: &'static str,
    pub action: String,
    pub key: String,
    pub version: String,
    pub agreed: bool,
    pub back: String,
}

impl RunningPage {
    pub const TEMPLATE: &'static str = "hq/moving.html";
}

pub(super) async fn assign_form(
    web: State<Web<Hq>>,
    visit: StaffVisit,
    id: Path<Uuid>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let by_rule = asked.get("by").is_some_and(|by| by == "rule");
    form_page(web.0, visit, id.0, Deed::Assign, by_rule).await
}

pub(super) async fn move_form(
    web: State<Web<Hq>>,
    visit: StaffVisit,
    id: Path<Uuid>,
) -> Result<Response, WebError> {
    form_page(web.0, visit, id.0, Deed::Move, false).await
}

pub(super) async fn refuse_form(
    web: State<Web<Hq>>,
    visit: StaffVisit,
    id: Path<Uuid>,
) -> Result<Response, WebError> {
    form_page(web.0, visit, id.0, Deed::Refuse, false).await
}

pub(super) async fn assign(
    web: State<Web<Hq>>,
    id: Path<Uuid>,
    form: Form,
) -> Result<Response, WebError> {
    posted_deed(web.0, id.0, form, Deed::Assign).await
}

pub(super) async fn refuse(
    web: State<Web<Hq>>,
    id: Path<Uuid>,
    form: Form,
) -> Result<Response, WebError> {
    posted_deed(web.0, id.0, form, Deed::Refuse).await
}

pub(super) async fn moving(
    State(web): State<Web<Hq>>,
    Path(id): Path<Uuid>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let complete = match posted.action() {
        "complete" => true,
        "cancel" => false,
        _ => return posted_deed(web, id, Form(visit, posted), Deed::Move).await,
    };
    let actor = staff(&visit)?;
    let visit = visit.staff_console();
    let seen = seen(id, &posted)?;
    let href = base(seen.application);
    let uses = web.uses.clone();
    let ask = SettleMove { seen, complete };
    match spawned(async move { uses.dispatch.settle_move(&actor, ask).await }).await {
        Ok(()) => {
            let done = if complete {
                "已转派，新支行和企业会收到通知。"
            } else {
                "已取消征询，融资需求仍由原支行办理。"
            };
            Ok(visit.redirect(&href, Some(("success", done))))
        }
        Err(error) => told(&visit, error, &href),
    }
}

fn seen(id: Uuid, posted: &Posted) -> Result<Seen, WebError> {
    Ok(Seen {
        application: FinancingApplicationId(id),
        version: posted.get("version").parse().unwrap_or(0),
        once: once(posted)?,
    })
}

/// Why the form is not there.
fn not_offered(case: &DispatchCase, deed: Deed) -> Option<UseError> {
    if case.record.frozen {
        return Some(UseError::conflict("financing.frozen"));
    }
    if !deed.fits(case.way) {
        let stage = case.record.stage.zh();
        return Some(UseError::conflict("financing.not_allowed").with("stage", stage));
    }
    if deed != Deed::Refuse && case.moves_left == 0 {
        return Some(UseError::conflict("financing.too_many_moves"));
    }
    if deed != Deed::Refuse && case.places.is_empty() {
        return Some(UseError::conflict("dispatch.no_other_branch"));
    }
    None
}

async fn form_page(
    web: Web<Hq>,
    visit: StaffVisit,
    id: Uuid,
    deed: Deed,
    by_rule: bool,
) -> Result<Response, WebError> {
    let id = FinancingApplicationId(id);
    let actor = visit.actor().clone();
    let case = web.uses.dispatch.look(&actor, id).await?;
    let key = visit.0.kit.tokens().one_time();
    let visit = visit.0.staff_console();
    if deed == Deed::Move
        && let Some(request) = &case.running
    {
        let page = running_page(&case, request, key);
        return Ok(visit.render(RunningPage::TEMPLATE, "跨支行转派", &page));
    }
    if let Some(error) = not_offered(&case, deed) {
        return told(&visit, error, &base(id));
    }
    // A refusal weighs (S-41): the proof comes before anything is typed.
    if deed == Deed::Refuse
        && let Some(to_proof) = proof::first(&visit)
    {
        return Ok(to_proof);
    }
    let mut form = blank(&visit, &case, deed, case.record.version, &key);
    let mut told = String::new();
    if by_rule {
        // The rules only fill the form: a person still checks and confirms.
        if let Some(choice) = web.uses.dispatch.by_rule(&actor, id).await? {
            told = format!(
                "第 {} 条派单规则适用，已选择{}。请填写或修改原因后核对。",
                choice.rule, choice.branch_name
            );
            let reason = format!("按本机构派单规则，由{}受理。", choice.branch_name);
            form = form.fill(&[
                ("branch".to_owned(), choice.branch.0.to_string()),
                ("move_reason".to_owned(), reason),
                ("version".to_owned(), case.record.version.to_string()),
            ]);
        } else {
            "没有适用的派单规则，请您选择支行。".clone_into(&mut told);
        }
    }
    Ok(drawn(&visit, &case, deed, form, told, StatusCode::OK))
}

fn running_page(case: &DispatchCase, request: &MoveRequest, key: String) -> RunningPage {
    let agreed = request.status == application::ports::moves::MoveStatus::Agreed;
    let movable = matches!(case.record.stage, Stage::Accepted | Stage::DueDiligence);
    let mut rows = vec![
        Described::new("申请编号", show_number(case)),
        Described::new("企业名称", &case.record.enterprise_name),
        Described::new("现受理支行", &case.record.handler_name),
        Described::new("拟转至", &request.to_branch_name),
        Described::new("转派原因", &request.reason),
        Described::new(
            "征询",
            format!("{} {}", request.asked_name, show::minute(request.asked_at)),
        ),
    ];
    if let Some(at) = request.answered_at {
        let words = if request.answer_note.is_empty() {
            show::minute(at)
        } else {
            format!("{} {}", show::minute(at), request.answer_note)
        };
        rows.push(Described::new("企业答复", words));
    }
    RunningPage {
        crumbs: crumbs(&case.record, Some("跨支行转派")),
        tag: move_tag(request.status),
        rows,
        text: match (agreed, movable) {
            (_, false) => "融资需求已进入下一环节，不能再转派。请取消征询。",
            (true, true) => {
                "企业已同意。完成转派后，由新支行重新接单，原支行将立即不能查看和办理。"
            }
            (false, true) => "正在等待企业答复。企业同意后，您可以完成转派。",
        },
        action: format!("{}/move", base(case.record.id)),
        key,
        version: case.record.version.to_string(),
        agreed: agreed && movable,
        back: base(case.record.id),
    }
}

fn show_number(case: &DispatchCase) -> String {
    let number = case.record.number.as_ref();
    number.map_or_else(String::new, ToString::to_string)
}

fn drawn(
    visit: &Visit,
    case: &DispatchCase,
    deed: Deed,
    form: FormView,
    told: String,
    status: StatusCode,
) -> Response {
    let title = deed.title(case.way);
    let mut beside = asked(&case.record);
    if !case.county.is_empty() {
        beside.push(Described::new("企业所在地区", &case.county));
    }
    if let Some(returned) = case
        .returned
        .as_ref()
        .filter(|_| case.record.stage == Stage::ReturnedToHq)
    {
        beside.push(Described::new("退回原因", because(&visit.city, returned)));
    }
    for before in &case.asked_before {
        let tag = move_tag(before.status);
        let words = format!("{} {}", before.to_branch_name, before.answer_note);
        let cell = Cell::tag(tag.label, tag.kind).second(words.trim_end());
        beside.push(Described::cell("此前征询", cell));
    }
    let by_rule = if deed == Deed::Assign {
        format!("{}/dispatch?by=rule", base(case.record.id))
    } else {
        String::new()
    };
    let page = SendPage {
        title,
        lead: deed.lead(case.moves_left),
        crumbs: crumbs(&case.record, Some(title)),
        told,
        form,
        by_rule,
        back: base(case.record.id),
        asked: beside,
    };
    visit.render_with(status, SendPage::TEMPLATE, title, &page)
}

fn blank(visit: &Visit, case: &DispatchCase, deed: Deed, version: i32, key: &str) -> FormView {
    let form = FormView::new(format!("{}/{}", base(case.record.id), deed.path()))
        .key(key)
        .with(Field::hidden("version", version.to_string()));
    if deed == Deed::Refuse {
        let options = visit.city.rejection_reasons.iter();
        return form
            .with(
                Field::checks("reasons", "拒单原因")
                    .required()
                    .hint("至少选择一项。")
                    .options(options.map(|r| Choice::new(&r.code, &r.label))),
            )
            .with(
                Field::textarea("refusal_note", "拒单说明")
                    .required()
                    .hint("展示给企业，请写明企业可以怎样继续申请，最多 500 个字。")
                    .rows(4)
                    .maxlength(500),
            );
    }
    form.with(
        Field::radio("branch", "转至支行")
            .required()
            .hint("只列出办理该金融产品的支行，服务企业所在地区的在前，待办少的在前。")
            .options(case.places.iter().map(choice)),
    )
    .with(
        Field::textarea("move_reason", "转派原因")
            .required()
            .hint("展示给企业，最多 500 个字。")
            .rows(3)
            .maxlength(500),
    )
}

fn choice(place: &Place) -> Choice {
    let served = if place.counties.is_empty() {
        "服务全市".to_owned()
    } else {
        format!("服务{}", place.counties.join("、"))
    };
    let near = if place.serves_it {
        "，包括企业所在地区"
    } else {
        ""
    };
    Choice::new(place.branch.id.0.to_string(), &place.branch.name).hint(format!(
        "{served}{near}；待接单 {} 笔，办理中 {} 笔",
        place.branch.waiting, place.branch.working
    ))
}

async fn posted_deed(
    web: Web<Hq>,
    id: Uuid,
    Form(visit, posted): Form,
    deed: Deed,
) -> Result<Response, WebError> {
    let actor = staff(&visit)?;
    let visit = visit.staff_console();
    let seen = seen(id, &posted)?;
    let href = base(seen.application);
    let step = posted.action();
    let to_proof = if deed == Deed::Refuse && step == "confirm" {
        proof::carry(&visit)
    } else {
        None
    };
    let outcome = match step {
        // Nobody proves for a form that would be refused.
        "confirm" if to_proof.is_some() => check(&web, &actor, &posted, seen.clone(), deed).await,
        "confirm" => act(&web, actor.clone(), &posted, seen.clone(), deed).await,
        "edit" => Ok(()),
        _ => check(&web, &actor, &posted, seen.clone(), deed).await,
    };
    match outcome {
        Err(error) if error.kind == Kind::Invalid => {
            again(&web, &visit, &actor, &posted, &seen, deed, Some(&error)).await
        }
        Err(error) => told(&visit, error, &href),
        Ok(()) if let Some(to_proof) = to_proof => Ok(to_proof),
        Ok(()) if step == "confirm" => {
            let (to, done) = match deed {
                Deed::Assign => (after(&actor), "已转派，新支行和企业会收到通知。"),
                Deed::Move => (href.as_str(), "已向企业征询，企业答复后会通知您。"),
                Deed::Refuse => (href.as_str(), "已确认拒单，企业会收到通知。"),
            };
            Ok(visit.redirect(to, Some(("success", done))))
        }
        Ok(()) if step == "edit" => again(&web, &visit, &actor, &posted, &seen, deed, None).await,
        Ok(()) => check_page(&web, &visit, &actor, &posted, &seen, deed).await,
    }
}

/// Whoever dispatches goes on with the queue; the head of a branch goes back to the list.
fn after(actor: &Actor) -> &'static str {
    if actor.tenant_kind == domain::tenant::TenantKind::Bank {
        "/hq/dispatch"
    } else {
        "/branch/applications"
    }
}

fn reasons_of(posted: &Posted) -> Vec<String> {
    posted
        .all("reasons")
        .into_iter()
        .map(str::to_owned)
        .collect()
}

fn assign_of(posted: &Posted, seen: Seen) -> AssignBranch {
    AssignBranch {
        seen,
        branch: posted.get("branch").to_owned(),
        reason: posted.get("move_reason").to_owned(),
    }
}

fn move_of(posted: &Posted, seen: Seen) -> AskMove {
    AskMove {
        seen,
        branch: posted.get("branch").to_owned(),
        reason: posted.get("move_reason").to_owned(),
    }
}

fn refusal_of(posted: &Posted, seen: Seen) -> RefuseIntake {
    RefuseIntake {
        seen,
        reasons: reasons_of(posted),
        note: posted.get("refusal_note").to_owned(),
    }
}

async fn check(
    web: &Web<Hq>,
    actor: &Actor,
    posted: &Posted,
    seen: Seen,
    deed: Deed,
) -> UseResult<()> {
    let dispatch = &web.uses.dispatch;
    match deed {
        Deed::Assign => dispatch.check_assign(actor, &assign_of(posted, seen)).await,
        Deed::Move => dispatch.check_move(actor, &move_of(posted, seen)).await,
        Deed::Refuse => {
            dispatch
                .check_refusal(actor, &refusal_of(posted, seen))
                .await
        }
    }
}

async fn act(
    web: &Web<Hq>,
    actor: Actor,
    posted: &Posted,
    seen: Seen,
    deed: Deed,
) -> UseResult<()> {
    let uses = web.uses.clone();
    match deed {
        Deed::Assign => {
            let ask = assign_of(posted, seen);
            spawned(async move { uses.dispatch.assign(&actor, ask).await }).await
        }
        Deed::Move => {
            let ask = move_of(posted, seen);
            spawned(async move { uses.dispatch.ask_move(&actor, ask).await }).await
        }
        Deed::Refuse => {
            let ask = refusal_of(posted, seen);
            spawned(async move { uses.dispatch.refuse(&actor, ask).await }).await
        }
    }
}

/// The form with what was typed, and what must be corrected.
async fn again(
    web: &Web<Hq>,
    visit: &Visit,
    actor: &Actor,
    posted: &Posted,
    seen: &Seen,
    deed: Deed,
    error: Option<&UseError>,
) -> Result<Response, WebError> {
    let case = web.uses.dispatch.look(actor, seen.application).await?;
    let key = match error {
        Some(error) if error.code == "idempotency.other_body" => visit.kit.tokens().one_time(),
        _ => seen.once.key.clone(),
    };
    let mut form = blank(visit, &case, deed, seen.version, &key).fill(posted.pairs());
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
    Ok(drawn(visit, &case, deed, form, String::new(), status))
}

async fn check_page(
    web: &Web<Hq>,
    visit: &Visit,
    actor: &Actor,
    posted: &Posted,
    seen: &Seen,
    deed: Deed,
) -> Result<Response, WebError> {
    let case = web.uses.dispatch.look(actor, seen.application).await?;
    let (title, text, yes) = match deed {
        Deed::Assign => (
            "要将这笔融资需求转派给所选支行吗？",
            "新支行须重新接单，接单时限重新计算。原支行将立即不能查看和办理，企业会收到通知。",
            deed.title(case.way),
        ),
        Deed::Move => (
            "要征询企业是否同意转派吗？",
            "企业同意后您才能完成转派。答复前仍由原支行办理。",
            "征询企业",
        ),
        Deed::Refuse => (
            "要确认拒单吗？",
            "融资需求将结束，企业会看到原因，并可改选其他机构再次申请。",
            "确认拒单",
        ),
    };
    let href = base(seen.application);
    let short = deed.title(case.way);
    let page = CheckPage {
        title: title.to_owned(),
        text: text.to_owned(),
        crumbs: crumbs(&case.record, Some(short)),
        rows: summary(visit, &case, posted, deed),
        action: format!("{href}/{}", deed.path()),
        key: seen.once.key.clone(),
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
        back: href,
        danger: deed == Deed::Refuse,
        editable: true,
    };
    Ok(visit.render(CheckPage::TEMPLATE, short, &page))
}

fn summary(visit: &Visit, case: &DispatchCase, posted: &Posted, deed: Deed) -> Vec<Described> {
    let mut rows = vec![
        Described::new("申请编号", show_number(case)),
        Described::new("企业名称", &case.record.enterprise_name),
        Described::new("金融产品", &case.record.product_name),
        Described::new("现受理支行", &case.record.handler_name),
    ];
    if deed == Deed::Refuse {
        let reasons = show::reasons(&visit.city, &reasons_of(posted));
        rows.push(Described::new("拒单原因", reasons));
        rows.push(Described::new("拒单说明", posted.get("refusal_note")));
        return rows;
    }
    let picked = posted.get("branch");
    let place = case
        .places
        .iter()
        .find(|p| p.branch.id.0.to_string() == picked);
    if let Some(place) = place {
        let words = choice(place);
        rows.push(Described::cell(
            "转至支行",
            Cell::text(words.label).second(words.hint),
        ));
    }
    rows.push(Described::new("转派原因", posted.get("move_reason")));
    rows
}

//! 核验复核: the operator's list, and the page with both pictures side by side (S-25, S-39).

use application::{
    error::Kind,
    identity::{Evidence, ReviewCase},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{identity::ReviewStatus, ids::FaceReviewId};

use super::{
    Room,
    pages::{ReviewDeskPage, ReviewListPage, when},
};
use crate::{
    branch::sealed_off,
    errors::{self, WebError},
    forms::{Field, FormView},
    parts::{Cell, Described, Table, Tag, TagKind},
    posted::Form,
    proof, spawned,
    visit::{StaffVisit, id_of},
    words,
};

const LIST: &str = "/operator/faces";

fn tag(status: ReviewStatus) -> Tag {
    let kind = match status {
        ReviewStatus::Passed => TagKind::Success,
        ReviewStatus::Refused => TagKind::Danger,
        ReviewStatus::Requested | ReviewStatus::Proposed => TagKind::Warning,
        ReviewStatus::Cancelled => TagKind::Neutral,
    };
    Tag::new(status.zh(), kind)
}

fn tagged(status: ReviewStatus) -> Cell {
    Cell {
        tag: Some(tag(status)),
        ..Cell::default()
    }
}

pub async fn list(
    State(web): State<Room>,
    StaffVisit(visit): StaffVisit,
) -> Result<Response, WebError> {
    let reviews = web.uses.review_desk(visit.staff_actor()?).await?;
    let mut table = Table::new("平台人工核验申请")
        .column("受理编号", "nowrap")
        .column("企业名称", "name")
        .column("核验人", "nowrap")
        .column("申请时间", "nowrap")
        .column("状态", "nowrap");
    for review in &reviews {
        table.push(vec![
            Cell::link(&review.reference, format!("{LIST}/{}", review.id)),
            Cell::text(&review.enterprise_name),
            Cell::text(&review.person_name),
            Cell::text(when(review.created_at)),
            tagged(review.status),
        ]);
    }
    let page = ReviewListPage {
        nothing: table.rows.is_empty(),
        open: reviews.iter().filter(|r| r.is_open()).count(),
        table,
    };
    Ok(visit
        .staff_console()
        .render("identity/reviews.html", "核验复核", &page))
}

fn form(id: FaceReviewId) -> FormView {
    FormView::new(format!("{LIST}/{id}")).with(
        Field::textarea("review_note", "核验说明")
            .hint("不通过时必填，企业可以看到，不超过 200 字")
            .maxlength(200)
            .rows(3),
    )
}

fn page(case: &ReviewCase, form: FormView) -> ReviewDeskPage {
    let review = &case.review;
    let mut rows = vec![
        Described::new("受理编号", &review.reference),
        Described::new("企业名称", &review.enterprise_name),
        Described::new("核验人", &review.person_name),
        Described::new("申请时间", when(review.created_at)),
        Described::cell("状态", tagged(review.status)),
    ];
    let found = match review.passes {
        Some(true) => "一致，建议通过",
        Some(false) => "不一致，建议不通过",
        None => "",
    };
    if !found.is_empty() {
        rows.push(Described::new("初核结果", found));
        rows.push(Described::new("初核人", &review.proposed_name));
    }
    if let Some(at) = review.proposed_at {
        rows.push(Described::new("初核时间", when(at)));
    }
    if !review.note.is_empty() {
        rows.push(Described::new("核验说明", &review.note));
    }
    if let Some(at) = review.settled_at {
        rows.push(Described::new("复核时间", when(at)));
    }
    ReviewDeskPage {
        form,
        rows,
        pictures: case.may_propose || case.may_confirm,
        may_propose: case.may_propose,
        may_confirm: case.may_confirm,
        may_take_back: case.may_take_back,
        waits: review.status == ReviewStatus::Proposed && !case.may_confirm,
        passes: review.passes == Some(true),
        photo: format!("{LIST}/{}/photo", review.id),
        card: format!("{LIST}/{}/card", review.id),
    }
}

pub async fn show(
    State(web): State<Room>,
    StaffVisit(visit): StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = FaceReviewId(id_of(&id)?);
    let case = web.uses.review_case(visit.staff_actor()?, id).await?;
    if (case.may_propose || case.may_confirm)
        && let Some(to_proof) = proof::first(&visit)
    {
        return Ok(to_proof);
    }
    let content = page(&case, form(id));
    Ok(visit
        .staff_console()
        .render("identity/review_case.html", "核验复核", &content))
}

async fn picture(
    web: Room,
    StaffVisit(visit): StaffVisit,
    id: &str,
    which: Evidence,
    label: &str,
) -> Result<Response, WebError> {
    let id = FaceReviewId(id_of(id)?);
    let actor = visit.staff_actor()?.clone();
    let uses = web.uses.clone();
    let jpeg = spawned(async move { uses.review_picture(&actor, id, which).await }).await?;
    Ok(sealed_off("image/jpeg", label, jpeg))
}

pub async fn photo(
    State(web): State<Room>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    picture(web, visit, &id, Evidence::Photo, "现场照片").await
}

pub async fn card(
    State(web): State<Room>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    picture(web, visit, &id, Evidence::Card, "身份证正面照片").await
}

/// What one finds (`pass`, `refuse`) and may take back (`take_back`), or what another says to it (`agree`, `return`).
pub async fn settle(
    State(web): State<Room>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let id = FaceReviewId(id_of(&id)?);
    let actor = visit.staff_actor()?.clone();
    // Whoever may do nothing here is told so, and proves for nothing.
    let case = web.uses.review_case(&actor, id).await?;
    if (case.may_propose || case.may_confirm || case.may_take_back)
        && let Some(to_proof) = proof::carry(&visit)
    {
        return Ok(to_proof);
    }
    let deed = posted.action().to_owned();
    let note = posted.get("review_note").to_owned();
    let (uses, by) = (web.uses.clone(), actor.clone());
    let outcome = spawned(async move {
        match deed.as_str() {
            "pass" | "refuse" => uses.propose_review(&by, id, deed == "pass", &note).await,
            "take_back" => uses.take_review_back(&by, id).await,
            "agree_pass" => uses.confirm_review(&by, id, Some(true)).await,
            "agree_refuse" => uses.confirm_review(&by, id, Some(false)).await,
            _ => uses.confirm_review(&by, id, None).await,
        }
    })
    .await;
    match outcome {
        Ok(()) => Ok(visit.redirect(LIST, Some(("success", &words::text("review.noted", &[]))))),
        Err(error) if error.kind == Kind::Invalid => {
            let case = web.uses.review_case(&actor, id).await?;
            let mut form = form(id).fill(posted.pairs());
            for field in &error.fields {
                form.fail(&field.field, words::field_text(field));
            }
            Ok(visit.staff_console().render_with(
                errors::status(error.kind),
                "identity/review_case.html",
                "核验复核",
                &page(&case, form),
            ))
        }
        Err(error) if error.kind == Kind::Conflict => {
            let text = words::error_text(&error);
            Ok(visit.redirect(&format!("{LIST}/{id}"), Some(("warning", &text))))
        }
        Err(error) => Err(WebError(error)),
    }
}

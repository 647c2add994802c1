//! 平台人工核验, the enterprise's side: its own consent, one photo, and the way back.

use application::{
    error::{Kind, UseError},
    identity::REVIEW_AGREEMENT,
    ports::face_reviews::FaceReview,
};
use axum::{
    extract::{Query, State},
    response::Response,
};

use super::{
    Room,
    desktop::Ask,
    pages::{self, ReviewPage},
};
use crate::{
    agreements_read::was_read,
    errors::{self, WebError},
    forms::{AgreementPart, Field, FormView},
    posted::Form,
    profile::with_next,
    spawned, spawned_holding,
    visit::{EnterpriseVisit, Visit, own_path},
    words,
};

const HOME: &str = "/enterprise/face";

fn form(visit: &Visit, next: &str) -> FormView {
    let form = FormView::new("/enterprise/face/review")
        .with(Field::hidden("next", next))
        .with(
            Field::file("photo", "本人正面照片", "image/*")
                .required()
                .hint("请手持本人居民身份证，正面拍摄，面部和证件都清晰可见。JPG 或 PNG 格式，不超过 10 MB"),
        );
    let Some(agreement) = visit.city.agreement(REVIEW_AGREEMENT) else {
        return form;
    };
    form.with(Field::agreement(
        "agree_review",
        AgreementPart {
            code: agreement.code.clone(),
            lead: "我已阅读并单独同意".to_owned(),
            title: format!("《{}》", agreement.title),
            href: format!("/agreements/{}", agreement.code),
            read: was_read(visit, &agreement.code, &agreement.version),
        },
    ))
}

fn page(form: FormView, next: &str) -> ReviewPage {
    ReviewPage {
        form,
        steps: pages::steps(),
        back: with_next(HOME, next),
    }
}

pub async fn show(
    State(web): State<Room>,
    EnterpriseVisit(visit): EnterpriseVisit,
    Query(ask): Query<Ask>,
) -> Result<Response, WebError> {
    let status = web.uses.status(visit.enterprise_actor()?).await?;
    let open = status.review.as_ref().is_some_and(FaceReview::is_open);
    if !status.review_offered {
        return Err(WebError(UseError::not_found()));
    }
    if open || status.verified.at.is_some() || !status.profile_complete {
        return Ok(visit.redirect(&with_next(HOME, ask.next()), None));
    }
    let visit = visit.enterprise_console();
    let page = page(form(&visit, ask.next()), ask.next());
    Ok(visit.render("identity/review.html", "平台人工核验", &page))
}

pub async fn request(
    State(web): State<Room>,
    Form(visit, mut posted): Form,
) -> Result<Response, WebError> {
    let actor = visit.enterprise_actor()?.clone();
    let next = own_path(posted.get("next")).unwrap_or_default().to_owned();
    let ticked = posted.has("agree_review");
    let photo = posted
        .take_file("photo")
        .map(|f| f.bytes.to_vec())
        .unwrap_or_default();
    let read = visit
        .city
        .agreement(REVIEW_AGREEMENT)
        .is_some_and(|a| was_read(&visit, &a.code, &a.version));
    let outcome = if ticked && !read {
        Err(UseError::field("agree_review", "review.agree_unread"))
    } else {
        let uses = web.uses.clone();
        let asked = async move { uses.request_review(&actor, ticked, photo).await };
        spawned_holding(posted.held(), asked).await
    };
    let home = with_next(HOME, &next);
    match outcome {
        Ok(reference) => {
            let text = words::text("review.asked", &[("reference", reference)]);
            Ok(visit.redirect(&home, Some(("success", &text))))
        }
        Err(error) if matches!(error.kind, Kind::Invalid | Kind::TooLarge) => {
            let visit = visit.enterprise_console();
            let mut form = form(&visit, &next).fill(posted.pairs());
            for field in &error.fields {
                form.fail(&field.field, words::field_text(field));
            }
            Ok(visit.render_with(
                errors::status(error.kind),
                "identity/review.html",
                "平台人工核验",
                &page(form, &next),
            ))
        }
        Err(error) if matches!(error.kind, Kind::Conflict | Kind::TooMany) => {
            let text = words::error_text(&error);
            Ok(visit.redirect(&home, Some(("warning", &text))))
        }
        Err(error) => Err(WebError(error)),
    }
}

pub async fn cancel(
    State(web): State<Room>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = visit.enterprise_actor()?.clone();
    let next = own_path(posted.get("next")).unwrap_or_default().to_owned();
    let uses = web.uses.clone();
    let home = with_next(HOME, &next);
    match spawned(async move { uses.cancel_review(&actor).await }).await {
        Ok(()) => Ok(visit.redirect(
            &home,
            Some(("success", &words::text("review.taken_back", &[]))),
        )),
        Err(error) if error.kind == Kind::Conflict => {
            let text = words::error_text(&error);
            Ok(visit.redirect(&home, Some(("warning", &text))))
        }
        Err(error) => Err(WebError(error)),
    }
}

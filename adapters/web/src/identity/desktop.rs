//! The enterprise's pages: consent, camera, phone, result.

use application::{
    access::Actor,
    error::{Kind, UseError},
    identity::{FaceStatus, HandoverState},
    ports::face_reviews::FaceReview,
};
use axum::{
    Json,
    extract::{Path, Query, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::ids::HandoverId;
use serde::Deserialize;
use serde_json::json;

use super::{
    Room, answer, demo_of,
    pages::{self, FacePage, HandoffPage, ResultPage, Step, refusal, request_rows, verified_rows},
};
use crate::{
    agreements_read::was_read,
    errors::WebError,
    forms::{AgreementPart, Field, FormView},
    parts::{Camera, Handoff},
    posted::Form,
    profile::with_next,
    spawned, spawned_holding,
    visit::{EnterpriseVisit, Visit, id_of, own_path},
    words,
};

const HOME: &str = "/enterprise/face";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Ask {
    next: String,
}

impl Ask {
    pub fn next(&self) -> &str {
        own_path(&self.next).unwrap_or_default()
    }
}

pub async fn show(
    State(web): State<Room>,
    EnterpriseVisit(visit): EnterpriseVisit,
    Query(ask): Query<Ask>,
) -> Result<Response, WebError> {
    let status = web.uses.status(visit.enterprise_actor()?).await?;
    let visit = visit.enterprise_console();
    let page = face_page(&visit, &status, ask.next());
    Ok(visit.render("identity/face.html", title(page.step), &page))
}

const fn title(step: Step) -> &'static str {
    match step {
        Step::Consent => "人脸核验单独同意",
        _ => "人脸核验",
    }
}

/// The consent's own screen with its own tick (S-32).
fn consent_form(visit: &Visit, next: &str) -> FormView {
    let form = FormView::new("/enterprise/face/consent").with(Field::hidden("next", next));
    let Some(agreement) = visit.city.agreement(application::identity::FACE_AGREEMENT) else {
        return form;
    };
    form.with(Field::agreement(
        "agree_face",
        AgreementPart {
            code: agreement.code.clone(),
            lead: "我已阅读并单独同意".to_owned(),
            title: format!("《{}》", agreement.title),
            href: format!("/agreements/{}", agreement.code),
            read: was_read(visit, &agreement.code, &agreement.version),
        },
    ))
}

fn face_page(visit: &Visit, status: &FaceStatus, next: &str) -> FacePage {
    let photo = with_next("/enterprise/face/photo", next);
    FacePage {
        form: consent_form(visit, next),
        step: Step::of(status),
        steps: pages::steps(),
        person: status.person.clone(),
        enterprise: status.enterprise_name.clone(),
        provider: status.provider_name.clone(),
        demo: status.demo,
        left: status.left(),
        most: status.most,
        camera: Camera {
            url: photo.clone(),
            next: with_next("/enterprise/face/result", next),
            file_action: photo,
            key: String::new(),
        },
        refused: refusal(status),
        request: request_rows(status),
        request_open: status
            .request
            .as_ref()
            .is_some_and(|r| r.status == domain::identity::CheckStatus::ManualRequested),
        verified_rows: verified_rows(status),
        next: next.to_owned(),
        profile_href: with_next("/enterprise/profile", &with_next(HOME, next)),
        phone_href: with_next("/enterprise/face/phone", next),
        manual_href: with_next("/enterprise/face/manual", next),
        again_href: if status
            .latest
            .as_ref()
            .is_some_and(|c| !c.session_ref.is_empty())
        {
            with_next("/enterprise/face/again", next)
        } else {
            String::new()
        },
        handover_href: with_next("/enterprise/face/handover", next),
        way: pages::way(status),
        leave_href: with_next("/enterprise/face/leave", next),
        away_href: status.away().map(|c| c.page.clone()).unwrap_or_default(),
        review_href: if status.review_offered {
            with_next("/enterprise/face/review", next)
        } else {
            String::new()
        },
        review: pages::review_rows(status),
        review_open: status.review.as_ref().is_some_and(FaceReview::is_open),
    }
}

pub async fn consent(
    State(web): State<Room>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = visit.enterprise_actor()?.clone();
    let next = own_path(posted.get("next")).unwrap_or_default().to_owned();
    let ticked = posted.has("agree_face");
    let read = visit
        .city
        .agreement(application::identity::FACE_AGREEMENT)
        .is_some_and(|a| was_read(&visit, &a.code, &a.version));
    let refused = if ticked && !read {
        Some(UseError::field("agree_face", "face.agree_unread"))
    } else {
        let (uses, by) = (web.uses.clone(), actor.clone());
        match spawned(async move { uses.consent(&by, ticked).await }).await {
            Ok(()) => None,
            Err(error) if error.kind == Kind::Invalid => Some(error),
            Err(error) => return Err(WebError(error)),
        }
    };
    let Some(error) = refused else {
        return Ok(visit.redirect(&with_next(HOME, &next), None));
    };
    let status = web.uses.status(&actor).await?;
    let visit = visit.enterprise_console();
    let mut page = face_page(&visit, &status, &next);
    page.form = page.form.fill(posted.pairs());
    for field in &error.fields {
        page.form.fail(&field.field, words::field_text(field));
    }
    Ok(visit.render_with(
        StatusCode::UNPROCESSABLE_ENTITY,
        "identity/face.html",
        title(page.step),
        &page,
    ))
}

pub async fn photo(
    State(web): State<Room>,
    Query(ask): Query<Ask>,
    Form(visit, mut posted): Form,
) -> Result<Response, WebError> {
    let actor = visit.enterprise_actor()?.clone();
    let demo = demo_of(&posted);
    let photo = posted
        .take_file("photo")
        .map(|f| f.bytes.to_vec())
        .unwrap_or_default();
    let uses = web.uses.clone();
    let check = async move { uses.check(&actor, photo, demo).await };
    let outcome = spawned_holding(posted.held(), check).await;
    answer(
        &visit,
        outcome,
        &with_next("/enterprise/face/result", ask.next()),
        &with_next(HOME, ask.next()),
    )
}

pub async fn ask_again(
    State(web): State<Room>,
    Query(ask): Query<Ask>,
    Form(visit, _): Form,
) -> Result<Response, WebError> {
    let actor = visit.enterprise_actor()?.clone();
    let uses = web.uses.clone();
    let outcome = spawned(async move { uses.ask_again(&actor).await }).await;
    let unclear = matches!(outcome, Ok(application::identity::FaceOutcome::Unclear));
    let home = with_next(HOME, ask.next());
    if unclear && !visit.is_script() {
        let text = words::text("face.still_unclear", &[]);
        return Ok(visit.redirect(&home, Some(("info", &text))));
    }
    answer(
        &visit,
        outcome,
        &with_next("/enterprise/face/result", ask.next()),
        &home,
    )
}

/// 注册成功 (M-425).
pub async fn result(
    State(web): State<Room>,
    EnterpriseVisit(visit): EnterpriseVisit,
    Query(ask): Query<Ask>,
) -> Result<Response, WebError> {
    let status = web.uses.status(visit.enterprise_actor()?).await?;
    let visit = visit.enterprise_console();
    if status.verified.at.is_none() {
        return Ok(visit.redirect(&with_next(HOME, ask.next()), None));
    }
    let (go_href, go_label) = match ask.next() {
        "" => (
            "/enterprise/applications/drafts".to_owned(),
            "查看待提交的融资需求",
        ),
        next => (next.to_owned(), "继续提交融资需求"),
    };
    let page = ResultPage {
        steps: pages::steps(),
        person: status.person.clone(),
        rows: verified_rows(&status),
        go_href,
        go_label,
    };
    Ok(visit.render("identity/result.html", "注册成功", &page))
}

pub async fn phone_way(
    State(web): State<Room>,
    EnterpriseVisit(visit): EnterpriseVisit,
    Query(ask): Query<Ask>,
) -> Result<Response, WebError> {
    let status = web.uses.status(visit.enterprise_actor()?).await?;
    if Step::of(&status) != Step::Camera || pages::way(&status) != "photo" {
        return Ok(visit.redirect(&with_next(HOME, ask.next()), None));
    }
    let visit = visit.enterprise_console();
    let page = HandoffPage {
        steps: pages::steps(),
        handoff: None,
        link: String::new(),
        handover_href: with_next("/enterprise/face/handover", ask.next()),
        back: with_next(HOME, ask.next()),
        next: ask.next().to_owned(),
    };
    Ok(visit.render("identity/handoff.html", "手机核验", &page))
}

pub async fn hand_over(
    State(web): State<Room>,
    Query(ask): Query<Ask>,
    Form(visit, _): Form,
) -> Result<Response, WebError> {
    let actor = visit.enterprise_actor()?.clone();
    let (uses, next) = (web.uses.clone(), ask.next().to_owned());
    match spawned(async move { uses.hand_over(&actor, &next).await }).await {
        Ok(id) => Ok(visit.redirect(&format!("/enterprise/face/phone/{id}"), None)),
        Err(error) if error.kind == Kind::Conflict => {
            let text = words::error_text(&error);
            Ok(visit.redirect(&with_next(HOME, ask.next()), Some(("warning", &text))))
        }
        Err(error) => Err(WebError(error)),
    }
}

pub async fn waiting(
    State(web): State<Room>,
    EnterpriseVisit(visit): EnterpriseVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = HandoverId(id_of(&id)?);
    let actor: Actor = visit.enterprise_actor()?.clone();
    let (handover, state) = web.uses.handover(&actor, id).await?;
    let visit = visit.enterprise_console();
    if let HandoverState::Done { passed } = state {
        return Ok(visit.redirect(&after(passed, &handover.next), None));
    }
    let link = if visit.kit.mode().demo {
        visit.address(&web.uses.link(&actor, id).await?)
    } else {
        String::new()
    };
    let page = HandoffPage {
        steps: pages::steps(),
        handoff: Some(Handoff {
            qr: format!("/enterprise/face/handover/{id}/qr.svg"),
            poll_url: format!("/enterprise/face/handover/{id}"),
            next: format!("/enterprise/face/phone/{id}"),
            state: state_words(&state).to_owned(),
            expires: pages::when(handover.expires_at),
            refresh_href: with_next("/enterprise/face/phone", &handover.next),
        }),
        link,
        handover_href: with_next("/enterprise/face/handover", &handover.next),
        back: with_next(HOME, &handover.next),
        next: handover.next,
    };
    Ok(visit.render("identity/handoff.html", "手机核验", &page))
}

fn after(passed: bool, next: &str) -> String {
    if passed {
        with_next("/enterprise/face/result", next)
    } else {
        with_next(HOME, next)
    }
}

const fn state_words(state: &HandoverState) -> &'static str {
    match state {
        HandoverState::Waiting => "等待手机扫码",
        HandoverState::Opened => "手机已打开，请在手机上完成拍照",
        HandoverState::Failed => "手机上的核验未通过，可以在手机上重新拍摄",
        HandoverState::Done { .. } => "已在手机上完成，正在进入下一步…",
        HandoverState::Expired => "二维码已过期，请刷新二维码。",
    }
}

pub async fn poll(
    State(web): State<Room>,
    visit: EnterpriseVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = HandoverId(id_of(&id)?);
    let (handover, state) = web.uses.handover(visit.actor(), id).await?;
    let message = state_words(&state);
    let body = match state {
        HandoverState::Waiting => json!({ "state": "waiting", "message": message }),
        // A refusal on the phone does not end the link: the phone may try again.
        HandoverState::Opened | HandoverState::Failed => {
            json!({ "state": "opened", "message": message })
        }
        HandoverState::Done { passed } => {
            json!({ "state": "done", "message": message, "next": after(passed, &handover.next) })
        }
        HandoverState::Expired => json!({ "state": "expired", "message": message }),
    };
    let mut response = Json(body).into_response();
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

pub async fn qr(
    State(web): State<Room>,
    EnterpriseVisit(visit): EnterpriseVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = HandoverId(id_of(&id)?);
    let link = web.uses.link(visit.enterprise_actor()?, id).await?;
    let svg = web.uses.qr_svg(&visit.address(&link))?;
    Ok((
        [
            (header::CONTENT_TYPE, "image/svg+xml"),
            (header::CACHE_CONTROL, "no-store"),
        ],
        svg,
    )
        .into_response())
}

//! Profile 完善信息 on the web (M-404 to M-421).

mod fill;
mod form;
mod page;

use std::sync::Arc;

use application::{
    access::Actor,
    account::{Caller, Purpose, codes::CodeSent},
    error::{FieldError, Kind, UseError, UseResult},
    files::{Files, UploadFor},
    memory::Held,
    profile::{Profiles, SaveProfile},
    recognition::Recognition,
    size::SizeRoom,
};
use axum::{
    Json, Router,
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use domain::enterprise::ProfileFile;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;

pub use page::{EditPage, STEPS, SummaryPage};

use crate::{
    doors::{self, Door, ONE_UPLOAD, THREE_UPLOADS, Who},
    errors::{self, WebError},
    kit::Web,
    posted::{Form, Posted, PostedFile},
    spawned, spawned_holding,
    visit::{EnterpriseVisit, Visit, encode, own_path},
    words,
};

/// What the pages of 完善信息 use.
#[derive(Clone)]
pub struct ProfileUses {
    pub profiles: Profiles,
    pub files: Files,
    pub size: SizeRoom,
    pub recognition: Recognition,
}

type Room = Web<ProfileUses>;

/// The screen's own words for what is wrong (`words::field_text_on`).
const SCREEN: &str = "profile";

/// Where the form is, and where it posts to.
pub const PATH: &str = "/enterprise/profile";

pub fn doors() -> Vec<Door<Room>> {
    vec![
        Door::get("/enterprise/profile", Who::Enterprise, show),
        Door::post("/enterprise/profile", Who::Enterprise, save).body(THREE_UPLOADS),
        Door::get("/enterprise/profile/draft", Who::Enterprise, ask_discard),
        Door::post("/enterprise/profile/draft", Who::Enterprise, discard),
        Door::post("/enterprise/profile/files", Who::Enterprise, upload).body(ONE_UPLOAD),
        Door::post("/enterprise/profile/files/delete", Who::Enterprise, remove),
        Door::post(
            "/enterprise/profile/files/read",
            Who::Enterprise,
            fill::door,
        ),
        Door::post("/enterprise/profile/sms-code", Who::Enterprise, send_code),
    ]
}

pub fn routes(web: Room) -> Router {
    doors::router(doors(), web)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Ask {
    next: String,
    edit: String,
    captcha: String,
}

fn caller(visit: &Visit) -> Caller {
    Caller {
        city: visit.city.clone(),
        binding: visit.binding().unwrap_or_default().to_owned(),
        origin: visit.origin.clone(),
        agent: visit.agent.clone(),
    }
}

fn next_of(text: &str) -> &str {
    own_path(text).unwrap_or_default()
}

/// An address with `next` carried along.
pub(crate) fn with_next(path: &str, next: &str) -> String {
    match next_of(next) {
        "" => path.to_owned(),
        next => format!("{path}?next={}", encode(next)),
    }
}

async fn show(
    State(web): State<Room>,
    EnterpriseVisit(visit): EnterpriseVisit,
    Query(ask): Query<Ask>,
) -> Result<Response, WebError> {
    let actor = visit.enterprise_actor()?.clone();
    let visit = visit.enterprise_console();
    let mut page = web.uses.profiles.view(&actor).await?;
    let next = next_of(&ask.next);
    let complete = page.facts.completed_at.is_some();
    if !page.may_save || (complete && ask.edit != "1") {
        let size = web.uses.size.standing(&actor).await?;
        let summary = page::summary(&web.uses.profiles, visit.city.id, &page, &size, next);
        return Ok(visit.render("profile/summary.html", "完善信息", &summary));
    }
    let draft = web.uses.profiles.draft(&actor).await?;
    let chosen = match &draft {
        Some(draft) => form::Chosen::drafted(draft),
        None => form::Chosen::stored(&web.uses.profiles, &page.facts, &visit.city),
    };
    let reader = web.uses.recognition.reader(&actor).await?;
    let profiles = &web.uses.profiles;
    let regions = profiles.regions.of(visit.city.id);
    let mut form = form::form(profiles, &*regions, &page, &chosen, next, reader.as_ref());
    form.push_captcha(captcha(&web, &visit, ask.captcha == "text").await?);
    let mut view = form.finish(&page, None);
    if let Some(draft) = &draft {
        view = view.fill(&draft.typed);
        page.missing.retain(|fact| !is_filled(&view, fact.code()));
    }
    let mut content = page::edit(&page, view, reader.as_ref(), String::new());
    content.draft = draft.map_or(String::new(), |draft| page::draft_words(draft.saved_at));
    Ok(visit.render("profile/edit.html", "完善信息", &content))
}

/// The form with what was kept, whether the profile is complete or not.
fn form_path(next: &str) -> String {
    let mut path = format!("{PATH}?edit=1");
    if !next.is_empty() {
        path.push_str(&format!("&next={}", encode(next)));
    }
    path
}

/// The confirm page of 删除草稿.
async fn ask_discard(
    State(web): State<Room>,
    EnterpriseVisit(visit): EnterpriseVisit,
) -> Result<Response, WebError> {
    let actor = visit.enterprise_actor()?.clone();
    if web.uses.profiles.draft(&actor).await?.is_none() {
        return Ok(visit.redirect(&form_path(""), None));
    }
    let visit = visit.enterprise_console();
    let page = page::DiscardPage {
        action: format!("{PATH}/draft"),
        back: form_path(""),
    };
    Ok(visit.render("profile/discard.html", "删除草稿", &page))
}

async fn discard(State(web): State<Room>, Form(visit, _): Form) -> Result<Response, WebError> {
    let actor = visit.enterprise_actor()?.clone();
    let profiles = web.uses.profiles.clone();
    spawned(async move { profiles.drop_draft(&actor).await }).await?;
    Ok(visit.redirect(&form_path(""), Some(("success", "草稿已删除。"))))
}

/// The captcha before the SMS code (section 6): a picture, or a question in words.
async fn captcha(web: &Room, visit: &Visit, in_words: bool) -> UseResult<crate::forms::Field> {
    use crate::forms::Field;
    if in_words {
        let desk = &web.uses.profiles.codes.captcha;
        let question = desk.ask(&caller(visit), Purpose::Profile).await?;
        return Ok(Field::text("captcha", "验证码")
            .placeholder("请输入答案")
            .hint(format!("获取手机验证码前请回答：{question}"))
            .autocomplete("off")
            .maxlength(8)
            .width("m"));
    }
    let fresh = visit.kit.clock().new_id().simple().to_string();
    let image = format!("/captcha.png?form=profile&n={}", &fresh[20..]);
    Ok(Field::captcha("captcha", "图形验证码", image)
        .hint("获取手机验证码前请先填写图片中的字符")
        .other_way("看不清图片？改用文字问答"))
}

async fn save(
    State(web): State<Room>,
    Form(visit, mut posted): Form,
) -> Result<Response, WebError> {
    let actor = visit.enterprise_actor()?.clone();
    let visit = Arc::new(visit.enterprise_console());
    let (kept, refused) = keep_files(&web, &actor, &mut posted).await?;
    let next = next_of(posted.get("next")).to_owned();
    match posted.action() {
        "next_level" | "refresh_captcha" | "other_captcha" => {
            return again(&web, &visit, &actor, &posted, Again::plain(refused)).await;
        }
        "save_draft" => {
            let (profiles, by) = (web.uses.profiles.clone(), actor.clone());
            let typed = posted.pairs().to_vec();
            spawned(async move { profiles.keep_draft(&by, &typed).await }).await?;
            if !refused.is_empty() {
                return again(&web, &visit, &actor, &posted, Again::plain(refused)).await;
            }
            // Read again from what was kept: a reload sends nothing twice.
            return Ok(visit.redirect(&form_path(&next), Some(("success", "草稿已保存。"))));
        }
        "read_photos" => {
            let answer = Again {
                read: read_photos(&web, &actor, &kept, &refused).await?,
                ..Again::plain(refused)
            };
            return again(&web, &visit, &actor, &posted, answer).await;
        }
        "send_code" => {
            let sent = web
                .uses
                .profiles
                .send_code(&actor, &caller(&visit), posted.get("captcha"))
                .await;
            let answer = match sent {
                Ok(sent) => Again {
                    sent: Some(sent),
                    ..Again::plain(refused)
                },
                Err(error) => Again::refused(refused, error),
            };
            return again(&web, &visit, &actor, &posted, answer).await;
        }
        action => {
            if let Some(file) = action
                .strip_prefix("delete:")
                .and_then(ProfileFile::from_code)
            {
                web.uses.files.remove(&actor, file).await?;
                return again(&web, &visit, &actor, &posted, Again::plain(refused)).await;
            }
        }
    }
    let ask = ask_of(&posted);
    if !refused.is_empty() {
        let rest = web
            .uses
            .profiles
            .look_over(&actor, &caller(&visit), &ask)
            .await;
        let answer = match rest {
            Ok(()) => Again::plain(refused),
            Err(error) => Again::refused(refused, error),
        };
        return again(&web, &visit, &actor, &posted, answer).await;
    }
    let (profiles, by, from) = (web.uses.profiles.clone(), actor.clone(), caller(&visit));
    let saved = spawned(async move { profiles.save(&by, &from, ask).await }).await;
    match saved {
        Ok(saved) => {
            let text = if saved.representative_changed {
                "企业信息已保存。法定代表人已变更，请重新完成人脸核验。"
            } else {
                "企业信息已保存，请用新密码登录。"
            };
            let to = if saved.face_verified {
                with_next(PATH, &next)
            } else {
                with_next("/enterprise/face", &next)
            };
            Ok(visit.redirect(&to, Some(("success", text))))
        }
        Err(error) => {
            again(
                &web,
                &visit,
                &actor,
                &posted,
                Again::refused(refused, error),
            )
            .await
        }
    }
}

/// What the photos say that came with this form; if none came, those that are kept.
async fn read_photos(
    web: &Room,
    actor: &Actor,
    kept: &[ProfileFile],
    refused: &[FieldError],
) -> UseResult<fill::Filled> {
    if !kept.is_empty() || !refused.is_empty() {
        let new = fill::READ.into_iter().filter(|file| kept.contains(file));
        return fill::read(web, actor, &new.collect::<Vec<_>>()).await;
    }
    let page = web.uses.profiles.view(actor).await?;
    let there = |file: &ProfileFile| page.files.iter().any(|f| f.kind == file.code());
    let old: Vec<_> = fill::READ.into_iter().filter(there).collect();
    // Without any photo the reading itself says which one is wanted.
    fill::read(
        web,
        actor,
        if old.is_empty() {
            &[ProfileFile::Licence]
        } else {
            &old
        },
    )
    .await
}

/// Photos that came with the form itself, for browsers without script: those that were kept, and why others were not.
async fn keep_files(
    web: &Room,
    actor: &Actor,
    posted: &mut Posted,
) -> UseResult<(Vec<ProfileFile>, Vec<FieldError>)> {
    let (mut stored, mut refused) = (Vec::new(), Vec::new());
    for file in ProfileFile::ALL {
        let Some(sent) = posted.take_file(file.code()) else {
            continue;
        };
        match keep(web, actor, *file, sent, posted.held()).await {
            Ok(_) => stored.push(*file),
            Err(error) if !error.fields.is_empty() => refused.extend(error.fields),
            Err(error) if error.kind == Kind::TooMany => {
                refused.push(FieldError {
                    field: file.code().to_owned(),
                    code: error.code,
                    params: error.params,
                });
            }
            Err(error) => return Err(error),
        }
    }
    Ok((stored, refused))
}

async fn keep(
    web: &Room,
    actor: &Actor,
    file: ProfileFile,
    sent: PostedFile,
    held: Option<Held>,
) -> UseResult<application::files::KeptFile> {
    let (files, by) = (web.uses.files.clone(), actor.clone());
    let bytes = sent.bytes.to_vec();
    drop(sent);
    spawned_holding(held, async move {
        files
            .keep(&by, UploadFor::Profile(file), file.code(), bytes)
            .await
    })
    .await
}

/// The same page once more, with what was typed.
struct Again {
    refused: Vec<FieldError>,
    error: Option<UseError>,
    sent: Option<CodeSent>,
    read: fill::Filled,
}

impl Again {
    fn plain(refused: Vec<FieldError>) -> Self {
        Self {
            refused,
            error: None,
            sent: None,
            read: fill::Filled::default(),
        }
    }

    fn refused(refused: Vec<FieldError>, error: UseError) -> Self {
        Self {
            error: Some(error),
            ..Self::plain(refused)
        }
    }
}

async fn again(
    web: &Room,
    visit: &Visit,
    actor: &Actor,
    posted: &Posted,
    what: Again,
) -> Result<Response, WebError> {
    if let Some(error) = &what.error
        && matches!(
            error.kind,
            Kind::NotFound | Kind::Denied | Kind::SignedOut | Kind::Bug
        )
    {
        return Err(WebError(what.error.unwrap_or_else(UseError::not_found)));
    }
    let next = next_of(posted.get("next")).to_owned();
    let mut page = web.uses.profiles.view(actor).await?;
    let chosen = form::Chosen::posted(posted);
    let reader = web.uses.recognition.reader(actor).await?;
    let profiles = &web.uses.profiles;
    let regions = profiles.regions.of(visit.city.id);
    let mut form = form::form(profiles, &*regions, &page, &chosen, &next, reader.as_ref());
    let other = posted.action() == "other_captcha";
    let in_words = (posted.get("captcha_kind") == "text") != other;
    form.push_captcha(captcha(web, visit, in_words).await?);
    let mut view = form.finish(&page, what.sent.as_ref()).fill(posted.pairs());
    fill::keep_marks(&mut view, posted);
    let filled = fill::fill(&mut view, &what.read.proposals);
    fill::note_marks(&mut view);
    let mut note = String::new();
    if what.read.asked && (filled > 0 || what.read.problem.is_none()) {
        note = fill::told(filled);
    }
    let mut status = axum::http::StatusCode::OK;
    for field in &what.refused {
        view.fail(&field.field, words::field_text_on(SCREEN, field));
        status = errors::status(Kind::Invalid);
    }
    let problem = what.error.or(what.read.problem);
    if let Some(error) = &problem {
        status = errors::status(error.kind);
        if error.fields.is_empty() {
            view.problem(words::error_text(error));
        }
        for field in &error.fields {
            // A photo that was refused just now says why; that it is missing goes without saying.
            if !what.refused.iter().any(|r| r.field == field.field) {
                view.fail(&field.field, words::field_text_on(SCREEN, field));
            }
        }
    }
    page.missing.retain(|fact| !is_filled(&view, fact.code()));
    let content = page::edit(&page, view, reader.as_ref(), note);
    let mut response = visit.render_with(status, "profile/edit.html", "完善信息", &content);
    if let Some(seconds) = problem.and_then(|e| e.retry_after) {
        response
            .headers_mut()
            .insert(axum::http::header::RETRY_AFTER, seconds.into());
    }
    Ok(response)
}

/// What stands in the form already is not still to be filled in, although it is not stored yet.
fn is_filled(view: &crate::forms::FormView, fact: &str) -> bool {
    let name = fact.trim_end_matches("_code");
    let name = if view.field(fact).is_some() {
        fact
    } else {
        name
    };
    view.field(name).is_some_and(|field| {
        let errs = field
            .levels
            .iter()
            .chain([field])
            .any(|f| !f.error.is_empty());
        let filled = if field.levels.is_empty() {
            !field.value.trim().is_empty()
        } else {
            field.levels.iter().all(|level| !level.value.is_empty())
        };
        filled && !errs
    })
}

fn ask_of(posted: &Posted) -> SaveProfile {
    let text = |name: &str| posted.get(name).to_owned();
    let secret = |name: &str| SecretString::from(posted.get(name).to_owned());
    SaveProfile {
        version: posted.get("version").parse().unwrap_or(-1),
        name: text("name"),
        credit_code: text("unified_social_credit_code"),
        registered_capital: text("registered_capital"),
        legal_representative: text("legal_representative"),
        legal_id: text("legal_id"),
        contact_phone: text("contact_phone"),
        region: form::REGION_LEVELS.map(text),
        industry: form::INDUSTRY_LEVELS.map(text),
        address: text("address"),
        recommender: text("recommender"),
        email: text("email"),
        password: secret("password"),
        password_again: secret("password_again"),
        sms_code: text("sms_code"),
    }
}

/// One photo at once, by script.
async fn upload(
    State(web): State<Room>,
    Form(visit, mut posted): Form,
) -> Result<Response, WebError> {
    let actor = visit.enterprise_actor()?.clone();
    let file = ProfileFile::from_code(posted.get("name")).ok_or_else(UseError::not_found)?;
    let Some(sent) = posted.take_file("file") else {
        return Ok(said(&UseError::field("file", "upload.none")));
    };
    match keep(&web, &actor, file, sent, posted.held()).await {
        Ok(kept) => Ok(Json(json!({
            "ok": true,
            "preview": form::preview(&kept),
            "message": format!("{}已上传", file.zh()),
            "stored": form::stored_words(kept.at),
        }))
        .into_response()),
        Err(error) if matches!(error.kind, Kind::NotFound | Kind::Denied | Kind::Bug) => {
            Err(WebError(error))
        }
        Err(error) => Ok(said(&error)),
    }
}

/// A refusal for the script: status, sentence, field.
pub(crate) fn said(error: &UseError) -> Response {
    with_status(error, refused(error))
}

fn refused(error: &UseError) -> serde_json::Value {
    let (field, message) = match error.fields.first() {
        Some(field) => (field.field.clone(), words::field_text(field)),
        None => (String::new(), words::error_text(error)),
    };
    json!({ "ok": false, "message": message, "field": field })
}

fn with_status(error: &UseError, answer: serde_json::Value) -> Response {
    let mut response = (errors::status(error.kind), Json(answer)).into_response();
    if let Some(seconds) = error.retry_after {
        response
            .headers_mut()
            .insert(axum::http::header::RETRY_AFTER, seconds.into());
    }
    response
}

async fn remove(State(web): State<Room>, Form(visit, posted): Form) -> Result<Response, WebError> {
    let actor = visit.enterprise_actor()?.clone();
    let file = ProfileFile::from_code(posted.get("name")).ok_or_else(UseError::not_found)?;
    let files = web.uses.files.clone();
    spawned(async move { files.remove(&actor, file).await }).await?;
    Ok(Json(json!({ "ok": true, "message": format!("{}已删除", file.zh()) })).into_response())
}

async fn send_code(
    State(web): State<Room>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = visit.enterprise_actor()?.clone();
    let sent = web
        .uses
        .profiles
        .send_code(&actor, &caller(&visit), posted.get("captcha"))
        .await;
    match sent {
        Ok(sent) => Ok(Json(json!({
            "ok": true,
            "wait": sent.wait,
            "message": form::sent_words(&sent),
        }))
        .into_response()),
        Err(error) if matches!(error.kind, Kind::NotFound | Kind::Denied | Kind::Bug) => {
            Err(WebError(error))
        }
        Err(error) => {
            let mut answer = refused(&error);
            answer["wait"] = json!(error.retry_after.unwrap_or(0));
            if posted.get("captcha_kind") == "text" {
                let desk = &web.uses.profiles.codes.captcha;
                answer["question"] = json!(desk.ask(&caller(&visit), Purpose::Profile).await?);
            }
            Ok(with_status(&error, answer))
        }
    }
}

/// The page as a script-free test draws it.
pub fn samples() -> Vec<(&'static str, serde_json::Value)> {
    page::samples()
}

//! 补充提交 (row 14): the checklist with a file or words per item; what was uploaded stays when something is missing.

use std::collections::HashMap;

use application::{
    UseError,
    error::Kind,
    files::KeptFile,
    financing::{
        AddedFile, AnswerSupplement, FileFrom, ItemAnswer, ItemOf, Sending, SupplementTask,
        has_room,
    },
    ports::dossiers::{ITEM_FILES, SupplementItem},
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use domain::ids::{FileId, FinancingApplicationId, SupplementItemId};
use serde::Serialize;
use serde_json::json;

use super::{Desk, LIST, apply::fail, crumbs, id_of, show};
use crate::{
    errors::WebError,
    forms::{Field, FormView, StoredFile, UploadsPart},
    parts::Link,
    posted::{Form, Posted},
    spawned::spawned,
    visit::{EnterpriseVisit, Visit, posted_by_enterprise},
    words,
};

const ACCEPT: &str = "image/jpeg,image/png,application/pdf";
const MAX_BYTES: u64 = 10 * 1024 * 1024;

#[derive(Serialize)]
struct Item {
    legend: String,
    hint: String,
    required: bool,
    file: Field,
    text: Field,
}

#[derive(Serialize)]
struct SupplementPage {
    crumbs: Vec<Link>,
    number: String,
    branch: String,
    due: String,
    asked: String,
    items: Vec<Item>,
    note: Field,
    back: String,
    form: FormView,
    /// 暂存 was done just now.
    kept: bool,
}

struct Sheet {
    task: SupplementTask,
    number: String,
    branch: String,
    asked: String,
}

async fn sheet(
    web: &Desk,
    visit: &Visit,
    id: FinancingApplicationId,
) -> Result<Result<Sheet, Response>, WebError> {
    let actor = posted_by_enterprise(visit)?;
    let view = web.uses.financing.detail(&actor, id).await?;
    let r = view.application.record();
    let Some(task) = view.task() else {
        let text = words::text(
            "financing.not_allowed",
            &[("stage", r.stage.zh().to_owned())],
        );
        let own = format!("{LIST}/{id}");
        return Ok(Err(visit.redirect(&own, Some(("warning", &text)))));
    };
    let asked = view.events.iter().rev().find(|e| !e.note.is_empty());
    Ok(Ok(Sheet {
        task,
        number: show::number(&view.application),
        branch: r.handler_name.clone(),
        asked: asked.map_or(String::new(), |e| e.note.clone()),
    }))
}

/// A stored file, as the page names it: what it was called is not kept (S-24).
fn stored(file: &KeptFile) -> StoredFile {
    let picture = file.media_type == "image/jpeg";
    StoredFile {
        id: file.id.to_string(),
        name: format!(
            "{}，{} KB，{} 上传",
            if picture { "图片" } else { "PDF" },
            file.byte_size / 1024 + 1,
            show::minute(file.at)
        ),
        href: format!("/enterprise/files/{}", file.id),
        picture,
    }
}

fn stored_files(task: &SupplementTask, item: &SupplementItem) -> Vec<StoredFile> {
    item.files
        .iter()
        .map(|id| {
            let known = task.kept.iter().find(|file| file.id == *id);
            known.map_or_else(
                || StoredFile {
                    id: id.to_string(),
                    name: "该文件已不存在，请删除后重新上传".to_owned(),
                    ..StoredFile::default()
                },
                stored,
            )
        })
        .collect()
}

fn form_view(id: FinancingApplicationId, sheet: &Sheet, key: String) -> FormView {
    let own = format!("{LIST}/{id}/supplement");
    let mut form = FormView::new(&own).key(key);
    for item in &sheet.task.items {
        let files = Field::uploads(
            format!("file_{}", item.id),
            "上传文件",
            ACCEPT,
            UploadsPart {
                url: format!("{own}/upload"),
                delete_url: format!("{own}/remove"),
                max_bytes: MAX_BYTES,
                most: ITEM_FILES,
                files: stored_files(&sheet.task, item),
            },
        )
        .hint(format!(
            "最多 {ITEM_FILES} 个文件，按先后排列，支持 JPG、PNG、PDF，每个不超过 10 MB，PDF 不超过 10 页"
        ));
        form.push(files);
        form.push(
            Field::textarea(format!("text_{}", item.id), "文字说明")
                .rows(2)
                .maxlength(500)
                .value(&item.answer),
        );
    }
    form.with(
        Field::textarea("note", "给受理支行的说明（选填）")
            .rows(3)
            .maxlength(500)
            .value(&sheet.task.note),
    )
}

fn page(id: FinancingApplicationId, sheet: &Sheet, form: FormView) -> SupplementPage {
    let own = format!("{LIST}/{id}");
    let field = |name: String| form.field(&name).cloned().unwrap_or_default();
    SupplementPage {
        crumbs: crumbs(&[
            ("融资需求管理", LIST),
            (&sheet.number, &own),
            ("补充材料", ""),
        ]),
        items: sheet
            .task
            .items
            .iter()
            .enumerate()
            .map(|(at, item)| Item {
                legend: format!("{}. {}", at + 1, item.label),
                hint: if item.hint.is_empty() {
                    if item.required {
                        "必需，上传文件或填写文字说明".to_owned()
                    } else {
                        "选填".to_owned()
                    }
                } else {
                    item.hint.clone()
                },
                required: item.required,
                file: field(format!("file_{}", item.id)),
                text: field(format!("text_{}", item.id)),
            })
            .collect(),
        note: field("note".to_owned()),
        number: sheet.number.clone(),
        branch: sheet.branch.clone(),
        due: sheet.task.due_at.map_or(String::new(), show::minute),
        asked: sheet.asked.clone(),
        back: own,
        form,
        kept: false,
    }
}

pub(super) async fn form(
    State(web): State<Desk>,
    visit: EnterpriseVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = id_of(&id)?;
    let visit = visit.0.enterprise_console();
    let sheet = match sheet(&web, &visit, id).await? {
        Ok(sheet) => sheet,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let form = form_view(id, &sheet, visit.kit.tokens().one_time());
    Ok(visit.render(
        "financing/supplement.html",
        "补充材料",
        &page(id, &sheet, form),
    ))
}

/// Keeps one uploaded file as one more of the item that its field names.
async fn keep(
    web: &Desk,
    visit: &Visit,
    id: FinancingApplicationId,
    field: &str,
    bytes: Vec<u8>,
) -> Result<AddedFile, UseError> {
    let actor = posted_by_enterprise(visit).map_err(|e| e.0)?;
    let to = item_of(id, field)?;
    let uses = web.uses.clone();
    spawned(async move {
        let from = FileFrom::Bytes(bytes);
        uses.financing.add_file(&uses.files, &actor, to, from).await
    })
    .await
}

fn item_of(application: FinancingApplicationId, field: &str) -> Result<ItemOf, UseError> {
    let id = field.strip_prefix("file_").unwrap_or_default();
    let item: SupplementItemId = id_of(id).map_err(|e| e.0)?;
    Ok(ItemOf { application, item })
}

/// Script only: one file at once.
pub(super) async fn upload(
    State(web): State<Desk>,
    Path(id): Path<String>,
    Form(visit, mut posted): Form,
) -> Result<Response, WebError> {
    let id = id_of(&id)?;
    let field = posted.get("name").to_owned();
    let Some(file) = posted.take_file("file") else {
        return Err(UseError::new(Kind::Invalid, "bad_request").into());
    };
    match keep(&web, &visit, id, &field, file.bytes.to_vec()).await {
        Ok(added) if added.again => {
            Ok(Json(json!({ "ok": true, "message": "该文件此前已经上传" })).into_response())
        }
        Ok(added) => {
            let file = stored(&added.kept);
            Ok(Json(json!({ "ok": true, "message": "已上传", "file": file })).into_response())
        }
        Err(error) if is_refused(&error) => {
            Ok(Json(json!({ "ok": false, "message": told(&error) })).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// A file that is none of those that are taken, or one too many.
fn is_refused(error: &UseError) -> bool {
    matches!(error.kind, Kind::Invalid | Kind::TooLarge) && !error.fields.is_empty()
}

/// Not kept now: without script everything that was typed came along, and must not be lost for a file.
fn is_put_off(error: &UseError) -> bool {
    matches!(
        error.kind,
        Kind::Invalid | Kind::TooMany | Kind::Unavailable
    )
}

fn told(error: &UseError) -> String {
    error
        .fields
        .first()
        .map_or_else(|| words::error_text(error), words::field_text)
}

/// 删除 of an uploaded file, with script.
pub(super) async fn remove(
    State(web): State<Desk>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let id = id_of(&id)?;
    take_away(&web, &visit, id, posted.get("name"), posted.get("file")).await?;
    Ok(Json(json!({ "ok": true, "message": "已删除" })).into_response())
}

async fn take_away(
    web: &Desk,
    visit: &Visit,
    id: FinancingApplicationId,
    field: &str,
    file: &str,
) -> Result<(), UseError> {
    let actor = posted_by_enterprise(visit).map_err(|e| e.0)?;
    let from = item_of(id, field)?;
    let file: FileId = id_of(file).map_err(|e| e.0)?;
    let uses = web.uses.clone();
    spawned(async move {
        uses.financing
            .remove_files(&uses.files, &actor, from, Some(file))
            .await
    })
    .await
}

/// Files that came with the form itself, as without script; answers the errors at their fields. Of one item either all find room or
/// none is kept.
async fn keep_posted(
    web: &Desk,
    visit: &Visit,
    id: FinancingApplicationId,
    sheet: &Sheet,
    posted: &mut Posted,
) -> Result<HashMap<String, String>, WebError> {
    let mut problems: HashMap<String, String> = HashMap::new();
    for item in &sheet.task.items {
        let field = format!("file_{}", item.id);
        let files = posted.take_files(&field);
        if let Err(error) = has_room(item, files.len()) {
            problems.insert(field, told(&error));
            continue;
        }
        let mut wrong = Vec::new();
        for (file, number) in files.iter().zip(1..) {
            match keep(web, visit, id, &field, file.bytes.to_vec()).await {
                Ok(_) => {}
                Err(error) if is_refused(&error) || is_put_off(&error) => {
                    tracing::info!(code = error.code, chain = %error.chain(), "not kept");
                    let text = told(&error);
                    wrong.push(if files.len() == 1 {
                        text
                    } else {
                        format!("这次选择的第 {number} 个文件：{text}")
                    });
                }
                Err(error) => return Err(error.into()),
            }
        }
        if !wrong.is_empty() {
            problems.insert(field, wrong.join("；"));
        }
    }
    Ok(problems)
}

fn answers(sheet: &Sheet, posted: &Posted) -> Vec<ItemAnswer> {
    sheet
        .task
        .items
        .iter()
        .map(|item| ItemAnswer {
            item: item.id,
            text: posted.get(&format!("text_{}", item.id)).to_owned(),
        })
        .collect()
}

pub(super) async fn answer(
    State(web): State<Desk>,
    Path(id): Path<String>,
    Form(visit, mut posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_enterprise(&visit)?;
    let id: FinancingApplicationId = id_of(&id)?;
    let key = posted.key().map(str::to_owned);
    let key = key.ok_or_else(|| UseError::new(Kind::Invalid, "idempotency.key_missing"))?;
    let visit = visit.enterprise_console();
    let mut before = match sheet(&web, &visit, id).await? {
        Ok(sheet) => sheet,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let action = posted.action().to_owned();
    let deleted = action.strip_prefix("delete:");
    if let Some((field, file)) = deleted.and_then(|what| what.split_once(':')) {
        take_away(&web, &visit, id, field, file).await?;
        // What was chosen along with it finds the place that it left.
        before = match sheet(&web, &visit, id).await? {
            Ok(sheet) => sheet,
            Err(elsewhere) => return Ok(elsewhere),
        };
    }
    let problems = keep_posted(&web, &visit, id, &before, &mut posted).await?;
    let given = answers(&before, &posted);
    let texts: Vec<&str> = given.iter().map(|a| a.text.as_str()).collect();
    let note = posted.get("note").to_owned();
    let how = match (action.is_empty() || action == "send", problems.is_empty()) {
        (true, true) => Sending::Send,
        (true, false) => Sending::Check,
        (false, _) => Sending::Keep,
    };
    let body = format!("{id}|{}|{}|{note}", before.task.round, texts.join("|"));
    let input = AnswerSupplement {
        application: id,
        answers: given,
        note,
        how,
        key,
        body_hash: visit.kit.tokens().fingerprint(&body),
    };
    let uses = web.uses.clone();
    let done = spawned(async move { uses.financing.answer(&actor, input).await }).await;
    let own = format!("{LIST}/{id}");
    let fields = match done {
        Ok(()) if how == Sending::Send => {
            let text = format!("补充材料已提交，{}将继续审核。", before.branch);
            return Ok(visit.redirect(&own, Some(("success", &text))));
        }
        Ok(()) => Vec::new(),
        Err(error) if error.kind == Kind::Invalid && !error.fields.is_empty() => error.fields,
        Err(error) if error.kind == Kind::Conflict => {
            let text = words::error_text(&error);
            return Ok(visit.redirect(&own, Some(("warning", &text))));
        }
        Err(error) => return Err(error.into()),
    };
    let after = match sheet(&web, &visit, id).await? {
        Ok(sheet) => sheet,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let key = visit.kit.tokens().one_time();
    let mut form = form_view(id, &after, key).fill(posted.pairs());
    for (field, text) in problems {
        form.fail(&field, text);
    }
    // A file that was refused is not missing as well.
    let fields: Vec<_> = fields
        .into_iter()
        .filter(|f| {
            form.field(&f.field)
                .is_none_or(|field| field.error.is_empty())
        })
        .collect();
    fail(&mut form, &fields);
    let status = if form.has_errors() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let mut page = page(id, &after, form);
    page.kept = action == "keep" && status == StatusCode::OK;
    Ok(visit.render_with(status, "financing/supplement.html", "补充材料", &page))
}

pub(super) fn samples() -> Vec<(&'static str, serde_json::Value)> {
    use super::{ODD, sample};
    let view = |error: &str| {
        let known = StoredFile {
            id: "y".to_owned(),
            name: ODD.to_owned(),
            href: "/enterprise/files/y".to_owned(),
            picture: error.is_empty(),
        };
        let gone = StoredFile {
            href: String::new(),
            ..known.clone()
        };
        let uploads = UploadsPart {
            url: "/enterprise/applications/x/supplement/upload".to_owned(),
            delete_url: "/enterprise/applications/x/supplement/remove".to_owned(),
            max_bytes: MAX_BYTES,
            most: ITEM_FILES,
            files: vec![known, gone],
        };
        let file = Field::uploads("file_x", "上传文件", ACCEPT, uploads).error(error);
        let form = FormView::new("/enterprise/applications/x/supplement")
            .key("k")
            .with(file.clone());
        SupplementPage {
            crumbs: crumbs(&[(ODD, "")]),
            number: ODD.to_owned(),
            branch: ODD.to_owned(),
            due: error.to_owned(),
            asked: error.to_owned(),
            items: vec![Item {
                legend: ODD.to_owned(),
                hint: ODD.to_owned(),
                required: true,
                file,
                text: Field::textarea("text_x", "文字说明").value(ODD),
            }],
            note: Field::textarea("note", "给受理支行的说明（选填）"),
            back: "/enterprise/applications/x".to_owned(),
            form,
            kept: error.is_empty(),
        }
    };
    ["", ODD]
        .map(|error| sample("financing/supplement.html", &view(error)))
        .to_vec()
}

//! 查看完整 and 申请材料: nothing full is shown without a reason or an entry in the log (S-25, S-30).

use std::collections::HashMap;

use application::{
    access::Actor,
    dossier::{OpenFile, Unmask},
    error::{Kind, UseError},
    memory::Loaded,
    ports::{dossiers::DossierFacts, scanner::Scan},
};
use axum::{
    body::{Body, Bytes},
    extract::{Path, Query, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use domain::ids::{FileId, FinancingApplicationId};
use serde::Serialize;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Branch, show, staff, told};
use crate::{
    errors::WebError,
    forms::{Field, FormView},
    kit::{Kit, Web},
    matter,
    parts::{Described, Link},
    posted::Form,
    spawned::spawned,
    visit::{StaffVisit, Visit, encode},
    words,
};

/// A direct link lives this long, for this viewer.
pub(crate) const LINK_SECONDS: i64 = 60;
const LINK: &str = "dossier-file";

/// 查看完整: the reason comes first.
#[derive(Serialize)]
pub(super) struct ReasonPage {
    pub crumbs: Vec<Link>,
    pub form: FormView,
    pub back: String,
}

impl ReasonPage {
    pub const TEMPLATE: &'static str = "branch/reason.html";
}

/// The full values, once.
#[derive(Serialize)]
pub(super) struct FullPage {
    pub crumbs: Vec<Link>,
    pub rows: Vec<Described>,
    pub reason: String,
    pub back: String,
}

impl FullPage {
    pub const TEMPLATE: &'static str = "branch/full.html";
}

/// One material.
#[derive(Serialize)]
pub(crate) struct MaterialPage {
    pub label: String,
    pub crumbs: Vec<Link>,
    pub is_picture: bool,
    /// Nobody has looked into it (S-26).
    pub unscanned: bool,
    pub src: String,
    pub alt: String,
    pub previous: String,
    pub next: String,
    pub place: String,
    pub back: String,
    pub back_label: &'static str,
}

impl MaterialPage {
    pub const TEMPLATE: &'static str = "branch/material.html";
}

fn reason_form(id: FinancingApplicationId) -> FormView {
    FormView::new(format!("{}/full", matter::base(id))).with(
        Field::text("reason", "查看原因")
            .required()
            .hint("如：电话核对身份、准备签订合同。原因会记录，企业可以看到。")
            .maxlength(100)
            .autocomplete("off"),
    )
}

pub(super) async fn ask_full(
    State(web): State<Web<Branch>>,
    visit: StaffVisit,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let id = FinancingApplicationId(id);
    let case = web.uses.dossier.view(visit.actor(), id).await?;
    let page = ReasonPage {
        crumbs: matter::crumbs(&case.record, Some("查看完整")),
        form: reason_form(id),
        back: matter::base(id),
    };
    let unmask = case.powers.unmask;
    let visit = visit.0.staff_console();
    if !unmask {
        return told(&visit, UseError::conflict(case.shut()), &matter::base(id));
    }
    Ok(visit.render(ReasonPage::TEMPLATE, "查看完整企业资料", &page))
}

pub(super) async fn full(
    State(web): State<Web<Branch>>,
    Path(id): Path<Uuid>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = staff(&visit)?;
    let visit = visit.staff_console();
    let id = FinancingApplicationId(id);
    let case = web.uses.dossier.view(&actor, id).await?;
    let ask = Unmask {
        application: id,
        reason: posted.get("reason").to_owned(),
    };
    let uses = web.uses.clone();
    let back = matter::base(id);
    match spawned(async move { uses.dossier.unmask(&actor, ask).await }).await {
        Ok(seen) => {
            let page = FullPage {
                crumbs: matter::crumbs(&case.record, Some("查看完整")),
                rows: full_rows(&seen.facts),
                reason: seen.reason,
                back,
            };
            Ok(visit.render(FullPage::TEMPLATE, "完整企业资料", &page))
        }
        Err(error) if error.kind == Kind::Invalid => {
            let mut form = reason_form(id).fill(posted.pairs());
            for field in &error.fields {
                form.fail(&field.field, words::field_text(field));
            }
            let page = ReasonPage {
                crumbs: matter::crumbs(&case.record, Some("查看完整")),
                form,
                back,
            };
            Ok(visit.render_with(
                StatusCode::UNPROCESSABLE_ENTITY,
                ReasonPage::TEMPLATE,
                "查看完整企业资料",
                &page,
            ))
        }
        Err(error) => told(&visit, error, &back),
    }
}

fn full_rows(facts: &DossierFacts) -> Vec<Described> {
    let row = |label: &str, text: &str| {
        Described::new(label, if text.is_empty() { "未填写" } else { text })
    };
    vec![
        row("企业名称", &facts.company_name),
        row("统一社会信用代码", &facts.unified_social_credit_code),
        row("法定代表人姓名", &facts.legal_representative),
        row("法定代表人身份证号", &facts.legal_id),
        row("法定代表人联系电话", &facts.contact_phone),
        row("所在地区", &facts.region),
        row("详细地址", &facts.address),
        row("所属行业", &facts.industry),
        row("电子邮箱", &facts.email),
    ]
}

/// Signs a link to one file for one viewer and session.
pub(crate) fn signature(
    kit: &Kit,
    actor: &Actor,
    link: &'static str,
    id: FinancingApplicationId,
    file: Uuid,
    until: i64,
) -> String {
    let parts = parts(actor, id, file, until);
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    kit.tokens().sign(link, &parts)
}

fn parts(actor: &Actor, id: FinancingApplicationId, file: Uuid, until: i64) -> [String; 5] {
    [
        actor.user.to_string(),
        actor.session.to_string(),
        id.to_string(),
        file.to_string(),
        until.to_string(),
    ]
}

/// The link was signed for this viewer and is still alive.
pub(crate) fn link_fits(
    visit: &StaffVisit,
    link: &'static str,
    id: FinancingApplicationId,
    file: Uuid,
    asked: &HashMap<String, String>,
) -> bool {
    let until = asked.get("until").and_then(|t| t.parse().ok());
    let until: i64 = until.unwrap_or_default();
    let given = asked.get("sign").map_or("", String::as_str);
    let parts = parts(visit.actor(), id, file, until);
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let moment = now(&visit.0).unix_timestamp();
    let alive = (moment..=moment + LINK_SECONDS).contains(&until);
    alive && visit.0.kit.tokens().sign_fits(link, &parts, given)
}

fn now(visit: &Visit) -> OffsetDateTime {
    visit.kit.clock().now()
}

pub(super) async fn page(
    State(web): State<Web<Branch>>,
    visit: StaffVisit,
    Path((id, file)): Path<(Uuid, Uuid)>,
) -> Result<Response, WebError> {
    let (id, file) = (FinancingApplicationId(id), FileId(file));
    let case = web.uses.dossier.view(visit.actor(), id).await?;
    let back = matter::base(id);
    if !case.powers.open_file {
        let error = UseError::conflict(case.shut());
        return told(&visit.0.staff_console(), error, &back);
    }
    let at = case
        .files
        .iter()
        .position(|f| f.id == file)
        .ok_or_else(UseError::not_found)?;
    let one = &case.files[at];
    if let Some(why) = one.withheld() {
        return told(&visit.0.staff_console(), UseError::conflict(why), &back);
    }
    let until = now(&visit.0).unix_timestamp() + LINK_SECONDS;
    let signature = signature(&visit.0.kit, visit.actor(), LINK, id, file.0, until);
    let beside = |index: Option<usize>| {
        index
            .and_then(|index| case.files.get(index))
            .map_or_else(String::new, |f| format!("{back}/materials/{}", f.id))
    };
    let page = MaterialPage {
        label: one.label.clone(),
        crumbs: matter::crumbs(&case.record, Some(&one.label)),
        is_picture: one.media_type == "image/jpeg",
        unscanned: one.scan == Scan::Unscanned,
        src: format!(
            "{back}/files/{file}?until={until}&sign={}",
            encode(&signature)
        ),
        alt: format!("{}，{} 提交", one.label, show::minute(one.added_at)),
        previous: beside(at.checked_sub(1)),
        next: beside(Some(at + 1)),
        place: format!("第 {} 份，共 {} 份", at + 1, case.files.len()),
        back: back.clone(),
        back_label: "返回融资需求",
    };
    let title = format!("{} {}", one.label, show::number(&case.record));
    Ok(visit
        .0
        .staff_console()
        .render(MaterialPage::TEMPLATE, &title, &page))
}

pub(super) async fn file(
    State(web): State<Web<Branch>>,
    visit: StaffVisit,
    Path((id, file)): Path<(Uuid, Uuid)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let ask = OpenFile {
        application: FinancingApplicationId(id),
        file: FileId(file),
    };
    if !link_fits(&visit, LINK, ask.application, file, &asked) {
        return Err(WebError(UseError::not_found()));
    }
    let actor = visit.actor().clone();
    let uses = web.uses.clone();
    let opened = spawned(async move { uses.dossier.open_file(&actor, ask).await }).await?;
    Ok(sealed_off(&opened.media_type, &opened.label, opened.bytes))
}

/// A file that no cache keeps and no page can script (S-25).
pub(crate) fn sealed_off(media_type: &str, label: &str, bytes: Loaded) -> Response {
    let picture = media_type == "image/jpeg";
    let (way, ending) = if picture {
        ("inline", "jpg")
    } else {
        ("attachment", "pdf")
    };
    let name = encode(&format!("{label}.{ending}")).replace('/', "%2F");
    let mut response = Response::new(Body::from(Bytes::from_owner(bytes)));
    let mut set = |name: HeaderName, value: String| {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    };
    set(header::CONTENT_TYPE, media_type.to_owned());
    set(
        header::CONTENT_DISPOSITION,
        format!("{way}; filename=\"material.{ending}\"; filename*=UTF-8''{name}"),
    );
    set(header::CACHE_CONTROL, "no-store".to_owned());
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned());
    set(
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; sandbox".to_owned(),
    );
    response
}

#[cfg(test)]
mod tests {
    use application::memory::FILES;

    use super::*;

    #[tokio::test]
    async fn a_material_is_kept_by_nobody_and_a_pdf_is_only_a_download() {
        let held = FILES.take("", 1).await.expect("there is room");
        let one = || Loaded {
            bytes: vec![1],
            held: held.clone(),
        };
        let picture = sealed_off("image/jpeg", "营业执照照片", one());
        let header = |response: &Response, name: HeaderName| {
            response.headers()[name]
                .to_str()
                .unwrap_or_default()
                .to_owned()
        };
        assert_eq!(header(&picture, header::CACHE_CONTROL), "no-store");
        assert!(header(&picture, header::CONTENT_SECURITY_POLICY).contains("sandbox"));
        assert!(header(&picture, header::CONTENT_DISPOSITION).starts_with("inline"));
        let pdf = sealed_off("application/pdf", "合同/附件", one());
        assert!(header(&pdf, header::CONTENT_DISPOSITION).starts_with("attachment"));
    }
}

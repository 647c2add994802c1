//! 开始尽调, and the report with its photos: saved as far as it is written, without script too.

use std::{collections::HashMap, sync::Arc};

use application::{
    access::Actor,
    diligence::{AddPhoto, OpenPhoto, PHOTOS, SaveReport, StartDiligence},
    dossier::Case,
    error::{Kind, UseError, UseResult},
    ports::pictures::MAX_UPLOAD_BYTES,
    review::{Intent, Seen},
};
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use domain::{
    financing::Conclusion,
    ids::{DiligencePhotoId, FinancingApplicationId},
};
use futures::future::BoxFuture;
use serde::Serialize;
use uuid::Uuid;

use super::{
    Branch,
    ground::Held,
    materials::{self, LINK_SECONDS, MaterialPage},
    once, show, staff, told,
};
use crate::{
    console::show_errors,
    deed::{Deed, Shown, barred, typed},
    errors::WebError,
    forms::{Field, FormView},
    kit::Web,
    matter,
    parts::{Described, Link},
    posted::{Form, Posted},
    spawned::{spawned, spawned_holding},
    visit::{StaffVisit, Visit, encode},
};

/// 开始尽调 (row 12).
pub(super) struct Start;

impl Deed for Start {
    type On = Held;

    const PATH: &'static str = "/branch/applications/{id}/start";
    const TITLE: &'static str = "开始尽调";
    const LEAD: &'static str = "首次联系企业之后，请在这里记录，首次联系的时限随即停止计算。";
    const ASK: &'static str = "要开始尽调吗？";
    const WARN: &'static str = "开始后请走访企业，并填写尽调报告。联系记录只供本机构内部使用。";
    const YES: &'static str = "开始尽调";
    const DONE: &'static str = "已开始尽调，请走访企业后填写尽调报告。";

    fn offered(case: &Case, _: &Actor) -> UseResult<()> {
        if case.powers.start_diligence {
            return Ok(());
        }
        Err(not_writer(case, domain::financing::Stage::Accepted))
    }

    fn fields(_: &Visit, _: &Case, form: FormView) -> FormView {
        form.with(
            Field::textarea("contact_note", "联系记录")
                .required()
                .hint("如：已电话联系财务负责人，约定明天上午走访。最多 300 个字。")
                .rows(4)
                .maxlength(300),
        )
    }

    fn summary(_: &Visit, _: &Case, posted: &Posted) -> Vec<Described> {
        vec![typed(posted, "联系记录", "contact_note")]
    }

    fn run(
        uses: Arc<Branch>,
        actor: Actor,
        posted: &Posted,
        shown: Shown,
        intent: Intent,
    ) -> BoxFuture<'static, UseResult<()>> {
        let note = posted.get("contact_note").to_owned();
        Box::pin(async move {
            let ask = StartDiligence {
                seen: shown.seen(),
                note,
            };
            uses.diligence.start(&actor, ask, intent).await
        })
    }
}

/// In the right stage it is the holder's; otherwise the stage says why not.
fn not_writer(case: &Case, stage: domain::financing::Stage) -> UseError {
    let record = &case.record;
    if record.stage == stage && !record.frozen {
        return UseError::conflict("financing.not_holder").with("holder", &record.holder_name);
    }
    barred(record)
}

/// 尽调报告 as its writer sees it.
#[derive(Serialize)]
pub(super) struct ReportPage {
    pub crumbs: Vec<Link>,
    pub form: FormView,
    pub saved: String,
    /// What is still missing before it may go up; empty: complete.
    pub gaps: String,
    pub opposes: bool,
    pub propose: String,
    pub photos: Vec<Shot>,
    pub photo_form: FormView,
    pub full: bool,
    pub back: String,
    pub asked: Vec<Described>,
}

impl ReportPage {
    pub const TEMPLATE: &'static str = "branch/diligence.html";
}

/// One photo in the list.
#[derive(Serialize)]
pub(super) struct Shot {
    pub label: String,
    pub href: String,
    pub added: String,
    pub remove: String,
}

pub(super) async fn report(
    State(web): State<Web<Branch>>,
    visit: StaffVisit,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let id = FinancingApplicationId(id);
    let case = web.uses.dossier.view(visit.actor(), id).await?;
    let visit = visit.0.staff_console();
    if !case.powers.write_report {
        let error = not_writer(&case, domain::financing::Stage::DueDiligence);
        return told(&visit, error, &matter::base(id));
    }
    let form = report_form(&visit, &case);
    let photo = photo_form(&visit, &case);
    Ok(drawn(&visit, &case, form, photo, StatusCode::OK))
}

fn report_form(visit: &Visit, case: &Case) -> FormView {
    let stored = case.report.clone();
    let version = stored.as_ref().map_or(0, |s| s.version);
    let r = stored.map(|s| s.report).unwrap_or_default();
    let long = |name: &str, label: &str, hint: &str, value: &str| {
        Field::textarea(name, label)
            .hint(hint)
            .rows(4)
            .maxlength(1_000)
            .value(value)
    };
    FormView::new(format!("{}/diligence", matter::base(case.record.id)))
        .key(visit.kit.tokens().one_time())
        .with(Field::hidden("version", case.record.version.to_string()))
        .with(Field::hidden("report_version", version.to_string()))
        .with(
            Field::text("visited_on", "走访日期")
                .hint("按 年-月-日 填写，如 2026-03-31。")
                .maxlength(10)
                .width("m")
                .autocomplete("off")
                .value(r.visited_on.map_or_else(String::new, |d| d.to_string())),
        )
        .with(
            Field::text("place", "走访地点")
                .maxlength(100)
                .autocomplete("off")
                .value(&r.place),
        )
        .with(
            Field::text("met_with", "受访人")
                .hint("如：财务负责人张女士。不要填写身份证号和手机号。")
                .maxlength(60)
                .autocomplete("off")
                .value(&r.met_with),
        )
        .with(long(
            "business",
            "经营情况",
            "主营业务、上下游、订单、用工和生产情况，最多 1000 个字。",
            &r.business,
        ))
        .with(long(
            "finances",
            "财务与负债",
            "收入、利润、纳税、现有贷款和对外担保，最多 1000 个字。",
            &r.finances,
        ))
        .with(long(
            "collateral",
            "担保与抵质押",
            "抵质押物权属、价值和保证人情况；没有的，请写明。",
            &r.collateral,
        ))
        .with(long(
            "risks",
            "风险提示",
            "主要风险和应对办法；没有发现的，请写明。",
            &r.risks,
        ))
        .with(
            Field::radio("first_loan", "首贷户核实")
                .hint("按征信报告核实：以前没有获得过贷款的为首贷户。核实结果计入首贷统计，以后的申请以此为准。")
                .options([("yes", "是，没有贷款记录"), ("no", "否，已有贷款记录")])
                .value(first_loan_code(r.first_loan)),
        )
        .with(
            Field::radio("conclusion", "尽调结论")
                .options(Conclusion::ALL.iter().map(|c| (c.code(), c.zh())))
                .value(r.conclusion.map_or("", Conclusion::code)),
        )
}

fn first_loan_code(first: Option<bool>) -> &'static str {
    match first {
        Some(true) => "yes",
        Some(false) => "no",
        None => "",
    }
}

fn photo_form(visit: &Visit, case: &Case) -> FormView {
    let href = matter::base(case.record.id);
    FormView::new(format!("{href}/diligence/photos"))
        .key(visit.kit.tokens().one_time())
        .with(
            Field::file("photo", "照片", "image/jpeg,image/png")
                .required()
                .hint("JPG 或 PNG 格式，不超过 10 MB。请避开他人面部和证件号码。"),
        )
        .with(
            Field::text("caption", "照片说明")
                .hint("如：厂区大门、车间、抵押厂房。最多 60 个字。")
                .maxlength(60)
                .autocomplete("off"),
        )
}

fn drawn(
    visit: &Visit,
    case: &Case,
    form: FormView,
    photo_form: FormView,
    status: StatusCode,
) -> Response {
    let href = matter::base(case.record.id);
    let today = domain::calendar::local_date(visit.kit.clock().now());
    let stored = case.report.as_ref();
    let report = stored.map(|s| s.report.clone()).unwrap_or_default();
    let page = ReportPage {
        crumbs: matter::crumbs(&case.record, Some("尽调报告")),
        form,
        saved: stored.map_or_else(String::new, |s| {
            format!(
                "{} 于 {} 保存。",
                s.written_name,
                show::minute(s.updated_at)
            )
        }),
        gaps: report.gaps(today).join("、"),
        opposes: report.conclusion == Some(Conclusion::Oppose),
        propose: if case.powers.propose && report.may_go_up(today) {
            format!("{href}/propose")
        } else {
            String::new()
        },
        photos: case
            .photos
            .iter()
            .enumerate()
            .map(|(at, photo)| Shot {
                label: if photo.caption.is_empty() {
                    format!("照片 {}", at + 1)
                } else {
                    photo.caption.clone()
                },
                href: format!("{href}/diligence/photos/{}", photo.id),
                added: show::minute(photo.added_at),
                remove: format!("{href}/diligence/photos/{}/remove", photo.id),
            })
            .collect(),
        photo_form,
        full: case.photos.len() >= PHOTOS,
        back: href,
        asked: matter::asked(&case.record),
    };
    visit.render_with(status, ReportPage::TEMPLATE, "尽调报告", &page)
}

pub(super) async fn save(
    State(web): State<Web<Branch>>,
    Path(id): Path<Uuid>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = staff(&visit)?;
    let visit = visit.staff_console();
    let id = FinancingApplicationId(id);
    let text = |name: &str| posted.get(name).to_owned();
    let ask = SaveReport {
        seen: Seen {
            application: id,
            version: posted.get("version").parse().unwrap_or(0),
            once: once(&posted)?,
        },
        report_version: posted.get("report_version").parse().unwrap_or(0),
        visited_on: text("visited_on"),
        place: text("place"),
        met_with: text("met_with"),
        business: text("business"),
        finances: text("finances"),
        collateral: text("collateral"),
        risks: text("risks"),
        first_loan: text("first_loan"),
        conclusion: text("conclusion"),
    };
    let (uses, who) = (web.uses.clone(), actor.clone());
    let href = matter::base(id);
    match spawned(async move { uses.diligence.save_report(&who, ask).await }).await {
        // What is still missing stands on the page itself.
        Ok(_) => {
            let said = Some(("success", "尽调报告已保存。"));
            Ok(visit.redirect(&format!("{href}/diligence"), said))
        }
        Err(error) if error.kind == Kind::Invalid || error.code == "diligence.report_moved_on" => {
            let case = web.uses.dossier.view(&actor, id).await?;
            let mut form = report_form(&visit, &case).fill(posted.pairs());
            show_errors(&mut form, &error);
            let photo = photo_form(&visit, &case);
            Ok(drawn(
                &visit,
                &case,
                form,
                photo,
                StatusCode::UNPROCESSABLE_ENTITY,
            ))
        }
        Err(error) => told(&visit, error, &format!("{href}/diligence")),
    }
}

pub(super) async fn add_photo(
    State(web): State<Web<Branch>>,
    Path(id): Path<Uuid>,
    Form(visit, mut posted): Form,
) -> Result<Response, WebError> {
    let actor = staff(&visit)?;
    let visit = visit.staff_console();
    let id = FinancingApplicationId(id);
    let href = format!("{}/diligence", matter::base(id));
    let upload = posted.take_file("photo");
    let ask = AddPhoto {
        application: id,
        caption: posted.get("caption").to_owned(),
        upload: upload.map_or_else(Vec::new, |file| file.bytes.to_vec()),
    };
    let (uses, who) = (web.uses.clone(), actor.clone());
    let adding = async move { uses.diligence.add_photo(&who, ask).await };
    match spawned_holding(posted.held(), adding).await {
        Ok(()) => Ok(visit.redirect(&href, Some(("success", "照片已上传。")))),
        Err(error) if matches!(error.kind, Kind::Invalid | Kind::TooLarge) => {
            let case = web.uses.dossier.view(&actor, id).await?;
            let mut photo = photo_form(&visit, &case).fill(posted.pairs());
            show_errors(&mut photo, &error);
            let form = report_form(&visit, &case);
            Ok(drawn(
                &visit,
                &case,
                form,
                photo,
                StatusCode::UNPROCESSABLE_ENTITY,
            ))
        }
        Err(error) => told(&visit, error, &href),
    }
}

pub(super) async fn remove_photo(
    State(web): State<Web<Branch>>,
    Path((id, photo)): Path<(Uuid, Uuid)>,
    Form(visit, _): Form,
) -> Result<Response, WebError> {
    let actor = staff(&visit)?;
    let visit = visit.staff_console();
    let ask = OpenPhoto {
        application: FinancingApplicationId(id),
        photo: DiligencePhotoId(photo),
    };
    let href = format!("{}/diligence", matter::base(ask.application));
    let uses = web.uses.clone();
    match spawned(async move { uses.diligence.remove_photo(&actor, ask).await }).await {
        Ok(()) => Ok(visit.redirect(&href, Some(("success", "照片已从报告中移除。")))),
        Err(error) => told(&visit, error, &href),
    }
}

const LINK: &str = "diligence-photo";

pub(super) async fn photo_page(
    State(web): State<Web<Branch>>,
    visit: StaffVisit,
    Path((id, photo)): Path<(Uuid, Uuid)>,
) -> Result<Response, WebError> {
    let id = FinancingApplicationId(id);
    let case = web.uses.dossier.view(visit.actor(), id).await?;
    let back = matter::base(id);
    let at = case.photos.iter().position(|p| p.id.0 == photo);
    let at = at.ok_or_else(UseError::not_found)?;
    let one = &case.photos[at];
    let writes = case.powers.write_report;
    let until = visit.0.kit.clock().now().unix_timestamp() + LINK_SECONDS;
    let sign = materials::signature(&visit.0.kit, visit.actor(), LINK, id, photo, until);
    let label = if one.caption.is_empty() {
        format!("照片 {}", at + 1)
    } else {
        one.caption.clone()
    };
    let beside = |index: Option<usize>| {
        index
            .and_then(|index| case.photos.get(index))
            .map_or_else(String::new, |p| format!("{back}/diligence/photos/{}", p.id))
    };
    let page = MaterialPage {
        unscanned: false,
        crumbs: matter::crumbs(&case.record, Some(&label)),
        is_picture: true,
        src: format!(
            "{back}/diligence/photos/{photo}/file?until={until}&sign={}",
            encode(&sign)
        ),
        alt: format!("{label}，{} 上传", show::minute(one.added_at)),
        previous: beside(at.checked_sub(1)),
        next: beside(Some(at + 1)),
        place: format!("尽调照片，第 {} 张，共 {} 张", at + 1, case.photos.len()),
        // Whoever writes the report came from it; everybody else from the detail.
        back: if writes {
            format!("{back}/diligence")
        } else {
            back
        },
        back_label: if writes {
            "返回尽调报告"
        } else {
            "返回融资需求"
        },
        label,
    };
    let title = format!("{} {}", page.label, show::number(&case.record));
    Ok(visit
        .0
        .staff_console()
        .render(MaterialPage::TEMPLATE, &title, &page))
}

pub(super) async fn photo_file(
    State(web): State<Web<Branch>>,
    visit: StaffVisit,
    Path((id, photo)): Path<(Uuid, Uuid)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let ask = OpenPhoto {
        application: FinancingApplicationId(id),
        photo: DiligencePhotoId(photo),
    };
    if !materials::link_fits(&visit, LINK, ask.application, photo, &asked) {
        return Err(WebError(UseError::not_found()));
    }
    let actor = visit.actor().clone();
    let uses = web.uses.clone();
    let jpeg = spawned(async move { uses.diligence.open_photo(&actor, ask).await }).await?;
    Ok(materials::sealed_off("image/jpeg", "尽调照片", jpeg))
}

/// Largest body of the photo's form.
pub(super) const PHOTO_BODY: usize = MAX_UPLOAD_BYTES + 1024 * 1024;

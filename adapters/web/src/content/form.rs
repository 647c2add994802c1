//! The form of a text: the fields of its kind, and saving it.

use application::{
    city::Agreement,
    content::{ContentForm, DELIVERIES, Opened, SaveContent},
    error::{Kind, UseError},
    ports::{catalogue::Catalogue as _, content::ContentKind},
};
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ContentDesk, base, crumbs, home, list::KINDS, paste, subsidy};
use crate::{
    console::{show_errors, told},
    errors::WebError,
    forms::{Field, FormView},
    kit::Web,
    parts::Link,
    posted::{Form, Posted, once},
    spawned::spawned,
    visit::{StaffVisit, Visit, id_of},
};

/// 新增, 修改.
#[derive(Serialize)]
pub(super) struct FormPage {
    pub title: String,
    pub lead: &'static str,
    pub crumbs: Vec<Link>,
    pub form: FormView,
    /// Where that stands which somebody else saved meanwhile; empty: nobody did.
    pub now: String,
    pub back: String,
}

impl FormPage {
    pub const TEMPLATE: &'static str = "content/form.html";
}

/// Which text is written, over which revision; without an id it is a new one.
struct Sheet<'a> {
    id: Option<Uuid>,
    kind: ContentKind,
    title: String,
    revision: i32,
    key: String,
    form: &'a ContentForm,
    /// 须重新同意 may be asked for.
    again: bool,
}

const BODY_HINT: &str = "一行一段；“## ”开头为标题，“### ”开头为小标题，“- ”开头为列表项。从网页或文档粘贴的格式会自动清理。";
const FROM_HINT: &str = "不填写表示复核通过后立即展示。按“2026-12-01 09:00”填写，到时自动展示。";

fn headline(view: FormView, form: &ContentForm, most: u32) -> FormView {
    view.with(
        Field::text("title", "标题")
            .required()
            .maxlength(most)
            .value(&form.title),
    )
}

fn words(view: FormView, form: &ContentForm, summary: &'static str) -> FormView {
    view.with(
        Field::textarea("summary", summary)
            .rows(3)
            .maxlength(300)
            .value(&form.summary),
    )
    .with(
        Field::textarea("body", "正文")
            .required()
            .hint(BODY_HINT)
            .rows(18)
            .value(&form.body),
    )
}

fn tags(view: FormView, form: &ContentForm) -> FormView {
    view.with(
        Field::text("tags", "标签")
            .hint("用顿号分开，最多 8 个，每个最多 12 个字。")
            .maxlength(120)
            .value(&form.tags),
    )
}

fn showing(view: FormView, form: &ContentForm) -> FormView {
    view.with(Field::checkbox("pinned", "在列表中置顶").checked(form.pinned))
        .with(from(form))
}

fn from(form: &ContentForm) -> Field {
    Field::text("show_from", "开始展示")
        .hint(FROM_HINT)
        .maxlength(16)
        .width("m")
        .value(&form.show_from)
}

async fn policy(desk: &ContentDesk, visit: &Visit, view: FormView, form: &ContentForm) -> FormView {
    let counties = desk.show.regions.children(Some(&visit.city.default_city));
    let products = match desk.show.portal.snapshot(visit.city.id).await {
        Ok(snapshot) => snapshot
            .products()
            .map(|p| {
                let bank = snapshot.institution(p.institution);
                let bank = bank.map_or("", |i| i.short_name.as_str());
                (p.id.to_string(), format!("{}（{bank}）", p.name))
            })
            .collect::<Vec<_>>(),
        Err(_) => Vec::new(),
    };
    let view = headline(view, form, 120)
        .with(
            Field::text("document_no", "发文字号")
                .maxlength(60)
                .value(&form.document_no),
        )
        .with(
            Field::text("issuer", "发文单位")
                .required()
                .maxlength(80)
                .value(&form.issuer),
        )
        .with(
            Field::text("category", "政策类别")
                .required()
                .hint("如融资贴息、首贷续贷、担保增信。")
                .maxlength(20)
                .value(&form.category),
        )
        .with(
            Field::select("delivery", "办理方式", "不填写")
                .options(DELIVERIES.map(|d| (d, d)))
                .value(&form.delivery),
        )
        .with(
            Field::text("deadline", "申报截止")
                .hint("按“2026-12-31”填写，没有截止日期可不填。")
                .maxlength(10)
                .width("m")
                .value(&form.deadline),
        );
    let view = words(tags(view, form), form, "摘要")
        .with(
            Field::text("audience", "适用对象")
                .required()
                .maxlength(200)
                .value(&form.audience),
        )
        .with(
            Field::checks("industries", "适用行业")
                .hint("不选择表示不限行业。")
                .options(
                    desk.show
                        .own
                        .industries
                        .sections()
                        .into_iter()
                        .map(|s| (s.code, s.name)),
                )
                .values(form.industries.clone()),
        )
        .with(
            Field::checks("regions", "适用区域")
                .hint("不选择表示全市。")
                .options(counties.into_iter().map(|c| (c.code, c.name)))
                .values(form.regions.clone()),
        )
        .with(Field::checkbox("first_loan", "仅限首贷企业").checked(form.first_loan));
    let view = subsidy::fields(view, &form.subsidy).with(
        Field::checks("related", "相关产品")
            .hint("显示在政策页面下方，最多 12 款。")
            .options(products)
            .values(form.related.clone()),
    );
    showing(view, form)
}

fn news(view: FormView, form: &ContentForm) -> FormView {
    let view = headline(view, form, 120)
        .with(
            Field::text("category", "栏目")
                .required()
                .hint("如平台动态、金融知识。")
                .maxlength(20)
                .value(&form.category),
        )
        .with(
            Field::text("source", "来源")
                .required()
                .maxlength(40)
                .value(&form.source),
        );
    showing(words(tags(view, form), form, "摘要"), form)
}

fn banner(view: FormView, form: &ContentForm) -> FormView {
    headline(view, form, 60)
        .with(
            Field::text("link", "点击后打开")
                .hint("本网站内的地址，以“/”开头，如 /policies 或 /market?lane=first。不填写则不能点击。")
                .maxlength(200)
                .value(&form.link),
        )
        .with(
            Field::number("position", "顺序", "")
                .hint("1–99 的整数，小的在前。首页最多展示 5 张。")
                .value(&form.position),
        )
        .with(from(form))
        .with(
            Field::text("show_until", "结束展示")
                .hint("按“2026-12-31 18:00”填写，到时自动撤下。不填写表示一直展示。")
                .maxlength(16)
                .width("m")
                .value(&form.show_until),
        )
}

fn agreement(view: FormView, form: &ContentForm, again: bool) -> FormView {
    // A draft that has it ticked all the same shows it, so that it can be taken away.
    let again = again || form.reconsent;
    let why = if again {
        "说明改了什么、为什么改。须重新同意时，企业会看到这段话。最多 500 个字。"
    } else {
        "说明改了什么、为什么改。最多 500 个字。"
    };
    let view = headline(view, form, 120)
        .with(
            Field::textarea("body", "正文")
                .required()
                .hint(BODY_HINT)
                .rows(22)
                .value(&form.body),
        )
        .with(
            Field::textarea("summary", "修订说明")
                .required()
                .hint(why)
                .rows(4)
                .maxlength(500)
                .value(&form.summary),
        )
        .with(
            Field::text("show_from", "施行日期")
                .required()
                .hint("按“2026-12-01”填写，当天零时起施行；在此之前仍使用现行版本。")
                .maxlength(10)
                .width("m")
                .value(&form.show_from),
        );
    if !again {
        return view;
    }
    view.with(
        Field::checkbox("reconsent", "须重新同意")
            .hint("同意过以前版本的人，在施行后下一次办理前须阅读并同意新版本。")
            .checked(form.reconsent),
    )
}

async fn view(desk: &ContentDesk, visit: &Visit, sheet: &Sheet<'_>) -> FormView {
    let action = sheet.id.map_or_else(
        || format!("/operator/content/new?kind={}", sheet.kind.code()),
        |id| format!("{}/edit", base(id)),
    );
    let view = FormView::new(action)
        .key(&sheet.key)
        .with(Field::hidden("revision", sheet.revision.to_string()));
    let form = sheet.form;
    match sheet.kind {
        ContentKind::Policy => policy(desk, visit, view, form).await,
        ContentKind::News => news(view, form),
        ContentKind::About => words(headline(view, form, 120), form, "导语").with(from(form)),
        ContentKind::Banner => banner(view, form),
        ContentKind::Agreement => agreement(view, form, sheet.again),
    }
}

/// Whether the text is one whose new version may ask everybody again.
fn may_ask_again(visit: &Visit, opened: &Opened) -> bool {
    let code = opened.draft.as_ref().map_or("", |draft| &draft.code);
    visit
        .city
        .agreement(code)
        .is_some_and(Agreement::may_ask_again)
}

async fn drawn(
    desk: &ContentDesk,
    visit: &Visit,
    sheet: &Sheet<'_>,
    error: Option<&UseError>,
) -> Response {
    let mut form = view(desk, visit, sheet).await;
    let mut status = StatusCode::OK;
    if let Some(error) = error {
        status = match error.kind {
            Kind::Conflict => StatusCode::CONFLICT,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        show_errors(&mut form, error);
    }
    let kind = sheet.kind.zh();
    let (title, here) = match (sheet.id, sheet.kind) {
        (None, _) => (format!("新增{kind}"), format!("新增{kind}")),
        (Some(_), ContentKind::Agreement) => {
            (format!("修订协议：{}", sheet.title), "修订协议".to_owned())
        }
        (Some(_), _) => (format!("修改{kind}：{}", sheet.title), "修改".to_owned()),
    };
    let page = FormPage {
        lead: match sheet.kind {
            ContentKind::Banner => "保存草稿后上传图片；由另一位运营人员复核后才会展示。",
            ContentKind::Policy | ContentKind::News => {
                "保存草稿时只需填写标题；附件在保存草稿后上传。由另一位运营人员复核后才会展示。"
            }
            _ => "保存草稿时只需填写标题。由另一位运营人员复核后才会发布。",
        },
        crumbs: crumbs(
            sheet.kind,
            sheet.id.map(|id| (id, sheet.title.as_str())),
            Some(&here),
        ),
        back: sheet.id.map_or_else(|| home(sheet.kind).to_owned(), base),
        now: sheet
            .id
            .filter(|_| error.is_some_and(|e| e.kind == Kind::Conflict))
            .map_or_else(String::new, base),
        form,
        title: title.clone(),
    };
    visit.render_with(status, FormPage::TEMPLATE, &title, &page)
}

/// The form again with what keeps it from being submitted.
pub(super) async fn incomplete(
    desk: &ContentDesk,
    visit: &Visit,
    opened: &Opened,
    error: &UseError,
) -> Response {
    let form = opened.form();
    let sheet = Sheet {
        id: Some(opened.id),
        kind: opened.kind,
        title: opened.title(),
        revision: opened.revision(),
        key: visit.kit.tokens().one_time(),
        form: &form,
        again: may_ask_again(visit, opened),
    };
    drawn(desk, visit, &sheet, Some(error)).await
}

fn read(posted: &Posted) -> ContentForm {
    let text = |name: &str| posted.get(name).to_owned();
    let list = |name: &str| posted.all(name).into_iter().map(str::to_owned).collect();
    ContentForm {
        title: text("title"),
        category: text("category"),
        source: text("source"),
        delivery: text("delivery"),
        audience: text("audience"),
        document_no: text("document_no"),
        issuer: text("issuer"),
        summary: text("summary"),
        body: paste::clean(posted.get("body")),
        tags: text("tags"),
        deadline: text("deadline"),
        pinned: posted.has("pinned"),
        related: list("related"),
        industries: list("industries"),
        regions: list("regions"),
        first_loan: posted.has("first_loan"),
        show_from: text("show_from"),
        show_until: text("show_until"),
        link: text("link"),
        position: text("position"),
        picture: None,
        files: Vec::new(),
        reconsent: posted.has("reconsent"),
        subsidy: subsidy::read(posted),
    }
}

/// Which kind of text is begun.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    kind: String,
}

impl Asked {
    fn kind(&self) -> Result<ContentKind, WebError> {
        ContentKind::from_code(&self.kind)
            .filter(|kind| KINDS.contains(kind) && *kind != ContentKind::About)
            .ok_or_else(|| WebError(UseError::not_found()))
    }
}

pub(super) async fn blank(
    State(web): State<Web<ContentDesk>>,
    visit: StaffVisit,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    web.uses.room.new_form(visit.actor()).await?;
    let kind = asked.kind()?;
    let visit = visit.0.staff_console();
    let form = ContentForm::default();
    let sheet = Sheet {
        id: None,
        kind,
        title: String::new(),
        revision: 0,
        key: visit.kit.tokens().one_time(),
        form: &form,
        again: false,
    };
    Ok(drawn(&web.uses, &visit, &sheet, None).await)
}

pub(super) async fn edit(
    State(web): State<Web<ContentDesk>>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let opened = web.uses.room.look(visit.actor(), id_of(&id)?).await?;
    if !opened.may_save {
        return Err(WebError(UseError::denied()));
    }
    let visit = visit.0.staff_console();
    if opened.is_in_review() {
        return told(
            &visit,
            UseError::conflict("content.in_review"),
            &base(opened.id),
        );
    }
    let form = opened.form();
    let sheet = Sheet {
        id: Some(opened.id),
        kind: opened.kind,
        title: opened.title(),
        revision: opened.revision(),
        key: visit.kit.tokens().one_time(),
        form: &form,
        again: may_ask_again(&visit, &opened),
    };
    Ok(drawn(&web.uses, &visit, &sheet, None).await)
}

pub(super) async fn create(
    State(web): State<Web<ContentDesk>>,
    Query(asked): Query<Asked>,
    form: Form,
) -> Result<Response, WebError> {
    form.0.staff_actor()?;
    let kind = asked.kind()?;
    write(web, None, kind, form).await
}

pub(super) async fn save(
    State(web): State<Web<ContentDesk>>,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, WebError> {
    let actor = form.0.staff_actor()?.clone();
    let opened = web.uses.room.look(&actor, id_of(&id)?).await?;
    write(web, Some(opened.id), opened.kind, form).await
}

/// Somebody else saved or handed in the draft while this one was typed.
fn is_late(error: &UseError) -> bool {
    matches!(error.code, "content.changed" | "content.in_review")
}

/// What was typed, over the revision that stands there now: nothing is lost, and whoever saves again has seen who was faster.
async fn meanwhile(
    desk: &ContentDesk,
    visit: &Visit,
    id: Uuid,
    typed: &ContentForm,
    error: &UseError,
) -> Result<Response, WebError> {
    let actor = visit.staff_actor()?;
    let opened = desk.room.look(actor, id).await?;
    let sheet = Sheet {
        id: Some(id),
        kind: opened.kind,
        title: opened.title(),
        revision: opened.revision(),
        key: visit.kit.tokens().one_time(),
        form: typed,
        again: may_ask_again(visit, &opened),
    };
    tracing::info!(code = error.code, "refused");
    Ok(drawn(desk, visit, &sheet, Some(error)).await)
}

/// 保存草稿; `_action` may go on to the files, the preview or 提交复核.
async fn write(
    web: Web<ContentDesk>,
    id: Option<Uuid>,
    kind: ContentKind,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = visit.staff_actor()?.clone();
    let visit = visit.staff_console();
    let ask = SaveContent {
        id,
        kind,
        revision: posted.get("revision").parse().unwrap_or(0),
        form: read(&posted),
        once: once(&posted)?,
    };
    let typed = ask.form.clone();
    let (revision, key) = (ask.revision, ask.once.key.clone());
    let uses = web.uses.clone();
    let writer = actor.clone();
    match spawned(async move { uses.room.save(&writer, ask).await }).await {
        Ok(id) => {
            let next = match posted.action() {
                "submit" => "/submit",
                "preview" => "/preview",
                "files" => "/files",
                _ => "",
            };
            let done = next.is_empty().then_some(("success", "草稿已保存。"));
            Ok(visit.redirect(&format!("{}{next}", base(id)), done))
        }
        Err(error) if error.kind == Kind::Invalid => {
            let (title, again) = match id {
                Some(id) => {
                    let opened = web.uses.room.look(&actor, id).await?;
                    (opened.title(), may_ask_again(&visit, &opened))
                }
                None => (String::new(), false),
            };
            let key = if error.code == "idempotency.other_body" {
                visit.kit.tokens().one_time()
            } else {
                key
            };
            let sheet = Sheet {
                id,
                kind,
                title,
                revision,
                key,
                form: &typed,
                again,
            };
            Ok(drawn(&web.uses, &visit, &sheet, Some(&error)).await)
        }
        Err(error) => {
            if let Some(id) = id.filter(|_| is_late(&error)) {
                return meanwhile(&web.uses, &visit, id, &typed, &error).await;
            }
            let href = id.map_or_else(|| home(kind).to_owned(), base);
            told(&visit, error, &href)
        }
    }
}

//! 小程序码: the list and the poster for staff to print, the picture for everybody, and what a scanned code leads to.

use application::mini::{Landing, MiniRoom, Poster, Posters};
use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::header,
    response::{IntoResponse as _, Redirect, Response},
};
use domain::scene::Scene;
use serde::Serialize;
use serde_json::Value;

use crate::{
    doors::{self, Door, Who},
    errors::WebError,
    kit::Web,
    parts::{Cell, Link, Table},
    posted::{Form, once},
    spawned::spawned,
    visit::{StaffVisit, Visit, posted_by_staff, set_cookie},
};

const LIST: &str = "/staff/posters";
const TITLE: &str = "小程序码";
/// The cookie that keeps a scanned code, and for how many seconds.
const SCENE: &str = "scene";
const REMEMBERED: u32 = 86_400;

type Room = Web<MiniRoom>;

pub fn doors() -> Vec<Door<Room>> {
    vec![
        Door::get("/q/{scene}", Who::Public, follow),
        Door::get("/q/{scene}/code", Who::Public, picture),
        Door::get(LIST, Who::Staff, list),
        Door::get("/staff/posters/{scene}", Who::Staff, poster),
        Door::post("/staff/posters/{scene}", Who::Staff, want),
    ]
}

pub fn routes(web: Room) -> Router {
    doors::router(doors(), web)
}

/// `posters/list.html`.
#[derive(Serialize)]
struct ListPage {
    platform: Vec<Link>,
    branches: Table,
    products: Table,
    possible: bool,
}

impl ListPage {
    const TEMPLATE: &'static str = "posters/list.html";

    fn new(posters: &Posters) -> Self {
        let table = |caption: &str, name: &str, rows: &[(Scene, String, String)]| {
            let mut table = Table::new(caption)
                .column(name, "")
                .column("机构", "")
                .column("操作", "nowrap");
            for (scene, heading, institution) in rows {
                table.push(vec![
                    Cell::text(heading),
                    Cell::text(institution),
                    Cell::links(vec![Link::new("查看海报", href(scene))]),
                ]);
            }
            table
        };
        let scene = Scene::Register;
        Self {
            platform: vec![Link::new("查看平台注册海报", href(&scene))],
            branches: table("网点小程序码", "网点", &posters.branches),
            products: table("产品小程序码", "产品", &posters.products),
            possible: posters.possible,
        }
    }
}

/// `posters/poster.html`.
#[derive(Serialize)]
struct PosterPage {
    crumbs: Vec<Link>,
    heading: String,
    institution: String,
    address: String,
    opening_hours: String,
    kind: &'static str,
    code: String,
    drawn: bool,
    possible: bool,
    action: String,
    key: String,
}

impl PosterPage {
    const TEMPLATE: &'static str = "posters/poster.html";

    fn new(poster: &Poster, key: String) -> Self {
        let text = poster.scene.text();
        Self {
            crumbs: vec![
                Link::new(TITLE, LIST),
                Link::new(poster.heading.clone(), "").current(true),
            ],
            heading: poster.heading.clone(),
            institution: poster.institution.clone(),
            address: poster.address.clone(),
            opening_hours: poster.opening_hours.clone(),
            kind: match poster.scene {
                Scene::Register => "register",
                Scene::Branch(_) => "branch",
                Scene::Product(_) => "product",
            },
            code: format!("/q/{text}/code"),
            drawn: poster.drawn,
            possible: poster.possible,
            action: href(&poster.scene),
            key,
        }
    }
}

fn href(scene: &Scene) -> String {
    format!("{LIST}/{}", scene.text())
}

async fn list(State(web): State<Room>, visit: StaffVisit) -> Result<Response, WebError> {
    let posters = web.uses.posters(visit.actor()).await?;
    let page = ListPage::new(&posters);
    let visit = visit.0.staff_console();
    Ok(visit.render(ListPage::TEMPLATE, TITLE, &page))
}

async fn poster(
    State(web): State<Room>,
    visit: StaffVisit,
    Path(scene): Path<String>,
) -> Result<Response, WebError> {
    let poster = web.uses.poster(visit.actor(), &scene).await?;
    let page = PosterPage::new(&poster, visit.0.kit.tokens().one_time());
    let title = format!("{}的{TITLE}", poster.heading);
    let visit = visit.0.staff_console();
    Ok(visit.render(PosterPage::TEMPLATE, &title, &page))
}

/// 生成小程序码.
async fn want(
    State(web): State<Room>,
    Path(scene): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let once = once(&posted)?;
    let uses = web.uses.clone();
    let text = scene.clone();
    spawned(async move { uses.want(&actor, &text, &once).await }).await?;
    let told = "正在生成小程序码，请稍候刷新本页。";
    Ok(visit.redirect(&format!("{LIST}/{scene}"), Some(("success", told))))
}

/// Who scans with something else than WeChat, or in a demonstration, comes here.
async fn follow(
    State(web): State<Room>,
    visit: Visit,
    Path(scene): Path<String>,
) -> Result<Response, WebError> {
    let landing = web.uses.resolve(visit.city.id, &scene).await?;
    let mut response = Redirect::to(&match landing {
        Landing::Register => "/register?from=qr".to_owned(),
        Landing::Branch { institution, .. } => format!("/institutions/{}", institution.id),
        Landing::Product { id } => format!("/market/{id}"),
    })
    .into_response();
    // Only what was resolved is kept: it is one of our own texts.
    let kept = visit.kit.cookie(SCENE, &scene);
    set_cookie(&mut response, &format!("{kept}; Max-Age={REMEMBERED}"));
    Ok(response)
}

/// The code by which this browser came, for a day: it chooses the branch beforehand and is noted as 来源, and gives no right.
pub(crate) fn scene_of(visit: &Visit) -> Option<Scene> {
    Scene::parse(&visit.cookie(SCENE)?)
}

async fn picture(
    State(web): State<Room>,
    visit: Visit,
    Path(scene): Path<String>,
) -> Result<Response, WebError> {
    let network = visit.origin.network();
    let (media_type, bytes) = web.uses.picture(visit.city.id, &scene, &network).await?;
    let head = [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, "public, max-age=86400".to_owned()),
    ];
    Ok((head, Bytes::from_owner(bytes)).into_response())
}

/// The pages in their shapes, with values that must be escaped.
pub fn samples() -> Vec<(&'static str, Value)> {
    let nasty = "<b>\"'\\&</b>长支行名称".repeat(3);
    let rows = vec![(Scene::Register, nasty.clone(), nasty.clone())];
    let full = Posters {
        branches: rows.clone(),
        products: rows,
        possible: true,
    };
    let empty = Posters::default();
    let lists = [full, empty]
        .into_iter()
        .map(|posters| (ListPage::TEMPLATE, as_value(&ListPage::new(&posters))));
    let branch = Scene::Branch(domain::ids::TenantId(uuid::Uuid::nil()));
    let product = Scene::Product(domain::ids::ProductId(uuid::Uuid::nil()));
    let shapes = [
        (branch, true, true),
        (branch, false, true),
        (product, true, true),
        (Scene::Register, true, true),
        (Scene::Register, false, false),
    ];
    let posters = shapes.into_iter().map(|(scene, drawn, possible)| {
        let poster = Poster {
            scene,
            heading: nasty.clone(),
            institution: nasty.clone(),
            address: nasty.clone(),
            opening_hours: nasty.clone(),
            drawn,
            possible,
        };
        let page = PosterPage::new(&poster, "0123456789abcdef".to_owned());
        (PosterPage::TEMPLATE, as_value(&page))
    });
    lists.chain(posters).collect()
}

fn as_value(page: &impl Serialize) -> Value {
    serde_json::to_value(page).unwrap_or_default()
}

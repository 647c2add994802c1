//! Options 下拉选项: the next level of a cascade as JSON, and the query of these pages.

use application::ports::reference::RegionDirectory;
use axum::{
    Json,
    extract::{Query as AxumQuery, State},
    http::header,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::Room;
use crate::{errors::WebError, forms::Field, visit::Visit};

/// What the addresses of these pages may carry.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Query {
    pub next: String,
    pub from: String,
    pub channel: String,
    pub captcha: String,
    pub form: String,
    pub parent: String,
    pub product: String,
}

#[derive(Serialize)]
struct Choice {
    value: String,
    label: String,
}

fn answer(list: Vec<Choice>, keep: &'static str) -> Response {
    ([(header::CACHE_CONTROL, keep)], Json(list)).into_response()
}

/// 省, 市, 县区, 乡镇 right below `parent`; the provinces without one.
pub async fn regions(
    State(web): State<Room>,
    visit: Visit,
    AxumQuery(query): AxumQuery<Query>,
) -> Result<Response, WebError> {
    let parent = Some(query.parent.as_str()).filter(|p| !p.is_empty());
    let children = web.uses.regions.of(visit.city.id).children(parent);
    Ok(answer(
        children
            .into_iter()
            .map(|r| Choice {
                value: r.code,
                label: r.name,
            })
            .collect(),
        // A township that two operators have just ended is offered to nobody.
        "no-cache",
    ))
}

/// 行业 right below `parent`; the sections without one.
pub async fn industries(
    State(web): State<Room>,
    _: Visit,
    AxumQuery(query): AxumQuery<Query>,
) -> Result<Response, WebError> {
    let parent = Some(query.parent.as_str()).filter(|p| !p.is_empty());
    let children = web.uses.industries.children(parent);
    Ok(answer(
        children
            .into_iter()
            .map(|r| Choice {
                value: r.code,
                label: r.name,
            })
            .collect(),
        "public, max-age=86400",
    ))
}

/// Names of the four selects, outermost first.
pub const REGION_LEVELS: [&str; 4] = ["province", "city", "county", "township"];

/// The four cascading selects of an address (M-106, M-206), with what was chosen as far as it fits together.
pub fn region_field(regions: &dyn RegionDirectory, legend: &str, chosen: [&str; 4]) -> Field {
    const LABELS: [(&str, &str); 4] = [
        ("省份", "请选择省份"),
        ("城市", "请选择城市"),
        ("县区", "请选择县区"),
        ("乡镇", "请选择乡镇"),
    ];
    let mut parent: Option<String> = None;
    let mut open = true;
    let levels = REGION_LEVELS
        .iter()
        .zip(LABELS)
        .zip(chosen)
        .map(|((name, (label, placeholder)), value)| {
            let children = if open {
                regions.children(parent.as_deref())
            } else {
                Vec::new()
            };
            let fits = children.iter().any(|r| r.code == value);
            let field = Field::select(*name, label, placeholder)
                .options(children.into_iter().map(|r| (r.code, r.name)))
                .value(if fits { value } else { "" });
            open = fits;
            parent = fits.then(|| value.to_owned());
            field
        })
        .collect();
    Field::cascade("region", legend, "/options/regions", levels).required()
}

/// What is told beside the selects of a place that has ended since it was chosen: its name, and what it became part of.
pub fn ended_words(regions: &dyn RegionDirectory, code: &str) -> Option<String> {
    let ended = regions.ended(code)?;
    let into = ended
        .successor
        .map_or_else(String::new, |region| format!("，并入“{}”", region.name));
    Some(format!(
        "原来填写的“{}”已撤销{into}。请重新选择乡镇",
        ended.name
    ))
}

//! Portal 门户: the public pages (M-008 to M-023, A-18, A-25), drawn from the city's snapshot.

mod articles;
mod attachments;
mod banners;
pub mod cache;
mod calculator;
mod home;
mod institutions;
mod market;
mod pages;
mod product;
mod query;
mod rules;
mod search;
mod views;

use std::sync::Arc;

pub(crate) use attachments::download;
pub(crate) use product::preview;
pub(crate) use rules::fit_tag;
pub(crate) use views::product_card;

use application::{
    catalogue::{Showcase, Snapshot},
    ports::catalogue::Catalogue as _,
};
use axum::{Router, middleware};
use domain::scene::Scene;

use crate::{
    doors::{self, Door, Who},
    errors::WebError,
    kit::Web,
    visit::Visit,
};

/// Every door of the portal; all are open to everybody.
pub fn doors() -> Vec<Door<Web<Showcase>>> {
    let open = Who::Public;
    vec![
        Door::get("/", open, home::page),
        Door::get("/market", open, market::page),
        Door::get("/market.json", open, market::json),
        Door::get("/market/{id}", open, product::page),
        Door::get("/institutions", open, institutions::list),
        Door::get("/institutions/{id}", open, institutions::detail),
        Door::get("/holdings", open, institutions::holdings),
        Door::get("/banners/{id}", open, banners::picture),
        Door::get("/policies", open, articles::policies),
        Door::get("/policies/{id}", open, articles::policy),
        Door::get("/policies/{id}/files/{file}", open, attachments::fetch),
        Door::get("/news/{id}/files/{file}", open, attachments::fetch),
        Door::get("/news", open, articles::news),
        Door::get("/news/{id}", open, articles::news_item),
        Door::get("/about", open, pages::about),
        Door::get("/search", open, search::page),
        Door::get("/sitemap", open, pages::sitemap),
        Door::get("/accessibility", open, pages::accessibility),
        Door::get("/agreements/{code}", open, pages::agreement),
        Door::get("/large-type", open, pages::large_type),
        Door::get("/qr/register.svg", open, pages::qr),
        Door::get("/robots.txt", open, pages::robots),
        Door::get("/favicon.ico", open, pages::favicon),
    ]
}

/// The portal's router with its kept pages.
pub fn routes(web: Web<Showcase>) -> Router {
    doors::router(doors(), web).layer(middleware::map_response(cache::mark))
}

/// The city's catalogue as it is now.
async fn snapshot(web: &Web<Showcase>, visit: &Visit) -> Result<Arc<Snapshot>, WebError> {
    Ok(web.uses.portal.snapshot(visit.city.id).await?)
}

/// The address of the city's 小程序码; empty until it is drawn, then only the name is printed (M-601).
async fn mini_code(web: &Web<Showcase>, visit: &Visit) -> String {
    let scene = Scene::Register;
    match web.uses.mini.is_drawn(visit.city.id, &scene).await {
        Ok(true) => format!("/q/{}/code", scene.text()),
        Ok(false) => String::new(),
        // Nobody misses the whole page for want of a picture.
        Err(error) => {
            tracing::warn!(code = error.code, "the mini-program's code is not known");
            String::new()
        }
    }
}

#[cfg(test)]
mod tests;

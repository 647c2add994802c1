//! 关于我们 (M-014), 协议, 网站地图, 无障碍说明, and the small doors beside them.

use application::{catalogue::Showcase, error::UseError, ports::catalogue::ArticleKind};
use axum::{
    extract::{Path, RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Serialize;

use super::{mini_code, query::Query, snapshot, views};
use crate::{
    agreements_read, assets,
    errors::WebError,
    kit::{Kit, Web},
    nav::staff_home,
    parts::{Block, Described, Link},
    rules::promised,
    visit::{Visit, own_path, set_cookie},
};

/// A heading with what stands below it.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Section {
    pub id: String,
    pub heading: String,
    pub blocks: Vec<Block>,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct AboutPage {
    pub crumbs: Vec<Link>,
    pub title: String,
    pub lead: String,
    pub sections: Vec<Section>,
    /// 办理时限, as they are in force.
    pub limits: Vec<Described>,
    /// Address of the 小程序码; empty: there is none.
    pub mini_code: String,
}

/// Splits a text at its `##` headings.
fn sections(body: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for block in Block::parse(body) {
        if block.kind == "h2" || sections.is_empty() {
            let heading = if block.kind == "h2" {
                block.text.clone()
            } else {
                String::new()
            };
            sections.push(Section {
                id: format!("part-{}", sections.len() + 1),
                heading,
                blocks: Vec::new(),
            });
        }
        if block.kind != "h2"
            && let Some(last) = sections.last_mut()
        {
            last.blocks.push(block);
        }
    }
    sections
}

pub(super) async fn about(
    State(web): State<Web<Showcase>>,
    visit: Visit,
) -> Result<Response, WebError> {
    let snapshot = snapshot(&web, &visit).await?;
    let article = snapshot.articles(ArticleKind::About).first().copied();
    let page = AboutPage {
        crumbs: views::crumbs([("关于我们", "/about")]),
        title: "关于我们".to_owned(),
        lead: article.map_or_else(String::new, |a| a.summary.clone()),
        sections: article.map_or_else(Vec::new, |a| sections(&a.body)),
        limits: promised(visit.city.clocks.at(visit.kit.clock().now())),
        mini_code: mini_code(&web, &visit).await,
    };
    Ok(visit.render("portal/about.html", "关于我们", &page))
}

#[derive(Debug, Default, Serialize)]
pub(super) struct AgreementPage {
    pub crumbs: Vec<Link>,
    pub code: String,
    pub title: String,
    pub version: String,
    pub date: String,
    pub blocks: Vec<Block>,
    /// An older version, read for the record.
    pub old: bool,
    pub current_href: String,
    /// A version that is not in force yet.
    pub upcoming: bool,
    /// The version that comes next, and from when; empty: none is known.
    pub next_href: String,
    pub next_text: String,
}

pub(super) async fn agreement(
    State(web): State<Web<Showcase>>,
    mut visit: Visit,
    Path(code): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, WebError> {
    let query = Query::parse(raw.as_deref());
    let city = visit.city.clone();
    let known = city.agreement(&code).ok_or_else(UseError::not_found)?;
    let asked = query.get("version");
    let old = !asked.is_empty() && asked != known.version;
    let mut page = AgreementPage {
        crumbs: views::crumbs([(&known.short_title, "")]),
        code: known.code.clone(),
        title: known.title.clone(),
        version: known.version.clone(),
        date: known.effective.clone(),
        blocks: Block::parse(&known.body),
        old,
        current_href: format!("/agreements/{}", known.code),
        ..AgreementPage::default()
    };
    let snapshot = snapshot(&web, &visit).await?;
    let now = visit.kit.clock().now();
    if old {
        let text = snapshot
            .agreement(&code, asked)
            .ok_or_else(UseError::not_found)?;
        page.upcoming = text.published_at > now;
        page.title = text.title.clone();
        page.version = text.version.clone();
        page.date = views::date(text.published_at);
        page.blocks = Block::parse(&text.body);
        return Ok(visit.render("portal/agreement.html", &page.title, &page));
    }
    let coming = snapshot.content.agreements.iter();
    let coming = coming.filter(|a| a.code == code && a.published_at > now);
    if let Some(next) = coming.min_by_key(|a| a.published_at) {
        page.next_href = format!("/agreements/{code}?version={}", next.version);
        page.next_text = format!(
            "版本 {} 自 {} 起施行",
            next.version,
            views::date(next.published_at)
        );
    }
    let read = agreements_read::mark(&mut visit, &known.code, &known.version);
    let mut response = visit.render("portal/agreement.html", &page.title, &page);
    set_cookie(&mut response, &read);
    Ok(response)
}

#[derive(Debug, Default, Serialize)]
pub(super) struct SitemapPage {
    pub crumbs: Vec<Link>,
    pub groups: Vec<Group>,
}

#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Group {
    pub title: String,
    pub links: Vec<Link>,
}

fn group(title: &str, links: &[(&str, &str)]) -> Group {
    Group {
        title: title.to_owned(),
        links: links
            .iter()
            .map(|(label, href)| Link::new(*label, *href))
            .collect(),
    }
}

/// What enterprises and what staff come for: nobody who is known is sent to the other's door. An empty group is not drawn.
fn desks(visit: &Visit) -> [Group; 2] {
    const ENTERPRISES: &str = "企业办事";
    const STAFF: &str = "机构办事";
    match visit.actor() {
        None => [
            group(
                ENTERPRISES,
                &[
                    ("登录", "/login"),
                    ("注册", "/register"),
                    ("找回密码", "/forgot"),
                    ("企业管理", "/enterprise"),
                    ("融资需求管理", "/enterprise/applications"),
                ],
            ),
            group(STAFF, &[("机构人员登录", "/staff/login")]),
        ],
        Some(actor) if actor.enterprise.is_some() => [
            group(
                ENTERPRISES,
                &[
                    ("企业管理", "/enterprise"),
                    ("融资需求管理", "/enterprise/applications"),
                ],
            ),
            Group::default(),
        ],
        Some(actor) => [
            Group::default(),
            group(STAFF, &[("工作台", staff_home(actor.tenant_kind))]),
        ],
    }
}

pub(super) async fn sitemap(
    State(web): State<Web<Showcase>>,
    visit: Visit,
) -> Result<Response, WebError> {
    let snapshot = snapshot(&web, &visit).await?;
    let institutions = snapshot
        .content
        .institutions
        .iter()
        .map(|i| Link::new(&i.name, views::institution_href(i)))
        .collect();
    let agreements = visit
        .city
        .agreements
        .iter()
        .map(|a| Link::new(&a.short_title, format!("/agreements/{}", a.code)))
        .collect();
    let [enterprises, staff] = desks(&visit);
    let page = SitemapPage {
        crumbs: views::crumbs([("网站地图", "/sitemap")]),
        groups: vec![
            group(
                "网站栏目",
                &[
                    ("首页", "/"),
                    ("金融超市", "/market"),
                    ("金融机构", "/institutions"),
                    ("金控产品", "/holdings"),
                    ("惠企政策", "/policies"),
                    ("新闻资讯", "/news"),
                    ("关于我们", "/about"),
                    ("搜索", "/search"),
                ],
            ),
            group(
                "按需要找产品",
                &[
                    ("抵押", "/market?guarantee=mortgage"),
                    ("质押", "/market?guarantee=pledge"),
                    ("保证", "/market?guarantee=guarantor"),
                    ("信用", "/market?guarantee=unsecured"),
                    ("组合", "/market?guarantee=combined"),
                    ("首贷", "/market?lane=first"),
                    ("续贷", "/market?lane=renewal"),
                ],
            ),
            enterprises,
            staff,
            Group {
                title: "金融机构".to_owned(),
                links: institutions,
            },
            Group {
                title: "协议与说明".to_owned(),
                links: agreements,
            },
            group(
                "帮助",
                &[("无障碍说明", "/accessibility"), ("常见问题", "/about")],
            ),
        ],
    };
    Ok(visit.render("portal/sitemap.html", "网站地图", &page))
}

#[derive(Debug, Default, Serialize)]
pub(super) struct AccessibilityPage {
    pub crumbs: Vec<Link>,
}

pub(super) async fn accessibility(State(_): State<Web<Showcase>>, visit: Visit) -> Response {
    let page = AccessibilityPage {
        crumbs: views::crumbs([("无障碍说明", "/accessibility")]),
    };
    visit.render("portal/accessibility.html", "无障碍说明", &page)
}

/// 大字版 switch: a display cookie for this browser, then back to where one was.
pub(super) async fn large_type(State(kit): State<Kit>, RawQuery(raw): RawQuery) -> Response {
    let query = Query::parse(raw.as_deref());
    let back = own_path(query.get("back")).unwrap_or("/");
    let secure = if kit.mode().secure_cookies {
        "; Secure"
    } else {
        ""
    };
    let age = if query.get("on") == "1" {
        31_536_000
    } else {
        0
    };
    let mut response = Redirect::to(back).into_response();
    set_cookie(
        &mut response,
        &format!("large=1; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}"),
    );
    response
}

/// QR code to the phone registration page (M-201): the public address; in demonstration the address that was asked.
pub(super) async fn qr(
    State(web): State<Web<Showcase>>,
    visit: Visit,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let host = headers.get(header::HOST).and_then(|h| h.to_str().ok());
    let scheme = if visit.kit.mode().secure_cookies {
        "https"
    } else {
        "http"
    };
    let base = match host {
        Some(host) if visit.kit.mode().demo => format!("{scheme}://{host}"),
        _ => visit.city.public_url.clone(),
    };
    let svg = web
        .uses
        .pictures
        .qr_svg(&format!("{base}/register?from=qr"))
        .map_err(UseError::bug)?;
    let kind = [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CACHE_CONTROL, "private, max-age=3600"),
    ];
    Ok((kind, svg).into_response())
}

/// Searchers stay on the public pages.
pub(super) async fn robots(State(_): State<Web<Showcase>>, _: Visit) -> Response {
    let text = "User-agent: *\nDisallow: /enterprise\nDisallow: /branch\nDisallow: /staff\nDisallow: /m/\nDisallow: /demo\nDisallow: /login\nDisallow: /search\nDisallow: /large-type\n";
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

/// For browsers that ask without reading the page.
pub(super) async fn favicon() -> Response {
    let shared = assets::shared();
    let Some(icon) = shared
        .url("img/favicon.png")
        .and_then(|url| shared.get(url))
    else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind = [
        (header::CONTENT_TYPE, "image/png"),
        (header::CACHE_CONTROL, "public, max-age=86400"),
    ];
    (kind, icon.body.clone()).into_response()
}

#[cfg(test)]
mod tests {
    use super::sections;

    #[test]
    fn a_text_is_split_at_its_headings() {
        let parts = sections("前言\n\n## 一\n\n甲\n\n### 小\n\n乙\n\n## 二\n\n- 丙");
        let heads: Vec<_> = parts
            .iter()
            .map(|s| (s.heading.as_str(), s.blocks.len()))
            .collect();
        assert_eq!(heads, [("", 1), ("一", 3), ("二", 1)]);
    }
}

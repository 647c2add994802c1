//! 惠企政策 (M-012) and 新闻资讯 (M-013): lists with tags and words, and the articles themselves.

use std::collections::BTreeMap;

use application::{
    catalogue::{OwnProfile, Showcase, Snapshot},
    error::UseError,
    ports::catalogue::{Article, ArticleKind},
};
use axum::{
    extract::{Path, RawQuery, State},
    response::Response,
};
use domain::{calendar::local_date, subsidy::Handling};
use serde::Serialize;
use time::Date;

use super::attachments::{self, FileLine};
use super::{
    market::{PER_PAGE, Pair, clamp_page, slice},
    query::Query,
    snapshot, views,
};
use crate::{
    errors::WebError,
    kit::Web,
    parts::{Block, Described, Filter, Link, NewsLine, Pager, ProductCard},
    subsidies::{loans, standard},
    visit::{Visit, encode},
};

#[derive(Debug, Default, Serialize)]
pub(super) struct ArticlesPage {
    pub crumbs: Vec<Link>,
    pub heading: String,
    pub lead: String,
    pub path: String,
    pub search_label: String,
    pub words: String,
    pub keeps: Vec<Pair>,
    pub filters: Vec<Filter>,
    /// What is told of the policies that fit the own enterprise; empty: nothing is compared.
    pub fit: String,
    pub active: Vec<Link>,
    pub total: usize,
    pub notice: String,
    pub items: Vec<NewsLine>,
    pub pager: Pager,
}

const FIT_HINT: &str = "按完善信息中的所属行业、所在区域和首贷情况比较，仅供参考，以政策原文为准。";

/// One way of sorting articles into drawers: parameter, label, and an article's words for it.
type Drawer = (&'static str, &'static str, fn(&Article) -> Vec<&str>);

const POLICY_DRAWERS: [Drawer; 3] = [
    ("category", "政策类别", |a| vec![a.category.as_str()]),
    ("delivery", "办理方式", |a| vec![a.delivery.as_str()]),
    ("tag", "标签", |a| {
        a.tags.iter().map(String::as_str).collect()
    }),
];
const NEWS_DRAWERS: [Drawer; 1] = [("category", "栏目", |a| vec![a.category.as_str()])];

struct Shelf<'a> {
    path: &'static str,
    drawers: &'static [Drawer],
    words: String,
    chosen: Vec<(&'static str, &'a str)>,
    /// 与本企业相符 alone; `None`: there is nobody to compare with.
    fitting: Option<bool>,
}

impl Shelf<'_> {
    fn address(&self, but: &str, instead: Option<&str>, page: u64) -> String {
        let mut pairs: Vec<(&str, &str)> = Vec::new();
        if !self.words.is_empty() && but != "q" {
            pairs.push(("q", &self.words));
        }
        for (name, _, _) in self.drawers {
            let kept = self.chosen.iter().find(|(n, _)| n == name).map(|(_, v)| *v);
            let value = if *name == but { instead } else { kept };
            if let Some(value) = value {
                pairs.push((name, value));
            }
        }
        let only = match (but, instead) {
            ("fit", instead) => instead.is_some(),
            _ => self.fitting == Some(true),
        };
        if only {
            pairs.push(("fit", "1"));
        }
        let number = page.to_string();
        if page > 1 {
            pairs.push(("page", &number));
        }
        let query: Vec<String> = pairs
            .iter()
            .map(|(n, v)| format!("{n}={}", encode(v)))
            .collect();
        if query.is_empty() {
            return self.path.to_owned();
        }
        format!("{}?{}", self.path, query.join("&"))
    }

    fn fits(&self, article: &Article, but: &str) -> bool {
        self.drawers.iter().all(|(name, _, words)| {
            *name == but
                || self
                    .chosen
                    .iter()
                    .find(|(n, _)| n == name)
                    .is_none_or(|(_, value)| words(article).contains(value))
        })
    }

    fn filters(&self, found: &[&Article]) -> Vec<Filter> {
        let mut filters = Vec::new();
        for (name, label, words) in self.drawers {
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for article in found.iter().filter(|a| self.fits(a, name)) {
                for word in words(article).into_iter().filter(|w| !w.is_empty()) {
                    *counts.entry(word).or_default() += 1;
                }
            }
            let chosen = self.chosen.iter().find(|(n, _)| n == name).map(|(_, v)| *v);
            let mut options =
                vec![Link::new("不限", self.address(name, None, 1)).current(chosen.is_none())];
            for (word, count) in counts {
                let current = chosen == Some(word);
                let address = self.address(name, (!current).then_some(word), 1);
                options.push(Link::new(format!("{word}（{count}）"), address).current(current));
            }
            if options.len() > 1 {
                filters.push(Filter {
                    label: (*label).to_owned(),
                    options,
                });
            }
        }
        filters
    }

    fn active(&self) -> Vec<Link> {
        let mut active = Vec::new();
        if !self.words.is_empty() {
            active.push(Link::new(
                format!("关键词：{}", self.words),
                self.address("q", None, 1),
            ));
        }
        for (name, value) in &self.chosen {
            active.push(Link::new(*value, self.address(name, None, 1)));
        }
        if self.fitting == Some(true) {
            active.push(Link::new("与本企业相符", self.address("fit", None, 1)));
        }
        active
    }

    /// 与本企业相符 as a filter, for whoever can be compared with.
    fn fit_filter(&self, count: usize) -> Option<Filter> {
        let only = self.fitting?;
        let options = vec![
            Link::new("不限", self.address("fit", None, 1)).current(!only),
            Link::new(
                format!("与本企业相符（{count}）"),
                self.address("fit", (!only).then_some("1"), 1),
            )
            .current(only),
        ];
        Some(Filter {
            label: "匹配".to_owned(),
            options,
        })
    }
}

fn page_of(
    snapshot: &Snapshot,
    kind: ArticleKind,
    query: &Query,
    today: Date,
    own: Option<&OwnProfile>,
) -> ArticlesPage {
    let (path, heading, drawers): (_, _, &[Drawer]) = match kind {
        ArticleKind::Policy => ("/policies", "惠企政策", &POLICY_DRAWERS),
        _ => ("/news", "新闻资讯", &NEWS_DRAWERS),
    };
    let all = snapshot.articles(kind);
    let known = |name: &str, words: fn(&Article) -> Vec<&str>| {
        let value = query.get(name);
        all.iter()
            .any(|a| words(a).contains(&value))
            .then_some(value)
            .filter(|v| !v.is_empty())
    };
    let shelf = Shelf {
        path,
        drawers,
        words: query.words(),
        chosen: drawers
            .iter()
            .filter_map(|(name, _, words)| Some((*name, known(name, *words)?)))
            .collect(),
        fitting: own.map(|_| query.get("fit") == "1"),
    };
    let fits_us = |a: &Article| own.is_some_and(|own| a.fits(&own.reader()));
    let found = if shelf.words.is_empty() {
        all.clone()
    } else {
        snapshot.find_articles(kind, &shelf.words)
    };
    let shown: Vec<&Article> = found
        .iter()
        .copied()
        .filter(|a| shelf.fits(a, ""))
        .collect();
    let fitting = shown.iter().filter(|a| fits_us(a)).count();
    let mut shown = shown;
    if shelf.fitting == Some(true) {
        shown.retain(|a| fits_us(a));
    }
    let mut filters = shelf.filters(&found);
    filters.extend(shelf.fit_filter(fitting));
    let (page, notice) = clamp_page(query.page(), shown.len(), PER_PAGE);
    ArticlesPage {
        crumbs: views::crumbs([(heading, path)]),
        heading: heading.to_owned(),
        lead: if kind == ArticleKind::Policy {
            format!("共 {} 项政策，申报条件和金额以政策原文为准", all.len())
        } else {
            format!("共 {} 条资讯", all.len())
        },
        path: path.to_owned(),
        search_label: format!("搜索{heading}"),
        keeps: shelf
            .chosen
            .iter()
            .map(|(n, v)| Pair {
                name: (*n).to_owned(),
                value: (*v).to_owned(),
            })
            .collect(),
        filters,
        fit: if own.is_some() {
            FIT_HINT.to_owned()
        } else {
            String::new()
        },
        active: shelf.active(),
        total: shown.len(),
        notice,
        items: slice(&shown, page, PER_PAGE)
            .iter()
            .map(|a| NewsLine {
                mark: if fits_us(a) {
                    "与本企业相符".to_owned()
                } else {
                    String::new()
                },
                ..views::full_line(a, today)
            })
            .collect(),
        pager: Pager::new(shown.len() as u64, page, PER_PAGE as u64, |n| {
            shelf.address("", None, n)
        }),
        words: shelf.words,
    }
}

async fn list(
    web: Web<Showcase>,
    visit: Visit,
    raw: Option<String>,
    kind: ArticleKind,
) -> Result<Response, WebError> {
    let snapshot = snapshot(&web, &visit).await?;
    let today = local_date(visit.kit.clock().now());
    // Only an enterprise's own list is compared with its profile; a failure costs the marks, not the page.
    let own = match visit.enterprise_actor() {
        Ok(actor) if kind == ArticleKind::Policy => {
            web.uses.own.profile(actor).await.ok().flatten()
        }
        _ => None,
    };
    let query = Query::parse(raw.as_deref());
    let page = page_of(&snapshot, kind, &query, today, own.as_ref());
    let title = page.heading.clone();
    Ok(visit.render("portal/articles.html", &title, &page))
}

pub(super) async fn policies(
    State(web): State<Web<Showcase>>,
    visit: Visit,
    RawQuery(raw): RawQuery,
) -> Result<Response, WebError> {
    list(web, visit, raw, ArticleKind::Policy).await
}

pub(super) async fn news(
    State(web): State<Web<Showcase>>,
    visit: Visit,
    RawQuery(raw): RawQuery,
) -> Result<Response, WebError> {
    list(web, visit, raw, ArticleKind::News).await
}

#[derive(Debug, Default, Serialize)]
pub(super) struct ArticlePage {
    pub crumbs: Vec<Link>,
    pub title: String,
    pub meta: String,
    pub facts: Vec<Described>,
    pub deadline: String,
    pub closed: bool,
    pub tags: Vec<String>,
    pub summary: String,
    pub blocks: Vec<Block>,
    pub files: Vec<FileLine>,
    pub related: Vec<ProductCard>,
    pub more: Vec<NewsLine>,
    pub more_href: String,
    pub section: String,
}

/// How a subsidy is come by.
fn way(article: &Article) -> &'static str {
    if Handling::of(&article.delivery).is_some_and(Handling::is_listed) {
        "免申即享，无需申请：由平台列出名单，核定后发消息告知企业。"
    } else {
        "登录后，在“放款与还款”中符合条件的放款下方申请。"
    }
}

fn article_page(snapshot: &Snapshot, article: &Article, today: Date) -> ArticlePage {
    let policy = article.kind == ArticleKind::Policy;
    let (section, path) = if policy {
        ("惠企政策", "/policies")
    } else {
        ("新闻资讯", "/news")
    };
    let terms = article.subsidy.as_ref();
    let facts = [
        ("发文字号", article.document_no.clone()),
        ("发文单位", article.issuer.clone()),
        ("政策类别", article.category.clone()),
        ("办理方式", article.delivery.clone()),
        ("适用对象", article.audience.clone()),
        ("补贴标准", terms.map_or_else(String::new, standard)),
        (
            "适用贷款",
            terms.map_or_else(String::new, |terms| loans(terms, article.first_loan)),
        ),
        ("怎样办理", terms.map_or("", |_| way(article)).to_owned()),
        ("申报时间", views::deadline(article, today)),
    ];
    let meta = [
        views::date(article.published_at),
        article.source.clone(),
        if policy {
            String::new()
        } else {
            article.category.clone()
        },
    ];
    ArticlePage {
        crumbs: views::crumbs([(section, path), (&article.title, "")]),
        title: article.title.clone(),
        meta: meta
            .into_iter()
            .filter(|m| !m.is_empty())
            .collect::<Vec<_>>()
            .join("　"),
        facts: if policy {
            facts
                .into_iter()
                .filter(|(_, t)| !t.is_empty())
                .map(|(l, t)| Described::new(l, t))
                .collect()
        } else {
            Vec::new()
        },
        deadline: views::deadline(article, today),
        closed: article.deadline.is_some_and(|d| d < today),
        tags: article.tags.clone(),
        summary: article.summary.clone(),
        blocks: Block::parse(&article.body),
        files: Vec::new(),
        related: views::cards(
            snapshot,
            article
                .related_products
                .iter()
                .filter_map(|id| snapshot.product(*id)),
        ),
        more: snapshot
            .articles(article.kind)
            .into_iter()
            .filter(|a| a.id != article.id)
            .take(6)
            .map(views::line)
            .collect(),
        more_href: path.to_owned(),
        section: section.to_owned(),
    }
}

async fn one(
    web: Web<Showcase>,
    visit: Visit,
    id: &str,
    kind: ArticleKind,
) -> Result<Response, WebError> {
    let snapshot = snapshot(&web, &visit).await?;
    let id = id.parse().map_err(|_| UseError::not_found())?;
    let article = snapshot.article(kind, id).ok_or_else(UseError::not_found)?;
    let today = local_date(visit.kit.clock().now());
    let files = web.uses.handouts.of(visit.city.id, article.id).await?;
    let mut page = article_page(&snapshot, article, today);
    page.files = attachments::lines(&page.more_href, article, &files);
    Ok(visit.render("portal/article.html", &article.title, &page))
}

pub(super) async fn policy(
    State(web): State<Web<Showcase>>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    one(web, visit, &id, ArticleKind::Policy).await
}

pub(super) async fn news_item(
    State(web): State<Web<Showcase>>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    one(web, visit, &id, ArticleKind::News).await
}

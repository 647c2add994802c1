//! 惠企政策 and 新闻资讯.

use application::{
    error::{UseError, UseResult},
    ports::catalogue::{Article, ArticleKind},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    Api,
    call::Call,
    city::shelf,
    door::{Door, NoQuery, Who},
    shapes::{day, instant, limit, part_of},
};

const TAG: &str = "政策与资讯";

/// What is looked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Ask {
    /// 关键字.
    #[param(max_length = 100)]
    words: Option<String>,
    /// 上一页的 next_cursor.
    cursor: Option<String>,
    /// 每页条数, 1 to 50.
    #[param(minimum = 1, maximum = 50)]
    limit: Option<u32>,
}

/// 列表.
#[derive(Serialize, ToSchema)]
struct ArticlePage {
    items: Vec<ArticleLine>,
    total: usize,
    next_cursor: Option<String>,
}

/// 列表中的一条.
#[derive(Serialize, ToSchema)]
struct ArticleLine {
    id: Uuid,
    title: String,
    category: String,
    source: String,
    summary: String,
    tags: Vec<String>,
    pinned: bool,
    /// 免申即享, 快申快享 or 申报; empty for news.
    delivery: String,
    /// 申报截止.
    deadline: Option<String>,
    published_at: String,
}

/// 全文.
#[derive(Serialize, ToSchema)]
struct ArticleText {
    #[serde(flatten)]
    line: ArticleLine,
    /// 适用对象.
    audience: String,
    document_no: String,
    issuer: String,
    body: String,
    /// 相关产品.
    related_products: Vec<Uuid>,
}

pub(crate) fn doors() -> Vec<Door> {
    vec![
        Door::read(TAG, "惠企政策", Who::Public, "/api/v1/policies", policies).cached(),
        Door::read(
            TAG,
            "政策全文",
            Who::Public,
            "/api/v1/policies/{id}",
            policy,
        )
        .cached(),
        Door::read(TAG, "新闻资讯", Who::Public, "/api/v1/news", news).cached(),
        Door::read(TAG, "资讯全文", Who::Public, "/api/v1/news/{id}", piece).cached(),
    ]
}

impl From<&Article> for ArticleLine {
    fn from(one: &Article) -> Self {
        Self {
            id: one.id,
            title: one.title.clone(),
            category: one.category.clone(),
            source: one.source.clone(),
            summary: one.summary.clone(),
            tags: one.tags.clone(),
            pinned: one.pinned,
            delivery: one.delivery.clone(),
            deadline: one.deadline.map(day),
            published_at: instant(one.published_at),
        }
    }
}

async fn list(api: Api, call: Call, ask: Ask, kind: ArticleKind) -> UseResult<ArticlePage> {
    let most = limit(ask.limit)?;
    let snapshot = shelf(&api, &call).await?;
    let words = ask.words.unwrap_or_default();
    let found = if words.trim().is_empty() {
        snapshot.articles(kind)
    } else {
        snapshot.find_articles(kind, &words)
    };
    let total = found.len();
    let key = |article: &&Article| article.id.to_string();
    let (part, next_cursor) = part_of(found, key, ask.cursor.as_deref(), most)?;
    Ok(ArticlePage {
        items: part.into_iter().map(Into::into).collect(),
        total,
        next_cursor,
    })
}

async fn text(api: Api, call: Call, kind: ArticleKind) -> UseResult<ArticleText> {
    let snapshot = shelf(&api, &call).await?;
    let found = snapshot.article(kind, call.id("id")?);
    let article = found.ok_or_else(UseError::not_found)?;
    Ok(ArticleText {
        line: article.into(),
        audience: article.audience.clone(),
        document_no: article.document_no.clone(),
        issuer: article.issuer.clone(),
        body: article.body.clone(),
        related_products: article.related_products.iter().map(|id| id.0).collect(),
    })
}

async fn policies(api: Api, call: Call, ask: Ask) -> UseResult<ArticlePage> {
    list(api, call, ask, ArticleKind::Policy).await
}

async fn policy(api: Api, call: Call, _: NoQuery) -> UseResult<ArticleText> {
    text(api, call, ArticleKind::Policy).await
}

async fn news(api: Api, call: Call, ask: Ask) -> UseResult<ArticlePage> {
    list(api, call, ask, ArticleKind::News).await
}

async fn piece(api: Api, call: Call, _: NoQuery) -> UseResult<ArticleText> {
    text(api, call, ArticleKind::News).await
}

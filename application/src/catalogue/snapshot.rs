//! Snapshot 快照: a city's published content with what searching and linking need prepared.

use std::collections::HashMap;

use domain::ids::{ProductId, TenantId};
use uuid::Uuid;

use super::search::{Text, fold};
use crate::ports::catalogue::{
    AgreementText, Article, ArticleKind, Branch, Content, Institution, Paused, Product, Retired,
};

/// One state of a city's catalogue; never changes.
#[derive(Debug)]
pub struct Snapshot {
    /// Differs between any two states that this process has seen: part of the key of everything drawn from it.
    pub generation: u64,
    pub content: Content,
    institutions: HashMap<TenantId, usize>,
    branches: HashMap<TenantId, usize>,
    products: HashMap<ProductId, usize>,
    articles: HashMap<Uuid, usize>,
    shown: Vec<usize>,
    pub(super) product_texts: Vec<Text>,
    institution_texts: Vec<Text>,
    article_texts: Vec<Text>,
}

impl Snapshot {
    pub fn new(generation: u64, content: Content) -> Self {
        let institutions = index(&content.institutions, |i| i.id);
        let name_of = |id: TenantId| {
            institutions.get(&id).map_or(String::new(), |at: &usize| {
                let one = &content.institutions[*at];
                format!("{}\n{}", one.name, one.short_name)
            })
        };
        let product_texts = content
            .products
            .iter()
            .map(|p| {
                fold(&format!(
                    "{}\n{}\n{}",
                    p.name,
                    name_of(p.institution),
                    p.guarantee.zh()
                ))
            })
            .collect();
        let institution_texts = content
            .institutions
            .iter()
            .map(|i| fold(&format!("{}\n{}\n{}", i.name, i.short_name, i.type_label)))
            .collect();
        let article_texts = content
            .articles
            .iter()
            .map(|a| {
                let tags = a.tags.join("\n");
                fold(&format!(
                    "{}\n{}\n{}\n{tags}\n{}",
                    a.title, a.summary, a.category, a.body
                ))
            })
            .collect();
        let shown = (0..content.products.len())
            .filter(|at| institutions.contains_key(&content.products[*at].institution))
            .collect();
        Self {
            generation,
            branches: index(&content.branches, |b| b.id),
            products: index(&content.products, |p| p.id),
            articles: index(&content.articles, |a| a.id),
            institutions,
            shown,
            product_texts,
            institution_texts,
            article_texts,
            content,
        }
    }

    pub fn institution(&self, id: TenantId) -> Option<&Institution> {
        Some(&self.content.institutions[*self.institutions.get(&id)?])
    }

    pub fn branch(&self, id: TenantId) -> Option<&Branch> {
        Some(&self.content.branches[*self.branches.get(&id)?])
    }

    /// A product on the shelf: published, and its institution too.
    pub fn product(&self, id: ProductId) -> Option<&Product> {
        let product = &self.content.products[*self.products.get(&id)?];
        self.institutions
            .contains_key(&product.institution)
            .then_some(product)
    }

    /// 已下架: a product that was published once and whose institution still is.
    pub fn retired(&self, id: ProductId) -> Option<&Retired> {
        let found = self.content.retired.iter().find(|one| one.id == id)?;
        self.institutions
            .contains_key(&found.institution)
            .then_some(found)
    }

    /// A product on the shelf of an institution that takes no new requests for now, and that institution.
    pub fn paused(&self, id: ProductId) -> Option<(Retired, &Paused)> {
        let product = &self.content.products[*self.products.get(&id)?];
        let mut paused = self.content.paused.iter();
        let paused = paused.find(|p| p.institution == product.institution)?;
        let gone = Retired {
            id,
            institution: product.institution,
            name: product.name.clone(),
            guarantee: Some(product.guarantee),
        };
        Some((gone, paused))
    }

    /// What is like a product that is gone: the same guarantee first, then the same institution.
    pub fn like(&self, gone: &Retired, most: usize) -> Vec<&Product> {
        let mut found: Vec<&Product> = self
            .products()
            .filter(|p| Some(p.guarantee) == gone.guarantee || p.institution == gone.institution)
            .collect();
        found.sort_by_key(|p| {
            (
                Some(p.guarantee) != gone.guarantee,
                p.institution != gone.institution,
            )
        });
        found.truncate(most);
        found
    }

    pub fn article(&self, kind: ArticleKind, id: Uuid) -> Option<&Article> {
        let article = &self.content.articles[*self.articles.get(&id)?];
        (article.kind == kind).then_some(article)
    }

    /// Every product on the shelf with its place in the content.
    pub(super) fn shown(&self) -> impl Iterator<Item = (usize, &Product)> {
        self.shown
            .iter()
            .map(|at| (*at, &self.content.products[*at]))
    }

    /// Every product on the shelf.
    pub fn products(&self) -> impl Iterator<Item = &Product> {
        self.shown().map(|(_, product)| product)
    }

    pub fn products_of(&self, institution: TenantId) -> impl Iterator<Item = &Product> {
        self.products()
            .filter(move |p| p.institution == institution)
    }

    pub fn branches_of(&self, institution: TenantId) -> impl Iterator<Item = &Branch> {
        self.content
            .branches
            .iter()
            .filter(move |b| b.bank == institution)
    }

    /// The branches that carry a product.
    pub fn carriers<'a>(&'a self, product: &'a Product) -> impl Iterator<Item = &'a Branch> {
        product.branches.iter().filter_map(|id| self.branch(*id))
    }

    /// Articles of a section, pinned ones first, then the newest.
    pub fn articles(&self, kind: ArticleKind) -> Vec<&Article> {
        let mut list: Vec<&Article> = self
            .content
            .articles
            .iter()
            .filter(|a| a.kind == kind)
            .collect();
        list.sort_by_key(|a| {
            (
                !a.pinned,
                std::cmp::Reverse(a.published_at),
                a.title.as_str(),
            )
        });
        list
    }

    /// An agreement in one version.
    pub fn agreement(&self, code: &str, version: &str) -> Option<&AgreementText> {
        self.content
            .agreements
            .iter()
            .find(|a| a.code == code && a.version == version)
    }

    /// Institutions in which every word is found.
    pub fn find_institutions(&self, words: &str) -> Vec<&Institution> {
        let words = super::search::words_of(words);
        (self
            .content
            .institutions
            .iter()
            .zip(&self.institution_texts))
        .filter(|(_, text)| text.holds(&words))
        .map(|(institution, _)| institution)
        .collect()
    }

    /// Articles of a section in which every word is found, newest first.
    pub fn find_articles(&self, kind: ArticleKind, words: &str) -> Vec<&Article> {
        let words = super::search::words_of(words);
        let mut found: Vec<&Article> = (self.content.articles.iter().zip(&self.article_texts))
            .filter(|(article, text)| article.kind == kind && text.holds(&words))
            .map(|(article, _)| article)
            .collect();
        found.sort_by_key(|a| std::cmp::Reverse(a.published_at));
        found
    }
}

fn index<T, K: std::hash::Hash + Eq>(items: &[T], key: impl Fn(&T) -> K) -> HashMap<K, usize> {
    items
        .iter()
        .enumerate()
        .map(|(at, item)| (key(item), at))
        .collect()
}

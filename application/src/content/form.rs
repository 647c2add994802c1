//! The form of a text as typed, and what it says once it is complete.

use std::sync::Arc;

use domain::{
    calendar::{SHANGHAI, parse_day, parse_minute},
    ids::ProductId,
    values::FreeText,
};
use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime, macros::format_description};
use uuid::Uuid;

use super::subsidy::SubsidyForm;
use crate::{
    error::{FieldError, UseError, UseResult},
    ports::{
        catalogue::{Article, ArticleKind, Banner},
        content::ContentKind,
        reference::{IndustryDirectory, RegionDirectory},
    },
};

/// 办理方式 that a policy may name.
pub const DELIVERIES: [&str; 3] = ["免申即享", "快申快享", "申报"];
const MOST_TAGS: usize = 8;
const LONGEST_TAG: usize = 12;
const MOST_PRODUCTS: usize = 12;
/// Files beside one text.
pub const MOST_FILES: usize = 10;

/// Lists that the choices are checked against.
#[derive(Clone)]
pub struct ContentLists {
    pub regions: Arc<dyn RegionDirectory>,
    pub industries: Arc<dyn IndustryDirectory>,
}

/// Every field as typed, of every kind; what a kind does not know stays empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContentForm {
    pub title: String,
    pub category: String,
    pub source: String,
    pub delivery: String,
    pub audience: String,
    pub document_no: String,
    pub issuer: String,
    /// Of an agreement: what changed.
    pub summary: String,
    /// `## ` and `### ` start headings, `- ` an item, other lines are paragraphs.
    pub body: String,
    /// Parted by signs or lines.
    pub tags: String,
    /// `YYYY-MM-DD`.
    pub deadline: String,
    pub pinned: bool,
    pub related: Vec<String>,
    pub industries: Vec<String>,
    pub regions: Vec<String>,
    pub first_loan: bool,
    /// `YYYY-MM-DD HH:MM`, or a day; empty: as soon as it is let through.
    pub show_from: String,
    pub show_until: String,
    pub link: String,
    pub position: String,
    pub picture: Option<Uuid>,
    pub files: Vec<Uuid>,
    /// 须重新同意 of an agreement.
    pub reconsent: bool,
    /// 贴息补贴 of a policy.
    pub subsidy: SubsidyForm,
}

/// What a complete form says, before it has a version.
#[derive(Clone, Debug)]
pub enum Piece {
    Article {
        article: Box<Article>,
        from: Option<OffsetDateTime>,
    },
    Banner {
        banner: Banner,
        from: Option<OffsetDateTime>,
    },
    Agreement {
        title: String,
        body: String,
        change_note: String,
        from: Date,
        reconsent: bool,
    },
}

pub(super) fn minute(at: OffsetDateTime) -> String {
    at.to_offset(SHANGHAI)
        .format(format_description!("[year]-[month]-[day] [hour]:[minute]"))
        .unwrap_or_default()
}

/// Words parted by any of the signs that people part words with.
pub fn tags_of(text: &str) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in text.split(['、', '，', ',', ';', '；', '\n', '\r']) {
        let tag = tag.trim();
        if !tag.is_empty() && !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    tags
}

impl ContentForm {
    /// The form that would say what an article says.
    pub fn of_article(article: &Article, files: Vec<Uuid>) -> Self {
        Self {
            title: article.title.clone(),
            category: article.category.clone(),
            source: article.source.clone(),
            delivery: article.delivery.clone(),
            audience: article.audience.clone(),
            document_no: article.document_no.clone(),
            issuer: article.issuer.clone(),
            summary: article.summary.clone(),
            body: article.body.clone(),
            tags: article.tags.join("、"),
            deadline: article.deadline.map_or_else(String::new, |d| d.to_string()),
            pinned: article.pinned,
            related: article
                .related_products
                .iter()
                .map(ToString::to_string)
                .collect(),
            industries: article.industries.clone(),
            regions: article.regions.clone(),
            first_loan: article.first_loan,
            subsidy: SubsidyForm::of(article.subsidy.as_ref()),
            files,
            ..Self::default()
        }
    }

    /// The form that would say what a banner says.
    pub fn of_banner(banner: &Banner) -> Self {
        Self {
            title: banner.title.clone(),
            link: banner.link.clone(),
            position: banner.position.to_string(),
            picture: Some(banner.picture),
            show_until: banner.until.map_or_else(String::new, minute),
            ..Self::default()
        }
    }

    /// What is wrong with what was typed so far; what is missing is no fault of a draft but its title.
    pub(super) fn check_draft(&self, kind: ContentKind, lists: &ContentLists) -> UseResult<()> {
        let mut reader = Reader::new(self, lists);
        reader.piece(kind, Uuid::nil());
        reader
            .errors
            .retain(|e| e.code != "content.missing" || e.field == "title");
        reader.finish()
    }

    /// What a complete form says; otherwise every field that is missing or wrong.
    pub fn piece(&self, kind: ContentKind, id: Uuid, lists: &ContentLists) -> UseResult<Piece> {
        let mut reader = Reader::new(self, lists);
        let piece = reader.piece(kind, id);
        reader.finish()?;
        piece.ok_or_else(|| UseError::bug("a form without errors that says nothing"))
    }
}

/// Reads the form field by field and collects what is wrong.
struct Reader<'a> {
    form: &'a ContentForm,
    lists: &'a ContentLists,
    errors: Vec<FieldError>,
}

impl<'a> Reader<'a> {
    fn new(form: &'a ContentForm, lists: &'a ContentLists) -> Self {
        Self {
            form,
            lists,
            errors: Vec::new(),
        }
    }

    fn finish(self) -> UseResult<()> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(UseError::invalid(self.errors))
        }
    }

    fn fail(&mut self, field: &'static str, code: &'static str) {
        self.errors.push(FieldError::new(field, code));
    }

    /// A text of at most so many signs; empty is allowed.
    fn text<const MOST: usize>(&mut self, field: &'static str, typed: &str) -> String {
        match FreeText::<MOST>::parse_optional(typed) {
            Ok(text) => text.map_or_else(String::new, |t| t.as_str().to_owned()),
            Err(error) => {
                self.errors.push(FieldError {
                    field: field.to_owned(),
                    code: error.code(),
                    params: error.params(),
                });
                String::new()
            }
        }
    }

    fn needed<const MOST: usize>(&mut self, field: &'static str, typed: &str) -> String {
        if typed.trim().is_empty() {
            self.fail(field, "content.missing");
            return String::new();
        }
        self.text::<MOST>(field, typed)
    }

    /// The text itself; `body` is the field of a talk too, whose texts speak of a message.
    fn body(&mut self, typed: &str) -> String {
        let before = self.errors.len();
        let body = self.needed::<40_000>("body", typed);
        for error in self.errors.iter_mut().skip(before) {
            error.code = match error.code {
                "free_text.too_long" => "content.body_long",
                "free_text.control_sign" => "content.body_signs",
                code => code,
            };
        }
        body
    }

    fn title<const MOST: usize>(&mut self) -> String {
        let title = self.needed::<MOST>("title", &self.form.title.replace(['\n', '\r'], " "));
        if title.chars().count() == 1 {
            self.fail("title", "content.title_short");
        }
        title
    }

    fn tags(&mut self) -> Vec<String> {
        let tags = tags_of(&self.form.tags);
        if tags.len() > MOST_TAGS || tags.iter().any(|t| t.chars().count() > LONGEST_TAG) {
            self.fail("tags", "content.tags");
        }
        tags
    }

    fn instant(&mut self, field: &'static str, typed: &str) -> Option<OffsetDateTime> {
        if typed.trim().is_empty() {
            return None;
        }
        let at = parse_minute(typed);
        if at.is_none() {
            self.fail(field, "content.not_a_time");
        }
        at
    }

    fn deadline(&mut self) -> Option<Date> {
        let typed = domain::values::half_width(&self.form.deadline);
        let typed = typed.trim();
        if typed.is_empty() {
            return None;
        }
        let day = parse_day(typed);
        if day.is_none() {
            self.fail("deadline", "content.not_a_day");
        }
        day
    }

    fn related(&mut self) -> Vec<ProductId> {
        let ids: Vec<ProductId> = self
            .form
            .related
            .iter()
            .filter_map(|text| text.parse().ok().map(ProductId))
            .collect();
        if ids.len() != self.form.related.len() || ids.len() > MOST_PRODUCTS {
            self.fail("related", "content.related");
        }
        ids
    }

    fn choices(&mut self) {
        let sections = self.lists.industries.sections();
        let known = |code: &String| sections.iter().any(|s| s.code == *code);
        if !self.form.industries.iter().all(known) {
            self.fail("industries", "content.unknown_choice");
        }
        let regions = &self.lists.regions;
        if !self.form.regions.iter().all(|c| regions.find(c).is_some()) {
            self.fail("regions", "content.unknown_choice");
        }
    }

    fn piece(&mut self, kind: ContentKind, id: Uuid) -> Option<Piece> {
        match kind {
            ContentKind::Policy => Some(self.article(id, ArticleKind::Policy)),
            ContentKind::News => Some(self.article(id, ArticleKind::News)),
            ContentKind::About => Some(self.article(id, ArticleKind::About)),
            ContentKind::Banner => Some(self.banner(id)),
            ContentKind::Agreement => self.agreement(),
        }
    }

    fn article(&mut self, id: Uuid, kind: ArticleKind) -> Piece {
        let form = self.form;
        let policy = kind == ArticleKind::Policy;
        let title = self.title::<120>();
        let (issuer, audience, category) = if policy {
            (
                self.needed::<80>("issuer", &form.issuer),
                self.needed::<200>("audience", &form.audience),
                self.needed::<20>("category", &form.category),
            )
        } else {
            let category = if kind == ArticleKind::News {
                self.needed::<20>("category", &form.category)
            } else {
                String::new()
            };
            (String::new(), String::new(), category)
        };
        if policy && !form.delivery.is_empty() && !DELIVERIES.contains(&form.delivery.as_str()) {
            self.fail("delivery", "content.unknown_choice");
        }
        let source = if kind == ArticleKind::News {
            self.needed::<40>("source", &form.source)
        } else {
            self.text::<40>("source", &form.source)
        };
        if form.files.len() > MOST_FILES {
            self.fail("files", "content.files_many");
        }
        self.choices();
        let subsidy = if policy {
            form.subsidy.read(&form.delivery, &mut self.errors)
        } else {
            None
        };
        let from = self.instant("show_from", &form.show_from);
        let article = Article {
            id,
            kind,
            title,
            category,
            source,
            delivery: form.delivery.clone(),
            audience,
            pinned: form.pinned,
            related_products: self.related(),
            document_no: self.text::<60>("document_no", &form.document_no),
            issuer,
            summary: self.text::<300>("summary", &form.summary),
            body: self.body(&form.body),
            tags: self.tags(),
            deadline: self.deadline(),
            industries: form.industries.clone(),
            regions: form.regions.clone(),
            first_loan: form.first_loan,
            subsidy,
            attachments: Some(form.files.clone()),
            // Known once it is published.
            published_at: OffsetDateTime::UNIX_EPOCH,
        };
        Piece::Article {
            article: Box::new(article),
            from,
        }
    }

    fn banner(&mut self, id: Uuid) -> Piece {
        let form = self.form;
        let title = self.title::<60>();
        let link = form.link.trim();
        let own = link.starts_with('/')
            && !link.starts_with("//")
            && link.chars().count() <= 200
            && !link.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\');
        if !link.is_empty() && !own {
            self.fail("link", "content.link");
        }
        if form.picture.is_none() {
            self.fail("picture", "content.missing");
        }
        let position = domain::values::half_width(&form.position);
        let position = match position.trim() {
            "" => Some(1),
            typed => typed.parse().ok().filter(|n| (1..=99).contains(n)),
        };
        if position.is_none() {
            self.fail("position", "content.position");
        }
        let from = self.instant("show_from", &form.show_from);
        let until = self.instant("show_until", &form.show_until);
        if from.zip(until).is_some_and(|(from, until)| until <= from) {
            self.fail("show_until", "content.ends_before");
        }
        let banner = Banner {
            id,
            title,
            link: link.to_owned(),
            picture: form.picture.unwrap_or_default(),
            size: (0, 0),
            position: position.unwrap_or(1),
            from: from.unwrap_or(OffsetDateTime::UNIX_EPOCH),
            until,
        };
        Piece::Banner { banner, from }
    }

    fn agreement(&mut self) -> Option<Piece> {
        let form = self.form;
        let title = self.title::<120>();
        let body = self.body(&form.body);
        let change_note = self.needed::<500>("summary", &form.summary);
        let typed = domain::values::half_width(&form.show_from);
        let from = parse_day(typed.trim());
        match from {
            None if typed.trim().is_empty() => self.fail("show_from", "content.missing"),
            None => self.fail("show_from", "content.not_a_day"),
            Some(_) => {}
        }
        Some(Piece::Agreement {
            title,
            body,
            change_note,
            from: from?,
            reconsent: form.reconsent,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_parted_by_any_sign_and_told_once() {
        assert_eq!(
            tags_of("贴息、 制造业，贴息\n首贷"),
            ["贴息", "制造业", "首贷"]
        );
    }

    #[test]
    fn a_time_is_a_day_or_a_minute_of_the_city() {
        let noon = parse_minute("2026-12-01 12:30").expect("a minute");
        assert_eq!(minute(noon), "2026-12-01 12:30");
        assert_eq!(
            minute(parse_minute("２０２６-12-01").expect("a day")),
            "2026-12-01 00:00"
        );
        assert_eq!(parse_minute("明天"), None);
    }
}

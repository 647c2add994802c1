//! Content 内容管理 (O5, O7): the city writes drafts, a second person lets them through, every published version is kept.

mod form;
mod look;
pub(crate) mod notices;
mod papers;
mod review;
mod subsidy;
mod write;

use std::sync::Arc;

use domain::{calendar::SHANGHAI, tenant::TenantKind};
use time::OffsetDateTime;
use uuid::Uuid;

pub use form::{ContentForm, ContentLists, DELIVERIES, MOST_FILES, Piece, tags_of};
pub use look::{AgreementLine, ContentList, Opened, PieceState, state_of};
pub use papers::ContentPapers;
pub use review::{SettleContent, TakeDown};
pub use subsidy::{StoredTerms, SubsidyForm};
pub use write::{SaveContent, SeenContent, StartAgreement};

use crate::{
    access::Actor,
    audit::Watch,
    city::{Agreement, Cities, City},
    error::{UseError, UseResult},
    once::Once,
    ports::{content::ContentDraft, product_shelf::DraftStatus, store::Store},
};

/// The room of those who write for a city and of those who let it through.
#[derive(Clone)]
pub struct ContentRoom {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub lists: ContentLists,
    pub cities: Arc<dyn Cities>,
}

/// A draft that the page showed in this revision; otherwise who changed it.
fn unmoved(draft: ContentDraft, revision: i32) -> UseResult<ContentDraft> {
    if draft.revision == revision {
        return Ok(draft);
    }
    Err(changed(&draft))
}

fn changed(draft: &ContentDraft) -> UseError {
    let by = draft.author_names.last().cloned().unwrap_or_default();
    UseError::conflict("content.changed")
        .with("by", by)
        .with("at", form::minute(draft.saved_at))
}

/// 须重新同意 of a text that nobody ticked to get an account.
const NOT_AGAIN: &str = "content.reconsent_elsewhere";

impl ContentRoom {
    fn city(&self, actor: &Actor) -> UseResult<Arc<City>> {
        self.cities
            .by_id(actor.city)
            .ok_or_else(|| UseError::bug("a city of a session is unknown"))
    }

    /// 须重新同意 only of what everybody ticked at registration.
    fn check_reconsent(&self, actor: &Actor, code: &str, form: &ContentForm) -> UseResult<()> {
        if !form.reconsent || code.is_empty() {
            return Ok(());
        }
        let city = self.city(actor)?;
        if city.agreement(code).is_some_and(Agreement::may_ask_again) {
            return Ok(());
        }
        Err(UseError::field("reconsent", NOT_AGAIN))
    }
}

/// True when 施行日期 of an agreement has passed: today is the first day that a new version may be in force.
fn is_over(piece: &Piece, at: OffsetDateTime) -> bool {
    matches!(piece, Piece::Agreement { from, .. } if *from < at.to_offset(SHANGHAI).date())
}

/// A draft that may still be written.
fn writable(draft: &ContentDraft) -> UseResult<()> {
    if draft.status == DraftStatus::InReview {
        return Err(UseError::conflict("content.in_review"));
    }
    Ok(())
}

/// The room is the city's: to others it does not exist.
fn of_the_city(actor: &Actor) -> UseResult<()> {
    if actor.tenant_kind == TenantKind::City && actor.enterprise.is_none() {
        return Ok(());
    }
    Err(UseError::not_found())
}

/// What a deed names: the text, the revision that the page showed, and the key against repeats.
#[derive(Clone, Debug)]
pub struct Named {
    pub id: Uuid,
    pub once: Once,
}

//! Products 产品管理 (H1): a bank writes drafts, the city lets them through, every published version is kept.

mod desk;
mod form;
pub(crate) mod notices;
mod review;
mod write;

use std::sync::Arc;

use domain::tenant::TenantKind;

pub use desk::{ProductRoom, Shelf};
pub use form::{FormLists, ProductForm, RATE_TERMS, text_of_fees};
pub use review::{Reviewed, SettleDraft};
pub use write::{SaveDraft, SeenDraft, TakeOff};

use crate::{
    access::Actor,
    audit::Watch,
    error::{UseError, UseResult},
    ports::{
        product_shelf::{DraftStatus, ProductDraft},
        store::Store,
    },
};

/// The room of those who offer products and of those who let them through.
pub struct Products {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub lists: FormLists,
}

/// A draft that the page showed in this revision; otherwise who changed it.
fn unmoved(draft: ProductDraft, revision: i32) -> UseResult<ProductDraft> {
    if draft.revision == revision {
        return Ok(draft);
    }
    Err(UseError::conflict("products.changed").with("by", draft.saved_name))
}

/// A draft that its bank may still write.
fn writable(draft: &ProductDraft) -> UseResult<()> {
    if draft.status == DraftStatus::InReview {
        return Err(UseError::conflict("products.in_review"));
    }
    Ok(())
}

/// The bank's console is the bank's, the city's is the city's: to the other it does not exist.
fn only(kind: TenantKind, actor: &Actor) -> UseResult<()> {
    if actor.tenant_kind == kind {
        return Ok(());
    }
    Err(UseError::not_found())
}

/// A draft of the own bank.
fn own(draft: Option<ProductDraft>, actor: &Actor) -> Option<ProductDraft> {
    draft.filter(|d| d.bank == actor.tenant)
}

//! 产品审核: the city lets a draft through or sends it back; it never writes one.

use domain::{ids::ProductId, product::ProductStatus, tenant::TenantKind, values::FreeText};
use serde_json::json;

use super::{Products, SeenDraft, notices, only, unmoved};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, UseError, UseResult},
    ports::{
        audit::AuditEntry,
        catalogue::Product,
        product_shelf::{DraftStatus, OwnBranch, ProductDraft, Shelved},
        store::StoreError,
    },
};

/// A draft beside what stands on the shelf.
#[derive(Clone, Debug)]
pub struct Reviewed {
    pub draft: ProductDraft,
    pub shelved: Option<Shelved>,
    pub branches: Vec<OwnBranch>,
    pub may_check: bool,
}

/// 通过发布, or 退回 with a note.
#[derive(Clone, Debug)]
pub struct SettleDraft {
    pub seen: SeenDraft,
    /// `None`: it is published.
    pub send_back: Option<String>,
}

const PUBLISH: &str = "product.publish";
const SEND_BACK: &str = "product.return";

impl Products {
    /// Drafts that wait for the city.
    pub async fn waiting(&self, actor: &Actor) -> UseResult<Vec<ProductDraft>> {
        only(TenantKind::City, actor)?;
        let permit = self
            .watch
            .permit(actor, Room::Products, Action::View, actor.tenant)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        Ok(work.product_shelf().waiting_drafts().await?)
    }

    /// One draft that was put before the city.
    pub async fn review(&self, actor: &Actor, id: ProductId) -> UseResult<Reviewed> {
        only(TenantKind::City, actor)?;
        let permit = self
            .watch
            .permit(actor, Room::Products, Action::View, id)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let shelf = work.product_shelf();
        // What its bank still writes is not the city's to read; what was settled stays readable until it is written again.
        let draft = shelf
            .product_draft(id)
            .await?
            .filter(|d| d.status != DraftStatus::Draft);
        let Some(draft) = draft else {
            drop(work);
            return Err(self
                .watch
                .missing(actor, Room::Products, Action::View, id)
                .await);
        };
        let shelved = shelf.shelved(id).await?;
        let branches = shelf.branches_of_bank(draft.bank).await?;
        drop(work);
        Ok(Reviewed {
            draft,
            shelved,
            branches,
            may_check: self.may(actor, Action::Check).await,
        })
    }

    /// 通过发布 or 退回; the bank is told.
    pub async fn settle(&self, actor: &Actor, ask: SettleDraft) -> UseResult<()> {
        only(TenantKind::City, actor)?;
        let object = ask.seen.product;
        let permit = self
            .watch
            .permit(actor, Room::Products, Action::Check, object)
            .await?;
        let outcome = self.decide(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Products, Action::Check, object, outcome)
            .await
    }

    async fn decide(&self, actor: &Actor, permit: &Permit, ask: &SettleDraft) -> UseResult<()> {
        let action = if ask.send_back.is_some() {
            SEND_BACK
        } else {
            PUBLISH
        };
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if ask
            .seen
            .once
            .replayed(&mut *work, action, at)
            .await?
            .is_some()
        {
            return Ok(());
        }
        let id = ask.seen.product;
        let Some(draft) = work.product_shelf().product_draft_for_update(id).await? else {
            // The city may write only what waits: what another one has settled is still there to be read.
            return Err(match work.product_shelf().product_draft(id).await? {
                Some(_) => UseError::conflict("products.not_in_review"),
                None => UseError::not_found(),
            });
        };
        if draft.status != DraftStatus::InReview {
            return Err(UseError::conflict("products.not_in_review"));
        }
        let mut draft = unmoved(draft, ask.seen.revision)?;
        draft.reviewed_by = Some(actor.user);
        draft.reviewed_name.clone_from(&actor.name);
        draft.reviewed_at = Some(at);
        let mut version = 0;
        if let Some(note) = &ask.send_back {
            let mut checks = Checks::default();
            let note = checks.take("review_note", FreeText::<500>::parse(note));
            let Some(note) = note else {
                return Err(checks.into_error());
            };
            draft.status = DraftStatus::Returned;
            note.as_str().clone_into(&mut draft.review_note);
        } else {
            let branches = work.product_shelf().branches_of_bank(draft.bank).await?;
            let mut product = draft.form.product(id, draft.bank, &self.lists, &branches)?;
            let before = work.product_shelf().shelved(id).await?;
            carry_over(&mut product, before.as_ref(), at);
            version = product.version;
            work.product_shelf()
                .publish(&product, at)
                .await
                .map_err(taken)?;
            draft.status = DraftStatus::Published;
        }
        work.product_shelf().settle_product_draft(&draft).await?;
        let notice = self.watch.clock.new_id();
        notices::announce(&mut *work, notice, notices::SETTLED, &draft, at).await?;
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), action, id, at)
            .detail(json!({ "revision": draft.revision, "version": version }));
        work.audit().write(entry).await?;
        ask.seen.once.done(&mut *work, action, json!({})).await?;
        Ok(work.commit().await?)
    }
}

/// What a new version takes from the one before: its number, its first day, and its place on 首页, which is the city's to give.
fn carry_over(product: &mut Product, before: Option<&Shelved>, at: time::OffsetDateTime) {
    product.version = before.map_or(1, |s| s.product.version + 1);
    product.featured = before.is_some_and(|s| s.product.featured);
    product.published_at = before
        .filter(|s| s.status == ProductStatus::Published)
        .and_then(|s| s.product.published_at)
        .or(Some(at));
}

/// Another product of the bank took the name since.
fn taken(error: StoreError) -> UseError {
    match error {
        StoreError::Conflict(name) if name == "products_tenant_id_name_key" => {
            UseError::conflict("products.name_taken")
        }
        other => other.into(),
    }
}

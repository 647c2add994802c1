//! 保存草稿, 提交发布, 撤回提交, 下架: by the bank's administrators.

use domain::{ids::ProductId, product::ProductStatus, values::FreeText};
use serde_json::json;

use super::{ProductForm, Products, notices, own, unmoved, writable};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, UseError, UseResult},
    once::Once,
    ports::{
        audit::AuditEntry,
        product_shelf::{DraftStatus, ProductDraft},
        store::UnitOfWork,
    },
    two_people::Withdrawal,
};

/// A draft, and the revision that the page showed.
#[derive(Clone, Debug)]
pub struct SeenDraft {
    pub product: ProductId,
    pub revision: i32,
    pub once: Once,
}

/// 保存草稿; without a product it is a new one.
#[derive(Clone, Debug)]
pub struct SaveDraft {
    pub product: Option<ProductId>,
    pub revision: i32,
    pub form: ProductForm,
    pub once: Once,
}

/// 下架 with its reason.
#[derive(Clone, Debug)]
pub struct TakeOff {
    pub product: ProductId,
    pub reason: String,
    pub once: Once,
}

const SAVE: &str = "product.save";
const SUBMIT: &str = "product.submit";
const TAKE_BACK: &str = "product.take_back";
const TAKE_OFF: &str = "product.take_off";

impl Products {
    /// Keeps what was typed, complete or not; answers the product's id.
    pub async fn save(&self, actor: &Actor, ask: SaveDraft) -> UseResult<ProductId> {
        let object = ask
            .product
            .map_or_else(|| "new".to_owned(), |p| p.to_string());
        let permit = self
            .watch
            .permit(actor, Room::Products, Action::Save, &object)
            .await?;
        let outcome = self.write(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Products, Action::Save, object, outcome)
            .await
    }

    async fn write(&self, actor: &Actor, permit: &Permit, ask: &SaveDraft) -> UseResult<ProductId> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if let Some(answer) = ask.once.replayed(&mut *work, SAVE, at).await? {
            let id = answer["product"].as_str().and_then(|t| t.parse().ok());
            return id.map(ProductId).ok_or_else(UseError::not_found);
        }
        let (id, revision) = self.base(actor, &mut *work, ask).await?;
        let branches = work.product_shelf().own_branches().await?;
        ask.form.check_draft(&self.lists, &branches)?;
        let name = ask.form.product_name.trim();
        if work.product_shelf().name_taken(id, name).await? {
            return Err(UseError::field("product_name", "product.name_taken"));
        }
        let draft = ProductDraft {
            product: id,
            bank: actor.tenant,
            bank_name: actor.tenant_name.clone(),
            revision: revision + 1,
            status: DraftStatus::Draft,
            form: ProductForm {
                product_name: name.to_owned(),
                ..ask.form.clone()
            },
            saved_by: actor.user,
            saved_name: actor.name.clone(),
            saved_at: at,
            submitted_at: None,
            review_note: String::new(),
            reviewed_by: None,
            reviewed_name: String::new(),
            reviewed_at: None,
        };
        work.product_shelf().save_product_draft(&draft).await?;
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), SAVE, id, at)
            .detail(json!({ "revision": draft.revision }));
        work.audit().write(entry).await?;
        ask.once
            .done(&mut *work, SAVE, json!({ "product": id.0 }))
            .await?;
        work.commit().await?;
        Ok(id)
    }

    /// Which product is written, over which revision.
    async fn base(
        &self,
        actor: &Actor,
        work: &mut dyn UnitOfWork,
        ask: &SaveDraft,
    ) -> UseResult<(ProductId, i32)> {
        let Some(id) = ask.product else {
            return Ok((ProductId(self.watch.clock.new_id()), 0));
        };
        let found = work.product_shelf().product_draft_for_update(id).await?;
        if let Some(draft) = own(found, actor) {
            writable(&draft)?;
            let draft = unmoved(draft, ask.revision)?;
            return Ok((id, draft.revision));
        }
        let shelved = work.product_shelf().shelved(id).await?;
        shelved
            .filter(|s| s.product.institution == actor.tenant)
            .ok_or_else(UseError::not_found)?;
        Ok((id, 0))
    }

    /// Every field that is missing or wrong before 提交发布, without doing it: for the confirm page.
    pub async fn check_submission(&self, actor: &Actor, id: ProductId) -> UseResult<ProductDraft> {
        self.watch
            .permit(actor, Room::Products, Action::Submit, id)
            .await?;
        let room = self.look(actor, id).await?;
        let draft = room
            .draft
            .filter(ProductDraft::is_open)
            .ok_or_else(|| UseError::conflict("products.no_draft"))?;
        writable(&draft)?;
        draft
            .form
            .product(id, draft.bank, &self.lists, &room.branches)?;
        Ok(draft)
    }

    /// 提交发布: complete, price and all; the city is told.
    pub async fn submit(&self, actor: &Actor, ask: SeenDraft) -> UseResult<()> {
        let permit = self
            .watch
            .permit(actor, Room::Products, Action::Submit, ask.product)
            .await?;
        let outcome = self.hand_in(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Products, Action::Submit, ask.product, outcome)
            .await
    }

    async fn hand_in(&self, actor: &Actor, permit: &Permit, ask: &SeenDraft) -> UseResult<()> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, SUBMIT, at).await?.is_some() {
            return Ok(());
        }
        let found = work
            .product_shelf()
            .product_draft_for_update(ask.product)
            .await?;
        let draft = own(found, actor).ok_or_else(UseError::not_found)?;
        writable(&draft)?;
        let mut draft = unmoved(draft, ask.revision)?;
        if !draft.is_open() {
            return Err(UseError::conflict("products.no_draft"));
        }
        let branches = work.product_shelf().own_branches().await?;
        draft
            .form
            .product(draft.product, draft.bank, &self.lists, &branches)?;
        draft.status = DraftStatus::InReview;
        draft.submitted_at = Some(at);
        draft.review_note = String::new();
        work.product_shelf().save_product_draft(&draft).await?;
        let notice = self.watch.clock.new_id();
        notices::announce(&mut *work, notice, notices::SUBMITTED, &draft, at).await?;
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), SUBMIT, ask.product, at)
            .detail(json!({ "revision": draft.revision }));
        work.audit().write(entry).await?;
        ask.once.done(&mut *work, SUBMIT, json!({})).await?;
        Ok(work.commit().await?)
    }

    /// 撤回提交: what waits for the city is the bank's draft again, as it was written; what is shown goes on.
    pub async fn take_back(&self, actor: &Actor, revision: i32, ask: Withdrawal) -> UseResult<()> {
        let id = ProductId(ask.asked);
        let permit = self
            .watch
            .permit(actor, Room::Products, Action::Submit, id)
            .await?;
        let outcome = self.back(actor, &permit, revision, &ask).await;
        self.watch
            .refused(actor, Room::Products, Action::Submit, id, outcome)
            .await
    }

    async fn back(
        &self,
        actor: &Actor,
        permit: &Permit,
        revision: i32,
        ask: &Withdrawal,
    ) -> UseResult<()> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if ask
            .once
            .replayed(&mut *work, TAKE_BACK, at)
            .await?
            .is_some()
        {
            return Ok(());
        }
        let id = ProductId(ask.asked);
        let found = work.product_shelf().product_draft_for_update(id).await?;
        let draft = own(found, actor).ok_or_else(UseError::not_found)?;
        if draft.status != DraftStatus::InReview {
            return Err(UseError::conflict("products.nothing_to_take_back"));
        }
        let mut draft = unmoved(draft, revision)?;
        let reason = ask.reason()?;
        draft.status = DraftStatus::Draft;
        draft.submitted_at = None;
        // Whoever at the city still has it open has an older one open.
        draft.revision += 1;
        work.product_shelf().save_product_draft(&draft).await?;
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), TAKE_BACK, id, at)
            .detail(json!({ "revision": draft.revision, "reason": reason }));
        work.audit().write(entry).await?;
        ask.once.done(&mut *work, TAKE_BACK, json!({})).await?;
        Ok(work.commit().await?)
    }

    /// 下架 at once, with a reason; what was applied for goes on.
    pub async fn take_off(&self, actor: &Actor, ask: TakeOff) -> UseResult<()> {
        let permit = self
            .watch
            .permit(actor, Room::Products, Action::Submit, ask.product)
            .await?;
        let outcome = self.off(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Products, Action::Submit, ask.product, outcome)
            .await
    }

    async fn off(&self, actor: &Actor, permit: &Permit, ask: &TakeOff) -> UseResult<()> {
        let mut checks = Checks::default();
        let reason = checks.take("off_reason", FreeText::<500>::parse(&ask.reason));
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, TAKE_OFF, at).await?.is_some() {
            return Ok(());
        }
        let shelved = work
            .product_shelf()
            .shelved(ask.product)
            .await?
            .filter(|s| s.product.institution == actor.tenant)
            .ok_or_else(UseError::not_found)?;
        let Some(reason) = reason else {
            return Err(checks.into_error());
        };
        let taken = shelved.status == ProductStatus::Published
            && work
                .product_shelf()
                .take_off(ask.product, reason.as_str(), at)
                .await?;
        if !taken {
            return Err(UseError::conflict("products.not_on_shelf"));
        }
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), TAKE_OFF, ask.product, at)
            .detail(json!({ "version": shelved.product.version }));
        work.audit().write(entry).await?;
        ask.once.done(&mut *work, TAKE_OFF, json!({})).await?;
        Ok(work.commit().await?)
    }
}

//! The bank's list, one product of it, and what the public page would show.

use domain::{ids::ProductId, tenant::TenantKind};

use super::{ProductForm, Products, only, own};
use crate::{
    access::{Action, Actor, Room},
    error::{UseError, UseResult},
    ports::{
        catalogue::Product,
        product_shelf::{
            DraftStatus, OwnBranch, ProductDraft, PublishedVersion, ShelfRow, Shelved,
        },
    },
};

/// 产品管理 as its page shows it.
#[derive(Clone, Debug)]
pub struct Shelf {
    pub rows: Vec<ShelfRow>,
    pub may_save: bool,
}

/// One product of the bank: what stands on the shelf, and what is written beside it.
#[derive(Clone, Debug)]
pub struct ProductRoom {
    pub id: ProductId,
    pub shelved: Option<Shelved>,
    pub draft: Option<ProductDraft>,
    pub versions: Vec<PublishedVersion>,
    pub branches: Vec<OwnBranch>,
    pub may_save: bool,
    pub may_submit: bool,
}

impl ProductRoom {
    pub fn name(&self) -> String {
        let draft = self.draft.as_ref().map(|d| d.form.product_name.clone());
        let shelved = self.shelved.as_ref().map(|s| s.product.name.clone());
        shelved.or(draft).unwrap_or_default()
    }

    /// What a form of it starts with: the open draft, else the published version.
    pub fn form(&self) -> ProductForm {
        let draft = self.draft.as_ref().filter(|d| d.is_open());
        let shelved = || self.shelved.as_ref().map(|s| ProductForm::of(&s.product));
        draft
            .map(|d| d.form.clone())
            .or_else(shelved)
            .unwrap_or_default()
    }

    /// The revision that the next save goes over; 0: there is no draft yet.
    pub fn revision(&self) -> i32 {
        self.draft.as_ref().map_or(0, |d| d.revision)
    }

    pub fn is_in_review(&self) -> bool {
        self.draft
            .as_ref()
            .is_some_and(|d| d.status == DraftStatus::InReview)
    }
}

impl Products {
    /// The bank's own list.
    pub async fn shelf(&self, actor: &Actor) -> UseResult<Shelf> {
        only(TenantKind::Bank, actor)?;
        let permit = self
            .watch
            .permit(actor, Room::Products, Action::View, actor.tenant)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let rows = work.product_shelf().shelf().await?;
        Ok(Shelf {
            rows,
            may_save: self.may(actor, Action::Save).await,
        })
    }

    pub(super) async fn may(&self, actor: &Actor, action: Action) -> bool {
        self.watch.guard.may(actor, Room::Products, action).await
    }

    /// What an empty form offers: the branches of the own bank.
    pub async fn new_form(&self, actor: &Actor) -> UseResult<Vec<OwnBranch>> {
        only(TenantKind::Bank, actor)?;
        let permit = self
            .watch
            .permit(actor, Room::Products, Action::Save, actor.tenant)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        Ok(work.product_shelf().own_branches().await?)
    }

    /// One product of the own bank.
    pub async fn look(&self, actor: &Actor, id: ProductId) -> UseResult<ProductRoom> {
        only(TenantKind::Bank, actor)?;
        let permit = self
            .watch
            .permit(actor, Room::Products, Action::View, id)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let shelf = work.product_shelf();
        let shelved = shelf
            .shelved(id)
            .await?
            .filter(|s| s.product.institution == actor.tenant);
        let draft = own(shelf.product_draft(id).await?, actor);
        if shelved.is_none() && draft.is_none() {
            drop(work);
            return Err(self
                .watch
                .missing(actor, Room::Products, Action::View, id)
                .await);
        }
        let versions = shelf.product_versions(id).await?;
        let branches = shelf.own_branches().await?;
        drop(work);
        Ok(ProductRoom {
            id,
            shelved,
            draft,
            versions,
            branches,
            may_save: self.may(actor, Action::Save).await,
            may_submit: self.may(actor, Action::Submit).await,
        })
    }

    /// The product as the public page would show it: the open draft, which must be complete, else the published version.
    pub async fn preview(&self, actor: &Actor, id: ProductId) -> UseResult<Product> {
        let room = self.look(actor, id).await?;
        match (room.draft.filter(ProductDraft::is_open), room.shelved) {
            (Some(draft), _) => draft
                .form
                .product(id, draft.bank, &self.lists, &room.branches),
            (None, Some(shelved)) => Ok(shelved.product),
            (None, None) => Err(UseError::not_found()),
        }
    }
}

//! Attachments 附件 for everybody who may read the article.

use std::sync::Arc;

use domain::ids::TenantId;
use uuid::Uuid;

use crate::{
    access::Guard,
    error::{UseError, UseResult},
    ports::{
        attachments::Attachment,
        content::picture_place,
        files::{FileKey, FileVault},
        sealing::{Place, Sealer},
        store::Store,
    },
};

/// 附件.
#[derive(Clone)]
pub struct Handouts {
    pub guard: Guard,
    pub store: Arc<dyn Store>,
    pub vault: Arc<dyn FileVault>,
    pub sealer: Arc<dyn Sealer>,
}

/// Where the object of an attachment is sealed.
pub fn place(city: TenantId, id: Uuid) -> Place {
    Place {
        tenant: city.0,
        table: "article_attachments",
        row: id,
        column: "object",
    }
}

impl Handouts {
    /// What an article offers, in its order.
    pub async fn of(&self, city: TenantId, article: Uuid) -> UseResult<Vec<Attachment>> {
        let permit = self.guard.visitor(city).await?;
        let mut work = self.store.begin(&permit).await?;
        Ok(work.attachments().attachments_of(article).await?)
    }

    /// The picture of a banner.
    pub async fn picture(&self, city: TenantId, id: Uuid) -> UseResult<Vec<u8>> {
        let permit = self.guard.visitor(city).await?;
        let mut work = self.store.begin(&permit).await?;
        let found = work.content().picture(id).await?;
        let found = found.ok_or_else(UseError::not_found)?;
        drop(work);
        let key = FileKey::parse(&found.object_key)
            .ok_or_else(|| UseError::bug("a picture holds no key"))?;
        let sealed = self.vault.get(city.0, &key).await?;
        let sealed = sealed.ok_or_else(UseError::not_found)?;
        self.sealer.ready(city.0).await?;
        Ok(self.sealer.open(&picture_place(city, id), &sealed)?)
    }

    /// One of them with its bytes.
    pub async fn open(
        &self,
        city: TenantId,
        article: Uuid,
        id: Uuid,
    ) -> UseResult<(Attachment, Vec<u8>)> {
        let permit = self.guard.visitor(city).await?;
        let mut work = self.store.begin(&permit).await?;
        let found = work.attachments().attachment(article, id).await?;
        let found = found.ok_or_else(UseError::not_found)?;
        drop(work);
        let key = FileKey::parse(&found.object_key)
            .ok_or_else(|| UseError::bug("an attachment holds no key"))?;
        let sealed = self.vault.get(city.0, &key).await?;
        let sealed = sealed.ok_or_else(UseError::not_found)?;
        self.sealer.ready(city.0).await?;
        let bytes = self.sealer.open(&place(city, id), &sealed)?;
        Ok((found, bytes))
    }
}

//! Attachments 附件 for everybody who may read the article.

use std::sync::Arc;

use domain::ids::TenantId;
use uuid::Uuid;

use crate::{
    access::Guard,
    error::{UseError, UseResult},
    memory::{Loaded, PUBLIC_FILES, bytes_of},
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

    /// The picture of a banner, for whoever comes from a network.
    pub async fn picture(&self, city: TenantId, id: Uuid, network: &str) -> UseResult<Loaded> {
        let permit = self.guard.visitor(city).await?;
        let mut work = self.store.begin(&permit).await?;
        let found = work.content().picture(id).await?;
        let found = found.ok_or_else(UseError::not_found)?;
        drop(work);
        let at = picture_place(city, id);
        let read = self.read(&found.object_key, &at);
        let size = bytes_of(found.byte_size);
        PUBLIC_FILES.load(network, size, read).await
    }

    async fn read(&self, object_key: &str, place: &Place) -> UseResult<Vec<u8>> {
        let key = FileKey::parse(object_key)
            .ok_or_else(|| UseError::bug("a file of the city holds no key"))?;
        let sealed = self.vault.get(place.tenant, &key).await?;
        let sealed = sealed.ok_or_else(UseError::not_found)?;
        self.sealer.ready(place.tenant).await?;
        Ok(self.sealer.open(place, &sealed)?)
    }

    /// One of them with its bytes.
    pub async fn open(
        &self,
        city: TenantId,
        article: Uuid,
        id: Uuid,
        network: &str,
    ) -> UseResult<(Attachment, Loaded)> {
        let permit = self.guard.visitor(city).await?;
        let mut work = self.store.begin(&permit).await?;
        let found = work.attachments().attachment(article, id).await?;
        let found = found.ok_or_else(UseError::not_found)?;
        drop(work);
        let at = place(city, id);
        let read = self.read(&found.object_key, &at);
        let size = bytes_of(found.byte_size);
        let bytes = PUBLIC_FILES.load(network, size, read).await?;
        Ok((found, bytes))
    }
}

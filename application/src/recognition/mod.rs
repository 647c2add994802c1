//! Recognition 证照识别: an uploaded photo proposes what to write into 完善信息 (M-604, M-605). Nothing is stored; the person
//! looks at every field and saves.

mod read;
mod visitor;

use std::sync::Arc;

use domain::ids::TenantId;

use crate::{
    access::{Actor, Guard},
    error::UseResult,
    files::Files,
    ports::{
        clock::Clock,
        limits::Limits,
        plugs::{PlugError, Plugs},
        recognition::{Recognizer, Sureness},
        store::Store,
        tokens::Tokens,
    },
};

/// Photos that a person may have read in an hour.
pub const READINGS_PER_HOUR: u32 = 30;

/// 证照识别.
#[derive(Clone)]
pub struct Recognition {
    pub guard: Guard,
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub limits: Arc<dyn Limits>,
    pub tokens: Arc<dyn Tokens>,
    pub files: Files,
    pub recognizers: Arc<dyn Plugs<dyn Recognizer>>,
}

/// What a photo says for one field of the form, named as the form names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    pub field: &'static str,
    pub value: String,
    pub sureness: Sureness,
}

/// Who reads the photos of a city.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// A third party that gets the photo, by name; nobody when it stays with the platform. A photo goes to a third party only
    /// when the person asks for it.
    pub third_party: Option<String>,
}

impl Recognition {
    /// Nobody, where the city names no reader.
    pub async fn reader(&self, actor: &Actor) -> UseResult<Option<Reader>> {
        self.reader_of(actor.city).await
    }

    /// The same for whoever has not signed in yet.
    pub async fn reader_of(&self, city: TenantId) -> UseResult<Option<Reader>> {
        let recognizer = self.recognizer(city).await?;
        Ok(recognizer.map(|one| Reader {
            third_party: one.provider_name().map(str::to_owned),
        }))
    }

    async fn recognizer(&self, city: TenantId) -> UseResult<Option<Arc<dyn Recognizer>>> {
        match self.recognizers.of(city).await {
            Ok(recognizer) => Ok(Some(recognizer)),
            Err(PlugError::NoSection { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

//! Read for a visitor (M-604): the licence that fills the registration form. Nothing of the photo is kept.

use domain::enterprise::ProfileFile;
use time::Duration;

use super::{Proposal, Recognition, read::proposals};
use crate::{
    account::{Caller, hex},
    error::{Kind, UseError, UseResult},
    files::upload_error,
    ports::limits::{Limit, LimitAsk},
};

/// Nobody is signed in yet: by device and by address.
const PER_DEVICE: Limit = Limit::new(10, Duration::hours(1));
const PER_ADDRESS: Limit = Limit::new(60, Duration::hours(1));

impl Recognition {
    /// Reads a licence for somebody who is about to register; they asked for it by taking the photo.
    pub async fn read_for_visitor(
        &self,
        caller: &Caller,
        photo: Vec<u8>,
    ) -> UseResult<Vec<Proposal>> {
        let city = caller.city.id;
        let recognizer = self.recognizer(city).await?;
        let recognizer = recognizer.ok_or_else(UseError::not_found)?;
        let device = hex(&self.tokens.fingerprint(&caller.binding));
        let limits = [
            LimitAsk::new(format!("recognition:d:{city}:{device}"), [PER_DEVICE]),
            LimitAsk::new(
                format!("recognition:ip:{}", caller.origin.network()),
                [PER_ADDRESS],
            ),
        ];
        if let Some(over) = self.limits.take(&limits, self.clock.now()).await? {
            let minutes = over.retry_after.div_ceil(60).max(1);
            let error = UseError::too_many("recognition.visitor_too_often", over.retry_after);
            return Err(error.with("minutes", minutes));
        }
        let document = ProfileFile::Licence;
        let picture = self.files.studio.accept(photo).await;
        let picture = picture.map_err(|error| upload_error(document.code(), error))?;
        let read = self.ask(recognizer, document, picture.jpeg).await;
        Ok(proposals(read.map_err(unkept)?))
    }
}

/// A photo that nobody keeps is told about as `photo`, and never as one that was uploaded.
fn unkept(error: UseError) -> UseError {
    match error.kind {
        Kind::Invalid => {
            let code = error.fields.first().map_or(error.code, |field| field.code);
            UseError::field("photo", code)
        }
        Kind::Unavailable if error.code == "recognition.busy" => UseError {
            code: "recognition.visitor_busy",
            ..error
        },
        Kind::Unavailable => UseError {
            code: "recognition.visitor_unavailable",
            ..error
        },
        _ => error,
    }
}

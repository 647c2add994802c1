//! Read 识别: the photo that is kept, not one from the request; so what is read is what the bank will see.

use std::sync::Arc;

use domain::{
    enterprise::ProfileFile,
    values::{Cents, PersonName},
};
use time::Duration;

use super::{Proposal, READINGS_PER_HOUR, Recognition};
use crate::{
    access::{Action, Actor, Room},
    error::{UseError, UseResult},
    memory::Loaded,
    ports::{
        limits::{Limit, LimitAsk},
        recognition::{IdFrontRead, LicenceRead, Read, Recognised, RecognitionError, Recognizer},
    },
};

impl Recognition {
    /// Reads one photo of 完善信息; what the page has no field for is left out. A stored 身份证号 is not proposed again.
    pub async fn read(&self, actor: &Actor, document: ProfileFile) -> UseResult<Vec<Proposal>> {
        let permit = self
            .guard
            .permit(actor, Room::Profile, Action::Save)
            .await?;
        let enterprise = actor.enterprise.ok_or_else(UseError::not_found)?;
        let recognizer = self.recognizer(actor.city).await?;
        let recognizer = recognizer.ok_or_else(UseError::not_found)?;
        self.count(actor).await?;
        let mut work = self.store.begin(&permit).await?;
        let facts = work
            .enterprises()
            .facts(enterprise)
            .await?
            .ok_or_else(UseError::not_found)?;
        let files = work.enterprise_files().current_files(enterprise).await?;
        drop(work);
        let code = document.code();
        let file = files
            .iter()
            .rev()
            .find(|file| file.kind == code)
            .ok_or_else(|| UseError::field(code, "recognition.no_photo"))?;
        if file.media_type != "image/jpeg" {
            return Err(UseError::field(code, "recognition.pdf"));
        }
        self.files.ready(actor.city).await?;
        let Loaded { bytes, held } = self.files.read(actor, file).await?;
        let read = self.ask(recognizer, document, bytes).await;
        drop(held);
        let read = read?;
        let mut proposals = proposals(read);
        if facts.legal_id_sealed.is_some() {
            proposals.retain(|p| p.field != "legal_id");
        }
        Ok(proposals)
    }

    pub(super) async fn ask(
        &self,
        recognizer: Arc<dyn Recognizer>,
        document: ProfileFile,
        jpeg: Vec<u8>,
    ) -> UseResult<Recognised> {
        let kind = recognizer.kind();
        recognizer
            .recognise(document, jpeg)
            .await
            .map_err(|error| told(kind, document, error))
    }

    async fn count(&self, actor: &Actor) -> UseResult<()> {
        let ask = LimitAsk::new(
            format!("recognition:{}:{}", actor.city, actor.user),
            [Limit::new(READINGS_PER_HOUR, Duration::hours(1))],
        );
        match self.limits.take(&[ask], self.clock.now()).await? {
            Some(over) => Err(
                UseError::too_many("recognition.too_often", over.retry_after)
                    .with("minutes", over.retry_after.div_ceil(60).max(1)),
            ),
            None => Ok(()),
        }
    }
}

/// A photo that cannot be read is the person's to replace; everything else is ours, and is logged without what was on it.
fn told(kind: &'static str, document: ProfileFile, error: RecognitionError) -> UseError {
    use RecognitionError as E;
    let code = error.code();
    match error {
        E::Unreadable | E::OtherDocument => UseError::field(document.code(), code),
        E::Busy => UseError {
            code,
            ..UseError::unavailable(error)
        },
        E::Unclear(_) | E::NotReady(_) | E::Unreachable(_) => {
            tracing::warn!(kind, document = document.code(), %error, "a photo was not read");
            UseError {
                code,
                ..UseError::unavailable(error)
            }
        }
    }
}

pub(super) fn proposals(read: Recognised) -> Vec<Proposal> {
    match read {
        Recognised::Licence(read) => of_licence(*read),
        Recognised::IdFront(read) => of_card(*read),
        Recognised::IdBack(_) => Vec::new(),
    }
}

fn of_licence(read: LicenceRead) -> Vec<Proposal> {
    let name = |name: PersonName| name.as_str().to_owned();
    [
        proposal("name", read.name, |n| n.as_str().to_owned()),
        proposal("unified_social_credit_code", read.credit_code, |c| {
            c.as_str().to_owned()
        }),
        proposal("registered_capital", read.registered_capital, |c| {
            Cents::format_wan_short(c)
        }),
        proposal("legal_representative", read.legal_representative, name),
        proposal("address", read.address, |a| a.as_str().to_owned()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn of_card(read: IdFrontRead) -> Vec<Proposal> {
    [
        proposal("legal_representative", read.name, |n| n.as_str().to_owned()),
        proposal("legal_id", read.number, |n| n.as_str().to_owned()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn proposal<T>(
    field: &'static str,
    read: Option<Read<T>>,
    write: impl FnOnce(T) -> String,
) -> Option<Proposal> {
    let read = read?.map(write);
    Some(Proposal {
        field,
        value: read.value,
        sureness: read.sureness,
    })
}

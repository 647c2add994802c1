//! What every provider outside shares: faults in our words, a picture of their size, and who reads when one cannot.

use std::{sync::Arc, time::Duration};

use application::ports::{
    clock::Clock,
    recognition::{Recognised, RecognitionError, Recognizer},
};
use async_trait::async_trait;
use domain::{calendar::SHANGHAI, enterprise::ProfileFile};
use outbound::{Fault, Line, NotReached, Secret};
use secrecy::SecretString;
use time::Date;
use tokio::{
    sync::Semaphore,
    task::spawn_blocking,
    time::{Instant, timeout_at},
};

use crate::texts::Text;

/// How sure a field is that a provider read from a picture it warns of.
const WARNED: u8 = 70;

/// An answer that is whole: a call that was fine, or why this very picture gives nothing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reply<T> {
    Good(T),
    Picture(RecognitionError),
}

impl<T> Reply<T> {
    pub(crate) fn good(self) -> Result<T, RecognitionError> {
        match self {
            Self::Good(good) => Ok(good),
            Self::Picture(error) => Err(error),
        }
    }
}

pub(crate) fn error(fault: Fault) -> RecognitionError {
    match fault {
        Fault::Refused { code, .. } => RecognitionError::NotReady(code),
        Fault::Throttled { .. } | Fault::Unreachable(NotReached::Busy) => RecognitionError::Busy,
        Fault::Unreachable(NotReached::Secret) => RecognitionError::NotReady("secret".to_owned()),
        Fault::Unreachable(why) => RecognitionError::Unreachable(why.to_string()),
        Fault::Unclear { what } => RecognitionError::Unclear(what),
    }
}

pub(crate) fn secret(line: &Line, secret: &Secret) -> Result<SecretString, Fault> {
    secret
        .read()
        .map_err(|_| line.note(Fault::Unreachable(NotReached::Secret)))
}

pub(crate) fn today(clock: &dyn Clock) -> Date {
    clock.now().to_offset(SHANGHAI).date()
}

/// A printed text of a provider that tells no confidence; empty is none, and one from a picture it warns of is doubtful.
pub(crate) fn text(printed: Option<&str>, warned: bool) -> Option<Text> {
    let text = Text::plain(printed?)?;
    Some(if warned {
        Text::new(text.text, WARNED)
    } else {
        text
    })
}

/// Pictures that are made smaller at the same time.
static PLACES: Semaphore = Semaphore::const_new(2);

/// The picture, made smaller only where it is larger than a provider takes, on a blocking thread.
pub(crate) async fn fitted(jpeg: Vec<u8>, most: usize) -> Result<Vec<u8>, RecognitionError> {
    if jpeg.len() <= most {
        return Ok(jpeg);
    }
    // Kept until the work ends, even when nobody waits for it any more.
    let place = PLACES.acquire().await.map_err(|_| RecognitionError::Busy)?;
    let done = spawn_blocking(move || {
        let _place = place;
        pixels::smaller(&jpeg, most)
    });
    let smaller = done.await.unwrap_or(Err(pixels::Unreadable));
    smaller.map_err(|pixels::Unreadable| RecognitionError::Unreadable)
}

/// What readers have together; the second gets what the first left of it.
const PATIENCE: Duration = Duration::from_secs(11);

/// Readers in the city's order 识别顺序: the next one reads where the one before could not, not where the picture is at fault.
pub struct InTurn {
    first: Arc<dyn Recognizer>,
    then: Arc<dyn Recognizer>,
    /// Everybody outside who may see the picture.
    names: Option<String>,
}

impl InTurn {
    pub fn new(first: Arc<dyn Recognizer>, then: Arc<dyn Recognizer>) -> Self {
        let names: Vec<&str> = [first.provider_name(), then.provider_name()]
            .into_iter()
            .flatten()
            .collect();
        Self {
            names: (!names.is_empty()).then(|| names.join("、")),
            first,
            then,
        }
    }
}

#[async_trait]
impl Recognizer for InTurn {
    fn kind(&self) -> &'static str {
        self.first.kind()
    }

    fn provider_name(&self) -> Option<&str> {
        self.names.as_deref()
    }

    fn is_demo(&self) -> bool {
        self.first.is_demo() || self.then.is_demo()
    }

    async fn recognise(
        &self,
        document: ProfileFile,
        jpeg: Vec<u8>,
    ) -> Result<Recognised, RecognitionError> {
        let until = Instant::now() + PATIENCE;
        match self.first.recognise(document, jpeg.clone()).await {
            Err(
                error @ (RecognitionError::Unclear(_)
                | RecognitionError::Busy
                | RecognitionError::NotReady(_)
                | RecognitionError::Unreachable(_)),
            ) => {
                tracing::warn!(kind = self.first.kind(), %error, "the next reader takes over");
                let rest = timeout_at(until, self.then.recognise(document, jpeg));
                rest.await
                    .unwrap_or_else(|late| Err(RecognitionError::Unreachable(late.to_string())))
            }
            outcome => outcome,
        }
    }

    /// Both have to be ready: one that is only found broken when it is needed is no fallback.
    async fn self_check(&self) -> Result<(), RecognitionError> {
        self.first.self_check().await?;
        self.then.self_check().await
    }
}

#[cfg(test)]
mod tests {
    use application::ports::recognition::LicenceRead;

    use super::*;

    struct Always(Result<(), RecognitionError>, &'static str);

    #[async_trait]
    impl Recognizer for Always {
        fn kind(&self) -> &'static str {
            self.1
        }

        fn provider_name(&self) -> Option<&str> {
            (!self.1.is_empty()).then_some(self.1)
        }

        async fn recognise(
            &self,
            _: ProfileFile,
            _: Vec<u8>,
        ) -> Result<Recognised, RecognitionError> {
            self.0
                .clone()
                .map(|()| Recognised::Licence(Box::<LicenceRead>::default()))
        }

        async fn self_check(&self) -> Result<(), RecognitionError> {
            self.0.clone()
        }
    }

    async fn read(first: RecognitionError) -> Result<Recognised, RecognitionError> {
        InTurn::new(
            Arc::new(Always(Err(first), "腾讯云")),
            Arc::new(Always(Ok(()), "")),
        )
        .recognise(ProfileFile::Licence, Vec::new())
        .await
    }

    /// Finds nobody after a while.
    struct Slow(Duration);

    #[async_trait]
    impl Recognizer for Slow {
        fn kind(&self) -> &'static str {
            "slow"
        }

        fn provider_name(&self) -> Option<&str> {
            None
        }

        async fn recognise(
            &self,
            _: ProfileFile,
            _: Vec<u8>,
        ) -> Result<Recognised, RecognitionError> {
            tokio::time::sleep(self.0).await;
            Err(RecognitionError::Unreachable("slow".to_owned()))
        }

        async fn self_check(&self) -> Result<(), RecognitionError> {
            Ok(())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_second_has_only_the_time_that_the_first_left() {
        let slow = || Arc::new(Slow(Duration::from_secs(8)));
        let begun = Instant::now();
        let read = InTurn::new(slow(), slow())
            .recognise(ProfileFile::Licence, Vec::new())
            .await;
        assert!(matches!(read, Err(RecognitionError::Unreachable(_))));
        assert_eq!(begun.elapsed().as_secs(), PATIENCE.as_secs());
    }

    #[tokio::test]
    async fn the_next_reads_only_what_the_first_could_not_reach() {
        let text = || "x".to_owned();
        for error in [
            RecognitionError::Unclear(text()),
            RecognitionError::Busy,
            RecognitionError::NotReady(text()),
            RecognitionError::Unreachable(text()),
        ] {
            assert!(read(error).await.is_ok());
        }
        for error in [
            RecognitionError::Unreadable,
            RecognitionError::OtherDocument,
        ] {
            assert_eq!(read(error.clone()).await, Err(error));
        }
    }

    #[test]
    fn everybody_outside_who_may_see_the_picture_is_named() {
        let outside = |name| Arc::new(Always(Ok(()), name)) as Arc<dyn Recognizer>;
        let both = InTurn::new(outside("腾讯云"), outside("阿里云"));
        assert_eq!(both.provider_name(), Some("腾讯云、阿里云"));
        assert_eq!(
            InTurn::new(outside("腾讯云"), outside("")).provider_name(),
            Some("腾讯云")
        );
        assert_eq!(InTurn::new(outside(""), outside("")).provider_name(), None);
    }
}

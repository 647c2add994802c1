//! Spawned 独立执行: a use case that writes runs on, even when the browser that asked for it is gone (S-08).

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

use application::{
    error::{UseError, UseResult},
    memory::Held,
};
use tokio::task::JoinError;

/// Runs it apart from the request and waits for it; a panic inside becomes a bug of ours, not a lost connection.
pub async fn spawned<T, F>(work: F) -> UseResult<T>
where
    F: Future<Output = UseResult<T>> + Send + 'static,
    T: Send + 'static,
{
    let answer = Arc::new(Mutex::new(None));
    let place = answer.clone();
    apart(Box::pin(async move {
        let answer = work.await;
        *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
    }))
    .await
    .map_err(UseError::bug)?;
    let answer = answer.lock().unwrap_or_else(PoisonError::into_inner).take();
    answer.unwrap_or_else(|| Err(UseError::bug("a use case ended without an answer")))
}

/// One task for every kind of work: what tokio makes of a task would be made four hundred times otherwise, a fifth of this crate.
async fn apart(work: Pin<Box<dyn Future<Output = ()> + Send>>) -> Result<(), JoinError> {
    tokio::spawn(work).await
}

/// The same for work on posted files: their place in memory is given back when the work has ended, not when the browser is gone.
pub async fn spawned_holding<T, F>(held: Option<Held>, work: F) -> UseResult<T>
where
    F: Future<Output = UseResult<T>> + Send + 'static,
    T: Send + 'static,
{
    let holding = async move {
        let answer = work.await;
        drop(held);
        answer
    };
    spawned(holding).await
}

//! Spawned 独立执行: a use case that writes runs on, even when the browser that asked for it is gone (S-08).

use std::future::Future;

use application::{
    error::{UseError, UseResult},
    memory::Held,
};

/// Runs it apart from the request and waits for it; a panic inside becomes a bug of ours, not a lost connection.
pub async fn spawned<T, F>(work: F) -> UseResult<T>
where
    F: Future<Output = UseResult<T>> + Send + 'static,
    T: Send + 'static,
{
    match tokio::spawn(work).await {
        Ok(answer) => answer,
        Err(error) => Err(UseError::bug(error)),
    }
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

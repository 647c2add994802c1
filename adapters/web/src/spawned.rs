//! Spawned 独立执行: a use case that writes runs on, even when the browser that asked for it is gone (S-08).

use std::future::Future;

use application::error::{UseError, UseResult};

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

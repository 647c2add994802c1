//! Keeps a server running until it is told to stop.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep};

use crate::server::Server;
use crate::site::Site;
use crate::{ClusterError, State};

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// A server that ran this long has earned a quick restart again.
const STEADY: Duration = Duration::from_mins(1);

pub(crate) struct Supervisor {
    pub site: Arc<Site>,
    pub state: watch::Sender<State>,
    /// Resolves when the cluster is stopped or dropped.
    pub stop: oneshot::Receiver<()>,
}

impl Supervisor {
    /// Runs until stopped; the directory's lock is let go when this ends.
    pub async fn run(mut self, mut server: Server) {
        let mut pause = FIRST_PAUSE;
        loop {
            let since = Instant::now();
            self.state.send_replace(State::running(&server));
            tokio::select! {
                _ = &mut self.stop => {
                    server.stop().await;
                    break;
                }
                status = server.ended() => {
                    let status = status.map_or_else(|| "unknown".to_owned(), |s| s.to_string());
                    tracing::error!(%status, "PostgreSQL ended by itself and is started again");
                }
            }
            self.state.send_replace(State::Restarting);
            if since.elapsed() > STEADY {
                pause = FIRST_PAUSE;
            }
            match self.start_again(&mut pause).await {
                Some(again) => server = again,
                None => break,
            }
        }
        self.state.send_replace(State::Stopped);
    }

    /// Tries with growing pauses until it works; none when told to stop meanwhile.
    async fn start_again(&mut self, pause: &mut Duration) -> Option<Server> {
        loop {
            let site = Arc::clone(&self.site);
            let attempt = async {
                sleep(*pause).await;
                clear(Arc::clone(&site)).await?;
                Server::start(&site).await
            };
            tokio::select! {
                _ = &mut self.stop => {
                    // A half-started server may be left by the dropped attempt.
                    if let Err(error) = clear(site).await {
                        tracing::error!(%error, "PostgreSQL could not be stopped");
                    }
                    return None;
                }
                outcome = attempt => match outcome {
                    Ok(server) => {
                        tracing::info!("PostgreSQL runs again");
                        *pause = (*pause * 2).min(LONGEST_PAUSE);
                        return Some(server);
                    }
                    Err(error) => {
                        *pause = (*pause * 2).min(LONGEST_PAUSE);
                        tracing::error!(%error, next_try_in = ?*pause, "PostgreSQL did not start");
                    }
                }
            }
        }
    }
}

async fn clear(site: Arc<Site>) -> Result<(), ClusterError> {
    crate::blocking(move || site.clear()).await
}

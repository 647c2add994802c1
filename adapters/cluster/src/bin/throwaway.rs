//! `throwaway -- CMD ARGS…`: runs a command beside a PostgreSQL that exists only for it.
//!
//! The command finds the administrator's URL in `TEST_ADMIN_URL`; its exit code is ours.

use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitCode, ExitStatus};
use std::time::Duration;

use cluster::{SUPERUSER, Throwaway};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1).peekable();
    words.next_if(|word| word == "--");
    let Some(program) = words.next() else {
        eprintln!("usage: throwaway -- COMMAND [ARGUMENT…]");
        return ExitCode::from(2);
    };
    let mut command = Command::new(program);
    command.args(words);
    match run(command).await {
        Ok(code) => ExitCode::from(code),
        Err(refused) => {
            eprintln!("throwaway: {refused}");
            ExitCode::from(125)
        }
    }
}

async fn run(mut command: Command) -> Result<u8, Box<dyn std::error::Error>> {
    // Listening before anything is started: from here on no signal leaves a server behind.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let throwaway = Throwaway::start().await?;
    command.env("TEST_ADMIN_URL", throwaway.cluster().admin_url(SUPERUSER));
    // Its own group, so that a signal reaches the command and all it started, once.
    command.process_group(0);
    let program = command.get_program().to_string_lossy().into_owned();
    let spawned = tokio::process::Command::from(command).spawn();
    let outcome = match spawned {
        Err(e) => Err(format!("{program} could not be started: {e}").into()),
        Ok(mut child) => {
            let group = child.id().and_then(|id| i32::try_from(id).ok());
            let ended = tokio::select! {
                ended = child.wait() => ended,
                _ = interrupt.recv() => interrupted(&mut child, group, Signal::SIGINT).await,
                _ = terminate.recv() => interrupted(&mut child, group, Signal::SIGTERM).await,
            };
            ended.map(code_of).map_err(Into::into)
        }
    };
    throwaway.stop().await?;
    outcome
}

/// Passes a signal on, and after ten seconds of deafness ends the group by force.
async fn interrupted(
    child: &mut tokio::process::Child,
    group: Option<i32>,
    signal: Signal,
) -> std::io::Result<ExitStatus> {
    for signal in [signal, Signal::SIGKILL] {
        if let Some(group) = group {
            let _ = killpg(Pid::from_raw(group), signal);
        }
        if let Ok(ended) = tokio::time::timeout(Duration::from_secs(10), child.wait()).await {
            return ended;
        }
    }
    child.wait().await
}

fn code_of(status: ExitStatus) -> u8 {
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

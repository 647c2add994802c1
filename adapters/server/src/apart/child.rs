//! The child: puts limits on itself, reads one file from its standard input, says what is in it, and ends. Nothing else of the program
//! is awake: no settings, no keys, no database, no log.

use std::{
    fs,
    io::{self, Read as _, Write as _},
    process::ExitCode,
};

use application::ports::pictures::MAX_UPLOAD_BYTES;
use rustix::process::{Resource, Rlimit, nice, setrlimit};

use super::{Kind, WITHOUT_LIMITS, said};

/// Beyond what the program itself maps: many times the largest upload.
const MEMORY: u64 = 384 * 1024 * 1024;
const PROCESSOR_SECONDS: u64 = 5;
/// Standard input, output and error, and nothing that could be opened beside them.
const FILES: u64 = 3;
/// Pages come before documents.
const NICENESS: i32 = 10;
/// A file and the line that is asked about it: documents may be larger than workbooks.
const MOST_INPUT: u64 = MAX_UPLOAD_BYTES as u64 + 64 * 1024;

/// The whole life of a child.
pub fn work(kind: Kind) -> ExitCode {
    if limit().is_err() {
        return ExitCode::from(WITHOUT_LIMITS);
    }
    // Whoever started it hears no more than that: the file is at fault.
    answer(kind).map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS)
}

fn answer(kind: Kind) -> io::Result<()> {
    let mut input = Vec::new();
    io::stdin()
        .lock()
        .take(MOST_INPUT)
        .read_to_end(&mut input)?;
    let said = match kind {
        Kind::Pdf => said::pdf(&input)?,
        Kind::Docx => said::docx(&input)?,
        Kind::Sheet => said::sheet(input)?,
    };
    let mut mouth = io::stdout().lock();
    mouth.write_all(&said)?;
    mouth.flush()
}

/// Before anything of the file is read.
fn limit() -> io::Result<()> {
    // A machine or a unit that runs short of memory takes a reader first. Where this cannot be said the limits hold all the same.
    fs::write("/proc/self/oom_score_adj", "1000").ok();
    nice(NICENESS).ok();
    let limits = [
        (Resource::As, mapped()? + MEMORY),
        (Resource::Cpu, PROCESSOR_SECONDS),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
        (Resource::Nproc, 0),
        (Resource::Nofile, FILES),
    ];
    for (what, most) in limits {
        let most = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(what, most)?;
    }
    Ok(())
}

/// Bytes that the program maps before it has read anything: itself, its libraries, its first heap.
fn mapped() -> io::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmSize:")?.trim().strip_suffix(" kB"))
        .and_then(|kilobytes| kilobytes.trim().parse::<u64>().ok())
        .map(|kilobytes| kilobytes * 1024)
        .ok_or_else(|| io::Error::other("the kernel does not tell what is mapped"))
}

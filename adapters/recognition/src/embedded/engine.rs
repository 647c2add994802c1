//! The engine: tesseract as a child process. Pixels go in by its standard input, words come back by its standard output; no
//! shell, no file, and limits on time, memory and what it may say.

use std::{path::PathBuf, process::Stdio, time::Duration};

use application::ports::recognition::RecognitionError;
use rustix::process::{Pid, Resource, Rlimit, prlimit, setpriority_process};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    process::{Child, Command},
    time::timeout,
};

use super::words::{self, Word};

/// Longest that the question for its languages may take; a reading ends with its caller, who drops it.
const PATIENCE: Duration = Duration::from_secs(5);
/// Seconds of processor for one call.
const PROCESSOR_SECONDS: u64 = 12;
const MEMORY: u64 = 1024 * 1024 * 1024;
/// A full page says less than a tenth of this.
const MOST_WORDS: u64 = 2 * 1024 * 1024;
/// Pages come before pictures.
const NICENESS: i32 = 10;

/// What a call looks for.
#[derive(Clone, Copy, Debug)]
pub enum Look {
    /// Text anywhere on a sheet.
    Sheet,
    /// One line of Chinese text.
    Line,
    /// The same by the other model for simplified print.
    LineOtherwise,
    /// One line of these signs only.
    Signs(&'static str),
}

impl Look {
    fn arguments(self) -> Vec<String> {
        let (language, mode, only) = match self {
            Self::Sheet => (Model::Simplified.language(), "11", None),
            Self::Line => (Model::Simplified.language(), LINE, None),
            Self::LineOtherwise => (Model::SimplifiedOtherwise.language(), LINE, None),
            Self::Signs(signs) => ("eng", LINE, Some(signs)),
        };
        let mut arguments = arguments(language, mode);
        if let Some(signs) = only {
            arguments.extend(["-c".to_owned(), format!("tessedit_char_whitelist={signs}")]);
        }
        arguments.push("tsv".to_owned());
        arguments
    }
}

/// Data for Chinese print. Each errs elsewhere, and the traditional one knows signs that the others lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    Simplified,
    SimplifiedOtherwise,
    Traditional,
}

impl Model {
    pub const ALL: [Self; 3] = [
        Self::Simplified,
        Self::SimplifiedOtherwise,
        Self::Traditional,
    ];

    fn language(self) -> &'static str {
        match self {
            Self::Simplified => "chi_sim",
            Self::SimplifiedOtherwise => "HanS",
            Self::Traditional => "chi_tra",
        }
    }
}

/// What the engine calls a picture of one line.
const LINE: &str = "7";

fn arguments(language: &str, mode: &str) -> Vec<String> {
    [
        "stdin",
        "stdout",
        "--dpi",
        "300",
        "-l",
        language,
        "--psm",
        mode,
        "-c",
        "preserve_interword_spaces=1",
    ]
    .map(str::to_owned)
    .into()
}

/// Where the program is.
#[derive(Clone, Debug)]
pub struct Engine {
    program: PathBuf,
}

impl Engine {
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
        }
    }

    /// Reads a picture in the form of [`pixels::pgm`].
    pub async fn read(&self, pixels: Vec<u8>, look: Look) -> Result<Vec<Word>, RecognitionError> {
        let said = self.call(&look.arguments(), pixels).await?;
        Ok(words::parse(&said))
    }

    /// Reads pictures of one line in the form of [`pixels::pages`]: of each its signs, and how sure each sign is.
    pub async fn read_lines(
        &self,
        pages: Vec<u8>,
        model: Model,
    ) -> Result<Vec<Vec<(char, f32)>>, RecognitionError> {
        let mut arguments = arguments(model.language(), LINE);
        arguments.extend(["-c", "hocr_char_boxes=1", "hocr"].map(str::to_owned));
        let said = self.call(&arguments, pages).await?;
        Ok(words::signs_by_page(&said))
    }

    /// Whether the program is there and knows Chinese, by all its models, and Latin print.
    pub async fn check(&self) -> Result<(), RecognitionError> {
        let arguments = ["--list-langs".to_owned()];
        let known = timeout(PATIENCE, self.call(&arguments, Vec::new()))
            .await
            .map_err(|_| RecognitionError::Unreachable("tesseract took too long".to_owned()))??;
        let chinese = Model::ALL.map(Model::language);
        for language in chinese.into_iter().chain(["eng"]) {
            if !known.lines().any(|line| line.trim() == language) {
                return Err(RecognitionError::NotReady(format!(
                    "tesseract has no data for {language}"
                )));
            }
        }
        Ok(())
    }

    async fn call(&self, arguments: &[String], input: Vec<u8>) -> Result<String, RecognitionError> {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .env_clear()
            .env("OMP_THREAD_LIMIT", "1")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        if let Some(folder) = std::env::var_os("TESSDATA_PREFIX") {
            command.env("TESSDATA_PREFIX", folder);
        }
        let child = command.spawn().map_err(|error| {
            RecognitionError::NotReady(format!("{}: {error}", self.program.display()))
        })?;
        limit(&child)?;
        talk(child, input).await
    }
}

/// Before the child has seen a pixel.
fn limit(child: &Child) -> Result<(), RecognitionError> {
    let pid = child
        .id()
        .and_then(|id| Pid::from_raw(i32::try_from(id).ok()?))
        .ok_or_else(|| RecognitionError::Unreachable("tesseract ended at once".to_owned()))?;
    let at_most = |most: u64| Rlimit {
        current: Some(most),
        maximum: Some(most),
    };
    let limits = [
        (Resource::As, at_most(MEMORY)),
        (Resource::Cpu, at_most(PROCESSOR_SECONDS)),
        (Resource::Fsize, at_most(0)),
        (Resource::Core, at_most(0)),
    ];
    for (what, most) in limits {
        prlimit(Some(pid), what, most).map_err(broken)?;
    }
    setpriority_process(Some(pid), NICENESS).map_err(broken)
}

fn broken(error: impl std::fmt::Display) -> RecognitionError {
    RecognitionError::Unreachable(error.to_string())
}

async fn talk(mut child: Child, input: Vec<u8>) -> Result<String, RecognitionError> {
    let (Some(mut ear), Some(mouth)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(broken("tesseract has no pipes"));
    };
    let tell = async move {
        // A child that stops listening says why by its status.
        let _ = ear.write_all(&input).await;
    };
    let mut said = Vec::new();
    let mut mouth = mouth.take(MOST_WORDS + 1);
    let hear = mouth.read_to_end(&mut said);
    let ((), heard) = tokio::join!(tell, hear);
    heard.map_err(broken)?;
    if said.len() as u64 > MOST_WORDS {
        return Err(RecognitionError::Unclear(
            "tesseract says too much".to_owned(),
        ));
    }
    let status = child.wait().await.map_err(broken)?;
    if !status.success() {
        return Err(RecognitionError::Unclear(format!(
            "tesseract ended with {status}"
        )));
    }
    String::from_utf8(said).map_err(|error| RecognitionError::Unclear(error.to_string()))
}

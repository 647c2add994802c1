//! Reading apart 隔离读取: documents and workbooks of strangers are parsed by a child process, which is this program once more under
//! limits. What makes a parser take all memory, hang or abort ends that child and nobody else (decision 26).

mod ask;
mod child;
mod said;

use std::{ffi::OsString, sync::OnceLock};

pub use ask::Apart;
pub use child::work;

/// The command that makes this program a child which reads: `read pdf`. It stands in no help: people have no use for it.
const COMMAND: &str = "read";
/// The status of a child that could not put its limits on itself: it has read nothing, and knows nothing of the file. No panic, signal or
/// shell has it.
const WITHOUT_LIMITS: u8 = 70;

/// What a child reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Pdf,
    Docx,
    Sheet,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Pdf, Self::Docx, Self::Sheet];

    const fn word(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Docx => "docx",
            Self::Sheet => "sheet",
        }
    }

    /// What a command line, without the program's name, asks a child to read; `None`: it asks for something else.
    pub fn asked(arguments: impl Iterator<Item = OsString>) -> Option<Self> {
        let given: Vec<OsString> = arguments.collect();
        let [command, what] = given.as_slice() else {
            return None;
        };
        let known = |kind: &Self| what == kind.word();
        (command == COMMAND)
            .then(|| Self::ALL.into_iter().find(known))
            .flatten()
    }
}

static THIS_PROGRAM: OnceLock<Apart> = OnceLock::new();

/// Said by the program's `main` and by nobody else: this executable knows the command, so strangers' files are read apart from here on.
/// Whatever else runs the rooms in its own process, a test above all, reads there.
pub fn by_this_program() {
    THIS_PROGRAM.set(Apart::of(ITSELF)).ok();
}

/// The running executable, also when its file was exchanged for a newer one meanwhile: parent and child are always of one version.
const ITSELF: &str = "/proc/self/exe";

/// How this process reads strangers' files; `None`: in itself.
pub fn of_this_process() -> Option<Apart> {
    THIS_PROGRAM.get().cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_command_makes_a_child() {
        let asked = |line: &str| Kind::asked(line.split_whitespace().map(OsString::from));
        assert_eq!(asked("read pdf"), Some(Kind::Pdf));
        assert_eq!(asked("read docx"), Some(Kind::Docx));
        assert_eq!(asked("read sheet"), Some(Kind::Sheet));
        for other in [
            "",
            "read",
            "read jpeg",
            "serve",
            "serve pdf",
            "read pdf --now",
        ] {
            assert_eq!(asked(other), None, "{other}");
        }
    }

    #[test]
    fn a_process_that_is_not_the_program_reads_in_itself() {
        assert!(of_this_process().is_none());
    }
}

//! Scanner 病毒扫描 (S-26): who looks into a file that is kept as it came.

use async_trait::async_trait;
use domain::vocabulary;

vocabulary! {
    /// What is known of a stored file.
    Scan {
        /// The scanner found nothing, or our own code encoded the picture anew.
        Clean = "clean" / "正常",
        Infected = "infected" / "含有病毒",
        /// Asked, and no answer that counts: staff do not see it, and it is asked again.
        Unknown = "unknown" / "正在安全检查",
        /// Kept as it came where the platform has no scanner.
        Unscanned = "unscanned" / "未经病毒扫描",
    }
}

impl Scan {
    /// Why whoever did not send the file is not shown it; `None` when they are.
    pub const fn withheld(self) -> Option<&'static str> {
        match self {
            Self::Clean | Self::Unscanned => None,
            Self::Unknown => Some("dossier.file_unknown"),
            Self::Infected => Some("dossier.file_infected"),
        }
    }
}

/// Looks into bytes; never fails, says `Unknown` instead.
#[async_trait]
pub trait FileScanner: Send + Sync {
    /// Whether anybody looks at all.
    fn scans(&self) -> bool;
    async fn scan(&self, bytes: &[u8]) -> Scan;
}

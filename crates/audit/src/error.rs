//! What can go wrong with a trail, said so that an operator can act on it.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::Broken;

/// Why an entry could not be written, or a trail not be opened.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AuditError {
    /// The name cannot name a directory.
    #[error("`{0}` cannot name an audit trail")]
    BadName(String),
    /// Another process writes this chain.
    #[error("audit trail {} is in use by another process", path.display())]
    InUse {
        /// Directory of the chain.
        path: PathBuf,
    },
    /// The chain does not hold together; nothing is appended to it.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// The file system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Disk {
        /// What was tried.
        action: &'static str,
        /// File or directory.
        path: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// More entries wait for the disk than the bound allows.
    #[error("the audit trail cannot keep up with the calls")]
    Overloaded,
    /// The entry has no text, which its members make impossible.
    #[error("an entry cannot be written as text")]
    Unwritable,
    /// The trail was closed.
    #[error("the audit trail is closed")]
    Closed,
}

impl AuditError {
    /// What to do next, as a full sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::BadName(_) => "Use letters, digits and `-` only.",
            Self::InUse { .. } => "Stop the other process that uses this state directory.",
            Self::Broken(broken) => broken.next_step,
            Self::Disk { .. } => {
                "Check the volume's free space, its mount and the owner of the directory; calls are refused until it works."
            }
            Self::Overloaded => "Move the audit directory to a faster disk, or let fewer calls in.",
            Self::Unwritable => "Report this with the call that led to it.",
            Self::Closed => "Start the program again.",
        }
    }

    pub(crate) fn disk(action: &'static str, path: &std::path::Path, source: io::Error) -> Self {
        Self::Disk {
            action,
            path: path.to_owned(),
            source: Arc::new(source),
        }
    }
}

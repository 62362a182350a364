//! What can go wrong with a journal, said so that an operator can act on it.

use std::io;
use std::path::PathBuf;

/// Why a journal did not take or give a record.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// A journal exists where a new one was to begin.
    #[error("a journal already exists at {}", path.display())]
    Exists {
        /// Where it lies.
        path: PathBuf,
    },
    /// There is no journal at this path.
    #[error("no journal at {}", path.display())]
    Absent {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The file does not begin like a journal.
    #[error("{} is not a journal", path.display())]
    NotAJournal {
        /// Which file.
        path: PathBuf,
    },
    /// A newer program wrote this journal.
    #[error("journal {} was written by a newer version", path.display())]
    Newer {
        /// Which file.
        path: PathBuf,
    },
    /// A record that is not the last was changed, dropped or inserted.
    #[error("journal {} is damaged at line {line}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// The first line that does not continue those before, from 1.
        line: usize,
    },
    /// An intact record has another shape than asked for.
    #[error("line {line} of journal {} is not a record of this kind: {source}", path.display())]
    OtherRecord {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What does not fit.
        source: serde_json::Error,
    },
    /// The record cannot be written as JSON.
    #[error("the record is not JSON: {0}")]
    NotJson(serde_json::Error),
    /// A record or journal is larger than allowed.
    #[error("{what} has {bytes} bytes, at most {limit} are kept")]
    TooLarge {
        /// Record or journal.
        what: &'static str,
        /// Its size.
        bytes: u64,
        /// The largest allowed.
        limit: u64,
    },
    /// Another process appends to this journal.
    #[error("journal {} is in use by another process", path.display())]
    Busy {
        /// Which file.
        path: PathBuf,
    },
    /// An earlier append failed, so that the end of the file is not known.
    #[error("journal {} failed earlier and takes no more records", path.display())]
    Closed {
        /// Which file.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("cannot {action} journal {}: {source}", path.display())]
    Failed {
        /// What was tried.
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl JournalError {
    /// What to do next, as a full sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Exists { .. } => {
                "Resume the run of this journal, or begin a new run under another name."
            }
            Self::Absent { .. } => "Check the name of the run.",
            Self::NotAJournal { .. } => {
                "Name the journal of a restore run; an empty one belongs to a run that did nothing yet."
            }
            Self::Newer { .. } => "Resume with the newer version of the program.",
            Self::Damaged { .. } | Self::OtherRecord { .. } => {
                "Do not resume this run; make a new plan, which compares with the live org and continues from what is there."
            }
            Self::NotJson(_) | Self::TooLarge { .. } => {
                "Report this; no known step has such a record."
            }
            Self::Busy { .. } => "Wait for the other run to end, or stop it.",
            Self::Closed { .. } => {
                "Resume the run; the journal is repaired when it is opened again."
            }
            Self::Failed { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                "Free some space on the volume, then resume the run."
            }
            Self::Failed { .. } => "Check the directory and its owner, then resume the run.",
        }
    }
}

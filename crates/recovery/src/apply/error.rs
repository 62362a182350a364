//! Why a run stops before its end. What a single step meets is recorded, not raised.

use crate::plan::Digest;
use repository::JournalError;
use upstream::LineError;

/// Why a run stops. Whatever was done is in the journal; the run can go on from there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApplyError {
    /// The line to the org is dead.
    #[error("the restore stopped at step {step}: {source}")]
    Line {
        /// The step that was under way.
        step: u32,
        /// What is wrong with the line.
        source: LineError,
    },
    /// The journal takes no more, so that nothing more may be done.
    #[error("the restore stopped: {0}")]
    Journal(#[from] JournalError),
    /// The journal belongs to another plan.
    #[error("the journal is that of plan {found}, not of plan {wanted}")]
    OtherPlan {
        /// The plan that was handed in.
        wanted: Digest,
        /// The plan the journal names.
        found: Digest,
    },
}

impl ApplyError {
    /// What to do next.
    pub fn hint(&self) -> String {
        match self {
            Self::Line { source, .. } => {
                format!(
                    "{} Then start the same restore again; it goes on where it stopped.",
                    source.hint()
                )
            }
            Self::Journal(error) => error.hint().to_owned(),
            Self::OtherPlan { .. } => {
                "Resume with the plan the journal names, or begin a new journal.".to_owned()
            }
        }
    }
}

/// Why a step is broken off in the middle.
#[derive(Debug)]
pub(super) enum Stop {
    Line(LineError),
    Journal(JournalError),
}

impl Stop {
    /// The same, as what stops the run at `step`.
    pub(super) fn at(self, step: u32) -> ApplyError {
        match self {
            Self::Line(source) => ApplyError::Line { step, source },
            Self::Journal(error) => ApplyError::Journal(error),
        }
    }
}

impl From<LineError> for Stop {
    fn from(error: LineError) -> Self {
        Self::Line(error)
    }
}

impl From<JournalError> for Stop {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

//! How a key lies in its file: in the clear, under a passphrase, or wrapped by a command of the operator's.
//!
//! [`KeyWrapping`] is the seam; `KeyFile` does the rest. A wrapping never touches a file and never decides whether one is good enough.

mod command;
mod passphrase;

use std::fmt;

pub use command::ExternalCommand;
pub use passphrase::Passphrase;

use crate::{SealError, SealKey, Zeroizing};

/// Turns a key into what its file keeps, and back.
pub trait KeyWrapping: fmt::Debug {
    /// Which of the ways this is; key files state it in the clear.
    fn kind(&self) -> WrappingKind;

    /// The key as its file keeps it: printable words separated by single spaces.
    ///
    /// # Errors
    /// [`WrappingError`], when the key cannot be wrapped.
    fn wrap(&self, key: &SealKey) -> Result<Zeroizing<String>, WrappingError>;

    /// The key out of what [`KeyWrapping::wrap`] gave.
    ///
    /// # Errors
    /// [`WrappingError`], when it cannot be had or is not the key that was wrapped.
    fn open(&self, wrapped: &str) -> Result<SealKey, WrappingError>;
}

/// The ways a key lies in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrappingKind {
    /// In the clear; the file's mode is what guards it.
    Plain,
    /// Sealed under a passphrase.
    Passphrase,
    /// Wrapped by an external command, usually of a key management service.
    Command,
}

impl fmt::Display for WrappingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "in the clear",
            Self::Passphrase => "under a passphrase",
            Self::Command => "under an external command",
        })
    }
}

/// Why a key could not be wrapped or opened. Never shows a part of it.
#[derive(Debug, thiserror::Error)]
pub enum WrappingError {
    /// What the file keeps is not what this wrapping writes.
    #[error("its key is not written as expected: {0}")]
    Malformed(&'static str),
    /// Another passphrase, or changed bytes.
    #[error("the passphrase does not open it")]
    WrongPassphrase,
    /// The passphrase can be guessed.
    #[error("the passphrase is shorter than {PASSPHRASE_CHARS_MIN} characters")]
    ShortPassphrase,
    /// The command line is empty.
    #[error("the command to wrap keys has no words")]
    NoCommand,
    /// The command could not be run, or failed.
    #[error("`{program} {direction}` {reason}")]
    CommandFailed {
        /// Its first word.
        program: String,
        /// `wrap` or `unwrap`.
        direction: &'static str,
        /// What went wrong, without what it said.
        reason: String,
    },
    /// The command gave a key, but not the one that was wrapped.
    #[error("`{program} unwrap` gave another key than was wrapped")]
    OtherKey {
        /// Its first word.
        program: String,
    },
    /// The system's cryptography refused.
    #[error(transparent)]
    Cryptography(#[from] SealError),
}

impl WrappingError {
    /// What to do next, as a full sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Malformed(_) => {
                "Restore the key file from its copy; it was changed or cut short."
            }
            Self::WrongPassphrase => "Give the passphrase the key was wrapped under.",
            Self::ShortPassphrase => {
                "Choose a longer passphrase, for example six random words; it guards every secret of this state."
            }
            Self::NoCommand => {
                "Name a program and its arguments; `wrap` or `unwrap` is added as the last one."
            }
            Self::CommandFailed { .. } => {
                "Run the command by hand: it reads stdin, writes stdout, and ends with 0 within the time limit."
            }
            Self::OtherKey { .. } => {
                "Check which key of the key management service the command uses."
            }
            Self::Cryptography(error) => error.hint(),
        }
    }
}

/// The key in the clear.
#[derive(Debug, Clone, Copy)]
pub struct Plain;

impl KeyWrapping for Plain {
    fn kind(&self) -> WrappingKind {
        WrappingKind::Plain
    }

    fn wrap(&self, key: &SealKey) -> Result<Zeroizing<String>, WrappingError> {
        Ok(key.to_text())
    }

    fn open(&self, wrapped: &str) -> Result<SealKey, WrappingError> {
        SealKey::from_text(wrapped).map_err(WrappingError::Malformed)
    }
}

/// Shortest passphrase that a key is wrapped under: 12 random letters have 56 bits, which at 0.1 s a guess and 10,000 cores take
/// 200,000 years; words that people choose have less, hence the hint.
pub const PASSPHRASE_CHARS_MIN: usize = 12;

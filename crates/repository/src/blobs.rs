//! The seam to whatever keeps the files: named byte strings that are created once and never changed.
//!
//! An implementation must make [`Blobs::create`] atomic (all of the blob or none of it is ever visible), durable (what was
//! created survives a power cut) and conditional (an existing name is refused): the repository's crash safety and its
//! lock-free commits rest on these three. `conformance` states them as tests, run on every implementation.

mod directory;
mod memory;

#[cfg(test)]
mod conformance;

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;

pub use directory::Directory;
pub use memory::Memory;

/// The answer of a blob operation, still to come.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, BlobError>> + Send + 'a>>;

/// Which part of a blob to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    Whole,
    /// Up to this many bytes from the beginning.
    First(u64),
    /// Up to this many bytes from the end.
    Last(u64),
    /// Bytes from an offset; fewer when the blob ends before.
    At {
        /// Where to begin.
        offset: u64,
        /// How many bytes.
        length: u64,
    },
}

/// A place for blobs. Names are `/`-separated segments of lower-case letters, digits, `.`, `-` and `_`.
pub trait Blobs: Send + Sync + fmt::Debug {
    /// Names that begin with `prefix`, sorted. An empty place is an empty list, not an error.
    fn list<'a>(&'a self, prefix: &'a str) -> Pending<'a, Vec<String>>;
    /// The bytes of a blob or of a part of it.
    fn read<'a>(&'a self, name: &'a str, extent: Extent) -> Pending<'a, Vec<u8>>;
    /// Creates a blob atomically and durably; fails with [`BlobError::Exists`] if the name is taken.
    fn create<'a>(&'a self, name: &'a str, bytes: Vec<u8>) -> Pending<'a, ()>;
    /// Removes a blob; a name that does not exist is [`BlobError::Absent`].
    fn remove<'a>(&'a self, name: &'a str) -> Pending<'a, ()>;
    /// Where this is, for messages.
    fn place(&self) -> String;
}

/// Why a blob operation did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// A blob of this name exists already; it was left as it is.
    #[error("{name} already exists")]
    Exists {
        /// Its name.
        name: String,
    },
    /// There is no blob of this name.
    #[error("{name} does not exist")]
    Absent {
        /// The name asked for.
        name: String,
    },
    /// The name is not of the allowed form, and might lead outside.
    #[error("`{name}` is not a blob name")]
    InvalidName {
        /// The name asked for.
        name: String,
    },
    /// The medium refused.
    #[error("cannot {action} {place}: {source}")]
    Failed {
        /// What was tried.
        action: &'static str,
        /// The file or address.
        place: String,
        /// What the system said.
        source: io::Error,
    },
}

impl BlobError {
    /// What to do next, as a full sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Exists { .. } => {
                "Another run wrote it first; look at what is there and run again."
            }
            Self::Absent { .. } => "Run a check of the repository to see what else is missing.",
            Self::InvalidName { .. } => {
                "Remove files that do not belong to the repository from its directory."
            }
            Self::Failed { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    "Free some space on the volume and run again; earlier snapshots are intact."
                }
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    "Give the program's user write access to the repository's directory."
                }
                io::ErrorKind::NotADirectory => {
                    "Name a directory for the repository; this path leads through a file."
                }
                _ => {
                    "Check that the volume is mounted and healthy, then run again; earlier snapshots are intact."
                }
            },
        }
    }
}

/// Refuses every name that is not plainly inside: empty, absolute, `..`, hidden, upper case, other characters.
pub(crate) fn validate(name: &str) -> Result<(), BlobError> {
    let plain = |segment: &str| {
        !segment.is_empty()
            && !segment.starts_with('.')
            && segment
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b))
    };
    if name.len() <= NAME_BYTES_MAX && name.split('/').all(plain) {
        Ok(())
    } else {
        Err(BlobError::InvalidName {
            name: name.chars().take(NAME_BYTES_MAX).collect(),
        })
    }
}

/// The range of bytes that an extent means in a blob of `length` bytes.
pub(crate) fn range(extent: Extent, length: u64) -> std::ops::Range<u64> {
    match extent {
        Extent::Whole => 0..length,
        Extent::First(count) => 0..count.min(length),
        Extent::Last(count) => length.saturating_sub(count)..length,
        Extent::At {
            offset,
            length: count,
        } => offset.min(length)..offset.saturating_add(count).min(length),
    }
}

/// Longest name: `snapshots/` + 32 + `/` + 10 digits is 53, a pack 70.
const NAME_BYTES_MAX: usize = 200;

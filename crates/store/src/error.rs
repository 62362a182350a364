//! What can go wrong with the state database, said so that an operator can act on it.
//!
//! SQLite's codes are sorted into the few cases that have different next steps; the rest stays [`Error::Failed`].

use std::fmt;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Where the database is: a file, memory, or (inside a transaction's own statements) not known here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A database file.
    File(PathBuf),
    /// A database in memory.
    Memory,
    /// A statement failed inside a caller's transaction; the caller knows which database that was.
    Transaction,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "state database {}", path.display()),
            Self::Memory => f.write_str("state database in memory"),
            Self::Transaction => f.write_str("state database"),
        }
    }
}

/// Why the state database did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is something else than an SQLite database.
    #[error("{place} is not a database")]
    NotADatabase {
        /// Which one.
        place: Place,
    },
    /// The file is an SQLite database of another program.
    #[error("{place} belongs to another program (application id {application_id:#x})")]
    Foreign {
        /// Which one.
        place: Place,
        /// The mark found in its header.
        application_id: i32,
    },
    /// The file's contents contradict themselves.
    #[error("{place} is damaged")]
    Damaged {
        /// Which one.
        place: Place,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// A newer program has already changed the schema.
    #[error("{place} has version {found} of the {room} schema, this program knows up to {known}")]
    NewerSchema {
        /// Which one.
        place: Place,
        /// The crate that owns the schema.
        room: String,
        /// The version in the file.
        found: u32,
        /// The newest version this program knows.
        known: u32,
    },
    /// A migration that was applied long ago reads differently now: the schema in the file is not the expected one.
    #[error("{place} was built by another text of migration {version} of {room}")]
    OtherSchema {
        /// Which one.
        place: Place,
        /// The crate that owns the schema.
        room: String,
        /// The migration.
        version: u32,
    },
    /// The migrations handed in do not count 1, 2, 3 … per room.
    #[error("migration {version} of {room} is out of order")]
    OutOfOrder {
        /// The crate that owns the schema.
        room: String,
        /// The migration that does not follow its predecessor.
        version: u32,
    },
    /// The file or its directory cannot be written.
    #[error("{place} is read-only")]
    ReadOnly {
        /// Which one.
        place: Place,
    },
    /// No room left on the volume (or the database's own page limit is reached).
    #[error("no space left for {place}")]
    DiskFull {
        /// Which one.
        place: Place,
    },
    /// Another process held the database longer than the busy timeout.
    #[error("{place} is in use by another process")]
    Busy {
        /// Which one.
        place: Place,
    },
    /// The file cannot be opened or created at all.
    #[error("cannot open {place}: {reason}")]
    CannotOpen {
        /// Which one.
        place: Place,
        /// What the system said.
        reason: String,
    },
    /// Any other refusal of SQLite, for example a violated constraint.
    #[error("{place} refused: {source}")]
    Failed {
        /// Which one.
        place: Place,
        /// What SQLite said.
        source: rusqlite::Error,
    },
}

impl Error {
    /// What to do next, as a full sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotADatabase { .. } | Self::Foreign { .. } => {
                "Name the state database of Portcullis in the settings, or a path where none exists yet."
            }
            Self::Damaged { .. } => {
                "Stop the program, keep a copy of the file, and restore the state directory from its last backup."
            }
            Self::NewerSchema { .. } => {
                "Run the newer version of the program; a schema is never taken back."
            }
            Self::OtherSchema { .. } | Self::OutOfOrder { .. } => {
                "Run the released version that wrote this database; this build does not fit it."
            }
            Self::ReadOnly { .. } => {
                "Give the program's user write access to the file and its directory."
            }
            Self::DiskFull { .. } => {
                "Free some space on the volume and try again; nothing of the change was kept."
            }
            Self::Busy { .. } => {
                "Stop the other process that uses this state directory, then try again."
            }
            Self::CannotOpen { .. } => "Create the directory, or correct the path in the settings.",
            Self::Failed { .. } => {
                "Nothing of the change was kept; report the message if it comes again."
            }
        }
    }

    pub(crate) fn at(place: &Place, source: rusqlite::Error) -> Self {
        let place = place.clone();
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotADatabase { place },
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged { place, source },
            Some(ErrorCode::ReadOnly) => Self::ReadOnly { place },
            Some(ErrorCode::DiskFull) => Self::DiskFull { place },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { place },
            Some(ErrorCode::CannotOpen) => Self::CannotOpen {
                place,
                reason: source.to_string(),
            },
            _ => Self::Failed { place, source },
        }
    }

    pub(crate) fn io(path: &Path, source: &std::io::Error) -> Self {
        let place = Place::File(path.to_owned());
        match source.kind() {
            std::io::ErrorKind::StorageFull => Self::DiskFull { place },
            std::io::ErrorKind::ReadOnlyFilesystem | std::io::ErrorKind::PermissionDenied => {
                Self::ReadOnly { place }
            }
            _ => Self::CannotOpen {
                place,
                reason: source.to_string(),
            },
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(source: rusqlite::Error) -> Self {
        Self::at(&Place::Transaction, source)
    }
}

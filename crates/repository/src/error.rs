//! What can go wrong with a repository, said so that an operator can act on it.

use std::fmt;

use crate::blobs::BlobError;

/// Bytes that are not what they must be. Carries no contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Damage(pub(crate) String);

impl Damage {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }

    pub(crate) fn of(self, name: &str) -> Error {
        Error::Damaged {
            name: name.to_owned(),
            reason: self.0,
        }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why the repository did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The place that keeps the files refused.
    #[error("repository: {0}")]
    Blobs(#[from] BlobError),
    /// There is no `config.json` at this place.
    #[error("no repository at {place}")]
    NotARepository {
        /// Where it was looked for.
        place: String,
    },
    /// A repository exists where one was to be created.
    #[error("a repository already exists at {place}")]
    AlreadyARepository {
        /// Where it is.
        place: String,
    },
    /// A newer program made this repository.
    #[error("repository at {place} has format {found}, this program knows up to {known}")]
    NewerFormat {
        /// Where it is.
        place: String,
        /// Its format.
        found: u32,
        /// The newest format known here.
        known: u32,
    },
    /// `config.json` is there and cannot be understood.
    #[error("config.json of the repository at {place} is damaged: {reason}")]
    ConfigDamaged {
        /// Where it is.
        place: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The key does not unwrap the master key.
    #[error("the key does not open the repository at {place}")]
    WrongKey {
        /// Where it is.
        place: String,
    },
    /// A passphrase was given for a key file's repository, or the other way round.
    #[error("the repository at {place} opens with a {wanted}, not with a {given}")]
    OtherKind {
        /// Where it is.
        place: String,
        /// What it was created with.
        wanted: &'static str,
        /// What was given.
        given: &'static str,
    },
    /// No snapshot of this name.
    #[error("no snapshot `{wanted}` of org {org}")]
    NoSnapshot {
        /// The org asked for.
        org: String,
        /// The id, prefix or `latest`.
        wanted: String,
    },
    /// A prefix fits several snapshots.
    #[error("`{wanted}` fits {count} snapshots of org {org}")]
    Ambiguous {
        /// The org asked for.
        org: String,
        /// The prefix.
        wanted: String,
        /// How many it fits.
        count: usize,
    },
    /// A file of the repository was changed, cut or swapped.
    #[error("{name} is damaged: {reason}")]
    Damaged {
        /// The file's name in the repository.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A manifest names an object that no intact pack holds.
    #[error("the bytes of {group} {key} are missing from the repository")]
    Missing {
        /// The group.
        group: String,
        /// The key within the group.
        key: String,
    },
    /// The snapshot has no such object.
    #[error("the snapshot has no {group} {key}")]
    NoObject {
        /// The group.
        group: String,
        /// The key within the group.
        key: String,
    },
    /// Something handed in is larger than the format allows.
    #[error("{what} has {bytes} bytes, at most {limit} are kept")]
    TooLarge {
        /// What it is.
        what: String,
        /// Its size.
        bytes: usize,
        /// The largest allowed.
        limit: usize,
    },
    /// Another writer finished a snapshot of this org first.
    #[error("another backup of org {org} finished first (snapshot number {sequence})")]
    Overtaken {
        /// The org.
        org: String,
        /// The number both wanted.
        sequence: u64,
    },
    /// The place has files already that are no repository of ours.
    #[error("{place} is not empty and has no config.json")]
    NotEmpty {
        /// Where it is.
        place: String,
    },
    /// An earlier write of the same backup failed, so the backup cannot be finished.
    #[error("this backup failed earlier and cannot be continued")]
    Abandoned,
    /// The system's cryptography or compression refused.
    #[error("the system's {what} failed")]
    Unavailable {
        /// Which part.
        what: &'static str,
    },
}

impl Error {
    /// What to do next, as a full sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Blobs(error) => error.hint(),
            Self::NotARepository { .. } => {
                "Correct the path in the settings, or run a backup to create the repository."
            }
            Self::AlreadyARepository { .. } => {
                "Open the existing repository, or name another path."
            }
            Self::NewerFormat { .. } => {
                "Use the newer version of the program; nothing was changed."
            }
            Self::ConfigDamaged { .. } => {
                "Restore config.json from a copy; without it the snapshots cannot be decrypted."
            }
            Self::WrongKey { .. } => {
                "Use the key file or passphrase the repository was created with; if it is the right one, config.json was changed."
            }
            Self::OtherKind { .. } => "Give the kind of key the repository was created with.",
            Self::NoSnapshot { .. } => "List the snapshots and use an id from there, or `latest`.",
            Self::Ambiguous { .. } => "Give more digits of the snapshot's id.",
            Self::Damaged { .. } | Self::Missing { .. } => {
                "Run a check of the repository, and restore the file from a copy; once a damaged pack is taken away, the next backup stores its objects again."
            }
            Self::NoObject { .. } => "List the keys of the group, or look in another snapshot.",
            Self::TooLarge { .. } => {
                "Leave this object out and report it; no known Okta answer is that large."
            }
            Self::Overtaken { .. } => {
                "Run the backup again; what was stored already is used again."
            }
            Self::NotEmpty { .. } => {
                "Name an empty directory; if this was a repository, restore its config.json from a copy."
            }
            Self::Abandoned => "Run the backup again; what was stored already is used again.",
            Self::Unavailable { .. } => {
                "Check memory and the system's random source, then run again."
            }
        }
    }

    /// Whether bytes at rest are wrong or gone, rather than a medium or caller at fault.
    pub fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::Damaged { .. } | Self::Missing { .. } | Self::Blobs(BlobError::Absent { .. })
        )
    }
}

//! What a check reports: how much it looked at, and each thing that is wrong.

use std::fmt;

use serde::Serialize;

/// What a check found. Without findings, what was looked at is sound.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Snapshots whose manifest opened.
    pub snapshots: u64,
    /// Packs whose index opened.
    pub packs: u64,
    /// Objects in those packs.
    pub objects: u64,
    /// Bytes of packs read (0 unless data was read).
    pub read_bytes: u64,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// Packs that no snapshot needs: left by an unfinished backup, or by a snapshot that was taken away.
    pub leftovers: Vec<String>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// A manifest or pack does not open or does not hash: changed, cut, swapped, or of another repository.
    Damaged {
        /// The file.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A snapshot number between others (or before the first) has no manifest.
    SnapshotMissing {
        /// The folder of the org's manifests.
        folder: String,
        /// The number.
        sequence: u64,
    },
    /// A snapshot does not name the one before it as its parent.
    ChainBroken {
        /// The org.
        org: String,
        /// The snapshot that does not continue its predecessor.
        sequence: u64,
    },
    /// The witness saw a newer or another snapshot: the repository, or an org's chain, was put back or replaced.
    RolledBack {
        /// The org.
        org: String,
        /// The snapshot the witness saw last.
        witnessed: u64,
        /// The newest one that is there, if any.
        newest: Option<u64>,
    },
    /// Objects that a snapshot lists are in no intact pack.
    ObjectsMissing {
        /// The org.
        org: String,
        /// The snapshot.
        sequence: u64,
        /// The group.
        group: String,
        /// How many.
        count: u64,
        /// Some of their keys.
        keys: Vec<String>,
    },
    /// A file that does not belong here.
    Foreign {
        /// The file.
        name: String,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged { name, reason } => write!(f, "{name}: {reason}"),
            Self::SnapshotMissing { folder, sequence } => {
                write!(f, "snapshot {sequence} of folder {folder} is missing")
            }
            Self::ChainBroken { org, sequence } => {
                write!(
                    f,
                    "snapshot {sequence} of org {org} does not continue the one before it"
                )
            }
            Self::RolledBack {
                org,
                witnessed,
                newest: Some(newest),
            } => {
                write!(
                    f,
                    "org {org} was seen with another snapshot {witnessed}; the newest here is {newest}"
                )
            }
            Self::RolledBack {
                org,
                witnessed,
                newest: None,
            } => {
                write!(
                    f,
                    "org {org} was seen with snapshot {witnessed}; none is here"
                )
            }
            Self::ObjectsMissing {
                org,
                sequence,
                group,
                count,
                keys,
            } => {
                let keys = keys.join(", ");
                write!(
                    f,
                    "snapshot {sequence} of org {org} lacks the bytes of {count} objects of {group} ({keys})"
                )
            }
            Self::Foreign { name } => write!(f, "{name} does not belong to a repository"),
        }
    }
}

//! The repository: created once, opened with its key, asked for writers and snapshots.
//!
//! Cheap to clone; all clones share one index. Several orgs live side by side, each with its own chain of snapshots and
//! one pool of objects. Nothing here overwrites or removes a file.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::blobs::{BlobError, Blobs, Extent};
use crate::config;
use crate::error::{Damage, Error};
use crate::index::{Index, PackRead, read_pack_index};
use crate::key::{Key, Keys};
use crate::limits::{CONFIG_BYTES_MAX, ORG_BYTES_MAX};
use crate::pack;
use crate::snapshot::{Snapshot, SnapshotSummary};
use crate::writer::SnapshotWriter;

/// An open repository.
#[derive(Debug, Clone)]
pub struct Repository(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    blobs: Arc<dyn Blobs>,
    keys: Arc<Keys>,
    index: Mutex<Index>,
}

/// The snapshots of one org, oldest first, and the manifests that could not be read.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// Those whose manifest opens.
    pub snapshots: Vec<SnapshotSummary>,
    /// Those whose manifest does not.
    pub unreadable: Vec<Unreadable>,
}

/// A manifest that does not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Its number within the org, by its name.
    pub sequence: u64,
    /// Its name in the repository.
    pub name: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Repository {
    /// Makes a new repository at an empty place. Takes tenths of a second of CPU for a passphrase.
    pub async fn create(blobs: Arc<dyn Blobs>, key: &Key) -> Result<Self, Error> {
        let exists = || Error::AlreadyARepository {
            place: blobs.place(),
        };
        let names = blobs.list("").await?;
        if names.iter().any(|name| name == CONFIG) {
            return Err(exists());
        }
        if !names.is_empty() {
            return Err(Error::NotEmpty {
                place: blobs.place(),
            });
        }
        let (keys, text) = config::create(key)?;
        blobs
            .create(CONFIG, text)
            .await
            .map_err(|error| match error {
                BlobError::Exists { .. } => exists(),
                other => other.into(),
            })?;
        Ok(Self::with(blobs, Arc::new(keys)))
    }

    /// Opens an existing repository. Takes tenths of a second of CPU for a passphrase.
    pub async fn open(blobs: Arc<dyn Blobs>, key: &Key) -> Result<Self, Error> {
        // One byte more than allowed shows a file that is too long.
        let text = blobs
            .read(CONFIG, Extent::First(CONFIG_BYTES_MAX as u64 + 1))
            .await
            .map_err(|error| match error {
                BlobError::Absent { .. } => Error::NotARepository {
                    place: blobs.place(),
                },
                other => other.into(),
            })?;
        let keys = config::open(&text, key, &blobs.place())?;
        Ok(Self::with(blobs, Arc::new(keys)))
    }

    fn with(blobs: Arc<dyn Blobs>, keys: Arc<Keys>) -> Self {
        Self(Arc::new(Shared {
            blobs,
            keys,
            index: Mutex::new(Index::default()),
        }))
    }

    /// The same repository with nothing remembered about its packs.
    pub(crate) fn afresh(&self) -> Self {
        Self::with(Arc::clone(&self.0.blobs), Arc::clone(&self.0.keys))
    }

    /// Begins a snapshot of an org; `started` is when its first page was or will be read. Follows the org's newest
    /// snapshot; if that one is damaged, the new one lists everything and the check reports the broken chain.
    pub async fn writer(&self, org: &str, started: Timestamp) -> Result<SnapshotWriter, Error> {
        if org.len() > ORG_BYTES_MAX {
            return Err(Error::TooLarge {
                what: "the org name".to_owned(),
                bytes: org.len(),
                limit: ORG_BYTES_MAX,
            });
        }
        self.refresh().await?;
        let chain = self.chain(org).await?;
        let newest = chain.keys().next_back().copied();
        let parent = match newest {
            None => None,
            Some(sequence) => match self.load(&chain, sequence).await {
                Ok(parent) => Some(parent),
                Err(error) if error.is_damage() => None,
                Err(error) => return Err(error),
            },
        };
        SnapshotWriter::new(self.clone(), org, newest.unwrap_or(0) + 1, started, parent)
    }

    /// The orgs that have at least one readable snapshot, sorted.
    pub async fn orgs(&self) -> Result<Vec<String>, Error> {
        let mut orgs = Vec::new();
        for chain in self.chains().await?.values() {
            for name in chain.values().rev() {
                if let Ok(head) = self.read_head(name).await? {
                    orgs.push(head.header.org);
                    break;
                }
            }
        }
        orgs.sort_unstable();
        Ok(orgs)
    }

    /// The snapshots of an org, oldest first. Reads heads only.
    pub async fn snapshots(&self, org: &str) -> Result<History, Error> {
        let mut history = History {
            snapshots: Vec::new(),
            unreadable: Vec::new(),
        };
        for (sequence, name) in self.chain(org).await? {
            match self.read_head(&name).await? {
                Ok(head) => history.snapshots.push(SnapshotSummary::of(head)),
                Err(Damage(reason)) => history.unreadable.push(Unreadable {
                    sequence,
                    name,
                    reason,
                }),
            }
        }
        Ok(history)
    }

    /// Opens one snapshot of an org: `latest`, an id, or a prefix of an id that fits one only. A damaged newest
    /// snapshot is an error, not a reason to show an older one as the latest.
    pub async fn snapshot(&self, org: &str, wanted: &str) -> Result<Snapshot, Error> {
        let none = || Error::NoSnapshot {
            org: org.to_owned(),
            wanted: wanted.to_owned(),
        };
        let chain = self.chain(org).await?;
        let sequence = if wanted == LATEST {
            chain.keys().next_back().copied().ok_or_else(none)?
        } else {
            let history = self.snapshots(org).await?;
            let fits = |summary: &&SnapshotSummary| {
                !wanted.is_empty() && summary.id.to_string().starts_with(wanted)
            };
            match history
                .snapshots
                .iter()
                .filter(fits)
                .collect::<Vec<_>>()
                .as_slice()
            {
                [] => return Err(none()),
                [only] => only.sequence,
                several => {
                    let (org, wanted) = (org.to_owned(), wanted.to_owned());
                    return Err(Error::Ambiguous {
                        org,
                        wanted,
                        count: several.len(),
                    });
                }
            }
        };
        self.refresh().await?;
        self.load(&chain, sequence).await
    }

    /// Reads the indexes of packs not seen yet.
    pub(crate) async fn refresh(&self) -> Result<(), Error> {
        let existing = self.blobs().list(pack::PREFIX).await?;
        let unread = self.index().unread(&existing);
        for name in unread {
            match read_pack_index(&**self.blobs(), self.keys(), &name).await? {
                PackRead::Intact(pack) => self.index().add(pack),
                PackRead::Damaged(damage) => self.index().add_damaged(name, damage),
                PackRead::Gone => {}
            }
        }
        Ok(())
    }

    pub(crate) fn blobs(&self) -> &Arc<dyn Blobs> {
        &self.0.blobs
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.0.keys
    }

    /// Never held across an await. A panic cannot leave the index half-changed in a way that matters: it only adds.
    pub(crate) fn index(&self) -> MutexGuard<'_, Index> {
        self.0.index.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The one file in the clear.
pub(crate) const CONFIG: &str = "config.json";
const LATEST: &str = "latest";

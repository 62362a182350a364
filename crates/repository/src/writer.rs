//! Taking a snapshot: objects in, one manifest at the end.
//!
//! An object that the repository has already costs a hash and nothing else. Packs are written as they fill; the manifest is
//! written last, and only if no other writer finished in between. A writer that is dropped unfinished leaves packs that
//! the next one uses again.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use serde::Serialize;

use crate::blobs::BlobError;
use crate::chain::manifest_name;
use crate::error::Error;
use crate::limits::{BLOCK_BYTES, DELTAS_MAX, GROUP_BYTES_MAX, KEY_BYTES_MAX, OBJECT_BYTES_MAX};
use crate::manifest::{Body, Groups, Header, encode};
use crate::object::ObjectId;
use crate::pack::{COMPRESSION, Draft, ZSTD_LEVEL};
use crate::repository::Repository;
use crate::snapshot::{Head, Snapshot, SnapshotId};

/// What a finished backup stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Saved {
    /// The org it was taken of.
    pub org: String,
    /// The new snapshot.
    pub id: SnapshotId,
    /// Its number within the org.
    pub sequence: u64,
    /// Objects in it.
    pub objects: u64,
    /// Objects whose bytes were not in the repository before.
    pub new_objects: u64,
    /// Bytes written to the repository, manifest included.
    pub written_bytes: u64,
}

impl Saved {
    /// The new snapshot as a witness for later checks; keep it outside the repository.
    pub fn head(&self) -> Head {
        Head {
            org: self.org.clone(),
            sequence: self.sequence,
            id: self.id,
        }
    }
}

/// A snapshot being taken.
pub struct SnapshotWriter {
    repository: Repository,
    org: String,
    sequence: u64,
    started: Timestamp,
    parent: Option<Snapshot>,
    groups: Groups,
    open_blocks: BTreeMap<String, OpenBlock>,
    draft: Option<Draft>,
    /// Objects taken in by this writer whose pack is not finished.
    pending: HashSet<ObjectId>,
    compressor: zstd::bulk::Compressor<'static>,
    new_objects: u64,
    written_bytes: u64,
    /// A write failed or was cancelled half-way: objects counted as stored may not be.
    abandoned: bool,
}

/// Objects of one group, waiting to fill a block.
#[derive(Default)]
struct OpenBlock {
    bytes: Vec<u8>,
    objects: Vec<(ObjectId, u32)>,
}

impl SnapshotWriter {
    pub(crate) fn new(
        repository: Repository,
        org: &str,
        sequence: u64,
        started: Timestamp,
        parent: Option<Snapshot>,
    ) -> Result<Self, Error> {
        Ok(Self {
            repository,
            org: org.to_owned(),
            sequence,
            started,
            parent,
            groups: Groups::new(),
            open_blocks: BTreeMap::new(),
            draft: None,
            pending: HashSet::new(),
            compressor: zstd::bulk::Compressor::new(ZSTD_LEVEL).map_err(|_| COMPRESSION)?,
            new_objects: 0,
            written_bytes: 0,
            abandoned: false,
        })
    }

    /// The snapshot this one follows, if the org has one that can be read.
    pub fn parent(&self) -> Option<&Snapshot> {
        self.parent.as_ref()
    }

    /// Notes that a group was looked at, so that it is there even if empty.
    pub fn note_group(&mut self, group: &str) -> Result<(), Error> {
        within("the group name", group.len(), GROUP_BYTES_MAX)?;
        if !self.groups.contains_key(group) {
            self.groups.insert(group.to_owned(), BTreeMap::new());
        }
        Ok(())
    }

    /// Takes in one object. A key put twice keeps the later bytes: a page walk over a changing org sees objects twice.
    pub async fn put(&mut self, group: &str, key: &str, bytes: &[u8]) -> Result<ObjectId, Error> {
        if self.abandoned {
            return Err(Error::Abandoned);
        }
        self.note_group(group)?;
        within("the object key", key.len(), KEY_BYTES_MAX)?;
        if bytes.len() > OBJECT_BYTES_MAX {
            let what = format!("{group} {key}");
            return Err(Error::TooLarge {
                what,
                bytes: bytes.len(),
                limit: OBJECT_BYTES_MAX,
            });
        }
        let id = self.repository.keys().object_id(bytes);
        let known = self.repository.index().contains(id);
        if !known && !self.pending.contains(&id) {
            self.abandoned = true;
            self.gather(group, id, bytes).await?;
            self.abandoned = false;
            self.pending.insert(id);
            self.new_objects += 1;
        }
        if let Some(objects) = self.groups.get_mut(group) {
            objects.insert(key.to_owned(), id);
        }
        Ok(id)
    }

    /// Writes what is still in memory, then the manifest: from its creation on the snapshot exists.
    pub async fn finish(
        mut self,
        facts: serde_json::Value,
        now: Timestamp,
    ) -> Result<Saved, Error> {
        if self.abandoned {
            return Err(Error::Abandoned);
        }
        for (group, block) in std::mem::take(&mut self.open_blocks) {
            self.close_block(&group, block).await?;
        }
        self.close_pack().await?;
        let (mut header, body) = self.manifest(facts, now);
        let objects = header.groups.values().sum();
        let name = manifest_name(&self.repository.keys().org_tag(&self.org), self.sequence);
        let (id, bytes) = encode(self.repository.keys(), &name, &mut header, &body)?;
        self.written_bytes += bytes.len() as u64;
        self.repository
            .blobs()
            .create(&name, bytes)
            .await
            .map_err(|error| match error {
                BlobError::Exists { .. } => Error::Overtaken {
                    org: self.org.clone(),
                    sequence: self.sequence,
                },
                other => other.into(),
            })?;
        let Self {
            org,
            sequence,
            new_objects,
            written_bytes,
            ..
        } = self;
        Ok(Saved {
            org,
            id,
            sequence,
            objects,
            new_objects,
            written_bytes,
        })
    }

    /// What the manifest will say: changes against the parent, or everything.
    fn manifest(&self, facts: serde_json::Value, now: Timestamp) -> (Header, Body) {
        let full = self
            .parent
            .as_ref()
            .is_none_or(|parent| parent.deltas >= DELTAS_MAX);
        let (deltas, body) = match &self.parent {
            Some(parent) if !full => (
                parent.deltas + 1,
                Body::between(&parent.groups, &self.groups),
            ),
            _ => (0, Body::between(&Groups::new(), &self.groups)),
        };
        let counts: BTreeMap<String, u64> = self
            .groups
            .iter()
            .map(|(group, objects)| (group.clone(), objects.len() as u64))
            .collect();
        let header = Header {
            org: self.org.clone(),
            sequence: self.sequence,
            parent: self.parent.as_ref().map(|parent| parent.summary.id),
            started: self.started,
            finished: now,
            deltas,
            groups: counts,
            facts,
            body_raw: 0,
            body_hash: String::new(),
        };
        (header, body)
    }

    async fn gather(&mut self, group: &str, id: ObjectId, bytes: &[u8]) -> Result<(), Error> {
        let block = self.open_blocks.entry(group.to_owned()).or_default();
        if !block.objects.is_empty() && block.bytes.len() + bytes.len() > BLOCK_BYTES {
            let full = std::mem::take(block);
            self.close_block(group, full).await?;
        }
        let block = self.open_blocks.entry(group.to_owned()).or_default();
        block.bytes.extend_from_slice(bytes);
        // Fits: an object has at most 8 MiB.
        block.objects.push((id, bytes.len() as u32));
        Ok(())
    }

    async fn close_block(&mut self, group: &str, block: OpenBlock) -> Result<(), Error> {
        if block.objects.is_empty() {
            return Ok(());
        }
        let compressed = self
            .compressor
            .compress(&block.bytes)
            .map_err(|_| COMPRESSION)?;
        if self
            .draft
            .as_ref()
            .is_some_and(|draft| !draft.has_room(compressed.len(), block.objects.len()))
        {
            self.close_pack().await?;
        }
        let draft = match &mut self.draft {
            Some(draft) => draft,
            none => none.insert(Draft::begin(self.repository.keys())?),
        };
        draft.push(group, block.bytes.len(), compressed, block.objects)
    }

    async fn close_pack(&mut self) -> Result<(), Error> {
        let Some(draft) = self.draft.take() else {
            return Ok(());
        };
        let (pack, bytes) = draft.finish()?;
        self.written_bytes += bytes.len() as u64;
        self.repository.blobs().create(&pack.name, bytes).await?;
        for (id, _) in pack.blocks.iter().flat_map(|block| &block.objects) {
            self.pending.remove(id);
        }
        self.repository.index().add(pack);
        Ok(())
    }
}

fn within(what: &str, bytes: usize, limit: usize) -> Result<(), Error> {
    if bytes > limit {
        Err(Error::TooLarge {
            what: what.to_owned(),
            bytes,
            limit,
        })
    } else {
        Ok(())
    }
}

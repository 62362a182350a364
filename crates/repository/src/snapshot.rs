//! One snapshot, opened: which objects it has, and their bytes.
//!
//! Holding a snapshot keeps its list of keys and ids in memory, not the bytes. Bytes are checked against their id whenever
//! they are read.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::blobs::{Blobs, Extent};
use crate::error::{Damage, Error};
use crate::hex;
use crate::manifest::{Groups, OpenHead};
use crate::object::ObjectId;
use crate::pack::{Block, Pack, objects};
use crate::repository::Repository;

/// The hash that stands for a snapshot and, through its parents, for all before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SnapshotId(pub(crate) [u8; 32]);

impl fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

impl fmt::Debug for SnapshotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SnapshotId({self})")
    }
}

impl Serialize for SnapshotId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for SnapshotId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        hex::deserialize(deserializer).map(Self)
    }
}

/// The newest snapshot of an org as somebody saw it. Kept outside the repository, it lets a check notice that newer
/// snapshots were taken away, which nothing inside can prove.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The org.
    pub org: String,
    /// Its newest snapshot's number.
    pub sequence: u64,
    /// Its newest snapshot's id.
    pub id: SnapshotId,
}

/// What a list of snapshots shows of one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SnapshotSummary {
    /// The snapshot's id.
    pub id: SnapshotId,
    /// The org it was taken of.
    pub org: String,
    /// 1, 2, 3 … within the org.
    pub sequence: u64,
    /// The id of the snapshot before.
    pub parent: Option<SnapshotId>,
    /// When its backup began.
    pub started: Timestamp,
    /// When its backup ended.
    pub finished: Timestamp,
    /// Objects per group. A group with 0 objects was looked at and is empty; an absent one was not looked at.
    pub groups: BTreeMap<String, u64>,
    /// What the backup remembered about itself.
    pub facts: serde_json::Value,
}

impl SnapshotSummary {
    pub(crate) fn of(head: OpenHead) -> Self {
        let OpenHead { id, header, .. } = head;
        Self {
            id,
            org: header.org,
            sequence: header.sequence,
            parent: header.parent,
            started: header.started,
            finished: header.finished,
            groups: header.groups,
            facts: header.facts,
        }
    }

    /// All objects of all groups.
    pub fn object_count(&self) -> u64 {
        self.groups.values().sum()
    }

    /// This snapshot as a witness for later checks.
    pub fn head(&self) -> Head {
        Head {
            org: self.org.clone(),
            sequence: self.sequence,
            id: self.id,
        }
    }
}

/// A snapshot, ready to be read.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub(crate) repository: Repository,
    pub(crate) summary: SnapshotSummary,
    pub(crate) deltas: u32,
    pub(crate) groups: Groups,
}

impl Snapshot {
    /// Id, times, counts and facts.
    pub fn summary(&self) -> &SnapshotSummary {
        &self.summary
    }

    /// Names of the groups, sorted; empty groups included.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        self.groups.keys().map(String::as_str)
    }

    /// Keys of a group, sorted; none for a group the snapshot does not have.
    pub fn keys(&self, group: &str) -> impl Iterator<Item = &str> {
        self.groups
            .get(group)
            .into_iter()
            .flat_map(|objects| objects.keys().map(String::as_str))
    }

    /// The id of an object's bytes: equal ids in two snapshots of one repository mean equal bytes.
    pub fn object_id(&self, group: &str, key: &str) -> Option<ObjectId> {
        self.groups.get(group)?.get(key).copied()
    }

    /// The bytes of one object; decodes one block.
    pub async fn read(&self, group: &str, key: &str) -> Result<Vec<u8>, Error> {
        let id = self.object_id(group, key).ok_or_else(|| Error::NoObject {
            group: group.to_owned(),
            key: key.to_owned(),
        })?;
        let missing = || Error::Missing {
            group: group.to_owned(),
            key: key.to_owned(),
        };
        let found = self.repository.index().find(id).ok_or_else(missing)?;
        let block = found.pack.blocks.get(found.block).ok_or_else(missing)?;
        let sealed = read_block(&**self.repository.blobs(), &found.pack, block).await?;
        let damaged = |damage: Damage| damage.of(&found.pack.name);
        let bytes = found
            .pack
            .decode(self.repository.keys(), found.block, &sealed)
            .map_err(damaged)?;
        let mut parts = objects(self.repository.keys(), block, &bytes).skip(found.ordinal);
        let (_, object) = parts.next().ok_or_else(missing)?.map_err(damaged)?;
        Ok(object.to_vec())
    }

    /// Shows every object of a group once, in the order it lies in the repository; decodes each block once and holds one
    /// pack at a time. Ends at the first error of the caller or of the repository.
    pub async fn for_each<E: From<Error>>(
        &self,
        group: &str,
        mut show: impl FnMut(&str, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        for (pack, wanted) in self.packs_of(group)? {
            let damaged = |damage: Damage| E::from(damage.of(&pack.name));
            let source =
                BlockSource::of(self.repository.blobs(), &pack, wanted.keys().copied()).await?;
            for (number, keys) in wanted {
                let block = pack
                    .blocks
                    .get(number)
                    .ok_or_else(|| damaged(Damage::new("it has no such block")))?;
                let sealed = source.read(block).await?;
                let decoded = pack
                    .decode(self.repository.keys(), number, &sealed)
                    .map_err(damaged)?;
                for (ordinal, object) in
                    objects(self.repository.keys(), block, &decoded).enumerate()
                {
                    let (_, object) = object.map_err(damaged)?;
                    for key in keys.get(&ordinal).into_iter().flatten() {
                        show(key, object)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// All objects of a group in memory, by key.
    pub async fn load_all(&self, group: &str) -> Result<BTreeMap<String, Vec<u8>>, Error> {
        let mut all = BTreeMap::new();
        self.for_each(group, |key, bytes| {
            all.insert(key.to_owned(), bytes.to_vec());
            Ok::<_, Error>(())
        })
        .await?;
        Ok(all)
    }

    /// Which blocks of which packs hold a group's objects, and which keys each object has.
    fn packs_of(&self, group: &str) -> Result<Vec<(Arc<Pack>, BlockKeys<'_>)>, Error> {
        let index = self.repository.index();
        let mut packs: HashMap<String, (Arc<Pack>, BlockKeys<'_>)> = HashMap::new();
        for (key, id) in self.groups.get(group).into_iter().flatten() {
            let missing = || Error::Missing {
                group: group.to_owned(),
                key: key.clone(),
            };
            let found = index.find(*id).ok_or_else(missing)?;
            let (_, blocks) = packs
                .entry(found.pack.name.clone())
                .or_insert_with(|| (Arc::clone(&found.pack), BTreeMap::new()));
            blocks
                .entry(found.block)
                .or_default()
                .entry(found.ordinal)
                .or_default()
                .push(key);
        }
        let mut packs: Vec<_> = packs.into_values().collect();
        packs.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
        Ok(packs)
    }
}

/// Where a pack's blocks are taken from: one read of the whole pack if much of it is wanted, else a read per block.
enum BlockSource<'a> {
    Whole(Vec<u8>),
    Single(&'a dyn Blobs, &'a Pack),
}

impl<'a> BlockSource<'a> {
    async fn of(
        blobs: &'a Arc<dyn Blobs>,
        pack: &'a Pack,
        wanted: impl Iterator<Item = usize>,
    ) -> Result<Self, Error> {
        let length = |block: &Block| u64::from(block.length);
        let all: u64 = pack.blocks.iter().map(length).sum();
        let wanted: u64 = wanted
            .filter_map(|number| pack.blocks.get(number))
            .map(length)
            .sum();
        if wanted.saturating_mul(WHOLE_PACK_SHARE) < all {
            return Ok(Self::Single(&**blobs, pack));
        }
        Ok(Self::Whole(blobs.read(&pack.name, Extent::Whole).await?))
    }

    async fn read(&self, block: &Block) -> Result<Cow<'_, [u8]>, Error> {
        match self {
            // A range beyond the file gives no bytes, and no bytes do not open.
            Self::Whole(bytes) => {
                let (begin, end) = (
                    block.offset as usize,
                    (block.offset + u64::from(block.length)) as usize,
                );
                Ok(Cow::Borrowed(bytes.get(begin..end).unwrap_or_default()))
            }
            Self::Single(blobs, pack) => Ok(Cow::Owned(read_block(*blobs, pack, block).await?)),
        }
    }
}

async fn read_block(blobs: &dyn Blobs, pack: &Pack, block: &Block) -> Result<Vec<u8>, Error> {
    let extent = Extent::At {
        offset: block.offset,
        length: u64::from(block.length),
    };
    Ok(blobs.read(&pack.name, extent).await?)
}

/// A pack is read as a whole when at least one part in so many of it is wanted: four reads of a few blocks cost about as
/// much as one of 16 MiB.
const WHOLE_PACK_SHARE: u64 = 4;

/// Block number → ordinal within the block → keys (several when objects are equal).
type BlockKeys<'a> = BTreeMap<usize, HashMap<usize, Vec<&'a str>>>;

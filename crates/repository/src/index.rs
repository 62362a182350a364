//! Where every object of a repository lies: gathered in memory from the packs' own indexes.
//!
//! There is no index file that could disagree with the packs. A pack whose index does not open counts as not there: its
//! objects are missing to readers, and stored again by the next writer.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::blobs::{BlobError, Blobs, Extent};
use crate::error::{Damage, Error};
use crate::hex;
use crate::key::Keys;
use crate::limits::{INDEX_READ_BYTES, PACK_BYTES_MAX};
use crate::object::ObjectId;
use crate::pack::{PREFIX, Pack, Trailer};

/// The packs read so far and where their objects lie.
#[derive(Debug, Default)]
pub(crate) struct Index {
    packs: Vec<Arc<Pack>>,
    places: HashMap<ObjectId, Place>,
    damaged: BTreeMap<String, Damage>,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    pack: u32,
    block: u32,
    ordinal: u32,
}

/// One object's place.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) pack: Arc<Pack>,
    /// The block's number within the pack.
    pub(crate) block: usize,
    /// The object's number within the block.
    pub(crate) ordinal: usize,
}

impl Index {
    pub(crate) fn contains(&self, id: ObjectId) -> bool {
        self.places.contains_key(&id)
    }

    pub(crate) fn find(&self, id: ObjectId) -> Option<Found> {
        let place = self.places.get(&id)?;
        let pack = self.packs.get(place.pack as usize)?;
        Some(Found {
            pack: Arc::clone(pack),
            block: place.block as usize,
            ordinal: place.ordinal as usize,
        })
    }

    pub(crate) fn packs(&self) -> &[Arc<Pack>] {
        &self.packs
    }

    pub(crate) fn damaged(&self) -> &BTreeMap<String, Damage> {
        &self.damaged
    }

    /// Of the packs that exist, those not read yet. Forgets everything if a known pack is gone.
    pub(crate) fn unread(&mut self, existing: &[String]) -> Vec<String> {
        let existing: BTreeSet<&str> = existing.iter().map(String::as_str).collect();
        let known = self
            .packs
            .iter()
            .map(|pack| &pack.name)
            .chain(self.damaged.keys());
        let known: BTreeSet<&str> = known.map(String::as_str).collect();
        if known.is_subset(&existing) {
            return existing
                .difference(&known)
                .map(|&name| name.to_owned())
                .collect();
        }
        *self = Self::default();
        existing.into_iter().map(str::to_owned).collect()
    }

    pub(crate) fn add(&mut self, pack: Pack) {
        if self.packs.iter().any(|known| known.name == pack.name) {
            return;
        }
        // Numbers fit: a pack has at most thousands of blocks and its objects are counted in u32 in the file.
        let number = self.packs.len() as u32;
        for (block, entry) in pack.blocks.iter().enumerate() {
            for (ordinal, (id, _)) in entry.objects.iter().enumerate() {
                let place = Place {
                    pack: number,
                    block: block as u32,
                    ordinal: ordinal as u32,
                };
                self.places.entry(*id).or_insert(place);
            }
        }
        self.packs.push(Arc::new(pack));
    }

    pub(crate) fn add_damaged(&mut self, name: String, damage: Damage) {
        self.damaged.insert(name, damage);
    }
}

/// What reading one pack's index gave.
pub(crate) enum PackRead {
    Intact(Pack),
    Damaged(Damage),
    /// It vanished between listing and reading.
    Gone,
}

/// Reads a pack's index: one read for small packs, two for large ones.
pub(crate) async fn read_pack_index(
    blobs: &dyn Blobs,
    keys: &Keys,
    name: &str,
) -> Result<PackRead, Error> {
    if name
        .strip_prefix(PREFIX)
        .is_none_or(|hash| hex::decode::<32>(hash).is_none())
    {
        return Ok(PackRead::Damaged(Damage::new("its name is not a pack's")));
    }
    let mut tail = match blobs.read(name, Extent::Last(INDEX_READ_BYTES)).await {
        Ok(tail) => tail,
        Err(BlobError::Absent { .. }) => return Ok(PackRead::Gone),
        Err(error) => return Err(error.into()),
    };
    let trailer = match Trailer::parse(&tail) {
        Ok(trailer) => trailer,
        Err(damage) => return Ok(PackRead::Damaged(damage)),
    };
    if trailer.tail_bytes() > tail.len() as u64 && trailer.tail_bytes() <= PACK_BYTES_MAX as u64 {
        tail = blobs.read(name, Extent::Last(trailer.tail_bytes())).await?;
    }
    Ok(match trailer.index(keys, name, &tail) {
        Ok(pack) => PackRead::Intact(pack),
        Err(damage) => PackRead::Damaged(damage),
    })
}

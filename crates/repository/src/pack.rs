//! Packs: many objects in one file, in solid compressed blocks, each sealed.
//!
//! Layout: sealed blocks, one after the other; the sealed index; a trailer of 48 bytes in the clear (salt, lengths, magic).
//! Nonce 0 seals the index, nonce n the n-th block. The file's name is the BLAKE3 of its bytes, so damage shows without a key.

use serde::{Deserialize, Serialize};

use crate::cipher::{Cipher, SALT_BYTES, TAG_BYTES, salt};
use crate::error::{Damage, Error};
use crate::key::Keys;
use crate::limits::{
    BLOCK_BYTES, INDEX_BLOCK_BYTES, INDEX_BYTES_MAX, INDEX_OBJECT_BYTES, OBJECT_BYTES_MAX,
    PACK_BLOCKS_MAX, PACK_BYTES_MAX, PACK_OBJECTS_MAX,
};
use crate::object::ObjectId;

/// One block: where it lies, and which objects follow one another in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Block {
    pub(crate) group: String,
    /// Bytes from the beginning of the pack.
    pub(crate) offset: u64,
    /// Bytes in the pack, tag included.
    pub(crate) length: u32,
    /// Bytes when decoded.
    pub(crate) raw: u32,
    /// Id and length of each object, in order.
    pub(crate) objects: Vec<(ObjectId, u32)>,
}

/// A pack's place and index.
#[derive(Debug)]
pub(crate) struct Pack {
    pub(crate) name: String,
    pub(crate) salt: [u8; SALT_BYTES],
    pub(crate) blocks: Vec<Block>,
}

/// A pack being filled in memory.
pub(crate) struct Draft {
    salt: [u8; SALT_BYTES],
    cipher: Cipher,
    bytes: Vec<u8>,
    blocks: Vec<Block>,
    objects: usize,
    index_bytes: usize,
}

impl Draft {
    pub(crate) fn begin(keys: &Keys) -> Result<Self, Error> {
        let salt = salt()?;
        let cipher = keys.pack(&salt)?;
        Ok(Self {
            salt,
            cipher,
            bytes: Vec::new(),
            blocks: Vec::new(),
            objects: 0,
            index_bytes: 0,
        })
    }

    pub(crate) fn has_room(&self, compressed: usize, objects: usize) -> bool {
        let index = self.index_bytes + INDEX_BLOCK_BYTES + INDEX_OBJECT_BYTES * objects;
        self.blocks.len() < PACK_BLOCKS_MAX
            && self.objects + objects <= PACK_OBJECTS_MAX
            && self.bytes.len() + compressed + TAG_BYTES + index + FRAME_BYTES <= PACK_BYTES_MAX
    }

    /// Seals one compressed block of `raw` decoded bytes into the pack.
    pub(crate) fn push(
        &mut self,
        group: &str,
        raw: usize,
        compressed: Vec<u8>,
        objects: Vec<(ObjectId, u32)>,
    ) -> Result<(), Error> {
        let counter = self.blocks.len() as u64 + 1;
        let sealed = self.cipher.seal(counter, ABOUT_BLOCK, compressed)?;
        let (offset, length, raw) = (self.bytes.len() as u64, narrow(sealed.len())?, narrow(raw)?);
        self.bytes.extend_from_slice(&sealed);
        self.objects += objects.len();
        self.index_bytes += INDEX_BLOCK_BYTES + INDEX_OBJECT_BYTES * objects.len();
        self.blocks.push(Block {
            group: group.to_owned(),
            offset,
            length,
            raw,
            objects,
        });
        Ok(())
    }

    /// Closes the pack: its index for memory, its bytes for the medium.
    pub(crate) fn finish(mut self) -> Result<(Pack, Vec<u8>), Error> {
        let index = serde_json::to_vec(&self.blocks).map_err(|_| Error::Unavailable {
            what: "serialisation",
        })?;
        let compressed = zstd::bulk::compress(&index, ZSTD_LEVEL).map_err(|_| COMPRESSION)?;
        let trailer = Trailer {
            salt: self.salt,
            raw: narrow(index.len())?,
            sealed: narrow(compressed.len() + TAG_BYTES)?,
        };
        let frame = trailer.encode();
        self.bytes
            .extend_from_slice(&self.cipher.seal(0, &frame, compressed)?);
        self.bytes.extend_from_slice(&frame);
        let name = name_of(&self.bytes);
        Ok((
            Pack {
                name,
                salt: self.salt,
                blocks: self.blocks,
            },
            self.bytes,
        ))
    }
}

/// The clear end of a pack.
pub(crate) struct Trailer {
    salt: [u8; SALT_BYTES],
    raw: u32,
    sealed: u32,
}

impl Trailer {
    pub(crate) fn parse(tail: &[u8]) -> Result<Self, Damage> {
        let frame: &[u8; TRAILER_BYTES] = tail
            .last_chunk()
            .ok_or_else(|| Damage::new("it is cut off"))?;
        let (salt, rest) = frame
            .split_first_chunk::<SALT_BYTES>()
            .ok_or_else(|| Damage::new("it is cut off"))?;
        let (raw, rest) = rest
            .split_first_chunk::<4>()
            .ok_or_else(|| Damage::new("it is cut off"))?;
        let (sealed, magic) = rest
            .split_first_chunk::<4>()
            .ok_or_else(|| Damage::new("it is cut off"))?;
        if magic != MAGIC {
            return Err(Damage::new(
                "it does not end like a pack (cut off or changed)",
            ));
        }
        Ok(Self {
            salt: *salt,
            raw: u32::from_be_bytes(*raw),
            sealed: u32::from_be_bytes(*sealed),
        })
    }

    /// Bytes from the end that hold index and trailer.
    pub(crate) fn tail_bytes(&self) -> u64 {
        u64::from(self.sealed) + TRAILER_BYTES as u64
    }

    /// Opens the index out of a tail at least that long.
    pub(crate) fn index(&self, keys: &Keys, name: &str, tail: &[u8]) -> Result<Pack, Damage> {
        let raw = self.raw as usize;
        if raw > INDEX_BYTES_MAX {
            return Err(Damage::new("its index is larger than any pack's"));
        }
        let end = tail.len().checked_sub(TRAILER_BYTES);
        let begin = end.and_then(|end| end.checked_sub(self.sealed as usize));
        let sealed = begin
            .zip(end)
            .and_then(|(begin, end)| tail.get(begin..end))
            .ok_or_else(|| Damage::new("it is cut off"))?;
        let cipher = keys
            .pack(&self.salt)
            .map_err(|error| Damage::new(error.to_string()))?;
        let compressed = cipher.open(0, &self.encode(), sealed.to_vec())?;
        let index = decompress(&compressed, raw)?;
        let blocks: Vec<Block> = serde_json::from_slice(&index)
            .map_err(|error| Damage::new(format!("its index does not parse: {error}")))?;
        if blocks.iter().all(Block::is_sound) {
            Ok(Pack {
                name: name.to_owned(),
                salt: self.salt,
                blocks,
            })
        } else {
            Err(Damage::new("its index contradicts itself"))
        }
    }

    fn encode(&self) -> Vec<u8> {
        [
            &self.salt[..],
            &self.raw.to_be_bytes(),
            &self.sealed.to_be_bytes(),
            MAGIC,
        ]
        .concat()
    }
}

impl Block {
    fn is_sound(&self) -> bool {
        let sum: u64 = self
            .objects
            .iter()
            .map(|(_, length)| u64::from(*length))
            .sum();
        sum == u64::from(self.raw) && self.raw as usize <= OBJECT_BYTES_MAX.max(BLOCK_BYTES)
    }
}

impl Pack {
    /// Decodes the block of this number out of its bytes.
    pub(crate) fn decode(
        &self,
        keys: &Keys,
        number: usize,
        sealed: &[u8],
    ) -> Result<Vec<u8>, Damage> {
        let block = self
            .blocks
            .get(number)
            .ok_or_else(|| Damage::new("it has no such block"))?;
        let cipher = keys
            .pack(&self.salt)
            .map_err(|error| Damage::new(error.to_string()))?;
        let compressed = cipher.open(number as u64 + 1, ABOUT_BLOCK, sealed.to_vec())?;
        decompress(&compressed, block.raw as usize)
    }
}

/// Splits a decoded block into its objects, each checked against its id.
pub(crate) fn objects<'a>(
    keys: &'a Keys,
    block: &'a Block,
    bytes: &'a [u8],
) -> impl Iterator<Item = Result<(ObjectId, &'a [u8]), Damage>> + 'a {
    let mut rest = bytes;
    block.objects.iter().map(move |(id, length)| {
        let (object, after) = rest
            .split_at_checked(*length as usize)
            .ok_or_else(|| Damage::new("a block is too short"))?;
        rest = after;
        if keys.object_id(object) == *id {
            Ok((*id, object))
        } else {
            Err(Damage::new("an object differs from its id"))
        }
    })
}

/// The name of a pack with these bytes.
pub(crate) fn name_of(bytes: &[u8]) -> String {
    format!("{PREFIX}{}", blake3::hash(bytes).to_hex())
}

/// Decodes zstd data known to have `raw` bytes.
pub(crate) fn decompress(compressed: &[u8], raw: usize) -> Result<Vec<u8>, Damage> {
    let bytes = zstd::bulk::decompress(compressed, raw)
        .map_err(|_| Damage::new("its compressed data does not decode"))?;
    if bytes.len() == raw {
        Ok(bytes)
    } else {
        Err(Damage::new(
            "its decoded data has another length than written",
        ))
    }
}

fn narrow(length: usize) -> Result<u32, Error> {
    u32::try_from(length).map_err(|_| Error::TooLarge {
        what: "a block".to_owned(),
        bytes: length,
        limit: PACK_BYTES_MAX,
    })
}

/// Where packs lie.
pub(crate) const PREFIX: &str = "packs/";
/// zstd's level: measured best in size for its CPU on records of ~1.4 kB in blocks of 64 KiB.
pub(crate) const ZSTD_LEVEL: i32 = 3;
pub(crate) const COMPRESSION: Error = Error::Unavailable {
    what: "compression",
};
const MAGIC: &[u8; 8] = b"PORTPAK1";
const TRAILER_BYTES: usize = SALT_BYTES + 4 + 4 + 8;
/// Trailer, the index's tag and zstd's framing of an index that does not compress.
const FRAME_BYTES: usize = TRAILER_BYTES + TAG_BYTES + 64 * 1024;
const ABOUT_BLOCK: &[u8] = b"portcullis pack block";

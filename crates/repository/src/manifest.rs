//! Manifests: what one snapshot consists of, sealed, and chained to the snapshot before.
//!
//! Layout: magic (8), salt (32), length of the sealed head (4, big-endian), sealed head, sealed body. Nonce 0 seals the head and
//! binds it to the file's name, nonce 1 the body. The head carries the body's hash, so the BLAKE3 of everything up
//! to the head's end stands for the whole and is the snapshot's id; listing snapshots never reads bodies.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::cipher::{SALT_BYTES, TAG_BYTES, salt};
use crate::error::{Damage, Error};
use crate::key::Keys;
use crate::limits::{BODY_BYTES_MAX, HEAD_BYTES_MAX};
use crate::object::ObjectId;
use crate::pack::{COMPRESSION, ZSTD_LEVEL, decompress};
use crate::snapshot::SnapshotId;

/// Group → key → object.
pub(crate) type Groups = BTreeMap<String, BTreeMap<String, ObjectId>>;

/// The short part: who, when, after what, how much.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    pub(crate) org: String,
    /// 1, 2, 3 … within the org.
    pub(crate) sequence: u64,
    /// The id of the snapshot before; none for the first, or when that one could not be read.
    pub(crate) parent: Option<SnapshotId>,
    pub(crate) started: Timestamp,
    pub(crate) finished: Timestamp,
    /// 0: the body lists everything. n: it lists changes, and the n manifests before are needed too.
    pub(crate) deltas: u32,
    /// Objects per group.
    pub(crate) groups: BTreeMap<String, u64>,
    /// What the caller wants to remember: completeness per group, version of the program.
    pub(crate) facts: serde_json::Value,
    /// Bytes of the body, decoded.
    pub(crate) body_raw: u64,
    /// BLAKE3 of the sealed body.
    pub(crate) body_hash: String,
}

/// The long part. Every group of the snapshot is named; one that is not named is gone.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Body {
    pub(crate) groups: BTreeMap<String, GroupChange>,
}

/// What differs from the snapshot before (from nothing, in a full list).
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupChange {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) put: BTreeMap<String, ObjectId>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) removed: BTreeSet<String>,
}

impl Body {
    /// What leads from `before` to `after`.
    pub(crate) fn between(before: &Groups, after: &Groups) -> Self {
        let none = BTreeMap::new();
        let change = |(group, objects): (&String, &BTreeMap<String, ObjectId>)| {
            let old = before.get(group).unwrap_or(&none);
            let put = objects
                .iter()
                .filter(|(key, id)| old.get(*key) != Some(id))
                .map(|(key, id)| (key.clone(), *id));
            let removed = old
                .keys()
                .filter(|key| !objects.contains_key(*key))
                .cloned();
            (
                group.clone(),
                GroupChange {
                    put: put.collect(),
                    removed: removed.collect(),
                },
            )
        };
        Self {
            groups: after.iter().map(change).collect(),
        }
    }

    /// Turns the state before into the state after.
    pub(crate) fn apply(self, groups: &mut Groups) {
        groups.retain(|group, _| self.groups.contains_key(group));
        for (group, change) in self.groups {
            let objects = groups.entry(group).or_default();
            objects.retain(|key, _| !change.removed.contains(key));
            objects.extend(change.put);
        }
    }
}

/// A manifest's head, opened.
pub(crate) struct OpenHead {
    pub(crate) id: SnapshotId,
    pub(crate) header: Header,
    salt: [u8; SALT_BYTES],
    body_offset: usize,
}

/// Makes the file of a manifest; fills in what the header says about the body.
pub(crate) fn encode(
    keys: &Keys,
    name: &str,
    header: &mut Header,
    body: &Body,
) -> Result<(SnapshotId, Vec<u8>), Error> {
    let salt = salt()?;
    let cipher = keys.manifest(&salt)?;
    let raw = serde_json::to_vec(body).map_err(|_| SERIALISATION)?;
    too_large("the list of objects", raw.len(), BODY_BYTES_MAX)?;
    let sealed_body = cipher.seal(
        1,
        ABOUT_BODY,
        zstd::bulk::compress(&raw, ZSTD_LEVEL).map_err(|_| COMPRESSION)?,
    )?;
    header.body_raw = raw.len() as u64;
    header.body_hash = blake3::hash(&sealed_body).to_hex().to_string();
    let head = serde_json::to_vec(header).map_err(|_| SERIALISATION)?;
    too_large(
        "the facts of a snapshot",
        head.len(),
        HEAD_BYTES_MAX - TAG_BYTES,
    )?;
    let length = u32::try_from(head.len() + TAG_BYTES).map_err(|_| SERIALISATION)?;
    let mut bytes = [&MAGIC[..], &salt, &length.to_be_bytes()].concat();
    bytes.extend_from_slice(&cipher.seal(0, &about_head(name, &bytes), head)?);
    let id = SnapshotId(*blake3::hash(&bytes).as_bytes());
    bytes.extend_from_slice(&sealed_body);
    Ok((id, bytes))
}

/// How many bytes from the beginning the head takes, told by the first [`FIXED_BYTES`].
pub(crate) fn head_bytes(beginning: &[u8]) -> Result<usize, Damage> {
    let (magic, rest) = beginning.split_first_chunk::<8>().ok_or_else(cut)?;
    if magic != MAGIC {
        return Err(Damage::new("it does not begin like a manifest"));
    }
    let length = rest
        .get(SALT_BYTES..)
        .and_then(|rest| rest.first_chunk::<4>())
        .ok_or_else(cut)?;
    let length = u32::from_be_bytes(*length) as usize;
    if length > HEAD_BYTES_MAX {
        Err(Damage::new("its head is larger than any manifest's"))
    } else {
        Ok(FIXED_BYTES + length)
    }
}

/// Opens the head out of at least the first [`head_bytes`] bytes.
pub(crate) fn open_head(keys: &Keys, name: &str, bytes: &[u8]) -> Result<OpenHead, Damage> {
    let body_offset = head_bytes(bytes)?;
    let whole = bytes.get(..body_offset).ok_or_else(cut)?;
    let (fixed, sealed) = whole.split_at_checked(FIXED_BYTES).ok_or_else(cut)?;
    let salt = fixed
        .get(8..)
        .and_then(|rest| rest.first_chunk::<SALT_BYTES>())
        .ok_or_else(cut)?;
    let cipher = keys
        .manifest(salt)
        .map_err(|error| Damage::new(error.to_string()))?;
    let head = cipher.open(0, &about_head(name, fixed), sealed.to_vec())?;
    let header: Header = serde_json::from_slice(&head)
        .map_err(|error| Damage::new(format!("its head does not parse: {error}")))?;
    Ok(OpenHead {
        id: SnapshotId(*blake3::hash(whole).as_bytes()),
        header,
        salt: *salt,
        body_offset,
    })
}

/// Opens the body out of the whole file.
pub(crate) fn open_body(keys: &Keys, head: &OpenHead, bytes: &[u8]) -> Result<Body, Damage> {
    let sealed = bytes.get(head.body_offset..).ok_or_else(cut)?;
    if blake3::hash(sealed).to_hex().as_str() != head.header.body_hash {
        return Err(Damage::new(
            "its body is not the one its head was written for",
        ));
    }
    let raw = usize::try_from(head.header.body_raw)
        .ok()
        .filter(|raw| *raw <= BODY_BYTES_MAX);
    let raw = raw.ok_or_else(|| Damage::new("its body is larger than any manifest's"))?;
    let cipher = keys
        .manifest(&head.salt)
        .map_err(|error| Damage::new(error.to_string()))?;
    let body = decompress(&cipher.open(1, ABOUT_BODY, sealed.to_vec())?, raw)?;
    serde_json::from_slice(&body)
        .map_err(|error| Damage::new(format!("its body does not parse: {error}")))
}

/// The head's seal holds only in the file of this name, behind these first bytes.
fn about_head(name: &str, fixed: &[u8]) -> Vec<u8> {
    [ABOUT_HEAD, name.as_bytes(), b"\0", fixed].concat()
}

fn cut() -> Damage {
    Damage::new("it is cut off")
}

fn too_large(what: &str, bytes: usize, limit: usize) -> Result<(), Error> {
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

/// Bytes in front of the sealed head.
pub(crate) const FIXED_BYTES: usize = 8 + SALT_BYTES + 4;
const MAGIC: &[u8; 8] = b"PORTSNP1";
const ABOUT_HEAD: &[u8] = b"portcullis manifest head\0";
const ABOUT_BODY: &[u8] = b"portcullis manifest body";
const SERIALISATION: Error = Error::Unavailable {
    what: "serialisation",
};

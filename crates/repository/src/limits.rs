//! The bounds of this crate, with the arithmetic behind each.

/// Raw bytes gathered into one solid block: ~47 objects of 1.4 kB, which compress 5x together and 1.7x alone; reading
/// one object decodes one block (~0.2 ms measured).
pub(crate) const BLOCK_BYTES: usize = 64 * 1024;
/// Largest object. Okta answers of hundreds of kB exist (policies with long conditions); 8 MiB is far above and, uncompressible,
/// still fits a pack with its index.
pub(crate) const OBJECT_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Largest pack: held in memory while written, and one upload.
pub(crate) const PACK_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Objects in one pack: at 45 bytes of index each, 4.5 MB.
pub(crate) const PACK_OBJECTS_MAX: usize = 100_000;
/// Blocks in one pack: more than 16 MiB / 64 KiB x 16 (well compressed blocks), and 4,096 x 400 bytes of index = 1.6 MB.
pub(crate) const PACK_BLOCKS_MAX: usize = 4_096;
/// Upper bound of one object's line in a pack's index: 32 hex digits, length of up to 7 digits, brackets and commas.
pub(crate) const INDEX_OBJECT_BYTES: usize = 45;
/// Upper bound of one block's line in a pack's index without its objects: 120 bytes of numbers and names, and the group.
pub(crate) const INDEX_BLOCK_BYTES: usize = 120 + GROUP_BYTES_MAX * 2;
/// Largest index of a pack, decoded: 4.5 MB + 1.6 MB and room for change.
pub(crate) const INDEX_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Bytes read from a pack's end in the hope of getting its whole index: enough for ~3,000 objects.
pub(crate) const INDEX_READ_BYTES: u64 = 64 * 1024;
/// Longest name of a group (a resource type's name).
pub(crate) const GROUP_BYTES_MAX: usize = 128;
/// Longest key of an object within its group (Okta ids are 20 bytes; composed keys a few of them).
pub(crate) const KEY_BYTES_MAX: usize = 1_024;
/// Longest name of an org in the settings.
pub(crate) const ORG_BYTES_MAX: usize = 128;
/// Largest sealed head of a manifest; mostly the caller's facts: 200 resource types x 1 kB is 0.2 MB.
pub(crate) const HEAD_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Bytes read from a manifest's beginning in the hope of getting its whole head.
pub(crate) const HEAD_READ_BYTES: u64 = 64 * 1024;
/// Largest manifest body, decoded: 4 million objects x 64 bytes.
pub(crate) const BODY_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Manifests in a row that list only changes. Reading the last reads 16 bodies; a full list every 16 snapshots costs
/// ~26 bytes per object (16 of id, which do not compress, ~10 of key), or 1.6 bytes per object and snapshot.
pub(crate) const DELTAS_MAX: u32 = 15;
/// Largest `config.json`.
pub(crate) const CONFIG_BYTES_MAX: usize = 16 * 1024;
/// Missing objects named one by one per group in a report; the rest is counted.
pub(crate) const MISSING_NAMED_MAX: usize = 3;
/// Longest record of a journal: one request body (an object) with its surroundings.
pub(crate) const RECORD_BYTES_MAX: usize = 2 * OBJECT_BYTES_MAX;
/// Largest journal read back: 1 million steps x 1 kB.
pub(crate) const JOURNAL_BYTES_MAX: u64 = 1024 * 1024 * 1024;

//! The bounds of this crate, each with its arithmetic.

use std::time::Duration;

/// Size at which a file of the chain is full, in bytes: about 100,000 entries of 330 B, checked in a fifth of a second when a
/// trail is opened (328,000 entries took 0.54 s).
pub const FILE_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// Bytes of entries waiting for the disk from which on every caller waits with them: 4 MiB are 10,000 entries, one second of reads
/// at 5,000 calls per second. Callers are slowed down to the disk's pace before anyone is refused.
pub(crate) const WAITING_BYTES_CALM: usize = 4 << 20;

/// Most bytes of entries waiting for the disk: beyond that nothing is taken in. Twice this is in memory at most: what waits, and
/// what is being written.
pub(crate) const WAITING_BYTES_MAX: usize = 8 << 20;

/// Bytes of room kept between two batches: 10 ms at 40,000 entries per second are 400 entries, 150 KB.
pub(crate) const ROOM_BYTES_KEPT: usize = 256 << 10;

/// Bytes of lines after which a flush does not wait any longer: lines stay in memory until they are flushed, and 3,000 entries are
/// room enough. At 5,000 calls per second that is a flush every 0.3 s.
pub(crate) const FLUSH_BYTES: usize = 1 << 20;

/// How long entries that nobody waits for may gather before they are written: a crash of the process loses no more.
pub(crate) const GATHER: Duration = Duration::from_millis(10);

/// How long written entries that nobody waits for may stay unflushed: a power failure loses no more.
pub(crate) const FLUSH_AFTER: Duration = Duration::from_secs(1);

/// Most characters kept of a caller's text (user agent, path value, reason): longer ones are cut and marked with `…`.
pub(crate) const TEXT_CHARS_MAX: usize = 256;

/// Longest line accepted when a chain is read, in bytes: 16 texts of 256 characters of 6 bytes when escaped, and room.
pub(crate) const LINE_BYTES_MAX: usize = 32 * 1024;

/// Entries after which the next flush signs a checkpoint: one signature and two small flushes a second at 5,000 calls a second.
pub(crate) const CHECKPOINT_ENTRIES: u64 = 10_000;

/// How long entries may stay without a checkpoint over them. A busy year has 525,600 checkpoints of 380 B: 200 MB beside some
/// hundred gigabytes of entries.
pub(crate) const CHECKPOINT_AFTER: Duration = Duration::from_secs(60);

/// Longest checkpoint read, in bytes: seven lines and two signatures are below 700.
pub(crate) const NOTE_BYTES_MAX: usize = 4 * 1024;

/// Bytes read of the end of the list of checkpoints when a trail is opened: some twenty of them.
pub(crate) const LIST_END_BYTES: u64 = 16 * 1024;

/// Most keys in a list of keys: one a week for a hundred years.
pub(crate) const KEYS_MAX: usize = 5_200;

/// Bytes of a witness file or a list of keys that are read at most: checkpoints of a year of three busy chains.
pub const WITNESS_BYTES_MAX: u64 = 1 << 30;

/// How often a check of a chain begins anew because the chain was written to meanwhile.
pub(crate) const CHECKS_MAX: usize = 5;

/// How often `head` is read until it is whole: it is overwritten in place, and a reader may see half of it.
pub(crate) const HEAD_READS_MAX: usize = 20;

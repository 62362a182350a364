//! The bounds of this crate, each with its arithmetic.

use std::time::Duration;

/// Size at which a file of the chain is full, in bytes: about 100,000 entries of 330 B, checked in a fifth of a second when a
/// trail is opened (328,000 entries took 0.54 s).
pub const FILE_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// Entries waiting for the disk from which on every caller waits with them: 10,000 x 450 B = 4.5 MB, one second of reads at
/// 5,000 calls per second. Callers are slowed down to the disk's pace before anyone is refused.
pub(crate) const WAITING_ENTRIES_CALM: usize = 10_000;

/// Most entries waiting for the disk, 9 MB: beyond that nothing is taken in.
pub(crate) const WAITING_ENTRIES_MAX: usize = 20_000;

/// How long entries that nobody waits for may gather before they are written: a crash of the process loses no more.
pub(crate) const GATHER: Duration = Duration::from_millis(10);

/// How long written entries that nobody waits for may stay unflushed: a power failure loses no more.
pub(crate) const FLUSH_AFTER: Duration = Duration::from_secs(1);

/// Most characters kept of a caller's text (user agent, path value, reason): longer ones are cut and marked with `…`.
pub(crate) const TEXT_CHARS_MAX: usize = 256;

/// Longest line accepted when a chain is read, in bytes: 16 texts of 256 characters of 6 bytes when escaped, and room.
pub(crate) const LINE_BYTES_MAX: usize = 32 * 1024;

//! The bounds of this crate, each with its arithmetic.

/// Longest org name, in characters: it names directories and stands in every audit entry.
pub(crate) const ORG_NAME_CHARS_MAX: usize = 40;

/// Longest client name, in characters: one line of a table.
pub(crate) const CLIENT_NAME_CHARS_MAX: usize = 80;

/// Most clients of one org. The key snapshot in memory holds them all: 1,000 clients x 10 keys x ~300 B = 3 MB.
pub const CLIENTS_PER_ORG_MAX: u32 = 1_000;

/// Most live keys of one client: two for a rotation, the rest for one key per machine.
pub const KEYS_PER_CLIENT_MAX: u32 = 10;

/// Life of a key when none is asked for, in days.
pub const KEY_DAYS_DEFAULT: u32 = 30;

/// Longest life of a key, in days.
pub const KEY_DAYS_MAX: u32 = 365;

/// Longest time another process may go on accepting a key that this one revoked, in milliseconds. Costs one read of one
/// row (about 10 µs) per interval, two per second at most.
pub const STALENESS_MS_MAX: i64 = 500;

/// How coarsely the last use of a key is remembered, in seconds: one write per key and hour, whatever the traffic.
pub(crate) const LAST_USED_STEP_S: i64 = 3_600;

/// Longest `Authorization` value read at all, in bytes: a key has 42, a signed token seldom more than 2 KiB.
pub(crate) const AUTHORIZATION_BYTES_MAX: usize = 8_192;

/// For how long a dead key stays in memory, in days, so that its refusal can be told from an unknown key's in the audit.
pub(crate) const DEAD_KEY_DAYS: i64 = 30;

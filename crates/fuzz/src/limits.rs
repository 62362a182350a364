//! How much is tried, and how large and slow it may be.

use std::time::Duration;

/// Inputs tried where no time is given: a second or two for all targets together, so that `cargo test` stays quick.
pub(crate) const INPUTS: u64 = 1_500;

/// Longest input, in bytes: what is wrong with long texts is their length, which has tests of its own.
pub(crate) const INPUT_BYTES_MAX: usize = 4 << 10;

/// Most processor time one input may take. The slowest honest target, an inspection of 4 KiB in an unoptimised build, takes some
/// 20 ms; whatever takes fifty times as long has no bound.
pub(crate) const INPUT_TIME_MAX: Duration = Duration::from_secs(1);

/// Most examples kept: of 4 KiB at most each, 4 MiB.
pub(crate) const EXAMPLES_MAX: usize = 1 << 10;

/// Most changes made to an example at once: one bug rarely needs more, and more make noise of it.
pub(crate) const CHANGES_MAX: usize = 5;

/// Most attempts to make a finding smaller.
pub(crate) const SHRINKS_MAX: usize = 300;

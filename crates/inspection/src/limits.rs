//! The bounds of inspection, each with its arithmetic.

/// Most findings kept of one call: as many as an error answer can sensibly list; 32 x 300 bytes = 10 kB.
pub const FINDINGS_MAX: usize = 32;

/// Deepest nesting of a body: six times the 10 levels of the deepest recorded one.
pub(crate) const DEPTH_MAX: usize = 64;

/// Most names and values in a body: the largest recorded one (6.8 kB) has about 500; a group of 10,000 members by id has 10,000.
/// 50,000 tokens of 20 bytes = 1 MB while a call is inspected.
pub(crate) const VALUES_MAX: usize = 50_000;

/// Longest number, in characters: a 64-bit integer has 20, a double in full 25.
pub(crate) const NUMBER_BYTES_MAX: usize = 32;

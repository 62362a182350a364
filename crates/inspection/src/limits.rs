//! The bounds of inspection, each with its arithmetic.

/// Most findings kept of one call: as many as an error answer can sensibly list; 32 x 300 bytes = 10 kB.
pub const FINDINGS_MAX: usize = 32;

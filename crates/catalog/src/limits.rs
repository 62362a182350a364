//! The bounds of recognition. Nothing here allocates more than these allow.

/// Longest path accepted, in bytes. The longest template has 86 bytes; five parameters of 100 characters (Okta's longest
/// login) at three bytes each when percent-encoded make 1,586.
pub const PATH_BYTES_MAX: usize = 2_048;

/// Most path segments accepted. The deepest template has 12 segments.
pub const SEGMENTS_MAX: usize = 16;

/// Longest query accepted, in bytes: a `search` expression of Okta's documented 2,000 characters at three bytes each, or a
/// signed request object of an authorize call, with room to spare.
pub const QUERY_BYTES_MAX: usize = 16_384;

/// Most `name=value` pairs accepted in a query. The operation with most documented query parameters has 26.
pub const QUERY_PAIRS_MAX: usize = 64;

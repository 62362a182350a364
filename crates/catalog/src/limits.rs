//! The bounds of recognition. Nothing here allocates more than these allow.

/// Longest path accepted, in bytes. The longest template has 123 bytes, the one with most parameters four; four values of 100
/// characters (Okta's longest login), each character three bytes when percent-encoded, make 1,323 together with it.
pub const PATH_BYTES_MAX: usize = 2_048;

/// Most path segments accepted. The deepest template has 11.
pub const SEGMENTS_MAX: usize = 16;

/// Longest query accepted, in bytes: a long `search` expression of 4,000 characters at three bytes each, or a signed request
/// object of an authorize call, with room to spare.
pub const QUERY_BYTES_MAX: usize = 16_384;

/// Most `name=value` pairs accepted in a query. The operation with most documented query parameters has 21.
pub const QUERY_PAIRS_MAX: usize = 64;

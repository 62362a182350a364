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

/// Longest name of a member: Okta bounds names of custom attributes at 256.
pub(crate) const NAME_BYTES_MAX: usize = 256;

/// Longest word out of a list; the longest documented one has 72 letters.
pub(crate) const WORD_BYTES_MAX: usize = 128;

/// Longest string in a member that the catalog does not know: an address with a path.
pub(crate) const UNKNOWN_BYTES_MAX: usize = 512;

/// Most steps written out in the place of a finding: the deepest recorded body has 10.
pub(crate) const PLACE_STEPS_MAX: usize = 16;

/// Most times percent-escapes are undone to see what a text is: an attack encoded twice, in a value that is encoded once more.
pub(crate) const DECODINGS_MAX: usize = 3;

/// Longest identifier, in characters: a URN with a URL in it. Okta's ids have 20.
pub(crate) const IDENTIFIER_CHARS_MAX: usize = 1_024;

/// Longest sign-in name or email address, in characters: Okta's own bound is 100, RFC 5321's 254.
pub(crate) const LOGIN_CHARS_MAX: usize = 254;

/// Memory that one compiled dialect may take, in bytes. The largest takes less than half of it.
pub(crate) const DIALECT_BYTES_MAX: usize = 8 << 20;

/// Memory that the transitions of one dialect may take while they are learnt, in bytes, per thread that reads at the same time:
/// nine dialects x 1 MiB.
pub(crate) const DIALECT_CACHE_BYTES_MAX: usize = 1 << 20;

/// Longest address, in bytes: what browsers and proxies agree to carry.
pub(crate) const ADDRESS_BYTES_MAX: usize = 2_048;

/// Longest path parameter, in bytes: a login of 100 characters at four bytes each, or an ORN of 400.
pub(crate) const PATH_VALUE_BYTES_MAX: usize = 512;

/// Longest name in a path, in characters: Okta bounds labels at 255.
pub(crate) const LABEL_CHARS_MAX: usize = 255;

/// Largest page that is asked for: the largest that any operation documents.
pub(crate) const PAGE_MAX: i64 = 10_000;

/// Longest cursor, in bytes; recorded ones have up to 100.
pub(crate) const CURSOR_BYTES_MAX: usize = 1_024;

/// Longest search text, in characters.
pub(crate) const QUERY_TEXT_CHARS_MAX: usize = 512;

/// Longest token or request object in a query, in bytes: half of the longest query.
pub(crate) const TOKEN_BYTES_MAX: usize = 8_192;

/// Longest filter, in bytes: 4,000 characters, the longest that Okta answers, at two bytes each.
pub(crate) const FILTER_BYTES_MAX: usize = 8_192;

/// Deepest nesting of a filter; people write two or three levels.
pub(crate) const FILTER_DEPTH_MAX: usize = 16;

/// Longest attribute path of a filter, in bytes: a schema URN and an attribute's name of 256.
pub(crate) const FILTER_PATH_BYTES_MAX: usize = 384;

/// Most pairs of a form: the longest documented one has 24.
pub(crate) const FORM_PAIRS_MAX: usize = 64;

/// Most parts of an upload: one file, and some fields beside it.
pub(crate) const PARTS_MAX: usize = 8;

/// Longest header of a part, in bytes: a name, a path of 255 letters, a media type.
pub(crate) const PART_HEAD_BYTES_MAX: usize = 1_024;

//! The bounds of the emulated org. Everything a caller can make grow has one here.

use std::time::Duration;

/// Longest request body, in bytes. The longest recorded JSON body has 6.8 kB; logo uploads reach 1 MB.
pub const BODY_BYTES_MAX: usize = 4 << 20;

/// Largest page of any list. Okta's own largest is 10,000 (groups, documented).
pub(crate) const PAGE_MAX: usize = 10_000;

/// Entries of the System Log kept; the oldest go first. 100,000 entries of about 2 kB are 200 MB at most.
pub(crate) const LOG_ENTRIES_MAX: usize = 100_000;

/// Access tokens kept; the oldest go first. A token lives one hour and costs about 200 bytes.
pub(crate) const ACCESS_TOKENS_MAX: usize = 10_000;

/// Client assertion ids remembered against reuse; each is needed for one hour at most.
pub(crate) const ASSERTION_IDS_MAX: usize = 10_000;

/// Connections served at a time; more wait in the system's queue. Okta's own concurrency limit is 75 requests.
pub(crate) const CONNECTIONS_MAX: usize = 256;

/// Longest wait for the head of a request on an open connection.
pub(crate) const HEADER_WAIT_MAX: Duration = Duration::from_secs(60);

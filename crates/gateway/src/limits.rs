//! The bounds of the gateway, each with its arithmetic.

use std::time::Duration;

/// Largest request body, in bytes. The largest seen in recorded traffic has 6.8 kB, uploads excepted; Okta's logo and
/// certificate uploads are small images and PEM files.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// Deepest nesting of a JSON request body: six times the 10 levels of the deepest recorded one.
pub(crate) const BODY_DEPTH_MAX: usize = 64;

/// Most calls in flight, all orgs and callers together. At worst 256 x (1 MiB body + 16 MiB answer, see `upstream`) = 4.3 GB;
/// with recorded sizes (99 % of answers below 13 kB) 4 MB. Okta lets an org have 75 at a time.
pub const CALLS_MAX: usize = 256;

/// Most connections. Each costs about 20 kB of buffers when idle: 40 MB.
pub(crate) const CONNECTIONS_MAX: usize = 2_048;

/// Most calls at once on one HTTP/2 connection: more than any SDK uses, fewer than one caller needs to fill `CALLS_MAX`.
pub(crate) const STREAMS_PER_CONNECTION_MAX: u32 = 64;

/// Most header lines of a request. Recorded ones have up to 8 with credential and cookie; proxies in front add a handful each.
pub(crate) const HEADERS_MAX: usize = 64;

/// Largest head of a request, in bytes: a query of 16 KiB (the catalog's bound), a path, and 8 KiB of headers.
pub(crate) const HEAD_BYTES_MAX: usize = 32 * 1024;

/// How long a caller may take to send the head of a request.
pub(crate) const HEAD_WAIT_MAX: Duration = Duration::from_secs(15);

/// How long a connection is kept while no call is in flight on it: as long as its next head may take.
pub(crate) const IDLE_WAIT_MAX: Duration = HEAD_WAIT_MAX;

/// How long a caller may still take to read its last answer on a connection that is idle otherwise: 16 MiB at 140 kB/s. The largest
/// recorded answer, 476 kB, needs 4 kB/s.
pub(crate) const ANSWER_WAIT_MAX: Duration = Duration::from_secs(120);

/// How long a caller may take to send a body: 1 MiB at 35 kB/s.
pub(crate) const BODY_WAIT_MAX: Duration = Duration::from_secs(30);

/// How long calls in flight may take to end after the gateway was told to stop: one attempt at Okta takes up to 60 s.
pub(crate) const STOP_WAIT_MAX: Duration = Duration::from_secs(70);

/// Most refusals of strangers that get an entry of their own, per org and second: 100 x 450 B = 3.9 GB a day at worst. Noticed
/// are those who guess keys (far fewer are enough to see it), not filled are disks.
pub(crate) const STRANGERS_NOTED_PER_SECOND_MAX: u32 = 100;

/// Pause after a connection could not be accepted: ten tries a second.
pub(crate) const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How often the last use of keys is written down.
pub(crate) const USES_WRITTEN_EVERY: Duration = Duration::from_secs(60);

/// Most addresses read from `X-Forwarded-For`: a request crosses a handful of proxies.
pub(crate) const HOPS_MAX: usize = 16;

/// Longest header value passed on to Okta, in bytes: the longest recorded agent string has 73.
pub(crate) const FORWARDED_VALUE_BYTES_MAX: usize = 512;

/// Deepest nesting of a JSON answer in which links are rewritten: recorded answers reach 11.
pub(crate) const ANSWER_DEPTH_MAX: usize = 128;

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

/// Most requests to the product's own routes at once, all orgs together; apart from [`CALLS_MAX`], so that strangers who dawdle over
/// a form keep nobody from calling. 256 x 48 KiB (`FORM_BYTES_MAX` of `access`) = 12 MB.
pub(crate) const VISITS_MAX: usize = 256;

/// How long a form, or a request for an elevation, may take to arrive: 48 KiB at 10 kB/s.
pub(crate) const FORM_WAIT_MAX: Duration = Duration::from_secs(5);

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

/// Most TLS handshakes at once; further ones wait for their turn within the same time. A quarter of the connections, so that
/// whoever dawdles over handshakes leaves the others to callers; each costs about 40 kB of buffers: 20 MB.
pub(crate) const HANDSHAKES_MAX: usize = CONNECTIONS_MAX / 4;

/// How long a TLS handshake may take, waiting for a turn included: two round trips and a signature.
pub(crate) const HANDSHAKE_WAIT_MAX: Duration = Duration::from_secs(10);

/// Largest file of certificates or of a key, in bytes: a bundle of 150 authorities has about 250 kB.
pub(crate) const TLS_FILE_BYTES_MAX: u64 = 1024 * 1024;

/// How often the files of TLS are looked at for changes: three calls to the file system.
pub(crate) const TLS_FILES_SEEN_EVERY: Duration = Duration::from_secs(10);

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

/// Most lessons of answers kept until a snapshot holds them: at 50 writes a second, three minutes; at a busy script's one a second,
/// three hours. 500 B each: 5 MB.
pub(crate) const LESSONS_MAX: usize = 10_000;

/// Most members of a body that policies look at. The largest recorded body has some 300; one with more is refused where a policy
/// looks at them, because one that was left out could be the one that is forbidden.
pub(crate) const FIELDS_MAX: usize = 2_000;

/// Longest dotted path of a member, in bytes: 64 levels of 30 letters.
pub(crate) const FIELD_BYTES_MAX: usize = 2_048;

/// Longest a call is held, in seconds: what proxies in front and clients' own time-outs can be set to, and long enough for somebody who
/// is at the desk.
pub(crate) const HOLD_S_MAX: u32 = 300;

/// Most calls held at once: 64 x (1 MiB body + 20 kB of connection) = 66 MB at worst.
pub(crate) const HELD_MAX: usize = 64;

/// Most calls of one client held at once, so that one impatient script leaves room for the others.
pub(crate) const HELD_PER_CLIENT_MAX: usize = 4;

/// How often a held call looks whether it was decided: 64 x 10 look-ups in memory per second.
pub(crate) const HOLD_LOOK_EVERY: Duration = Duration::from_millis(100);

/// How often elevations that ended by themselves are looked for, to be written down and told.
pub(crate) const ENDS_TOLD_EVERY: Duration = Duration::from_secs(1);

/// How long a gateway that stops waits for its notices to be delivered: one try.
pub(crate) const NOTICES_WAIT_MAX: Duration = Duration::from_secs(5);

/// Largest body of a request for an elevation, in bytes: a reason of 256 characters and a hundred operation ids.
pub(crate) const ASKING_BYTES_MAX: usize = 16 * 1024;

/// Issuers whose turns are remembered before those nobody waits for are forgotten: 1,000 x ~150 B.
pub(crate) const ISSUER_TURNS_MAX: usize = 1_000;

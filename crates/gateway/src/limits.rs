//! The bounds of the gateway, each with its arithmetic.

use std::time::Duration;

use crate::admission::Rate;

/// Largest request body, in bytes. The largest seen in recorded traffic has 6.8 kB, uploads excepted; Okta's logo and
/// certificate uploads are small images and PEM files.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// Most doubts of inspection written down of one call: a shape and a member of 50 letters each make 2 kB.
pub(crate) const DOUBTS_MAX: usize = 16;

/// Most calls in flight, all orgs and callers together. At worst 256 x (1 MiB body + 16 MiB answer, see `upstream`) = 4.3 GB;
/// with recorded sizes (99 % of answers below 13 kB) 4 MB. Okta lets an org have 75 at a time.
pub const CALLS_MAX: usize = 256;

/// Most requests to the product's own routes at once, all orgs together; apart from [`CALLS_MAX`], so that strangers who dawdle over
/// a form keep nobody from calling. 256 x 48 KiB (`FORM_BYTES_MAX` of `access`) = 12 MB.
pub(crate) const VISITS_MAX: u32 = 256;

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

/// How long a caller may take to read an answer, in seconds: 16 MiB at 140 kB/s. The largest recorded answer, 476 kB, needs 4 kB/s.
pub(crate) const ANSWER_SECONDS_MAX: u32 = 120;

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

/// Most connections of one source: 16 hosts behind one address with 8 connections each; an SDK's pool has 5 to 10.
pub(crate) const CONNECTIONS_PER_SOURCE_MAX: u32 = 128;

/// New connections per second of one source, four seconds' worth at once. A script of ten threads that opens one for every call makes
/// 100 at Okta's 100 ms an answer, and what is closed unread looks to it like a broken network; Okta's largest published limit allows it
/// 167 calls. At 655 µs of CPU per TLS handshake one source costs 13 % of a core, and what exceeds it 15 µs each.
pub(crate) const NEW_CONNECTIONS_PER_SECOND_MAX: u32 = 200;

/// Most TLS handshakes of one source at once: an eighth of `HANDSHAKES_MAX`. A handshake of a caller on another continent takes half a
/// second: 128 new connections per second; from nearby, where one takes 50 ms, 1,280.
pub(crate) const HANDSHAKES_PER_SOURCE_MAX: u32 = 64;

/// Most visits of one source at once: an eighth of `VISITS_MAX`. A token takes a millisecond: 32,000 per second.
pub(crate) const VISITS_PER_SOURCE_MAX: u32 = 32;

/// Visits per second of one source, two seconds' worth at once: a farm of 1,000 jobs behind one address that starts on the minute has
/// all its tokens within 19 s. At 100 µs for a verified and a made signature one source costs 0.5 % of a core.
pub(crate) const VISITS_PER_SECOND_MAX: u32 = 50;

/// Refusals of strangers per second, from one source, after which its connections are closed with the answer; four times as many at
/// once. From then on guessing costs a connection each, of which it has `NEW_CONNECTIONS_PER_SECOND_MAX`.
pub(crate) const REFUSALS_PER_SECOND_TOLERATED: u32 = 5;

/// Sources that are kept count of: four times `CONNECTIONS_MAX`, 80 B each: 0.7 MB. Beyond it those that hold nothing are forgotten.
pub(crate) const SOURCES_MAX: usize = 4 * CONNECTIONS_MAX;

/// Sources and reasons that are told one by one, per org and minute: 100 x 450 B = 65 MB a day at worst. The rest is told as a sum.
pub(crate) const SOURCES_TOLD_MAX: usize = 100;

/// How often it is told what was turned away: one entry per source and minute.
pub(crate) const TURNED_TOLD_EVERY: Duration = Duration::from_secs(60);

/// Most calls at once of one client: a quarter of `CALLS_MAX`, and less when others call. 64 calls of 200 ms are 320 per second; Okta lets an org have 75 at once.
pub(crate) const CALLS_PER_CLIENT_MAX: u32 = 64;

/// Calls per second of one client, two seconds' worth at once. Okta's largest published limit for one group of operations, 10,000 a
/// minute, is 167; above three times that a client only makes refusals, at some 20 µs of CPU each.
pub(crate) const CALLS_PER_SECOND_PER_CLIENT_MAX: u32 = 500;

/// Callers that are kept count of before those at rest are forgotten: 1,000 clients, four times over, 40 B each: 160 kB.
pub(crate) const CALLERS_MAX: usize = 4_000;

/// Bytes of answers that may wait for their callers before no further call is made: 500 of the largest recorded (476 kB), or 16 of the
/// largest there can be (16 MiB).
pub(crate) const ANSWER_BYTES_UNTAKEN_MAX: u32 = 256 * 1024 * 1024;

/// Answers up to this size are not counted: 64 streams x 128 connections x 4 KiB = 33 MB of one source at worst.
pub(crate) const SMALL_ANSWER_BYTES: usize = 4 * 1024;

/// How long a connection may take to say its first byte, and be idle, when three quarters of all connections are taken.
pub(crate) const CROWDED_WAIT_MAX: Duration = Duration::from_secs(3);

/// SETTINGS frames of one HTTP/2 connection: one at the start, one acknowledgement of ours, some adjustments of windows.
pub(crate) const SETTINGS_ALLOWED: Rate = Rate {
    per_second: 1,
    burst: 16,
};

/// PINGs: keep-alives, and libraries that measure the line with one per answer.
pub(crate) const PINGS_ALLOWED: Rate = Rate {
    per_second: 20,
    burst: 200,
};

/// Priorities: one per stream from older libraries, and a handful for groups of them.
pub(crate) const PRIORITIES_ALLOWED: Rate = Rate {
    per_second: 50,
    burst: 200,
};

/// Resets by the caller: all its streams, three times over, when a script is ended; ten a second in the long run. CVE-2023-44487 made
/// tens of thousands.
pub(crate) const RESETS_ALLOWED: Rate = Rate {
    per_second: 10,
    burst: 200,
};

/// Further pieces of a head: a head of `HEAD_BYTES_MAX` needs one of 16 KiB; the library bounds those of one head.
pub(crate) const CONTINUATIONS_ALLOWED: Rate = Rate {
    per_second: 50,
    burst: 100,
};

/// Window updates: two per 16 KiB taken is what libraries send at most; 1,000 a second take 8 MB.
pub(crate) const WINDOW_UPDATES_ALLOWED: Rate = Rate {
    per_second: 1_000,
    burst: 4_096,
};

/// Frames that are no request's: unknown kinds, which must be ignored (RFC 9113 section 5.5), and farewells.
pub(crate) const OTHER_FRAMES_ALLOWED: Rate = Rate {
    per_second: 10,
    burst: 100,
};

/// Streams that the gateway broke off for what was sent on them: all streams that a library opens before it has read how many it may,
/// twice over. CVE-2025-8671 made tens of thousands.
pub(crate) const BREAKS_ALLOWED: Rate = Rate {
    per_second: 5,
    burst: 200,
};

/// Streams the caller reset before they were looked at that the library keeps (its own default).
pub(crate) const RESETS_PENDING_MAX: usize = 20;

/// Streams the library broke off for errors before it ends the connection; as `BREAKS_ALLOWED`, for its whole life.
pub(crate) const BREAKS_OF_LIBRARY_MAX: usize = 256;

/// What a caller may send on one stream before it is read, in bytes: 1 MiB needs 16 round trips.
pub(crate) const STREAM_WINDOW_BYTES: u32 = 64 * 1024;

/// What it may send on all streams of a connection before it is read, in bytes: 2,048 x 256 KiB = 512 MB at the very worst.
pub(crate) const CONNECTION_WINDOW_BYTES: u32 = 256 * 1024;

/// Most bytes of answers the library takes over per stream before the socket has taken them: four frames.
pub(crate) const SEND_BUFFER_BYTES: usize = 64 * 1024;

/// How long a caller may take to answer a PING of the gateway's.
pub(crate) const PING_WAIT_MAX: Duration = Duration::from_secs(10);

/// Longest method of a request, in bytes: the longest registered one, `UPDATEREDIRECTREF`, has 17.
pub(crate) const METHOD_BYTES_MAX: usize = 24;

/// Longest request target, in bytes: the catalog's path, a `?` and its query.
pub(crate) const TARGET_BYTES_MAX: usize = catalog::PATH_BYTES_MAX + 1 + catalog::QUERY_BYTES_MAX;

/// Most digits of a chunk's size: two more than `BODY_BYTES_MAX` has, for those who write zeros in front.
pub(crate) const CHUNK_DIGITS_MAX: usize = 8;

/// Most chunks of a body: a body of the largest size in pieces of 128 bytes. Each costs some 100 bytes of book-keeping: 800 kB.
pub(crate) const CHUNKS_MAX: usize = BODY_BYTES_MAX / 128;

/// How much is read at a time of a head that comes in pieces, in bytes: four times a usual one.
pub(crate) const PIECE_BYTES: usize = 2 * 1024;

/// How long a refused sender's further bytes are thrown away so that it can read the refusal: a round trip around the world and back.
pub(crate) const LINGER_WAIT_MAX: Duration = Duration::from_secs(1);

/// How many reads of 1 KiB are thrown away then: what a system's receive buffer holds before its sender must wait.
pub(crate) const LINGER_READS_MAX: usize = 256;

/// Most refused objects remembered per class of effects and org, to see when an org should freeze: 100,000 x ~80 B = 8 MB. A budget that
/// is larger than that is not tried by accident.
pub(crate) const ONSLAUGHT_OBJECTS_MAX: usize = 100_000;

/// How far the `id` of an object is looked for ahead of a secret in it, in bytes: Okta writes it first. With [`MASKS_MAX`] secrets in
/// one answer at most 64 MB are looked through again, some 60 ms.
pub(crate) const ID_BYTES_AHEAD_MAX: usize = 16 * 1024;

/// Most placeholders in one answer: a page of 200 objects with 20 each.
pub(crate) const MASKS_MAX: u32 = 4_096;

/// Longest secret that fits into a placeholder, in bytes: a private key of 4,096 bits has 3.2 kB. Longer ones are masked without a
/// way back.
pub(crate) const SEALED_BYTES_MAX: usize = 8 * 1024;

/// Shortest secret that is looked for in the words of an error: anything shorter occurs by chance.
pub(crate) const ECHO_BYTES_MIN: usize = 4;

//! Every bound of this crate, with its arithmetic.

use std::time::Duration;

/// Largest body of an answer, 16 MiB: the largest seen in recorded traffic is 476 kB (a page of apps), so 35 times that.
pub const ANSWER_BYTES_MAX: usize = 16 << 20;

/// Longest pause within an answer's body: three times the longest a lost packet is repeated after (RFC 6298, third try). Together with
/// [`ATTEMPT_WAIT_MAX`] it bounds how long an answer that drips holds a call: one byte now and then gains a minute, none half that.
pub(crate) const ANSWER_PAUSE_MAX: Duration = Duration::from_secs(20);

/// First buffer of a body that comes in pieces: the largest page of 99 % of recorded answers (13 kB) fits. It doubles from there.
pub(crate) const BUFFER_BYTES_FIRST: usize = 16 << 10;

/// Most header lines of an answer; Okta sends about 30.
pub(crate) const ANSWER_HEADERS_MAX: usize = 96;

/// Largest headers of an answer, in bytes: Okta's are about 4 kB, most of it one content security policy.
pub(crate) const ANSWER_HEADER_BYTES_MAX: usize = 32 << 10;

/// Deepest nesting of a JSON answer: recorded answers reach 11. At most 128, one bit each.
pub(crate) const ANSWER_DEPTH_MAX: u32 = 128;

/// Most interim answers (1xx) before a final one. Okta sends at most a 100.
pub(crate) const INTERIM_ANSWERS_MAX: u32 = 8;

/// Largest body of the token endpoint, 64 KiB: an access token with every scope is about 4 kB.
pub(crate) const TOKEN_BYTES_MAX: usize = 64 << 10;

/// Time to reach the org: name, TCP and TLS. Two lost SYNs (1 s + 2 s) and a slow handshake fit.
pub(crate) const CONNECT_WAIT_MAX: Duration = Duration::from_secs(10);

/// Time for one attempt, answer included. Okta ends its own slow queries after 30 s; twice that leaves room for the body.
pub(crate) const ATTEMPT_WAIT_MAX: Duration = Duration::from_secs(60);

/// Time a patient caller waits for its turn. At a limit of 10 a minute and a share of half, the smallest seen, three hundred
/// calls that were asked for at once have had theirs.
pub(crate) const TURN_WAIT_MAX: Duration = Duration::from_secs(3600);

/// Attempts of one call, the first included; waiting for a rate window does not count as one. With the pauses of `retry`
/// (1, 2, 4, 8, 15 s and up to a quarter more) the sixth goes out after 30 to 38 s: Okta's own delays after a deactivation are 30 s.
/// A call is over after 6 x 60 s + 38 s, turns not counted.
pub(crate) const ATTEMPTS_MAX: u32 = 6;

/// Windows one call may wait for after 429s before the 429 is handed out: five times another principal emptied the bucket.
pub(crate) const WINDOWS_WAITED_MAX: u32 = 5;

/// Furthest a window's end is believed to be ahead: windows last 60 s, and half as much again allows for clock skew.
pub(crate) const WINDOW_LENGTH_MAX: Duration = Duration::from_secs(90);

/// Added to a window's end as Okta states it: `Date` and `X-Rate-Limit-Reset` are both cut to whole seconds.
pub(crate) const WINDOW_MARGIN: Duration = Duration::from_secs(1);

/// Most groups of operations learnt as sharing one budget. The catalog has about 60 buckets; a few split by operation.
pub(crate) const GROUPS_MAX: usize = 1024;

/// Idle connections kept: as many as calls may be made at once by gateway and jobs together.
pub(crate) const IDLE_CONNECTIONS_MAX: usize = 70;

/// How long an idle connection is kept: below the 60 s after which load balancers commonly close it.
pub(crate) const IDLE_CONNECTION_WAIT_MAX: Duration = Duration::from_secs(50);

/// Pages of one walk: ten million objects at 200 a page. Cursors of that many pages take about 5 MB.
pub const PAGES_MAX: usize = 50_000;

/// Lifetime of a client assertion. Okta allows an hour; five minutes cover a slow clock and a slow line.
pub(crate) const ASSERTION_LIFE: Duration = Duration::from_secs(300);

/// Part of an access token's life, in percent, after which it is renewed.
pub(crate) const TOKEN_LIFE_USED_PERCENT_MAX: u32 = 80;

/// Shortest and longest life of an access token that is believed. Okta's last one hour.
pub(crate) const TOKEN_LIFE_MAX: Duration = Duration::from_secs(24 * 3600);

/// How old the last look at the vault may be, in milliseconds: half of the second within which a replaced credential is to be used.
pub(crate) const CREDENTIAL_STALENESS_MS_MAX: i64 = 500;

/// Most clients counted apart by one ledger: ten times those an org may have registered at a time, because those that were disabled
/// since keep their number. 10,000 x ~80 B = 0.8 MB.
pub(crate) const PARTIES_MAX: usize = 10_000;

/// Calls at once in a window of which nothing is known yet: the smallest limit seen is ten a minute.
pub(crate) const UNKNOWN_AT_ONCE_MAX: u32 = 10;

/// Most calls of one client that wait for their turn: at a share of 60 a minute, what it may make in half a minute.
pub(crate) const QUEUED_PER_CLIENT_MAX: u32 = 32;

/// Most calls that wait for their turn: five clients' worth, and less than the 256 calls the gateway has room for, so that those who
/// need not wait find room. 160 x ~200 B.
pub(crate) const QUEUED_MAX: usize = 160;

/// Most calls of jobs that wait for their turn; jobs ask for some tens at once.
pub(crate) const QUEUED_PATIENT_MAX: usize = 4_096;

/// How long a call waits for its turn where its caller does not say: a third of what SDKs wait for an answer (30 s).
pub(crate) const QUEUE_WAIT: Duration = Duration::from_secs(10);

/// Least and most time after which a call that waits looks for itself, although nobody let it go: 160 looks a
/// second of some microseconds where nothing moves, and fifty times as many at worst.
pub(crate) const LOOK_AGAIN_MIN: Duration = Duration::from_millis(20);
pub(crate) const LOOK_AGAIN_MAX: Duration = Duration::from_secs(1);

/// The end of a window in which nothing is kept for anybody any more: its margin, and two seconds for calls to arrive.
pub(crate) const MELTED_BEFORE_END: Duration = Duration::from_secs(3);

/// Part of a limit, in percent, that each lower priority gets in spite of the higher ones: one call in twenty.
pub(crate) const FLOOR_PERCENT: u32 = 5;

/// Part of a limit, in percent, kept for clients not seen in the last window: six callers of ten calls each in a budget of 600.
pub(crate) const NEWCOMERS_PERCENT: u32 = 10;

/// The same in the first window of a bucket, when nobody has been seen yet. Half is what Okta itself leaves others by default.
pub(crate) const NEWCOMERS_COLD_PERCENT: u32 = 50;

/// Most that is kept for principals that do not call through here, in percent: Okta's own default for one principal.
pub(crate) const FOREIGN_PERCENT_MAX: u32 = 50;

/// Part of a limit, in percent, kept from callers of this priority for those before them. Whoever reads in bulk leaves a person at a
/// desk some 100 calls of 600, and everybody a restore 18.
pub(crate) const fn reserve_percent(priority: access::Priority) -> u32 {
    match priority {
        access::Priority::Recovery => 0,
        access::Priority::People => 3,
        access::Priority::Automation => 5,
        access::Priority::Bulk => 20,
    }
}

/// Least calls at once, however often Okta refuses more.
pub(crate) const AT_ONCE_MIN: u32 = 5;

/// Answers after which one call more at once is tried after Okta refused: at 10 a second, every 20 s.
pub(crate) const AT_ONCE_RECOVERS_EVERY: u32 = 200;

/// Most callers that share the answer to one call: all the calls the gateway has room for.
pub(crate) const MERGED_MAX: usize = 256;

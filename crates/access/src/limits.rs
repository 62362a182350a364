//! The bounds of this crate, each with its arithmetic.

/// Longest org name, in characters: it names directories and stands in every audit entry.
pub(crate) const ORG_NAME_CHARS_MAX: usize = 40;

/// Longest client name, in characters: one line of a table.
pub(crate) const CLIENT_NAME_CHARS_MAX: usize = 80;

/// Longest name of a policy, in characters: a client's, and what says why it is there.
pub(crate) const POLICY_NAME_CHARS_MAX: usize = 100;

/// Most clients of one org. The key snapshot in memory holds them all: 1,000 clients x 20 keys x ~300 B = 6 MB.
pub const CLIENTS_PER_ORG_MAX: u32 = 1_000;

/// Most keys of one client, one per machine; while they are rotated each may have a successor, so that 20 may be live.
pub const KEYS_PER_CLIENT_MAX: u32 = 10;

/// Most live secrets of one client: two for a rotation.
pub const SECRETS_PER_CLIENT_MAX: u32 = 2;

/// Most live keys of one lineage: the old and the new one.
pub(crate) const LINEAGE_KEYS_MAX: u32 = 2;

/// How long a rotated key goes on when nothing else is said, in hours: every machine's nightly deployment falls within.
pub const OVERLAP_HOURS_DEFAULT: u32 = 24;

/// Longest overlap of a rotation, in hours: a week, for what is deployed weekly.
pub const OVERLAP_HOURS_MAX: u32 = 168;

/// After how many days without use a key is no longer accepted, when nothing else is said: longer than a quarterly job's pause.
pub const IDLE_DAYS_DEFAULT: u32 = 90;

/// Life of a key when none is asked for, in days.
pub const KEY_DAYS_DEFAULT: u32 = 30;

/// Longest life of a key, in days.
pub const KEY_DAYS_MAX: u32 = 365;

/// Longest time another process may go on accepting a key that this one revoked, in milliseconds. Costs one read of one
/// row (about 10 µs) per interval, two per second at most.
pub const STALENESS_MS_MAX: i64 = 500;

/// How coarsely the last use of a key is remembered, in seconds: one write per key and hour, whatever the traffic.
pub(crate) const LAST_USED_STEP_S: i64 = 3_600;

/// Longest `Authorization` value read at all, in bytes: a key has 42, a token with every scope there is 10 KiB, and no signed token
/// is read beyond 16 KiB (the bound of crate `jose`).
pub(crate) const AUTHORIZATION_BYTES_MAX: usize = 16 * 1024;

/// Longest client secret, or id and secret together, in bytes as sent: ours have 42 and 19, every byte may be escaped.
pub(crate) const CLIENT_CREDENTIAL_BYTES_MAX: usize = 1_024;

/// For how long a dead key stays in memory, in days, so that its refusal can be told from an unknown key's in the audit.
pub(crate) const DEAD_KEY_DAYS: i64 = 30;

/// Longest elevation, in minutes: a working day. Whoever needs it every day needs a wider registration instead.
pub const ELEVATION_MINUTES_MAX: u32 = 480;

/// Length of an elevation when none is asked for, in minutes.
pub const ELEVATION_MINUTES_DEFAULT: u32 = 60;

/// How long a request waits for people, in minutes: after an hour whoever asked has gone on to something else.
pub const ELEVATION_LAPSE_MINUTES: i64 = 60;

/// Most open requests of one client: those that wait for people must be few enough to be read.
pub(crate) const OPEN_ELEVATIONS_PER_CLIENT_MAX: u32 = 5;

/// Most requests of one client within an hour: a script that asks and withdraws in a loop must not flood whoever approves, nor the state
/// (1,000 clients x 20 x 24 h x 500 B = 240 MB a day if all of them did).
pub(crate) const ELEVATIONS_PER_CLIENT_HOUR_MAX: usize = 20;

/// Longest reason, in characters: one or two sentences, and what an audit entry keeps of a text.
pub const REASON_CHARS_MAX: usize = 256;

/// For how long a request that is no longer open or running stays in memory, in seconds, so that a held call learns what became of
/// it: longer than any call is held. Per client 5 open ones, each in memory for 8 h at most, x 500 B.
pub(crate) const CLOSED_ELEVATION_S: i64 = 600;

/// Most requests shown at once, newest first: 200 x 500 B.
pub(crate) const ELEVATIONS_SHOWN_MAX: u32 = 200;

/// Most live approvers of one org: a team, not a company.
pub(crate) const APPROVERS_PER_ORG_MAX: u32 = 100;

/// Largest form at the authorization server's endpoints, in bytes: a client assertion and a token to be exchanged of 16 KiB each
/// (the bound of crate `jose`), and room for names, scopes and escapes.
pub const FORM_BYTES_MAX: usize = 48 * 1024;

/// Most parameters of a form: token exchange, the longest grant, has 12 with client authentication.
pub(crate) const FORM_FIELDS_MAX: usize = 32;

/// Life of an access token when its client's registration says nothing, in minutes.
pub const TOKEN_MINUTES_DEFAULT: u32 = 10;

/// Longest life of an access token, in minutes: what Okta's own have.
pub const TOKEN_MINUTES_MAX: u32 = 60;

/// How far the clocks of two gateways may differ, in seconds: a token issued later than this from now was not issued yet.
pub(crate) const CLOCK_SKEW_S: i64 = 60;

/// Most verified tokens kept in memory, in two halves of which the older is dropped when the younger is full. One per client and
/// ten minutes is usual; 8,192 x ~600 B = 5 MB, and as much for those of outside issuers. Only good tokens get in, so a stranger cannot push others out.
pub(crate) const CACHED_TOKENS_MAX: usize = 8_192;

/// Most revoked tokens of one client that have not expired yet. They are all in memory: 1,000 clients x 1,000 x 100 B = 100 MB if
/// every client did its worst.
pub(crate) const REVOKED_TOKENS_PER_CLIENT_MAX: u32 = 1_000;

/// How long a signing key signs before its successor is made, in seconds: 90 days.
pub(crate) const SIGNING_KEY_LIFE_S: i64 = 90 * 24 * 3_600;

/// How long a successor is shown before it signs, in seconds: a day, 24 times as long as the key set may be cached.
pub(crate) const SIGNING_KEY_SHOWN_S: i64 = 24 * 3_600;

/// How long a key verifies after its successor has begun to sign, in seconds: the longest token's life and the clocks' difference.
pub(crate) const SIGNING_KEY_OVERLAP_S: i64 = 60 * TOKEN_MINUTES_MAX as i64 + CLOCK_SKEW_S;

/// Most live signing keys of one org: one that signs, one that waits, one that is retiring, and room for an operator in a hurry.
pub(crate) const SIGNING_KEYS_PER_ORG_MAX: usize = 8;

/// Most distinct objects told per operation and place in its path when a client's record is read: 1,000 operations x 2 places x 50
/// ids x ~60 B = 6 MB at the very worst.
pub const OBJECTS_TOLD_MAX: usize = 50;

/// Most distinct addresses remembered of one client's record: 1,024 x ~40 B = 40 kB.
pub(crate) const SOURCES_MAX: usize = 1_024;

/// Most networks advised for one client: a registration that a person can read.
pub(crate) const NETWORKS_ADVISED_MAX: usize = 8;

/// Most objects that an advised policy names one by one: more are no few, and a policy over what they have in common says more.
pub(crate) const OBJECTS_NAMED_MAX: usize = 10;

/// Longest life of a key from behind the glass, in minutes: what cannot be repaired in an hour is repaired under a new registration.
pub const GLASS_MINUTES_MAX: u32 = 60;

/// Life of such a key when none is asked for, in minutes.
pub const GLASS_MINUTES_DEFAULT: u32 = 15;

/// Longest wait between two guesses of the passphrase, in seconds: 300 guesses a day against 125 bits, and whoever has the sheet is not
/// kept out for longer than it takes to fetch it again.
pub(crate) const GLASS_WAIT_S_MAX: i64 = 300;

/// Longest time from now to an assertion's `exp`, in seconds: Okta's bound. Its Python SDK asks for 50 minutes.
pub(crate) const ASSERTION_LIFE_S_MAX: i64 = 3_600;

/// Most audiences of one assertion: the issuer, the token endpoint, and each again as a library may put them.
pub(crate) const ASSERTION_AUDIENCES_MAX: usize = 4;

/// Longest `jti` of an assertion, in bytes: a UUID has 36.
pub(crate) const ASSERTION_NAME_BYTES_MAX: usize = 256;

/// For how long an assertion is remembered after it has expired, in seconds: a clock that is set back by up to a day revives none.
pub(crate) const USED_ASSERTION_KEPT_S: i64 = 24 * 3_600;

/// Most assertions remembered per client. A hundred machines that ask every ten minutes use 15,000 in 25 hours; at ~100 B a row a
/// client holds 1.6 MB at most.
pub(crate) const USED_ASSERTIONS_PER_CLIENT_MAX: u32 = 16_384;

/// Oldest DPoP proof that counts, in seconds: what Okta takes.
pub(crate) const PROOF_AGE_S_MAX: i64 = 300;

/// Proofs remembered before keys that hold more than their share are refused new ones: 360 s (300 of age, 60 of clock skew) at 364
/// calls a second, several times Okta's own rate limit for a whole org.
pub(crate) const SEEN_PROOFS_SOFT_MAX: usize = 131_072;

/// Proofs remembered at most: 262,144 x ~80 B = 21 MB.
pub(crate) const SEEN_PROOFS_HARD_MAX: usize = 2 * SEEN_PROOFS_SOFT_MAX;

/// How long a nonce is the one handed out, in seconds; it is taken for as long again. Longer than an access token's 10 minutes, so
/// that a client which renews its token has a nonce that still counts.
pub(crate) const NONCE_SLOT_S: i64 = 900;

/// Most objects one client can have touched per hour where a policy limits it; a higher limit counts as this one. 100 B each: 1 MB
/// per client and set of policies.
pub(crate) const METERED_OBJECTS_MAX: usize = 10_000;

/// Most clients and sets of policies with a limit at a time: four for each of 1,000 clients. Beyond it, limited calls are refused.
pub(crate) const METERS_MAX: usize = 4_000;

/// Wrong credentials after which a source is shut for a minute. A script with a mistyped key that retries once a second reaches it; a
/// guesser of 190 random bits gains nothing below it.
pub const FAILURES_PER_MINUTE_MAX: u32 = 50;

/// Slots of each of the throttle's two tables: 2 x 65,536 x 24 B = 3 MiB, whatever the number of sources.
pub(crate) const THROTTLE_SLOTS: usize = 65_536;

/// Slots among which the throttle chooses whom to forget.
pub(crate) const THROTTLE_WAYS: usize = 8;

/// For how long a credential accepted from a source stays exempt when the source is shut, in seconds: a day, so that a nightly job is.
pub(crate) const ACCEPTED_FOR_S: i64 = 24 * 3_600;

/// Longest subject of an outside token, in bytes. GitHub's longest: two names of 100, a reference of 250 and the words between.
pub(crate) const SUBJECT_BYTES_MAX: usize = 512;

/// Longest audience of an outside token, in bytes; twice that for the URL of its issuer or keys.
pub(crate) const NAME_IN_TOKEN_BYTES_MAX: usize = 256;

/// Longest life of an outside token that can be registered, in minutes: a day, what managed identities of clouds have.
pub const OUTSIDE_MINUTES_MAX: u32 = 1_440;

/// Longest life of an outside token when nothing else is registered, in minutes.
pub const OUTSIDE_MINUTES_DEFAULT: u32 = 60;

/// Most live registrations of outside issuers of one org: one per repository or service account of a large team. All in memory:
/// 500 x ~1 KiB, and 20 KiB each where the keys are registered too, 10 MB at the very worst.
pub const ISSUERS_PER_ORG_MAX: u32 = 500;

/// Shortest time between two fetches of one issuer's keys, in seconds: tokens with made-up key ids cost the issuer two requests a
/// minute, and a rotated key is known half a minute after it is first seen at the latest.
pub(crate) const FETCH_STEP_S: i64 = 30;

/// How long somebody who fetches keys may take, in seconds: whoever comes meanwhile is told to wait for them. One more than a request
/// outside takes at most.
pub(crate) const FETCH_WAIT_S: i64 = 6;

/// For how long fetched keys are used when the issuer cannot be reached, in seconds: a day, longer than the outages of large issuers.
pub(crate) const KEYS_KEPT_S: i64 = 24 * 3_600;

/// Most places of keys remembered: twice as many as one org may register. 1,000 x 20 keys x ~1 KiB = 20 MB at the very worst.
pub(crate) const KEY_PLACES_MAX: usize = 1_000;

/// Largest budget and largest raise: more people than the largest orgs have, so that sums fit a number of 32 bits many times.
pub const BUDGET_MAX: u32 = 10_000_000;

/// Most objects of one call that are counted one by one; a body with more counts as one object of that size. Okta takes 200 in a bulk.
pub(crate) const OBJECTS_PER_CALL_MAX: usize = 1_000;

/// Longest line that says what a held call does to whom, in characters: what an approver reads before deciding.
pub(crate) const ABOUT_CHARS_MAX: usize = 256;

/// For how long a freeze that another process made may go unnoticed by a call that writes, in milliseconds. Costs one read of one row
/// (about 10 µs) per interval, five per second at most.
pub const FREEZE_SEEN_MS_MAX: i64 = 200;

/// Longest window of budgets, in milliseconds: a day.
pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;

/// The shorter one: an hour.
pub(crate) const HOUR_MS: i64 = 3_600_000;

/// Largest weight of a client: one may get a hundred times what another of its priority gets. More would leave the other less than
/// one call in the smallest budget there is (20 a minute on free orgs).
pub(crate) const WEIGHT_MAX: u16 = 100;

/// Most members hidden from one client, or in one org: the personal data of a profile, with room. Each is compared once per member of
/// an answer that has its beginning.
pub const HIDDEN_MAX: usize = 32;

/// Most names in the hidden members of one list: those of an org and of a client together are 128, one bit each where they are looked for.
pub(crate) const HIDDEN_NAMES_MAX: usize = 64;

/// Longest name of a hidden member, in characters: eight names of thirty letters.
pub(crate) const HIDDEN_CHARS_MAX: usize = 256;

//! The bounds of this crate, each with its arithmetic.

use std::time::Duration;

/// Time to reach a host: name, TCP and TLS. One lost SYN (1 s) and a slow handshake fit.
pub(crate) const CONNECT_WAIT_MAX: Duration = Duration::from_secs(3);

/// Time for one request, answer included: a caller may be waiting for it, and callers' own time-outs start at 10 s.
pub(crate) const EXCHANGE_WAIT_MAX: Duration = Duration::from_secs(5);

/// Largest body of an answer, 256 KiB: 20 keys with a certificate chain of 4 KiB each come to 100 KiB, and the largest discovery
/// documents seen have 8 KiB.
pub const ANSWER_BYTES_MAX: usize = 256 << 10;

/// Shortest and longest time an issuer's keys are taken to be current, whatever their `Cache-Control` says, in seconds. The
/// shortest bounds the traffic (288 fetches a day), the longest bounds how long a withdrawn key goes on verifying.
pub(crate) const KEYS_CURRENT_S: (u32, u32) = (300, 3_600);

/// Most notices waiting for their webhook: 256 x 2 KiB (a reason of 256 characters and a dozen facts) = 0.5 MiB.
pub(crate) const NOTICES_WAITING_MAX: usize = 256;

/// Pauses between the tries to deliver one notice: seven tries within 63 s, and 98 s at most with exchanges that run into their bound.
/// Whoever holds a call waits up to 300 s, so that a webhook that restarts is still in time.
pub(crate) const NOTICE_PAUSES: [Duration; 6] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(16),
    Duration::from_secs(32),
];

//! The bounds on what is read here, with the arithmetic beside each. Nothing here is configurable.

/// Longest compact text read, in bytes. The longest honest ones are cloud identity tokens of about 4 KiB (forty group
/// claims) and assertions signed with RSA-4096 (about 1.3 KiB): four times the former.
pub const TEXT_BYTES: usize = 16 * 1024;

/// Deepest nesting of JSON read, the outermost object being 1. Known tokens nest 4 deep (Kubernetes' `kubernetes.io`).
pub const DEPTH: usize = 8;

/// Longest `kid`, `typ`, `jti`, `nonce` or `ath`, in bytes: a UUID has 36, a SHA-512 in hex 128, a URN of both below 256.
pub const NAME_BYTES: usize = 256;

/// Longest `htu`, in bytes: Okta's longest path template is 150 bytes, ids in it 20 to 100 each.
pub const URL_BYTES: usize = 2048;

/// Most keys in one set. Large issuers publish 3 to 10 while they rotate.
pub const KEYS: usize = 20;

/// Longest text of a key set, in bytes: 20 keys of RSA-4096 with a certificate chain of 4 KiB each come to 100 KiB.
pub const KEY_SET_BYTES: usize = 128 * 1024;

/// Smallest RSA modulus, in bits (RFC 7518 section 3.3).
pub const RSA_BITS_LEAST: usize = 2048;

/// Largest RSA modulus, in bits. Verifying costs the square of it and the sender of a DPoP proof chooses it: 4096 bits
/// cost what two ES256 verifications do.
pub const RSA_BITS_MOST: usize = 4096;

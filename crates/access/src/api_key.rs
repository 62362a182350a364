//! The form of an API key: `pcl_`, 32 random characters (190.5 bits), 6 characters of checksum.
//!
//! As a regular expression, for secret scanners: `\bpcl_[0-9A-Za-z]{38}\b`. The checksum (CRC-32 of everything before it, in
//! base 62, most significant digit first) tells a mistyped key or a scanner's false alarm from a real one without asking
//! anyone. Digits are `0-9A-Za-z` in this order. A key is shown once; kept is only its keyed hash ([`Fingerprint`]).

use aws_lc_rs::hmac;
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use store::{SealKey, Secret, Zeroizing};

use crate::AccessError;

/// An API key in the clear, to be shown once. Wiped when dropped; never in `Debug`.
#[derive(Clone, Debug)]
pub struct ApiKey(Secret<String>);

impl ApiKey {
    pub(crate) fn generate() -> Result<Self, AccessError> {
        Ok(Self(random_key(PREFIX)?))
    }

    /// Shows the key, to whoever hands it to its owner.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// A fresh key with this prefix of four characters.
pub(crate) fn random_key(prefix: &str) -> Result<Secret<String>, AccessError> {
    let mut text = Zeroizing::new(String::with_capacity(LENGTH));
    text.push_str(prefix);
    random_digits(RANDOM_CHARS, &mut text)?;
    let sum = checksum(text.as_bytes());
    text.push_str(&sum);
    Ok(Secret::new(text.to_string()))
}

/// Whether `text` has the form of an API key: prefix, length, alphabet and checksum.
pub(crate) fn is_well_formed(text: &str) -> bool {
    has_form(PREFIX, text)
}

/// Whether `text` has the form of a key with this prefix.
pub(crate) fn has_form(prefix: &str, text: &str) -> bool {
    let Some((body, sum)) = text.split_at_checked(LENGTH - CHECKSUM_CHARS) else {
        return false;
    };
    text.len() == LENGTH
        && body.starts_with(prefix)
        && body
            .bytes()
            .skip(PREFIX.len())
            .all(|byte| byte.is_ascii_alphanumeric())
        && checksum(body.as_bytes()) == sum
}

/// What is kept of a key: HMAC-SHA-256 under the pepper.
///
/// It is looked up in a hash table like any other key, not compared in constant time: without the pepper nobody can choose
/// a key whose fingerprint shares a prefix with a stored one, so the time of the look-up says nothing that helps to guess.
/// No slow password hash is needed either: 190 random bits cannot be searched.
pub(crate) type Fingerprint = [u8; 32];

/// The key of the keyed hash, derived from the state's key file: a stolen database alone does not even let one test guesses.
pub(crate) struct Pepper(hmac::Key);

impl Pepper {
    pub(crate) fn derived_from(key: &SealKey) -> Result<Self, AccessError> {
        let derived = key.derive(PEPPER_PURPOSE)?;
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, derived.expose())))
    }

    /// Cost: one HMAC over 42 bytes (four SHA-256 blocks, two of them precomputed), no allocation.
    pub(crate) fn fingerprint(&self, key: &str) -> Fingerprint {
        let tag = hmac::sign(&self.0, key.as_bytes());
        let mut fingerprint = [0; 32];
        for (to, from) in fingerprint.iter_mut().zip(tag.as_ref()) {
            *to = *from;
        }
        fingerprint
    }
}

/// Appends `count` uniformly random base-62 digits to `text`.
pub(crate) fn random_digits(count: usize, text: &mut String) -> Result<(), AccessError> {
    let random = SystemRandom::new();
    let mut missing = count;
    while missing > 0 {
        let mut bytes = Zeroizing::new([0_u8; 64]);
        random
            .fill(bytes.as_mut())
            .map_err(|_| AccessError::NoRandomness)?;
        // 248 = 4 x 62: rejecting what lies above keeps every digit equally likely.
        let fair = bytes.iter().filter(|byte| **byte < 248);
        for digit in fair
            .take(missing)
            .filter_map(|byte| DIGITS.get(usize::from(byte % 62)))
        {
            text.push(char::from(*digit));
            missing -= 1;
        }
    }
    Ok(())
}

fn checksum(bytes: &[u8]) -> String {
    let mut rest = crc32(bytes);
    let mut digits = [b'0'; CHECKSUM_CHARS];
    for place in digits.iter_mut().rev() {
        if let Some(digit) = DIGITS.get((rest % 62) as usize) {
            *place = *digit;
        }
        rest /= 62;
    }
    digits.into_iter().map(char::from).collect()
}

/// CRC-32 as in zlib and PNG (reflected polynomial 0xEDB88320), bit by bit: 36 bytes take 0.2 µs, no table is worth it.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 {
                (crc >> 1) ^ 0xEDB8_8320
            } else {
                crc >> 1
            }
        })
    };
    !bytes.iter().fold(u32::MAX, step)
}

/// What a key looks like, as a regular expression of the common kind, for secret scanners.
pub const KEY_PATTERN: &str = r"\bpcl_[0-9A-Za-z]{38}\b";

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const PREFIX: &str = "pcl_";
/// log2(62) x 32 = 190.5 bits.
const RANDOM_CHARS: usize = 32;
/// 62^6 > 2^32.
const CHECKSUM_CHARS: usize = 6;
const LENGTH: usize = PREFIX.len() + RANDOM_CHARS + CHECKSUM_CHARS;
const PEPPER_PURPOSE: &str = "access api key fingerprint";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc32_is_the_common_one() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn a_generated_key_is_well_formed_and_every_changed_character_is_noticed() {
        let key = ApiKey::generate().unwrap();
        let text = key.expose();
        assert_eq!(text.len(), 42);
        assert!(is_well_formed(text), "{text}");
        for position in 0..text.len() {
            let mut changed = text.as_bytes().to_vec();
            changed[position] = if changed[position] == b'7' {
                b'8'
            } else {
                b'7'
            };
            assert!(
                !is_well_formed(std::str::from_utf8(&changed).unwrap()),
                "{position}"
            );
        }
        for cut in [
            "",
            "pcl_",
            &text[..41],
            &format!("{text}0"),
            "é".repeat(21).as_str(),
        ] {
            assert!(!is_well_formed(cut), "{cut}");
        }
    }

    #[test]
    fn a_key_is_hidden_in_debug_and_its_fingerprint_depends_on_the_pepper() {
        let key = ApiKey::generate().unwrap();
        assert!(!format!("{key:?}").contains(key.expose()));
        let one = Pepper::derived_from(&SealKey::from_bytes([1; 32])).unwrap();
        let two = Pepper::derived_from(&SealKey::from_bytes([2; 32])).unwrap();
        assert_eq!(one.fingerprint(key.expose()), one.fingerprint(key.expose()));
        assert_ne!(one.fingerprint(key.expose()), two.fingerprint(key.expose()));
    }
}

//! SHA-256 as entries and checkpoints write it: of bytes, as hexadecimal in entries, as base64 in checkpoints. Read strictly: one
//! hash has one text.

use aws_lc_rs::digest::{Context, SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hash([u8; 32]);

impl Hash {
    /// The hash of some bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self::read(digest(&SHA256, bytes).as_ref())
    }

    /// The hash of several texts, a line end after each.
    pub(crate) fn of_lines(lines: &[&str]) -> Self {
        let mut context = Context::new(&SHA256);
        for line in lines {
            context.update(line.as_bytes());
            context.update(b"\n");
        }
        Self::read(context.finish().as_ref())
    }

    fn read(bytes: &[u8]) -> Self {
        // SHA-256 has 32 bytes.
        Self(bytes.try_into().unwrap_or_default())
    }

    /// 64 hexadecimal digits in lower case.
    pub(crate) fn hex(&self) -> Hex {
        let mut text = [0; 64];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.0) {
            if let Some(digits) = DIGITS.get(usize::from(byte)) {
                pair.copy_from_slice(digits);
            }
        }
        Hex(text)
    }

    /// 44 characters of base64.
    pub(crate) fn to_base64(self) -> String {
        STANDARD.encode(self.0)
    }

    /// What [`Hash::to_base64`] wrote, and nothing else.
    pub(crate) fn from_base64(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }

    /// Reads hexadecimal digits in lower case.
    pub(crate) fn from_hex(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        let mut bytes = [0; 32];
        if digits.len() != 64 {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let [high, low] = pair else { return None };
            *byte = value(*high)? << 4 | value(*low)?;
        }
        Some(Self(bytes))
    }
}

/// A hash as hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hex([u8; 64]);

impl Hex {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn as_str(&self) -> &str {
        // Digits are ASCII.
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// The two digits of every byte.
const DIGITS: [[u8; 2]; 256] = {
    let mut table = [[0; 2]; 256];
    let mut rest: &mut [[u8; 2]] = &mut table;
    let mut byte = 0_u8;
    while let Some((pair, after)) = rest.split_first_mut() {
        *pair = [digit(byte >> 4), digit(byte & 15)];
        byte = byte.wrapping_add(1);
        rest = after;
    }
    table
};

const fn digit(value: u8) -> u8 {
    match value {
        0..=9 => b'0' + value,
        _ => b'a' + value - 10,
    }
}

const fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_has_one_text_in_each_form() {
        // FIPS 180-4, example "abc".
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let hash = Hash::of(b"abc");
        assert_eq!(hash.hex().as_str(), abc);
        assert_eq!(Hash::from_hex(abc), Some(hash));
        assert_eq!(Hash::from_hex(&abc.to_uppercase()), None);
        assert_eq!(Hash::from_base64(&hash.to_base64()), Some(hash));
        assert_eq!(Hash::of_lines(&["a", "b"]), Hash::of(b"a\nb\n"));
    }

    #[test]
    fn base64_with_stray_bits_is_refused() {
        let text = Hash::of(b"abc").to_base64();
        assert!(text.ends_with("a0="));
        assert_eq!(Hash::from_base64(&text.replace("a0=", "a1=")), None);
    }
}

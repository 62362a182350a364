//! Lower-case hexadecimal, the one spelling of ids and file names.
//!
//! Reading accepts exactly what writing makes: upper case is refused, so that a name has one form only.

use std::fmt::{self, Write};

use serde::Deserializer;
use serde::de::{Error, Visitor};

pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

pub(crate) fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != N * 2 {
        return None;
    }
    let mut bytes = [0_u8; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let &[high, low] = pair else { return None };
        *byte = digit(high)? << 4 | digit(low)?;
    }
    Some(bytes)
}

/// Reads an id of `N` bytes without copying its text: manifests and indexes have hundreds of thousands.
pub(crate) fn deserialize<'de, const N: usize, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<[u8; N], D::Error> {
    deserializer.deserialize_str(Digits::<N>)
}

struct Digits<const N: usize>;

impl<const N: usize> Visitor<'_> for Digits<N> {
    type Value = [u8; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} lower-case hex digits", N * 2)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        decode(text).ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
    }
}

fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_survive_and_other_spellings_are_refused() {
        assert_eq!(encode(&[0x00, 0xaf, 0xff]), "00afff");
        assert_eq!(decode::<3>("00afff"), Some([0x00, 0xaf, 0xff]));
        for wrong in ["00AFFF", "00aff", "00afff0", "00afg0", ""] {
            assert_eq!(decode::<3>(wrong), None, "{wrong}");
        }
    }
}

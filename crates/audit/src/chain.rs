//! How lines hang together: each is hashed with SHA-256 over its bytes up to its own hash, the previous hash among them.
//!
//! The hash covers bytes, not values: no canonical form has to be agreed on, a re-formatted line does not verify, and
//! `sha256sum` is enough to check one. Cost: one SHA-256 over about 400 bytes (a quarter of a microsecond with the processor's
//! instructions for it), no allocation beyond the line.

use crate::hash::{Hash, Hex};

/// A place in a chain: the number and hash of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) number: u64,
    pub(crate) hash: Hash,
}

impl Link {
    /// Where the chain of this name begins. Bound to the name, so that no chain can stand in for another.
    pub(crate) fn genesis(name: &str) -> Self {
        Self {
            number: 0,
            hash: Hash::of_lines(&[CONTEXT, name]),
        }
    }

    /// Appends the next line to `lines` and moves there. `begun` is a JSON object without its closing brace, `hex` the hash of the last
    /// line as digits.
    pub(crate) fn extend(&mut self, begun: &[u8], hex: &mut Hex, lines: &mut Vec<u8>) {
        let start = lines.len();
        lines.extend_from_slice(begun);
        lines.extend_from_slice(PREVIOUS_MEMBER);
        lines.extend_from_slice(hex.as_bytes());
        lines.push(b'"');
        self.hash = Hash::of(lines.get(start..).unwrap_or_default());
        self.number += 1;
        *hex = self.hash.hex();
        lines.extend_from_slice(HASH_MEMBER);
        lines.extend_from_slice(hex.as_bytes());
        lines.extend_from_slice(b"\"}\n");
    }
}

/// The hash of a line (without its line end), if the line ends in it.
pub(crate) fn own_hash(line: &[u8]) -> Result<Hash, &'static str> {
    let parts = line
        .len()
        .checked_sub(HASH_TAIL_BYTES)
        .and_then(|at| line.split_at_checked(at));
    let (hashed, tail) = parts.ok_or("the line is not an entry")?;
    let written = tail
        .strip_prefix(HASH_MEMBER)
        .and_then(|rest| rest.strip_suffix(b"\"}"))
        .ok_or("the line is not an entry")?;
    let hash = Hash::of(hashed);
    if hash.hex().as_bytes() != written {
        return Err("the entry was edited: its hash does not fit its text");
    }
    Ok(hash)
}

const CONTEXT: &str = "portcullis audit chain 2";
const PREVIOUS_MEMBER: &[u8] = b",\"prev\":\"";
const HASH_MEMBER: &[u8] = b",\"hash\":\"";
const HASH_TAIL_BYTES: usize = HASH_MEMBER.len() + 64 + 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_valid_json_and_carries_the_hash_of_its_own_bytes() {
        let mut link = Link::genesis("gateway/production");
        let before = link.hash;
        let mut lines = Vec::new();
        let mut hex = before.hex();
        link.extend(br#"{"seq":1,"kind":"started""#, &mut hex, &mut lines);
        let line = lines.strip_suffix(b"\n").unwrap();
        let json: serde_json::Value = serde_json::from_slice(line).unwrap();
        assert_eq!(json["seq"], 1);
        assert_eq!(json["prev"], before.hex().as_str());
        assert_eq!(json["hash"], link.hash.hex().as_str());
        assert_eq!(own_hash(line), Ok(link.hash));
        assert_ne!(
            Link::genesis("gateway/preview"),
            Link::genesis("gateway/production")
        );
    }
}

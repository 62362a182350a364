//! Signed notes: a text and signatures under it, as C2SP's `signed-note` writes them (<https://c2sp.org/signed-note>). Ed25519 only.
//!
//! The form is read so strictly that a note has one way to be written. Which keys are believed is for the caller to say.

use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// A private key that signs checkpoints. Never shown by `Debug`; leaves only as PKCS#8 in memory that wipes itself.
pub struct CheckpointKey {
    pair: Ed25519KeyPair,
    public: PublicKey,
}

/// A public key that checkpoints are verified with. Its text is a C2SP verifier key: name, key id and bytes, joined by `+`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    bytes: [u8; 32],
    id: [u8; 4],
}

/// Why a key could not be made or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCheckpointKey {
    /// The cryptographic library refused, as it does without randomness.
    #[error("no key could be made for checkpoints")]
    Library,
    /// The bytes are no Ed25519 key in PKCS#8.
    #[error("not a private key for checkpoints")]
    Pkcs8,
    /// The text is not a public key as [`PublicKey`] writes it.
    #[error("not a public key for checkpoints")]
    Text,
}

impl BadCheckpointKey {
    /// What to do next, as a full sentence.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Library => "Check that the system's random source works, then try again.",
            Self::Pkcs8 => "Restore the key from its copy, or rotate it.",
            Self::Text => {
                "Give what `portcullis audit key` prints: portcullis-audit+8 digits+base64."
            }
        }
    }
}

impl CheckpointKey {
    /// Makes a new key.
    ///
    /// # Errors
    /// [`BadCheckpointKey::Library`].
    pub fn generate() -> Result<Self, BadCheckpointKey> {
        let pair = Ed25519KeyPair::generate().map_err(|_| BadCheckpointKey::Library)?;
        Ok(Self::of(pair))
    }

    /// Reads what [`CheckpointKey::to_pkcs8`] wrote.
    ///
    /// # Errors
    /// [`BadCheckpointKey::Pkcs8`].
    pub fn from_pkcs8(bytes: &[u8]) -> Result<Self, BadCheckpointKey> {
        let pair = Ed25519KeyPair::from_pkcs8(bytes).map_err(|_| BadCheckpointKey::Pkcs8)?;
        Ok(Self::of(pair))
    }

    /// The private key, for whoever seals it.
    ///
    /// # Errors
    /// [`BadCheckpointKey::Library`].
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, BadCheckpointKey> {
        let document = self.pair.to_pkcs8v1();
        document
            .map(|document| Zeroizing::new(document.as_ref().to_vec()))
            .map_err(|_| BadCheckpointKey::Library)
    }

    fn of(pair: Ed25519KeyPair) -> Self {
        // An Ed25519 public key has 32 bytes (RFC 8032).
        let bytes = pair.public_key().as_ref().try_into().unwrap_or_default();
        Self {
            public: PublicKey::of(bytes),
            pair,
        }
    }

    /// The public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The signature line for a text.
    pub(crate) fn sign(&self, text: &str) -> String {
        let mut bytes = self.public.id.to_vec();
        bytes.extend_from_slice(self.pair.sign(text.as_bytes()).as_ref());
        format!("{DASH}{NAME} {}\n", STANDARD.encode(bytes))
    }
}

impl fmt::Debug for CheckpointKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "CheckpointKey({})", self.public)
    }
}

impl PublicKey {
    fn of(bytes: [u8; 32]) -> Self {
        let mut named = NAME.as_bytes().to_vec();
        named.extend_from_slice(&[b'\n', ED25519_KIND]);
        named.extend_from_slice(&bytes);
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &named);
        let id = hash.as_ref().first_chunk().copied().unwrap_or_default();
        Self { bytes, id }
    }

    /// Reads the text of a key.
    ///
    /// # Errors
    /// [`BadCheckpointKey::Text`].
    pub fn parse(text: &str) -> Result<Self, BadCheckpointKey> {
        let read = || {
            let (_, key) = text
                .strip_prefix(NAME)?
                .strip_prefix('+')?
                .split_once('+')?;
            let bytes = STANDARD.decode(key).ok()?;
            let (kind, bytes) = bytes.split_first()?;
            let key = Self::of(bytes.try_into().ok()?);
            (*kind == ED25519_KIND && key.to_string() == text).then_some(key)
        };
        read().ok_or(BadCheckpointKey::Text)
    }

    /// Whether the signature line is this key's for the text.
    pub(crate) fn signed(&self, text: &str, line: &str) -> bool {
        let signature = line
            .strip_prefix(DASH)
            .and_then(|rest| rest.strip_prefix(NAME)?.strip_prefix(' '))
            .and_then(|rest| STANDARD.decode(rest).ok());
        let Some(signature) = signature else {
            return false;
        };
        signature.split_first_chunk().is_some_and(|(id, bytes)| {
            *id == self.id
                && UnparsedPublicKey::new(&ED25519, self.bytes)
                    .verify(text.as_bytes(), bytes)
                    .is_ok()
        })
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = u32::from_be_bytes(self.id);
        let mut key = vec![ED25519_KIND];
        key.extend_from_slice(&self.bytes);
        write!(out, "{NAME}+{id:08x}+{}", STANDARD.encode(key))
    }
}

/// A note in parts: the text with its last line end, and the signature lines without theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Note<'a> {
    pub(crate) text: &'a str,
    pub(crate) signatures: Vec<&'a str>,
}

impl<'a> Note<'a> {
    /// The first note of `notes`, where each is followed by an empty line, and what comes after it. `None`: it is not whole, or not
    /// a note.
    pub(crate) fn first(notes: &'a str) -> Option<(Self, &'a str)> {
        let end = notes.find("\n\n")? + 1;
        let (text, rest) = notes.split_at_checked(end)?;
        let mut rest = rest.strip_prefix('\n')?;
        let mut signatures = Vec::new();
        loop {
            let (line, after) = rest.split_once('\n')?;
            rest = after;
            if line.is_empty() {
                break;
            }
            if !line.starts_with(DASH) {
                return None;
            }
            signatures.push(line);
        }
        Some((Self { text, signatures }, rest))
    }

    /// Whether `key` signed it.
    pub(crate) fn is_signed_by(&self, key: &PublicKey) -> bool {
        self.signatures
            .iter()
            .any(|line| key.signed(self.text, line))
    }
}

/// Writes a note: the text (with its last line end), the signatures, and the empty line that ends it.
pub(crate) fn write(text: &str, keys: &[&CheckpointKey]) -> String {
    let signatures: String = keys.iter().map(|key| key.sign(text)).collect();
    format!("{text}\n{signatures}\n")
}

/// Name of the keys, as the form of the notes wants it.
const NAME: &str = "portcullis-audit";
/// What signature lines begin with.
const DASH: &str = "\u{2014} ";
/// Number of Ed25519 among the kinds of signatures of signed notes.
const ED25519_KIND: u8 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_verified_with_the_public_half_of_its_key_alone() {
        let key = CheckpointKey::generate().unwrap();
        let again = CheckpointKey::from_pkcs8(&key.to_pkcs8().unwrap()).unwrap();
        let other = CheckpointKey::generate().unwrap();
        let public = PublicKey::parse(&again.public().to_string()).unwrap();
        let two = write("a\nb\n", &[&key]) + &write("c\n", &[&other, &key]);
        let (first, rest) = Note::first(&two).unwrap();
        assert_eq!(first.text, "a\nb\n");
        assert!(first.is_signed_by(&public) && !first.is_signed_by(other.public()));
        let (second, rest) = Note::first(rest).unwrap();
        assert!(second.is_signed_by(&public) && second.is_signed_by(other.public()));
        assert_eq!(rest, "");
        assert!(!format!("{key:?}").contains("pair"));
    }

    #[test]
    fn a_note_cut_anywhere_is_no_note() {
        let note = write("a\nb\n", &[&CheckpointKey::generate().unwrap()]);
        for cut in (0..note.len()).filter(|cut| note.is_char_boundary(*cut)) {
            assert_eq!(Note::first(&note[..cut]), None, "{cut}");
        }
    }

    #[test]
    fn keys_and_signatures_of_another_making_are_read() {
        // RFC 8032, section 7.1, test 1, in the forms of signed notes, made by Python's cryptography.
        let text = "portcullis-audit+26ab543d+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";
        let public = PublicKey::parse(text).unwrap();
        assert_eq!(public.to_string(), text);
        let note = "a\nb\n\n\u{2014} portcullis-audit JqtUPQ3fB3IoHoEFBu/I4VanBzbJQ4z1PMkkvcYzbxT+PRx4gZwhRDWe+Dz4iE6A80/TueXjzz0h+lnhJyCvdfy3DAA=\n\n";
        assert!(Note::first(note).unwrap().0.is_signed_by(&public));
        let other = note.replace("a\nb", "a\nc");
        assert!(!Note::first(&other).unwrap().0.is_signed_by(&public));
        for wrong in [
            text.replace("26ab", "26ac"),
            text.replace("1Ea", "1Eb"),
            String::new(),
        ] {
            assert_eq!(
                PublicKey::parse(&wrong),
                Err(BadCheckpointKey::Text),
                "{wrong}"
            );
        }
    }
}

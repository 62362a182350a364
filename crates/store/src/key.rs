//! The 32-byte key that seals, as a value; `key_file` is where it lies.
//!
//! Its bytes are shown only to the cipher and to what wraps it, and are wiped when it is dropped.

use std::io;
use std::path::{Path, PathBuf};

use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::{KeyFile, Plain, Secret, WrappingError, WrappingKind};

/// A key of 256 bits. Its bytes never appear in `Debug`.
#[derive(Clone, Debug)]
pub struct SealKey(Secret<[u8; LENGTH]>);

/// Why a key or its file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// There is no key file at this path.
    #[error("no key file at {}", path.display())]
    Absent {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A key file is already there; it is never overwritten.
    #[error("a key file already exists at {}", path.display())]
    Exists {
        /// Where it lies.
        path: PathBuf,
    },
    /// The draft of another rewrap is there: one that runs, or one that was broken off.
    #[error("another rewrap has left {} behind", path.display())]
    Unfinished {
        /// The draft.
        path: PathBuf,
    },
    /// The file is not a key file.
    #[error("{} is not a key file: {reason}", path.display())]
    NotAKey {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it, without its contents.
        reason: &'static str,
    },
    /// Group or others may read or write the file.
    #[error("key file {} is open to other users (mode {mode:03o})", path.display())]
    Exposed {
        /// Which file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The key lies in the file in another way than it was to be opened in.
    #[error("the key in {} lies there {found}, not {given}", path.display())]
    OtherWrapping {
        /// Which file.
        path: PathBuf,
        /// How it lies there.
        found: WrappingKind,
        /// How it was to be opened.
        given: WrappingKind,
    },
    /// The key could not be wrapped or opened.
    #[error("key file {}: {source}", path.display())]
    Wrapping {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: WrappingError,
    },
    /// What was written does not read back as the key it was made of.
    #[error("{} does not read back as the key that was wrapped", path.display())]
    ReadsBackOtherwise {
        /// The draft, which has been removed; the key file is as it was.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("cannot {action} key file {}", path.display())]
    Failed {
        /// What was tried.
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system's random source or key derivation refused.
    #[error("the system's cryptography failed")]
    Unavailable,
}

impl KeyError {
    /// What to do next, as a full sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Absent { .. } => {
                "Name the right key file, or create a new key if nothing has been sealed yet."
            }
            Self::Exists { .. } => {
                "Use the existing key, or name another path; a lost key cannot be made again."
            }
            Self::Unfinished { .. } => {
                "Remove that file if no other rewrap is running; the key file itself is as it was."
            }
            Self::NotAKey { .. } => {
                "Name the key file that was created for this state, or restore it from its copy."
            }
            Self::Exposed { .. } => {
                "Run `chmod 600` on the key file, and replace the key if others may have read it."
            }
            Self::OtherWrapping { .. } => {
                "Rewrap the key, or say in the settings how it lies in its file."
            }
            Self::Wrapping { source, .. } => source.hint(),
            Self::ReadsBackOtherwise { .. } => {
                "Check what the command to wrap keys does; the key file is as it was."
            }
            Self::Failed { .. } => {
                "Check the directory, its owner and the free space, then try again."
            }
            Self::Unavailable => "Check that the system's random source works, then try again.",
        }
    }
}

impl SealKey {
    /// Takes 32 bytes as the key.
    pub fn from_bytes(bytes: [u8; LENGTH]) -> Self {
        Self(Secret::new(bytes))
    }

    /// Makes a new random key, without a file.
    pub fn generate() -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new([0_u8; LENGTH]);
        rand::fill(bytes.as_mut()).map_err(|_| KeyError::Unavailable)?;
        Ok(Self::from_bytes(*bytes))
    }

    /// Makes a new random key and its file, in the clear (mode 0600, flushed to disk). Never overwrites.
    pub fn create(path: &Path) -> Result<Self, KeyError> {
        KeyFile::at(path).create(&Plain)
    }

    /// Reads the key from its file, where it lies in the clear; refuses a file that others may read.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        KeyFile::at(path).load(&Plain)
    }

    /// Derives a key for one purpose (HKDF-SHA256, purpose as info), so that one file can serve several uses.
    pub fn derive(&self, purpose: &str) -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new([0_u8; LENGTH]);
        Salt::new(HKDF_SHA256, b"portcullis key")
            .extract(self.expose())
            .expand(&[purpose.as_bytes()], Length)
            .and_then(|okm| okm.fill(bytes.as_mut()))
            .map_err(|_| KeyError::Unavailable)?;
        Ok(Self::from_bytes(*bytes))
    }

    /// Shows the 32 bytes, to the cipher.
    pub fn expose(&self) -> &[u8; LENGTH] {
        self.0.expose()
    }

    /// The key as text: base64.
    pub(crate) fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(STANDARD.encode(self.expose()))
    }

    /// The key out of its text, spaces and line ends around it aside.
    pub(crate) fn from_text(text: &str) -> Result<Self, &'static str> {
        let mut bytes = Zeroizing::new([0_u8; LENGTH]);
        // `decode_slice` asks for room for the largest value the encoded length could mean.
        let mut room = Zeroizing::new([0_u8; LENGTH + 3]);
        let written = STANDARD
            .decode_slice(text.trim(), room.as_mut())
            .map_err(|_| "its key is not base64 of 32 bytes")?;
        let decoded = room
            .get(..written)
            .filter(|decoded| decoded.len() == LENGTH)
            .ok_or("its key is not 32 bytes long")?;
        bytes.copy_from_slice(decoded);
        Ok(Self::from_bytes(*bytes))
    }
}

/// Tells HKDF how much key material is wanted.
struct Length;

impl KeyType for Length {
    fn len(&self) -> usize {
        LENGTH
    }
}

/// Bytes of a key (AES-256).
const LENGTH: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_keys_differ_by_purpose_and_are_stable() {
        let key = SealKey::from_bytes([3; 32]);
        assert_eq!(
            key.derive("audit").unwrap().expose(),
            key.derive("audit").unwrap().expose()
        );
        assert_ne!(
            key.derive("audit").unwrap().expose(),
            key.derive("access").unwrap().expose()
        );
        assert_ne!(key.derive("audit").unwrap().expose(), key.expose());
    }

    #[test]
    fn debug_of_a_key_shows_no_byte_of_it() {
        assert_eq!(
            format!("{:?}", SealKey::from_bytes([0xAB; 32])),
            "SealKey(Secret(..))"
        );
    }
}

//! AES-256-GCM under a key that serves one file only, with counted nonces.
//!
//! Every pack and manifest draws a random 32-byte salt; its key is derived from the master key and that salt. As a key never
//! meets a second file, a counter makes nonces unique. Which counter stands for what is the file's format.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::rand;

use crate::error::{Damage, Error};

pub(crate) const SALT_BYTES: usize = 32;
pub(crate) const TAG_BYTES: usize = 16;

/// The cipher of one file.
pub(crate) struct Cipher(LessSafeKey);

impl Cipher {
    pub(crate) fn new(key: &[u8; 32]) -> Result<Self, Error> {
        let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| UNAVAILABLE)?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// Turns plaintext into ciphertext with its tag. A counter must be used once per file.
    pub(crate) fn seal(
        &self,
        counter: u64,
        about: &[u8],
        mut bytes: Vec<u8>,
    ) -> Result<Vec<u8>, Error> {
        self.0
            .seal_in_place_append_tag(nonce(counter), Aad::from(about), &mut bytes)
            .map_err(|_| UNAVAILABLE)?;
        Ok(bytes)
    }

    /// Turns ciphertext with its tag back into plaintext.
    pub(crate) fn open(
        &self,
        counter: u64,
        about: &[u8],
        mut bytes: Vec<u8>,
    ) -> Result<Vec<u8>, Damage> {
        let length = self
            .0
            .open_in_place(nonce(counter), Aad::from(about), &mut bytes)
            .map_err(|_| {
                Damage::new("its seal does not open (changed, swapped or of another repository)")
            })?
            .len();
        bytes.truncate(length);
        Ok(bytes)
    }
}

/// Draws the salt of a new file.
pub(crate) fn salt() -> Result<[u8; SALT_BYTES], Error> {
    let mut salt = [0_u8; SALT_BYTES];
    rand::fill(&mut salt).map_err(|_| UNAVAILABLE)?;
    Ok(salt)
}

/// Four zero bytes, then the counter, big-endian.
fn nonce(counter: u64) -> Nonce {
    let mut nonce = [0_u8; 12];
    if let Some(low) = nonce.last_chunk_mut::<8>() {
        *low = counter.to_be_bytes();
    }
    Nonce::assume_unique_for_key(nonce)
}

const UNAVAILABLE: Error = Error::Unavailable {
    what: "cryptography",
};

//! The seal on a secret at rest: AES-256-GCM with a random nonce, bound to a purpose.
//!
//! The purpose (for example `"access credential ssws"`) is authenticated, so that a sealed value moved to another
//! column, row or file does not open there. One key may seal at most 2^32 values (the usual bound for
//! random 96-bit nonces); this state holds thousands.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rand;
use zeroize::{Zeroize, Zeroizing};

use crate::SealKey;

/// Why a value could not be sealed or opened. Says nothing about the value itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The bytes are not a sealed value of a form this version knows.
    #[error("not a sealed value of a known form")]
    UnknownForm,
    /// Wrong key, other purpose, or changed bytes: the three cannot be told apart.
    #[error("sealed value does not open: wrong key, other purpose or changed bytes")]
    DoesNotOpen,
    /// The system's random source or cipher refused.
    #[error("the system's cryptography failed")]
    Unavailable,
}

impl SealError {
    /// What to do next, as a full sentence.
    pub fn hint(self) -> &'static str {
        match self {
            Self::UnknownForm => {
                "The value was written by a newer version or is damaged; use that version or restore a copy."
            }
            Self::DoesNotOpen => "Check that the key file belongs to this state directory.",
            Self::Unavailable => "Check that the system's random source works, then try again.",
        }
    }
}

/// Seals `plaintext` for `purpose`: form byte, nonce (12), ciphertext, tag (16).
pub fn seal(key: &SealKey, purpose: &str, plaintext: &[u8]) -> Result<Vec<u8>, SealError> {
    let mut nonce = [0_u8; NONCE_LEN];
    rand::fill(&mut nonce).map_err(|_| SealError::Unavailable)?;
    let mut body = Zeroizing::new(plaintext.to_vec());
    let tag = cipher(key)?
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(purpose.as_bytes()),
            &mut body,
        )
        .map_err(|_| SealError::Unavailable)?;
    let mut sealed = Vec::with_capacity(1 + NONCE_LEN + body.len() + tag.as_ref().len());
    sealed.push(FORM);
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(&body);
    sealed.extend_from_slice(tag.as_ref());
    Ok(sealed)
}

/// Opens what [`seal`] made, if key and purpose are the same and no bit has changed.
pub fn open(key: &SealKey, purpose: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (form, rest) = sealed.split_first().ok_or(SealError::UnknownForm)?;
    if *form != FORM {
        return Err(SealError::UnknownForm);
    }
    let (nonce, body) = rest
        .split_at_checked(NONCE_LEN)
        .ok_or(SealError::UnknownForm)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::UnknownForm)?;
    let mut body = Zeroizing::new(body.to_vec());
    let length = cipher(key)?
        .open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut body)
        .map_err(|_| SealError::DoesNotOpen)?
        .len();
    if let Some(tag) = body.get_mut(length..) {
        tag.zeroize();
    }
    body.truncate(length);
    Ok(body)
}

fn cipher(key: &SealKey) -> Result<LessSafeKey, SealError> {
    UnboundKey::new(&AES_256_GCM, key.expose())
        .map(LessSafeKey::new)
        .map_err(|_| SealError::Unavailable)
}

/// The first byte of every sealed value: AES-256-GCM, 12-byte nonce in front, 16-byte tag behind.
const FORM: u8 = 1;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(fill: u8) -> SealKey {
        SealKey::from_bytes([fill; 32])
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_again(plaintext in proptest::collection::vec(any::<u8>(), 0..200), purpose in ".{0,20}") {
            let sealed = seal(&key(7), &purpose, &plaintext).unwrap();
            prop_assert_eq!(&*open(&key(7), &purpose, &sealed).unwrap(), &plaintext);
        }
    }

    #[test]
    fn a_sealed_value_opens_only_for_its_purpose_and_key() {
        let sealed = seal(&key(1), "org token", b"00secret").unwrap();
        assert_eq!(
            open(&key(1), "hook header", &sealed).unwrap_err(),
            SealError::DoesNotOpen
        );
        assert_eq!(
            open(&key(2), "org token", &sealed).unwrap_err(),
            SealError::DoesNotOpen
        );
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let sealed = seal(&key(1), "org token", b"00secret").unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(open(&key(1), "org token", &changed).is_err(), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(
                open(&key(1), "org token", &sealed[..length]).is_err(),
                "cut to {length}"
            );
        }
    }

    #[test]
    fn equal_values_seal_to_different_bytes() {
        assert_ne!(
            seal(&key(1), "p", b"same").unwrap(),
            seal(&key(1), "p", b"same").unwrap()
        );
    }
}

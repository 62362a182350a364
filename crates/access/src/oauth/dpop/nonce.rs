//! Nonces for DPoP proofs (RFC 9449 section 8), without a list of them: a keyed hash of the quarter of an hour.
//!
//! A run of the program makes its own, so that proofs with the nonces of an earlier run, whose proofs it does not remember, do not
//! count; clients are then handed a new one, as they are when theirs has aged.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use store::{KeyError, SealKey};

use crate::limits::NONCE_SLOT_S;

/// Makes and recognises nonces.
pub(super) struct Nonces {
    key: Key,
    started: i64,
}

impl Nonces {
    pub(super) fn derived_from(key: &SealKey, started: Timestamp) -> Result<Self, KeyError> {
        let derived = key.derive("access dpop nonce")?;
        Ok(Self {
            key: Key::new(HMAC_SHA256, derived.expose()),
            started: started.as_millisecond(),
        })
    }

    /// The nonce of now, 43 characters.
    pub(super) fn current(&self, now: i64) -> String {
        self.of_slot(now.div_euclid(NONCE_SLOT_S))
    }

    /// Whether it is the nonce of now or of the quarter before.
    pub(super) fn are_current(&self, nonce: &str, now: i64) -> bool {
        let slot = now.div_euclid(NONCE_SLOT_S);
        [slot, slot.saturating_sub(1)].into_iter().any(|slot| {
            verify_slices_are_equal(self.of_slot(slot).as_bytes(), nonce.as_bytes()).is_ok()
        })
    }

    fn of_slot(&self, slot: i64) -> String {
        let input = [self.started.to_be_bytes(), slot.to_be_bytes()].concat();
        URL_SAFE_NO_PAD.encode(sign(&self.key, &input))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nonces(key: u8, started: i64) -> Nonces {
        let started = Timestamp::from_second(started).unwrap();
        Nonces::derived_from(&SealKey::from_bytes([key; 32]), started).unwrap()
    }

    #[test]
    fn a_nonce_is_good_for_one_to_two_quarters_of_an_hour() {
        let nonces = nonces(1, 0);
        let given = nonces.current(NONCE_SLOT_S);
        assert_eq!(given.len(), 43);
        for now in [NONCE_SLOT_S, 2 * NONCE_SLOT_S - 1, 3 * NONCE_SLOT_S - 1] {
            assert!(nonces.are_current(&given, now), "{now}");
        }
        for now in [0, NONCE_SLOT_S - 1, 3 * NONCE_SLOT_S, -1] {
            assert!(!nonces.are_current(&given, now), "{now}");
        }
    }

    #[test]
    fn nobody_else_and_no_other_run_makes_our_nonces() {
        let given = nonces(1, 7).current(100);
        assert!(nonces(1, 7).are_current(&given, 100));
        assert!(!nonces(2, 7).are_current(&given, 100));
        assert!(!nonces(1, 8).are_current(&given, 100));
        for other in [
            "",
            "0",
            &given[1..],
            &format!("{given}A"),
            &given.to_lowercase(),
        ] {
            assert!(!nonces(1, 7).are_current(other, 100), "{other}");
        }
    }
}

//! The keys that issuers publish, as last fetched. Fetches nothing itself: says when it is time to, and takes what came.
//!
//! A token with a key that is not known is a reason to fetch, for issuers rotate; but at most once in [`FETCH_STEP_S`] per issuer,
//! whatever tokens come. An issuer that cannot be reached keeps the keys it had for [`KEYS_KEPT_S`], then nothing of its is accepted.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use jose::{BadKeySet, KeySet};

use crate::Keyring;
use crate::limits::{FETCH_STEP_S, FETCH_WAIT_S, KEY_PLACES_MAX, KEYS_KEPT_S};

use super::KeyPlace;

/// The published keys of all issuers.
#[derive(Debug, Default)]
pub(crate) struct IssuerKeys(Mutex<HashMap<KeyPlace, Known>>);

#[derive(Debug)]
struct Known {
    keys: Option<Arc<KeySet>>,
    /// When the keys came, in seconds since 1970.
    came: i64,
    /// For how long after that they are current, in seconds.
    current_s: u32,
    /// When they were last asked for.
    asked: i64,
}

/// Keys that may be used, and whether it is time to ask for them again.
pub(crate) struct InHand {
    pub(crate) keys: Option<Arc<KeySet>>,
    /// Whether they are out of date, or none, and it is time to ask.
    pub(crate) due: bool,
    /// Whether new ones may come of asking: it is time to, or somebody just has.
    pub(crate) may_come: bool,
}

impl IssuerKeys {
    pub(crate) fn at(&self, place: &KeyPlace, now: Timestamp) -> InHand {
        let second = now.as_second();
        let places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = places.get(place) else {
            return InHand {
                keys: None,
                due: true,
                may_come: true,
            };
        };
        let age = second.saturating_sub(known.came);
        let keys = known.keys.as_ref();
        let is_current = keys.is_some() && (0..i64::from(known.current_s)).contains(&age);
        InHand {
            keys: keys.filter(|_| (0..KEYS_KEPT_S).contains(&age)).cloned(),
            due: !is_current && known.may_be_asked(second),
            may_come: known.may_be_asked(second) || known.is_being_asked(second),
        }
    }

    /// Whether whoever asks is to fetch now; notes that it does.
    fn claim(&self, place: &KeyPlace, now: Timestamp) -> bool {
        let second = now.as_second();
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match places.get_mut(place) {
            Some(known) if !known.may_be_asked(second) => false,
            Some(known) => {
                known.asked = second;
                true
            }
            None => {
                make_room(&mut places);
                let known = Known {
                    keys: None,
                    came: i64::MIN,
                    current_s: 0,
                    asked: second,
                };
                places.insert(place.clone(), known);
                true
            }
        }
    }

    fn learn(&self, place: &KeyPlace, keys: KeySet, current_s: u32, now: Timestamp) {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = places.get_mut(place) {
            // The same keys stay the same object, so that what was verified with them stays verified.
            if known.keys.as_deref() != Some(&keys) {
                known.keys = Some(Arc::new(keys));
            }
            known.came = now.as_second();
            known.current_s = current_s;
        }
    }
}

impl Known {
    /// A clock that went back does not keep anybody from asking.
    fn may_be_asked(&self, second: i64) -> bool {
        !(0..FETCH_STEP_S).contains(&second.saturating_sub(self.asked))
    }

    fn is_being_asked(&self, second: i64) -> bool {
        self.came < self.asked && second.saturating_sub(self.asked) < FETCH_WAIT_S
    }
}

/// Places come from registrations only; those asked longest ago may be of removed ones.
fn make_room(places: &mut HashMap<KeyPlace, Known>) {
    if places.len() < KEY_PLACES_MAX {
        return;
    }
    let oldest = places.iter().min_by_key(|(_, known)| known.asked);
    if let Some(oldest) = oldest.map(|(place, _)| place.clone()) {
        places.remove(&oldest);
    }
}

impl Keyring {
    /// Whether the keys at `place` are to be fetched now, by whoever asks this. At most once in [`FETCH_STEP_S`] per place the answer
    /// is yes; others try with what there is by then.
    pub fn claim_fetch(&self, place: &KeyPlace, now: Timestamp) -> bool {
        self.issuer_keys.claim(place, now)
    }

    /// Takes the JWK set that was fetched from `place`; it is current for `current_s` seconds. Keys in it that cannot be used are
    /// passed over.
    ///
    /// # Errors
    /// [`BadKeySet`]; then the keys stay as they were.
    pub fn learn_keys(
        &self,
        place: &KeyPlace,
        jwks: &str,
        current_s: u32,
        now: Timestamp,
    ) -> Result<(), BadKeySet> {
        let keys = KeySet::read_published(jwks)?;
        self.issuer_keys.learn(place, keys, current_s, now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use jose::{Algorithm, SigningKey};

    fn place(number: usize) -> KeyPlace {
        KeyPlace {
            uri: format!("https://issuer.example/{number}").into(),
            private: false,
        }
    }

    fn after(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
    }

    fn some_keys() -> KeySet {
        let key = SigningKey::generate(Algorithm::ES256).unwrap();
        KeySet::of(vec![key.verifying_key().clone()]).unwrap()
    }

    #[test]
    fn an_issuer_is_asked_once_in_half_a_minute_whatever_comes() {
        let keys = IssuerKeys::default();
        assert!(keys.at(&place(1), after(0)).may_come && keys.claim(&place(1), after(0)));
        assert!(!keys.claim(&place(1), after(FETCH_STEP_S - 1)));
        assert!(keys.claim(&place(2), after(1)), "another issuer");
        assert!(keys.claim(&place(1), after(FETCH_STEP_S)));
        assert!(keys.claim(&place(1), after(0)), "a clock that went back");
    }

    #[test]
    fn an_issuer_out_of_reach_keeps_its_keys_for_a_while() {
        let keys = IssuerKeys::default();
        assert!(keys.claim(&place(1), after(0)));
        keys.learn(&place(1), some_keys(), 600, after(0));
        let at = |second| keys.at(&place(1), after(second));
        assert!(at(599).keys.is_some() && !at(599).due);
        assert!(at(600).keys.is_some() && at(600).due);
        assert!(at(KEYS_KEPT_S - 1).keys.is_some());
        assert!(at(KEYS_KEPT_S).keys.is_none());
    }

    #[test]
    fn withdrawn_keys_are_gone_and_the_same_ones_stay_the_same() {
        let keys = IssuerKeys::default();
        assert!(keys.claim(&place(1), after(0)));
        let (old, new) = (some_keys(), some_keys());
        let at = || keys.at(&place(1), after(1)).keys.unwrap();
        keys.learn(&place(1), old.clone(), 600, after(0));
        let first = at();
        keys.learn(&place(1), old, 600, after(1));
        assert!(Arc::ptr_eq(&first, &at()));
        keys.learn(&place(1), new.clone(), 600, after(1));
        assert_eq!(*at(), new);
    }

    #[test]
    fn places_are_bounded() {
        let keys = IssuerKeys::default();
        for number in 0..KEY_PLACES_MAX + 10 {
            assert!(keys.claim(&place(number), after(number as i64)));
        }
        assert_eq!(keys.0.lock().unwrap().len(), KEY_PLACES_MAX);
        assert!(keys.at(&place(0), after(0)).may_come);
    }
}

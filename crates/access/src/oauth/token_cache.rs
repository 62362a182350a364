//! Tokens whose signature was verified, ours and those of outside issuers, by keyed hash, so that the next call with one costs a hash
//! and a look-up. What may change (revocation, the client, the key, the time) is never kept here: it is looked up at every use.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::api_key::Fingerprint;
use crate::limits::CACHED_TOKENS_MAX;

/// The verified tokens of all orgs. Bounded: when the younger half is full, the older one is dropped.
pub(crate) struct TokenCache<T>(RwLock<Halves<T>>);

struct Halves<T> {
    young: HashMap<Fingerprint, Arc<T>>,
    old: HashMap<Fingerprint, Arc<T>>,
}

impl<T> Default for TokenCache<T> {
    fn default() -> Self {
        Self(RwLock::new(Halves {
            young: HashMap::new(),
            old: HashMap::new(),
        }))
    }
}

impl<T> TokenCache<T> {
    pub(crate) fn find(&self, fingerprint: &Fingerprint) -> Option<Arc<T>> {
        let halves = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(token) = halves.young.get(fingerprint) {
            return Some(Arc::clone(token));
        }
        let token = Arc::clone(halves.old.get(fingerprint)?);
        drop(halves);
        self.keep(*fingerprint, Arc::clone(&token));
        Some(token)
    }

    pub(crate) fn keep(&self, fingerprint: Fingerprint, token: Arc<T>) {
        let mut halves = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if halves.young.len() >= CACHED_TOKENS_MAX / 2 {
            halves.old = std::mem::take(&mut halves.young);
        }
        halves.young.insert(fingerprint, token);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::access_token::AccessToken;

    fn fingerprint(number: usize) -> Fingerprint {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_le_bytes());
        bytes
    }

    #[test]
    fn the_cache_is_bounded_and_keeps_what_is_used() {
        let cache = TokenCache::default();
        let token = Arc::new(AccessToken::for_tests());
        for number in 0..3 * CACHED_TOKENS_MAX {
            cache.keep(fingerprint(number), Arc::clone(&token));
            assert!(cache.find(&fingerprint(0)).is_some(), "after {number}");
        }
        let halves = cache.0.read().unwrap();
        assert!(halves.young.len() + halves.old.len() <= CACHED_TOKENS_MAX);
        assert!(
            !halves.young.contains_key(&fingerprint(1))
                && !halves.old.contains_key(&fingerprint(1))
        );
    }
}

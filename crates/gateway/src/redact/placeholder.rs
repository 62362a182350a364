//! Placeholders: what a caller who may not see a value gets in its place, `pcl_masked_` and the value sealed.
//!
//! Sealed with AES-256-GCM-SIV under a key derived from the state's own, bound to the org, to what the value is and to the object it
//! belongs to. The nonce never changes, so that the same value gives the same placeholder: a tool that compares what it reads with
//! what it read before sees no change where there is none. That cipher then tells only which values are equal (RFC 8452 section 3).
//! Whoever changes a placeholder, or brings it to another place, another object or another org, has one that does not open.
//!
//! Cost: one key schedule per org; half a microsecond for a secret of 64 bytes.

use std::fmt;

use access::OrgName;
use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use store::{KeyError, SealKey};
use zeroize::Zeroizing;

use crate::limits::SEALED_BYTES_MAX;

/// How every placeholder begins.
pub(crate) const PREFIX: &str = "pcl_masked_";

/// The key of one org's placeholders.
pub struct MaskKey {
    cipher: LessSafeKey,
    org: OrgName,
}

/// What a value in a placeholder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sealed {
    /// What a string says.
    Text,
    /// A JSON value as it was written.
    Json,
}

/// What a placeholder stands for, and where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bond<'b> {
    /// What the value is: `client secret of an app`, `hidden profile.salary`.
    pub(crate) what: &'b str,
    /// The object it belongs to; empty where it may belong to any.
    pub(crate) object: &'b str,
}

impl MaskKey {
    /// The key of this org's placeholders under the state's key.
    ///
    /// # Errors
    /// [`KeyError`], when the system's cryptography refuses.
    pub fn new(state: &SealKey, org: &OrgName) -> Result<Self, KeyError> {
        let key = state.derive("masked answers")?;
        let unbound = UnboundKey::new(&AES_256_GCM_SIV, key.expose());
        Ok(Self {
            cipher: LessSafeKey::new(unbound.map_err(|_| KeyError::Unavailable)?),
            org: org.clone(),
        })
    }

    /// The placeholder of a value; one that does not open again when the value is too long to go back.
    pub(crate) fn seal(&self, bond: Bond<'_>, kind: Sealed, value: &str) -> Option<String> {
        let kept = if value.len() > SEALED_BYTES_MAX {
            ""
        } else {
            value
        };
        let packed = packed(kept).filter(|_| kind == Sealed::Text);
        let form = match (kind, &packed) {
            _ if kept.len() < value.len() => "cut",
            (Sealed::Json, _) => "json",
            (Sealed::Text, None) => "text",
            (Sealed::Text, Some(_)) => "packed",
        };
        let mut bytes = packed.unwrap_or_else(|| Zeroizing::new(kept.as_bytes().to_vec()));
        let bound = Aad::from(self.bound(bond, form));
        let tag = self
            .cipher
            .seal_in_place_separate_tag(nonce(), bound, &mut bytes);
        bytes.extend_from_slice(tag.ok()?.as_ref());
        let mut text = String::with_capacity(PREFIX.len() + bytes.len() * 4 / 3 + 4);
        text.push_str(PREFIX);
        URL_SAFE_NO_PAD.encode_string(&*bytes, &mut text);
        Some(text)
    }

    /// The value of a placeholder, if it is one of this org's for this bond.
    pub(crate) fn open(
        &self,
        bond: Bond<'_>,
        kind: Sealed,
        text: &str,
    ) -> Option<Zeroizing<String>> {
        let sealed = text.strip_prefix(PREFIX)?;
        if sealed.len() > (SEALED_BYTES_MAX + TAG_BYTES) * 4 / 3 + 4 {
            return None;
        }
        if kind == Sealed::Json {
            return self.opened(bond, "json", sealed, plain);
        }
        let unpacked = |bytes: &[u8]| Some(URL_SAFE_NO_PAD.encode(bytes));
        self.opened(bond, "packed", sealed, unpacked)
            .or_else(|| self.opened(bond, "text", sealed, plain))
    }

    fn opened(
        &self,
        bond: Bond<'_>,
        form: &str,
        sealed: &str,
        read: impl Fn(&[u8]) -> Option<String>,
    ) -> Option<Zeroizing<String>> {
        let mut bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(sealed).ok()?);
        let bound = Aad::from(self.bound(bond, form));
        let opened = self.cipher.open_in_place(nonce(), bound, &mut bytes).ok()?;
        read(opened).map(Zeroizing::new)
    }

    fn bound(&self, bond: Bond<'_>, form: &str) -> Vec<u8> {
        // None of the parts holds a NUL: names of orgs and secrets are ours, and no path of a request has one.
        [form, self.org.as_str(), bond.what, bond.object]
            .join("\0")
            .into_bytes()
    }
}

impl fmt::Debug for MaskKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("MaskKey")
            .field("org", &self.org)
            .finish_non_exhaustive()
    }
}

fn plain(bytes: &[u8]) -> Option<String> {
    String::from_utf8(bytes.to_vec()).ok()
}

/// A text of base64url's letters in three quarters of its length: clients take client secrets of 100 characters at most, and Okta's
/// own have 64.
fn packed(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).ok()?);
    (URL_SAFE_NO_PAD.encode(&*bytes) == text).then_some(bytes)
}

fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

const TAG_BYTES: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(org: &str) -> MaskKey {
        let state = SealKey::from_bytes([7; 32]);
        MaskKey::new(&state, &OrgName::parse(org).unwrap()).unwrap()
    }

    const BOND: Bond<'_> = Bond {
        what: "client secret of an app",
        object: "0oa1",
    };

    proptest! {
        #[test]
        fn a_value_comes_back_as_it_was(value in "\\PC{0,80}", object in "[a-z0-9]{0,9}") {
            let (key, bond) = (key("production"), Bond { object: &object, ..BOND });
            for kind in [Sealed::Text, Sealed::Json] {
                let masked = key.seal(bond, kind, &value).unwrap();
                prop_assert_eq!(key.seal(bond, kind, &value).unwrap(), &*masked, "the same again");
                prop_assert_eq!(&**key.open(bond, kind, &masked).unwrap(), &value);
                prop_assert!(value.len() < 3 || !masked.contains(&value));
            }
        }
    }

    #[test]
    fn a_placeholder_opens_nowhere_else() {
        let masked = key("production").seal(BOND, Sealed::Text, "hush").unwrap();
        let open = |org, bond, kind| key(org).open(bond, kind, &masked);
        assert!(open("production", BOND, Sealed::Text).is_some());
        assert!(open("preview", BOND, Sealed::Text).is_none());
        assert!(open("production", BOND, Sealed::Json).is_none());
        let other = Bond {
            object: "0oa2",
            ..BOND
        };
        assert!(open("production", other, Sealed::Text).is_none());
        let elsewhere = Bond {
            what: "token of a log stream",
            ..BOND
        };
        assert!(open("production", elsewhere, Sealed::Text).is_none());
    }

    #[test]
    fn the_placeholder_of_oktas_own_client_secrets_fits_where_they_do() {
        let key = key("production");
        for length in [40, 64] {
            let secret = "aZ0_-9".repeat(11)[..length].to_owned();
            let masked = key.seal(BOND, Sealed::Text, &secret).unwrap();
            assert!(masked.len() <= 100, "{length} become {}", masked.len());
            assert_eq!(&**key.open(BOND, Sealed::Text, &masked).unwrap(), &secret);
        }
    }

    #[test]
    fn a_placeholder_that_was_changed_does_not_open() {
        let key = key("production");
        let masked = key.seal(BOND, Sealed::Text, "hush").unwrap();
        for at in 0..masked.len() {
            let mut changed = masked.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(key.open(BOND, Sealed::Text, &changed).is_none(), "{at}");
        }
        for cut in [PREFIX, &masked[..masked.len() - 1], &format!("{masked}A")] {
            assert!(key.open(BOND, Sealed::Text, cut).is_none(), "{cut}");
        }
    }

    #[test]
    fn what_is_too_long_is_masked_without_a_way_back() {
        let key = key("production");
        let long = "x".repeat(SEALED_BYTES_MAX + 1);
        let masked = key.seal(BOND, Sealed::Text, &long).unwrap();
        assert!(masked.len() < 40 && key.open(BOND, Sealed::Text, &masked).is_none());
        let fits = key.seal(BOND, Sealed::Text, &long[1..]).unwrap();
        assert_eq!(
            key.open(BOND, Sealed::Text, &fits).unwrap().len(),
            SEALED_BYTES_MAX
        );
    }
}

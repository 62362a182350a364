//! A key under a passphrase: `argon2id m=…,t=…,p=… SALT SEALED`. The costs are part of what the seal covers.

use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{KeyWrapping, PASSPHRASE_CHARS_MIN, WrappingError, WrappingKind};
use crate::{SealError, SealKey, Secret, Stretch, Zeroizing};

/// A passphrase that wraps keys.
#[derive(Debug, Clone)]
pub struct Passphrase {
    words: Secret<String>,
    /// Of keys wrapped from now on; a key file states its own.
    cost: Stretch,
}

impl Passphrase {
    /// Takes the passphrase as it is typed; a line end behind it does not belong to it.
    pub fn new(typed: &Secret<String>) -> Self {
        let words = typed.expose().trim_end_matches(['\r', '\n']);
        Self {
            words: Secret::new(words.to_owned()),
            cost: Stretch::RECOMMENDED,
        }
    }

    #[cfg(test)]
    pub(crate) fn at_cost(self, cost: Stretch) -> Self {
        Self { cost, ..self }
    }
}

impl KeyWrapping for Passphrase {
    fn kind(&self) -> WrappingKind {
        WrappingKind::Passphrase
    }

    fn wrap(&self, key: &SealKey) -> Result<Zeroizing<String>, WrappingError> {
        if self.words.expose().chars().count() < PASSPHRASE_CHARS_MIN {
            return Err(WrappingError::ShortPassphrase);
        }
        let mut salt = [0_u8; SALT_BYTES];
        rand::fill(&mut salt).map_err(|_| SealError::Unavailable)?;
        let stretched = self
            .cost
            .key(&self.words, &salt)
            .ok_or(SealError::Unavailable)?;
        let head = format!("{} {}", written(self.cost), STANDARD.encode(salt));
        let sealed = crate::seal(&stretched, &purpose(&head), key.expose())?;
        Ok(Zeroizing::new(format!(
            "{head} {}",
            STANDARD.encode(sealed)
        )))
    }

    fn open(&self, wrapped: &str) -> Result<SealKey, WrappingError> {
        let mut words = wrapped.split(' ');
        let (Some(ALGORITHM), Some(cost), Some(salt), Some(sealed), None) = (
            words.next(),
            words.next(),
            words.next(),
            words.next(),
            words.next(),
        ) else {
            return Err(WrappingError::Malformed(
                "argon2id and three words expected",
            ));
        };
        let cost = read(cost).ok_or(WrappingError::Malformed("its costs are not m, t and p"))?;
        let bytes = |text: &str| {
            STANDARD
                .decode(text)
                .map_err(|_| WrappingError::Malformed("salt or key is not base64"))
        };
        let stretched = cost
            .key(&self.words, &bytes(salt)?)
            .ok_or(WrappingError::Malformed("its costs are beyond all reason"))?;
        let head = format!("{} {salt}", written(cost));
        let key =
            crate::open(&stretched, &purpose(&head), &bytes(sealed)?).map_err(
                |error| match error {
                    SealError::DoesNotOpen => WrappingError::WrongPassphrase,
                    other => other.into(),
                },
            )?;
        let key = key
            .as_slice()
            .try_into()
            .map_err(|_| WrappingError::Malformed("its key is not 32 bytes long"))?;
        Ok(SealKey::from_bytes(key))
    }
}

fn written(cost: Stretch) -> String {
    format!(
        "{ALGORITHM} m={},t={},p={}",
        cost.memory_kib, cost.passes, cost.lanes
    )
}

fn read(text: &str) -> Option<Stretch> {
    let mut parts = text.split(',');
    let mut part = |name: &str| parts.next()?.strip_prefix(name)?.parse().ok();
    let cost = Stretch {
        memory_kib: part("m=")?,
        passes: part("t=")?,
        lanes: part("p=")?,
    };
    parts.next().is_none().then_some(cost)
}

fn purpose(head: &str) -> String {
    format!("portcullis key file {head}")
}

const ALGORITHM: &str = "argon2id";
/// Bytes of a salt: what RFC 9106 recommends.
const SALT_BYTES: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SMALL: Stretch = Stretch {
        memory_kib: 64,
        passes: 1,
        lanes: 2,
    };

    fn passphrase(text: &str) -> Passphrase {
        Passphrase::new(&Secret::new(text.to_owned())).at_cost(SMALL)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn what_a_passphrase_wraps_it_opens(text in "[^\r\n]{12,40}", bytes in any::<[u8; 32]>()) {
            let wrapped = passphrase(&text).wrap(&SealKey::from_bytes(bytes)).unwrap();
            let opened = passphrase(&format!("{text}\n")).open(&wrapped).unwrap();
            prop_assert_eq!(opened.expose(), &bytes);
        }
    }

    #[test]
    fn new_keys_are_wrapped_at_the_recommended_cost_and_another_passphrase_opens_nothing() {
        let passphrase = |text: &str| Passphrase::new(&Secret::new(text.to_owned()));
        let wrapped = passphrase("correct horse battery")
            .wrap(&SealKey::from_bytes([7; 32]))
            .unwrap();
        assert!(
            wrapped.starts_with("argon2id m=65536,t=3,p=4 "),
            "{}",
            *wrapped
        );
        assert!(matches!(
            passphrase("correct horse batterz").open(&wrapped),
            Err(WrappingError::WrongPassphrase)
        ));
    }

    #[test]
    fn a_cost_made_cheaper_or_dearer_in_the_file_opens_nothing() {
        let ours = passphrase("correct horse battery");
        let wrapped = ours.wrap(&SealKey::from_bytes([7; 32])).unwrap();
        for (from, to) in [("m=64", "m=65"), ("t=1", "t=2"), ("p=2", "p=1")] {
            let changed = wrapped.replace(from, to);
            assert_ne!(changed, *wrapped);
            assert!(matches!(
                ours.open(&changed),
                Err(WrappingError::WrongPassphrase)
            ));
        }
        for (from, to) in [("m=64", "m=4294967295"), ("m=64,", ""), ("argon2id", "md5")] {
            let changed = wrapped.replace(from, to);
            assert!(matches!(
                ours.open(&changed),
                Err(WrappingError::Malformed(_))
            ));
        }
    }

    #[test]
    fn a_passphrase_that_can_be_guessed_wraps_nothing() {
        let refused = passphrase("hunter2").wrap(&SealKey::from_bytes([7; 32]));
        assert!(matches!(refused, Err(WrappingError::ShortPassphrase)));
    }
}

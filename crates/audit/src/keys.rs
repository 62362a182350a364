//! The keys of a trail over time. Each new one is signed by itself and by the one before it, and signs for that one in turn: who
//! believes one of them believes all. Also who signs: the newest key, with those before it.

use jiff::Timestamp;

use crate::limits::KEYS_MAX;
use crate::note::{self, CheckpointKey, Note, PublicKey};

/// The public keys of a trail, oldest first, as its file of keys has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicKeys(Vec<PublicKey>);

/// Why a list of keys is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKeys {
    /// A note in it is not whole, not of the form, or not signed by the keys it ties together.
    #[error("the {0}. note of the list of keys is not signed as it must be")]
    Note(usize),
    /// The key that is believed is not among them.
    #[error("the list of keys does not hold the key that is to be believed")]
    Stranger,
    /// Nothing is in it, or too much.
    #[error("the list of keys holds {0} keys")]
    Count(usize),
}

impl PublicKeys {
    /// One key, believed because its holder says so.
    pub fn of(key: PublicKey) -> Self {
        Self(vec![key])
    }

    /// Reads a list of keys. With `believed`, that key must be among them.
    ///
    /// # Errors
    /// [`BadKeys`].
    pub fn parse(list: &str, believed: Option<&PublicKey>) -> Result<Self, BadKeys> {
        let mut keys: Vec<PublicKey> = Vec::new();
        let mut rest = list;
        while !rest.is_empty() {
            let number = keys.len() + 1;
            if number > KEYS_MAX {
                return Err(BadKeys::Count(number));
            }
            let read = Note::first(rest).and_then(|(note, after)| {
                let key = read_succession(&note, number, keys.last())?;
                Some((key, after))
            });
            let (key, after) = read.ok_or(BadKeys::Note(number))?;
            keys.push(key);
            rest = after;
        }
        if keys.is_empty() {
            return Err(BadKeys::Count(0));
        }
        if believed.is_some_and(|key| !keys.contains(key)) {
            return Err(BadKeys::Stranger);
        }
        Ok(Self(keys))
    }

    /// The newest.
    pub fn newest(&self) -> Option<&PublicKey> {
        self.0.last()
    }

    /// All of them, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &PublicKey> {
        self.0.iter()
    }

    /// Which of them signed the note, as its place in the list. The newest is asked first.
    pub(crate) fn signer_of(&self, note: &Note<'_>) -> Option<usize> {
        (0..self.0.len())
            .rev()
            .find(|place| self.0.get(*place).is_some_and(|key| note.is_signed_by(key)))
    }
}

/// The note that adds a key to the list; `before` is the key it takes over from, `None` for the first.
pub fn succession(
    new: &CheckpointKey,
    before: Option<(&CheckpointKey, usize)>,
    now: Timestamp,
) -> String {
    let number = before.map_or(1, |(_, number)| number + 1);
    let old = before.map(|(key, _)| key);
    let text = text(
        number,
        new.public(),
        &now.to_string(),
        old.map(CheckpointKey::public),
    );
    let keys: Vec<&CheckpointKey> = [Some(new), old].into_iter().flatten().collect();
    note::write(&text, &keys)
}

fn text(number: usize, key: &PublicKey, time: &str, before: Option<&PublicKey>) -> String {
    let after = before
        .map(|key| format!("{AFTER}{key}\n"))
        .unwrap_or_default();
    format!("{ORIGIN}\n{number}\n{key}\n{TIME}{time}\n{after}")
}

fn read_succession(
    note: &Note<'_>,
    number: usize,
    before: Option<&PublicKey>,
) -> Option<PublicKey> {
    let mut lines = note.text.lines().skip(2);
    let key = PublicKey::parse(lines.next()?).ok()?;
    let time = lines.next()?.strip_prefix(TIME)?;
    let signed = note.is_signed_by(&key) && before.is_none_or(|key| note.is_signed_by(key));
    (signed && text(number, &key, time, before) == note.text).then_some(key)
}

/// Who signs a chain: a private key, and the public keys whose signatures on the chain so far are believed.
#[derive(Debug)]
pub struct Signer {
    key: CheckpointKey,
    known: PublicKeys,
}

impl Signer {
    /// Signs with `key`, which is the newest of `known`.
    ///
    /// # Errors
    /// [`BadKeys::Stranger`], when it is not among them.
    pub fn new(key: CheckpointKey, known: PublicKeys) -> Result<Self, BadKeys> {
        if !known.iter().any(|public| public == key.public()) {
            return Err(BadKeys::Stranger);
        }
        Ok(Self { key, known })
    }

    pub(crate) fn key(&self) -> &CheckpointKey {
        &self.key
    }

    /// The public keys.
    pub fn known(&self) -> &PublicKeys {
        &self.known
    }
}

const ORIGIN: &str = "portcullis.audit keys";
const TIME: &str = "time ";
const AFTER: &str = "after ";

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> CheckpointKey {
        CheckpointKey::generate().unwrap()
    }

    #[test]
    fn each_key_vouches_for_its_neighbours() {
        let (one, two, stranger) = (key(), key(), key());
        let now = Timestamp::UNIX_EPOCH;
        let first = succession(&one, None, now);
        let list = format!("{first}{}", succession(&two, Some((&one, 1)), now));
        for believed in [None, Some(one.public()), Some(two.public())] {
            let keys = PublicKeys::parse(&list, believed).unwrap();
            assert_eq!(keys.newest(), Some(two.public()));
        }
        let believed = PublicKeys::parse(&list, Some(stranger.public()));
        assert_eq!(believed, Err(BadKeys::Stranger));
        assert_eq!(PublicKeys::parse("", None), Err(BadKeys::Count(0)));
    }

    #[test]
    fn a_key_that_the_one_before_did_not_sign_is_not_taken() {
        let (one, two, thief) = (key(), key(), key());
        let now = Timestamp::UNIX_EPOCH;
        let first = succession(&one, None, now);
        for wrong in [
            format!("{first}{}", succession(&two, None, now)),
            format!("{first}{}", succession(&two, Some((&thief, 1)), now)),
            format!("{first}{}", succession(&two, Some((&one, 2)), now)),
            format!("{first}{first}"),
        ] {
            assert_eq!(PublicKeys::parse(&wrong, None), Err(BadKeys::Note(2)));
        }
    }
}

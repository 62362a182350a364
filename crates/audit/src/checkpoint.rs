//! A checkpoint: what a chain was at one time, signed. The first three lines are those of C2SP's `tlog-checkpoint`
//! (<https://c2sp.org/tlog-checkpoint>) with the hash of the last entry in the place of a Merkle tree's root; the others are
//! extension lines. `head` is the same, not yet in the list of checkpoints.

use jiff::Timestamp;

use crate::chain::Link;
use crate::hash::Hash;
use crate::keys::{PublicKeys, Signer};
use crate::note::{self, Note};

/// What a checkpoint says. One value has one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    /// Name of the chain: writer and org.
    pub(crate) chain: String,
    /// The last entry that is known to be on disk.
    pub(crate) link: Link,
    /// When that was said, as text.
    pub(crate) time: String,
    /// Its number among the checkpoints; `None` for `head`.
    pub(crate) number: Option<u64>,
    /// The checkpoint before it.
    pub(crate) after: Place,
    /// Whether the writer stopped there in good order: nothing follows until the chain is opened again.
    pub(crate) closed: bool,
}

/// Number and hash of a checkpoint in the list; 0 before the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) number: u64,
    pub(crate) hash: Hash,
}

impl Place {
    /// Before the first checkpoint of the chain of this name.
    pub(crate) fn start(chain: &str) -> Self {
        Self {
            number: 0,
            hash: Link::genesis(chain).hash,
        }
    }
}

impl Checkpoint {
    /// The first line of every checkpoint of a chain.
    pub(crate) fn origin(chain: &str) -> String {
        format!("{ORIGIN}{chain}\n")
    }

    /// The text that is signed.
    pub(crate) fn to_text(&self) -> String {
        let origin = Self::origin(&self.chain);
        let (entries, hash) = (self.link.number, self.link.hash.to_base64());
        let form = match self.number {
            None => HEAD.to_owned(),
            Some(number) => format!("{NUMBERED}{number}"),
        };
        let (before, before_hash) = (self.after.number, self.after.hash.to_base64());
        let state = if self.closed { CLOSED } else { RUNNING };
        format!(
            "{origin}{entries}\n{hash}\n{TIME}{}\n{form}\n{AFTER}{before} {before_hash}\n{state}\n",
            self.time
        )
    }

    /// The note: the text, signed if somebody signs this chain.
    pub(crate) fn to_note(&self, signer: Option<&Signer>) -> String {
        let key = signer.map(Signer::key);
        note::write(&self.to_text(), key.as_slice())
    }

    /// Reads the text back; `None` for whatever `to_text` does not write.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let chain = lines.next()?.strip_prefix(ORIGIN)?.to_owned();
        let link = Link {
            number: lines.next()?.parse().ok()?,
            hash: Hash::from_base64(lines.next()?)?,
        };
        let time = lines.next()?.strip_prefix(TIME)?.to_owned();
        let number = match lines.next()? {
            HEAD => None,
            line => Some(line.strip_prefix(NUMBERED)?.parse().ok()?),
        };
        let (before, hash) = lines.next()?.strip_prefix(AFTER)?.split_once(' ')?;
        let after = Place {
            number: before.parse().ok()?,
            hash: Hash::from_base64(hash)?,
        };
        let closed = match lines.next()? {
            CLOSED => true,
            RUNNING => false,
            _ => return None,
        };
        let read = Self {
            chain,
            link,
            time,
            number,
            after,
            closed,
        };
        let whole = read.time.parse::<Timestamp>().is_ok() && read.to_text() == text;
        whole.then_some(read)
    }

    /// Reads a note of `chain` whose signature is one of `keys`, with the place of that key among them. Without keys no signature is
    /// looked at.
    pub(crate) fn read(
        note: &Note<'_>,
        chain: &str,
        keys: Option<&PublicKeys>,
    ) -> Result<(Self, usize), &'static str> {
        let read = Self::parse(note.text).ok_or("it is not a checkpoint")?;
        if read.chain != chain {
            return Err("it is of another chain");
        }
        match keys {
            None => Ok((read, 0)),
            // A second signature would be text that nobody checks.
            Some(_) if note.signatures.len() != 1 => Err("it has not one signature"),
            Some(keys) => match keys.signer_of(note) {
                Some(place) => Ok((read, place)),
                None => Err("no known key signed it"),
            },
        }
    }

    /// Its place in the list, for the one after it.
    pub(crate) fn place(&self) -> Option<Place> {
        self.number.map(|number| Place {
            number,
            hash: Hash::of(self.to_text().as_bytes()),
        })
    }
}

const ORIGIN: &str = "portcullis.audit/";
const TIME: &str = "time ";
const HEAD: &str = "head";
const NUMBERED: &str = "checkpoint ";
const AFTER: &str = "after ";
const CLOSED: &str = "stopped";
// As long as the other, so that `head` is overwritten in place.
const RUNNING: &str = "running";

#[cfg(test)]
mod fuzz;

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(number: Option<u64>) -> Checkpoint {
        let chain = "gateway/production";
        Checkpoint {
            chain: chain.to_owned(),
            link: Link {
                number: 1_234,
                hash: Hash::of(b"entry"),
            },
            time: "2026-11-24T15:00:00.000000Z".to_owned(),
            number,
            after: Place::start(chain),
            closed: number.is_some(),
        }
    }

    #[test]
    fn a_checkpoint_reads_back_and_any_other_text_is_none() {
        for checkpoint in [sample(None), sample(Some(1))] {
            let text = checkpoint.to_text();
            assert_eq!(Checkpoint::parse(&text), Some(checkpoint));
            for place in 0..text.len() {
                let mut cut = text.clone();
                cut.remove(place);
                let read = Checkpoint::parse(&cut);
                assert!(read.is_none_or(|read| read.to_text() == cut), "{place}");
            }
            for (from, to) in [("1234", "01234"), ("1234", "+1234"), ("running", "open")] {
                let changed = text.replace(from, to);
                assert!(changed == text || Checkpoint::parse(&changed).is_none());
            }
        }
    }

    #[test]
    fn the_text_begins_as_a_transparency_logs_checkpoint_does() {
        let text = sample(Some(7)).to_text();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "portcullis.audit/gateway/production");
        assert_eq!(lines[1], "1234");
        assert_eq!(Hash::from_base64(lines[2]), Some(Hash::of(b"entry")));
        assert_eq!(lines.len(), 7);
    }
}

//! An entry with what it needs to be understood on its own: the chain it is from, and of an end of a call the beginning.

use audit::{Entry, Followed};
use std::collections::BTreeMap;

/// An entry to be written.
#[derive(Debug)]
pub(crate) struct Joined {
    /// Writer of the chain.
    pub writer: &'static str,
    /// Org of the chain.
    pub org: String,
    /// The entry.
    pub entry: Entry,
    /// Its line.
    pub line: String,
    /// Its hash.
    pub hash: String,
    /// Of an end of a call: the entry that opened it, if that is known.
    pub opening: Option<Entry>,
}

impl Joined {
    /// The chain's name.
    pub(crate) fn chain(&self) -> String {
        format!("{}/{}", self.writer, self.org)
    }

    /// The entry that says who called what: the opening one, if this is an end.
    pub(crate) fn about(&self) -> &Entry {
        self.opening.as_ref().unwrap_or(&self.entry)
    }
}

/// The calls of one chain that were opened and not closed yet. Bounded: the oldest are forgotten, and their ends stand alone.
#[derive(Debug)]
pub(crate) struct Calls {
    writer: &'static str,
    org: String,
    open: BTreeMap<u64, Entry>,
}

impl Calls {
    /// Of a chain.
    pub(crate) fn of(writer: &'static str, org: &str) -> Self {
        Self {
            writer,
            org: org.to_owned(),
            open: BTreeMap::new(),
        }
    }

    /// Takes the next entry of the chain.
    pub(crate) fn join(&mut self, followed: Followed) -> Joined {
        let entry = followed.entry;
        let opening = entry.call.and_then(|call| self.open.remove(&call));
        if entry.opens_call() {
            self.open.insert(entry.number, entry.clone());
            if self.open.len() > OPEN_CALLS_MAX {
                self.open.pop_first();
            }
        }
        Joined {
            writer: self.writer,
            org: self.org.clone(),
            entry,
            line: followed.line,
            hash: followed.hash,
            opening,
        }
    }
}

/// Most calls remembered as open: ten times what the gateway lets in at once, about 10 MB.
const OPEN_CALLS_MAX: usize = 10_000;

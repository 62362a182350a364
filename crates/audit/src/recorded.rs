//! Proof that a permit has been written down: what alone may be handed to whoever speaks to Okta.

use crate::EntryId;

/// A permit (or any other proof) with the entry that records it. Only a trail makes one, and it cannot be copied.
#[derive(Debug)]
pub struct Recorded<P> {
    permit: P,
    entry: EntryId,
}

/// An opening entry that is written down and still lacks its permit. Only a trail makes one, and it is used up by the permit.
#[derive(Debug)]
#[must_use]
pub struct Entered(EntryId);

impl Entered {
    pub(crate) fn new(entry: EntryId) -> Self {
        Self(entry)
    }

    /// The permit that the entry is about.
    pub fn with<P>(self, permit: P) -> Recorded<P> {
        Recorded {
            permit,
            entry: self.0,
        }
    }
}

impl<P> Recorded<P> {
    /// What was recorded.
    pub fn permit(&self) -> &P {
        &self.permit
    }

    /// The entry that opened the call.
    pub fn entry(&self) -> EntryId {
        self.entry
    }
}

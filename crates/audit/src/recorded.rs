//! Proof that a permit has been written down: what alone may be handed to whoever speaks to Okta.

use crate::EntryId;

/// A permit (or any other proof) with the entry that records it. Only a trail makes one, and it cannot be copied.
#[derive(Debug)]
pub struct Recorded<P> {
    permit: P,
    entry: EntryId,
}

impl<P> Recorded<P> {
    pub(crate) fn new(permit: P, entry: EntryId) -> Self {
        Self { permit, entry }
    }

    /// What was recorded.
    pub fn permit(&self) -> &P {
        &self.permit
    }

    /// The entry that opened the call.
    pub fn entry(&self) -> EntryId {
        self.entry
    }
}

//! What the audit trail remembers of one client: the calls that were let through, and how often what was refused. Reads the chains of
//! gateway and jobs; never writes them.

use crate::failure::Failure;
use crate::last_seen::LastSeen;
use crate::wiring::Writer;
use access::{Client, RecordedCall};
use audit::{Entry, entries};
use catalog::Operation;
use gateway::{ELEVATION, WOULD_REFUSE};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::path::Path;

/// Where the record of one client is, and from when on it is wanted.
pub(crate) struct History<'a> {
    /// State directory.
    pub(crate) state: &'a Path,
    /// Whose record.
    pub(crate) client: &'a Client,
    /// From when on.
    pub(crate) from: Timestamp,
    /// Until when: what a running gateway adds meanwhile is left out, so that every reading sees the same.
    pub(crate) until: Timestamp,
}

/// What the record has beside calls that were let through.
#[derive(Debug, Default)]
pub(crate) struct Aside {
    /// Refusals by operation and reason.
    pub(crate) refused: BTreeMap<(String, String), u64>,
    /// Calls of operations that this version does not know.
    pub(crate) strange: u64,
}

impl History<'_> {
    /// Shows every recorded call to `visit`, oldest first within each chain, its objects as last seen.
    pub(crate) fn replay(
        &self,
        seen: &LastSeen,
        mut visit: impl FnMut(&RecordedCall<'_>),
    ) -> Result<Aside, Failure> {
        let mut aside = Aside::default();
        let id = Some(self.client.id.as_str());
        for writer in Writer::ALL {
            let directory = writer.directory(self.state);
            for entry in entries(&directory, self.client.org.as_str(), Some(self.from))? {
                let entry = entry?;
                if entry.client.as_deref() != id || entry.at > self.until {
                    continue;
                }
                if entry.kind == REFUSED {
                    aside.count(&entry);
                } else if entry.opens_call() {
                    match operation_of(&entry) {
                        Some(operation) => visit(&recorded(&entry, operation, seen)),
                        None => aside.strange += 1,
                    }
                }
            }
        }
        Ok(aside)
    }
}

impl Aside {
    fn count(&mut self, entry: &Entry) {
        let Some(operation) = entry.operation.clone() else {
            return;
        };
        let reason = entry.reason.clone().unwrap_or_default();
        let key = (operation, reason);
        if self.refused.len() < REFUSED_MAX || self.refused.contains_key(&key) {
            *self.refused.entry(key).or_default() += 1;
        }
    }
}

fn operation_of(entry: &Entry) -> Option<&'static Operation> {
    catalog::operations().by_id(entry.operation.as_deref()?)
}

fn recorded<'e>(
    entry: &'e Entry,
    operation: &'static Operation,
    seen: &LastSeen,
) -> RecordedCall<'e> {
    RecordedCall {
        operation,
        at: entry.at,
        source: entry.source,
        resources: &entry.resources,
        objects: seen.objects(operation, &entry.resources),
        would_refuse: entry.details.contains_key(WOULD_REFUSE),
        elevated: entry.details.contains_key(ELEVATION),
    }
}

/// Kind of entries about refusals.
const REFUSED: &str = "refused";

/// Most kinds of refusals told of one client: 1,000 operations and a handful of reasons, of which a person reads the first.
const REFUSED_MAX: usize = 5_000;

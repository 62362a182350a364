//! What was turned away, counted by source and reason, until it is written into the trail: one entry per source (and client, where one
//! is known), however often it was.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Source;
use crate::limits::SOURCES_TOLD_MAX;

/// Counts since the last time they were taken.
#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<BTreeMap<Key, u64>>);

/// Whom and what a count is about; no source: many sources together.
type Key = (Option<Source>, Option<String>, &'static str);

/// How often a source or client was turned away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Noted {
    /// Where from; `None`: from more sources than are told one by one.
    pub(crate) source: Option<Source>,
    /// Which client, where it is known.
    pub(crate) client: Option<String>,
    /// How often for which reason, in one word each.
    pub(crate) times: Vec<(&'static str, u64)>,
}

impl Tally {
    /// Counts one of a source, and of a client where one is known.
    pub(crate) fn count(&self, source: Option<Source>, client: Option<&str>, code: &'static str) {
        self.add((source, client.map(str::to_owned), code));
    }

    fn add(&self, key: Key) {
        let mut counts = self.locked();
        let code = key.2;
        if let Some(times) = counts.get_mut(&key) {
            *times += 1;
        } else if counts.len() < SOURCES_TOLD_MAX {
            counts.insert(key, 1);
        } else {
            *counts.entry((None, None, code)).or_default() += 1;
        }
    }

    /// Takes the counts, one for each source and client.
    pub(crate) fn take(&self) -> Vec<Noted> {
        let counts = std::mem::take(&mut *self.locked());
        let mut all: Vec<Noted> = Vec::new();
        for ((source, client, code), times) in counts {
            match all.last_mut() {
                Some(last) if last.source == source && last.client == client => {
                    last.times.push((code, times));
                }
                _ => all.push(Noted {
                    source,
                    client,
                    times: vec![(code, times)],
                }),
            }
        }
        all
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<Key, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;

    fn source(number: u32) -> Source {
        Source::of(IpAddr::from(number.to_be_bytes()))
    }

    #[test]
    fn a_flood_of_one_source_is_one_count_and_many_sources_are_one_more() {
        let tally = Tally::default();
        for _ in 0..1_000 {
            tally.count(Some(source(1)), None, "too_many_connections_of_source");
        }
        tally.count(Some(source(1)), None, "too_many_handshakes");
        assert_eq!(
            tally.take(),
            [Noted {
                source: Some(source(1)),
                client: None,
                times: vec![
                    ("too_many_connections_of_source", 1_000),
                    ("too_many_handshakes", 1)
                ]
            }]
        );
        for number in 0..100_000 {
            tally.count(Some(source(number)), None, "too_many_connections");
        }
        let noted = tally.take();
        assert_eq!(noted.len(), SOURCES_TOLD_MAX + 1);
        let times = noted.iter().flat_map(|noted| &noted.times);
        assert_eq!(times.map(|(_, times)| times).sum::<u64>(), 100_000);
        assert_eq!(tally.take(), []);
    }
}

//! What a connection was found guilty of, and in which request: told by the guard, which sees bytes, to whoever answers, which sees
//! requests.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use super::fault::Fault;

/// The sentence over one connection. Clones tell the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sentence(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// The first request that is wrong, counted from 1, and what is wrong with it.
    passed: OnceLock<(u64, Fault)>,
    /// Requests that the library has handed over so far.
    heard: AtomicU64,
}

/// One request of a connection.
#[derive(Clone, Debug)]
pub(crate) struct Hearing {
    sentence: Sentence,
    request: u64,
}

impl Sentence {
    /// The next request. To be asked for once for each that the library hands over, in order.
    pub(crate) fn next(&self) -> Hearing {
        Hearing {
            sentence: self.clone(),
            request: self.0.heard.fetch_add(1, Ordering::Relaxed) + 1,
        }
    }

    /// What the connection ends for.
    pub(crate) fn fault(&self) -> Option<Fault> {
        self.0.passed.get().map(|(_, fault)| *fault)
    }

    /// Passes it over this request. Only the first counts: nothing is judged after it.
    pub(super) fn pass(&self, request: u64, fault: Fault) {
        let _ = self.0.passed.set((request, fault));
    }
}

impl Hearing {
    /// What is known by now to be wrong with the request. Its body may still be on the way.
    pub(crate) fn fault(&self) -> Option<Fault> {
        let (wrong, fault) = self.sentence.0.passed.get()?;
        (*wrong == self.request).then_some(*fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_request_that_is_wrong_is_refused() {
        let sentence = Sentence::default();
        let first = sentence.next();
        assert_eq!((first.fault(), sentence.fault()), (None, None));
        sentence.pass(2, Fault::HostTwice);
        sentence.pass(1, Fault::Upgrade);
        assert_eq!(sentence.fault(), Some(Fault::HostTwice));
        let faults = [first, sentence.next(), sentence.clone().next()];
        assert_eq!(
            faults.map(|hearing| hearing.fault()),
            [None, Some(Fault::HostTwice), None]
        );
    }
}

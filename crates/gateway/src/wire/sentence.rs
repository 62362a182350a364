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
    /// Requests that were asked about so far.
    asked: AtomicU64,
}

impl Sentence {
    /// What is known to be wrong with the next request. To be asked once for every request that the library hands over, in order.
    pub(crate) fn next(&self) -> Option<Fault> {
        let number = self.0.asked.fetch_add(1, Ordering::Relaxed) + 1;
        let (wrong, fault) = self.0.passed.get()?;
        (*wrong == number).then_some(*fault)
    }

    /// What is wrong with the request in hand or one of the next, with which the connection ends.
    pub(crate) fn fault(&self) -> Option<Fault> {
        self.0.passed.get().map(|(_, fault)| *fault)
    }

    /// Passes it over this request. Only the first counts: nothing is judged after it.
    pub(super) fn pass(&self, request: u64, fault: Fault) {
        let _ = self.0.passed.set((request, fault));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_request_that_is_wrong_is_refused() {
        let sentence = Sentence::default();
        assert_eq!((sentence.next(), sentence.fault()), (None, None));
        sentence.pass(3, Fault::HostTwice);
        sentence.pass(2, Fault::Upgrade);
        assert_eq!(
            (sentence.next(), sentence.fault()),
            (None, Some(Fault::HostTwice))
        );
        assert_eq!(sentence.clone().next(), Some(Fault::HostTwice));
        assert_eq!(sentence.next(), None);
    }
}
